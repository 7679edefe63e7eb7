"""What the nights did: the list with its charts, and one report in full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from starlette.responses import Response

from curation.labels import Explanation, explain, title_of
from curation.types import Cause, Failure, RunReport
from curation.web.access import Need, page
from curation.web.charts import Chart, Series, bars, columns
from curation.web.desk import Desk, Stop
from curation.web.render import LOCALE, count
from curation.web.sentences import STEP_LABELS, duration, night_sentence

#: Nights in one page of the list, nights in a chart, pages shown of one cause.
LISTED, DRAWN, PAGES_SHOWN = 30, 14, 20


@dataclass(slots=True)
class Trouble:
    """Everything that failed for one cause in one night."""

    cause: Cause
    said: Explanation
    sources: list[tuple[str | None, str, Failure]] = field(default_factory=list)  # id if still watched, name, failure
    pages: list[Failure] = field(default_factory=list)

    @property
    def page_count(self) -> int:
        return len(self.pages)


@page("/nuits", Need.ACCOUNT)
def nuits(desk: Desk) -> Response:
    """The nights, last first, and what they look like side by side."""
    before = desk.argument("avant")
    asked = int(before) if before.isdecimal() and len(before) < 18 else None
    found = desk.store.runs(LISTED + 1, asked)
    runs = found[:LISTED]
    finished = [(i, r) for i, r in runs if r.finished is not None]
    return desk.render(
        "nights.html",
        runs=[(i, r, _length(r)) for i, r in runs],
        sentence=night_sentence(finished[0][1], desk.store.failed_sources(finished[0][0])) if finished else "",
        charts=_charts(desk, finished[:DRAWN][::-1]) if finished else [],
        older=runs[-1][0] if len(found) > LISTED else None,
        first_page=asked is None,
    )


@page("/nuits/{run:int}", Need.ACCOUNT)
def nuit(desk: Desk) -> Response:
    """One night: what came, how long each step took, what failed and what to do about it."""
    run = int(desk.path_params["run"])
    report = desk.store.run(run) if run < 2**62 else None
    if report is None:
        raise Stop(
            404, "Nuit inconnue", "Aucun compte rendu ne porte ce numéro. La liste des nuits est sous « Nuits »."
        )
    last = desk.store.last_runs(1)[0][0] == run
    failed = desk.store.failed_sources(run)
    sentence = night_sentence(report, failed, "Cette nuit" if last else "Cette nuit-là")
    if report.finished is None and not last:
        sentence = "Cette nuit-là s’est interrompue avant la fin ; la suivante a repris où elle en était."
    return desk.render(
        "night.html",
        run=run,
        report=report,
        sentence=sentence,
        length=_length(report),
        steps=_steps(report),
        troubles=troubles(desk, desk.store.failures_of(run)),
        shown=PAGES_SHOWN,
        queues=_queues(desk, report),
    )


def troubles(desk: Desk, failures: Sequence[tuple[str | None, Failure]]) -> list[Trouble]:
    """Failures by cause, those that touch most sources first."""
    names = {s.id: s.name for s in desk.store.sources()}
    found: dict[Cause, Trouble] = {}
    for source, failure in failures:
        # without an address the explanation speaks of « le site »: it holds for the whole group
        general = explain(Failure(failure.cause, ""))
        trouble = found.setdefault(failure.cause, Trouble(failure.cause, general))
        if source is None:
            trouble.pages.append(failure)
        else:
            trouble.sources.append((source if source in names else None, names.get(source, source), failure))
    return sorted(found.values(), key=lambda t: (-len(t.sources), -t.page_count, t.said.title))


def _charts(desk: Desk, nights: Sequence[tuple[int, RunReport]]) -> list[Chart]:
    """Oldest night first."""
    zone = ZoneInfo(desk.settings.timezone)
    days = [format_date(r.started.astimezone(zone), "dd/MM", locale=LOCALE) for _, r in nights]
    reports = [r for _, r in nights]
    entries = Series("entrées nouvelles", tuple(r.entries_new for r in reports))
    drafts = Series("brouillons nouveaux", tuple(r.drafts_new for r in reports))
    split = desk.store.failures_by_run(i for i, _ in nights)
    lost = Series("sources", tuple(split.get(i, (0, 0))[0] for i, _ in nights))
    unread = Series("pages", tuple(split.get(i, (0, 0))[1] for i, _ in nights))
    causes: Counter[str] = Counter()
    for report in reports:
        causes.update(report.failures)
    said = [(title_of(cause), n) for cause, n in causes.most_common(8)]
    over = "une nuit" if len(nights) == 1 else f"les {len(nights)} dernières nuits"
    return [
        columns(
            "contenus",
            "Contenus par nuit",
            f"Sur {over}, au plus {count(int(max(entries.values)), 'entrée nouvelle', 'entrées nouvelles')} "
            f"et {count(int(max(drafts.values)), 'brouillon nouveau', 'brouillons nouveaux')}.",
            "Nuit",
            days,
            [entries, drafts],
        ),
        columns(
            "echecs",
            "Échecs par nuit",
            f"Sur {over}, {count(int(sum(lost.values)), 'échec')} de sources et "
            f"{count(int(sum(unread.values)), 'page illisible', 'pages illisibles')}.",
            "Nuit",
            days,
            [lost, unread],
            stacked=True,
        ),
        _queues(desk, reports[-1]),
        bars(
            "causes",
            "Échecs par cause",
            f"Sur {over}, la cause la plus fréquente : {said[0][0].lower()}." if said else "Aucun échec.",
            ("Cause", "Échecs"),
            said,
        ),
    ]


def _queues(desk: Desk, report: RunReport) -> Chart:
    waiting = [(desk.words.name(c), n) for c, n in report.drafts_by_community.items()]
    waiting.sort(key=lambda pair: (-pair[1], pair[0]))
    what = f"La file la plus longue : {waiting[0][0]}, {count(waiting[0][1], 'brouillon')}." if waiting else ""
    title = "Brouillons en attente au matin"
    return bars("files", title, what, ("Communauté", "Brouillons"), waiting)


def _steps(report: RunReport) -> list[tuple[str, str, float]]:
    """(step, duration, share of the whole 0..1), in the order they ran, « total » left out."""
    known = [*STEP_LABELS, *(k for k in report.durations if k not in STEP_LABELS)]
    steps = [(k, report.durations[k]) for k in known if k in report.durations and k != "total"]
    whole = report.durations.get("total") or sum(s for _, s in steps) or 1.0
    return [(STEP_LABELS.get(k, k), duration(s), min(1.0, s / whole)) for k, s in steps]


def _length(report: RunReport) -> str:
    if "total" in report.durations:
        return duration(report.durations["total"])
    if report.finished is None:
        return ""
    return duration(max(0.0, (report.finished - report.started).total_seconds()))


PAGES: tuple[Any, ...] = (nuits, nuit)
