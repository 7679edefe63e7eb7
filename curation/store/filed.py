"""What was filed where: published contributions and reference documents, by dossier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from curation.store.base import StoreBase
from curation.store.desk import COLUMNS, QueueRow, fts_words, queue_row

#: Reference documents to be read again within that many days are due.
DUE_DAYS = 30

#: Keys of what stands on the shelves: published, or marked as a reference document whatever its status.
_SHELF = """SELECT article, community FROM draft_states WHERE community IN ({marks}) AND status = 'published'
            UNION SELECT article, community FROM draft_states WHERE community IN ({marks}) AND reference"""
_DOSSIER = "coalesce(s.dossier, d.dossier, '')"


@dataclass(frozen=True, slots=True)
class FiledFilter:
    """What of the shelves is shown. Empty values filter nothing."""

    dossier: str | None = None  # "": filed nowhere; None: everywhere
    text: str = ""
    since: date | None = None  # days of publication
    until: date | None = None
    reference: bool = False  # reference documents only
    due_by: date | None = None  # those to be read again on that day or before


@dataclass(frozen=True, slots=True)
class Shelf:
    """A dossier of a community in figures; ``dossier`` is "" for what is filed nowhere."""

    community: str
    dossier: str
    contributions: int
    references: int
    due: int
    last: str  # ISO time of the last publication, or ""


class FiledStore(StoreBase):
    """The shelves."""

    def shelves(self, communities: Sequence[str], due_by: date) -> list[Shelf]:
        """Every dossier that holds something."""
        found = self._rows(
            f"""SELECT s.community, {_DOSSIER} AS dossier, count(*) AS n, sum(s.reference) AS refs,
                       sum(s.reference AND s.review_by <= ?) AS due, max(coalesce(s.at, '')) AS last
                FROM ({_shelf(communities)}) k JOIN draft_states s USING (article, community)
                JOIN drafts d USING (article, community) GROUP BY 1, 2""",
            [due_by.isoformat(), *communities, *communities],
        )
        return [Shelf(r["community"], r["dossier"], r["n"], r["refs"], r["due"] or 0, r["last"] or "") for r in found]

    def filed(
        self, communities: Sequence[str], wanted: FiledFilter, limit: int = 40, offset: int = 0
    ) -> list[QueueRow]:
        """Contributions and reference documents, last settled first; those that are due first when asked for."""
        conditions, parameters = ["1"], [*communities, *communities]
        filters: list[tuple[str, Any]] = [
            (f"{_DOSSIER} = ?", wanted.dossier),
            ("s.at >= ?", wanted.since.isoformat() if wanted.since else None),
            ("s.at <= ?", f"{wanted.until.isoformat()}T23:59:59Z" if wanted.until else None),
            ("s.reference AND s.review_by <= ?", wanted.due_by.isoformat() if wanted.due_by else None),
        ]
        for condition, value in filters:
            if value is not None:
                conditions.append(condition)
                parameters.append(value)
        if wanted.reference:
            conditions.append("s.reference")
        words = fts_words(wanted.text)
        if words:
            # the words of the article, or the title that a person gave it; every hit counts, however old: their
            # numbers alone are read (with 100,000 articles: 4 ms; their rows would take 170)
            conditions.append(
                """((SELECT a.rowid FROM articles a WHERE a.id = d.article) IN
                    (SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?) OR instr(lower(s.title), lower(?)))"""
            )
            parameters += [words, wanted.text.strip()]
        order = "s.review_by, s.article" if wanted.due_by else "coalesce(s.at, '') DESC, s.article"
        found = self._rows(
            f"""SELECT {COLUMNS} FROM ({_shelf(communities)}) k JOIN draft_states s USING (article, community)
                JOIN drafts d USING (article, community)
                WHERE {" AND ".join(conditions)} ORDER BY {order} LIMIT ? OFFSET ?""",
            [*parameters, limit, offset],
        )
        return [queue_row(r) for r in found]


def _shelf(communities: Sequence[str]) -> str:
    return _SHELF.format(marks=",".join("?" * len(communities)))
