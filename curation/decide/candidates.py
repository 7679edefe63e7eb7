"""Which pairs are worth comparing: a few for each item, found without looking at all of them.

Every item stands under some forty keys: its address, its content, its title, the bands of its MinHash signature (near
copies), its rarest words (stories). Items of one key are ordered by day, then by id; two of them *meet* there when at
most ``NEAR`` places part them and their days permit. They are candidates when they meet under an equality or a band,
or under words that weigh enough together. So ten thousand items of one mould cost no more than ten thousand of any
kind, and an item that arrives changes what its neighbours under its own keys may meet, and nothing else: a night can
look up the keys of what is new in the store, and find what a grouping of everything at once would find.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from enum import IntEnum
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from curation.decide.fingerprints import Fingerprint
from curation.decide.shingles import bands
from curation.decide.stories import Account, DedupeParams

#: Words of an item under which it is indexed.
KEYS = 14
#: A word of less weight (in one document of a hundred) leads to too many.
RARE = 4.6
#: Places that may part two items which meet under a key.
NEAR = 48
#: The day of an item without one: after every other, so that those without meet among themselves.
UNDATED = 10**7
#: Changes with anything that decides keys: kept keys of another recipe are made again.
RECIPE = "1"


class Kind(IntEnum):
    """What a key is made of; in the two low bits of every key."""

    EQUAL = 0
    BAND = 1
    WORD = 2


#: 63 bits; the weight, in hundredths, of what those who meet there share (whole numbers: no sum depends on its order).
Key = tuple[int, int]
_ENOUGH = 10**6
#: Half of ``meeting``: two bands, or one and a few words; texts of one mould often share a single one.
_BAND = 400


def place_of(fp: Fingerprint) -> tuple[int, str]:
    """Where an item stands among those of one key."""
    return (UNDATED if fp.day is None else fp.day, fp.id)


def keys_of(account: Account) -> list[Key]:
    """The keys of an item; no two are equal."""
    fp = account.fp
    found: dict[int, int] = {}
    for kind, content in (("a", fp.canonical.encode()), ("d", fp.digest), ("t", fp.title_digest)):
        if content and (account.title or kind == "a" or fp.text_words):
            found[_hashed(kind.encode() + content, Kind.EQUAL)] = _ENOUGH
    for band in bands(fp.signature):
        found[_hashed(b"b" + band, Kind.BAND)] = _BAND
    for word in words_of(account):
        found[_word(word)] = round(100 * account.weights[word])
    return list(found.items())


def words_of(account: Account) -> list[str]:
    """The rarest words of an item, those of its title first."""

    def rarest(words: Iterable[str], limit: int) -> list[str]:
        return sorted(words, key=lambda w: (-account.weights[w], w))[:limit]

    rare = {word for word, weight in account.weights.items() if weight >= RARE}
    first = rarest(account.title & rare, KEYS // 2 + 2)
    return first + rarest(rare - set(first), KEYS - len(first))


def _hashed(content: bytes, kind: Kind) -> int:
    digest = hashlib.blake2b(content, digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 3 << 2) | kind  # 63 bits: SQLite's integers are signed


@lru_cache(maxsize=200_000)
def _word(word: str) -> int:
    return _hashed(b"w" + word.encode("utf-8", "surrogatepass"), Kind.WORD)


def may_meet(kind: int, a: int, b: int, params: DedupeParams) -> bool:
    """Whether two days (``UNDATED`` for none) permit that a key of this kind links two items."""
    if kind == Kind.EQUAL:
        return True
    if kind == Kind.BAND:
        return UNDATED in (a, b) or abs(a - b) <= params.copy_days
    return abs(a - b) <= params.story_days


def reach(kind: int, day: int, params: DedupeParams) -> tuple[int, int]:
    """The first and last day of those that ``may_meet`` an item of this day under a key of this kind."""
    if kind == Kind.EQUAL or (kind == Kind.BAND and day == UNDATED):
        return 0, UNDATED
    if kind == Kind.BAND:
        return day - params.copy_days, UNDATED
    return day - params.story_days, day + params.story_days


def pairs(accounts: Sequence[Account], params: DedupeParams) -> npt.NDArray[np.int64]:
    """Candidate pairs of ``accounts``, each once: shape (n, 2), the smaller index first, sorted."""
    places = [place_of(account.fp) for account in accounts]
    order = sorted(range(len(accounts)), key=places.__getitem__)
    if len(accounts) < 2:
        return np.empty((0, 2), np.int64)
    under = [keys_of(accounts[i]) for i in order]
    holders = np.repeat(np.arange(len(order)), [len(keys) for keys in under])
    unsorted = np.fromiter((key for keys in under for key, _ in keys), np.int64, len(holders))
    weights = np.fromiter((weight for keys in under for _, weight in keys), np.float64, len(holders))
    by_key = np.argsort(unsorted, kind="stable")  # holders of one key stay in the order of their places
    key, rank, weight = unsorted[by_key], holders[by_key], weights[by_key]
    days = np.asarray([places[i][0] for i in order], np.int64)
    kind = (key & 3).astype(np.int8)
    codes, shares = [], []
    for step in range(1, NEAR + 1):
        here = np.flatnonzero(key[step:] == key[:-step])
        if not len(here):
            break
        low, high, of = rank[here], rank[here + step], kind[here]
        gap = days[high] - days[low]
        open_ended = (of == Kind.BAND) & (days[high] == UNDATED)
        limit = np.where(of == Kind.BAND, params.copy_days, params.story_days)
        meet = (of == Kind.EQUAL) | (gap <= limit) | open_ended
        codes.append(low[meet] * len(order) + high[meet])
        shares.append(weight[here[meet]])
    if not codes:
        return np.empty((0, 2), np.int64)
    code, inverse = np.unique(np.concatenate(codes), return_inverse=True)
    total = np.bincount(inverse, np.concatenate(shares), len(code))
    code = code[total >= 100 * params.meeting]
    back = np.asarray(order, np.int64)
    found = np.sort(np.stack([back[code // len(order)], back[code % len(order)]], axis=1), axis=1)
    return found[np.lexsort((found[:, 1], found[:, 0]))]
