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
from curation.web.labels import ROLE_LABELS
from curation.web.secrets import hash_password, password_fault


def user(settings: Settings, arguments: argparse.Namespace) -> None:
    """Run one of add, passwd, role, list. Raises ``InputError``."""
    with Store(settings.database) as store:
        match arguments.action:
            case "add":
                _add(store, settings, arguments)
            case "passwd":
                account = _known(store, arguments.login)
                hashed = hash_password(_password(account.login, arguments.password_stdin))
                store.save_account(replace(account, password=hashed))
                closed = store.close_sessions(account.login)
                sys.stderr.write(f"Mot de passe changé pour {account.login} ; {closed} session(s) fermée(s).\n")
            case "role":
                _role(store, settings, arguments)
            case _:
                _list(store, arguments.json)


def _add(store: Store, settings: Settings, arguments: argparse.Namespace) -> None:
    login = arguments.login.strip().lower()
    if not login or len(login) > 200 or any(c.isspace() for c in login):
        raise InputError("Un identifiant est attendu, sans espace : par exemple une adresse professionnelle.")
    if store.account(login):
        raise InputError(
            f"Le compte « {login} » existe déjà. Pour le modifier : veille user role, veille user passwd."
        )
    role = AccountRole(arguments.role or AccountRole.ANIMATEUR)
    communities = _communities(settings, arguments.communities or "")
    if role is not AccountRole.ADMINISTRATEUR and not communities:
        raise InputError(
            "Indiquez au moins une communauté avec --communities ; configurées : "
            + ", ".join(c.id for c in settings.communities)
        )
    hashed = hash_password(_password(login, arguments.password_stdin))
    account = Account(login, arguments.name or login, role, communities, password=hashed)
    store.add_account(account, datetime.now(UTC))
    sys.stderr.write(f"Compte ouvert : {login} ({ROLE_LABELS[role].split(' ')[0].lower()}).\n")


def _role(store: Store, settings: Settings, arguments: argparse.Namespace) -> None:
    account = _known(store, arguments.login)
    if not arguments.role and arguments.communities is None:
        raise InputError("Indiquez --role, --communities, ou les deux.")
    changed = account
    if arguments.role:
        changed = replace(changed, role=AccountRole(arguments.role))
    if arguments.communities is not None:
        changed = replace(changed, communities=_communities(settings, arguments.communities))
    administrators = [a for a in store.accounts() if a.role is AccountRole.ADMINISTRATEUR and a.active]
    if changed.role is not AccountRole.ADMINISTRATEUR and [a.login for a in administrators] == [account.login]:
        raise InputError("C’est le dernier compte d’administration : donnez d’abord ce rôle à un autre.")
    store.save_account(changed)
    sys.stderr.write(f"Compte modifié : {changed.login}, {changed.role.value}, {', '.join(changed.communities)}\n")


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
    if from_stdin or not sys.stdin.isatty():
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = getpass.getpass("Mot de passe : ")
        if getpass.getpass("Encore une fois : ") != password:
            raise InputError("Les deux mots de passe diffèrent.")
    if fault := password_fault(password, login):
        raise InputError(fault)
    return password
