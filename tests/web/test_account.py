"""« Mon compte »: name, password, sessions, shortcuts, tokens."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from curation.accounts import Account
from curation.store.store import Store
from curation.web.secrets import digest, password_holds
from curation.web.shortcuts import ACTIONS, shortcut_faults, shortcuts_of
from tests.web.conftest import PASSWORD, Browser

NEW = "cheval pile agrafe juste"


def account(store: Store, login: str = "lea") -> Account:
    found = store.account(login)
    assert found
    return found


def test_the_name_is_changed_and_shown(lea: Browser, store: Store) -> None:
    lea.see("/compte")
    page = lea.submit("/compte/nom", name="  Léa   <b>Durand</b> ")
    assert "Votre nom est enregistré" in page and "Léa &lt;b&gt;Durand&lt;/b&gt;" in page
    assert account(store).name == "Léa <b>Durand</b>"
    assert "Indiquez un nom" in lea.submit("/compte/nom", 400, name=" ")
    assert "Indiquez un nom" in lea.submit("/compte/nom", 400, name="x" * 101)


def test_the_password_asks_for_the_old_one_and_logs_out_elsewhere(
    lea: Browser, browse: Callable[[], Browser], store: Store
) -> None:
    other = browse().log_in("lea")
    lea.see("/compte")
    path = "/compte/mot-de-passe"
    assert "pas votre mot de passe actuel" in lea.submit(path, 400, old="faux", password=NEW, again=NEW)
    assert "12 caractères" in lea.submit(path, 400, old=PASSWORD, password="court", again="court")
    assert "diffèrent" in lea.submit(path, 400, old=PASSWORD, password=NEW, again=NEW + "x")
    assert "même que l’ancien" in lea.submit(path, 400, old=PASSWORD, password=PASSWORD, again=PASSWORD)
    before = lea.cookies["veille_session"]
    assert "Mot de passe changé" in lea.submit(path, old=PASSWORD, password=NEW, again=NEW)
    assert password_holds(account(store).password, NEW)
    assert lea.cookies["veille_session"] != before
    lea.see("/compte")
    other.see("/compte", 401)


def test_an_open_session_does_not_serve_to_guess_the_password(lea: Browser, store: Store) -> None:
    lea.see("/compte")
    for _ in range(8):
        lea.submit("/compte/mot-de-passe", 400, old="faux mot de passe", password=NEW, again=NEW)
    assert "Trop d’essais" in lea.submit("/compte/mot-de-passe", 400, old=PASSWORD, password=NEW, again=NEW)
    assert password_holds(account(store).password, PASSWORD)


def test_a_person_without_password_is_sent_to_their_organisation(lea: Browser, store: Store) -> None:
    store.save_account(replace(account(store), password=None))
    assert "compte de votre organisme" in lea.see("/compte")
    lea.submit("/compte/mot-de-passe", 403, old="", password=NEW, again=NEW)
    assert account(store).password is None


def test_log_out_everywhere(lea: Browser, browse: Callable[[], Browser], people: dict[str, Account]) -> None:
    other, tom = browse().log_in("lea"), browse().log_in("tom")
    lea.see("/compte")
    assert "déconnecté de tous vos navigateurs" in lea.submit("/compte/sessions")
    lea.see("/compte", 401)
    other.see("/compte", 401)
    tom.see("/compte")


def test_shortcuts_are_chosen_refused_turned_off_and_reset(lea: Browser, store: Store) -> None:
    lea.see("/compte")
    keys = {action: key for action, (key, _) in ACTIONS.items()}
    lea.submit("/compte/raccourcis", on="1", **(keys | {"publish": "P", "undo": ""}))
    assert account(store).preferences == {"shortcuts": {"publish": "P", "undo": ""}}
    assert shortcuts_of(account(store).preferences)["publish"] == "P"
    page = lea.submit("/compte/raccourcis", 400, on="1", **(keys | {"publish": "g", "next": "ab"}))
    assert "sert déjà à « Publier »" in page and "Une seule touche" in page
    assert account(store).preferences == {"shortcuts": {"publish": "P", "undo": ""}}
    assert "désactivés" in lea.submit("/compte/raccourcis", **keys)
    assert shortcuts_of(account(store).preferences) == {}
    assert "Vous avez désactivé les raccourcis" in lea.see("/compte")
    lea.submit("/compte/raccourcis", do="reset", **keys)
    assert account(store).preferences == {}


def test_keys_differ_and_one_chosen_long_ago_wins_over_a_new_default(lea: Browser, store: Store) -> None:
    assert shortcut_faults(shortcuts_of({})) == {}
    store.change_account("lea", preferences={"shortcuts": {"publish": "D"}})  # before « D » led to the dossiers
    keys = shortcuts_of(account(store).preferences)
    assert keys["publish"] == "D" and keys["dossiers"] == "" and keys["next"] == "j"
    page = lea.see("/compte")
    shown = dict(re.findall(r'id="key-([\w-]+)" name="[\w-]+" value="([^"]?)"', page))
    assert shown["publish"] == "D" and shown["dossiers"] == "" and len(shown) == len(ACTIONS)


def test_saving_shortcuts_does_not_bring_back_a_role_taken_meanwhile(store: Store, people: dict[str, Account]) -> None:
    store.change_account("zoe", role=people["lea"].role)
    store.change_account("zoe", preferences={"shortcuts_off": True})
    assert account(store, "zoe").role is people["lea"].role


def test_a_token_is_shown_once_and_stored_as_a_digest(lea: Browser, store: Store) -> None:
    lea.see("/compte")
    page = lea.submit("/compte/jetons", token_name="Tableau de bord")
    found = re.search(r"<code>([\w-]{43})</code>", page)
    assert found
    assert [t["token"] for t in store.api_tokens("lea")] == [digest(found[1])]
    assert store.api_account(digest(found[1])) == account(store)
    assert found[1] not in lea.see("/compte")
    assert "porte déjà ce nom" in lea.submit("/compte/jetons", 400, token_name="Tableau de bord")
    assert "Donnez-lui un nom" in lea.submit("/compte/jetons", 400, token_name="")


def test_a_token_is_revoked_by_its_owner_only(lea: Browser, browse: Callable[[], Browser], store: Store) -> None:
    lea.see("/compte")
    lea.submit("/compte/jetons", token_name="un")
    token = store.api_tokens("lea")[0]["token"]
    tom = browse().log_in("tom")
    tom.see("/compte")
    tom.submit(f"/compte/jetons/{token}/revoquer")
    assert store.api_tokens("lea")
    lea.submit(f"/compte/jetons/{token}/revoquer")
    assert not store.api_tokens("lea")


def test_a_twenty_first_token_is_refused(lea: Browser, store: Store) -> None:
    lea.see("/compte")
    for n in range(20):
        lea.submit("/compte/jetons", token_name=f"jeton {n}")
    assert "révoquez d’abord" in lea.submit("/compte/jetons", 400, token_name="de trop")
    assert len(store.api_tokens("lea")) == 20
