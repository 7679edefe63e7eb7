"""One polite ``Fetcher`` for the whole night, usable from the synchronous flow body."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from types import TracebackType

from curation.config import Politeness
from curation.gather.fetch import Fetcher
from curation.gather.outcome import Outcome, Request


class Network:
    """Context manager: an event loop of its own and a fetcher that remembers tired hosts all night."""

    def __init__(self, politeness: Politeness) -> None:
        self._politeness = politeness

    def __enter__(self) -> Network:
        self._runner = asyncio.Runner()
        self._fetcher = Fetcher(self._politeness)
        self._runner.run(self._fetcher.__aenter__())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._runner.run(self._fetcher.__aexit__(kind, error, trace))
        finally:
            self._runner.close()

    def ask(self, requests: Sequence[Request], advance: Callable[[int], None] | None = None) -> list[Outcome]:
        """Every outcome, in the order of the requests."""

        async def collect() -> list[Outcome]:
            found: dict[int, Outcome] = {}
            place = {id(r): i for i, r in enumerate(requests)}
            async for request, outcome in self._fetcher.fetch_all(requests):
                found[place[id(request)]] = outcome
                if advance:
                    advance(1)
            return [found[i] for i in range(len(requests))]

        return self._runner.run(collect()) if requests else []
