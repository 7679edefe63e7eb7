"""French clock times: « 9h30 - 11h », « de 14 h à 17 h », « 18:30 », « midi et demi », « à partir de 9h ».

Works on folded text (``date_grammar.fold``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

_CLOCK = (
    r"(?:(?P<h{n}>[01]?[0-9]|2[0-4])(?:\s?h(?:eures?)?(?![a-z])\s?(?P<m{n}>[0-5][0-9](?![0-9]))?(?:\s?min)?"
    r"|:(?P<c{n}>[0-5][0-9])(?![0-9]))"
    r"|(?P<w{n}>midi|minuit)(?![a-z])(?:\s(?P<p{n}>et demi|et quart|trente|quinze))?)"
)
_RANGE = re.compile(
    r"(?<![0-9a-z,.:])(?P<open>a partir de |des |apres )?"
    + _CLOCK.format(n=1)
    + r"(?:\s?(?:-|/|a|et|jusqu'a)\s?(?:partir de )?"
    + _CLOCK.format(n=2)
    + r")?"
)
#: What may stand between a day and its hours.
_LINK = re.compile(r"[\s,:;(*_|.\[-]*(?:(?:a|de|entre|vers|horaires?|l'apres-midi|le matin|en soiree)\s+)*[:*_(\s-]*")
_PAST_NOON = {"et demi": 30, "et quart": 15, "trente": 30, "quinze": 15, None: 0}


@dataclass(frozen=True, slots=True)
class ClockSpan:
    """A time of the day, or a span; ``end`` None when not given; offsets in the text that was read."""

    start: time
    end: time | None
    open_end: bool
    start_offset: int
    end_offset: int


def _clock(match: re.Match[str], n: int) -> time | None:
    word = match[f"w{n}"]
    if word:
        return time(12 if word == "midi" else 0, _PAST_NOON[match[f"p{n}"]])
    if match[f"h{n}"] is None:
        return None
    hour = int(match[f"h{n}"]) % 24
    return time(hour, int(match[f"m{n}"] or match[f"c{n}"] or 0))


def read_clock(match: re.Match[str]) -> ClockSpan | None:
    start = _clock(match, 1)
    if start is None:
        return None
    return ClockSpan(start, _clock(match, 2), bool(match["open"]), match.start(), match.end())


def search_clock(folded: str, position: int = 0) -> ClockSpan | None:
    """The first time of the day from ``position`` on."""
    match = _RANGE.search(folded, position)
    return read_clock(match) if match else None


def clock_after(folded: str, position: int) -> ClockSpan | None:
    """The time of the day attached to what ends at ``position`` (« … 24 novembre, de 14h à 17h »)."""
    link = _LINK.match(folded, position, min(len(folded), position + 40))
    at = link.end() if link else position
    match = _RANGE.match(folded, at)
    if match is None and folded.startswith(("partir de ", "compter de "), at):
        match = _RANGE.match(folded, at + len("partir de "))
    return read_clock(match) if match else None
