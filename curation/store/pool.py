"""Open stores kept at hand between the requests of the desk."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from curation.store.store import Store

#: Device and number of a file; None when there is none.
_File = tuple[int, int] | None


class StorePool:
    """Lends stores, each to one user at a time, whatever their threads.

    Why not a new one per request: its first queries would read every page of the file again; and the last one to
    close folds the whole write-ahead log into the file, while somebody waits for a page (with 100,000 drafts, 13 ms
    after each act). A store comes back only from a use that went well and left no transaction open.
    """

    def __init__(self, path: Path, keep: int = 8) -> None:
        """``keep``: how many idle stores stay open."""
        self._path, self._keep = path, keep
        self._idle: list[tuple[Store, _File]] = []
        weakref.finalize(self, _close, self._idle)

    @contextmanager
    def lend(self) -> Iterator[Store]:
        """A store for the time of a ``with``. Raises ``StoreError`` as ``Store`` does."""
        store, file = self._take()
        try:
            yield store
        except BaseException as error:
            store.__exit__(type(error), error, error.__traceback__)
            raise
        if store.db.conn.in_transaction or len(self._idle) >= self._keep:
            store.close()
        else:
            self._idle.append((store, file))

    def close(self) -> None:
        """Close what is idle."""
        _close(self._idle)

    def _take(self) -> tuple[Store, _File]:
        file = _file(self._path)
        while self._idle:
            try:
                store, opened = self._idle.pop()
            except IndexError:  # another thread was faster
                break
            if opened == file:
                return store, file
            store.close()  # the file was replaced: a backup put back, a state folder emptied
        return Store(self._path, shared=True), _file(self._path)


def _file(path: Path) -> _File:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _close(idle: list[tuple[Store, _File]]) -> None:
    while idle:
        idle.pop()[0].close()
