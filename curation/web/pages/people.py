"""« Comptes »: open, change, close accounts, within what ``authority`` allows."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from curation.accounts import Account, AccountRole
from curation.web.access import Need, page
from curation.web.authority import (
    LAST_ADMINISTRATOR,
    is_last_administrator,
    login_fault,
    may_manage,
    name_fault,
    rights_faults,
    roles_given,
)
from curation.web.desk import Desk, Stop
from curation.web.secrets import hash_password, password_fault

#: For a password said aloud or copied by hand: no letter that looks like another.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@page("/comptes", Need.COORDINATION, "GET", "POST")
def comptes(desk: Desk) -> Response:
    """The people whom I manage, and a form to open an account."""
    if desk.method != "POST":
        return _list(desk)
    account, faults = _typed(desk, None)
    account = replace(account, login=desk.value("login").lower())
    if fault := login_fault(account.login):
        faults["login"] = fault
    password = _new_password(desk, account.login, faults)
    hashed = hash_password(password) if not faults else None
    with desk.store.exclusive():
        me = _me_now(desk)
        faults |= rights_faults(me, None, account)
        if not faults and not desk.store.add_account(replace(account, password=hashed), desk.now):
            faults["login"] = (
                "Cet identifiant est déjà pris. Si ce compte n’est pas dans votre liste, il relève d’autres "
                "communautés : demandez à un administrateur."
            )
    if faults:
        return _list(desk, faults, account)
    return _tell(desk, account, password, f"Le compte de {account.name} est ouvert.")


@page("/comptes/{login:path}", Need.COORDINATION, "GET", "POST")
def fiche(desk: Desk) -> Response:
    """One account: its rights, its password, its sessions. What a form does is in its field ``do``."""
    account = desk.store.account(str(desk.path_params["login"]))
    if account is None or not may_manage(desk.me, account):
        raise _unknown()
    if desk.method != "POST":
        return _show(desk, account)
    act = _ACTS.get(desk.value("do"))
    if act is None:
        raise Stop(400, "Action inconnue", "Revenez à la fiche du compte et recommencez.")
    return act(desk, account)


def _save(desk: Desk, account: Account) -> Response:
    """Name, role, communities."""
    wanted, faults = _typed(desk, account)
    with desk.store.exclusive():
        account = _still_mine(desk, account)
        after = replace(account, name=wanted.name, role=wanted.role, communities=wanted.communities)
        faults |= rights_faults(_me_now(desk), account, after)
        if after.role is not AccountRole.ADMINISTRATEUR and _is_last(desk, account):
            faults["role"] = LAST_ADMINISTRATOR
        if not faults:
            desk.store.change_account(account.login, name=after.name, role=after.role, communities=after.communities)
    if faults:
        return _show(desk, account, faults, wanted)
    desk.say(f"Le compte de {after.name} est enregistré.")
    return desk.go("/comptes")


def _close(desk: Desk, account: Account) -> Response:
    """Nothing opens any more; what the person did stays in the journal."""
    if account.login == desk.me.login:
        raise Stop(403, "Votre propre compte", "Nul ne ferme son propre compte : demandez à un collègue qui les gère.")
    with desk.store.exclusive():
        account = _still_mine(desk, account)
        if _is_last(desk, account):
            raise Stop(409, "Dernier compte d’administration", LAST_ADMINISTRATOR)
        desk.store.change_account(account.login, active=False)
        desk.store.close_sessions(account.login)
        desk.store.drop_api_tokens(account.login)
        desk.store.leave(account.login)
    desk.say(f"Le compte de {account.name} est fermé. Ses actes restent au journal ; vous pourrez le rouvrir.")
    return desk.go("/comptes")


def _reopen(desk: Desk, account: Account) -> Response:
    with desk.store.exclusive():
        account = _still_mine(desk, account)
        desk.store.change_account(account.login, active=True)
    desk.say(f"Le compte de {account.name} est rouvert, avec le même mot de passe.")
    return desk.go("/comptes")


def _give_password(desk: Desk, account: Account) -> Response:
    """A new password: whoever held the account is out, tokens included."""
    if account.login == desk.me.login:
        raise Stop(403, "Votre propre compte", "Votre mot de passe se change dans « Mon compte », avec l’ancien.")
    faults: dict[str, str] = {}
    password = _new_password(desk, account.login, faults)
    if faults:
        return _show(desk, account, faults)
    hashed = hash_password(password)
    with desk.store.exclusive():
        account = _still_mine(desk, account)
        desk.store.change_account(account.login, password=hashed)
        desk.store.close_sessions(account.login)
        desk.store.drop_api_tokens(account.login)
    return _tell(desk, account, password, f"Le mot de passe de {account.name} est changé, ses sessions sont fermées.")


def _log_out(desk: Desk, account: Account) -> Response:
    with desk.store.exclusive():
        account = _still_mine(desk, account)
        closed = desk.store.close_sessions(account.login)
    desk.say(f"{account.name} : {closed} session{'s' if closed > 1 else ''} fermée{'s' if closed > 1 else ''}.")
    return desk.go("/comptes")


def _unlink(desk: Desk, account: Account) -> Response:
    """Forget the identity of the organisation; the next log-in there binds again, by address."""
    with desk.store.exclusive():
        account = _still_mine(desk, account)
        desk.store.change_account(account.login, subject=None)
        desk.store.close_sessions(account.login)
    desk.say(f"{account.name} : compte délié de son organisme, sessions fermées.")
    return desk.go("/comptes")


_ACTS: dict[str, Callable[[Desk, Account], Response]] = {
    "save": _save,
    "close": _close,
    "reopen": _reopen,
    "password": _give_password,
    "logout": _log_out,
    "unlink": _unlink,
}


def _unknown() -> Stop:
    """The same answer for a login that does not exist and for one out of reach."""
    return Stop(
        404,
        "Compte introuvable",
        "Aucun compte de ce nom, ou ses communautés ne sont pas toutes les vôtres. "
        "Un administrateur voit tous les comptes.",
    )


def _me_now(desk: Desk) -> Account:
    """Who acts, read again inside the transaction. Raises ``Stop`` when their rights have gone meanwhile."""
    me = desk.store.account(desk.me.login)
    if me is None or not me.active or not roles_given(me):
        raise Stop(403, "Accès réservé", "Vos droits viennent de changer : cette action ne vous est plus ouverte.")
    return me


def _still_mine(desk: Desk, account: Account) -> Account:
    """The account, read again inside the transaction. Raises ``Stop`` when it may not be managed any more."""
    now = desk.store.account(account.login)
    if now is None or not may_manage(_me_now(desk), now):
        raise _unknown()
    return now


def _is_last(desk: Desk, account: Account) -> bool:
    return is_last_administrator(desk.store.accounts(), account.login)


def _typed(desk: Desk, before: Account | None) -> tuple[Account, dict[str, str]]:
    """Name, role and communities of the form, and what is wrong with them whoever asks."""
    name, faults = " ".join(desk.value("name").split()), {}
    if fault := name_fault(name):
        faults["name"] = fault
    try:
        role = AccountRole(desk.value("role"))
    except ValueError:
        role, faults["role"] = AccountRole.ANIMATEUR, "Choisissez un rôle."
    communities = tuple(dict.fromkeys(desk.values("communities")))
    known = {*desk.words, *(before.communities if before else ())}
    if not set(communities) <= known:
        faults["communities"] = "Cette communauté n’existe pas dans cette installation."
    login = before.login if before else ""
    return Account(login, name[:1000], role, tuple(c for c in communities if c in known)), faults


def _new_password(desk: Desk, login: str, faults: dict[str, str]) -> str:
    """The one typed, else one drawn at random (79 bits)."""
    typed = desk.form.get("password", [""])[-1]
    if not typed:
        return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    if fault := password_fault(typed, login):
        faults["password"] = fault
    return typed


def _tell(desk: Desk, account: Account, password: str, message: str) -> Response:
    """After a new password: one drawn at random is shown once, in this answer only."""
    if desk.form.get("password", [""])[-1]:
        desk.say(message)
        return desk.go("/comptes")
    return desk.render("person_password.html", account=account, password=password, message=message)


def _list(desk: Desk, faults: dict[str, str] | None = None, typed: Account | None = None) -> Response:
    people = [a for a in desk.store.accounts() if may_manage(desk.me, a)]
    people.sort(key=lambda a: (not a.active, a.name.casefold()))
    only = tuple(desk.communities) if len(desk.communities) == 1 else ()  # the one choice is made in advance
    return desk.render(
        "people.html",
        400 if faults else 200,
        people=people,
        faults=faults or {},
        typed=typed or Account("", "", AccountRole.ANIMATEUR, only),
        given=roles_given(desk.me),
        offered=desk.communities,
    )


def _show(desk: Desk, account: Account, faults: dict[str, str] | None = None, typed: Account | None = None) -> Response:
    offered = [*desk.communities, *(c for c in account.communities if c not in desk.communities)]
    return desk.render(
        "person.html",
        400 if faults else 200,
        account=account,
        faults=faults or {},
        typed=typed or account,
        given=roles_given(desk.me),
        offered=offered,
        mine=account.login == desk.me.login,
        last=_is_last(desk, account),
        tokens=len(desk.store.api_tokens(account.login)),
    )


PAGES: tuple[Any, ...] = (comptes, fiche)
