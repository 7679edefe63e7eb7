"""Operations: what each makes of a taxonomy, what is refused and why, and that each can be kept as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from taxonomy.check import check
from taxonomy.concept_operations import (
    AddConcept,
    AddLabels,
    MergeConcepts,
    MoveConcept,
    MoveLabels,
    RemoveLabels,
    RenameConcept,
    RetireConcept,
    SetDossiers,
    SetScopeNote,
    SetWeight,
    SplitConcept,
)
from taxonomy.content import content_of, version_of
from taxonomy.edit import OPERATIONS, EditError, Operation, all_from_json, apply, from_json, slug, to_json
from taxonomy.exchange import BringIn, SendAway
from taxonomy.match import Matcher
from taxonomy.scheme_operations import (
    AddDossier,
    ChangeDossier,
    RemoveDossier,
    RemovePriority,
    ReplaceWords,
    SetAudience,
    SetDefinition,
    SetLabel,
    SetNeighbours,
    SetPriority,
)
from taxonomy.types import Concept, Dossier, Priority
from tests.taxonomy.words import sample

START = sample()
EXAMPLES: list[tuple[Operation, str]] = [
    (AddConcept(Concept("", "Fossé"), "haie"), "concept « Fossé » ajouté"),
    (RenameConcept("haie", "haies vives"), "concept « haie » renommé « haies vives »"),
    (MergeConcepts("haie", "mare"), "« mare » fusionné dans « haie »"),
    (SplitConcept("haie", Concept("", "bocage", notations=("PSE",))), "« bocage » détaché de « haie »"),
    (MoveConcept("talus", ("paysage", "mare")), "« talus » rangé sous « paysage », « mare »"),
    (MoveConcept("talus"), "« talus » rangé au premier niveau"),
    (RetireConcept("mare"), "concept « mare » retiré"),
    (AddLabels("mare", "altLabel", ("étier", "boire")), "« mare » : + libellé « étier », « boire »"),
    (RemoveLabels("haie", "notation", ("PSE",)), "« haie » : − sigle « PSE »"),
    (MoveLabels("haie", ("bocage",), "paysage"), "« bocage » : de « haie » à « paysage »"),
    (MoveLabels("haie", ("bocage",), "haie", "hiddenLabel"), "« haie » : « bocage » devient libellé caché"),
    (SetWeight("haie", 1.25), "« haie » : poids 1,5 → 1,25"),
    (SetDossiers("haie", ("bocage", "eau")), "« haie » : dossier « Bocage », « Eau »"),
    (SetScopeNote("mare", "Pièces d'eau."), "« mare » : note modifiée"),
    (SetLabel("Campagnes"), "communauté renommée « Campagnes »"),
    (SetDefinition("Tout  autre."), "définition modifiée"),
    (SetAudience(("élus", "agents")), "publics : élus, agents"),
    (SetNeighbours(()), "voisines : aucune"),
    (SetPriority("Planter", ("mare",), "Creuser"), "priorité « Creuser » : « mare »"),
    (RemovePriority("Planter"), "priorité « Planter » retirée"),
    (AddDossier(Dossier("", "Sols vivants", "Les sols."), "bocage"), "dossier « Sols vivants » ajouté"),
    (ChangeDossier(Dossier("eau", "Eaux", "Mares.")), "dossier « Eau » modifié"),
    (RemoveDossier("eau", "bocage"), "dossier « Eau » retiré"),
    (ReplaceWords(sample(pref_label="Autre"), "import du fichier"), "import du fichier"),
    (SendAway(("haie", "talus"), "voisine", ("bocage",)), "« haie », « talus », dossier « Bocage » : vers « voisine »"),
    (BringIn((Concept("fosse", "fossé"),), "voisine", (Dossier("sols", "Sols"),), (Priority("P", ("fosse",)),)),
     "« fossé », dossier « Sols » : de « voisine »"),
]  # fmt: skip


def refusals(*operations: Operation) -> str:
    with pytest.raises(EditError) as caught:
        apply(START, *operations)
    assert caught.value.faults
    return str(caught.value)


@pytest.mark.parametrize(("operation", "told"), EXAMPLES, ids=lambda v: v.op if isinstance(v, Operation) else "")
def test_every_operation_changes_something_tells_it_and_travels_as_json(operation: Operation, told: str) -> None:
    after = apply(START, operation)
    assert check(after) == []
    assert after != START
    assert after.version == version_of(after) != START.version
    assert operation.told(START) == told
    assert from_json(json.loads(json.dumps(to_json(operation)))) == operation


def test_no_operation_is_without_an_example() -> None:
    from_json(to_json(SetWeight("haie", 1)))  # reads the modules that name them
    assert {operation.op for operation, _ in EXAMPLES} == set(OPERATIONS)


def test_the_start_is_left_alone() -> None:
    before = content_of(START)
    for operation, _ in EXAMPLES:
        apply(START, operation)
    assert content_of(START) == before


def test_a_new_concept_stands_where_it_was_put_with_an_id_of_its_own() -> None:
    after = apply(START, AddConcept(Concept("", "  Étang  d'été "), "haie"), AddConcept(Concept("", "étang d'été bis")))
    assert [c.id for c in after.concepts] == ["paysage", "haie", "etang-d-ete", "mare", "talus", "etang-d-ete-bis"]
    assert after.concept("etang-d-ete").pref_label == "Étang d'été"
    beside = apply(START, AddConcept(Concept("", "fossé", broader=("paysage",))))
    assert [c.id for c in beside.concepts] == ["paysage", "haie", "mare", "fosse", "talus"]


def test_a_concept_keeps_its_id_and_its_old_name() -> None:
    renamed = apply(START, RenameConcept("haie", "bocage"))
    assert renamed.concept("haie").pref_label == "bocage"
    assert renamed.concept("haie").alt_labels == ("haie bocagère", "haie")  # the new name is no other label any more
    hidden = apply(START, RenameConcept("haie", "trogne", "hiddenLabel")).concept("haie")
    assert hidden.hidden_labels == ("aie bocagère", "haie")
    dropped = apply(START, RenameConcept("haie", "trogne", "")).concept("haie")
    assert "haie" not in (*dropped.alt_labels, *dropped.hidden_labels)
    plural = apply(START, RenameConcept("haie", "haies")).concept("haie")
    assert "haie" not in plural.alt_labels  # « haies » already meets it


def test_a_merge_keeps_every_word_and_every_link() -> None:
    after = apply(START, MergeConcepts("mare", "haie"))
    mare = after.concept("mare")
    assert mare.alt_labels == ("étang", "haie", "haie bocagère", "bocage")
    assert (mare.notations, mare.hidden_labels, mare.exclude_labels) == (
        ("PSE",),
        ("aie bocagère",),
        ("course de haies",),
    )
    assert (mare.broader, mare.dossiers, mare.weight) == (("paysage",), ("eau",), 1.0)
    assert mare.scope_note == "Plantation et entretien des haies."
    assert after.concept("talus").broader == ("mare",)
    assert after.priorities[0].concepts == ("mare", "talus")


def test_a_merge_never_closes_a_circle_nor_cancels_a_word() -> None:
    assert apply(START, MergeConcepts("talus", "paysage")).concept("talus").broader == ()
    assert apply(START, MergeConcepts("paysage", "talus")).concept("paysage").broader == ()
    barred = apply(START, AddLabels("mare", "excludeLabel", ("bocage", "mare aux canards")))
    assert apply(barred, MergeConcepts("mare", "haie")).concept("mare").exclude_labels == (
        "mare aux canards",
        "course de haies",
    )


def test_what_matched_before_a_split_matches_after() -> None:
    wide = apply(START, AddLabels("haie", "excludeLabel", ("bocage normand", "concours hippique")))
    after = apply(wide, SplitConcept("haie", Concept("", "bocage")))
    part, whole = after.concept("bocage"), after.concept("haie")
    assert part.exclude_labels == ("bocage normand", "concours hippique")
    assert whole.exclude_labels == ("course de haies", "concours hippique")
    assert (part.broader, part.dossiers) == (("paysage",), ("bocage",))
    assert [c.id for c in after.concepts].index("bocage") == 2
    for text in ("le bocage", "le bocage normand", "une haie au concours hippique", "le bocage du concours hippique"):
        before_, after_ = ({m.label for m in Matcher([t]).match(text)} for t in (wide, after))
        assert before_ == after_, text


def test_a_retired_concept_leaves_its_children_and_places() -> None:
    after = apply(START, RetireConcept("haie"))
    assert after.concept("talus").broader == ("paysage",)
    assert after.priorities[0].concepts == ("talus",)
    assert apply(START, RetireConcept("haie"), RetireConcept("talus")).priorities == ()
    heir = apply(START, RetireConcept("haie", "mare"))
    assert heir.concept("talus").broader == ("mare",)
    assert heir.priorities[0].concepts == ("mare", "talus")


def test_labels_move_with_the_exclusions_that_concern_them() -> None:
    wide = apply(START, AddLabels("haie", "excludeLabel", ("bocage normand",)))
    after = apply(wide, MoveLabels("haie", ("bocage", "PSE"), "mare", "altLabel"))
    assert after.concept("mare").alt_labels == ("étang", "bocage", "PSE")
    assert after.concept("mare").exclude_labels == ("bocage normand",)
    assert after.concept("haie").exclude_labels == ("course de haies",)
    assert after.concept("haie").notations == ()


def test_a_dossier_that_goes_leaves_its_concepts_to_another() -> None:
    assert apply(START, RemoveDossier("bocage", "eau")).concept("haie").dossiers == ("eau",)
    assert apply(START, RemoveDossier("bocage")).concept("haie").dossiers == ()
    assert [d.id for d in apply(START, AddDossier(Dossier("", "Sols"), "bocage")).dossiers] == ["bocage", "sols", "eau"]


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        (SetWeight("hae", 1), "concept « hae » : il n'existe pas (ou plus). Vouliez-vous écrire « haie » ?"),
        (SetWeight("haie", 4), "concept « haie » : weight doit être compris entre 0 et 3."),
        (SetWeight("haie", float("nan")), "concept « haie » : weight doit être compris entre 0 et 3."),
        (AddConcept(Concept("haie", "haies d'arbres")), "concept « haie » défini plusieurs fois."),
        (AddConcept(Concept("", "Bocages")), "« bocages » : le libellé « Bocages » est déjà celui de « haie »."),
        (AddConcept(Concept("", "de la")), "ne contient aucun mot significatif"),
        (AddConcept(Concept("é", "fossé")), "l'identifiant « é » ne convient pas"),
        (AddConcept(Concept("", "fos\u200bsé")), "caractère invisible (U+200B)"),
        (RenameConcept("haie", "étang"), "le libellé « étang » est déjà celui de « haie »"),
        (RenameConcept("haie", "trogne", "ailleurs"), "l'ancien nom va dans altLabel, dans hiddenLabel, ou disparaît"),
        (MergeConcepts("haie", "haie"), "on ne fusionne pas un concept avec lui-même"),
        (MergeConcepts("haie", "rien"), "concept « rien » : il n'existe pas"),
        (SplitConcept("haie", Concept("", "haie")), "« haie » est son nom. Renommez-le"),
        (MoveConcept("paysage", ("talus",)), "revient sur elle-même (paysage → haie → talus → paysage)"),
        (MoveConcept("haie", ("haie",)), "un concept n'est pas son propre parent"),
        (MoveConcept("haie", ("champ",)), "concept « haie » : broader « champ » n'existe pas."),
        (RetireConcept("haie", "rien"), "concept « rien » : il n'existe pas"),
        (AddLabels("mare", "altLabel", ("bocage",)), "est déjà celui de « haie »"),
        (AddLabels("mare", "altLabel", ("étang",)), "concept « mare » : « étang » s'y trouve déjà."),
        (AddLabels("mare", "hiddenLabel", ("étang",)), "le libellé « étang » est donné deux fois"),
        (AddLabels("haie", "excludeLabel", ("les haies",)), "« les haies » annule toujours le libellé « haie »"),
        (AddLabels("haie", "broader", ("mare",)), "« broader » n'est pas une liste de mots"),
        (RemoveLabels("haie", "altLabel", ("trogne",)), "libellé « trogne » ne s'y trouve pas (ou plus)."),
        (MoveLabels("haie", ("haie",), "mare"), "« haie » est son nom. Renommez-le"),
        (MoveLabels("haie", ("trogne",), "mare"), "« trogne » ne s'y trouve pas"),
        (SetDossiers("haie", ("bocages",)), "dossier « bocages » n'existe pas. Vouliez-vous écrire « bocage » ?"),
        (SetLabel(" "), "le vocabulaire doit porter un nom."),
        (SetNeighbours(("essai",)), "la communauté est sa propre voisine"),
        (SetPriority("Planter", ("hai",)), "concept « hai » n'existe pas. Vouliez-vous écrire « haie » ?"),
        (SetPriority(" ", ()), "une priorité doit porter un nom."),
        (RemovePriority("Plante"), "elle n'existe pas (ou plus). Vouliez-vous écrire « Planter » ?"),
        (AddDossier(Dossier("eau", "Eaux")), "dossier « eau » défini plusieurs fois."),
        (ChangeDossier(Dossier("eaux", "Eaux")), "il n'existe pas (ou plus). Vouliez-vous écrire « eau » ?"),
        (RemoveDossier("eau", "eau"), "il ne peut pas se remplacer lui-même"),
        (ReplaceWords(sample(id="autre"), ""), "ces mots sont ceux de « autre », pas de « essai »"),
        (SendAway(("haie",), "voisine", ("sols",)), "dossier « sols » : il n'existe pas"),
        (BringIn((Concept("haie", "fossé"),), "voisine"), "cet identifiant existe déjà dans « essai ». Fusionnez-les"),
        (BringIn((), "voisine", (Dossier("eau", "Eau"),)), "dossier « eau » : il existe déjà dans « essai »."),
    ],
    ids=lambda v: v.op if isinstance(v, Operation) else "",
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_french(operation: Operation, told: str) -> None:
    assert told in refusals(operation)


def test_faults_say_which_concept_and_which_field() -> None:
    with pytest.raises(EditError) as caught:
        apply(START, SetWeight("haie", 9), MoveConcept("mare", ("champ",)))
    assert [(f.concept, f.field) for f in caught.value.faults] == [("haie", "weight"), ("mare", "broader")]


def test_operations_together_may_pass_through_what_alone_is_refused() -> None:
    move = [RemoveLabels("haie", "altLabel", ("bocage",)), AddLabels("mare", "altLabel", ("bocage",))]
    assert apply(START, *move).concept("mare").alt_labels == ("étang", "bocage")
    assert apply(START, *reversed(move)).concept("mare").alt_labels == ("étang", "bocage")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("haie", "une opération est un objet JSON"),
        ({"concept": "haie"}, "une opération est un objet JSON"),
        ({"op": "set_wieght"}, "opération « set_wieght » inconnue. Vouliez-vous écrire « set_weight » ?"),
        ({"op": "x"}, "opération « x » inconnue. Connues : add_concept"),
        ({"op": "set_weight", "concept": "haie"}, "le champ « weight » manque"),
        ({"op": "set_weight", "concept": "haie", "weigth": 1}, "inconnu « weigth ». Vouliez-vous écrire « weight » ?"),
        ({"op": "set_weight", "concept": "haie", "weight": "1"}, "le champ « weight » n'a pas la forme attendue"),
        ({"op": "set_weight", "concept": "haie", "weight": True}, "le champ « weight » n'a pas la forme attendue"),
        ({"op": "set_weight", "concept": 3, "weight": 1}, "le champ « concept » n'a pas la forme attendue"),
        ({"op": "add_labels", "concept": "haie", "key": "altLabel", "labels": "a"}, "« labels » n'a pas la forme"),
        ({"op": "add_labels", "concept": "haie", "key": "altLabel", "labels": [1]}, "« labels » n'a pas la forme"),
        ({"op": "add_labels", "concept": "haie", "key": "altLabel", "labels": 1}, "« labels » n'a pas la forme"),
        ({"op": "add_concept", "concept": {"id": "a"}}, "le champ « concept » n'a pas la forme attendue"),
        ({"op": "add_concept", "concept": {"prefLabel": [["a"]]}}, "le champ « concept » n'a pas la forme attendue"),
        ({"op": "bring_in", "concepts": {}, "origin": "b"}, "le champ « concepts » n'a pas la forme attendue"),
        ({"op": "bring_in", "concepts": [], "origin": "b", "onto": [["a"]]}, "le champ « onto » n'a pas la forme"),
    ],
)  # fmt: skip
def test_operations_of_a_stranger_are_explained(content: Any, told: str) -> None:
    with pytest.raises(EditError) as caught:
        from_json(content)
    assert told in str(caught.value)
    with pytest.raises(EditError, match=r"n° 2, "):
        all_from_json([{"op": "retire_concept", "concept": "mare"}, content])


def test_an_operation_written_by_hand_uses_the_keys_of_the_file() -> None:
    (operation,) = all_from_json({"op": "add_concept", "concept": {"prefLabel": "fossé", "altLabel": "ados"}})
    assert operation == AddConcept(Concept("", "fossé", ("ados",)))


def test_ids_made_of_labels() -> None:
    assert slug("Cœur d’îlot (été)") == "coeur-d-ilot-ete"
    assert slug("日本") == "concept"
    assert slug("Haie", ["haie", "haie-2"]) == "haie-3"
    assert len(slug("mot " * 60)) <= 80
