"""Dates in French text: ``find_dates`` reads what an announcement writes.

« jeudi 24 novembre 2026 », « du 30 novembre au 2 décembre », « les 3, 4 et
5 mars », « 24/11/2026 », « mi-janvier », « premier semestre 2027 »,
« l'été 2027 », « jeudi prochain », with the hours that follow. A missing year
is inferred from the reference day and from the weekday.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from curation.decide import periods
from curation.decide.date_grammar import (
    DAY_NUMBER,
    DAY_WORD,
    FUTURE,
    MONTH,
    NEAREST,
    WEEKDAY,
    YEAR,
    DateMention,
    PartialDay,
    complete_span,
    complete_weekday_number,
    day_of,
    fill_backwards,
    fold,
    month_of,
    side_of,
    weekday_of,
)
from curation.decide.date_joins import join_mentions
from curation.decide.times import clock_after

_WD = rf"(?P<wd>{WEEKDAY})\s*,?\s*(?:le\s+)?"
_ONE = re.compile(
    rf"(?:{_WD})?(?P<d>{DAY_NUMBER}|{DAY_WORD})(?:(?:\s|(?<=[0-9])[./-])*(?P<m>{MONTH})(?:\s?[,./-]?\s?(?P<y>{YEAR}))?)?"
)
_START = re.compile(rf"(?<![0-9a-z])(?<![0-9][.,:/])(?:{_WD})?(?:(?P<n>{DAY_NUMBER})|{DAY_WORD}\s+(?=au\s|{MONTH}))")
_SEPARATOR = re.compile(
    r"\s*(?P<range>(?:et\s+)?jusqu'au\s|au\s|-+(?:\s?>)?|a(?=\s+[a-z0-9]))\s*(?:le\s+)?"
    r"|\s*(?P<list>,\s*(?:et\s+|le\s+)*|(?:et|&|puis|ou)\s+(?:(?:du|le|les|au)\s+)?|/\s*)"
)
_NUMERIC = re.compile(
    r"(?<![0-9a-z./:_=#-])(?:"
    r"(?P<iy>(?:19|20)[0-9]{2})-(?P<im>0?[1-9]|1[0-2])-(?P<id>3[01]|[12][0-9]|0?[1-9])(?![0-9]|-[0-9])(?:t(?=[0-9]))?"
    r"|(?P<d>3[01]|[12][0-9]|0?[1-9])(?P<s>[/.-])(?P<m>0?[1-9]|1[0-2])(?P=s)(?P<y>(?:19|20)[0-9]{2})(?![0-9]"
    r"|[/.-][0-9])"
    r"|(?P<bd>3[01]|[12][0-9]|0[1-9]|[1-9](?=/))(?P<bs>[/.-])(?P<bm>0[1-9]|1[0-2]|[1-9](?=/))(?P=bs)(?P<by>[0-9]{2})"
    r"(?![0-9]|[/.,-][0-9])"
    r"|(?P<sd>3[01]|[12][0-9]|0?[1-9])/(?P<sm>0?[1-9]|1[0-2])(?![0-9e]|[/.,][0-9]|\s?[%€])"
    r")"
)
#: « 24/11 » alone is a fraction or a score; these words make a day of it.
_SHORT_LEAD = re.compile(rf"(?:\b(?:le|au|du|des|avant|jusqu'au|date)\s*:?\s*|(?:{WEEKDAY})\s*)$")
_DAY_BEFORE = re.compile(rf"(?<![0-9a-z/.-])(?P<d>{DAY_NUMBER})\s?(?:au|et|-)\s?$")
_NUMERIC_RANGE = re.compile(r"\s*(?:au|-|et|jusqu'au|a)\s*(?:le\s+)?")
_LEAD = re.compile(
    r"(?:(?P<until>jusqu'au|jusqu'a|avant le|avant|d'ici(?: le| au)?|au plus tard(?: le)?"
    r"|date limite(?: [a-z' ]{0,40})?:?(?: le)?)"
    r"|(?P<from>a partir du|a partir de|a compter du|des le|depuis le|apres le|des))"
    rf"\s*(?:le\s+)?(?:{WEEKDAY}\s*)?$"
)
_BESIDE = re.compile(rf"\b(?:(?P<next>lendemain)|veille) (?:du |de (?:la |l')?)(?:{WEEKDAY}\s)?$")
_YEAR_SEEN = re.compile(r"(?<![0-9/.,-])20[0-4][0-9](?![0-9])")
_FIGURES_FOLLOW = re.compile(r"[/.][0-9]")
_MAX_CHAIN = 12
#: Days between « lundi 12 » and « vendredi 16 », at most.
_LONGEST_UNNAMED = 31


def find_dates(text: str, reference: date | None, lean: int = NEAREST, *, year: int | None = None) -> list[DateMention]:
    """Every date of ``text``, in order, without overlap.

    ``reference`` is the day from which missing years are inferred (usually the
    publication); without it, the latest year seen in the text serves, or ``year``,
    else a day without a year is left out. ``lean``: FUTURE or PAST forces the side
    of the reference where a missing year is looked for; otherwise the words around
    each date may lean it (« aura lieu », « s'est tenu »). Time is linear in the text.
    """
    folded = fold(text)
    context = reference
    if reference is None:
        context, lean = _year_of(folded, year), FUTURE
    found: list[DateMention] = []
    for mention in _all_mentions(folded, context, reference, lean):
        if found and mention.start_offset < found[-1].end_offset:
            previous = found[-1]
            if mention.end_offset - mention.start_offset <= previous.end_offset - previous.start_offset:
                continue
            found[-1] = mention
        else:
            found.append(mention)
    return join_mentions([_dress(mention, folded) for mention in found], folded)


def _year_of(folded: str, year: int | None) -> date | None:
    """A stand-in for the missing reference: the first day of the year to go by."""
    years = [int(seen.group()) for seen in _YEAR_SEEN.finditer(folded)]
    chosen = max(years) if years else year
    return None if chosen is None else date(chosen, 1, 1)


def _all_mentions(folded: str, context: date | None, reference: date | None, lean: int) -> list[DateMention]:
    mentions = [*_numeric(folded, context, lean), *_written(folded, context, lean)]
    mentions.extend(
        DateMention(
            period.start, period.end, period.start_offset, period.end_offset, period.certainty, period.grain,
            period.explicit_year, relative=period.relative,
        )
        for period in periods.find_periods(folded, context, reference, lean)
    )  # fmt: skip
    mentions.sort(key=lambda mention: (mention.start_offset, -mention.end_offset))
    return mentions


def _dress(mention: DateMention, folded: str) -> DateMention:
    """Add the hours that follow, the bound that precedes, and « le lendemain du »."""
    beside = _BESIDE.search(folded, max(0, mention.start_offset - 20), mention.start_offset)
    if beside is not None and mention.grain == "day":
        shift = timedelta(days=1 if beside["next"] else -1)
        mention = replace(mention, start=mention.start + shift, end=mention.end + shift, start_offset=beside.start())
    lead = _LEAD.search(folded[max(0, mention.start_offset - 60) : mention.start_offset])
    bound = "" if lead is None else "until" if lead["until"] else "from"
    if mention.start < mention.end and mention.grain == "day":
        bound = ""
    clock = clock_after(folded, mention.end_offset) if mention.grain == "day" else None
    if clock is None:
        return replace(mention, bound=bound)
    return replace(
        mention, bound=bound, start_time=clock.start, end_time=clock.end, end_offset=clock.end_offset,
        certainty=min(1.0, mention.certainty + 0.05),
    )  # fmt: skip


# --- « 24/11/2026 » ---------------------------------------------------------------------------------


def _numeric_date(match: re.Match[str]) -> PartialDay:
    if match["iy"]:
        return PartialDay(int(match["id"]), int(match["im"]), int(match["iy"]))
    if match["d"]:
        return PartialDay(int(match["d"]), int(match["m"]), int(match["y"]))
    if match["bd"]:
        year = int(match["by"])
        return PartialDay(int(match["bd"]), int(match["bm"]), year + (2000 if year < 70 else 1900))
    return PartialDay(int(match["sd"]), int(match["sm"]))


def _numeric(folded: str, context: date | None, lean: int) -> Iterator[DateMention]:
    done = 0
    for match in _NUMERIC.finditer(folded):
        if match.start() < done:
            continue
        first = last = _numeric_date(match)
        start_offset, end_offset = match.start(), match.end()
        before = _DAY_BEFORE.search(folded, max(0, start_offset - 16), start_offset)
        if before is not None:
            first, start_offset = PartialDay(day_of(before["d"])), before.start()
        link = _NUMERIC_RANGE.match(folded, end_offset)
        second = _NUMERIC.match(folded, link.end()) if link and link.end() > end_offset else None
        if second is not None:
            last = _numeric_date(second)
            end_offset = second.end()
        lead_text = folded[max(0, match.start() - 14) : match.start()]
        if first.year is None and last.year is None and not _SHORT_LEAD.search(lead_text):
            continue
        first, last = fill_backwards([first, last])
        side = side_of(folded, start_offset, end_offset, lean)
        span = complete_span(first, last, context, side)
        if span is None and second is not None:
            last, end_offset = first, match.end()
            span = complete_span(first, last, context, side)
        if span is None:
            continue
        done = end_offset
        explicit = last.year is not None
        yield DateMention(span[0], span[1], start_offset, end_offset, 1.0 if explicit else 0.7, explicit_year=explicit)


# --- « du lundi 30 novembre au 2 décembre 2026 » -----------------------------------------------------


def _part(match: re.Match[str]) -> PartialDay:
    return PartialDay(
        day_of(match["d"]),
        month_of(match["m"]) if match["m"] else None,
        int(match["y"]) if match["y"] else None,
        weekday_of(match["wd"]) if match["wd"] else None,
    )


def _chain(folded: str, position: int) -> tuple[list[PartialDay], int, int]:
    """Days bound together from ``position``: parts, end, and end of the first one."""
    parts: list[PartialDay] = []
    end = first_end = complete_end = named_end = position
    complete = named = 0  # parts up to the last that has a month; leading parts that have a weekday
    at = position
    ranged = False
    while len(parts) < _MAX_CHAIN:
        match = _ONE.match(folded, at)
        if match is None:
            break
        part = _part(match)
        parts.append(part)
        end = match.end()
        if len(parts) == 1:
            first_end = end
        if part.month is not None:
            complete, complete_end = len(parts), end
        if part.weekday is not None and named == len(parts) - 1:
            named, named_end = len(parts), end
        separator = _SEPARATOR.match(folded, end)
        if separator is None or separator.end() == end:
            break
        if separator["range"]:
            if ranged:
                break
            ranged = True
        elif part.month is not None and (ranged or separator["list"].lstrip().startswith((",", "/"))):
            break
        at = separator.end()
    if complete:
        return parts[:complete], complete_end, first_end
    if named > 1:
        return parts[:named], named_end, first_end
    return parts[:1], first_end, first_end


def _written(folded: str, context: date | None, lean: int) -> Iterator[DateMention]:
    done = 0
    for match in _START.finditer(folded):
        if match.start() < done:
            continue
        parts, end, first_end = _chain(folded, match.start())
        if not parts:
            continue
        side = side_of(folded, match.start(), end, lean)
        parts = fill_backwards(parts)
        if parts[-1].month is None:
            if _FIGURES_FOLLOW.match(folded, end):
                continue  # « mercredi 26/08 »: read as figures
            mention = _weekday_number(parts, match.start(), end, context, side)
        else:
            mention = _span(parts, match.start(), end, first_end, context, side)
        if mention is not None:
            done = mention.end_offset
            yield mention


def _weekday_number(
    parts: list[PartialDay], start: int, end: int, context: date | None, lean: int
) -> DateMention | None:
    """« vendredi 5 », « du lundi 12 au vendredi 16 »: no month is written, the weekday finds it."""
    first, last = parts[0], parts[-1]
    if first.weekday is None or last.weekday is None or context is None:
        return None
    opening = complete_weekday_number(first.weekday, first.day, context, lean)
    closing = opening
    if opening is not None and len(parts) > 1:
        closing = complete_weekday_number(last.weekday, last.day, opening, FUTURE)
    if opening is None or closing is None or (closing - opening).days > _LONGEST_UNNAMED:
        return None
    return DateMention(opening, closing, start, end, 0.5)


def _span(
    parts: list[PartialDay], start: int, end: int, first_end: int, context: date | None, lean: int
) -> DateMention | None:
    span = complete_span(parts[0], parts[-1], context, lean)
    if span is None and len(parts) > 1:
        # « jusqu'au 31, 30 juin » and other accidents: keep the first day alone.
        parts, end = parts[:1], first_end
        span = complete_span(parts[0], parts[0], context, lean)
    if span is None:
        return None
    explicit = any(part.year is not None for part in parts)
    certainty = 1.0 if explicit else 0.9 if parts[0].weekday is not None else 0.8
    if not span[2]:
        certainty -= 0.4
    return DateMention(span[0], span[1], start, end, certainty, explicit_year=explicit)
