"""What a sequence of reviews amounts to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from curation.decide.review import VERDICTS, effective, may_undo, refuse, state_of
from curation.types import Act, DraftStatus, Edition, Review

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


def _reviews(*acts: Act | tuple[Act, dict[str, Any]]) -> list[Review]:
    made = []
    for n, act in enumerate(acts, 1):
        name, said = act if isinstance(act, tuple) else (act, {})
        made.append(Review("a1", "tourisme", name, said.pop("by", "lea"), NOW + timedelta(minutes=n), id=n, **said))
    return made


def test_nothing_done_means_waiting() -> None:
    assert state_of([]).status is DraftStatus.WAITING


def test_the_last_verdict_counts_and_order_of_arrival_does_not() -> None:
    reviews = _reviews(Act.KEPT, Act.REJECTED)
    assert state_of(reviews).status is DraftStatus.REJECTED
    assert state_of(reviews[::-1]) == state_of(reviews)


def test_undoing_gives_back_what_was_before_and_can_itself_be_undone() -> None:
    reviews = _reviews(Act.KEPT, Act.REJECTED, (Act.UNDONE, {"undoes": 2}))
    assert state_of(reviews).status is DraftStatus.KEPT
    assert not may_undo(reviews, 2)
    again = [*reviews, Review("a1", "tourisme", Act.UNDONE, "lea", NOW, undoes=3, id=4)]
    assert state_of(again).status is DraftStatus.REJECTED
    assert may_undo(again, 2)


def test_words_dossier_holder_notes_and_reference_add_up() -> None:
    edition = Edition("Titre", "Résumé", "")
    reviews = _reviews(
        (Act.EDITED, {"edition": edition}),
        (Act.FILED, {"target": "nature-itinerance"}),
        (Act.GIVEN, {"target": "tom"}),
        (Act.NOTED, {"note": "vérifier la date"}),
        (Act.RECEIVED, {"target": "transition-ecologique", "note": "pour vous"}),
        (Act.REFERENCED, {"until": date(2027, 11, 20)}),
    )
    state = state_of(reviews)
    assert (state.edition, state.dossier, state.holder) == (edition, "nature-itinerance", "tom")
    assert [n.note for n in state.notes] == ["vérifier la date"]
    assert [r.target for r in state.received] == ["transition-ecologique"]
    assert (state.reference, state.review_by) == (True, date(2027, 11, 20))
    assert state.status is DraftStatus.WAITING


def test_a_verdict_that_did_not_see_the_last_act_is_refused_and_told_by_whom() -> None:
    reviews = _reviews(Act.TAKEN, (Act.PUBLISHED, {"by": "tom"}))
    refusal = refuse(reviews, Act.REJECTED, seen=1)
    assert refusal is not None and refusal.by is not None and refusal.by.reviewer == "tom"
    assert refuse(reviews, Act.REJECTED, seen=2) is None
    assert refuse(reviews, Act.NOTED, seen=0) is None  # a note changes nothing it should have seen


def test_a_note_of_a_colleague_does_not_make_a_page_stale() -> None:
    reviews = _reviews(Act.EDITED, Act.NOTED)
    assert state_of(reviews).revision == 1
    assert refuse(reviews, Act.PUBLISHED, seen=1) is None


@given(st.lists(st.tuples(st.sampled_from(list(Act)), st.integers(1, 12)), max_size=12))
def test_undoing_everything_always_comes_back_to_waiting(acts: list[tuple[Act, int]]) -> None:
    reviews = [
        Review("a1", "tourisme", act, "lea", NOW, undoes=target if act is Act.UNDONE and target < n else None, id=n)
        for n, (act, target) in enumerate(acts, 1)
    ]
    assert state_of(reviews).status in {DraftStatus.WAITING, *VERDICTS.values()}
    for review in reversed(effective(reviews)):
        reviews.append(Review("a1", "tourisme", Act.UNDONE, "lea", NOW, undoes=review.id, id=len(reviews) + 1))
    assert effective(reviews) == []
    assert state_of(reviews).status is DraftStatus.WAITING
