"""One whole night on the built-in samples, served on loopback, with the real encoder."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from curation.config import load_settings
from curation.store.store import Store
from curation.types import Act, Rejection, Review
from flows.demo import demo_settings
from flows.demo_server import DemoServer
from taxonomy.types import Origin

ROOT = Path(__file__).resolve().parents[2]
#: The encoder is built once and kept between runs, like the virtual environment.
ENCODERS = ROOT / "state" / "tests"


@dataclass(frozen=True)
class Night:
    config: Path
    server: DemoServer
    first: dict[str, Any]


def veille(config: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", "--config", str(config), *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        timeout=500,
        check=False,
    )


def configured(server: DemoServer, folder: Path, engine: str = "threads") -> Path:
    settings = demo_settings(server, folder)
    path = folder / "config.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**content, "engine": engine}), encoding="utf-8")
    (ENCODERS / "encoders").mkdir(parents=True, exist_ok=True)
    (ENCODERS / "prototypes").mkdir(parents=True, exist_ok=True)
    for shared in ("encoders", "prototypes"):
        (settings.state / shared).symlink_to(ENCODERS / shared, target_is_directory=True)
    return path


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    with DemoServer() as server:
        config = configured(server, tmp_path_factory.mktemp("nuit"))
        done = veille(config, "nightly", "--json")
        assert done.returncode == 0, done.stderr
        yield Night(config, server, json.loads(done.stdout))


def drafts(config: Path) -> list[tuple[Any, ...]]:
    with Store(load_settings(config).database) as store:
        return [
            (d.community, d.article, d.dossier, d.kind, d.proposals, round(d.relevance, 3))
            for community in sorted(store.queue_sizes())
            for d in sorted(store.queue(community), key=lambda d: d.article)
        ]


def test_every_community_has_drafts_and_every_source_its_account(night: Night) -> None:
    assert len(night.first["drafts_by_community"]) == 8
    assert all(n >= 5 for n in night.first["drafts_by_community"].values())
    with Store(load_settings(night.config).database) as store:
        states, sources = store.feed_states(), store.sources()
    assert all(states[s.id].last_success or states[s.id].last_failure for s in sources)
    assert {"not_found", "server_error", "html_not_feed"} <= set(night.first["failures"])


def test_the_drafts_lead_where_their_author_meant_them(night: Night) -> None:
    gold = [json.loads(line) for line in night.server.gold().splitlines()]
    wanted = {g["title"]: g["lead"] for g in gold}
    with Store(load_settings(night.config).database) as store:
        found = [(d.title, c) for c in store.queue_sizes() for d in store.queue(c)]
    known = [(wanted[title], community) for title, community in found if title in wanted]
    assert len(known) >= 70
    assert sum(a == b for a, b in known) / len(known) >= 0.8


def test_a_second_night_adds_nothing(night: Night) -> None:
    before = drafts(night.config)
    again = json.loads(veille(night.config, "nightly", "--json").stdout)
    assert (again["entries_new"], again["articles_new"], again["drafts_new"], again["duplicates"]) == (0, 0, 0, 0)
    assert drafts(night.config) == before


def test_every_classification_names_the_words_that_made_it(night: Night) -> None:
    settings = load_settings(night.config)
    with sqlite3.connect(settings.database) as db:
        tables = ("judgements", "classifications", "drafts")
        judges = {v for table in tables for (v,) in db.execute(f"SELECT DISTINCT version FROM {table}")}
    with Store(settings.database) as store:
        published = {c.id: store.taxonomy_version(c.id) for c in settings.communities}
        assert len(judges) == 1
        assert store.words_of_judge(judges.pop()) == {c: v.version for c, v in published.items() if v}
    assert all(v and v.number == 1 and v.origin is Origin.FILE for v in published.values())


@pytest.mark.parametrize("engine", ["dask", "processes"])
def test_other_engines_give_the_same_drafts(night: Night, tmp_path: Path, engine: str) -> None:
    config = configured(night.server, tmp_path, engine)
    done = veille(config, "nightly", "--json", "--now", night.first["started"])
    assert done.returncode == 0, done.stderr
    assert drafts(config) == drafts(night.config)


def test_the_queue_says_why(night: Night) -> None:
    shown = json.loads(veille(night.config, "queue", "tourisme", "--limit", "3", "--json").stdout)
    assert len(shown) == 3
    assert [d["score"] for d in shown] == sorted((d["score"] for d in shown), reverse=True)
    assert all(d["reasons"] and d["url"].startswith("http") and d["dossier"] for d in shown)
    assert "brouillons" in veille(night.config, "queue", "tourisme").stdout


def test_status_explains_sources_in_trouble(night: Night) -> None:
    status = json.loads(veille(night.config, "status", "--json").stdout)
    assert status["last_night"]["entries_new"] >= 0
    assert all(s["explanation"] and s["advice"] for s in status["sources_in_trouble"])
    assert len(status["sources_in_trouble"]) >= 3


def test_classify_and_dedupe_keep_the_order_and_touch_no_database(night: Night) -> None:
    items = [
        {"id": "a", "title": "La taxe de séjour augmente dans les stations", "text": "", "url": "", "source": ""},
        {"id": "b", "title": "Rugby : victoire du club local", "text": "", "date": "2026-11-20", "inconnu": 1},
        {"id": "c", "title": "La taxe de séjour augmente dans les stations", "text": ""},
    ]
    lines = "\n".join(json.dumps(i) for i in items) + "\n"
    before = load_settings(night.config).database.read_bytes()
    judged = [json.loads(line) for line in veille(night.config, "classify", stdin=lines).stdout.splitlines()]
    assert [j["id"] for j in judged] == ["a", "b", "c"]
    assert judged[0]["lead"] == "tourisme"
    assert judged[0]["dossier"]["id"] == "hebergements-taxe-de-sejour"
    assert judged[1]["lead"] is None
    assert all(len(j["communities"]) == 8 for j in judged)
    grouped = [json.loads(line) for line in veille(night.config, "dedupe", stdin=lines).stdout.splitlines()]
    assert [g["id"] for g in grouped] == ["a", "b", "c"]
    assert grouped[0]["group"] == grouped[2]["group"] != grouped[1]["group"]
    assert load_settings(night.config).database.read_bytes() == before


def test_evaluate_tells_measures_queues_concepts_and_mistakes(night: Night, tmp_path: Path) -> None:
    items = [
        {"id": "a", "title": "La taxe de séjour augmente", "rel": {"tourisme": 3}, "lead": "tourisme"},
        {"id": "b", "title": "Les hébergements touristiques ruraux se rénovent", "rel": {}, "lead": None},
        {"id": "c", "title": "Rugby : victoire du club local", "rel": {}, "lead": None},
    ]
    path = tmp_path / "gold.jsonl"
    path.write_text("".join(json.dumps(i) + "\n" for i in items), encoding="utf-8")
    told = json.loads(veille(night.config, "evaluate", str(path), "--json").stdout)
    assert told["measures"]["ndcg"]["n"] == 1
    queue = next(q for q in told["queues"] if q["community"] == "tourisme")
    assert queue["n"] == queue["shown"] >= 1
    assert queue["useful"] == 1
    concepts = {c["label"]: c for c in told["concepts"] if c["community"] == "tourisme"}
    assert concepts["taxe de séjour"]["right"] == 1
    assert {m["id"] for m in told["worst"]} == {"a", "b", "c"}
    assert all("reasons" in m and "words" in m for m in told["worst"])
    text = veille(night.config, "evaluate", str(path)).stdout
    assert "ordre des files (nDCG@20)" in text
    assert "raisons affichées : " in text


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [
        (["queue", "inconnue"], ""),
        (["nightly", "--now", "demain"], ""),
        (["classify"], "pas du json\n"),
        (["dedupe"], '{"id": "a", "title": "x"}\n{"id": "a", "title": "y"}\n'),
        (["parse", "absent.xml"], ""),
        (["evaluate", "absent.jsonl"], ""),
        (["sources", "import", "absent.opml"], ""),
    ],
)
def test_a_failure_is_one_sentence_and_no_traceback(night: Night, arguments: list[str], stdin: str) -> None:
    done = veille(night.config, *arguments, stdin=stdin)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_bad_usage_exits_2(night: Night) -> None:
    assert veille(night.config, "queue").returncode == 2
    assert veille(night.config, "inconnu").returncode == 2


def test_sources_go_out_and_come_back(night: Night, tmp_path: Path) -> None:
    exported = veille(night.config, "sources", "export").stdout
    opml = tmp_path / "sources.opml"
    opml.write_text(exported.replace("http://", "https://autre."), encoding="utf-8")
    assert "ajoutées" in veille(night.config, "sources", "import", str(opml)).stdout
    assert veille(night.config, "sources", "import", str(opml)).stdout.startswith("0 sources ajoutées")


def test_verdicts_teach_and_an_earlier_lesson_is_kept(night: Night, tmp_path: Path) -> None:
    """Learned, served, and nothing learned twice."""
    config = configured(night.server, tmp_path)
    settings = load_settings(config)
    with (
        sqlite3.connect(load_settings(night.config).database) as kept,
        sqlite3.connect(settings.database) as copy,
    ):
        kept.backup(copy)
    refused = veille(config, "train")
    assert refused.returncode == 1 and "Trop peu d’avis" in refused.stderr
    now = datetime.fromisoformat(night.first["started"]) - timedelta(days=1)
    grades = {g["title"]: g["rel"] for g in map(json.loads, night.server.gold().splitlines())}
    with Store(settings.database) as store:
        for community in sorted(store.queue_sizes()):
            for draft in store.queue(community):
                good = grades.get(draft.title, {}).get(community, 0) >= 2
                act, reason = (Act.PUBLISHED, "") if good else (Act.REJECTED, Rejection.OFF_TOPIC.value)
                now += timedelta(minutes=1)
                with store.exclusive():
                    store.append_review(Review(draft.article, community, act, "lea", now, reason))
    tried = json.loads(veille(config, "train", "--dry-run", "--json").stdout)
    assert not tried["published"] and tried["examples"] > 60
    folder = settings.state / "models"
    assert not folder.exists()
    done = veille(config, "train", "--json")
    told = json.loads(done.stdout)
    assert told["published"], done.stderr
    assert told["version"] and told["held_out"]["pairs"] >= 10
    assert told["held_out"]["log_loss"]["new"] < told["held_out"]["log_loss"]["now"] + 0.05
    assert told["gold"]["map"]["value"] >= told["gold"]["map"]["floor"] > 0.7
    assert {f.name for f in folder.iterdir()} == {
        "scorer.npz", f"scorer-{told['version']}.npz", f"scorer-{told['version']}.json"
    }  # fmt: skip
    again = veille(config, "train")
    assert again.returncode == 0 and "Aucun avis nouveau" in again.stdout
    served = json.loads(veille(config, "status", "--json").stdout)
    assert told["version"] in json.dumps(served)


def test_a_change_of_words_classifies_again_what_it_reaches_as_if_it_were_all(night: Night, tmp_path: Path) -> None:
    """The last one of the module: it publishes."""
    asked = tmp_path / "gestes.json"
    asked.write_text(json.dumps([{"op": "set_weight", "concept": "taxe-de-sejour", "weight": 0.3}]), encoding="utf-8")

    def told(*gestures: str) -> tuple[list[tuple[Any, ...]], set[str]]:
        with sqlite3.connect(load_settings(night.config).database) as db:
            for gesture in gestures:
                db.execute(gesture)
            found = db.execute(
                "SELECT article, community, version, score, selected, evidence, reasons FROM classifications "
                "ORDER BY article, community"
            ).fetchall()
            return found, {v for (v,) in db.execute("SELECT version FROM judgements")}

    before, _ = told()
    done = veille(
        night.config, "taxonomy", "publish", "tourisme", "--operations", str(asked), "--message", "essai", "--json"
    )
    assert json.loads(done.stdout)["number"] == 2, done.stderr
    assert veille(night.config, "curate").returncode == 0
    after, versions = told()
    assert len(versions) == 1 and {row[2] for row in after} == versions
    moved = {new[0] for old, new in zip(before, after, strict=True) if (*old[:2], *old[3:]) != (*new[:2], *new[3:])}
    assert 0 < len(moved) < len({row[0] for row in after}) / 4
    queue = drafts(night.config)
    told("UPDATE judgements SET version = ''")
    assert veille(night.config, "curate").returncode == 0
    assert told() == (after, versions)
    assert drafts(night.config) == queue
