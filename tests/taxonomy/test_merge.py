"""Two people change one taxonomy: what is brought together, what must be decided, what breaks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from taxonomy.concept_operations import (
    AddConcept,
    AddLabels,
    MergeConcepts,
    MoveConcept,
    MoveLabels,
    RemoveLabels,
    RenameConcept,
    RetireConcept,
    SetScopeNote,
    SetWeight,
)
from taxonomy.content import content_of, sealed
from taxonomy.edit import Operation, apply
from taxonomy.merge import aligned, both_sides, completed, merge, union
from taxonomy.scheme_operations import (
    AddDossier,
    ChangeDossier,
    RemovePriority,
    SetAudience,
    SetDefinition,
    SetPriority,
)
from taxonomy.types import Concept, Dossier, Taxonomy
from tests.taxonomy.words import sample, taxonomies

BASE = sample()


def after(*operations: Operation) -> Taxonomy:
    return apply(BASE, *operations)


@given(taxonomies(), taxonomies())
@settings(max_examples=100, deadline=None)
def test_one_side_that_did_nothing_changes_nothing(base: Taxonomy, side: Taxonomy) -> None:
    for result in (merge(base, base, side), merge(base, side, base), merge(base, side, side)):
        assert result.clean
        assert content_of(result.taxonomy) == content_of(side)


@given(taxonomies(), taxonomies(), taxonomies())
@settings(max_examples=100, deadline=None)
def test_sides_may_be_exchanged(base: Taxonomy, ours: Taxonomy, theirs: Taxonomy) -> None:
    """The same conflicts at the same places, and once they are decided the same words, order apart."""
    one, other = merge(base, ours, theirs), merge(base, theirs, ours)
    assert sorted(c.key for c in one.conflicts) == sorted(c.key for c in other.conflicts)
    decided = merge(base, ours, theirs, {c.key: "ours" for c in one.conflicts})
    mirrored = merge(base, theirs, ours, {c.key: "theirs" for c in other.conflicts})
    assert decided.conflicts == mirrored.conflicts == ()
    assert _as_sets(decided.taxonomy) == _as_sets(mirrored.taxonomy)


def _as_sets(taxonomy: Taxonomy) -> object:
    def sets(value: object) -> object:
        if isinstance(value, dict):
            return frozenset((k, sets(v)) for k, v in value.items())
        if isinstance(value, list):
            return frozenset(sets(v) for v in value)
        return frozenset([value]) if isinstance(value, str) else value

    return sets(content_of(taxonomy))


def test_what_each_did_apart_is_brought_together() -> None:
    ours = after(
        AddLabels("haie", "altLabel", ("trogne",)), SetWeight("mare", 2), AddConcept(Concept("", "fossé"), "haie"),
        SetAudience(("lecteurs", "élus")), SetPriority("Planter", ("haie", "talus", "mare")),
    )  # fmt: skip
    theirs = after(
        RemoveLabels("haie", "altLabel", ("bocage",)), SetScopeNote("mare", "Eaux."), RetireConcept("talus"),
        AddDossier(Dossier("sols", "Sols")), SetDefinition("Autre."), AddConcept(Concept("", "chemin"), "haie"),
    )  # fmt: skip
    result = merge(BASE, ours, theirs)
    assert result.clean
    merged = result.taxonomy
    assert merged.concept("haie").alt_labels == ("haie bocagère", "trogne")
    assert (merged.concept("mare").weight, merged.concept("mare").scope_note) == (2, "Eaux.")
    assert [c.id for c in merged.concepts] == ["paysage", "haie", "chemin", "fosse", "mare"]
    assert [d.id for d in merged.dossiers] == ["bocage", "eau", "sols"]
    assert (merged.definition, merged.audience) == ("Autre.", ("lecteurs", "élus"))
    assert merged.priorities[0].concepts == ("haie", "mare")


@pytest.mark.parametrize(
    ("ours", "theirs", "key", "told"),
    [
        (SetWeight("haie", 2), SetWeight("haie", 0.5), "concept:haie:weight",
         "haie : poids 1,5 au départ, 2 de votre côté, 0,5 de l'autre côté."),
        (SetScopeNote("mare", "Eaux."), SetScopeNote("mare", "Étangs."), "concept:mare:scopeNote",
         "mare : note « Eaux. » de votre côté, « Étangs. » de l'autre côté."),
        (SetScopeNote("haie", ""), SetScopeNote("haie", "Haies."), "concept:haie:scopeNote",
         "haie : note « Plantation et entretien des haies. » au départ, (vide) de votre côté, "
         "« Haies. » de l'autre côté."),
        (RenameConcept("haie", "trogne"), RenameConcept("haie", "haies vives"), "concept:haie:prefLabel",
         "trogne : nom « haie » au départ, « trogne » de votre côté, « haies vives » de l'autre côté."),
        (RetireConcept("mare"), SetWeight("mare", 2), "concept:mare",
         "concept « mare » : retiré de votre côté et modifié de l'autre côté."),
        (SetWeight("mare", 2), RetireConcept("mare"), "concept:mare",
         "concept « mare » : modifié de votre côté et retiré de l'autre côté."),
        (RemovePriority("Planter"), SetPriority("Planter", ("mare",)), "priority:Planter",
         "priorité « Planter » : retirée de votre côté et modifiée de l'autre côté."),
        (ChangeDossier(Dossier("eau", "Eaux")), ChangeDossier(Dossier("eau", "Mares")), "dossier:eau:prefLabel",
         "Eaux : nom « Eau » au départ, « Eaux » de votre côté, « Mares » de l'autre côté."),
        (SetDefinition("A."), SetDefinition("B."), "scheme:definition",
         "Essai : définition « Les campagnes. » au départ, « A. » de votre côté, « B. » de l'autre côté."),
        (AddConcept(Concept("sol", "sol vivant")), AddConcept(Concept("sol", "sol nu")), "concept:sol:prefLabel",
         "sol vivant : nom « sol vivant » de votre côté, « sol nu » de l'autre côté."),
    ],
)  # fmt: skip
def test_contradictions_are_told_with_both_sides_and_can_be_decided(
    ours: Operation, theirs: Operation, key: str, told: str
) -> None:
    result = merge(BASE, after(ours), after(theirs))
    assert not result.clean
    assert [(c.key, c.text) for c in result.conflicts] == [(key, told)]
    assert result.told() == told
    for side, wanted in (("ours", after(ours)), ("theirs", after(theirs))):
        decided = merge(BASE, after(ours), after(theirs), {key: side})
        assert decided.conflicts == ()
        if not key.endswith(":prefLabel"):  # labels of both names stay
            assert content_of(decided.taxonomy) == content_of(wanted)
    assert merge(BASE, after(ours), after(theirs), {key: "autre"}).conflicts == result.conflicts


def test_names_of_the_sides_are_those_of_the_caller() -> None:
    sides = ("votre brouillon", "la version 12")
    result = merge(BASE, after(SetWeight("haie", 2)), after(SetWeight("haie", 1)), sides=sides)
    assert result.conflicts[0].text == "haie : poids 1,5 au départ, 2 de votre brouillon, 1 de la version 12."
    text = both_sides(BASE, after(SetWeight("haie", 2)), BASE, sides)
    assert text == "De votre brouillon :\nhaie (haie)\n  poids 1,5 → 2\nDe la version 12 :\nrien"


@pytest.mark.parametrize(
    ("ours", "theirs", "told"),
    [
        (AddLabels("haie", "altLabel", ("roselière",)), AddLabels("mare", "altLabel", ("roselières",)),
         "le libellé « roselières » est déjà celui de « haie »"),
        (MoveConcept("haie", ("mare",)), MoveConcept("mare", ("haie",)), "revient sur elle-même"),
        (AddConcept(Concept("", "fossé", broader=("mare",))), RetireConcept("mare"), "broader « mare » n'existe pas"),
        (AddLabels("mare", "altLabel", ("étier",)), MergeConcepts("haie", "mare"), "concept « mare » : modifié"),
    ],
)  # fmt: skip
def test_sound_sides_that_break_together_are_not_clean(ours: Operation, theirs: Operation, told: str) -> None:
    result = merge(BASE, after(ours), after(theirs))
    assert not result.clean
    assert told in result.told()


def test_a_label_stands_at_one_place_after_a_merge() -> None:
    result = merge(BASE, after(RenameConcept("haie", "trogne", "")), after(AddLabels("haie", "altLabel", ("trogne",))))
    assert result.clean
    assert "trogne" not in result.taxonomy.concept("haie").alt_labels
    hidden = after(MoveLabels("haie", ("bocage",), "haie", "hiddenLabel"))
    shown = after(AddLabels("haie", "altLabel", ("trogne",)))
    haie = merge(BASE, hidden, shown).taxonomy.concept("haie")
    assert (haie.alt_labels, haie.hidden_labels) == (("haie bocagère", "trogne"), ("aie bocagère", "bocage"))


def test_union_keeps_the_order_that_somebody_chose() -> None:
    assert union("abc", "cba", "abcd") == ("c", "d", "b", "a")
    assert union("abc", "abxc", "cba") == ("c", "b", "x", "a")
    assert union("abc", "ab", "bc") == ("b",)
    assert union("", "ab", "ba") == ("a", "b")


@given(taxonomies())
@settings(max_examples=60, deadline=None)
def test_words_that_lost_their_order_find_it_again(taxonomy: Taxonomy) -> None:
    def turned(concept: Concept) -> Concept:
        return replace(
            concept,
            alt_labels=concept.alt_labels[::-1],
            notations=concept.notations[::-1],
            exclude_labels=concept.exclude_labels[::-1],
            broader=concept.broader[::-1],
            dossiers=concept.dossiers[::-1],
        )

    shuffled = sealed(
        replace(
            taxonomy,
            concepts=tuple(turned(c) for c in reversed(taxonomy.concepts)),
            dossiers=taxonomy.dossiers[::-1],
            audience=taxonomy.audience[::-1],
            neighbours=taxonomy.neighbours[::-1],
            priorities=taxonomy.priorities[::-1],
        )
    )
    assert aligned(shuffled, taxonomy) == taxonomy


def test_what_a_file_brings_completes_what_is_there() -> None:
    brought = sample(
        pref_label="Autre",
        definition="Autre.",
        concepts=(Concept("haie", "haie vive"), Concept("fosse", "fossé")),
        dossiers=(Dossier("sols", "Sols"),),
        priorities=(),
        audience=(),
    )
    both = completed(brought, BASE)
    assert [c.id for c in both.concepts] == ["paysage", "haie", "mare", "talus", "fosse"]
    assert both.concept("haie").pref_label == "haie vive"
    assert (both.pref_label, both.definition, both.audience) == ("Essai", "Les campagnes.", ("lecteurs",))
    assert [d.id for d in both.dossiers] == ["bocage", "eau", "sols"]
    assert both.priorities == BASE.priorities
