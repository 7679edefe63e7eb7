"""« Aide »: open to all, with the keys of the person and whom to write to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import escape

from curation.accounts import Account
from curation.store.store import Store
from curation.web.app import create_app
from curation.web.desk import Site
from curation.web.shortcuts import ACTIONS
from tests.web.conftest import Browser


def test_the_statement_is_open_to_all_and_names_whom_to_write_to(
    browse: Callable[[], Browser], people: dict[str, Account], site: Site
) -> None:
    page = browse().see("/aide")
    assert 'id="accessibilite"' in page and "Aucun audit" in page
    contact = site.settings.politeness.contact
    assert f'href="{contact}">{contact.removeprefix("mailto:")}</a>' in page


def test_a_contact_is_linked_only_where_a_link_is_safe(site: Site, people: dict[str, Account]) -> None:
    for contact, shown in (
        ("https://exemple.fr/contact", 'href="https://exemple.fr/contact"'),
        ("javascript:alert(1)", "Écrivez à javascript:alert(1)."),
        ("la mairie", "Écrivez à la mairie."),
        ("", "administre ce bureau"),
    ):
        politeness = site.settings.politeness.model_copy(update={"contact": contact})
        other = replace(site, settings=site.settings.model_copy(update={"politeness": politeness}))
        page = Browser(create_app(other)).see("/aide")
        assert shown in page and 'href="javascript' not in page


def test_every_key_is_listed_without_a_script(lea: Browser, store: Store) -> None:
    page = lea.see("/aide").split('id="touches"')[1].split("<dialog")[0]
    for key, text in ACTIONS.values():
        assert f"<kbd>{escape(key)}</kbd></dt><dd>{escape(text, quote=False)}" in page
    store.change_account("lea", preferences={"shortcuts": {"publish": "P", "undo": ""}})
    page = lea.see("/aide").split('id="touches"')[1].split("<dialog")[0]
    assert "<kbd>P</kbd></dt><dd>Publier" in page and "Annuler le dernier verdict" not in page
    store.change_account("lea", preferences={"shortcuts_off": True})
    assert "Vous avez désactivé" in lea.see("/aide").split('id="touches"')[1].split("<dialog")[0]
