"""What the desk asks of the night, for real: a process of its own, the loopback server, the real encoder."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from curation.config import Settings, load_settings
from curation.errors import InputError, ModelError, UserError
from curation.store.store import Store
from curation.types import Cause, Failure, FeedEntry, Judgement, ParsedFeed, Source, SourceKind
from flows.demo import demo_settings
from flows.demo_server import DemoServer
from flows.desk_services import NightServices
from flows.desk_work import Found, find, preview

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
#: Built once and kept between runs, as in test_night.
ENCODERS = ROOT / "state" / "tests"
OPML = b"""<opml version="2.0"><body>
<outline text="Un flux" xmlUrl="https://exemple.fr/rss"/><outline text="Un autre" xmlUrl="https://exemple.org/atom"/>
<outline text="Pas un flux" xmlUrl="javascript:alert(1)"/></body></opml>"""


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with DemoServer() as running:
        yield running


def configure(server: DemoServer, folder: Path) -> tuple[Settings, Path]:
    settings = demo_settings(server, folder)
    for shared in ("encoders", "prototypes"):
        (ENCODERS / shared).mkdir(parents=True, exist_ok=True)
        (settings.state / shared).symlink_to(ENCODERS / shared, target_is_directory=True)
    with Store(settings.database) as store:
        store.sync_sources(s.to_source() for s in settings.sources)
    return settings, folder / "config.yaml"


@pytest.fixture
def night(server: DemoServer, tmp_path: Path) -> NightServices:
    # time enough to build the encoder, where nothing did before
    return NightServices(*configure(server, tmp_path), preview_s=600)


def test_a_feed_is_previewed_with_its_probable_communities_and_nothing_is_saved(
    night: NightServices, server: DemoServer, tmp_path: Path
) -> None:
    found = night.preview(server.base_url + "/feeds/destinations.rdf")
    assert found.failure is None
    assert found.source is not None
    assert found.source.kind is SourceKind.FEED
    assert found.source.name.strip()
    assert found.total >= len(found.entries) > 0
    assert len(found.judgements) == len(found.entries)
    best = [j.communities[0].id for j in found.judgements if j.lead]
    assert max(set(best), key=best.count) == "tourisme"
    with Store(tmp_path / "veille.db") as store:
        assert store.entries_without_article() == []
        assert len(store.sources()) == len(server.sources())


def test_several_addresses_are_examined_at_once_without_judging_them(
    night: NightServices, server: DemoServer, tmp_path: Path
) -> None:
    feed, gone = server.base_url + "/feeds/lettre.xml", server.base_url + "/feeds/nulle-part.xml"
    good, bad = night.find_sources([feed, gone])
    assert good.source is not None and (good.source.url, good.failure, good.judgements) == (feed, None, ())
    assert good.source.name.strip() and good.total > 0
    assert bad.source is None and bad.failure is not None and bad.failure.cause is Cause.NOT_FOUND
    with Store(tmp_path / "veille.db") as store:
        assert len(store.sources()) == len(server.sources())  # nothing is saved
    slow = NightServices(*configure(server, tmp_path / "autre"), harvest_s=0.01)
    assert [p.failure and p.failure.cause for p in slow.find_sources([feed, gone])] == [Cause.TIMEOUT] * 2


@pytest.fixture(scope="module")
def settings(server: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return demo_settings(server, tmp_path_factory.mktemp("find"))


@pytest.mark.parametrize("path", ["/feeds/labo.json", "/feeds/agence.atom", "/feeds/lettre.xml"])
def test_every_dialect_is_a_feed(settings: Settings, server: DemoServer, path: str) -> None:
    found = find(settings, NOW, server.base_url + path)
    assert not isinstance(found, Failure)
    assert (found[0].kind, found[0].url) == (SourceKind.FEED, server.base_url + path)
    assert found[1].entries


def test_a_page_that_advertises_a_feed_leads_to_it(settings: Settings, server: DemoServer) -> None:
    found = find(settings, NOW, server.base_url + "/")
    assert not isinstance(found, Failure)
    assert found[0].url == server.base_url + "/feeds/ministere.atom"


@pytest.mark.parametrize("as_letter", [False, True])
def test_the_page_of_a_letter_is_read_as_a_letter(settings: Settings, server: DemoServer, as_letter: bool) -> None:
    found = find(settings, NOW, server.base_url + "/documentation/lid.html", as_letter)
    assert not isinstance(found, Failure)
    assert found[0].kind is SourceKind.PAGE
    assert len(found[1].entries) > 3


def test_a_feed_that_has_moved_is_watched_where_it_went(settings: Settings, server: DemoServer) -> None:
    found = find(settings, NOW, server.base_url + "/rss/destinations.php")
    assert not isinstance(found, Failure)
    assert found[0].url == server.base_url + "/feeds/destinations.rdf"


@pytest.mark.parametrize(
    ("address", "cause"),
    [
        ("http://169.254.169.254/latest/meta-data/", Cause.PRIVATE_ADDRESS),
        ("http://10.0.0.1/", Cause.PRIVATE_ADDRESS),
        ("http://[::1]/", Cause.PRIVATE_ADDRESS),
        ("file:///etc/passwd", Cause.BAD_URL),
        ("javascript:alert(1)", Cause.BAD_URL),
        ("data:text/html,<h1>x</h1>", Cause.BAD_URL),
        ("ftp://exemple.fr/flux", Cause.BAD_URL),
        ("https://moi:secret@exemple.fr/", Cause.BAD_URL),
        ("--config=/etc/passwd", Cause.BAD_URL),
        ("", Cause.BAD_URL),
    ],
)
def test_hostile_addresses_are_plain_failures(settings: Settings, address: str, cause: Cause) -> None:
    found = find(settings, NOW, address)
    assert isinstance(found, Failure)
    assert found.cause is cause


@pytest.mark.parametrize(
    ("typed", "answers", "asked", "told"),
    [
        ("mairie.fr/actus", [Cause.REFUSED, None], ["https://mairie.fr/actus", "http://mairie.fr/actus"], None),
        ("mairie.fr", [Cause.TIMEOUT, Cause.NOT_FOUND], ["https://mairie.fr", "http://mairie.fr"], Cause.TIMEOUT),
        ("mairie.fr", [Cause.TLS], ["https://mairie.fr"], Cause.TLS),  # a wrong certificate is not walked round
        ("mairie.fr", [None], ["https://mairie.fr"], None),
        ("https://mairie.fr", [Cause.REFUSED], ["https://mairie.fr"], Cause.REFUSED),
    ],
)
def test_a_name_without_its_scheme_is_read_safely_where_it_can_be(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    answers: list[Cause | None],
    asked: list[str],
    told: Cause | None,
) -> None:
    urls: list[str] = []

    def answer(network: object, url: str, now: datetime) -> Found:
        urls.append(url)
        cause = answers[len(urls) - 1]
        return Failure(cause, url) if cause else (Source("apercu", "", url), ParsedFeed("", url, ()))

    monkeypatch.setattr("flows.desk_work._find", answer)
    found = find(settings, NOW, typed)
    assert urls == asked
    assert (found.cause if isinstance(found, Failure) else None) == told


def test_what_the_server_refuses_is_explained(night: NightServices, server: DemoServer) -> None:
    refused = {server.base_url + "/feeds/panne.xml": Cause.SERVER_ERROR, "file:///etc/passwd": Cause.BAD_URL}
    for address, cause in refused.items():
        failure = night.preview(address).failure
        assert failure is not None
        assert failure.cause is cause


def test_a_model_that_is_not_ready_does_not_hide_what_a_source_brings(
    settings: Settings, server: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = threading.Event()

    def judge(settings: Settings, entries: tuple[FeedEntry, ...], name: str) -> tuple[Judgement, ...]:
        ready.wait(60)
        raise ModelError("absent")

    monkeypatch.setattr("flows.desk_work._judge", judge)
    address = server.base_url + "/feeds/labo.json"
    late = preview(settings, NOW, address, False, 0.5)
    ready.set()
    absent = preview(settings, NOW, address, False, 60)
    for found in (late, absent):
        assert found.failure is None and found.entries and found.judgements == ()
    monkeypatch.setattr("flows.desk_work._judge", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):  # a bug is not a model that is absent
        preview(settings, NOW, address, False, 60)


def test_an_attempt_that_takes_too_long_is_given_up(server: DemoServer, tmp_path: Path) -> None:
    hasty = NightServices(*configure(server, tmp_path), preview_s=0.05, harvest_s=0.05)
    failure = hasty.preview(server.base_url + "/feeds/lettre.xml").failure
    assert failure is not None
    assert failure.cause is Cause.TIMEOUT
    again = hasty.harvest_source("lettre")
    assert again is not None
    assert again.cause is Cause.TIMEOUT


def test_a_process_that_breaks_is_one_french_sentence(server: DemoServer, tmp_path: Path) -> None:
    settings, config = configure(server, tmp_path)
    night = NightServices(settings, config)
    with pytest.raises(UserError, match="imprévue"):
        night._work("inconnu", 60)
    config.write_text("sources: nulle part", encoding="utf-8")
    with pytest.raises(UserError, match="une liste est attendue"):
        night.preview(server.base_url)


def test_one_source_is_asked_now_and_what_it_brings_is_stored(
    night: NightServices, server: DemoServer, tmp_path: Path
) -> None:
    assert night.harvest_source("lettre") is None
    with Store(tmp_path / "veille.db") as store:
        assert store.entries_without_article() == []
        watched = {w.source.id: w for w in store.watched_sources()}
        brought = store.brought(watched)
        assert brought["lettre"] > 0 and set(brought) == {"lettre"}
        assert watched["lettre"].health == "well"
        assert store.last_runs() == []  # trying a source is no night
        articles = store.article_sources(a for (a,) in store.db.execute("SELECT id FROM articles"))
        assert articles
    assert night.harvest_source("lettre") is None  # asked again at once, due or not: 304, nothing twice
    with Store(tmp_path / "veille.db") as store:
        assert store.brought(watched) == brought


def test_a_source_that_fails_now_is_known_to_have_failed(night: NightServices, tmp_path: Path) -> None:
    failure = night.harvest_source("demo-panne")
    assert failure is not None
    assert failure.cause is Cause.SERVER_ERROR
    with Store(tmp_path / "veille.db") as store:
        watched = store.watched_source("demo-panne")
        assert watched is not None
        assert watched.health == "trouble"
        assert watched.state.failures == 1
    with pytest.raises(UserError, match="plus surveillée"):
        night.harvest_source("inconnue")


def test_the_guard_holds_as_configured(server: DemoServer, tmp_path: Path) -> None:
    """Without ``allow_private_hosts`` the very same loopback server is out of reach."""
    _, config = configure(server, tmp_path)
    content = yaml.safe_load(config.read_text(encoding="utf-8"))
    content["politeness"]["allow_private_hosts"] = []
    config.write_text(yaml.safe_dump(content), encoding="utf-8")
    night = NightServices(load_settings(config), config)
    failure = night.preview(server.base_url + "/feeds/lettre.xml").failure
    assert failure is not None
    assert failure.cause is Cause.PRIVATE_ADDRESS
    again = night.harvest_source("lettre")
    assert again is not None
    assert again.cause is Cause.PRIVATE_ADDRESS


def test_opml_goes_in_once_and_comes_out(night: NightServices, tmp_path: Path) -> None:
    assert night.import_opml(OPML) == (2, 0)
    assert night.import_opml(OPML) == (0, 2)
    with Store(tmp_path / "veille.db") as store:
        sources = store.sources()
    out = night.export_opml(sources)
    assert b'xmlUrl="https://exemple.fr/rss"' in out
    assert night.import_opml(out)[0] == 0
    with pytest.raises(InputError, match="pas un fichier OPML"):
        night.import_opml(b"%PDF-1.4")
