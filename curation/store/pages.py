"""Pages that failed in passing: asked again on other nights, and what they say once they answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from curation.store import rows
from curation.store.readings import ReadingStore
from curation.store.repeats import RepeatStore
from curation.types import Article, Failure, FeedEntry

#: Nobody's work may change under it: an article that a person judged keeps the text they read.
_UNTOUCHED = "NOT EXISTS (SELECT 1 FROM reviews r WHERE r.article = :id)"


class PageStore(RepeatStore, ReadingStore):
    """Pages still missing."""

    def pages_to_ask_again(self, now: datetime, since: datetime) -> dict[str, tuple[int, list[FeedEntry]]]:
        """By article id: how many times its page was asked, and the entries it comes from.

        Those whose time has come, published ``since`` (or without a date), that no person judged.
        """
        found = self._rows(
            """SELECT p.tries AS tried, e.* FROM missing_pages p
               JOIN articles a ON a.id = p.article JOIN entries e ON e.article = p.article
               WHERE p.due <= :now AND NOT a.purged AND coalesce(a.published, :since) >= :since
               AND NOT EXISTS (SELECT 1 FROM reviews r WHERE r.article = p.article)
               ORDER BY p.article, e.source, e.guid""",
            {"now": rows.time_out(now), "since": rows.time_out(since)},
        )
        result: dict[str, tuple[int, list[FeedEntry]]] = {}
        for row in found:
            result.setdefault(row["article"], (row["tried"], []))[1].append(rows.entry_from(row))
        return result

    def save_pages(
        self, found: Iterable[Article], failed: Iterable[tuple[str, Failure | None, int, datetime | None]]
    ) -> int:
        """Pages that answered take the place of the feed's text, under the article's own id; one transaction.

        Everything made of the old text is to do again: its vector and its judgement, which stand until then, its
        fingerprint and its place among duplicates. ``failed``: article id, why, how many times it was asked, when it
        is due again (None: never). Returns how many texts were replaced.
        """
        articles = [rows.article_row(a) for a in found]
        replaced = 0
        with self.db.atomic():
            for row in articles:
                done = self.db.execute(
                    f"""UPDATE articles SET url = :url, title = :title, text = :text, published = :published,
                        language = :language, site = :site, authors = :authors, origin = :origin, failure = :failure
                        WHERE id = :id AND NOT purged AND {_UNTOUCHED}""",
                    row,
                )
                if done.rowcount:
                    replaced += 1
                    for again in (
                        "UPDATE vectors SET encoder = '' WHERE article = ?",
                        "UPDATE judgements SET version = '' WHERE article = ?",
                    ):
                        self.db.execute(again, [row["id"]])
                    self.forget_repeats(row["id"])
                    self.forget_readings([row["id"]], all_of_it=True)
            gone = [row["id"] for row in articles]
            for article, failure, tries, due in failed:
                self.db.execute("UPDATE articles SET failure = ? WHERE id = ?", [rows.failure_out(failure), article])
                if due is None:
                    gone.append(article)
                else:
                    self.ask_again([(article, tries, due)])
            self.db.conn.executemany("DELETE FROM missing_pages WHERE article = ?", [(i,) for i in gone])
        return replaced

    def ask_again(self, pages: Iterable[tuple[str, int, datetime]]) -> None:
        """(article id, how many times its page was asked, when it is due)."""
        with self.db.atomic():
            self.db.conn.executemany(
                "INSERT OR REPLACE INTO missing_pages (article, tries, due) VALUES (?, ?, ?)",
                [(article, tries, rows.time_out(due)) for article, tries, due in pages],
            )

    def forget_missing_pages(self, now: datetime) -> None:
        """Drop those whose time has come and that were not to be asked: too old, purged, or judged meanwhile."""
        with self.db.atomic():
            self.db.execute("DELETE FROM missing_pages WHERE due <= ?", [rows.time_out(now)])
