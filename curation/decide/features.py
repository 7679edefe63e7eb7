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
)


def features(
    found: Sequence[Lexical], z: Floats, territorial: float, offtopic: float, kind: Kind, length: int
) -> NDArray[np.float32]:
    """One item: (communities, len(COLUMNS)). ``found`` and ``z`` (communities, 3) in the same order."""
    rows = np.zeros((len(found), len(COLUMNS)), np.float32)
    sense = z.mean(axis=1)
    met = saturate(np.array([f.total for f in found]))
    kinds = [float(kind is k) for k in KINDS]
    for k, f in enumerate(found):
        places = [e.where for e in f.evidence]
        rows[k] = (
            met[k],
            min(f.total, 3.0) / 3,
            saturate(f.title),
            sense[k],
            z[k, 0],
            z[k, 1],
            z[k, 2],
            sense[k] - _best_other(sense, k),
            met[k] - _best_other(met, k),
            saturate(territorial),
            saturate(offtopic),
            sense.max(),
            met.max(),
            np.log1p(len(places)),
            f.evidence[0].weight if f.evidence else 0.0,
            np.log1p(places.count("lead")),
            np.log1p(places.count("body")),
            np.log1p(length) / 8,
            met[k] * sense[k],
            *kinds,
        )
    return rows


class Scorer(Protocol):
    """Rows of features -> probabilities of grade >= 2."""

    @property
    def version(self) -> str:
        """Changes with what it would answer."""
        ...

    def probabilities(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """(n, len(COLUMNS)) -> (n,), each in 0..1."""
        ...


@dataclass(frozen=True, slots=True)
class LinearForm:
    """Weights of a logistic form, on the logit scale, tuned by hand on labelled items and rounded."""

    intercept: float = -3.6
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

    def probabilities(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        weights = np.array([getattr(self, name, 0.0) for name in COLUMNS])
        return np.asarray(1 / (1 + np.exp(-(self.intercept + rows.astype(np.float64) @ weights))))


def saturate(value: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """0 -> 0, then ever more slowly towards 1."""
    return np.asarray(1 - np.exp(-np.asarray(value, np.float64)))


def _best_other(values: NDArray[np.floating], k: int) -> float:
    return float(np.delete(values, k).max()) if len(values) > 1 else 0.0
