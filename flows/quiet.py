"""Prefect made silent and private before its first import: no telemetry, its files in the state folder.

At its end the ephemeral server logs cancelled tasks and locked databases on stderr; that is noise for whoever
runs a night, so only ``--verbose`` shows Prefect's own log.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path


def prepare_prefect(state: Path, verbose: bool = False) -> None:
    """Set Prefect's environment; call before importing it."""
    level = "INFO" if verbose else "CRITICAL"
    home = state.resolve() / "prefect"
    home.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("PREFECT_HOME", str(home))
    for name, value in {
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
        "PREFECT_LOGGING_LEVEL": level,
        "PREFECT_LOGGING_SERVER_LEVEL": level,
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PREFECT_CLI_COLORS": "false",
    }.items():
        os.environ.setdefault(name, value)
    if not verbose:
        for logger in ("prefect", "distributed", "asyncio", "uvicorn", "sqlalchemy", "aiosqlite", "httpx", "docket"):
            logging.getLogger(logger).setLevel(logging.CRITICAL)
