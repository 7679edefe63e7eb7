"""What other words would make of items already read, by the very functions of the night.

The texts that a changed phrase may touch are found by their word keys and read again; of every other item what was read
is kept, and only the figures that moved are weighed again. Nothing is estimated: the outcome is what classifying
everything anew would give, to the last decimal (tests compare both).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from curation.decide.arbitrate import arbitrate
from curation.decide.classify import weigh
from curation.decide.features import MET, Met, Scorer, figures
from curation.decide.place import place
from curation.decide.reading import Reading, Words, keep, met, read, restore, sightings
from curation.decide.rewording import Rewording, holding, rewording
from curation.decide.signals import Floats, Lexical, Semantics, weighed, weights_of
from curation.evidence import KeptReading
from curation.types import CommunityScore, Evidence, Item
from taxonomy.match import Matcher
from taxonomy.types import Taxonomy

Rows = NDArray[np.intp]
#: Row -> place of a community that changed -> what its new words find there.
Again = dict[int, dict[int, Lexical]]
#: Items weighed at once: bounds memory.
_BLOCK = 8192
_NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Standings:
    """What is thought of n items: for each, by community, the score shown and whether it selects; the lead.

    ``scores``, ``selected``: (n, communities). ``lead``: (n,), index of a community or -1. ``dossiers``: of the lead,
    with its score.
    """

    communities: tuple[str, ...]
    scores: NDArray[np.float64]
    selected: NDArray[np.bool_]
    lead: NDArray[np.int16]
    proposals: tuple[tuple[str, ...], ...]
    dossiers: tuple[tuple[str, float] | None, ...]


@dataclass(frozen=True, slots=True)
class Scales:
    """All that weighs besides words. ``affinity``: vectors (n, d), communities -> (n, communities) log-odds."""

    semantics: Semantics
    scorer: Scorer
    affinity: Callable[[Floats, Sequence[str]], Floats] | None
    thresholds: Mapping[str, float]
    proposal: float


class Shelf(Protocol):
    """Where a corpus keeps what a rehearsal needs of few items, or of all but seldom. Rows are places in the corpus."""

    def keys(self) -> Sequence[bytes]:
        """Word keys of every item (``KeptReading.keys``)."""
        ...

    def readings(self, rows: Rows, taxonomies: Sequence[Taxonomy]) -> list[Reading]:
        """Kept readings, weighed by these taxonomies; sightings of concepts they do not have are left out."""
        ...

    def items(self, rows: Rows) -> list[Item]:
        """The texts."""
        ...

    def vectors(self, rows: Rows) -> Floats:
        """(len(rows), d)."""
        ...


@dataclass(frozen=True, slots=True)
class Corpus:
    """Items already read and judged with ``taxonomies``. ``met``: their figures, communities in that order."""

    ids: tuple[str, ...]
    taxonomies: tuple[Taxonomy, ...]
    met: Met
    standings: Standings
    shelf: Shelf


@dataclass(frozen=True, slots=True)
class Outcome:
    """``read``: rows whose text was met differently; ``weighed``: how many items were weighed again."""

    standings: Standings
    change: Rewording
    read: Rows
    weighed: int


def rehearse(corpus: Corpus, words: Words, scales: Scales) -> Outcome:
    """The standings of the corpus under other words. ``scales.semantics`` must be those of ``words``."""
    change = rewording(corpus.taxonomies, words.taxonomies)
    again = _read_again(corpus, words.taxonomies, change)
    shown = _patched(corpus, words.taxonomies, again)
    moved = np.arange(len(corpus.ids)) if change.meaning else np.array(sorted(again), np.intp)
    scores, selected = _realigned(corpus.standings, words.communities)
    for rows in _blocks(moved):
        scores[rows], selected[rows] = _weighed(
            _part(shown, rows), corpus.shelf.vectors(rows), words.communities, scales
        )
    standings = _concluded(corpus, words, scales, change, again, scores, selected, moved)
    return Outcome(standings, change, np.array(sorted(again), np.intp), len(moved))


def stand(readings: Sequence[Reading], shown: Met, vectors: Floats, words: Words, scales: Scales) -> Standings:
    """The standings of items just read, from nothing."""
    n = len(readings)
    scores, selected = np.zeros((n, len(words.taxonomies))), np.zeros((n, len(words.taxonomies)), bool)
    for rows in _blocks(np.arange(n)):
        scores[rows], selected[rows] = _weighed(_part(shown, rows), vectors[rows], words.communities, scales)
    lead = np.full(n, _NOWHERE, np.int16)
    proposals: list[tuple[str, ...]] = [()] * n
    dossiers: list[tuple[str, float] | None] = [None] * n
    _lead(np.arange(n), words, scales, scores, selected, lead, proposals)
    for k, taxonomy in enumerate(words.taxonomies):
        rows = np.flatnonzero(lead == k)
        evidence = [readings[i].found[k].evidence for i in rows.tolist()]
        for i, dossier in zip(rows.tolist(), _placed(taxonomy, evidence, vectors[rows], scales.semantics), strict=True):
            dossiers[i] = dossier
    return Standings(words.communities, scores, selected, lead, tuple(proposals), tuple(dossiers))


def _read_again(corpus: Corpus, taxonomies: Sequence[Taxonomy], change: Rewording) -> Again:
    """The items that the new words meet or weigh otherwise, with what the communities that changed find in them."""
    if not change.touching:
        return {}
    keys = corpus.shelf.keys()
    texts = holding(keys, change.phrases)
    rows = np.union1d(texts, holding(keys, change.weighed_phrases)).astype(np.intp)
    heavier = {community for community, _ in change.weighed}
    some = {k: t for k, t in enumerate(taxonomies) if t.id in change.read or t.id in heavier}
    weights = [weights_of(t) for t in some.values()]
    matcher = Matcher(t for t in some.values() if t.id in change.read)
    before = {t.id: corpus.met.words[:, k] for k, t in enumerate(corpus.taxonomies)}
    readings = corpus.shelf.readings(rows, tuple(some.values()))
    text_of = dict(zip(texts.tolist(), corpus.shelf.items(texts), strict=True))
    found: Again = {}
    for row, reading in zip(rows.tolist(), readings, strict=True):
        parts = reading.sightings
        if row in text_of:
            seen = sightings(text_of[row], tuple(some.values()), matcher)
            parts = tuple(
                new if t.id in change.read else old for t, old, new in zip(some.values(), parts, seen, strict=True)
            )
        otherwise = parts != reading.sightings or any(
            (s.community, s.concept) in change.weighed for p in parts for s in p
        )
        shown = {k: weighed(w, part) for k, w, part in zip(some, weights, parts, strict=True)}
        # a concept that is gone left no sighting behind: it shows in the figures
        if otherwise or any(
            t.id in before and tuple(before[t.id][row].tolist()) != _narrow(shown[k]) for k, t in some.items()
        ):
            found[row] = shown
    return found


def _narrow(found: Lexical) -> tuple[float, ...]:
    return tuple(np.array(figures(found), np.float32).tolist())


def _patched(corpus: Corpus, taxonomies: Sequence[Taxonomy], again: Again) -> Met:
    """The figures under the new words: a community that is new starts from nothing met."""
    place_of = {t.id: k for k, t in enumerate(corpus.taxonomies)}
    words = np.zeros((len(corpus.ids), len(taxonomies), len(MET)), np.float32)
    for k, taxonomy in enumerate(taxonomies):
        if taxonomy.id in place_of:
            words[:, k] = corpus.met.words[:, place_of[taxonomy.id]]
    for row, shown in again.items():
        for k, found in shown.items():
            words[row, k] = figures(found)
    return replace(corpus.met, words=words)


def _realigned(standings: Standings, communities: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    n = len(standings.lead)
    scores, selected = np.zeros((n, len(communities))), np.zeros((n, len(communities)), bool)
    for k, community in enumerate(communities):
        if community in standings.communities:
            old = standings.communities.index(community)
            scores[:, k], selected[:, k] = standings.scores[:, old], standings.selected[:, old]
    return scores, selected


def _weighed(
    shown: Met, vectors: Floats, communities: Sequence[str], scales: Scales
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Scores as they are shown, and whether each selects, which is decided before rounding."""
    affinity = scales.affinity(vectors, communities) if scales.affinity else None
    scores = weigh(
        shown, vectors, communities=communities, semantics=scales.semantics, scorer=scales.scorer, affinity=affinity
    ).scores
    return rounded(scores), scores >= np.array([scales.thresholds[c] for c in communities])


def rounded(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Four decimals, each as ``round`` gives it: near a tie, numpy goes its own way."""
    result = np.round(scores, 4)
    close = np.abs(scores * 1e4 - np.floor(scores * 1e4) - 0.5) < 1e-6
    result[close] = [round(float(s), 4) for s in scores[close]]
    return result


def _concluded(
    corpus: Corpus,
    words: Words,
    scales: Scales,
    change: Rewording,
    again: Again,
    scores: NDArray[np.float64],
    selected: NDArray[np.bool_],
    moved: Rows,
) -> Standings:
    """Leads, proposals and dossiers, found anew only where something they depend on moved."""
    before = corpus.standings
    index = {c: k for k, c in enumerate(words.communities)}
    realigned = np.array([index.get(c, _NOWHERE) for c in before.communities] + [_NOWHERE], np.int16)
    lead = realigned[before.lead].copy()
    proposals, dossiers = list(before.proposals), list(before.dossiers)
    everyone = change.arbitration or before.communities != words.communities
    _lead(np.arange(len(lead)) if everyone else moved, words, scales, scores, selected, lead, proposals)

    stale = np.zeros(len(lead), bool)
    stale[moved] = True
    stale |= lead != realigned[before.lead]
    for community in change.shelves:
        stale |= lead == index[community]
    for i in np.flatnonzero(stale & (lead < 0)):
        dossiers[i] = None
    for k, taxonomy in enumerate(words.taxonomies):
        for rows in _blocks(np.flatnonzero(stale & (lead == k))):
            kept = np.array([i for i in rows.tolist() if k not in again.get(i, ())], np.intp)
            shown = {i: again[i][k] for i in rows.tolist() if k in again.get(i, ())}
            shown |= zip(kept.tolist(), (r.found[0] for r in corpus.shelf.readings(kept, (taxonomy,))), strict=True)
            evidence = [shown[i].evidence for i in rows.tolist()]
            placed = _placed(taxonomy, evidence, corpus.shelf.vectors(rows), scales.semantics)
            for i, dossier in zip(rows.tolist(), placed, strict=True):
                dossiers[i] = dossier
    return Standings(words.communities, scores, selected, lead, tuple(proposals), tuple(dossiers))


def _lead(
    rows: Rows,
    words: Words,
    scales: Scales,
    scores: NDArray[np.float64],
    selected: NDArray[np.bool_],
    lead: NDArray[np.int16],
    proposals: list[tuple[str, ...]],
) -> None:
    neighbours = {t.id: t.neighbours for t in words.taxonomies}
    index = {c: k for k, c in enumerate(words.communities)}
    chosen = selected[rows].any(axis=1)
    for i in rows[~chosen].tolist():
        lead[i], proposals[i] = _NOWHERE, ()
    for i in rows[chosen].tolist():
        row = zip(words.communities, scores[i].tolist(), selected[i].tolist(), strict=True)
        first, shared = arbitrate([CommunityScore(c, s, on) for c, s, on in row], neighbours, scales.proposal)
        lead[i], proposals[i] = _NOWHERE if first is None else index[first], shared


def _placed(
    taxonomy: Taxonomy, evidence: Sequence[Sequence[Evidence]], vectors: Floats, semantics: Semantics
) -> list[tuple[str, float] | None]:
    """The dossier of each item that this community leads."""
    concepts, dossiers = semantics.near(vectors, semantics.communities.index(taxonomy.id))
    found = [place(taxonomy, *each) for each in zip(evidence, concepts, dossiers, strict=True)]
    return [(p.id, p.score) if p else None for p in found]


def _part(shown: Met, rows: Rows) -> Met:
    return Met(shown.words[rows], shown.general[rows], shown.kinds[rows], shown.length[rows])


def _blocks(rows: Rows) -> Iterable[Rows]:
    for i in range(0, len(rows), _BLOCK):
        yield rows[i : i + _BLOCK]


class Read:
    """A shelf in memory: items that stand in no store, such as a labelled file."""

    def __init__(self, items: Sequence[Item], kept: Sequence[KeptReading], vectors: Floats) -> None:
        self._items, self._kept, self._vectors = items, kept, vectors

    def keys(self) -> Sequence[bytes]:
        return [k.keys for k in self._kept]

    def readings(self, rows: Rows, taxonomies: Sequence[Taxonomy]) -> list[Reading]:
        return restore([self._kept[i] for i in rows], taxonomies)

    def items(self, rows: Rows) -> list[Item]:
        return [self._items[i] for i in rows]

    def vectors(self, rows: Rows) -> Floats:
        return np.asarray(self._vectors[rows])


def corpus_of(items: Sequence[Item], vectors: Floats, words: Words, scales: Scales) -> Corpus:
    """Items (n) with their vectors (n, d), read and judged from nothing."""
    readings = read(items, words)
    kept = [keep(item.id, reading) for item, reading in zip(items, readings, strict=True)]
    figures_met = met(readings)
    standings = stand(readings, figures_met, vectors, words, scales)
    return Corpus(
        tuple(i.id for i in items), words.taxonomies, figures_met, standings, Read(items, kept, vectors)
    )  # fmt: skip
