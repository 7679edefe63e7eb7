"""What became of each item in a community, and what it showed: the evidence of every page of the workbench."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from curation.decide.review import effective, last_word, state_of
from curation.types import Act, DraftStatus, Review


@dataclass(frozen=True, slots=True)
class Fate:
    """One item in one community. ``right``: the last word on its subject; None: nobody said, or not about that."""

    article: str
    day: date  # it arrived
    drafted: bool = False
    status: DraftStatus | None = None  # of its draft, or of what was said of it; None: neither
    right: bool | None = None
    reason: str = ""  # a ``Rejection``, when rejected
    filed: bool = False  # a person chose its dossier
    brought: bool = False  # rescued from the sample, or added by hand: the machine had missed it
    reference: bool = False


@dataclass(frozen=True, slots=True)
class Encounter:
    """A label of a concept, met in an item (in one place or several)."""

    article: str
    concept: str
    label: str  # as written in the taxonomy


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase of a text. ``keys``: of ``taxonomy.french.label_keys``, so that inflected forms meet."""

    keys: tuple[str, ...]
    form: str  # as written


def fate_of(article: str, day: date, origin: str | None, reviews: Sequence[Review]) -> Fate:
    """The fate of an item in a community. ``origin``: of its draft (« night », « added »…), None without a draft."""
    if not reviews:
        status = DraftStatus.WAITING if origin is not None else None
        return Fate(article, day, origin is not None, status, brought=origin == "added")
    state, acts = state_of(reviews), effective(reviews)
    word = last_word(reviews)
    status = state.status if origin is not None or state.verdict else None
    return Fate(
        article,
        day,
        origin is not None,
        status,
        None if word is None else word.right,
        state.verdict.reason if state.verdict and state.status is DraftStatus.REJECTED else "",
        state.dossier is not None,
        brought=origin == "added" or any(r.act is Act.RESCUED for r in acts),
        reference=state.reference,
    )
