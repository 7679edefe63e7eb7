"""What the store keeps for the coordinator's workbench."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from curation.evidence import KeptReading, Sighting
from curation.store.store import Store
from curation.store.terms import RefusedTerm
from curation.types import Act, Article, CommunityScore, Evidence, Judgement, Kind, Review

NOW = datetime(2026, 6, 30, 3, 30, tzinfo=UTC)
TERM = RefusedTerm("fleuve", ("zone", "humide"), "zone humide", "lea", NOW)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store(None) as opened:
        yield opened


def article(store: Store, identity: str, *evidence: Evidence, lead: str | None = "fleuve") -> None:
    store.save_articles([Article(identity, f"https://a.example/{identity}", "Titre", "Texte.")], [], NOW)
    selected = lead is not None
    score = CommunityScore("fleuve", 0.8 if selected else 0.1, selected, evidence)
    store.save_judgements([Judgement(identity, (score,), lead, (), None, Kind.NEWS)], "v1")


def said(store: Store, identity: str, act: Act) -> None:
    with store.atomic():
        store.append_review(Review(identity, "fleuve", act, "lea", NOW))


def test_a_refusal_is_for_good_until_somebody_restores_it(store: Store) -> None:
    assert store.refused_terms("fleuve") == []
    store.refuse_term(TERM)
    store.refuse_term(replace(TERM, keys=("eau",), label="eau"))
    assert [t.label for t in store.refused_terms("fleuve")] == ["eau", "zone humide"]
    assert store.refused_terms("fleuve")[1] == TERM
    assert store.refused_terms("ville") == []
    store.restore_term(replace(TERM, author="tom", at=NOW + timedelta(days=1)))
    assert [t.label for t in store.refused_terms("fleuve")] == ["eau"]
    store.refuse_term(TERM)
    assert len(store.refused_terms("fleuve")) == 2


def test_no_choice_is_ever_rewritten(store: Store) -> None:
    store.refuse_term(TERM)
    for sql in ("UPDATE term_choices SET author = 'x'", "DELETE FROM term_choices"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"), store.atomic():
            store.db.execute(sql)


def test_arrivals_are_what_was_judged(store: Store) -> None:
    article(store, "a1")
    article(store, "a2", lead=None)
    store.save_articles([Article("a3", "https://a.example/a3", "Titre", "")], [], NOW)
    found = {a.article: a for a in store.arrivals("fleuve")}
    assert set(found) == {"a1", "a2"}
    assert (found["a1"].selected, found["a1"].lead, found["a1"].origin) == (True, "fleuve", None)
    assert not found["a2"].selected and found["a1"].added == NOW
    assert store.arrivals("ville") == []


def test_labels_met_leave_meaning_out(store: Store) -> None:
    article(store, "a1", Evidence("crue", "montée des eaux", "title", 1.0, 0, 5), Evidence("digue", "digue", "sense"))
    assert list(store.labels_met("fleuve")) == [("a1", "crue", "montée des eaux")]
    assert list(store.labels_met("ville")) == []


def test_what_was_read_counts_whole_and_once(store: Store) -> None:
    article(store, "a1", Evidence("crue", "crue", "title", 1.0, 0, 5))
    seen = [Sighting("fleuve", c, c, "body", 1, 0, 5) for c in ("crue", "digue")]
    store.save_readings("r", [KeptReading("a1", b"", b"", tuple(seen), Kind.NEWS, None, None)])
    assert sorted(store.labels_met("fleuve")) == [("a1", "crue", "crue"), ("a1", "digue", "digue")]
    store.forget_readings(["a1"])
    assert list(store.labels_met("fleuve")) == [("a1", "crue", "crue")]


def test_phrases_are_found_once_for_what_was_judged(store: Store) -> None:
    for identity in ("a1", "a2", "a3"):
        article(store, identity)
    said(store, "a1", Act.PUBLISHED)
    said(store, "a3", Act.DISMISSED)
    assert store.articles_to_phrase("r1") == ["a1", "a3"]
    store.save_phrases("r1", {"a1": ["zone humide", "l’eau"], "a3": []})
    assert store.articles_to_phrase("r1") == []
    assert store.phrases(["a1", "a2", "a3"], "r1") == {"a1": ["zone humide", "l’eau"], "a3": []}
    assert store.articles_to_phrase("r2") == ["a1", "a3"]
    assert store.phrases(["a1"], "r2") == {}


def test_what_was_purged_keeps_the_phrases_it_has(store: Store) -> None:
    article(store, "a1")
    said(store, "a1", Act.PUBLISHED)
    store.save_phrases("r1", {"a1": ["zone humide"]})
    store.db.execute("UPDATE articles SET purged = 1, text = ''")
    assert store.articles_to_phrase("r2") == []


def test_a_sample_of_articles_is_always_the_same(store: Store) -> None:
    for identity in ("b", "a", "c"):
        article(store, identity)
    assert store.sample_of_articles(2) == ["a", "b"]


def test_the_acts_of_a_community_by_article(store: Store) -> None:
    article(store, "a1")
    said(store, "a1", Act.NOTED)
    said(store, "a1", Act.PUBLISHED)
    assert [r.act for r in store.reviews_in("fleuve")["a1"]] == [Act.NOTED, Act.PUBLISHED]
    assert store.reviews_in("ville") == {}
