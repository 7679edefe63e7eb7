"""What people did: reviews, append-only, and what they amount to.

The store appends and keeps the projection (``draft_states``, ``drafts.waiting``) in the same transaction; what
a sequence of reviews means is ``curation.decide.review``'s to say, and the caller's to bring.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime

from curation.store import review_rows, rows
from curation.store.base import UNDONE, StoreBase
from curation.types import Act, Draft, DraftState, DraftStatus, Review


class ReviewedStore(StoreBase):
    """The memory of the desk."""

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """One writing transaction, taken at once: what is read inside cannot change before it is saved."""
        with self.db.atomic():
            yield

    def append_review(self, review: Review) -> Review:
        """Append one act; the same with its id."""
        self._table("reviews").insert(review_rows.review_row(review))
        identity = int(self._value("SELECT last_insert_rowid()"))
        return review_rows.review_from(self._rows("SELECT * FROM reviews WHERE id = ?", [identity])[0])

    def save_state(self, article: str, community: str, state: DraftState, today: date) -> None:
        """The projection of one draft; it waits when nothing settles it, or when the day it was kept for has come."""
        self._table("draft_states").upsert(
            review_rows.state_row(article, community, state), pk=("article", "community")
        )
        until = state.verdict.until if state.verdict else None
        waits = state.status is DraftStatus.WAITING or (
            state.status is DraftStatus.KEPT and until is not None and until <= today
        )
        self.db.execute(
            "UPDATE drafts SET waiting = ? WHERE article = ? AND community = ?", [int(waits), article, community]
        )

    def wake(self, today: date) -> int:
        """Drafts kept until today or earlier wait again. Returns how many."""
        due = """SELECT d.article, d.community FROM draft_states s JOIN drafts d USING (article, community)
                 WHERE s.status = 'kept' AND s.until <= ? AND NOT d.waiting"""
        found = self._rows(due, [today.isoformat()])
        if found:
            with self.db.atomic():
                self.db.conn.executemany(
                    "UPDATE drafts SET waiting = 1 WHERE article = ? AND community = ?",
                    [(r["article"], r["community"]) for r in found],
                )
        return len(found)

    def reviews_of(self, article: str, community: str | None = None) -> list[Review]:
        """Every act on an article, in order; of one community when it is named."""
        sql, parameters = "SELECT * FROM reviews WHERE article = ?", [article]
        if community is not None:
            sql, parameters = sql + " AND community = ?", [article, community]
        return [review_rows.review_from(r) for r in self._rows(sql + " ORDER BY id", parameters)]

    def review(self, identity: int) -> Review | None:
        """One act."""
        found = self._rows("SELECT * FROM reviews WHERE id = ?", [identity])
        return review_rows.review_from(found[0]) if found else None

    def journal(
        self,
        communities: Iterable[str],
        *,
        before: int | None = None,
        reviewer: str = "",
        act: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 50,
    ) -> list[tuple[Review, str, bool]]:
        """Acts of these communities, last first: (act, title of the draft, whether it was undone).

        ``before`` is the id where the page before ended; ``until`` is not reached.
        """
        wanted: list[str] = ["r.community = ?"]
        parameters: list[object] = []
        for condition, value in (
            ("r.id < ?", before),
            ("r.reviewer = ?", reviewer),
            ("r.act = ?", act),
            ("r.at >= ?", rows.time_out(since)),
            ("r.at < ?", rows.time_out(until)),
        ):
            if value:
                wanted.append(condition)
                parameters.append(value)
        # the last acts of each community by its index, then the last of these: never a sort of the whole journal
        last = f"""SELECT * FROM (SELECT r.id FROM reviews r WHERE {" AND ".join(wanted)}
                                  ORDER BY r.id DESC LIMIT ?)"""
        listed = list(communities)
        if not listed:
            return []
        found = self._rows(
            f"""SELECT r.*, coalesce(s.title, d.title, a.title, '') AS draft_title,
                       EXISTS (SELECT 1 FROM reviews u WHERE u.undoes = r.id AND NOT EXISTS
                               (SELECT 1 FROM reviews v WHERE v.undoes = u.id)) AS undone
                FROM reviews r
                LEFT JOIN drafts d ON d.article = r.article AND d.community = r.community
                LEFT JOIN draft_states s ON s.article = r.article AND s.community = r.community
                LEFT JOIN articles a ON a.id = r.article
                WHERE r.id IN ({" UNION ALL ".join([last] * len(listed))}) ORDER BY r.id DESC LIMIT ?""",
            [value for community in listed for value in (community, *parameters, limit)] + [limit],
        )
        return [(review_rows.review_from(r), r["draft_title"], bool(r["undone"])) for r in found]

    def last_act(self, community: str, login: str, acts: Collection[str], since: datetime) -> tuple[Review, str] | None:
        """The last of these acts of a person that nobody undid, and the title of its draft."""
        found = self._rows(
            f"""SELECT r.*, coalesce(s.title, d.title, '') AS draft_title FROM reviews r
                LEFT JOIN drafts d ON d.article = r.article AND d.community = r.community
                LEFT JOIN draft_states s ON s.article = r.article AND s.community = r.community
                WHERE r.community = ? AND r.reviewer = ? AND r.at >= ? AND NOT {UNDONE}
                AND r.act IN ({",".join("?" * len(acts))}) ORDER BY r.id DESC LIMIT 1""",
            [community, login, rows.time_out(since), *acts],
        )
        return (review_rows.review_from(found[0]), found[0]["draft_title"]) if found else None

    def undoings(self, ids: Iterable[int]) -> dict[int, int]:
        """Act -> the last undoing of it: undoing that one brings the act back."""
        found = self._by_ids(
            "SELECT undoes, max(id) AS last FROM reviews WHERE undoes IN ({ids}) GROUP BY undoes", map(str, ids)
        )
        return {r["undoes"]: r["last"] for r in found}

    def drafted(self, articles: Iterable[str]) -> set[tuple[str, str]]:
        """The (article, community) of every draft of these articles."""
        found = self._by_ids("SELECT article, community FROM drafts WHERE article IN ({ids})", articles)
        return {(r["article"], r["community"]) for r in found}

    def reviewed(self) -> dict[tuple[str, str], DraftStatus]:
        """The status of every (article, community) that a verdict settles."""
        found = self._rows("SELECT article, community, status FROM draft_states WHERE status <> 'waiting'")
        return {(r["article"], r["community"]): DraftStatus(r["status"]) for r in found}

    def reviewed_articles(self) -> set[str]:
        """Articles on which somebody acted, whatever the act."""
        return {r["article"] for r in self._rows("SELECT DISTINCT article FROM reviews")}

    def unreviewed(self, count: int) -> list[str]:
        """At most ``count`` articles on which nobody acted, spread over all that are kept; the same ones each time."""
        found = self._rows(
            """SELECT v.article FROM vectors v JOIN articles a ON a.id = v.article
               WHERE a.purged = 0 AND NOT EXISTS (SELECT 1 FROM reviews r WHERE r.article = v.article)
               ORDER BY v.article LIMIT ?""",  # ids are digests: their order has no meaning
            [count],
        )
        return [r["article"] for r in found]

    def drafts_seen(self) -> list[tuple[str, str]]:
        """Every (article, community) with at least one act."""
        found = self._rows("SELECT DISTINCT article, community FROM reviews ORDER BY article, community")
        return [(r["article"], r["community"]) for r in found]

    def add_draft(self, draft: Draft, origin: str, now: datetime, version: str = "") -> bool:
        """A draft that a person brings (« shared », « added »); False when the community has it already."""
        done = self.db.execute(
            "SELECT 1 FROM drafts WHERE article = ? AND community = ?", [draft.article, draft.community]
        ).fetchone()
        if done:
            return False
        self._table("drafts").insert(
            {**rows.draft_row(draft), "version": version, "queued": rows.time_out(now), "origin": origin}
        )
        return True

    def withdraw_draft(self, article: str, community: str) -> None:
        """Take back a draft that a person brought. What was said of it stays in ``reviews``."""
        self.db.execute(
            "DELETE FROM drafts WHERE article = ? AND community = ? AND origin <> 'night'", [article, community]
        )

    def merged(self) -> set[tuple[str, str]]:
        """Pairs of articles that a person said are duplicates: (folded, into)."""
        found = self._rows(
            f"SELECT article, target FROM reviews r WHERE act = ? AND target IS NOT NULL AND NOT {UNDONE}",
            [Act.FOLDED.value],
        )
        return {(r["article"], r["target"]) for r in found}

    def separated(self) -> set[tuple[str, str]]:
        """Pairs of articles that a person said are not duplicates: (member, representative)."""
        found = self._rows(
            f"SELECT article, target FROM reviews r WHERE act = ? AND NOT {UNDONE}",
            [Act.SPLIT.value],
        )
        return {(r["article"], r["target"]) for r in found}
