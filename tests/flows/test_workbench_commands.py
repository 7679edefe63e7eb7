"""``veille taxonomy balance | candidates | overlap`` on a small store of invented items and verdicts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from curation.config import load_settings
from curation.decide.draft import make_draft
from curation.decide.review import state_of
from curation.decide.signals import lexical
from curation.store.store import Store
from curation.types import (
    Act,
    Article,
    CommunityScore,
    FeedEntry,
    FeedState,
    Judgement,
    Kind,
    Rejection,
    Review,
    Source,
)
from flows.cli import main
from flows.phrases import keep_phrases
from taxonomy.edit import all_from_json, apply
from taxonomy.load import load_taxonomy
from taxonomy.match import Matcher

NOW = datetime.now(UTC).replace(microsecond=0)
FLEUVE = """\
id: fleuve
prefLabel: Fleuve
definition: L'eau, ses rives et ses risques.
neighbours: [ville]
concepts:
  - id: courant
    prefLabel: courant
  - id: crue
    prefLabel: crue
    altLabel: [promenade]
"""
VILLE = """\
id: ville
prefLabel: Ville
definition: Les quartiers et les rues.
concepts:
  - id: quartier
    prefLabel: quartier
    altLabel: [promenade]
"""
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fleuve.yaml").write_text(FLEUVE, encoding="utf-8")
    (tmp_path / "ville.yaml").write_text(VILLE, encoding="utf-8")
    (tmp_path / "config.yaml").write_text(
        "state: state\ncommunities: [{id: fleuve, taxonomy: fleuve.yaml}, {id: ville, taxonomy: ville.yaml}]\n",
        encoding="utf-8",
    )
    settings = load_settings(tmp_path / "config.yaml")
    words = [load_taxonomy(tmp_path / "fleuve.yaml"), load_taxonomy(tmp_path / "ville.yaml")]
    with Store(settings.database) as store:
        for n in range(3):
            store.add_source(Source(f"s{n}", f"Source {n}", f"https://s{n}.example/rss"), "desk")
        number = 0
        for count, text, community, right in (
            (10, "Une coupure de courant électrique prive le bourg de lumière.", "fleuve", False),
            (12, "La crue gagne la prairie inondable, le repère est posé.", "fleuve", True),
            (6, "Le courant marin et la crue déposent leurs sédiments en prairie inondable.", "fleuve", True),
            (8, "La promenade du quartier rouvre.", "ville", True),
            (30, "Le conseil vote son budget.", "", None),
        ):
            for _ in range(count):
                _item(store, words, f"{number:016x}", text, community, right, number)
                number += 1
        keep_phrases(store)
    return tmp_path


def _item(store: Store, words: list[Any], identity: str, text: str, lead: str, right: bool | None, number: int) -> None:
    day = NOW - timedelta(days=30 + number)
    article = Article(identity, f"https://a.example/{identity}", f"Texte n° {number}", text, day)
    entry = FeedEntry(f"s{number % 3}", identity, article.url, article.title, text)
    store.save_harvest(FeedState(entry.source), [entry], day)
    store.save_articles([article], [(entry.source, identity, identity)], day)
    matches = Matcher(words).match(text)
    scores = tuple(
        CommunityScore(t.id, 0.8 if met else 0.1, bool(met), met)
        for t in words
        for met in [lexical(t, (), [m for m in matches if m.taxonomy == t.id]).evidence]
    )
    judgement = Judgement(identity, scores, lead or None, (), None, Kind.NEWS)
    store.save_judgements([judgement], "v1")
    if right is None:
        return
    taxonomy = next(t for t in words if t.id == lead)
    act, reason = (Act.PUBLISHED, "") if right else (Act.REJECTED, Rejection.OFF_TOPIC.value)
    with store.atomic():
        store.add_draft(make_draft(article, judgement, [], taxonomy), "night", day)
        review = store.append_review(Review(identity, lead, act, "lea", day, reason))
        store.save_state(identity, lead, state_of([review]), day.date())


@pytest.fixture
def run(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    def call(*arguments: object) -> tuple[int, str, str]:
        status = main(["--config", str(folder / "config.yaml"), "taxonomy", *map(str, arguments)])
        said = capfdbinary.readouterr()
        return status, said.out.decode(), said.err.decode()

    return call


def test_balance_finds_the_keyword_that_is_too_wide_and_a_mend_that_can_be_published(run: Run, folder: Path) -> None:
    status, out, err = run("balance", "fleuve", "--json")
    assert status == 0, err
    sheet = json.loads(out)
    assert (sheet["community"], sheet["read"]) == ("fleuve", 66)
    line = next(c for c in sheet["concepts"] if c["concept"] == "courant")
    assert (line["matches"], line["drafts"], line["published"], line["rejected"]) == (16, 16, 6, {"off_topic": 10})
    assert line["precision"]["value"] == 0.375 and 0.18 < line["precision"]["low"] < 0.2
    alone = next(d for d in line["diagnoses"] if d["ailment"] == "ambiguous" or d["ailment"] == "too_wide")
    mended = apply(load_taxonomy(folder / "fleuve.yaml"), *all_from_json(alone["mends"][0]["operations"]))
    assert mended.version != sheet["version"]
    status, out, _ = run("balance", "fleuve", "--ailing")
    assert "courant (courant)" in out and "10 écartés (hors sujet 10)" in out
    assert "crue (crue)" not in out


def test_candidates_propose_refuse_and_restore(run: Run) -> None:
    status, out, err = run("candidates", "fleuve", "--without-meaning", "--json")
    assert status == 0, err
    told = json.loads(out)
    proposed = {c["label"]: c for c in told["candidates"]}
    assert "prairie inondable" in proposed and proposed["prairie inondable"]["taken"] == 18
    assert not any("courant" in label or "crue" in label for label in proposed)
    excluded = {e["term"] for e in told["exclusions"]}
    assert any("courant électrique" in term or "coupure" in term for term in excluded)
    status, out, _ = run("candidates", "fleuve", "--refuse", "prairies inondables", "--author", "lea")
    assert status == 0 and "« prairies inondables »" in out
    again = json.loads(run("candidates", "fleuve", "--without-meaning", "--json")[1])
    assert "prairie inondable" not in {c["label"] for c in again["candidates"]}
    run("candidates", "fleuve", "--restore", "prairie inondable", "--author", "lea")
    back = json.loads(run("candidates", "fleuve", "--without-meaning", "--json")[1])
    assert "prairie inondable" in {c["label"] for c in back["candidates"]}


def test_what_waits_for_a_verdict_is_no_evidence_against_its_own_words(run: Run, folder: Path) -> None:
    """In a young installation half of what was read may wait: it is not « elsewhere »."""
    words = [load_taxonomy(folder / "fleuve.yaml"), load_taxonomy(folder / "ville.yaml")]
    with Store(load_settings(folder / "config.yaml").database) as store:
        for n in range(100, 120):
            _item(store, words, f"{n:016x}", "La crue couvre la prairie inondable.", "fleuve", None, n)
    told = json.loads(run("candidates", "fleuve", "--without-meaning", "--json")[1])
    proposed = {c["label"]: c for c in told["candidates"]}
    assert proposed["prairie inondable"]["elsewhere"] == 0


def test_no_candidate_is_explained(run: Run) -> None:
    assert "quelques dizaines de contenus retenus (8 encore)" in run("candidates", "ville", "--without-meaning")[1]


def test_overlap_says_who_keeps_the_shared_word(run: Run) -> None:
    status, out, err = run("overlap", "--json")
    assert status == 0, err
    (both,) = json.loads(out)
    assert [label["label"] for label in both["labels"]] == ["promenade"]
    assert both["items"] == 8 and both["causes"][0]["label"] == "promenade"
    (settled,) = both["yields"]
    assert (settled["keeps"], settled["gives"]) == ("ville", "fleuve")
    assert settled["operations"] == [
        {"op": "remove_labels", "concept": "crue", "key": "altLabel", "labels": ["promenade"]}
    ]
    assert "Fleuve et Ville : 8 contenus, 1 libellé commun" in run("overlap", "ville")[1]


def test_an_unknown_community_is_said(run: Run) -> None:
    status, _, err = run("balance", "lune")
    assert status == 1 and "lune" in err and "Traceback" not in err
