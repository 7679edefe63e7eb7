"""What other words would make of items already read, by the very functions of the night.

Where labels stand in each text was kept: what they mean to other words is worked out from that for all texts at once.
Only labels that no community had are sought in texts, those that hold their word keys; and only the figures that moved
are weighed again. Nothing is estimated: the outcome is what classifying everything anew would give, to the last decimal
(tests compare both).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from curation.decide.arbitrate import arbitrate
from curation.decide.classify import weigh
from curation.decide.features import MET, Met, Scorer
from curation.decide.occurrences import Occurrences, Rows, Weights, otherwise, pack, see, weights
from curation.decide.place import place, place_all
from curation.decide.reading import Reading, Words, keep, met, read
from curation.decide.rewording import Rewording, holding, rewording
from curation.decide.signals import Floats, Semantics, rounded
from curation.evidence import KeptReading
from curation.types import CommunityScore, Evidence, Item
from taxonomy.match import Run, Scanner, number_of
from taxonomy.types import Taxonomy

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

    def occurrences(self) -> Occurrences:
        """Where runs stand in every item (``KeptReading.occurrences``)."""
        ...

    def texts(self, rows: Rows) -> list[tuple[str, str]]:
        """Title and text of each."""
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
    """``read``: rows in which the words are met, or weigh, otherwise; ``searched``: how many texts were opened for it;
    ``weighed``: how many items were weighed again."""

    standings: Standings
    change: Rewording
    read: Rows
    searched: int
    weighed: int


@dataclass(frozen=True, slots=True)
class _Again:
    """``rows``, in order, that the new words meet or weigh otherwise; by place of a community that changed, its own and
    their figures (n, len(MET))."""

    rows: Rows
    figures: Mapping[int, tuple[Rows, NDArray[np.float64]]]
    met: Occurrences | None  # of everything, runs that were sought in texts included; None: as the shelf has them
    searched: int


def rehearse(corpus: Corpus, words: Words, scales: Scales) -> Outcome:
    """The standings of the corpus under other words. ``scales.semantics`` must be those of ``words``."""
    change, again, moved, scores, selected = _rescored(corpus, words, scales)
    standings = _concluded(corpus, words, scales, change, again, scores, selected, moved)
    return Outcome(standings, change, again.rows, again.searched, len(moved))


def scores_under(corpus: Corpus, words: Words, scales: Scales) -> NDArray[np.float64]:
    """(n, communities): ``rehearse(…).standings.scores``, for whoever does not ask who leads and where items go."""
    return _rescored(corpus, words, scales)[3]


def _rescored(
    corpus: Corpus, words: Words, scales: Scales
) -> tuple[Rewording, _Again, Rows, NDArray[np.float64], NDArray[np.bool_]]:
    """What changes, where it is met, the rows weighed again, and the scores and selections of all."""
    change = rewording(corpus.taxonomies, words.taxonomies)
    again = _met_again(corpus, words.taxonomies, change)
    shown = _patched(corpus, words.taxonomies, again)
    moved = np.arange(len(corpus.ids)) if change.meaning else again.rows
    scores, selected = _realigned(corpus.standings, words.communities)
    for rows in _blocks(moved):
        scores[rows], selected[rows] = _weighed(
            _part(shown, rows), corpus.shelf.vectors(rows), words.communities, scales
        )
    return change, again, moved, scores, selected


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


def _met_again(corpus: Corpus, taxonomies: Sequence[Taxonomy], change: Rewording) -> _Again:
    """The items that the new words meet or weigh otherwise, with what the communities that changed find in them."""
    if not change.runs:
        return _Again(np.zeros(0, np.intp), {}, None, 0)
    known = corpus.shelf.occurrences()
    searched, found = _sought(corpus.shelf, change.unsought)
    known = known.plus(found) if len(found.row) else known
    before = {t.id: t for t in corpus.taxonomies}
    figures: dict[int, tuple[Rows, NDArray[np.float64]]] = {}
    for k, taxonomy in enumerate(taxonomies):
        if taxonomy.id not in change.runs:
            continue
        part = known.of_rows(known.rows_with(change.runs[taxonomy.id]))
        now = see(part, taxonomy)
        nothing = replace(taxonomy, concepts=())
        rows = otherwise(see(part, before.get(taxonomy.id, nothing)), now)
        rows = np.union1d(rows, now.rows_of(concept for c, concept in change.weighed if c == taxonomy.id))
        figures[k] = rows.astype(np.intp), _spread(weights(now, taxonomy), rows)
    touched = np.unique(np.concatenate([rows for rows, _ in figures.values()])).astype(np.intp)
    return _Again(touched, figures, known, searched)


def _sought(shelf: Shelf, runs: frozenset[Run]) -> tuple[int, Occurrences]:
    """How many texts were searched for these runs, and where they stand."""
    rows = holding(shelf.keys(), {run.keys for run in runs}) if runs else np.zeros(0, np.intp)
    scanner, numbers = Scanner(runs), {number_of(run) for run in runs}
    kept = [
        pack(scanner.search(title), scanner.search(text), numbers)
        for some in _blocks(rows)
        for title, text in shelf.texts(some)
    ]
    return len(rows), Occurrences.of(kept, rows)


def _spread(found: Weights, rows: Rows) -> NDArray[np.float64]:
    """The figures of these rows, zeros where nothing is seen."""
    result = np.zeros((len(rows), len(MET)))
    _, here, there = np.intersect1d(rows, found.rows, assume_unique=True, return_indices=True)
    result[here] = found.figures[there]
    return result


def _patched(corpus: Corpus, taxonomies: Sequence[Taxonomy], again: _Again) -> Met:
    """The figures under the new words: a community that is new starts from nothing met."""
    place_of = {t.id: k for k, t in enumerate(corpus.taxonomies)}
    words = np.zeros((len(corpus.ids), len(taxonomies), len(MET)), np.float32)
    for k, taxonomy in enumerate(taxonomies):
        if taxonomy.id in place_of:
            words[:, k] = corpus.met.words[:, place_of[taxonomy.id]]
        if k in again.figures:
            rows, figures = again.figures[k]
            words[rows, k] = figures
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
    return rounded(scores, 4), scores >= np.array([scales.thresholds[c] for c in communities])


def _concluded(
    corpus: Corpus,
    words: Words,
    scales: Scales,
    change: Rewording,
    again: _Again,
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
    if (stale & (lead >= 0)).any():
        known = again.met or corpus.shelf.occurrences()
        for k, taxonomy in enumerate(words.taxonomies):
            for rows in _blocks(np.flatnonzero(stale & (lead == k))):
                seen = see(known.of_rows(rows), taxonomy)
                near = scales.semantics.near(
                    corpus.shelf.vectors(rows), scales.semantics.communities.index(taxonomy.id)
                )
                placed = place_all(taxonomy, seen, weights(seen, taxonomy).weight, rows, *near)
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
    """``arbitrate`` for all these rows: it is asked only where there is something to propose."""
    neighbours = {t.id: t.neighbours for t in words.taxonomies}
    order = np.argsort(np.array(words.communities))  # of equal scores, the first id leads
    chosen = np.where(selected[rows], scores[rows], -1.0)[:, order]
    lead[rows] = np.where(selected[rows].any(axis=1), order[chosen.argmax(axis=1)], _NOWHERE)
    allowed = np.array([[c in neighbours[t.id] and c != t.id for c in words.communities] for t in words.taxonomies])
    shared = (lead[rows] >= 0)[:, None] & allowed[lead[rows]] & (scores[rows] >= scales.proposal)
    proposed = shared.any(axis=1)
    for i in rows[~proposed].tolist():
        proposals[i] = ()
    for i in rows[proposed].tolist():
        row = zip(words.communities, scores[i].tolist(), selected[i].tolist(), strict=True)
        _, proposals[i] = arbitrate([CommunityScore(c, s, on) for c, s, on in row], neighbours, scales.proposal)


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
    """A shelf in memory: items that stand in no store, such as a labelled file. ``texts``: title and text of each."""

    def __init__(self, texts: Sequence[tuple[str, str]], kept: Sequence[KeptReading], vectors: Floats) -> None:
        self._texts, self._kept, self._vectors = texts, kept, vectors
        self._occurrences = Occurrences.of([k.occurrences for k in kept])

    def keys(self) -> Sequence[bytes]:
        return [k.keys for k in self._kept]

    def occurrences(self) -> Occurrences:
        return self._occurrences

    def texts(self, rows: Rows) -> list[tuple[str, str]]:
        return [self._texts[i] for i in rows]

    def vectors(self, rows: Rows) -> Floats:
        return np.asarray(self._vectors[rows])


def corpus_of(items: Sequence[Item], vectors: Floats, words: Words, scales: Scales) -> Corpus:
    """Items (n) with their vectors (n, d), read and judged from nothing."""
    readings = read(items, words)
    kept = [keep(item.id, reading) for item, reading in zip(items, readings, strict=True)]
    figures_met = met(readings)
    standings = stand(readings, figures_met, vectors, words, scales)
    shelf = Read([(i.title, i.text) for i in items], kept, vectors)
    return Corpus(tuple(i.id for i in items), words.taxonomies, figures_met, standings, shelf)
