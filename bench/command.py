"""Running the ``veille`` command as a person does, and measuring its whole process tree."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import yaml

from taxonomy.load import SHIPPED

COMMUNITIES = sorted(p.stem for p in SHIPPED.glob("*.yaml"))


@dataclass(frozen=True, slots=True)
class Ran:
    """One command: exit status (None: killed), seconds, peak of the summed RSS in MiB, its two outputs."""

    status: int | None
    seconds: float
    peak_mib: float
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """Its JSON. Fails loudly when the command did."""
        if self.status != 0:
            raise SystemExit(f"veille ended with status {self.status}: {self.err[-2000:]}")
        return dict(json.loads(self.out))


def write_config(folder: Path, host: str, sources: Sequence[dict[str, Any]], **more: Any) -> Path:
    """A configuration for sources on ``host`` (loopback); returns its path. State: beside it."""
    content = {
        "state": "state",
        "politeness": {
            "contact": "mailto:banc@veille.example",
            "allow_private_hosts": [host],
            # every source stands on one host, that is our own
            "per_host": 16,
            "total": 32,
            "host_failures_before_rest": 1000,
        },
        "communities": COMMUNITIES,
        "sources": list(sources),
        **more,
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def veille(config: Path, *arguments: str, kill_when: Callable[[], bool] | None = None) -> Ran:
    """Run one command in a process group of its own; SIGKILL the group once ``kill_when``, asked often, says so.

    The peak is the largest sum of resident sizes over the tree, sampled ten times a second: shared pages are
    counted once per process, so it errs upwards.
    """
    command = [sys.executable, "-m", "flows.cli", "--config", str(config), *arguments]
    out, err = config.parent / "stdout", config.parent / "stderr"
    peak, killed = 0, False
    started = time.monotonic()
    with out.open("w") as o, err.open("w") as e:
        process = subprocess.Popen(command, stdout=o, stderr=e, start_new_session=True)
        try:
            while process.poll() is None:
                if kill_when is not None and kill_when():
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
                    killed = True
                    break
                peak = max(peak, _resident(process.pid))
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(0.1 if kill_when is None else 0.02)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    seconds = time.monotonic() - started
    status = None if killed else process.returncode
    return Ran(status, seconds, peak / 2**20, out.read_text("utf-8"), err.read_text("utf-8"))


def _resident(pid: int) -> int:
    total = 0
    try:
        root = psutil.Process(pid)
        tree = [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0
    for process in tree:
        with contextlib.suppress(psutil.Error):
            total += process.memory_info().rss
    return total
