"""Labelled items make the queues that the night would make of them, on the day each appeared."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from curation.config import RankWeights, SourceSettings
from curation.decide.classify import Words
from curation.types import CommunityScore, Event, Evidence, Item, Judgement, Kind
from flows.gold_queues import entries, gold_queues
from taxonomy.match import Matcher
from taxonomy.types import Concept, Taxonomy

LAKE = Taxonomy("lacs", "Lacs", "", (Concept("rive", "rive"),))
JUDGE: Any = SimpleNamespace(
    taxonomies=(LAKE,),
    words=Words((LAKE,), None, None, Matcher((LAKE,))),
    semantics=SimpleNamespace(centred=lambda vectors: vectors),
)
SETTINGS: Any = SimpleNamespace(
    sources=[SourceSettings(id="gazette", name="La Gazette des rives", url="https://exemple.fr/flux", authority=1.0)],
    ranking=RankWeights(),
)


def _judged(id_: str, score: float, lead: str | None = "lacs", **more: Any) -> Judgement:
    evidence = (Evidence("rive", "rive", "title", 1.0),)
    nothing: dict[str, Any] = {"kind": Kind.NEWS, "event": None, "deadline": None, "dossier": None}
    found = CommunityScore("lacs", score, lead is not None, evidence, ())
    return Judgement(id=id_, communities=(found,), lead=lead, proposals=(), **{**nothing, **more})


def _order(items: list[Item], judgements: list[Judgement]) -> list[str]:
    vectors = np.eye(len(items), dtype=np.float32)
    queues = gold_queues(JUDGE, SETTINGS, items, judgements, vectors)
    return [entry["id"] or "" for entry in entries(queues)["lacs"]]


def test_a_queue_holds_what_its_community_leads_best_first() -> None:
    items = [Item(name, "Une rive", source="Ailleurs") for name in "abc"]
    judgements = [_judged("a", 0.5), _judged("b", 0.9), _judged("c", 0.99, lead=None)]
    assert _order(items, judgements) == ["b", "a"]


def test_a_source_of_the_configuration_is_known_by_its_name() -> None:
    items = [Item("a", "Une rive", source="Ailleurs"), Item("b", "Une rive", source="La Gazette des rives")]
    judgements = [_judged("a", 0.8), _judged("b", 0.8)]
    assert _order(items, judgements) == ["b", "a"]
    queues = gold_queues(JUDGE, SETTINGS, items, judgements, np.eye(2, dtype=np.float32))
    told = {"id": "b", "source": "La Gazette des rives", "dossier": None, "concept": "rive"}
    assert entries(queues)["lacs"][0] == told
    assert "source de référence" in queues["lacs"][0].reasons


def test_age_does_not_count_but_the_days_left_do() -> None:
    # « b » appeared long ago, ten days before its deadline; « a » appeared lately, with none
    items = [Item("a", "Une rive", date=date(2026, 11, 20)), Item("b", "Une rive", date=date(2023, 3, 1))]
    judgements = [_judged("a", 0.8), _judged("b", 0.8, deadline=date(2023, 3, 11))]
    assert _order(items, judgements) == ["b", "a"]
    (first, _) = gold_queues(JUDGE, SETTINGS, items, judgements, np.eye(2, dtype=np.float32))["lacs"]
    assert "échéance dans 10 jours" in first.reasons


@pytest.mark.parametrize("event", [Event(date(2023, 3, 6), None, "Annecy"), Event(None, date(2023, 3, 6), None)])
def test_an_event_keeps_its_distance_too(event: Event) -> None:
    item = Item("b", "Une rive", date=date(2023, 3, 1))
    judged = _judged("b", 0.8, kind=Kind.EVENT, event=event)
    (draft,) = gold_queues(JUDGE, SETTINGS, [item], [judged], np.eye(1, dtype=np.float32))["lacs"]
    assert draft.published is not None
    assert draft.event is not None
    when = draft.event.start or draft.event.end
    assert when is not None
    assert (when - draft.published.date()).days == 5
