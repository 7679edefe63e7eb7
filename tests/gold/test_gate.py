"""The gate itself, on figures made up; then, last, what is shipped against its floors."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.evaluate import Measure, evaluate
from models.floors import Limit, compact, limit_of, moved, moved_pairs, pair_measures
from tests.gold import check
from tests.gold.check import Files, Measured, lowered, raised, refusals, tell_changes

ITEM = {
    "id": "halle", "title": "Une halle de marché rénovée", "rel": {"tourisme": 1, "urbanisme-amenagement": 3},
    "lead": "urbanisme-amenagement", "also_lead": ["economie-territoriale"], "dossier": "centres-renouvellement",
    "kind": "news", "kind_alt": ["practice"], "event": {"start": "2026-10-08", "end": None, "place": "Tours"},
    "deadline": "2026-09-25",
}  # fmt: skip
#: A judgement of the interface that is right everywhere.
RIGHT: dict[str, Any] = {
    "id": "halle",
    "communities": [
        {"id": "urbanisme-amenagement", "score": 0.91, "selected": True, "evidence": [], "reasons": []},
        {"id": "tourisme", "score": 0.2, "selected": False, "evidence": [], "reasons": []},
        {"id": "mediation-numerique", "score": 0.001, "selected": False, "evidence": [], "reasons": []},
    ],
    "lead": "urbanisme-amenagement",
    "proposals": [],
    "dossier": {"community": "urbanisme-amenagement", "id": "centres-renouvellement", "score": 0.7},
    "kind": "practice",
    "event": {"start": "2026-10-08", "end": None, "place": "Tours"},
    "deadline": "2026-09-25",
}
WRONG: dict[str, Any] = {
    **RIGHT,
    "communities": [
        {"id": "tourisme", "score": 0.85, "selected": True, "evidence": [], "reasons": []},
        {"id": "urbanisme-amenagement", "score": 0.15, "selected": False, "evidence": [], "reasons": []},
    ],
    "lead": "tourisme",
    "dossier": {"community": "tourisme", "id": "patrimoine-evenements", "score": 0.7},
    "kind": "call",
    "event": None,
    "deadline": None,
}


def measure(name: str, value: float | None, low: float = 0.7, high: float = 0.896) -> Measure:
    return Measure(name, name.upper(), value, low, high, 100)


# --- limits


def test_a_floor_stands_one_standard_error_below_and_a_ceiling_above() -> None:
    # (0.896 - 0.7) / (2 x 1.96) = 0.05
    assert limit_of(measure("map", 0.8004)) == Limit(0.75, 0.8)
    assert limit_of(measure("calibration_error", 0.8004)) == Limit(0.851, 0.8, ceiling=True)


def test_a_limit_holds_at_its_very_value_and_never_for_a_lost_measure() -> None:
    floor, ceiling = Limit(0.75, 0.8), Limit(0.02, 0.01, ceiling=True)
    assert floor.holds(0.75)
    assert not floor.holds(0.7499)
    assert ceiling.holds(0.02)
    assert not ceiling.holds(0.0201)
    assert not floor.holds(None)
    assert not ceiling.holds(None)


def test_raising_never_lowers() -> None:
    now = Measured({"learned": {"map": measure("map", 0.8), "kind": measure("kind", 0.9)}}, {})
    before = {"learned": {"map": Limit(0.77, 0.82), "kind": Limit(0.5, 0.6)}}
    assert raised(now, before) == {"learned": {"map": Limit(0.77, 0.82), "kind": Limit(0.85, 0.9)}}
    assert lowered(before, raised(now, before)) == []
    ceiling = Limit(0.02, 0.01, ceiling=True)
    assert ceiling.stricter(replace(ceiling, at=0.03)) is ceiling
    assert replace(ceiling, at=0.03).stricter(ceiling) is ceiling


def test_what_goes_down_or_away_is_named() -> None:
    before = {"learned": {"map": Limit(0.77, 0.82), "kind": Limit(0.5, 0.6), "lead": Limit(0.5, 0.6)}}
    after = {"learned": {"map": Limit(0.70, 0.75), "kind": Limit(0.6, 0.7)}}
    assert lowered(before, after) == ["réglage livré map", "réglage livré lead"]


# --- what has moved


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("lead", "urbanisme-amenagement → tourisme (attendu : urbanisme-amenagement ou economie-territoriale)"),
        ("lead_strict", "urbanisme-amenagement → tourisme (attendu : urbanisme-amenagement ou economie-territoriale)"),
        ("map", "urbanisme-amenagement 0,91 → 0,15 (note 3)"),
        ("micro_f1", "n’est plus retenu pour urbanisme-amenagement (note 3)"),
        ("dossier_given_lead", "centres-renouvellement → patrimoine-evenements (attendu : centres-renouvellement)"),
        ("kind", "practice → call (attendu : news ou practice)"),
        ("event_start", "2026-10-08 → aucun (attendu : 2026-10-08)"),
        ("event_place", "Tours → aucun (attendu : Tours)"),
        ("deadline_recall", "2026-09-25 → aucun (attendu : 2026-09-25)"),
    ],
)
def test_a_fall_names_the_item_what_was_said_and_what_is_said_now(name: str, said: str) -> None:
    before, now = {"halle": compact(RIGHT)}, {"halle": compact(WRONG)}
    lines = moved(name, [ITEM], before, now)
    assert f"« Une halle de marché rénovée » [halle] : {said}" in lines
    assert moved(name, [ITEM], now, before) == []  # what has become right explains no fall
    assert moved(name, [ITEM], before, before) == []


def test_a_lead_lost_says_who_is_first_now() -> None:
    nobody = {**WRONG, "lead": None}
    (line,) = moved("lead", [ITEM], {"halle": compact(RIGHT)}, {"halle": compact(nobody)})
    assert "urbanisme-amenagement → aucune, tourisme en tête" in line


def test_a_false_deadline_is_a_fall_where_none_was_expected() -> None:
    item, invented = {**ITEM, "deadline": None}, {**RIGHT, "deadline": "2027-01-01"}
    silent = {**RIGHT, "deadline": None}
    (line,) = moved("deadline_precision", [item], {"halle": compact(silent)}, {"halle": compact(invented)})
    assert line.endswith("aucun → 2027-01-01 (attendu : aucun)")


def test_the_largest_shift_comes_first_and_small_ones_are_left_out() -> None:
    other = {**ITEM, "id": "autre", "title": "Autre"}
    small = {**RIGHT, "communities": [{**RIGHT["communities"][0], "score": 0.88}, *RIGHT["communities"][1:]]}
    before = {"halle": compact(RIGHT), "autre": compact(RIGHT)}
    lines = moved("map", [other, ITEM], before, {"halle": compact(WRONG), "autre": compact(small)})
    assert [line.partition(" : ")[2] for line in lines] == [
        "urbanisme-amenagement 0,91 → 0,15 (note 3)", "tourisme 0,20 → 0,85 (note 1)",
    ]  # fmt: skip


def test_a_record_keeps_verdicts_and_scores_and_nothing_empty() -> None:
    assert compact(WRONG) == {
        "lead": "tourisme",
        "dossier": "patrimoine-evenements",
        "kind": "call",
        "selected": ["tourisme"],
        "scores": {"tourisme": 0.85, "urbanisme-amenagement": 0.15},
    }
    assert "mediation-numerique" not in compact(RIGHT)["scores"]


# --- pairs

PAIRS = [
    {"a": "1", "b": "2", "label": "dup"},
    {"a": "3", "b": "4", "label": "dup"},
    {"a": "1", "b": "3", "label": "related"},
    {"a": "1", "b": "5", "label": "diff"},
    {"a": "3", "b": "5", "label": "diff"},
]


def test_grouping_by_hand() -> None:
    together = {"1": "x", "2": "x", "3": "x", "4": "y", "5": "x"}
    precision, recall = pair_measures(PAIRS, together, draws=20)
    assert (precision.value, precision.n) == (pytest.approx(1 / 3), 3)  # 1-2 right, 1-5 and 3-5 wrong; 1-3 counts not
    assert (recall.value, recall.n) == (0.5, 2)
    apart = {name: name for name in together}
    assert [one.value for one in pair_measures(PAIRS, apart, draws=20)] == [None, 0.0]


def test_pairs_that_moved_the_wrong_way() -> None:
    titles = {str(n): f"Titre {n}" for n in range(1, 6)}
    lines = moved_pairs(PAIRS, titles, {"1 + 2", "1 + 3"}, {"1 + 5", "3 + 4"})
    assert lines == [
        "« Titre 1 » et « Titre 2 » ne sont plus réunis [1 + 2]",
        "« Titre 1 » et « Titre 5 » sont réunis à tort [1 + 5]",
    ]


# --- files and command


@pytest.fixture
def house(tmp_path: Path) -> Files:
    """A gate of its own: one labelled item and one pair."""
    (tmp_path / "items.jsonl").write_text(json.dumps(ITEM) + "\n")
    (tmp_path / "pairs.jsonl").write_text(json.dumps({"a": "1", "b": "2", "label": "dup"}) + "\n")
    (tmp_path / "pair_items.jsonl").write_text('{"id": "1", "title": "Un"}\n{"id": "2", "title": "Deux"}\n')
    changes = tmp_path / "CHANGELOG.md"
    changes.write_text("# Journal\n\n## [Non publié]\n\n### Changé\n\n- Avant.\n\n## [0.1.0]\n")
    return Files(tmp_path, changes)


def measured(judgement: dict[str, Any], united: bool = True) -> Measured:
    report = evaluate([ITEM], [judgement], bootstrap=5)
    figures = {one.name: replace(one, low=0.8, high=1.0) for one in report.measures if one.name in ("lead", "kind")}
    pairs = [{"a": "1", "b": "2", "label": "dup"}]
    recall = pair_measures(pairs, {"1": "x", "2": "x" if united else "y"}, draws=5)[1]
    return Measured(
        {"learned": figures, "duplicates": {recall.name: recall}},
        {"learned": {"halle": compact(judgement)}, "duplicates": ["1 + 2"] if united else []},
    )


def test_the_gate_opens_on_what_was_recorded_and_names_what_fell(house: Files) -> None:
    assert refusals(measured(RIGHT), house) == ["Aucun plancher n’est enregistré : python -m tests.gold.check --raise"]
    check.write(measured(RIGHT), raised(measured(RIGHT), {}), house)
    assert refusals(measured(RIGHT), house) == []
    fallen = refusals(measured(WRONG, united=False), house)
    assert [line.split("\n")[0][:44] for line in fallen[:3]] == [
        "réglage livré : chef de file, à défaut la mi", "réglage livré : type à 0,000, plancher 0,948",
        "doublons : doublons, rappel à 0,000, planche",
    ]  # fmt: skip
    assert "[halle] : practice → call (attendu : news ou practice)" in fallen[1]
    assert "« Un » et « Deux » ne sont plus réunis" in fallen[2]
    assert "--lower" in fallen[-1]


def test_a_changed_gold_does_not_pass(house: Files) -> None:
    check.write(measured(RIGHT), raised(measured(RIGHT), {}), house)
    (house.folder / "items.jsonl").write_text(json.dumps({**ITEM, "lead": "tourisme"}) + "\n")
    (refusal,) = refusals(measured(RIGHT), house)
    assert "empreinte" in refusal


Run = Callable[..., int]


@pytest.fixture
def run(house: Files, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command, on a measure made up."""

    def command(now: Measured, *arguments: str) -> int:
        monkeypatch.setattr(check, "measure", lambda settings, bootstrap, files: now)
        return check.main(["--state", str(house.folder / "state"), *arguments], house)

    return command


def test_raising_is_refused_below_a_floor(house: Files, run: Run) -> None:
    assert run(measured(RIGHT)) == 1  # nothing recorded yet
    assert run(measured(RIGHT), "--raise") == 0
    kept = house.floors.read_bytes(), house.record.read_bytes()
    assert run(measured(WRONG)) == 1
    assert run(measured(WRONG), "--raise") == 1
    assert (house.floors.read_bytes(), house.record.read_bytes()) == kept
    assert house.changes.read_text().count("\n- ") == 1


def test_lowering_takes_a_reason_and_writes_it_down(house: Files, run: Run) -> None:
    run(measured(RIGHT), "--raise")
    for half in (["--lower"], ["--reason", "parce que"], ["--lower", "--reason", " "]):
        with pytest.raises(SystemExit) as stopped:
            run(measured(WRONG), *half)
        assert stopped.value.code == 2
    assert run(measured(WRONG), "--lower", "--reason", "les types se jugent mieux ainsi.") == 0
    assert house.changes.read_text() == (
        "# Journal\n\n## [Non publié]\n\n### Changé\n\n- Avant.\n- Qualité du jugement, planchers abaissés "
        "(réglage livré lead, réglage livré kind) : les types se jugent mieux ainsi.\n\n## [0.1.0]\n"
    )
    assert refusals(measured(WRONG), house) == []


def test_a_change_log_without_its_section_gets_one(tmp_path: Path) -> None:
    path = tmp_path / "CHANGELOG.md"
    path.write_text("## [Non publié]\n\n### Ajouté\n\n- Tout.\n\n## [0.1.0]\n")
    tell_changes(["réglage livré map"], True, "jeu agrandi", path)
    assert path.read_text() == (
        "## [Non publié]\n\n### Ajouté\n\n- Tout.\n\n### Changé\n\n- Qualité du jugement, planchers abaissés "
        "(réglage livré map) et jeu annoté du projet modifié : jeu agrandi.\n\n## [0.1.0]\n"
    )


# --- what is shipped


def test_the_shipped_judgement_stands_above_its_floors() -> None:
    now = check.measure(check.shipped_settings())
    faults = refusals(now)
    assert not faults, "\n\n".join(["", *faults])
