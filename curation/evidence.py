"""What the night's reading of an article leaves behind, so that words can change without reading everything again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from curation.types import Event, Kind


@dataclass(frozen=True, slots=True)
class Sighting:
    """A concept met in an article: its best place (title, then lead, then body), how often, under which label."""

    community: str
    concept: str
    label: str  # as written in the taxonomy
    where: str  # "title" | "lead" | "body"
    count: int
    start: int  # offsets of the first occurrence there, in the title or in the text
    end: int


@dataclass(frozen=True, slots=True)
class KeptReading:
    """The reading of one article as it is stored. ``decide.reading`` writes and reads it.

    ``figures``: little-endian float32, six per community (``decide.features.MET``) in the order of the recipe, then
    words of the territories, words of no community, characters of the text. ``keys``: which words stand in it, sorted
    little-endian uint32 (``decide.reading.key_hash``). ``sightings`` are in the order of community, then concept.
    ``occurrences``: where every label, acronym and exclusion of the communities stands (``decide.occurrences.RECORD``),
    whatever it means there.
    """

    article: str
    figures: bytes
    keys: bytes
    sightings: tuple[Sighting, ...]
    kind: Kind
    event: Event | None
    deadline: date | None
    occurrences: bytes = b""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What readings were made with: the words of each community, and all the rest.

    ``words``: (community, ``Taxonomy.version``) in the order of the figures. ``frame``: rules and general words; under
    another one, everything is read again.
    """

    id: str
    frame: str
    words: tuple[tuple[str, str], ...]
