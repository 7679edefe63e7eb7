"""What each concept of a taxonomy brings and costs, over labelled items: a table to mend vocabularies by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.mistakes import RIGHT_GRADE

Record = Mapping[str, Any]
Draws = Sequence[NDArray[np.intp]]


@dataclass(frozen=True, slots=True)
class ConceptFigures:
    """One concept of one community, over the items whose words it was found in.

    ``found``: those items. Of them, ``right``: selected, grade >= 2; ``wrong``: selected, grade below; ``missed``: not
    selected, grade >= 2. The rest is rightly left out. ``share``: right / (right + wrong), with its 95 % interval over
    resampled items; None when nothing was selected. ``label``: as the judgement tells it.
    """

    community: str
    concept: str
    label: str
    found: int
    right: int
    wrong: int
    missed: int
    share: float | None
    low: float | None
    high: float | None

    @property
    def faults(self) -> int:
        """Wrong and missed."""
        return self.wrong + self.missed

    @property
    def to_mend(self) -> float:
        """Faults x their share of what was decided: many faults, and few good services to set against them."""
        return self.faults**2 / (self.right + self.faults) if self.faults else 0.0


def concept_figures(pairs: Sequence[tuple[Record, Record]], draws: Draws) -> tuple[ConceptFigures, ...]:
    """Every concept found by its words (nearness of meaning is left aside), most to mend first.

    ``pairs``: (gold, judgement). A judgement names the eight strongest concepts of each community: a weaker one is
    not counted in that item; one without evidence (another tool's) counts for no concept.
    ``draws``: rows drawn with repetition.
    """
    labels: dict[tuple[str, str], str] = {}
    cells: dict[tuple[str, str], list[tuple[int, bool, bool]]] = {}  # item, selected, right
    for row, (item, judgement) in enumerate(pairs):
        for entry in judgement["communities"]:
            community = str(entry["id"])
            right = int((item.get("rel") or {}).get(community, 0)) >= RIGHT_GRADE
            met = {str(e["concept"]): str(e["label"]) for e in entry.get("evidence") or () if e["where"] != "sense"}
            for concept, label in met.items():
                labels.setdefault((community, concept), label)
                cells.setdefault((community, concept), []).append((row, bool(entry["selected"]), right))
    times = np.array([np.bincount(rows, minlength=len(pairs)) for rows in draws]).reshape(-1, len(pairs))
    figures = []
    for (community, concept), met_in in cells.items():
        at = np.array([row for row, _, _ in met_in])
        selected = np.array([chosen for _, chosen, _ in met_in], dtype=bool)
        fit = np.array([right for _, _, right in met_in], dtype=bool)
        good, bad = selected & fit, selected & ~fit
        figures.append(
            ConceptFigures(
                community, concept, labels[community, concept], len(met_in), int(good.sum()), int(bad.sum()),
                int((~selected & fit).sum()),
                float(good.sum() / selected.sum()) if selected.any() else None,
                *_bounds(times[:, at[good]].sum(axis=1), times[:, at[bad]].sum(axis=1)),
            )
        )  # fmt: skip
    return tuple(sorted(figures, key=lambda one: (-one.to_mend, -one.found, one.community, one.concept)))


def _bounds(good: NDArray[np.int64], bad: NDArray[np.int64]) -> tuple[float | None, float | None]:
    """95 % interval of good / (good + bad) over the draws where something was selected."""
    known = good + bad > 0
    if not known.any():
        return None, None
    low, high = np.percentile(good[known] / (good[known] + bad[known]), [2.5, 97.5])
    return float(low), float(high)
