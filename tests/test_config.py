"""The configuration: what a file becomes, and errors that name file, line and key in French."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.config import Settings, default_config_path, load_settings
from curation.errors import ConfigError
from curation.types import Source, SourceKind


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


def _load(file: Path, text: str) -> Settings:
    file.write_text(text, encoding="utf-8")
    return load_settings(file)


def _error(file: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        _load(file, text)
    return str(caught.value)


def test_an_empty_file_gives_the_defaults_beside_it(file: Path) -> None:
    settings = _load(file, "")
    assert settings.state == file.parent / "state"
    assert settings.database == file.parent / "state" / "veille.db"
    assert settings.timezone == "Europe/Paris"
    assert settings.retention_days == 90
    assert settings.engine.kind == "threads"


def test_short_forms(file: Path) -> None:
    settings = _load(
        file,
        "engine: dask\ncommunities:\n  - tourisme\n  - id: ville\n    taxonomy: mots/ville.yaml\n    threshold: 0.6\n",
    )
    assert settings.engine.kind == "dask"
    assert settings.engine.workers == 2
    assert [c.id for c in settings.communities] == ["tourisme", "ville"]
    assert [c.taxonomy for c in settings.communities] == [None, file.parent / "mots" / "ville.yaml"]
    assert settings.communities[1].threshold == 0.6


def test_a_source_travels_without_its_note(file: Path) -> None:
    text = """
sources:
  - id: lettre.ville-1
    name: Lettre de la ville
    url: ./lettres
    kind: folder
    authority: 0.9
    communities: [tourisme]
    enabled: false
    note: en panne depuis mai
"""
    source = Source(
        "lettre.ville-1", "Lettre de la ville", "./lettres", SourceKind.FOLDER, 0.9, ("tourisme",), enabled=False
    )
    assert _load(file, text).sources[0].to_source() == source


def test_an_absolute_state_folder_stays(file: Path, tmp_path: Path) -> None:
    assert _load(file, f"state: {tmp_path / 'ailleurs'}\n").state == tmp_path / "ailleurs"


def test_settings_are_frozen(file: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        _load(file, "").timezone = "UTC"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "line", "key", "told"),
    [
        ("timezone: UTC\nretention_day: 3\n", 2, "retention_day", "Vouliez-vous écrire « retention_days » ?"),
        ("politeness:\n  total: 4\n  contakt: x\n", 3, "politeness.contakt", "Vouliez-vous écrire « contact » ?"),
        ("communities:\n  - tourisme\n  - {id: a, treshold: 1}\n", 3, "communities.1.treshold", "« threshold »"),
        ("sources:\n  - id: a\n    name: b\n    url: c\n    typ: d\n", 5, "sources.0.typ", "Clés connues : authority,"),
        ("zzz: 1\n", 1, "zzz", "clé inconnue. Clés connues : closed_communities, communities, desk,"),
        ("sources:\n  - id: a\n    name: b\n", 2, "sources.0.url", "cette clé est obligatoire"),
        ("state: x\n1: y\n", 2, "1", "un texte est attendu"),
        ("\n\nretention_days: 0\n", 3, "retention_days", "au moins 1 (valeur donnée : '0')"),
        ("retention_days: 99999999999\n", 1, "retention_days", "au plus 36500"),
        ("retention_days: abc\n", 1, "retention_days", "un nombre est attendu"),
        ("retention_days: 1.5\n", 1, "retention_days", "un nombre est attendu"),
        ("harvest_every_hours: .inf\n", 1, "harvest_every_hours", "un nombre est attendu"),
        ("thresholds:\n  selected: 1.5\n", 2, "thresholds.selected", "au plus 1"),
        ("politeness: {connect_timeout_s: 0}\n", 1, "politeness.connect_timeout_s", "supérieure à 0"),
        ("politeness: {respect_robots: peut-être}\n", 1, "politeness.respect_robots", "« true » ou « false »"),
        ("politeness: {allow_private_hosts: 10.0.0.1}\n", 1, "politeness.allow_private_hosts", "une liste"),
        ("politeness:\n", 1, "politeness", "une suite de « clé: valeur » est attendue"),
        ("sources:\n", 1, "sources", "une liste est attendue"),
        ("sources:\n  - adresse\n", 2, "sources.0", "une suite de « clé: valeur » est attendue"),
        ("state: [a]\n", 1, "state", "un texte est attendu"),
        ("engine: spark\n", 1, "engine.kind", "l'une de : 'threads', 'processes', 'dask' ou 'ray'"),
        ("sources:\n  - {id: a, name: b, url: c, kind: rss}\n", 2, "sources.0.kind", "l'une de : 'feed', 'folder'"),
        ("sources:\n  - {id: a, name: 2026, url: c}\n", 2, "sources.0.name", "mettez-le entre guillemets"),
        ("sources:\n  - {id: Été, name: b, url: c}\n", 2, "sources.0.id", "minuscules sans accent"),
        (f"sources:\n  - {{id: {'a' * 81}, name: b, url: c}}\n", 2, "sources.0.id", "au plus 80 caractères"),
        ("schedule:\n  nightly: 30 4\n", 2, "schedule.nightly", "une ligne cron compte cinq champs"),
        ("schedule:\n  nightly: 99 4 * * *\n", 2, "schedule.nightly", "ne désigne aucun moment"),
        ("schedule:\n  nightly: chaque nuit à 4 h\n", 2, "schedule.nightly", "ne désigne aucun moment"),
        ("schedule: {nightly: 0 4 30 2 *}\n", 1, "schedule.nightly", "ne désigne aucun moment"),
        ("state: a\nstate: b\n", 2, "state", "clé répétée"),
        ("sources:\n  - {id: a, name: b, url: c, id: d}\n", 2, "id", "clé répétée"),
        ("timezone: Europe/Pari\n", 1, "timezone", "fuseau horaire inconnu : Europe/Pari"),
        ("timezone: Europe\n", 1, "timezone", "fuseau horaire inconnu : Europe"),
        ("timezone: ../../../etc/passwd\n", 1, "timezone", "fuseau horaire inconnu"),
        ("state: x\ncommunities: [b, a, b]\n", 2, "communities", "identifiant en double : b"),
        ("sources:\n  - &s {id: a, name: b, url: c}\n  - *s\n", 1, "sources", "identifiant en double : a"),
    ],
)
def test_each_fault_names_its_file_line_and_key(file: Path, text: str, line: int, key: str, told: str) -> None:
    message = _error(file, text)
    assert message.startswith(f"{file}, ligne {line}, clé « {key} » : ")
    assert told in message


@pytest.mark.parametrize("key", ["password", "Token", "secret", "mot_de_passe"])
def test_a_secret_is_refused_and_never_repeated(file: Path, key: str) -> None:
    message = _error(file, f"sources:\n  - id: boite\n    name: b\n    url: imaps://x@y/z\n    {key}: hunter2\n")
    assert f"ligne 5, clé « sources.0.{key} » : un secret ne s'écrit pas ici" in message
    assert "hunter2" not in message


def test_every_fault_is_told_at_once(file: Path) -> None:
    message = _error(file, "zzz: 1\nretention_days: 0\nengine: {worker: 2}\n")
    assert sorted(line.split(", ")[1] for line in message.splitlines()) == ["ligne 1", "ligne 2", "ligne 3"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("timezone: [\n", "ligne 2 : YAML incorrect"),
        ("timezone: [a\nstate: b\n", "ligne 2 : YAML incorrect (un crochet n'est pas fermé"),
        ("politeness: {total: 1\n", "ligne 2 : YAML incorrect (une accolade n'est pas fermée"),
        ("politeness:\n\ttotal: 1\n", "ligne 2 : YAML incorrect (un caractère qui ne peut pas se trouver là"),
        ("state: a\n  b: c\n", "ligne 2 : YAML incorrect (un « : » mal placé"),
        ("politeness:\n  total: 1\n retries: 2\n", "ligne 3 : YAML incorrect (l'alignement"),
        ("state: a\ntimezone\nretention_days: 3\n", "YAML incorrect (il manque « : » après une clé"),
        ("state: 'a\n", "YAML incorrect (un guillemet n'est pas fermé"),
        ("*absent\n", "ligne 1 : YAML incorrect (un texte qui commence par « * »"),
        ("- a\n", "une suite de « clé: valeur »"),
        ("texte\n", "une suite de « clé: valeur »"),
        ("\x00", "YAML incorrect"),
        ("state: 2026-13-45\n", "valeur YAML impossible"),
        ("state: " + "[" * 100_000, "trop de niveaux imbriqués"),
        ("- " * 100_000, "trop de niveaux imbriqués"),
        ("retention_days: " + "9" * 5000, "valeur YAML impossible"),
    ],
)
def test_what_is_not_yaml_of_the_right_shape_is_explained(file: Path, text: str, told: str) -> None:
    message = _error(file, text)
    assert message.startswith(str(file))
    assert told in message


def test_a_file_that_cannot_be_read_is_explained(tmp_path: Path, file: Path) -> None:
    with pytest.raises(ConfigError, match=r"introuvable.*--config"):
        load_settings(file)
    with pytest.raises(ConfigError, match=r"illisible.*c'est un dossier"):
        load_settings(tmp_path)
    file.write_bytes(b"state: \xe9\n")
    with pytest.raises(ConfigError, match="n'est pas en UTF-8"):
        load_settings(file)


def test_the_default_path_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEILLE_CONFIG", "/srv/veille.yaml")
    assert default_config_path() == Path("/srv/veille.yaml")
    monkeypatch.delenv("VEILLE_CONFIG")
    assert default_config_path() == Path("config.yaml")
