"""The night's grouping over a store: the same places however the articles were spread over nights."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from curation.decide.dedupe import DedupeParams, Fingerprint, group
from curation.store.store import Store
from curation.types import Article, Duplicate
from flows.regroup import regroup
from flows.steps import fingerprint_batch, item_of, word_rarity
from models.vectors import from_bytes, to_bytes
from tests.decide.test_incremental import flood, news

NOW = datetime(2026, 4, 1, 4, tzinfo=UTC)
DIMENSION = 8


def articles() -> list[Article]:
    found = []
    for n, item in enumerate([*news(9, 120), *flood(160)]):
        day = datetime(item.date.year, item.date.month, item.date.day, tzinfo=UTC) if item.date else None
        url = f"https://{item.source}.example/{n}"
        found.append(Article(f"{n:016x}", url, item.title, item.text, published=day, site=item.source, origin="feed"))
    return found


def night(store: Store, arrivals: list[Article]) -> int:
    """What ``curate`` does before grouping, with vectors of our own."""
    store.save_articles(arrivals, [], NOW)
    items = [item_of(a, a.site or "") for a in arrivals]
    prints = fingerprint_batch(items)
    store.save_fingerprints((i.id, (i.date or NOW.date()).isoformat(), p) for i, p in zip(items, prints, strict=True))
    store.save_vectors("e", {a.id: _vector(a) for a in arrivals})
    return regroup(store, DIMENSION, DedupeParams())


def _vector(article: Article) -> bytes:
    dice = np.random.default_rng(sum(article.title.encode()))
    row = dice.normal(size=DIMENSION)
    return to_bytes((row / np.linalg.norm(row)).astype(np.float32))


def expected(store: Store, ids: list[str]) -> dict[str, Duplicate]:
    prints, vectors = store.fingerprints(ids), store.vectors(ids)
    fingerprints = [Fingerprint.from_bytes(prints[i]) for i in ids]
    rows = from_bytes(b"".join(vectors[i] for i in ids), DIMENSION)
    found = group(fingerprints, rows, rarity=word_rarity(), params=DedupeParams(story_days=3))
    return {d.id: d for d in found}


@pytest.mark.parametrize("size", [11, 70, 1000])
def test_places_do_not_depend_on_the_nights(size: int) -> None:
    every = articles()
    random.Random(size).shuffle(every)
    with Store(None) as store:
        repeats = [night(store, every[i : i + size]) for i in range(0, len(every), size)]
        ids = [a.id for a in every]
        places = store.duplicates(ids)
        assert places == expected(store, ids)
        assert sum(repeats) > 20
        assert regroup(store, DIMENSION, DedupeParams()) == 0


def test_a_text_that_changed_leaves_no_trace_of_the_old_one() -> None:
    every = articles()[:60]
    with Store(None) as store:
        night(store, every)
        for article in every[:10]:
            store.forget_repeats(article.id)
        assert store.articles_to_fingerprint() == sorted(a.id for a in every[:10])
        night(store, every[:10])
        ids = [a.id for a in every]
        assert store.duplicates(ids) == expected(store, ids)


def test_keys_of_another_recipe_are_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    every = articles()[:40]
    with Store(None) as store:
        night(store, every[:30])
        monkeypatch.setattr("flows.regroup.RECIPE", "other")
        night(store, every[30:])
        ids = [a.id for a in every]
        assert store.duplicates(ids) == expected(store, ids)
        assert store.articles_to_index("nothing like it") == sorted(ids)


def test_an_article_somebody_acted_on_comes_to_represent_its_group() -> None:
    text = "Le conseil municipal de Vierzon a adopté à l'unanimité le budget primitif, sans hausse de la fiscalité."
    early, late, other = (
        Article(f"{n:016x}", f"https://{n}.example/a", "Vierzon vote son budget", text, published=NOW + timedelta(n))
        for n in range(3)
    )
    with Store(None) as store:
        night(store, [early, late])
        assert store.duplicates([late.id])[late.id].of == early.id
        store.db.execute(
            "INSERT INTO reviews (article, community, act, reviewer, at) VALUES (?, 'tourisme', 'keep', 'x', '2026')",
            [late.id],
        )
        night(store, [other])
        assert {d.group for d in store.duplicates([early.id, late.id, other.id]).values()} == {late.id}


def test_a_page_that_replaces_a_feed_text_frees_its_group() -> None:
    every = articles()
    with Store(None) as store:
        night(store, every)
        grouped = next(d for d in store.duplicates([a.id for a in every]).values() if d.of)
        store.forget_repeats(grouped.id)
        free = {article for article, _ in store.articles_to_group()}
        assert grouped.of in free  # its fellows are placed again with the new text
        assert store.fingerprints([grouped.id]) == {}
