"""The bilingual glossary of the README names every public noun, once, with its French word."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import curation.types
import taxonomy.types

README = Path(__file__).parents[1] / "README.md"
ROW = re.compile(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def public_types() -> list[str]:
    return [
        name
        for module in (curation.types, taxonomy.types)
        for name, value in inspect.getmembers(module, inspect.isclass)
        if value.__module__ == module.__name__ and not name.startswith("_")
    ]


def glossary() -> list[tuple[str, str, str]]:
    _, _, section = README.read_text(encoding="utf-8").partition("\n## Glossaire\n")
    rows: list[tuple[str, str, str]] = ROW.findall(section.partition("\n## ")[0])
    return rows


@pytest.mark.parametrize("name", public_types())
def test_a_public_type_has_one_french_word(name: str) -> None:
    rows = [row for row in glossary() if row[0] == name]
    assert len(rows) == 1, f"{name}: {len(rows)} lines in the glossary of the README"
    _, word, explanation = rows[0]
    assert word.strip() and word.strip() != name
    assert len(explanation.strip()) > 5


def test_the_glossary_names_no_type_that_is_gone() -> None:
    assert {name for name, *_ in glossary()} <= set(public_types())


def test_french_words_tell_the_types_apart() -> None:
    words = [word.strip() for _, word, _ in glossary()]
    assert len(words) == len(set(words))
