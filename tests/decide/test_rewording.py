"""What a change of words does not reach reads the same before and after; what it reaches is not everything."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.decide.reading import Words, index_keys, read
from curation.decide.rewording import Rewording, holding, rewording
from curation.types import Item
from taxonomy.concept_operations import (
    WORDS,
    AddConcept,
    AddLabels,
    MoveConcept,
    RemoveLabels,
    RenameConcept,
    SetDossiers,
    SetScopeNote,
    SetWeight,
)
from taxonomy.edit import EditError, Operation, apply
from taxonomy.french import tokens
from taxonomy.match import Matcher
from taxonomy.scheme_operations import SetAudience, SetDefinition, SetNeighbours, SetPriority
from taxonomy.types import Concept, Taxonomy
from tests.taxonomy.words import sample

#: Phrases that meet one another: labels, plurals, exclusions, longer and shorter ones.
PHRASES = [
    "haie", "haies bocagères", "bocage", "PSE", "pse", "course de haies", "haie de thuyas", "talus", "talus de la mare",
    "mare", "étang", "grand paysage", "paysage", "maire", "PSE de printemps", "aie bocagère", "plan d'eau", "rien",
]  # fmt: skip
_TEXT = st.lists(st.sampled_from(PHRASES), max_size=6).map(" et ".join)
_CONCEPT = st.sampled_from([c.id for c in sample().concepts])
_KEY = st.sampled_from(WORDS)
_GESTURE = st.one_of(
    st.builds(AddLabels, _CONCEPT, _KEY, st.sampled_from(PHRASES).map(lambda p: (p,))),
    st.builds(RemoveLabels, _CONCEPT, _KEY, st.sampled_from(PHRASES).map(lambda p: (p,))),
    st.builds(SetWeight, _CONCEPT, st.sampled_from([0.2, 1.0, 2.0])),
)


def words(taxonomy: Taxonomy) -> Words:
    return Words((taxonomy,), None, None, Matcher((taxonomy,)))


def item(title: str, text: str) -> Item:
    return Item("a", title, text, "", "", None)


def reaches(change: Rewording, said: Item) -> bool:
    return bool(len(holding([index_keys(tokens(said.title), tokens(said.text))], change.touching)))


def changed(taxonomy: Taxonomy, gestures: Sequence[Operation]) -> Taxonomy:
    for gesture in gestures:
        try:
            taxonomy = apply(taxonomy, gesture)
        except EditError:
            continue
    return taxonomy


@given(st.lists(_GESTURE, max_size=4), st.lists(st.tuples(_TEXT, _TEXT), min_size=1, max_size=8))
def test_what_is_not_reached_reads_the_same(gestures: list[Operation], texts: list[tuple[str, str]]) -> None:
    before = sample()
    after = changed(before, gestures)
    found = rewording([before], [after])
    assert not found.everywhere
    items = [i for i in (item(*t) for t in texts) if not reaches(found, i)]
    assert read(items, words(before)) == read(items, words(after))


def test_reaching_is_finding_whole_phrases() -> None:
    texts = [index_keys(tokens(t)) for t in ("Les plans d’eau", "Un plan", "", "L’eau du plan")]
    assert holding(texts, [("plan", "eau")]).tolist() == [0, 3]  # their order is for the matcher
    assert holding(texts, [("plan",), ("absent",)]).tolist() == [0, 1, 3]
    assert holding(texts, []).tolist() == []
    assert holding([], [("plan",)]).tolist() == []


@pytest.mark.parametrize(
    ("gesture", "reached", "left"),
    [
        (AddLabels("mare", "altLabel", ("plan d'eau",)), "Les plans d’eau", "Les étangs et la mare"),
        (RemoveLabels("mare", "altLabel", ("étang",)), "Les étangs", "La haie"),
        (AddLabels("haie", "excludeLabel", ("haie de thuyas",)), "une haie de thuyas", "une mare"),
        (RemoveLabels("haie", "excludeLabel", ("course de haies",)), "courses de haies", "une mare"),
        (SetWeight("haie", 2), "le PSE", "une mare"),
    ],
)
def test_words_reach_the_texts_where_they_stand(gesture: Operation, reached: str, left: str) -> None:
    before = sample()
    found = rewording([before], [apply(before, gesture)])
    assert reaches(found, item("", reached)) and reaches(found, item(reached, ""))
    assert not reaches(found, item(left, left)) and not found.everywhere


@pytest.mark.parametrize(
    "gesture",
    [
        AddConcept(Concept("", "ripisylve")),
        RenameConcept("haie", "haie vive"),
        SetScopeNote("haie", "Autre chose."),
        SetDossiers("mare", ("bocage",)),
        SetDefinition("Les villes."),
        SetNeighbours(("autre",)),
    ],
)
def test_what_meaning_or_arbitration_reads_reaches_everything(gesture: Operation) -> None:
    before = sample()
    assert rewording([before], [apply(before, gesture)]).everywhere


@pytest.mark.parametrize(
    "gesture", [SetAudience(("maires",)), SetPriority("Autre", ("mare",)), MoveConcept("talus", ("paysage",))]
)
def test_what_no_judgement_reads_reaches_nothing(gesture: Operation) -> None:
    before = sample()
    found = rewording([before], [apply(before, gesture)])
    assert found == Rewording()
