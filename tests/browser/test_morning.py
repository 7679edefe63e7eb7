"""An animateur's morning by keyboard alone: ten drafts, every verdict, two undone, one copied, an old one found."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import Page, expect

from curation.store.store import Store
from curation.types import Act, DraftStatus, Rejection
from tests.browser.conftest import OpenPage, Served
from tests.browser.keyboard import Keyboard
from tests.browser.night import LONG, PASSWORD, TODAY

NEIGHBOUR = "transition-ecologique"


def waiting(desk: Served) -> list[str]:
    """The long queue, best first."""
    with desk.store() as store:
        return [d.article for d in store.queue(LONG)]


def acts(store: Store, article: str) -> list[tuple[Act, str]]:
    return [(r.act, r.reason) for r in store.reviews_of(article, LONG)]


def status(store: Store, article: str, community: str = LONG) -> DraftStatus:
    row = store.draft(article, community)
    assert row is not None
    return row.status


def log_in(keys: Keyboard) -> None:
    """The log-in page gives the focus to its first field."""
    keys.page.goto("/connexion")
    # the browser gives the focus a moment after the page is there: a person sees the cursor before writing
    expect(keys.page.locator("#login")).to_be_focused()
    keys.write("lea")
    keys.press("Tab")
    expect(keys.page.locator("#password")).to_be_focused()
    keys.write(PASSWORD)
    assert keys.go("Enter") == "Bonjour Léa"


def at(page: Page) -> str:
    """The article of the page."""
    return page.url.split("?")[0].rstrip("/").rsplit("/", 1)[-1]


def test_a_morning_by_keyboard_alone(desk: Served, open_page: OpenPage) -> None:
    """Ten drafts: three published, one kept, four rejected, one shared, one folded."""
    page = open_page(desk)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=desk.url)
    keys, queue = Keyboard(page), waiting(desk)
    log_in(keys)
    assert keys.go("f") == "Développement des territoires"

    # the list: down, down, up, and the second one is opened; then back to the first
    keys.press("j", "j", "j", "k")
    keys.go("o")
    assert at(page) == queue[1]
    keys.go("k")
    assert at(page) == queue[0]

    # 1 published, its dossier changed first
    keys.press("c")
    keys.choose("tiers-lieux")
    keys.press("Escape")
    assert keys.go("p") == "Contribution prête"
    assert "Publié" in keys.said()
    keys.press("y")
    expect(page.locator("#copied")).not_to_be_empty()
    copied = page.evaluate("navigator.clipboard.readText()")
    rich = page.evaluate(
        "navigator.clipboard.read().then(items => items[0].getType('text/html')).then(blob => blob.text())"
    )
    # 2 published with another title and a longer summary
    keys.go("j")
    assert at(page) == queue[1]
    keys.press("t")
    keys.press("Control+a")
    keys.write("Un titre pour nos lecteurs")
    keys.press("Escape", "r", "Control+End")
    keys.write(" Et **pourquoi**.")
    keys.press("Escape")
    assert keys.go("p") == "Contribution prête"
    # 3 to 6 rejected, one key each, by the place of the key on the upper row
    keys.go("j")
    for n in range(4):
        assert at(page) == queue[2 + n]
        keys.go(f"Digit{n + 1}")
        assert keys.said().startswith("Écarté")
    # 7 kept for later
    keys.go("g")
    assert keys.said().startswith("Gardé jusqu’au")
    # 8 shared with a neighbour, with a word
    keys.press("v")
    if page.evaluate("document.activeElement.value") != NEIGHBOUR:
        keys.reach(f"input[value={NEIGHBOUR}]")
    keys.press("Space")
    keys.reach("#share_note")
    keys.write("Pour vous ?")
    keys.reach("button[value=share]")
    keys.go("Enter")
    assert keys.said().startswith("Confié à Transition écologique")
    # 9 a duplicate of another
    keys.press("d", "ArrowDown")
    into = page.evaluate("document.activeElement.value")
    keys.reach("button[value=fold]")
    keys.go("Enter")
    assert keys.said().startswith("Regroupé")
    # 10 published by mistake, undone at once, then published for good
    tenth = at(page)
    keys.go("p")
    keys.go("u")
    assert "annulé" in keys.said()
    with desk.store() as store:
        assert status(store, tenth) is DraftStatus.WAITING
    keys.go("k")
    assert at(page) == tenth
    keys.go("p")

    # an older one, undone from the journal: the rejection « trop local »
    keys.reach("a[href='/journal']")
    assert keys.go("Enter") == "Journal"
    keys.reach(f"li:has(a[href$='{queue[4]}']) button")
    keys.go("Enter")
    assert "Acte annulé" in keys.said()

    # an old one found again
    keys.press("/")
    keys.write("taxe de séjour")
    assert keys.go("Enter") == "Recherche"
    keys.press("j")
    keys.go("o")
    assert "taxe" in page.locator("main").inner_text().lower()

    with desk.store() as store:
        statuses = [status(store, a) for a in [*queue[:9], tenth]]
        S = DraftStatus
        assert statuses == [
            S.PUBLISHED, S.PUBLISHED, S.REJECTED, S.REJECTED, S.WAITING, S.REJECTED, S.KEPT, S.SHARED, S.FOLDED,
            S.PUBLISHED,
        ]  # fmt: skip
        check_journal(store, queue, tenth, into)
        edited = store.draft(queue[1], LONG)
        assert edited is not None and edited.title == "Un titre pour nos lecteurs"
        draft = store.draft(queue[0], LONG)
        assert draft is not None and draft.dossier == "tiers-lieux"
        assert f"## {draft.title}" in copied and "Dossier\u00a0: Tiers-lieux" in copied and draft.draft.url in copied
        assert draft.title in rich and "<h2>" in rich and "<script" not in rich
        words = store.reviews_of(queue[1], LONG)[-1].edition
        assert words is not None and words.summary.endswith(" Et **pourquoi**.")


def check_journal(store: Store, queue: list[str], tenth: str, into: str) -> None:
    """Exactly these acts, in this order; nothing was written twice nor lost."""
    assert acts(store, queue[0]) == [(Act.FILED, ""), (Act.PUBLISHED, "")]
    assert acts(store, queue[1]) == [(Act.PUBLISHED, "")]
    reasons = [Rejection.OFF_TOPIC, Rejection.ALREADY_SEEN, Rejection.TOO_LOCAL, Rejection.OUTDATED]
    for n, reason in enumerate(reasons):
        expected = [(Act.REJECTED, reason.value)] + ([(Act.UNDONE, "")] if n == 2 else [])
        assert acts(store, queue[2 + n]) == expected
    kept, shared, folded = (store.reviews_of(queue[n], LONG)[-1] for n in (6, 7, 8))
    assert (kept.act, kept.until) == (Act.KEPT, TODAY + timedelta(days=7))
    assert (shared.act, shared.target, shared.note) == (Act.SHARED, NEIGHBOUR, "Pour vous ?")
    assert (folded.act, folded.target) == (Act.FOLDED, into)
    assert acts(store, tenth) == [(Act.PUBLISHED, ""), (Act.UNDONE, ""), (Act.PUBLISHED, "")]
    arrived = store.reviews_of(queue[7], NEIGHBOUR)
    assert [(r.act, r.note) for r in arrived if r.reviewer == "lea"] == [(Act.RECEIVED, "Pour vous ?")]
    mine = [r for r, _, _ in store.journal([LONG, NEIGHBOUR], reviewer="lea", limit=100)]
    assert len(mine) == 15, [(r.act, r.article) for r in mine]


def test_the_same_morning_without_javascript(desk: Served, open_page: OpenPage) -> None:
    """Links, fields and buttons only: Tab, arrows, Space and Enter."""
    page = open_page(desk, java_script_enabled=False)
    keys, queue = Keyboard(page), waiting(desk)
    log_in(keys)
    keys.skip()
    keys.reach(f"a[href='/file/{LONG}']")
    assert keys.go("Enter") == "Développement des territoires"
    # the dossier of the second draft, changed in the list
    keys.skip()
    keys.reach(f"#f-{queue[1]}")
    keys.choose("tiers-lieux")
    keys.press("Tab")
    keys.go("Enter")
    assert keys.said().startswith("Rangé dans « Tiers-lieux")
    keys.skip()
    keys.reach(f"a[href='/relecture/{LONG}/{queue[0]}']")
    keys.go("Enter")

    verdict = "button[name=act][value='{}']"
    # 1 published with another title
    keys.skip()
    keys.reach("#title")
    keys.press("Control+a")
    keys.write("Un titre pour nos lecteurs")
    keys.reach(verdict.format("publish"))
    assert keys.go("Enter") == "Contribution prête"
    keys.skip()
    keys.reach("main details summary")
    keys.press("Enter")
    keys.reach("#plain")
    assert page.locator("#plain").input_value().startswith("## Un titre pour nos lecteurs")
    keys.reach(f"a[href='/relecture/{LONG}/{queue[1]}']")
    keys.go("Enter")
    # 2 published, undone at once, published again
    keys.skip()
    keys.reach(verdict.format("publish"))
    keys.go("Enter")
    keys.reach("#said button")
    keys.go("Enter")
    assert "annulé" in keys.said()
    keys.skip()
    keys.reach(f"main a[href='/relecture/{LONG}/{queue[1]}']")
    keys.go("Enter")
    keys.skip()
    keys.reach(verdict.format("publish"))
    keys.go("Enter")
    keys.reach(f"main a[href='/relecture/{LONG}/{queue[2]}']")
    keys.go("Enter")
    # 3 to 6 rejected
    reasons = [Rejection.OFF_TOPIC, Rejection.ALREADY_SEEN, Rejection.TOO_LOCAL, Rejection.OUTDATED]
    for n, reason in enumerate(reasons):
        assert at(page) == queue[2 + n]
        keys.skip()
        keys.reach(verdict.format(f"reject:{reason}"))
        keys.go("Enter")
        assert keys.said().startswith("Écarté")
    # 7 kept
    keys.skip()
    keys.reach(verdict.format("keep"))
    keys.go("Enter")
    # 8 shared
    keys.skip()
    keys.reach("details:has([name=neighbours]) > summary")
    if not page.evaluate("document.activeElement.parentElement.open"):
        keys.press("Enter")
    keys.reach(f"input[value={NEIGHBOUR}]")
    keys.press("Space")
    keys.reach("#share_note")
    keys.write("Pour vous ?")
    keys.reach(verdict.format("share"))
    keys.go("Enter")
    assert keys.said().startswith("Confié à Transition écologique")
    # 9 a duplicate
    keys.skip()
    keys.reach("details:has(#into) > summary")
    keys.press("Enter")
    keys.reach("#into")
    keys.press("ArrowDown")
    into = page.evaluate("document.activeElement.value")
    keys.reach(verdict.format("fold"))
    keys.go("Enter")
    assert keys.said().startswith("Regroupé")
    # 10 published; then one undone from the journal, and an old one searched
    tenth = at(page)
    keys.reach(verdict.format("publish"))
    keys.go("Enter")
    keys.reach("a[href='/journal']")
    keys.go("Enter")
    keys.skip()
    keys.reach(f"li:has(a[href$='{queue[4]}']) button")
    keys.go("Enter")
    assert "Acte annulé" in keys.said()
    keys.reach("#find")
    keys.write("taxe de séjour")
    assert keys.go("Enter") == "Recherche"
    keys.skip()
    keys.reach("main .draft a")
    keys.go("Enter")

    S = DraftStatus
    with desk.store() as store:
        assert [status(store, a) for a in [*queue[:9], tenth]] == [
            S.PUBLISHED, S.PUBLISHED, S.REJECTED, S.REJECTED, S.WAITING, S.REJECTED, S.KEPT, S.SHARED, S.FOLDED,
            S.PUBLISHED,
        ]  # fmt: skip
        assert acts(store, queue[1])[1:] == [(Act.PUBLISHED, ""), (Act.UNDONE, ""), (Act.PUBLISHED, "")]
        assert store.reviews_of(queue[1], LONG)[0].target == "tiers-lieux"
        assert store.reviews_of(queue[8], LONG)[-1].target == into
        assert [r.note for r in store.reviews_of(queue[7], NEIGHBOUR) if r.reviewer == "lea"] == ["Pour vous ?"]
        assert len(store.journal([LONG, NEIGHBOUR], reviewer="lea", limit=100)) == 15
