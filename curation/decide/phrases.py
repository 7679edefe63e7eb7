"""A whole French time phrase -> a span of time: ``resolve_phrase``.

Where ``dates.find_dates`` picks days out of a text, this reads one phrase that
is nothing but a time (« jeudi mais entre 9h30 et 11h », « 3 heures du matin »,
« mardi en huit »): what a reviewer may type, and how the grammar is measured.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from curation.decide.date_grammar import (
    DAY_NUMBER,
    DAY_WORD,
    FUTURE,
    MONTH,
    NUMBERS,
    SEASONS,
    WEEKDAY,
    PartialDay,
    alternatives,
    complete_span,
    day_of,
    fold,
    make_date,
    month_end,
    weekday_of,
)
from curation.decide.dates import find_dates
from curation.decide.periods import season
from curation.decide.times import search_clock
from curation.french_calendar import SHORT_DAYS

Span = tuple[datetime, datetime]

#: Parts of the day, in hours; the first pattern that is met wins.
_PARTS_OF_DAY: tuple[tuple[str, int, int], ...] = (
    (r"(?:tres )?tot le matin|le matin (?:tres )?tot|debut de (?:la )?matinee", 7, 9),
    (r"milieu de (?:la )?matinee", 9, 11),
    (r"fin de (?:la )?matinee", 10, 12),
    (r"debut de (?:la )?journee", 6, 10),
    (r"milieu de (?:la )?journee", 11, 16),
    (r"fin de (?:la )?journee|apres le travail", 17, 21),
    (r"(?:pendant |a )?(?:le |l'heure du )?dejeuner", 12, 14),
    (r"debut d(?:e l)?'apres-midi", 12, 14),
    (r"milieu d(?:e l)?'apres-midi", 14, 17),
    (r"fin d(?:e l)?'apres-midi", 17, 19),
    (r"debut de (?:la )?soiree", 18, 21),
    (r"fin de (?:la )?soiree", 21, 24),
    (r"apres-midi", 12, 19),
    (r"soiree|soir", 18, 24),
    (r"matinee|matin", 4, 12),
)
_DAY_PART = re.compile(
    "|".join(rf"(?P<p{i}>(?<![a-z])(?:{pattern})(?![a-z]))" for i, (pattern, _, _) in enumerate(_PARTS_OF_DAY))
)
_NUMBER = rf"(?:[0-9]{{1,3}}|{alternatives(NUMBERS)})"
_UNITS = {"seconde": "seconds", "minute": "minutes", "min": "minutes", "heure": "hours", "jour": "days",
          "semaine": "weeks", "mois": "months", "an": "years", "annee": "years"}  # fmt: skip
_UNIT = rf"(?P<u>{alternatives(_UNITS)})s?"
_DURATION = re.compile(rf"(?P<w>dans|d'ici|il y a) (?P<n>{_NUMBER}) {_UNIT}")
_RUN = re.compile(
    rf"(?:les )?(?P<n>{_NUMBER}) (?:(?P<r>prochaine?s|dernier[es]*|suivante?s) {_UNIT}"
    rf"|{_UNIT.replace('<u>', '<v>')} (?P<s>suivante?s|prochaine?s))"
)
_SPELT_HOUR = re.compile(
    rf"(?<![a-z0-9])(?P<h>{_NUMBER}) heures?(?: (?P<m>et quart|et demie?|trois quarts|{_NUMBER}))?(?![a-z0-9])"
)
_NOON = re.compile(r"(?<![a-z])(?P<w>midi|minuit) (?P<m>et demie?|et quart|[a-z-]+)(?![a-z])")
_MINUTES = {"et quart": 15, "et demi": 30, "et demie": 30, "trois quarts": 45}
_FILLER = re.compile(
    r"\b(?:le|la|l'|a|au|aux|du|de|dans|des|vers|mais|entre|en|cet|ce|alentours|partir"
    r"|plus tard que|jour)\b|[,'\s]+"
)
_TYPED = re.compile(
    r"(?:le )?(?P<d>3[01]|[12][0-9]|0?[1-9]) (?P<m>1[0-2]|0?[1-9])(?: (?P<y>(?:19"
    r"|20)?[0-9]{2}))?(?![0-9h])"
)
_SLASHED = re.compile(r"(?P<d>3[01]|[12][0-9]|0?[1-9])/(?P<m>1[0-2]|0?[1-9])(?P<y>)")
_SHORT_YEAR = re.compile(rf"(?P<m>{MONTH}) (?P<y>[0-9]{{2}})$")
_BARE_DAYS = re.compile(
    rf"(?:(?:du|le|entre le|a partir du|des le|jusqu'au|au)\s)?(?:(?P<wd>{WEEKDAY})\s)?(?P<d>{DAY_NUMBER}"
    rf"|{DAY_WORD})(?:\s(?:au|et le|-)\s(?P<e>{DAY_NUMBER}|{DAY_WORD}))?"
)
_UNIT_PART = re.compile(
    r"(?:a la |au |en )?(?P<p>debut|milieu|fin)(?: de| du| de la| de l'"
    r"| d')?\s?(?P<u>semaine|mois|annee)"
)
_UNIT_SHIFT = re.compile(
    r"(?:le |la |l')(?P<u>semaine|mois|annee|an) (?P<s>dernier|derniere|prochain|prochaine"
    r"|suivante?|passee?)"
)
_ALONE = {"la veille": -1, "le jour precedent": -1, "le jour d'avant": -1, "le lendemain": 1, "un jour apres": 1,
          "le jour d'apres": 1, "le jour suivant": 1, "en ce moment": 0, "maintenant": 0}  # fmt: skip


def _number(text: str) -> int:
    return int(text) if text.isdigit() else NUMBERS[text]


def _midnight(day: date, reference: datetime) -> datetime:
    return datetime.combine(day, time(0), reference.tzinfo)


def _shifted(reference: datetime, unit: str, count: int) -> datetime:
    kind = _UNITS[unit]
    if kind in ("seconds", "minutes", "hours"):
        return reference + timedelta(**{kind: count})
    step = {kind: count}
    return reference + relativedelta(
        days=step.get("days", 0), weeks=step.get("weeks", 0), months=step.get("months", 0), years=step.get("years", 0)
    )


def resolve_phrase(text: str, reference: datetime) -> Span | None:
    """The span named by ``text`` alone, ``end`` excluded, in the time zone of ``reference``; None if unread.

    A day without a year, a weekday and an hour are the next ones to come.
    """
    folded = re.sub(r"\s+", " ", fold(text[:200])).strip(" .")
    try:
        return _lasting(folded, reference) or _dated(folded, reference)
    except OverflowError:
        return None


def _floor(moment: datetime, unit: str) -> datetime:
    kind = _UNITS[unit]
    if kind == "seconds":
        return moment.replace(microsecond=0)
    if kind == "minutes":
        return moment.replace(second=0, microsecond=0)
    if kind == "hours":
        return moment.replace(minute=0, second=0, microsecond=0)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if kind == "weeks":
        return midnight - timedelta(days=midnight.weekday())
    if kind == "months":
        return midnight.replace(day=1)
    return midnight.replace(month=1, day=1) if kind == "years" else midnight


def _lasting(folded: str, reference: datetime) -> Span | None:
    """« dans 24 heures », « il y a trois semaines », « 3 prochaines heures »."""
    match = _DURATION.fullmatch(folded)
    if match:
        count = _number(match["n"])
        unit = match["u"]
        target = _shifted(reference, unit, -count if match["w"] == "il y a" else count)
        if unit in ("jour", "semaine"):
            target = _floor(target, "jour")
        elif unit in ("mois", "an", "annee"):
            target = _floor(target, "mois")
        return (reference, target) if match["w"] == "d'ici" else (target, _shifted(target, "min", 1))
    match = _RUN.fullmatch(folded)
    if match:
        unit, count = match["u"] or match["v"], _number(match["n"])
        base = _floor(reference, unit)
        if (match["r"] or "").startswith("dernier"):
            return _shifted(base, unit, -count), base
        following = _shifted(base, unit, 1)
        return following, _shifted(following, unit, count)
    return None


def _clock_of(folded: str) -> tuple[str, time | None, time | None]:
    """The hour of the phrase, and the phrase without it."""
    match = _NOON.search(folded)
    if match and (match["m"] in _MINUTES or match["m"] in NUMBERS):
        minutes = _MINUTES.get(match["m"]) or NUMBERS[match["m"]]
        start = time(12 if match["w"] == "midi" else 0, minutes)
        return folded[: match.start()] + folded[match.end() :], start, None
    clock = search_clock(folded)
    if clock is not None:
        rest = folded[: clock.start_offset] + " " + folded[clock.end_offset :]
        start = clock.start
        late = re.search(r"\bpasse de (\d{1,2}) minutes?", rest)
        if late:
            rest = rest[: late.start()] + rest[late.end() :]
            start = start.replace(minute=min(59, start.minute + int(late[1])))
        return rest, start, clock.end
    match = _SPELT_HOUR.search(folded)
    if match and _number(match["h"]) <= 24:
        minutes = 0 if match["m"] is None else _MINUTES.get(match["m"], 0) or min(59, _number_or_zero(match["m"]))
        return folded[: match.start()] + folded[match.end() :], time(_number(match["h"]) % 24, minutes), None
    return folded, None, None


def _number_or_zero(text: str) -> int:
    return _number(text) if text.isdigit() or text in NUMBERS else 0


def _dated(folded: str, reference: datetime) -> Span | None:
    rest = folded
    part: tuple[int, int] | None = None
    match = _DAY_PART.search(rest)
    if match and match.lastgroup:
        part = _PARTS_OF_DAY[int(match.lastgroup[1:])][1:]
        rest = rest[: match.start()] + " " + rest[match.end() :]
    rest, start, end = _clock_of(rest)
    rest = re.sub(r"\s+", " ", rest).strip(" ,")
    days = _days(rest, reference.date())
    floating = False
    if days is None:
        if _FILLER.sub("", rest) or (part is None and start is None):
            return None
        days = (reference.date(), reference.date())
        floating = True
    first = _midnight(days[0], reference)
    if start is not None:
        hour = start.hour + (12 if part and part[0] >= 12 and 0 < start.hour < 12 else 0)
        moment = first.replace(hour=hour, minute=start.minute)
        if floating and moment < reference and rest != "aujourd'hui":
            moment += timedelta(days=1)
        stop = moment + timedelta(hours=1) if end is None else moment.replace(hour=end.hour, minute=end.minute)
        return moment, stop if stop > moment else stop + timedelta(days=1)
    if part is not None:
        return first + timedelta(hours=part[0]), first + timedelta(hours=part[1])
    return first, _midnight(days[1], reference) + timedelta(days=1)


def _days(rest: str, today: date) -> tuple[date, date] | None:
    """The days, both inclusive, named by what is left of the phrase."""
    if rest in _ALONE:
        day = today + timedelta(days=_ALONE[rest])
        return day, day
    shift = 0
    after = re.match(r"(?:le )?(lendemain|veille) (?:du|de) ", rest)
    if after:
        shift, rest = (1 if after[1] == "lendemain" else -1), "le " + rest[after.end() :]
    rest = re.sub(r"\b(?:a partir|de|entre|a|dans|vers|mais)$", "", rest).strip()
    rest = re.sub(r"^de (?=" + WEEKDAY + r"$)", "", rest)
    rest = re.sub(r"(\d)(?:e|eme) jour (?:de |d')", r"\1 ", rest)
    found = _unit_days(rest, today) or _typed_days(rest, today)
    if found is None:
        mentions = find_dates(_SHORT_YEAR.sub(_long_year, rest), today, lean=FUTURE)
        # A span named by month, or by days and weeks; the longest is the most complete reading.
        best = max(mentions, key=lambda m: (m.certainty >= 0.4, m.end_offset - m.start_offset), default=None)
        found = (best.start, best.end) if best else _bare_days(rest, today)
    if found is None:
        return None
    return found[0] + timedelta(days=shift), found[1] + timedelta(days=shift)


def _long_year(match: re.Match[str]) -> str:
    year = int(match["y"])
    return f"{match['m']} {year + (2000 if year < 70 else 1900)}"


def _typed_days(rest: str, today: date) -> tuple[date, date] | None:
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


def _bare_days(rest: str, today: date) -> tuple[date, date] | None:
    """« le 20 », « du 13 au 18 », « lundi »: the next to come."""
    alone = re.fullmatch(
        rf"(?:le )?(?P<wd>{WEEKDAY}|{'|'.join(SHORT_DAYS)})(?: mais)?(?: (?:a partir de"
        rf"|entre|de|a|dans|vers))?(?: l')?",
        rest,
    )
    if alone:
        day = today + timedelta(days=(weekday_of(alone["wd"]) - today.weekday() - 1) % 7 + 1)
        return day, day
    match = _BARE_DAYS.match(rest)
    if match is None:
        return None
    start = _next_day_number(day_of(match["d"]), today)
    if start is None or match["e"] is None:
        return (start, start) if start else None
    end = _next_day_number(day_of(match["e"]), start)
    return (start, end) if end else None


def _unit_days(rest: str, today: date) -> tuple[date, date] | None:
    """« début du mois », « fin d'année », « le mois dernier », « cet hiver »."""
    monday = today - timedelta(days=today.weekday())
    match = _UNIT_PART.fullmatch(rest)
    if match:
        unit, part = match["u"], match["p"]
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
    match = _UNIT_SHIFT.fullmatch(rest)
    if match:
        step = -1 if match["s"].startswith(("dernier", "pass")) else 1
        if match["u"] == "semaine":
            return monday + timedelta(days=7 * step), monday + timedelta(days=7 * step + 6)
        if match["u"] == "mois":
            first = today.replace(day=1) + relativedelta(months=step)
            return first, month_end(first.year, first.month)
        return date(today.year + step, 1, 1), date(today.year + step, 12, 31)
    match = re.fullmatch(rf"(?:cet|ce|cette) ({'|'.join(SEASONS)})", rest)
    if match:
        spans = [season(today.year + shift, match[1]) for shift in (-1, 0, 1)]
        return next(span for span in spans if span[1] >= today)
    return None
