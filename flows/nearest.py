"""The concepts that labels are near to in meaning: the encoder brought to ``curation.decide.nearness``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from curation.decide.nearness import nearest
from curation.decide.terms import Near
from flows.prototypes import prototypes_of
from models.types import Encoder, Vectors
from taxonomy.types import Taxonomy

#: Labels whose vectors are kept: some pages of candidates.
KEPT = 2000


class NearestConcepts:
    """``curation.workbench.Nearest`` on these words. What was encoded once is kept."""

    def __init__(self, taxonomies: Sequence[Taxonomy], encoder: Encoder, state: Path) -> None:
        """``state``: folder where the vectors of the words are kept."""
        self._words = {t.id: t for t in taxonomies}
        self._encoder = encoder
        found = prototypes_of(taxonomies, encoder, state)
        self._mean = np.vstack([p.concepts for p in found]).mean(axis=0)
        self._concepts = {p.community: p.concepts for p in found}
        self._known: dict[str, Vectors] = {}

    def __call__(self, community: str, labels: Sequence[str]) -> list[Near | None]:
        """For each label the concept of the community it is near to, where one is. Raises ``KeyError``."""
        missing = [label for label in dict.fromkeys(labels) if label not in self._known]
        if missing:
            if len(self._known) > KEPT:
                self._known.clear()
                missing = list(dict.fromkeys(labels))
            self._known.update(zip(missing, self._encoder.encode(missing, prompt="query"), strict=True))
        vectors = np.array([self._known[label] for label in labels], np.float32)
        return nearest(self._words[community], self._concepts[community], vectors, self._mean)
