"""``python -m flows.desk_work``: one piece of work for the desk that reads the network, in a process that ends with it.

Reads (name, configuration file, arguments) pickled on stdin, writes (French fault or "", result) pickled on stdout.
"""

from __future__ import annotations

import os
import pickle
import re
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from curation.config import Settings, load_settings
from curation.errors import ModelError, UserError
from curation.gather.background import BackgroundFetcher
from curation.gather.outcome import Fetched, Request
from curation.types import Cause, Failure, FeedEntry, Judgement, ParsedFeed, Source, SourceKind
from curation.web.services import Preview
from flows.steps import Body, item_of, parse_batch

#: Entries that a preview shows and judges.
SHOWN = 25
#: The thread that judges.
JUDGING = "judging"
#: What people paste without its scheme: « www.exemple.fr/actualites ».
_BARE_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d{1,5})?(?:[/?#].*)?", re.DOTALL)

#: Where these answer a bare name over https, plain http may answer; never where the certificate is at fault.
_NO_HTTPS = (Cause.REFUSED, Cause.NETWORK, Cause.TIMEOUT)


def preview(settings: Settings, now: datetime, address: str, as_letter: bool, seconds: float) -> Preview:
    """What an address would bring, judged; not judged when that would take more than ``seconds`` in all.

    At its first use the model prepares the vocabularies for minutes: what it has done by then is kept for the next
    attempt, and the site is not blamed.
    """
    started = time.monotonic()
    found = find(settings, now, address, as_letter)
    told = _told(found, now)
    if isinstance(found, Failure) or told.source is None:
        return told
    source, parsed = told.source, found[1]
    entries = tuple(replace(e, source=source.name) for e in parsed.entries[:SHOWN])
    left = seconds - (time.monotonic() - started)
    judgements = _within(left, lambda: _judge(settings, entries, source.name)) if entries else ()
    return Preview(source, tuple(replace(e, content="") for e in entries), judgements, None, len(parsed.entries))


def find_sources(settings: Settings, now: datetime, addresses: tuple[str, ...]) -> tuple[Preview, ...]:
    """What can be watched at each address, without judgements."""
    return tuple(_told(find(settings, now, address), now) for address in addresses)


def _told(found: Found, now: datetime) -> Preview:
    if isinstance(found, Failure):
        return Preview(None, failure=replace(found, at=now))
    source, parsed = found
    name = parsed.title or (urlsplit(source.url).hostname or "").removeprefix("www.")
    return Preview(replace(source, name=name[:200]), total=len(parsed.entries))


Found = tuple[Source, ParsedFeed] | Failure


def find(settings: Settings, now: datetime, address: str, as_letter: bool = False) -> Found:
    """What can be watched at an address: the feed, the feed that the page advertises, or the page as a letter.

    ``as_letter``: the page itself, even when it advertises a feed.
    """
    url = address.strip()
    addresses = [f"https://{url}", f"http://{url}"] if _BARE_HOST.fullmatch(url) else [url]
    first: Failure | None = None
    with BackgroundFetcher(settings.politeness) as network:
        for url in addresses:
            found = _read(network, url, SourceKind.PAGE, now) if as_letter else _find(network, url, now)
            if not isinstance(found, Failure):
                return found
            first = first or found
            if found.cause not in _NO_HTTPS:
                break
    assert first is not None
    return first


def harvest(settings: Settings, now: datetime, source: str) -> tuple[Failure | None, int, int]:
    """Ask one source; (its failure, new entries, new articles)."""
    from flows.quiet import prepare_prefect

    prepare_prefect(settings.state)
    from flows.harvest import harvest_one

    done = harvest_one(settings, source, now)
    failure = next((f for s, f in done.failures if s == source), None)
    return failure, done.entries_new, done.articles_new


def _find(network: BackgroundFetcher, url: str, now: datetime) -> Found:
    found = _read(network, url, SourceKind.FEED, now, accept="any")
    if not isinstance(found, Failure) or found.cause is not Cause.HTML_NOT_FEED:
        return found
    if found.suggested_url:
        advertised = _read(network, found.suggested_url, SourceKind.FEED, now)
        if not isinstance(advertised, Failure):
            return advertised
    letter = _read(network, url, SourceKind.PAGE, now)
    if isinstance(letter, Failure):
        # a page without notices is told as such; one that asks for a password says that first
        return found if letter.cause is Cause.EMPTY else letter
    return letter


def _read(network: BackgroundFetcher, url: str, kind: SourceKind, now: datetime, accept: Any = None) -> Found:
    """One address, read as the night reads a source of that kind."""
    (outcome,) = network.ask([Request(url, accept or ("feed" if kind is SourceKind.FEED else "page"))])
    if isinstance(outcome, Failure):
        return outcome
    assert isinstance(outcome, Fetched)  # no validator was sent
    source = Source("apercu", "", outcome.permanent_url or outcome.url, kind)
    body = Body(outcome.final_url, outcome.content_type or None, outcome.body)
    (parsed,) = parse_batch([(source, body)], now)
    if parsed.failure is not None and not parsed.entries:
        return parsed.failure
    return source, parsed


def _judge(settings: Settings, entries: tuple[FeedEntry, ...], name: str) -> tuple[Judgement, ...]:
    """Judgements from the feed's own words, same order: the night will have the pages as well."""
    from curation.gather.extract import article_from_entry
    from flows.judge import judge_for, plan_of

    judge = judge_for(plan_of(settings))
    items = [item_of(article_from_entry(e), name) for e in entries]
    return tuple(judge.judge(items, judge.encode(items)))


def _within(seconds: float, judge: Callable[[], tuple[Judgement, ...]]) -> tuple[Judgement, ...]:
    """Its judgements; none when it is not done in time, or when there is no model."""
    done: list[tuple[Judgement, ...]] = []
    failed: list[Exception] = []

    def work() -> None:
        try:
            done.append(judge())
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=work, name=JUDGING, daemon=True)
    thread.start()
    thread.join(max(0.0, seconds))
    if failed and not isinstance(failed[0], ModelError):
        raise failed[0]
    if failed:
        sys.stderr.write(f"{failed[0]}\n")
    return done[0] if done else ()


WORK: dict[str, Callable[..., Any]] = {
    "preview": preview,
    "find_sources": find_sources,
    "harvest": harvest,
}


def main() -> None:
    """Answer one request."""
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints does not spoil the answer
    name, config, arguments = pickle.load(sys.stdin.buffer)  # from the desk, which started this process
    fault, found = "", None
    try:
        now = datetime.now(UTC).replace(microsecond=0)
        found = WORK[name](load_settings(Path(config)), now, *arguments)
    except UserError as error:
        fault = str(error)
    with answer:
        pickle.dump((fault, found), answer)
    if any(t.name == JUDGING for t in threading.enumerate()):
        os._exit(0)  # the interpreter's own end would wait inside the model


if __name__ == "__main__":
    main()
