"""A store as it stands after months: 100,000 drafts waiting in eight queues, with what hangs on them.

Every row is written by the store's own methods. ``recent`` drafts are the night's (it ranks and writes them again
each time); the others are older than the night looks back, and stay as drafts that people kept or added stay. Texts
are invented; vectors are random unit vectors: the desk reads none, and the night only compares them.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

import numpy as np

from bench.invented import items
from curation.accounts import Account, AccountRole
from curation.config import Settings
from curation.decide.draft import make_draft
from curation.decide.review import state_of
from curation.store.store import Store
from curation.types import (
    Act,
    Article,
    CommunityScore,
    Draft,
    Duplicate,
    Event,
    Evidence,
    FeedEntry,
    FeedState,
    Item,
    Judgement,
    Kind,
    Placement,
    Rejection,
    Review,
    Role,
    Source,
)
from curation.web.secrets import hash_password
from flows.judge import Judge
from flows.steps import fingerprint_batch
from models.vectors import to_bytes
from taxonomy.types import Taxonomy

PASSWORD = "une phrase de passe assez longue"
SOURCES = 200
BATCH = 2000


def seed(settings: Settings, judge: Judge, people: Sequence[str], drafts: int, recent: int, now: datetime) -> None:
    """Fill an empty store: ``drafts`` waiting, a tenth as many duplicates behind them, a fiftieth already settled."""
    dice = random.Random(1)
    communities = judge.taxonomies
    sources = [
        Source(f"banc-{n}", f"Source inventée n° {n}", f"http://127.0.0.1:9/{n}", authority=n % 10 / 10)
        for n in range(SOURCES)
    ]
    with Store(settings.database) as store:
        for source in sources:
            store.add_source(source, "desk")
            store.save_harvest(FeedState(source.id, next_due=now + timedelta(days=999)), [], now)
        for login in people:
            name, role = login.capitalize(), AccountRole.ADMINISTRATEUR
            store.add_account(Account(login, name, role, (), hash_password(PASSWORD)), now)
        total = drafts + drafts // 10
        numbered = enumerate(items(total))
        while batch := list(islice(numbered, BATCH)):
            articles, judgements, entries, queued, groups = [], [], [], [], []
            for n, (title, text) in batch:
                days = dice.random() * 50 if n < recent else 62 + dice.random() * 20
                source = sources[n % SOURCES]
                article = Article(
                    f"{n:016x}", f"https://banc.example/{n}", title, text, now - timedelta(days=days), "fr",
                    "banc.example",
                )  # fmt: skip
                taxonomy = communities[n % len(communities)]
                judgement = _judgement(article, taxonomy, communities, dice, now)
                articles.append(article)
                judgements.append(judgement)
                entries.append(FeedEntry(source.id, str(n), article.url, title, text[:300], article.published))
                head = f"{(n - drafts) * 7 % drafts:016x}" if n >= drafts else None
                part = Role.REPRESENTATIVE if head is None else Role.COPY if n % 3 else Role.STORY
                groups.append(Duplicate(article.id, head or article.id, part, head, 0.9 if head else 1.0))
                if n < drafts:
                    draft = make_draft(article, judgement, [source], taxonomy)
                    queued.append(replace(draft, score=round(dice.random(), 4)))
            _save(store, judge, articles, judgements, entries, groups, queued, recent, now)
        _settle(store, [f"{n:016x}" for n in range(drafts, total)], drafts // 50, people, communities, now)
        store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _save(
    store: Store,
    judge: Judge,
    articles: Sequence[Article],
    judgements: Sequence[Judgement],
    entries: Iterable[FeedEntry],
    groups: Iterable[Duplicate],
    queued: Sequence[Draft],
    recent: int,
    now: datetime,
) -> None:
    by_source: dict[str, list[FeedEntry]] = {}
    for entry in entries:
        by_source.setdefault(entry.source, []).append(entry)
    later = now + timedelta(days=999)  # nothing answers at these addresses: the night leaves them alone
    store.save_harvests([(FeedState(s, next_due=later), found) for s, found in by_source.items()], now)
    for added, part in _by_age(articles, recent, now):
        links = [(f"banc-{int(a.id, 16) % SOURCES}", str(int(a.id, 16)), a.id) for a in part]
        store.save_articles(part, links, added)
    # the night compares recent texts only: of the others the title is enough, and ten times faster to read
    found = [
        Item(a.id, a.title, a.text if int(a.id, 16) < recent else "", a.url, "", a.published.date())
        for a in articles
        if a.published
    ]
    prints = fingerprint_batch(found)
    days = [i.date.isoformat() for i in found if i.date]
    store.save_fingerprints(zip((a.id for a in articles), days, prints, strict=True))
    vectors = np.random.default_rng(int(articles[0].id, 16)).normal(size=(len(articles), judge.encoder.dimension))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    store.save_vectors(judge.encoder.version, {a.id: to_bytes(v) for a, v in zip(articles, vectors, strict=True)})
    store.save_judgements(judgements, judge.version)
    store.save_duplicates(groups)
    with store.atomic():
        for draft in queued:
            store.add_draft(draft, "night" if int(draft.article, 16) < recent else "added", now, judge.version)


def _by_age(articles: Sequence[Article], recent: int, now: datetime) -> Iterator[tuple[datetime, list[Article]]]:
    """The night looks back 60 days by date of arrival: old articles arrived before that."""
    for old in (False, True):
        part = [a for a in articles if (int(a.id, 16) >= recent) is old]
        if part:
            yield now - timedelta(days=75 if old else 1), part


def _judgement(
    article: Article, taxonomy: Taxonomy, communities: Sequence[Taxonomy], dice: random.Random, now: datetime
) -> Judgement:
    concepts = dice.sample(taxonomy.concepts, 3)
    at = [dice.randrange(len(article.text) - 20) for _ in concepts]
    evidence = tuple(
        Evidence(c.id, c.pref_label, "body", round(dice.uniform(0.2, 1.5), 2), start, start + 12)
        for c, start in zip(concepts, at, strict=True)
    )
    scores = [
        CommunityScore(t.id, 0.9 if t is taxonomy else round(dice.random() * 0.4, 3), t is taxonomy,
                       evidence if t is taxonomy else evidence[:1],
                       (f"« {concepts[0].pref_label} » dans le texte",) if t is taxonomy else ())
        for t in communities
    ]  # fmt: skip
    scores.sort(key=lambda s: -s.score)
    day = (now + timedelta(days=dice.randint(1, 200))).date()
    return Judgement(
        article.id, tuple(scores), taxonomy.id, (), Placement(taxonomy.id, dice.choice(taxonomy.dossiers).id, 0.7),
        dice.choice(list(Kind)), Event(day) if dice.random() < 0.05 else None, day if dice.random() < 0.05 else None,
    )  # fmt: skip


def _settle(
    store: Store,
    spare: Sequence[str],
    count: int,
    people: Sequence[str],
    communities: Sequence[Taxonomy],
    now: datetime,
) -> None:
    """Work already done: drafts of the spare articles, published or rejected over the last months."""
    known, judged = store.articles(spare[:count]), store.judgements(spare[:count])
    by_id = {t.id: t for t in communities}
    for n, article in enumerate(spare[:count]):
        lead = str(judged[article].lead)
        act = Act.PUBLISHED if n % 4 == 0 else Act.REJECTED
        reason = "" if act is Act.PUBLISHED else Rejection.OFF_TOPIC.value
        review = Review(article, lead, act, people[n % len(people)], now - timedelta(hours=n % 1400), reason)
        with store.atomic():
            store.add_draft(make_draft(known[article], judged[article], [], by_id[lead]), "added", now)
            store.save_state(article, lead, state_of([store.append_review(review)]), now.date())
