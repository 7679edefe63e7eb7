"""The days named by a phrase that is nothing but a time, its hours taken away: ``days_of``.

« le 20 », « mardi en huit », « fin du mois », « le lendemain du 13 octobre », « 20 02 2014 ». A day without a month or
a year, and a weekday, are the next ones to come. Works on folded text; days are inclusive.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from curation.decide.date_grammar import (
    DAY_NUMBER,
    DAY_WORD,
    FUTURE,
    MONTH,
    NUMBERS,
    SEASONS,
    WEEKDAY,
    DateMention,
    PartialDay,
    complete_span,
    day_of,
    make_date,
    month_end,
    weekday_of,
)
from curation.decide.dates import find_dates
from curation.decide.periods import season
from curation.french_calendar import SHORT_DAYS

Days = tuple[date, date]
_WEEK = 7

#: What may stand beside the words that name the day.
_FILLER = re.compile(
    r"\b(?:les?|la|l'|a|aux?|du|des?|d'|dans|vers|mais|entre|en|cette|cet|ce|alentours|partir|compter|pendant|durant"
    r"|apres|avant|jusqu'au?|plus tard que|jour(?:nee)?|toute|tout|courant|date)\b|(?:\b[ld]')|[,'.\s]+"
)
#: What is left before or after the day once its hours are taken away.
_TAIL = re.compile(r"(?:\s(?:a partir|a|de|du|des|entre|dans|vers|mais|aux alentours|en|pendant|le|l'|la|cet?|et|,))+$")
_HEAD = re.compile(rf"^(?:de|a|dans la|en) (?=le\b|{WEEKDAY})")
_TYPED = re.compile(
    r"(?:le )?(?P<d>3[01]|[12][0-9]|0?[1-9]) (?P<m>1[0-2]|0?[1-9])(?: (?P<y>(?:19"
    r"|20)?[0-9]{2}))?(?![0-9h])"
)
_SLASHED = re.compile(r"(?P<d>3[01]|[12][0-9]|0?[1-9])/(?P<m>1[0-2]|0?[1-9])(?P<y>)")
_SHORT_YEAR = re.compile(rf"(?P<m>{MONTH}) (?P<y>[0-9]{{2}})$")
_BARE_DAYS = re.compile(
    rf"(?:(?P<lead>du|le|les|entre le|a partir du|a compter du|des le|jusqu'au|avant le|apres le|au)\s)?"
    rf"(?:(?P<wd>{WEEKDAY})\s)?(?P<d>{DAY_NUMBER}|{DAY_WORD})(?:\s?(?:au|et|et le|-)\s?(?P<e>{DAY_NUMBER}|{DAY_WORD}))?"
    r"(?:\s(?P<month>du mois(?: prochain)?|de ce mois))?"
)
_WEEKDAY_ALONE = re.compile(
    rf"(?:(?:le|ce|des|du|jusqu'au?|avant|a partir de)\s)*(?P<wd>{WEEKDAY}|{'|'.join(SHORT_DAYS)})"
    r"(?: (?:mais|entre|de|a|dans|vers|a partir de|des))*(?: l')?"
)
_THIS = re.compile(
    r"(?:(?:pendant|durant|au cours de|courant|dans|d'ici|tout|toute|en) )*(?P<w>le|la|ce|cette|l')\s?"
    r"(?P<u>week-?end|semaine|mois|annee)(?: (?P<s>dernier|derniere|prochain|prochaine|suivante?|passee?|d'apres))?"
)
_UNIT_PART = re.compile(
    r"(?:a la |la |au |en |le |d'ici |d'ici la |avant la |des le )?(?P<p>debut|milieu|fin)(?: de cette| de ce| de la"
    r"| de l'| de| du| d')?\s?(?P<u>semaine|mois|annee)"
)
_LAST_DAY = re.compile(rf"(?:le )?dernier jour (?:de |d'|du mois de |du mois d')(?P<rest>{MONTH}.*)")
_FROM_NOW = re.compile(r"(?:dans|sous|d'ici)(?: a)? (?P<n>[0-9]{1,3}|un|une|deux|trois|quatre|cinq|six|huit|dix|quinze)"
                       r" (?P<u>jours?|semaines?|mois|ans?)")  # fmt: skip
_ALONE = {"la veille": -1, "le jour precedent": -1, "le jour d'avant": -1, "le lendemain": 1, "un jour apres": 1,
          "le jour d'apres": 1, "le jour suivant": 1, "en ce moment": 0, "maintenant": 0, "ce jour": 0}  # fmt: skip


def days_of(rest: str, today: date) -> Days | None:
    """First and last day named by ``rest``; None unless every word of it is understood."""
    if rest in _ALONE:
        day = today + timedelta(days=_ALONE[rest])
        return day, day
    shift = 0
    after = re.match(r"(?:le |la )?(lendemain|veille) (?:du|de) ", rest)
    if after:
        shift, rest = (1 if after[1] == "lendemain" else -1), "le " + rest[after.end() :]
    rest = _TAIL.sub("", rest)
    rest = _HEAD.sub("", rest).strip(" ,")
    rest = re.sub(r"(\d)(?:e|eme) jour (?:de |d')", r"\1 ", rest)
    last_day = _LAST_DAY.fullmatch(rest)
    if last_day:
        rest = "en " + last_day["rest"]
    found = _unit_days(rest, today) or _typed_days(rest, today) or _written_days(rest, today) or _bare_days(rest, today)
    if found is None:
        return None
    if last_day:
        found = found[1], found[1]
    return found[0] + timedelta(days=shift), found[1] + timedelta(days=shift)


def _written_days(rest: str, today: date) -> Days | None:
    """What ``find_dates`` reads, where it leaves nothing but small words."""
    text = _SHORT_YEAR.sub(_long_year, rest)
    mentions = find_dates(text, today, lean=FUTURE)
    if not mentions:
        return None
    # A span named by month, or by days and weeks; the longest is the most complete reading.
    best = max(mentions, key=lambda m: (m.certainty >= 0.4, m.end_offset - m.start_offset))
    left = text[: best.start_offset] + " " + text[best.end_offset :]
    return None if _FILLER.sub("", left) else (best.start, best.end)


def _long_year(match: re.Match[str]) -> str:
    year = int(match["y"])
    return f"{match['m']} {year + (2000 if year < 70 else 1900)}"


def _typed_days(rest: str, today: date) -> Days | None:
    """« 20 02 2014 », « le 31 10 »: a day as typed in haste."""
    match = _TYPED.fullmatch(rest) or _SLASHED.fullmatch(rest)
    if match is None:
        return None
    year = int(match["y"]) if match["y"] else None
    if year is not None and year < 100:
        year += 2000 if year < 70 else 1900
    part = PartialDay(int(match["d"]), int(match["m"]), year)
    span = complete_span(part, part, today, FUTURE)
    return span[:2] if span else None


def _next_day_number(number: int, today: date) -> date | None:
    for shift in range(13):
        year, month0 = divmod(today.year * 12 + today.month - 1 + shift, 12)
        day = make_date(year, month0 + 1, number)
        if day is not None and day >= today:
            return day
    return None


def _bare_days(rest: str, today: date) -> Days | None:
    """« le 20 », « du 13 au 18 », « lundi »: the next to come."""
    alone = _WEEKDAY_ALONE.fullmatch(rest)
    if alone:
        day = today + timedelta(days=(weekday_of(alone["wd"]) - today.weekday() - 1) % 7 + 1)
        return day, day
    match = _BARE_DAYS.fullmatch(rest)
    if match is None or not (match["lead"] or match["wd"] or match["e"]):
        return None
    if match["month"] == "du mois prochain":
        today = month_end(today.year, today.month) + timedelta(days=1)
    start = _next_day_number(day_of(match["d"]), today)
    if start is None or match["e"] is None:
        return (start, start) if start else None
    end = _next_day_number(day_of(match["e"]), start)
    return (start, end) if end else None


def _unit_days(rest: str, today: date) -> Days | None:
    """« début du mois », « le mois dernier », « ce week-end », « cet hiver », « dans quinze jours »."""
    match = _UNIT_PART.fullmatch(rest)
    if match:
        return _part_of_unit(match["p"], match["u"], today)
    match = _THIS.fullmatch(rest)
    if match:
        return _this_unit(match["w"], match["u"], match["s"] or "", today)
    match = _FROM_NOW.fullmatch(rest)
    if match:
        count = NUMBERS.get(match["n"]) or int(match["n"])
        step = {"j": "days", "s": "weeks", "m": "months", "a": "years"}[match["u"][0]]
        try:
            day = today + (relativedelta(months=count) if step == "months" else relativedelta(years=count)
                           if step == "years" else timedelta(**{step: count}))  # fmt: skip
        except (OverflowError, ValueError):
            return None
        return day, day
    match = re.fullmatch(rf"(?:en |pendant |durant )?(?:cet |ce |cette |l'|le )({'|'.join(SEASONS)})", rest)
    if match:
        spans = [season(today.year + shift, match[1]) for shift in (-1, 0, 1)]
        return next(span for span in spans if span[1] >= today)
    return None


def _part_of_unit(part: str, unit: str, today: date) -> Days:
    monday = today - timedelta(days=today.weekday())
    if unit == "semaine":
        low, high = {"debut": (0, 1), "milieu": (2, 3), "fin": (3, 6)}[part]
        return monday + timedelta(days=low), monday + timedelta(days=high)
    if unit == "mois":
        low, high = {"debut": (1, 10), "milieu": (10, 20), "fin": (21, 31)}[part]
        first = today.replace(day=1)
        if today.day > high:
            first = month_end(today.year, today.month) + timedelta(days=1)
        last = month_end(first.year, first.month)
        return first.replace(day=low), first.replace(day=min(high, last.day))
    months = {"debut": (1, 2), "milieu": (5, 8), "fin": (11, 12)}[part]
    return date(today.year, months[0], 1), month_end(today.year, months[1])


def _this_unit(word: str, unit: str, shift: str, today: date) -> Days | None:
    """« ce mois », « la semaine prochaine », « le week-end dernier »; « le mois » alone says too little."""
    if not shift and word not in ("ce", "cette") and not unit.startswith("week"):
        return None
    step = 0 if not shift else -1 if shift.startswith(("dernier", "pass")) else 1
    monday = today - timedelta(days=today.weekday())
    if unit == "semaine":
        return monday + timedelta(days=7 * step), monday + timedelta(days=7 * step + 6)
    if unit.startswith("week"):
        return monday + timedelta(days=7 * step + 5), monday + timedelta(days=7 * step + 6)
    if unit == "mois":
        first = today.replace(day=1) + relativedelta(months=step)
        return first, month_end(first.year, first.month)
    return date(today.year + step, 1, 1), date(today.year + step, 12, 31)


def as_mention(days: Days, start: int, end: int) -> DateMention:
    """A phrase read in place, as a mention of the text around it."""
    grain = "day" if (days[1] - days[0]).days < _WEEK else "month"
    return DateMention(*days, start, end, 0.6, grain, relative=True)
