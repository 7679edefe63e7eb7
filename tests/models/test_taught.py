"""A correction learned from verdicts: nothing without them, what is common first, then what is each community's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models import lesson as lessons
from models.errors import ModelError
from models.learn import sigmoid
from models.lesson import Filed, Lesson, Linear, Shelves, learn_shelves, learn_story_shift, load_lesson, save_lesson
from models.taught import FACTORS, Pairs, Precision, TaughtScorer, factor_for, fit, losses, predict

COLUMNS = ("a", "b", "c")
NAMES = ("eau", "ville")
BASE = Linear(np.array([1.5, 0.0, 0.0, -0.5]))


def _pairs(n: int, seed: int, taste: float = 0.0, level: float = 0.0) -> Pairs:
    """``taste``: how much « ville » cares for the first direction of meaning, which the base ignores."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, 3)).astype(np.float32)
    vectors = rng.normal(size=(n, 8)).astype(np.float32) / 3
    community = np.arange(n) % 2
    z = BASE.logits(rows) + level + taste * vectors[:, 0] * (community == 1)
    right = rng.random(n) < sigmoid(z)
    return Pairs(rows, vectors, np.arange(n) // 2, community, NAMES, right, np.ones(n), np.zeros(n, bool))


def _loss(pairs: Pairs, logits: np.ndarray) -> float:
    return float(losses(logits, pairs.right).mean())


def test_without_verdicts_the_base_speaks_alone() -> None:
    none, some = _pairs(0, 0), _pairs(50, 1)
    correction = fit(BASE.logits(none.rows), none, Precision())
    assert np.allclose(predict(correction, BASE.logits(some.rows), some), BASE.logits(some.rows))


def test_a_level_is_learned_from_few_verdicts() -> None:
    some, fresh = _pairs(40, 2, level=-2.0), _pairs(3000, 3, level=-2.0)
    base = BASE.logits(some.rows)
    correction = fit(base, some, Precision().times(factor_for(base, some)))
    known = BASE.logits(fresh.rows)
    assert _loss(fresh, predict(correction, known, fresh)) < 0.85 * _loss(fresh, known)


def test_a_taste_is_learned_from_many_and_only_for_who_has_it() -> None:
    some, fresh = _pairs(3000, 4, taste=6.0), _pairs(3000, 5, taste=6.0)
    base, known = BASE.logits(some.rows), BASE.logits(fresh.rows)
    correction = fit(base, some, Precision().times(factor_for(base, some)))
    learned = predict(correction, known, fresh)
    ville = fresh.community == 1
    assert _loss(fresh.part(ville), learned[ville]) < 0.8 * _loss(fresh.part(ville), known[ville])
    assert _loss(fresh.part(~ville), learned[~ville]) < 1.02 * _loss(fresh.part(~ville), known[~ville])


def test_where_the_base_is_right_nothing_is_learned() -> None:
    some = _pairs(400, 6)
    assert factor_for(BASE.logits(some.rows), some) == FACTORS[-1]


def test_anchors_keep_what_was_not_shown_where_it_was() -> None:
    """Everything shown was liked: without anchors, the rest rises with it."""
    rng = np.random.default_rng(11)
    every = _pairs(600, 10)
    base = BASE.logits(every.rows)
    shown = np.flatnonzero(base > 0.5)[:80]
    hidden = np.flatnonzero(base < -1)
    liked = replace(every.part(shown), right=np.ones(len(shown), bool))
    left = every.part(rng.permutation(hidden)[:60])
    held = replace(left, anchor=np.ones(60, bool))
    both = Pairs(
        *(np.concatenate([getattr(liked, f), getattr(held, f)]) for f in ("rows", "vectors", "group", "community")),
        NAMES,
        *(np.concatenate([getattr(liked, f), getattr(held, f)]) for f in ("right", "weight", "anchor")),
    )
    fresh = every.part(rng.permutation(hidden)[60:])
    before = sigmoid(BASE.logits(fresh.rows)).mean()
    alone = sigmoid(predict(fit(base[shown], liked, Precision()), BASE.logits(fresh.rows), fresh)).mean()
    kept = sigmoid(predict(fit(BASE.logits(both.rows), both, Precision()), BASE.logits(fresh.rows), fresh)).mean()
    assert alone > 1.5 * before
    assert abs(kept - before) < abs(alone - before) / 2


def test_what_weighs_nothing_teaches_nothing() -> None:
    some = _pairs(200, 7, level=-2.0)
    mute = replace(some, weight=np.full(200, 1e-9))
    correction = fit(BASE.logits(mute.rows), mute, Precision())
    assert abs(correction.common) < 1e-4 and np.abs(correction.vectors).max() < 1e-4


def test_a_community_without_verdicts_takes_what_is_common() -> None:
    some = _pairs(300, 8, level=-2.0)
    scorer = TaughtScorer(BASE, fit(BASE.logits(some.rows), some, Precision()))
    rows = np.repeat(some.rows[:50, None, :], 2, axis=1)
    told = scorer.probabilities(rows, some.vectors[:50], ("eau", "neuve"))
    assert told.shape == (50, 2)
    before = sigmoid(BASE.logits(some.rows[:50]))
    assert (told[:, 1] < before).mean() > 0.95


def _lesson(seed: int = 0, weight: float = 2.0) -> Lesson:
    some = _pairs(200, seed, level=-1.0)
    correction = fit(BASE.logits(some.rows), some, Precision())
    shelves = Shelves((("eau", "crues"),), np.ones((1, 8), np.float32), np.ones(1, np.float32), weight)
    return Lesson(TaughtScorer(BASE, correction), shelves, 0.3, COLUMNS, "e5", {"learned_at": 1.0})


def test_a_lesson_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "models" / "scorer.npz"
    written = save_lesson(_lesson(), path)
    read = load_lesson(path, COLUMNS)
    assert read.scorer.version == written.scorer.version == lessons.version_of(written)
    some = _pairs(20, 9)
    rows = np.repeat(some.rows[:, None, :], 2, axis=1)
    assert np.array_equal(
        read.scorer.probabilities(rows, some.vectors, NAMES), written.scorer.probabilities(rows, some.vectors, NAMES)
    )
    assert (read.story_shift, read.encoder, read.facts["learned_at"]) == (0.3, "e5", 1.0)
    pull = read.shelves.pull("eau", ["crues", "autre"])
    assert np.allclose(pull, [[2 / 3] * 8, [0] * 8])
    assert not list(path.parent.glob("*.part"))


def test_another_version_or_a_damaged_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "scorer.npz"
    save_lesson(_lesson(), path)
    assert lessons.serves(path, COLUMNS)
    assert not lessons.serves(path, ("a", "b"))
    with pytest.raises(ModelError, match="autre version"):
        load_lesson(path, ("a", "b"))
    path.write_bytes(path.read_bytes()[:200])
    assert not lessons.serves(path, COLUMNS)
    with pytest.raises(ModelError, match="illisible"):
        load_lesson(path, COLUMNS)


def test_filing_moves_a_dossier_only_where_it_helps() -> None:
    rng = np.random.default_rng(0)
    centres = np.eye(8, dtype=np.float32)[:2]

    def filed(chosen: int, merits: tuple[float, float]) -> Filed:
        item = centres[chosen] + rng.normal(0, 0.1, 8).astype(np.float32)
        return Filed("eau", ("crues", "usages"), chosen, item / np.linalg.norm(item), np.array(merits))

    astray = [filed(k % 2, (1.0, 0.0)) for k in range(20)]  # the words always say « crues »
    shelves, before, after = learn_shelves(astray, 8)
    assert shelves.weight > 0 and before == 0.5 and after == 1.0
    fine = [filed(k % 2, (2.0, 0.0) if k % 2 == 0 else (0.0, 2.0)) for k in range(20)]
    shelves, before, after = learn_shelves(fine, 8)
    assert before == after == 1.0
    assert learn_shelves([], 8)[0].names == ()


def test_merges_and_splits_move_the_line_between_stories() -> None:
    assert learn_story_shift(np.zeros(0), np.zeros(0, bool)) == 0
    merged = learn_story_shift(np.full(6, -1.0), np.ones(6, bool))
    split = learn_story_shift(np.full(6, 1.0), np.zeros(6, bool))
    assert 0.3 < merged <= 1.5 and merged == pytest.approx(-split)
    assert learn_story_shift(np.array([2.0, -2.0]), np.array([True, False])) == pytest.approx(0, abs=0.01)
