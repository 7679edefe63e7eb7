"""A judgement does not depend on the company it was made in: same bits alone, in any batch, at any place."""

from __future__ import annotations

import numpy as np

from curation.decide.classify import weigh
from curation.decide.features import COLUMNS, KINDS, LinearForm, Met, Scorer
from curation.decide.signals import Background, Prototypes, Semantics
from models.affinity import SHIPPED as AFFINITY
from models.affinity import load_affinity
from models.build_background import load_background
from models.learn import MANY, load_scorer
from models.shipped import STARTER

COMMUNITIES = ("developpement-des-territoires", "tourisme", "urbanisme-amenagement", "inconnue")
N = MANY // 2 + 77


def _unit(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def _setting() -> tuple[Met, np.ndarray, Semantics]:
    dice = np.random.default_rng(3)
    sample = load_background("embedded")
    assert sample is not None
    d = sample.shape[1]
    prototypes = [
        Prototypes(
            c, *(_unit(dice.standard_normal((n, d))) for n in (41 + k, 7)), _unit(dice.standard_normal((1, d)))[0]
        )
        for k, c in enumerate(COMMUNITIES)
    ]
    words = np.asarray(dice.exponential(0.5, (N, len(COMMUNITIES), 6)), np.float32)
    met = Met(
        words, words[:, 0, :2], np.asarray(dice.integers(0, 2, (N, len(KINDS))), np.float32),
        np.asarray(dice.integers(0, 9000, N), np.float32),
    )  # fmt: skip
    vectors = _unit(sample[dice.integers(0, len(sample), N)] + 0.03 * dice.standard_normal((N, d)))
    return met, np.asarray(vectors, np.float16).astype(np.float32), Semantics(prototypes, Background(sample))


def _weighed(met: Met, vectors: np.ndarray, semantics: Semantics, scorer: Scorer) -> tuple[np.ndarray, np.ndarray]:
    affinity = load_affinity(AFFINITY).log_odds(vectors, COMMUNITIES)
    found = weigh(met, vectors, communities=COMMUNITIES, semantics=semantics, scorer=scorer, affinity=affinity)
    return found.rows, found.scores


def test_rows_and_scores_are_the_same_bits_in_any_batch() -> None:
    met, vectors, semantics = _setting()
    for scorer in (load_scorer(STARTER, COLUMNS), LinearForm()):
        rows, scores = _weighed(met, vectors, semantics, scorer)
        for start, end in ((0, 1), (5, 6), (3, 131), (128, 256), (700, 711), (1, N)):
            part = Met(*(getattr(met, name)[start:end] for name in ("words", "general", "kinds", "length")))
            some = _weighed(part, vectors[start:end], semantics, scorer)
            assert np.array_equal(some[0], rows[start:end]), (start, end)
            assert np.array_equal(some[1], scores[start:end]), (start, end)


def test_cosines_of_one_item_are_those_of_its_batch() -> None:
    _, vectors, semantics = _setting()
    for k in range(len(COMMUNITIES)):
        for one, batch in zip(semantics.nearest(vectors[9], k), semantics.near(vectors, k), strict=True):
            assert np.array_equal(one, batch[9])


def test_both_walks_down_the_trees_reach_the_same_leaves() -> None:
    scorer = load_scorer(STARTER, COLUMNS)
    dice = np.random.default_rng(1)
    rows = np.asarray(dice.standard_normal((3000, len(COLUMNS))) * scorer.scale + scorer.mean, np.float32)
    rows[: len(scorer.threshold[:500]), 3] = scorer.threshold[:500]  # on the very threshold of a node
    assert np.array_equal(scorer._walk(rows), scorer._compiled_walk()(rows))
