"""Who works in the desk. Three roles, each allowed all that the one before is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class AccountRole(StrEnum):
    """What a person may do in the desk."""

    ANIMATEUR = "animateur"  # the queues of their communities
    COORDONNATEUR = "coordonnateur"  # and their taxonomy, the sources, the people
    ADMINISTRATEUR = "administrateur"  # everything, every community

    @property
    def rank(self) -> int:
        """0, 1, 2: a higher rank may do all that a lower one may."""
        return list(AccountRole).index(self)


@dataclass(frozen=True, slots=True)
class Account:
    """One person. ``communities`` are those of an animateur or coordonnateur; an administrateur has them all."""

    login: str  # lower case; usually an address
    name: str
    role: AccountRole
    communities: tuple[str, ...] = ()
    password: str | None = None  # Argon2 hash (RFC 9106); None: log-in by OpenID Connect only
    subject: str | None = None  # identifier given by the OpenID provider
    active: bool = True
    created: datetime | None = None
    preferences: dict[str, Any] = field(default_factory=dict)

    def may_see(self, community: str) -> bool:
        """True for one of their communities."""
        return self.role is AccountRole.ADMINISTRATEUR or community in self.communities


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One browser where somebody is logged in. ``token`` is the SHA-256 of what the cookie carries."""

    token: str
    login: str
    created: datetime
    seen: datetime
