"""Sources, feed states, entries and articles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from curation.store import rows
from curation.store.readings import ReadingStore
from curation.store.sources import WITH_CHOICE
from curation.types import Article, FeedEntry, FeedState, Source


def _upsert(table: str, keys: str, values: str, once: str = "") -> str:
    """INSERT that leaves ``once`` (column :parameter) and unnamed columns of a known row alone."""
    columns = [*keys.split(), *values.split()]
    first, parameter = once.split() if once else ("", "")
    return f"""INSERT INTO {table} ({", ".join([*columns, *([first] if first else [])])})
        VALUES ({", ".join([*(f":{c}" for c in columns), *([parameter] if first else [])])})
        ON CONFLICT ({", ".join(keys.split())}) DO UPDATE SET
        {", ".join(f"{c} = excluded.{c}" for c in values.split())}"""


_SAVE_ENTRY = _upsert(
    "entries",
    "source guid",
    "url title summary content published updated authors tags section cited_source notes",
    once="first_seen :seen",
)
_SAVE_STATE = _upsert(
    "feed_states", "source", "etag last_modified moved_to failures next_due last_success last_failure"
)


_ARTICLE = "id url title text published language site authors origin failure added".split()
_NEW_ARTICLE = f"""INSERT INTO articles ({", ".join(_ARTICLE)}) VALUES ({", ".join(f":{c}" for c in _ARTICLE)})
    ON CONFLICT (id) DO NOTHING"""


class HarvestedStore(ReadingStore):
    """What came from outside."""

    def sync_sources(self, configured: Iterable[Source]) -> None:
        """Make the sources of the configuration be those stored with origin « config »; others stay."""
        listed = list(configured)
        with self.db.atomic():
            self.db.execute("DELETE FROM sources WHERE origin = 'config'")
            self._table("sources").insert_all((rows.source_row(s, "config") for s in listed), pk="id", replace=True)

    def add_source(self, source: Source, origin: str) -> bool:
        """Add one source unless its address is already watched; True when it was added."""
        with self.db.atomic():
            if self._value("SELECT 1 FROM sources WHERE url = ?", [source.url]):
                return False
            taken = {r["id"] for r in self._rows("SELECT id FROM sources")}
            unique, n = source.id, 2
            while unique in taken:
                unique, n = f"{source.id}-{n}", n + 1
            row = rows.source_row(source, origin)
            self._table("sources").insert({**row, "id": unique})
        return True

    def sources(self) -> list[Source]:
        """Every source, by id; ``enabled`` as a person chose, else as the configuration says."""
        return [rows.source_from(r) for r in self._rows(f"{WITH_CHOICE} ORDER BY s.id")]

    def sources_due(self, now: datetime) -> list[tuple[Source, FeedState]]:
        """Enabled sources whose time has come, with what is known of each."""
        found = self._rows(
            f"""{WITH_CHOICE} LEFT JOIN feed_states f ON f.source = s.id
                WHERE coalesce(c.enabled, s.enabled) AND (f.next_due IS NULL OR f.next_due <= ?) ORDER BY s.id""",
            [rows.time_out(now)],
        )
        states = self.feed_states()
        return [(rows.source_from(r), states.get(r["id"], FeedState(r["id"]))) for r in found]

    def feed_states(self) -> dict[str, FeedState]:
        """By source id."""
        return {r["source"]: rows.state_from(r) for r in self._rows("SELECT * FROM feed_states")}

    def save_harvest(self, state: FeedState, entries: Sequence[FeedEntry], now: datetime) -> int:
        """As ``save_harvests``, for one source."""
        return self.save_harvests([(state, entries)], now)

    def save_harvests(self, harvests: Sequence[tuple[FeedState, Sequence[FeedEntry]]], now: datetime) -> int:
        """Sources' entries and new states, in one transaction. Returns how many entries are new.

        Known entries (source, guid) take the feed's newest wording; ``first_seen`` and the link to their
        article never change.
        """
        seen = rows.time_out(now)
        bringing = [state.source for state, entries in harvests if entries]
        with self.db.atomic():
            before = self._entries_of(bringing)
            self.db.conn.executemany(
                _SAVE_ENTRY, ({**rows.entry_row(e), "seen": seen} for _, entries in harvests for e in entries)
            )
            self.db.conn.executemany(_SAVE_STATE, (rows.state_row(state) for state, _ in harvests))
            return self._entries_of(bringing) - before

    def _entries_of(self, sources: Iterable[str]) -> int:
        found = self._by_ids("SELECT count(*) AS n FROM entries WHERE source IN ({ids})", sources)
        return sum(r["n"] for r in found)

    def entries_without_article(self) -> list[FeedEntry]:
        """Entries that still wait for their article, oldest first."""
        found = self._rows("SELECT * FROM entries WHERE article IS NULL ORDER BY first_seen, source, guid")
        return [rows.entry_from(r) for r in found]

    def known_articles(self, ids: Iterable[str]) -> set[str]:
        """Those of ``ids`` that are stored."""
        return {r["id"] for r in self._by_ids("SELECT id FROM articles WHERE id IN ({ids})", ids)}

    def save_articles(self, articles: Iterable[Article], links: Iterable[tuple[str, str, str]], now: datetime) -> int:
        """New articles, and which entries they come from: (source, guid, article id). One transaction."""
        added = rows.time_out(now)
        with self.db.atomic():
            new = self.db.conn.executemany(_NEW_ARTICLE, ({**rows.article_row(a), "added": added} for a in articles))
            self.db.conn.executemany(
                "UPDATE entries SET article = ? WHERE source = ? AND guid = ?",
                [(article, source, guid) for source, guid, article in links],
            )
            return max(new.rowcount, 0)  # -1 where there was nothing to do

    def articles(self, ids: Iterable[str]) -> dict[str, Article]:
        """By id."""
        found = self._by_ids("SELECT * FROM articles WHERE id IN ({ids})", ids)
        return {r["id"]: rows.article_from(r) for r in found}

    def texts(self, ids: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Title and text, by id."""
        found = self._by_ids("SELECT id, title, text FROM articles WHERE id IN ({ids})", ids)
        return {r["id"]: (r["title"], r["text"]) for r in found}

    def article_sources(self, ids: Iterable[str]) -> dict[str, list[Source]]:
        """Through which sources each article came (its provenances), most trusted first."""
        found = self._by_ids(
            """SELECT DISTINCT e.article AS for_article, s.* FROM entries e JOIN sources s ON s.id = e.source
               WHERE e.article IN ({ids}) ORDER BY s.authority DESC, s.id""",
            ids,
        )
        result: dict[str, list[Source]] = {}
        for row in found:
            result.setdefault(row["for_article"], []).append(rows.source_from(row))
        return result

    def search(self, query: str, limit: int = 50) -> list[Article]:
        """Full-text search over titles and texts, best first; ``query`` is plain words."""
        query = query.encode("utf-8", "ignore").decode().replace("\0", " ")  # neither reaches SQLite whole
        quoted = " ".join('"' + word.replace('"', '""') + '"' for word in query.split())
        if not quoted:
            return []
        found = self._rows(
            """SELECT a.* FROM articles_fts f JOIN articles a ON a.rowid = f.rowid
               WHERE articles_fts MATCH ? ORDER BY bm25(articles_fts, 4.0, 1.0), a.id LIMIT ?""",
            [quoted, limit],
        )
        return [rows.article_from(r) for r in found]

    def forget_texts(self, now: datetime, retention_days: int) -> int:
        """Drop the full text of articles older than the retention: title, link, summary and vector stay.

        Press rights: a full copy is a working document, not an archive. Returns how many were emptied.
        """
        limit = rows.time_out(now - timedelta(days=retention_days))
        with self.db.atomic():
            self.db.execute(
                """UPDATE entries SET content = '' WHERE content <> '' AND article IN
                   (SELECT id FROM articles WHERE added < ?)""",
                [limit],
            )
            old = [r["id"] for r in self._rows("SELECT id FROM articles WHERE purged = 0 AND added < ?", [limit])]
            self.db.conn.executemany("UPDATE articles SET text = '', purged = 1 WHERE id = ?", [(i,) for i in old])
            self.forget_readings(old)
            return len(old)
