"""``veille taxonomy``: what a script sees, what a person reads, and that a refusal changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rdflib import RDF, Graph
from rdflib.namespace import SKOS

from curation.config import Settings, load_settings
from curation.store.store import Store
from curation.word_drafts import WordDrafts
from curation.wordbook import Wordbook
from flows.cli import main
from taxonomy.concept_operations import AddLabels
from taxonomy.load import SHIPPED, load_taxonomy
from tests.taxonomy.test_write import HAND
from tests.taxonomy.words import sample

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
Run = Callable[..., tuple[int, str, str]]
Ask = Callable[..., Any]
VOCABULARIES = Path(__file__).parents[3] / "shared" / "data" / "vocabularies"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """« essai » has a file written by hand, « tourisme » the shipped one."""
    (tmp_path / "essai.yaml").write_text(HAND, encoding="utf-8")
    (tmp_path / "config.yaml").write_text(
        "state: state\ncommunities: [{id: essai, taxonomy: essai.yaml}, tourisme]\n", encoding="utf-8"
    )
    return load_settings(tmp_path / "config.yaml")


@pytest.fixture
def run(settings: Settings, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """``run("show", "essai")``: (exit status, stdout, stderr)."""

    def call(*arguments: object) -> tuple[int, str, str]:
        try:
            status = main(["--config", str(tmp_path / "config.yaml"), "taxonomy", *map(str, arguments)])
        except SystemExit as stop:
            status = int(stop.code or 0)
        said = capfdbinary.readouterr()
        out, err = said.out.decode("utf-8-sig"), said.err.decode()
        assert "Traceback" not in err and "imprévue" not in err
        return status, out, err

    return call


@pytest.fixture
def ask(run: Run) -> Ask:
    """The same, sound, with --json: what stands on stdout."""

    def call(*arguments: object) -> Any:
        status, out, err = run(*arguments, "--json")
        assert status == 0, err
        return json.loads(out)

    return call


def drafted(settings: Settings) -> None:
    """Somebody began to write in the desk."""
    with Store(settings.database) as store:
        WordDrafts(Wordbook(settings, store)).change(
            "essai", [AddLabels("haie", "altLabel", ("talus planté",))], revision=0, author="lea", now=NOW
        )


def test_show_lists_the_communities_then_one_tree_then_one_concept(run: Run, ask: Ask, settings: Settings) -> None:
    known = ask("show")
    assert [(r["id"], r["number"], r["concepts"], r["draft"]) for r in known] == [
        ("essai", 1, 4, None),
        ("tourisme", 1, len(load_taxonomy(SHIPPED / "tourisme.yaml").concepts), None),
    ]
    drafted(settings)
    assert ask("show")[0]["draft"]["author"] == "lea"
    assert "brouillon ouvert par lea" in run("show")[1]
    status, out, _ = run("show", "essai")
    assert status == 0
    assert out.splitlines()[2:5] == [
        "paysage (paysage) · poids 0,5 · 2 libellés",
        "  haie (haie) · poids 1,5 · 5 libellés · Bocage",
        "    talus (talus) · poids 1 · 1 libellé",
    ]
    assert ask("show", "essai")["version"] == sample().version
    assert "sous : paysage" in run("show", "essai", "--concept", "haie")[1]
    assert ask("show", "essai", "--concept", "haie")["notation"] == ["PSE"]
    status, _, err = run("show", "essai", "--concept", "hai")
    assert (status, "Vouliez-vous écrire « haie »" in err) == (1, True)


def test_an_unknown_community_and_an_unknown_version_are_named(run: Run) -> None:
    assert run("show", "ailleurs")[0::2] == (
        1, "veille : Communauté inconnue : « ailleurs ». Communautés configurées : essai, tourisme.\n",
    )  # fmt: skip
    assert run("show", "essai", "--number", 7)[0::2] == (
        1, "veille : « essai » n'a pas de version 7. La dernière est la 1.\n",
    )  # fmt: skip


def test_check_tells_every_fault_of_every_file_and_fails(run: Run, ask: Ask, settings: Settings) -> None:
    assert [r["sound"] for r in ask("check")] == [True, True]
    path = settings.words_file("essai")
    path.write_text(HAND.replace("broader: [paysage]", "broader: [paysag]"), encoding="utf-8")
    status, out, _ = run("check", "--json")
    found = json.loads(out)[0]
    assert (status, found["sound"]) == (1, False)
    assert found["faults"] and all("broader « paysag » n'existe pas" in fault for fault in found["faults"])
    status, out, _ = run("check", "--file", path)
    assert (status, "à corriger" in out) == (1, True)
    assert run("check", "tourisme")[0] == 0


def test_check_says_what_waits(run: Run, settings: Settings) -> None:
    drafted(settings)
    out = run("check", "essai")[1]
    assert "un brouillon de lea n'est pas publié." in out
    assert "la voisine « voisine » n'est pas dans la configuration." in out


def test_diff_compares_the_draft_then_versions_then_files(
    run: Run, ask: Ask, settings: Settings, tmp_path: Path
) -> None:
    assert run("diff", "tourisme")[1] == "Aucune différence.\n"
    drafted(settings)
    found = ask("diff", "essai")
    assert (found["before"], found["after"]) == ("actuel", "brouillon")
    assert [c["text"] for c in found["changes"]] == ["+ libellé « talus planté »"]
    assert run("publish", "essai", "--message", "les talus")[0] == 0
    assert run("diff", "essai", "1", "2")[1] == "haie (haie)\n  + libellé « talus planté »\n"
    other = tmp_path / "autre.yaml"
    other.write_text(HAND, encoding="utf-8")
    assert run("diff", "essai", "actuel", other)[1] == "haie (haie)\n  − libellé « talus planté »\n"


def test_the_draft_is_published_with_its_author_and_message_then_rolled_back(
    run: Run, ask: Ask, settings: Settings
) -> None:
    drafted(settings)
    assert run("publish", "essai")[0::2] == (
        1, "veille : Dites ce qui change, et pourquoi : --message « … ».\n",
    )  # fmt: skip
    assert ask("publish", "essai", "--dry-run")["summary"] == "1 concept modifié"
    assert settings.words_file("essai").read_text(encoding="utf-8") == HAND
    published = ask("publish", "essai", "--message", "les talus", "--author", "Lea")
    assert (published["number"], published["author"], published["message"]) == (2, "lea", "les talus")
    assert published["summary"] == "1 concept modifié"
    assert "talus planté" in settings.words_file("essai").read_text(encoding="utf-8")
    assert ask("show")[0]["draft"] is None
    assert run("publish", "essai", "--message", "rien")[0] == 1  # the draft is gone
    back = ask("rollback", "essai", 1, "--author", "paul")
    assert (back["number"], back["version"], back["origin"]) == (3, sample().version, "rollback")
    assert settings.words_file("essai").read_text(encoding="utf-8") == HAND  # byte for byte
    assert [v["number"] for v in ask("show", "essai", "--history")] == [3, 2, 1]
    assert "version 3, par paul" in run("show", "essai", "--history")[1]


def test_operations_are_published_or_refused_whole(run: Run, ask: Ask, settings: Settings, tmp_path: Path) -> None:
    asked = tmp_path / "operations.json"
    asked.write_text('[{"op": "set_weight", "concept": "haie", "weight": 2}]', encoding="utf-8")
    done = ask("publish", "essai", "--operations", asked, "--message", "plus fort")
    assert [c["text"] for c in done["changes"]] == ["poids 1,5 → 2"]
    before = settings.words_file("essai").read_bytes()
    for content, told in (
        ('[{"op": "set_weight", "concept": "haie", "weight": 1}, {"op": "retire_concept", "concept": "x"}]', "« x »"),
        ('[{"op": "set_wieght"}]', "Vouliez-vous écrire « set_weight »"),
        ('[{"op": "set_weight", "concept": "haie", "weight": 9}]', "entre 0 et 3"),
        ("[", "JSON illisible"),
    ):
        asked.write_text(content, encoding="utf-8")
        status, _, err = run("publish", "essai", "--operations", asked, "--message", "non")
        assert (status, told in err) == (1, True), err
    assert settings.words_file("essai").read_bytes() == before
    assert len(ask("show", "essai", "--history")) == 2


def test_a_file_made_from_an_older_version_is_shown_both_sides_and_merged_on_demand(
    run: Run, ask: Ask, settings: Settings, tmp_path: Path
) -> None:
    asked, mine = tmp_path / "operations.json", tmp_path / "mine.yaml"
    asked.write_text('[{"op": "set_weight", "concept": "mare", "weight": 2}]', encoding="utf-8")
    assert run("publish", "essai", "--operations", asked, "--message", "elle")[0] == 0
    mine.write_text(HAND.replace("weight: 1.5", "weight: 1.7"), encoding="utf-8")
    status, _, err = run("publish", "essai", mine, "--base", 1, "--message", "lui")
    assert status == 1
    assert "poids 1 → 2" in err and "poids 1,5 → 1,7" in err and "--merge" in err
    assert len(ask("show", "essai", "--history")) == 2
    assert run("publish", "essai", mine, "--base", 1, "--merge", "--message", "lui")[0] == 0
    both = load_taxonomy(settings.words_file("essai"))
    assert (both.concept("mare").weight, both.concept("haie").weight) == (2, 1.7)
    mine.write_text(HAND.replace("weight: 1.5", "weight: 0.3"), encoding="utf-8")
    status, _, err = run("publish", "essai", mine, "--base", 1, "--merge", "--message", "lui encore")
    assert (status, "haie : poids 1,5 au départ, 0,3 de votre côté, 1,7 de la version 3" in err) == (1, True)


def test_a_change_by_hand_is_a_version_that_publishing_does_not_overwrite(
    run: Run, ask: Ask, settings: Settings
) -> None:
    drafted(settings)
    path = settings.words_file("essai")
    path.write_text(HAND.replace("weight: 1.5", "weight: 1.7"), encoding="utf-8")
    status, _, err = run("publish", "essai", "--message", "les talus")
    assert (status, "hors du bureau" in err, "poids 1,5 → 1,7" in err) == (1, True, True)
    assert run("publish", "essai", "--merge", "--message", "les talus")[0] == 0
    kept = load_taxonomy(path).concept("haie")
    assert (kept.weight, "talus planté" in kept.alt_labels) == (1.7, True)
    assert [v["origin"] for v in ask("show", "essai", "--history")] == ["command", "file", "file"]


@pytest.mark.parametrize("form", ["yaml", "turtle", "rdf", "jsonld", "csv"])
def test_every_format_comes_back_without_a_difference(ask: Ask, run: Run, tmp_path: Path, form: str) -> None:
    endings = {"yaml": "yaml", "turtle": "ttl", "rdf": "rdf", "jsonld": "jsonld", "csv": "csv"}
    out = tmp_path / f"sortie.{endings[form]}"
    assert run("export", "tourisme", "--format", form, "--output", out) == (0, "", "")
    assert run("export", "tourisme", "--format", form)[1].encode() == out.read_bytes().removeprefix(b"\xef\xbb\xbf")
    assert ask("import", "tourisme", out)["changes"] == []
    assert run("import", "tourisme", out, "--apply", "--message", "rien")[0] == 1  # nothing to publish


def test_a_table_changed_in_a_spreadsheet_is_shown_first_and_published_on_demand(
    ask: Ask, run: Run, settings: Settings, tmp_path: Path
) -> None:
    table = tmp_path / "mots.csv"
    assert run("export", "essai", "--format", "csv", "--output", table)[0] == 0
    table.write_bytes(table.read_bytes().replace(b"1,5", b"2"))
    shown = ask("import", "essai", table)
    assert (shown["published"], [c["text"] for c in shown["changes"]]) == (False, ["poids 1,5 → 2"])
    assert settings.words_file("essai").read_text(encoding="utf-8") == HAND
    status, _, err = run("import", "essai", table)
    assert (status, "Rien n'est publié (1 concept modifié)" in err) == (0, True)
    assert ask("import", "essai", table, "--apply", "--message", "tableau")["number"] == 2
    assert settings.words_file("essai").read_text(encoding="utf-8") == HAND.replace("weight: 1.5", "weight: 2")


def test_what_was_chosen_in_reading_a_strangers_scheme_is_told_before_and_after(
    ask: Ask, run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "autre.ttl"
    concept = '<http://x/{0}> a s:Concept ; s:inScheme <http://x/s> ; s:prefLabel "{1}"@fr .\n'
    text = "@prefix s: <http://www.w3.org/2004/02/skos/core#> .\n<http://x/s> a s:ConceptScheme .\n"
    path.write_text(text + concept.format("a", "halle") + concept.format("b", "halles"), encoding="utf-8")
    assert any("« halles » devient « halles (2) »" in r for r in ask("import", "essai", path)["remarks"])
    done = run("import", "essai", path, "--apply", "--message", "un autre")
    assert (done[0], "« halles » devient « halles (2) »" in done[2]) == (0, True)
    assert run("import", "ailleurs", path)[0] == 1
    fresh = tmp_path / "ailleurs.yaml"
    assert run("import", "ailleurs", path, "--output", fresh)[0] == 0
    assert load_taxonomy(fresh).id == "ailleurs"


PREFIXES = "@prefix s: <http://www.w3.org/2004/02/skos/core#> .\n@base <http://x/> .\n<s> a s:ConceptScheme .\n"
BAD = {
    "cycle.ttl": (
        PREFIXES + '<a> a s:Concept; s:inScheme <s>; s:prefLabel "halle"@fr; s:broader <b> .\n'
        '<b> a s:Concept; s:inScheme <s>; s:prefLabel "mare"@fr; s:broader <a> .\n',
        "revient sur elle-même",
    ),
    "double.ttl": (PREFIXES + '<a> a s:Concept; s:inScheme <s>; s:prefLabel "halle"@fr, "marché"@fr .\n', "SKOS S14"),
    "langue.ttl": (PREFIXES + '<a> a s:Concept; s:inScheme <s>; s:prefLabel "halle"@fr_FR .\n', "« fr_FR »"),
    "anglais.ttl": (PREFIXES + '<a> a s:Concept; s:inScheme <s>; s:prefLabel "hall"@en .\n', "aucun nom de concept en"),
    "lourd.ttl": (PREFIXES + "# x\n" * 13_000_000, "50 Mo"),
    "lourd.yaml": ("id: essai\n" + "# x\n" * 13_000_000, "50 Mo"),
    "long.yaml": ("id: essai\n" + "# x\n" * 1_300_000, "5 millions de signes"),
    "bombe.rdf": (
        '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">'
        + "".join(f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(12))
        + ']><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">&m;</rdf:RDF>',
        "entités XML",
    ),
    "bombe.yaml": (
        "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)) + "id: [*a39]\n",
        "40 clés inconnues",
    ),
    "cycle.yaml": (HAND.replace("prefLabel: paysage", "prefLabel: paysage\n    broader: [haie]"), "revient sur"),
    "double.yaml": (HAND.replace("prefLabel: mare", "prefLabel: les haies"), "est déjà celui de « haie »"),
    "latin.yaml": ("id: essai\nprefLabel: \udce9\n", "n'est pas en UTF-8"),
    "colonne.csv": ("identifiant;nome\nhaie;haie\n", "Vouliez-vous écrire « nom »"),
    "abime.zip": ("PK\x03\x04rien", "archive"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_gets_one_clear_error_and_changes_nothing(
    run: Run, ask: Ask, settings: Settings, tmp_path: Path, name: str
) -> None:
    content, told = BAD[name]
    path = tmp_path / name
    path.write_text(content, encoding="utf-8", errors="surrogateescape")
    before = ask("show", "essai", "--history")
    status, out, err = run("import", "essai", path, "--apply", "--message", "non")
    assert (status, out) == (1, "")
    assert err.startswith("veille : ") and name in err and told in err, err
    assert len(err.splitlines()) <= 2 and len(err) < 600, err
    assert settings.words_file("essai").read_text(encoding="utf-8") == HAND
    assert ask("show", "essai", "--history") == before


def test_the_whole_installation_travels_in_one_file(ask: Ask, run: Run, settings: Settings, tmp_path: Path) -> None:
    asked, carried = tmp_path / "operations.json", tmp_path / "tout.zip"
    asked.write_text('[{"op": "set_weight", "concept": "haie", "weight": 2}]', encoding="utf-8")
    assert run("publish", "essai", "--operations", asked, "--message", "plus fort")[0] == 0
    assert run("export", "toutes", "--history", "--output", carried)[0] == 0
    assert run("rollback", "essai", 1)[0] == 0
    assert {r["community"]: r["summary"] for r in ask("import", "toutes", carried)} == {
        "essai": "1 concept modifié",
        "tourisme": "aucune différence",
    }
    done = {r["community"]: r["published"] for r in ask("import", "toutes", carried, "--apply", "--message", "repris")}
    assert done == {"essai": 4, "tourisme": None}
    assert load_taxonomy(settings.words_file("essai")).concept("haie").weight == 2


def test_the_ministrys_scheme_imports_as_a_taxonomy(run: Run, tmp_path: Path) -> None:
    source = VOCABULARIES / "ecospheres_theme.ttl"
    if not source.exists():
        pytest.skip("the ministry's scheme is not on this machine")
    path = tmp_path / "ecospheres.yaml"
    status, _, err = run("import", "ecospheres", source, "--output", path)
    assert status == 0, err
    found, graph = load_taxonomy(path), Graph().parse(source)
    below = {(str(graph.value(narrow, SKOS.prefLabel)), str(graph.value(wide, SKOS.prefLabel)))
             for wide, narrow in graph.subject_objects(SKOS.narrower)}  # fmt: skip
    assert {(c.pref_label, found.concept(b).pref_label) for c in found.concepts for b in c.broader} == below
    assert len(found.concepts) == len(set(graph.subjects(RDF.type, SKOS.Concept)))
    assert len(below) > 50
