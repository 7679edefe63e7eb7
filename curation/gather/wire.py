"""Connections pinned to checked addresses: the network backend that httpcore calls.

Name resolution, the check of the address and the connection are one step here:
nothing can resolve a name twice and be answered differently (DNS rebinding).
TLS still verifies the certificate against the *name*. No proxy is used, whatever
the environment says: behind one, the proxy resolves, and nothing could be promised.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import certifi
import httpcore

from curation.gather.guard import Guard, Refused
from curation.types import Cause

#: host, port -> addresses as text. Raises ``OSError`` (``socket.gaierror``).
Resolver = Callable[[str, int], Awaitable[list[str]]]

#: Names being resolved at once; a resolver that hangs keeps a thread, hence a bound.
MAX_RESOLVING = 32
#: Addresses of one host that are tried.
MAX_ADDRESSES = 4
#: Most bytes waiting in memory for a reader, per connection.
BUFFER = 65_536


class NameNotFound(OSError):
    """The name does not resolve; ``passing`` when asking again later may help."""

    def __init__(self, host: str, error: OSError) -> None:
        super().__init__(f"{host}: {error.strerror or error}")
        self.passing = error.errno in (socket.EAI_AGAIN, None)


class ThreadResolver:
    """The system's resolver, in daemon threads: one that hangs never delays the end of the program."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(MAX_RESOLVING)

    async def __call__(self, host: str, port: int) -> list[str]:
        async with self._slots:
            loop = asyncio.get_running_loop()
            answer: asyncio.Future[list[str]] = loop.create_future()

            def settle(found: list[str] | None, error: OSError | None) -> None:
                if answer.done():
                    return
                if error is not None:
                    answer.set_exception(error)
                else:
                    answer.set_result(found or [])

            def resolve() -> None:
                found, fault = None, None
                try:
                    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                    found = list(dict.fromkeys(str(row[4][0]) for row in rows))
                except OSError as error:
                    fault = error
                except UnicodeError as error:
                    fault = socket.gaierror(socket.EAI_NONAME, str(error))
                try:
                    loop.call_soon_threadsafe(settle, found, fault)
                except RuntimeError:
                    return  # the loop has ended: nobody waits for the answer

            threading.Thread(target=resolve, name=f"resolve {host}", daemon=True).start()
            return await answer


class PinnedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections to the addresses that ``guard`` accepts, and to nothing else.

    Raises ``Refused``, ``NameNotFound``, ``OSError`` and httpcore's ``ConnectTimeout``.
    Answers of the resolver are kept ``ttl_s`` seconds; one question per name is asked at a time.
    """

    def __init__(self, guard: Guard, resolver: Resolver, clock: Callable[[], float], ttl_s: float = 300.0) -> None:
        self._guard = guard
        self._resolver = resolver
        self._clock = clock
        self._ttl_s = ttl_s
        self._known: dict[str, tuple[float, list[str]]] = {}
        self._asking: dict[str, asyncio.Task[list[str]]] = {}

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                addresses = self._guard.usable(host, port, await self._resolve(host, port))
                return await _open_first(_interleave(addresses)[:MAX_ADDRESSES], port, timeout)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"connection to {host}:{port}") from error

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.AsyncNetworkStream:
        raise Refused(Cause.BAD_URL, "unix socket")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _resolve(self, host: str, port: int) -> list[str]:
        if ":" in host or host.replace(".", "").isdigit():
            return [host]  # an address: read_host let no odd spelling through
        known = self._known.get(host)
        if known is not None and known[0] > self._clock():
            return known[1]
        task = self._asking.get(host)
        if task is None:
            task = asyncio.ensure_future(self._resolver_answer(host, port))
            self._asking[host] = task
            task.add_done_callback(lambda done: self._forget(host, done))
        return await asyncio.shield(task)

    async def _resolver_answer(self, host: str, port: int) -> list[str]:
        try:
            addresses = await self._resolver(host, port)
        except OSError as error:
            raise NameNotFound(host, error) from error
        self._known[host] = (self._clock() + self._ttl_s, addresses)
        return addresses

    def _forget(self, host: str, task: asyncio.Task[list[str]]) -> None:
        self._asking.pop(host, None)
        if not task.cancelled():
            task.exception()  # seen: whoever waited has it, or gave up

    def close(self) -> None:
        for task in list(self._asking.values()):
            task.cancel()


class Stream(httpcore.AsyncNetworkStream):
    """A connection on asyncio's own streams (half the cost of the generic backend)."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            async with asyncio.timeout(timeout):
                return await self._reader.read(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout("read") from error
        except (OSError, ssl.SSLError) as error:
            raise httpcore.ReadError(str(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:
            return
        try:
            self._writer.write(buffer)
            async with asyncio.timeout(timeout):
                await self._writer.drain()
        except TimeoutError as error:
            raise httpcore.WriteTimeout("write") from error
        except (OSError, ssl.SSLError) as error:
            raise httpcore.WriteError(str(error)) from error

    async def aclose(self) -> None:
        # Nothing is left to send, and nobody waits for a goodbye: a silent host would hold the slot.
        self._writer.transport.abort()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        except TimeoutError as error:
            self._writer.transport.abort()
            raise httpcore.ConnectTimeout("TLS") from error
        except BaseException:
            self._writer.transport.abort()
            raise
        return self

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            # On an idle connection, anything to read is the other side's goodbye.
            return self._reader.at_eof() or self._reader.exception() is not None or self._writer.is_closing()
        if info == "ssl_object":
            return self._writer.get_extra_info("ssl_object")
        if info == "server_addr":
            return self._writer.get_extra_info("peername")
        return None


def default_ssl_context() -> ssl.SSLContext:
    """The system's authorities (a public body may have added its own) and certifi's."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


async def _open_first(addresses: list[str], port: int, timeout: float | None) -> Stream:
    """Connect to the first address that answers, each having its share of the time."""
    fault: Exception = OSError(errno.EHOSTUNREACH, "no address")
    loop = asyncio.get_running_loop()
    end = None if timeout is None else loop.time() + timeout
    for place, address in enumerate(addresses):
        share = None if end is None else (end - loop.time()) / (len(addresses) - place)
        try:
            async with asyncio.timeout(share):
                reader, writer = await asyncio.open_connection(address, port, limit=BUFFER)
                return Stream(reader, writer)
        except (OSError, TimeoutError) as error:
            fault = error
    raise fault


def _interleave(addresses: list[str]) -> list[str]:
    """Families in turn (RFC 8305, 4): a broken IPv6 costs one attempt, not all of them."""
    six = [address for address in addresses if ":" in address]
    four = [address for address in addresses if ":" not in address]
    first, second = (six, four) if addresses and ":" in addresses[0] else (four, six)
    mixed: list[str] = []
    for place in range(max(len(first), len(second))):
        mixed += first[place : place + 1] + second[place : place + 1]
    return mixed
