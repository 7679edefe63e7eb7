"""``veille taxonomy split | start``: what is rehearsed is what the night then does, with the real encoder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from curation.accounts import Account, AccountRole
from curation.config import Settings, load_settings
from curation.decide.review import state_of
from curation.store.store import Store
from curation.types import Act, DraftStatus, Review, Source
from curation.word_drafts import WordDrafts
from curation.wordbook import Wordbook
from flows.cli import main
from flows.drafts import QUESTION
from flows.reclassify import reclassify
from flows.rehearsing import Rehearsal
from taxonomy.concept_operations import SetWeight
from taxonomy.founding import split, start
from taxonomy.types import labels
from tests.flows.test_rehearsing import NOW, _articles, _said, settings, store, vectors

__all__ = ["settings", "store", "vectors"]  # the fixtures of the rehearsals
SHELF = "hebergements-taxe-de-sejour"


def run(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> tuple[str, str]:
    assert main(["--config", str(folder / "config.yaml"), *arguments]) == status
    said = capsys.readouterr()
    return said.out, said.err


def test_a_split_gives_what_was_rehearsed(
    settings: Settings, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = sorted(a.id for a in _articles())
    book = Wordbook(settings, store)
    found = split(book.look("tourisme", NOW).taxonomy, "Hébergements", [], [SHELF], taken=book.taken())
    tried = Rehearsal(settings, store).rehearse([found.old, found.new])
    gone = [m.article for e in tried.communities if e.id == "tourisme" for m in e.leaves]
    reviewed = next(i for i in gone if store.draft(i, "tourisme") is not None)
    with store.atomic():
        review = store.append_review(Review(reviewed, "tourisme", Act.KEPT, "lea", NOW, until=NOW.date()))
        store.save_state(reviewed, "tourisme", state_of([review]), NOW.date())
    store.add_account(Account("zoe", "Zoé", AccountRole.COORDONNATEUR, ("tourisme",), "x"), NOW)
    store.add_account(Account("lea", "Léa", AccountRole.ANIMATEUR, ("tourisme",), "x"), NOW)

    command = ["taxonomy", "split", "tourisme", "--name", "Hébergements", "--dossiers", SHELF]
    told = json.loads(run(tmp_path, capsys, *command, "--json")[0])
    assert told["community"] == "hebergements" and told["published"] == [] and told["dossiers"] == [SHELF]
    assert {c["id"]: c["after"] for c in told["rehearsal"]["communities"]} == {e.id: e.after for e in tried.communities}
    out, err = run(tmp_path, capsys, *command)
    assert "Hébergements" in out and "Rien n'est publié" in err
    assert "--message" in run(tmp_path, capsys, *command, "--publish", status=1)[1]
    assert "Aucun compte « tim »" in run(tmp_path, capsys, *command, "--people", "tim", status=1)[1]
    assert store.foundings() == [] and len(book.versions("tourisme")) == 1

    signed = ["--publish", "--message", "ils débordent", "--author", "zoe", "--people", "lea"]
    out = run(tmp_path, capsys, *command, *signed)[0]
    assert "tourisme, version 2, par zoe" in out and "hebergements, version 1, par zoe" in out
    after = load_settings(tmp_path / "config.yaml")
    assert [c.id for c in after.communities] == [*(c.id for c in settings.communities), "hebergements"]
    assert "hebergements" in store.account("zoe").communities  # type: ignore[union-attr]
    assert "hebergements" in store.account("lea").communities  # type: ignore[union-attr]

    assert reclassify(after, NOW) == len(ids)
    judged = store.judgements(ids)
    standings, told_of = tried.outcome.standings, tried.outcome.standings.communities
    for row, i in enumerate(ids):
        lead = told_of[standings.lead[row]] if standings.lead[row] >= 0 else None
        scores = {c: (standings.scores[row, k], bool(standings.selected[row, k])) for k, c in enumerate(told_of)}
        assert (scores, lead, standings.proposals[row], standings.dossiers[row]) == _said(judged[i]), i
    new = next(e for e in tried.communities if e.id == "hebergements")
    waiting = {d.article for d in store.queue("hebergements")}
    assert new.enters and {m.article for m in new.enters} <= waiting
    # what stays behind is the draft in review, and questions just under the threshold
    left = {d.article for d in store.queue("tourisme") if QUESTION not in d.reasons} - {reviewed}
    assert not {m.article for m in new.enters} & left
    kept = store.draft(reviewed, "tourisme")
    assert kept is not None and kept.status is DraftStatus.KEPT  # in review: left alone
    assert store.articles_to_classify(Rehearsal(after, store).judge.version) == []  # the next night repeats nothing

    status = json.loads(run(tmp_path, capsys, "status", "--json")[0])
    assert "hebergements" in json.dumps(status)
    assert json.loads(run(tmp_path, capsys, "queue", "hebergements", "--json")[0])
    gold = tmp_path / "gold.jsonl"
    gold.write_text(json.dumps({"id": "g", "title": "Taxe de séjour", "text": "", "rel": {"hebergements": 3}}) + "\n")
    assert "hebergements" in run(tmp_path, capsys, "evaluate", str(gold), "--json")[0]
    rows = json.loads(run(tmp_path, capsys, "taxonomy", "show", "--json")[0])
    assert [r["id"] for r in rows][-1] == "hebergements"


def test_the_draft_is_used_or_left_as_asked(
    settings: Settings, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = Wordbook(settings, store)
    command = ["taxonomy", "split", "tourisme", "--name", "Hébergements", "--dossiers", SHELF, "--json"]
    signed = ["--publish", "--message", "m"]
    assert "n'a pas de brouillon" in run(tmp_path, capsys, *command, "--draft", *signed, status=1)[1]
    book.look("tourisme", NOW)
    drafts = WordDrafts(book)
    drafts.change("tourisme", [SetWeight("airbnb", 0.3)], revision=0, author="lea", now=NOW)
    told, warned = run(tmp_path, capsys, *command, "--draft", *signed)
    assert warned == "" and [v["number"] for v in json.loads(told)["published"]] == [2, 1]
    assert drafts.draft("tourisme") is None
    drafts.change("tourisme", [SetWeight("randonnee", 0.3)], revision=0, author="lea", now=NOW)
    again = ["taxonomy", "split", "tourisme", "--name", "Randonnées", "--concepts", "randonnee"]
    assert "Un brouillon de lea est ouvert" in run(tmp_path, capsys, *again, *signed)[1]
    assert drafts.draft("tourisme") is not None
    assert "s'appelle déjà" in run(tmp_path, capsys, *again, *signed, status=1)[1]


def test_a_community_begins_from_keywords(
    settings: Settings, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store.add_source(Source("lettre", "La Lettre", "https://exemple.fr/rss"), "desk")
    words = tmp_path / "mots.txt"
    words.write_text("sécheresse\nnappe phréatique / nappe\n", encoding="utf-8")
    command = ["taxonomy", "start", "Eau", "--keywords", "assainissement", "--file", str(words)]
    assert "Aucune source « x »" in run(tmp_path, capsys, *command, "--follow", "x", status=1)[1]
    told: dict[str, Any] = json.loads(run(tmp_path, capsys, *command, "--json")[0])
    assert told["concepts"] == ["assainissement", "secheresse", "nappe-phreatique"]
    begun = start("Eau", ["assainissement", "sécheresse", "nappe phréatique / nappe"])
    tried = Rehearsal(settings, store).rehearse([begun.taxonomy])
    mine = next(e for e in tried.communities if e.id == "eau")
    run(tmp_path, capsys, *command, "--follow", "lettre", "--publish", "--message", "m", "--neighbours", "tourisme")
    assert store.source_at("https://exemple.fr/rss").communities == ("eau",)  # type: ignore[union-attr]
    reclassify(load_settings(tmp_path / "config.yaml"), NOW)
    assert {m.article for m in mine.enters} <= {d.article for d in store.queue("eau")}


def test_a_label_is_given_to_a_neighbour(
    settings: Settings, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = Wordbook(settings, store)
    command = ["taxonomy", "give", "tourisme", "randonnée", "transition-ecologique"]
    told = json.loads(run(tmp_path, capsys, *command, "--json")[0])
    assert set(told["operations"]) == {"tourisme", "transition-ecologique"} and told["published"] == []
    assert {c["id"] for c in told["rehearsal"]["communities"]} >= {"tourisme", "transition-ecologique"}
    assert "n'est pas (ou plus) un mot" in run(tmp_path, capsys, *command[:3], "licorne", command[4], status=1)[1]
    assert "à une autre communauté" in run(tmp_path, capsys, *command[:4], "tourisme", status=1)[1]
    out = run(tmp_path, capsys, *command, "--publish", "--message", "aux sentiers")[0]
    assert "Publié : tourisme, version 2." in out and "Publié : transition-ecologique, version 2." in out
    after = {c: current.taxonomy for c, current in book.look_all(NOW).items()}
    assert any(c.pref_label == "randonnée" for c in after["transition-ecologique"].concepts)
    assert not any("randonnée" in labels(c) for c in after["tourisme"].concepts)
