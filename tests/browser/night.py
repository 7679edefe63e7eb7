"""One night's worth of drafts, made of the built-in samples without running the night.

The words, subjects, kinds, events and deadlines are those the samples declare; the keywords are found by the
matcher; only the scores are invented, and they fall from one draft to the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from curation.accounts import Account, AccountRole
from curation.decide.draft import make_draft
from curation.decide.review import Refusal
from curation.store.store import Store
from curation.types import (
    Act,
    Article,
    Cause,
    CommunityScore,
    Draft,
    Duplicate,
    Event,
    Evidence,
    Failure,
    FeedEntry,
    FeedState,
    Judgement,
    Kind,
    Placement,
    Rejection,
    Review,
    Role,
    RunReport,
    Source,
    SourceKind,
)
from curation.web.secrets import hash_password
from curation.web.verdicts import Clerk
from curation.web.words import Words
from taxonomy.match import Matcher

SAMPLES = Path(__file__).parents[2] / "samples" / "items"
NOW = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
TODAY = NOW.date()
#: The queue of the first one is long; nothing was found for the last one.
COMMUNITIES = (
    "developpement-des-territoires", "tourisme", "transition-ecologique", "urbanisme-amenagement",
    "innovation-publique",
)  # fmt: skip
LONG, EMPTY = COMMUNITIES[0], COMMUNITIES[-1]
FILES = (
    "01-developpement", "02-economie", "03-transition", "04-tourisme", "05-urbanisme", "10-pays", "09-hors-sujet",
)  # fmt: skip
PASSWORD = "une phrase de passe assez longue"
_HASHED = hash_password(PASSWORD)
_LATER = re.compile(r"[A-Z]\+(\d+)(?:>(\d+))?\s*(.*)")


def people() -> list[Account]:
    """Léa has the long queue and tourisme; Tom the others; Zoé coordinates; Max administers; Ana has nothing yet."""
    mine, theirs = (LONG, "tourisme"), ("tourisme", "transition-ecologique", "urbanisme-amenagement")
    return [
        Account("lea", "Léa Martin", AccountRole.ANIMATEUR, mine, _HASHED),
        Account("tom", "Tom Petit", AccountRole.ANIMATEUR, theirs, _HASHED),
        Account("zoe", "Zoé Blanc", AccountRole.COORDONNATEUR, COMMUNITIES, _HASHED),
        Account("max", "Max Dupré", AccountRole.ADMINISTRATEUR, (), _HASHED),
        Account("ana", "Ana Roche", AccountRole.ANIMATEUR, (), _HASHED),
    ]


def fill(store: Store, words: Words) -> None:
    """Accounts, sources, articles, drafts, some verdicts of Tom's, two runs, what was left out."""
    for account in people():
        store.add_account(account, NOW - timedelta(days=90))
    sources = _sources()
    store.sync_sources(sources)
    samples = [s for s in _samples() if "title" in s]
    articles = [_article(n, s) for n, s in enumerate(samples)]
    judgements = [_judgement(a, s, words) for a, s in zip(articles, samples, strict=True)]
    store.save_harvests(_harvests(sources, articles), NOW - timedelta(hours=4))
    links = [(_source(n, sources).id, f"g-{a.id}", a.id) for n, a in enumerate(articles)]
    store.save_articles(articles, links, NOW - timedelta(hours=4))
    store.save_judgements(judgements, "v1")
    folded = list(_duplicates(samples, {s["id"]: a.id for s, a in zip(samples, articles, strict=True)}))
    store.save_duplicates(folded)
    behind = {d.id for d in folded if d.of}
    drafts = [
        make_draft(article, judgement, [_source(n, sources)], words[c.id], lead=judgement.lead == c.id)
        for n, (article, judgement) in enumerate(zip(articles, judgements, strict=True))
        for c in judgement.communities
        if c.selected and article.id not in behind
    ]
    store.replace_waiting_drafts(_ranked(drafts), "v1", NOW - timedelta(hours=3))
    _work(store, words)
    _nights(store, sources, len(drafts))


@cache
def _samples() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name in FILES:
        found += yaml.load((SAMPLES / f"{name}.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    return found


def _article(n: int, sample: dict[str, Any]) -> Article:
    text = "\n".join(p for p in (sample.get("summary", ""), sample.get("body", "")) if p)
    failure = Failure(Cause.PAYWALL, f"https://presse{n % 7}.exemple.fr/{n}", at=NOW) if n % 11 == 5 else None
    return Article(
        id=f"{n:016x}",
        url=f"https://presse{n % 7}.exemple.fr/{sample['id']}",
        title=sample["title"],
        text=text,
        published=NOW - timedelta(hours=5 * n + 3),
        language="fr",
        site=f"presse{n % 7}.exemple.fr",
        authors=("La rédaction",),
        origin="feed" if failure else "page",
        failure=failure,
    )


@cache
def _matcher(words: Words) -> Matcher:
    return Matcher(words[c] for c in words)


def _evidence(article: Article, words: Words) -> dict[str, tuple[Evidence, ...]]:
    found: dict[str, list[Evidence]] = {c: [] for c in words}
    for where, text in (("title", article.title), ("body", article.text)):
        for m in _matcher(words).match(text):
            found[m.taxonomy].append(Evidence(m.concept, m.label, where, 1.0, m.start, m.end))
    return {c: tuple(e[:12]) for c, e in found.items()}


def _judgement(article: Article, sample: dict[str, Any], words: Words) -> Judgement:
    """Its own community and those the sample names; the long queue takes every subject of the samples' first files."""
    lead, _, dossier = str(sample.get("lead") or "").partition("/")
    evidence = _evidence(article, words)
    concerned = {lead, *sample.get("rel", {}), LONG if lead else ""} - {EMPTY}
    scores = tuple(
        CommunityScore(
            c,
            0.8 if c == lead else 0.6 if c in concerned else 0.2,
            c in concerned,
            evidence[c],
            tuple(f"« {label} » dans le texte" for label in dict.fromkeys(e.label for e in evidence[c]))[:4],
        )
        for c in words
    )
    known = lead in words
    return Judgement(
        article.id,
        tuple(sorted(scores, key=lambda s: -s.score)),
        lead if known else None,
        tuple(c for c in sample.get("rel", {}) if c in words),
        Placement(lead, dossier, 0.8) if known and dossier else None,
        Kind(sample.get("kind", "news")),
        _event(str(sample.get("event", ""))),
        TODAY + timedelta(days=int(sample["deadline"][2:]) // 5) if "deadline" in sample else None,
    )


def _event(text: str) -> Event | None:
    found = _LATER.match(text)
    if not found:
        return None
    start = TODAY + timedelta(days=int(found[1]) // 6)
    return Event(start, start + timedelta(days=int(found[2])) if found[2] else None, found[3] or None)


def _duplicates(samples: list[dict[str, Any]], ids: dict[str, str]) -> Iterator[Duplicate]:
    groups: set[str] = set()
    for sample in samples:
        for key, role, score in (("copy_of", Role.COPY, 0.95), ("story_of", Role.STORY, 0.7)):
            first = sample.get(key)
            if first in ids and sample["id"] in ids:
                if first not in groups:
                    yield Duplicate(ids[first], ids[first], Role.REPRESENTATIVE, None, 1.0)
                groups.add(first)
                yield Duplicate(ids[sample["id"]], ids[first], role, ids[first], score)


def _ranked(drafts: list[Draft]) -> list[Draft]:
    seen: dict[str, int] = {}
    ranked = []
    for draft in sorted(drafts, key=lambda d: (-d.score, d.article)):
        rank = seen[draft.community] = seen.get(draft.community, 0) + 1
        ranked.append(replace(draft, score=round(0.97 - rank / 100, 4)))
    return ranked


def _work(store: Store, words: Words) -> None:
    """What Tom did yesterday: verdicts of every kind, a share with Léa, a note, a draft handed over."""
    then = NOW - timedelta(hours=20)
    clerk = Clerk(store, words, "tom", then, then.date())
    queue = [d.article for d in store.queue("tourisme")]

    def act(article: str, act: Act, **more: Any) -> None:
        done = clerk.record(Review(article, "tourisme", act, "tom", then, **more), seen=None)
        assert not isinstance(done, Refusal)

    act(queue[1], Act.PUBLISHED, post_url="https://communaute.exemple.fr/billet/12")
    act(queue[1], Act.REFERENCED, until=TODAY - timedelta(days=2))
    act(queue[2], Act.KEPT, until=TODAY + timedelta(days=5))
    act(queue[3], Act.REJECTED, reason=Rejection.TOO_LOCAL)
    act(queue[4], Act.FOLDED, target=queue[0])
    act(queue[5], Act.SHARED, target="transition-ecologique", note="Pour votre dossier mobilités ?")
    act(queue[6], Act.NOTED, note="La date reste à vérifier.")
    act(queue[6], Act.GIVEN, target="lea")
    share = Review(queue[7], "tourisme", Act.SHARED, "tom", then, target=LONG, note="À relire par chez vous.")
    clerk.record(share, seen=None)
    done = clerk.record(Review(queue[8], "tourisme", Act.REJECTED, "tom", then, reason=Rejection.OUTDATED), seen=None)
    assert isinstance(done, Review)
    clerk.undo(done.id)


def _sources() -> list[Source]:
    kinds = [SourceKind.FEED, SourceKind.FEED, SourceKind.FOLDER, SourceKind.PAGE]
    return [
        Source(f"s{n}", name, f"https://source{n}.exemple.fr/rss", kinds[n % 4], 0.3 + n / 20)
        for n, name in enumerate(
            ("La Lettre du littoral", "Maires de demain", "Bulletin documentaire", "Destinations", "Courrier des pays",
             "Revue des villes", "Agence du Val")
        )
    ]  # fmt: skip


def _source(n: int, sources: list[Source]) -> Source:
    return sources[n % len(sources)]


def _harvests(sources: list[Source], articles: list[Article]) -> list[tuple[FeedState, list[FeedEntry]]]:
    """Two sources are in trouble, one for long."""
    night = NOW - timedelta(hours=4)
    states = {s.id: FeedState(s.id, last_success=night) for s in sources}
    gone = Failure(Cause.GONE, sources[5].url, status=410, at=night)
    slow = Failure(Cause.TIMEOUT, sources[6].url, at=night)
    states["s5"] = FeedState("s5", failures=9, last_success=night - timedelta(days=12), last_failure=gone)
    states["s6"] = FeedState("s6", failures=2, last_failure=slow, next_due=NOW + timedelta(hours=6))
    entries: dict[str, list[FeedEntry]] = {s.id: [] for s in sources}
    for n, a in enumerate(articles):
        source = _source(n, sources).id
        entries[source].append(FeedEntry(source, f"g-{a.id}", a.url, a.title, a.text[:200], published=a.published))
    return [(states[s.id], entries[s.id]) for s in sources]


def _nights(store: Store, sources: list[Source], drafts: int) -> None:
    for days in range(9, -1, -1):
        started = datetime.combine(TODAY - timedelta(days=days), time(3), UTC)
        report = RunReport(
            started, started + timedelta(minutes=6), len(sources), len(sources), 2, 90 - days, 80 - days, drafts, 6,
            failures={Cause.GONE.value: 1, Cause.TIMEOUT.value: 1 + days % 3, Cause.PAYWALL.value: 6},
            durations={"moisson": 61.0, "pages": 120.5, "tri": 44.2},
            drafts_by_community={c: 3 + n for n, c in enumerate(COMMUNITIES[:-1])},
            resumed=days == 4,
        )  # fmt: skip
        run = store.start_run(report)
        store.add_failures(
            run,
            [
                ("s5", Failure(Cause.GONE, sources[5].url, status=410, at=started)),
                ("s6", Failure(Cause.TIMEOUT, sources[6].url, at=started)),
                (None, Failure(Cause.PAYWALL, "https://presse2.exemple.fr/reserve", at=started)),
            ],
        )
        store.finish_run(run, report)
