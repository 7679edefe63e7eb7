"""``Store``: the one door to the database. One per flow run or web request; never two threads at once in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from curation.errors import StoreError
from curation.store.base import OneWriter
from curation.store.curated import CuratedStore
from curation.store.desk import DeskStore
from curation.store.filed import FiledStore
from curation.store.harvested import HarvestedStore
from curation.store.lists import ListStore
from curation.store.migrations import migrations
from curation.store.nights import NightStore
from curation.store.pages import PageStore
from curation.store.people import PeopleStore
from curation.store.readings import ReadingStore
from curation.store.repeats import RepeatStore
from curation.store.reviewed import ReviewedStore
from curation.store.sampled import SampledStore
from curation.store.sources import SourceStore
from curation.store.terms import TermStore
from curation.store.words import WordStore


class Store(
    HarvestedStore, CuratedStore, NightStore, ReviewedStore, DeskStore, ListStore, FiledStore, SampledStore,
    PeopleStore, SourceStore, PageStore, RepeatStore, ReadingStore, WordStore, TermStore,
):  # fmt: skip
    """Every query of veille, by subject: harvested, curated, nights, reviewed, desk, lists, filed, sampled, people,
    sources, pages, repeats, readings, words, terms.

    Raises ``StoreError`` when the file is not a database or is locked for more than 30 s.
    """

    def __init__(self, path: Path | None, *, shared: bool = False) -> None:
        """``None`` opens an empty database in memory. ``shared``: one thread may open it, another use it next."""
        try:
            if path is None:
                self.db = OneWriter(memory=True)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                self.db = OneWriter(sqlite3.connect(path, timeout=30, check_same_thread=not shared))
                self.db.enable_wal()
            self.db.execute("PRAGMA synchronous=NORMAL")
            self.db.execute("PRAGMA foreign_keys=ON")
            if migrations.pending(self.db):
                migrations.apply(self.db)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"Base de données inutilisable : {path} ({error}).") from error

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self.close()
        if isinstance(error, sqlite3.OperationalError):
            # locked for too long, disk full, file gone: told as the database's trouble, whoever was asking
            raise StoreError(f"Base de données inutilisable ({error}).") from error

    def close(self) -> None:
        """Give the file back."""
        self.db.close()

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """One transaction: everything inside is saved, or nothing. Keep it around writes only."""
        with self.db.atomic():
            yield

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """What is read inside is the state of one moment, whatever others write meanwhile. For reading only."""
        self.db.conn.execute("BEGIN")
        try:
            yield
        finally:
            self.db.conn.rollback()
