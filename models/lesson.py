"""Everything an installation learned from its verdicts, in one file: weights only, no text, no pickle.

A lesson holds the corrected scorer with its base (an update of veille changes nothing under its feet), what was filed
where, and how readily two accounts are one story. It serves one version of the features and one encoder.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.learn import LearnedScorer, dump_scorer, read_scorer, sigmoid
from models.taught import Correction, Floats, Rows, TaughtScorer

FORMAT = 1
#: Files that a shelf must hold before its own mean counts as much as what it is said to hold.
SHELF_PRIOR = 2.0
#: How much the likeness to what was filed may weigh, from nothing.
SHELF_WEIGHTS = (0.0, 1.0, 2.0, 4.0, 8.0)
#: Precision of the normal prior of ``story_shift`` (standard deviation 0.5 on the scale of log-odds).
STORY_PRECISION = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """A linear form as a base: the rules. ``weights``: (columns + 1,), the last one the intercept."""

    weights: NDArray[np.float64]

    @property
    def version(self) -> str:
        return "linear-" + _digest(self.weights.tobytes())

    def logits(self, rows: Rows) -> Floats:
        """(n, columns) -> (n,)."""
        return np.asarray(np.einsum("...d,d->...", rows.astype(np.float64), self.weights[:-1]) + self.weights[-1])


@dataclass(frozen=True, slots=True, eq=False)
class Shelves:
    """What was filed in each dossier: ``sums`` (n, d) of centred unit vectors, ``counts`` (n,) of what they sum."""

    names: tuple[tuple[str, str], ...]  # (community, dossier)
    sums: NDArray[np.float32]
    counts: NDArray[np.float32]
    weight: float = 0.0

    def pull(self, community: str, dossiers: Sequence[str]) -> Floats:
        """(dossiers, d): its product with a centred item is what to add to the merit of each dossier."""
        found = np.zeros((len(dossiers), self.sums.shape[1]))
        place = {name: k for k, name in enumerate(self.names)}
        for row, dossier in enumerate(dossiers):
            k = place.get((community, dossier))
            if k is not None:
                found[row] = self.weight * self.sums[k] / (self.counts[k] + SHELF_PRIOR)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Filed:
    """One item that a person put in a dossier: ``merits`` (dossiers of its community,) by the rules alone."""

    community: str
    dossiers: tuple[str, ...]
    chosen: int
    item: NDArray[np.float32]  # (d,), centred, of length 1
    merits: Floats
    weight: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """See the module. ``encoder``: version of the vectors it was learned from; ``facts``: figures of the training."""

    scorer: TaughtScorer
    shelves: Shelves
    story_shift: float
    columns: tuple[str, ...]  # the features it was learned from
    encoder: str
    facts: Mapping[str, Any]


def learn_shelves(filed: Sequence[Filed], dimension: int) -> tuple[Shelves, float, float]:
    """Shelves with the weight that serves best, and its accuracy without and with (leave one out, 0..1).

    Rocchio's relevance feedback (1971), an item never standing among those it is compared with.
    """
    names = tuple(sorted({(f.community, f.dossiers[f.chosen]) for f in filed}))
    sums, counts = np.zeros((len(names), dimension), np.float32), np.zeros(len(names), np.float32)
    place = {name: k for k, name in enumerate(names)}
    for one in filed:
        k = place[one.community, one.dossiers[one.chosen]]
        sums[k] += one.weight * one.item
        counts[k] += one.weight
    shelves = Shelves(names, sums, counts)
    if not filed:
        return shelves, 0.0, 0.0
    shares = np.array([one.weight for one in filed])
    found = []
    for weight in SHELF_WEIGHTS:
        merits = [one.merits + weight * _likeness(one, shelves, place) for one in filed]
        found.append((
            float(shares @ [_log_share(m, one.chosen) for m, one in zip(merits, filed, strict=True)]),
            float(shares @ [m.argmax() == one.chosen for m, one in zip(merits, filed, strict=True)] / shares.sum()),
        ))  # fmt: skip
    best = max(range(len(found)), key=lambda k: (found[k][1], found[k][0], -k))
    return replace(shelves, weight=SHELF_WEIGHTS[best]), found[0][1], found[best][1]


def learn_story_shift(logits: Floats, together: NDArray[np.bool_]) -> float:
    """What to add to the log-odds that two accounts tell one story; 0 without examples. ``logits``: (n,)."""
    shift = 0.0
    for _ in range(50):  # Newton's method on a strictly convex function of one variable
        p = sigmoid(logits + shift)
        slope = float((p - together).sum()) + STORY_PRECISION * shift
        step = slope / (float((p * (1 - p)).sum()) + STORY_PRECISION)
        shift -= step
        if abs(step) < 1e-6:
            break
    return round(float(np.clip(shift, -1.5, 1.5)), 4)


def save_lesson(lesson: Lesson, path: Path) -> Lesson:
    """Write atomically and durably; the lesson with the version that its file has."""
    content = _dump(lesson)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)
    return replace(lesson, scorer=replace(lesson.scorer, version=_digest(content)))


def version_of(lesson: Lesson) -> str:
    """The version that the file of a lesson will have."""
    return _digest(_dump(lesson))


def load_lesson(path: Path, columns: tuple[str, ...]) -> Lesson:
    """Read what ``save_lesson`` wrote. Raises ``ModelError`` (French): damaged, or of other features."""
    try:
        content = path.read_bytes()
        with np.load(io.BytesIO(content), allow_pickle=False) as kept:
            head = json.loads(bytes(kept["head"]).decode())
            _check(head, columns, path)
            arrays = {name: kept[name] for name in kept.files}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"Modèle appris illisible : {path} ({error}). Refaites-le : veille train.") from error
    base: LearnedScorer | Linear
    if head["base"] == "linear":
        base = Linear(arrays["base"])
    else:
        base = read_scorer(arrays["base"].tobytes(), columns, str(path))
    correction = Correction(
        tuple(head["communities"]), head["slope"], head["common"],
        **{name: arrays[name] for name in ("mean", "scale", "rows", "bias", "centre", "vectors")},
    )  # fmt: skip
    shelves = Shelves(
        tuple((c, d) for c, d in head["shelves"]), arrays["shelf_sums"], arrays["shelf_counts"], head["shelf_weight"]
    )
    return Lesson(
        TaughtScorer(base, correction, _digest(content)), shelves, head["story_shift"], columns, head["encoder"],
        head["facts"],
    )  # fmt: skip


def serves(path: Path, columns: tuple[str, ...]) -> bool:
    """Whether a lesson stands there that this version of veille can read."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            _check(json.loads(bytes(kept["head"]).decode()), columns, path)
    except (ModelError, OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return False
    return True


def _check(head: Mapping[str, Any], columns: tuple[str, ...], path: Path) -> None:
    if head["format"] != FORMAT or tuple(head["columns"]) != columns:
        raise ModelError(f"Le modèle appris {path} vient d’une autre version de veille. Refaites-le : veille train.")


def _dump(lesson: Lesson) -> bytes:
    correction, base = lesson.scorer.correction, lesson.scorer.base
    linear = isinstance(base, Linear)
    weights: Any = base.weights if isinstance(base, Linear) else None
    if isinstance(base, LearnedScorer):
        weights = np.frombuffer(dump_scorer(base), np.uint8)
    head = {
        "format": FORMAT, "base": "linear" if linear else "trees", "columns": lesson.columns,
        "communities": correction.communities, "slope": correction.slope, "common": correction.common,
        "shelves": lesson.shelves.names, "shelf_weight": lesson.shelves.weight, "story_shift": lesson.story_shift,
        "encoder": lesson.encoder, "facts": lesson.facts,
    }  # fmt: skip
    text: Any = np.frombuffer(json.dumps(head, sort_keys=True).encode(), np.uint8)
    out = io.BytesIO()
    np.savez_compressed(
        out, head=text, base=weights, mean=correction.mean, scale=correction.scale, rows=correction.rows,
        bias=correction.bias, centre=correction.centre, vectors=correction.vectors, shelf_sums=lesson.shelves.sums,
        shelf_counts=lesson.shelves.counts,
    )  # fmt: skip
    return out.getvalue()


def _likeness(one: Filed, shelves: Shelves, place: Mapping[tuple[str, str], int]) -> Floats:
    found = np.zeros(len(one.dossiers))
    for row, dossier in enumerate(one.dossiers):
        k = place.get((one.community, dossier))
        if k is not None:
            own = one.weight if row == one.chosen else 0.0  # itself is left out
            found[row] = (shelves.sums[k] @ one.item - own) / (shelves.counts[k] - own + SHELF_PRIOR)
    return found


def _log_share(merits: Floats, chosen: int) -> float:
    top = float(merits.max())
    return float(merits[chosen] - top - np.log(np.exp(merits - top).sum()))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
