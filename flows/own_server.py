"""Prefect's server for one night, unless ``PREFECT_API_URL`` names one: a process of ours, on a free loopback port.

Prefect would start one by itself, but only once imported, importing the whole server here too, between ports 8000 and
9000 where the desk may be about to open, and a killed night would leave it behind. This one starts beside everything
else that a night has to load, and lives as long as its standard input is open: until this process ends, however it
ends. It keeps the runs of flows; those of tasks, of which a night has hundreds and which nobody can look at, are not
reported to it (it spent 20 ms of processor on each).

Run as a file, it is that server; nothing of ours is imported there.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Self

#: Seconds to wait for a server to answer.
PATIENCE = 120
#: And for one to end by itself.
FAREWELL = 5
_URL = "PREFECT_API_URL"
#: Services of a server that stays; and what Prefect itself sets for one that does not.
_SPARED = {
    "PREFECT_UI_ENABLED": "false",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_ENABLED": "false",
    "PREFECT_SERVER_EVENTS_STREAM_OUT_ENABLED": "false",
    "PREFECT_SERVER_LOGS_STREAM_OUT_ENABLED": "false",
}


class OwnServer:
    """A context manager around a night: started on entry, waited for by ``wait``, ended on exit.

    Does nothing when the environment names a server. ``state``: the folder of its log.
    """

    def __init__(self, state: Path) -> None:
        self._log = state / "prefect-server.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._lent = ExitStack()

    def __enter__(self) -> Self:
        if not os.environ.get(_URL):
            # -P: this file's neighbours must not be taken for libraries
            command = [sys.executable, "-P", str(Path(__file__).resolve())]
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    env={**os.environ, **_SPARED},
                    start_new_session=True,  # Ctrl+C is for this process, which ends its server last
                )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lent.close()
        if self._process is not None:
            os.environ.pop(_URL, None)
            end(self._process)

    def announce(self) -> None:
        """Name the server to Prefect, which reads its environment as it is imported: call it before that."""
        if self._process is not None:
            assert self._process.stdout is not None
            port = self._process.stdout.readline().decode("ascii").strip()
            os.environ[_URL] = f"http://127.0.0.1:{port}/api"

    def wait(self) -> None:
        """Until the server answers. Raises ``UserError``."""
        if self._process is None:
            return
        from prefect.events.clients import NullEventsClient
        from prefect.events.worker import EventsWorker
        from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

        wait_for(os.environ[_URL], self._process, self._log)
        EventsWorker.set_client_override(NullEventsClient)
        self._lent.callback(EventsWorker.set_client_override, None)
        # nobody listens to heartbeats either, and a flow that ends waits for the next one, up to a second
        self._lent.enter_context(temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}))


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Until the API at ``url`` is up. Raises ``UserError`` once its process ended, or after two minutes."""
    from curation.errors import UserError

    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise UserError(f"Le serveur Prefect s'est arrêté au démarrage ; voir {log}.")
        if answers(f"{url}/health"):
            return
        time.sleep(0.05)
    raise UserError(f"Le serveur Prefect ne répond pas après {PATIENCE} s ; voir {log}.")


def answers(url: str) -> bool:
    """Whether our own server answers with a success; never through a proxy of the environment."""
    # the client of gather speaks to the sites of others, politely: it is not the one to ask this machine
    from http.client import HTTPException
    from urllib.request import ProxyHandler, build_opener

    try:
        with build_opener(ProxyHandler({})).open(url, timeout=2) as answer:
            return 200 <= int(answer.status) < 300
    except (OSError, HTTPException):  # refused, too slow, an error status (URLError is an OSError)
        return False


def end(server: subprocess.Popen[bytes]) -> None:
    """Let an own server go, and insist."""
    for pipe in (server.stdin, server.stdout):
        if pipe is not None:
            pipe.close()
    try:
        server.wait(FAREWELL)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _serve(life: IO[bytes], told: IO[bytes]) -> None:
    """Serve until ``life`` ends; the port goes to ``told``. A client may connect at once: it waits for its answer."""
    import socket
    import threading

    def end_with_life() -> None:
        life.read()
        os._exit(0)  # the last state of a flow is written before its end is told: nothing is pending

    threading.Thread(target=end_with_life, daemon=True).start()
    listening = socket.create_server(("127.0.0.1", 0), backlog=128)
    told.write(b"%d\n" % listening.getsockname()[1])
    told.flush()
    import uvicorn
    from prefect.server.api.server import create_app

    application = create_app(ephemeral=True, final=True)
    server = uvicorn.Server(uvicorn.Config(application, log_level="error", lifespan="on"))
    server.run(sockets=[listening])


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
