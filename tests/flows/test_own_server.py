"""Prefect's server of one night: there while the night is, gone with it however it ends, told when it cannot start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from flows.own_server import OwnServer, answers, end

#: Starts a server as a night does, runs a flow through it, says where and who it is, then waits.
_NIGHT = """
import os, sys, time
from pathlib import Path
import psutil
from flows.own_server import OwnServer
from flows.quiet import prepare_prefect

state = Path(sys.argv[1])
prepare_prefect(state)
with OwnServer(state) as server:
    server.announce()
    from prefect import flow, task
    server.wait()
    double = task(lambda n: n * 2, name="double")
    done = flow(lambda: double.submit(21).result(), name="essai")()
    print(os.environ["PREFECT_API_URL"], *[p.pid for p in psutil.Process().children()], done, flush=True)
    sys.stdin.readline()
print(os.environ.get("PREFECT_API_URL"), len(psutil.Process().children()), flush=True)
"""


def started(state: Path, **environment: str) -> subprocess.Popen[str]:
    plain = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    return subprocess.Popen(
        [sys.executable, "-c", _NIGHT, str(state)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**plain, **environment},
    )


@pytest.fixture
def night(tmp_path: Path) -> subprocess.Popen[str]:
    return started(tmp_path)


def told(night: subprocess.Popen[str]) -> list[str]:
    assert night.stdout is not None
    return night.stdout.readline().split()


def test_a_flow_runs_through_it_and_it_ends_with_the_context(night: subprocess.Popen[str]) -> None:
    url, pid, done = told(night)
    assert done == "42"
    assert answers(f"{url}/health")
    assert night.stdin is not None
    night.stdin.write("\n")
    night.stdin.flush()
    assert told(night) == ["None", "0"]
    assert night.wait(30) == 0
    assert not psutil.pid_exists(int(pid))
    assert not answers(f"{url}/health")


def test_a_killed_night_leaves_no_server_behind(night: subprocess.Popen[str]) -> None:
    url, pid, _ = told(night)
    os.kill(night.pid, signal.SIGKILL)
    night.wait(30)
    server = psutil.Process(int(pid)) if psutil.pid_exists(int(pid)) else None
    deadline = time.monotonic() + 10
    while server is not None and server.is_running() and server.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the server outlives its night"
        time.sleep(0.05)
    assert not answers(f"{url}/health")


def test_a_named_server_is_used_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://prefect.exemple.fr/api")
    before = psutil.Process().children()
    with OwnServer(tmp_path) as server:
        server.announce()
        server.wait()
        assert psutil.Process().children() == before
    assert os.environ["PREFECT_API_URL"] == "http://prefect.exemple.fr/api"


def test_a_server_that_cannot_start_is_told(tmp_path: Path) -> None:
    absent = "sqlite+aiosqlite:////absent/prefect.db"
    _, errors = started(tmp_path, PREFECT_API_DATABASE_CONNECTION_URL=absent).communicate(timeout=60)
    log = tmp_path / "prefect-server.log"
    assert f"UserError: Le serveur Prefect s'est arrêté au démarrage ; voir {log}." in errors
    assert "unable to open database file" in log.read_text(encoding="utf-8")


def test_a_server_that_does_not_listen_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.own_server.FAREWELL", 0.1)
    deaf = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    end(deaf)
    assert deaf.returncode == -signal.SIGKILL
