"""The dossier of an item, the lead community and the neighbours to whom it is proposed."""

from __future__ import annotations

import numpy as np
import pytest

from curation.decide.arbitrate import MAX_PROPOSALS, arbitrate
from curation.decide.place import WORDS, place
from curation.types import CommunityScore, Evidence
from taxonomy.types import Concept, Dossier, Taxonomy

TAXONOMY = Taxonomy(
    "bocage",
    "Bocage",
    "",
    (
        Concept("haie", "haie", dossiers=("haies",)),
        Concept("mare", "mare", dossiers=("eaux",)),
        Concept("source", "source", dossiers=("eaux", "haies")),
        Concept("sol", "sol"),
    ),
    (Dossier("haies", "Haies"), Dossier("eaux", "Eaux")),
)
FLAT = (np.zeros(4, np.float32), np.zeros(2, np.float32))


def _evidence(concept: str, weight: float) -> Evidence:
    return Evidence(concept, concept, "title", weight, 0, 1)


def test_words_name_the_dossier() -> None:
    found = place(TAXONOMY, [_evidence("mare", 1.0)], *FLAT)
    assert found is not None
    assert (found.community, found.id) == ("bocage", "eaux")
    assert found.score == pytest.approx(1 / (1 + np.exp(-WORDS)), abs=1e-4)  # softmax of 1 against 0


def test_one_decisive_word_outweighs_several_faint_ones() -> None:
    faint = [_evidence("mare", 0.3), _evidence("source", 0.2)]
    found = place(TAXONOMY, [_evidence("haie", 1.5), *faint], *FLAT)
    assert found is not None
    assert found.id == "haies"


def test_the_strongest_word_counts_whole_and_the_next_ones_less_whatever_their_order() -> None:
    evidence = [_evidence("haie", 0.2), _evidence("source", 1.0)]  # haies: 1.12, eaux: 1
    found = place(TAXONOMY, evidence, *FLAT)
    assert found is not None
    assert found == place(TAXONOMY, evidence[::-1], *FLAT)
    assert (found.id, found.score) == ("haies", pytest.approx(1 / (1 + np.exp(-0.12 * WORDS)), abs=1e-4))


def test_without_words_meaning_decides() -> None:
    near_dossier = place(TAXONOMY, [], np.zeros(4, np.float32), np.array([0.1, 0.4], np.float32))
    near_concept = place(TAXONOMY, [], np.array([0.5, 0, 0, 0], np.float32), np.zeros(2, np.float32))
    assert near_dossier is not None
    assert near_concept is not None
    assert (near_dossier.id, near_concept.id) == ("eaux", "haies")


def test_words_of_no_dossier_say_nothing_and_ties_go_to_the_first() -> None:
    for evidence in ([], [_evidence("sol", 3.0)], [_evidence("inconnu", 3.0)], [_evidence("source", 1.0)]):
        found = place(TAXONOMY, evidence, *FLAT)
        assert found is not None
        assert (found.id, found.score) == ("haies", 0.5)


def test_a_taxonomy_without_dossiers_places_nothing() -> None:
    bare = Taxonomy("b", "B", "", (Concept("haie", "haie"),))
    assert place(bare, [_evidence("haie", 1)], np.ones(1, np.float32), np.zeros(0, np.float32)) is None


def _scores(**scores: float) -> list[CommunityScore]:
    return [CommunityScore(i, s, s >= 0.5) for i, s in scores.items()]


def test_the_best_selected_community_leads() -> None:
    assert arbitrate(_scores(a=0.6, b=0.9, c=0.2), {}, 0.4) == ("b", ())


def test_a_better_score_that_is_not_selected_does_not_lead() -> None:
    assert arbitrate([CommunityScore("a", 0.9, False), CommunityScore("b", 0.6, True)], {"b": ["a"]}, 0.5) == (
        "b",
        ("a",),
    )


def test_nobody_leads_where_none_is_selected() -> None:
    assert arbitrate(_scores(a=0.4, b=0.3), {"a": ["b"]}, 0.1) == (None, ())
    assert arbitrate([], {}, 0.1) == (None, ())


def test_only_declared_neighbours_above_the_threshold_are_proposed_best_first() -> None:
    scores = _scores(a=0.9, b=0.5, c=0.7, d=0.8, e=0.39)
    assert arbitrate(scores, {"a": ["e", "b", "c"], "d": ["a"]}, 0.4) == ("a", ("c", "b"))


def test_proposals_are_few() -> None:
    scores = _scores(a=0.9, b=0.8, c=0.7, d=0.6, e=0.55)
    lead, proposals = arbitrate(scores, {"a": ["e", "d", "c", "b"]}, 0.1)
    assert (lead, proposals) == ("a", ("b", "c", "d"))
    assert len(proposals) == MAX_PROPOSALS


def test_ties_do_not_depend_on_the_order_given() -> None:
    scores = _scores(b=0.9, a=0.9, c=0.9)
    neighbours = {"a": ["b", "c"]}
    assert arbitrate(scores, neighbours, 0.5) == arbitrate(scores[::-1], neighbours, 0.5) == ("a", ("b", "c"))
