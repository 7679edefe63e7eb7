"""The keys under which articles meet as duplicates: an index that lasts, so that a night reads only what it touches.

A key and a place (day, article) make a row; a row is some 32 bytes, an article has about forty. SQLite reads them
through its page cache: memory does not grow with what is stored.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

from curation.store.base import CHUNK, StoreBase

_BEFORE = """SELECT day, article FROM repeat_keys WHERE key = ? AND day >= ? AND (day, article) < (?, ?)
             ORDER BY day DESC, article DESC LIMIT ?"""
_AFTER = """SELECT day, article FROM repeat_keys WHERE key = ? AND day <= ? AND (day, article) > (?, ?)
            ORDER BY day, article LIMIT ?"""


class RepeatStore(StoreBase):
    """What deduplication keeps of each article."""

    def fingerprints(self, ids: Iterable[str]) -> dict[str, bytes]:
        """Bytes by article id."""
        found = self._by_ids("SELECT article, fingerprint FROM fingerprints WHERE article IN ({ids})", ids)
        return {r["article"]: r["fingerprint"] for r in found}

    def articles_to_index(self, recipe: str) -> list[str]:
        """Ids of fingerprinted articles whose keys are missing, or were made by another recipe."""
        found = self._rows(
            """SELECT f.article FROM fingerprints f LEFT JOIN repeat_items i ON i.article = f.article
               WHERE i.article IS NULL OR i.recipe <> ? ORDER BY f.article""",
            [recipe],
        )
        return [r["article"] for r in found]

    def save_keys(self, recipe: str, items: Iterable[tuple[str, int, Sequence[int]]]) -> None:
        """(article, day, keys of 63 bits): they replace those that the article had."""
        listed = list(items)
        with self.db.atomic():
            self._forget([article for article, _, _ in listed])
            self.db.conn.executemany(
                "INSERT INTO repeat_keys (key, day, article) VALUES (?, ?, ?)",
                # in the order of the table: neighbours on a page are written together
                sorted((key, day, article) for article, day, keys in listed for key in keys),
            )
            self.db.conn.executemany(
                "INSERT INTO repeat_items (article, recipe, day, keys) VALUES (?, ?, ?, ?)",
                [(article, recipe, day, struct.pack(f"<{len(keys)}q", *keys)) for article, day, keys in listed],
            )

    def forget_repeats(self, article: str) -> None:
        """What was made of a text that changed goes: fingerprint, keys, and the places of its whole group."""
        with self.db.atomic():
            self._forget([article])
            self.db.execute("DELETE FROM fingerprints WHERE article = ?", [article])
            group = self._value("SELECT group_id FROM duplicates WHERE article = ?", [article])
            self.db.execute("DELETE FROM duplicates WHERE article = ? OR group_id = ?", [article, group])

    def _forget(self, articles: Sequence[str]) -> None:
        for i in range(0, len(articles), CHUNK):
            chunk = articles[i : i + CHUNK]
            marks = ",".join("?" * len(chunk))
            for row in self._rows(f"SELECT article, day, keys FROM repeat_items WHERE article IN ({marks})", chunk):
                keys = struct.unpack(f"<{len(row['keys']) // 8}q", row["keys"])
                self.db.conn.executemany(
                    "DELETE FROM repeat_keys WHERE key = ? AND day = ? AND article = ?",
                    [(key, row["day"], row["article"]) for key in keys],
                )
            self.db.execute(f"DELETE FROM repeat_items WHERE article IN ({marks})", chunk)

    def around_key(
        self, key: int, day: int, article: str, low: int, high: int, limit: int
    ) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
        """(day, article) of the ``limit`` places before a place under a key, and of those after, nearest first.

        Days before ``low`` and after ``high`` are left out.
        """
        execute = self.db.conn.execute
        return (
            execute(_BEFORE, (key, low, day, article, limit)).fetchall(),
            execute(_AFTER, (key, high, day, article, limit)).fetchall(),
        )

    def misplaced(self) -> list[str]:
        """Articles somebody acted on that stand in their group under one nobody acted on."""
        found = self._rows(
            """SELECT DISTINCT d.article FROM duplicates d JOIN reviews r ON r.article = d.article
               WHERE d.of IS NOT NULL AND NOT EXISTS (SELECT 1 FROM reviews o WHERE o.article = d.of)
               ORDER BY d.article"""
        )
        return [r["article"] for r in found]
