"""Concepts, dossiers and labels that pass from one community to another."""

from __future__ import annotations

import pytest

from taxonomy.check import check
from taxonomy.content import sealed
from taxonomy.edit import EditError, from_json, to_json
from taxonomy.exchange import apply_both, move_concepts, move_labels
from taxonomy.types import Concept, Dossier, Taxonomy
from tests.taxonomy.words import sample

SOURCE = sample()
TARGET = sealed(
    Taxonomy(
        "voisine",
        "Voisine",
        "",
        (Concept("eaux", "eaux vives", ("ruisseau",), dossiers=("rives",)),),
        (Dossier("rives", "Rives"),),
        priorities=(),
    )
)


def moved(*concepts: str, **how: object) -> tuple[Taxonomy, Taxonomy]:
    pair = move_concepts(SOURCE, TARGET, concepts, **how)  # type: ignore[arg-type]
    for operation in pair:
        assert from_json(to_json(operation)) == operation
    source, target = apply_both(SOURCE, TARGET, pair)
    assert check(source) == check(target) == []
    return source, target


def test_a_concept_leaves_one_and_arrives_in_the_other() -> None:
    source, target = moved("mare")
    assert [c.id for c in source.concepts] == ["paysage", "haie", "talus"]
    arrived = target.concept("mare")
    assert (arrived.alt_labels, arrived.broader, arrived.dossiers) == (
        ("étang",),
        (),
        (),
    )  # no such parent, nor dossier


def test_children_stay_under_the_parents_that_stay_or_come_along() -> None:
    source, target = moved("haie")
    assert source.concept("talus").broader == ("paysage",)
    assert source.priorities[0].concepts == ("talus",)
    assert target.priorities == ()  # « talus » is not there
    source, target = moved("haie", with_narrower=True)
    assert [c.id for c in source.concepts] == ["paysage", "mare"]
    assert target.concept("talus").broader == ("haie",)
    assert source.priorities == ()
    assert target.priorities == SOURCE.priorities  # made of nothing else: it goes along


def test_dossiers_are_carried_or_replaced() -> None:
    source, target = moved("haie", "mare", carry=["bocage"], dossiers={"eau": "rives"})
    assert [d.id for d in source.dossiers] == ["eau"]
    assert [d.id for d in target.dossiers] == ["rives", "bocage"]
    assert target.dossiers[1].scope_note == "Les haies."
    assert (target.concept("haie").dossiers, target.concept("mare").dossiers) == (("bocage",), ("rives",))


def test_a_dossier_that_leaves_is_named_by_nobody_who_stays() -> None:
    source, _ = moved("talus", carry=["bocage"])
    assert source.concept("haie").dossiers == ()


def test_a_concept_may_be_absorbed_by_one_that_is_there() -> None:
    source, target = moved("haie", "mare", onto={"mare": "eaux"})
    eaux = target.concept("eaux")
    assert eaux.pref_label == "eaux vives"
    assert eaux.alt_labels == ("ruisseau", "mare", "étang")
    assert "mare" not in {c.id for c in (*source.concepts, *target.concepts)}


def test_words_that_are_there_already_are_told() -> None:
    target = sealed(Taxonomy("voisine", "Voisine", "", (Concept("bocages", "bocages"),)))
    with pytest.raises(EditError, match=r"« haie » : le libellé « bocage » est déjà celui de « bocages »"):
        apply_both(SOURCE, target, move_concepts(SOURCE, target, ["haie"]))
    with pytest.raises(EditError, match="aucun concept n'est choisi"):
        move_concepts(SOURCE, target, [])
    with pytest.raises(EditError, match="« champ » : il n'existe pas"):
        move_concepts(SOURCE, target, ["champ"])


def test_labels_move_between_communities() -> None:
    pair = move_labels(SOURCE, "haie", "altLabel", ["bocage"], TARGET, "eaux")
    source, target = apply_both(SOURCE, TARGET, pair)
    assert source.concept("haie").alt_labels == ("haie bocagère",)
    assert target.concept("eaux").alt_labels == ("ruisseau", "bocage")
    hidden = move_labels(SOURCE, "haie", "altLabel", ["bocage"], TARGET, "eaux", "hiddenLabel")
    assert apply_both(SOURCE, TARGET, hidden)[1].concept("eaux").hidden_labels == ("bocage",)
    with pytest.raises(EditError, match="n'est pas une liste de mots"):
        move_labels(SOURCE, "haie", "broader", ["paysage"], TARGET, "eaux")
    with pytest.raises(EditError, match="« rien » : il n'existe pas"):
        move_labels(SOURCE, "haie", "altLabel", ["bocage"], TARGET, "rien")


def test_a_community_is_split_off_whole() -> None:
    """Every concept goes to one side or the other, with its words; nothing is lost on the way."""
    empty = sealed(Taxonomy("neuve", "Neuve", "", ()))
    pair = move_concepts(SOURCE, empty, ["haie"], with_narrower=True, carry=["bocage"])
    source, target = apply_both(SOURCE, empty, pair)
    before = {c.id: c for c in SOURCE.concepts}
    after = {c.id: c for c in (*source.concepts, *target.concepts)}
    assert set(before) == set(after)
    for identity, concept in before.items():
        assert after[identity].alt_labels == concept.alt_labels
        assert after[identity].exclude_labels == concept.exclude_labels
