"""What a verdict teaches, and what it does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from curation.store.store import Store
from curation.types import Act, Rejection, Review
from flows.lessons import verdict_of

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store(None) as opened:
        yield opened


def _said(store: Store, *acts: tuple[Act, str]) -> bool | None:
    with store.exclusive():
        for act, reason in acts:
            store.append_review(Review("a1", "tourisme", act, "lea", NOW, reason))
    found = verdict_of(store.reviews_of("a1", "tourisme"))
    return None if found is None else found.right


@pytest.mark.parametrize(
    ("act", "reason", "taught"),
    [
        (Act.PUBLISHED, "", True),
        (Act.KEPT, "", True),
        (Act.RESCUED, "", True),
        (Act.DISMISSED, "", False),
        (Act.REJECTED, Rejection.OFF_TOPIC, False),
        (Act.REJECTED, Rejection.COMMERCIAL, False),
        (Act.REJECTED, Rejection.ALREADY_SEEN, None),
        (Act.REJECTED, Rejection.OUTDATED, None),
        (Act.NOTED, "", None),
        (Act.FOLDED, "", None),
    ],
)
def test_what_each_verdict_teaches(store: Store, act: Act, reason: str, taught: bool | None) -> None:
    assert _said(store, (act, reason)) is taught


def test_the_last_word_counts_and_an_undone_one_does_not(store: Store) -> None:
    assert _said(store, (Act.KEPT, ""), (Act.REJECTED, Rejection.OFF_TOPIC)) is False
    with store.exclusive():
        store.append_review(Review("a1", "tourisme", Act.UNDONE, "lea", NOW, undoes=2))
    assert (found := verdict_of(store.reviews_of("a1", "tourisme"))) is not None and found.right
