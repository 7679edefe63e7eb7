"""Duplicates: exact, near copies, other accounts of the same event.

Grouping is never the bare transitive closure of likeness: two groups become one only when *every* member of the one
can stand with every member of the other (no veto, no likeness under ``story_floor``) and when they are alike on the
whole (average linkage above ``story_threshold``). A chain of look-alikes therefore stops where the events differ.

Nothing depends on the order of the input: items are first put in the order of their own content.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from curation.decide.candidates import pairs
from curation.decide.fingerprints import Fingerprint, fingerprint
from curation.decide.rarity import Rarity
from curation.decide.stories import Account, DedupeParams, Relation, Verdict, as_vector, compare
from curation.types import Duplicate, Role

__all__ = [
    "DedupeParams",
    "Fingerprint",
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
    accounts = [
        Account(fp, as_vector(None if vectors is None else vectors[i]), rarity) for i, fp in enumerate(fingerprints)
    ]
    return group_accounts(accounts, pairs(accounts, params), params, pinned)


def group_accounts(
    accounts: Sequence[Account], candidates: Iterable[Sequence[int]], params: DedupeParams, pinned: frozenset[str]
) -> list[Duplicate]:
    """``group`` for accounts whose candidate pairs (two indexes each) are known."""
    fingerprints = [account.fp for account in accounts]
    order = sorted(range(len(fingerprints)), key=lambda i: _rank(fingerprints[i], pinned))
    classes = _identical(fingerprints, order)
    class_of = {i: c for c, members in enumerate(classes) for i in members}
    verdicts = _Verdicts([accounts[members[0]] for members in classes], params)
    edges: dict[tuple[int, int], Verdict] = {}
    for i, j in candidates:
        a, b = class_of[int(i)], class_of[int(j)]
        if a != b:
            verdict = compare(accounts[i], accounts[j], params)
            key = (min(a, b), max(a, b))
            if verdict.relation is not Relation.NONE and (
                key not in edges or _strength(verdict) > _strength(edges[key])
            ):
                edges[key] = verdict
    clusters = _gather(verdicts, edges, params)
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


def _strength(verdict: Verdict) -> tuple[bool, bool, float]:
    return (verdict.exact, verdict.relation is Relation.COPY, verdict.score)


def _gather(verdicts: _Verdicts, edges: Mapping[tuple[int, int], Verdict], params: DedupeParams) -> list[list[int]]:
    """Clusters of nodes: average linkage under the constraint that no pair of members is incompatible."""
    strongest = sorted(edges, key=lambda e: (*(-float(part) for part in _strength(edges[e])), e))
    home = list(range(len(verdicts.accounts)))
    clusters: dict[int, list[int]] = {i: [i] for i in home}
    refused: set[tuple[int, int, int, int]] = set()
    for i, j in strongest:
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
