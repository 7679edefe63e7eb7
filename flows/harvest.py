"""sources -> entries -> articles. Order only; the network is asked from here, workers parse and extract."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from curation.config import Settings
from curation.gather.backoff import next_due
from curation.gather.canonical import article_id
from curation.gather.outcome import Fetched, NotModified, Request
from curation.store.store import Store
from curation.types import Failure, FeedEntry, FeedState, ParsedFeed, Source, SourceKind
from flows.network import Network
from flows.progress import Progress
from flows.runner import task_runner
from flows.steps import Body, extract_batch, parse_batch, read_local

T = TypeVar("T")
#: Sources asked, and pages asked, between two writes: a killed night loses at most that.
SOURCES_AT_ONCE, PAGES_AT_ONCE = 64, 128
PARSE_BATCH, EXTRACT_BATCH = 16, 32

_new_task = partial(task, cache_policy=NO_CACHE, persist_result=False, retries=1)
parse_task: Any = _new_task(name="lire-flux")(parse_batch)
extract_task: Any = _new_task(name="extraire")(extract_batch)


@dataclass(slots=True)
class Harvested:
    """Figures of one harvest."""

    sources: int = 0
    due: int = 0
    unchanged: int = 0
    entries_new: int = 0
    articles_new: int = 0
    failures: list[tuple[str | None, Failure]] = field(default_factory=list)


def harvest(settings: Settings, now: datetime, progress: Progress) -> Harvested:
    """Run the flow on the engine of the settings."""
    run = harvest_flow.with_options(task_runner=task_runner(settings.engine))
    result: Harvested = run(settings, now, progress)
    return result


@flow(name="moisson", validate_parameters=False, persist_result=False)
def harvest_flow(settings: Settings, now: datetime, progress: Progress) -> Harvested:
    """Ask every source that is due, then fetch the page of every new entry."""
    done = Harvested()
    with Store(settings.database) as store, Network(settings.politeness) as network:
        store.sync_sources(s.to_source() for s in settings.sources)
        due = store.sources_due(now)
        done.sources, done.due = len(store.sources()), len(due)
        with progress.step("sources", "Sources interrogées", len(due)) as advance:
            for batch in _batches(due, SOURCES_AT_ONCE):
                _harvest_sources(store, network, batch, settings, now, done)
                advance(len(batch))
        waiting = store.entries_without_article()
        with progress.step("articles", "Articles extraits", len(waiting)) as advance:
            for entries in _by_article(waiting):
                _harvest_articles(store, network, entries, settings, now, done)
                advance(sum(len(group) for _, group in entries))
        store.forget_texts(now, settings.retention_days)
    return done


def _harvest_sources(
    store: Store,
    network: Network,
    batch: Sequence[tuple[Source, FeedState]],
    settings: Settings,
    now: datetime,
    done: Harvested,
) -> None:
    remote = [(s, st) for s, st in batch if s.kind in (SourceKind.FEED, SourceKind.PAGE)]
    requests = [
        Request(
            state.moved_to or source.url,
            "feed" if source.kind is SourceKind.FEED else "page",
            state.etag,
            state.last_modified,
        )
        for source, state in remote
    ]
    bodies: list[tuple[Source, FeedState, Fetched]] = []
    for (source, state), outcome in zip(remote, network.ask(requests), strict=True):
        if isinstance(outcome, Failure):
            _save_failure(store, source, state, outcome, settings, now, done)
        elif isinstance(outcome, NotModified):
            done.unchanged += 1
            store.save_harvest(_succeeded(state, outcome.permanent_url, settings, now), [], now)
        else:
            bodies.append((source, state, outcome))
    parts = list(_batches(bodies, PARSE_BATCH))
    futures = [
        parse_task.submit([(s, Body(f.final_url, f.content_type or None, f.body)) for s, _, f in part], now)
        for part in parts
    ]
    for part, future in zip(parts, futures, strict=True):
        for (source, state, fetched), parsed in zip(part, future.result(), strict=True):
            state = replace(state, etag=fetched.etag, last_modified=fetched.last_modified)
            _save_parsed(store, source, state, parsed, fetched.permanent_url, settings, now, done)
    for source, state in batch:
        if source.kind in (SourceKind.FOLDER, SourceKind.IMAP):
            _save_parsed(store, source, state, read_local(source, now), None, settings, now, done)


def _save_parsed(
    store: Store,
    source: Source,
    state: FeedState,
    parsed: ParsedFeed,
    moved_to: str | None,
    settings: Settings,
    now: datetime,
    done: Harvested,
) -> None:
    if parsed.failure is not None and not parsed.entries:
        _save_failure(store, source, replace(state, etag=None, last_modified=None), parsed.failure, settings, now, done)
        return
    if parsed.failure is not None:
        done.failures.append((source.id, parsed.failure))
    done.entries_new += store.save_harvest(_succeeded(state, moved_to, settings, now), parsed.entries, now)


def _succeeded(state: FeedState, moved_to: str | None, settings: Settings, now: datetime) -> FeedState:
    return replace(
        state,
        moved_to=moved_to or state.moved_to,
        failures=0,
        last_success=now,
        last_failure=None,
        next_due=now + timedelta(hours=settings.harvest_every_hours),
    )


def _save_failure(
    store: Store, source: Source, state: FeedState, failure: Failure, settings: Settings, now: datetime, done: Harvested
) -> None:
    failure = replace(failure, at=now)
    done.failures.append((source.id, failure))
    # an address remembered from a redirect may die: the configured one is tried again next time
    failed = replace(state, failures=state.failures + 1, last_failure=failure, moved_to=None)
    polite = settings.politeness
    due = next_due(failed, now, base_s=polite.backoff_base_s, max_s=polite.backoff_max_s)
    store.save_harvest(replace(failed, next_due=due), [], now)


Group = tuple[str, list[FeedEntry]]


def _by_article(entries: Sequence[FeedEntry]) -> Iterable[list[Group]]:
    """Entries of one article together, articles in a stable order, by batches of pages."""
    groups: dict[str, list[FeedEntry]] = {}
    for entry in entries:
        groups.setdefault(article_id(entry.url or f"urn:veille:{entry.source}:{entry.guid}"), []).append(entry)
    return _batches(sorted(groups.items()), PAGES_AT_ONCE)


def _harvest_articles(
    store: Store, network: Network, groups: Sequence[Group], settings: Settings, now: datetime, done: Harvested
) -> None:
    known = store.known_articles(identity for identity, _ in groups)
    oldest = now - timedelta(days=settings.thresholds.max_age_days)
    fresh = [(identity, best_entry(entries)) for identity, entries in groups if identity not in known]
    # an old item will never be drafted: its page is not asked for
    asked = [i for i, (_, e) in enumerate(fresh) if e.url.startswith("http") and (e.published or now) >= oldest]
    outcomes = dict(zip(asked, network.ask([Request(fresh[i][1].url, "page") for i in asked]), strict=True))
    batch: list[tuple[str, FeedEntry, Body | Failure | None]] = []
    for i, (identity, entry) in enumerate(fresh):
        outcome = outcomes.get(i)
        if isinstance(outcome, Fetched):
            batch.append((identity, entry, Body(outcome.final_url, outcome.content_type or None, outcome.body)))
        else:
            batch.append((identity, entry, outcome if isinstance(outcome, Failure) else None))
    futures = [extract_task.submit(part, now) for part in _batches(batch, EXTRACT_BATCH)]
    articles = [article for future in futures for article in future.result()]
    done.failures += [(None, replace(a.failure, at=now)) for a in articles if a.failure]
    links = [(e.source, e.guid, identity) for identity, entries in groups for e in entries]
    done.articles_new += store.save_articles(articles, links, now)


def best_entry(entries: Sequence[FeedEntry]) -> FeedEntry:
    """The entry that says most of an article; ties by source and guid, so that the choice is stable."""
    return min(entries, key=lambda e: (-len(e.content or e.summary), not e.title, e.source, e.guid))


def _batches(values: Sequence[T], size: int) -> Iterable[list[T]]:
    for i in range(0, len(values), size):
        yield list(values[i : i + size])
