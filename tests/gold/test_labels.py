"""The labelled set keeps its own rules: complete, consistent, and as varied as it says."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from taxonomy.load import SHIPPED, load_taxonomy

HERE = Path(__file__).parent
KINDS = {"news", "regulation", "call", "event", "resource", "practice", "job", "other"}
DAYS = "lundi mardi mercredi jeudi vendredi samedi dimanche".split()
MONTHS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
DAY = re.compile(rf"\b({'|'.join(DAYS)}) (\d{{1,2}})(?:er)? ({'|'.join(MONTHS)}) (\d{{4}})", re.IGNORECASE)


def read(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


ITEMS, PAIR_ITEMS, PAIRS = read("items.jsonl"), read("pair_items.jsonl"), read("pairs.jsonl")
DOSSIERS = {t.id: {d.id for d in t.dossiers} for t in map(load_taxonomy, sorted(SHIPPED.glob("*.yaml"))) if t.dossiers}


def test_the_set_is_as_large_and_as_varied_as_promised() -> None:
    assert len(ITEMS) >= 220
    assert len(DOSSIERS) == 8
    of_nobody = sum(item["lead"] is None for item in ITEMS) / len(ITEMS)
    assert 0.40 <= of_nobody <= 0.50
    assert {item["kind"] for item in ITEMS} == KINDS
    seen = Counter((item["lead"], item["dossier"]) for item in ITEMS if item["lead"])
    assert {(c, d) for c, dossiers in DOSSIERS.items() for d in dossiers if seen[c, d] < 2} == set()
    assert sum(bool((item["event"] or {}).get("start")) for item in ITEMS) >= 20
    assert sum(bool(item["deadline"]) for item in ITEMS) >= 20
    assert sum(not item["text"] for item in ITEMS) >= 20


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item["id"])
def test_a_label_is_consistent(item: dict[str, Any]) -> None:
    grades, lead = item["rel"], item["lead"]
    assert set(grades) <= set(DOSSIERS)
    assert set(grades.values()) <= {1, 2, 3}
    if lead is None:
        assert max(grades.values(), default=0) < 2
        assert item["dossier"] is None
    else:
        assert grades[lead] == max(grades.values()) >= 2
        assert {item["dossier"], *item.get("dossier_alt", [])} <= DOSSIERS[lead]
    assert all(grades[other] >= 2 and other != lead for other in item.get("also_lead", []))
    assert {item["kind"], *item.get("kind_alt", [])} <= KINDS
    event = item["event"]
    if item["kind"] == "event":
        assert set(event) == {"start", "end", "place"}
    if event and event["end"]:
        assert event["start"] < event["end"]
    days = [item["deadline"], *((event or {}).get(k) for k in ("start", "end"))]
    assert all(date.fromisoformat(day) for day in days if day)
    place = (event or {}).get("place")
    assert place is None or place in f"{item['title']} {item['text']}"
    if item["deadline"] and len(item["date"]) == 10:
        assert item["deadline"] > item["date"]


@pytest.mark.parametrize("item", [*ITEMS, *PAIR_ITEMS], ids=lambda item: item["id"])
def test_an_invented_day_of_the_week_exists(item: dict[str, Any]) -> None:
    for name, number, month, year in DAY.findall(f"{item['title']} {item['text']}"):
        day = date(int(year), MONTHS.index(month.lower()) + 1, int(number))
        assert DAYS[day.weekday()] == name.lower()


def test_pairs_are_many_told_once_and_about_items_that_exist() -> None:
    ids = {item["id"] for item in PAIR_ITEMS}
    assert len(ids) == len(PAIR_ITEMS)
    assert len({item["id"] for item in ITEMS}) == len(ITEMS)
    assert {pair[side] for pair in PAIRS for side in "ab"} == ids
    assert len({frozenset((pair["a"], pair["b"])) for pair in PAIRS}) == len(PAIRS) >= 80
    labels = Counter(pair["label"] for pair in PAIRS)
    assert set(labels) == {"dup", "related", "diff"}
    assert min(labels.values()) >= 15
