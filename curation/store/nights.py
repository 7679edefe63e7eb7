"""Run reports and the failures of each night."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import Any

from curation.store import rows
from curation.store.base import StoreBase
from curation.types import Failure, RunReport


class NightStore(StoreBase):
    """What happened, night after night."""

    def start_run(self, report: RunReport) -> int:
        """Open a run; its id."""
        with self.db.atomic():
            self._table("runs").insert(
                {"started": rows.time_out(report.started), "finished": None, "report": _dump(report)}
            )
            return int(self._value("SELECT max(id) FROM runs"))

    def finish_run(self, run: int, report: RunReport) -> None:
        """Close a run with its figures."""
        with self.db.atomic():
            self._table("runs").update(run, {"finished": rows.time_out(report.finished), "report": _dump(report)})

    def add_failures(self, run: int, failures: Iterable[tuple[str | None, Failure]]) -> None:
        """Failures of a run: (source id or None for a page, failure)."""
        with self.db.atomic():
            self.db.conn.executemany(
                "INSERT INTO failures (run, source, url, cause, failure) VALUES (?, ?, ?, ?, ?)",
                ((run, source, f.url, f.cause.value, rows.failure_out(f)) for source, f in failures),
            )

    def failures_of(self, run: int) -> list[tuple[str | None, Failure]]:
        """Failures of a run, in the order they came."""
        found = self._rows("SELECT source, failure FROM failures WHERE run = ? ORDER BY id", [run])
        return [(r["source"], f) for r in found if (f := rows.failure_in(r["failure"]))]

    def last_runs(self, limit: int = 1) -> list[tuple[int, RunReport]]:
        """Runs, last first."""
        found = self._rows("SELECT id, report FROM runs ORDER BY id DESC LIMIT ?", [limit])
        return [(r["id"], _load(r["report"])) for r in found]

    def run(self, run: int) -> RunReport | None:
        """One run."""
        found = self._rows("SELECT report FROM runs WHERE id = ?", [run])
        return _load(found[0]["report"]) if found else None

    def runs(self, limit: int, before: int | None = None) -> list[tuple[int, RunReport]]:
        """Runs older than ``before`` (an id), last first."""
        found = self._rows(
            "SELECT id, report FROM runs WHERE id < ? ORDER BY id DESC LIMIT ?", [before or 2**62, limit]
        )
        return [(r["id"], _load(r["report"])) for r in found]

    def failed_sources(self, run: int) -> int:
        """How many sources met a failure that night."""
        return int(
            self._value("SELECT count(DISTINCT source) FROM failures WHERE run = ? AND source IS NOT NULL", [run])
        )

    def failures_by_run(self, runs: Iterable[int]) -> dict[int, tuple[int, int]]:
        """Run -> (failures of sources, failures of pages), of those runs that had some."""
        found = self._by_ids(
            """SELECT run, sum(source IS NOT NULL) AS sources, sum(source IS NULL) AS pages
               FROM failures WHERE run IN ({ids}) GROUP BY run""",
            [str(r) for r in runs],
        )
        return {r["run"]: (r["sources"], r["pages"]) for r in found}

    def unfinished_run(self) -> bool:
        """True when the last run was killed before its end."""
        row = self._rows("SELECT finished FROM runs ORDER BY id DESC LIMIT 1")
        return bool(row) and row[0]["finished"] is None


def _dump(report: RunReport) -> str:
    content = asdict(report)
    content["started"], content["finished"] = rows.time_out(report.started), rows.time_out(report.finished)
    return rows.dumps(content)


def _load(text: str) -> RunReport:
    content: dict[str, Any] = json.loads(text)
    known = {f.name for f in fields(RunReport)}
    content = {k: v for k, v in content.items() if k in known}
    started = rows.time_in(content["started"])
    assert started is not None
    return RunReport(**{**content, "started": started, "finished": rows.time_in(content["finished"])})
