"""What separates two states of the words, as far as judging goes: which texts must be read again, what else moves.

Two sets of taxonomies read a text alike unless it contains every key of a phrase in which they differ
(``taxonomy.match.phrases``): the phrases that differ are all one needs to find the texts to read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from curation.decide.reading import KEY, key_hash
from taxonomy.match import Phrases, Run, number_of, phrases, runs
from taxonomy.types import Taxonomy


@dataclass(frozen=True, slots=True)
class Rewording:
    """``read``: communities whose words are met differently; ``phrases``: runs of keys, one of which a text to read
    again contains whole. ``weighed``: (community, concept) met as before, that weigh otherwise; ``weighed_phrases``:
    theirs. ``meaning``: what the encoder reads, or which communities there are, or their order. ``shelves``:
    communities whose dossiers are spoken for otherwise. ``arbitration``: neighbours. ``names``: what reasons quote.

    Where runs were kept (``decide.occurrences``), ``runs`` says more: of each community, the numbers of those that mean
    or weigh something else to it; and ``unsought`` are those that no community knew: texts alone can tell where they
    stand.
    """

    read: tuple[str, ...] = ()
    phrases: frozenset[tuple[str, ...]] = frozenset()
    weighed: frozenset[tuple[str, str]] = frozenset()
    weighed_phrases: frozenset[tuple[str, ...]] = frozenset()
    meaning: bool = False
    shelves: frozenset[str] = frozenset()
    arbitration: bool = False
    names: bool = False
    runs: Mapping[str, frozenset[int]] = field(default_factory=dict)
    unsought: frozenset[Run] = frozenset()

    @property
    def touching(self) -> frozenset[tuple[str, ...]]:
        """A text that contains none of these runs of keys whole shows the same, and weighs the same."""
        return self.phrases | self.weighed_phrases

    @property
    def everywhere(self) -> bool:
        """True when an item that shows and weighs the same may be judged otherwise all the same."""
        return self.meaning or self.arbitration or self.names or bool(self.shelves)


def rewording(before: Sequence[Taxonomy], after: Sequence[Taxonomy]) -> Rewording:
    """From one state to the other, every community together."""
    old = {t.id: t for t in before}
    reread: list[str] = []
    keys: set[tuple[str, ...]] = set()
    weighed: set[tuple[str, str]] = set()
    weighed_keys: set[tuple[str, ...]] = set()
    touched: dict[str, frozenset[int]] = {}
    sought = {run for t in before for run in runs(t)}
    unsought: set[Run] = set()
    for taxonomy in after:
        if old.get(taxonomy.id) == taxonomy:
            continue
        then, now = phrases(old[taxonomy.id]) if taxonomy.id in old else {}, phrases(taxonomy)
        differing = _differing(then, now)
        changed = {k for _, k in differing}
        if changed:
            reread.append(taxonomy.id)
            keys |= changed
            unsought |= runs(taxonomy) - sought
        numbers = _numbers(then, differing) | _numbers(now, differing)
        if taxonomy.id in old:
            weights = {c.id: c.weight for c in old[taxonomy.id].concepts}
            heavier = {c.id for c in taxonomy.concepts if weights.get(c.id, c.weight) != c.weight}
            weighed |= {(taxonomy.id, c) for c in heavier}
            weighed_keys |= {k for concept, k in now if concept in heavier}
            numbers |= _numbers(now, {(concept, k) for concept, k in now if concept in heavier})
        if numbers:
            touched[taxonomy.id] = frozenset(numbers)
    kept = [(old[t.id], t) for t in after if t.id in old]
    return Rewording(
        read=tuple(reread),
        phrases=frozenset(keys),
        weighed=frozenset(weighed),
        weighed_phrases=frozenset(weighed_keys),
        meaning=[encoded(t) for t in before] != [encoded(t) for t in after],
        shelves=frozenset(b.id for a, b in kept if _spoken_for(a) != _spoken_for(b)),
        arbitration=any(a.neighbours != b.neighbours for a, b in kept),
        names=any(_quoted(a) != _quoted(b) for a, b in kept),
        runs=touched,
        unsought=frozenset(unsought),
    )


def holding(keys: Sequence[bytes], wanted: Iterable[tuple[str, ...]]) -> NDArray[np.intp]:
    """Rows whose text contains every key of one of the phrases, and a few more (two keys may share a number)."""
    runs = list(wanted)
    number = {k: key_hash(k) for run in runs for k in run}
    flat = np.frombuffer(b"".join(keys), KEY)
    ends = np.cumsum([len(k) // KEY.itemsize for k in keys])
    sieve = np.zeros(1 << 16, bool)
    sieve[[n & 0xFFFF for n in number.values()]] = True
    places = np.flatnonzero(sieve[flat & 0xFFFF])  # most words fall through: the rest is exact and short
    numbers, rows = flat[places], np.searchsorted(ends, places, side="right")
    having = {n: rows[numbers == n] for n in set(number.values())}
    found = [
        reduce(lambda a, b: np.intersect1d(a, b, assume_unique=True), [having[n] for n in {number[k] for k in run}])
        for run in runs
    ]
    return np.unique(np.concatenate(found)).astype(np.intp) if found else np.zeros(0, np.intp)


def encoded(taxonomy: Taxonomy) -> tuple[str, tuple[str, ...], tuple[str, ...], str]:
    """Id, then the texts that become vectors: concepts, dossiers, definition."""
    return (
        taxonomy.id,
        tuple(f"{c.pref_label}. {c.scope_note}" for c in taxonomy.concepts),
        tuple(f"{d.pref_label}. {d.scope_note}" for d in taxonomy.dossiers),
        f"{taxonomy.pref_label}. {taxonomy.definition}",
    )


def _differing(then: Phrases, now: Phrases) -> set[tuple[str, tuple[str, ...]]]:
    return {place for place in then.keys() | now.keys() if then.get(place) != now.get(place)}


def _numbers(known: Phrases, places: Iterable[tuple[str, tuple[str, ...]]]) -> set[int]:
    return {number_of(Run(place[1], phrase.exact)) for place in places for phrase in known.get(place, ())}


def _quoted(taxonomy: Taxonomy) -> tuple[str, ...]:
    """Names that evidence and reasons quote, beside the labels met."""
    return taxonomy.pref_label, *(c.pref_label for c in taxonomy.concepts)


def _spoken_for(taxonomy: Taxonomy) -> tuple[object, ...]:
    """All that placing reads besides vectors and weights. A concept's id counts: it may be another's from now on."""
    return tuple((c.id, c.dossiers) for c in taxonomy.concepts), tuple(d.id for d in taxonomy.dossiers)
