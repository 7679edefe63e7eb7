"""harvest, then curate, then the run report."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

from prefect.context import SyncClientContext

from curation.config import Settings
from curation.store.store import Store
from curation.types import RunReport
from flows.curate import curate
from flows.harvest import harvest
from flows.progress import Progress


def nightly(
    settings: Settings, now: datetime, progress: Progress, *, harvesting: bool = True, curating: bool = True
) -> RunReport:
    """One night. A dead source never fails it; a killed night is resumed by the next call."""
    started = time.monotonic()
    with Store(settings.database) as store:
        report = RunReport(started=now, resumed=store.unfinished_run())
        run = store.start_run(report)
    with SyncClientContext.get_or_create():  # one client for both flows
        if harvesting:
            report = _harvest(settings, now, progress, report, run)
        if curating:
            drafts, duplicates, queues = curate(settings, now, progress)
            report = replace(report, drafts_new=drafts, duplicates=duplicates, drafts_by_community=queues)
    durations = {**progress.durations, "total": round(time.monotonic() - started, 2)}
    report = replace(report, finished=datetime.now(UTC), durations=durations)
    with Store(settings.database) as store:
        store.finish_run(run, report)
    return report


def _harvest(settings: Settings, now: datetime, progress: Progress, report: RunReport, run: int) -> RunReport:
    done = harvest(settings, now, progress)
    with Store(settings.database) as store:
        store.add_failures(run, done.failures)
    return replace(
        report,
        sources=done.sources,
        sources_due=done.due,
        sources_unchanged=done.unchanged,
        entries_new=done.entries_new,
        articles_new=done.articles_new,
        failures=dict(sorted(Counter(f.cause.value for _, f in done.failures).items())),
    )
