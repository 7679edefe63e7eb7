"""Where communities meet, and who should keep a word."""

from __future__ import annotations

from curation.decide.fates import Encounter
from curation.decide.overlap import Overlap, Told, given_up, overlaps
from taxonomy.concept_operations import RemoveLabels, RenameConcept, RetireConcept
from taxonomy.edit import apply
from taxonomy.match import Matcher
from tests.decide.workbench import concept, words

FLEUVE = words(concept("crue"), concept("berge", "promenade"), concept("halage"), neighbours=("ville",))
VILLE = words(concept("crue"), concept("quartier", "promenades"), identity="ville")


def items(count: int, lead: str | None = "fleuve", first: int = 0, **right: bool) -> list[Told]:
    return [Told(f"a{n}", frozenset({"fleuve", "ville"}), lead, right) for n in range(first, first + count)]


def met(count: int, first: int = 0) -> dict[str, list[Encounter]]:
    articles = [f"a{n}" for n in range(first, first + count)]
    return {
        "fleuve": [Encounter(a, "berge", "promenade") for a in articles],
        "ville": [Encounter(a, "quartier", "promenades") for a in articles],
    }


def only(told: list[Told], encounters: dict[str, list[Encounter]]) -> Overlap:
    (found,) = overlaps([FLEUVE, VILLE], told, encounters)
    return found


def test_shared_labels_in_any_form() -> None:
    found = only([], {})
    assert found.items == 0 and found.neighbours
    assert [(label, here, there) for label, here, there in found.labels] == [
        ("crue", "crue", "crue"),
        ("promenade", "berge", "quartier"),
    ]


def test_shared_items_who_led_who_refused_and_the_labels_at_cause() -> None:
    told = [*items(8, fleuve=True, ville=False), Told("solo", frozenset({"ville"}), "ville", {"ville": True})]
    found = only(told, met(8))
    assert (found.items, found.here.led, found.there.led) == (8, 8, 0)
    assert (found.here.refused, found.there.refused) == (0, 8)
    assert (found.here.alone, found.there.alone) == (0, 1)
    assert found.causes[0].label == "promenade" and found.causes[0].shared
    assert found.causes[0].items == 8


def test_a_label_of_one_side_can_be_the_cause() -> None:
    found = only(items(3), {"fleuve": [Encounter(f"a{n}", "halage", "halage") for n in range(3)]})
    cause = found.causes[0]
    assert cause.label == "halage" and cause.concepts == {"fleuve": "halage"} and not cause.shared


def test_the_one_that_takes_more_of_it_keeps_it() -> None:
    found = only(items(10, fleuve=True, ville=False), met(10))
    settled = next(y for y in found.yields if y.label == "promenade")
    assert (settled.keeps, settled.gives) == ("fleuve", "ville")
    assert "Fleuve » en retient 10 sur 10" in settled.why and "Ville » 0 sur 10" in settled.why
    after = apply(VILLE, *settled.operations)
    assert not Matcher([after]).match("La promenade")
    assert Matcher([after]).match("Le quartier")


def test_without_verdicts_the_one_that_leads_keeps_it() -> None:
    settled = next(y for y in only(items(12, lead="ville"), met(12)).yields if y.label == "promenade")
    assert (settled.keeps, settled.gives) == ("ville", "fleuve")
    assert "mène 12 fois sur 12" in settled.why


def test_with_too_little_people_settle_it() -> None:
    settled = next(y for y in only(items(3, lead="ville"), met(3)).yields if y.label == "promenade")
    assert settled.keeps == "" and settled.operations == () and "à débattre" in settled.why


def test_giving_up_a_name_takes_the_next_label_or_the_concept() -> None:
    named = words(concept("berge", "rive", "Berges"))
    assert given_up(named, named.concepts[0], "berge") == (
        RenameConcept("berge", "rive", keep=""),
        RemoveLabels("berge", "altLabel", ("Berges",)),
    )
    after = apply(named, *given_up(named, named.concepts[0], "berge"))
    assert after.concepts[0].pref_label == "rive" and not Matcher([after]).match("les berges")
    bare = words(concept("berge"), concept("crue"))
    assert given_up(bare, bare.concepts[0], "berge") == (RetireConcept("berge"),)


def test_giving_up_an_acronym() -> None:
    taxonomy = words(concept("digue", notations=("SPC",)))
    assert given_up(taxonomy, taxonomy.concepts[0], "SPC") == (RemoveLabels("digue", "notation", ("SPC",)),)
