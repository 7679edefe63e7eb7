"""Stores lent by the pool: one user at a time, any thread, never one that is broken, stuck or of another file."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from curation.errors import StoreError
from curation.store.pool import StorePool
from curation.store.store import Store
from curation.types import Source


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "veille.db"


def source(n: int) -> Source:
    return Source(f"s{n}", f"Source {n}", f"https://exemple.fr/{n}")


def test_a_store_given_back_is_lent_again_to_another_thread(path: Path) -> None:
    pool, seen = StorePool(path), []

    def use() -> None:
        with pool.lend() as store:
            seen.append((id(store), threading.get_ident(), len(store.sources())))

    with pool.lend() as first:
        first.add_source(source(1), "desk")
        thread = threading.Thread(target=use)
        thread.start()
        thread.join()
    use()
    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    pool.close()
    # lent at once to somebody else: another one; then the same ones in turn
    assert seen[0][0] != id(first) and {s for s, _, _ in seen[1:]} <= {id(first), seen[0][0]}
    assert len({t for _, t, _ in seen}) >= 2 and [n for *_, n in seen] == [1, 1, 1]


def test_acts_do_not_wait_for_the_log_to_be_folded(path: Path) -> None:
    pool = StorePool(path)
    for n in range(3):
        with pool.lend() as store:
            store.add_source(source(n), "desk")
    log = path.with_name(path.name + "-wal")
    assert log.stat().st_size > 0  # the last connection to close would have emptied it
    pool.close()
    assert not log.exists()
    with Store(path) as store:
        assert len(store.sources()) == 3


def test_a_use_that_failed_leaves_nothing_and_its_store_is_not_lent_again(path: Path) -> None:
    pool = StorePool(path)
    with pytest.raises(ZeroDivisionError), pool.lend() as broken, broken.atomic():
        broken.add_source(source(1), "desk")
        raise ZeroDivisionError
    with pytest.raises(sqlite3.ProgrammingError):
        broken.sources()  # closed
    with pool.lend() as store:
        assert store.sources() == []
    with pytest.raises(StoreError), pool.lend() as store:
        store.db.execute("SELECT * FROM nowhere")
    pool.close()


def test_a_transaction_left_open_holds_nobody_up(path: Path) -> None:
    pool = StorePool(path)
    with pool.lend() as store:
        store.db.execute("BEGIN IMMEDIATE")
        store.db.execute("INSERT INTO presence VALUES ('a', 'c', 'lea', '2026')")
    with Store(path) as other, other.atomic():  # would wait for 30 s
        other.add_source(source(1), "desk")
    with pool.lend() as store:
        assert store.present("c", datetime(1999, 1, 1, tzinfo=UTC), "") == {}
    pool.close()


def test_a_file_put_back_in_place_is_the_one_that_is_read(path: Path) -> None:
    backup = path.with_name("backup.db")
    with Store(backup) as store:
        store.add_source(source(7), "desk")
    pool = StorePool(path)
    with pool.lend() as store:
        assert store.sources() == []
    pool.close()  # nothing of the former log may stay beside the file
    with pool.lend() as store:
        assert store.sources() == []
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    backup.replace(path)
    with pool.lend() as store:
        assert [s.id for s in store.sources()] == ["s7"]
    pool.close()


def test_no_more_stores_stay_open_than_said(path: Path) -> None:
    pool = StorePool(path, keep=1)
    with pool.lend() as one, pool.lend() as two:
        assert one is not two
    with pytest.raises(sqlite3.ProgrammingError):
        one.sources()  # the last one back found the place taken
    assert two.sources() == []
    pool.close()
