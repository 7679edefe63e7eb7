"""What one night learns of each host: its pace, its silence, and whether the network is there at all.

Two circuit breakers. A host that fails several times running rests until the end
of the night. When many different hosts fail and none answers, it is not they, it
is us: everything rests, save one probe from time to time. Without this second rule
a night without network would wait for the timeout of every article page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from curation.gather.guard import Guard, Target
from curation.types import Cause

#: Causes by which a host counts as out of reach.
NETWORK_CAUSES = frozenset({Cause.DNS, Cause.REFUSED, Cause.TIMEOUT, Cause.NETWORK, Cause.TLS})
#: A TLS fault comes from a host that answers: it says nothing against the network itself.
_OUT_OF_REACH = NETWORK_CAUSES - {Cause.TLS}
#: Different hosts failing one after the other, none answering, before the network is held for lost.
LOST_AFTER_HOSTS = 12
#: Then one request is let through every so often, in seconds.
PROBE_EVERY_S = 120.0
#: A host that answers but in error gets this many times more chances than a silent one.
ERROR_PATIENCE = 3


@dataclass(slots=True)
class Host:
    """State of one host for the night. Times are those of the clock, in seconds."""

    key: str
    private: bool  # allowed by the configuration: its health says nothing of the internet's
    slots: asyncio.Semaphore
    delay_s: float = 0.0  # between two requests
    next_at: float = 0.0  # no request before
    asked_back_at: float = 0.0  # Retry-After: no request before, and no waiting either
    failures: int = 0  # consecutive, network
    errors: int = 0  # consecutive, 5xx and 429
    answered: bool = False
    resting: bool = False


@dataclass(slots=True)
class Hosts:
    """Every host met tonight. Belongs to one event loop."""

    guard: Guard
    clock: Callable[[], float]
    per_host: int
    min_delay_s: float
    failures_before_rest: int
    _hosts: dict[str, Host] = field(default_factory=dict)
    _silent: set[str] = field(default_factory=set)  # public hosts that failed since one last answered
    _lost_at: float | None = None

    def of(self, target: Target) -> Host:
        """The host of ``target``; default ports share one state, others have their own."""
        key = target.host if target.port in (80, 443) else f"{target.host}:{target.port}"
        host = self._hosts.get(key)
        if host is None:
            private = self.guard.allows_private(target.host, target.port)
            host = Host(key, private, asyncio.Semaphore(self.per_host), self.min_delay_s)
            self._hosts[key] = host
        return host

    def rests(self, host: Host) -> str | None:
        """Why ``host`` may not be asked now, or None. Lets a probe through when one is due."""
        if host.resting:
            return f"{host.key} kept failing"
        if self._lost_at is None or host.private:
            return None
        if self.clock() - self._lost_at >= PROBE_EVERY_S:
            self._lost_at = self.clock()
            return None
        return "network out of reach"

    def given_up(self, host: Host) -> bool:
        """Like ``rests``, for who only wonders whether to insist: lets no probe through."""
        return host.resting or (self._lost_at is not None and not host.private)

    def answered(self, host: Host, status: int) -> None:
        host.failures = 0
        host.answered = True
        host.errors = host.errors + 1 if status >= 500 or status == 429 else 0
        if host.errors >= ERROR_PATIENCE * self.failures_before_rest:
            host.resting = True
        if not host.private:
            self._silent.clear()
            self._lost_at = None

    def failed(self, host: Host, cause: Cause, counts: bool = True) -> None:
        """``counts``: against the host too, and not only against the network."""
        if cause not in NETWORK_CAUSES:
            return
        if counts:
            host.failures += 1
            if host.failures >= self.failures_before_rest:
                host.resting = True
        if cause in _OUT_OF_REACH and not host.private:
            self._silent.add(host.key)
            if len(self._silent) >= LOST_AFTER_HOSTS and self._lost_at is None:
                self._lost_at = self.clock()
