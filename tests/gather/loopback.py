"""A small web site on loopback for the tests of the network: raw bytes out, requests remembered."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from curation.config import Politeness
from curation.gather.fetch import Fetcher

FEED = (
    b'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Pays de Brume</title>'
    b"<item><title>La halle rouvre ses portes</title><link>https://pays-de-brume.example/halle</link></item>"
    b"</channel></rss>"
)
PAGE = (
    "<!doctype html><html lang=fr><head><meta charset=utf-8><title>La halle rouvre ses portes</title></head>"
    "<body><h1>La halle rouvre</h1><p>Après deux ans de travaux, la halle accueille de nouveau le marché.</p>"
    "</body></html>"
).encode()

HANG = b"\0hang"  # accept the request, answer nothing
HANG_UP = b"\0hang up"  # close without a word

_TLS = ssl.create_default_context()

Handler = Callable[[dict[str, str]], bytes]


def answer(body: bytes = b"", status: int = 200, kind: str = "text/html; charset=utf-8", **fields: str) -> bytes:
    """The bytes of an HTTP answer; ``fields`` with underscores for hyphens."""
    lines = [f"HTTP/1.1 {status} X"]
    fields = {"Content_Type": kind, "Content_Length": str(len(body)), **fields}
    if status == 304:
        del fields["Content_Length"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def feed(**fields: str) -> bytes:
    return answer(FEED, kind="application/rss+xml", **fields)


def moved(to: str, status: int = 302, **fields: str) -> bytes:
    return answer(status=status, Location=to, **fields)


@dataclass
class Site:
    """Serves ``routes`` (path with query -> bytes, list of bytes one per request, or function of the fields)."""

    routes: Mapping[str, bytes | list[bytes] | Handler]
    tls: ssl.SSLContext | None = None
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    connections: int = 0
    busy: int = 0
    busiest: int = 0
    pause_s: float = 0.0

    async def __aenter__(self) -> Self:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
        self.port: int = self.server.sockets[0].getsockname()[1]
        self._writers: set[asyncio.StreamWriter] = set()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.seen]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                if not await self._reply(head.decode("latin-1"), writer):
                    break
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            self._writers.discard(writer)
            writer.transport.abort() if self.tls else writer.close()

    async def _reply(self, head: str, writer: asyncio.StreamWriter) -> bool:
        first, *lines = head.split("\r\n")
        path = first.split(" ")[1]
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        self.seen.append((path, fields))
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        await asyncio.sleep(self.pause_s)
        self.busy -= 1
        route = self.routes.get(path, answer(b"rien", status=404))
        if isinstance(route, list):
            route = route.pop(0) if len(route) > 1 else route[0]
        reply = route(fields) if callable(route) else route
        if reply == HANG:
            await asyncio.sleep(30)
        if reply in (HANG, HANG_UP):
            return False
        writer.write(reply)
        await writer.drain()
        return b"Connection: close" not in reply


class Clock:
    """A clock that ``sleep`` moves, so that waiting takes no time."""

    def __init__(self) -> None:
        self.time = 1_000.0
        self.naps: list[float] = []

    def __call__(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)


def fetcher(clock: Clock | None = None, resolver: Any = None, ssl_context: Any = None, **politeness: Any) -> Fetcher:
    """A fetcher that may ask 127.0.0.1, on a clock of its own."""
    clock = clock or Clock()
    settings = {"allow_private_hosts": ("127.0.0.1",), "retries": 0, **politeness}
    return Fetcher(
        Politeness(**settings),
        clock=clock,
        now=lambda: 1_790_000_000.0,
        sleep=clock.sleep,
        resolver=resolver,
        ssl_context=ssl_context or _TLS,
    )
