"""The sources as people see them: health, what they brought, who paused them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from curation.store import rows
from curation.store.base import StoreBase
from curation.types import FeedState, Source

#: A person's choice wins over the configuration, which rewrites ``sources`` every night.
WITH_CHOICE = """SELECT s.id, s.name, s.url, s.kind, s.authority, s.origin, coalesce(c.enabled, s.enabled) AS enabled,
                        CASE WHEN EXISTS (SELECT 1 FROM source_followers f WHERE f.source = s.id)
                             THEN (SELECT json_group_array(value) FROM (
                                   SELECT value FROM json_each(s.communities)
                                   UNION SELECT community FROM source_followers f WHERE f.source = s.id))
                             ELSE s.communities END AS communities
                 FROM sources s LEFT JOIN source_choices c ON c.source = s.id"""


@dataclass(frozen=True, slots=True)
class WatchedSource:
    """One source and how it does. ``origin``: "config", "import" (OPML) or "desk"; ``entries``: seen so far."""

    source: Source
    origin: str
    state: FeedState
    entries: int = 0
    chosen_by: str | None = None  # login of who paused or resumed it
    chosen_at: datetime | None = None

    @property
    def health(self) -> str:
        """One of "paused", "trouble", "new" (never asked) or "well"."""
        if not self.source.enabled:
            return "paused"
        if self.state.last_failure is not None:
            return "trouble"
        return "well" if self.state.last_success else "new"


class SourceStore(StoreBase):
    """Reading and choosing sources."""

    def troubled_sources(self, failures: int) -> list[tuple[Source, FeedState]]:
        """Enabled sources whose last so many attempts failed, or more; worst first."""
        found = self._rows(
            f"""SELECT w.*, f.* FROM ({WITH_CHOICE}) w JOIN feed_states f ON f.source = w.id
                WHERE w.enabled AND f.failures >= ? AND f.last_failure IS NOT NULL
                ORDER BY f.failures DESC, w.name""",
            [failures],
        )
        return [(rows.source_from(r), rows.state_from(r)) for r in found]

    def watched_sources(self) -> list[WatchedSource]:
        """Every source with its health, by name; without what they brought, which ``brought`` counts."""
        states = {r["source"]: rows.state_from(r) for r in self._rows("SELECT * FROM feed_states")}
        choices = {r["source"]: r for r in self._rows("SELECT * FROM source_choices")}
        found = []
        for row in self._rows(f"{WITH_CHOICE} ORDER BY s.name COLLATE NOCASE, s.id"):
            identity, choice = row["id"], choices.get(row["id"])
            found.append(
                WatchedSource(
                    source=rows.source_from(row),
                    origin=row["origin"],
                    state=states.get(identity, FeedState(identity)),
                    chosen_by=choice["login"] if choice else None,
                    chosen_at=rows.time_in(choice["at"]) if choice else None,
                )
            )
        return found

    def watched_source(self, identity: str) -> WatchedSource | None:
        """One source with its health and what it brought."""
        found = next((w for w in self.watched_sources() if w.source.id == identity), None)
        return replace(found, entries=self.brought([identity]).get(identity, 0)) if found else None

    def brought(self, sources: Iterable[str]) -> dict[str, int]:
        """How many entries each of these sources has brought so far."""
        counted = "SELECT source, count(*) AS n FROM entries WHERE source IN ({ids}) GROUP BY source"
        found = self._by_ids(counted, sources)
        return {r["source"]: r["n"] for r in found}

    def source_at(self, url: str) -> Source | None:
        """The source that watches an address."""
        found = self._rows(f"{WITH_CHOICE} WHERE s.url = ?", [url])
        return rows.source_from(found[0]) if found else None

    def choose_source(self, identity: str, enabled: bool, login: str, now: datetime) -> None:
        """Pause or resume a source, for good; a resumed one is due at once."""
        with self.db.atomic():
            self.db.execute(
                """INSERT INTO source_choices (source, enabled, login, at) VALUES (?, ?, ?, ?) ON CONFLICT (source)
                   DO UPDATE SET enabled = excluded.enabled, login = excluded.login, at = excluded.at""",
                [identity, int(enabled), login, rows.time_out(now)],
            )
            if enabled:
                self.db.execute("UPDATE feed_states SET next_due = NULL WHERE source = ?", [identity])

    def follow_source(self, identity: str, community: str) -> None:
        """A community chose that source too; whatever the configuration says of it, this stays."""
        with self.db.atomic():
            row = {"source": identity, "community": community}
            self._table("source_followers").insert(row, ignore=True)

    def delete_source(self, identity: str) -> bool:
        """Stop watching a source that is not the configuration's; what it brought stays. True when it was there."""
        with self.db.atomic():
            gone = self.db.execute("DELETE FROM sources WHERE id = ? AND origin <> 'config'", [identity]).rowcount
            if gone:
                for table in ("source_choices", "source_followers", "feed_states"):
                    self.db.execute(f"DELETE FROM {table} WHERE source = ?", [identity])
                self.db.execute("DELETE FROM entries WHERE source = ? AND article IS NULL", [identity])
        return bool(gone)
