"""The fetcher against a real site on loopback: every cause of failure, and what a good answer carries."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import brotli
import pytest

from curation.gather.outcome import Accept, Fetched, NotModified, Outcome
from curation.types import Cause, Failure
from tests.gather.loopback import FEED, HANG, HANG_UP, PAGE, Clock, Site, answer, feed, fetcher, moved

LOGIN = (
    "<html><head><title>Se connecter – Intranet</title></head><body><form><input name=u>"
    "<input type='password' name=p></form></body></html>"
).encode()
MISSING = b"<html><head><title>Page introuvable - Pays de Brume</title></head><body>Oups</body></html>"
HOME = (
    b"<html><head><title>Pays de Brume</title><link rel='alternate' type='application/rss+xml' title='Commentaires' "
    b"href='/comments/feed'><link type=application/rss+xml rel=alternate href='/flux.xml?a=1&amp;b=2'></head></html>"
)


def run(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(scenario())


def ask(
    routes: dict[str, Any],
    path: str = "/a",
    accept: Accept = "any",
    *,
    clock: Clock | None = None,
    etag: str | None = None,
    last_modified: str | None = None,
    **politeness: Any,
) -> tuple[Outcome, Site]:
    """One URL asked of one site; the site comes back to be questioned."""

    async def scenario() -> tuple[Outcome, Site]:
        async with Site(routes) as site, fetcher(clock, **politeness) as asking:
            outcome = await asking.fetch(site.url(path), accept=accept, etag=etag, last_modified=last_modified)
            return outcome, site

    return asyncio.run(scenario())


def cause_of(routes: dict[str, Any], path: str = "/a", accept: Accept = "any", **options: Any) -> Cause:
    outcome, _ = ask(routes, path, accept, **options)
    assert isinstance(outcome, Failure), outcome
    assert outcome.url.endswith(path)
    assert outcome.at is not None
    assert outcome.detail
    return outcome.cause


def test_a_good_answer_carries_body_type_and_validators() -> None:
    outcome, site = ask({"/a": feed(ETag='"v1"', Last_Modified="Mon, 23 Nov 2026 04:00:00 GMT")}, accept="feed")
    assert isinstance(outcome, Fetched)
    assert outcome.body == FEED
    assert (outcome.url, outcome.final_url, outcome.permanent_url) == (site.url("/a"), site.url("/a"), None)
    assert (outcome.status, outcome.content_type) == (200, "application/rss+xml")
    assert (outcome.etag, outcome.last_modified) == ('"v1"', "Mon, 23 Nov 2026 04:00:00 GMT")


def test_the_request_says_who_asks_and_what_for() -> None:
    _, site = ask({"/a": feed()}, accept="feed", contact="mailto:veille@pays-de-brume.fr")
    fields = site.seen[0][1]
    assert fields["user-agent"] == "veille/0.1 (+mailto:veille@pays-de-brume.fr)"
    assert fields["host"] == f"127.0.0.1:{site.port}"
    assert fields["accept"].startswith("application/rss+xml")
    assert fields["accept-encoding"] == "gzip, deflate, br"
    assert "if-none-match" not in fields


def test_validators_are_sent_and_304_is_not_a_failure() -> None:
    def conditional(fields: dict[str, str]) -> bytes:
        same = fields.get("if-none-match") == '"v1"' and fields.get("if-modified-since") == "hier"
        return answer(status=304) if same else feed()

    outcome, site = ask({"/a": conditional}, accept="feed", etag='"v1"', last_modified="hier")
    assert outcome == NotModified(site.url("/a"), '"v1"', "hier", None)


def test_a_validator_that_is_not_a_field_value_is_not_sent() -> None:
    _, site = ask({"/a": feed()}, etag='"a"\r\nX-Injected: 1', last_modified="é")
    assert "if-none-match" not in site.seen[0][1]
    assert "x-injected" not in site.seen[0][1]


def test_304_without_a_question_is_a_failure() -> None:
    assert cause_of({"/a": answer(status=304)}) is Cause.HTTP_ERROR


@pytest.mark.parametrize(
    ("header", "code"),
    [("gzip", gzip.compress), ("br", brotli.compress), ("gzip, br", lambda body: brotli.compress(gzip.compress(body)))],
)
def test_codings_are_undone(header: str, code: Callable[[bytes], bytes]) -> None:
    outcome, _ = ask({"/a": answer(code(FEED), Content_Encoding=header)}, accept="feed")
    assert isinstance(outcome, Fetched)
    assert outcome.body == FEED


def test_a_chunked_body_is_read_whole() -> None:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (FEED[:10], FEED[10:])) + b"0\r\n\r\n"
    outcome, _ = ask({"/a": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks})
    assert isinstance(outcome, Fetched)
    assert outcome.body == FEED


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (204, Cause.EMPTY),
        (400, Cause.HTTP_ERROR),
        (401, Cause.UNAUTHORIZED),
        (402, Cause.PAYWALL),
        (403, Cause.FORBIDDEN),
        (404, Cause.NOT_FOUND),
        (410, Cause.GONE),
        (418, Cause.HTTP_ERROR),
        (429, Cause.RATE_LIMITED),
        (451, Cause.FORBIDDEN),
        (500, Cause.SERVER_ERROR),
        (503, Cause.SERVER_ERROR),
        (599, Cause.SERVER_ERROR),
    ],
)
def test_a_status_becomes_a_cause(status: int, cause: Cause) -> None:
    outcome, _ = ask({"/a": answer(b"desole", status)})
    assert isinstance(outcome, Failure)
    assert (outcome.cause, outcome.status) == (cause, status)


@pytest.mark.parametrize(
    ("reply", "accept", "cause"),
    [
        (answer(b""), "any", Cause.EMPTY),
        (answer(b"\xef\xbb\xbf \r\n "), "page", Cause.EMPTY),
        (answer(b"", kind="application/rss+xml"), "feed", Cause.EMPTY),
        (answer(PAGE), "feed", Cause.HTML_NOT_FEED),
        (answer(b"Erreur de connexion", kind="text/plain"), "feed", Cause.NOT_A_FEED),
        (answer(b"\x89PNG...", kind="image/png"), "feed", Cause.UNSUPPORTED_TYPE),
        (answer(b"%PDF-1.7 ...", kind="application/pdf"), "page", Cause.UNSUPPORTED_TYPE),
        (answer(b"%PDF-1.7 ...", kind="text/html"), "page", Cause.UNSUPPORTED_TYPE),
        (answer(MISSING), "page", Cause.SOFT_404),
        (answer(LOGIN), "page", Cause.LOGIN_WALL),
        (answer(LOGIN), "feed", Cause.LOGIN_WALL),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\ncourt", "any", Cause.NETWORK),
        (b"n'importe quoi\r\n\r\n", "any", Cause.NETWORK),
        (b"HTTP/1.1 200 OK\r\nbad field\r\n\r\n", "any", Cause.NETWORK),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000 + b"\r\n\r\n", "any", Cause.NETWORK),
        (HANG_UP, "any", Cause.NETWORK),
        (answer(b"x", Content_Encoding="zstd"), "any", Cause.HTTP_ERROR),
        (answer(gzip.compress(FEED)[:-20], Content_Encoding="gzip"), "any", Cause.HTTP_ERROR),
        (answer(status=302), "any", Cause.HTTP_ERROR),
    ],
)
def test_what_the_site_sends_becomes_a_cause(reply: bytes, accept: Accept, cause: Cause) -> None:
    close = reply.startswith((b"n'", b"HTTP/1.1 200 OK\r\n"))
    routes = {"/a": reply.replace(b" OK\r\n", b" OK\r\nConnection: close\r\n", 1) if close else reply}
    if not reply.startswith(b"HTTP") and reply != HANG_UP:
        routes = {"/a": reply + b"Connection: close"}
    assert cause_of(routes, accept=accept) is cause


def test_an_html_page_in_place_of_a_feed_gives_the_feed_it_advertises() -> None:
    outcome, site = ask({"/a": answer(HOME)}, accept="feed")
    assert isinstance(outcome, Failure)
    assert outcome.cause is Cause.HTML_NOT_FEED
    assert outcome.suggested_url == site.url("/flux.xml?a=1&b=2")


# Sizes -----------------------------------------------------------------------------------------


def test_sizes_are_limited_on_the_wire_and_once_decompressed() -> None:
    big = b"a" * 50_000
    endless = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + big
    bomb = answer(gzip.compress(b"\0" * 20_000_000), Content_Encoding="gzip")
    assert cause_of({"/a": answer(big)}, max_bytes=10_000) is Cause.TOO_LARGE
    assert cause_of({"/a": endless}, max_bytes=10_000) is Cause.TOO_LARGE
    assert cause_of({"/a": bomb}, max_decompressed_bytes=1_000_000) is Cause.TOO_LARGE


# Redirects -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statuses", "permanent"),
    [((301,), "/1"), ((308, 301), "/2"), ((302,), None), ((302, 301), None), ((301, 307), "/1"), ((303,), None)],
)
def test_an_unbroken_permanent_chain_is_reported(statuses: tuple[int, ...], permanent: str | None) -> None:
    routes: dict[str, Any] = {f"/{place}": moved(f"/{place + 1}", status) for place, status in enumerate(statuses)}
    routes[f"/{len(statuses)}"] = feed()
    outcome, site = ask(routes, "/0", "feed")
    assert isinstance(outcome, Fetched)
    assert outcome.final_url == site.url(f"/{len(statuses)}")
    assert outcome.permanent_url == (permanent and site.url(permanent))


def test_redirects_end() -> None:
    circle = {"/a": moved("/b"), "/b": moved("/a")}
    assert cause_of(circle) is Cause.TOO_MANY_REDIRECTS
    endless = {f"/{place}": moved(f"/{place + 1}") for place in range(50)}
    outcome, site = ask(endless, "/0", max_redirects=3)
    assert isinstance(outcome, Failure)
    assert outcome.cause is Cause.TOO_MANY_REDIRECTS
    assert site.paths == ["/0", "/1", "/2", "/3"]


def test_a_site_that_wants_its_cookie_back_is_no_circle() -> None:
    def gate(fields: dict[str, str]) -> bytes:
        return feed() if fields.get("cookie") == "vu=1" else moved("/a", Set_Cookie="vu=1; Path=/; Secure")

    outcome, _ = ask({"/a": gate}, accept="feed")
    assert isinstance(outcome, Fetched)


@pytest.mark.parametrize(
    ("to", "cause"),
    [
        ("http://127.0.0.1:1/", Cause.PRIVATE_ADDRESS),
        ("http://localhost:1/", Cause.PRIVATE_ADDRESS),
        ("http://169.254.169.254/latest/meta-data/", Cause.PRIVATE_ADDRESS),
        ("http://[::ffff:127.0.0.1]/", Cause.PRIVATE_ADDRESS),
        ("http://[64:ff9b::a9fe:a9fe]/", Cause.PRIVATE_ADDRESS),
        ("http://2130706433/", Cause.PRIVATE_ADDRESS),
        ("//10.0.0.1/", Cause.PRIVATE_ADDRESS),
        ("file:///etc/passwd", Cause.BAD_URL),
        ("http://a:b@exemple.fr/", Cause.BAD_URL),
        ("http://[", Cause.BAD_URL),
    ],
)
def test_a_redirect_is_checked_like_the_first_url(to: str, cause: Cause) -> None:
    async def scenario() -> None:
        async def resolver(host: str, port: int) -> list[str]:
            assert host == "localhost"
            return ["127.0.0.1"]

        async with Site({"/a": moved(to)}) as site:
            only = (f"127.0.0.1:{site.port}",)
            async with fetcher(resolver=resolver, allow_private_hosts=only) as asking:
                outcome = await asking.fetch(site.url("/a"))
        assert isinstance(outcome, Failure)
        assert outcome.cause is cause

    run(scenario)


# Addresses and names ---------------------------------------------------------------------------


def test_a_public_name_that_leads_inside_is_refused_before_any_connection() -> None:
    async def resolver(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async def scenario() -> None:
        async with Site({"/": feed()}) as site, fetcher(resolver=resolver) as asking:
            outcome = await asking.fetch(f"http://innocent.exemple.fr:{site.port}/")
            assert isinstance(outcome, Failure)
            assert outcome.cause is Cause.PRIVATE_ADDRESS
            assert site.connections == 0

    run(scenario)


def test_without_permission_loopback_is_out_of_bounds() -> None:
    assert cause_of({"/a": feed()}, allow_private_hosts=()) is Cause.PRIVATE_ADDRESS


def test_a_bad_url_is_a_failure_too() -> None:
    async def scenario() -> None:
        async with fetcher() as asking:
            for url in ("ftp://exemple.fr/", "http://[", "pas une adresse", "http://a:b@exemple.fr/"):
                outcome = await asking.fetch(url)
                assert isinstance(outcome, Failure)
                assert (outcome.cause, outcome.url) == (Cause.BAD_URL, url)

    run(scenario)


def test_a_name_that_does_not_exist_is_not_asked_twice_a_passing_fault_is() -> None:
    asked: list[str] = []

    async def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        raise socket.gaierror(socket.EAI_AGAIN if "passager" in host else socket.EAI_NONAME, "unknown")

    async def scenario() -> None:
        async with fetcher(resolver=resolver, retries=1) as asking:
            for url in ("http://perdu.exemple.fr/", "http://passager.exemple.fr/"):
                outcome = await asking.fetch(url)
                assert isinstance(outcome, Failure)
                assert outcome.cause is Cause.DNS

    run(scenario)
    assert asked == ["perdu.exemple.fr", "passager.exemple.fr", "passager.exemple.fr"]


def test_a_closed_port_is_a_refusal() -> None:
    async def scenario() -> None:
        async with Site({}) as site:
            url = site.url("/")
        async with fetcher() as asking:
            outcome = await asking.fetch(url)
        assert isinstance(outcome, Failure)
        assert outcome.cause is Cause.REFUSED

    run(scenario)


# Time ------------------------------------------------------------------------------------------


def test_silence_is_a_timeout_wherever_it_falls() -> None:
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nmoitie"
    assert cause_of({"/a": HANG}, read_timeout_s=0.05) is Cause.TIMEOUT
    assert cause_of({"/a": half}, read_timeout_s=0.05) is Cause.TIMEOUT
    assert cause_of({"/a": HANG}, total_timeout_s=1, read_timeout_s=0.05) is Cause.TIMEOUT

    async def resolver(host: str, port: int) -> list[str]:
        await asyncio.sleep(30)
        return []

    async def scenario() -> None:
        async with fetcher(resolver=resolver, connect_timeout_s=0.05) as asking:
            outcome = await asking.fetch("http://lent.exemple.fr/")
            assert isinstance(outcome, Failure)
            assert outcome.cause is Cause.TIMEOUT

    run(scenario)


def test_a_site_that_drips_is_stopped_by_the_total_time() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            for _ in range(1000):
                writer.write(b"a")
                await writer.drain()
                await asyncio.sleep(0.02)
        except OSError:
            pass
        finally:
            writer.transport.abort()

    async def scenario() -> None:
        server = await asyncio.start_server(drip, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with fetcher(total_timeout_s=1, read_timeout_s=0.5) as asking:
            outcome = await asking.fetch(f"http://127.0.0.1:{port}/")
        server.close()
        assert isinstance(outcome, Failure)
        assert outcome.cause is Cause.TIMEOUT
        assert "in all" in outcome.detail

    run(scenario)


def test_a_passing_fault_is_tried_again_after_a_wait_that_grows() -> None:
    clock = Clock()
    outcome, site = ask({"/a": [answer(status=502), answer(status=503), feed()]}, clock=clock, retries=2)
    assert isinstance(outcome, Fetched)
    assert len(site.seen) == 3
    first, second = clock.naps
    assert 0.25 <= first <= 0.75
    assert 0.5 <= second <= 1.5


def test_a_lasting_fault_is_not_tried_again() -> None:
    for status in (404, 403, 410, 500):
        _, site = ask({"/a": answer(status=status)}, retries=3)
        assert len(site.seen) == 1


def test_a_connection_closed_meanwhile_is_nobodys_fault() -> None:
    async def scenario() -> None:
        async with Site({"/a": feed(), "/b": [HANG_UP, feed()]}) as site, fetcher() as asking:
            assert isinstance(await asking.fetch(site.url("/a")), Fetched)
            assert isinstance(await asking.fetch(site.url("/b")), Fetched)

    run(scenario)


@pytest.mark.parametrize("wait", ["7", "Mon, 21 Sep 2026 14:13:27 GMT"])
def test_a_short_retry_after_is_waited_for(wait: str) -> None:
    clock = Clock()  # the time of day is 1 790 000 000 s, 2026-09-21T14:13:20Z
    outcome, site = ask({"/a": [answer(status=429, Retry_After=wait), feed()]}, clock=clock, retries=1)
    assert isinstance(outcome, Fetched)
    assert clock.naps == [7.0]
    assert len(site.seen) == 2


def test_a_long_retry_after_is_reported_and_the_host_left_alone() -> None:
    async def scenario() -> None:
        clock = Clock()
        routes = {"/a": answer(status=429, Retry_After="3600"), "/b": feed()}
        async with Site(routes) as site, fetcher(clock, retries=1) as asking:
            first = await asking.fetch(site.url("/a"))
            clock.time += 600
            second = await asking.fetch(site.url("/b"))
            clock.time += 3001
            third = await asking.fetch(site.url("/b"))
        assert isinstance(first, Failure)
        assert (first.cause, first.retry_after_s, first.status) == (Cause.RATE_LIMITED, 3600.0, 429)
        assert isinstance(second, Failure)
        assert (second.cause, second.retry_after_s) == (Cause.RATE_LIMITED, 3000.0)
        assert isinstance(third, Fetched)
        assert site.paths == ["/a", "/b"]
        assert clock.naps == []

    run(scenario)


@pytest.mark.parametrize("wait", ["demain", "-5", "1e9", "٣", "Mon, 99 Foo 2026 99:99:99 GMT", "9" * 40, ""])
def test_an_unreadable_retry_after_is_ignored(wait: str) -> None:
    outcome, _ = ask({"/a": answer(status=503, Retry_After=wait)} if wait.isascii() else {"/a": answer(status=503)})
    assert isinstance(outcome, Failure)
    assert (outcome.cause, outcome.retry_after_s) == (Cause.SERVER_ERROR, None)
