"""axe-core finds nothing on any page in any state; nothing scrolls sideways; the focus always shows.

The pages come from ``curation.web.app.pages()``: one that is added is walked with the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from curation.accounts import Account, AccountRole
from curation.store.store import Store
from curation.types import Act, Cause, Failure, FeedEntry, Rejection, Review, Source
from curation.web.app import pages
from curation.web.services import Preview
from curation.web.verdicts import Clerk
from curation.web.words import Words
from tests.browser import axe, night
from tests.browser.conftest import OpenPage, Served, served
from tests.browser.night import EMPTY, LONG, NOW, TODAY
from tests.web.conftest import NoServices

#: A value for each variable part of an address; ``article`` and ``run`` are those of the desk that is walked.
PARTS = {
    "community": LONG, "concept": "projets-de-territoires", "form": "md", "login": "tom", "number": "1", "review": "1",
    "source": "s1", "token": "0" * 64, "run": "1",
}  # fmt: skip


class Previewing(NoServices):
    """The night's services, with what a source would bring."""

    def preview(self, address: str, as_letter: bool = False) -> Preview:
        if "introuvable" in address:
            return Preview(None, failure=Failure(Cause.HTML_NOT_FEED, address, suggested_url=address + "/flux", at=NOW))
        entries = tuple(FeedEntry("x", str(n), f"{address}/{n}", f"Titre {n}", "Résumé.", NOW) for n in range(4))
        return Preview(Source("x", "Offices et bourgs", address), entries, total=40)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A desk with a night's drafts, shared by the tests of this file."""
    with served(tmp_path_factory.mktemp("full")) as desk:
        desk.site.services = Previewing()
        with desk.store() as store:
            store.save_filter("max", LONG, "Appels à projets", "type=call")
            # a verdict of this morning, which the queue and the next review offer to undo
            last = Review(store.queue(LONG)[-1].article, LONG, Act.REJECTED, "max", NOW, reason=Rejection.OUTDATED)
            Clerk(store, desk.site.words, "max", NOW, TODAY).record(last, seen=None)
        yield desk


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A desk before its first night: one account, nothing else."""

    def one(store: Store, words: Words) -> None:
        store.add_account(Account("max", "Max Dupré", AccountRole.ADMINISTRATEUR, (), "x"), NOW)

    with served(tmp_path_factory.mktemp("bare"), one) as desk:
        yield desk


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A desk without any account."""
    with served(tmp_path_factory.mktemp("new"), None) as desk:
        desk.site.first_run_code = "c0de"
        yield desk


def waiting(desk: Served, community: str = LONG) -> list[str]:
    with desk.store() as store:
        return [d.article for d in store.queue(community)]


def addresses(desk: Served) -> list[str]:
    """Every page that a GET opens."""
    parts = {**PARTS, "article": waiting(desk)[0] if waiting(desk) else "inconnu"}
    paths = [p.path for p in pages() if "GET" in p.methods]
    return [re.sub(r"\{(\w+)(?::\w+)?\}", lambda m: parts[m[1]], p) for p in paths] + ["/api/docs"]


def is_page(page: Page, path: str) -> bool:
    """False for a download, for what leads to another page of the walk, and for a refusal, walked elsewhere."""
    answer = page.request.get(path, max_redirects=0)
    return answer.status == 200 and "text/html" in answer.headers["content-type"]


def post(page: Page, path: str, **fields: str) -> None:
    """Send a form of ours with these values, as the page that is open would."""
    with page.expect_navigation():
        page.evaluate(
            """([path, fields]) => { const form = document.createElement('form');
            form.method = 'post'; form.action = path;
            fields.csrf = document.querySelector('[name=csrf]').value;
            for (const [name, value] of Object.entries(fields)) {
              const field = document.createElement('input');
              field.name = name; field.value = value; form.append(field);
            }
            document.body.append(form); form.submit(); }""",
            [path, fields],
        )


def check(page: Page, faults: list[str], state: str, dark: bool = False) -> None:
    """Add what is wrong with the page, under the name of its state."""
    faults += [f"{state}: {fault}" for fault in axe.faults_of(page, dark)]


def test_every_page_after_a_night(full: Served, open_page: OpenPage) -> None:
    page, faults, walked = open_page(full, "max"), list[str](), 0
    for path in addresses(full):
        if is_page(page, path):
            walked += 1
            page.goto(path)
            check(page, faults, path, dark=True)
    assert walked >= 17
    assert faults == [], "\n".join(faults)


def test_every_page_before_the_first_night(bare: Served, open_page: OpenPage) -> None:
    page, faults = open_page(bare, "max"), list[str]()
    for path in addresses(bare):
        if is_page(page, path) and path not in ("/aide", "/api/docs", "/compte"):  # the same as after a night
            page.goto(path)
            check(page, faults, path)
    assert faults == [], "\n".join(faults)


def test_states_of_drafts_and_queues(full: Served, open_page: OpenPage) -> None:
    """Settled in every way, shared, noted, handed over; empty queue; filters; searches; the dialog."""
    page, faults = open_page(full, "max"), list[str]()
    with full.store() as store:
        touched = {r.act: r.article for r, _, _ in store.journal(["tourisme"], limit=100)}
    paths = [
        f"/relecture/tourisme/{touched[act]}" for act in (Act.PUBLISHED, Act.KEPT, Act.FOLDED, Act.SHARED, Act.GIVEN)
    ]
    paths += [
        f"/contribution/tourisme/{touched[Act.PUBLISHED]}", "/dossiers/tourisme", "/file/tourisme", f"/file/{EMPTY}",
        f"/relecture/{EMPTY}", f"/sondage/{EMPTY}", f"/file/{LONG}?type=call&tri=deadline",
        f"/file/{LONG}?q=introuvable",
        "/recherche?q=commune", "/recherche?q=introuvable", "/journal?acte=noted", "/journal?personne=zoe",
        "/sources?etat=difficulte", "/sources?q=introuvable", "/nuits/5",
    ]  # fmt: skip
    for path in paths:
        page.goto(path)
        check(page, faults, path, dark="/relecture/" in path)
    page.set_viewport_size(axe.WIDE)  # type: ignore[arg-type]
    page.locator("details.me > summary").press("Enter")
    page.evaluate(axe.SOURCE)
    faults += [f"menu: {fault}" for fault in axe.faults_now(page)]
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.locator("#shortcuts").evaluate("d => d.open")
    check(page, faults, "dialog")
    assert faults == [], "\n".join(faults)


def test_faults_messages_and_refusals(full: Served, open_page: OpenPage) -> None:
    """400, 401, 403, 404, 409, messages at the top, what was typed in a session that ended."""
    page, faults = open_page(full, "zoe"), list[str]()
    queue = waiting(full)
    page.goto(f"/relecture/{LONG}/{queue[1]}")
    wrong = {"act": "share", "title": "Titre", "event_start": "2026-12-03", "event_end": "2026-12-01", "deadline": "?"}
    post(page, f"/relecture/{LONG}/{queue[1]}", seen="0", **wrong)
    check(page, faults, "review 400", dark=True)
    with full.store() as store:
        clerk = Clerk(store, full.site.words, "lea", full.now, TODAY)
        clerk.record(Review(queue[1], LONG, Act.REJECTED, "lea", full.now, reason=Rejection.OUTDATED), seen=None)
    post(page, f"/relecture/{LONG}/{queue[1]}", seen="0", act="publish", title="Mon titre", summary="Mes mots.")
    assert "Déjà relu par Léa Martin" in page.locator("h1").inner_text()
    check(page, faults, "stale 409")
    page.goto(f"/relecture/{LONG}/{queue[2]}")
    page.keyboard.press("1")
    page.wait_for_url(f"**/{queue[3]}")
    check(page, faults, "message with undo", dark=True)
    page.goto("/comptes")
    post(page, "/comptes", login="é", name="", role="chef", password="court")
    check(page, faults, "people 400")
    post(page, "/comptes", login="eva@exemple.fr", name="Eva", role="animateur", communities=LONG)
    check(page, faults, "password told once")
    page.goto("/sources/ajouter")
    for address in ("", "https://introuvable.exemple.fr", "https://offices.exemple.fr"):
        post(page, "/sources/ajouter", address=address)
        check(page, faults, f"preview of « {address} »")
    for path, status in (
        ("/nulle-part", 404),
        (f"/relecture/{LONG}/inconnu", 404),
        ("/comptes/max", 404),
        ("/file/x", 403),
    ):
        answer = page.goto(path)
        assert answer is not None and answer.status == status
        check(page, faults, f"{status} {path}")
    page.goto("/")
    post(page, "/journal/999999/annuler")
    assert faults == [], "\n".join(faults)


def test_accounts_log_in_and_first_run(full: Served, new: Served, open_page: OpenPage) -> None:
    page, faults = open_page(full, "ana"), list[str]()
    for path in ("/", "/file", "/dossiers", "/journal", "/sondage", "/recherche?q=commune"):  # no community yet
        page.goto(path)
        check(page, faults, f"{path} without community")
    page.goto("/compte")
    post(page, "/compte/nom", name="")
    check(page, faults, "account: name")
    post(page, "/compte/mot-de-passe", old="non", password="court", again="autre")
    check(page, faults, "account: password")
    post(page, "/compte/raccourcis", on="1", next="jj", previous="o", open="o")
    check(page, faults, "account: shortcuts")
    post(page, "/compte/jetons", token_name="Tableur")
    check(page, faults, "account: token told once")
    # what was sent after the session ended, offered again
    with full.store() as store:
        store.close_sessions("ana")
    post(page, "/compte/nom", name="Ana R.")
    check(page, faults, "log-in, something kept")
    page.fill("#login", "ana")
    page.fill("#password", "pas le bon")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    check(page, faults, "log-in refused", dark=True)
    page.fill("#password", night.PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("h1").inner_text() == "Vous revoilà"
    check(page, faults, "resume")
    page.context.clear_cookies()
    page.goto(f"/file/{LONG}")
    check(page, faults, "log-in asked, 401")
    page = open_page(new)
    page.goto("/")
    check(page, faults, "first run")
    post(page, "/premier-demarrage", code="faux", login="", name="", password="court")
    check(page, faults, "first run 400")
    assert faults == [], "\n".join(faults)


def test_tab_stops_show_and_never_hide_under_the_bar(full: Served, open_page: OpenPage) -> None:
    """Real Tab presses through a review: each stop shows its outline and stands inside the window."""
    page = open_page(full, "max")
    page.set_viewport_size(axe.WIDE)  # type: ignore[arg-type]
    page.goto(f"/relecture/{LONG}/{waiting(full)[4]}")
    seen = 0
    for _ in range(60):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => { const e = document.activeElement, s = getComputedStyle(e), r = e.getClientRects()[0];
            if (e === document.body) return null;
            const x = r.left + Math.min(r.width / 2, 40), y = r.top + Math.min(r.height / 2, 12);
            const over = document.elementFromPoint(x, y);
            const outline = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2;
            return {html: e.outerHTML.slice(0, 120), outline,
              free: !!over && (e.contains(over) || over.contains(e) || !!over.closest('label'))}; }"""
        )
        if stop is None:
            break
        assert stop["outline"], stop
        assert stop["free"], f"hidden under something else: {stop}"
        seen += 1
    assert seen > 25


def test_the_header_is_one_row_when_wide_and_its_menu_stays_inside(full: Served, open_page: OpenPage) -> None:
    page = open_page(full, "max")
    for width in (1280, 1024, 700, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        for path in ("/", "/sources", "/sondage", "/vocabulaire"):  # the page one is on stands in bold: it is wider
            page.goto(path)
            page.locator("details.me summary").evaluate("e => e.textContent = 'Marie-Claire Dumont'")
            page.locator("details.me summary").click()
            menu, find = page.locator("details.me > ul").bounding_box(), page.locator("#find").bounding_box()
            assert menu and find, path
            assert menu["x"] >= 0 and menu["x"] + menu["width"] <= width, (width, path, menu)
            assert find["width"] > 95, (width, path, find)  # « Chercher… » is read whole
            if width == 1280:
                assert page.locator("header.top").evaluate("e => e.offsetHeight") < 70, path


def test_reduced_motion_and_forced_colours(full: Served, open_page: OpenPage) -> None:
    page = open_page(full, "max", reduced_motion="reduce", forced_colors="active")
    page.goto(f"/file/{LONG}")
    moving = "() => [...document.querySelectorAll('*')].filter(e => { const s = getComputedStyle(e); return "
    moving += "parseFloat(s.transitionDuration) > 0 || parseFloat(s.animationDuration) > 0; }).length"
    assert page.evaluate(moving) == 0
    page.keyboard.press("j")  # where one stands is told by a line, not by a colour alone
    assert page.locator(".draft.current").evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    assert page.evaluate(axe.UNSEEN) == []
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(moving) > 0
