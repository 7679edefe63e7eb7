"""The fetcher for code that is not asynchronous: the body of a flow, a command."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Coroutine, Iterable, Iterator, Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self, TypeVar

from curation.config import Politeness
from curation.gather.fetch import Fetcher
from curation.gather.outcome import Outcome, Request

T = TypeVar("T")
Answers = list[tuple[Request, Outcome]]


class BackgroundFetcher:
    """A ``Fetcher`` on an event loop of its own, in a thread of its own.

    A context manager; any thread may use it, several at once. One for the whole night keeps
    what is learnt of the hosts. ``options`` are those of ``Fetcher``.
    """

    def __init__(self, politeness: Politeness, **options: Any) -> None:
        self._fetcher = Fetcher(politeness, **options)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="veille-network", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._fetcher.__aenter__())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._run(self._close())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def ask(self, requests: Sequence[Request]) -> list[Outcome]:
        """Every outcome, in the order of the requests."""
        found = {id(request): outcome for batch in self.batches(requests, 1_000) for request, outcome in batch}
        return [found[id(request)] for request in requests]

    def batches(self, requests: Iterable[Request], size: int) -> Iterator[Answers]:
        """As ``Fetcher.fetch_all``, ``size`` answers at a time, in the order in which they come.

        The network gathers the next batch while the caller works on this one, and no more than that one.
        """
        results = self._fetcher.fetch_all(list(requests))
        turn = asyncio.Lock()
        ahead = self._start(_gather(results, turn, size))
        try:
            while batch := self._wait(ahead):
                ahead = self._start(_gather(results, turn, size))
                yield batch
        finally:
            if not self._loop.is_closed():  # an error may keep this generator alive after the fetcher
                ahead.cancel()
                self._run(_end(results, turn))

    def _start(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _wait(self, pending: Future[T]) -> T:
        try:
            return pending.result()
        except BaseException:
            pending.cancel()  # an interruption of the caller's thread reaches the loop's
            raise

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._wait(self._start(work))

    async def _close(self) -> None:
        await self._fetcher.__aexit__(None, None, None)
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await self._loop.shutdown_asyncgens()


Results = AsyncGenerator[tuple[Request, Outcome], None]


async def _gather(results: Results, turn: asyncio.Lock, size: int) -> Answers:
    """The next ``size`` results, fewer at the end."""
    async with turn:
        found: Answers = []
        async for answer in results:
            found.append(answer)
            if len(found) == size:
                break
        return found


async def _end(results: Results, turn: asyncio.Lock) -> None:
    async with turn:  # an interrupted step ends first
        await results.aclose()
