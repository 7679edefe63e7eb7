"""Words and fragments of the French date grammar, and the inference of a missing year.

Everything here works on *folded* text: lower case, no accents, straight
apostrophes, ordinary hyphens and spaces, one character for one character, so
that an offset in the folded text is an offset in the original.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache

from dateutil.easter import easter

from curation.french_calendar import DAY_NAMES, MONTHS, SHORT_DAYS, WEEKDAYS


class _Fold(dict[int, int]):
    """Table of ``str.translate`` filled as characters are met; always one character for one."""

    def __missing__(self, point: int) -> int:
        char = chr(point)
        if char in "’‘ʼ′`´":
            folded = "'"
        elif char in "‐‑‒–—−→":
            folded = "-"
        elif char.isspace() and char not in "\n\r":
            folded = " "
        else:
            base = unicodedata.normalize("NFD", char)[:1].lower() or char
            folded = base if len(base) == 1 else char
        self[point] = ord(folded)
        return self[point]


_FOLD = _Fold()


@lru_cache(maxsize=16)  # one item is folded by several readers in a row
def fold(text: str) -> str:
    """Lower case without accents; same length as ``text``."""
    return text.translate(_FOLD)


NUMBERS: dict[str, int] = {
    "premier": 1, "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8,
    "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16,
    "dix-sept": 17, "dix-huit": 18, "dix-neuf": 19, "vingt": 20, "vingt et un": 21, "vingt-et-un": 21,
    "vingt-deux": 22, "vingt-trois": 23, "vingt-quatre": 24, "vingt-cinq": 25, "vingt-six": 26, "vingt-sept": 27,
    "vingt-huit": 28, "vingt-neuf": 29, "trente": 30, "trente et un": 31, "trente-et-un": 31,
}  # fmt: skip
ORDINALS: dict[str, int] = {
    "premier": 1, "premiere": 1, "1er": 1, "1ere": 1, "second": 2, "seconde": 2, "deuxieme": 2, "2e": 2, "2eme": 2,
    "2nd": 2, "2nde": 2, "troisieme": 3, "3e": 3, "3eme": 3, "quatrieme": 4, "4e": 4, "4eme": 4,
    "dernier": -1, "derniere": -1,
}  # fmt: skip
SEASONS: dict[str, tuple[int, int]] = {"printemps": (3, 21), "ete": (6, 21), "automne": (9, 23), "hiver": (12, 21)}
#: Feasts with a fixed day, as announcements name them: (month, day).
FIXED_FEASTS: dict[str, tuple[int, int]] = {
    "noel": (12, 25), "toussaint": (11, 1), "jour de l'an": (1, 1), "nouvel an": (1, 1), "epiphanie": (1, 6),
    "chandeleur": (2, 2), "saint-valentin": (2, 14), "saint valentin": (2, 14), "fete du travail": (5, 1),
    "fete de la musique": (6, 21), "fete nationale": (7, 14), "assomption": (8, 15), "halloween": (10, 31),
    "armistice": (11, 11), "reveillon de noel": (12, 24), "saint-sylvestre": (12, 31), "saint sylvestre": (12, 31),
}  # fmt: skip
#: Feasts that follow Easter: days from Easter Sunday.
EASTER_FEASTS: dict[str, int] = {
    "mardi gras": -47, "dimanche des rameaux": -7, "vendredi saint": -2, "paques": 0, "lundi de paques": 1,
    "ascension": 39, "jeudi de l'ascension": 39, "pentecote": 49, "lundi de pentecote": 50,
}  # fmt: skip


def feast_day(name: str, year: int) -> date:
    """The day of a feast of either table in ``year``."""
    if name in FIXED_FEASTS:
        return date(year, *FIXED_FEASTS[name])
    return easter(year) + timedelta(days=EASTER_FEASTS[name])


def alternatives(words: Iterable[str]) -> str:
    """A regex alternation, longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


WEEKDAY = rf"(?:(?:{alternatives(DAY_NAMES)})(?![a-z])|(?:{'|'.join(SHORT_DAYS)})\.)"
MONTH = rf"(?:{alternatives(MONTHS)})(?![a-z])\.?"
YEAR = r"(?:19|20)[0-9]{2}(?![0-9])(?!\s?(?:personnes|habitants|euros|€|communes|%))"
DAY_NUMBER = r"(?:1er|3[01]|[12][0-9]|0?[1-9])(?:e|eme)?(?![0-9a-z%€°])(?![.,][0-9]*[%€])"
DAY_WORD = rf"(?:{alternatives(w for w in NUMBERS if w not in ('un', 'une'))})(?![a-z])"


def weekday_of(token: str) -> int:
    """Monday is 0."""
    return WEEKDAYS[token.rstrip(".")]


def month_of(token: str) -> int:
    return MONTHS[token.rstrip(".")]


def day_of(token: str) -> int:
    digits = re.match(r"[0-9]+", token)
    return int(digits.group()) if digits else NUMBERS[token]


def make_date(year: int, month: int, day: int) -> date | None:
    """The date, or None where the calendar has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def month_end(year: int, month: int) -> date:
    """Last day of a month."""
    following = date(year + 1, 1, 1) if month == 12 else date(year, month + 1, 1)
    return following - timedelta(days=1)


#: Which side of the reference a missing year is looked for: forced, or only leaning (« aura lieu le… »).
PAST, NEAREST, AHEAD, FUTURE = -1, 0, 1, 2
#: A past day counts this many times its distance. Announcements look ahead, yet a January text that says « le 14
#: novembre » speaks of the one that has just gone; and an agenda may be read some days after what it announced.
_PAST_WEIGHT = {PAST: 1.0, NEAREST: 3.0, AHEAD: 12.0, FUTURE: 1000.0}
_WRONG_WEEKDAY = 100_000.0
_WRONG_SIDE = 150_000.0


def span_cost(start: date, end: date, reference: date, lean: int = NEAREST) -> float:
    """How far a span lies from the reference, in weighted days; 0 when it contains it."""
    if start <= reference <= end:
        return 0.0
    if start > reference:
        return float((start - reference).days) * (100 if lean == PAST else 1)
    return float((reference - end).days) * _PAST_WEIGHT[lean]


_LEAN_AFTER = re.compile(
    r"\s*(?:(?P<past>dernier(?:e?s)?(?! (?:delai|jour))|passee?s?)|(?P<future>prochaine?s?"
    r"|inclus))\b"
)
#: Words before a date, in its sentence, that say on which side of the reference it lies.
_LEAN_BEFORE = re.compile(
    r"(?P<past>\b(?:s'est (?:tenue?|deroulee?)|se sont (?:tenu|deroule)[es]*|(?:a|ont) eu lieu"
    r"|avai(?:t|ent) lieu|depuis|publiee?s?|signee?s?|adoptee?s?|lancee?s? le)\b)"
    r"|(?P<ahead>\b(?!(?:opera|camera)\b)(?:sera|seront|aura|auront|[a-z]{2,}(?:er|ir|dr|tr|vr)(?:a|ont)|rendez-vous"
    r"|rdv|a vos agendas|save the date|prevue?s?|programmee?s?|fixee?s?|jusqu'au?|avant le|d'ici|au plus tard"
    r"|date limite|cloture|inscri[a-z]+|candidat[a-z]+)\b|\b(?:dates?|quand|jour)\s?[:?])"
)
_SENTENCE_END = re.compile(r"[.!]\s|\n")


def side_of(folded: str, start: int, end: int, lean: int) -> int:
    """Where the year of the date at ``start``..``end`` is looked for.

    « dernier » or « prochain » after it decide; then ``lean``, unless it is NEAREST; then the verb before it.
    """
    after = _LEAN_AFTER.match(folded, end)
    if after is not None:
        return PAST if after["past"] else FUTURE
    if lean != NEAREST:
        return lean
    sentence = _SENTENCE_END.split(folded[max(0, start - 80) : start])[-1]
    side = lean
    for said in _LEAN_BEFORE.finditer(sentence):
        side = PAST if said["past"] else AHEAD
    return side


@dataclass(frozen=True, slots=True)
class DateMention:
    """One date or period met in a text.

    ``start`` and ``end`` are days, both inclusive; offsets are those of the
    original text (hours included); ``certainty`` is 0..1; ``grain`` is "day",
    "week", "month", "quarter", "season", "semester" or "year"; ``bound`` is
    "until" (jusqu'au, avant), "from" (à partir du), or "".
    """

    start: date
    end: date
    start_offset: int
    end_offset: int
    certainty: float = 1.0
    grain: str = "day"
    explicit_year: bool = False
    start_time: time | None = None
    end_time: time | None = None
    bound: str = ""
    relative: bool = False  # « demain », « jeudi prochain »: leans wholly on the reference


@dataclass(frozen=True, slots=True)
class PartialDay:
    """A day as written: any part but the number may be missing."""

    day: int
    month: int | None = None
    year: int | None = None
    weekday: int | None = None


def fill_backwards(days: list[PartialDay]) -> list[PartialDay]:
    """« du 3 au 5 mars 2026 »: a day takes the month, and the year, of the one that follows it."""
    filled: list[PartialDay] = []
    month: int | None = None
    year: int | None = None
    for part in reversed(days):
        own = part.month or month
        own_year = part.year
        if own_year is None and year is not None and own is not None and month is not None:
            own_year = year - 1 if own > month else year
        filled.append(PartialDay(part.day, own, own_year, part.weekday))
        month, year = own, own_year
    filled.reverse()
    return filled


def complete_span(
    first: PartialDay, last: PartialDay, reference: date | None, lean: int = NEAREST
) -> tuple[date, date, bool] | None:
    """Two partial days -> (start, end, weekdays agree), both inclusive.

    A missing year is the one where the weekdays agree, else the most sensible
    around ``reference`` (``span_cost``). None where nothing can be said.
    """
    month, last_month = first.month, last.month
    if month is None or last_month is None:
        return None
    if last.year is None and first.year is not None:
        last = PartialDay(last.day, last.month, first.year + (last_month < month), last.weekday)
    if last.year is not None:
        years = [last.year]
    elif reference is not None:
        years = list(range(reference.year - 3, reference.year + 3))
    else:
        return None
    best: tuple[float, date, date, bool] | None = None
    for year in years:
        end = make_date(year, last_month, last.day)
        start = make_date(first.year or year - (month > last_month), month, first.day)
        if end is None or start is None or start > end:
            continue
        agree = first.weekday in (None, start.weekday()) and last.weekday in (None, end.weekday())
        cost = 0.0 if reference is None else span_cost(start, end, reference, lean)
        if not agree:
            # Without its weekday a year is a guess of last resort, and only around the reference.
            cost += _WRONG_WEEKDAY + (50_000.0 if reference and abs(year - reference.year) > 1 else 0.0)
        elif lean == FUTURE and reference is not None and end < reference:
            cost += _WRONG_SIDE  # rather a slip of the weekday than a year gone by
        if best is None or cost < best[0]:
            best = (cost, start, end, agree)
    return None if best is None else best[1:]


def complete_weekday_number(weekday: int, day: int, reference: date, lean: int = NEAREST) -> date | None:
    """« vendredi 5 »: the month around the reference where the 5th is a Friday."""
    best: tuple[float, date] | None = None
    for shift in range(-6, 13):
        year, month0 = divmod(reference.year * 12 + reference.month - 1 + shift, 12)
        found = make_date(year, month0 + 1, day)
        if found is not None and found.weekday() == weekday:
            cost = span_cost(found, found, reference, lean)
            if best is None or cost < best[0]:
                best = (cost, found)
    return best[1] if best else None
