"""Grouping what arrives with what is kept, without reading what it cannot touch.

The result is that of grouping everything at once. What two items are to each other depends on those two alone; whether
they meet, on their places under their common keys (``candidates``). So an arrival changes the links of its own, and
those of the items that it pushes apart under a crowded key; grouping works inside the connected parts of the graph of
links; the parts that hold an arrival or a pushed item are read and grouped anew, and every other stays as it is.

Source of the idea: incremental view maintenance; the parts are found by breadth-first search.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from curation.decide.candidates import NEAR, keys_of, may_meet, place_of, reach
from curation.decide.dedupe import group_accounts
from curation.decide.fingerprints import Fingerprint
from curation.decide.rarity import Rarity
from curation.decide.stories import Account, DedupeParams, Relation, Vector, as_vector, compare
from curation.types import Duplicate

Places = Sequence[tuple[int, str]]  # (day, id)


class Kept(Protocol):
    """What was fingerprinted so far, the arrivals included: the keys of every item, and the items themselves."""

    def around(self, key: int, day: int, id: str, low: int, high: int) -> tuple[Places, Places]:
        """The ``NEAR`` places before ``(day, id)`` under ``key``, then the ``NEAR`` after it, the nearest first.

        Days before ``low`` and after ``high`` are left out.
        """

    def accounts(self, ids: Iterable[str]) -> Mapping[str, Account]:
        """The items of these ids, those that are kept."""


def regroup(
    arrivals: Iterable[str], kept: Kept, params: DedupeParams, pinned: frozenset[str] = frozenset()
) -> list[Duplicate]:
    """The places of all items whose group an arrival may change; no other place differs from a grouping at once."""
    todo = dict.fromkeys(arrivals)
    new, done = frozenset(todo), set[str]()
    known: dict[str, Account] = {}
    links: set[tuple[str, str]] = set()
    while todo:
        wave = list(todo)
        todo = {}
        known.update(kept.accounts(id for id in wave if id not in known))
        meeting: dict[str, list[str]] = {}
        for id in wave:
            if id in known:
                meeting[id], pushed = met(known[id], kept, params)
                if id in new:
                    todo.update(dict.fromkeys(pushed))
        known.update(kept.accounts({other for others in meeting.values() for other in others} - known.keys()))
        for id, others in meeting.items():
            for other in others:
                pair = (id, other) if id < other else (other, id)
                if other not in known or pair in links:
                    continue
                if compare(known[id], known[other], params).relation is not Relation.NONE:
                    links.add(pair)
                    todo[other] = None
        done.update(wave)
        todo = {id: None for id in todo if id not in done}
    members = sorted(done & known.keys())
    index = {id: n for n, id in enumerate(members)}
    candidates = sorted((index[a], index[b]) for a, b in links)
    return group_accounts([known[id] for id in members], candidates, params, pinned)


def met(account: Account, kept: Kept, params: DedupeParams) -> tuple[list[str], set[str]]:
    """(the candidates of an item, the items that it may part from others under crowded keys)."""
    day, id = place_of(account.fp)
    shared: dict[str, int] = defaultdict(int)
    pushed: set[str] = set()
    for key, weight in keys_of(account):
        kind = key & 3
        before, after = kept.around(key, day, id, *reach(kind, day, params))
        for places in (before, after):
            for other_day, other in places:
                if may_meet(kind, day, other_day, params):
                    shared[other] += weight
        # those that were exactly near enough, and are no longer since this item stands between them
        for n in range(max(0, NEAR - len(after)), min(len(before), NEAR)):
            (early, one), (late, two) = before[n], after[NEAR - 1 - n]
            if may_meet(kind, early, late, params):
                pushed.update((one, two))
    return [other for other, weight in shared.items() if weight >= 100 * params.meeting], pushed


@dataclass(frozen=True, slots=True)
class Match:
    """A known item that a new one repeats. ``why``: French, for the reviewer."""

    id: str
    relation: Relation
    score: float
    why: tuple[str, ...]


class DedupeIndex:
    """``Kept`` in memory: some 10 kB an item. Items may be added in any order. Not thread-safe."""

    def __init__(self, *, rarity: Rarity | None = None, params: DedupeParams | None = None) -> None:
        self._rarity = rarity or Rarity()
        self._params = params or DedupeParams()
        self._items: dict[str, Account] = {}
        self._under: dict[int, list[tuple[int, str]]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, id: str) -> bool:
        return id in self._items

    def add(self, fp: Fingerprint, vector: Vector | None = None) -> None:
        """Remember an item; an id already known is left as it is."""
        if fp.id in self._items:
            return
        account = self._items[fp.id] = Account(fp, as_vector(vector), self._rarity)
        for key, _ in keys_of(account):
            bisect.insort(self._under[key], place_of(fp))

    def around(self, key: int, day: int, id: str, low: int, high: int) -> tuple[Places, Places]:
        """See ``Kept``."""
        bucket = self._under.get(key, [])
        at = bisect.bisect_left(bucket, (day, id))
        after = bisect.bisect_right(bucket, (day, id), at)
        before = bucket[max(0, at - NEAR) : at][::-1]
        return (
            [place for place in before if place[0] >= low],
            [place for place in bucket[after : after + NEAR] if place[0] <= high],
        )

    def accounts(self, ids: Iterable[str]) -> Mapping[str, Account]:
        """See ``Kept``."""
        return {id: self._items[id] for id in ids if id in self._items}

    def matches(self, fp: Fingerprint, vector: Vector | None = None) -> list[Match]:
        """The known items that ``fp`` repeats, verified: copies first, then stories, best first."""
        account = Account(fp, as_vector(vector), self._rarity)
        found = []
        for id in met(account, self, self._params)[0]:
            verdict = compare(account, self._items[id], self._params)
            if id != fp.id and verdict.relation is not Relation.NONE:
                found.append(Match(id, verdict.relation, verdict.score, verdict.why))
        return sorted(found, key=lambda m: (m.relation is not Relation.COPY, -m.score, m.id))
