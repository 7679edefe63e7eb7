"""The fetcher for code that is not asynchronous: a Prefect task in its thread, a command."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Coroutine, Iterable, Iterator
from types import TracebackType
from typing import Any, Self, TypeVar

from curation.config import Politeness
from curation.gather.fetch import Done, Fetcher
from curation.gather.outcome import Accept, Outcome, Request

T = TypeVar("T")


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

    def fetch(
        self, url: str, *, accept: Accept = "any", etag: str | None = None, last_modified: str | None = None
    ) -> Outcome:
        """As ``Fetcher.fetch``."""
        return self._run(self._fetcher.fetch(url, accept=accept, etag=etag, last_modified=last_modified))

    def fetch_all(self, requests: Iterable[Request], on_done: Done | None = None) -> Iterator[tuple[Request, Outcome]]:
        """As ``Fetcher.fetch_all``; results come, and ``on_done`` is called, in the caller's thread."""
        results = self._fetcher.fetch_all(list(requests))
        turn = asyncio.Lock()
        try:
            while (item := self._run(_next(results, turn))) is not None:
                if on_done is not None:
                    on_done(*item)
                yield item
        finally:
            self._run(_end(results, turn))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        pending = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return pending.result()
        except BaseException:
            pending.cancel()  # an interruption of the caller's thread reaches the loop's
            raise

    async def _close(self) -> None:
        await self._fetcher.__aexit__(None, None, None)
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await self._loop.shutdown_asyncgens()


Results = AsyncGenerator[tuple[Request, Outcome], None]


async def _next(results: Results, turn: asyncio.Lock) -> tuple[Request, Outcome] | None:
    async with turn:
        return await anext(results, None)


async def _end(results: Results, turn: asyncio.Lock) -> None:
    async with turn:  # an interrupted step ends first
        await results.aclose()
