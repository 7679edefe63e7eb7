"""Processes beside the threads: the same values, whatever becomes of them, and none left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from multiprocessing import active_children
from pathlib import Path

import psutil
import pytest

from curation.config import Engine
from curation.types import Source
from flows.runner import Processes, cores
from flows.steps import Body, parse_batch

NOW = datetime(2026, 9, 2, 4, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
FEEDS = [p for p in sorted((ROOT / "tests" / "data" / "feeds").iterdir()) if p.suffix != ".expected"]

pytestmark = pytest.mark.skipif(cores() < 2, reason="one core: no process is started")

#: Starts processes as a night does, says who they are, then works for a long time.
_NIGHT = """
import signal, sys, time
import psutil
from curation.config import Engine
from flows.runner import Processes

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # as at a terminal, even when the tests run behind one
    with Processes(Engine()) as processes:
        processes.start()
        doing = processes.doing(time.sleep)
        if sys.argv[1] == "ready":
            doing(0)
        print(*[p.pid for p in psutil.Process().children()], flush=True)
        doing(int(sys.argv[2]))
"""


def whoami(_: int) -> int:
    """The process that does the work."""
    return os.getpid()


def die_elsewhere(here: int) -> str:
    """End the process, unless it is ``here``."""
    if os.getpid() != here:
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def refuse(_: int) -> None:
    """A bug."""
    raise ValueError("refused")


def test_feeds_are_read_to_the_same_values_by_several_processes() -> None:
    feeds = [
        (
            Source(id=f"s{n}", name=path.stem, url=f"https://a.fr/{n}"),
            Body(f"https://a.fr/{n}", None, path.read_bytes()),
        )
        for n, path in enumerate(FEEDS * 8)
    ]
    with Processes(Engine(workers=2)) as processes:
        processes.start()
        parse = processes.doing(parse_batch)
        with ThreadPoolExecutor(2) as threads:
            halves = list(threads.map(parse, (feeds[::2], feeds[1::2]), (NOW, NOW)))
    assert all(parsed.entries for half in halves for parsed in half)
    assert halves == [parse_batch(feeds[::2], NOW), parse_batch(feeds[1::2], NOW)]
    assert not active_children()


def test_work_is_done_here_until_they_start_and_elsewhere_after() -> None:
    with Processes(Engine(workers=2)) as processes:
        work = processes.doing(whoami)
        assert work(0) == os.getpid()
        assert not active_children()
        processes.start()
        processes.start()
        assert work(0) != os.getpid()
        assert len(active_children()) == 2
    assert work(0) == os.getpid()
    assert not active_children()


def test_one_that_dies_leaves_its_work_to_the_caller() -> None:
    with Processes(Engine(workers=2)) as processes:
        processes.start()
        assert processes.doing(die_elsewhere)(os.getpid()) == "done"
        assert processes.doing(whoami)(0) == os.getpid()
    assert not active_children()


def test_processes_that_cannot_start_leave_the_work_to_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError("no semaphores on this system")

    monkeypatch.setattr("flows.runner.ProcessPoolExecutor", refused)
    with Processes(Engine(workers=2)) as processes:
        processes.start()
        assert processes.doing(whoami)(0) == os.getpid()


def test_a_bug_of_the_work_is_the_same_bug() -> None:
    with Processes(Engine(workers=2)) as processes:
        processes.start()
        with pytest.raises(ValueError, match="refused"):
            processes.doing(refuse)(0)
        assert processes.doing(whoami)(0) != os.getpid()


@pytest.mark.parametrize("kind", ["processes", "dask", "ray"])
def test_engines_with_processes_of_their_own_get_the_work_itself(kind: str) -> None:
    with Processes(Engine.model_validate({"kind": kind})) as processes:
        processes.start()
        assert processes.doing(whoami) is whoami
        assert not active_children()


@pytest.mark.parametrize("moment", ["ready", "starting"])
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_none_outlives_a_night_that_is_killed(tmp_path: Path, moment: str, end: signal.Signals) -> None:
    night, pids = started(tmp_path, moment)
    os.kill(night.pid, end)  # that one alone: nobody tells the others
    night.wait(30)
    assert gone(pids)


@pytest.mark.parametrize("moment", ["ready", "starting"])
def test_an_interruption_from_the_terminal_ends_all_without_noise(tmp_path: Path, moment: str) -> None:
    night, pids = started(tmp_path, moment, seconds=2)
    os.killpg(night.pid, signal.SIGINT)
    _, noise = night.communicate(timeout=60)
    assert gone(pids)
    assert noise.count("Traceback") == noise.count("KeyboardInterrupt") == 1  # of the night itself
    assert "SpawnProcess" not in noise


def started(folder: Path, moment: str, seconds: int = 60) -> tuple[subprocess.Popen[str], list[int]]:
    """A night in a group of its own, and its processes."""
    script = folder / "night.py"
    script.write_text(_NIGHT, encoding="utf-8")
    night = subprocess.Popen(
        [sys.executable, str(script), moment, str(seconds)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )
    assert night.stdout is not None
    pids = [int(pid) for pid in night.stdout.readline().split()]
    assert len(pids) >= 2
    return night, pids


def gone(pids: list[int]) -> bool:
    """Whether they all end within 20 seconds."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if not any(psutil.pid_exists(p) and psutil.Process(p).status() != psutil.STATUS_ZOMBIE for p in pids):
            return True
        time.sleep(0.1)
    return False
