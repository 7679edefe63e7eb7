"""What the desk reads: pages of a queue, one draft, searches. Every query here stays fast with 100,000 drafts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from curation.store import rows
from curation.store.base import StoreBase
from curation.types import Draft, DraftStatus

#: Counting stops here: « plus de 1 000 » says enough, and costs the same whatever the size of the queue.
COUNT_LIMIT = 1000
#: How many full-text hits a filter of the queue considers: those that arrived last.
TEXT_HITS = 1000


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What of a queue is shown. Empty values filter nothing."""

    dossier: str = ""
    kind: str = ""
    source: str = ""
    since: date | None = None
    until: date | None = None
    min_score: float = 0.0
    text: str = ""
    holder: str = ""  # a login, or "none" for drafts nobody took
    sort: str = "score"  # score | recent | deadline
    after: str = ""  # where the page before ended (keyset paging)
    before: str = ""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A draft as the queue shows it: what the night wrote and what people changed."""

    draft: Draft
    status: DraftStatus
    title: str
    dossier: str | None  # filed by a person, else suggested
    holder: str | None
    revision: int
    origin: str
    reviewer: str | None = None
    at: datetime | None = None
    until: date | None = None
    post_url: str = ""
    reference: bool = False
    review_by: date | None = None
    folded_into: str | None = None


@dataclass(frozen=True, slots=True)
class QueuePage:
    """``total`` stops at ``COUNT_LIMIT`` + 1. ``next``/``previous``: cursors, empty at the ends."""

    rows: tuple[QueueRow, ...]
    total: int
    next: str
    previous: str


#: Sort -> (expression, direction of the best first). Ties by article: the order is total, so that cursors hold.
_SORTS = {
    "score": ("d.score", "DESC"),
    "recent": ("coalesce(d.published, '')", "DESC"),
    "deadline": ("coalesce(d.deadline, '9999')", "ASC"),
}
COLUMNS = """d.*, s.status, s.title AS edited_title, s.dossier AS filed, s.holder, s.revision, s.reviewer, s.at,
              s.until, s.post_url, s.reference, s.review_by, s.folded_into"""
DRAFTS = "drafts d LEFT JOIN draft_states s ON s.article = d.article AND s.community = d.community"


class DeskStore(StoreBase):
    """The reading side of the desk."""

    def queue_page(self, community: str, wanted: QueueFilter, size: int = 25) -> QueuePage:
        """One page of the waiting drafts of a community."""
        expression, direction = _SORTS.get(wanted.sort, _SORTS["score"])
        conditions, parameters = self._conditions(community, wanted)
        drafts = DRAFTS
        if words := fts_words(wanted.text):
            # found once, for the count and for the page; from the hits to the drafts, never through the whole queue
            drafts, conditions = f"json_each(?) h CROSS JOIN {DRAFTS}", ["d.article = h.value", *conditions]
            parameters.insert(0, rows.dumps(self._hits(words)))
        total = int(
            self._value(
                f"""SELECT count(*) FROM (SELECT 1 FROM {drafts} WHERE {" AND ".join(conditions)}
                    LIMIT {COUNT_LIMIT + 1})""",
                parameters,
            )
        )
        backwards = bool(wanted.before)
        flipped = {"ASC": "DESC", "DESC": "ASC"}[direction]
        along, ids = (flipped, "DESC") if backwards else (direction, "ASC")
        cursor = _cursor(wanted.before or wanted.after, numeric=wanted.sort not in ("recent", "deadline"))
        if cursor:
            sign = ">" if along == "ASC" else "<"
            # SQLite reads an index best from one bound: the equal case is told apart
            conditions.append(
                f"{expression} {sign}= ? AND ({expression} {sign} ? OR d.article {'<' if backwards else '>'} ?)"
            )
            parameters += [cursor[0], cursor[0], cursor[1]]
        found = self._rows(
            f"""SELECT {COLUMNS}, {expression} AS sort_key FROM {drafts} WHERE {" AND ".join(conditions)}
                ORDER BY {expression} {along}, d.article {ids} LIMIT {size + 1}""",
            parameters,
        )
        more, found = len(found) > size, found[:size]
        if backwards:
            found.reverse()
        first = f"{found[0]['sort_key']}~{found[0]['article']}" if found else ""
        last = f"{found[-1]['sort_key']}~{found[-1]['article']}" if found else ""
        return QueuePage(
            tuple(queue_row(r) for r in found),
            total,
            next=last if (more or backwards) else "",
            previous=first if (more if backwards else bool(cursor)) else "",
        )

    def _conditions(self, community: str, wanted: QueueFilter) -> tuple[list[str], list[Any]]:
        conditions, parameters = ["d.community = ?", "d.waiting"], [community]
        filters: list[tuple[str, Any]] = [
            ("coalesce(s.dossier, d.dossier) = ?", wanted.dossier),
            ("d.kind = ?", wanted.kind),
            ("d.source = ?", wanted.source),
            ("d.published >= ?", wanted.since.isoformat() if wanted.since else ""),
            ("d.published <= ?", f"{wanted.until.isoformat()}T23:59:59Z" if wanted.until else ""),
            ("d.score >= ?", wanted.min_score),
        ]
        if wanted.holder == "none":
            conditions.append("s.holder IS NULL")
        else:
            filters.append(("s.holder = ?", wanted.holder))
        for condition, value in filters:
            if value:
                conditions.append(condition)
                parameters.append(value)
        return conditions, parameters

    def _hits(self, words: str) -> list[str]:
        """Articles that answer an FTS5 query, last arrived first."""
        found = self._rows(
            f"""SELECT a.id FROM articles_fts f JOIN articles a ON a.rowid = f.rowid
                WHERE articles_fts MATCH ? ORDER BY f.rowid DESC LIMIT {TEXT_HITS}""",
            [words],
        )
        return [r["id"] for r in found]

    def draft(self, article: str, community: str) -> QueueRow | None:
        """One draft, whatever its status."""
        found = self._rows(
            f"SELECT {COLUMNS} FROM {DRAFTS} WHERE d.article = ? AND d.community = ?", [article, community]
        )
        return queue_row(found[0]) if found else None

    def next_waiting(
        self, community: str, skip: Iterable[str], login: str, after: tuple[float, str] | None = None
    ) -> str | None:
        """The best waiting draft that nobody else looks after; ``skip``: articles others have on screen.

        ``after``: (score, article) of the draft just left, to go on from there.
        """
        left = list(skip)
        parameters: list[Any] = [community, login, *left]
        bound = ""
        if after:
            bound = "AND d.score <= ? AND (d.score < ? OR d.article > ?)"
            parameters += [after[0], after[0], after[1]]
        found = self._rows(
            f"""SELECT d.article FROM {DRAFTS} WHERE d.community = ? AND d.waiting
                AND (s.holder IS NULL OR s.holder = ?) AND d.article NOT IN ({",".join("?" * len(left))}) {bound}
                ORDER BY d.score DESC, d.article LIMIT 1""",
            parameters,
        )
        return str(found[0]["article"]) if found else None

    def previous_waiting(self, community: str, before: tuple[float, str]) -> str | None:
        """The waiting draft that stands just before (score, article)."""
        found = self._rows(
            """SELECT article FROM drafts WHERE community = ? AND waiting AND score >= ?
               AND (score > ? OR article < ?) ORDER BY score, article DESC LIMIT 1""",
            [community, before[0], before[0], before[1]],
        )
        return str(found[0]["article"]) if found else None

    def position(self, community: str, score: float, article: str) -> int:
        """How many waiting drafts of the community stand before this one."""
        return int(
            self._value(
                """SELECT count(*) FROM drafts WHERE community = ? AND waiting AND score >= ?
                   AND (score > ? OR article < ?)""",
                [community, score, score, article],
            )
        )

    def queue_sources(self, community: str) -> list[str]:
        """Names of the sources of the drafts of a community, for the filter."""
        # a « skip scan »: one index probe per source instead of one per draft
        found = self._rows(
            """WITH RECURSIVE t(source) AS (
                   SELECT min(source) FROM drafts WHERE community = :c AND waiting
                   UNION ALL
                   SELECT (SELECT min(source) FROM drafts WHERE community = :c AND waiting AND source > t.source)
                   FROM t WHERE t.source IS NOT NULL)
               SELECT source FROM t WHERE source IS NOT NULL AND source <> '' LIMIT 300""",
            {"c": community},
        )
        return [r["source"] for r in found]


def fts_words(text: str) -> str:
    """Plain words -> an FTS5 query that asks for all of them; "" when there is none.

    The last one is a prefix from three letters on: fewer would begin most words.
    """
    clean = text.encode("utf-8", "ignore").decode().replace("\0", " ")
    quoted = ['"' + word.replace('"', '""') + '"' for word in clean.split()[:20]]
    return " ".join(quoted) + ("*" if len(quoted[-1]) > 4 else "") if quoted else ""


def _cursor(text: str, numeric: bool) -> tuple[Any, str] | None:
    """(sort value, article) of a cursor; None when it is absent or was tampered with."""
    value, mark, article = text.rpartition("~")
    if not mark:
        return None
    if not numeric:
        return value, article
    try:
        return float(value), article
    except ValueError:
        return None


def queue_row(row: rows.Row) -> QueueRow:
    draft = rows.draft_from(row)
    return QueueRow(
        draft=draft,
        status=DraftStatus(row["status"] or "waiting"),
        title=row["edited_title"] or draft.title,
        dossier=row["filed"] or draft.dossier,
        holder=row["holder"],
        revision=row["revision"] or 0,
        origin=row["origin"],
        reviewer=row["reviewer"],
        at=rows.time_in(row["at"]),
        until=rows.day_in(row["until"]),
        post_url=row["post_url"] or "",
        reference=bool(row["reference"]),
        review_by=rows.day_in(row["review_by"]),
        folded_into=row["folded_into"],
    )
