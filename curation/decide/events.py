"""Does an item announce an event, when and where: ``announces_event``, ``find_event``.

The day of publication, the date of a law, a birth or a deadline is never the
day of the event; among several dates, the one attached to the announcement wins.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice

from curation.decide.date_grammar import DateMention, fold
from curation.decide.dates import find_dates
from curation.decide.event_cues import (
    ANNOUNCE,
    AT_VENUE,
    ATTACHED_AFTER,
    ATTACHED_BEFORE,
    BARE_LEAD,
    CLOSING,
    DATELINE,
    NO_EVENT,
    NOUN,
    OPENING,
    PAGE_DATE,
    SLOT_OPENING,
    TOLD,
    VENUE_LINE,
)
from curation.decide.phrases import read_slot
from curation.decide.places import find_place, find_town, find_venue
from curation.types import Event

_TITLE_GAP = "\n"
_READ = 6000  # characters of the text
_SLOTS = 20  # places where a text may say when
_OWN_LINE = 0.3  # share of its line from which a date stands by itself
_LINE_WORDS = 60  # characters beside the date on such a line
#: A date as certain as this needs no help from the place where it stands; below the other, it is a guess.
_CLEAR, _GUESS = 0.7, 0.3
#: Points below which a date is not believed; with as many as the other (after a label, on its own line) it says all,
#: and no series is looked for around it.
_BELIEVED, _SURE = 0.2, 3.0
#: Single days that make a series, and days between the chosen one and the others.
_SERIES, _LONGEST_SERIES = 3, 200

#: A date of the text with its points.
Scored = tuple[DateMention, float]


@dataclass(frozen=True, slots=True)
class EventReading:
    """What an item says of an event.

    ``event`` as ``find_event`` gives it; ``wording`` is ``announces_event``; ``dated``: the text writes its day, and
    not only « lundi » or « en mars »; ``line``: that day is to come and stands on a line of its own (« Halle aux
    grains, le vendredi 3 avril à 20:00 »), which only announcements write; ``timed``: hours stand beside that day.
    """

    event: Event | None
    wording: float
    dated: bool = False
    line: bool = False
    timed: bool = False


@lru_cache(maxsize=16)  # find_event and find_kind ask the same question of the same item
def announces_event(title: str, text: str) -> float:
    """How much the wording announces an event to come, 0..1 (no date is needed).

    Only the title and the first 1,500 characters of the text are read.
    """
    folded_title, folded = fold(title), fold(text[:1500])
    points = -2.2
    noun = NOUN.search(folded_title)
    if noun:
        points += 2.2 if noun.start() < 25 else 1.4
    lead = folded[:400]
    if NOUN.search(lead):
        points += 0.8
    strong = weak = 0
    for match in ANNOUNCE.finditer(folded):
        if match["strong"]:
            strong += 1
        else:
            weak += 1
    points += min(3.0, 1.6 * strong) + min(1.2, 0.4 * weak)
    if ANNOUNCE.search(folded_title):
        points += 1.0
    if TOLD.search(folded_title) or TOLD.search(lead):
        points -= 2.0
    return 1.0 / (1.0 + math.exp(-points))


def _line(folded: str, mention: DateMention) -> tuple[int, int]:
    """Start and end of the line where the date stands."""
    end = folded.find("\n", mention.end_offset)
    return folded.rfind("\n", 0, mention.start_offset) + 1, len(folded) if end < 0 else end


def _line_share(folded: str, mention: DateMention) -> float:
    """How much of its own line the date fills."""
    start, end = _line(folded, mention)
    return (mention.end_offset - mention.start_offset) / max(1, end - start)


def _points(mention: DateMention, folded: str, title_end: int, published: date | None) -> float | None:
    """How much a date looks like that of the event; None where it cannot be."""
    before = folded[max(0, mention.start_offset - 110) : mention.start_offset]
    after = folded[mention.end_offset : mention.end_offset + 90]
    line = before[before.rfind("\n") + 1 :]
    if PAGE_DATE.search(line) or NO_EVENT.search(line):
        return None
    points = mention.certainty
    if mention.grain != "day":
        points -= 0.0 if folded.startswith("tout le mois", mention.start_offset) else 1.4
    elif mention.certainty < _GUESS:
        points -= 1.0  # a feast named in passing
    if CLOSING.search(line):
        points -= 4.0
    attached = ATTACHED_BEFORE.search(line)
    if attached and (mention.grain == "day" or attached["label"] or attached["when"]):
        points += 3.0 if attached["label"] else 2.0
    elif mention.grain == "day" and ATTACHED_AFTER.match(after):
        points += 1.2
    if mention.relative:
        points -= 0.8 if attached else 2.0
    if mention.end_offset <= title_end:
        points += 1.2
    elif mention.start_offset <= title_end + 8 and OPENING.match(after):
        points += 1.2  # « Les 5 et 6 mars, à Tours, … » opens the text
    if mention.start_time is not None:
        points += 0.7
    if mention.start < mention.end:
        points += 0.4
    if mention.explicit_year:
        points += 0.2
    share = _line_share(folded, mention)
    clause = attached is not None and not attached["label"]
    if mention.end_offset > title_end and share > _OWN_LINE and not clause:
        points += 2.0 + 2.0 * (share - _OWN_LINE)
    if published is not None:
        if mention.end < published:
            late = (published - mention.end).days
            points -= 0.8 if late < 15 else 2.0 if late < 400 else 4.0
        elif (mention.start - published).days > 800:
            points -= 2.0
        if mention.start == mention.end == published and not attached:
            points -= 0.6
    if mention.bound == "until":
        points -= 0.8
    return points


def _mentions(full: str, folded: str, published: date | None, year: int | None) -> list[DateMention]:
    """Dates of the text, and those that only the place where they stand makes clear."""
    found = find_dates(full, published, year=year)
    if published is None:
        return found
    for opening in islice(SLOT_OPENING.finditer(folded), _SLOTS):
        slot = read_slot(folded, opening.end(), published)
        if slot is None:
            continue
        inside = [m for m in found if m.start_offset < slot.end_offset and m.end_offset > slot.start_offset]
        if any(not m.relative and m.certainty >= _CLEAR for m in inside):
            continue
        found = [m for m in found if m not in inside] + [slot]
    found.sort(key=lambda mention: mention.start_offset)
    return found


def _scored(folded: str, mentions: list[DateMention], title_end: int, published: date | None) -> list[Scored]:
    """The dates that can be that of the event, in order; the first ones have a small lead."""
    scored = []
    for rank, mention in enumerate(mentions[:60]):
        points = _points(mention, folded, title_end, published)
        if points is not None:
            scored.append((mention, points - 0.05 * min(rank, 10)))
    return scored


def _stands_alone(mention: DateMention, folded: str, title_end: int, published: date | None) -> bool:
    """Whether a day to come fills a line of the text, but for its hours and a place."""
    if mention.grain != "day" or mention.relative or mention.end_offset <= title_end:
        return False
    start, end = _line(folded, mention)
    before, after = folded[start : mention.start_offset], folded[mention.end_offset : end]
    if published is None:
        if DATELINE.match(before) and not after.strip():
            return False
    elif mention.end <= published:
        return False
    if PAGE_DATE.search(before) or NO_EVENT.search(before) or CLOSING.search(before) or mention.bound:
        return False
    attached = ATTACHED_BEFORE.search(before)
    if attached and not attached["label"]:
        return False  # a clause
    if _line_share(folded, mention) > _OWN_LINE and len(before) + len(after) < _LINE_WORDS:
        return True
    if BARE_LEAD.fullmatch(before) and AT_VENUE.fullmatch(after):
        return True
    return mention.start_time is not None and bool(VENUE_LINE.fullmatch(before)) and not after.strip(" .")


def _proof(chosen: Scored | None, folded: str, title_end: int, published: date | None) -> float:
    """What the chosen date adds to the wording: a day to come, on its own line or in the title, is an announcement."""
    if chosen is None:
        return 0.0
    mention, points = chosen
    proof = min(0.4, max(0.0, (points - 1.0) * 0.15))
    coming = published is None or mention.end > published
    if coming and mention.start_time is not None and not mention.relative:
        proof = max(proof, 0.3)
    if coming and mention.grain == "day" and not mention.relative:
        if mention.end_offset <= title_end:
            proof = max(proof, 0.3)
        elif _stands_alone(mention, folded, title_end, published):
            proof = max(proof, 0.5)
        elif _line_share(folded, mention) > _OWN_LINE:
            proof = max(proof, 0.45)
    return proof


def read_event(
    title: str, text: str, published: date | None, *, assumed: bool = False, year: int | None = None
) -> EventReading:
    """The event that an item announces, with what its text proves of it.

    ``assumed``: the caller knows that the item announces an event (it comes from
    an agenda); the wording then needs no proof. ``year``: a year to go by where
    neither ``published`` nor the text gives one. ``start`` and ``end`` are days,
    ``end`` None for a single day; ``start`` None when only the end is said
    (« jusqu'au 5 mars »). An announcement without a date gives an ``Event`` with its
    place alone, or None where nothing at all is said.
    """
    full = f"{title}{_TITLE_GAP}{text[:_READ]}"
    folded = fold(full)
    scored = _scored(folded, _mentions(full, folded, published, year), len(title), published)
    chosen = max(scored, key=lambda pair: pair[1], default=None)
    wording = announces_event(title, text)
    if not assumed and wording + _proof(chosen, folded, len(title), published) < 0.5:
        return EventReading(None, wording)
    event = _event(full, title, scored, chosen)
    if chosen is None or event is None or event.start is None:
        return EventReading(event, wording)
    dated = chosen[0].grain == "day" and not chosen[0].relative and chosen[0].certainty >= _GUESS
    line = dated and _stands_alone(chosen[0], folded, len(title), published)
    return EventReading(event, wording, dated, line, dated and chosen[0].start_time is not None)


def _event(full: str, title: str, scored: list[Scored], chosen: Scored | None) -> Event | None:
    if chosen is None or chosen[1] < _BELIEVED:
        place = find_place(full, len(full), len(full)) or find_town(title) or find_venue(title, full[len(title) :])
        return Event(place=place) if place else None
    mention = chosen[0]
    place = find_place(full, mention.start_offset, mention.end_offset)
    for other, _ in scored:  # the same day said again, with its place this time
        if place is None and other is not mention and other.start == mention.start:
            place = find_place(full, other.start_offset, other.end_offset)
    place = place or find_town(title) or find_venue(title, full[len(title) :])
    if mention.bound == "until" and mention.start == mention.end:
        return Event(None, mention.start, place)
    first, last = (
        _series(mention, [other for other, _ in scored]) if chosen[1] < _SURE else (mention.start, mention.end)
    )
    return Event(first, last if last != first else None, place)


def _series(mention: DateMention, mentions: list[DateMention]) -> tuple[date, date]:
    """First and last day, over the days of a programme: the day after the chosen one, or three single days and more."""
    if mention.grain != "day" or mention.start != mention.end:
        return mention.start, mention.end
    days = sorted(
        {m.start for m in mentions if _single(m) and abs((m.start - mention.start).days) <= _LONGEST_SERIES}
        | {mention.start}
    )
    if len(days) >= _SERIES:
        return days[0], days[-1]
    following = mention.start + timedelta(days=1)
    return mention.start, following if following in days else mention.start


def _single(mention: DateMention) -> bool:
    day = mention.start == mention.end and mention.grain == "day" and not mention.relative and not mention.bound
    return day and mention.certainty >= _CLEAR


def find_event(
    title: str, text: str, published: date | None, *, assumed: bool = False, year: int | None = None
) -> Event | None:
    """The event that an item announces, or None; see ``read_event``."""
    return read_event(title, text, published, assumed=assumed, year=year).event
