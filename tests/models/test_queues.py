"""Order and variety of queues, against figures computed by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.queues import TOP, dcg, ndcg, queue_figures

LOG3 = float(np.log2(3))


def _draft(id_: str, source: str | None = "s", dossier: str | None = "d", concept: str | None = "c") -> dict[str, Any]:
    return {"id": id_, "source": source, "dossier": dossier, "concept": concept}


def test_a_gain_counts_less_the_lower_it_stands() -> None:
    assert dcg(np.array([3, 2, 0, 1])) == pytest.approx(3 + 2 / LOG3 + 1 / np.log2(5))
    assert dcg(np.array([3, 2, 0, 1]), top=2) == pytest.approx(3 + 2 / LOG3)
    assert dcg(np.array([], dtype=np.int64)) == 0


def test_the_best_order_is_worth_one_and_no_gain_has_no_figure() -> None:
    assert ndcg(np.array([3, 1]), np.array([1, 3])) == 1
    assert ndcg(np.array([1, 3]), np.array([1, 3])) == pytest.approx((1 + 3 / LOG3) / (3 + 1 / LOG3))
    assert np.isnan(ndcg(np.array([0]), np.array([0, 0])))


def test_a_queue_is_held_against_everything_and_against_itself() -> None:
    ids = ["a", "b", "c", "d"]
    grades = {"eau": np.array([3, 0, 2, 3])}
    (figures,), (mean, low, high) = queue_figures({"eau": [_draft("b"), _draft("a"), _draft("c")]}, grades, ids, ())
    mine = 3 / LOG3 + 2 / 2
    assert figures.ndcg == pytest.approx(mine / (3 + 3 / LOG3 + 2 / 2))  # d is missed
    assert figures.order == pytest.approx(mine / (3 + 2 / LOG3))
    assert (figures.n, figures.shown, figures.useful) == (3, 3, 2)
    assert mean == figures.ndcg
    assert (low, high, figures.low) == (None, None, None)


def test_variety_is_counted_on_the_first_page_only() -> None:
    ids = [f"{n:02}" for n in range(TOP + 1)]
    queue = [_draft(one, source=f"s{n % 3}", dossier=None if n % 2 else "d", concept=one) for n, one in enumerate(ids)]
    (figures,), _ = queue_figures({"eau": queue}, {"eau": np.ones(len(ids), np.int64)}, ids, ())
    assert (figures.n, figures.shown, figures.sources, figures.dossiers, figures.concepts) == (TOP + 1, TOP, 3, 1, TOP)


def test_intervals_come_of_the_items_drawn_and_an_ungraded_queue_has_no_figure() -> None:
    ids = ["a", "b", "c"]
    grades = {"eau": np.array([0, 3, 1]), "air": np.zeros(3, np.int64)}
    queues = {"eau": [_draft("a"), _draft("b"), _draft("c")], "air": [_draft("a")], "feu": []}
    # once without « a », which stands first for nothing; once three times « b »
    draws = [np.array([1, 2, 2]), np.array([1, 1, 1]), np.array([0, 1, 2])]
    (water, air, fire), (mean, low, high) = queue_figures(queues, grades, ids, draws)
    assert water.high == pytest.approx(1)
    assert water.low is not None
    assert water.ndcg is not None
    assert water.ndcg <= water.low < 1
    assert (air.ndcg, air.low, air.order, fire.ndcg, fire.shown) == (None, None, None, None, 0)
    assert mean == water.ndcg
    assert (low, high) == (water.low, water.high)


def test_an_unknown_draft_is_refused() -> None:
    with pytest.raises(KeyError):
        queue_figures({"eau": [_draft("z")]}, {}, ["a"], ())
