"""From French text to comparable signs: words, stems, shingles, MinHash.

Sources: Broder, "On the resemblance and containment of documents" (1997); Leskovec, Rajaraman and Ullman, "Mining of
Massive Datasets", chapter 3 (shingles, MinHash, banding); Dietzfelbinger et al. (1997) for the multiply-shift hash;
Savoy (1999) for the light French stemmer. Everything here is deterministic across processes and machines.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from taxonomy.french import fold, key

U32 = npt.NDArray[np.uint32]

#: Hash functions of a signature, and how they are cut: two texts of resemblance s share a band with probability
#: 1 - (1 - s**3)**21: 0.94 at s = 0.5, 0.99 at 0.6, 0.16 at 0.2. Those of one day that it misses meet by their words.
SIGNATURE = 64
ROWS = 3
BANDS = SIGNATURE // ROWS
#: Words of a shingle.
WIDTH = 3
#: Shingles kept for verification: all of them up to this number, else the smallest hashes (a bottom-k sketch).
KEPT = 256
#: No text is read further: an honest article is shorter, a hostile one must not cost more.
MAX_CHARS = 40_000

_EMPTY = np.uint32(0xFFFFFFFF)
_MASK = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)

_rng = np.random.Generator(np.random.PCG64(20260320))
_MULTIPLIERS = _rng.integers(1, 2**63, SIGNATURE, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_OFFSETS = _rng.integers(0, 2**63, SIGNATURE, dtype=np.uint64)

_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=60_000)
def stem(word: str) -> str:
    """Stem of a folded French word: its key, without the ending of a verb or of the noun made from it."""
    # Two rules, because the two readers want different things: a label must not meet a word of another sense, so
    # ``key`` undoes number and gender only; two accounts of one event say « étend » and « étendre », « libéré » and
    # « libération », so that duplicates are looked for one step further.
    if len(word) < 4:
        return word  # acronyms: the s of « ARS » is no plural
    word = key(word)
    if len(word) < 5 or not word.isalpha():
        return word
    for ending in ("ement", "ment", "ation", "ition", "ant", "ent", "iez", "er", "ez", "ir", "e", "r"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 4 and word[-1] == word[-2] else word


def plain_words(text: str) -> list[str]:
    """The folded words and numbers of the first ``MAX_CHARS`` characters of ``text``, without punctuation."""
    return _WORD.findall(fold(text[:MAX_CHARS]))


def content_digest(title: str, text: str) -> bytes:
    """16 bytes naming the content: equal for texts that differ by case, accents, spaces or punctuation only."""
    return words_digest(plain_words(title), plain_words(text))


def words_digest(title: Sequence[str], text: Sequence[str]) -> bytes:
    """``content_digest`` of words that ``plain_words`` gave."""
    return hashlib.blake2b(f"{' '.join(title)}\n{' '.join(text)}".encode(), digest_size=16).digest()


def shingle(words: Sequence[str]) -> U32:
    """Sorted, distinct 32-bit hashes of the runs of ``WIDTH`` folded words (one run when there are fewer)."""
    if not words:
        return np.empty(0, np.uint32)
    last = max(1, len(words) - WIDTH + 1)
    runs = (" ".join(words[i : i + WIDTH]) for i in range(last))
    return np.unique(np.fromiter((zlib.crc32(run.encode()) for run in runs), np.uint32, last))


def minhash(shingles: U32) -> U32:
    """MinHash signature, shape ``(SIGNATURE,)``; every value is 2**32-1 for an empty set."""
    if not len(shingles):
        return np.full(SIGNATURE, _EMPTY, np.uint32)
    least = np.full(SIGNATURE, np.iinfo(np.uint64).max, np.uint64)
    for start in range(0, len(shingles), 1024):  # bounded memory, whatever the length
        part = shingles[start : start + 1024].astype(np.uint64)[:, None]
        hashed = (part * _MULTIPLIERS + _OFFSETS) >> _SHIFT  # wraps modulo 2**64: the multiply-shift family
        np.minimum(least, hashed.min(axis=0), out=least)
    return (least & _MASK).astype(np.uint32)


def sketch(shingles: U32) -> U32:
    """The ``KEPT`` smallest shingles, sorted: the whole set when it is no larger, else a bottom-k sample of it."""
    return shingles[:KEPT].copy()


def bands(signature: U32) -> list[bytes]:
    """Keys of the LSH buckets of a signature, one per band; none for an empty text."""
    if signature[0] == _EMPTY and (signature == _EMPTY).all():
        return []
    cut = np.ascontiguousarray(signature[: BANDS * ROWS]).astype("<u4").tobytes()
    width = 4 * ROWS
    return [n.to_bytes(1, "big") + cut[n * width : (n + 1) * width] for n in range(BANDS)]


def resemblance(a: U32, b: U32) -> tuple[float, float, int]:
    """Jaccard, containment of the smaller in the larger, and the number of shared shingles, of two sketches.

    Exact when both are whole; when one is a bottom-k sample, both are cut at the largest hash that each side
    is known up to, which leaves an unbiased sample of the two sets.
    """
    if not len(a) or not len(b):
        return 0.0, 0.0, 0
    limit = min(int(s[-1]) if len(s) >= KEPT else int(_EMPTY) for s in (a, b))
    a = a[: np.searchsorted(a, limit, side="right")]
    b = b[: np.searchsorted(b, limit, side="right")]
    shared = len(np.intersect1d(a, b, assume_unique=True))
    smaller = min(len(a), len(b))
    if not smaller:
        return 0.0, 0.0, 0
    return shared / (len(a) + len(b) - shared), shared / smaller, shared
