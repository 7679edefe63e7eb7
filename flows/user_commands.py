"""``veille user``: accounts of the desk. Passwords are never read from the command line."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime

from curation.accounts import Account, AccountRole
from curation.config import Settings
from curation.errors import InputError
from curation.store.store import Store
from curation.web.authority import LAST_ADMINISTRATOR, is_last_administrator, login_fault, name_fault
from curation.web.labels import ROLE_LABELS
from curation.web.secrets import hash_password, password_fault


def user(settings: Settings, arguments: argparse.Namespace) -> None:
    """Run one of add, passwd, role, list. Raises ``InputError``."""
    with Store(settings.database) as store:
        match arguments.action:
            case "add":
                _add(store, settings, arguments)
            case "passwd":
                _passwd(store, arguments)
            case "role":
                _role(store, settings, arguments)
            case _:
                _list(store, arguments.json)


def _add(store: Store, settings: Settings, arguments: argparse.Namespace) -> None:
    login = arguments.login.strip().lower()
    name = " ".join((arguments.name or login).split())
    if fault := login_fault(login) or name_fault(name):
        raise InputError(fault)
    if store.account(login):
        raise InputError(f"Le compte « {login} » existe déjà. Pour le modifier : veille user role, veille user passwd.")
    role = AccountRole(arguments.role or AccountRole.ANIMATEUR)
    communities = _communities(settings, arguments.communities or "")
    if role is not AccountRole.ADMINISTRATEUR and not communities:
        raise InputError(_some_community(settings))
    hashed = hash_password(_password(login, arguments.password_stdin))
    if not store.add_account(Account(login, name, role, communities, password=hashed), datetime.now(UTC)):
        raise InputError(f"Le compte « {login} » vient d’être ouvert par quelqu’un d’autre.")
    sys.stderr.write(f"Compte ouvert : {login} ({ROLE_LABELS[role].split(' ')[0].lower()}).\n")


def _passwd(store: Store, arguments: argparse.Namespace) -> None:
    """Whoever held the account is out: sessions and API tokens end."""
    account = _known(store, arguments.login)
    hashed = hash_password(_password(account.login, arguments.password_stdin))
    with store.exclusive():
        store.change_account(account.login, password=hashed)
        closed = store.close_sessions(account.login)
        revoked = store.drop_api_tokens(account.login)
    sys.stderr.write(
        f"Mot de passe changé pour {account.login}. Sessions fermées : {closed} ; jetons révoqués : {revoked}.\n"
    )


def _role(store: Store, settings: Settings, arguments: argparse.Namespace) -> None:
    if not arguments.role and arguments.communities is None:
        raise InputError("Indiquez --role, --communities, ou les deux.")
    with store.exclusive():
        changed = account = _known(store, arguments.login)
        if arguments.role:
            changed = replace(changed, role=AccountRole(arguments.role))
        if arguments.communities is not None:
            changed = replace(changed, communities=_communities(settings, arguments.communities))
        administrates = changed.role is AccountRole.ADMINISTRATEUR
        if not administrates and is_last_administrator(store.accounts(), account.login):
            raise InputError(LAST_ADMINISTRATOR)
        if not administrates and not changed.communities:
            raise InputError(_some_community(settings))
        store.change_account(account.login, role=changed.role, communities=changed.communities)
    where = "toutes les communautés" if administrates else ", ".join(changed.communities)
    sys.stderr.write(f"Compte modifié : {changed.login}, {changed.role.value}, {where}.\n")


def _list(store: Store, as_json: bool) -> None:
    accounts = store.accounts()
    if as_json:
        content = [
            {"login": a.login, "name": a.name, "role": a.role.value, "communities": a.communities, "active": a.active}
            for a in accounts
        ]
        sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
        return
    for a in accounts:
        state = "" if a.active else " (fermé)"
        where = "toutes" if a.role is AccountRole.ADMINISTRATEUR else ", ".join(a.communities)
        sys.stdout.write(f"{a.login}{state}  {a.name}  {a.role.value}  {where}\n")
    if not accounts:
        sys.stderr.write("Aucun compte. Ouvrez le premier : veille user add IDENTIFIANT --role administrateur\n")


def _known(store: Store, login: str) -> Account:
    account = store.account(login)
    if account is None:
        raise InputError(f"Aucun compte « {login} ». La liste : veille user list")
    return account


def _some_community(settings: Settings) -> str:
    known = ", ".join(c.id for c in settings.communities) or "aucune"
    return f"Indiquez au moins une communauté avec --communities ; configurées : {known}."


def _communities(settings: Settings, text: str) -> tuple[str, ...]:
    known = [c.id for c in settings.communities]
    if text.strip() in ("toutes", "all"):
        return tuple(known)
    asked = [part.strip() for part in text.split(",") if part.strip()]
    for community in asked:
        if community not in known:
            raise InputError(f"Communauté inconnue : « {community} ». Configurées : {', '.join(known)}.")
    return tuple(dict.fromkeys(asked))


def _password(login: str, from_stdin: bool) -> str:
    """A new password, typed twice or read from one line. Raises ``InputError`` for one that will not do."""
    try:
        if from_stdin or not sys.stdin.isatty():
            password = sys.stdin.readline().rstrip("\r\n")
        else:
            password = getpass.getpass("Mot de passe : ")
            if getpass.getpass("Encore une fois : ") != password:
                raise InputError("Les deux mots de passe diffèrent.")
    except EOFError as error:
        raise InputError("Aucun mot de passe n’a été donné.") from error
    except UnicodeDecodeError as error:
        raise InputError("Le mot de passe lu sur l’entrée standard n’est pas en UTF-8.") from error
    if fault := password_fault(password, login):
        raise InputError(fault)
    return password
