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


def weighed(taxonomy: Taxonomy, sightings: Sequence[Sighting]) -> Lexical:
    """Evidence of one taxonomy with the weights it gives today. Raises ``KeyError`` for a concept it does not have."""
    if not sightings:
        return Lexical((), 0.0, 0.0)
    weights = {c.id: c.weight for c in taxonomy.concepts}
    scored = []
    for s in sightings:
        weight = _repeat(weights[s.concept] * PLACE_WEIGHT[s.where], s.count)
        scored.append(Evidence(s.concept, s.label, s.where, weight, s.start, s.end))
    scored.sort(key=lambda e: (-e.weight, e.concept))
    return Lexical(
        tuple(scored),
        _discounted(e.weight for e in scored),
        _discounted(e.weight for e in scored if e.where == "title"),
    )


def lexical(taxonomy: Taxonomy, in_title: Sequence[Match], in_text: Sequence[Match]) -> Lexical:
    """``sight``, then ``weighed``."""
    return weighed(taxonomy, sight(taxonomy, in_title, in_text))


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
        self._prototype_mean = everything.mean(axis=0)
        self._parts = [
            (self._centre_prototype(p.concepts), self._centre_prototype(p.dossiers), p.definition) for p in prototypes
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
        centred = self.centred(vector[None, :])[0]
        concepts, dossiers, _ = self._parts[community]
        filed = self._filed.get(self.communities[community]) if learned else None
        near = dossiers @ centred if filed is None else (dossiers + filed) @ centred
        return np.asarray(concepts @ centred), np.asarray(near)

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

    def _centre_prototype(self, vectors: Floats) -> Floats:
        return _unit(vectors - self._prototype_mean)

    def _raw(self, vectors: Floats) -> Floats:
        centred = self.centred(vectors)
        columns = []
        for concepts, dossiers, definition in self._parts:
            near = np.sort(centred @ concepts.T, axis=1)[:, -3:].mean(axis=1)
            shelf = (centred @ dossiers.T).max(axis=1) if len(dossiers) else near
            whole = centred @ self._centre_prototype(definition[None, :])[0]
            columns.append(np.stack([near, shelf, whole], axis=1))
        return np.asarray(np.stack(columns, axis=1), dtype=np.float32)


def _placed(in_title: Iterable[Match], in_text: Iterable[Match]) -> Iterable[tuple[Match, str]]:
    yield from ((m, "title") for m in in_title)
    yield from ((m, "lead" if m.start < LEAD else "body") for m in in_text)


def _repeat(weight: float, count: int) -> float:
    return round(weight * (1 + REPEAT * min(2, count - 1)), 6)


def _discounted(values: Iterable[float]) -> float:
    return round(sum(v * DISCOUNT**i for i, v in enumerate(values)), 6)


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), dtype=np.float32)
