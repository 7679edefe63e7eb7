"""From judgements to ranked queues: what the store holds, handed to the pure functions of ``decide``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from curation.config import Settings
from curation.decide.draft import make_draft
from curation.decide.hesitation import NEAR_SHARE, hesitations
from curation.decide.rank import Signals, likeness, one_per_story, rank
from curation.decide.signals import Floats, lexical
from curation.store.store import Store
from curation.types import Article, Draft, DraftStatus, Judgement, Source
from flows.judge import Judge
from models.vectors import from_bytes
from taxonomy.types import Taxonomy

#: Why a draft under the threshold is in a queue.
QUESTION = "juste sous le seuil : votre avis aidera à trancher les prochains"


def queue_drafts(store: Store, judge: Judge, settings: Settings, since: datetime, now: datetime) -> int:
    """Rank the drafts of every community and queue them. Returns how many are new."""
    ids = store.articles_judged(since)
    articles, judgements, sources = store.articles(ids), store.judgements(ids), store.article_sources(ids)
    alone, merit = {member for member, _ in store.separated()}, {i: judgements[i].communities[0].score for i in ids}
    # chosen first, dated after: when a representative grows old, its copies must not take its place as news
    chosen = [i for i in one_per_story(ids, store.duplicates(ids), alone, merit) if _recent(articles[i], since)]
    published = [a for (a, _), verdict in store.reviewed().items() if verdict is DraftStatus.PUBLISHED]
    vectors_of = store.vectors([*chosen, *published])
    dimension = judge.encoder.dimension
    centred = judge.semantics.centred
    known = centred(from_bytes(b"".join(vectors_of[a] for a in published if a in vectors_of), dimension))
    told = store.vectors(store.reviewed_articles())
    settled = centred(from_bytes(b"".join(told.values()), dimension))
    by_community: dict[str, list[str]] = {}
    for i in chosen:
        by_community.setdefault(str(judgements[i].lead), []).append(i)
    weights = settings.ranking.model_dump()
    queue: list[Draft] = []
    for taxonomy in judge.taxonomies:
        mine = by_community.get(taxonomy.id, [])
        vectors = centred(from_bytes(b"".join(vectors_of[i] for i in mine), dimension))
        drafts = [make_draft(articles[i], judgements[i], sources.get(i, ()), taxonomy) for i in mine]
        signals = [
            signals_of(articles[i], judgements[i], sources.get(i, ()), taxonomy, judge, v, known)
            for i, v in zip(mine, vectors, strict=True)
        ]
        queue += rank(drafts, signals, vectors, today=now.date(), weights=weights)
        queue += _questions(store, judge, settings, taxonomy, settled, since)
    return store.replace_waiting_drafts(queue, judge.version, now)


def _questions(
    store: Store, judge: Judge, settings: Settings, taxonomy: Taxonomy, settled: Floats, since: datetime
) -> list[Draft]:
    """A few drafts just under the threshold, where a verdict would teach most; each says so."""
    threshold = judge.thresholds[taxonomy.id]
    found = store.undecided(taxonomy.id, since, NEAR_SHARE * threshold, threshold)
    ids = [article for article, _ in found]
    articles, vectors_of = store.articles(ids), store.vectors(ids)
    kept = [(i, score) for i, score in found if i in vectors_of and _recent(articles[i], since)]
    vectors = judge.semantics.centred(from_bytes(b"".join(vectors_of[i] for i, _ in kept), judge.encoder.dimension))
    asked = hesitations(
        [i for i, _ in kept], np.array([s for _, s in kept]), vectors, settled, threshold,
        settings.thresholds.hesitations,
    )  # fmt: skip
    ids = [kept[k][0] for k in asked]
    judgements, sources = store.judgements(ids), store.article_sources(ids)
    drafts = [make_draft(articles[i], judgements[i], sources.get(i, ()), taxonomy) for i in ids]
    return [replace(d, reasons=(*d.reasons, QUESTION)) for d in drafts]


def _recent(article: Article, since: datetime) -> bool:
    return article.published is None or article.published >= since


def signals_of(
    article: Article,
    judgement: Judgement,
    sources: Sequence[Source],
    taxonomy: Taxonomy,
    judge: Judge,
    vector: Floats,
    published: Floats,
) -> Signals:
    """What ranking asks of an article besides its draft.

    ``vector`` (d,) and ``published`` (k, d): centred, of the article and of what was published before.
    """
    evidence = next(c for c in judgement.communities if c.id == taxonomy.id).evidence
    whole = sum(e.weight for e in evidence if e.where != "sense")
    share, label = 0.0, ""
    for priority in taxonomy.priorities:
        part = sum(e.weight for e in evidence if e.concept in priority.concepts)
        if whole and part / whole > share:
            share, label = part / whole, priority.pref_label
    novelty = 1.0
    if len(published):
        novelty = 1 - float(likeness(published @ vector).max())
    return Signals(
        priority=min(1.0, share),
        priority_label=label,
        authority=max((s.authority for s in sources), default=0.3),
        audience=_audience(article, judge),
        novelty=novelty,
        provenances=len(sources),
    )


def _audience(article: Article, judge: Judge) -> float:
    """How much the title and the lead speak of territories: what agents of local authorities can use."""
    words = judge.words
    if words.territorial is None:
        return 0.0
    met = lexical(
        words.territorial,
        [m for m in words.matcher.match(article.title) if m.taxonomy == words.territorial.id],
        [m for m in words.matcher.match(article.text[:600]) if m.taxonomy == words.territorial.id],
    )
    return float(1 - np.exp(-met.total))
