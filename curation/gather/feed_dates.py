"""Dates of feeds -> aware UTC datetimes, or nothing and a note that says why.

feedparser reads RFC 822, W3C-DTF and the formats of old software; what it leaves is tried here: French month names
(« jeudi 20 août 2026 à 8h30 »), day-first figures, then dateutil. A date without a zone is Paris time when it was
written in French, UTC otherwise (as feedparser does); a day without a time is midnight UTC: the day stays the same.
"""

from __future__ import annotations

import re
import warnings
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil import parser as dateutil_parser

from curation.french_calendar import MONTHS, MONTHS_AS_WRITTEN

PARIS = ZoneInfo("Europe/Paris")
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=2)

NOTE_FUTURE = "date future écartée"
NOTE_OLD = "date trop ancienne écartée"
NOTE_IMPOSSIBLE = "date impossible écartée"

#: With the names that software writes in English between two words of French.
_ENGLISH = {"feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8}
_MONTHS = {**MONTHS_AS_WRITTEN, **MONTHS, **_ENGLISH, "aoû": 8}
_FRENCH = re.compile(
    r"(?<!\d)(\d{1,2})(?:er)?[\s.-]+(" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?[\s.,-]+(\d{4})"
    r"(?:\D{1,12}?(\d{1,2})\s?[h:]\s?(\d{2})?(?::(\d{2}))?)?\s*([+-]\d{2}:?\d{2}|Z|GMT|UTC?|CES?T|MES?T)?",
    re.IGNORECASE,
)
_FIGURES = re.compile(
    r"^\D{0,12}(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?:\D{1,6}(\d{1,2})[h:](\d{2})?(?::(\d{2}))?)?"
    r"\s*([+-]\d{2}:?\d{2}|Z|GMT|UTC?|CES?T)?",
    re.IGNORECASE,
)
_ZONES = {"z": 0, "gmt": 0, "ut": 0, "utc": 0, "cet": 60, "met": 60, "cest": 120, "mest": 120}
#: Zones feedparser takes for UTC.
_EUROPEAN = re.compile(r"\b(?:CES?T|MES?T)\b")


def feed_date(parsed: object, raw: object, now: datetime) -> tuple[datetime | None, str | None]:
    """Date of an entry: (UTC datetime or None, note in French or None).

    ``parsed`` is feedparser's 9-tuple (or None), ``raw`` the text of the feed. Before 1990 or more than two days after
    ``now`` a date is dropped: it would rank its entry wrongly.
    """
    text = raw.strip()[:100] if isinstance(raw, str) else ""
    found: datetime | None = None
    if isinstance(parsed, tuple) and len(parsed) == 9 and not _EUROPEAN.search(text):
        try:
            found = _from_tuple(parsed)
        except (ValueError, OverflowError, TypeError):
            found = None
    if found is None and text:
        found = parse_date(text)
    if found is None:
        return None, NOTE_IMPOSSIBLE if text or parsed else None
    if found < _OLDEST:
        return None, NOTE_OLD
    if found > now + _AHEAD:
        return None, NOTE_FUTURE
    return found, None


def parse_date(text: str) -> datetime | None:
    """UTC datetime of a date written in any usual way, or None. Never raises."""
    text = text.strip()[:100]
    if not any(c.isdigit() for c in text):
        return None
    for pattern in (_FRENCH, _FIGURES):
        match = pattern.search(text)
        if match is not None:
            return _from_parts(match)
    if not re.search(r"\d{4}|\d{1,2}\D+\d{1,2}\D+\d{2}", text):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # unknown zone names
            found = dateutil_parser.parse(
                text,
                dayfirst=not re.match(r"\d{4}-", text),
                default=datetime(1, 1, 1),
                tzinfos={k.upper(): v * 60 for k, v in _ZONES.items()},
            )
        if found.year == 1:
            return None
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, AttributeError, RecursionError):
        return None


def _from_tuple(parsed: tuple[int, ...]) -> datetime:
    year, month, day, hour, minute, second = parsed[:6]
    return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)


def _from_parts(match: re.Match[str]) -> datetime | None:
    day, month, year, hour, minute, second, zone = match.groups()
    number = int(month) if month.isdigit() else _MONTHS[month.lower()]
    try:
        found = datetime(int(year), number, int(day), int(hour or 0), int(minute or 0), min(int(second or 0), 59))
        if hour is None:  # a day: its number must survive in UTC
            return found.replace(tzinfo=UTC)
        if zone is None:
            return found.replace(tzinfo=PARIS).astimezone(UTC)
        if zone[0] in "+-":
            digits = zone[1:].replace(":", "")
            offset = (int(digits[:2]) * 60 + int(digits[2:])) * (-1 if zone[0] == "-" else 1)
        else:
            offset = _ZONES[zone.lower()]
        return (found - timedelta(minutes=offset)).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
