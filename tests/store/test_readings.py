"""Readings in the store: they replace one another, show the way back from a concept, and go with their text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from curation.evidence import KeptReading, Recipe, Sighting
from curation.store.store import Store
from curation.types import Act, Article, Event, Judgement, Kind, Review

NOW = datetime(2026, 11, 20, 3, 30, tzinfo=UTC)
HALLE = Sighting("tourisme", "halle", "halle gourmande", "title", 2, 4, 19)
GARE = Sighting("urbanisme", "gare", "gare", "body", 1, 400, 404)
EVENT = Event(date(2026, 12, 1), None, "Tours")


@pytest.fixture
def store() -> Iterator[Store]:
    with Store(None) as opened:
        articles = [Article(i, f"https://exemple.fr/{i}", "Halle", "Le texte.") for i in ("a1", "a2")]
        opened.save_articles(articles, [], NOW)
        yield opened


def _reading(article: str, *sightings: Sighting) -> KeptReading:
    return KeptReading(article, b"\0" * 12, b"\1\0\0\0", sightings, Kind.EVENT, EVENT, date(2026, 12, 24), b"\2" * 16)


def _met(store: Store) -> list[tuple[str, str, str]]:
    return sorted(store.db.execute("SELECT concept, article, place FROM met_concepts").fetchall())


def test_readings_come_back_as_they_were_saved(store: Store) -> None:
    kept = [_reading("a1", HALLE, GARE), _reading("a2")]
    store.save_readings("r1", kept)
    assert store.readings(["a2", "a1", "absent"]) == {k.article: k for k in kept}
    assert store.sightings(["a1"]) == {"a1": (HALLE, GARE)}
    assert store.recipes_of_readings() == {"r1": 2}


def test_a_reading_is_to_do_while_missing_or_of_another_recipe(store: Store) -> None:
    assert store.articles_to_read("r1") == ["a1", "a2"]
    store.save_readings("r1", [_reading("a1")])
    assert store.articles_to_read("r1") == ["a2"]
    assert store.articles_to_read("r2") == ["a1", "a2"]


def test_a_new_reading_takes_back_what_the_old_one_met(store: Store) -> None:
    store.save_readings("r1", [_reading("a1", HALLE, GARE), _reading("a2", GARE)])
    assert _met(store) == [("gare", "a1", "body"), ("gare", "a2", "body"), ("halle", "a1", "title")]
    store.save_readings("r2", [_reading("a1", GARE)])
    assert _met(store) == [("gare", "a1", "body"), ("gare", "a2", "body")]


def test_readings_go_with_the_text_but_what_was_met_where_somebody_acted(store: Store) -> None:
    store.save_readings("r1", [_reading("a1", HALLE), _reading("a2", GARE)])
    store.save_judgements([Judgement(i, (), None, (), None, Kind.NEWS) for i in ("a1", "a2")], "v1")
    store.append_review(Review("a1", "tourisme", Act.REJECTED, "lea", NOW))
    assert store.forget_texts(NOW + timedelta(days=91), 90) == 2
    assert store.readings(["a1", "a2"]) == {}
    assert _met(store) == [("halle", "a1", "title")]
    assert store.sightings(["a1", "a2"]) == {"a1": (HALLE,)}
    assert store.articles_to_read("r2") == []
    assert store.db.execute("SELECT count(*) FROM occurrences").fetchone() == (0,)


def test_occurrences_come_in_the_order_of_what_was_read_and_judged(store: Store) -> None:
    store.save_readings("r1", [replace(_reading(i), occurrences=i.encode()) for i in ("a2", "a1")])
    assert store.occurrences_of_read("r1", "v1") == []
    store.save_judgements([Judgement(i, (), None, (), None, Kind.NEWS) for i in ("a2", "a1")], "v1")
    assert store.occurrences_of_read("r1", "v1") == [b"a1", b"a2"]
    assert store.texts(["a1", "absent"]) == {"a1": ("Halle", "Le texte.")}


def test_recipes_are_noted_once(store: Store) -> None:
    recipe = Recipe("r1", "cadre", (("tourisme", "v1"), ("climat", "v2")))
    store.add_recipe(recipe)
    store.add_recipe(recipe)
    assert store.recipe("r1") == recipe
    assert store.recipe("r2") is None


def test_whatever_a_rehearsal_keeps_in_memory_moves_the_count(store: Store) -> None:
    judgement = Judgement("a1", (), None, (), None, Kind.NEWS)
    with store.atomic():
        store.append_review(Review("a2", "tourisme", Act.PUBLISHED, "lea", NOW))
    for write in (
        lambda: store.save_readings("r1", [_reading("a1", HALLE), _reading("a2", HALLE)]),
        lambda: store.save_readings("r1", [_reading("a1", HALLE)]),  # the same once more
        lambda: store.carry_readings(["a1"], "r2"),
        lambda: store.save_judgements([judgement], "v1"),
        lambda: store.save_judgements([judgement], "v2"),
        lambda: store.certify(["a1"], "v3"),
        lambda: store.save_vectors("e1", {"a1": b"\0"}),
        lambda: store.save_vectors("e2", {"a1": b"\1"}),
        lambda: store.forget_readings(["a1"]),
        lambda: store.forget_readings(["a2"]),  # somebody acted on it: its words stay, its keys go
    ):
        before = store.corpus_count()
        write()
        assert store.corpus_count() > before
    before = store.corpus_count()
    store.append_review(Review("a1", "tourisme", Act.PUBLISHED, "lea", NOW))
    store.save_fingerprints([("a1", "2026-11-20", b"\0")])
    assert store.corpus_count() == before  # a verdict moves nothing: it is read anew


def test_a_snapshot_sees_one_moment(tmp_path: Path) -> None:
    with Store(tmp_path / "v.db") as store, Store(tmp_path / "v.db") as other:
        with store.snapshot():
            before = store.corpus_count()
            other.save_vectors("e1", {"a1": b"\0"})
            assert store.corpus_count() == before
        assert store.corpus_count() == before + 1
        store.save_vectors("e1", {"a2": b"\0"})  # it writes again after that
