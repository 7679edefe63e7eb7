"""Dates that a text binds together although hours or parts of a month stand between them.

« du 3 novembre (9h) au 5 novembre (17h) », « samedi 3 de 10h à 18h et dimanche 4 de 10h à 17h »,
« les 13 nov., 20 nov. et 4 déc. 2026 », « de mi-octobre à fin novembre »: one mention, from the first day to the last.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from curation.decide.date_grammar import DateMention, make_date

_RANGE = re.compile(r"[\s),;]*(?:au|jusqu'au|jusqu'a|jusqu'en|a|-+>?)\s*(?:le\s+)?")
_LIST = re.compile(r"[\s),;]*(?:et|&|puis|/)\s*(?:le\s+|du\s+|au\s+)?")
_COMMA = re.compile(r"\.?\s*,\s*(?:le\s+)?")
_INSIDE_RANGE = re.compile(r"\bau\b|\bjusqu'|[0-9a-z] ?-")
_OPENED = re.compile(r"(?:\b(?:du|de|des le|a partir du|a compter du|entre|dates?\s?:)|^|\n|[:(|–-])\s*(?:le\s+)?$")
_BOTH = re.compile(r"\s+et\s+")
_ENTRE = re.compile(r"\bentre\s+$")
#: « le 3 mars et le 4 mars » is one stay; days further apart are two dates, unless a list binds more of them.
_NEXT_DAY = timedelta(days=1)
_LONGEST_LIST = timedelta(days=200)
_GRAINS = ("day", "month", "week", "quarter", "season", "semester", "year")


def join_mentions(mentions: list[DateMention], folded: str) -> list[DateMention]:
    """``mentions`` in order, those bound together made one; each pair is looked at once."""
    joined: list[DateMention] = []
    for mention in reversed(mentions):
        if joined and (together := _join(mention, joined[-1], folded)) is not None:
            joined[-1] = together
        else:
            joined.append(mention)
    joined.reverse()
    return joined


def _join(first: DateMention, last: DateMention, folded: str) -> DateMention | None:
    between = folded[first.end_offset : last.start_offset]
    if len(between) > 30 or first.relative or last.relative or last.grain not in _GRAINS:
        return None
    first = _same_year(first, last)
    if first.start > last.start or first.end > last.end:
        return None
    if _RANGE.fullmatch(between):
        if first.grain != "day" and not _OPENED.search(folded[max(0, first.start_offset - 20) : first.start_offset]):
            return None
    elif (
        first.grain == "month"
        and _BOTH.fullmatch(between)
        and _ENTRE.search(folded, max(0, first.start_offset - 8), first.start_offset)
    ):
        pass
    elif first.grain != "day" or last.grain != "day" or last.start - first.start > _LONGEST_LIST:
        return None
    elif _LIST.fullmatch(between):
        hours = first.start_time is not None and last.start_time is not None
        if not hours and last.start - first.end > _NEXT_DAY:
            return None
    elif not (_COMMA.fullmatch(between) and last.start < last.end and first.start == first.end):
        return None
    elif _INSIDE_RANGE.search(folded, last.start_offset, last.end_offset):
        return None  # « le 3 mars, du 5 au 7 mars »: two things
    grain = "day" if first.grain == last.grain == "day" else last.grain if first.grain == "day" else first.grain
    return replace(
        first, end=last.end, end_offset=last.end_offset, grain=grain, bound="",
        end_time=last.end_time or last.start_time, certainty=max(first.certainty, last.certainty),
        explicit_year=first.explicit_year or last.explicit_year,
    )  # fmt: skip


def _same_year(first: DateMention, last: DateMention) -> DateMention:
    """« du 3 novembre 9h au 4 novembre 2027 »: the year written last holds for the first day too."""
    if first.explicit_year or not last.explicit_year:
        return first
    shift = (
        last.start.year - first.start.year - ((first.start.month, first.start.day) > (last.start.month, last.start.day))
    )
    start = make_date(first.start.year + shift, first.start.month, first.start.day)
    end = make_date(first.end.year + shift, first.end.month, first.end.day)
    return first if start is None or end is None else replace(first, start=start, end=end)
