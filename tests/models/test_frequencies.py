"""The table of word frequencies and its recipe."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from curation.decide.witnesses import read
from models import build_frequencies
from models.errors import ModelError
from models.frequencies import load


def test_the_shipped_table_knows_french() -> None:
    table, documents = load()
    assert documents > 50_000
    assert len(table) > 20_000
    assert sum(table["commune"]) > sum(table["conseiller"]) > 0
    assert table["macron"][1] > 10 * table["macron"][0]
    assert table["maire"][0] > 10 * table["maire"][1]


def test_the_recipe_counts_documents_and_capitals(tmp_path: Path) -> None:
    items = tmp_path / "items.jsonl"
    lines = [{"title": "Le lavoir de Troyes", "text": f"Troyes, le {n} mars : le lavoir."} for n in range(5)]
    items.write_text("\n".join(json.dumps(line) for line in [*lines, lines[0]]) + "\n", encoding="utf-8")
    out = tmp_path / "table.txt.gz"
    assert build_frequencies.main([str(items), "--out", str(out)]) == 0
    table, documents = load(out)
    assert documents == 5  # the repeated one counts once
    assert table["lavoir"] == (5, 0)
    assert table["troyes"] == (0, 5)
    first = out.read_bytes()
    build_frequencies.main([str(items), "--out", str(out)])
    assert out.read_bytes() == first


@pytest.mark.parametrize(
    "text",
    [
        "L’œuvre d'Aulnay-sous-Bois : « Été » à Saint Denis",
        "VIERZON : le PLU de Jean-Luc à La Roche-sur-Yon (1/2)",
        "Saint‑Étienne vote 1.700 euros aujourd'hui",
    ],
)
def test_the_recipe_cuts_words_as_deduplication_does(text: str) -> None:
    cut = {word for word, _ in build_frequencies._words(text)}
    read_words = {build_frequencies._fold(surface) for _, surface in read(text, "", None).words.values()}
    assert read_words <= cut


def test_a_missing_or_damaged_table_is_explained(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.txt.gz"
    damaged.write_bytes(gzip.compress(b"documents many\n"))
    for path in (damaged, tmp_path / "absent.txt.gz"):
        with pytest.raises(ModelError, match="table de fréquences"):
            load(path)
