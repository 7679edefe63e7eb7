"""French names of months and days, in one table.

Neutral ground: gather dates pages with them, decide reads announcements with them, and neither imports the other.
"""

from __future__ import annotations

#: In order, as written, with their accents.
MONTH_NAMES = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet",
    "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
#: In the order of ``date.weekday``: Monday first.
DAY_NAMES = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
SHORT_DAYS = tuple(name[:3] for name in DAY_NAMES)

#: Short forms, without their full stop; « mar » is a Tuesday, and mai and juin are never shortened.
_SHORT_MONTHS = {"janv": 1, "jan": 1, "févr": 2, "fév": 2, "avr": 4, "juill": 7, "juil": 7, "sept": 9, "sep": 9,
                 "oct": 10, "nov": 11, "déc": 12}  # fmt: skip
_PLAIN = str.maketrans("éû", "eu")

#: Number of a month, 1 to 12: from its whole name without accents, from that or its short form, from either as written.
FULL_MONTHS: dict[str, int] = {name.translate(_PLAIN): n for n, name in enumerate(MONTH_NAMES, 1)}
MONTHS: dict[str, int] = FULL_MONTHS | {name.translate(_PLAIN): n for name, n in _SHORT_MONTHS.items()}
MONTHS_AS_WRITTEN: dict[str, int] = {name: n for n, name in enumerate(MONTH_NAMES, 1)} | _SHORT_MONTHS
#: Number of a weekday, Monday is 0, from its name or its three first letters.
WEEKDAYS: dict[str, int] = {name: n for names in (DAY_NAMES, SHORT_DAYS) for n, name in enumerate(names)}
