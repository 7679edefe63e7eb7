"""The daily samples of what the machine left out, the answers of people, and what these are compared with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from curation.store import rows
from curation.store.base import StoreBase
from curation.types import Article

#: SQL: act ``r`` still counts. Undoings of undoings count one level deep, as deep as the desk makes them.
_COUNTS = """NOT EXISTS (SELECT 1 FROM reviews u WHERE u.undoes = r.id
             AND NOT EXISTS (SELECT 1 FROM reviews v WHERE v.undoes = u.id))"""
_ANSWERS = "('rescued', 'dismissed')"


@dataclass(frozen=True, slots=True)
class Poll:
    """One day's sample of one community: how many articles of each stratum it was drawn from, and how many drafts
    of the night waited then."""

    day: date
    near: int
    far: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Polled:
    """One article of a sample and the answer that counts, if any. ``lead``: the community that got it instead."""

    article: Article
    day: date
    stratum: str
    score: float
    added: date
    lead: str | None = None
    answer: str = ""  # an ``Act``: rescued or dismissed
    by: str = ""  # login
    act: int = 0  # id of the answer


class SampledStore(StoreBase):
    """What was left out, a few at a time."""

    def left_out(self, community: str, since: datetime) -> list[tuple[str, float]]:
        """(article, score) of recent articles that the community was not given and that nobody answered about.

        Neither copies, nor other members of a group that the community already has. Reads every article of the
        period: to be asked once a day (``save_poll``).
        """
        found = self._rows(
            f"""SELECT a.id, c.score FROM articles a
                JOIN classifications c ON c.article = a.id AND c.community = :community
                LEFT JOIN duplicates p ON p.article = a.id
                WHERE a.added >= :since AND coalesce(a.published, a.added) >= :since AND a.title <> ''
                AND coalesce(p.role, '') <> 'copy'
                AND NOT EXISTS (SELECT 1 FROM drafts d WHERE d.article = a.id AND d.community = :community)
                AND NOT EXISTS (SELECT 1 FROM duplicates q JOIN drafts d
                                ON d.article = q.article AND d.community = :community WHERE q.group_id = p.group_id)
                AND NOT EXISTS (SELECT 1 FROM reviews r WHERE r.article = a.id AND r.community = :community
                                AND r.act IN {_ANSWERS} AND {_COUNTS})""",
            {"community": community, "since": rows.time_out(since)},
        )
        return [(r["id"], r["score"]) for r in found]

    def night_waiting(self, community: str, since: datetime) -> int:
        """Drafts of the night queued since then that nobody has judged."""
        return int(
            self._value(
                "SELECT count(*) FROM drafts WHERE community = ? AND waiting AND origin = 'night' AND queued >= ?",
                [community, rows.time_out(since)],
            )
        )

    def has_poll(self, community: str, day: date) -> bool:
        """True once the sample of that day was drawn."""
        return bool(self._value("SELECT 1 FROM polls WHERE community = ? AND day = ?", [community, day.isoformat()]))

    def save_poll(self, community: str, poll: Poll, picks: Iterable[tuple[str, str, float]]) -> None:
        """The sample of a day, (article, stratum, score) in the order to show; the first one saved stays."""
        day = poll.day.isoformat()
        with self.db.atomic():
            new = self.db.execute(
                "INSERT OR IGNORE INTO polls (community, day, near, far, waiting) VALUES (?, ?, ?, ?, ?)",
                [community, day, poll.near, poll.far, poll.waiting],
            )
            if new.rowcount:
                self.db.conn.executemany(
                    "INSERT INTO polled (community, day, place, article, stratum, score) VALUES (?, ?, ?, ?, ?, ?)",
                    [(community, day, n, *pick) for n, pick in enumerate(picks)],
                )

    def polls(self, community: str, since: date) -> list[Poll]:
        """Samples drawn since that day, oldest first."""
        found = self._rows(
            "SELECT * FROM polls WHERE community = ? AND day >= ? ORDER BY day", [community, since.isoformat()]
        )
        return [Poll(date.fromisoformat(r["day"]), r["near"], r["far"], r["waiting"]) for r in found]

    def polled(self, community: str, day: date) -> list[Polled]:
        """The sample of a day, in its order, with the answers."""
        return self._polled(community, "p.day = ?", day)

    def poll_answers(self, community: str, since: date) -> list[Polled]:
        """Answers given to the samples drawn since that day."""
        return [p for p in self._polled(community, "p.day >= ?", since) if p.answer]

    def _polled(self, community: str, condition: str, day: date) -> list[Polled]:
        # the last answer that counts: two people may have answered at once
        found = self._rows(
            f"""SELECT p.day, p.stratum, p.score, j.lead, a.*, r.act, r.reviewer, r.id AS answer FROM polled p
                JOIN articles a ON a.id = p.article
                LEFT JOIN judgements j ON j.article = p.article
                LEFT JOIN reviews r ON r.id = (
                    SELECT max(r.id) FROM reviews r WHERE r.article = p.article AND r.community = p.community
                    AND r.act IN {_ANSWERS} AND r.target = p.day AND {_COUNTS})
                WHERE p.community = ? AND {condition} ORDER BY p.day, p.place""",
            [community, day.isoformat()],
        )
        return [
            Polled(
                rows.article_from(r),
                date.fromisoformat(r["day"]),
                r["stratum"],
                r["score"],
                date.fromisoformat(r["added"][:10]),
                r["lead"],
                r["act"] or "",
                r["reviewer"] or "",
                r["answer"] or 0,
            )
            for r in found
        ]

    def night_settled(self, community: str, since: datetime) -> dict[str, int]:
        """Status -> how many drafts of the night got it since then; those that were kept and wait again left out."""
        found = self._rows(
            """SELECT s.status, count(*) AS n FROM draft_states s JOIN drafts d USING (article, community)
               WHERE s.community = ? AND s.status IN ('published', 'kept', 'rejected') AND s.at >= ?
               AND d.origin = 'night' AND NOT d.waiting GROUP BY s.status""",
            [community, rows.time_out(since)],
        )
        return {r["status"]: r["n"] for r in found}

    def brought_and_kept(self, community: str, since: datetime) -> set[str]:
        """Articles that people brought to the queue since then, not the night, and that were published or kept."""
        found = self._rows(
            """SELECT s.article FROM draft_states s JOIN drafts d USING (article, community)
               WHERE s.community = ? AND s.status IN ('published', 'kept') AND s.at >= ? AND d.origin <> 'night'""",
            [community, rows.time_out(since)],
        )
        return {r["article"] for r in found}
