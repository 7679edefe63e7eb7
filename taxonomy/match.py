"""French text -> matches with exact offsets: one automaton for every label of every taxonomy.

A trie over word keys (``french.key``): each text position is entered once, so the cost grows with the
text, not with the number of labels. Rules, in order:

* longest label first: inside one taxonomy, a label contained in a longer one met at the same place is dropped;
* a link word (« de », « du », « la »…) may stand in the text where the label has none, and the reverse;
* a label never crosses the end of a sentence or a line;
* acronyms (notation) match only as written;
* ``excludeLabel``: a match overlapping the excluded phrase is cancelled; a phrase that does not contain the
  label cancels every match of the concept in that text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

from taxonomy.french import LINKS, Token, contains, label_keys, tokens
from taxonomy.types import Concept, Match, Taxonomy, labels

#: Between two words of one label only spaces, hyphens, apostrophes and slashes may stand.
_BREAK = re.compile(r"[.,;:!?()\[\]«»\"“”|•…]|\n")


@dataclass(slots=True)
class _Node:
    children: dict[str, _Node] = field(default_factory=dict)
    ends: list[Phrase] = field(default_factory=list)


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
Phrases = dict[tuple[str, tuple[str, ...]], tuple[Phrase, ...]]


class Matcher:
    """Finds the labels of many taxonomies in one pass. Picklable; made ready at its first use."""

    def __init__(self, taxonomies: Iterable[Taxonomy]) -> None:
        self._taxonomies = tuple(taxonomies)

    @cached_property
    def _root(self) -> _Node:
        root = _Node()
        for taxonomy in self._taxonomies:
            for (_, keys), compiled in phrases(taxonomy).items():
                node = root
                for key in keys:
                    node = node.children.setdefault(key, _Node())
                node.ends.extend(compiled)
        return root

    def match(self, text: str) -> list[Match]:
        """Matches in reading order; offsets are into ``text``."""
        return self.match_tokens(text, tokens(text))

    def match_tokens(self, text: str, words: Sequence[Token]) -> list[Match]:
        """The same, when the words are already cut."""
        found, excluded, banned = self._scan(text, words)
        kept: list[Match] = []
        barred = {identity: _Spans(spans) for identity, spans in excluded.items()}
        for taxonomy, matches in found.items():
            free = [
                m
                for m in matches
                if (taxonomy, m.concept) not in banned
                and not ((spans := barred.get((taxonomy, m.concept))) and spans.overlap(m.start, m.end))
            ]
            kept.extend(_longest(free, len(text)))
        kept.sort(key=lambda m: (m.start, m.end, m.taxonomy, m.concept))
        return kept

    def _scan(
        self, text: str, words: Sequence[Token]
    ) -> tuple[dict[str, list[Match]], dict[tuple[str, str], list[tuple[int, int]]], set[tuple[str, str]]]:
        found: dict[str, list[Match]] = {}
        excluded: dict[tuple[str, str], list[tuple[int, int]]] = {}
        banned: set[tuple[str, str]] = set()
        root, n = self._root.children, len(words)
        for i in range(n):
            node = root.get(words[i].key)
            if node is None:
                continue
            ways = [(i, node)]
            while ways:
                j, node = ways.pop()
                for phrase in node.ends:
                    start, end = words[i].start, words[j].end
                    if phrase.exact is not None and tuple(w.form for w in _solid(words, i, j)) != phrase.exact:
                        continue
                    identity = (phrase.taxonomy, phrase.concept)
                    if not phrase.excludes:
                        found.setdefault(phrase.taxonomy, []).append(
                            Match(phrase.taxonomy, phrase.concept, phrase.label, start, end)
                        )
                    elif phrase.everywhere:
                        banned.add(identity)
                    else:
                        excluded.setdefault(identity, []).append((start, end))
                if node.children:
                    self._follow(text, words, j, node, ways)
        return found, excluded, banned

    @staticmethod
    def _follow(text: str, words: Sequence[Token], j: int, node: _Node, ways: list[tuple[int, _Node]]) -> None:
        """Add the next words that continue a label, link words skipped; nothing at a break.

        An acronym may hold a link word: it is followed and skipped, so that no label hides another's.
        """
        for k in range(j + 1, len(words)):
            if _BREAK.search(text, words[k - 1].end, words[k].start):
                return
            key = words[k].key
            child = node.children.get(key)
            if child is not None:
                ways.append((k, child))
            if key not in LINKS:
                return


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


def _solid(words: Sequence[Token], i: int, j: int) -> Sequence[Token]:
    return words[i : j + 1]


class _Spans:
    """Intervals of a text, asked in logarithmic time whether one of them overlaps another interval."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        self._furthest = list(accumulate((end for _, end in ordered), max))

    def overlap(self, start: int, end: int) -> bool:
        before = bisect_left(self._starts, end)
        return before > 0 and self._furthest[before - 1] > start


def _longest(matches: list[Match], size: int) -> list[Match]:
    """Drop a match strictly inside a longer one; of overlapping ones keep the longest, then the first.

    ``size``: length of the text. A map of the characters taken keeps the cost linear in a text that repeats
    one label a hundred thousand times.
    """
    order = sorted(matches, key=lambda m: (m.start - m.end, m.start, m.concept))
    taken, places = bytearray(size), dict[tuple[int, int], set[str]]()
    kept: list[Match] = []
    for match in order:
        place = (match.start, match.end)
        if place in places:
            if match.concept not in places[place]:  # two spellings of one label are one match
                places[place].add(match.concept)
                kept.append(match)
        elif taken.find(1, match.start, match.end) < 0:
            taken[match.start : match.end] = b"\x01" * (match.end - match.start)
            places[place] = {match.concept}
            kept.append(match)
    return kept
