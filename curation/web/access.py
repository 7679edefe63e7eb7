"""Who may open what: one mechanism for every page and every API route.

A page says its ``Need``; ``may`` answers for an account. Nothing else in the desk decides on access, and a test
walks every route with every role.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from curation.accounts import Account, AccountRole

if TYPE_CHECKING:
    from starlette.responses import Response

    from curation.web.desk import Desk


class Need(StrEnum):
    """What a page asks of who opens it."""

    NOBODY = "nobody"  # log-in, first run, static files
    ACCOUNT = "account"  # anybody logged in
    COMMUNITY = "community"  # and the community named in the address is theirs
    COORDINATION = "coordination"  # coordonnateur; and the community, where the address names one, is theirs
    ADMINISTRATION = "administration"


@dataclass(frozen=True, slots=True)
class Page:
    """A route of the desk: ``endpoint(desk) -> Response``, run in a thread with a store of its own."""

    path: str
    endpoint: Callable[[Desk], Response]
    need: Need
    methods: tuple[str, ...] = ("GET",)

    @property
    def name(self) -> str:
        return self.endpoint.__name__


def page(path: str, need: Need, *methods: str) -> Callable[[Callable[[Desk], Response]], Page]:
    """Declare a page. GET unless methods are named."""

    def declare(endpoint: Callable[[Desk], Response]) -> Page:
        return Page(path, endpoint, need, methods or ("GET",))

    return declare


def may(account: Account | None, need: Need, path_params: Mapping[str, Any]) -> bool:
    """True when this person may open a page with that need at that address."""
    if need is Need.NOBODY:
        return True
    if account is None or not account.active:
        return False
    community = path_params.get("community")
    if community is not None and not account.may_see(str(community)):
        return False
    match need:
        case Need.ACCOUNT | Need.COMMUNITY:
            return True
        case Need.COORDINATION:
            return account.role.rank >= AccountRole.COORDONNATEUR.rank
        case Need.ADMINISTRATION:
            return account.role is AccountRole.ADMINISTRATEUR
    return False
