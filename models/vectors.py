"""How vectors are kept: float16, little-endian, row after row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.types import Vectors


def to_bytes(vectors: NDArray[np.floating]) -> bytes:
    """One vector (d,) or several (n, d) -> 2 * n * d bytes. Unit vectors lose less than 5e-4 per coordinate."""
    return np.ascontiguousarray(vectors, dtype="<f2").tobytes()


def from_bytes(raw: bytes, dimension: int) -> Vectors:
    """What ``to_bytes`` wrote -> shape (n, dimension), float32. Raises ``ValueError`` for another length."""
    if dimension < 1 or len(raw) % (2 * dimension):
        raise ValueError(f"{len(raw)} octets ne forment pas des vecteurs de {dimension} nombres")
    return np.frombuffer(raw, "<f2").astype(np.float32).reshape(-1, dimension)
