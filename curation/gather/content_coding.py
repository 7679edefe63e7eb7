"""Content codings (gzip, deflate, br) undone piece by piece, under a limit of size.

A bomb is stopped at the limit: no step ever produces more than ``PIECE`` bytes at once.
Sources: RFC 9110 (8.4), RFC 1950-1952, RFC 7932.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Protocol

import brotli  # type: ignore[import-untyped]

#: Largest piece that a decoder hands over, in bytes.
PIECE = 65_536
#: More codings than this, one over the other, is an attack.
MAX_CODINGS = 3
ACCEPT_ENCODING = "gzip, deflate, br"


class CodingError(Exception):
    """The body does not follow the coding that it announces, or the coding is unknown."""


class TooLarge(Exception):
    """The decoded body passes the limit."""


class _Decoder(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]: ...
    def finish(self) -> None: ...


class _Zlib:
    """gzip (several members, too) and deflate, with or without its zlib header."""

    def __init__(self, gzip: bool) -> None:
        self._gzip = gzip
        self._started = False
        self._plain = False  # announced as coded, sent plain: a frequent fault of servers
        self._head = b""
        self._engine = zlib.decompressobj(31 if gzip else 15)

    def feed(self, data: bytes) -> Iterator[bytes]:
        data = self._head + data
        self._head = b""
        try:
            while data:
                if self._plain:
                    yield data
                    return
                if not self._started or self._engine.eof:
                    if len(data) < 2:
                        self._head = data  # two bytes tell what follows
                        return
                    if not self._start(data):
                        return
                    continue
                if piece := self._engine.decompress(data, PIECE):
                    yield piece
                data = self._engine.unused_data if self._engine.eof else self._engine.unconsumed_tail
                # All input is taken, yet the engine may still hold output.
                while not data and len(piece) == PIECE:
                    if not (piece := self._engine.decompress(b"", PIECE)):
                        break
                    yield piece
        except zlib.error as error:
            raise CodingError(str(error)) from None

    def _start(self, data: bytes) -> bool:
        """Choose the engine from the first two bytes; False where only padding is left."""
        first, self._started = not self._started, True
        if self._gzip:
            if data.startswith(b"\x1f\x8b"):
                self._engine = zlib.decompressobj(31)
            elif first:
                self._plain = True
            else:
                return False
        elif not first:
            return False
        elif data[0] & 0x0F != 8 or int.from_bytes(data[:2], "big") % 31:
            self._engine = zlib.decompressobj(-15)  # raw deflate, as some servers understand the word
        return True

    def finish(self) -> None:
        if not self._started and self._head:
            raise CodingError("truncated body")
        if self._started and not self._plain and not self._engine.eof:
            raise CodingError("truncated body")


class _Brotli:
    def __init__(self) -> None:
        self._engine = brotli.Decompressor()
        self._started = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        if not data or (self._started and self._engine.is_finished()):
            return
        self._started = True
        try:
            piece = self._engine.process(data, output_buffer_limit=PIECE)
            while piece or not (self._engine.is_finished() or self._engine.can_accept_more_data()):
                yield piece
                piece = self._engine.process(b"", output_buffer_limit=PIECE)
        except brotli.error as error:
            raise CodingError(str(error)) from None

    def finish(self) -> None:
        if self._started and not self._engine.is_finished():
            raise CodingError("truncated body")


class Decoding:
    """Undoes the codings of one body. ``limit``: bytes, at each stage and in all.

    ``header`` is the value of ``Content-Encoding``. Raises ``CodingError``, ``TooLarge``.
    """

    def __init__(self, header: str, limit: int) -> None:
        names = [name.strip().lower() for name in header.split(",")]
        names = [name for name in names if name and name != "identity"]
        if len(names) > MAX_CODINGS:
            raise CodingError(f"{len(names)} codings")
        self._limit = limit
        self._decoders = [_decoder(name) for name in reversed(names)]
        self._produced = [0] * len(self._decoders)
        self._kept: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> None:
        pieces: Iterable[bytes] = (data,)
        for stage in range(len(self._decoders)):
            pieces = self._stage(stage, pieces)
        for piece in pieces:
            self._size += len(piece)
            if self._size > self._limit:
                raise TooLarge
            self._kept.append(piece)

    def _stage(self, stage: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for data in pieces:
            for piece in self._decoders[stage].feed(data):
                self._produced[stage] += len(piece)
                if self._produced[stage] > self._limit:
                    raise TooLarge
                yield piece

    def finish(self) -> bytes:
        """The whole body; raises ``CodingError`` when it is cut short."""
        for decoder in self._decoders:
            decoder.finish()
        return self.so_far()

    def so_far(self) -> bytes:
        """What is decoded, the end of the body come or not."""
        return self._kept[0] if len(self._kept) == 1 else b"".join(self._kept)


def _decoder(name: str) -> _Decoder:
    if name in ("gzip", "x-gzip"):
        return _Zlib(gzip=True)
    if name == "deflate":
        return _Zlib(gzip=False)
    if name == "br":
        return _Brotli()
    raise CodingError(f"unknown coding {name[:20]!r}")
