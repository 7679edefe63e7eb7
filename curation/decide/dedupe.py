"""Duplicates: exact, near copies, other accounts of the same event.

Grouping is never the bare transitive closure of likeness: two groups become one only when *every* member of the one
can stand with every member of the other (no veto, no likeness under ``story_floor``) and when they are alike on the
whole (average linkage above ``story_threshold``). A chain of look-alikes therefore stops where the events differ.

Nothing depends on the order of the input: items are first put in the order of their own content.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from curation.decide.candidates import keys_of, pairs
from curation.decide.fingerprints import Fingerprint, fingerprint
from curation.decide.rarity import Rarity, count
from curation.decide.shingles import bands
from curation.decide.stories import Account, DedupeParams, Relation, Vector, Verdict, compare
from curation.decide.witnesses import key_of
from curation.types import Duplicate, Role

__all__ = [
    "DedupeIndex",
    "DedupeParams",
    "Fingerprint",
    "Match",
    "Rarity",
    "Relation",
    "fingerprint",
    "group",
]

#: Members of one group, identical items not counted: beyond, an event has become a season.
_MOST = 200
#: A text of so many words is complete enough to stand for its group.
_COMPLETE = 25


def group(
    fingerprints: Sequence[Fingerprint],
    vectors: npt.NDArray[np.float32] | None = None,
    *,
    rarity: Rarity | None = None,
    params: DedupeParams | None = None,
    pinned: frozenset[str] = frozenset(),
) -> list[Duplicate]:
    """The place of each item in its group, in the order of the input; a lone item is its own representative.

    ``vectors``: shape ``(len(fingerprints), dimension)``, L2-normalised; a row of zeros or NaN stands for "none".
    ``pinned``: ids that already stand in somebody's queue: they represent their group.
    """
    params = params or DedupeParams()
    rarity = rarity or Rarity()
    order = sorted(range(len(fingerprints)), key=lambda i: _rank(fingerprints[i], pinned))
    classes = _identical(fingerprints, order)
    counts = count(_keys(fingerprints[members[0]]) for members in classes)
    accounts = [
        Account(fingerprints[members[0]], _vector(vectors, members[0]), rarity, counts, len(classes))
        for members in classes
    ]
    verdicts = _Verdicts(accounts, params)
    clusters = _gather(verdicts, sorted(pairs(accounts, params)), params)
    result: list[Duplicate | None] = [None] * len(fingerprints)
    for cluster in clusters:
        head = min(cluster)  # classes stand in the order of rank: the least is the representative
        leader = fingerprints[classes[head][0]]
        for node in cluster:
            verdict = verdicts.of(head, node)
            for place, index in enumerate(classes[node]):
                fp = fingerprints[index]
                if node == head:
                    role, score = (Role.COPY, 1.0) if place else (Role.REPRESENTATIVE, 1.0)
                else:
                    role = Role.COPY if verdict.relation is Relation.COPY else Role.STORY
                    score = verdict.score
                of = None if role is Role.REPRESENTATIVE else leader.id
                result[index] = Duplicate(fp.id, leader.id, role, of, score)
    return [duplicate for duplicate in result if duplicate is not None]


def _rank(fp: Fingerprint, pinned: frozenset[str]) -> tuple[object, ...]:
    """The order of merit: pinned, complete, early, long; then by content, so that it is total."""
    day = fp.day if fp.day is not None else 10**7
    return (fp.id not in pinned, fp.text_words < _COMPLETE, day, -fp.text_words, fp.id, fp.digest, fp.canonical)


def _keys(fp: Fingerprint) -> set[str]:
    return {key_of(surface) for surface in fp.surfaces}


def _vector(vectors: npt.NDArray[np.float32] | None, i: int) -> Vector | None:
    if vectors is None:
        return None
    row = np.asarray(vectors[i], np.float32)
    return row if np.isfinite(row).all() and row.any() else None


def _identical(fingerprints: Sequence[Fingerprint], order: Sequence[int]) -> list[list[int]]:
    """Classes of equal content, each in order of merit, the classes in the order of their best member.

    A bare title may come back (« Agenda »): without a text, equal items are one class only within a month.
    """
    classes: list[list[int]] = []
    open_classes: dict[bytes, list[int]] = defaultdict(list)  # digest -> indexes in ``classes``
    for i in order:
        fp = fingerprints[i]
        for c in open_classes[fp.digest]:
            first = fingerprints[classes[c][0]]
            near = fp.day is None or first.day is None or abs(fp.day - first.day) <= 31
            if fp.text_words >= 8 or (len(fp.surfaces) >= 4 and near):
                classes[c].append(i)
                break
        else:
            if len(open_classes[fp.digest]) < 64:  # a title that comes back for ever is looked up no further
                open_classes[fp.digest].append(len(classes))
            classes.append([i])
    return classes


class _Verdicts:
    """Comparisons, each made once."""

    def __init__(self, accounts: Sequence[Account], params: DedupeParams) -> None:
        self.accounts = accounts
        self.params = params
        self._known: dict[tuple[int, int], Verdict] = {}

    def of(self, i: int, j: int) -> Verdict:
        key = (i, j) if i < j else (j, i)
        verdict = self._known.get(key)
        if verdict is None:
            verdict = self._known[key] = compare(self.accounts[key[0]], self.accounts[key[1]], self.params)
        return verdict


def _gather(verdicts: _Verdicts, candidates: Iterable[tuple[int, int]], params: DedupeParams) -> list[list[int]]:
    """Clusters of nodes: average linkage under the constraint that no pair of members is incompatible."""
    edges = []
    for i, j in candidates:
        verdict = verdicts.of(i, j)
        if verdict.relation is not Relation.NONE:
            strength = (verdict.exact, verdict.relation is Relation.COPY, verdict.score)
            edges.append((strength, i, j))
    edges.sort(key=lambda edge: (tuple(-float(part) for part in edge[0]), edge[1], edge[2]))
    home = list(range(len(verdicts.accounts)))
    clusters: dict[int, list[int]] = {i: [i] for i in home}
    refused: set[tuple[int, int, int, int]] = set()
    for _, i, j in edges:
        a, b = sorted((home[i], home[j]))
        if a == b or len(clusters[a]) + len(clusters[b]) > _MOST:
            continue
        attempt = (a, len(clusters[a]), b, len(clusters[b]))
        if attempt in refused:
            continue
        if _compatible(verdicts, clusters[a], clusters[b], params):
            for node in clusters[b]:
                home[node] = a
            clusters[a] += clusters.pop(b)
        else:
            refused.add(attempt)
    return list(clusters.values())


def _compatible(verdicts: _Verdicts, a: Sequence[int], b: Sequence[int], params: DedupeParams) -> bool:
    total = 0.0
    for i in a:
        for j in b:
            verdict = verdicts.of(i, j)
            if verdict.veto or verdict.score < params.story_floor:
                return False
            total += 1.0 if verdict.relation is Relation.COPY else verdict.score
    return total >= params.story_threshold * len(a) * len(b)


@dataclass(frozen=True, slots=True)
class Match:
    """A known item that a new one repeats. ``why``: French, for the reviewer."""

    id: str
    relation: Relation
    score: float
    why: tuple[str, ...]


class DedupeIndex:
    """What the store holds, ready to be asked about new items one by one.

    About 10 kB of memory for an item. Items may be added in any order; the answer to ``matches`` depends on what was
    added, not on the order. Not thread-safe.
    """

    def __init__(self, *, rarity: Rarity | None = None, params: DedupeParams | None = None) -> None:
        self._rarity = rarity or Rarity()
        self._params = params or DedupeParams()
        self._counts: dict[str, int] = defaultdict(int)
        self._known: dict[str, tuple[Fingerprint, Vector | None]] = {}
        self._equal: dict[object, list[str]] = defaultdict(list)
        self._bands: dict[int, list[str]] = defaultdict(list)
        self._words: dict[tuple[str, int | None], list[str]] = defaultdict(list)
        self._days: dict[int | None, list[str]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, id: str) -> bool:
        return id in self._known

    def add(self, fp: Fingerprint, vector: Vector | None = None) -> None:
        """Remember an item; an id already known is left as it is."""
        if fp.id in self._known:
            return
        vector = _vector(None if vector is None else vector[None, :], 0)
        self._known[fp.id] = (fp, vector)
        for key in _keys(fp):
            self._counts[key] += 1
            self._words[key, fp.day].append(fp.id)
        for equal in (fp.canonical, fp.digest, fp.title_digest):
            if equal:
                self._equal[equal].append(fp.id)
        for band in bands(fp.signature):
            self._bands[band].append(fp.id)
        if vector is not None:
            self._days[fp.day].append(fp.id)

    def matches(self, fp: Fingerprint, vector: Vector | None = None) -> list[Match]:
        """The known items that ``fp`` repeats, verified: copies first, then stories, best first."""
        vector = _vector(None if vector is None else vector[None, :], 0)
        account = self._account(fp, vector)
        found = []
        for id in self._candidates(account):
            verdict = compare(account, self._account(*self._known[id]), self._params)
            if verdict.relation is not Relation.NONE:
                found.append(Match(id, verdict.relation, verdict.score, verdict.why))
        found.sort(key=lambda m: (m.relation is not Relation.COPY, -m.score, m.id))
        return found

    def _account(self, fp: Fingerprint, vector: Vector | None) -> Account:
        return Account(fp, vector, self._rarity, self._counts, len(self._known))

    def _candidates(self, account: Account) -> list[str]:
        fp, params = account.fp, self._params
        chosen: set[str] = set()
        for equal in (fp.canonical, fp.digest, fp.title_digest):
            if equal and equal in self._equal:
                chosen.update(sorted(self._equal[equal], key=self._distance(fp))[: params.neighbours])
        agreeing: dict[str, float] = defaultdict(float)
        for band in bands(fp.signature):
            bucket = self._bands.get(band, ())
            for id in bucket if len(bucket) <= 400 else ():
                agreeing[id] += 1.0
        chosen.update(_best(agreeing, params.neighbours))
        window: list[int | None] = [None]
        if fp.day is not None:
            window += range(fp.day - params.story_days, fp.day + params.story_days + 1)
        weights: dict[str, float] = defaultdict(float)
        for key in keys_of(account):
            holders = [id for day in window for id in self._words.get((key, day), ())]
            for id in holders if len(holders) <= 400 else ():
                weights[id] += account.weights[key]
        chosen.update(_best(weights, params.neighbours))
        if account.vector is not None:
            near = [id for day in window for id in self._days.get(day, ())]
            vectors = [v for id in near if (v := self._known[id][1]) is not None]
            if vectors:
                cosines = np.asarray(vectors) @ account.vector
                chosen.update(_best(dict(zip(near, cosines.tolist(), strict=True)), params.neighbours))
        chosen.discard(fp.id)
        return sorted(chosen)

    def _distance(self, fp: Fingerprint) -> Callable[[str], tuple[int, str]]:
        def distance(id: str) -> tuple[int, str]:
            day = self._known[id][0].day
            return (abs(day - fp.day) if day is not None and fp.day is not None else 0, id)

        return distance


def _best(weights: dict[str, float], limit: int) -> list[str]:
    return sorted(weights, key=lambda id: (-weights[id], id))[:limit]
