"""What the text of an item shows, and the form in which it is kept.

Reading is the costly half of classification; it depends on the text and on the words, on no weight, vector or
threshold. What is kept (``KeptReading``) gives the same reading back without the text, with the weights of today.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from curation.decide.features import KINDS, MET, Met, figures
from curation.decide.kinds import describe
from curation.decide.occurrences import pack, unpack
from curation.decide.signals import Lexical, sight, weighed, weights_of
from curation.evidence import KeptReading, Sighting
from curation.types import Event, Item, Kind
from taxonomy.french import Token, tokens
from taxonomy.match import Matcher, Occurrence, Scanner
from taxonomy.types import Match, Taxonomy

#: After the figures of the communities: words of the territories, words of no community, length.
GENERAL = 3
_NOTHING = Lexical((), 0.0, 0.0)
#: Names the form of what is kept; under another one, everything is read again.
FORM = "2"
FIGURE, KEY = np.dtype("<f4"), np.dtype("<u4")


@dataclass(frozen=True, slots=True)
class Words:
    """Everything classification needs of the words: built once per process, picklable."""

    taxonomies: tuple[Taxonomy, ...]
    territorial: Taxonomy | None
    offtopic: Taxonomy | None
    matcher: Matcher

    @property
    def communities(self) -> tuple[str, ...]:
        """Ids of the communities, in order."""
        return tuple(t.id for t in self.taxonomies)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the text of one item shows: words met per taxonomy, general words, its nature."""

    found: tuple[Lexical, ...]  # in the order of ``Words.taxonomies``
    territorial: float
    offtopic: float
    kind: Kind
    event: Event | None
    deadline: date | None
    length: int  # characters of the text
    sightings: tuple[tuple[Sighting, ...], ...] = ()  # what ``found`` weighs, in the same order
    keys: bytes = b""  # see ``KeptReading``, and below
    occurrences: bytes = b""


def read(items: Sequence[Item], words: Words) -> list[Reading]:
    """What the texts show; the costly half, which no weight and no vector changes."""
    return [_read(item, words) for item in items]


def met(readings: Sequence[Reading]) -> Met:
    """The readings as arrays."""
    communities = len(readings[0].found) if readings else 0
    return Met(
        np.array([[figures(f) for f in r.found] for r in readings], np.float32).reshape(-1, communities, len(MET)),
        np.array([(r.territorial, r.offtopic) for r in readings], np.float32).reshape(-1, 2),
        _kinds([r.kind for r in readings]),
        np.array([r.length for r in readings], np.float32),
    )


def kept_met(rows: Sequence[bytes], kinds: Sequence[Kind]) -> Met:
    """``met`` of readings that are kept: ``KeptReading.figures`` and the kinds, all of one recipe."""
    table = np.frombuffer(b"".join(rows), FIGURE).reshape(len(rows), -1) if rows else np.zeros((0, GENERAL), FIGURE)
    general = table[:, -GENERAL:]
    words = table[:, :-GENERAL].reshape(len(rows), -1, len(MET))
    return Met(words, general[:, :2], _kinds(kinds), general[:, 2])


def keep(article: str, reading: Reading) -> KeptReading:
    """The form in which a reading is stored."""
    table = [f for found in reading.found for f in figures(found)]
    table += [reading.territorial, reading.offtopic, reading.length]
    seen = tuple(s for part in reading.sightings for s in part)
    raw = np.array(table, FIGURE).tobytes()
    return KeptReading(
        article, raw, reading.keys, seen, reading.kind, reading.event, reading.deadline, reading.occurrences
    )  # fmt: skip


def restore(kept: Sequence[KeptReading], taxonomies: Sequence[Taxonomy]) -> list[Reading]:
    """The readings that were kept, weighed as the taxonomies say today; sightings of what they lack are left out."""
    weights = {t.id: weights_of(t) for t in taxonomies}
    return [_restored(k, weights) for k in kept]


def _restored(kept: KeptReading, weights: Mapping[str, Mapping[str, float]]) -> Reading:
    seen: dict[str, list[Sighting]] = {community: [] for community in weights}
    for s in kept.sightings:
        if s.concept in weights.get(s.community, ()):
            seen[s.community].append(s)
    parts = tuple(map(tuple, seen.values()))
    territorial, offtopic, length = np.frombuffer(kept.figures, FIGURE)[-GENERAL:].tolist()
    found = tuple(weighed(w, part) for w, part in zip(weights.values(), parts, strict=True))
    return Reading(
        found, territorial, offtopic, kept.kind, kept.event, kept.deadline, int(length), parts, kept.keys,
        kept.occurrences,
    )  # fmt: skip


@lru_cache(maxsize=200_000)
def key_hash(key: str) -> int:
    """The number under which a word key (``french.key``) is indexed: 32 bits, so that two may share one."""
    return crc32(key.encode())


def index_keys(*texts: Iterable[Token]) -> bytes:
    """Which words stand in the texts: sorted numbers, each once."""
    return np.array(sorted({key_hash(t.key) for words in texts for t in words}), KEY).tobytes()


def _read(item: Item, words: Words) -> Reading:
    nature = describe(item)
    title, text = tokens(item.title), tokens(item.text)
    scanner = words.matcher.scanner
    in_title, in_text = scanner.scan(item.title, title), scanner.scan(item.text, text)
    met = _met(words, in_title, in_text)

    def total(taxonomy: Taxonomy | None) -> float:
        return weighed(weights_of(taxonomy), met(taxonomy)).total if taxonomy else 0.0

    parts = tuple(map(met, words.taxonomies))
    return Reading(
        _weighed(words, parts),
        total(words.territorial),
        total(words.offtopic),
        nature.verdict.kind,
        nature.event,
        nature.deadline,
        len(item.text),
        parts,
        index_keys(title, text),
        pack(in_title, in_text, words.matcher.runs_of(words.communities)),
    )


def reread(kept: KeptReading, words: Words, sought: Scanner, text: tuple[str, str] | None) -> KeptReading:
    """What ``read`` would give of the same text with other words, under the same general words.

    ``sought``: of the runs of these words that the former ones did not know; ``text``: title and text where one may
    stand, None where none does.
    """
    in_title, in_text = unpack(kept.occurrences)
    if text is not None:
        in_title, in_text = sorted(in_title + sought.search(text[0])), sorted(in_text + sought.search(text[1]))
    parts = tuple(map(_met(words, in_title, in_text), words.taxonomies))
    occurrences = pack(in_title, in_text, words.matcher.runs_of(words.communities))
    reading = _restored(kept, {})
    return keep(
        kept.article, replace(reading, found=_weighed(words, parts), sightings=parts, occurrences=occurrences)
    )  # fmt: skip


def _met(
    words: Words, in_title: Sequence[Occurrence], in_text: Sequence[Occurrence]
) -> Callable[[Taxonomy], tuple[Sighting, ...]]:
    """What stands in a text, as each taxonomy sees it."""
    title, text = _by_taxonomy(words.matcher.resolve(in_title)), _by_taxonomy(words.matcher.resolve(in_text))
    return lambda taxonomy: sight(taxonomy, title.get(taxonomy.id, ()), text.get(taxonomy.id, ()))


def _weighed(words: Words, parts: Sequence[tuple[Sighting, ...]]) -> tuple[Lexical, ...]:
    return tuple(
        weighed(weights_of(t), part) if part else _NOTHING for t, part in zip(words.taxonomies, parts, strict=True)
    )


def _kinds(kinds: Sequence[Kind]) -> NDArray[np.float32]:
    return np.array([[kind is each for each in KINDS] for kind in kinds], np.float32).reshape(-1, len(KINDS))


def _by_taxonomy(matches: Sequence[Match]) -> dict[str, list[Match]]:
    result: dict[str, list[Match]] = {}
    for match in matches:
        result.setdefault(match.taxonomy, []).append(match)
    return result
