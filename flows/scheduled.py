"""The flow that the schedule starts: the same night as ``veille nightly``."""

from __future__ import annotations

from pathlib import Path

from prefect import flow

from curation.config import load_settings
from flows.night_commands import give_way, read_moment
from flows.nightly import nightly
from flows.progress import Progress


@flow(name="nuit")
def scheduled_night(config: str) -> str:
    """Run one night with the configuration at ``config``."""
    give_way()
    report = nightly(load_settings(Path(config)), read_moment(None), Progress(quiet=True))
    return f"{report.drafts_new} nouveaux brouillons"
