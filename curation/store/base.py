"""What every part of the store shares."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlite_utils.db import Database, Table

#: SQLite's default limit of host parameters is 32,766; far below it, so that statements stay small.
CHUNK = 500
#: True of an act ``r`` that somebody undid, unless the undoing was itself undone.
UNDONE = """EXISTS (SELECT 1 FROM reviews u WHERE u.undoes = r.id
            AND NOT EXISTS (SELECT 1 FROM reviews v WHERE v.undoes = u.id))"""


class OneWriter(Database):
    """A database whose transactions are taken as writing ones from their first word.

    A transaction that reads first and then writes fails at once, however long it may wait, when another process
    wrote in between (SQLITE_BUSY_SNAPSHOT): the desk and the night would break each other.
    """

    @contextmanager
    def atomic(self) -> Generator[Database, None, None]:
        """As in sqlite-utils, with « BEGIN IMMEDIATE »: it waits for its turn, up to the time-out."""
        if self.conn.in_transaction:
            with super().atomic():
                yield self
            return
        self.conn.execute("BEGIN IMMEDIATE")
        try:
            yield self
            self.conn.execute("COMMIT")
        except BaseException:
            self.conn.rollback()  # does nothing when the error already ended the transaction
            raise


class StoreBase:
    """The open database."""

    db: Database

    def _table(self, name: str) -> Table:
        table = self.db[name]
        assert isinstance(table, Table)
        return table

    def _rows(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[dict[str, Any]]:
        return list(self.db.query(sql, parameters))

    def _value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        row = self.db.execute(sql, parameters).fetchone()
        return row[0] if row else None

    def _by_ids(self, sql: str, ids: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Run ``sql`` (with ``{ids}`` where the placeholders go) over ids by chunks."""
        listed = list(ids)
        for i in range(0, len(listed), CHUNK):
            chunk = listed[i : i + CHUNK]
            yield from self.db.query(sql.format(ids=",".join("?" * len(chunk))), chunk)

    def _by_id(self, sql: str, ids: Iterable[str]) -> dict[str, Any]:
        """The same for a statement of two columns, id and value: by id. Quicker where there are many."""
        listed, found = list(ids), dict[str, Any]()
        for i in range(0, len(listed), CHUNK):
            chunk = listed[i : i + CHUNK]
            found.update(self.db.execute(sql.format(ids=",".join("?" * len(chunk))), chunk))
        return found
