"""Versions and drafts of the words, as the store keeps them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from curation.store.store import Store
from taxonomy.concept_operations import SetWeight
from taxonomy.edit import apply, to_json
from taxonomy.types import DraftStep, Origin, TaxonomyDraft, TaxonomyVersion
from tests.taxonomy.words import sample

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
FIRST = TaxonomyVersion("essai", 1, "abc", "lea", NOW, "les mots d'été", Origin.DESK)
DRAFT = TaxonomyDraft("essai", 1, sample(), (), 0, 0, "lea", NOW)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store(None) as opened:
        yield opened


def test_versions_are_appended_and_read_newest_first(store: Store) -> None:
    second = replace(FIRST, number=2, version="def", origin=Origin.FILE, author="", message="")
    assert store.taxonomy_version("essai") is None
    assert store.add_taxonomy_version(FIRST, "le premier texte", holds=True)
    assert store.add_taxonomy_version(second, "le second", holds=False)
    assert store.add_taxonomy_version(replace(FIRST, community="autre"), "ailleurs", holds=True)
    assert store.taxonomy_versions("essai") == [second, FIRST]
    assert store.taxonomy_versions("essai", 1) == [second]
    assert store.taxonomy_version("essai") == second
    assert store.taxonomy_version("essai", 1) == FIRST
    assert store.taxonomy_version("essai", 9) is None
    assert store.taxonomy_text("essai", 1) == "le premier texte"
    assert store.taxonomy_text("essai", 9) is None
    assert store.taxonomy_file("essai") == 1
    store.set_taxonomy_file("essai", 2)
    assert store.taxonomy_file("essai") == 2


def test_a_number_that_is_not_the_next_is_refused(store: Store) -> None:
    assert not store.add_taxonomy_version(replace(FIRST, number=2), "", holds=True)
    assert store.add_taxonomy_version(FIRST, "", holds=True)
    assert not store.add_taxonomy_version(FIRST, "", holds=True)


def test_no_version_is_ever_rewritten(store: Store) -> None:
    store.add_taxonomy_version(FIRST, "", holds=True)
    for sql in ("UPDATE taxonomy_versions SET author = 'x'", "DELETE FROM taxonomy_versions"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"), store.atomic():
            store.db.execute(sql)
    assert store.taxonomy_version("essai") == FIRST


def test_a_draft_is_saved_by_whoever_saw_its_last_state(store: Store) -> None:
    opened = store.save_taxonomy_draft(DRAFT)
    assert opened is not None
    assert (opened.revision, opened.since) == (1, 1)
    operation = SetWeight("haie", 2)
    step = DraftStep(to_json(operation), "poids", "max", NOW, 0)
    changed = replace(opened, taxonomy=apply(sample(), operation), steps=(step,), author="max")
    saved = store.save_taxonomy_draft(changed)
    assert saved is not None
    assert (saved.revision, saved.since, saved.steps[0].revision) == (2, 1, 2)
    assert store.taxonomy_draft("essai") == saved
    assert store.save_taxonomy_draft(changed) is None  # made on revision 1
    assert store.save_taxonomy_draft(DRAFT) is None  # somebody opened one meanwhile
    assert store.taxonomy_draft("essai") == saved
    assert store.taxonomy_draft("autre") is None


def test_a_draft_that_was_closed_never_comes_back_under_a_known_revision(store: Store) -> None:
    opened = store.save_taxonomy_draft(DRAFT)
    assert opened is not None
    assert not store.close_taxonomy_draft("essai", 9)
    assert store.close_taxonomy_draft("essai", opened.revision)
    assert not store.close_taxonomy_draft("essai", opened.revision)
    assert store.taxonomy_draft("essai") is None
    assert store.save_taxonomy_draft(opened) is None
    again = store.save_taxonomy_draft(DRAFT)
    assert again is not None
    assert again.revision > opened.revision + 1
    assert again.since == again.revision


def test_what_a_judge_read_is_noted_once(store: Store) -> None:
    store.add_judge("j1", "g", {"essai": "abc", "autre": "def"}, NOW)
    store.add_judge("j1", "g", {"essai": "zzz"}, NOW)  # the same judge has read the same words
    assert store.words_of_judge("j1") == {"essai": "abc", "autre": "def"}
    assert store.words_of_judge("j2") == {}
    assert store.earlier_judges("j2", "g") == {}  # no judgement of its stands
