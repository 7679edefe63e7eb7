"""``Worker``: the desk's end of the process that stays beside it (``flows.desk_worker``)."""

from __future__ import annotations

import logging
import pickle
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path
from typing import IO, Any

from curation.errors import UserError

#: Seconds without a request after which the process goes and its 700 MiB are given back. Between two rehearsals a
#: coordinator reads what moved and changes words: minutes. Starting again costs some seconds.
IDLE_S = 900.0
#: How long somebody waits for a colleague's request to end: one at a time.
TURN_S = 20.0
#: How long the process has to go by itself, before it is killed.
END_S = 2.0
BUSY = "Un autre travail est en cours au bureau. Recommencez dans un instant."
BROKEN = "L’essai s’est interrompu d’une façon imprévue ; la raison est au journal technique."
#: Last lines of its stderr that are told when it breaks.
LINES = 40
_LOG = logging.getLogger("veille.desk")


class Late(Exception):
    """The answer did not come in time, and the process was ended."""


class Worker:
    """One process, started at the first request, replaced when it dies or hangs. Safe among threads."""

    def __init__(self, config: Path, *, idle_s: float = IDLE_S, turn_s: float = TURN_S) -> None:
        """``config``: file of the configuration. ``idle_s``, ``turn_s``: see ``IDLE_S``, ``TURN_S``."""
        self._config, self._idle_s, self._turn_s = config, idle_s, turn_s
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._said: deque[str] = deque(maxlen=LINES)
        self._listener: threading.Thread | None = None
        self._rest: threading.Timer | None = None
        self._answered = False
        self._closed = False

    @property
    def up(self) -> bool:
        """True when it has answered something: what it loads is there, or soon."""
        process = self._process
        return self._answered and process is not None and process.poll() is None

    @property
    def pid(self) -> int | None:
        """Of the process; None when there is none."""
        return self._process.pid if self._process is not None else None

    def ask(self, name: str, seconds: float, *arguments: Any, turn_s: float = 0.0) -> Any:
        """What it answers, starting it if need be. ``turn_s``: how long its turn is waited for, where that is longer
        than usual.

        Raises ``Late`` after ``seconds`` (its start included, its turn not), ``UserError`` with its fault, when others
        keep it busy, or when it broke.
        """
        if not self._turn.acquire(timeout=max(self._turn_s, turn_s)):
            raise UserError(BUSY)
        try:
            if self._rest is not None:
                self._rest.cancel()
            fault, found = self._asked(name, seconds, arguments)
        finally:
            self._rest = threading.Timer(self._idle_s, self._go_to_rest)
            self._rest.daemon = True
            if not self._closed:
                self._rest.start()
            self._turn.release()
        if fault:
            raise UserError(fault)
        return found

    def close(self) -> None:
        """End the process, whatever it is doing; nothing is asked of it any more."""
        self._closed = True
        if self._rest is not None:
            self._rest.cancel()
        process = self._process
        if process is not None:
            self._end(process)

    def _asked(self, name: str, seconds: float, arguments: tuple[Any, ...]) -> tuple[str, Any]:
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        late = threading.Event()
        timer = threading.Timer(seconds, self._give_up, [process, late])
        timer.daemon = True
        timer.start()
        answer: tuple[str, Any] | None = None
        try:
            pickle.dump((name, arguments), process.stdin)
            process.stdin.flush()
            answer = pickle.load(process.stdout)  # written by our own code, which reads nothing foreign
        except Exception as error:  # it is gone, or what it says cannot be read: nothing after that could be
            self._end(process)
            if late.is_set():
                _LOG.warning("%s: given up after %s s", name, seconds)
                raise Late from error
            if not self._closed:
                _LOG.error("%s: exit status %s: %s", name, process.returncode, "".join(self._said))
            raise UserError(BROKEN) from error
        finally:
            timer.cancel()
        if late.is_set():  # it answered at the last moment, and is gone
            self._end(process)
        self._answered = True
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._closed:
            raise UserError("Le bureau se ferme.")
        if self._process is not None and self._process.poll() is None:
            return self._process
        if self._process is not None:
            self._end(self._process)
        self._answered = False
        self._said.clear()
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.desk_worker", str(self._config)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._listener = threading.Thread(target=_drain, args=(process.stderr, self._said), daemon=True)
        self._listener.start()
        self._process = process
        return process

    def _go_to_rest(self) -> None:
        if self._turn.acquire(blocking=False):  # else somebody is asking, and it will rest later
            try:
                if self._process is not None:
                    self._end(self._process)
            finally:
                self._turn.release()

    def _give_up(self, process: subprocess.Popen[bytes], late: threading.Event) -> None:
        late.set()
        process.kill()

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """The end of its input ends it."""
        try:
            if process.stdin is not None:
                process.stdin.close()
        except OSError:
            pass  # half a request that it will not read
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
        if self._listener is not None:
            self._listener.join(END_S)
        if self._process is process:
            self._process = None


def _drain(stderr: IO[bytes] | None, said: deque[str]) -> None:
    """Keep the last lines: a pipe that nobody reads would stop whoever writes to it."""
    if stderr is not None:
        with stderr:
            said.extend(line.decode("utf-8", "replace") for line in stderr)
