"""The kind of an item by rules and words, and the whole nature of it: kind, event, deadline.

Cues of the title weigh more than those of the lead; source and address add
what they suggest; without any cue an item is news.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date

from curation.decide.date_grammar import fold
from curation.decide.deadlines import find_deadline
from curation.decide.events import announces_event, find_event
from curation.decide.kind_cues import CUES, PROVENANCE, TERRITORY_SOURCE
from curation.types import Event, Item, Kind

_COMPILED = tuple((kind, title, lead, re.compile(pattern), reason) for kind, title, lead, pattern, reason in CUES)
_FROM = tuple((kind, weight, re.compile(pattern), reason) for kind, weight, pattern, reason in PROVENANCE)
_TERRITORY = re.compile(TERRITORY_SOURCE)
_QUOTED = re.compile(r"«|\"|“")
#: A finite verb or a press turn makes a sentence of a title: « L'État lance… », « pourquoi… ».
_SENTENCE_TITLE = re.compile(
    r"\?|!|\b(?:est|sont|va|vont|ont|fait|veut|veulent|doit|peut|reste|lance|appelle|face|apres|contre"
    r"|pourquoi|comment|plus de|encore)\b"
)
#: A page's own dateline is no fact of the story.
_PUBLISHED = re.compile(r"^\s*(?:publiee?|mis a jour|mise en ligne) le [^\n]{4,30}?20[0-9]{2}")
_LEAD = 500
_NEWS_PRIOR = 1.6
_MAX_LEAD_POINTS = 2.4


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


def _gather(item: Item) -> tuple[dict[Kind, float], dict[Kind, list[tuple[float, str]]]]:
    title, lead = fold(item.title), _PUBLISHED.sub("", fold(item.text[:_LEAD]), count=1)
    points: dict[Kind, float] = dict.fromkeys(Kind, 0.0)
    reasons: dict[Kind, list[tuple[float, str]]] = {kind: [] for kind in Kind}
    in_lead: dict[Kind, float] = dict.fromkeys(Kind, 0.0)
    for kind, title_weight, lead_weight, pattern, reason in _COMPILED:
        if title_weight and pattern.search(title):
            points[kind] += title_weight
            reasons[kind].append((title_weight, f"{reason}, dans le titre"))
        if lead_weight and pattern.search(lead):
            in_lead[kind] += lead_weight
            reasons[kind].append((lead_weight, f"{reason}, dans le texte"))
    for kind, value in in_lead.items():
        points[kind] += min(_MAX_LEAD_POINTS, value)
    provenance = fold(f"{item.source} {item.url}")
    for kind, weight, pattern, reason in _FROM:
        if pattern.search(provenance):
            points[kind] += weight
            reasons[kind].append((weight, reason))
    return points, reasons


def find_kind(item: Item, *, event: Event | None, deadline: date | None) -> KindVerdict:
    """The kind of ``item``, given the event and the deadline that its text states (None when it states none)."""
    points, reasons = _gather(item)
    title = fold(item.title)

    def add(kind: Kind, weight: float, reason: str) -> None:
        points[kind] += weight
        reasons[kind].append((weight, reason))

    add(Kind.NEWS, _NEWS_PRIOR, "sans autre indice, une actualité")
    if _SENTENCE_TITLE.search(title) or _QUOTED.search(item.title):
        add(Kind.NEWS, 0.7, "titre de presse")
    if not item.url and item.source and _TERRITORY.search(fold(item.source)):
        add(Kind.PRACTICE, 3.0, "réalisation d'une collectivité")
    if event is not None and event.start is not None:
        coming = item.date is None or (event.end or event.start) >= item.date
        add(Kind.EVENT, 1.6 if coming else 0.4, "une date d'événement est annoncée")
    if deadline is not None:
        add(Kind.CALL, 2.0, "une date limite est donnée")
    announced = announces_event(item.title, item.text)
    if announced > 0.5:
        add(Kind.EVENT, 1.2 * announced, "le texte annonce un événement")
    if (event is None or event.start is None) and announced < 0.7:
        points[Kind.EVENT] -= 1.0  # neither a date nor an invitation: only the name of an event
    best = max(points, key=lambda kind: points[kind])
    total = sum(math.exp(value) for value in points.values())
    strongest = sorted(reasons[best], key=lambda reason: -reason[0])[:3]
    return KindVerdict(best, math.exp(points[best]) / total, tuple(reason for _, reason in strongest))


def describe(item: Item) -> Nature:
    """Kind, event and deadline of an item, made to agree.

    Only an item of kind ``event`` carries an event; one from an agenda carries
    at least an empty ``Event``. A deadline is kept for whatever kind states it,
    but not for a text of law.
    """
    event = find_event(item.title, item.text, item.date)
    deadline = find_deadline(item.title, item.text, item.date)
    verdict = find_kind(item, event=event, deadline=deadline)
    if verdict.kind is Kind.EVENT:
        event = event or find_event(item.title, item.text, item.date, assumed=True) or Event()
    else:
        event = None
    if verdict.kind is Kind.REGULATION:
        deadline = None
    return Nature(verdict, event, deadline)
