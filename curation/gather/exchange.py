"""One request, one answer: the only place that speaks HTTP. No redirect, no retry, no judgement."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpcore

from curation.config import Politeness
from curation.gather.content_coding import ACCEPT_ENCODING, CodingError, Decoding, TooLarge
from curation.gather.guard import Guard, Refused, Target
from curation.gather.hosts import Host
from curation.gather.outcome import Request
from curation.gather.response import judge_type
from curation.gather.wire import NameNotFound, PinnedBackend, Resolver, ThreadResolver, default_ssl_context
from curation.types import Cause

#: A body that nobody wants is read up to this many bytes, to keep the connection.
_DRAIN_BYTES = 32_768
_MAX_COOKIES = 20
_KEEPALIVE_S = 30.0

_ACCEPT = {
    "feed": b"application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, "
    b"text/xml;q=0.9, application/json;q=0.8, */*;q=0.5",
    "page": b"text/html, application/xhtml+xml, application/xml;q=0.8, */*;q=0.5",
    "any": b"*/*",
}
_FIELD_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,1000}[\x21-\x7e])?\Z")
_COOKIE = re.compile(r"\s{0,9}([!#$%&'*+.^_`|~0-9A-Za-z-]{1,100})=([\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{0,1000})")


class Fault(Exception):
    """One attempt failed.

    ``passing``: worth another attempt. ``of_host``: it failed before any answer, which speaks
    of the host; otherwise of the URL.
    """

    def __init__(
        self,
        cause: Cause,
        detail: str,
        *,
        passing: bool = False,
        of_host: bool = False,
        status: int | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.cause = cause
        self.detail = detail
        self.passing = passing
        self.of_host = of_host
        self.status = status
        self.retry_after_s = retry_after_s
        self.host: Host | None = None  # who was asked, once somebody was


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, fields (names in lower case, last value) and body, codings undone; no body unless 2xx."""

    status: int
    fields: Mapping[str, str]
    cookies: Mapping[str, str]
    body: bytes


class Wire:
    """The pool of connections of one fetcher. Bound to one event loop; ``aclose`` ends it."""

    def __init__(
        self,
        politeness: Politeness,
        guard: Guard,
        user_agent: str,
        clock: Callable[[], float],
        resolver: Resolver | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._limit = politeness.max_decompressed_bytes
        self._backend = PinnedBackend(guard, resolver or ThreadResolver(), clock)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl_context or default_ssl_context(),
            max_connections=politeness.total * 4,
            max_keepalive_connections=politeness.total * 2,
            keepalive_expiry=_KEEPALIVE_S,
            network_backend=self._backend,
        )
        self._fields = {
            accept: [
                (b"User-Agent", user_agent.encode("ascii")),
                (b"Accept", value),
                (b"Accept-Encoding", ACCEPT_ENCODING.encode("ascii")),
                (b"Accept-Language", b"fr, en;q=0.5"),
            ]
            for accept, value in _ACCEPT.items()
        }
        self._extensions = {
            "timeout": {
                "connect": politeness.connect_timeout_s,
                "read": politeness.read_timeout_s,
                "write": politeness.read_timeout_s,
                "pool": None,
            }
        }

    async def aclose(self) -> None:
        self._backend.close()
        await self._pool.aclose()

    async def exchange(
        self,
        target: Target,
        asked: Request,
        *,
        cookies: Mapping[str, str],
        max_bytes: int,
        cut: bool = False,
        known: bool = False,
    ) -> Answer:
        """Ask ``target``. Raises ``Fault``.

        ``max_bytes`` bounds the body on the wire; with ``cut`` what passes it is dropped instead of
        refused. ``known``: the host answered before, so that a connection may have been kept.
        """
        request = self._request(target, asked, cookies)
        try:
            try:
                response = await self._pool.handle_async_request(request)
            except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError):
                if not known:
                    raise
                # A kept connection that the other side closed meanwhile: nobody's fault.
                response = await self._pool.handle_async_request(request)
            try:
                return await _read(response, asked, max_bytes, self._limit, cut)
            finally:
                await response.aclose()
        except Fault:
            raise
        except Exception as error:
            raise explain(error) from error

    def _request(self, target: Target, asked: Request, cookies: Mapping[str, str]) -> httpcore.Request:
        fields = [(b"Host", target.authority.encode("ascii")), *self._fields[asked.accept]]
        if asked.etag and _FIELD_VALUE.match(asked.etag):
            fields.append((b"If-None-Match", asked.etag.encode("ascii")))
        if asked.last_modified and _FIELD_VALUE.match(asked.last_modified):
            fields.append((b"If-Modified-Since", asked.last_modified.encode("ascii")))
        if cookies:
            fields.append((b"Cookie", "; ".join(f"{k}={v}" for k, v in cookies.items()).encode("ascii")))
        url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.target)
        return httpcore.Request(b"GET", url, headers=fields, extensions=self._extensions)


async def _read(response: httpcore.Response, asked: Request, max_bytes: int, limit: int, cut: bool) -> Answer:
    fields: dict[str, str] = {}
    cookies: dict[str, str] = {}
    codings: list[str] = []
    for raw_name, raw_value in response.headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name == "set-cookie":
            if len(cookies) < _MAX_COOKIES and (match := _COOKIE.match(value)):
                cookies[match[1]] = match[2]
        elif name == "content-encoding":
            codings.append(value)
        else:
            fields[name] = value
    status = response.status
    length = fields.get("content-length", "")
    declared = int(length) if length.isdecimal() and len(length) < 19 else None
    if not 200 <= status < 300 or status in (204, 205):
        if declared is not None and declared <= _DRAIN_BYTES:
            async for _ in response.aiter_stream():
                pass
        return Answer(status, fields, cookies, b"")
    if verdict := judge_type(fields.get("content-type", ""), asked.accept):
        raise Fault(verdict.cause, verdict.detail, status=status)
    if declared is not None and declared > max_bytes and not cut:
        raise Fault(Cause.TOO_LARGE, f"{declared} bytes announced", status=status)
    decoding = Decoding(",".join(codings), min(limit, max_bytes) if cut else limit)
    received = 0
    try:
        async for chunk in response.aiter_stream():
            received += len(chunk)
            if received > max_bytes:
                if cut:
                    return Answer(status, fields, cookies, decoding.so_far())
                raise Fault(Cause.TOO_LARGE, f"more than {max_bytes} bytes", status=status)
            decoding.feed(chunk)
        return Answer(status, fields, cookies, decoding.finish())
    except TooLarge:
        if cut:
            return Answer(status, fields, cookies, decoding.so_far())
        raise Fault(Cause.TOO_LARGE, f"more than {limit} bytes once decompressed", status=status) from None
    except CodingError as error:
        raise Fault(Cause.HTTP_ERROR, f"content coding: {error}", status=status) from None


def explain(error: Exception) -> Fault:
    """What an exception of the connection means."""
    detail = f"{type(error).__name__}: {error}"[:200]
    if isinstance(error, Refused):
        return Fault(error.cause, error.detail)
    if isinstance(error, CodingError):
        return Fault(Cause.HTTP_ERROR, f"content coding: {error}")
    if isinstance(error, NameNotFound):
        return Fault(Cause.DNS, str(error), passing=error.passing, of_host=True)
    if isinstance(error, httpcore.ConnectTimeout):
        return Fault(Cause.TIMEOUT, str(error), passing=True, of_host=True)
    if isinstance(error, httpcore.TimeoutException):
        return Fault(Cause.TIMEOUT, f"silence during {error}", passing=True)
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return Fault(Cause.TLS, str(error)[:200], of_host=True)
    if isinstance(error, ConnectionRefusedError):
        return Fault(Cause.REFUSED, detail, of_host=True)
    if isinstance(error, httpcore.LocalProtocolError):
        return Fault(Cause.BAD_URL, detail)
    if isinstance(error, OSError):
        return Fault(Cause.NETWORK, detail, passing=True, of_host=True)
    # Everything else comes from what the other side sent, or from its hanging up.
    return Fault(Cause.NETWORK, detail, passing=True)
