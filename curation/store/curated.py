"""Vectors, fingerprints, judgements, duplicates and drafts.

To-do queries are the idempotence: a row is "to do" while its result is missing or was made by another
version, so a second run finds nothing and a killed one redoes only what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from curation.store import rows
from curation.store.base import CHUNK, StoreBase
from curation.types import Draft, Duplicate, Judgement, Role


class CuratedStore(StoreBase):
    """What the night thinks."""

    def articles_to_embed(self, encoder: str) -> list[str]:
        """Ids of articles without a vector of this encoder; purged texts keep the vector they have."""
        found = self._rows(
            """SELECT a.id FROM articles a LEFT JOIN vectors v ON v.article = a.id
               WHERE v.article IS NULL OR (v.encoder <> ? AND NOT a.purged) ORDER BY a.id""",
            [encoder],
        )
        return [r["id"] for r in found]

    def save_vectors(self, encoder: str, vectors: Mapping[str, bytes]) -> None:
        """Vectors as stored bytes, by article id."""
        with self.db.atomic():
            self._table("vectors").upsert_all(
                ({"article": a, "encoder": encoder, "vector": v} for a, v in vectors.items()), pk="article"
            )

    def vectors(self, ids: Iterable[str]) -> dict[str, bytes]:
        """Stored bytes by article id."""
        return self._by_id("SELECT article, vector FROM vectors WHERE article IN ({ids})", ids)

    def articles_to_fingerprint(self) -> list[str]:
        """Ids of articles without a fingerprint."""
        found = self._rows(
            """SELECT a.id FROM articles a LEFT JOIN fingerprints f ON f.article = a.id
               WHERE f.article IS NULL ORDER BY a.id"""
        )
        return [r["id"] for r in found]

    def save_fingerprints(self, fingerprints: Iterable[tuple[str, str, bytes]]) -> None:
        """(article id, ISO day, bytes)."""
        with self.db.atomic():
            self._table("fingerprints").upsert_all(
                ({"article": a, "day": d, "fingerprint": f} for a, d, f in fingerprints), pk="article"
            )

    def articles_to_group(self) -> list[tuple[str, str]]:
        """(id, ISO day) of fingerprinted articles not yet in any duplicate group."""
        found = self._rows(
            """SELECT f.article, f.day FROM fingerprints f LEFT JOIN duplicates d ON d.article = f.article
               WHERE d.article IS NULL ORDER BY f.article"""
        )
        return [(r["article"], r["day"]) for r in found]

    def save_duplicates(self, duplicates: Iterable[Duplicate]) -> None:
        """Each article's place in its group."""
        with self.db.atomic():
            self._table("duplicates").upsert_all(
                (
                    {"article": d.id, "group_id": d.group, "role": d.role.value, "of": d.of, "score": d.score}
                    for d in duplicates
                ),
                pk="article",
            )

    def duplicates(self, ids: Iterable[str]) -> dict[str, Duplicate]:
        """By article id."""
        found = self._by_ids("SELECT * FROM duplicates WHERE article IN ({ids})", ids)
        return {
            r["article"]: Duplicate(r["article"], r["group_id"], Role(r["role"]), r["of"], r["score"]) for r in found
        }

    def articles_to_classify(self, version: str) -> list[str]:
        """Ids of articles not judged by this version; purged ones keep their last judgement."""
        found = self._rows(
            """SELECT a.id FROM articles a LEFT JOIN judgements j ON j.article = a.id
               WHERE j.article IS NULL OR (j.version <> ? AND NOT a.purged) ORDER BY a.id""",
            [version],
        )
        return [r["id"] for r in found]

    def save_judgements(self, judgements: Iterable[Judgement], version: str) -> None:
        """Judgements with their evidence; the version that made them stands in every row."""
        pairs = [rows.judgement_rows(j, version) for j in judgements]
        with self.db.atomic():
            ids = [item["article"] for item, _ in pairs]
            self.db.conn.executemany("DELETE FROM classifications WHERE article = ?", [(i,) for i in ids])
            self._table("judgements").upsert_all((item for item, _ in pairs), pk="article")
            self._table("classifications").insert_all(
                (c for _, cs in pairs for c in cs), pk=("article", "community"), replace=True
            )

    def judgements(self, ids: Iterable[str]) -> dict[str, Judgement]:
        """By article id."""
        listed = list(ids)
        communities: dict[str, list[rows.Row]] = {}
        for row in self._by_ids("SELECT * FROM classifications WHERE article IN ({ids})", listed):
            communities.setdefault(row["article"], []).append(row)
        found = self._by_ids("SELECT * FROM judgements WHERE article IN ({ids})", listed)
        return {r["article"]: rows.judgement_from(r, communities.get(r["article"], [])) for r in found}

    def articles_judged(self, since: datetime) -> list[str]:
        """Ids of judged articles with a lead community, added since then."""
        found = self._rows(
            """SELECT a.id FROM articles a JOIN judgements j ON j.article = a.id
               WHERE j.lead IS NOT NULL AND a.added >= ? ORDER BY a.id""",
            [rows.time_out(since)],
        )
        return [r["id"] for r in found]

    def undecided(self, community: str, since: datetime, low: float, high: float) -> list[tuple[str, float]]:
        """(article, score) of what nobody leads and ``community`` scored in [low, high), added since then.

        Neither copies nor other accounts of a story, nor what somebody of the community said something about.
        """
        found = self._rows(
            """SELECT a.id, c.score FROM articles a
               JOIN judgements j ON j.article = a.id AND j.lead IS NULL
               JOIN classifications c ON c.article = a.id AND c.community = :community
               LEFT JOIN duplicates p ON p.article = a.id
               WHERE a.added >= :since AND a.title <> '' AND a.purged = 0 AND c.score >= :low AND c.score < :high
               AND coalesce(p.role, 'representative') = 'representative'
               AND NOT EXISTS (SELECT 1 FROM reviews r WHERE r.article = a.id AND r.community = :community)
               ORDER BY a.id""",
            {"community": community, "since": rows.time_out(since), "low": low, "high": high},
        )
        return [(r["id"], r["score"]) for r in found]

    def replace_waiting_drafts(self, drafts: Sequence[Draft], version: str, now: datetime) -> int:
        """Make the night's waiting drafts be exactly these; those somebody touched, shared or added stay.

        ``queued`` (when a draft first waited) survives. Returns how many are new. Saved by chunks of a few
        hundred rows, each in its transaction: the desk never waits for the whole, and a killed night starts this
        step again.
        """
        touched = {
            (r["article"], r["community"]) for r in self._rows("SELECT DISTINCT article, community FROM reviews")
        }
        fresh = {(d.article, d.community): d for d in drafts if (d.article, d.community) not in touched}
        before = {
            (r["article"], r["community"]): r
            for r in self._rows("SELECT * FROM drafts WHERE origin = 'night'")
            if (r["article"], r["community"]) not in touched
        }
        others = {
            (r["article"], r["community"])
            for r in self._rows("SELECT article, community FROM drafts WHERE origin <> 'night'")
        }
        gone = [key for key in before if key not in fresh]
        changed: list[rows.Row] = []
        for key, draft in fresh.items():
            if key in others:
                continue
            row = {**rows.draft_row(draft), "version": version}
            old = before.get(key)
            if old is None or any(old[name] != value for name, value in row.items()):
                changed.append({**row, "queued": old["queued"] if old else rows.time_out(now)})
        untouched = "NOT EXISTS (SELECT 1 FROM reviews r WHERE r.article = :article AND r.community = :community)"
        for i in range(0, len(gone), CHUNK):
            with self.db.atomic():
                self.db.conn.executemany(
                    f"DELETE FROM drafts WHERE article = :article AND community = :community AND {untouched}",
                    [{"article": a, "community": c} for a, c in gone[i : i + CHUNK]],
                )
        for i in range(0, len(changed), CHUNK):
            names = list(changed[0])
            sets = ", ".join(f"{n} = excluded.{n}" for n in names if n not in ("article", "community", "queued"))
            with self.db.atomic():
                # read again inside: somebody may have touched the draft since
                self.db.conn.executemany(
                    f"""INSERT INTO drafts ({", ".join(names)})
                        SELECT {", ".join(":" + n for n in names)} WHERE {untouched}
                        ON CONFLICT (article, community) DO UPDATE SET {sets}""",
                    changed[i : i + CHUNK],
                )
        return sum(key not in before and key not in others for key in fresh)

    def queue(self, community: str, limit: int | None = None) -> list[Draft]:
        """Drafts that wait, best first."""
        found = self._rows(
            "SELECT * FROM drafts WHERE community = ? AND waiting ORDER BY score DESC, article LIMIT ?",
            [community, -1 if limit is None else limit],
        )
        return [rows.draft_from(r) for r in found]

    def queue_sizes(self) -> dict[str, int]:
        """Waiting drafts by community."""
        found = self._rows(
            "SELECT community, count(*) AS n FROM drafts WHERE waiting GROUP BY community ORDER BY community"
        )
        return {r["community"]: r["n"] for r in found}

    def queue_size(self, community: str, at_most: int) -> int:
        """Waiting drafts of one community; counting stops at ``at_most`` + 1, whatever the size of the queue."""
        counted = "SELECT count(*) FROM (SELECT 1 FROM drafts WHERE community = ? AND waiting LIMIT ?)"
        return int(self._value(counted, [community, at_most + 1]))

    def folded_under(self, ids: Iterable[str]) -> dict[str, dict[str, int]]:
        """For representatives: how many copies and other accounts stand behind each."""
        found = self._by_ids(
            """SELECT of, role, count(*) AS n FROM duplicates WHERE of IN ({ids})
               GROUP BY of, role ORDER BY of, role""",
            ids,
        )
        result: dict[str, dict[str, int]] = {}
        for row in found:
            result.setdefault(row["of"], {})[row["role"]] = row["n"]
        return result
