"""The learned scorer: same answers as scikit-learn, plain arrays on disk, no pair of one item on both sides."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier

from models import learn
from models.errors import ModelError
from models.shipped import STARTER

COLUMNS = tuple(f"c{i}" for i in range(6))


def _pairs(n: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, 6)).astype(np.float32)
    right = rows[:, 0] + 0.7 * rows[:, 1] * (rows[:, 2] > 0) + rng.normal(0, 0.5, n) > 0.8
    return rows, right, np.arange(n) // 4


def _told(scorer: learn.LearnedScorer, rows: np.ndarray) -> np.ndarray:
    """Probabilities of pairs, each taken for an item of one community."""
    return scorer.probabilities(rows[:, None, :], np.zeros((len(rows), 2), np.float32), ["eau"])[:, 0]


def test_the_forest_answers_as_scikit_learn_does() -> None:
    rows, right, _ = _pairs()
    trees = ExtraTreesClassifier(
        learn.TREES, min_samples_leaf=learn.LEAF, max_features=learn.SHARE, random_state=0
    ).fit(rows, right)
    ours = learn._fit(rows, right, np.ones(len(right)), COLUMNS, 1.0, 0.0).forest(rows)
    assert np.allclose(ours, trees.predict_proba(rows)[:, 1], atol=1e-6)


def test_it_learns_and_is_calibrated_on_items_it_has_not_seen() -> None:
    rows, right, group = _pairs(1200)
    scorer = learn.train(rows, right, group, COLUMNS)
    fresh, truth, _ = _pairs(2000, seed=9)
    told = _told(scorer, fresh)
    assert abs(float(told.mean()) - float(truth.mean())) < 0.04
    assert told[truth].mean() > told[~truth].mean() + 0.4
    assert ((told >= 0) & (told <= 1)).all()


def test_learning_twice_gives_the_same_file(tmp_path: Path) -> None:
    rows, right, group = _pairs()
    for name in ("a.npz", "b.npz"):
        learn.save_scorer(learn.train(rows, right, group, COLUMNS), tmp_path / name)
    one, two = (learn.load_scorer(tmp_path / name, COLUMNS) for name in ("a.npz", "b.npz"))
    assert one.version == two.version
    assert np.array_equal(_told(one, rows), _told(two, rows))
    assert len(_told(one, rows[:0])) == 0


def test_the_pairs_of_one_item_never_stand_on_both_sides() -> None:
    group = np.arange(100) // 4
    seen: list[int] = []
    for train_at, test_at in learn.folds(group):
        assert not set(group[train_at]) & set(group[test_at])
        seen += list(test_at)
    assert sorted(seen) == list(range(100))


def test_too_little_to_learn_from_is_told_in_figures() -> None:
    rows, right, group = _pairs(100)
    with pytest.raises(ModelError, match="Trop peu d’avis"):
        learn.train(rows, right, group, COLUMNS)
    rows, _, group = _pairs()
    with pytest.raises(ModelError, match="0 favorables"):
        learn.train(rows, np.zeros(len(rows), bool), group, COLUMNS)


def test_a_damaged_file_or_other_features_are_refused(tmp_path: Path) -> None:
    rows, right, group = _pairs()
    path = tmp_path / "scorer.npz"
    learn.save_scorer(learn.train(rows, right, group, COLUMNS), path)
    with pytest.raises(ModelError, match="autre version"):
        learn.load_scorer(path, (*COLUMNS[1:], "autre"))
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(ModelError, match="illisible"):
        learn.load_scorer(path, COLUMNS)
    with pytest.raises(ModelError, match="illisible"):
        learn.load_scorer(tmp_path / "absent.npz", COLUMNS)


def test_the_shipped_scorer_reads_the_features_of_today_and_knows_a_good_item() -> None:
    from curation.decide.features import COLUMNS as FEATURES

    scorer = learn.load_scorer(STARTER, FEATURES)
    strong, nothing = np.zeros((2, len(FEATURES)), np.float32)
    for name in ("words", "words_linear", "title", "sense", "nearest", "shelf", "definition", "words_lead", "both"):
        strong[FEATURES.index(name)] = 1.5 if name in ("sense", "nearest", "shelf", "definition") else 0.8
    strong[FEATURES.index("strongest")] = 1.5
    good, bad = _told(scorer, np.stack([strong, nothing]))
    assert good > 0.5 > 0.1 > bad
