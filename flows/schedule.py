"""``veille serve``: Prefect's server (SQLite, in the state folder), the nights of the configuration, and the desk."""

from __future__ import annotations

import inspect
import os
import signal
import subprocess
import sys
from pathlib import Path

from curation.config import Settings
from flows.own_server import wait_for
from flows.quiet import prepare_prefect


def serve(
    settings: Settings, config: Path, verbose: bool, desk: tuple[str, int], host: str = "127.0.0.1", port: int = 4200
) -> None:
    """Run until interrupted: the desk on its (host, port), Prefect's server, the night and the training at their hours.

    The desk has a process of its own: a night takes nothing from it but the processor, and it stays open while
    Prefect starts.
    """
    prepare_prefect(settings.state, verbose)
    shown = [sys.executable, "-m", "flows.cli", "--config", str(config.resolve()), "desk"]
    pages = subprocess.Popen([*shown, "--host", desk[0], "--port", str(desk[1])])
    try:
        _serve_nights(settings, config, host, port)
    finally:
        _stop(pages)


def _serve_nights(settings: Settings, config: Path, host: str, port: int) -> None:
    url = f"http://{host}:{port}/api"
    os.environ["PREFECT_API_URL"] = url
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", host, "--port", str(port)]
    log = settings.state / "prefect-server.log"
    with log.open("ab") as out:
        server = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    try:
        wait_for(url, server, log)
        from prefect import serve as serve_deployments
        from prefect.schedules import Cron

        from flows.scheduled import scheduled_night, scheduled_training

        deployments = []
        for flow, name, cron in (
            (scheduled_night, "chaque-nuit", settings.schedule.nightly),
            (scheduled_training, "chaque-semaine", settings.schedule.weekly),
        ):
            deployment = flow.to_deployment(
                name=name,
                schedule=Cron(cron, timezone=settings.timezone),
                parameters={"config": str(config.resolve())},
            )
            assert not inspect.isawaitable(deployment)  # awaitable only inside an event loop
            deployments.append(deployment)
        sys.stderr.write(
            f"Nuits programmées : « {settings.schedule.nightly} », apprentissage : « {settings.schedule.weekly} » "
            f"({settings.timezone}). "
            f"Suivi : http://{host}:{port}. Ctrl+C pour arrêter.\n"
        )
        serve_deployments(*deployments)
    finally:
        _stop(server)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask, wait, then insist."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
