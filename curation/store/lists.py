"""Lists of drafts beyond the queue: settled, searched, near in time, in somebody's hands, folded behind another."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from curation.store import rows
from curation.store.base import UNDONE, StoreBase
from curation.store.desk import COLUMNS, DRAFTS, QueueRow, fts_words, queue_row
from curation.types import Evidence, Role

_WORD = re.compile(r"\w+")
#: How many articles before and after one could tell the same story (a week or two).
AROUND = 1000
#: How many full-text hits a search considers, last arrived first.
SEARCH_HITS = 1000


class ListStore(StoreBase):
    """The other reading side of the desk."""

    def similar_drafts(self, community: str, title: str, apart_from: str, limit: int = 8) -> list[QueueRow]:
        """Drafts of the community, waiting or published, whose article shares words with a title, nearest first.

        Among the articles that arrived around the one of the title: one story is told within days.
        """
        words = list(dict.fromkeys(w for w in _WORD.findall(title.lower()) if len(w) > 3))[:12]
        around = self._value("SELECT rowid FROM articles WHERE id = ?", [apart_from])
        if around is None:  # the source was deleted with its articles: what came last is as good
            around = self._value("SELECT coalesce(max(rowid), 0) FROM articles")
        if not words:
            return []
        # not bm25(): it would read every article that holds any of the words; a rare word says more than a common one
        one = "SELECT rowid AS hit, {n} AS word FROM articles_fts WHERE articles_fts MATCH ? AND rowid BETWEEN ? AND ?"
        met = self._rows(
            f"""WITH met AS MATERIALIZED ({" UNION ALL ".join(one.format(n=n) for n in range(len(words)))})
                SELECT hit FROM met JOIN (SELECT word, 1.0 / count(*) AS rarity FROM met GROUP BY word) USING (word)
                GROUP BY hit ORDER BY sum(rarity) DESC, hit LIMIT 60""",
            [p for w in words for p in (f'title : "{w}"', around - AROUND, around + AROUND)],
        )
        nearest = {r["hit"]: place for place, r in enumerate(met)}
        found = self._rows(
            f"""SELECT a.rowid AS hit, d.article FROM articles a
                JOIN drafts d ON d.article = a.id AND d.community = ?
                LEFT JOIN draft_states s ON s.article = d.article AND s.community = d.community
                WHERE a.rowid IN ({",".join("?" * len(nearest))}) AND d.article <> ?
                AND coalesce(s.status, 'waiting') IN ('waiting', 'kept', 'published')""",
            [community, *nearest, apart_from],
        )
        found.sort(key=lambda r: nearest[r["hit"]])
        return self._drafts_of([(r["article"], community) for r in found[:limit]])

    def search_drafts(self, communities: Sequence[str], text: str, limit: int = 50) -> list[QueueRow]:
        """Drafts of any status whose article holds these words: in its title first, then last arrived first."""
        words = fts_words(text)
        if not words or not communities:
            return []
        # not bm25(): with common words it would read a large part of the index. Keys first, whole rows for those shown
        keys: dict[tuple[str, str], None] = {}
        for asked in (f"title : ({words})", words):
            keys |= dict.fromkeys(self._hit_keys(asked, communities, limit) if len(keys) < limit else ())
        return self._drafts_of(list(keys)[:limit])

    def _hit_keys(self, words: str, communities: Sequence[str], limit: int) -> list[tuple[str, str]]:
        """(article, community) of drafts whose article answers an FTS5 query, last arrived first."""
        # CROSS: from the hits to their drafts, by the primary key alone; never through the queue
        found = self._rows(
            f"""SELECT d.article, d.community
                FROM (SELECT rowid AS hit FROM articles_fts WHERE articles_fts MATCH ?
                      ORDER BY rowid DESC LIMIT {SEARCH_HITS}) h
                CROSS JOIN articles a ON a.rowid = h.hit CROSS JOIN drafts d ON d.article = a.id
                WHERE d.community IN ({",".join("?" * len(communities))})
                ORDER BY h.hit DESC, d.community LIMIT ?""",
            [words, *communities, limit],
        )
        return [(r["article"], r["community"]) for r in found]

    def _drafts_of(self, keys: Sequence[tuple[str, str]]) -> list[QueueRow]:
        """These drafts, in this order."""
        found = self._rows(
            f"""SELECT {COLUMNS} FROM json_each(?) k
                CROSS JOIN drafts d
                ON d.article = json_extract(k.value, '$[0]') AND d.community = json_extract(k.value, '$[1]')
                LEFT JOIN draft_states s ON s.article = d.article AND s.community = d.community ORDER BY k.key""",
            [json.dumps(keys)],
        )
        return [queue_row(r) for r in found]

    def count_settled(self, community: str, since: datetime, until: datetime | None = None) -> dict[str, int]:
        """Status -> how many drafts were settled so since then."""
        found = self._rows(
            """SELECT status, count(*) AS n FROM draft_states WHERE community = ? AND at >= ? AND at < ?
               AND status <> 'waiting' GROUP BY status""",
            [community, rows.time_out(since), rows.time_out(until) if until else "9999"],
        )
        return {r["status"]: r["n"] for r in found}

    def near(self, communities: Sequence[str], first: date, last: date, limit: int = 30) -> list[QueueRow]:
        """Waiting, kept or published drafts whose deadline or event falls between two days, soonest first."""
        marks = ",".join("?" * len(communities))
        found = self._rows(
            f"""SELECT d.article, d.community, min(coalesce(CASE WHEN d.deadline >= ? THEN d.deadline END, '9999'),
                           coalesce(CASE WHEN d.event_start >= ? THEN d.event_start END, '9999')) AS due
                FROM {DRAFTS}
                WHERE d.community IN ({marks})
                AND (d.deadline BETWEEN ? AND ? OR d.event_start BETWEEN ? AND ?)
                AND coalesce(s.status, 'waiting') IN ('waiting', 'kept', 'published')
                ORDER BY due, d.score DESC LIMIT ?""",
            [first.isoformat()] * 2 + [*communities] + [first.isoformat(), last.isoformat()] * 2 + [limit],
        )
        return self._drafts_of([(r["article"], r["community"]) for r in found])

    def folded_of(self, articles: Iterable[str], community: str) -> dict[str, list[dict[str, Any]]]:
        """What stands behind each draft: {article, title, url, source, published, role}, copies first.

        Machine duplicates that nobody separated, then drafts a person folded into this one.
        """
        articles = list(articles)
        found = self._by_ids(
            f"""SELECT x.head, a.id AS article, a.title, a.url, coalesce(a.site, '') AS source, a.published, x.role
                FROM (SELECT p.of AS head, p.article, p.role FROM duplicates p WHERE p.of IN ({{ids}}) AND NOT EXISTS
                          (SELECT 1 FROM reviews r WHERE r.article = p.article AND r.community = '{_quoted(community)}'
                           AND r.act = 'split' AND NOT {UNDONE})) x
                JOIN articles a ON a.id = x.article ORDER BY x.role, a.published, a.id""",
            articles,
        )
        by_hand = self._by_ids(
            f"""SELECT s.folded_into AS head, a.id AS article, a.title, a.url, coalesce(a.site, '') AS source,
                       a.published, 'copy' AS role FROM draft_states s JOIN articles a ON a.id = s.article
                WHERE s.folded_into IN ({{ids}}) AND s.community = '{_quoted(community)}' AND s.status = 'folded'
                ORDER BY a.published, a.id""",
            articles,
        )
        result: dict[str, list[dict[str, Any]]] = {}
        for row in (*found, *by_hand):
            behind = result.setdefault(row["head"], [])
            if all(b["article"] != row["article"] for b in behind):
                behind.append({**row, "published": rows.time_in(row["published"]), "role": Role(row["role"])})
        return result

    def evidence(self, articles: Iterable[str], community: str) -> dict[str, tuple[Evidence, ...]]:
        """What speaks for a community in each article."""
        found = self._by_ids(
            f"SELECT article, evidence FROM classifications WHERE community = '{_quoted(community)}' "
            "AND article IN ({ids})",
            articles,
        )
        return {r["article"]: tuple(Evidence(**e) for e in json.loads(r["evidence"])) for r in found}

    def in_hands_of(self, login: str, communities: Sequence[str], limit: int = 20) -> list[QueueRow]:
        """Waiting drafts that somebody looks after, best first."""
        found = self._rows(
            f"""SELECT {COLUMNS} FROM draft_states s JOIN drafts d USING (article, community)
                WHERE s.holder = ? AND d.waiting AND d.community IN ({",".join("?" * len(communities))})
                ORDER BY d.score DESC, d.article LIMIT ?""",
            [login, *communities, limit],
        )
        return [queue_row(r) for r in found]

    def shared_waiting(self, communities: Sequence[str], limit: int = 20) -> list[QueueRow]:
        """Waiting drafts that a neighbour handed over."""
        found = self._rows(
            f"""SELECT {COLUMNS} FROM drafts d INDEXED BY drafts_shared
                LEFT JOIN draft_states s ON s.article = d.article AND s.community = d.community
                WHERE d.origin = 'shared' AND d.waiting
                AND d.community IN ({",".join("?" * len(communities))}) ORDER BY d.queued DESC, d.article LIMIT ?""",
            [*communities, limit],
        )
        return [queue_row(r) for r in found]


def _quoted(text: str) -> str:
    return text.replace("'", "''").replace("{", "").replace("}", "")
