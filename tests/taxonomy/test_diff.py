"""Differences as a person reads them, none left out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from taxonomy.concept_operations import (
    AddConcept,
    AddLabels,
    MoveConcept,
    RemoveLabels,
    RenameConcept,
    RetireConcept,
    SetDossiers,
    SetScopeNote,
    SetWeight,
)
from taxonomy.content import content_of, sealed
from taxonomy.diff import diff, summary, told
from taxonomy.edit import Operation, apply
from taxonomy.scheme_operations import (
    AddDossier,
    ChangeDossier,
    RemoveDossier,
    RemovePriority,
    SetAudience,
    SetDefinition,
    SetNeighbours,
    SetPriority,
)
from taxonomy.types import Concept, Dossier, Taxonomy
from tests.taxonomy.words import sample, taxonomies

START = sample()


def lines(*operations: Operation) -> list[str]:
    return told(diff(START, apply(START, *operations))).splitlines()


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (AddLabels("haie", "altLabel", ("halle gourmande",)), ["haie (haie)", "  + libellé « halle gourmande »"]),
        (AddLabels("haie", "hiddenLabel", ("aie",)), ["haie (haie)", "  + libellé caché « aie »"]),
        (AddLabels("haie", "excludeLabel", ("haie d'honneur",)), ["haie (haie)", "  + exclusion « haie d'honneur »"]),
        (RemoveLabels("haie", "notation", ("PSE",)), ["haie (haie)", "  − sigle « PSE »"]),
        (SetWeight("mare", 1.5), ["mare (mare)", "  poids 1 → 1,5"]),
        (SetScopeNote("mare", "Eaux."), ["mare (mare)", "  + note « Eaux. »"]),
        (SetScopeNote("haie", ""), ["haie (haie)", "  − note « Plantation et entretien des haies. »"]),
        (SetScopeNote("haie", "Haies."),
         ["haie (haie)", "  note « Plantation et entretien des haies. » → « Haies. »"]),
        (RenameConcept("haie", "trogne"),
         ["trogne (haie)", "  nom « haie » → « trogne »", "  + libellé « haie »"]),
        (MoveConcept("talus", ("mare",)),
         ["talus (talus)", "  + concept parent « mare »", "  − concept parent « haie »"]),
        (SetDossiers("mare", ("bocage",)), ["mare (mare)", "  + dossier « Bocage »", "  − dossier « Eau »"]),
        (AddConcept(Concept("", "fossé", ("ados",), weight=0.5, dossiers=("eau",))),
         ["+ concept « fossé »", "  + libellé « ados »", "  + dossier « Eau »", "  poids 1 → 0,5"]),
        (RetireConcept("mare"), ["− concept « mare », 2 libellés"]),
        (SetAudience(("élus",)), ["Essai", "  + public « élus »", "  − public « lecteurs »"]),
        (SetNeighbours(()), ["Essai", "  − voisine « voisine »"]),
        (SetDefinition("Autre."), ["Essai", "  définition « Les campagnes. » → « Autre. »"]),
        (AddDossier(Dossier("sols", "Sols", "Vivants.")), ["+ dossier « Sols »", "  + note « Vivants. »"]),
        (ChangeDossier(Dossier("eau", "Eaux", "")), ["Eaux (eau)", "  nom « Eau » → « Eaux »"]),
        (RemoveDossier("eau"), ["− dossier « Eau »", "mare (mare)", "  − dossier « Eau »"]),
        (SetPriority("Planter", ("haie", "mare")),
         ["priorité « Planter »", "  + concept « mare »", "  − concept « talus »"]),
        (SetPriority("Creuser", ("mare",)), ["+ priorité « Creuser »", "  + concept « mare »"]),
        (RemovePriority("Planter"), ["− priorité « Planter »"]),
    ],
)  # fmt: skip
def test_each_difference_reads_as_a_line(operation: Operation, expected: list[str]) -> None:
    assert lines(operation) == expected


def test_orders_that_change_are_told() -> None:
    turned = sealed(replace(START, concepts=tuple(reversed(START.concepts))))
    assert told(diff(START, turned)) == "Essai\n  ordre des concepts changé"
    labels = replace(START.concept("haie"), alt_labels=("bocage", "haie bocagère"))
    swapped = sealed(replace(START, concepts=tuple(labels if c.id == "haie" else c for c in START.concepts)))
    assert told(diff(START, swapped)) == "haie (haie)\n  ordre des libellés changé"


@given(taxonomies(), taxonomies())
@settings(max_examples=100, deadline=None)
def test_no_difference_is_left_out_and_none_invented(before: Taxonomy, after: Taxonomy) -> None:
    assert diff(before, before) == ()
    assert bool(diff(before, after)) == (content_of(before) != content_of(after))


def test_a_change_carries_both_sides_for_scripts() -> None:
    (change,) = diff(START, apply(START, SetWeight("haie", 2)))
    assert (change.about, change.id, change.name, change.field) == ("concept", "haie", "haie", "weight")
    assert (change.before, change.after, change.text) == ("1,5", "2", "poids 1,5 → 2")


def test_a_summary_counts() -> None:
    after = apply(
        START,
        AddConcept(Concept("", "fossé", ("ados",))),
        AddConcept(Concept("", "chemin")),
        RetireConcept("talus"),
        SetWeight("haie", 2),
        AddDossier(Dossier("sols", "Sols")),
        SetAudience(("élus",)),
    )
    assert summary(diff(START, after)) == (
        "2 concepts ajoutés, 1 concept retiré, 1 concept modifié, 1 dossier ajouté, 1 priorité modifiée, "
        "présentation modifiée"
    )
    assert summary(()) == "aucune différence"
