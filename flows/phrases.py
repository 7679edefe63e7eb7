"""Noun phrases of what people judged, found once and kept: what the workbench makes its proposals of."""

from __future__ import annotations

from curation.store.store import Store
from models.noun_phrases import RECIPE

#: Articles read and kept in one go.
BATCH = 128


def keep_phrases(store: Store) -> int:
    """Find and keep the noun phrases of what people judged; returns how many articles were read."""
    from models.noun_phrases import noun_phrases

    articles = store.articles_to_phrase(RECIPE)
    for i in range(0, len(articles), BATCH):
        texts = {a.id: f"{a.title}. {a.text}" for a in store.articles(articles[i : i + BATCH]).values()}
        store.save_phrases(RECIPE, dict(zip(texts, noun_phrases(texts.values()), strict=True)))
    return len(articles)
