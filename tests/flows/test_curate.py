"""How the batches of a night are handed to an engine."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import Future

import pytest

from flows.curate import _fan_out


class Engine:
    """Notes what is asked of it; a task is done when its result is asked for."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.running = self.most = 0

    def submit(self, value: int) -> Task:
        """Start a task."""
        self.told.append(f"start {value}")
        self.running += 1
        self.most = max(self.most, self.running)
        return Task(self, value)


class Task:
    """One task of ``Engine``."""

    def __init__(self, engine: Engine, value: int) -> None:
        self.engine, self.value = engine, value

    def result(self) -> int:
        """Wait for it."""
        self.engine.running -= 1
        return self.value * 10


@pytest.mark.parametrize("together", [1, 2, 3, 9])
def test_results_come_in_order_and_no_more_than_asked_run_at_once(together: int) -> None:
    engine = Engine()
    assert list(_fan_out(engine, [(n,) for n in range(5)], "abcde", together)) == [
        ("a", 0), ("b", 10), ("c", 20), ("d", 30), ("e", 40),
    ]  # fmt: skip
    assert engine.most == min(together, 5)


def test_the_next_batch_is_at_work_while_a_result_is_saved() -> None:
    engine = Engine()
    for key, _ in _fan_out(engine, [(n,) for n in range(3)], "abc", 1):
        engine.told.append(f"save {key}")
    assert engine.told == ["start 0", "start 1", "save a", "start 2", "save b", "save c"]


def test_a_batch_that_fails_raises_after_the_results_before_it() -> None:
    class Failing(Engine):
        def submit(self, value: int) -> Future[int]:  # type: ignore[override]
            future: Future[int] = Future()
            if value == 1:
                future.set_exception(ValueError("refused"))
            else:
                future.set_result(value)
            return future

    saved = []
    with pytest.raises(ValueError, match="refused"):
        for key, _ in _fan_out(Failing(), [(n,) for n in range(3)], "abc", 1):
            saved.append(key)
    assert saved == ["a"]


@pytest.mark.skipif(not hasattr(os, "setpriority"), reason="no priorities on this system")
@pytest.mark.parametrize(("given", "found"), [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_a_night_gives_way_before_torch_is_there(given: str | None, found: str) -> None:
    program = (
        "import os, sys\n"
        "from flows.night_commands import NICE, give_way\n"
        "give_way()\n"
        "assert 'torch' not in sys.modules\n"
        "print(os.environ['OMP_WAIT_POLICY'], os.getpriority(os.PRIO_PROCESS, 0) >= NICE)\n"
    )
    environment = {k: v for k, v in os.environ.items() if k != "OMP_WAIT_POLICY"}
    if given:
        environment["OMP_WAIT_POLICY"] = given
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [found, "True"]
