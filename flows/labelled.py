"""Labelled items on which a rehearsal measures too: read, encoded, their vectors kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from curation.config import Settings
from curation.errors import InputError
from curation.types import Item
from flows.as_json import item_from
from flows.gate import GOLD
from flows.item_commands import read_gold
from flows.judge import Judge
from flows.prototypes import digest
from flows.rehearsing import Labelled
from models.types import Vectors

#: Items encoded in one go where somebody may be waiting: about half a second.
STEP = 32
#: Grade from which an item is right for a community.
RIGHT = 2


def labelled_path(settings: Settings) -> Path | None:
    """The labelled file of this installation, else the project's own, which the gate of learning uses, where it is."""
    if settings.judgement.labelled is not None:
        return settings.judgement.labelled
    items = GOLD / "items.jsonl"
    return items if items.exists() else None


def labelled(judge: Judge, path: Path, state: Path | None = None) -> Labelled:
    """A labelled file, encoded. ``state``: folder where the vectors are kept; None: nowhere. Raises ``InputError``.

    Only communities that the file speaks of are measured: of the others it says nothing.
    """
    items, told = _read(path)
    spoken = set().union(*told)
    right = {t.id: np.array([t.id in one for one in told], bool) for t in judge.taxonomies if t.id in spoken}
    vectors = _kept(judge, path, state, len(items)) if state else None
    if vectors is None:
        vectors = judge.encode(items)
        if state:
            _keep(vectors, _place(judge, path, state))
    return Labelled(items, vectors, right)


def encoded(judge: Judge, path: Path, state: Path) -> bool:
    """True where the vectors of that file are kept: using it takes a moment, instead of many seconds.

    Raises ``InputError`` for a file at fault.
    """
    _read(path)
    return _place(judge, path, state).exists()


def encode_more(judge: Judge, path: Path, state: Path, known: list[Vectors]) -> bool:
    """Encode the next ``STEP`` items, add their vectors to ``known``; once it has all of them they are kept: True.

    Raises ``InputError``.
    """
    if encoded(judge, path, state):
        return True
    items, _ = _read(path)
    start = sum(map(len, known))
    known.append(judge.encode(items[start : start + STEP]))
    if start + STEP < len(items):
        return False
    _keep(np.concatenate(known), _place(judge, path, state))
    return True


def _read(path: Path) -> tuple[list[Item], list[set[str]]]:
    """Items, and the communities each is right for."""
    records = read_gold(path)
    try:
        told = [{name for name, grade in r["rel"].items() if int(grade) >= RIGHT} for r in records]
    except (TypeError, ValueError) as error:
        raise InputError(f"{path} : les notes de « rel » sont des nombres de 0 à 3 ({error}).") from error
    return [item_from(r) for r in records], told


def _place(judge: Judge, path: Path, state: Path) -> Path:
    made_of = digest(path.read_bytes(), judge.encoder.version, judge.plan.max_chars)
    return state / "labelled" / f"{made_of}.npy"


def _kept(judge: Judge, path: Path, state: Path, count: int) -> Vectors | None:
    try:
        vectors: Vectors = np.load(_place(judge, path, state))
    except (OSError, ValueError):
        return None  # absent or damaged
    return vectors if vectors.ndim == 2 and vectors.shape == (count, judge.encoder.dimension) else None


def _keep(vectors: Vectors, place: Path) -> None:
    """In the place of those of an older file or encoder."""
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_suffix(".part")
    with part.open("wb") as out:
        np.save(out, vectors)
    for old in place.parent.glob("*.npy"):
        old.unlink(missing_ok=True)
    part.replace(place)
