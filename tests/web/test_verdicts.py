"""Acts against a night, or a colleague, that moves the drafts at the same moment."""

from __future__ import annotations

from datetime import date

import pytest

from curation.accounts import Account
from curation.errors import UserError
from curation.store.store import Store
from curation.types import Act, DraftStatus, Review
from curation.web.desk import Site
from curation.web.verdicts import Clerk
from tests.web.conftest import NOW


@pytest.fixture
def clerk(site: Site, store: Store, people: dict[str, Account]) -> Clerk:
    return Clerk(store, site.words, "lea", NOW, date(2026, 11, 20))


def act(article: str, what: Act, target: str | None = None) -> Review:
    return Review(article, "tourisme", what, "lea", NOW, target=target)


def test_no_act_on_a_draft_that_the_night_has_just_taken_away(store: Store, clerk: Clerk) -> None:
    """The page has read the draft, the night drops it, then the verdict arrives."""
    store.replace_waiting_drafts([], "v2", NOW)
    for what in (Act.PUBLISHED, Act.NOTED):
        with pytest.raises(UserError, match="quitter la file"):
            clerk.record(act("a0", what), seen=None)
    assert store.reviews_of("a0") == []


def test_two_drafts_never_fold_under_each_other(store: Store, clerk: Clerk) -> None:
    folded = clerk.record(act("a0", Act.FOLDED, "a1"), seen=0)
    assert isinstance(folded, Review)
    undone = clerk.undo(folded.id)
    assert undone is not None
    assert isinstance(clerk.record(act("a1", Act.FOLDED, "a0"), seen=0), Review)
    with pytest.raises(UserError, match="séparez-le"):
        clerk.undo(undone.id)
    first = store.draft("a0", "tourisme")
    assert first is not None and first.status is DraftStatus.WAITING
    assert len(store.reviews_of("a0")) == 2
