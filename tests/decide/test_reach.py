"""What a change of words does not reach reads the same before and after; what it reaches is not everything."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.decide.reach import reach
from curation.decide.reading import Words, read
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
    found = reach([(before, after)])
    assert found is not None
    items = [i for i in (item(*t) for t in texts) if not found.reaches(i)]
    assert read(items, words(before)) == read(items, words(after))


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
    found = reach([(before, apply(before, gesture))])
    assert found is not None
    assert found.reaches(item("", reached)) and found.reaches(item(reached, ""))
    if not isinstance(gesture, AddLabels) or gesture.concept != "mare":
        assert not found.reaches(item(left, left))


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
    assert reach([(before, apply(before, gesture))]) is None


@pytest.mark.parametrize(
    "gesture", [SetAudience(("maires",)), SetPriority("Autre", ("mare",)), MoveConcept("talus", ("paysage",))]
)
def test_what_no_judgement_reads_reaches_nothing(gesture: Operation) -> None:
    before = sample()
    found = reach([(before, apply(before, gesture))])
    assert found is not None
    assert not any(found.reaches(item(p, p)) for p in PHRASES if "talus" not in p)
