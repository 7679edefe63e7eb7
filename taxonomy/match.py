"""French text -> matches with exact offsets: one automaton for every label of every taxonomy.

A trie over word keys (``french.key``): each text position is entered once, so the cost grows with the
text, not with the number of labels. Rules, in order:

* longest label first: inside one taxonomy, a label contained in a longer one met at the same place is dropped;
* a link word (« de », « du », « la »…) may stand in the text where the label has none, and the reverse;
* a label never crosses the end of a sentence or a line;
* acronyms (notation) match only as written;
* ``excludeLabel``: a match overlapping the excluded phrase is cancelled; a phrase that does not contain the
  label cancels every match of the concept in that text.

In two steps: where runs of keys stand in the text (``Scanner``), then what that means to the concepts of each taxonomy
(``Matcher.resolve``). Whoever keeps the first may change the second without the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import blake2b
from itertools import accumulate, islice
from typing import Any, NamedTuple

from taxonomy.french import LINKS, WORD, Token, contains, key, label_keys, tokens
from taxonomy.types import Concept, Match, Taxonomy, labels

#: Between two words of one label only spaces, hyphens, apostrophes and slashes may stand.
_BREAK = re.compile(r"[.,;:!?()\[\]«»\"“”|•…]|\n")


class Run(NamedTuple):
    """Keys that stand in a row, link words aside. ``exact``: forms to meet as written (an acronym)."""

    keys: tuple[str, ...]
    exact: tuple[str, ...] | None = None


class Occurrence(NamedTuple):
    """A run found at ``text[start:end]``. ``run``: ``number_of`` it."""

    start: int
    end: int
    run: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a run of keys means for one concept: a label, an acronym, an exclusion."""

    taxonomy: str
    concept: str
    label: str
    exact: tuple[str, ...] | None = None  # forms to meet as written (acronyms)
    excludes: bool = False
    everywhere: bool = False  # an exclusion that cancels the concept in the whole text


#: (concept id, keys) -> what these keys mean for the concept, in order.
Phrases = Mapping[tuple[str, tuple[str, ...]], tuple[Phrase, ...]]


class Meaning(NamedTuple):
    """What the run of that number means. ``rank``: of two labels of a concept at one place, the lower one is told."""

    run: int
    phrase: Phrase
    rank: int


@dataclass(slots=True)
class _Node:
    children: dict[str, _Node] = field(default_factory=dict)
    ends: dict[int, tuple[str, ...] | None] = field(default_factory=dict)  # number of a run -> its exact forms


class Scanner:
    """Finds runs of keys in texts. Picklable; made ready at its first use."""

    def __init__(self, runs: Iterable[Run]) -> None:
        self._runs = tuple(runs)

    @cached_property
    def _root(self) -> _Node:
        root = _Node()
        for run in self._runs:
            node = root
            for word in run.keys:
                node = node.children.setdefault(word, _Node())
            node.ends[number_of(run)] = run.exact
        return root

    def scan(self, text: str, words: Sequence[Token]) -> list[Occurrence]:
        """Where the runs stand, in reading order. ``words``: the tokens of the text."""
        return _placed(text, words, self._ways([w.key for w in words]))

    def search(self, text: str) -> list[Occurrence]:
        """The same, quicker where few texts hold one: the words get their places only if a run may stand there."""
        ways = list(self._ways([key(form) for form in WORD.findall(text)]))
        if not ways:
            return []
        last = max(j for _, j, _ in ways)
        words = [Token(m[0], "", m.start(), m.end()) for m in islice(WORD.finditer(text), last + 1)]
        return _placed(text, words, ways)

    def _ways(self, keys: Sequence[str]) -> Iterator[tuple[int, int, _Node]]:
        """Words i to j whose keys make a run, whatever stands between them: (i, j, where it ends).

        Link words are skipped. An acronym may hold one: it is followed and skipped, so that no label hides another's.
        """
        root, n = self._root.children, len(keys)
        for i, word in enumerate(keys):
            node = root.get(word)
            if node is None:
                continue
            ways = [(i, node)]
            while ways:
                j, node = ways.pop()
                if node.ends:
                    yield i, j, node
                if node.children:
                    for k in range(j + 1, n):
                        child = node.children.get(keys[k])
                        if child is not None:
                            ways.append((k, child))
                        if keys[k] not in LINKS:
                            break


def _placed(text: str, words: Sequence[Token], ways: Iterable[tuple[int, int, _Node]]) -> list[Occurrence]:
    found = []
    for i, j, node in ways:
        if i < j and _BREAK.search(text, words[i].end, words[j].start):
            continue
        for number, exact in node.ends.items():
            if exact is None or tuple(w.form for w in words[i : j + 1]) == exact:
                found.append(Occurrence(words[i].start, words[j].end, number))
    found.sort()
    return found


class Matcher:
    """Finds the labels of many taxonomies in one pass. Picklable; made ready at its first use."""

    def __init__(self, taxonomies: Iterable[Taxonomy]) -> None:
        self._taxonomies = tuple(taxonomies)
        self._runs_of: dict[tuple[str, ...], frozenset[int]] = {}

    @cached_property
    def scanner(self) -> Scanner:
        """Of every run that means something here."""
        return Scanner({run for t in self._taxonomies for run in runs(t)})

    @cached_property
    def _meanings(self) -> dict[int, list[Meaning]]:
        found: dict[int, list[Meaning]] = {}
        for taxonomy in self._taxonomies:
            for meaning in meanings(taxonomy):
                found.setdefault(meaning.run, []).append(meaning)
        return found

    def runs_of(self, taxonomies: tuple[str, ...]) -> frozenset[int]:
        """Numbers of the runs that mean something to one of these taxonomies."""
        if taxonomies not in self._runs_of:
            listed = (number_of(run) for t in self._taxonomies if t.id in taxonomies for run in runs(t))
            self._runs_of[taxonomies] = frozenset(listed)
        return self._runs_of[taxonomies]

    def match(self, text: str) -> list[Match]:
        """Matches in reading order; offsets are into ``text``."""
        return self.match_tokens(text, tokens(text))

    def match_tokens(self, text: str, words: Sequence[Token]) -> list[Match]:
        """The same, when the words are already cut."""
        return self.resolve(self.scanner.scan(text, words))

    def resolve(self, occurrences: Sequence[Occurrence]) -> list[Match]:
        """What runs found in one text mean to these taxonomies; runs they do not know mean nothing."""
        found: dict[str, list[Candidate]] = {}
        excluded: dict[tuple[str, str], list[tuple[int, int]]] = {}
        banned: set[tuple[str, str]] = set()
        for start, end, run in occurrences:
            for _, phrase, rank in self._meanings.get(run, ()):
                if not phrase.excludes:
                    found.setdefault(phrase.taxonomy, []).append((start - end, start, phrase.concept, rank, phrase))
                elif phrase.everywhere:
                    banned.add((phrase.taxonomy, phrase.concept))
                else:
                    excluded.setdefault((phrase.taxonomy, phrase.concept), []).append((start, end))
        kept: list[Match] = []
        barred = {identity: _Spans(spans) for identity, spans in excluded.items()}
        for taxonomy, candidates in found.items():
            free = [
                c
                for c in candidates
                if (taxonomy, c[2]) not in banned
                and not ((spans := barred.get((taxonomy, c[2]))) and spans.overlap(c[1], c[1] - c[0]))
            ]
            kept.extend(
                Match(taxonomy, concept, phrase.label, start, start - size)
                for size, start, concept, _, phrase in longest(free)
            )
        kept.sort(key=lambda m: (m.start, m.end, m.taxonomy, m.concept))
        return kept


@lru_cache(maxsize=100_000)
def number_of(run: Run) -> int:
    """The number under which a run is kept: 64 bits, so that no two share one."""
    return int.from_bytes(blake2b(repr(tuple(run)).encode(), digest_size=8).digest(), "little")


@lru_cache(maxsize=64)  # changes of words compare the same taxonomies over and over
def runs(taxonomy: Taxonomy) -> frozenset[Run]:
    """The runs that mean something to a taxonomy."""
    return frozenset(Run(keys, phrase.exact) for (_, keys), entry in phrases(taxonomy).items() for phrase in entry)


@lru_cache(maxsize=64)
def meanings(taxonomy: Taxonomy) -> tuple[Meaning, ...]:
    """What each run means to a taxonomy. Ranks follow from the phrases alone, not from what else there is."""
    entries = sorted(phrases(taxonomy).items())
    listed = [(Run(keys, phrase.exact), phrase) for (_, keys), entry in entries for phrase in entry]
    return tuple(Meaning(number_of(run), phrase, rank) for rank, (run, phrase) in enumerate(listed))


@lru_cache(maxsize=64)
def phrases(taxonomy: Taxonomy) -> Phrases:
    """All that matching knows of a taxonomy.

    A text is matched alike by two taxonomies unless it contains every key of an entry in which they differ.
    """
    found: dict[tuple[str, tuple[str, ...]], list[Phrase]] = {}
    for concept in taxonomy.concepts:
        for keys, phrase in _compiled(taxonomy.id, concept):
            entry = found.setdefault((concept.id, keys), [])
            if keys and phrase not in entry:
                entry.append(phrase)
    return {place: tuple(entry) for place, entry in found.items() if entry}


def _compiled(taxonomy: str, concept: Concept) -> Iterator[tuple[tuple[str, ...], Phrase]]:
    own = [_keys(label) for label in labels(concept)]
    for label, keys in zip(labels(concept), own, strict=True):
        yield keys, Phrase(taxonomy, concept.id, label)
    for notation in concept.notations:
        cut = tokens(notation)
        keys = tuple(t.key for t in cut)
        own.append(keys)
        yield keys, Phrase(taxonomy, concept.id, notation, exact=tuple(t.form for t in cut))
    for phrase in concept.exclude_labels:
        keys = _keys(phrase)
        inside = any(contains(keys, mine) for mine in own)
        yield keys, Phrase(taxonomy, concept.id, phrase, excludes=True, everywhere=not inside)


def _keys(label: str) -> tuple[str, ...]:
    """Keys of a label, without link words (they are optional on both sides)."""
    return label_keys(label) or tuple(t.key for t in tokens(label))


class _Spans:
    """Intervals of a text, asked in logarithmic time whether one of them overlaps another interval."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        self._furthest = list(accumulate((end for _, end in ordered), max))

    def overlap(self, start: int, end: int) -> bool:
        before = bisect_left(self._starts, end)
        return before > 0 and self._furthest[before - 1] > start


#: Size (negative, so that the longest comes first), start, concept, rank of the phrase, and whatever goes with them.
Candidate = tuple[int, int, Any, int, Any]


def longest(candidates: list[Candidate]) -> list[Candidate]:
    """Drop a match strictly inside a longer one; of overlapping ones keep the longest, then the first.

    A map of the characters taken keeps the cost linear in a text that repeats one label a hundred thousand times.
    """
    candidates.sort(key=lambda c: c[:4])
    taken = bytearray(max((start - size for size, start, *_ in candidates), default=0))
    places: dict[tuple[int, int], set[str]] = {}
    kept: list[Candidate] = []
    for candidate in candidates:
        size, start, concept, *_ = candidate
        if (size, start) in places:
            if concept not in places[size, start]:  # two spellings of one label are one match
                places[size, start].add(concept)
                kept.append(candidate)
        elif taken.find(1, start, start - size) < 0:
            taken[start : start - size] = b"\x01" * -size
            places[size, start] = {concept}
            kept.append(candidate)
    return kept
