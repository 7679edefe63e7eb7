"""The concept of a community that a term is near to in meaning, where one is.

Cosine of the two vectors, both less the mean of the community's concepts (raw sentence vectors share one large common
direction). The bar was set on the shipped words, each synonym without its concept's other labels: at 0.5, 48 % of the
synonyms are near enough to a concept of their own community, 55 % of these to the very one among a hundred, and 3 % of
the synonyms of another community are near enough to any. So it suggests, and a person chooses.
"""

from __future__ import annotations

import numpy as np

from curation.decide.signals import Floats
from curation.decide.terms import Near
from taxonomy.types import Taxonomy

BAR = 0.5


def nearest(taxonomy: Taxonomy, concepts: Floats, terms: Floats, mean: Floats, bar: float = BAR) -> list[Near | None]:
    """For each of ``terms`` (n, d) the nearest of ``concepts`` (m, d, in the taxonomy's order), from ``bar`` on.

    ``mean``: (d,), of the concepts of every community. Terms and concepts are encoded with the same prompt.
    """
    if not len(concepts) or not len(terms):
        return [None] * len(terms)
    cosines = _unit(terms - mean) @ _unit(concepts - mean).T
    best = cosines.argmax(axis=1)
    return [_near(taxonomy, int(k), float(cosines[i, k]), bar) for i, k in enumerate(best)]


def _near(taxonomy: Taxonomy, index: int, cosine: float, bar: float) -> Near | None:
    if cosine < bar:
        return None
    concept = taxonomy.concepts[index]
    return Near(concept.id, concept.pref_label, round(cosine, 3))


def _unit(vectors: Floats) -> Floats:
    norms = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return np.asarray(vectors / norms, np.float32)
