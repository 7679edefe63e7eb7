"""All that deduplication needs to know of an item, small enough to be kept long after its text is gone.

About 2 kB for a press article: signature 256 bytes, shingles at most 1 kB, then words and figures.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlsplit

import numpy as np

from curation.decide.shingles import U32, minhash, plain_words, shingle, sketch, words_digest
from curation.decide.witnesses import read
from curation.types import Item
from taxonomy.french import fold

_FORMAT = 1
_MAX_STORED = 1_000_000


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is kept of an item for comparison; ``fingerprint`` makes it.

    ``signature``: uint32, shape (64,). ``shingles``: uint32, sorted, at most 256. ``surfaces`` and ``marks`` go in
    pairs: a word as written, its ``witnesses.Mark``. ``day``, ``days``, ``title_days``: ordinals (``date.toordinal``).
    """

    id: str
    canonical: str  # "" when the item has no address of its own
    origin: str  # who speaks: host of the address, else the source
    day: int | None
    digest: bytes
    title_digest: bytes
    text_words: int
    signature: U32 = field(compare=False, repr=False)
    shingles: U32 = field(compare=False, repr=False)
    surfaces: tuple[str, ...] = field(repr=False)
    marks: bytes = field(repr=False)
    numbers: frozenset[str] = field(repr=False)
    title_numbers: frozenset[str] = field(repr=False)
    days: frozenset[int] = field(repr=False)
    title_days: frozenset[int] = field(repr=False)
    identities: frozenset[str] = field(repr=False)

    def to_bytes(self) -> bytes:
        """Compact, versioned, without pickle: safe to read back from a database."""
        head = {
            "v": _FORMAT,
            "id": self.id,
            "canonical": self.canonical,
            "origin": self.origin,
            "day": self.day,
            "digest": self.digest.hex(),
            "title": self.title_digest.hex(),
            "words": self.text_words,
            "surfaces": "\n".join(self.surfaces),
            "marks": self.marks.hex(),
            "numbers": sorted(self.numbers),
            "title_numbers": sorted(self.title_numbers),
            "days": sorted(self.days),
            "title_days": sorted(self.title_days),
            "identities": sorted(self.identities),
        }
        text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
        packed = zlib.compress(text, 6)
        arrays = self.signature.astype("<u4").tobytes() + self.shingles.astype("<u4").tobytes()
        return len(packed).to_bytes(4, "big") + packed + arrays

    @classmethod
    def from_bytes(cls, data: bytes) -> Fingerprint:
        """Inverse of ``to_bytes``. ``ValueError`` when ``data`` is damaged or of another version."""
        try:
            size = int.from_bytes(data[:4], "big")
            inflater = zlib.decompressobj()
            head = json.loads(inflater.decompress(data[4 : 4 + size], _MAX_STORED))
            if head["v"] != _FORMAT:
                raise ValueError("format")
            arrays = np.frombuffer(data[4 + size :], "<u4").astype(np.uint32)
            surfaces = tuple(head["surfaces"].split("\n")) if head["surfaces"] else ()
            marks = bytes.fromhex(head["marks"])
            if len(arrays) < 64 or len(marks) != len(surfaces):
                raise ValueError("size")
            return cls(
                head["id"],
                head["canonical"],
                head["origin"],
                head["day"],
                bytes.fromhex(head["digest"]),
                bytes.fromhex(head["title"]),
                head["words"],
                arrays[:64],
                arrays[64:],
                surfaces,
                marks,
                frozenset(head["numbers"]),
                frozenset(head["title_numbers"]),
                frozenset(head["days"]),
                frozenset(head["title_days"]),
                frozenset(head["identities"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError, zlib.error) as error:
            raise ValueError("empreinte illisible ou d'un autre format") from error


def _address(canonical: str) -> str:
    """The canonical address if it can name one item: a home page is the address of everything."""
    try:
        split = urlsplit(canonical)
    except ValueError:
        return ""
    return canonical if split.path.strip("/") or split.query else ""


def _origin(item: Item) -> str:
    try:
        host = urlsplit(item.url).hostname or ""
    except ValueError:
        host = ""
    return host.removeprefix("www.") or fold(item.source.strip())[:200]


def fingerprint(item: Item, canonical: str) -> Fingerprint:
    """The fingerprint of ``item``, whose canonical address is ``canonical`` ("" when it has none)."""
    day: date | None = item.date
    witnesses = read(item.title, item.text, day)
    title, text = plain_words(item.title), plain_words(item.text)
    shingles = shingle([*title, *text])
    return Fingerprint(
        id=item.id,
        canonical=_address(canonical),
        origin=_origin(item),
        day=day.toordinal() if day else None,
        digest=words_digest(title, text),
        title_digest=words_digest(title, ()),
        text_words=len(text),
        signature=minhash(shingles),
        shingles=sketch(shingles),
        surfaces=tuple(surface for _, surface in witnesses.words.values()),
        marks=bytes(mark for mark, _ in witnesses.words.values()),
        numbers=witnesses.numbers,
        title_numbers=witnesses.title_numbers,
        days=witnesses.days,
        title_days=witnesses.title_days,
        identities=witnesses.identities,
    )
