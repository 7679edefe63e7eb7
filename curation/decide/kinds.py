"""The kind of an item by rules and words, and the whole nature of it: kind, event, deadline.

Everything that speaks for a kind is a ``Sign``: a cue met in the title or in the lead, what source and address suggest,
the shape of the title, a date that is announced. ``find_kind`` adds up their weights, without any label;
``kind_features`` gives the same signs as a row of named figures, for whoever weighs them otherwise.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from curation.decide.date_grammar import fold
from curation.decide.deadlines import find_deadline
from curation.decide.events import EventReading, announces_event, read_event
from curation.decide.kind_cues import CUES, PROVENANCE, TERRITORY_SOURCE
from curation.types import Event, Item, Kind

_QUOTED = re.compile(r"«|\"|“")
#: A finite verb or a press turn makes a sentence of a title: « L'État lance… », « pourquoi… ».
_SENTENCE_TITLE = re.compile(
    r"\?|!|\b(?:est|sont|va|vont|ont|fait|veut|veulent|doit|peut|reste|lance|appelle|face|apres|contre"
    r"|pourquoi|comment|plus de|encore)\b"
)
#: A page's own dateline is no fact of the story.
_PUBLISHED = re.compile(r"^\s*(?:publiee?|mis a jour|mise en ligne) le [^\n]{4,30}?20[0-9]{2}")
#: A title that is a name: few words, no verb to be seen, or a bare address.
_NAME = re.compile(r"https?://\S+|[^\s,.;:!?«»]+(?:\s[^\s,.;:!?«»]+){0,4}")
_YEAR = re.compile(r"(?<![0-9])20[0-4][0-9](?![0-9])")
_TERRITORY = re.compile(TERRITORY_SOURCE)
#: Characters of the text that count as its lead; what the lead may add to a kind, at most.
_LEAD = 500
_MAX_LEAD_POINTS = 2.8
#: Wording from which an event is announced, and below which its name alone is held against it.
_ANNOUNCED, _HINTED = 0.5, 0.7

#: Signs that are not words: (name, kind, weight, reason in French).
_SHAPES: dict[str, tuple[Kind, float, str]] = {
    "prior": (Kind.NEWS, 1.6, "sans autre indice, une actualité"),
    "press_title": (Kind.NEWS, 0.7, "titre de presse"),
    "undated": (Kind.NEWS, -0.8, "sans date"),  # an actuality bears a date; a tool, a page, a form may not
    "undated_name": (Kind.RESOURCE, 1.2, "un nom pour tout titre"),
    "territory": (Kind.PRACTICE, 3.0, "réalisation d'une collectivité"),
    "event_to_come": (Kind.EVENT, 1.6, "une date d'événement est annoncée"),
    "event_past": (Kind.EVENT, 0.4, "une date d'événement est donnée"),
    "event_timed": (Kind.EVENT, 0.6, "des heures sont données"),
    "event_line": (Kind.EVENT, 2.6, "une ligne d'agenda"),
    "event_announced": (Kind.EVENT, 1.2, "le texte annonce un événement"),
    "event_unproved": (Kind.EVENT, -1.0, "ni date ni invitation"),
    "deadline": (Kind.CALL, 2.0, "une date limite est donnée"),
}


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing met that speaks for a kind (against it below 0): ``value`` is 0..1, its points are weight x value."""

    name: str
    kind: Kind
    weight: float
    reason: str
    value: float = 1.0
    in_lead: bool = False


@dataclass(frozen=True, slots=True)
class KindVerdict:
    """``score`` is 0..1, the share of the winning kind; ``reasons`` are French words, strongest first."""

    kind: Kind
    score: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Nature:
    """What an item is, when it takes place, until when one may apply."""

    verdict: KindVerdict
    event: Event | None = None
    deadline: date | None = None


@dataclass(frozen=True, slots=True)
class _Word:
    """A cue in one place, compiled."""

    pattern: re.Pattern[str]
    sign: Sign


def _named(kind: Kind, reason: str, seen: Counter[str]) -> str:
    """« call.appel_a_projets »; a reason used again takes a number."""
    name = f"{kind.value}.{re.sub('[^a-z0-9]+', '_', fold(reason)).strip('_')}"
    seen[name] += 1
    return name if seen[name] == 1 else f"{name}_{seen[name]}"


def _compile() -> tuple[list[_Word], list[_Word], list[_Word]]:
    """Cues of the title, of the lead, of source and address."""
    title, lead, origin = [], [], []
    seen: Counter[str] = Counter()
    for kind, in_title, in_lead, pattern, reason in CUES:
        compiled, name = re.compile(pattern), _named(kind, reason, seen)
        if in_title:
            title.append(_Word(compiled, Sign(f"{name}@title", kind, in_title, f"{reason}, dans le titre")))
        if in_lead:
            lead.append(_Word(compiled, Sign(f"{name}@lead", kind, in_lead, f"{reason}, dans le texte", in_lead=True)))
    for kind, weight, pattern, reason in PROVENANCE:
        origin.append(_Word(re.compile(pattern), Sign(_named(kind, reason, seen) + "@from", kind, weight, reason)))
    return title, lead, origin


_IN_TITLE, _IN_LEAD, _FROM = _compile()

#: Names of the figures of ``kind_features``, in order.
KIND_COLUMNS: tuple[str, ...] = (
    *(word.sign.name for words in (_IN_TITLE, _IN_LEAD, _FROM) for word in words),
    *_SHAPES,
    *(f"points_{kind.value}" for kind in Kind),
    "wording",
    "title_length",
    "text_length",
)
_INDEX = {name: index for index, name in enumerate(KIND_COLUMNS)}


def _signs(item: Item, reading: EventReading, deadline: date | None) -> Iterator[Sign]:
    """Everything that speaks for or against a kind."""
    title, lead = fold(item.title[:_LEAD]), _PUBLISHED.sub("", fold(item.text[:_LEAD]), count=1)
    origin = fold(f"{item.source} {item.url}")
    for words, text in ((_IN_TITLE, title), (_IN_LEAD, lead), (_FROM, origin)):
        yield from (word.sign for word in words if word.pattern.search(text))
    for name, value in _shapes(item, title, reading, deadline).items():
        if value:
            kind, weight, reason = _SHAPES[name]
            yield Sign(name, kind, weight, reason, value)


def _shapes(item: Item, title: str, reading: EventReading, deadline: date | None) -> dict[str, float]:
    """Value of every sign that is not a word, 0..1."""
    event = reading.event if reading.dated else None
    when = (event.end or event.start) if event else None
    coming = when is not None and (item.date is None or when >= item.date)
    no_date = reading.event is None or reading.event.start is None
    return {
        "prior": 1.0,
        "press_title": float(bool(_SENTENCE_TITLE.search(title) or _QUOTED.search(item.title))),
        "undated": float(item.date is None),
        "undated_name": float(item.date is None and _NAME.fullmatch(item.title.strip()) is not None),
        "territory": float(not item.url and bool(item.source) and _TERRITORY.search(fold(item.source)) is not None),
        "event_to_come": float(coming),
        "event_past": float(when is not None and not coming),
        "event_timed": float(coming and reading.timed),
        "event_line": float(reading.line),
        "event_announced": reading.wording if reading.wording > _ANNOUNCED else 0.0,
        "event_unproved": float(no_date and reading.wording < _HINTED),
        "deadline": float(deadline is not None),
    }


def _points(signs: list[Sign]) -> dict[Kind, float]:
    """What the signs add up to; what the lead says is capped, kind by kind."""
    points: dict[Kind, float] = dict.fromkeys(Kind, 0.0)
    in_lead: dict[Kind, float] = dict.fromkeys(Kind, 0.0)
    for sign in signs:
        (in_lead if sign.in_lead else points)[sign.kind] += sign.weight * sign.value
    for kind, value in in_lead.items():
        points[kind] += min(_MAX_LEAD_POINTS, value)
    return points


def _verdict(signs: list[Sign]) -> KindVerdict:
    points = _points(signs)
    best = max(points, key=lambda kind: points[kind])
    total = sum(math.exp(value) for value in points.values())
    mine = sorted((s for s in signs if s.kind is best and s.weight > 0), key=lambda s: -s.weight * s.value)
    return KindVerdict(best, math.exp(points[best]) / total, tuple(sign.reason for sign in mine[:3]))


def find_kind(item: Item, *, event: Event | None, deadline: date | None) -> KindVerdict:
    """The kind of ``item``, given the event and the deadline that its text states (None when it states none)."""
    wording = announces_event(item.title, item.text)
    reading = EventReading(event, wording, dated=event is not None and event.start is not None)
    return _verdict(list(_signs(item, reading, deadline)))


def kind_features(item: Item) -> NDArray[np.float32]:
    """The signs of one item as figures, shape (len(KIND_COLUMNS),).

    A sign is 0 when it is not met, else its value; ``points_*`` are what the rules make of all signs; lengths are
    log(1 + characters) / 8.
    """
    reading, deadline = _read(item)
    signs = list(_signs(item, reading, deadline))
    row = np.zeros(len(KIND_COLUMNS), np.float32)
    for sign in signs:
        row[_INDEX[sign.name]] = sign.value
    for kind, value in _points(signs).items():
        row[_INDEX[f"points_{kind.value}"]] = value
    row[_INDEX["wording"]] = reading.wording
    row[_INDEX["title_length"]] = math.log1p(len(item.title)) / 8
    row[_INDEX["text_length"]] = math.log1p(len(item.text)) / 8
    return row


def describe(item: Item, kind: Kind | None = None) -> Nature:
    """Kind, event and deadline of an item, made to agree.

    ``kind``: taken as said, when another judge knows it better than the rules. Only an item of kind ``event`` carries
    an event; one from an agenda carries at least an empty ``Event``. A deadline is kept for whatever kind states it,
    but not for a text of law.
    """
    reading, deadline = _read(item)
    verdict = _verdict(list(_signs(item, reading, deadline)))
    if kind is not None and kind is not verdict.kind:
        verdict = KindVerdict(kind, verdict.score)
    event = None
    if verdict.kind is Kind.EVENT:
        event = reading.event or _assumed(item) or Event()
    if verdict.kind is Kind.REGULATION:
        deadline = None
    return Nature(verdict, event, deadline)


def _read(item: Item) -> tuple[EventReading, date | None]:
    """The event that the text states, if any, and its deadline."""
    year = _year_said(item)
    return (
        read_event(item.title, item.text, item.date, year=year),
        find_deadline(item.title, item.text, item.date, year=year),
    )


def _assumed(item: Item) -> Event | None:
    """The event of an item known to announce one."""
    return read_event(item.title, item.text, item.date, assumed=True, year=_year_said(item)).event


def _year_said(item: Item) -> int | None:
    """The latest year that the source or the address names: « Fête de la science 2025 », « /agenda/2025/ »."""
    years = [int(year) for year in _YEAR.findall(f"{item.source} {item.url}")]
    return max(years) if years else None
