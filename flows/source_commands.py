"""Commands about sources and single documents: sources, parse, extract, newsletter."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from curation.config import Settings
from curation.errors import InputError, unreadable
from curation.gather.as_json import article_to_json, entry_to_json
from curation.labels import explain
from curation.types import Article, Failure, ParsedFeed, Source, SourceKind


def parse(settings: Settings, names: Sequence[str]) -> int:
    """Feeds -> entries."""
    from curation.gather.parse import parse_feed

    return _documents(settings, names, "feed", lambda *a, **k: _entries(parse_feed(*a, **k)))


def newsletter(settings: Settings, names: Sequence[str]) -> int:
    """Newsletters (.eml, .html, .pdf) -> entries."""
    from curation.gather.newsletter import parse_newsletter

    return _documents(settings, names, "any", lambda *a, **k: _entries(parse_newsletter(*a, **k)))


def extract(settings: Settings, names: Sequence[str]) -> int:
    """Pages -> articles."""
    from curation.gather.extract import extract_article

    def one(body: bytes, *, source: str, **known: Any) -> tuple[list[dict[str, Any]], Failure | None]:
        found = extract_article(body, **known, partial=True)
        return ([article_to_json(found)], found.failure) if isinstance(found, Article) else ([], found)

    return _documents(settings, names, "page", one)


Reader = Callable[..., tuple[list[dict[str, Any]], Failure | None]]


def _entries(parsed: ParsedFeed) -> tuple[list[dict[str, Any]], Failure | None]:
    return [entry_to_json(e) for e in parsed.entries], parsed.failure


def _documents(settings: Settings, names: Sequence[str], accept: str, read: Reader) -> int:
    """JSON lines of every document; a failure is explained on stderr. Returns the exit status."""
    now, status = datetime.now(UTC), 0
    for name in names:
        found = _load(settings, name, accept)
        if isinstance(found, Failure):
            rows: list[dict[str, Any]] = []
            failure: Failure | None = found
        else:
            body, url, content_type = found
            rows, failure = read(body, source=name, url=url, content_type=content_type, now=now)
        for row in rows:
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
        if failure is not None:
            said = explain(failure)
            hint = f" Flux annoncé : {failure.suggested_url}" if failure.suggested_url else ""
            sys.stderr.write(f"{name} : {said.title}. {said.meaning} {said.advice}{hint}\n")
            status = 1 if not rows else status
    return status


def _load(settings: Settings, name: str, accept: str) -> tuple[bytes, str, str | None] | Failure:
    if urlsplit(name).scheme in ("http", "https"):
        from curation.gather.background import BackgroundFetcher
        from curation.gather.outcome import Fetched, Request

        with BackgroundFetcher(settings.politeness) as network:
            (outcome,) = network.ask([Request(name, "page" if accept == "page" else "any")])
        if isinstance(outcome, Failure):
            return outcome
        assert isinstance(outcome, Fetched)
        return outcome.body, outcome.final_url, outcome.content_type or None
    path = Path(name)
    try:
        return path.read_bytes(), "", None
    except OSError as error:
        raise unreadable(name, error) from error


def list_sources(settings: Settings) -> int:
    """One line a source: id, kind, state, name, address."""
    from curation.store.store import Store

    with Store(settings.database) as store:
        store.sync_sources(s.to_source() for s in settings.sources)
        states = store.feed_states()
        for source in store.sources():
            state = states.get(source.id)
            health = "jamais interrogée"
            if not source.enabled:
                health = "en pause"
            elif state and state.last_failure:
                health = explain(state.last_failure).title
            elif state and state.last_success:
                health = f"à jour le {state.last_success.strftime('%d/%m/%Y')}"
            sys.stdout.write(f"{source.id}\t{source.kind.value}\t{health}\t{source.name}\t{source.url}\n")
    return 0


def check_sources(settings: Settings) -> int:
    """Ask every enabled source for real and say what it brings; nothing is stored."""
    from curation.gather.background import BackgroundFetcher
    from curation.gather.outcome import Fetched, Request
    from curation.store.store import Store
    from flows.steps import Body, parse_batch, read_local

    with Store(settings.database) as store:
        store.sync_sources(s.to_source() for s in settings.sources)
        sources = [s for s in store.sources() if s.enabled]
    now, status = datetime.now(UTC), 0
    remote = [s for s in sources if s.kind in (SourceKind.FEED, SourceKind.PAGE)]
    with BackgroundFetcher(settings.politeness) as network:
        requests = [Request(s.url, "feed" if s.kind is SourceKind.FEED else "page") for s in remote]
        outcomes = dict(zip([s.id for s in remote], network.ask(requests), strict=True))
    for source in sources:
        outcome = outcomes.get(source.id)
        if isinstance(outcome, Fetched):
            body = Body(outcome.final_url, outcome.content_type or None, outcome.body)
            parsed = parse_batch([(source, body)], now)[0]
        elif isinstance(outcome, Failure):
            parsed = ParsedFeed("", "", (), replace(outcome, at=now))
        else:
            parsed = read_local(source, now)
        if parsed.failure and not parsed.entries:
            said, status = explain(parsed.failure), 1
            sys.stdout.write(f"{source.id} : {said.title}. {said.advice}\n")
        else:
            sys.stdout.write(f"{source.id} : {len(parsed.entries)} entrées\n")
    return status


def import_opml(settings: Settings, path: Path) -> int:
    """Add the feeds of an OPML file to the watched sources."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    added, known = add_opml(settings, content, str(path))
    sys.stdout.write(f"{added} sources ajoutées, {known} déjà connues.\n")
    return 0


def add_opml(settings: Settings, content: bytes, name: str) -> tuple[int, int]:
    """Add feeds; (added, already watched). Raises ``InputError``, which calls the file ``name``."""
    from curation.gather.opml import read_opml
    from curation.store.store import Store

    try:
        feeds = read_opml(content)
    except ValueError as error:
        raise InputError(f"{name} : {error}") from error
    with Store(settings.database) as store:
        store.sync_sources(s.to_source() for s in settings.sources)
        added = sum(store.add_source(Source(identity, title, url), "import") for identity, title, url in feeds)
    return added, len(feeds) - added


def export_opml(settings: Settings) -> int:
    """Every watched feed as OPML on stdout."""
    from curation.store.store import Store

    with Store(settings.database) as store:
        store.sync_sources(s.to_source() for s in settings.sources)
        sys.stdout.write(opml_of(store.sources()))
    return 0


def opml_of(sources: Sequence[Source]) -> str:
    """The feeds among ``sources`` as OPML: other kinds have no address that another tool could read."""
    from curation.gather.opml import write_opml

    return write_opml([(s.name, s.url) for s in sources if s.kind is SourceKind.FEED])
