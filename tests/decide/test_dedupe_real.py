"""The floors on real labelled pairs, where they are at hand (no text of theirs is kept here)."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from curation.decide.dedupe import Rarity, fingerprint, group
from curation.types import Item, Role
from models.frequencies import load

DATA = Path(__file__).parents[2].parent / "shared" / "data"


@pytest.mark.skipif(not (DATA / "pairs-dev.jsonl").exists(), reason="the labelled pairs are not here")
def test_labelled_pairs_without_vectors() -> None:
    pairs = [json.loads(line) for line in (DATA / "pairs-dev.jsonl").read_text(encoding="utf-8").splitlines()]
    wanted = {pair[side] for pair in pairs for side in "ab"}
    items = []
    with gzip.open(DATA / "corpus.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            one = json.loads(line)
            if one["id"] in wanted:
                day = date.fromisoformat(one["date"]) if len(one["date"]) == 10 else None
                items.append(Item(one["id"], one["title"], one["text"], one["url"], one["source"], day))
    assert len(items) == len(wanted)
    found = {d.id: d for d in group([fingerprint(i, i.url) for i in items], rarity=Rarity.of(*load()))}
    united = {"dup": 0, "related": 0, "diff": 0}
    for pair in pairs:
        a, b = found[pair["a"]], found[pair["b"]]
        united[pair["label"]] += a.group == b.group
        if pair["label"] == "diff":
            assert a.group != b.group or Role.STORY in (a.role, b.role)
    assert united["dup"] >= 38  # of 41
    assert united["diff"] == 0  # of 164
