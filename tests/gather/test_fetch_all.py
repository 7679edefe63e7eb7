"""Many URLs: bounds, turns, hosts at rest, a network that is not there, and the synchronous door."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
import time
from collections import Counter

import pytest

from curation.config import Politeness
from curation.gather.background import BackgroundFetcher
from curation.gather.guard import Guard, read_url
from curation.gather.hosts import ERROR_PATIENCE, LOST_AFTER_HOSTS, PROBE_EVERY_S, Hosts
from curation.gather.outcome import Fetched, Outcome, Request
from curation.gather.turns import Turns
from curation.types import Cause, Failure
from tests.gather.loopback import HANG, HANG_UP, PAGE, Clock, Site, answer, feed, fetcher


def causes(found: list[tuple[Request, Outcome]]) -> Counter[str]:
    return Counter(o.cause.value if isinstance(o, Failure) else type(o).__name__ for _, o in found)


def test_every_request_comes_back_once_with_its_outcome() -> None:
    async def scenario() -> None:
        done: list[Request] = []
        async with Site({"/a": feed(), "/b": answer(status=404)}) as site, fetcher() as asking:
            asked = [Request(site.url(path), "feed", key=str(n)) for n, path in enumerate(["/a", "/b"] * 10)]
            asked.append(Request("ftp://exemple.fr/", key="bad"))
            found = [pair async for pair in asking.fetch_all(asked, lambda request, _: done.append(request))]
        assert sorted(request.key for request, _ in found) == sorted(request.key for request in asked)
        assert done == [request for request, _ in found]
        assert causes(found) == {"Fetched": 10, "not_found": 10, "bad_url": 1}

    asyncio.run(scenario())


def test_nothing_asked_is_nothing_done() -> None:
    async def scenario() -> None:
        async with fetcher() as asking:
            assert [pair async for pair in asking.fetch_all([])] == []

    asyncio.run(scenario())


def test_requests_at_once_are_bounded_in_all_and_per_host() -> None:
    async def scenario() -> None:
        routes = {f"/{n}": feed() for n in range(12)}
        async with Site(routes, pause_s=0.01) as one, Site(routes, pause_s=0.01) as two:
            asked = [Request(site.url(f"/{n}"), "feed") for n in range(12) for site in (one, two)]
            async with fetcher(total=16, per_host=2) as asking:
                found = [pair async for pair in asking.fetch_all(asked)]
            assert causes(found) == {"Fetched": 24}
            assert (one.busiest, two.busiest) == (2, 2)
            one.busiest = two.busiest = 0
            async with fetcher(total=3, per_host=3) as asking:
                await asyncio.gather(*(asking.fetch(request.url) for request in asked))
            assert max(one.busiest, two.busiest) <= 3

    asyncio.run(scenario())


def test_connections_are_kept() -> None:
    async def scenario() -> None:
        async with Site({"/a": feed()}) as site, fetcher(per_host=2) as asking:
            async for _ in asking.fetch_all([Request(site.url("/a"))] * 30):
                pass
            assert site.connections <= 2

    asyncio.run(scenario())


def test_a_consumer_that_stops_stops_the_work() -> None:
    async def scenario() -> None:
        async with Site({"/a": feed()}) as site, fetcher(total=2) as asking:
            results = asking.fetch_all([Request(site.url("/a"))] * 200)
            async for _ in results:
                break
            await results.aclose()
            assert len(site.seen) < 20
            assert isinstance(await asking.fetch(site.url("/a")), Fetched), "still usable"

    asyncio.run(scenario())


def test_a_pause_is_kept_between_two_requests_to_one_host() -> None:
    async def scenario() -> None:
        clock = Clock()
        async with Site({"/a": feed()}) as site, fetcher(clock, min_delay_s=2.0) as asking:
            found = [pair async for pair in asking.fetch_all([Request(site.url("/a"))] * 4)]
        assert causes(found) == {"Fetched": 4}
        assert clock.time - 1000.0 >= 6.0

    asyncio.run(scenario())


def test_turns_go_round_the_hosts() -> None:
    async def scenario() -> None:
        asked = [Request(f"http://{host}.fr/{n}") for host in "abc" for n in range(3)]
        turns = Turns(asked, per_host=2)
        first = [await turns.take() for _ in range(6)]
        assert [taken and taken[0] for taken in first] == ["a.fr", "b.fr", "c.fr"] * 2
        waiting = asyncio.ensure_future(turns.take())
        await asyncio.sleep(0)
        assert not waiting.done(), "every host has its two requests out"
        for host in ("b.fr", "a.fr", "c.fr"):
            turns.give_back(host)
        rest = [await waiting, await turns.take(), await turns.take()]
        assert [taken and taken[0] for taken in rest] == ["b.fr", "a.fr", "c.fr"]
        assert await turns.take() is None
        assert await turns.take() is None

    asyncio.run(scenario())


# Hosts at rest ---------------------------------------------------------------------------------


def hosts(clock: Clock, rest: int = 3, allowed: tuple[str, ...] = ()) -> Hosts:
    return Hosts(Guard(allowed), clock, 2, 0.0, rest)


def test_a_host_rests_after_failures_in_a_row_and_only_then() -> None:
    book = hosts(Clock())
    host = book.of(read_url("https://a.fr/"))
    for _ in range(5):
        book.failed(host, Cause.TIMEOUT)
        book.failed(host, Cause.DNS)
        book.failed(host, Cause.NOT_FOUND)  # not of the network
        assert book.rests(host) is None
        book.answered(host, 200)
    for _ in range(3):
        assert book.rests(host) is None
        book.failed(host, Cause.TLS)
    assert book.rests(host)
    assert book.rests(book.of(read_url("https://b.fr/"))) is None
    assert book.of(read_url("http://a.fr/x")) is host, "both default ports are one host"
    assert book.of(read_url("http://a.fr:8080/")) is not host


def test_a_host_that_answers_only_errors_rests_too_but_later() -> None:
    book = hosts(Clock())
    host = book.of(read_url("https://a.fr/"))
    for _ in range(3 * ERROR_PATIENCE):
        assert book.rests(host) is None
        book.answered(host, 503)
    assert book.rests(host)


def test_when_nobody_answers_it_is_the_network() -> None:
    clock = Clock()
    book = hosts(clock, allowed=("127.0.0.1",))
    private = book.of(read_url("http://127.0.0.1/"))
    for number in range(LOST_AFTER_HOSTS):
        host = book.of(read_url(f"https://h{number}.fr/"))
        assert book.rests(host) is None
        book.answered(private, 200)  # loopback says nothing of the internet
        book.failed(host, Cause.DNS)
        book.failed(host, Cause.DNS)  # the same host counts once
    other = book.of(read_url("https://autre.fr/"))
    assert book.rests(other) == "network out of reach"
    assert book.given_up(other)
    assert book.rests(private) is None
    clock.time += PROBE_EVERY_S
    assert book.rests(other) is None, "one probe"
    assert book.rests(other), "and one only"
    book.answered(other, 404)
    assert book.rests(host) is None, "somebody answers: the network is back"


def test_some_dead_hosts_among_living_ones_do_not_stop_the_night() -> None:
    book = hosts(Clock())
    living = book.of(read_url("https://vivant.fr/"))
    for number in range(200):
        dead = book.of(read_url(f"https://h{number}.fr/"))
        book.failed(dead, Cause.TIMEOUT)
        if number % 5 == 0:
            book.answered(living, 200)
    assert book.rests(living) is None


@pytest.mark.parametrize("reply", [HANG_UP, HANG])
def test_the_pages_of_a_silent_host_are_given_up(reply: bytes) -> None:
    async def scenario() -> None:
        async with Site({"/robots.txt": reply}) as site, fetcher(read_timeout_s=0.05, retries=1) as asking:
            asked = [Request(site.url(f"/{n}"), "page") for n in range(100)]
            found = [pair async for pair in asking.fetch_all(asked)]
            assert causes(found)["host_resting"] >= 95
            assert len(site.seen) < 15

    asyncio.run(scenario())


def test_a_night_without_names_asks_few_of_them() -> None:
    asked: list[str] = []

    async def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    async def scenario() -> None:
        clock = Clock()
        async with Site({"/a": answer(PAGE)}) as site, fetcher(clock, resolver=resolver, retries=1) as asking:
            pages = [Request(f"https://h{n % 100}.exemple.fr/{n}", "page") for n in range(500)]
            found = [pair async for pair in asking.fetch_all(pages)]
            assert set(causes(found)) == {"dns", "host_resting"}
            assert causes(found)["host_resting"] > 460
            assert len(asked) < 60
            assert isinstance(await asking.fetch(site.url("/a"), accept="page"), Fetched)

    asyncio.run(scenario())


def test_a_night_without_answers_waits_for_one_round_of_timeouts() -> None:
    asked: list[str] = []

    async def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        await asyncio.sleep(30)
        return []

    async def scenario() -> None:
        async with fetcher(resolver=resolver, retries=2, connect_timeout_s=0.05, total=16) as asking:
            pages = [Request(f"https://h{n % 100}.exemple.fr/{n}", "page") for n in range(500)]
            found = [pair async for pair in asking.fetch_all(pages)]
        assert causes(found)["timeout"] <= 32
        assert causes(found)["host_resting"] >= 468

    asyncio.run(scenario())
    assert len(asked) <= 32


# The synchronous door --------------------------------------------------------------------------


class SiteThread:
    """A site served from a thread, for callers without an event loop."""

    def __init__(self) -> None:
        self.site = Site({"/a": feed(), "/b": answer(status=404), "/hang": HANG})
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self) -> Site:
        self.thread.start()
        return asyncio.run_coroutine_threadsafe(self.site.__aenter__(), self.loop).result()

    def __exit__(self, *_: object) -> None:
        async def end() -> None:
            await self.site.__aexit__(None, None, None)
            rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in rest:
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


def answers(asking: BackgroundFetcher, requests: list[Request], size: int = 7) -> list[tuple[Request, Outcome]]:
    return [answer for batch in asking.batches(requests, size) for answer in batch]


def test_code_without_an_event_loop_asks_in_order() -> None:
    politeness = Politeness(allow_private_hosts=("127.0.0.1",))
    with SiteThread() as site, BackgroundFetcher(politeness) as asking:
        found = asking.ask([Request(site.url(path)) for path in ["/a", "/b", "/b", "/a"] * 5])
        assert [isinstance(outcome, Fetched) for outcome in found] == [True, False, False, True] * 5
        assert asking.ask([]) == []
        same = Request(site.url("/a"))
        assert [type(outcome) for outcome in asking.ask([same, same])] == [Fetched, Fetched]


def test_answers_come_by_batches_and_leaving_early_is_allowed() -> None:
    politeness = Politeness(allow_private_hosts=("127.0.0.1",))
    with SiteThread() as site, BackgroundFetcher(politeness) as asking:
        asked = [Request(site.url(path), key=str(n)) for n, path in enumerate(["/a", "/b"] * 20)]
        batches = list(asking.batches(asked, 16))
        assert [len(batch) for batch in batches] == [16, 16, 8]
        assert sorted(r.key for batch in batches for r, _ in batch) == sorted(r.key for r in asked)
        assert causes([answer for batch in batches for answer in batch]) == {"Fetched": 20, "not_found": 20}
        for _ in asking.batches(asked, 3):
            break
        assert isinstance(asking.ask(asked[:1])[0], Fetched)


def test_the_network_works_while_the_caller_does_but_not_far_ahead() -> None:
    politeness = Politeness(allow_private_hosts=("127.0.0.1",), total=2, per_host=2)
    with SiteThread() as site, BackgroundFetcher(politeness) as asking:
        batches = asking.batches([Request(site.url("/a"))] * 200, 5)
        next(batches)
        end = time.monotonic() + 10
        while len(site.seen) < 10 and time.monotonic() < end:
            time.sleep(0.01)
        assert len(site.seen) >= 10, "the next batch is on its way"
        time.sleep(0.2)
        assert len(site.seen) < 30, "and no more than that one, and what is in hand"
        batches.close()


def test_a_generator_left_open_outlives_its_fetcher_quietly() -> None:
    politeness = Politeness(allow_private_hosts=("127.0.0.1",))
    with SiteThread() as site:
        with BackgroundFetcher(politeness) as asking:
            batches = asking.batches([Request(site.url("/a"))] * 50, 5)
            next(batches)
        batches.close()


def test_several_threads_may_share_the_door() -> None:
    politeness = Politeness(allow_private_hosts=("127.0.0.1",), per_host=4)
    totals: list[Counter[str]] = []
    with SiteThread() as site, BackgroundFetcher(politeness) as asking:

        def work() -> None:
            totals.append(causes(answers(asking, [Request(site.url("/a"))] * 20)))

        workers = [threading.Thread(target=work) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert totals == [Counter({"Fetched": 20})] * 4


def test_an_interruption_ends_the_work_cleanly() -> None:
    class Interrupted(BaseException):
        pass

    def interrupt(*_: object) -> None:
        raise Interrupted

    politeness = Politeness(allow_private_hosts=("127.0.0.1",))
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with SiteThread() as site, BackgroundFetcher(politeness) as asking:
            with pytest.raises(Interrupted):
                signal.setitimer(signal.ITIMER_REAL, 0.1)
                answers(asking, [Request(site.url("/hang"))] * 5)
            assert isinstance(asking.ask([Request(site.url("/a"))])[0], Fetched), "no slot is lost"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
