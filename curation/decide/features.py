"""How well an item meets a taxonomy, in figures: what the score is made of, whoever weighs them.

One row per (item, community), the same columns for every community: nothing here names one, so that what is learnt
on some communities carries over to another. ``LinearForm`` is the shipped way of weighing them without any label; a
learned scorer (``models.learn``) takes the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from curation.decide.signals import Floats, Lexical
from curation.types import Kind

#: Kinds that have a column of their own: readers take some more readily than others.
KINDS = (Kind.JOB, Kind.EVENT, Kind.CALL, Kind.REGULATION, Kind.PRACTICE, Kind.RESOURCE)
COLUMNS = (
    "words",  # 1 - exp(-lexical total)
    "words_linear",  # lexical total, cut at 3, over 3
    "title",  # 1 - exp(-title part)
    "sense",  # mean z-score
    "nearest",  # z-score of the nearest concepts
    "shelf",  # z-score of the nearest dossier
    "definition",  # z-score of the definition
    "sense_lead",  # mean z-score minus the best other community's
    "words_lead",  # words minus the best other community's
    "territorial",  # words of the territories
    "offtopic",  # words of no community: parties, crime, sport
    "sense_any",  # best mean z-score over communities: the item is close to everything
    "words_any",  # best words over communities
    "concepts",  # log(1 + concepts met)
    "strongest",  # weight of the strongest concept met
    "in_lead",  # log(1 + concepts met first in the lead)
    "in_body",  # log(1 + concepts met first further down)
    "length",  # log(1 + characters of the text) / 8
    "both",  # words x sense: the two agree
    *(f"kind_{kind.value}" for kind in KINDS),
    "affinity",  # log-odds by what was learnt of this very community's items, cut at +-6; 0 for a community unknown
    "known",  # 1 when there is such an affinity
)
#: Columns of ``Met.words``.
MET = ("total", "title", "concepts", "strongest", "in_lead", "in_body")
_CUT = 6.0


@dataclass(frozen=True, slots=True)
class Met:
    """What a batch of items shows before meaning is asked: all that ``features`` needs of their texts.

    ``words``: (n, communities, len(MET)); ``general``: (n, 2), words of the territories, words of no community;
    ``kinds``: (n, len(KINDS)), 0 or 1; ``length``: (n,), characters of the text.
    """

    words: Floats
    general: Floats
    kinds: Floats
    length: Floats


def figures(found: Lexical) -> tuple[float, ...]:
    """One row of ``Met.words``."""
    places = [e.where for e in found.evidence]
    strongest = found.evidence[0].weight if found.evidence else 0.0
    return found.total, found.title, len(places), strongest, places.count("lead"), places.count("body")


def features(met: Met, z: Floats, affinity: Floats | None = None) -> Floats:
    """(n, communities, len(COLUMNS)). ``z``: (n, communities, 3); ``affinity``: (n, communities), NaN where unknown."""
    n, communities = met.words.shape[:2]
    total, title, concepts, strongest, in_lead, in_body = np.moveaxis(met.words, 2, 0)
    words, sense = saturate(total), z.mean(axis=2)

    def each(of_item: NDArray[np.floating]) -> NDArray[np.floating]:
        return np.broadcast_to(of_item[:, None], (n, communities))

    known = np.zeros((n, communities)) if affinity is None else np.isfinite(affinity)
    learnt = np.zeros((n, communities)) if affinity is None else np.clip(np.nan_to_num(affinity), -_CUT, _CUT)
    columns = [
        words,
        np.minimum(total, 3.0) / 3,
        saturate(title),
        sense,
        *np.moveaxis(z, 2, 0),
        sense - _best_other(sense),
        words - _best_other(words),
        each(saturate(met.general[:, 0])),
        each(saturate(met.general[:, 1])),
        each(sense.max(axis=1)),
        each(words.max(axis=1)),
        np.log1p(concepts),
        strongest,
        np.log1p(in_lead),
        np.log1p(in_body),
        each(np.log1p(met.length) / 8),
        words * sense,
        *(each(kind) for kind in met.kinds.T),
        learnt,
        known,
    ]
    return np.stack(columns, axis=2, dtype=np.float32, casting="unsafe")


class Scorer(Protocol):
    """Rows of features -> probabilities of grade >= 2."""

    @property
    def version(self) -> str:
        """Changes with what it would answer."""
        ...

    def probabilities(self, rows: Floats, vectors: Floats, communities: Sequence[str]) -> NDArray[np.float64]:
        """(n, c, len(COLUMNS)), item vectors (n, d), ids of the c communities -> (n, c), each in 0..1."""
        ...


@dataclass(frozen=True, slots=True)
class LinearForm:
    """Weights of a logistic form, on the logit scale, tuned by hand on labelled items and rounded."""

    intercept: float = -3.3
    words: float = 1.7
    words_linear: float = 1.0
    title: float = 0.8
    sense: float = 0.5
    nearest: float = 0.85
    sense_lead: float = -0.2
    words_lead: float = 0.7
    territorial: float = 0.5
    offtopic: float = -2.0
    sense_any: float = -0.7
    words_any: float = 0.35
    kind_job: float = -2.0  # a job offer is rarely published

    @property
    def version(self) -> str:
        return "linear-" + ",".join(f"{f.name}={getattr(self, f.name)}" for f in fields(self))

    def probabilities(self, rows: Floats, vectors: Floats, communities: Sequence[str]) -> NDArray[np.float64]:
        """See ``Scorer``; only the rows count."""
        return np.asarray(1 / (1 + np.exp(-self.logits(rows))))

    def logits(self, rows: Floats) -> NDArray[np.float64]:
        """(..., len(COLUMNS)) -> (...), log-odds."""
        weights = self.weights()
        # not a product of BLAS: its last bits depend on how many rows come together
        return np.asarray(weights[-1] + np.einsum("...d,d->...", rows.astype(np.float64), weights[:-1]))

    def weights(self) -> NDArray[np.float64]:
        """(len(COLUMNS) + 1,): of each column, then the intercept."""
        return np.array([*(getattr(self, name, 0.0) for name in COLUMNS), self.intercept])


def saturate(value: NDArray[np.floating] | float) -> NDArray[np.float64]:
    """0 -> 0, then ever more slowly towards 1."""
    return np.asarray(1 - np.exp(-np.asarray(value, np.float64)))


def _best_other(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """For each cell of (n, c), the best of the other columns of its row; 0 when there is no other."""
    if values.shape[1] < 2:
        return np.zeros_like(values)
    two = np.partition(values, -2, axis=1)[:, -2:]
    return np.where(values == two[:, 1:], two[:, :1], two[:, 1:])
