"""The process beside the desk, as the desk sees it: started, replaced, given up, put to rest, never left behind."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from curation.errors import UserError
from curation.store.store import Store
from curation.types import Act, Article, Review
from flows.worker import Late, Worker

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
#: Starting a process on a busy machine.
SOON = 60.0


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An installation where nothing was judged: « phrases » has nothing to do, and loads nothing."""
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump({"state": "state", "communities": ["tourisme"]}), encoding="utf-8")
    return path


@pytest.fixture
def worker(config: Path) -> Iterator[Worker]:
    opened = Worker(config, turn_s=0.2)
    yield opened
    opened.close()


def eventually(holds: Callable[[], bool], seconds: float = SOON) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


def gone(pid: int) -> bool:
    """True of a process that has ended, waited for or not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return True
    return state.rpartition(")")[2].split()[0] == "Z"


def test_it_starts_at_the_first_request_and_stays(worker: Worker) -> None:
    assert worker.pid is None and not worker.up
    assert worker.ask("phrases", SOON) == 0
    first = worker.pid
    assert first is not None and worker.up
    assert worker.ask("phrases", SOON) == 0
    assert worker.pid == first
    worker.close()
    assert gone(first) and not worker.up
    with pytest.raises(UserError, match="se ferme"):
        worker.ask("phrases", SOON)


def test_one_that_hangs_is_given_up_and_replaced(worker: Worker) -> None:
    worker.ask("phrases", SOON)
    first = worker.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    started = time.monotonic()
    with pytest.raises(Late):
        worker.ask("phrases", 0.3)
    assert time.monotonic() - started < 5
    assert gone(first) and not worker.up
    assert worker.ask("phrases", SOON) == 0
    assert worker.pid != first


def test_one_that_died_between_two_requests_is_replaced_unnoticed(worker: Worker) -> None:
    worker.ask("phrases", SOON)
    first = worker.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: not worker.up)
    assert worker.ask("phrases", SOON) == 0
    assert worker.pid != first


def test_one_that_dies_over_a_request_is_one_french_sentence(worker: Worker, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "veille.desk"), pytest.raises(UserError, match="imprévue"):
        worker.ask("inconnu", SOON)
    assert "KeyError: 'inconnu'" in caplog.text  # the technical log says why
    first = worker.pid
    assert worker.ask("phrases", SOON) == 0
    assert worker.pid != first


def test_what_the_user_can_mend_is_told_and_the_process_stays(worker: Worker, config: Path) -> None:
    sound = config.read_text(encoding="utf-8")
    worker.ask("phrases", SOON)
    first = worker.pid
    config.write_text("sources: nulle part", encoding="utf-8")
    with pytest.raises(UserError, match="une liste est attendue"):
        worker.ask("phrases", SOON)
    config.write_text(sound, encoding="utf-8")
    assert worker.ask("phrases", SOON) == 0
    assert worker.pid == first


def test_two_people_take_turns_and_nobody_waits_for_long(worker: Worker) -> None:
    worker.ask("phrases", SOON)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGSTOP)
    found = list[int]()
    first = threading.Thread(target=lambda: found.append(worker.ask("phrases", SOON)))
    first.start()
    assert eventually(worker._turn.locked)
    with pytest.raises(UserError, match="Un autre travail"):
        worker.ask("phrases", SOON)
    os.kill(worker.pid, signal.SIGCONT)
    first.join(SOON)
    assert found == [0]


def test_what_nobody_asks_anything_of_goes_and_comes_back(config: Path) -> None:
    worker = Worker(config, idle_s=0.3)
    try:
        worker.ask("phrases", SOON)
        first = worker.pid
        assert first is not None
        assert eventually(lambda: worker.pid is None)
        assert gone(first)
        assert worker.ask("phrases", SOON) == 0
    finally:
        worker.close()


def test_closing_does_not_wait_for_an_answer(worker: Worker) -> None:
    worker.ask("phrases", SOON)
    os.kill(worker.pid or 0, signal.SIGSTOP)
    told = list[str]()

    def ask() -> None:
        try:
            worker.ask("phrases", SOON)
        except UserError as error:
            told.append(str(error))

    asking = threading.Thread(target=ask)
    asking.start()
    assert eventually(worker._turn.locked)
    worker.close()
    asking.join(SOON)
    assert len(told) == 1 and worker.pid is None


DESK = """
import sys, time
from pathlib import Path
from flows.worker import Worker
worker = Worker(Path(sys.argv[1]))
if sys.argv[2] == "idle":
    worker.ask("phrases", 60)
    print(worker.pid, flush=True)
    time.sleep(600)
import threading
threading.Thread(target=worker.ask, args=("phrases", 600)).start()
while worker.pid is None:
    time.sleep(0.01)
print(worker.pid, flush=True)
"""


@pytest.mark.parametrize("busy", [False, True])
def test_a_desk_that_is_killed_leaves_no_process_behind(config: Path, busy: bool) -> None:
    """``busy``: it waits for the database, which another holds for as long as it likes."""
    database = config.parent / "state" / "veille.db"
    with Store(database) as store:
        store.save_articles([Article("a", "https://x.fr/a", "Une halle", "", published=NOW)], [], NOW)
        if busy:
            store.append_review(Review("a", "tourisme", Act.PUBLISHED, "lea", NOW))
        desk = subprocess.Popen(
            [sys.executable, "-c", DESK, str(config), "busy" if busy else "idle"],
            stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip
        assert desk.stdout is not None
        with store.atomic() if busy else store.snapshot():
            pid = int(desk.stdout.readline())
            if busy:
                assert eventually(lambda: "veille.db" in _files(pid))
                time.sleep(0.5)
            assert not gone(pid)
            desk.kill()
            desk.wait()
            desk.stdout.close()
            assert eventually(lambda: gone(pid), 10), "it outlived its desk"


def _files(pid: int) -> str:
    """What a process has opened."""
    try:
        return " ".join(str(f.readlink()) for f in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return ""
