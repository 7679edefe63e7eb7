"""Every route of the desk, with everybody, from one table.

A page that is added is walked with the rest; a new need asks for its row.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from starlette.routing import Mount, Route

from curation.accounts import Account, AccountRole, SessionRecord
from curation.types import Act, Rejection, Review
from curation.web.access import Need, Page, may
from curation.web.app import create_app, pages
from curation.web.desk import BROWSER, SESSION, Site
from curation.web.secrets import digest, new_token
from curation.web.verdicts import Clerk
from tests.web.conftest import NOW, Browser

HERE, ELSEWHERE = "tourisme", "transition-ecologique"


@dataclass(frozen=True)
class Who:
    """Somebody, and whether the community of the address is theirs."""

    name: str
    account: Account | None
    community: str = HERE


def _person(role: AccountRole, *communities: str, active: bool = True) -> Account:
    return Account(f"x-{role}-{len(communities)}-{active}", "Quelqu’un", role, communities, "x", active=active)


_ANIMATEUR, _COORDONNATEUR = _person(AccountRole.ANIMATEUR, HERE), _person(AccountRole.COORDONNATEUR, HERE)
EVERYBODY = [
    Who("nobody", None),
    Who("animateur", _ANIMATEUR),
    Who("animateur elsewhere", _ANIMATEUR, ELSEWHERE),
    Who("animateur of nowhere", _person(AccountRole.ANIMATEUR)),
    Who("coordonnateur", _COORDONNATEUR),
    Who("coordonnateur elsewhere", _COORDONNATEUR, ELSEWHERE),
    Who("administrateur", _person(AccountRole.ADMINISTRATEUR)),
    Who("closed administrateur", _person(AccountRole.ADMINISTRATEUR, active=False)),
]
_NOBODY, _ALL = {"nobody", "closed administrateur"}, {who.name for who in EVERYBODY}
_PEOPLE = _ALL - _NOBODY
_THEIRS = {"animateur", "coordonnateur", "administrateur"}
#: need -> (who is let in where the address names no community, who where it names one; None: such a page may not be)
TABLE: dict[Need, tuple[set[str] | None, set[str] | None]] = {
    Need.NOBODY: (_ALL, None),
    Need.ACCOUNT: (_PEOPLE, None),
    Need.COMMUNITY: (None, _THEIRS),
    Need.COORDINATION: (
        {"coordonnateur", "coordonnateur elsewhere", "administrateur"},
        {"coordonnateur", "administrateur"},
    ),
    Need.ADMINISTRATION: ({"administrateur"}, {"administrateur"}),
}
#: A value for each variable part of an address. A page with another part needs its line here.
PARTS = {
    "article": "a0", "concept": "taxe-de-sejour", "form": "md", "login": "x-animateur-1-True", "number": "1",
    "review": "1", "run": "1", "source": "lettre", "token": "0" * 64,
}  # fmt: skip


def allowed(page: Page) -> set[str]:
    """The table's answer for a page."""
    everywhere, in_community = TABLE[page.need]
    names = in_community if "{community}" in page.path else everywhere
    assert names is not None, f"{page.path} : a page with that need must (or must not) name a community"
    return names


def address(page: Page, community: str) -> str:
    def part(found: re.Match[str]) -> str:
        return community if found[1] == "community" else PARTS[found[1]]

    return re.sub(r"\{(\w+)(?::\w+)?\}", part, page.path)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with everybody in it, copied for each test."""
    return tmp_path_factory.mktemp("access") / "veille.db"


@pytest.fixture
def desk(site: Site, filled: Path) -> Iterator[Site]:
    if not filled.exists():
        with site.open_store() as store:
            for account in {w.account.login: w.account for w in EVERYBODY if w.account}.values():
                store.add_account(account, NOW)
            store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(site.settings.database, filled)
    shutil.copy(filled, site.settings.database)
    yield site


def browser_of(site: Site, who: Who) -> Browser:
    """A browser where that person is logged in."""
    browser = Browser(create_app(site), follow_redirects=False, raise_server_exceptions=False)
    token = new_token()
    if who.account:
        with site.open_store() as store:
            store.open_session(SessionRecord(digest(token), who.account.login, NOW, NOW))
        browser.cookies.set(SESSION, site.signer.sign("session", token))
    if who.name in _NOBODY:  # forms before log-in are bound to another cookie
        token = new_token()
        browser.cookies.set(BROWSER, site.signer.sign("browser", token))
    browser.token = site.signer.csrf(token)
    return browser


def gate(response: httpx.Response) -> str:
    """What the gate said: log in, refused, stale form, or "" when it let the request in."""
    assert response.status_code < 500, response.text[:3000]
    if response.status_code == 401 and "mot de passe incorrect" not in response.text:
        return "log in"
    if response.status_code == 403:
        title = re.search(r"<h1>(.*?)</h1>", response.text)
        return {"Accès réservé": "refused", "Formulaire périmé": "stale", "Envoi refusé": "foreign"}.get(
            title[1] if title else "", ""
        )
    return ""


@pytest.mark.parametrize("page", pages(), ids=lambda p: f"{'+'.join(p.methods)} {p.path}")
def test_a_page_lets_in_whom_its_need_says(page: Page, desk: Site) -> None:
    let_in = allowed(page)
    for who in EVERYBODY:
        path = address(page, who.community)
        expected = "" if who.name in let_in else ("log in" if who.name in _NOBODY else "refused")
        for method in page.methods:
            browser = browser_of(desk, who)
            if method == "GET":
                assert gate(browser.get(path)) == expected, (who.name, path)
                assert browser.head(path).status_code < 500
                continue
            # without a token, with one of another browser, from another site: never
            for data, headers in (
                ({}, {}),
                ({"csrf": browser_of(desk, EVERYBODY[-1]).token}, {}),
                ({"csrf": browser.token}, {"sec-fetch-site": "cross-site"}),
                ({"csrf": browser.token}, {"sec-fetch-site": "same-site"}),
            ):
                said = gate(browser.post(path, data=data, headers=headers))
                assert said == (expected or ("foreign" if headers else "stale")), (who.name, path, data, headers)
            response = browser_of(desk, who)
            answer = response.post(path, data={"csrf": response.token}, headers={"sec-fetch-site": "same-origin"})
            assert gate(answer) == expected, (who.name, path)


@pytest.mark.parametrize("page", pages(), ids=lambda p: f"{'+'.join(p.methods)} {p.path}")
def test_an_unknown_community_is_nobody_s(page: Page, desk: Site) -> None:
    if "{community}" not in page.path:
        return
    for who in EVERYBODY[1:-1]:
        browser = browser_of(desk, who)
        path = address(page, "nulle-part")
        for method in page.methods:
            answer = browser.request(method, path, data={"csrf": browser.token} if method == "POST" else None)
            assert answer.status_code == (404 if who.name == "administrateur" else 403), (who.name, path)


def test_the_table_knows_every_need_and_every_page_has_one() -> None:
    assert set(TABLE) == set(Need)
    for page in pages():
        assert allowed(page)
        assert set(page.methods) <= {"GET", "POST"}, "what changes something is a POST: it carries the CSRF token"
        for part in re.findall(r"\{(\w+)", page.path):
            assert part == "community" or part in PARTS, f"{page.path}: give {{{part}}} a value in PARTS"


def test_no_route_goes_round_the_gate(site: Site) -> None:
    """Whatever the application answers is a page, or a file of ours."""
    declared = {(page.path, method) for page in pages() for method in page.methods}
    for route in create_app(site).routes:
        if isinstance(route, Mount):
            assert route.path == "/statique"
            continue
        assert isinstance(route, Route)
        assert {(route.path, m) for m in (route.methods or set()) - {"HEAD"}} <= declared


def test_the_rule_itself_over_everybody() -> None:
    for who in EVERYBODY:
        for need, (everywhere, in_community) in TABLE.items():
            if everywhere is not None:
                assert may(who.account, need, {}) == (who.name in everywhere), (who.name, need)
            if in_community is not None:
                assert may(who.account, need, {"community": who.community}) == (who.name in in_community)


# --- what an address does not say: drafts of others must not show, nor be changed, by another way


def test_no_page_shows_a_draft_of_a_community_that_is_not_theirs(desk: Site) -> None:
    stranger = Who("stranger", _person(AccountRole.COORDONNATEUR, ELSEWHERE))
    assert stranger.account
    with desk.open_store() as store:
        store.add_account(replace(stranger.account, login="stranger"), NOW)
    browser = browser_of(desk, Who("stranger", replace(stranger.account, login="stranger")))
    query = f"?q=taxe&community={HERE}&communaute={HERE}&c={HERE}&article=a0&dossier=hebergements-taxe-de-sejour"
    for page in pages():
        if "GET" in page.methods and not page.path.startswith("/sondage"):  # what was left out belongs to all
            text = browser.get(address(page, ELSEWHERE) + query).text
            assert "épisode" not in text, page.path


def test_an_act_of_another_community_is_not_undone(desk: Site) -> None:
    with desk.open_store() as store:
        store.add_account(Account("stranger", "x", AccountRole.COORDONNATEUR, (ELSEWHERE,), "x"), NOW)
        clerk = Clerk(store, desk.words, _ANIMATEUR.login, NOW, NOW.date())
        done = clerk.record(
            Review("a0", HERE, Act.REJECTED, _ANIMATEUR.login, NOW, reason=Rejection.OFF_TOPIC), seen=None
        )
    assert isinstance(done, Review)
    browser = browser_of(desk, Who("x", Account("stranger", "x", AccountRole.COORDONNATEUR, (ELSEWHERE,))))
    answer = browser.post(f"/journal/{done.id}/annuler", data={"csrf": browser.token})
    assert answer.status_code in (403, 404)
    assert browser.post(
        f"/relecture/{ELSEWHERE}/a0", data={"csrf": browser.token, "act": "rejected", "reason": "off_topic"}
    ).status_code in (403, 404)
    with desk.open_store() as store:
        assert [r.act for r in store.reviews_of("a0", HERE)] == [Act.REJECTED]
