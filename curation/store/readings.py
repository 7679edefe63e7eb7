"""What the readings of articles leave: figures, word keys, and which concept was met where.

``readings`` and ``occurrences`` are lean: a rehearsal goes through the whole of them. ``reading_words`` says what the
text shows; from it ``met_concepts``, the way back from a concept to its articles, can be unmade. All of it goes with
the text, but what somebody acted on: which words were met there is part of what a verdict teaches.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from curation.evidence import KeptReading, Recipe, Sighting
from curation.store import rows
from curation.store.base import CHUNK, StoreBase
from curation.types import Kind

_BOTH = "FROM readings r JOIN judgements j ON j.article = r.article WHERE r.recipe = ? AND j.version = ?"
_VECTORS = "JOIN vectors v ON v.article = r.article WHERE"
_OCCURRENCES = "JOIN occurrences o ON o.article = r.article WHERE"
_WORDS = "JOIN reading_words w ON w.article = r.article WHERE"


class ReadingStore(StoreBase):
    """Readings, under the recipe that made them."""

    def add_recipe(self, recipe: Recipe) -> None:
        """Note what readings of that recipe were made with. A known one is left alone."""
        row = {"id": recipe.id, "frame": recipe.frame, "words": rows.dumps(recipe.words)}
        with self.db.atomic():
            self._table("recipes").insert(row, ignore=True)

    def recipe(self, identity: str) -> Recipe | None:
        """What readings of that recipe were made with."""
        for row in self._rows("SELECT * FROM recipes WHERE id = ?", [identity]):
            return Recipe(row["id"], row["frame"], tuple((c, v) for c, v in json.loads(row["words"])))
        return None

    def recipes_of_readings(self) -> dict[str, int]:
        """Recipe -> how many readings it made."""
        found = self._rows("SELECT recipe, count(*) AS n FROM readings GROUP BY recipe ORDER BY recipe")
        return {r["recipe"]: r["n"] for r in found}

    def articles_to_read(self, recipe: str) -> list[str]:
        """Ids of articles without a reading of this recipe; purged ones only where nothing was ever thought of them."""
        found = self._rows(
            """SELECT a.id FROM articles a LEFT JOIN readings r ON r.article = a.id
               WHERE (r.article IS NULL OR r.recipe <> ?)
               AND (NOT a.purged OR NOT EXISTS (SELECT 1 FROM judgements j WHERE j.article = a.id)) ORDER BY a.id""",
            [recipe],
        )
        return [r["id"] for r in found]

    def save_readings(self, recipe: str, readings: Sequence[KeptReading]) -> None:
        """Readings take the place of those that the articles had."""
        with self.db.atomic():
            self._unmeet([r.article for r in readings])
            execute = self.db.conn.executemany
            execute(
                """INSERT OR REPLACE INTO readings (article, recipe, figures, kind, event, deadline)
                   VALUES (?, ?, ?, ?, ?, ?)""",
                [
                    (r.article, recipe, r.figures, r.kind.value, rows.event_out(r.event), rows.day_out(r.deadline))
                    for r in readings
                ],
            )
            execute(
                "INSERT OR REPLACE INTO reading_words (article, keys, sightings) VALUES (?, ?, ?)",
                [(r.article, r.keys, _sightings_out(r.sightings)) for r in readings],
            )
            execute(
                "INSERT OR REPLACE INTO occurrences (article, occurrences) VALUES (?, ?)",
                [(r.article, r.occurrences) for r in readings],
            )
            execute(
                "INSERT INTO met_concepts (community, concept, article, label, place) VALUES (?, ?, ?, ?, ?)",
                # in the order of the table: neighbours on a page are written together
                sorted((s.community, s.concept, r.article, s.label, s.where) for r in readings for s in r.sightings),
            )

    def readings(self, ids: Iterable[str]) -> dict[str, KeptReading]:
        """By article id."""
        found = self._by_ids(
            """SELECT r.*, w.keys, w.sightings, coalesce(o.occurrences, x'') AS occurrences FROM readings r
               JOIN reading_words w ON w.article = r.article LEFT JOIN occurrences o ON o.article = r.article
               WHERE r.article IN ({ids})""",
            ids,
        )
        return {
            r["article"]: KeptReading(
                r["article"], r["figures"], r["keys"], _sightings_in(r["sightings"]), Kind(r["kind"]),
                rows.event_in(r["event"]), rows.day_in(r["deadline"]), r["occurrences"],
            )
            for r in found
        }  # fmt: skip

    def read_and_judged(self, recipe: str, version: str) -> list[rows.Row]:
        """Every article of that recipe and that version of the judge, in the order of ids: what was read of it
        (``figures``, ``kind``) and what was thought (``lead``, ``proposals``, ``dossier``, ``scores``...)."""
        return self._rows(
            f"""SELECT r.article, r.figures, r.kind, j.lead, j.proposals, j.dossier, j.dossier_score, j.scores
                {_BOTH} ORDER BY r.article""",
            [recipe, version],
        )

    def keys_of_read(self, recipe: str, version: str) -> list[bytes]:
        """Word keys of the articles of ``read_and_judged``, in its order."""
        sql = f"SELECT w.keys {_BOTH.replace('WHERE', _WORDS)} ORDER BY r.article"
        return [keys for (keys,) in self.db.execute(sql, [recipe, version])]

    def occurrences_of_read(self, recipe: str, version: str) -> list[bytes]:
        """Where labels stand in the articles of ``read_and_judged``, in its order."""
        sql = f"SELECT o.occurrences {_BOTH.replace('WHERE', _OCCURRENCES)} ORDER BY r.article"
        return [found for (found,) in self.db.execute(sql, [recipe, version])]

    def articles_read_by(self, recipe: str) -> list[str]:
        """Ids of the articles whose reading is of that recipe."""
        return [r["article"] for r in self._rows("SELECT article FROM readings WHERE recipe = ? ORDER BY 1", [recipe])]

    def carry_readings(self, articles: Iterable[str], recipe: str) -> None:
        """These readings are what that recipe would give."""
        with self.db.atomic():
            self.db.conn.executemany(
                "UPDATE readings SET recipe = ? WHERE article = ?", [(recipe, a) for a in articles]
            )

    def word_keys(self, ids: Iterable[str]) -> dict[str, bytes]:
        """Word keys of the articles whose text was read and is still kept."""
        found = self._by_ids("SELECT article, keys FROM reading_words WHERE article IN ({ids}) AND keys <> x''", ids)
        return {r["article"]: r["keys"] for r in found}

    def vectors_of_read(self, recipe: str, version: str) -> list[bytes]:
        """Vectors of the articles of ``read_and_judged``, in its order."""
        sql = f"SELECT v.vector {_BOTH.replace('WHERE', _VECTORS)} ORDER BY r.article"
        return [vector for (vector,) in self.db.execute(sql, [recipe, version])]

    def corpus_count(self) -> int:
        """Moves whenever a reading, its words, a judgement or a vector is written or goes: what was loaded of them
        under another count is to be loaded again."""
        return int(self._value("SELECT count FROM corpus_changes"))

    def article_count(self) -> int:
        """How many articles are known, with or without their text."""
        return int(self._value("SELECT count(*) FROM articles"))

    def sightings(self, ids: Iterable[str]) -> dict[str, tuple[Sighting, ...]]:
        """The concepts met in each article, by id; those of a text that is gone too, where somebody acted on it."""
        found = self._by_ids("SELECT article, sightings FROM reading_words WHERE article IN ({ids})", ids)
        return {r["article"]: _sightings_in(r["sightings"]) for r in found}

    def forget_readings(self, ids: Sequence[str], *, all_of_it: bool = False) -> None:
        """The text is gone or another: so are figures and keys. ``all_of_it``: so are concepts met in what somebody
        acted on."""
        with self.db.atomic():
            gone = list(ids)
            if not all_of_it:
                acted = "SELECT DISTINCT article FROM reviews WHERE article IN ({ids})"
                kept = {r["article"] for r in self._by_ids(acted, ids)}
                gone = [i for i in ids if i not in kept]
                self.db.conn.executemany("UPDATE reading_words SET keys = x'' WHERE article = ?", [(i,) for i in kept])
            for table in ("readings", "occurrences"):
                self.db.conn.executemany(f"DELETE FROM {table} WHERE article = ?", [(i,) for i in ids])
            self._unmeet(gone)
            self.db.conn.executemany("DELETE FROM reading_words WHERE article = ?", [(i,) for i in gone])

    def _unmeet(self, articles: Sequence[str]) -> None:
        for i in range(0, len(articles), CHUNK):
            known = self.sightings(articles[i : i + CHUNK])
            self.db.conn.executemany(
                "DELETE FROM met_concepts WHERE community = ? AND concept = ? AND article = ?",
                [(s.community, s.concept, article) for article, seen in known.items() for s in seen],
            )


def _sightings_out(sightings: Iterable[Sighting]) -> str:
    by_community: dict[str, list[tuple[str, str, str, int, int, int]]] = {}
    for s in sightings:
        by_community.setdefault(s.community, []).append((s.concept, s.label, s.where, s.count, s.start, s.end))
    return rows.dumps(by_community)


def _sightings_in(text: str) -> tuple[Sighting, ...]:
    return tuple(Sighting(community, *found) for community, seen in json.loads(text).items() for found in seen)
