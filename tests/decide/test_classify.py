"""Signals of one item and what the judgement makes of them, on hand-made words and vectors of four dimensions."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from curation.decide.classify import judge
from curation.decide.reading import Words
from curation.decide.signals import LEAD, Background, Floats, Prototypes, Semantics, lexical
from curation.types import Evidence, Item, Judgement, Kind
from taxonomy.match import Matcher
from taxonomy.types import Concept, Dossier, Match, Taxonomy

EAU = Taxonomy(
    "eau",
    "Eau et rivières",
    "",
    (
        Concept("riviere", "rivière", dossiers=("cours-d-eau",), weight=1.5),
        Concept("mare", "mare", dossiers=("zones-humides",)),
        Concept("crue", "crue"),
    ),
    (Dossier("cours-d-eau", "Cours d'eau"), Dossier("zones-humides", "Zones humides")),
    neighbours=("bocage",),
)
BOCAGE = Taxonomy("bocage", "Bocage", "", (Concept("haie", "haie"), Concept("talus", "talus")), neighbours=("eau",))
VILLE = Taxonomy("ville", "Ville", "", (Concept("rue", "rue"),))
TERRITORIAL = Taxonomy("territorial", "T", "", (Concept("commune", "commune", weight=2),))
OFFTOPIC = Taxonomy("offtopic", "O", "", (Concept("football", "football", weight=2),))
COMMUNITIES = (EAU, BOCAGE, VILLE)
WORDS = Words(COMMUNITIES, TERRITORIAL, OFFTOPIC, Matcher([*COMMUNITIES, TERRITORIAL, OFFTOPIC]))
THRESHOLDS = {"eau": 0.4, "bocage": 0.4, "ville": 0.4}


def _unit(*rows: tuple[float, ...]) -> Floats:
    vectors = np.array(rows, np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def _prototypes(community: str, axis: int, concepts: int, dossiers: int) -> Prototypes:
    """Every vector of a community leans towards one axis, beside a direction common to all."""
    rows = np.full((concepts + dossiers + 1, 4), 0.05, np.float32)
    rows[:, 3] = 1
    rows[:, axis] = 0.8 + 0.1 * np.arange(len(rows))
    vectors = _unit(*map(tuple, rows))
    return Prototypes(community, vectors[:concepts], vectors[concepts:-1], vectors[-1])


SAMPLE = _unit(*map(tuple, np.random.default_rng(7).normal((0, 0, 0, 2), 0.3, (200, 4))))
# the order of the prototypes is not that of the taxonomies: the judgement must not mix them up
SEMANTICS = Semantics(
    [_prototypes("ville", 2, 1, 0), _prototypes("eau", 0, 3, 2), _prototypes("bocage", 1, 2, 0)],
    Background(SAMPLE),
)
NEAR_EAU, NEAR_BOCAGE, NEAR_NOTHING = _unit((0.9, 0, 0, 1), (0, 0.9, 0, 1), (-0.5, -0.5, -0.5, 1))


def test_centred_vectors_have_length_one_and_lose_what_all_share() -> None:
    centred = SEMANTICS.centred(np.concatenate([SAMPLE, NEAR_EAU[None, :], NEAR_BOCAGE[None, :]]))
    assert np.linalg.norm(centred, axis=1) == pytest.approx(np.ones(len(centred)))
    assert NEAR_EAU @ NEAR_BOCAGE > 0.5  # they share the direction of everything
    assert abs(centred[-2] @ centred[-1]) < 0.2


def _judge(item: Item, vector: Floats, thresholds: dict[str, float] | None = None, words: Words = WORDS) -> Judgement:
    return judge(
        [item],
        vector[None, :],
        words=words,
        semantics=SEMANTICS,
        thresholds=thresholds or THRESHOLDS,
        proposal_threshold=0.4,
    )[0]


def _score(judgement: Judgement, community: str) -> float:
    return next(c.score for c in judgement.communities if c.id == community)


# --- lexical


def _met(concept: str, start: int = 0) -> Match:
    return Match("eau", concept, concept, start, start + 4)


def test_a_concept_weighs_by_its_place() -> None:
    def total(in_title: list[Match], in_text: list[Match]) -> float:
        return lexical(EAU, in_title, in_text).total

    assert total([_met("riviere")], []) == 1.5
    assert total([], [_met("riviere", LEAD - 1)]) == pytest.approx(1.5 * 0.7)
    assert total([], [_met("riviere", LEAD)]) == pytest.approx(1.5 * 0.45)


def test_a_concept_counts_once_at_its_best_place_and_repetition_adds_little() -> None:
    found = lexical(EAU, [_met("mare", 3)], [_met("mare", 900)])
    assert found.evidence == (Evidence("mare", "mare", "title", 1.15, 3, 7),)
    often = lexical(EAU, [_met("mare", 3)], [_met("mare", 900 + i) for i in range(50)])
    assert often.total == pytest.approx(1.3)


def test_concepts_add_up_with_a_discount_best_first() -> None:
    found = lexical(EAU, [_met("mare")], [_met("riviere"), _met("crue", 5000)])
    assert [e.concept for e in found.evidence] == ["riviere", "mare", "crue"]
    assert found.total == pytest.approx(1.05 + 0.6 * 1.0 + 0.36 * 0.45)
    assert found.title == 1.0


def test_concepts_of_other_taxonomies_are_nothing() -> None:
    assert lexical(EAU, [_met("haie")], []).evidence == ()


# --- semantics


def test_the_background_gives_the_scale() -> None:
    z = SEMANTICS.scores(SAMPLE)
    assert z.shape == (200, 3, 3)
    assert np.allclose(z.mean(axis=0), 0, atol=1e-3)
    assert np.allclose(z.std(axis=0), 1, atol=1e-2)
    assert SEMANTICS.scores(np.zeros((0, 4), np.float32)).shape == (0, 3, 3)


def test_an_item_scores_best_with_the_community_it_leans_to() -> None:
    z = SEMANTICS.scores(np.stack([NEAR_EAU, NEAR_BOCAGE])).mean(axis=2)
    assert [SEMANTICS.communities[i] for i in z.argmax(axis=1)] == ["eau", "bocage"]


def test_degenerate_vectors_stay_finite() -> None:
    assert np.isfinite(SEMANTICS.scores(np.zeros((1, 4), np.float32))).all()
    alone = Semantics([_prototypes("eau", 0, 1, 0)], Background(np.ones((3, 4), np.float32)))
    assert np.isfinite(alone.scores(np.ones((1, 4), np.float32))).all()


def test_nearest_gives_one_cosine_per_concept_and_dossier() -> None:
    concepts, dossiers = SEMANTICS.nearest(NEAR_EAU, SEMANTICS.communities.index("eau"))
    assert (concepts.shape, dossiers.shape) == ((3,), (2,))
    assert (np.abs(np.concatenate([concepts, dossiers])) <= 1 + 1e-6).all()


# --- judgement


def test_words_and_meaning_together_lead_to_the_right_community() -> None:
    found = _judge(Item("x", "La rivière retrouve son lit", "Deux mares et une haie suivront."), NEAR_EAU)
    assert found.id == "x"
    assert found.lead == "eau"
    assert found.dossier is not None
    assert found.dossier.community == "eau"
    best = found.communities[0]
    assert best.selected
    assert best.evidence[0] == Evidence("riviere", "rivière", "title", 1.5, 3, 10)
    assert best.reasons[:2] == ("« rivière » dans le titre", "« mare » dans le chapeau")
    assert best.reasons[2].startswith("proche par le sens de « ")


def test_every_community_is_listed_best_first_with_a_probability() -> None:
    found = _judge(Item("x", "Une haie au bord de la rivière"), NEAR_BOCAGE)
    scores = [c.score for c in found.communities]
    assert sorted(c.id for c in found.communities) == ["bocage", "eau", "ville"]
    assert all(0 <= s <= 1 for s in scores)
    assert all(a >= b for a, b in pairwise(scores))
    assert all(c.selected == (c.score >= 0.4) for c in found.communities)
    assert all(c.reasons for c in found.communities)


def test_what_concerns_nobody_has_no_lead_and_says_so() -> None:
    found = _judge(Item("x", "Le match de football est reporté"), NEAR_NOTHING)
    assert (found.lead, found.proposals, found.dossier) == (None, (), None)
    assert not any(c.selected for c in found.communities)
    assert {c.reasons for c in found.communities if c.id == "eau"} == {
        ("peu de chose relie ce contenu à « Eau et rivières »",)
    }


def test_each_community_has_its_threshold() -> None:
    item = Item("x", "La rivière retrouve son lit", "Deux mares suivront.")
    strict = _judge(item, NEAR_EAU, {"eau": 1.0, "bocage": 1.0, "ville": 1.0})
    assert strict.lead is None
    assert [c.score for c in strict.communities] == [c.score for c in _judge(item, NEAR_EAU).communities]
    assert _judge(item, NEAR_EAU, {"eau": 1.0, "bocage": 0.0, "ville": 1.0}).lead == "bocage"


def test_a_neighbour_is_proposed_and_a_stranger_is_not() -> None:
    item = Item("x", "Rivière, haie, talus, rue : tout se tient", "La rivière, la haie, le talus et la rue.")
    everywhere = {"eau": 0.0, "bocage": 0.0, "ville": 0.0}
    found = judge(
        [item], NEAR_EAU[None, :], words=WORDS, semantics=SEMANTICS, thresholds=everywhere, proposal_threshold=0.0
    )[0]
    assert found.lead == "eau"
    assert found.proposals == ("bocage",)


@pytest.mark.parametrize("vector", [NEAR_EAU, NEAR_NOTHING])
def test_words_raise_a_score_and_a_title_more_than_a_body(vector: Floats) -> None:
    nothing = _score(_judge(Item("x", "Une page", "Rien à dire."), vector), "eau")
    body = _score(_judge(Item("x", "Une page", "." * 400 + " Une mare."), vector), "eau")
    title = _score(_judge(Item("x", "Une mare", "Rien à dire."), vector), "eau")
    assert nothing < body < title


def test_meaning_raises_a_score_without_a_word() -> None:
    item = Item("x", "Une page", "Rien à dire.")
    assert _score(_judge(item, NEAR_EAU), "eau") > _score(_judge(item, NEAR_BOCAGE), "eau")


def test_words_of_the_territories_help_and_words_off_topic_harm() -> None:
    plain = _score(_judge(Item("x", "Une mare"), NEAR_EAU), "eau")
    assert _score(_judge(Item("x", "Une mare, une commune"), NEAR_EAU), "eau") > plain
    assert _score(_judge(Item("x", "Une mare, du football"), NEAR_EAU), "eau") < plain
    without = replace(WORDS, territorial=None, offtopic=None)
    assert _score(_judge(Item("x", "Une mare, du football"), NEAR_EAU, words=without), "eau") == plain


def test_a_job_offer_scores_lower_than_the_same_words() -> None:
    offer = Item("x", "Recrutement : technicien rivière (h/f)", "Offre d'emploi. Poste à pourvoir, CDI, candidature.")
    news = Item("x", "Un technicien rivière raconte", "Il explique son métier et ses saisons.")
    found = _judge(offer, NEAR_EAU)
    assert found.kind is Kind.JOB
    assert _score(found, "eau") < _score(_judge(news, NEAR_EAU), "eau")


def test_a_judgement_does_not_depend_on_its_batch() -> None:
    items = [Item("1", "Une mare"), Item("2", "Une haie"), Item("3", "Rien")]
    vectors = np.stack([NEAR_EAU, NEAR_BOCAGE, NEAR_NOTHING])
    together = judge(items, vectors, words=WORDS, semantics=SEMANTICS, thresholds=THRESHOLDS, proposal_threshold=0.4)
    assert together == [_judge(item, vector) for item, vector in zip(items, vectors, strict=True)]
    assert judge([], vectors[:0], words=WORDS, semantics=SEMANTICS, thresholds=THRESHOLDS, proposal_threshold=0.4) == []


def test_one_community_alone_can_be_judged() -> None:
    words = Words((EAU,), None, None, Matcher([EAU]))
    semantics = Semantics([_prototypes("eau", 0, 3, 2)], Background(np.eye(4, dtype=np.float32)))
    found = judge(
        [Item("x", "La rivière")],
        NEAR_EAU[None, :],
        words=words,
        semantics=semantics,
        thresholds={"eau": 0.0},
        proposal_threshold=0.0,
    )
    assert (found[0].lead, found[0].proposals) == ("eau", ())
