"""Which pairs are worth comparing: a few for each item, found without looking at all of them.

Four indexes: equal address, equal content, MinHash bands (near copies), rare words of titles and leads (stories); and,
where there are vectors, the nearest ones inside the window of days. No index yields more than a bounded number of
pairs for one item, so that ten thousand items of one mould cost no more than ten thousand of any kind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from curation.decide.shingles import bands
from curation.decide.stories import Account, DedupeParams

#: Words of an item under which it is indexed.
KEYS = 14
#: A word held by more items of one window than this leads nowhere by itself.
CROWD = 120
#: Pairs that a crowded bucket of equal bands gives to one item.
_NEAR = 6
_BLOCK = 512


def keys_of(account: Account) -> list[str]:
    """The rarest words of an item, those of its title first."""

    def rarest(words: Iterable[str], limit: int) -> list[str]:
        return sorted(words, key=lambda w: (-account.weights[w], w))[:limit]

    first = rarest(account.title, KEYS // 2 + 2)
    return first + rarest(account.weights.keys() - set(first), KEYS - len(first))


def pairs(accounts: Sequence[Account], params: DedupeParams) -> set[tuple[int, int]]:
    """Candidate pairs ``(i, j)``, i < j, of ``accounts``, which stand in a fixed order (the result depends on it)."""
    found: set[tuple[int, int]] = set()
    _by_equality(accounts, found)
    _by_bands(accounts, found)
    _by_words(accounts, params, found)
    _by_vectors(accounts, params, found)
    return found


def _add(found: set[tuple[int, int]], i: int, j: int) -> None:
    if i != j:
        found.add((i, j) if i < j else (j, i))


def _by_equality(accounts: Sequence[Account], found: set[tuple[int, int]]) -> None:
    buckets: dict[object, list[int]] = defaultdict(list)
    for i, account in enumerate(accounts):
        if account.fp.canonical:
            buckets[account.fp.canonical].append(i)
        if account.title:
            buckets[account.fp.title_digest].append(i)
    for bucket in buckets.values():
        for n, i in enumerate(bucket[1:], 1):
            _add(found, bucket[0], i)
            for j in bucket[max(0, n - _NEAR) : n]:
                _add(found, j, i)


def _by_bands(accounts: Sequence[Account], found: set[tuple[int, int]]) -> None:
    buckets: dict[int, list[int]] = defaultdict(list)
    for i, account in enumerate(accounts):
        for key in bands(account.fp.signature):
            buckets[key].append(i)
    for bucket in buckets.values():
        if len(bucket) < 2:
            continue
        if len(bucket) > 2 * _NEAR:  # near copies agree on most of the signature: neighbours once sorted by it
            bucket = sorted(bucket, key=lambda i: (accounts[i].fp.signature.tobytes(), i))
        for n, i in enumerate(bucket):
            for j in bucket[max(0, n - _NEAR) : n]:
                _add(found, i, j)


def _by_words(accounts: Sequence[Account], params: DedupeParams, found: set[tuple[int, int]]) -> None:
    """Items that share rare words, close in time; the ``neighbours`` with the weightiest shared words of each."""
    holders: dict[str, list[int]] = defaultdict(list)
    keys = [keys_of(account) for account in accounts]
    # Sorted by day, so that the items of a window are contiguous; undated ones stand together at the end.
    days = [account.fp.day if account.fp.day is not None else 10**7 for account in accounts]
    for i in sorted(range(len(accounts)), key=lambda i: (days[i], i)):
        for key in keys[i]:
            holders[key].append(i)
    weights: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for key, bucket in holders.items():
        low = 0
        for n, i in enumerate(bucket):
            while days[i] - days[bucket[low]] > params.story_days:
                low += 1
            if n - low > CROWD:
                continue
            for j in bucket[low:n]:
                weight = min(accounts[i].weights[key], accounts[j].weights[key])
                weights[i][j] += weight
                weights[j][i] += weight
    for i, others in weights.items():
        for j in sorted(others, key=lambda j: (-others[j], j))[: params.neighbours]:
            _add(found, i, j)


def _by_vectors(accounts: Sequence[Account], params: DedupeParams, found: set[tuple[int, int]]) -> None:
    """The nearest vectors inside the window, block by block (never the whole matrix of similarities)."""
    order = [i for i in range(len(accounts)) if accounts[i].vector is not None]
    order.sort(key=lambda i: (accounts[i].fp.day if accounts[i].fp.day is not None else 10**7, i))
    if len(order) < 2:
        return
    matrix: npt.NDArray[np.float32] = np.asarray([accounts[i].vector for i in order], np.float32)
    days = np.asarray([accounts[i].fp.day if accounts[i].fp.day is not None else 10**7 for i in order])
    near = min(params.neighbours // 2 + 1, len(order) - 1)
    for start in range(0, len(order), _BLOCK):
        stop = min(start + _BLOCK, len(order))
        low = int(np.searchsorted(days, days[start] - params.story_days, side="left"))
        high = int(np.searchsorted(days, days[stop - 1] + params.story_days, side="right"))
        for part in range(low, high, 8 * _BLOCK):  # bounded memory when everything has one date
            end = min(part + 8 * _BLOCK, high)
            cosines = matrix[start:stop] @ matrix[part:end].T
            apart = np.abs(days[start:stop, None] - days[None, part:end]) > params.story_days
            cosines[apart] = -1.0
            own = np.arange(max(start, part), min(stop, end))
            cosines[own - start, own - part] = -1.0
            best = np.argpartition(cosines, -near, axis=1)[:, -near:] if end - part > near else None
            for row, line in enumerate(cosines):
                for column in range(end - part) if best is None else best[row]:
                    if line[column] > params.vector_centre - 0.07:
                        _add(found, order[start + row], order[part + int(column)])
