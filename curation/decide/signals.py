"""What speaks for a community in one item: words met (lexical) and meaning (semantic).

Lexical: each concept met counts once, at its best place; concepts add up with a geometric discount, so
that many wide words never outweigh one decisive one. Semantic: cosine between the item and the concepts,
dossiers and definition of a community, after subtracting the background (Mu & Viswanath 2018, "All-but-the-top",
arXiv:1702.01417: raw sentence vectors share one large common direction), as a z-score against a background
sample, so that communities and encoders of different spread compare.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curation.evidence import Sighting
from curation.types import Evidence
from taxonomy.types import Match, Taxonomy

Floats = NDArray[np.float32]

#: How much a place counts: a title says what an item is about.
PLACE_WEIGHT = {"title": 1.0, "lead": 0.7, "body": 0.45}
#: Characters of the text that count as its lead.
LEAD = 320
#: Discount of the 2nd, 3rd... concept.
DISCOUNT = 0.6
#: Each further occurrence adds this share, at most twice.
REPEAT = 0.15
#: Unit vectors are compared on a grid of this step: products and their sums are then exact in float64, so that an item
#: gets the same bits alone, in any batch and on any number of threads (BLAS adds in an order that depends on them).
GRID = 2.0**-20
#: Items compared at once: bounds memory.
_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Prototypes:
    """A community as vectors (unit length): concepts (n, d), dossiers (k, d), definition (d,)."""

    community: str
    concepts: Floats
    dossiers: Floats
    definition: Floats


@dataclass(frozen=True, slots=True)
class Background:
    """Vectors of ordinary items (m, d): their mean is subtracted, their scores give the z-scale."""

    sample: Floats

    @property
    def mean(self) -> Floats:
        """Common direction, shape (d,)."""
        return np.asarray(self.sample.mean(axis=0), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Lexical:
    """Words met for one taxonomy: evidence best first, and their discounted sum."""

    evidence: tuple[Evidence, ...]
    total: float  # >= 0
    title: float  # the part due to the title


def sight(taxonomy: Taxonomy, in_title: Sequence[Match], in_text: Sequence[Match]) -> tuple[Sighting, ...]:
    """The concepts of one taxonomy that were met, by id; matches of others are nothing."""
    if not in_title and not in_text:
        return ()
    known = {c.id for c in taxonomy.concepts}
    best: dict[str, tuple[Match, str]] = {}
    count: dict[str, int] = {}
    for match, where in _placed(in_title, in_text):
        if match.concept not in known:
            continue
        count[match.concept] = count.get(match.concept, 0) + 1
        if match.concept not in best or PLACE_WEIGHT[where] > PLACE_WEIGHT[best[match.concept][1]]:
            best[match.concept] = (match, where)
    return tuple(
        Sighting(taxonomy.id, concept, match.label, where, count[concept], match.start, match.end)
        for concept, (match, where) in sorted(best.items())
    )


def weights_of(taxonomy: Taxonomy) -> dict[str, float]:
    """Concept id -> weight."""
    return {c.id: c.weight for c in taxonomy.concepts}


def weighed(weights: Mapping[str, float], sightings: Sequence[Sighting]) -> Lexical:
    """Evidence of one taxonomy with the weights it gives today. Raises ``KeyError`` for a concept it does not have."""
    if not sightings:
        return Lexical((), 0.0, 0.0)
    scored = []
    for s in sightings:
        weight = repeated(weights[s.concept] * PLACE_WEIGHT[s.where], s.count)
        scored.append(Evidence(s.concept, s.label, s.where, weight, s.start, s.end))
    scored.sort(key=lambda e: (-e.weight, e.concept))
    return Lexical(
        tuple(scored),
        _discounted(e.weight for e in scored),
        _discounted(e.weight for e in scored if e.where == "title"),
    )


def lexical(taxonomy: Taxonomy, in_title: Sequence[Match], in_text: Sequence[Match]) -> Lexical:
    """``sight``, then ``weighed``."""
    return weighed(weights_of(taxonomy), sight(taxonomy, in_title, in_text))


class Semantics:
    """Compares item vectors with the prototypes of every community, on one common scale."""

    def __init__(
        self, prototypes: Sequence[Prototypes], background: Background, filed: Mapping[str, Floats] | None = None
    ) -> None:
        """``filed``: community -> (dossiers, d), what readers' filing adds to the vector of each dossier."""
        self._filed = dict(filed or {})
        self.communities = tuple(p.community for p in prototypes)
        self._mean = background.mean
        everything = np.vstack([np.vstack([p.concepts, p.dossiers, p.definition[None, :]]) for p in prototypes])
        # prompts differ (query / passage), so each side is centred on its own mean
        centred = _on_grid(_unit(everything - everything.mean(axis=0)))
        sizes = [(len(p.concepts), len(p.dossiers)) for p in prototypes]
        starts = np.cumsum([0, *(concepts + dossiers + 1 for concepts, dossiers in sizes)])
        self._prototypes = centred
        #: Where the concepts, then the dossiers, then the definition of each community stand among the prototypes.
        self._parts = [
            (int(start), int(start) + concepts, int(start) + concepts + dossiers)
            for start, (concepts, dossiers) in zip(starts, sizes, strict=False)
        ]
        raw = self._raw(background.sample)
        self._location, self._scale = raw.mean(axis=0), raw.std(axis=0) + 1e-6

    def scores(self, vectors: Floats) -> Floats:
        """z-scores, shape (n, communities, 3): nearest concepts, nearest dossier, definition."""
        if len(vectors) == 0:
            return np.zeros((0, len(self.communities), 3), np.float32)
        return np.asarray((self._raw(vectors) - self._location) / self._scale, dtype=np.float32)

    def nearest(self, vector: Floats, community: int, learned: bool = True) -> tuple[Floats, Floats]:
        """Centred cosines of one item with the concepts and the dossiers of one community.

        ``learned``: with what was filed there, where there is something to say.
        """
        concepts, dossiers = self.near(vector[None, :], community, learned)
        return concepts[0], dossiers[0]

    def near(self, vectors: Floats, community: int, learned: bool = True) -> tuple[Floats, Floats]:
        """The same for several items (n, d): (n, concepts), (n, dossiers)."""
        start, middle, end = self._parts[community]
        prototypes = self._prototypes[start:end]
        filed = self._filed.get(self.communities[community]) if learned else None
        if filed is not None:
            prototypes = np.concatenate([prototypes[: middle - start], prototypes[middle - start :] + _on_grid(filed)])
        cosines = np.asarray(_on_grid(self.centred(vectors)) @ prototypes.T, np.float32)
        return cosines[:, : middle - start], cosines[:, middle - start :]

    def centred(self, vectors: Floats) -> Floats:
        """(n, d) -> (n, d) unit vectors without what all texts share: their cosines mean much the same in any encoder.

        Two ordinary items stand near 0, two of one dossier near 0.4, two accounts of one fact from 0.7.
        """
        return _unit(vectors - self._mean)

    def with_filed(self, filed: Mapping[str, Floats]) -> Semantics:
        """The same, with other lessons of filing."""
        other = copy(self)
        other._filed = dict(filed)
        return other

    def _raw(self, vectors: Floats) -> Floats:
        return np.concatenate([self._block(vectors[i : i + _BLOCK]) for i in range(0, len(vectors), _BLOCK)])

    def _block(self, vectors: Floats) -> Floats:
        cosines = np.asarray(_on_grid(self.centred(vectors)) @ self._prototypes.T, np.float32)
        columns = []
        for start, middle, end in self._parts:
            concepts = cosines[:, start:middle]
            best = np.partition(concepts, -3, axis=1)[:, -3:] if middle - start > 3 else concepts
            near = np.sort(best, axis=1).mean(axis=1)
            shelf = cosines[:, middle:end].max(axis=1) if end > middle else near
            columns.append(np.stack([near, shelf, cosines[:, end]], axis=1))
        return np.asarray(np.stack(columns, axis=1), dtype=np.float32)


def _placed(in_title: Iterable[Match], in_text: Iterable[Match]) -> Iterable[tuple[Match, str]]:
    yield from ((m, "title") for m in in_title)
    yield from ((m, "lead" if m.start < LEAD else "body") for m in in_text)


def repeated(weight: float, count: int) -> float:
    """What a concept weighs when it is met ``count`` times: from the third on, no more."""
    return round(weight * (1 + REPEAT * min(2, count - 1)), 6)


def _discounted(values: Iterable[float]) -> float:
    return round(sum(v * DISCOUNT**i for i, v in enumerate(values)), 6)


def rounded(values: NDArray[np.float64], decimals: int) -> NDArray[np.float64]:
    """As ``round`` gives each: near a tie, numpy goes its own way."""
    result, power = np.round(values, decimals), 10.0**decimals
    close = np.abs(values * power - np.floor(values * power) - 0.5) < 1e-6
    result[close] = [round(float(v), decimals) for v in values[close]]
    return result


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def _on_grid(vectors: Floats) -> NDArray[np.float64]:
    return np.rint(vectors.astype(np.float64) / GRID) * GRID
