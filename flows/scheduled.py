"""The flows that the schedule starts: the same night as ``veille nightly``, the same training as ``veille train``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from prefect import flow

from curation.config import load_settings
from curation.errors import ModelError
from flows.night_commands import give_way, read_moment
from flows.nightly import nightly
from flows.progress import Progress


@flow(name="nuit")
def scheduled_night(config: str) -> str:
    """Run one night with the configuration at ``config``."""
    give_way()
    report = nightly(load_settings(Path(config)), read_moment(None), Progress(quiet=True))
    return f"{report.drafts_new} nouveaux brouillons"


@flow(name="apprentissage")
def scheduled_training(config: str) -> str:
    """Learn from what was said at the desk. Too few verdicts, or a gate that says no: told, and not a failure."""
    from flows.learn_commands import learn

    give_way()
    try:
        return learn(load_settings(Path(config)), None, datetime.now(UTC)).sentence
    except ModelError as error:
        return str(error)
