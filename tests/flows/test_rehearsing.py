"""Rehearsing on a store, publishing, and what the night then holds; the command; who is told what of past verdicts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from curation.config import Settings, load_settings
from curation.decide.effects import CommunityEffect
from curation.errors import InputError
from curation.store.store import Store
from curation.types import Act, Article, Judgement, Rejection, Review
from curation.wordbook import Wordbook
from flows.cli import main
from flows.demo_content import load_items
from flows.judge import Judge, judge_for, plan_of
from flows.reclassify import reclassify
from flows.rehearsing import Rehearsal
from flows.steps import item_of, read_batch
from models.vectors import from_bytes, to_bytes
from taxonomy.concept_operations import AddConcept, AddLabels, RetireConcept, SetDossiers, SetScopeNote, SetWeight
from taxonomy.content import sealed
from taxonomy.edit import Operation, apply, to_json
from taxonomy.load import SHIPPED
from taxonomy.types import Concept, Origin, Taxonomy
from tests.flows.test_night import ENCODERS

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Of the samples, encoded once."""
    settings = _settings(tmp_path_factory.mktemp("vecteurs"))
    judge = judge_for(plan_of(settings))
    articles = _articles()
    encoded = judge.encode([item_of(a, "") for a in articles])
    return {a.id: to_bytes(v) for a, v in zip(articles, encoded, strict=True)}


@pytest.fixture
def settings(tmp_path: Path, vectors: dict[str, bytes]) -> Settings:
    settings = _settings(tmp_path)
    with Store(settings.database) as store:
        store.save_articles(_articles(), [], NOW)
        store.save_vectors(judge_for(plan_of(settings)).encoder.version, vectors)
    reclassify(settings, NOW)
    return settings


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with Store(settings.database) as opened:
        yield opened


def _settings(folder: Path) -> Settings:
    names = sorted(p.stem for p in SHIPPED.glob("*.yaml"))
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump({"state": "state", "communities": names}), encoding="utf-8")
    settings = load_settings(path)
    settings.state.mkdir(parents=True)
    (ENCODERS / "encoders").mkdir(parents=True, exist_ok=True)
    (ENCODERS / "prototypes").mkdir(parents=True, exist_ok=True)
    for shared in ("encoders", "prototypes"):
        (settings.state / shared).symlink_to(ENCODERS / shared, target_is_directory=True)
    return settings


def _articles() -> list[Article]:
    return [
        Article(f"{n:016x}", f"https://x.fr/{n}", s.title, s.body, published=NOW - timedelta(hours=n))
        for n, s in enumerate(load_items())
    ]


def _words(settings: Settings, store: Store, community: str, *operations: Operation) -> Taxonomy:
    return apply(Wordbook(settings, store).look(community, NOW).taxonomy, *operations)


def _publish(settings: Settings, store: Store, taxonomy: Taxonomy) -> None:
    book = Wordbook(settings, store)
    base = book.look(taxonomy.id, NOW).version.number
    book.publish(taxonomy.id, taxonomy, base=base, author="lea", message="essai", origin=Origin.DESK, now=NOW)


def _said(judgement: Judgement) -> Any:
    scores = {c.id: (c.score, c.selected) for c in judgement.communities}
    placed = (judgement.dossier.id, judgement.dossier.score) if judgement.dossier else None
    return scores, judgement.lead, judgement.proposals, placed


def _anew(settings: Settings, store: Store) -> dict[str, Judgement]:
    judge = Judge(plan_of(settings))
    kept = store.vectors(a.id for a in _articles())
    raw = from_bytes(b"".join(kept[a.id] for a in _articles()), judge.encoder.dimension)
    return {j.id: j for j in judge.judge([item_of(a, "") for a in _articles()], raw)}


CHANGES: list[tuple[str, tuple[Operation, ...]]] = [
    ("tourisme", (AddLabels("taxe-de-sejour", "altLabel", ("conseil municipal", "subvention")),)),
    ("tourisme", (AddLabels("taxe-de-sejour", "excludeLabel", ("taxe de séjour augmente",)),)),
    ("urbanisme-amenagement", (SetWeight("zero-artificialisation-nette", 0.2),)),
    ("tourisme", (SetScopeNote("taxe-de-sejour", "Tout autre chose, les forêts et les sentiers."),)),
    ("politique-de-la-ville", (AddConcept(Concept("", "appel à projets", ("subvention",))),)),
]


def test_publishing_gives_what_was_rehearsed_and_what_judging_anew_gives(settings: Settings, store: Store) -> None:
    ids = [a.id for a in _articles()]
    assert store.judgements(ids) == _anew(settings, store)
    counts = []
    for community, operations in CHANGES:
        taxonomy = _words(settings, store, community, *operations)
        found = Rehearsal(settings, store).rehearse([taxonomy])
        before = store.judgements(ids)
        _publish(settings, store, taxonomy)
        counts.append(reclassify(settings, NOW))
        after = store.judgements(ids)
        assert after == _anew(settings, store), operations  # evidence and reasons too
        told, standings = found.outcome.standings, found.outcome.standings.communities
        for row, i in enumerate(sorted(ids)):
            lead = standings[told.lead[row]] if told.lead[row] >= 0 else None
            scores = {c: (told.scores[row, k], bool(told.selected[row, k])) for k, c in enumerate(standings)}
            assert (scores, lead, told.proposals[row], told.dossiers[row]) == _said(after[i]), i
        entered = {(m.article, e.id) for e in found.communities for m in e.enters}
        assert entered == {(i, str(after[i].lead)) for i in ids if after[i].lead and after[i].lead != before[i].lead}
    assert max(counts[:3]) < len(ids) / 2 and counts[3] == counts[4] == len(ids)


def test_readings_follow_a_publication_without_being_made_again(settings: Settings, store: Store) -> None:
    before = {r["article"]: r["rowid"] for r in store.db.query("SELECT article, rowid FROM readings")}
    _publish(
        settings, store, _words(settings, store, "tourisme", AddLabels("taxe-de-sejour", "altLabel", ("piscine",)))
    )
    reclassify(settings, NOW)
    judge = judge_for(plan_of(settings))
    assert store.articles_to_read(judge.recipe.id) == []
    assert store.recipes_of_readings() == {judge.recipe.id: len(before)}
    assert len(Rehearsal(settings, store).corpus.ids) == len(before)
    items = [item_of(a, "") for a in _articles()]
    assert store.readings(before) == {k.article: k for k in read_batch(plan_of(settings), items)}


def test_a_concept_goes_to_a_neighbour_without_a_text_being_opened(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = Wordbook(settings, store)
    tourism, urban = (book.look(c, NOW).taxonomy for c in ("tourisme", "urbanisme-amenagement"))
    gone = next(c for c in tourism.concepts if c.id == "taxe-de-sejour")
    left = replace(
        tourism,
        concepts=tuple(replace(c, broader=()) for c in tourism.concepts if c is not gone),
        priorities=tuple(p for p in tourism.priorities if gone.id not in p.concepts),
    )
    _publish(settings, store, sealed(left))
    come = replace(gone, broader=(), dossiers=urban.concepts[0].dossiers)
    _publish(settings, store, sealed(replace(urban, concepts=(*urban.concepts, come))))

    def opened(_: Any, wanted: Any) -> dict[str, Any]:
        assert not list(wanted), "a text was opened"
        return {}

    monkeypatch.setattr(Store, "texts", opened)
    monkeypatch.setattr("flows.steps.read_batch", opened)
    monkeypatch.setattr("flows.drafts.queue_drafts", lambda *_: None)  # drafts show titles
    reclassify(settings, NOW)
    monkeypatch.undo()
    items = [item_of(a, "") for a in _articles()]
    kept = store.readings(i.id for i in items)
    assert kept == {k.article: k for k in read_batch(plan_of(settings), items)}
    assert sum(s.community == urban.id and s.concept == come.id for k in kept.values() for s in k.sightings) > 1
    assert store.judgements(i.id for i in items) == _anew(settings, store)


def test_past_verdicts_are_told(settings: Settings, store: Store) -> None:
    words = _words(settings, store, "tourisme")
    named = {c for p in words.priorities for c in p.concepts}
    gone = apply(words, *(RetireConcept(c.id) for c in words.concepts[:-1] if c.id not in named))

    def tried() -> CommunityEffect:
        found = Rehearsal(settings, store).rehearse([gone])
        return next(e for e in found.communities if e.id == "tourisme")

    first = tried()
    assert first.verdicts is None and first.leaving == {"nobody": len(first.leaves)} and len(first.leaves) >= 3
    assert len(first.leaves) == first.before - first.after + len(first.enters)
    verdicts = [(Act.PUBLISHED, ""), (Act.REJECTED, Rejection.OFF_TOPIC.value), (Act.KEPT, "")]
    for move, (act, reason) in zip(first.leaves, verdicts, strict=False):
        store.append_review(Review(move.article, "tourisme", act, "lea", NOW, reason=reason))
    effect = tried()
    assert [m.fate for m in effect.leaves[:3]] == ["published", "rejected:off_topic", "kept"]
    assert effect.leaving["nobody"] == len(first.leaves) - 3
    assert effect.verdicts is not None
    before, after = effect.verdicts
    assert (before.precision.hits, before.precision.of, before.recall.of) == (2, 3, 2)
    assert before.precision.few and after.precision.of < before.precision.of


def test_a_split_moves_items_to_the_new_community(settings: Settings, store: Store) -> None:
    whole = _words(settings, store, "tourisme")
    new = replace(
        whole, id="sejours", pref_label="Séjours", neighbours=("tourisme",), priorities=(),
        concepts=tuple(replace(c, broader=()) for c in whole.concepts[::2]),
    )  # fmt: skip
    left = replace(
        whole, priorities=(), neighbours=("sejours",),
        concepts=tuple(replace(c, broader=()) for c in whole.concepts[1::2]),
    )  # fmt: skip
    found = Rehearsal(settings, store).rehearse([left, new])
    effects = {e.id: e for e in found.communities}
    assert effects["sejours"].before == 0 and effects["sejours"].after > 0
    assert {m.other for m in effects["sejours"].enters} >= {"tourisme"}
    other = Judge(plan_of(settings), found.words, like=judge_for(plan_of(settings)))
    anew = other.judge([item_of(a, "") for a in _articles()], from_bytes(
        b"".join(store.vectors([a.id])[a.id] for a in _articles()), other.encoder.dimension))  # fmt: skip
    leads = [found.outcome.standings.communities[k] if k >= 0 else None for k in found.outcome.standings.lead]
    assert leads == [j.lead for j in anew]


def test_without_a_night_there_is_nothing_to_try_on(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    with Store(settings.database) as store, pytest.raises(InputError, match="veille curate"):
        Rehearsal(settings, store)


def test_the_command_tells_and_writes_nothing(
    settings: Settings, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = str(tmp_path / "config.yaml")
    operations = tmp_path / "gestes.json"
    operations.write_text(json.dumps([to_json(o) for o in (SetDossiers("taxe-de-sejour", ()),)]), encoding="utf-8")
    gold = tmp_path / "gold.jsonl"
    gold.write_text(json.dumps({"id": "g", "title": "Taxe de séjour", "text": "", "rel": {"tourisme": 3}}) + "\n")
    before = store.db.execute("SELECT count(*), max(version) FROM judgements").fetchone()
    command = ["--config", config, "taxonomy", "rehearse", "tourisme"]
    assert main([*command, "--operations", str(operations), "--gold", str(gold), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    mine = next(c for c in told["communities"] if c["id"] == "tourisme")
    assert told["items"] == len(_articles()) and not mine["enters"] and not mine["leaves"]
    assert all(m["dossier_before"] != m["dossier_after"] for m in mine["moved"])
    assert mine["labelled"]["before"]["recall"]["of"] == 1
    assert main([*command, "--operations", str(operations)]) == 0
    assert "contributions en file" in capsys.readouterr().out
    assert main(command) == 1  # no draft
    assert "brouillon" in capsys.readouterr().err
    assert store.db.execute("SELECT count(*), max(version) FROM judgements").fetchone() == before
    assert np.isfinite(mine["before"])
