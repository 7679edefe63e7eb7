"""The table of concepts: what each brought and cost, against counts made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.concepts import concept_figures


def _pair(grade: int, selected: bool, *concepts: str, where: str = "title") -> tuple[dict[str, Any], dict[str, Any]]:
    evidence = [{"concept": name, "label": name.title(), "where": where} for name in concepts]
    community = {"id": "eau", "score": 0.5, "selected": selected, "evidence": evidence, "reasons": []}
    return {"id": "x", "rel": {"eau": grade} if grade else {}}, {"id": "x", "communities": [community]}


PAIRS = [
    _pair(3, True, "source", "fuite"),
    _pair(2, True, "source"),
    _pair(1, True, "source", "robinet"),
    _pair(2, False, "source", "puits"),
    _pair(0, False, "source"),
    _pair(0, True, "robinet"),
    _pair(3, True, "nuage", where="sense"),
]


def test_what_is_found_right_wrong_and_missed() -> None:
    found = {one.concept: (one.found, one.right, one.wrong, one.missed) for one in concept_figures(PAIRS, ())}
    assert found == {"source": (5, 2, 1, 1), "fuite": (1, 1, 0, 0), "robinet": (2, 0, 2, 0), "puits": (1, 0, 0, 1)}


def test_a_concept_that_only_misleads_comes_before_one_that_also_serves() -> None:
    # robinet 2²/2, source 2²/4 (found more often), puits 1²/1
    assert [one.concept for one in concept_figures(PAIRS, ())] == ["robinet", "source", "puits", "fuite"]


def test_a_judgement_without_evidence_counts_for_no_concept() -> None:
    item, judgement = _pair(3, True, "source")
    del judgement["communities"][0]["evidence"]
    assert concept_figures([(item, judgement)], ()) == ()


def test_shares_have_their_interval_where_something_was_selected() -> None:
    generator = np.random.default_rng(0)
    draws = [generator.integers(len(PAIRS), size=len(PAIRS)) for _ in range(200)]
    by_name = {one.concept: one for one in concept_figures(PAIRS, draws)}
    source = by_name["source"]
    assert source.share == pytest.approx(2 / 3)
    assert source.low is not None
    assert source.high is not None
    assert source.low < 2 / 3 < source.high
    assert (by_name["robinet"].low, by_name["robinet"].high) == (0, 0)
    assert (by_name["puits"].share, by_name["puits"].low) == (None, None)
    assert source.label == "Source"
