"""The report of a night as a person reads it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from curation.types import RunReport
from flows.cli import main
from flows.night_commands import _report_text

REPORT = RunReport(
    started=datetime(2026, 11, 24, 4, 30, tzinfo=UTC),
    sources=3,
    sources_due=3,
    sources_unchanged=1,
    entries_new=1,
    failures={"dns": 1, "forbidden": 2},
    # as the store gives them back: by name
    durations={"articles": 2.0, "dedupe": 0.1, "rank": 0.2, "sources": 1.0, "total": 3.4},
    drafts_by_community={"tourisme": 2},
)


def test_a_report_names_causes_and_steps_in_french_and_in_order() -> None:
    assert _report_text(REPORT, {"tourisme": "Tourisme"}).splitlines() == [
        "Nuit du 24/11/2026 à 04:30 (UTC)",
        "  3 sources à interroger sur 3, 1 sans changement",
        "  1 nouvelle entrée, 0 nouvel article, 0 nouveau brouillon, 0 doublon",
        "  échecs : accès refusé 2, site introuvable 1",
        "  durées : sources 1.0 s, articles 2.0 s, doublons 0.1 s, files 0.2 s, en tout 3.4 s",
        "  Tourisme : 2 brouillons en attente",
    ]


def test_words_at_fault_do_not_hide_what_waits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``queue`` and ``status`` quote names only; ``taxonomy check`` and the night say what is wrong."""
    (tmp_path / "eau.yaml").write_text(
        "id: eau\nprefLabel: Eau\ndefinition: x\nconcepts: [{id: a, prefLabel: mare}, {id: b, prefLabel: mare}]\n"
    )
    config = tmp_path / "config.yaml"
    config.write_text("state: state\ncommunities: [{id: eau, taxonomy: eau.yaml}, tourisme]\n")
    for command in (["queue", "eau", "--json"], ["queue", "eau"], ["queue", "tourisme", "--json"], ["status"]):
        assert main(["--config", str(config), *command]) == 0, command
        assert "mare" not in capsys.readouterr().err
    assert main(["--config", str(config), "taxonomy", "check", "eau"]) != 0
    assert "« mare » est déjà celui de « a »" in capsys.readouterr().out
    assert main(["--config", str(config), "queue", "licorne"]) != 0
    assert "Communautés configurées : eau, tourisme." in capsys.readouterr().err


@pytest.mark.parametrize(("name", "told"), [("absent.ttl", "introuvable"), ("", "c'est un dossier")])
def test_a_file_that_cannot_be_read_is_told_in_french(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, told: str
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("state: state\ncommunities: [tourisme]\n")
    assert main(["--config", str(config), "taxonomy", "import", "tourisme", str(tmp_path / name)]) != 0
    assert f"({told})." in capsys.readouterr().err
