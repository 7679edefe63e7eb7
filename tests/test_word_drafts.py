"""Words being changed by several people: gestures kept, merged, undone, published together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from curation.config import load_settings
from curation.errors import ConflictError, InputError
from curation.store.store import Store
from curation.word_drafts import WordDrafts
from curation.wordbook import Wordbook
from taxonomy.concept_operations import AddLabels, RetireConcept, SetScopeNote, SetWeight
from taxonomy.edit import EditError, Operation, apply
from taxonomy.exchange import move_concepts
from taxonomy.types import Origin, TaxonomyDraft
from taxonomy.write import to_yaml
from tests.taxonomy.test_exchange import TARGET
from tests.taxonomy.words import sample

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Wordbook]:
    (tmp_path / "essai.yaml").write_text(to_yaml(sample()), encoding="utf-8")
    (tmp_path / "voisine.yaml").write_text(to_yaml(TARGET), encoding="utf-8")
    (tmp_path / "config.yaml").write_text(
        "communities: [{id: essai, taxonomy: essai.yaml}, {id: voisine, taxonomy: voisine.yaml}]\n", encoding="utf-8"
    )
    settings = load_settings(tmp_path / "config.yaml")
    with Store(settings.database) as store:
        yield Wordbook(settings, store)


@pytest.fixture
def drafts(book: Wordbook) -> WordDrafts:
    return WordDrafts(book)


def change(drafts: WordDrafts, revision: int, *operations: Operation, author: str = "lea") -> TaxonomyDraft:
    return drafts.change("essai", operations, revision=revision, author=author, now=NOW)


def test_a_draft_opens_with_the_first_gesture_and_keeps_them_all(drafts: WordDrafts, book: Wordbook) -> None:
    assert drafts.draft("essai") is None
    draft = change(drafts, 0, SetWeight("haie", 2))
    draft = change(drafts, draft.revision, AddLabels("mare", "altLabel", ("étier",)), author="max")
    assert drafts.draft("essai") == draft
    assert [(s.text, s.author) for s in draft.steps] == [
        ("« haie » : poids 1,5 → 2", "lea"), ("« mare » : + libellé « étier »", "max"),
    ]  # fmt: skip
    assert draft.base == 1
    assert book.look("essai", NOW).taxonomy == sample()  # nothing is published


def test_a_gesture_that_breaks_the_words_changes_nothing(drafts: WordDrafts) -> None:
    draft = change(drafts, 0, SetWeight("haie", 2))
    with pytest.raises(EditError, match=r"est déjà celui de « haie »"):
        change(drafts, draft.revision, AddLabels("mare", "altLabel", ("bocage",)))
    assert drafts.draft("essai") == draft


def test_gestures_on_a_state_that_moved_are_merged(drafts: WordDrafts) -> None:
    seen = change(drafts, 0, SetWeight("haie", 2))
    change(drafts, seen.revision, SetScopeNote("mare", "Eaux."), author="max")
    both = change(drafts, seen.revision, AddLabels("mare", "altLabel", ("étier",)), SetWeight("talus", 0.5))
    mare = both.taxonomy.concept("mare")
    assert (mare.scope_note, mare.alt_labels) == ("Eaux.", ("étang", "étier"))
    assert both.steps[-1].text == "« mare » : + libellé « étier » ; « talus » : poids 1 → 0,5"
    late = change(drafts, 0, SetWeight("paysage", 1))  # somebody who had not seen that a draft was open
    assert late.taxonomy.concept("paysage").weight == 1
    assert late.taxonomy.concept("mare") == mare
    assert drafts.undo("essai", revision=late.revision, author="lea", now=NOW).taxonomy == both.taxonomy


def test_gestures_that_contradict_are_refused_with_both_sides(drafts: WordDrafts) -> None:
    seen = change(drafts, 0, SetWeight("mare", 2))
    moved = change(drafts, seen.revision, SetWeight("haie", 2), author="max")
    with pytest.raises(ConflictError) as caught:
        change(drafts, seen.revision, SetWeight("haie", 0.5))
    assert str(caught.value) == (
        "max a changé la même chose entre-temps. haie : poids 1,5 au départ, 0,5 de votre geste, 2 de celui de max."
    )
    assert caught.value.merge is not None
    assert drafts.draft("essai") == moved


def test_the_last_gesture_is_undone(drafts: WordDrafts) -> None:
    draft = change(drafts, 0, SetWeight("haie", 2), RetireConcept("mare"))
    undone = drafts.undo("essai", revision=draft.revision, author="lea", now=NOW)
    assert undone.taxonomy == apply(sample(), SetWeight("haie", 2))
    again = drafts.undo("essai", revision=undone.revision, author="lea", now=NOW)
    assert again.taxonomy == sample()
    with pytest.raises(InputError, match=r"pas de geste à annuler"):
        drafts.undo("essai", revision=again.revision, author="lea", now=NOW)
    with pytest.raises(ConflictError, match=r"Ce brouillon a changé entre-temps"):
        drafts.undo("essai", revision=draft.revision, author="lea", now=NOW)
    with pytest.raises(ConflictError, match=r"Ce brouillon a changé entre-temps"):
        change(drafts, draft.revision, SetWeight("talus", 2))  # made on gestures that were undone since


def test_a_draft_is_published_and_forgotten(drafts: WordDrafts, book: Wordbook) -> None:
    draft = change(drafts, 0, SetWeight("haie", 2))
    published = drafts.publish({"essai": draft.revision}, author="lea", message="haies", now=NOW)
    assert (published["essai"].number, published["essai"].origin) == (2, Origin.DESK)
    assert book.look("essai", NOW).taxonomy == draft.taxonomy
    assert drafts.draft("essai") is None
    with pytest.raises(ConflictError, match=r"n'est plus ouvert"):
        change(drafts, draft.revision, SetWeight("haie", 1))
    with pytest.raises(ConflictError, match=r"n'est plus ouvert"):
        drafts.publish({"essai": draft.revision}, author="lea", message="haies", now=NOW)


def test_a_draft_published_just_before_a_crash_is_closed_at_the_next_look(
    drafts: WordDrafts, book: Wordbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = change(drafts, 0, SetWeight("haie", 2))
    with monkeypatch.context() as patch:
        patch.setattr(Store, "close_taxonomy_draft", lambda *_: True)
        drafts.publish({"essai": draft.revision}, author="lea", message="", now=NOW)
    assert book.store.taxonomy_draft("essai") is not None
    assert drafts.draft("essai") is None
    assert book.store.taxonomy_draft("essai") is None


def test_a_draft_made_on_words_that_changed_is_taken_up_on_the_new_ones(drafts: WordDrafts, book: Wordbook) -> None:
    draft = change(drafts, 0, SetWeight("haie", 2), SetScopeNote("mare", "Eaux."))
    other = apply(sample(), SetWeight("haie", 0.5), AddLabels("talus", "altLabel", ("levée",)))
    book.publish("essai", other, base=1, author="max", message="m", origin=Origin.COMMAND, now=NOW)
    with pytest.raises(ConflictError, match=r"« essai » a changé depuis la version 1 : version 2, par max"):
        drafts.publish({"essai": draft.revision}, author="lea", message="", now=NOW)
    with pytest.raises(ConflictError) as caught:
        drafts.take_up("essai", revision=draft.revision, choices={}, author="lea", now=NOW)
    assert str(caught.value) == (
        "Il reste à choisir. haie : poids 1,5 au départ, 2 de votre brouillon, 0,5 de la version 2."
    )
    choices = {"concept:haie:weight": "ours"}
    taken = drafts.take_up("essai", revision=draft.revision, choices=choices, author="lea", now=NOW)
    assert taken.base == 2
    assert [s.text for s in taken.steps] == ["2 gestes repris sur la version 2"]
    haie, talus = taken.taxonomy.concept("haie"), taken.taxonomy.concept("talus")
    assert (haie.weight, talus.alt_labels) == (2, ("levée",))
    assert drafts.publish({"essai": taken.revision}, author="lea", message="", now=NOW)["essai"].number == 3


def test_an_exchange_is_saved_and_published_on_both_sides_or_on_none(drafts: WordDrafts, book: Wordbook) -> None:
    away, bring = move_concepts(sample(), TARGET, ["mare"])
    both = {"essai": [away], "voisine": [bring]}
    with pytest.raises(ConflictError):
        drafts.change_together(both, revisions={"essai": 0, "voisine": 9}, author="lea", now=NOW)
    assert (drafts.draft("essai"), drafts.draft("voisine")) == (None, None)
    saved = drafts.change_together(both, revisions={"essai": 0, "voisine": 0}, author="lea", now=NOW)
    revisions = {community: draft.revision for community, draft in saved.items()}
    moved = apply(TARGET, SetWeight("eaux", 2))
    book.publish("voisine", moved, base=1, author="max", message="", origin=Origin.COMMAND, now=NOW)
    with pytest.raises(ConflictError, match=r"« voisine » a changé depuis la version 1"):
        drafts.publish(revisions, author="lea", message="", now=NOW)
    assert [v.number for v in book.versions("essai")] == [1]  # neither
    revisions["voisine"] = drafts.take_up(
        "voisine", revision=revisions["voisine"], choices={}, author="lea", now=NOW
    ).revision
    assert sorted(drafts.publish(revisions, author="lea", message="", now=NOW)) == ["essai", "voisine"]
    assert "mare" not in {c.id for c in book.look("essai", NOW).taxonomy.concepts}
    assert "mare" in {c.id for c in book.look("voisine", NOW).taxonomy.concepts}


def test_a_draft_that_changes_nothing_is_not_published(drafts: WordDrafts) -> None:
    draft = change(drafts, 0, SetWeight("haie", 2))
    undone = drafts.undo("essai", revision=draft.revision, author="lea", now=NOW)
    with pytest.raises(InputError, match=r"Rien à publier : le brouillon de « essai » ne change rien."):
        drafts.publish({"essai": undone.revision}, author="lea", message="", now=NOW)
    drafts.discard("essai", revision=undone.revision)
    assert drafts.draft("essai") is None
