"""Who may manage whom: pure rules on accounts, shared by the page « Comptes » and ``veille user``.

An administrateur manages everybody. A coordonnateur manages the animateurs and coordonnateurs whose communities are
all theirs, and gives nothing that they do not have. Nobody changes their own rights, and one administrateur remains.
Each fault is a French sentence that says what to do instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from curation.accounts import Account, AccountRole

MAX_LOGIN, MAX_NAME = 200, 100
#: Addresses and simple names; nothing that looks like another login.
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._+@'-]*")


def login_fault(login: str) -> str | None:
    """Why a new login (lower case) is refused; None when it will do."""
    if not _LOGIN.fullmatch(login) or len(login) > MAX_LOGIN:
        return (
            "Indiquez un identifiant sans espace ni accent, par exemple une adresse professionnelle "
            f"({MAX_LOGIN} caractères au plus)."
        )
    return None


def name_fault(name: str) -> str | None:
    """Why a displayed name is refused; None when it will do."""
    if not name or len(name) > MAX_NAME or not name.isprintable():
        return f"Indiquez un nom, en {MAX_NAME} caractères au plus."
    return None


def may_manage(me: Account, other: Account) -> bool:
    """True when ``me`` may see ``other`` in « Comptes » and act on that account.

    An account without community belongs to nobody in particular: only an administrateur takes it up again.
    """
    if not me.active:
        return False
    if me.role is AccountRole.ADMINISTRATEUR:
        return True
    return (
        me.role is AccountRole.COORDONNATEUR
        and other.role is not AccountRole.ADMINISTRATEUR
        and bool(other.communities)
        and set(other.communities) <= set(me.communities)
    )


def roles_given(me: Account) -> tuple[AccountRole, ...]:
    """The roles that a person may give."""
    if me.role is AccountRole.ADMINISTRATEUR:
        return tuple(AccountRole)
    if me.role is AccountRole.COORDONNATEUR:
        return (AccountRole.ANIMATEUR, AccountRole.COORDONNATEUR)
    return ()


def rights_faults(me: Account, before: Account | None, after: Account) -> dict[str, str]:
    """``role``, ``communities`` -> why these rights are refused. ``before`` is None for a new account."""
    faults: dict[str, str] = {}
    if before is not None and not may_manage(me, before):
        return {"role": "Ce compte n’est pas des vôtres : demandez à un administrateur."}
    if before is not None and before.login == me.login:
        if after.role is not before.role:
            faults["role"] = "Nul ne change son propre rôle : demandez à un collègue qui gère les comptes."
        if set(after.communities) != set(before.communities):
            faults["communities"] = (
                "Nul ne change ses propres communautés : demandez à un collègue qui gère les comptes."
            )
        return faults
    if after.role not in roles_given(me):
        faults["role"] = "Vous ne pouvez pas donner ce rôle : seul un administrateur le peut."
    foreign = [c for c in after.communities if not me.may_see(c)]
    if foreign:
        faults["communities"] = "Vous ne pouvez donner que vos propres communautés."
    elif after.role is not AccountRole.ADMINISTRATEUR and not after.communities:
        faults["communities"] = "Choisissez au moins une communauté."
        if before is not None:
            faults["communities"] += " Pour tout retirer à cette personne, fermez son compte."
    return faults


def is_last_administrator(accounts: Iterable[Account], login: str) -> bool:
    """True when this is the only open account of administration."""
    return [a.login for a in accounts if a.role is AccountRole.ADMINISTRATEUR and a.active] == [login]


LAST_ADMINISTRATOR = "C’est le dernier compte d’administration : donnez d’abord ce rôle à un autre."
