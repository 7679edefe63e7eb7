"""Content codings undone in pieces, bombs stopped."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import brotli
import pytest

from curation.gather.content_coding import CodingError, Decoding, TooLarge

TEXT = ("La communauté de communes ouvre un tiers-lieu. " * 2000).encode()
CODED = {
    "gzip": ("gzip", gzip.compress(TEXT)),
    "gzip in two members": ("x-gzip", gzip.compress(TEXT[:1000]) + gzip.compress(TEXT[1000:])),
    "gzip with padding": ("gzip", gzip.compress(TEXT) + b"\0" * 9),
    "deflate with its header": ("deflate", zlib.compress(TEXT)),
    "deflate bare": ("deflate", zlib.compress(TEXT)[2:-4]),
    "brotli": ("br", brotli.compress(TEXT)),
    "one over the other": ("gzip, br", brotli.compress(gzip.compress(TEXT))),
    "announced, not done": ("gzip", TEXT),
    "identity": ("identity", TEXT),
}


@pytest.mark.parametrize("name", CODED)
@pytest.mark.parametrize("step", [1, 7, 4096, 1_000_000])
def test_a_body_is_the_same_however_it_is_cut(name: str, step: int) -> None:
    header, coded = CODED[name]
    decoding = Decoding(header, 10_000_000)
    for start in range(0, len(coded), step):
        decoding.feed(coded[start : start + step])
    assert decoding.finish() == TEXT


@pytest.mark.parametrize("header", ["gzip", "gzip, gzip", "br", "deflate"])
def test_a_bomb_is_stopped_before_it_fills_the_memory(header: str) -> None:
    zeros = b"\0" * 50_000_000
    if header == "br":
        bomb = brotli.compress(zeros, quality=1)
    elif header == "deflate":
        bomb = zlib.compress(zeros, 1)
    else:
        bomb = gzip.compress(zeros, 9)
        bomb = gzip.compress(bomb) if header == "gzip, gzip" else bomb
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            Decoding(header, 1_000_000).feed(bomb)
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", ["gzip", "deflate with its header", "brotli"])
def test_a_body_cut_short_is_a_fault(name: str) -> None:
    header, coded = CODED[name]
    decoding = Decoding(header, 10_000_000)
    decoding.feed(coded[: len(coded) // 2])
    with pytest.raises(CodingError):
        decoding.finish()


@pytest.mark.parametrize(
    ("header", "body"),
    [("br", b"\xff" * 500), ("deflate", b"\x78\x9c" + b"\xff" * 50), ("gzip", b"\x1f\x8b" + b"\xff" * 50)],
)
def test_a_damaged_body_is_a_fault(header: str, body: bytes) -> None:
    decoding = Decoding(header, 10_000_000)
    with pytest.raises(CodingError):
        decoding.feed(body)
        decoding.finish()


def test_codings_unknown_or_too_many_are_a_fault() -> None:
    with pytest.raises(CodingError):
        Decoding("zstd", 100)
    with pytest.raises(CodingError):
        Decoding("gzip, gzip, gzip, gzip", 100)
