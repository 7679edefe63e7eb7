"""Other words tried on what the night has read: the store and the models brought to ``curation.decide.rehearsal``.

The corpus is every article whose text is still kept, read and judged by one judge: the last night's. ``Rehearsal``
holds it in memory, so that several changes are tried on one loading; it writes nothing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from curation.config import Settings
from curation.decide.effects import CommunityEffect, effects, labelled_rates
from curation.decide.fates import Fate, fate_of
from curation.decide.occurrences import Occurrences, Rows
from curation.decide.reading import kept_met
from curation.decide.rehearsal import Corpus, Outcome, Standings, corpus_of, rehearse
from curation.decide.signals import Floats
from curation.errors import InputError
from curation.evidence import Recipe
from curation.store import rows
from curation.store.store import Store
from curation.types import Item, Kind
from curation.wordbook import Wordbook
from flows.judge import Judge, judge_for, plan_of
from models.vectors import from_bytes
from taxonomy.content import sealed
from taxonomy.types import Taxonomy

_NIGHT = "Faites passer la nuit d'abord : veille curate"


@dataclass(frozen=True, slots=True)
class Labelled:
    """Items that somebody graded. ``right``: community -> (n,), grade 2 or 3."""

    items: Sequence[Item]
    vectors: Floats
    right: Mapping[str, NDArray[np.bool_]]


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a change would do. ``items``: articles it was tried on; ``left_out``: those that no longer have their text,
    or that the last night did not judge. ``touched``: whose text is met otherwise; ``seconds``: it took."""

    communities: tuple[CommunityEffect, ...]
    titles: Mapping[str, str]  # of every article that moves
    items: int
    left_out: int
    touched: int
    seconds: float
    outcome: Outcome
    words: tuple[Taxonomy, ...]  # all of them, as tried


class StoreShelf:
    """``decide.rehearsal.Shelf`` on the store. Used while the store is open."""

    def __init__(self, store: Store, ids: Sequence[str], recipe: str, version: str, dimension: int) -> None:
        self._store, self._ids, self._made, self._dimension = store, ids, (recipe, version), dimension
        self._keys: list[bytes] | None = None
        self._occurrences: Occurrences | None = None
        self._all: Floats | None = None

    def keys(self) -> Sequence[bytes]:
        if self._keys is None:
            self._keys = self._store.keys_of_read(*self._made)
        return self._keys

    def occurrences(self) -> Occurrences:
        if self._occurrences is None:
            self._occurrences = Occurrences.of(self._store.occurrences_of_read(*self._made))
        return self._occurrences

    def texts(self, rows: Rows) -> list[tuple[str, str]]:
        ids = [self._ids[i] for i in rows]
        kept = self._store.texts(ids)
        return [kept[i] for i in ids]

    def vectors(self, rows: Rows) -> Floats:
        if self._all is None and len(rows) > len(self._ids) // 4:
            self._all = from_bytes(b"".join(self._store.vectors_of_read(*self._made)), self._dimension)
        if self._all is not None:
            return np.asarray(self._all[rows])
        ids = [self._ids[i] for i in rows]
        kept = self._store.vectors(ids)
        return from_bytes(b"".join(kept[i] for i in ids), self._dimension)


class Rehearsal:
    """The corpus of an installation, and changes tried on it.

    Raises ``InputError`` when no night has read and judged it with words that the history holds.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._store, self._book = store, Wordbook(settings, store)
        self.judge = self._last_judge(judge_for(plan_of(settings)))
        self.corpus = self._corpus()
        self._labelled: tuple[Corpus, Labelled] | None = None

    def rehearse(self, words: Sequence[Taxonomy]) -> Rehearsed:
        """Try these words: communities they name are replaced or added, the others stay."""
        given = {t.id: sealed(t) for t in words}
        kept = [given.pop(t.id, t) for t in self.judge.taxonomies]
        return self.rehearse_all([*kept, *given.values()])

    def rehearse_all(self, words: Sequence[Taxonomy]) -> Rehearsed:
        """Try these words: they are all the communities there would be."""
        started = time.perf_counter()
        judge = Judge(self.judge.plan, words, like=self.judge)
        outcome = rehearse(self.corpus, judge.words, judge.scales())
        found = self._effects(outcome.standings)
        if self._labelled is not None:
            corpus, labelled = self._labelled
            after = rehearse(corpus, judge.words, judge.scales()).standings
            rates = labelled_rates(corpus.standings, after, labelled.right)
            found = tuple(replace(e, labelled=rates.get(e.id)) for e in found)
        articles = {m.article for e in found for m in (*e.enters, *e.leaves, *e.moved)}
        return Rehearsed(
            found,
            {i: a.title for i, a in self._store.articles(sorted(articles)).items()},
            len(self.corpus.ids),
            self._store.article_count() - len(self.corpus.ids),
            len(outcome.read),
            round(time.perf_counter() - started, 3),
            outcome,
            judge.taxonomies,
        )

    def use(self, labelled: Labelled) -> None:
        """Measure on these labelled items too, from now on."""
        corpus = corpus_of(labelled.items, labelled.vectors, self.judge.words, self.judge.scales())
        self._labelled = corpus, labelled

    def _last_judge(self, now: Judge) -> Judge:
        """The judge of the words that the readings were made with, which may be older than today's."""
        made = self._store.recipes_of_readings()
        if not made:
            raise InputError(f"Aucun article n'a encore été lu. {_NIGHT}")
        if now.recipe.id in made:
            return now
        recipe = self._store.recipe(max(made, key=lambda r: (made[r], r)))
        words = self._words(recipe) if recipe and recipe.frame == now.recipe.frame else None
        if words is None:
            raise InputError(f"Les articles ont été lus par une autre version de veille. {_NIGHT}")
        return Judge(now.plan, words, like=now)

    def _words(self, recipe: Recipe) -> list[Taxonomy] | None:
        found = [self._book.meaning(community, version) for community, version in recipe.words]
        return [t for t in found if t is not None] if None not in found else None

    def _corpus(self) -> Corpus:
        judge, table = self.judge, self._store.read_and_judged(self.judge.recipe.id, self.judge.version)
        if not table:
            raise InputError(f"Aucun article n'est classé avec les mots et le modèle en vigueur. {_NIGHT}")
        ids = tuple(r["article"] for r in table)
        shelf = StoreShelf(self._store, ids, judge.recipe.id, judge.version, judge.encoder.dimension)
        met = kept_met([r["figures"] for r in table], [Kind(r["kind"]) for r in table])
        return Corpus(ids, judge.taxonomies, met, _standings(table, judge.words.communities), shelf)

    def _effects(self, after: Standings) -> tuple[CommunityEffect, ...]:
        ids, before = self.corpus.ids, self.corpus.standings
        led = np.flatnonzero((before.lead >= 0) | (after.lead >= 0)).tolist()
        return effects(
            ids,
            before,
            after,
            places=self._store.duplicates([ids[i] for i in led]),
            alone=frozenset(member for member, _ in self._store.separated()),
            fates=self._fates({*before.communities, *after.communities}),
        )

    def _fates(self, communities: set[str]) -> dict[tuple[str, str], Fate]:
        unknown = datetime.fromtimestamp(0, UTC).date()  # the day an article came does not count here
        return {
            (article, c): fate_of(article, unknown, None, reviews)
            for c in sorted(communities)
            for article, reviews in self._store.reviews_in(c).items()
        }


def _standings(table: Sequence[rows.Row], communities: Sequence[str]) -> Standings:
    """What the store keeps of the judgements, in the order of the words."""
    order = np.argsort(np.argsort(np.array(communities)))  # of each community among the sorted ids
    raw = np.frombuffer(b"".join(r["scores"] for r in table), "<u2").reshape(len(table), len(communities))[:, order]
    place = {c: k for k, c in enumerate(communities)}
    empty: tuple[str, ...] = ()
    return Standings(
        tuple(communities),
        (raw & 0x7FFF) / 10_000,
        raw >> 15 == 1,
        np.array([place[r["lead"]] if r["lead"] else -1 for r in table], np.int16),
        tuple(empty if r["proposals"] == "[]" else tuple(json.loads(r["proposals"])) for r in table),
        tuple((r["dossier"], r["dossier_score"]) if r["dossier"] else None for r in table),
    )
