"""Proposals and what each would have gained: rankings counted by hand, and against scikit-learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from curation.decide.advice import (
    HEAVIEST,
    Advice,
    Gain,
    Proposal,
    Sort,
    accepted,
    average_precision,
    best,
    gain,
    mean_average_precision,
    proposals,
    verdicts,
    weights,
)
from curation.decide.ailments import LIGHTEST, Ailment, diagnose
from curation.decide.balance import balance
from curation.decide.terms import Candidate, Near
from taxonomy.concept_operations import AddConcept, SetWeight
from taxonomy.types import Concept
from tests.decide.workbench import TODAY, Diary, concept, words


def test_average_precision_by_hand() -> None:
    # right at ranks 1 and 3: (1/1 + 2/3) / 2
    scores, right = np.array([0.9, 0.8, 0.7, 0.1]), np.array([True, False, True, False])
    assert average_precision(scores, right)[0] == pytest.approx((1 + 2 / 3) / 2)


@pytest.mark.parametrize("seed", range(20))
def test_average_precision_is_that_of_scikit_learn(seed: int) -> None:
    dice = np.random.default_rng(seed)
    scores = np.round(dice.random(60), 1 + seed % 3)  # many equal ones
    right = dice.random(60) < 0.3
    assert average_precision(scores, right)[0] == pytest.approx(average_precision_score(right, scores))


def test_a_resample_counts_an_item_as_often_as_it_was_drawn() -> None:
    dice = np.random.default_rng(4)
    scores, right = np.round(dice.random(30), 1), dice.random(30) < 0.4
    drawn = dice.integers(0, 30, (5, 30))
    counts = np.array([np.bincount(row, minlength=30) for row in drawn])
    expected = [average_precision_score(right[row], scores[row]) for row in drawn]
    assert average_precision(scores, right, counts) == pytest.approx(expected)


def test_communities_where_nothing_is_right_do_not_count() -> None:
    scores = np.array([[0.9, 0.5], [0.1, 0.6]])
    right = np.array([[1.0, 0.0], [0.0, np.nan]])
    assert mean_average_precision(scores, right) == 1.0
    assert np.isnan(mean_average_precision(scores, right * 0))


def test_the_gain_looks_at_judged_items_alone() -> None:
    before = np.array([[0.9], [0.8], [0.7], [0.6]])
    after = np.array([[0.9], [0.5], [0.7], [0.99]])  # the last one climbs: nobody judged it
    right = np.array([[1.0], [0.0], [1.0], [np.nan]])
    found = gain(before, after, right, 0)
    assert (found.before, found.after) == (pytest.approx(5 / 6), 1.0)
    assert (found.judged, found.right) == (3, 2)
    assert found.everywhere == pytest.approx(1 / 6)
    assert found.low <= found.value <= found.high


def test_the_interval_of_a_change_that_nothing_supports_holds_zero() -> None:
    dice = np.random.default_rng(2)
    before, after = dice.random((80, 1)), dice.random((80, 1))
    found = gain(before, after, (dice.random((80, 1)) < 0.5).astype(float), 0)
    assert found.low < 0 < found.high
    assert not found.sure


def test_the_interval_of_a_change_that_everything_supports_leaves_zero_out() -> None:
    right = (np.arange(80) % 2).astype(float)[:, None]
    before = np.random.default_rng(2).random((80, 1))
    found = gain(before, before + right, right, 0)
    assert found.sure and found.low > 0
    assert found == gain(before, before + right, right, 0)  # the same figures every time


def test_the_gain_of_a_community_with_nothing_right_is_told_as_unknown() -> None:
    found = gain(np.array([[0.2]]), np.array([[0.4]]), np.array([[0.0]]), 0)
    assert np.isnan(found.value) and not found.sure
    assert (found.judged, found.right) == (1, 0)


def test_both_weights_of_what_was_judged_often_enough() -> None:
    taxonomy = words(
        concept("crue"), concept("digue", weight=LIGHTEST), concept("quai", weight=HEAVIEST), concept("rare")
    )
    diary = Diary()
    diary.read(3, "crue", "digue", "quai", right=True)
    diary.read(2, "rare", right=True)
    diary.read(9, "rare")  # nobody said a word about these
    sheet = balance(taxonomy, diary.fates, diary.encounters, TODAY)
    tried = [(p.about, p.operations[0].weight) for p in weights(sheet)]  # type: ignore[attr-defined]
    assert tried == [("crue", 0.5), ("crue", 2.0), ("digue", 0.4), ("quai", 1.0)]
    assert weights(sheet)[0].text == "« crue » : ramener son poids de 1 à 0,5."
    assert weights(sheet)[1].text == "« crue » : porter son poids de 1 à 2."


def test_one_change_is_tried_once_under_the_reason_that_says_why() -> None:
    taxonomy = words(concept("crue"), concept("digue"), concept("canal"))
    diary = Diary()
    diary.read(20, "crue", right=False)
    diary.read(10, "digue", right=True)
    sheet = balance(taxonomy, diary.fates, diary.encounters, TODAY)
    found = proposals(sheet, diagnose(sheet, diary.phrases), (), ())
    half = [p for p in found if p.operations == (SetWeight("crue", 0.5),)]
    assert [p.sort for p in half] == [Sort.MEND]
    assert "pour qu’il compte moins" in half[0].text


def test_what_is_never_met_is_not_tried() -> None:
    taxonomy = words(concept("crue"), concept("oubli"))
    diary = Diary()
    diary.read(300, "crue", right=True, every=2)
    sheet = balance(taxonomy, diary.fates, diary.encounters, TODAY)
    found = diagnose(sheet, {})
    assert any(d.ailment is Ailment.DEAD and d.mends for d in found)
    assert all(p.about != "oubli" for p in proposals(sheet, found, (), ()))


def test_a_term_is_tried_as_a_keyword_and_as_a_label() -> None:
    sheet = balance(words(concept("crue")), (), (), TODAY)
    term = Candidate(("digue",), "digue", ("digue",), 4, 0, 0, 100, 2.0, 20.0, (), near=Near("crue", "crue", 0.7))
    first, second = proposals(sheet, (), (), [term])
    assert isinstance(first.operations[0], AddConcept)
    assert second.text == "Ajouter « digue » aux libellés de « crue »."
    assert first.about == second.about


def test_the_best_are_those_that_gain_most_one_about_each_keyword() -> None:
    taxonomy = words(concept("crue"), concept("digue"))
    tried = (("crue", 0.5, 0.02), ("crue", 2.0, 0.03), ("digue", 0.5, -0.01), ("digue", 2.0, 0.001))
    found = [_advice(*each) for each in tried]
    chosen = best(found, 10)
    assert [a.proposal.operations for a in chosen] == [(SetWeight("crue", 2.0),), (SetWeight("digue", 2.0),)]
    assert len(best(found, 1)) == 1 and len(best(found, 10, least=0.01)) == 1
    assert best(found, 10, [Sort.TERM]) == []
    assert [a.gain.value for a in best(found, 10, own=True)] == pytest.approx([0.03, 0.001])
    selfish = replace(found[1], gain=replace(found[1].gain, everywhere=-0.001))
    assert best([selfish], 10, own=True) == best([selfish], 10) == []
    changed = accepted(taxonomy, (a.proposal for a in chosen))
    assert {c.id: c.weight for c in changed.concepts} == {"crue": 2.0, "digue": 2.0}


def test_a_proposal_that_no_longer_fits_is_passed_over() -> None:
    taxonomy = words(concept("crue"))
    gone = Proposal("fleuve", Sort.WEIGHT, "gone", "", (SetWeight("gone", 2.0),))
    other = replace(gone, community="ville", operations=(AddConcept(Concept("x", "x")),))
    assert accepted(taxonomy, [gone, other]) == taxonomy


def test_verdicts_as_a_table() -> None:
    table = verdicts(["a", "b"], ["fleuve", "ville"], {("a", "fleuve"): True, ("b", "fleuve"): False})
    assert np.array_equal(table, [[1.0, np.nan], [0.0, np.nan]], equal_nan=True)


def _advice(about: str, weight: float, everywhere: float) -> Advice:
    proposal = Proposal("fleuve", Sort.WEIGHT, about, f"{about} {weight}", (SetWeight(about, weight),))
    return Advice(proposal, Gain(0.5, 0.5 + everywhere, 0.0, 0.0, 10, 5, everywhere))
