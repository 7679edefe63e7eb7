"""What was learnt of the very items of each known community: one linear form per community over item vectors.

Learned together with the adapter (``models.adapter``), whose vectors they read. A community that nobody labelled has
none: its column says so, and the other features speak for it.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.types import Vectors

#: Shipped for the embedded encoder.
SHIPPED = Path(__file__).parent / "artifacts" / "affinity.npz"


@dataclass(frozen=True, slots=True, eq=False)
class Affinity:
    """``weights`` (k, d) and ``bias`` (k,) over centred vectors; ``mean`` (d,) is what is subtracted."""

    communities: tuple[str, ...]
    mean: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    version: str = ""

    def log_odds(self, vectors: Vectors, communities: Sequence[str]) -> NDArray[np.float32]:
        """(n, d) -> (n, len(communities)); NaN for a community that is not known."""
        # not a product of BLAS: its last bits depend on how many items come together
        known = np.einsum("nd,kd->nk", vectors - self.mean, self.weights) + self.bias
        result = np.full((len(vectors), len(communities)), np.nan, np.float32)
        for column, community in enumerate(communities):
            if community in self.communities:
                result[:, column] = known[:, self.communities.index(community)]
        return result


def load_affinity(path: Path) -> Affinity:
    """Read what ``save_affinity`` wrote. Raises ``ModelError`` for a file that is absent or damaged."""
    try:
        content = path.read_bytes()
        with np.load(path, allow_pickle=False) as kept:
            communities = tuple(str(c) for c in kept["communities"])
            arrays = {name: kept[name] for name in ("mean", "weights", "bias")}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"Les affinités livrées sont illisibles : {path} ({error}). Réinstallez veille.") from error
    return Affinity(communities, **arrays, version=hashlib.sha256(content).hexdigest()[:12])


def save_affinity(affinity: Affinity, path: Path) -> None:
    """Write the arrays."""
    with path.open("wb") as out:
        np.savez_compressed(
            out, communities=np.array(affinity.communities), mean=affinity.mean.astype(np.float32),
            weights=affinity.weights.astype(np.float32), bias=affinity.bias.astype(np.float32),
        )  # fmt: skip
