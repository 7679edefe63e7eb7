"""Shortcuts and focus: when keys act, when they keep quiet, where the focus goes afterwards."""

from __future__ import annotations

from typing import Any

from curation.types import Act, Rejection, Review
from curation.web.verdicts import Clerk
from tests.browser.conftest import OpenPage, Served
from tests.browser.keyboard import Keyboard
from tests.browser.night import LONG, TODAY
from tests.browser.test_morning import at, waiting


def reviews(desk: Served) -> int:
    with desk.store() as store:
        return sum(r.reviewer == "lea" for r, _, _ in store.journal([LONG], limit=1000))


def test_shortcuts_keep_quiet_while_typing_and_with_modifiers(desk: Served, open_page: OpenPage) -> None:
    page = open_page(desk, "lea")
    keys = Keyboard(page)
    page.goto(f"/relecture/{LONG}/{waiting(desk)[0]}")
    here = page.url
    keys.press("t")
    keys.write("pgj1u?")
    assert "pgj1u?" in page.locator("#title").input_value()
    for field in ("#context", "#summary", "#dossier-choice", "#until"):
        page.locator(field).focus()
        keys.write("p1gj")
    page.locator("body").evaluate("() => document.activeElement.blur()")
    for modifier in ("Control", "Alt", "Meta", "Shift"):
        for key in ("Digit1", "KeyG", "KeyY"):
            keys.press(f"{modifier}+{key}")
    # held down: not a verdict a tenth of a second
    held = "{key: 'p', code: 'KeyP', repeat: true, bubbles: true}"
    page.evaluate(f"document.body.dispatchEvent(new KeyboardEvent('keydown', {held}))")
    page.wait_for_timeout(200)
    assert page.url == here and reviews(desk) == 0 and not page.locator("#shortcuts").evaluate("d => d.open")


#: What keyboards send for a digit, and the rejection that follows.
DIGITS: list[tuple[str, str, int, Rejection | None]] = [
    ("&", "Digit1", 0, Rejection.OFF_TOPIC),  # AZERTY, without Shift
    ("é", "Digit2", 0, Rejection.ALREADY_SEEN),
    ("3", "Digit3", 8, Rejection.TOO_LOCAL),  # AZERTY, with Shift
    ("5", "Numpad5", 0, Rejection.COMMERCIAL),
    ("!", "Digit1", 8, None),  # QWERTY, with Shift: another character
    ("&", "KeyA", 0, None),
]


def test_digits_by_the_place_of_the_key(desk: Served, open_page: OpenPage) -> None:
    page, queue = open_page(desk, "lea"), waiting(desk)
    page.goto(f"/relecture/{LONG}/{queue[0]}")
    devtools = page.context.new_cdp_session(page)
    for n, (key, code, modifiers, reason) in enumerate(DIGITS):
        event: dict[str, Any] = {"type": "keyDown", "key": key, "code": code, "text": key, "modifiers": modifiers}
        if reason:
            with page.expect_navigation():
                devtools.send("Input.dispatchKeyEvent", event)
        else:
            devtools.send("Input.dispatchKeyEvent", event)
            page.wait_for_timeout(100)
        devtools.send("Input.dispatchKeyEvent", event | {"type": "keyUp"})
        with desk.store() as store:
            done = [r.reason for r in store.reviews_of(queue[n], LONG)]
        assert done == ([reason.value] if reason else []), (key, code)
    assert at(page) == queue[4]


def test_capitals_are_keys_of_their_own_and_locked_ones_are_not_meant(desk: Served, open_page: OpenPage) -> None:
    page = open_page(desk, "lea")
    keys = Keyboard(page)
    page.goto("/")
    for key, path in (("D", "/dossiers"), ("S", "/sources"), ("N", "/nuits"), ("J", "/journal"), ("E", "/sondage")):
        keys.go(f"Shift+Key{key}")
        assert page.url.removeprefix(desk.url).startswith(path)
    page.goto(f"/relecture/{LONG}/{waiting(desk)[0]}")
    # « d » with capitals locked: what arrives is « D », without Shift
    locked = "{key: '%s', code: 'Key%s', modifierCapsLock: true, shiftKey: %s, bubbles: true}"
    page.evaluate("document.body.dispatchEvent(new KeyboardEvent('keydown', " + locked % ("X", "X", "false") + "))")
    assert keys.focused() == "context"
    page.evaluate("document.activeElement.blur()")
    with page.expect_navigation():
        page.evaluate("document.body.dispatchEvent(new KeyboardEvent('keydown', " + locked % ("j", "J", "true") + "))")
    assert keys.heading() == "Journal"


def test_everything_of_a_review_has_its_key(desk: Served, open_page: OpenPage) -> None:
    page = open_page(desk, "tom")
    keys = Keyboard(page)
    with desk.store() as store:
        folded = next(a for a in (d.article for d in store.queue("tourisme")) if store.folded_of([a], "tourisme"))
        before = store.reviews_of(folded, "tourisme")
    page.goto(f"/relecture/tourisme/{folded}")
    where = "e => e.id || e.name || e.textContent.trim()"
    reached = {"t": "title", "x": "context", "r": "summary", "c": "dossier-choice", "e": "event_start", "l": "post_url",
               "i": "to", "n": "note", "d": "into", "v": "neighbours"}  # fmt: skip
    for key, focused in reached.items():
        keys.press("Escape", key)
        found = page.evaluate(f"({where})(document.activeElement)")
        assert found == focused or page.evaluate("document.activeElement.name") == focused, (key, found)
    keys.press("Escape", "w")
    assert page.locator("#preview").is_visible()
    keys.press("z")
    assert page.evaluate(f"({where})(document.activeElement)").startswith("ce n’est pas un doublon")
    with desk.store() as store:
        assert store.reviews_of(folded, "tourisme") == before  # none of these keys decided anything
    page.goto("/sondage/tourisme")
    for key in ("b", "h"):
        keys.press("j")
        keys.go(key)
        assert ("bien écarté" if key == "b" else "est repêché") in keys.said()


def test_the_dialog_of_shortcuts_gives_the_focus_back(desk: Served, open_page: OpenPage) -> None:
    page = open_page(desk, "lea")
    keys = Keyboard(page)
    page.goto(f"/file/{LONG}")
    keys.press("j", "j")
    before = page.evaluate("document.activeElement.href")
    assert before
    keys.press("?")
    dialog = page.locator("#shortcuts")
    assert dialog.evaluate("d => d.open && d.contains(document.activeElement)")
    keys.press("j", "p")  # nothing happens behind a dialog
    assert dialog.evaluate("d => d.open")
    keys.press("Escape")
    assert not dialog.evaluate("d => d.open")
    assert page.evaluate("document.activeElement.href") == before
    # a person's own keys, and none at all
    with desk.store() as store:
        store.change_account("lea", preferences={"shortcuts": {"next": "n", "note": ""}})
    page.reload()
    keys.press("j")
    assert keys.focused() == "BODY"
    keys.press("n")
    assert page.locator(".draft.current").count() == 1
    with desk.store() as store:
        store.change_account("lea", preferences={"shortcuts_off": True})
    page.reload()
    keys.press("n", "j", "?", "f")
    assert keys.focused() == "BODY" and not dialog.evaluate("d => d.open")


def test_a_dossier_changed_in_the_list_is_one_act_and_keeps_the_focus(desk: Served, open_page: OpenPage) -> None:
    page = open_page(desk, "lea")
    keys, queue = Keyboard(page), waiting(desk)
    page.goto(f"/file/{LONG}")
    keys.press("j", "j", "c")
    assert keys.focused() == f"f-{queue[1]}"
    keys.choose("cohesion-territoriale")
    keys.press("Enter")
    page.locator(f"#d-{queue[1]} [role=status]").wait_for()
    assert keys.focused() == f"f-{queue[1]}"
    keys.press("Escape")  # gives the shortcuts back, on the same card
    keys.press("j")
    assert page.evaluate("document.activeElement.href").endswith(queue[2])
    with desk.store() as store:
        assert [(r.act, r.target) for r in store.reviews_of(queue[1], LONG)] == [(Act.FILED, "cohesion-territoriale")]


def test_enter_in_a_field_of_a_decision_sends_that_decision(desk: Served, open_page: OpenPage) -> None:
    """The word to a neighbour is not lost in a mere save; the day it is kept until is the one typed."""
    page = open_page(desk, "lea")
    keys, queue = Keyboard(page), waiting(desk)
    page.goto(f"/relecture/{LONG}/{queue[0]}")
    keys.press("v", "Space")
    keys.reach("#share_note")
    keys.write("Pour vous ?")
    keys.go("Enter")
    assert keys.said().startswith("Confié à")
    keys.reach("#until")
    keys.go("Enter")
    assert keys.said().startswith("Gardé jusqu’au")
    with desk.store() as store:
        assert [store.reviews_of(a, LONG)[-1].act for a in queue[:2]] == [Act.SHARED, Act.KEPT]


def test_the_list_walks_on_to_its_next_page_and_the_menu_closes_behind(desk: Served, open_page: OpenPage) -> None:
    page = open_page(desk, "lea")
    keys = Keyboard(page)
    page.goto(f"/file/{LONG}")
    for _ in range(26):
        keys.press("j")
    assert page.evaluate("document.activeElement.rel") == "next"
    keys.go("Enter")
    assert page.locator(".drafts > .draft").count() == 25
    keys.press("k", "k")
    assert page.evaluate("document.activeElement.rel") == "prev"
    menu = page.locator("details.me")
    keys.reach("details.me > summary", "Shift+Tab")
    keys.press("Enter")
    assert menu.evaluate("d => d.open")
    keys.reach("main a")
    assert not menu.evaluate("d => d.open")


def test_a_verdict_on_a_page_that_aged_is_told_and_nothing_is_lost(desk: Served, open_page: OpenPage) -> None:
    """Zoé decided first; Léa's words come back to her; « back » after a verdict shows the draft as it is."""
    page = open_page(desk, "lea")
    keys, first = Keyboard(page), waiting(desk)[0]
    page.goto(f"/relecture/{LONG}/{first}")
    decide(desk, first, Act.REJECTED)
    keys.press("t", "End")
    keys.write(" (mes mots)")
    keys.press("Escape")
    assert keys.go("p") == "Déjà relu par Zoé Blanc"
    assert "(mes mots)" in page.locator("textarea").first.input_value()
    keys.go("j")
    second = at(page)
    keys.go("1")
    page.go_back()
    assert at(page) == second and "Écarté par Léa Martin" in page.locator("main").inner_text()


def decide(desk: Served, article: str, act: Act) -> None:
    """A colleague's verdict."""
    with desk.store() as store:
        clerk = Clerk(store, desk.site.words, "zoe", desk.now, TODAY)
        clerk.record(Review(article, LONG, act, "zoe", desk.now, reason=Rejection.TOO_LOCAL), seen=None)
