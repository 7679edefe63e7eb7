"""Where runs of keys stand in many texts, as arrays, and what a taxonomy sees there.

Runs are found once, by the reading of a text; what they mean (labels, exclusions, longest label first, best place of a
concept, weights) is worked out here for a whole corpus at once. It is ``taxonomy.match.Matcher.resolve``, then
``signals.sight`` and ``signals.weighed``, to the last bit (tests compare them): those remain what judges one text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curation.decide.features import MET
from curation.decide.signals import DISCOUNT, LEAD, PLACE_WEIGHT, repeated, rounded
from taxonomy.match import Occurrence, longest, meanings
from taxonomy.types import Taxonomy

Rows = NDArray[np.intp]
Ints = NDArray[np.int64]

#: One occurrence as it is kept.
RECORD = np.dtype([("run", "<u8"), ("start", "<u4"), ("end", "<u4")])
#: Added to the start of those that stand in the title.
_TITLE = 1 << 31
PLACES = ("title", "lead", "body")
#: Further occurrences than these weigh nothing (``signals.repeated``).
_COUNTS = 3


def pack(in_title: Iterable[Occurrence], in_text: Iterable[Occurrence], known: Iterable[int]) -> bytes:
    """The form in which the occurrences of runs that are ``known`` are kept."""
    listed = [(o.run, o.start | _TITLE, o.end) for o in in_title if o.run in known]
    listed += [(o.run, o.start, o.end) for o in in_text if o.run in known]
    return np.array(listed, RECORD).tobytes()


def unpack(kept: bytes) -> tuple[list[Occurrence], list[Occurrence]]:
    """The reverse: in the title, in the text."""
    listed = np.frombuffer(kept, RECORD).tolist()
    return (
        [Occurrence(start ^ _TITLE, end, run) for run, start, end in listed if start & _TITLE],
        [Occurrence(start, end, run) for run, start, end in listed if not start & _TITLE],
    )


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Of n texts: m occurrences, each (text, run, in the title or not, offsets), the texts in order.

    ``run``: place in ``numbers``, which names each run once.
    """

    numbers: NDArray[np.uint64]
    row: Ints
    run: Ints
    title: NDArray[np.bool_]
    start: Ints
    end: Ints

    @classmethod
    def of(cls, kept: Sequence[bytes], rows: Rows | None = None) -> Occurrences:
        """Of texts whose occurrences were kept (``pack``). ``rows``: theirs, in order; 0, 1, 2... unless given."""
        table = np.frombuffer(b"".join(kept), RECORD)
        row = np.repeat(np.arange(len(kept)) if rows is None else rows, [len(k) // RECORD.itemsize for k in kept])
        numbers, run = np.unique(table["run"], return_inverse=True)
        start = table["start"].astype(np.int64)
        title = start >= _TITLE
        return cls(numbers, row, run, title, np.where(title, start - _TITLE, start), table["end"].astype(np.int64))

    def rows_with(self, runs: Iterable[int]) -> Rows:
        """The texts where one of these runs stands."""
        wanted = np.isin(self.numbers, np.fromiter(runs, np.uint64))
        return _distinct(self.row[wanted[self.run]])

    def of_rows(self, rows: Rows) -> Occurrences:
        """Of these texts alone, under the same rows."""
        wanted = np.zeros(max(self.row.max(initial=-1), rows.max(initial=-1)) + 1, bool)
        wanted[rows] = True
        return self._part(np.flatnonzero(wanted[self.row]))

    def plus(self, other: Occurrences) -> Occurrences:
        """With occurrences of other runs in the same texts."""
        order = np.argsort(np.concatenate([self.row, other.row]), kind="stable")
        columns = [
            np.concatenate([mine, theirs])[order]
            for mine, theirs in (
                (self.row, other.row),
                (self.run, other.run + len(self.numbers)),
                (self.title, other.title),
                (self.start, other.start),
                (self.end, other.end),
            )
        ]
        return Occurrences(np.concatenate([self.numbers, other.numbers]), *columns)

    def _part(self, places: Rows) -> Occurrences:
        return Occurrences(
            self.numbers, self.row[places], self.run[places], self.title[places], self.start[places], self.end[places]
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """The concepts of a taxonomy met in texts: m sightings (``curation.evidence.Sighting``), by text, then concept.

    ``concept``, ``label``: places in ``concepts`` and ``labels``; ``place``: in ``PLACES``.
    """

    concepts: tuple[str, ...]  # sorted
    labels: tuple[str, ...]
    row: Ints
    concept: Ints
    label: Ints
    place: Ints
    count: Ints
    start: Ints
    end: Ints

    def rows_of(self, concepts: Iterable[str]) -> Rows:
        """The texts where one of these concepts was met."""
        wanted = set(concepts)
        sought = np.array([c in wanted for c in self.concepts], bool)
        return _distinct(self.row[sought[self.concept]])


def see(met: Occurrences, taxonomy: Taxonomy) -> Seen:
    """What ``resolve``, then ``sight`` see in each text."""
    known = sorted(meanings(taxonomy), key=lambda m: (m.run, m.rank))
    concepts = tuple(sorted(c.id for c in taxonomy.concepts))
    index = {c: k for k, c in enumerate(concepts)}
    labels = tuple(m.phrase.label for m in known)
    runs = np.array([m.run for m in known], np.uint64)
    # each occurrence once for each of its meanings
    first, last = (np.searchsorted(runs, met.numbers, side=side) for side in ("left", "right"))
    here = np.flatnonzero((last > first)[met.run])
    times = (last - first)[met.run[here]]
    at = np.repeat(here, times)
    label = np.repeat(first[met.run[here]], times) + _within(times)
    table = np.array(
        [(index[m.phrase.concept], m.rank, m.phrase.excludes, m.phrase.everywhere) for m in known], np.int64
    ).reshape(-1, 4)
    concept, rank, excludes, everywhere = table[label].T
    field = 2 * met.row[at] + ~met.title[at]  # the title, then the text
    start, end = met.start[at], met.end[at]
    free = excludes == 0
    group = field * (len(concepts) + 1) + concept
    free &= ~np.isin(group, group[everywhere == 1])
    barring = (excludes == 1) & (everywhere == 0)
    free &= ~_overlapping(group, start, end, group[barring], start[barring], end[barring])

    kept = np.flatnonzero(free)
    kept = kept[_longest(field[kept], start[kept], end[kept], concept[kept], rank[kept])]
    place = np.where(met.title[at[kept]], 0, np.where(start[kept] < LEAD, 1, 2))
    row = met.row[at[kept]]
    order = np.lexsort((rank[kept], start[kept], place, concept[kept], row))
    kept, place, row = kept[order], place[order], row[order]
    same = (np.diff(group[kept], prepend=-1) == 0) & (np.diff(start[kept], prepend=-1) == 0)
    kept, place, row = kept[~same], place[~same], row[~same]  # two spellings of one label are one match
    best = np.flatnonzero((np.diff(row, prepend=-1) != 0) | (np.diff(concept[kept], prepend=-1) != 0))
    count = np.diff(np.append(best, len(row)))
    chosen = kept[best]
    return Seen(
        concepts, labels, row[best], concept[chosen], label[chosen], place[best], count, start[chosen], end[chosen]
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Weights:
    """What sightings weigh: ``signals.weighed``. ``weight``: of each; ``figures``: (texts, len(MET)), float64, of each
    of ``rows``."""

    weight: NDArray[np.float64]
    rows: Rows
    figures: NDArray[np.float64]


def weights(seen: Seen, taxonomy: Taxonomy) -> Weights:
    """Of the texts where something is seen."""
    own = {c.id: c.weight for c in taxonomy.concepts}
    table = np.array(
        [[[repeated(own[c] * PLACE_WEIGHT[p], n + 1) for n in range(_COUNTS)] for p in PLACES] for c in seen.concepts]
    ).reshape(-1, len(PLACES), _COUNTS)
    weight = table[seen.concept, seen.place, np.minimum(seen.count, _COUNTS) - 1]
    rows, text = np.unique(seen.row, return_inverse=True)
    order = np.lexsort((seen.concept, -weight, text))
    title = order[seen.place[order] == 0]
    figures = np.stack(
        [
            discounted(text[order], weight[order], len(rows)),
            discounted(text[title], weight[title], len(rows)),
            np.bincount(text, minlength=len(rows)),
            weight[order][np.searchsorted(text[order], np.arange(len(rows)))],
            np.bincount(text[seen.place == 1], minlength=len(rows)),
            np.bincount(text[seen.place == 2], minlength=len(rows)),
        ],
        axis=1,
    )
    figures[:, :2] = rounded(figures[:, :2], 6)
    assert figures.shape[1] == len(MET)
    return Weights(weight, rows, figures)


def discounted(group: Ints, values: NDArray[np.float64], groups: int) -> NDArray[np.float64]:
    """(groups,): of each group, the sum of its values, each discounted by its rank. Groups are in order.

    Added one after the other, as ``sum`` does.
    """
    size = np.bincount(group, minlength=groups)
    first = np.cumsum(size) - size
    total = np.zeros(groups)
    for rank in range(int(size.max(initial=0))):
        some = np.flatnonzero(size > rank)
        total[some] += values[first[some] + rank] * DISCOUNT**rank
    return total


def otherwise(one: Seen, other: Seen) -> Rows:
    """The texts in which the two do not see the same: concepts, labels, places, counts, offsets."""
    names = {c: k for k, c in enumerate(sorted({*one.concepts, *other.concepts}))}
    words = {c: k for k, c in enumerate(sorted({*one.labels, *other.labels}))}
    tables = []
    for seen in (one, other):
        concept = np.array([names[c] for c in seen.concepts], np.int64)[seen.concept]
        label = np.array([words[c] for c in seen.labels], np.int64)[seen.label]
        key = seen.row * (len(names) + 1) + concept
        tables.append((key, np.stack([label, seen.place, seen.count, seen.start, seen.end], axis=1)))
    (mine, my_facts), (theirs, their_facts) = tables
    _, here, there = np.intersect1d(mine, theirs, assume_unique=True, return_indices=True)
    differing = (my_facts[here] != their_facts[there]).any(axis=1)
    mine_alone, theirs_alone = np.ones(len(mine), bool), np.ones(len(theirs), bool)
    mine_alone[here[~differing]] = False
    theirs_alone[there[~differing]] = False
    return np.union1d(one.row[mine_alone], other.row[theirs_alone])


def _overlapping(
    group: Ints, start: Ints, end: Ints, barred: Ints, barred_start: Ints, barred_end: Ints
) -> NDArray[np.bool_]:
    """Whether each interval overlaps one of those that are barred, of its group."""
    if not len(barred):
        return np.zeros(len(group), bool)
    order = np.lexsort((barred_start, barred))
    starts = _joined(barred[order], barred_start[order])
    furthest = np.maximum.accumulate(_joined(barred[order], barred_end[order]))
    before = np.searchsorted(starts, _joined(group, end), side="left") - 1
    return (before >= 0) & (furthest[before] > _joined(group, start))


def _longest(field: Ints, start: Ints, end: Ints, concept: Ints, rank: Ints) -> Rows:
    """Places of those that ``taxonomy.match.longest`` keeps, field by field (two spellings of one label both)."""
    if not len(field):
        return np.zeros(0, np.intp)
    order = np.lexsort((-end, start, field))
    place, reach = _joined(field, start)[order], np.maximum.accumulate(_joined(field, end)[order])
    firsts = np.flatnonzero(np.append(True, place[1:] >= reach[:-1]))  # of the heaps of matches that overlap in a chain
    sizes = np.diff(np.append(firsts, len(order)))
    lasts = firsts + sizes - 1
    whole = _joined(field, end)[order][firsts] == reach[lasts]  # the first and longest takes the whole heap
    heap = np.repeat(np.arange(len(firsts)), sizes)
    alike = (start[order] == start[order][firsts][heap]) & (end[order] == end[order][firsts][heap])
    kept = [order[alike & whole[heap]]]
    for k in np.flatnonzero(~whole).tolist():
        some = order[firsts[k] : firsts[k] + sizes[k]]
        candidates = [
            (s - e, s, c, r, int(i))
            for s, e, c, r, i in zip(start[some], end[some], concept[some], rank[some], some, strict=True)
        ]
        kept.append(np.array([c[-1] for c in longest(candidates)], np.intp))
    return np.concatenate(kept)


def _joined(group: Ints, offset: Ints) -> Ints:
    """One number that compares by group, then by offset."""
    return (group << 32) | offset


def _within(sizes: Ints) -> Ints:
    """0, 1... within each group of these sizes."""
    return np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)


def _distinct(ordered: Ints) -> Rows:
    """Of numbers in order, each once."""
    return ordered[np.flatnonzero(np.diff(ordered, prepend=-1))].astype(np.intp)
