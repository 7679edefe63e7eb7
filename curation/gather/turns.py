"""Whose turn it is: many URLs handed out host by host, so that no host holds up the others."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from urllib.parse import urlsplit

from curation.gather.outcome import Request


class Turns:
    """Requests grouped by host and dealt in turn, at most ``per_host`` of each host out at once.

    Every host has tokens in a queue, never more than ``per_host`` counting the requests that are
    out: taking a turn costs the same for ten hosts as for ten thousand.
    """

    def __init__(self, requests: Iterable[Request], per_host: int) -> None:
        self._left: dict[str, deque[Request]] = {}
        for request in requests:
            self._left.setdefault(_host_of(request.url), deque()).append(request)
        self._count = sum(map(len, self._left.values()))
        self._tokens: dict[str, int] = dict.fromkeys(self._left, 0)
        self._ready: asyncio.Queue[str | None] = asyncio.Queue()
        for _ in range(per_host):
            for host in self._left:
                self._offer(host)
        if not self._count:
            self._ready.put_nowait(None)

    def __len__(self) -> int:
        return self._count

    async def take(self) -> tuple[str, Request] | None:
        """The next ``(host, request)``, when there is one to give; None when all are out."""
        host = await self._ready.get()
        if host is None:
            self._ready.put_nowait(None)  # for the next worker
            return None
        self._tokens[host] -= 1
        self._count -= 1
        request = self._left[host].popleft()
        if not self._count:
            self._ready.put_nowait(None)
        return host, request

    def give_back(self, host: str) -> None:
        """The request taken for ``host`` is done: another may go."""
        self._offer(host)

    def _offer(self, host: str) -> None:
        if self._tokens[host] < len(self._left[host]):
            self._tokens[host] += 1
            self._ready.put_nowait(host)


def _host_of(url: str) -> str:
    try:
        return urlsplit(url.strip()).netloc.lower()
    except ValueError:
        return ""
