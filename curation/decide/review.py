"""What a sequence of reviews amounts to, and which acts a draft accepts. Nothing is overwritten: undoing is an act.

The sequence is an event log (Fowler, « Event Sourcing », 2005); ``state_of`` is its only reading, used by the desk,
by the projection of the store and by the tests that rebuild it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from curation.types import Act, DraftState, DraftStatus, Rejection, Review

#: Acts that settle a draft, and the status they give.
VERDICTS = {
    Act.PUBLISHED: DraftStatus.PUBLISHED,
    Act.KEPT: DraftStatus.KEPT,
    Act.SHARED: DraftStatus.SHARED,
    Act.REJECTED: DraftStatus.REJECTED,
    Act.FOLDED: DraftStatus.FOLDED,
}
#: Acts that another person's decision need not have seen: they change nothing it is about.
SILENT = frozenset({Act.NOTED, Act.RECEIVED, Act.SPLIT, Act.RESCUED, Act.DISMISSED})

#: Acts that say: this is our subject, and of use.
FAVOURABLE = frozenset({Act.PUBLISHED, Act.SHARED, Act.KEPT, Act.RESCUED})
#: Reasons that say the contrary; what was already seen or outdated says nothing of the subject.
UNFAVOURABLE = frozenset({Rejection.OFF_TOPIC, Rejection.TOO_LOCAL, Rejection.COMMERCIAL, Rejection.LITTLE_USE})


@dataclass(frozen=True, slots=True)
class Word:
    """The last word of a community on an item: right, wrong (False), or nothing about its subject (None)."""

    right: bool | None
    review: Review


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an act cannot be: ``by`` did ``seen`` first (None: the draft simply is not in that state)."""

    by: Review | None


def _cancelled(ordered: Sequence[Review]) -> set[int]:
    """Ids of the acts, undoings among them, that a later undoing cancels."""
    cancelled: set[int] = set()
    for review in reversed(ordered):
        if review.act is Act.UNDONE and review.id not in cancelled and review.undoes is not None:
            cancelled.add(review.undoes)
    return cancelled


def effective(reviews: Iterable[Review]) -> list[Review]:
    """The acts that still count, in order; undone ones and the undoings themselves are left out.

    Undoing an undoing brings the first act back.
    """
    ordered = sorted(reviews, key=lambda r: r.id)
    cancelled = _cancelled(ordered)
    return [r for r in ordered if r.act is not Act.UNDONE and r.id not in cancelled]


def state_of(reviews: Sequence[Review]) -> DraftState:
    """The state of one draft (one article in one community) after all its reviews, in any order."""
    state = DraftState(revision=max((r.id for r in reviews if r.act not in SILENT), default=0))
    for review in effective(reviews):
        state = _after(state, review)
    return state


def last_word(reviews: Iterable[Review]) -> Word | None:
    """What the last act that still counts says of the subject; None when no act says anything."""
    for review in reversed(effective(reviews)):
        if review.act in FAVOURABLE:
            return Word(True, review)
        if review.act is Act.DISMISSED:
            return Word(False, review)
        if review.act is Act.REJECTED:
            return Word(False if review.reason in UNFAVOURABLE else None, review)
    return None


def _after(state: DraftState, review: Review) -> DraftState:
    match review.act:
        case Act.PUBLISHED | Act.KEPT | Act.SHARED | Act.REJECTED | Act.FOLDED:
            edition = review.edition or state.edition
            return replace(state, status=VERDICTS[review.act], verdict=review, edition=edition, holder=None)
        case Act.EDITED:
            return replace(state, edition=review.edition)
        case Act.FILED:
            return replace(state, dossier=review.target)
        case Act.REFERENCED:
            return replace(state, reference=review.reason != "no", review_by=review.until)
        case Act.ADDRESSED:
            return replace(state, verdict=replace(state.verdict, post_url=review.post_url)) if state.verdict else state
        case Act.TAKEN:
            return replace(state, holder=review.reviewer)
        case Act.GIVEN:
            return replace(state, holder=review.target)
        case Act.RELEASED:
            return replace(state, holder=None)
        case Act.NOTED:
            return replace(state, notes=(*state.notes, review))
        case Act.RECEIVED:
            return replace(state, received=(*state.received, review))
        case _:
            return state


def refuse(reviews: Sequence[Review], act: Act, seen: int) -> Refusal | None:
    """None when ``act`` may follow ``reviews``, decided by somebody whose page showed revision ``seen``.

    A verdict is refused when anything it should have known happened since: two people never judge one draft twice.
    """
    if act in SILENT:
        return None
    later = [r for r in reviews if r.id > seen and r.act not in SILENT]
    if later:
        return Refusal(max(later, key=lambda r: r.id))
    return None


def may_undo(reviews: Sequence[Review], review_id: int) -> bool:
    """True when that act, or that undoing, still counts: it can be undone once."""
    ordered = sorted(reviews, key=lambda r: r.id)
    return review_id not in _cancelled(ordered) and any(r.id == review_id for r in ordered)
