"""« Comptes »: who may open, change and close whose account. Most of these tests are attacks."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from curation.accounts import Account, AccountRole
from curation.store.store import Store
from curation.web.authority import is_last_administrator, login_fault, may_manage, name_fault, rights_faults
from curation.web.secrets import password_holds
from tests.web.conftest import HASHED, NOW, PASSWORD, Browser

Browse = Callable[[], Browser]
A, C, ADMIN = AccountRole.ANIMATEUR, AccountRole.COORDONNATEUR, AccountRole.ADMINISTRATEUR
NEW = "cheval pile agrafe juste"


def rights(store: Store, login: str) -> tuple[AccountRole, tuple[str, ...], bool]:
    found = store.account(login)
    assert found
    return found.role, found.communities, found.active


@pytest.fixture
def zoe(browse: Browse, people: dict[str, Account]) -> Browser:
    """Coordinates tourisme."""
    browser = browse().log_in("zoe")
    browser.see("/comptes")
    return browser


@pytest.fixture
def boss(browse: Browse, people: dict[str, Account]) -> Browser:
    """Administers."""
    browser = browse().log_in("max")
    browser.see("/comptes")
    return browser


# --- the rules, over every pair of accounts


EVERY = [
    Account(f"{role.value[:2]}-{'-'.join(communities) or 'none'}", "x", role, communities)
    for role, communities in product(AccountRole, [(), ("t",), ("u",), ("t", "u")])
]


def reach(account: Account) -> set[tuple[str, str]]:
    """What an account opens: (community, level)."""
    where = ("t", "u", "*") if account.role is ADMIN else account.communities
    levels = list(AccountRole)[: account.role.rank + 1]
    return {(c, level.value) for c in where for level in levels}


@pytest.mark.parametrize("me", EVERY, ids=lambda a: a.login)
def test_nobody_gives_or_takes_over_more_than_they_have(me: Account) -> None:
    """Whoever may manage an account, or be given rights by ``me``, reaches nothing that ``me`` does not reach."""
    for other in EVERY:
        if may_manage(me, other):
            assert reach(other) <= reach(me) or me.role is ADMIN
        if not rights_faults(me, None, other):
            assert reach(other) <= reach(me) or me.role is ADMIN
        for before in EVERY:
            if before.login != me.login and not rights_faults(me, before, replace(other, login=before.login)):
                assert may_manage(me, before)
                assert reach(other) <= reach(me) or me.role is ADMIN


@pytest.mark.parametrize("me", EVERY, ids=lambda a: a.login)
def test_nobody_changes_their_own_rights(me: Account) -> None:
    for other in EVERY:
        changed = other.role is not me.role or set(other.communities) != set(me.communities)
        if changed:
            assert rights_faults(me, me, replace(other, login=me.login))


def test_an_animateur_manages_nobody_and_a_closed_account_neither() -> None:
    assert not any(may_manage(me, other) for me in EVERY if me.role is A for other in EVERY)
    assert not any(may_manage(replace(me, active=False), other) for me in EVERY for other in EVERY)


def test_logins_and_names_that_would_deceive_are_refused() -> None:
    for login in ("", "a b", "léa", "lea\u200b", "<b>", "../x", "a" * 201, "@a", "а@exemple.fr", "lea\n"):
        assert login_fault(login), login
    for login in ("lea", "lea.martin@exemple.fr", "o'brien+x@exemple.fr"):
        assert login_fault(login) is None
    for name in ("", "x" * 101, "Léa\u202eMartin"):
        assert name_fault(name)


def test_the_last_administrator_counts_open_accounts_only() -> None:
    people = [Account("a", "a", ADMIN), Account("b", "b", ADMIN, active=False), Account("c", "c", C)]
    assert is_last_administrator(people, "a")
    assert not is_last_administrator(people, "b") and not is_last_administrator(people, "c")


# --- the page


def test_a_coordonnateur_sees_only_people_whose_communities_are_all_theirs(zoe: Browser) -> None:
    page = zoe.see("/comptes")
    assert "Léa Martin" in page and "Zoé Blanc" in page
    for name in ("Tom Petit", "Ana Roche", "Max Dupré"):
        assert name not in page
    assert "Administrateur" not in page.split("Ouvrir un compte")[1]
    for login in ("tom", "ana", "max", "personne"):
        assert "Compte introuvable" in zoe.see(f"/comptes/{login}", 404)


def test_an_administrateur_sees_everybody(boss: Browser) -> None:
    page = boss.see("/comptes")
    assert all(name in page for name in ("Léa Martin", "Tom Petit", "Ana Roche", "Zoé Blanc", "Max Dupré"))


def test_an_account_is_opened_with_a_random_password_shown_once(zoe: Browser, browse: Browse, store: Store) -> None:
    page = zoe.submit("/comptes", login="Nina@Exemple.fr", name="Nina Vidal", role=A, communities="tourisme")
    found = re.search(r"<code>([a-z0-9]{4}(?:-[a-z0-9]{4}){3})</code>", page)
    assert found and "il ne sera plus montré" in page
    assert rights(store, "nina@exemple.fr") == (A, ("tourisme",), True)
    nina = browse().log_in("nina@exemple.fr", found[1])
    assert "Nina Vidal" in nina.see("/compte")
    assert found[1] not in zoe.see("/comptes")
    assert "déjà pris" in zoe.submit("/comptes", 400, login="NINA@exemple.fr", name="N", role=A, communities="tourisme")


def test_an_account_is_opened_with_a_typed_password(zoe: Browser, store: Store) -> None:
    form = {"login": "nina", "name": "Nina", "role": "animateur", "communities": "tourisme"}
    page = zoe.submit("/comptes", 400, password="court", **form)
    assert (
        "12 caractères" in page
        and 'value="nina"' in page
        and "court" not in page.split("<main")[1].replace("courte", "")
    )
    assert "est ouvert" in zoe.submit("/comptes", password=NEW, **form)
    account = store.account("nina")
    assert account and password_holds(account.password, NEW)


@pytest.mark.parametrize(
    "form",
    [
        {"role": "administrateur", "communities": "tourisme"},
        {"role": "animateur", "communities": "transition-ecologique"},
        {"role": "animateur", "communities": ["tourisme", "transition-ecologique"]},
        {"role": "animateur", "communities": "nulle-part"},
        {"role": "animateur"},
        {"role": "dieu", "communities": "tourisme"},
        {"role": "", "communities": "tourisme"},
    ],
    ids=str,
)
def test_a_coordonnateur_opens_nothing_beyond_their_own(
    zoe: Browser, store: Store, form: dict[str, str | list[str]]
) -> None:
    page = zoe.submit("/comptes", 400, login="nina", name="Nina", **form)
    assert "un champ est à corriger" in page and 'class="fault"' in page
    assert store.account("nina") is None


@pytest.mark.parametrize("login", ["tom", "ana", "max"])
@pytest.mark.parametrize("do", ["save", "close", "reopen", "password", "logout"])
def test_a_coordonnateur_does_nothing_to_other_people_s_accounts(
    zoe: Browser, browse: Browse, store: Store, login: str, do: str
) -> None:
    victim = browse().log_in(login)
    before = store.account(login)
    zoe.submit(f"/comptes/{login}", 404, do=do, name="Volé", role="animateur", communities="tourisme", password=NEW)
    assert store.account(login) == before
    victim.see("/compte")


@pytest.mark.parametrize(
    "form",
    [
        {"role": "administrateur", "communities": "tourisme"},
        {"role": "coordonnateur", "communities": ["tourisme", "transition-ecologique"]},
        {"role": "animateur", "communities": ["tourisme", "urbanisme-amenagement"]},
        {"role": "animateur"},
    ],
    ids=str,
)
def test_a_coordonnateur_gives_nothing_beyond_their_own(
    zoe: Browser, store: Store, form: dict[str, str | list[str]]
) -> None:
    before = store.account("lea")
    page = zoe.submit("/comptes/lea", 400, do="save", name="Léa", **form)
    assert 'class="fault"' in page
    assert store.account("lea") == before


def test_a_coordonnateur_promotes_within_their_communities(zoe: Browser, store: Store) -> None:
    zoe.submit("/comptes/lea", do="save", name="Léa Durand", role="coordonnateur", communities="tourisme")
    assert rights(store, "lea") == (C, ("tourisme",), True)


@pytest.mark.parametrize(
    "form",
    [
        {"role": "administrateur", "communities": "tourisme"},
        {"role": "animateur", "communities": "tourisme"},
        {"role": "coordonnateur", "communities": ["tourisme", "transition-ecologique"]},
    ],
    ids=str,
)
def test_nobody_changes_their_own_rights_on_the_page(
    zoe: Browser, store: Store, form: dict[str, str | list[str]]
) -> None:
    before = store.account("zoe")
    assert "Nul ne change" in zoe.submit("/comptes/zoe", 400, do="save", name="Zoé", **form)
    assert store.account("zoe") == before


def test_one_s_own_account_is_neither_closed_nor_given_a_password_here(zoe: Browser, boss: Browser) -> None:
    for browser, login in ((zoe, "zoe"), (boss, "max")):
        browser.submit(f"/comptes/{login}", 403, do="close")
        browser.submit(f"/comptes/{login}", 403, do="password", password=NEW)
        browser.see("/compte")


def test_closing_ends_sessions_and_tokens_and_reopening_gives_the_password_back(
    zoe: Browser, browse: Browse, store: Store, people: dict[str, Account]
) -> None:
    lea = browse().log_in("lea")
    store.add_api_token("0" * 64, "lea", "outil", NOW)
    assert "est fermé" in zoe.submit("/comptes/lea", do="close")
    lea.see("/compte", 401)
    assert not store.api_tokens("lea")
    assert "fermé" in zoe.see("/comptes")
    zoe.submit("/comptes/lea", do="reopen")
    browse().log_in("lea").see("/compte")


def test_a_new_password_puts_out_whoever_held_the_account(
    zoe: Browser, browse: Browse, store: Store, people: dict[str, Account]
) -> None:
    lea = browse().log_in("lea")
    store.add_api_token("0" * 64, "lea", "outil", NOW)
    assert "12 caractères" in zoe.submit("/comptes/lea", 400, do="password", password="court")
    lea.see("/compte")
    page = zoe.submit("/comptes/lea", do="password")
    found = re.search(r"<code>([a-z0-9-]{19})</code>", page)
    assert found
    lea.see("/compte", 401)
    assert not store.api_tokens("lea")
    browse().log_in("lea", found[1]).see("/compte")


def test_logging_somebody_out(zoe: Browser, browse: Browse, people: dict[str, Account]) -> None:
    browsers = [browse().log_in("lea") for _ in range(2)]
    assert "Léa Martin : 2 sessions fermées" in zoe.submit("/comptes/lea", do="logout")
    for browser in browsers:
        browser.see("/compte", 401)


def test_an_unknown_action_changes_nothing(zoe: Browser, store: Store) -> None:
    before = store.account("lea")
    zoe.submit("/comptes/lea", 400, do="effacer", name="x")
    assert store.account("lea") == before


def test_the_last_administrator_stays(boss: Browser, browse: Browse, store: Store) -> None:
    boss.submit("/comptes", login="eva", name="Eva", role=ADMIN, password=PASSWORD)
    eva = browse().log_in("eva")
    eva.see("/comptes")
    eva.submit("/comptes/max", do="close")
    boss.see("/comptes", 401)
    assert rights(store, "eva") == (ADMIN, (), True)
    store.close_sessions("eva")
    store.save_account(
        replace(store.account("max") or Account("", "", A), active=True, role=C, communities=("tourisme",))
    )
    assert is_last_administrator(store.accounts(), "eva")


def test_two_administrators_who_close_each_other_at_once_leave_one(
    browse: Browse, store: Store, people: dict[str, Account]
) -> None:
    store.add_account(Account("eva", "Eva", ADMIN, password=HASHED), NOW)
    for _ in range(5):
        for login in ("max", "eva"):
            store.change_account(login, active=True, role=ADMIN)
        boss, eva = browse().log_in("max"), browse().log_in("eva")
        boss.see("/comptes")
        eva.see("/comptes")
        gate, answers = threading.Barrier(2), []

        def act(browser: Browser, other: str, do: str, gate: threading.Barrier, answers: list[int]) -> None:
            gate.wait()
            form = {"csrf": browser.token, "do": do, "name": "x", "role": "animateur", "communities": "tourisme"}
            answers.append(browser.post(f"/comptes/{other}", data=form).status_code)

        threads = [
            threading.Thread(target=act, args=(browser, other, do, gate, answers))
            for browser, other, do in ((boss, "eva", "close"), (eva, "max", "save"))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        left = [a.login for a in store.accounts() if a.role is ADMIN and a.active]
        assert len(left) == 1, answers


def test_rights_taken_while_the_page_was_open_count(zoe: Browser, store: Store) -> None:
    store.change_account("zoe", communities=("urbanisme-amenagement",))
    zoe.submit("/comptes/lea", 404, do="close")
    store.change_account("zoe", role=A, communities=("tourisme",))
    zoe.submit("/comptes/lea", 403, do="close")
    assert rights(store, "lea")[2]


def test_an_account_of_a_community_gone_from_the_configuration_is_kept_as_it_is(boss: Browser, store: Store) -> None:
    store.add_account(Account("old", "Vieux", A, ("tourisme", "disparue")), NOW)
    page = boss.see("/comptes/old")
    assert 'value="disparue" checked' in page
    boss.submit("/comptes/old", do="save", name="Vieux", role=A, communities=["tourisme", "disparue"])
    assert rights(store, "old") == (A, ("tourisme", "disparue"), True)


def test_a_login_made_by_the_command_with_odd_characters_has_its_page(boss: Browser, store: Store) -> None:
    login = "a/b?c#d%zé"  # no digits after the sign: the test client (not the server) decodes addresses twice
    store.add_account(Account(login, "Bizarre", A, ("tourisme",)), NOW)
    links = re.findall(r'href="(/comptes/[^"]+)"', boss.see("/comptes"))
    page = boss.see(next(link for link in links if "%3F" in link))
    assert "Bizarre" in page
    action = re.search(r'action="(/comptes/[^"]+)"', page)
    assert action
    boss.submit(action[1], do="close")
    assert not rights(store, login)[2]


def test_the_writer_s_place_is_taken_from_the_start(tmp_path: Path) -> None:
    """A second writer waits for the first: it does not read what is about to change."""
    path = tmp_path / "x.db"
    with Store(path) as store:
        store.add_account(Account("a", "a", ADMIN, password=HASHED), NOW)
    order: list[str] = []
    inside = threading.Event()

    def second() -> None:
        with Store(path) as other:
            inside.wait()
            with other.exclusive():
                order.append(f"second sees {len(other.accounts())}")

    thread = threading.Thread(target=second)
    thread.start()
    with Store(path) as store, store.exclusive():
        inside.set()
        thread.join(0.2)
        store.add_account(Account("b", "b", ADMIN), NOW)
        order.append("first saved")
    thread.join()
    assert order == ["first saved", "second sees 2"]
