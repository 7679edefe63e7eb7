"""The network, politely: one ``Fetcher`` per night, every URL checked at every hop.

The world failing is a value (``Failure``), never an exception. Sources: RFC 9110
(conditional requests, redirects, Retry-After), RFC 9309 (robots.txt).

No proxy is used, whatever the environment says (see ``gather.wire``).
"""

from __future__ import annotations

import asyncio
import math
import random
import ssl
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self

from curation.config import Politeness
from curation.gather.exchange import Answer, Fault, Wire
from curation.gather.guard import Guard, Refused, Target, read_url
from curation.gather.hosts import NETWORK_CAUSES, Host, Hosts
from curation.gather.outcome import Accept, Fetched, NotModified, Outcome, Request
from curation.gather.response import judge_body, judge_status
from curation.gather.robots import MAX_ROBOTS_BYTES, MAX_ROBOTS_REDIRECTS, Rules, product_token, read_robots
from curation.gather.turns import Turns
from curation.gather.wire import Resolver
from curation.types import Cause, Failure

#: A Retry-After up to this is waited for within the night, in seconds.
MAX_WAIT_S = 30.0
#: First wait before a retry, in seconds; doubled each time, spread by half either way.
RETRY_BASE_S = 0.5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING_STATUSES = frozenset({408, 429, 502, 503, 504})

Done = Callable[[Request, Outcome], None]


@dataclass(frozen=True, slots=True)
class _Arrival:
    """The final answer, where it was found and where a permanent move leads."""

    answer: Answer
    target: Target
    permanent: str | None


class Fetcher:
    """Asks URLs for one night; an async context manager, bound to the event loop that enters it.

    ``clock`` is monotonic and ``now`` the time of day, both in seconds; ``sleep``, ``resolver``,
    ``ssl_context`` and ``dice`` are there for tests. What is learnt (robots.txt, hosts at rest,
    open connections) lasts as long as the fetcher: keep one for the whole night.
    """

    def __init__(
        self,
        politeness: Politeness,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        resolver: Resolver | None = None,
        ssl_context: ssl.SSLContext | None = None,
        dice: random.Random | None = None,
    ) -> None:
        self._politeness = politeness
        self._clock = clock
        self._now = now
        self._sleep = sleep
        self._resolver = resolver
        self._ssl_context = ssl_context
        self._dice = dice or random.Random()
        self._guard = Guard(politeness.allow_private_hosts)
        agent = " ".join(f"{politeness.user_agent} (+{politeness.contact})".split())
        self.user_agent = agent.encode("ascii", "ignore").decode("ascii")
        self._product = product_token(politeness.user_agent)
        self._robots: dict[str, asyncio.Task[Rules]] = {}

    async def __aenter__(self) -> Self:
        politeness = self._politeness
        self._slots = asyncio.Semaphore(politeness.total)
        self._hosts = Hosts(
            self._guard,
            self._clock,
            politeness.per_host,
            politeness.min_delay_s,
            politeness.host_failures_before_rest,
        )
        self._wire = Wire(politeness, self._guard, self.user_agent, self._clock, self._resolver, self._ssl_context)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._robots.values():
            task.cancel()
        await self._wire.aclose()

    async def fetch(
        self, url: str, *, accept: Accept = "any", etag: str | None = None, last_modified: str | None = None
    ) -> Outcome:
        """Ask one URL; retries, redirects and waiting for a turn included.

        Never raises for the world's faults: they are ``Failure`` values.
        """
        asked = Request(url, accept, etag, last_modified)
        try:
            target = read_url(url)
        except Refused as refusal:
            return self._failure(url, Fault(refusal.cause, refusal.detail))
        host = self._hosts.of(target)
        attempt = 0
        while True:
            try:
                return await self._ask(asked, target)
            except Fault as fault:
                if not fault.passing or attempt >= self._politeness.retries or self._hosts.given_up(host):
                    if fault.host is not None and not fault.of_host:
                        # Of the URL, until several fail running: counted once, retries or not.
                        self._hosts.failed(fault.host, fault.cause)
                    return self._failure(url, fault)
                wait = self._wait_before_retry(attempt, fault)
                if fault.status is not None and fault.host is not None:
                    # The whole host is given time, not this URL alone.
                    fault.host.next_at = max(fault.host.next_at, self._clock() + wait)
                else:
                    await self._sleep(wait)
                attempt += 1

    async def fetch_all(
        self, requests: Iterable[Request], on_done: Done | None = None
    ) -> AsyncGenerator[tuple[Request, Outcome], None]:
        """Ask many URLs; yields ``(request, outcome)`` as each finishes, hosts in turn.

        At most ``Politeness.total`` requests run at once and ``per_host`` for each host. A consumer
        that falls behind holds the rest back: bodies do not pile up in memory. ``on_done`` is called
        just before each is yielded.
        """
        turns = Turns(requests, self._politeness.per_host)
        done: asyncio.Queue[tuple[Request, Outcome] | None] = asyncio.Queue(self._politeness.total)

        async def work() -> None:
            while (taken := await turns.take()) is not None:
                host, request = taken
                outcome = await self.fetch(
                    request.url,
                    accept=request.accept,
                    etag=request.etag,
                    last_modified=request.last_modified,
                )
                turns.give_back(host)
                await done.put((request, outcome))

        async def work_all() -> None:
            # Twice the slots: a worker that waits for the pace of its host idles no slot.
            workers = min(len(turns), self._politeness.total * 2)
            try:
                async with asyncio.TaskGroup() as group:
                    for _ in range(workers):
                        group.create_task(work())
            except Exception:
                await done.put(None)
                raise
            await done.put(None)

        crew = asyncio.create_task(work_all())
        try:
            while (item := await done.get()) is not None:
                if on_done is not None:
                    on_done(*item)
                yield item
            await crew
        finally:
            crew.cancel()
            await asyncio.gather(crew, return_exceptions=True)

    async def _ask(self, asked: Request, target: Target) -> Outcome:
        arrival = await self._follow(target, asked)
        answer, fields = arrival.answer, arrival.answer.fields
        etag, last_modified = fields.get("etag"), fields.get("last-modified")
        if answer.status == 304 and (asked.etag or asked.last_modified):
            return NotModified(asked.url, etag or asked.etag, last_modified or asked.last_modified, arrival.permanent)
        if verdict := judge_status(answer.status):
            fault = Fault(verdict.cause, verdict.detail, status=answer.status)
            fault.passing = answer.status in _PASSING_STATUSES
            fault.host = self._hosts.of(arrival.target)
            if answer.status in (429, 503):
                fault.retry_after_s = read_retry_after(fields.get("retry-after", ""), self._now())
            if fault.retry_after_s is not None and fault.retry_after_s > MAX_WAIT_S:
                fault.passing = False
                fault.host.asked_back_at = self._clock() + fault.retry_after_s
            raise fault
        content_type = fields.get("content-type", "")
        verdict = judge_body(answer.body, content_type, asked.accept, target.url, arrival.target.url)
        if verdict is not None:
            failure = self._failure(asked.url, Fault(verdict.cause, verdict.detail, status=answer.status))
            return replace(failure, suggested_url=verdict.suggested_url)
        return Fetched(
            asked.url,
            arrival.target.url,
            arrival.permanent,
            answer.status,
            content_type,
            etag,
            last_modified,
            answer.body,
        )

    async def _follow(self, target: Target, asked: Request, *, robots: bool = False) -> _Arrival:
        """Ask ``target`` and follow redirects by hand; ``robots``: robots.txt itself is asked. Raises ``Fault``."""
        check = asked.accept == "page" and self._politeness.respect_robots and not robots
        limit = MAX_ROBOTS_REDIRECTS if robots else self._politeness.max_redirects
        budget = self._politeness.total_timeout_s
        permanent: str | None = None
        unbroken = True
        cookies: dict[str, str] = {}
        seen = {(target.url, "")}
        for _ in range(limit + 1):
            if check:
                await self._check_robots(target)
            answer, spent = await self._turn(target, asked, cookies, budget, robots)
            budget -= spent
            location = answer.fields.get("location")
            if answer.status not in _REDIRECTS or not location:
                return _Arrival(answer, target, permanent)
            try:
                following = read_url(location.encode("latin-1").decode("utf-8", "replace"), target.url)
            except Refused as refusal:
                detail = f"redirect: {refusal.detail}"
                raise Fault(refusal.cause, detail, status=answer.status) from None
            unbroken = unbroken and answer.status in (301, 308)
            if unbroken:
                permanent = following.url
            # Cookies live for the length of one chain on one host: without, some sites turn in circles.
            cookies = {**cookies, **answer.cookies} if following.host == target.host else {}
            target = following
            step = (target.url, repr(sorted(cookies.items())) if cookies else "")
            if step in seen:
                raise Fault(Cause.TOO_MANY_REDIRECTS, "redirects in a circle", status=answer.status)
            seen.add(step)
        raise Fault(Cause.TOO_MANY_REDIRECTS, f"more than {limit} redirects", status=answer.status)

    async def _turn(
        self, target: Target, asked: Request, cookies: dict[str, str], budget: float, robots: bool
    ) -> tuple[Answer, float]:
        """Wait for the host's turn, exchange once, and note what it says of the host.

        Gives the answer and the seconds it took, waiting not counted. Raises ``Fault``.
        """
        host = self._hosts.of(target)
        self._check_rest(host)
        async with host.slots:
            await self._keep_pace(host)
            async with self._slots:
                self._check_rest(host)
                started = self._clock()
                try:
                    async with asyncio.timeout(max(budget, 0.001)):
                        answer = await self._wire.exchange(
                            target,
                            asked,
                            cookies=cookies,
                            max_bytes=MAX_ROBOTS_BYTES if robots else self._politeness.max_bytes,
                            cut=robots,
                            known=host.answered,
                        )
                except Fault as fault:
                    fault.host = host
                    if fault.cause is Cause.TIMEOUT and not host.answered:
                        fault.of_host = True  # it never said a word tonight: not this URL's fault alone
                    if fault.status is not None:
                        self._hosts.answered(host, fault.status)
                    else:
                        self._hosts.failed(host, fault.cause, counts=fault.of_host)
                    raise
                except TimeoutError:
                    self._hosts.failed(host, Cause.TIMEOUT, counts=False)
                    detail = f"more than {self._politeness.total_timeout_s:g} s in all"
                    slow = Fault(Cause.TIMEOUT, detail)
                    slow.host = host
                    raise slow from None
                self._hosts.answered(host, answer.status)
                return answer, self._clock() - started

    def _check_rest(self, host: Host) -> None:
        if (ahead := host.asked_back_at - self._clock()) > 0:
            raise Fault(Cause.RATE_LIMITED, f"{host.key} asked to come back later", retry_after_s=ahead)
        if reason := self._hosts.rests(host):
            raise Fault(Cause.HOST_RESTING, reason)

    async def _keep_pace(self, host: Host) -> None:
        now = self._clock()
        start = max(now, host.next_at)
        if host.delay_s > 0:
            host.next_at = start + host.delay_s
        if start > now:
            await self._sleep(start - now)

    async def _check_robots(self, target: Target) -> None:
        """Raises ``Fault``: ``ROBOTS``, or what keeps robots.txt from being read at all."""
        task = self._robots.get(target.origin)
        if task is None:
            task = asyncio.create_task(self._read_robots(target))
            self._robots[target.origin] = task
            task.add_done_callback(lambda done: self._forget_robots(target.origin, done))
        rules = await asyncio.shield(task)
        if not rules.allow(target):
            raise Fault(Cause.ROBOTS, rules.detail or "disallowed")

    def _forget_robots(self, origin: str, task: asyncio.Task[Rules]) -> None:
        if task.cancelled() or task.exception() is not None:
            # No answer is no rule: the pages fail as this did, until the host rests.
            self._robots.pop(origin, None)

    async def _read_robots(self, target: Target) -> Rules:
        place = replace(target, url=f"{target.origin}/robots.txt", target="/robots.txt")
        attempt = 0
        while True:
            try:
                arrival = await self._follow(place, Request(place.url), robots=True)
            except Fault as fault:
                if fault.cause in NETWORK_CAUSES or fault.cause in (Cause.HOST_RESTING, Cause.RATE_LIMITED):
                    raise
                return Rules(None, self._product)  # redirects in a circle, a coding nobody knows: no rule
            status = arrival.answer.status
            if status in _PASSING_STATUSES and attempt < self._politeness.retries:
                await self._sleep(self._wait_before_retry(attempt, None))
                attempt += 1
                continue
            rules = read_robots(status, arrival.answer.body, self._product)
            host = self._hosts.of(target)
            host.delay_s = max(host.delay_s, rules.crawl_delay_s)
            return rules

    def _wait_before_retry(self, attempt: int, fault: Fault | None) -> float:
        if fault is not None and fault.retry_after_s is not None:
            return fault.retry_after_s
        return RETRY_BASE_S * 2.0**attempt * self._dice.uniform(0.5, 1.5)

    def _failure(self, url: str, fault: Fault) -> Failure:
        at = datetime.fromtimestamp(self._now(), UTC)
        return Failure(fault.cause, url, fault.detail[:300], fault.status, fault.retry_after_s, None, at)


def read_retry_after(value: str, now: float) -> float | None:
    """Seconds that a ``Retry-After`` asks for (RFC 9110, 10.2.3), from ``now`` (POSIX seconds); None if unreadable."""
    text = value.strip()
    if text.isascii() and text.isdecimal() and len(text) <= 10:
        return float(text)
    if not text or len(text) > 60:
        return None
    try:
        wait = parsedate_to_datetime(text).timestamp() - now
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return max(0.0, wait) if math.isfinite(wait) else None
