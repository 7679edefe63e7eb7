"""Progress: a bar in a terminal, plain lines elsewhere, nothing with ``quiet``. Always on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[int], None]

#: Seconds between two plain lines of one step.
EVERY = 15.0


class Progress:
    """Shows the steps of a night and keeps their durations."""

    def __init__(self, quiet: bool = False) -> None:
        self.durations: dict[str, float] = {}
        self._quiet = quiet
        self._bar = sys.stderr.isatty() and not quiet

    @contextmanager
    def step(self, name: str, label: str, total: int) -> Iterator[Advance]:
        """Time one step; the yielded function advances it."""
        start = time.monotonic()
        try:
            if self._bar and total:
                with self._terminal(label, total) as advance:
                    yield advance
            else:
                yield self._lines(label, total)
        finally:
            took = time.monotonic() - start
            self.durations[name] = round(self.durations.get(name, 0.0) + took, 2)
            if not self._quiet and total:
                self._say(f"{label} : {total} en {took:.1f} s")

    def say(self, text: str) -> None:
        """One line for the person who watches."""
        if not self._quiet:
            self._say(text)

    @staticmethod
    def _say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    @contextmanager
    def _terminal(self, label: str, total: int) -> Iterator[Advance]:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(label, total=total)
            yield lambda n: bar.advance(task, n)

    def _lines(self, label: str, total: int) -> Advance:
        done, last = 0, time.monotonic()

        def advance(n: int) -> None:
            nonlocal done, last
            done += n
            if not self._quiet and time.monotonic() - last > EVERY:
                last = time.monotonic()
                self._say(f"{label} : {done}/{total}")

        return advance
