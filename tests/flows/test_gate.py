"""What the gate lets through: no model that verdicts it has not seen, or the project's own items, speak against."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from flows import gate
from flows.gate import Trial, compare, examine
from models.lesson import Linear
from models.taught import Pairs, Precision
from tests.models.test_taught import BASE, _lesson, _pairs


def _dated(pairs: Pairs) -> np.ndarray:
    return np.arange(len(pairs), dtype=float)


def test_a_level_that_the_model_in_service_ignores_is_seen_on_the_newest_verdicts() -> None:
    pairs = _pairs(300, 1, level=-2.0)
    base = BASE.logits(pairs.rows)
    trial = compare(base, base, pairs, _dated(pairs), None, Precision())
    assert trial is not None
    assert trial.pairs == pytest.approx(60, abs=1)
    assert trial.loss_new < trial.loss_now and not trial.worse


def test_a_model_that_serves_better_is_kept() -> None:
    pairs = _pairs(400, 2)
    base = BASE.logits(pairs.rows)
    wrong = Linear(-BASE.weights).logits(pairs.rows)
    trial = compare(wrong, base, pairs, _dated(pairs), None, Precision().times(1e6))
    assert trial is not None and trial.worse


def test_what_the_model_in_service_was_taught_is_not_held_out() -> None:
    pairs = _pairs(100, 3)
    base = BASE.logits(pairs.rows)
    trial = compare(base, base, pairs, _dated(pairs), 69.5, Precision())
    assert trial is not None and trial.pairs == 30
    assert compare(base, base, pairs, _dated(pairs), 98.0, Precision()) is None  # one verdict says nothing


def test_labelled_items_are_cross_validated() -> None:
    pairs = _pairs(200, 4, level=-2.0)
    base = BASE.logits(pairs.rows)
    trial = compare(base, base, pairs, np.full(200, np.nan), None, Precision())
    assert trial is not None and trial.pairs == 200 and trial.loss_new < trial.loss_now


def test_a_refusal_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    judge = cast(Any, SimpleNamespace(words=SimpleNamespace(communities=("eau",))))
    monkeypatch.setattr(gate, "judged_by", lambda *_: [_judged("un", 0.1), _judged("deux", 0.9)])
    (tmp_path / "items.jsonl").write_text(
        '{"id": "un", "title": "Un", "rel": {"eau": 3}, "lead": "eau"}\n{"id": "deux", "title": "Deux", "rel": {}}\n'
    )
    (tmp_path / "floors.yaml").write_text(
        "floors:\n  learned:\n    relevance_auc: {at: 0.9, measured: 0.95}\n    micro_f1: {at: 0.9, measured: 0.9}\n"
    )
    worse = Trial(40, 0.3, 0.5, 0.1, 0.8, 0.6)
    answer = examine(judge, _lesson(), worse, tmp_path)
    assert answer.gold == {"relevance_auc": (0.85, 0.0)}  # a floor of level is not asked
    assert len(answer.refusals) == 2
    assert "0,500" in answer.refusals[0] and "plancher 0,850" in answer.refusals[1]
    fine = Trial(40, 0.5, 0.4, 0.1, 0.8, 0.6)
    assert examine(judge, _lesson(), fine, tmp_path / "absent").refusals == ()


def test_another_installation_s_communities_have_no_floor(tmp_path: Path) -> None:
    judge = cast(Any, SimpleNamespace(words=SimpleNamespace(communities=("mares",))))
    (tmp_path / "items.jsonl").write_text('{"id": "un", "title": "Un", "rel": {"eau": 3}}\n')
    (tmp_path / "floors.yaml").write_text("floors: {learned: {map: {at: 0.9, measured: 0.9}}}\n")
    assert examine(judge, _lesson(), None, tmp_path).gold == {}


def _judged(identity: str, score: float) -> dict[str, Any]:
    return {
        "id": identity, "lead": None, "proposals": [], "dossier": None, "kind": "news", "event": None, "deadline": None,
        "communities": [{"id": "eau", "score": score, "selected": False, "evidence": [], "reasons": []}],
    }  # fmt: skip
