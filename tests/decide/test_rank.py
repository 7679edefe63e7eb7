"""The order of a queue: each signal, near deadlines, variety, reasons in French."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from curation.config import RankWeights
from curation.decide.rank import TOP, Signals, freshness, likeness, rank, urgency
from curation.types import Draft, Event, Kind

TODAY = date(2026, 11, 20)
WEIGHTS = RankWeights().model_dump()
DRAFT = Draft(
    "a",
    "tourisme",
    0.0,
    0.6,
    "Titre",
    "Résumé.",
    "Pour vous.",
    "https://exemple.fr/a",
    "lettre",
    datetime(2026, 11, 10, tzinfo=UTC),
    Kind.NEWS,
    None,
    reasons=("« taxe » dans le titre",),
)


def _apart(n: int) -> np.ndarray:
    """n vectors that look nothing like each other."""
    return np.eye(n, dtype=np.float32)


def _order(drafts: list[Draft], signals: list[Signals] | None = None, vectors: np.ndarray | None = None) -> list[str]:
    ranked = rank(
        drafts,
        signals or [Signals()] * len(drafts),
        _apart(len(drafts)) if vectors is None else vectors,
        today=TODAY,
        weights=WEIGHTS,
    )
    return [d.article for d in ranked]


def test_an_empty_queue_stays_empty() -> None:
    assert rank([], [], np.zeros((0, 3), np.float32), today=TODAY, weights=WEIGHTS) == []


def test_freshness_halves_and_never_exceeds_one() -> None:
    assert freshness(TODAY, TODAY, 7) == 1
    assert freshness(date(2026, 11, 13), TODAY, 7) == 0.5
    assert freshness(date(2026, 12, 25), TODAY, 7) == 1  # a date to come is no fresher than today
    assert freshness(None, TODAY, 7) == 0.3


@pytest.mark.parametrize(
    ("deadline", "start", "value"),
    [
        (date(2026, 11, 20), None, 1.0),
        (date(2026, 11, 27), None, 1.0),
        (date(2027, 1, 19), None, 0.0),
        (date(2026, 11, 19), None, 0.0),  # past
        (None, date(2026, 11, 22), 1.0),
        (date(2027, 6, 1), date(2026, 11, 22), 1.0),  # the nearer of the two
        (date(2026, 11, 1), date(2026, 12, 24), 0.5),  # the one still to come
        (None, None, 0.0),
    ],
)
def test_urgency_follows_the_nearest_day_to_come(deadline: date | None, start: date | None, value: float) -> None:
    draft = replace(DRAFT, deadline=deadline, event=Event(start, None, None))
    assert urgency(draft, TODAY) == pytest.approx(value, abs=0.01)


@pytest.mark.parametrize(
    ("better", "signals"),
    [
        (replace(DRAFT, article="z", relevance=0.9), Signals()),
        (replace(DRAFT, article="z", published=datetime(2026, 11, 19, tzinfo=UTC)), Signals()),
        (replace(DRAFT, article="z", kind=Kind.REGULATION), Signals()),
        (replace(DRAFT, article="z", deadline=date(2026, 11, 25)), Signals()),
        (replace(DRAFT, article="z"), Signals(priority=1.0)),
        (replace(DRAFT, article="z"), Signals(authority=1.0)),
        (replace(DRAFT, article="z"), Signals(audience=1.0)),
    ],
)
def test_each_signal_lifts_a_draft(better: Draft, signals: Signals) -> None:
    assert _order([DRAFT, better], [Signals(), signals]) == ["z", "a"]


def test_what_looks_like_a_published_contribution_comes_lower() -> None:
    drafts = [DRAFT, replace(DRAFT, article="z")]
    assert _order(drafts, [Signals(novelty=0.1), Signals()]) == ["z", "a"]


def test_a_weight_of_zero_silences_its_signal() -> None:
    silent = WEIGHTS | {"authority": 0.0}
    ranked = rank(
        [DRAFT, replace(DRAFT, article="z")],
        [Signals(), Signals(authority=1.0)],
        _apart(2),
        today=TODAY,
        weights=silent,
    )
    assert [d.article for d in ranked] == ["a", "z"]
    assert ranked[0].score == ranked[1].score


def test_scores_lie_between_zero_and_one_and_decrease() -> None:
    drafts = [replace(DRAFT, article=f"{i:03}", relevance=(i * 37 % 100) / 100) for i in range(TOP + 20)]
    vectors = np.ones((len(drafts), 1), np.float32)  # all alike: the strongest penalty there is
    ranked = rank(drafts, [Signals()] * len(drafts), vectors, today=TODAY, weights=WEIGHTS)
    scores = [d.score for d in ranked]
    assert sorted(d.article for d in ranked) == [d.article for d in drafts]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] >= 0
    assert scores[0] <= 1


def test_with_every_weight_at_zero_the_score_is_zero() -> None:
    zero = dict.fromkeys(WEIGHTS, 0.0) | {"half_life_days": 7.0}
    assert rank([DRAFT], [Signals()], _apart(1), today=TODAY, weights=zero)[0].score == 0


def test_a_look_alike_gives_way_to_variety() -> None:
    first = replace(DRAFT, article="a", relevance=0.90)
    twin = replace(DRAFT, article="b", relevance=0.89)
    other = replace(DRAFT, article="c", relevance=0.80)
    vectors = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    assert _order([first, twin, other], vectors=vectors) == ["a", "c", "b"]
    assert _order([first, twin, other], vectors=_apart(3)) == ["a", "b", "c"]


def test_two_items_of_one_subject_are_not_alike_two_accounts_of_one_fact_are() -> None:
    assert likeness(np.array([-0.2, 0.0, 0.5])).tolist() == [0, 0, 0]
    assert likeness(np.array([0.75, 0.9, 1.0])).tolist() == pytest.approx([0.5, 1, 1])


def test_the_order_does_not_depend_on_the_order_given() -> None:
    drafts = [replace(DRAFT, article=name) for name in "dacb"]
    assert _order(drafts) == _order(drafts[::-1]) == ["a", "b", "c", "d"]


def test_reasons_are_added_to_those_of_the_judgement() -> None:
    draft = replace(DRAFT, published=datetime(2026, 11, 19, tzinfo=UTC), deadline=date(2026, 11, 30))
    signals = Signals(priority=0.6, priority_label="Sobriété", authority=0.9, novelty=0.1, provenances=3)
    ranked = rank([draft], [signals], _apart(1), today=TODAY, weights=WEIGHTS)
    assert ranked[0].reasons == (
        "« taxe » dans le titre",
        "priorité de l’année : Sobriété",
        "échéance dans 10 jours",
        "publié ces derniers jours",
        "source de référence",
        "signalé par 3 sources",
        "proche d’une contribution déjà publiée",
    )


def test_a_near_event_is_a_reason_and_a_past_deadline_is_none() -> None:
    draft = replace(DRAFT, deadline=date(2026, 11, 1), event=Event(date(2026, 11, 28), None, "Tours"))
    ranked = rank([draft], [Signals()], _apart(1), today=TODAY, weights=WEIGHTS)
    assert ranked[0].reasons == ("« taxe » dans le titre", "événement dans 8 jours")


@pytest.mark.parametrize(
    ("day", "said"), [(20, "échéance aujourd'hui"), (21, "échéance demain"), (22, "échéance dans 2 jours")]
)
def test_the_nearest_days_are_said_in_plain_french(day: int, said: str) -> None:
    draft = replace(DRAFT, deadline=date(2026, 11, day))
    assert rank([draft], [Signals()], _apart(1), today=TODAY, weights=WEIGHTS)[0].reasons[-1] == said
