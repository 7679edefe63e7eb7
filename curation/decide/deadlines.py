"""The day until which one may apply: ``find_deadline``.

Found where a text states until when one may candidate, register, answer or hand in a request (« date limite de
candidature », « dossiers à déposer avant le », « inscriptions ouvertes du 3 mars au 5 mai »), and only there: the end
of an exhibition, the term that a law sets, the roll of an election and a tax return are none.
"""

from __future__ import annotations

from datetime import date

from curation.decide.date_grammar import DateMention, fold
from curation.decide.dates import find_dates
from curation.decide.deadline_cues import (
    ACTION,
    ADJOINING,
    ANY,
    BARE,
    BLOCK,
    BOUND,
    CALL,
    CALL_TITLE,
    DONE_BY,
    DUTY,
    ELECTIONS,
    END_OF,
    FROM_TO,
    LABEL,
    LIMIT,
    LIMIT_OF_OTHER,
    NOT_OURS,
    OF_FILED,
    OPEN,
    PAST,
    RUNS,
    SENTENCE,
    SOFT_BOUND,
    TO_APPLY,
    YEARLY,
)

#: Below this certainty a date is a feast named in passing.
_GUESS = 0.3


def _sides(folded: str, start: int, end: int, title_end: int) -> tuple[str, str]:
    """What precedes and what follows a date within its sentence, at most 220 and 120 characters; titles stand apart."""
    low = max(0, start - 220)
    before = BLOCK.split(folded[max(low, title_end) if start > title_end else low : start])[-1]
    return before.replace("\n", " "), SENTENCE.split(folded[end : end + 120])[0]


def _strength(mention: DateMention, folded: str, title: str) -> float:
    """0 when the date is no deadline."""
    if mention.certainty < _GUESS or mention.grain in ("season", "semester", "week") or mention.relative:
        return 0.0
    before, after = _sides(folded, mention.start_offset, mention.end_offset, len(title))
    sentence = f"{before} {after}"
    if ELECTIONS.search(title) or NOT_OURS.search(sentence) or PAST.search(before[-90:]) or YEARLY.search(sentence):
        return 0.0
    return max(_limit(mention, folded, before, title), _bound(mention, before, after, title), _range(mention, before))


def _limit(mention: DateMention, folded: str, before: str, title: str) -> float:
    """« date limite de candidature », « clôture des inscriptions », « Clôture : »."""
    if LABEL.search(folded, max(0, mention.start_offset - 50), mention.start_offset) and CALL_TITLE.search(title):
        return 3.0
    said = max(LIMIT.finditer(before), key=lambda match: match.start(), default=None)
    if said is None or mention.bound == "from" or LIMIT_OF_OTHER.match(said["of"]):
        return 0.0
    if said["close"] and said["close"].startswith("fin"):
        return 3.0 if END_OF.match(said["of"]) else 0.0
    if ACTION.search(said["of"]) or OF_FILED.search(said["of"]):
        return 3.0
    if said["close"]:
        plain = said["close"].startswith("clotur") and BARE.fullmatch(said["of"])
        return 2.0 if ACTION.search(before) or (plain and CALL_TITLE.search(title)) else 0.0
    return 3.0 if ACTION.search(before) or CALL_TITLE.search(title) else 0.0


def _bound(mention: DateMention, before: str, after: str, title: str) -> float:
    """« candidatures jusqu'au », « avant le 5 mai, envoyez votre dossier »."""
    bound = BOUND.search(before)
    if bound is None or (mention.start < mention.end and mention.grain == "day"):
        return 0.0
    lead = before[max(0, bound.start() - 120) : bound.start()]
    if (DUTY.search(before) and not TO_APPLY.search(before)) or DONE_BY.search(lead):
        return 0.0
    if ACTION.search(lead):
        return 1.5 if SOFT_BOUND.search(bound.group()) else 2.0
    if SOFT_BOUND.search(bound.group()) or DUTY.search(after):
        return 0.0
    if ACTION.search(after[:90]):
        return 1.5
    return 1.0 if RUNS.search(lead[-60:]) and CALL.search(title) else 0.0


def _range(mention: DateMention, before: str) -> float:
    """« candidatures ouvertes du 1er mars au 6 mai »."""
    if mention.start == mention.end or mention.grain not in ("day", "month") or not FROM_TO.search(before):
        return 0.0
    lead = FROM_TO.sub("", before)[-90:]
    if ADJOINING.search(lead) or (ACTION.search(lead) and OPEN.search(lead)):
        return 2.0
    return 0.0


def find_deadline(title: str, text: str, published: date | None, *, year: int | None = None) -> date | None:
    """The last day to apply, register or answer; None where none is stated.

    ``year``: a year to go by where neither ``published`` nor the text gives one. Several deadlines (waves): the next
    one after ``published``, else the last.
    """
    full = f"{title}\n{text[:8000]}"
    folded = fold(full)
    if not ANY.search(folded):
        return None
    folded_title = folded[: len(title)]
    found: list[tuple[float, date]] = []
    for mention in find_dates(full, published, year=year):
        strength = _strength(mention, folded, folded_title)
        if strength > 0:
            found.append((strength, mention.end))
    if not found:
        return None
    best = max(strength for strength, _ in found)
    days = sorted(day for strength, day in found if strength >= min(best, 2.0))
    if published is not None:
        coming = [day for day in days if day >= published]
        return coming[0] if coming else days[-1]
    return days[0]
