"""Months, seasons, halves of a year and days said relative to another: the part of the date grammar without a number.

« fin mars 2027 », « mi-janvier », « de novembre à mars », « premier semestre 2027 », « l'été 2027 »,
« demain », « jeudi prochain », « la semaine du 7 octobre ». Works on folded text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from curation.decide.date_grammar import (
    DAY_NUMBER,
    EASTER_FEASTS,
    FIXED_FEASTS,
    FUTURE,
    MONTH,
    NEAREST,
    ORDINALS,
    PAST,
    SEASONS,
    WEEKDAY,
    YEAR,
    PartialDay,
    alternatives,
    complete_span,
    day_of,
    feast_day,
    month_end,
    month_of,
    side_of,
    span_cost,
    weekday_of,
)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``start`` to ``end``, both inclusive; offsets in the folded text."""

    start: date
    end: date
    start_offset: int
    end_offset: int
    grain: str
    certainty: float
    explicit_year: bool
    relative: bool = False


_PART = (
    r"(?P<part>debut|mi|fin|milieu|courant|premiere quinzaine|deuxieme quinzaine|seconde quinzaine"
    r"|[12]e? ?(?:ere|eme|nde)? quinzaine)"
)
_MONTH = re.compile(
    rf"(?<![a-z0-9'-])(?<![0-9] )(?:{_PART}[\s-]?(?:d'|de |du mois d'|du mois de |du |mois de )?\s?"
    r"|(?P<lead>en|des|d'ici|courant|depuis|jusqu'en|jusqu'a|jusqu'au mois d[e']|avant|(?:tout |dans "
    r"|au cours d)?[ul]e? mois"
    r" (?:de|d')|au mois d[e']|(?:a partir|a compter)(?: du mois)? d[e'])\s?|(?P<of>d'|de ))?"
    rf"(?P<m>{MONTH})(?:\s(?P<y>{YEAR}))?"
)
_MONTH_RANGE = re.compile(
    rf"(?<![a-z0-9])(?:(?:de |d'|entre )(?P<m1>{MONTH})(?:\s(?P<y1>{YEAR}))?\s?(?:a|et|jusqu'a"
    rf"|jusqu'en)\s(?:mi-|debut |fin )?"
    rf"|(?P<m3>{MONTH})(?:\s(?P<y3>{YEAR}))?\s?[-/]\s?)(?P<m2>{MONTH})(?:\s(?P<y2>{YEAR}))?"
)
_ORDINAL = alternatives(ORDINALS)
_HALF = re.compile(
    rf"(?<![a-z0-9])(?:(?P<o>{_ORDINAL})\s(?P<u>semestre|trimestre)(?:\s(?:de\s)?(?:l'annee\s)?(?P<y>{YEAR}))?"
    rf"|(?P<c>[ts])(?P<n>[1-4])[\s-](?P<cy>{YEAR}))"
)
#: « fin 2026 », « courant 2027 », « d'ici la fin de l'année »: months of the year.
_PARTS_OF_YEAR = {"debut": (1, 3), "mi": (5, 7), "courant": (1, 12), "fin": (10, 12)}
_YEAR_PART = re.compile(
    rf"(?<![a-z])(?P<p>debut|mi|courant|fin)[\s-](?:(?:de )?l'annee )?(?P<y>{YEAR})(?![/-])"
    r"|(?<![a-z])(?P<q>debut|fin) (?:de (?:l'|cette )|d')annee(?: (?P<z>prochaine))?(?! (?:scolaire|universitaire"
    r"|civile))"
)
_RENTREE = re.compile(
    rf"(?<![a-z])(?:a|pour|des|avant|d'ici)(?: a)? la rentree(?: (?:scolaire"
    rf"|universitaire))?(?: (?:de )?(?:septembre )?(?P<y>{YEAR}))?"
)
_SEASON = re.compile(
    rf"(?<![a-z])(?P<s>{alternatives(SEASONS)})(?![a-z])(?:\s(?P<y>{YEAR})|\s(?P<rel>prochain|dernier))?"
)
_SEASON_LEAD = re.compile(r"(?:\bcet |\bce |\bcette |\bl'|\ba l'|\ben |\bau |\bdes |\bpour l')$")
_WEEK_OF = re.compile(rf"(?<![a-z])semaine du (?:{WEEKDAY}\s)?(?P<d>{DAY_NUMBER})\s?(?P<m>{MONTH})(?:\s(?P<y>{YEAR}))?")
_NTH_WEEK = re.compile(
    rf"(?<![a-z])(?P<o>{_ORDINAL})\s(?P<u>semaine|week-?end|{WEEKDAY})\s(?:de |d'|du mois de |du mois d'"
    rf"|du )(?P<m>{MONTH}|mois prochain)(?:\s(?P<y>{YEAR}))?"
)
_DAYS = {"avant-hier": -2, "hier": -1, "aujourd'hui": 0, "ce jour": 0, "demain": 1, "apres-demain": 2}
#: « le territoire de demain », « hier encore » say no day.
_RELATIVE_DAY = re.compile(
    r"(?<![a-z-])(?<!de )(?<!d')(?<!nous )(?<!pour )(?<!et )(?<!ou )"
    r"(?P<w>avant-hier|hier|aujourd'hui|ce jour|apres-demain|demain)(?![a-z-])(?! (?:encore|comme|et demain)\b)"
)
_RELATIVE_WEEKDAY = re.compile(
    rf"(?<![a-z])(?:(?P<this>ce)\s(?P<w1>{WEEKDAY})|(?P<w2>{WEEKDAY})\s(?P<rel>prochain|suivant|dernier|d'apres"
    rf"|en huit|en 8(?![0-9])|en quinze|en 15(?![0-9]))"
    rf"|(?P<w3>{WEEKDAY})\s(?:de )?(?:la |cette )semaine\s?(?P<week>prochaine|derniere|suivante|d'apres"
    rf"|passee)?)(?![a-z])(?!\s?[0-9])"
)
_WEEK = re.compile(
    r"(?<![a-z])(?:la |cette )semaine\s?(?P<rel>prochaine|derniere|suivante"
    r"|passee)?(?![a-z])(?!\s(?:du|d'))"
)
_SHIFT = {"prochaine": 7, "suivante": 7, "d'apres": 7, "derniere": -7, "passee": -7, None: 0}
_FEASTS = (*FIXED_FEASTS, *EASTER_FEASTS)
_FEAST = re.compile(
    rf"(?<![a-z])(?:a |le jour de |jour de |la |de )?(?:la |l')?"
    rf"(?<!vacances de )(?<!vacances de la )(?<!pere )(?P<f>{alternatives(_FEASTS)})(?:\s(?P<y>{YEAR}))?(?![a-z-])"
)
_WEEKEND_OF = re.compile(
    rf"(?<![a-z])week-?end (?:du|des) (?:{WEEKDAY}\s)?(?P<d>{DAY_NUMBER})\s?(?P<m>{MONTH})(?:\s(?P<y>{YEAR}))?"
)


def _choose(spans: Iterator[tuple[date, date]], context: date, lean: int) -> tuple[date, date]:
    return min(spans, key=lambda span: span_cost(span[0], span[1], context, lean))


def _year_around(
    month: int, last_month: int, context: date | None, lean: int, year: int | None
) -> tuple[date, date] | None:
    """First and last day of a run of months; the year of the last one may be given."""
    if year is None and context is None:
        return None
    years = [year] if year is not None else [context.year + shift for shift in (-1, 0, 1)] if context else []
    spans = ((date(y - (month > last_month), month, 1), month_end(y, last_month)) for y in years)
    if context is None:
        return next(spans)
    return _choose(spans, context, lean)


def part_of_month(start: date, part: str) -> tuple[date, date]:
    """« début », « mi- », « fin » of the month that begins at ``start``; days inclusive."""
    end = month_end(start.year, start.month)
    if "quinzaine" in part:
        if part.startswith(("p", "1")):
            return start, start.replace(day=14)
        return start.replace(day=15), end
    if part == "debut":
        return start, start.replace(day=5)
    if part in ("mi", "milieu"):
        return start.replace(day=10), start.replace(day=19)
    if part == "fin":
        return start.replace(day=21), end
    return start, end


def find_periods(folded: str, context: date | None, reference: date | None, lean: int = NEAREST) -> Iterator[Period]:
    """Periods and relative days. ``context`` gives missing years, ``reference`` is needed by « demain »."""
    yield from _months(folded, context, lean)
    yield from _parts_of_year(folded, context, lean)
    yield from _weeks_of_month(folded, context, lean)
    if reference is not None:
        yield from _relative(folded, reference)


def _scan(pattern: re.Pattern[str], folded: str, words: tuple[str, ...]) -> Iterator[re.Match[str]]:
    """Matches of ``pattern``, which needs one of ``words``: looking for a word is much quicker than for a pattern."""
    return pattern.finditer(folded) if any(word in folded for word in words) else iter(())


def _int(text: str | None) -> int | None:
    return int(text) if text else None


def _months(folded: str, context: date | None, lean: int) -> Iterator[Period]:
    for match in _MONTH_RANGE.finditer(folded):
        first, last = month_of(match["m1"] or match["m3"]), month_of(match["m2"])
        year = _int(match["y2"])
        first_year = _int(match["y1"] or match["y3"])
        if year is None and first_year is not None:
            year = first_year + (first > last)
        if year is None and match["m3"]:
            continue  # « mars-avril » in a list of words: too little to go by
        span = _year_around(first, last, context, side_of(folded, match.start(), match.end(), lean), year)
        if span is not None:
            yield Period(*span, match.start(), match.end(), "month", 0.6 if year is None else 0.8, year is not None)
    for match in _MONTH.finditer(folded):
        year = _int(match["y"])
        if year is None and not match["part"] and not match["lead"]:
            continue
        month = month_of(match["m"])
        side = side_of(folded, match.start(), match.end(), lean)
        span = _year_around(month, month, context, side, year)
        if span is None:
            continue
        if match["part"]:
            span = part_of_month(span[0], match["part"])
        yield Period(*span, match.start(), match.end(), "month", 0.5 if year is None else 0.7, year is not None)


def season(year: int, name: str) -> tuple[date, date]:
    """First and last day of a season that begins in ``year``; winter ends in the following one."""
    names = list(SEASONS)
    following = names[(names.index(name) + 1) % 4]
    start = date(year, *SEASONS[name])
    end = date(year + (name == "hiver"), *SEASONS[following]) - timedelta(days=1)
    return start, end


def _parts_of_year(folded: str, context: date | None, lean: int) -> Iterator[Period]:
    for match in _HALF.finditer(folded):
        rank = int(match["n"]) if match["n"] else ORDINALS[match["o"]]
        months = 6 if match["u"] == "semestre" or match["c"] == "s" else 3
        count = 12 // months
        year = _int(match["y"] or match["cy"])
        if rank > count or (year is None and context is None):
            continue
        rank = count if rank == -1 else rank
        side = side_of(folded, match.start(), match.end(), lean)
        span = _year_around((rank - 1) * months + 1, rank * months, context, side, year)
        if span is not None:
            grain = "semester" if months == 6 else "quarter"
            yield Period(*span, match.start(), match.end(), grain, 0.6 if year else 0.4, year is not None)
    for match in _scan(_SEASON, folded, tuple(SEASONS)):
        year = _int(match["y"])
        if year is not None:
            yield Period(*season(year, match["s"]), match.start(), match.end(), "season", 0.5, True)
        elif context is not None and _SEASON_LEAD.search(folded[max(0, match.start() - 8) : match.start()]):
            side = FUTURE if match["rel"] == "prochain" else PAST if match["rel"] else lean
            spans = (season(context.year + shift, match["s"]) for shift in (-1, 0, 1))
            yield Period(*_choose(spans, context, side), match.start(), match.end(), "season", 0.3, False)
    yield from _whole_years(folded, context, lean)
    for match in _scan(_FEAST, folded, _FEASTS):
        year = _int(match["y"])
        if year is None and context is None:
            continue
        years = [year] if year is not None else [context.year + shift for shift in (-1, 0, 1)] if context else []
        days = [feast_day(match["f"], y) for y in years]
        side = side_of(folded, match.start(), match.end(), lean)
        day = days[0] if context is None else _choose(((d, d) for d in days), context, side)[0]
        yield Period(day, day, match.start(), match.end(), "day", 0.2, year is not None)


def _whole_years(folded: str, context: date | None, lean: int) -> Iterator[Period]:
    """« fin 2026 », « d'ici la fin de l'année », « à la rentrée »."""
    for match in _YEAR_PART.finditer(folded):
        year = _int(match["y"])
        if year is None and context is not None:
            year = context.year + (match["z"] is not None)
        if year is not None:
            first, last = _PARTS_OF_YEAR[match["p"] or match["q"]]
            span = date(year, first, 1), month_end(year, last)
            yield Period(*span, match.start(), match.end(), "quarter", 0.3, match["y"] is not None)
    for match in _scan(_RENTREE, folded, ("rentree",)):
        year = _int(match["y"])
        if year is None and context is None:
            continue
        month = _year_around(9, 9, context, side_of(folded, match.start(), match.end(), lean), year)
        if month is not None:
            yield Period(*month, match.start(), match.end(), "month", 0.3, year is not None)


def _nth_in_month(month_start: date, rank: int, unit: str) -> tuple[date, date]:
    """« premier mercredi », « dernière semaine », « premier week-end » of a month; weeks begin on Monday."""
    end = month_end(month_start.year, month_start.month)
    weekday = 0 if unit == "semaine" else 5 if unit.startswith("week") else weekday_of(unit)
    if rank == -1:
        day = end - timedelta(days=(end.weekday() - weekday) % 7)
        if unit == "semaine" and day + timedelta(days=6) > end:
            day -= timedelta(days=7)
    else:
        day = month_start + timedelta(days=(weekday - month_start.weekday()) % 7 + 7 * (rank - 1))
    length = 7 if unit == "semaine" else 2 if unit.startswith("week") else 1
    return day, day + timedelta(days=length - 1)


def _weeks_of_month(folded: str, context: date | None, lean: int) -> Iterator[Period]:
    for match in _scan(_WEEK_OF, folded, ("semaine du",)):
        year = _int(match["y"])
        part = PartialDay(day_of(match["d"]), month_of(match["m"]), year)
        complete = complete_span(part, part, context, side_of(folded, match.start(), match.end(), lean))
        if complete is not None:
            end = complete[0] + timedelta(days=6 - complete[0].weekday())
            yield Period(complete[0], end, match.start(), match.end(), "week", 0.7, year is not None)
    for match in _scan(_WEEKEND_OF, folded, ("week",)):
        year = _int(match["y"])
        part = PartialDay(day_of(match["d"]), month_of(match["m"]), year)
        complete = complete_span(part, part, context, side_of(folded, match.start(), match.end(), lean))
        if complete is not None and complete[0].weekday() >= 4:
            end = complete[0] + timedelta(days=6 - complete[0].weekday())
            yield Period(complete[0], end, match.start(), match.end(), "day", 0.7, year is not None)
    for match in _NTH_WEEK.finditer(folded):
        year = _int(match["y"])
        if match["m"] == "mois prochain":
            if context is None:
                continue
            start = month_end(context.year, context.month) + timedelta(days=1)
        else:
            month = month_of(match["m"])
            span = _year_around(month, month, context, lean, year)
            if span is None:
                continue
            start = span[0]
        first, last = _nth_in_month(start, ORDINALS[match["o"]], match["u"])
        grain = "week" if match["u"] == "semaine" else "day"
        yield Period(first, last, match.start(), match.end(), grain, 0.6, year is not None)


def _relative(folded: str, reference: date) -> Iterator[Period]:
    for match in _scan(_RELATIVE_DAY, folded, ("hier", "aujourd", "demain", "ce jour")):
        day = reference + timedelta(days=_DAYS[match["w"]])
        yield Period(day, day, match.start(), match.end(), "day", 0.3, False, relative=True)
    monday = reference - timedelta(days=reference.weekday())
    for match in _RELATIVE_WEEKDAY.finditer(folded):
        weekday = weekday_of(match["w1"] or match["w2"] or match["w3"])
        if match["w3"]:
            day = monday + timedelta(days=weekday + _SHIFT[match["week"]])
        elif match["this"]:
            day = _nearest_weekday(reference, weekday)
        elif match["rel"] == "dernier":
            day = reference - timedelta(days=(reference.weekday() - weekday - 1) % 7 + 1)
        else:
            # « lundi en huit » counts from the Monday to come, today included; « lundi prochain » is never today.
            weeks = {"en huit": 1, "en 8": 1, "en quinze": 2, "en 15": 2}.get(match["rel"], 0)
            ahead = (weekday - reference.weekday()) % 7
            day = reference + timedelta(days=ahead + 7 * (weeks or (ahead == 0)))
            if match["rel"] == "d'apres" and ahead and day < monday + timedelta(days=7):
                day += timedelta(days=7)
        yield Period(day, day, match.start(), match.end(), "day", 0.4, False, relative=True)
    for match in _scan(_WEEK, folded, ("semaine",)):
        start = monday + timedelta(days=_SHIFT[match["rel"]])
        yield Period(start, start + timedelta(days=6), match.start(), match.end(), "week", 0.2, False, relative=True)


def _nearest_weekday(reference: date, weekday: int) -> date:
    """« ce jeudi »: the one within three days, either side."""
    ahead = (weekday - reference.weekday()) % 7
    return reference + timedelta(days=ahead if ahead <= 3 else ahead - 7)
