"""The README tells the truth: its commands, targets, keys, links and files exist, and none is left out."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from curation.config import Settings, load_settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands() -> set[str]:
    """The subcommands, as ``veille --help`` prints them: the only public list."""
    shown = subprocess.run(
        [sys.executable, "-m", "flows.cli", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return set(re.findall(r"^    (\w+)(?:  |$)", shown, re.MULTILINE))


def in_code(text: str) -> list[str]:
    """Spans and blocks of code of a document."""
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return fenced + re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def test_the_table_lists_every_command_and_no_other() -> None:
    known = commands()
    assert {"nightly", "queue"} <= known, "veille --help could not be read"
    assert set(re.findall(r"^\| `veille (\w+)", README, re.MULTILINE)) == known


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.name)
def test_every_command_shown_exists(document: Path) -> None:
    used = {
        name
        for code in in_code(document.read_text(encoding="utf-8"))
        for name in re.findall(r"(?:^|[\s/])veille ([a-z]+)", code)
    }
    assert used <= commands()


def test_options_of_the_table_exist() -> None:
    for line in re.findall(r"^\| `veille (\w+[^`]*)`", README, re.MULTILINE):
        shown = subprocess.run(
            [sys.executable, "-m", "flows.cli", line.split()[0], "--help"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for option in re.findall(r"--\w+", line):
            assert option in shown, f"veille {line.split()[0]} has no {option}"


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    used = {name for code in in_code(README) for name in re.findall(r"\bmake ([a-z]+)", code)}
    assert {"demo", "test"} <= used
    assert used <= targets


def keys_of(model: type[BaseModel]) -> set[str]:
    """Names of the keys of a section and of its sub-sections."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        found.add(name)
        for part in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(part, type) and issubclass(part, BaseModel):
                found |= keys_of(part)
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.name)
def test_configuration_keys_exist(document: Path) -> None:
    """Spans such as `thresholds.selected`, `retention_days` and `engine: dask`."""
    sections, every = set(Settings.model_fields), keys_of(Settings)
    for span in in_code(document.read_text(encoding="utf-8")):
        dotted = re.fullmatch(r"([a-z_]+)\.([a-z_]+)", span)
        if dotted and dotted[1] in sections:
            section = Settings.model_fields[dotted[1]].annotation
            assert isinstance(section, type) and issubclass(section, BaseModel)
            assert dotted[2] in section.model_fields, span
        elif (key := re.fullmatch(r"([a-z]+(?:_[a-z]+)+)", span)) or (key := re.fullmatch(r"([a-z_]+): \w+", span)):
            assert key[1] in every, span


def test_the_piece_of_configuration_is_accepted(tmp_path: Path) -> None:
    pieces = re.findall(r"^```yaml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert pieces
    for piece in pieces:
        assert yaml.safe_load(piece)
        (tmp_path / "config.yaml").write_text(piece, encoding="utf-8")
        load_settings(tmp_path / "config.yaml")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", document.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://")):
            assert (document.parent / target).exists(), target


def test_documents_name_every_shipped_community_and_no_folder_of_a_machine() -> None:
    said = README.casefold()
    for path in (ROOT / "taxonomy" / "communities").glob("*.yaml"):
        label = yaml.safe_load(path.read_text(encoding="utf-8"))["prefLabel"]
        assert label.casefold() in said, label
    for document in DOCUMENTS:
        assert not re.search(r"(?<!\w)/(?:home|work|root|tmp)/", document.read_text(encoding="utf-8"))


def test_the_changelog_tells_of_this_version() -> None:
    version = re.search(r'^version = "([^"]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert version
    assert f"## [{version[1]}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
