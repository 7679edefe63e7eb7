"""What the machine had missed (rescued from the sample of discarded items, or added by hand), and the words that were
missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from curation.decide.balance import Balance
from curation.decide.terms import Candidate

#: Items that must hold a term before it is pointed at: people miss few, and published items second them.
ENOUGH = 2


@dataclass(frozen=True, slots=True)
class Missed:
    """One missed item. ``met``: concepts that were met, and were not enough; ``terms``: candidates that stand in it."""

    article: str
    day: date
    met: tuple[str, ...]
    terms: tuple[Candidate, ...]


def missed(sheet: Balance, found: Sequence[Candidate], holders: dict[tuple[str, ...], set[str]]) -> list[Missed]:
    """The missed items, newest first. ``holders``: keys of a candidate -> articles that hold it."""
    fates = [f for f in sheet.facts.fates.values() if f.brought]
    return [
        Missed(
            f.article,
            f.day,
            tuple(sorted(sheet.facts.concepts.get(f.article, ()))),
            tuple(c for c in found if f.article in holders.get(c.keys, ())),
        )
        for f in sorted(fates, key=lambda f: (f.day, f.article), reverse=True)
    ]
