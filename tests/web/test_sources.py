"""The sources page: health in plain words; a person's decision outlives the configuration; nothing saved unseen."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from curation.accounts import Account
from curation.errors import InputError, UserError
from curation.store.store import Store
from curation.types import Cause, Failure, FeedEntry, FeedState, Source, SourceKind
from curation.web.desk import Site
from curation.web.pages.sources import authority_name
from curation.web.services import Preview
from tests.web.conftest import NOW, Browser

CONFIGURED = Source("lettre", "La Lettre du littoral", "https://exemple.fr/rss", authority=0.8)
FOUND = Source("apercu", "Offices & bourgs", "https://offices.exemple.fr/feed", SourceKind.FEED)
ENTRIES = (
    FeedEntry("x", "1", "https://offices.exemple.fr/1", "Une randonnée <b>balisée</b>", "Deux bourgs.", published=NOW),
    FeedEntry("x", "2", "javascript:alert(1)", "Un lien hostile", ""),
)


class Answering:
    """Services whose answers a test decides."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.found = Preview(FOUND, ENTRIES, total=60)
        self.asked: list[tuple[str, bool]] = []
        self.harvested: list[str] = []
        self.failure: Failure | None = None
        self.fault: str | None = None
        site.services = self

    def preview(self, address: str, as_letter: bool = False) -> Preview:
        self.asked.append((address, as_letter))
        if self.fault:
            raise UserError(self.fault)
        return self.found

    def harvest_source(self, source: str) -> Failure | None:
        """What the real one leaves behind: new entries, or a remembered failure."""
        self.harvested.append(source)
        state = FeedState(source, failures=1, last_failure=self.failure) if self.failure else FeedState(source)
        with self.site.open_store() as store:
            entry = FeedEntry(source, "neuf", "https://exemple.fr/neuf", "Neuf", "")
            store.save_harvest(replace(state, last_success=NOW), () if self.failure else (entry,), NOW)
        return self.failure

    def import_opml(self, content: bytes) -> tuple[int, int]:
        if not content.startswith(b"<opml"):
            raise InputError("ce n'est pas un fichier OPML.")
        return 2, 1

    def export_opml(self, sources: Sequence[Source]) -> bytes:
        return "\n".join(s.url for s in sources).encode()


@pytest.fixture
def services(site: Site) -> Answering:
    return Answering(site)


@pytest.fixture
def zoe(browse: Callable[[], Browser], people: dict[str, Account], services: Answering) -> Browser:
    """Zoé coordinates: she may change the sources."""
    return browse().log_in("zoe")


def test_everybody_reads_the_health_of_sources(lea: Browser, store: Store) -> None:
    failure = Failure(Cause.NOT_FOUND, "https://exemple.fr/rss", status=404, at=NOW - timedelta(hours=3))
    state = FeedState("lettre", failures=4, last_failure=failure, next_due=NOW + timedelta(days=2))
    store.save_harvest(state, (), NOW)
    text = lea.see("/sources")
    assert "La Lettre du littoral" in text
    assert "Page introuvable" in text
    assert "4 fois de suite" in text
    assert "il y a 3 heures" in text
    assert "corrigez-la dans la liste des sources" in text
    assert "22 novembre 2026" in text  # next try
    assert "Essayer maintenant" not in text


def test_an_animateur_may_not_change_sources(lea: Browser, store: Store) -> None:
    for path in ("ajouter", "enregistrer", "importer", "lettre/pause", "lettre/essayer", "lettre/supprimer"):
        lea.submit(f"/sources/{path}", 403)
    assert store.sources() == [CONFIGURED]


def test_a_pause_outlives_the_configuration_and_the_night_honours_it(zoe: Browser, store: Store) -> None:
    zoe.see("/sources")
    text = zoe.submit("/sources/lettre/pause", back="/sources?etat=")
    assert "est en pause" in text
    assert "Mise en pause par Zoé Blanc" in text
    store.sync_sources([CONFIGURED])  # the next night reads the configuration again
    later = NOW + timedelta(days=30)
    assert store.sources_due(later) == []
    assert store.sources()[0].enabled is False
    zoe.submit("/sources/lettre/reprendre")
    store.sync_sources([replace(CONFIGURED, enabled=False)])  # and so does a resumption
    assert [s.id for s, _ in store.sources_due(later)] == ["lettre"]


def test_a_resumed_source_is_due_at_once(zoe: Browser, store: Store) -> None:
    store.save_harvest(FeedState("lettre", failures=9, next_due=NOW + timedelta(days=7)), (), NOW)
    zoe.see("/sources")
    zoe.submit("/sources/lettre/pause")
    zoe.submit("/sources/lettre/reprendre")
    assert [s.id for s, _ in store.sources_due(NOW)] == ["lettre"]


def test_filters_and_search(zoe: Browser, store: Store) -> None:
    store.add_source(Source("villes", "Villes et quartiers", "https://villes.exemple.org/atom"), "import")
    store.save_harvest(
        FeedState(
            "villes",
            failures=1,
            last_failure=Failure(Cause.DNS, "https://villes"),
        ),
        (),
        NOW,
    )

    def names(path: str) -> list[str]:
        return re.findall(r"<h3>([^<]+)</h3>", zoe.see(path))

    assert names("/sources") == ["Villes et quartiers", "La Lettre du littoral"]  # trouble first
    assert names("/sources?etat=difficulte") == ["Villes et quartiers"]
    assert names("/sources?etat=pause") == []
    assert names("/sources?q=LITTORAL") == ["La Lettre du littoral"]
    assert names("/sources?q=exemple.org") == ["Villes et quartiers"]
    assert names("/sources?q=rien&etat=nimporte&page=999999999999") == []
    assert "Aucune source ne répond" in zoe.see("/sources?q=rien")


def test_long_lists_have_pages(zoe: Browser, store: Store) -> None:
    for n in range(90):
        store.add_source(Source(f"s{n}", f"Source {n:02}", f"https://exemple.fr/{n}"), "import")
    assert "page 1 sur 3" in zoe.see("/sources")
    assert zoe.see("/sources?page=3").count("<h3>") == 11
    assert "page 3 sur 3" in zoe.see("/sources?page=12")


def test_a_source_is_tried_now(zoe: Browser, services: Answering) -> None:
    zoe.see("/sources")
    assert "a répondu : 1 nouvelle entrée" in zoe.submit("/sources/lettre/essayer")
    assert "rien de nouveau" in zoe.submit("/sources/lettre/essayer")
    services.failure = Failure(Cause.TIMEOUT, "https://exemple.fr/rss", at=NOW)
    assert "Pas de réponse à temps" in zoe.submit("/sources/lettre/essayer")
    assert services.harvested == ["lettre"] * 3
    zoe.submit("/sources/inconnue/essayer", 404)


def test_an_address_is_previewed_before_it_is_saved(zoe: Browser, services: Answering, store: Store) -> None:
    zoe.see("/sources/ajouter")
    text = zoe.submit("/sources/ajouter", address="offices.exemple.fr")
    assert services.asked == [("offices.exemple.fr", False)]
    assert "Une randonnée &lt;b&gt;balisée&lt;/b&gt;" in text
    assert "javascript:" not in text
    assert "Le modèle de langue n’est pas disponible" in text
    assert store.sources() == [CONFIGURED]
    seen = re.search(r'name="seen" value="([^"]+)"', text)
    assert seen
    text = zoe.submit(
        "/sources/enregistrer", seen=seen[1], name="Offices & bourgs", authority="0.7",
        communities=["tourisme", "inconnue"],
    )  # fmt: skip
    assert "est maintenant surveillée" in text
    saved = next(s for s in store.sources() if s.id != "lettre")
    assert saved == Source("offices-bourgs", "Offices & bourgs", FOUND.url, SourceKind.FEED, 0.7, ("tourisme",))
    store.sync_sources([CONFIGURED])
    assert saved in store.sources()
    assert "Déjà surveillée" in zoe.submit("/sources/ajouter", address="offices.exemple.fr")
    assert "déjà surveillée" in zoe.submit("/sources/enregistrer", seen=seen[1], name="Encore", authority="0.5")
    assert len(store.sources()) == 2


def test_the_page_itself_may_be_read_as_a_letter(zoe: Browser, services: Answering) -> None:
    zoe.see("/sources/ajouter")
    assert "comme une lettre" in zoe.submit("/sources/ajouter", address="https://offices.exemple.fr/lettre")
    zoe.submit("/sources/ajouter", address="https://offices.exemple.fr/lettre", as_letter="1")
    assert services.asked[-1] == ("https://offices.exemple.fr/lettre", True)


def test_only_an_address_that_was_previewed_is_saved(zoe: Browser, store: Store) -> None:
    zoe.see("/sources/ajouter")
    zoe.submit("/sources/enregistrer", 400, seen="file:///etc/passwd", name="Intrus", authority="0.5")
    zoe.submit("/sources/enregistrer", 400, name="Intrus", authority="0.5")
    assert store.sources() == [CONFIGURED]


@pytest.mark.parametrize(
    ("cause", "title"),
    [
        (Cause.PRIVATE_ADDRESS, "Adresse interne protégée"),
        (Cause.BAD_URL, "Adresse mal écrite"),
        (Cause.NOT_A_FEED, "Ce n’est pas un flux"),
    ],
)
def test_a_refused_address_is_explained(zoe: Browser, services: Answering, cause: Cause, title: str) -> None:
    address = '"><script>alert(1)</script>'
    services.found = Preview(None, failure=Failure(cause, address))
    zoe.see("/sources/ajouter")
    text = zoe.submit("/sources/ajouter", address=address)
    assert title in text
    assert "<script>alert" not in text
    assert "Surveiller cette source" not in text and "retirez la source" not in text


@pytest.mark.parametrize("cause", [Cause.REFUSED, Cause.NOT_FOUND, Cause.DNS])
def test_an_address_that_is_not_watched_gets_advice_of_its_own(zoe: Browser, services: Answering, cause: Cause) -> None:
    services.found = Preview(None, failure=Failure(cause, "https://exemple.fr/rss"))
    zoe.see("/sources/ajouter")
    text = zoe.submit("/sources/ajouter", address="https://exemple.fr/rss")
    assert "Rien n’est enregistré. Ouvrez cette adresse" in text and "la nuit prochaine" not in text


def test_a_busy_desk_and_an_empty_address_say_so(zoe: Browser, services: Answering) -> None:
    zoe.see("/sources/ajouter")
    assert "Collez une adresse" in zoe.submit("/sources/ajouter", 400)
    services.fault = "Un autre essai de source est en cours."
    assert services.fault in zoe.submit("/sources/ajouter", 503, address="exemple.fr")
    assert services.fault not in zoe.see("/sources")


def test_sources_of_the_configuration_cannot_be_deleted(zoe: Browser, store: Store) -> None:
    store.add_source(Source("ajout", "Ajout", "https://exemple.org/rss"), "desk")
    text = zoe.see("/sources")
    assert "/sources/ajout/supprimer" in text
    assert "/sources/lettre/supprimer" not in text
    assert "fichier de configuration" in zoe.submit("/sources/lettre/supprimer", 400)
    zoe.see("/sources")
    assert "n’est plus surveillée" in zoe.submit("/sources/ajout/supprimer")
    assert store.sources() == [CONFIGURED]
    zoe.submit("/sources/ajout/supprimer", 404)  # a stale tab


def test_what_a_deleted_source_brought_stays_and_nothing_more_is_fetched(store: Store) -> None:
    store.add_source(Source("ajout", "Ajout", "https://exemple.org/rss"), "desk")
    read, unread = (
        FeedEntry("ajout", "1", "https://x/1", "Lu", ""),
        FeedEntry("ajout", "2", "https://x/2", "Non lu", ""),
    )
    store.save_harvest(FeedState("ajout"), (read, unread), NOW)
    store.save_articles([], [("ajout", "1", "a0")], NOW)
    store.choose_source("ajout", False, "zoe", NOW)
    assert store.delete_source("ajout")
    assert not store.delete_source("lettre")
    assert store.entries_without_article() == []
    assert store.watched_source("ajout") is None
    assert "ajout" not in store.feed_states()


def test_opml_goes_in_and_out(zoe: Browser, lea: Browser) -> None:
    zoe.see("/sources")

    def send(content: bytes) -> str:
        return zoe.post("/sources/importer", data={"csrf": zoe.token}, files={"opml": ("flux.opml", content)}).text

    assert "2 sources ajoutées, 1 déjà connue." in send(b"<opml/>")
    assert "pas un fichier OPML" in send(b"%PDF")
    assert "Choisissez d’abord" in send(b"")
    exported = lea.get("/sources/export.opml")
    assert exported.headers["content-type"].startswith("text/x-opml")
    assert "attachment" in exported.headers["content-disposition"]
    assert exported.text == CONFIGURED.url


def test_no_source_at_all_is_a_page_too(zoe: Browser, store: Store) -> None:
    store.sync_sources([])
    assert "Aucune source n’est encore surveillée" in zoe.see("/sources")


def test_going_back_stays_on_the_sources(zoe: Browser) -> None:
    zoe.see("/sources")
    for back in ("https://ailleurs.exemple/", "//ailleurs.exemple", "/compte"):
        response = zoe.post("/sources/lettre/pause", data={"csrf": zoe.token, "back": back}, follow_redirects=False)
        assert response.headers["location"] == "/sources"


def test_authority_in_words() -> None:
    assert [authority_name(v) for v in (1.0, 0.9, 0.72, 0.5, 0.1)] == [
        "source de référence", "source de référence", "source reconnue", "source ordinaire", "à confirmer",
    ]  # fmt: skip
