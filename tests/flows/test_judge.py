"""The words of a plan: read once, and read again once a file has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.config import CommunitySettings, Settings
from curation.errors import TaxonomyError
from flows import judge
from flows.judge import load_words, plan_of


def _settings(folder: Path, text: str) -> Settings:
    path = folder / "haies.yaml"
    path.write_text(text, encoding="utf-8")
    return Settings(communities=(CommunitySettings(id="haies", taxonomy=path),))


def test_words_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _settings(tmp_path, "id: haies\n")
    read: list[Path] = []
    load = judge.load_taxonomy
    monkeypatch.setattr(judge, "load_taxonomy", lambda path: read.append(path) or load(path))
    assert load_words(plan_of(settings)) is load_words(plan_of(settings))
    assert read == [tmp_path / "haies.yaml"]


def test_an_edited_file_is_read_again_in_the_same_process(tmp_path: Path) -> None:
    before = load_words(plan_of(_settings(tmp_path, "id: haies\n")))
    after = load_words(plan_of(_settings(tmp_path, "id: haies\nprefLabel: Haies\n")))
    assert (before[0].pref_label, after[0].pref_label) == ("haies", "Haies")


def test_a_fault_is_told_each_time_and_no_more_once_it_is_mended(tmp_path: Path) -> None:
    settings = _settings(tmp_path, "id: mares\n")
    for _ in range(2):
        with pytest.raises(TaxonomyError, match="mares"):
            load_words(plan_of(settings))
    assert load_words(plan_of(_settings(tmp_path, "id: haies\n")))[0].id == "haies"
    (tmp_path / "haies.yaml").unlink()
    with pytest.raises(TaxonomyError, match="introuvable"):
        load_words(plan_of(settings))
