"""Terms that a taxonomy lacks."""

from __future__ import annotations

import math

import pytest

from curation.decide.balance import balance
from curation.decide.fates import Encounter, Fate
from curation.decide.missed import missed
from curation.decide.terms import (
    Candidate,
    Document,
    Near,
    Use,
    attached,
    candidates,
    count_documents,
    wanted,
)
from taxonomy.concept_operations import AddLabels
from taxonomy.edit import apply
from taxonomy.french import label_keys
from taxonomy.match import Matcher
from tests.decide.workbench import TODAY, concept, phrase, words

FLEUVE = words(concept("crue", "montée des eaux"), concept("digue"))


def documents(*contents: list[str], source: bool = True, missed: int = 0) -> list[Document]:
    return [
        Document(f"a{n}", tuple(phrase(p) for p in forms), f"s{n % 3}" if source else "s", n < missed)
        for n, forms in enumerate(contents)
    ]


def proposed(found: list[Candidate]) -> list[str]:
    return [c.label for c in found]


def test_a_term_of_what_was_taken_and_rare_elsewhere() -> None:
    taken = documents(*[["repère de crue", "zone humide", "projet"]] * 4, *[["projet"]] * 4)
    found = candidates(FLEUVE, taken, {label_keys("projet"): 300}, 500)
    assert proposed(found) == ["zone humide"]
    best = found[0]
    assert (best.taken, best.elsewhere, best.background) == (4, 0, 500)
    assert best.articles == ("a0", "a1", "a2", "a3")


def test_what_holds_a_label_is_met_already_whatever_its_form() -> None:
    taken = documents(*[["grandes crues", "montées d’eaux", "confluence"]] * 5)
    assert proposed(candidates(FLEUVE, taken, {}, 500)) == ["confluence"]


def test_inflected_forms_are_one_candidate_under_its_usual_form() -> None:
    taken = documents(["zone humide"], ["zones humides"], ["zones humides"], ["Zone humide"])
    (only,) = candidates(FLEUVE, taken, {}, 500)
    assert only.taken == 4
    assert set(only.forms) == {"zones humides", "zone humide"}


def test_a_phrase_met_only_inside_a_longer_one_is_no_term() -> None:
    forms = ["schéma d’aménagement", "schéma", "aménagement des eaux", "schéma d’aménagement des eaux"]
    (only,) = candidates(FLEUVE, documents(*[forms] * 6), {}, 500)
    assert only.label == "schéma d’aménagement des eaux"
    # three content words (« d’ » and « des » are links), nothing longer around them
    assert len(only.keys) == 3
    assert only.c_value == pytest.approx(math.log2(4) * 6, abs=1e-3)


def test_the_habit_of_one_source_is_no_word_of_the_field() -> None:
    forms = [["nos abonnés"]] * 6
    assert candidates(FLEUVE, documents(*forms), {}, 500)
    one = [*documents(*forms, source=False), Document("b", (phrase("autre"),), "another")]
    assert candidates(FLEUVE, one, {}, 500) == []


def test_a_term_as_common_elsewhere_is_not_distinctive() -> None:
    taken = documents(*[["zone humide"]] * 5)
    assert candidates(FLEUVE, taken, {label_keys("zone humide"): 480}, 500) == []


def test_two_items_are_not_enough_unless_asked() -> None:
    taken = documents(["zone humide"], ["zone humide"], ["autre"])
    assert candidates(FLEUVE, taken, {}, 500) == []
    assert proposed(candidates(FLEUVE, taken, {}, 500, enough=2)) == ["zone humide"]


def test_refused_terms_never_come_back_in_any_form() -> None:
    taken = documents(*[["zones humides"]] * 5)
    assert candidates(FLEUVE, taken, {}, 500, refused={label_keys("Zone humide")}) == []


def test_the_communities_that_bear_it_are_named() -> None:
    rivers = words(concept("zone humide"), identity="nature")
    (only,) = candidates(FLEUVE, documents(*[["zones humides"]] * 5), {}, 500, others=[rivers])
    assert only.owners == ("nature",)


def test_accepting() -> None:
    (only,) = candidates(FLEUVE, documents(*[["zones humides"]] * 5), {}, 500)
    grown = apply(FLEUVE, *only.accepted())
    assert grown.concepts[-1].id == "zones-humides"
    assert [m.concept for m in Matcher([grown]).match("Une zone humide restaurée")] == ["zones-humides"]
    attached_ = apply(FLEUVE, *only.accepted(Use.LABEL, "digue"))
    assert attached_.concept("digue").alt_labels == ("zones humides",)
    barred = apply(FLEUVE, *only.accepted(Use.EXCLUSION, "digue"))
    assert barred.concept("digue").exclude_labels == ("zones humides",)


def test_an_acronym_is_matched_as_written() -> None:
    (only,) = candidates(FLEUVE, documents(*[["GEMAPI"]] * 5), {}, 500)
    assert only.acronym
    assert only.accepted(Use.LABEL, "digue") == (AddLabels("digue", "notation", ("GEMAPI",)),)


def test_near_a_concept() -> None:
    found = candidates(FLEUVE, documents(*[["batardeau", "pluie"]] * 5), {}, 500)
    near = {"batardeau": Near("digue", "digue", 0.8)}
    both = {c.label: c.near for c in attached(found, lambda labels: [near.get(label) for label in labels])}
    assert both == {"batardeau": near["batardeau"], "pluie": None}
    assert attached([], lambda labels: pytest.fail("nothing to ask")) == []


def test_counting_in_texts_follows_the_matcher() -> None:
    keys = {label_keys("zone humide"), label_keys("projet de territoire"), label_keys("eau")}
    texts = [
        "Les zones humides. Un projet du territoire, de l’eau.",
        "Une zone, humide ou non. Zone humide et zones humides : une fois.",
        "Rien ici.",
    ]
    count = count_documents(texts, keys)
    assert count[label_keys("zone humide")] == 2
    assert count[label_keys("projet de territoire")] == 1
    assert count[label_keys("eau")] == 1
    assert count_documents(texts, set()) == {}


def test_a_break_of_sentence_is_no_phrase() -> None:
    assert count_documents(["Une zone. Humide saison."], {label_keys("zone humide")}) == {}


def test_wanted() -> None:
    assert wanted(documents(["a bc"], ["a bc"], ["a bc"], ["de fg"])) == {label_keys("a bc")}


def test_missed_items_point_at_the_words_that_were_missing() -> None:
    taken = documents(*[["ripisylve"]] * 3, *[["crue"]] * 3, missed=1)
    found = candidates(FLEUVE, taken, {}, 500, enough=2)
    fates = [Fate(d.article, TODAY, right=True, brought=d.missed) for d in taken]
    sheet = balance(FLEUVE, fates, [Encounter("a0", "crue", "crue")], TODAY)
    (item,) = missed(sheet, found, {label_keys("ripisylve"): {"a0", "a1", "a2"}})
    assert item.article == "a0" and item.met == ("crue",)
    assert proposed(list(item.terms)) == ["ripisylve"]


def test_a_word_of_the_whole_sector_tells_nothing_between_two_communities() -> None:
    taken = documents(*[["zone humide", "intercommunalité"]] * 6)
    out = [Document(f"b{n}", (phrase("intercommunalité"),)) for n in range(20)]
    assert "intercommunalité" in proposed(candidates(FLEUVE, taken, {}, 500))
    assert proposed(candidates(FLEUVE, taken, {}, 500, contrast=out)) == ["zone humide"]


def test_a_new_concept_of_one_word_weighs_little() -> None:
    found = {c.label: c for c in candidates(FLEUVE, documents(*[["batardeau", "zone humide"]] * 5), {}, 500)}
    weights = {label: apply(FLEUVE, *c.accepted()).concepts[-1].weight for label, c in found.items()}
    assert weights == {"batardeau": 0.5, "zone humide": 1.0}


def test_a_word_met_everywhere_is_no_label_however_distinctive() -> None:
    taken = documents(*[["territoire", "plan de gestion"]] * 20)
    background = {label_keys("territoire"): 30, label_keys("plan de gestion"): 30}
    assert proposed(candidates(FLEUVE, taken, background, 5000)) == ["plan de gestion"]
