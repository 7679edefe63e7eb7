"""A whole French time phrase -> a span of time: ``resolve_phrase``.

Where ``dates.find_dates`` picks days out of a text, this reads one phrase that
is nothing but a time (« jeudi mais entre 9h30 et 11h », « 3 heures du matin »,
« mardi en huit »): what a reviewer may type, and how the grammar is measured.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from curation.decide.date_grammar import NUMBERS, DateMention, alternatives, fold
from curation.decide.phrase_days import Days, as_mention, days_of
from curation.decide.times import search_clock

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


_TODAY = re.compile(r"\b(?:cet?|cette|aujourd'hui)\b")
_WEEKEND = re.compile(r"\bweek-?end\b(?! d(?:u|es) [0-9])")


def _without_hours(folded: str) -> tuple[str, tuple[int, int] | None, time | None, time | None]:
    """The phrase without its hours, the part of the day, and the hours."""
    rest = folded
    part: tuple[int, int] | None = None
    match = _DAY_PART.search(rest)
    if match and match.lastgroup:
        part = _PARTS_OF_DAY[int(match.lastgroup[1:])][1:]
        rest = rest[: match.start()] + " " + rest[match.end() :]
    rest, start, end = _clock_of(rest)
    return re.sub(r"\s+", " ", rest).strip(" ,"), part, start, end


def _dated(folded: str, reference: datetime) -> Span | None:
    rest, part, start, end = _without_hours(folded)
    days = days_of(rest, reference.date())
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
    if _WEEKEND.search(rest):
        first -= timedelta(hours=6)  # a week-end begins on Friday evening
    return first, _midnight(days[1], reference) + timedelta(days=1)


#: A phrase inside a text is looked for over this many words.
_SLOT_WORDS = 9
_SLOT = re.compile(rf"[^\s.;:!?()|\n]+(?:(?:\s|\.(?=\s?[0-9a-z])|:(?=[0-9]))[^\s.;!?()|\n]+){{0,{_SLOT_WORDS - 1}}}")


def read_slot(folded: str, position: int, today: date) -> DateMention | None:
    """The longest time phrase that begins at ``position`` of a folded text and names a day; None where there is none.

    For the place where an announcement says when (after « aura lieu », « Date : »): there « lundi », « le 16 à 18h »,
    « ce soir » are days, which anywhere else would be too little to go by.
    """
    match = _SLOT.match(folded, position)
    if match is None:
        return None
    cuts = [position + space.start() for space in re.finditer(r"\s|$", match.group())]
    for end in reversed(cuts):
        phrase = re.sub(r"\s+", " ", folded[position:end]).strip(" ,.")
        days = _slot_days(phrase, today)
        if days is not None:
            return as_mention(days, position, end)
    return None


def _slot_days(phrase: str, today: date) -> Days | None:
    rest, part, _, _ = _without_hours(phrase)
    days = days_of(rest, today)
    if days is None and part is not None and _TODAY.search(rest) and not _FILLER.sub("", rest):
        return today, today  # « ce soir »
    return days
