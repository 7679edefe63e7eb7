"""A community that begins: split off another, or started from ten keywords."""

from __future__ import annotations

import pytest

from taxonomy.check import check
from taxonomy.edit import EditError
from taxonomy.founding import split, start
from taxonomy.load import SHIPPED, load_taxonomy
from taxonomy.types import Concept, Dossier, Priority, Taxonomy

WHOLE = Taxonomy(
    "fleuve",
    "Fleuve",
    "L’eau et ses rives.",
    (
        Concept("risque", "risque d’inondation", dossiers=("risques",)),
        Concept("digue", "digue", broader=("risque",), dossiers=("risques",)),
        Concept("halage", "chemin de halage", dossiers=("loisirs",)),
        Concept("peche", "pêche à la ligne", dossiers=("loisirs", "vie")),
        Concept("faune", "faune aquatique", dossiers=("vie",)),
    ),
    (Dossier("risques", "Risques"), Dossier("loisirs", "Loisirs"), Dossier("vie", "Vie")),
    neighbours=("ville",),
    audience=("techniciens de rivière",),
    priorities=(Priority("Inondations", ("risque", "digue")), Priority("Tout", ("digue", "faune"))),
)


def test_split_by_concepts_takes_what_stands_below_and_its_priorities() -> None:
    done = split(WHOLE, "Risques du fleuve", ["risque"], ["risques"], taken=["ville"])
    assert done.new.id == "risques-du-fleuve"
    assert {c.id for c in done.new.concepts} == {"risque", "digue"}
    assert {c.id for c in done.old.concepts} == {"halage", "peche", "faune"}
    assert [d.id for d in done.new.dossiers] == ["risques"] and "risques" not in [d.id for d in done.old.dossiers]
    assert [p.pref_label for p in done.new.priorities] == ["Inondations"]
    assert done.old.priorities == (Priority("Tout", ("faune",)),)
    assert done.new.neighbours == ("fleuve", "ville") and done.old.neighbours == ("ville", "risques-du-fleuve")
    assert check(done.old) == [] and check(done.new) == []


def test_concepts_that_speak_only_for_what_leaves_go_with_it() -> None:
    done = split(WHOLE, "Loisirs d’eau", [], ["loisirs"])
    assert [c.id for c in done.new.concepts] == ["halage"]
    assert done.old.concept("peche").dossiers == ("vie",)
    assert "Suivent leur dossier : « chemin de halage »." in done.remarks


def test_a_concept_that_leaves_its_dossier_is_told() -> None:
    done = split(WHOLE, "Nature", ["faune", "peche"])
    assert done.new.concept("faune").dossiers == ()
    assert any("Leur dossier reste" in r for r in done.remarks)
    assert any("Plus aucun concept ne parle pour" in r and "Vie" in r for r in done.remarks)


def test_what_cannot_be_split() -> None:
    with pytest.raises(EditError, match="aucun concept"):
        split(WHOLE, "Rien", [])
    with pytest.raises(EditError, match="il ne resterait aucun concept"):
        split(WHOLE, "Tout", [c.id for c in WHOLE.concepts])
    with pytest.raises(EditError, match="dossier « vieux »"):
        split(WHOLE, "Vieux", ["faune"], ["vieux"])
    with pytest.raises(EditError, match="doit porter un nom"):
        split(WHOLE, " ", ["faune"])


def test_a_shipped_community_in_two() -> None:
    whole = load_taxonomy(SHIPPED / "developpement-des-territoires.yaml")
    shelves = [d.id for d in whole.dossiers[:2]]
    done = split(whole, "Économie des territoires", [], shelves, taken=["economie-territoriale"])
    assert done.new.id == "economie-des-territoires"
    assert {c.id for c in done.old.concepts} | {c.id for c in done.new.concepts} == {c.id for c in whole.concepts}
    assert not {c.id for c in done.old.concepts} & {c.id for c in done.new.concepts}
    assert check(done.old) == [] and check(done.new) == []


def test_start_from_keywords() -> None:
    begun = start(
        "Santé des territoires",
        ["maison de santé / maison médicale", "agence régionale de santé (ARS)", "Maisons de santé", "désert médical"],
        audience=["chargés de mission santé"],
        neighbours=["fleuve"],
        known=[WHOLE],
    )
    taxonomy = begun.taxonomy
    assert taxonomy.id == "sante-des-territoires" and taxonomy.version
    assert [c.id for c in taxonomy.concepts] == ["maison-de-sante", "agence-regionale-de-sante", "desert-medical"]
    assert taxonomy.concepts[0].alt_labels == ("maison médicale",)
    assert taxonomy.concepts[1].notations == ("ARS",)
    assert any("« Maisons de santé » répète « maison de santé »" in r for r in begun.remarks)
    assert check(taxonomy) == []


def test_a_word_of_another_community_is_pointed_at() -> None:
    begun = start("Berges", ["digues", "ponton"], known=[WHOLE])
    assert any("« digues » est déjà un mot de « Fleuve »" in r for r in begun.remarks)


def test_what_cannot_start() -> None:
    with pytest.raises(EditError, match="au moins un mot-clé"):
        start("Vide", ["de la"])
    with pytest.raises(EditError, match="voisine « lune »"):
        start("Santé", ["hôpital"], neighbours=["lune"], known=[WHOLE])


def test_an_id_already_taken_is_not_taken_twice() -> None:
    assert start("Fleuve", ["canal"], known=[WHOLE]).taxonomy.id == "fleuve-2"
