"""The labelled set keeps its own rules: complete, consistent, and as varied as it says."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

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


def faults(item: dict[str, Any]) -> list[str]:
    """What is wrong with one label."""
    grades, lead, event = item["rel"], item["lead"], item["event"] or {}
    best = max(grades.values(), default=0)
    dossiers = {item["dossier"], *item.get("dossier_alt", [])}
    days = [item["deadline"], event.get("start"), event.get("end")]
    rules = {
        "unknown community": set(grades) <= set(DOSSIERS),
        "grades are 1, 2 or 3": set(grades.values()) <= {1, 2, 3},
        "led by the best grade": grades.get(lead) == best >= 2 if lead else best < 2,
        "a dossier of the lead": dossiers <= DOSSIERS[lead] if lead else dossiers == {None},
        "another lead has 2 or more": all(grades[c] >= 2 and c != lead for c in item.get("also_lead", [])),
        "unknown kind": {item["kind"], *item.get("kind_alt", [])} <= KINDS,
        "an event has its three keys": item["kind"] != "event" or set(event) == {"start", "end", "place"},
        "an event ends after its start": not event.get("end") or event["start"] < event["end"],
        "days exist": all(date.fromisoformat(day) for day in days if day),
        "the text names the place": (event.get("place") or "") in f"{item['title']} {item['text']}",
        "a deadline comes after its announcement": not item["deadline"] or item["deadline"] > item["date"],
    }
    return [f"{item['id']}: {rule}" for rule, kept in rules.items() if not kept]


def test_labels_are_consistent() -> None:
    assert [fault for item in ITEMS for fault in faults(item)] == []


def test_the_days_of_the_week_exist() -> None:
    wrong = []
    for item in [*ITEMS, *PAIR_ITEMS]:
        for name, number, month, year in DAY.findall(f"{item['title']} {item['text']}"):
            day = date(int(year), MONTHS.index(month.lower()) + 1, int(number))
            wrong += [(item["id"], name, day)] if DAYS[day.weekday()] != name.lower() else []
    assert wrong == []


def test_pairs_are_many_told_once_and_about_items_that_exist() -> None:
    ids = {item["id"] for item in PAIR_ITEMS}
    assert len(ids) == len(PAIR_ITEMS)
    assert len({item["id"] for item in ITEMS}) == len(ITEMS)
    assert {pair[side] for pair in PAIRS for side in "ab"} == ids
    assert len({frozenset((pair["a"], pair["b"])) for pair in PAIRS}) == len(PAIRS) >= 80
    labels = Counter(pair["label"] for pair in PAIRS)
    assert set(labels) == {"dup", "related", "diff"}
    assert min(labels.values()) >= 15
