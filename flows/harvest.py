"""sources -> entries -> articles. Order only; the network is asked from here, workers parse and extract."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from curation.config import Settings
from curation.gather.background import Answers, BackgroundFetcher
from curation.gather.backoff import next_due, page_due
from curation.gather.canonical import article_id
from curation.gather.outcome import Fetched, NotModified, Request
from curation.store.store import Store
from curation.types import Article, Failure, FeedEntry, FeedState, ParsedFeed, Source, SourceKind
from flows.progress import Progress
from flows.runner import Processes, task_runner
from flows.steps import Body, Sealed, extract_batch, parse_batch, read_local

T = TypeVar("T")
#: Sources, and pages, between two writes: a killed night loses at most twice that, and what was asked meanwhile.
SOURCES_AT_ONCE, PAGES_AT_ONCE = 64, 128
#: Articles between two writes where no page is read.
TEXTS_AT_ONCE = 512
#: Most, and fewest, of them in one task.
PARSE_BATCH, EXTRACT_BATCH = range(8, 33), range(16, 65)
#: Feeds that wait together and are worth starting processes: they take about as long as the start does.
MANY_FEEDS = 32

_new_task = partial(task, cache_policy=NO_CACHE, persist_result=False, retries=1)
extract_task: Any = _new_task(name="extraire")(extract_batch)


class Here:
    """Work done at once, where it is asked for: what a task is to those who do without an engine."""

    def __init__(self, work: Callable[..., Any]) -> None:
        self._work = work

    def submit(self, *arguments: Any) -> Future[Any]:
        """A future that is already over."""
        done: Future[Any] = Future()
        done.set_result(self._work(*arguments))
        return done


@dataclass(frozen=True, slots=True)
class Crew:
    """Who parses and who extracts: ``submit(batch, now)`` gives a future. ``grow`` is called before much parsing."""

    parse: Any
    extract: Any
    grow: Callable[[], None] = lambda: None


@dataclass(slots=True)
class Harvested:
    """Figures of one harvest."""

    sources: int = 0
    due: int = 0
    unchanged: int = 0
    entries_new: int = 0
    articles_new: int = 0
    pages_found: int = 0  # that had failed on an earlier night
    failures: list[tuple[str | None, Failure]] = field(default_factory=list)


def harvest(settings: Settings, now: datetime, progress: Progress) -> Harvested:
    """Run the flow on the engine of the settings."""
    run = harvest_flow.with_options(task_runner=task_runner(settings.engine))
    (result,) = run(settings, now, progress)
    return result


@flow(name="moisson", validate_parameters=False, persist_result=False)
def harvest_flow(settings: Settings, now: datetime, progress: Progress) -> Sealed[Harvested]:
    """Ask every source that is due, then fetch the page of every new entry. One value, sealed: thousands of failures
    may stand in it."""
    with Processes(settings.engine) as processes:
        parse_task = _new_task(name="lire-flux")(processes.doing(parse_batch))
        return Sealed([_harvest(settings, now, progress, Crew(parse_task, extract_task, processes.start))])


def harvest_one(settings: Settings, source: str, now: datetime) -> Harvested:
    """Ask one source now, due or not, and fetch the pages of its entries; in this process, without Prefect's engine."""
    return _harvest(settings, now, Progress(quiet=True), Crew(Here(parse_batch), Here(extract_batch)), source)


def _harvest(settings: Settings, now: datetime, progress: Progress, crew: Crew, only: str | None = None) -> Harvested:
    done = Harvested()
    with Store(settings.database) as store, BackgroundFetcher(settings.politeness) as network:
        store.sync_sources(s.to_source() for s in settings.sources)
        due = _known(store, only) if only else store.sources_due(now)
        done.sources, done.due = len(store.sources()), len(due)
        with progress.step("sources", "Sources interrogées", len(due)) as advance:
            for harvests in _sources(network, crew, due, settings, now, done):
                done.entries_new += store.save_harvests(harvests, now)
                advance(len(harvests))
        waiting = [e for e in store.entries_without_article() if only in (None, e.source)]
        with progress.step("articles", "Articles extraits", len(waiting)) as advance:
            for articles, links in _articles(store, network, crew, waiting, settings, now):
                done.failures += [(None, replace(a.failure, at=now)) for a in articles if a.failure]
                with store.atomic():
                    done.articles_new += store.save_articles(articles, links, now)
                    store.ask_again((a.id, 1, at) for a in articles if (at := _page_due(a, 1, settings, now)))
                advance(len(links))
        if only is None:
            _ask_again(store, network, crew, settings, now, progress, done)
            store.forget_texts(now, settings.retention_days)
    # answers come in no order: the report has one
    done.failures.sort(key=lambda f: (f[0] is None, f[0] or "", f[1].url, f[1].cause.value))
    return done


def _known(store: Store, only: str) -> list[tuple[Source, FeedState]]:
    state = store.feed_states().get(only, FeedState(only))
    return [(source, state) for source in store.sources() if source.id == only]


Harvest = tuple[FeedState, Sequence[FeedEntry]]


def _sources(
    network: BackgroundFetcher,
    crew: Crew,
    due: Sequence[tuple[Source, FeedState]],
    settings: Settings,
    now: datetime,
    done: Harvested,
) -> Iterator[list[Harvest]]:
    """What the sources bring, by batches: one is saved while the next is parsed and the network gathers a third."""
    known = {source.id: (source, state) for source, state in due}
    requests = [
        Request(
            state.moved_to or source.url,
            "feed" if source.kind is SourceKind.FEED else "page",
            state.etag,
            state.last_modified,
            key=source.id,
        )
        for source, state in due
        if source.kind in (SourceKind.FEED, SourceKind.PAGE)
    ]
    if sum(not (r.etag or r.last_modified) for r in requests) >= MANY_FEEDS:
        crew.grow()  # nothing is known of these: they will answer with a body
    answered = network.batches(requests, SOURCES_AT_ONCE)
    begun = (_begin_parsing(answers, known, crew, settings, now, done) for answers in answered)
    for parsing in _one_behind(begun):
        yield parsing.end(settings, now, done)
    for source, state in due:
        if source.kind in (SourceKind.FOLDER, SourceKind.IMAP):
            yield [_parsed(source, state, read_local(source, now), None, settings, now, done)]


@dataclass(frozen=True, slots=True)
class _Parsing:
    """One batch of answers: what they amount to already, and the feeds that are being read."""

    harvests: list[Harvest]
    bodies: list[tuple[Source, FeedState, Fetched]]
    results: Iterator[ParsedFeed]

    def end(self, settings: Settings, now: datetime, done: Harvested) -> list[Harvest]:
        """Wait for the feeds."""
        for (source, state, fetched), parsed in zip(self.bodies, self.results, strict=True):
            state = replace(state, etag=fetched.etag, last_modified=fetched.last_modified)
            self.harvests.append(_parsed(source, state, parsed, fetched.permanent_url, settings, now, done))
        return self.harvests


def _begin_parsing(
    answers: Answers,
    known: dict[str, tuple[Source, FeedState]],
    crew: Crew,
    settings: Settings,
    now: datetime,
    done: Harvested,
) -> _Parsing:
    harvests: list[Harvest] = []
    bodies: list[tuple[Source, FeedState, Fetched]] = []
    for request, outcome in answers:
        source, state = known[request.key]
        if isinstance(outcome, Failure):
            harvests.append(_failed(source, state, outcome, settings, now, done))
        elif isinstance(outcome, NotModified):
            done.unchanged += 1
            harvests.append((_succeeded(state, outcome.permanent_url, settings, now), ()))
        else:
            bodies.append((source, state, outcome))
    if len(bodies) >= MANY_FEEDS:
        crew.grow()
    feeds = [(s, Body(f.final_url, f.content_type or None, f.body)) for s, _, f in bodies]
    return _Parsing(harvests, bodies, _begin(crew.parse, feeds, PARSE_BATCH, settings, now))


def _parsed(
    source: Source,
    state: FeedState,
    parsed: ParsedFeed,
    moved_to: str | None,
    settings: Settings,
    now: datetime,
    done: Harvested,
) -> Harvest:
    if parsed.failure is not None and not parsed.entries:
        return _failed(source, replace(state, etag=None, last_modified=None), parsed.failure, settings, now, done)
    if parsed.failure is not None:
        done.failures.append((source.id, parsed.failure))
    return _succeeded(state, moved_to, settings, now), parsed.entries


def _succeeded(state: FeedState, moved_to: str | None, settings: Settings, now: datetime) -> FeedState:
    return replace(
        state,
        moved_to=moved_to or state.moved_to,
        failures=0,
        last_success=now,
        last_failure=None,
        next_due=now + timedelta(hours=settings.harvest_every_hours),
    )


def _failed(
    source: Source, state: FeedState, failure: Failure, settings: Settings, now: datetime, done: Harvested
) -> Harvest:
    failure = replace(failure, at=now)
    done.failures.append((source.id, failure))
    # an address remembered from a redirect may die: the configured one is tried again next time
    failed = replace(state, failures=state.failures + 1, last_failure=failure, moved_to=None)
    polite = settings.politeness
    due = next_due(failed, now, base_s=polite.backoff_base_s, max_s=polite.backoff_max_s)
    return replace(failed, next_due=due), ()


Page = tuple[str, FeedEntry, Body | Failure | None]
Link = tuple[str, str, str]


def _articles(
    store: Store,
    network: BackgroundFetcher,
    crew: Crew,
    waiting: Sequence[FeedEntry],
    settings: Settings,
    now: datetime,
) -> Iterator[tuple[list[Article], list[Link]]]:
    """Articles of the entries that wait for one, and which entries each comes from, by batches."""
    groups: dict[str, list[FeedEntry]] = {}
    for entry in waiting:
        groups.setdefault(article_id(entry.url or f"urn:veille:{entry.source}:{entry.guid}"), []).append(entry)
    known = store.known_articles(groups)
    if known:
        yield [], [link for identity in sorted(known) for link in _links(identity, groups[identity])]
    fresh = {i: best_entry(entries) for i, entries in sorted(groups.items()) if i not in known}
    oldest = now - timedelta(days=settings.thresholds.max_age_days)
    # an old item will never be drafted: its page is not asked for
    asked = {i: e for i, e in fresh.items() if e.url.startswith("http") and (e.published or now) >= oldest}
    unasked: list[Page] = [(i, e, None) for i, e in fresh.items() if i not in asked]
    for pages in _batches(unasked, TEXTS_AT_ONCE):
        yield extract_batch(pages, now), _links_of(pages, groups)
    answered = network.batches([Request(e.url, "page", key=i) for i, e in asked.items()], PAGES_AT_ONCE)
    begun = (_begin_extracting(answers, asked, crew, settings, now) for answers in answered)
    for pages, without, results in _one_behind(begun):
        yield [*extract_batch(without, now), *results], _links_of(pages, groups)


def _ask_again(
    store: Store,
    network: BackgroundFetcher,
    crew: Crew,
    settings: Settings,
    now: datetime,
    progress: Progress,
    done: Harvested,
) -> None:
    """Pages that failed in passing on an earlier night."""
    missing = store.pages_to_ask_again(now, now - timedelta(days=settings.thresholds.max_age_days))
    asked = {i: best_entry(entries) for i, (_, entries) in missing.items()}
    if missing:
        with progress.step("again", "Pages redemandées", len(missing)) as advance:
            answered = network.batches([Request(e.url, "page", key=i) for i, e in asked.items()], PAGES_AT_ONCE)
            begun = (_begin_extracting(answers, asked, crew, settings, now) for answers in answered)
            for pages, without, results in _one_behind(begun):
                articles = [*extract_batch(without, now), *results]
                failed = [(a, missing[a.id][0] + 1) for a in articles if a.failure]
                done.failures += [(None, replace(a.failure, at=now)) for a, _ in failed if a.failure]
                done.pages_found += store.save_pages(
                    [a for a in articles if a.failure is None],
                    [(a.id, a.failure, tries, _page_due(a, tries, settings, now)) for a, tries in failed],
                )
                advance(len(pages))
    store.forget_missing_pages(now)


def _page_due(article: Article, tries: int, settings: Settings, now: datetime) -> datetime | None:
    return page_due(article.failure, tries, now, nights=settings.politeness.page_nights)


def _begin_extracting(
    answers: Answers, asked: dict[str, FeedEntry], crew: Crew, settings: Settings, now: datetime
) -> tuple[list[Page], list[Page], Iterator[Article]]:
    """Pages, those of them that hold nothing to read, and the articles of the others."""
    pages: list[Page] = []
    for request, outcome in answers:
        page: Body | Failure | None = None
        if isinstance(outcome, Fetched):
            page = Body(outcome.final_url, outcome.content_type or None, outcome.body)
        elif isinstance(outcome, Failure):
            page = outcome
        pages.append((request.key, asked[request.key], page))
    bodies = [page for page in pages if isinstance(page[2], Body)]
    without = [page for page in pages if not isinstance(page[2], Body)]
    return pages, without, _begin(crew.extract, bodies, EXTRACT_BATCH, settings, now)


def _links_of(pages: Iterable[Page], groups: dict[str, list[FeedEntry]]) -> list[Link]:
    return [link for identity, _, _ in pages for link in _links(identity, groups[identity])]


def _links(identity: str, entries: Iterable[FeedEntry]) -> Iterator[Link]:
    return ((e.source, e.guid, identity) for e in entries)


def _begin(work: Any, values: Sequence[Any], sizes: range, settings: Settings, now: datetime) -> Iterator[Any]:
    """Hand ``values`` to a task, a part for each worker as far as ``sizes`` allow; its results, in order."""
    share = -(-len(values) // settings.engine.workers)
    futures = [work.submit(Sealed(part), now) for part in _batches(values, min(max(share, sizes[0]), sizes[-1]))]
    return (result for future in futures for result in future.result())


def _one_behind(begun: Iterable[T]) -> Iterator[T]:
    """Each value once the next one has begun: nobody idles while it is waited for and saved."""
    before: list[T] = []
    for value in begun:
        yield from before
        before = [value]
    yield from before


def best_entry(entries: Sequence[FeedEntry]) -> FeedEntry:
    """The entry that says most of an article; ties by source and guid, so that the choice is stable."""
    return min(entries, key=lambda e: (-len(e.content or e.summary), not e.title, e.source, e.guid))


def _batches(values: Sequence[T], size: int) -> Iterable[list[T]]:
    for i in range(0, len(values), size):
        yield list(values[i : i + size])
