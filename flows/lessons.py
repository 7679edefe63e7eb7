"""What was said at the desk, and in a labelled file, as examples to learn from.

A pair (item, community) is an example. A verdict says grade >= 2 (published, shared, kept, rescued) or not (off topic,
too local, commercial, of little use, rightly left out); what was rejected as already seen or outdated says nothing of
the subject and is left aside. Recent verdicts weigh more: half of it is lost in ``HALF_LIFE_DAYS``. The dossier that a
person chose, or let stand when publishing, teaches where things are filed; merges and splits teach what one story is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from curation.decide.dedupe import Fingerprint
from curation.decide.place import merits
from curation.decide.review import last_word, state_of
from curation.decide.stories import Account, DedupeParams, as_vector, compare
from curation.store.store import Store
from curation.types import Act, DraftStatus, Item, Rejection, Review
from flows.as_json import item_from
from flows.item_commands import read_gold
from flows.judge import Judge
from flows.steps import item_of, word_rarity
from models.lesson import Filed
from models.taught import Pairs
from models.vectors import from_bytes

#: What each verdict counts for, where it is not 1: a contribution published was looked at with more care than one left
#: for later, and what is off topic says more of the subject than what is of little use.
WEIGHT = {
    Act.SHARED: 0.8,
    Act.KEPT: 0.7,
    Rejection.TOO_LOCAL: 0.7,
    Rejection.COMMERCIAL: 0.7,
    Rejection.LITTLE_USE: 0.7,
}
HALF_LIFE_DAYS = 180.0
#: Articles that nobody spoke of, whose pairs are anchors (see ``models.taught``) where their score is under
#: ``ANCHOR_SCORE``; what each pair weighs.
ANCHORS, ANCHOR_WEIGHT, ANCHOR_SCORE = 200, 0.5, 0.2
#: A dossier let stand says less than one that was chosen.
CONFIRMED = 0.5


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person thinks of an item for a community: ``weight`` of the act alone."""

    right: bool
    weight: float
    at: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """Examples. ``at`` (pairs,): seconds since 1970 of each verdict, NaN for the labelled file, -inf for anchors."""

    pairs: Pairs
    at: np.ndarray
    filed: tuple[Filed, ...]
    story_logits: np.ndarray  # (stories,), by the rules
    together: np.ndarray  # (stories,), bool
    from_gold: int  # pairs
    from_reviews: int


def verdict_of(reviews: Sequence[Review]) -> Verdict | None:
    """The last word of a community on an article; None when it says nothing about the subject."""
    word = last_word(reviews)
    if word is None or word.right is None:
        return None
    what = Rejection(word.review.reason) if word.review.act is Act.REJECTED else word.review.act
    return Verdict(word.right, WEIGHT.get(what, 1.0), word.review.at)


def gather(judge: Judge, store: Store, gold: Path | None, now: datetime) -> Lessons:
    """Everything there is to learn from, oldest item first. Raises ``InputError`` for a labelled file at fault."""
    told = _Told(judge)
    if gold:
        told.add_gold(gold)
    from_gold = len(told.right)
    told.add_reviews(store, now)
    said = len(told.right)
    told.add_anchors(store)
    logits, together = _stories(store, judge)
    return Lessons(told.pairs(), np.array(told.at), tuple(told.filed), logits, together, from_gold, said - from_gold)


class _Told:
    """Examples being put together."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.names = judge.words.communities
        self.rows: list[np.ndarray] = []
        self.vectors: list[np.ndarray] = []
        self.group: list[int] = []
        self.community: list[int] = []
        self.right: list[bool] = []
        self.weight: list[float] = []
        self.anchor: list[bool] = []
        self.at: list[float] = []
        self.filed: list[Filed] = []
        self.items = 0

    def add_gold(self, path: Path) -> None:
        records = read_gold(path)
        items = [item_from(record) for record in records]
        said = [
            [(name, Verdict(int(record["rel"].get(name, 0)) >= 2, 1.0, _LONG_AGO)) for name in self.names]
            for record in records
        ]
        placed = [[(record.get("lead"), record.get("dossier"), 1.0)] for record in records]
        self._add(items, self.judge.encode(items), said, placed, lambda _: (1.0, float("nan")))

    def add_reviews(self, store: Store, now: datetime) -> None:
        said: dict[str, list[tuple[str, Verdict]]] = {}
        placed: dict[str, list[tuple[str | None, str | None, float]]] = {}
        for article, community in store.drafts_seen():
            if community not in self.names:
                continue
            reviews = store.reviews_of(article, community)
            verdict = verdict_of(reviews)
            if verdict is not None:
                said.setdefault(article, []).append((community, verdict))
            state = state_of(reviews)
            if state.dossier is not None:
                placed.setdefault(article, []).append((community, state.dossier, 1.0))
            elif state.status is DraftStatus.PUBLISHED and (draft := store.draft(article, community)) is not None:
                placed.setdefault(article, []).append((community, draft.dossier, CONFIRMED))
        wanted = sorted({*said, *placed})
        known, items, vectors = self._stored(store, wanted)

        def recent(verdict: Verdict) -> tuple[float, float]:
            age = max(0.0, (now - verdict.at).total_seconds() / 86400)
            return 0.5 ** (age / HALF_LIFE_DAYS), verdict.at.timestamp()

        self._add(items, vectors, [said.get(i, []) for i in known], [placed.get(i, []) for i in known], recent)

    def add_anchors(self, store: Store) -> None:
        known, items, vectors = self._stored(store, store.unreviewed(ANCHORS))
        if not known:
            return
        scores = self.judge.weigh(self.judge.read(items), vectors).scores
        silent = Verdict(False, ANCHOR_WEIGHT, _LONG_AGO)
        left_out = [[(name, silent) for k, name in enumerate(self.names) if row[k] < ANCHOR_SCORE] for row in scores]
        self._add(items, vectors, left_out, [[]] * len(known), lambda _: (1.0, float("-inf")))

    def _stored(self, store: Store, wanted: Sequence[str]) -> tuple[list[str], list[Item], np.ndarray]:
        """Those that still have their text and vector: ids, items, vectors (n, d)."""
        articles, kept, sources = store.articles(wanted), store.vectors(wanted), store.article_sources(wanted)
        known = [i for i in wanted if i in articles and i in kept and (articles[i].text or articles[i].title)]
        vectors = from_bytes(b"".join(kept[i] for i in known), self.judge.encoder.dimension)
        names = {i: sources[i][0].name if sources.get(i) else articles[i].site or "" for i in known}
        return known, [item_of(articles[i], names[i]) for i in known], vectors

    def _add(
        self,
        items: Sequence[Item],
        vectors: np.ndarray,
        said: Sequence[Sequence[tuple[str, Verdict]]],
        placed: Sequence[Sequence[tuple[str | None, str | None, float]]],
        when: Callable[[Verdict], tuple[float, float]],
    ) -> None:
        if not items:
            return
        judge, readings = self.judge, self.judge.read(items)
        weighing = judge.weigh(readings, vectors)
        for i, reading in enumerate(readings):
            for community, verdict in said[i]:
                k = self.names.index(community)
                recency, at = when(verdict)
                self.rows.append(weighing.rows[i, k])
                self.vectors.append(vectors[i])
                self.group.append(self.items)
                self.community.append(k)
                self.right.append(verdict.right)
                self.weight.append(verdict.weight * recency)
                self.anchor.append(at == float("-inf"))
                self.at.append(at)
            for place, dossier, weight in placed[i]:
                if place not in self.names:
                    continue
                k = self.names.index(place)
                taxonomy = judge.taxonomies[k]
                ids = tuple(d.id for d in taxonomy.dossiers)
                if dossier not in ids:
                    continue  # retired since
                near = judge.semantics.nearest(vectors[i], judge.semantics.communities.index(place), learned=False)
                found = merits(taxonomy, reading.found[k].evidence, *near)
                item = judge.semantics.centred(vectors[i][None, :])[0]
                self.filed.append(Filed(place, ids, ids.index(dossier), item, found, weight))
            self.items += 1

    def pairs(self) -> Pairs:
        from curation.decide.features import COLUMNS

        d = self.judge.encoder.dimension
        return Pairs(
            np.array(self.rows, np.float32).reshape(-1, len(COLUMNS)),
            np.array(self.vectors, np.float32).reshape(-1, d),
            np.array(self.group, np.int64),
            np.array(self.community, np.int64),
            self.names,
            np.array(self.right, bool),
            np.array(self.weight, np.float64),
            np.array(self.anchor, bool),
        )


_LONG_AGO = datetime.min


def _stories(store: Store, judge: Judge) -> tuple[np.ndarray, np.ndarray]:
    """Pairs that people merged or parted: log-odds by the rules (n,), and whether they were merged (n,)."""
    said = {**dict.fromkeys(store.merged(), True), **dict.fromkeys(store.separated(), False)}
    ids = {article for pair in said for article in pair}
    prints = {i: Fingerprint.from_bytes(raw) for i, raw in store.fingerprints(ids).items()}
    vectors, rarity, params = store.vectors(ids), word_rarity(), DedupeParams()

    def account(identity: str) -> Account:
        raw = vectors.get(identity)
        vector = from_bytes(raw, judge.encoder.dimension)[0] if raw else None
        return Account(prints[identity], as_vector(vector), rarity)

    logits, together = [], []
    for (a, b), merged in sorted(said.items()):
        if a not in prints or b not in prints:
            continue
        found = compare(account(a), account(b), params)
        if found.veto or found.exact:
            continue  # no shift could change it
        score = float(np.clip(found.score, 1e-4, 1 - 1e-4))
        logits.append(np.log(score / (1 - score)))
        together.append(merged)
    return np.array(logits, float), np.array(together, bool)
