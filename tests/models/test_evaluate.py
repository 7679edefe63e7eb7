"""The figures of an evaluation, against values computed by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from models import metrics
from models.errors import ModelError
from models.evaluate import Report, evaluate


def gold(id_: str, rel: dict[str, int], lead: str | None, **more: Any) -> dict[str, Any]:
    record = {"id": id_, "title": f"Titre {id_}", "text": "", "url": "", "source": "", "date": ""}
    empty: dict[str, Any] = {"dossier": None, "kind": "news", "event": None, "deadline": None}
    return {**record, **empty, "rel": rel, "lead": lead, **more}


def judged(id_: str, scores: dict[str, float], lead: str | None, **more: Any) -> dict[str, Any]:
    communities = [
        {"id": name, "score": score, "selected": score >= 0.5, "evidence": [], "reasons": []}
        for name, score in sorted(scores.items(), key=lambda pair: -pair[1])
    ]
    empty: dict[str, Any] = {
        "dossier": None, "kind": "news", "event": None, "deadline": None, "proposals": [],
    }  # fmt: skip
    return {**empty, "id": id_, "communities": communities, "lead": lead, **more}


GOLD = [
    gold("1", {"tourisme": 3}, "tourisme", dossier="tourisme-durable"),
    gold("2", {"tourisme": 2, "mobilite": 2}, "mobilite", also_lead=["tourisme"], dossier="velo", kind="event",
         event={"start": "2027-03-01", "end": "2027-03-02", "place": "Tours"}),
    gold("3", {"mobilite": 1}, None, kind="call", kind_alt=["news"], deadline="2027-04-15"),
    gold("4", {}, None, kind="resource"),
]  # fmt: skip
JUDGED = [
    judged("1", {"tourisme": 0.4, "mobilite": 0.3}, None,
           dossier={"community": "tourisme", "id": "tourisme-durable", "score": 0.5}),
    judged("2", {"tourisme": 0.9, "mobilite": 0.6}, "tourisme", kind="event",
           dossier={"community": "tourisme", "id": "nature", "score": 0.5},
           event={"start": "2027-03-01", "end": None, "place": "TOURS (Indre-et-Loire)"}),
    judged("3", {"tourisme": 0.8, "mobilite": 0.7}, "mobilite", deadline="2027-04-15"),
    judged("4", {"tourisme": 0.1, "mobilite": 0.2}, None, kind="news", deadline="2027-01-01"),
]  # fmt: skip


@pytest.fixture(scope="module")
def report() -> Report:
    return evaluate(GOLD, JUDGED, bootstrap=40)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        # tourisme: right items rank 1 and 3 of 4: (1/1 + 2/3) / 2 = 5/6; mobilite: its item ranks 2: 1/2
        ("map", (5 / 6 + 1 / 2) / 2),
        ("lead", 1.0),  # 1: none said, best is right; 2: the other accepted lead
        ("lead_strict", 0.5),
        ("lead_best", 1.0),
        # best scores .4 .9 | .8 .2: of four pairs, (.4,.2) (.9,.8) (.9,.2) are in order
        ("relevance_auc", 0.75),
        ("relevance_auc_lead", 0.75),
        # selected: 2 tourisme, 2 mobilite, 3 tourisme, 3 mobilite; right: 1 tourisme, 2 tourisme, 2 mobilite
        ("micro_precision", 2 / 4),
        ("micro_recall", 2 / 3),
        ("micro_f1", 4 / 7),
        # ranked .9+ .8 .7 .6+ .4+ ...: 3 hits of 5 with 3 right: 6/8
        ("best_micro_f1", 0.75),
        ("dossier_given_lead", 1.0),  # only item 1 is led by the gold lead itself
        ("dossier", 0.5),
        ("kind", 3 / 4),  # 4 is wrong; 3 has « news » as other right answer
        ("event_start", 1.0),
        ("event_end", 0.0),
        ("event_place", 1.0),
        ("deadline_precision", 0.5),
        ("deadline_recall", 1.0),
    ],
)
def test_each_figure_is_the_one_computed_by_hand(report: Report, name: str, value: float) -> None:
    assert report[name] == pytest.approx(value)


def test_the_best_threshold_is_the_score_that_reaches_it(report: Report) -> None:
    assert report.best_threshold == pytest.approx(0.4)


def test_the_table_of_communities(report: Report) -> None:
    mobility, tourism = report.communities
    assert (mobility.id, mobility.n, tourism.id, tourism.n) == ("mobilite", 1, "tourisme", 2)
    assert (mobility.average_precision, tourism.average_precision) == pytest.approx((1 / 2, 5 / 6))
    assert (tourism.precision, tourism.recall, tourism.f1) == pytest.approx((0.5, 0.5, 0.5))
    assert (mobility.precision, mobility.recall, mobility.f1) == pytest.approx((0.5, 1.0, 2 / 3))
    low, high = tourism.average_precision_interval
    assert low is not None
    assert high is not None
    assert low < 5 / 6 < high


def test_the_worst_mistake_of_each_item_worst_first(report: Report) -> None:
    found = [(mistake.id, mistake.community, mistake.grade, mistake.error) for mistake in report.worst]
    assert [entry[:3] for entry in found] == [
        ("3", "tourisme", 0), ("1", "tourisme", 3), ("2", "mobilite", 2), ("4", "mobilite", 0),
    ]  # fmt: skip
    assert [entry[3] for entry in found] == pytest.approx([0.8, 0.6, 0.4, 0.2])


def test_a_mistake_tells_what_it_was_made_of() -> None:
    met = [
        {"concept": "taxe", "label": "taxe de séjour", "where": "title"},
        {"concept": "hotels", "label": "hôtellerie", "where": "sense"},
    ]
    answer = judged("3", {"tourisme": 0.8, "mobilite": 0.1}, "tourisme")
    answer["communities"][0] |= {"evidence": met, "reasons": ["« taxe de séjour » dans le titre"]}
    report = evaluate([GOLD[2]], [answer], bootstrap=0)
    (mistake,) = report.worst
    assert mistake.words == (("taxe de séjour", "title"), ("hôtellerie", "sense"))
    assert mistake.selected
    assert (mistake.said_lead, mistake.gold_lead) == ("tourisme", None)
    text = report.render()
    assert "mots : « taxe de séjour » (titre), « hôtellerie » (sens)" in text
    assert "raisons affichées : « taxe de séjour » dans le titre" in text
    assert "mène : tourisme ; attendu : personne" in text


def test_queues_are_measured_when_they_are_given() -> None:
    def draft(id_: str) -> dict[str, Any]:
        return {"id": id_, "source": "Lettre", "dossier": None, "concept": id_}

    queues = {"tourisme": [draft("3"), draft("1")], "mobilite": [draft("2")]}
    report = evaluate(GOLD, JUDGED, queues=queues, bootstrap=40)
    tourism, mobility = report.queues
    # grades of the queue 0, 3; of every item 3, 2: (3 / log2 3) / (3 + 2 / log2 3)
    assert tourism.ndcg == pytest.approx((3 / np.log2(3)) / (3 + 2 / np.log2(3)))
    assert mobility.ndcg == 2 / (2 + 1 / np.log2(3))
    mean = next(measure for measure in report.measures if measure.name == "ndcg")
    assert mean.value == pytest.approx((tourism.ndcg + mobility.ndcg) / 2)
    assert mean.low is not None
    assert mean.low < mean.value
    assert "ordre des files (nDCG@20)" in report.render()
    assert report.to_json()["queues"][0]["community"] == "tourisme"
    with pytest.raises(ModelError, match="mal formé"):
        evaluate(GOLD, JUDGED, queues={"tourisme": [draft("inconnu")]}, bootstrap=0)


def test_calibration_error_by_hand() -> None:
    scores = np.array([0.1, 0.3, 0.6, 0.8])
    positive = np.array([False, True, True, True])
    # two bins: |.2 - .5| and |.7 - 1|
    assert metrics.calibration_error(scores, positive, bins=2) == pytest.approx(0.3)
    assert metrics.calibration_error(scores, positive) == pytest.approx((0.1 + 0.7 + 0.4 + 0.2) / 4)


def test_equal_scores_are_selected_together() -> None:
    scores = np.array([[0.5, 0.5, 0.5, 0.1]])
    positive = np.array([[True, False, False, False]])
    assert metrics.best_f1(scores, positive) == pytest.approx((0.5, 0.5))  # 1 of 3, not 1 of 1


def test_intervals_hold_the_value_and_are_repeatable(report: Report) -> None:
    measures = {measure.name: measure for measure in report.measures}
    micro = measures["micro_f1"]
    assert micro.low is not None
    assert micro.high is not None
    assert micro.value is not None
    assert micro.low <= micro.value <= micro.high
    assert micro.low < micro.high
    assert evaluate(GOLD, JUDGED, bootstrap=40) == report
    assert evaluate(GOLD, JUDGED, bootstrap=40, seed=1) != report


def test_judgements_are_matched_by_id_whatever_their_order(report: Report) -> None:
    stranger = judged("99", {"tourisme": 1.0, "mobilite": 0.0}, "tourisme")
    assert evaluate(GOLD, [stranger, *JUDGED[::-1]], bootstrap=40) == report


def test_what_the_gold_does_not_label_has_no_figure() -> None:
    report = evaluate(GOLD[3:], JUDGED[3:], bootstrap=5)
    for name in ("map", "lead", "relevance_auc", "dossier", "event_start", "deadline_precision", "best_micro_f1"):
        assert report[name] is None
    assert report["kind"] == 0.0
    assert "–" in report.render()


def test_the_report_is_json_and_french_text(report: Report) -> None:
    content = json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert content["items"] == 4
    assert content["measures"]["micro_f1"]["value"] == pytest.approx(4 / 7)
    assert content["communities"][1]["id"] == "tourisme"
    text = report.render()
    assert "0,571" in text
    assert "Qualité des jugements sur 4 items étiquetés" in text
    assert "de trop  score 0,80, note 0  tourisme  3  Titre 3" in text
    assert "manqué   score 0,40, note 3  tourisme  1  Titre 1" in text


@pytest.mark.parametrize(
    ("labelled", "answers", "message"),
    [
        ([], JUDGED, "aucun item"),
        (GOLD, JUDGED[1:], "n’ont pas de jugement, dont « 1 »"),
        ([{"title": "sans identifiant"}], JUDGED, "mal formé"),
        (GOLD[:1], [{"id": "1"}], "mal formé"),
        (GOLD[:1], [judged("1", {"tourisme": float("nan")}, None)], "mal formé"),
        ([gold("1", {"tourisme": "fort"}, None)], JUDGED, "mal formé"),  # type: ignore[dict-item]
        ([gold("1", {}, None)], [judged("1", {}, None)], "communauté"),
    ],
)
def test_faulty_input_is_explained(labelled: Any, answers: Any, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        evaluate(labelled, answers, bootstrap=2)
