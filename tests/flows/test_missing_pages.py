"""Pages that fail in passing: asked again on other nights, and what they say replaces what the feed said."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from curation.config import Settings, load_settings
from curation.store.store import Store
from curation.types import Act, Article, Cause, Review
from flows.harvest import Crew, Harvested, Here, _harvest
from flows.progress import Progress
from flows.steps import extract_batch, parse_batch

NIGHT = datetime(2026, 9, 2, 4, 30, tzinfo=UTC)
BRIEF = "La commune de Crèvecombe ouvre un atelier."
WHOLE = [
    f"La commune de Crèvecombe ouvre un atelier de réparation, et {reason} pour que chacun y trouve sa place."
    for reason in (
        "les habitants y apportent leurs outils",
        "une animatrice y vient chaque samedi matin",
        "les écoles du bourg y envoient leurs élèves",
        "le syndicat mixte y prête ses machines",
        "la région en paie la moitié pendant trois ans",
        "un bilan en sera fait devant le conseil municipal",
    )
]


class Site(BaseHTTPRequestHandler):
    """A feed of one entry, and its page: answers with ``status``, and with the whole text when that is 200."""

    status = 503
    asked = 0

    def do_GET(self) -> None:
        home = f"http://127.0.0.1:{self.server.server_address[1]}"  # type: ignore[str-bytes-safe]
        if self.path == "/flux":
            self.answer(200, "application/rss+xml", FEED.format(home=home))
        elif self.path == "/page":
            Site.asked += 1
            self.answer(Site.status, "text/html", PAGE if Site.status == 200 else "")
        else:
            self.answer(404, "text/plain", "")

    def answer(self, status: int, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silence."""


FEED = f"""<rss version="2.0"><channel><title>Crèvecombe</title><link>{{home}}/</link><item><title>Un atelier</title>
<link>{{home}}/page</link><guid isPermaLink="false">1</guid><description>{BRIEF}</description>
<pubDate>Tue, 01 Sep 2026 08:00:00 GMT</pubDate></item></channel></rss>"""
PAGE = (
    "<html lang='fr'><head><title>Un atelier à Crèvecombe</title></head><body><article><h1>Un atelier à Crèvecombe</h1>"
    + "".join(f"<p>{sentence}</p>" for sentence in WHOLE)
    + "</article></body></html>"
)


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    Site.status, Site.asked = 503, 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{server.server_address[1]}"
    content = {
        "state": "state",
        "politeness": {"contact": "mailto:veille@essai.example", "allow_private_hosts": [host], "retries": 0},
        "communities": ["tourisme"],
        "sources": [{"id": "crevecombe", "name": "Crèvecombe", "url": f"http://{host}/flux"}],
    }
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    yield load_settings(path)
    server.shutdown()
    server.server_close()


def night(settings: Settings, days: int) -> Harvested:
    crew = Crew(Here(parse_batch), Here(extract_batch))
    return _harvest(settings, NIGHT + timedelta(days=days), Progress(quiet=True), crew)


def article(settings: Settings) -> Article:
    with Store(settings.database) as store:
        ids = [r[0] for r in store.db.execute("SELECT id FROM articles")]
        (found,) = store.articles(ids).values()
    return found


def curated(settings: Settings) -> str:
    """Everything the night makes of the article, as if it had; returns its id."""
    identity = article(settings).id
    with Store(settings.database) as store:
        store.save_vectors("encodeur", {identity: b"ancien"})
        store.save_fingerprints([(identity, "2026-09-01", b"ancienne")])
        store.db.execute(
            "INSERT INTO judgements (article, version, proposals, kind) VALUES (?, 'juge', '[]', 'news')", [identity]
        )
    return identity


def to_do(settings: Settings) -> list[list[str]]:
    with Store(settings.database) as store:
        return [
            store.articles_to_embed("encodeur"),
            store.articles_to_fingerprint(),
            store.articles_to_classify("juge"),
        ]


def test_the_page_replaces_the_feed_once_it_answers_and_everything_is_judged_again(settings: Settings) -> None:
    first = night(settings, 0)
    assert [f.cause for _, f in first.failures] == [Cause.SERVER_ERROR]
    assert article(settings).text == BRIEF
    identity = curated(settings)
    assert to_do(settings) == [[], [], []]

    Site.status = 200
    second = night(settings, 1)
    assert (second.entries_new, second.articles_new, second.pages_found, second.failures) == (0, 0, 1, [])
    found = article(settings)
    assert (found.id, found.origin, found.failure) == (identity, "page", None)
    assert all(sentence in found.text for sentence in WHOLE)
    assert to_do(settings) == [[identity], [identity], [identity]]
    with Store(settings.database) as store:
        assert [a.id for a in store.search("écoles du bourg")] == [identity]  # the search knows the new text

    night(settings, 2)
    assert Site.asked == 2  # it has answered: nobody asks again


def test_a_page_that_never_answers_is_asked_four_times_in_all(settings: Settings) -> None:
    asked = []
    for day in range(12):
        night(settings, day)
        asked.append(Site.asked)
    assert asked == [1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4]
    assert article(settings).text == BRIEF
    assert to_do(settings) == [[article(settings).id]] * 3  # nothing was made of it: nothing was made to do again


def test_a_page_that_is_gone_is_not_asked_again_and_says_so(settings: Settings) -> None:
    night(settings, 0)
    Site.status = 404
    assert [f.cause for _, f in night(settings, 1).failures] == [Cause.NOT_FOUND]
    failure = article(settings).failure
    assert failure is not None
    assert failure.cause is Cause.NOT_FOUND
    night(settings, 4)
    assert Site.asked == 2


def test_what_a_person_judged_never_changes(settings: Settings) -> None:
    night(settings, 0)
    identity = curated(settings)
    with Store(settings.database) as store:
        store.append_review(Review(identity, "tourisme", Act.REJECTED, "claire", NIGHT, reason="off_topic"))
    Site.status = 200
    assert night(settings, 1).pages_found == 0
    assert Site.asked == 1
    assert article(settings).text == BRIEF
    assert to_do(settings) == [[], [], []]


def test_a_judgement_given_while_the_page_is_read_wins(settings: Settings) -> None:
    night(settings, 0)
    identity = curated(settings)
    whole = article(settings)
    with Store(settings.database) as store:
        assert set(store.pages_to_ask_again(NIGHT + timedelta(days=1), NIGHT - timedelta(days=60))) == {identity}
        store.append_review(Review(identity, "tourisme", Act.PUBLISHED, "claire", NIGHT))
        assert store.save_pages([whole], []) == 0
        assert store.pages_to_ask_again(NIGHT + timedelta(days=30), NIGHT - timedelta(days=60)) == {}
    assert to_do(settings) == [[], [], []]


def test_an_old_page_is_forgotten(settings: Settings) -> None:
    night(settings, 0)
    assert night(settings, 70).pages_found == 0
    assert Site.asked == 1
    with Store(settings.database) as store:
        assert not store.db.execute("SELECT 1 FROM missing_pages").fetchall()
