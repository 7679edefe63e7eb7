"""Many feeds, over loopback: read by one process or by several, the same entries."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import active_children
from pathlib import Path

import pytest
import yaml

from curation.config import Settings, load_settings
from curation.gather.background import BackgroundFetcher
from curation.types import FeedState
from flows.harvest import MANY_FEEDS, Crew, Harvest, Harvested, Here, _one_behind, _sources
from flows.runner import Processes, cores
from flows.steps import extract_batch, parse_batch

NOW = datetime(2026, 9, 2, 4, tzinfo=UTC)
FEEDS = Path(__file__).resolve().parents[1] / "data" / "feeds"
ETAG = '"1"'


class Site(BaseHTTPRequestHandler):
    """Any address ending in the name of a recorded feed is that feed; what has been read has not changed."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = (FEEDS / self.path.rpartition("/")[2]).read_bytes()
        known = self.headers.get("If-None-Match") == ETAG
        self.send_response(304 if known else 200)
        self.send_header("ETag", ETAG)
        self.send_header("Content-Length", "0" if known else str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if known else body)

    def log_message(self, *_: object) -> None:
        """Silence."""


@pytest.fixture
def host() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def configured(folder: Path, host: str, feeds: int) -> Settings:
    names = sorted(p.name for p in FEEDS.iterdir() if p.suffix != ".expected")
    urls = [f"http://{host}/{n}/{names[n % len(names)]}" for n in range(feeds)]
    polite = {"contact": "mailto:veille@essai.example", "allow_private_hosts": [host], "per_host": 16}
    sources = [{"id": f"s{n:02}", "name": f"Source {n}", "url": url} for n, url in enumerate(urls)]
    path = folder / "config.yaml"
    content = {"state": "state", "politeness": polite, "communities": ["tourisme"], "sources": sources}
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return load_settings(path)


def brought(settings: Settings, states: dict[str, FeedState], processes: Processes) -> list[Harvest]:
    """What all the sources bring, by source; no page is asked for."""
    crew = Crew(Here(processes.doing(parse_batch)), Here(extract_batch), processes.start)
    sources = [s.to_source() for s in settings.sources]
    due = [(s, states.get(s.id, FeedState(s.id))) for s in sources]
    with BackgroundFetcher(settings.politeness) as network:
        found = [h for batch in _sources(network, crew, due, settings, NOW, Harvested()) for h in batch]
    return sorted(found, key=lambda harvest: harvest[0].source)


@pytest.mark.skipif(cores() < 2, reason="one core: no process is started")
def test_many_new_feeds_are_read_by_processes_to_the_same_entries(tmp_path: Path, host: str) -> None:
    settings = configured(tmp_path, host, 70)
    with Processes(settings.engine) as processes:
        spread = brought(settings, {}, processes)
        assert len(active_children()) == min(settings.engine.workers, cores())
    assert not active_children()
    alone = brought(settings, {}, processes)  # closed: this process reads them
    assert len(spread) == 70
    assert all(entries for _, entries in spread)
    assert spread == alone


def test_few_new_feeds_or_none_start_no_process(tmp_path: Path, host: str) -> None:
    settings = configured(tmp_path, host, 70)
    few = configured(tmp_path, host, MANY_FEEDS - 1)
    with Processes(settings.engine) as processes:
        assert all(entries for _, entries in brought(few, {}, processes))
        states = {source.id: FeedState(source.id, etag=ETAG) for source in settings.sources}
        assert not any(entries for _, entries in brought(settings, states, processes))
        assert not active_children()


def test_the_next_batch_has_begun_before_one_is_waited_for() -> None:
    done: list[str] = []

    def beginning(value: int) -> int:
        done.append(f"begin {value}")
        return value

    done.extend(f"end {value}" for value in _one_behind(beginning(n) for n in range(3)))
    assert done == ["begin 0", "begin 1", "end 0", "begin 2", "end 1", "end 2"]
    assert list(_one_behind([])) == []
