"""A desk on a small invented night, without network nor model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from curation.accounts import Account, AccountRole
from curation.config import CommunitySettings, Settings
from curation.decide.advice import Advised
from curation.decide.draft import make_draft
from curation.decide.terms import Near
from curation.errors import UserError
from curation.store.store import Store
from curation.types import (
    Article,
    CommunityScore,
    Duplicate,
    Event,
    Evidence,
    Failure,
    FeedEntry,
    FeedState,
    Judgement,
    Kind,
    Placement,
    Role,
    RunReport,
    Source,
)
from curation.web.app import create_app
from curation.web.desk import Site
from curation.web.pages.login import LoginLimits
from curation.web.render import environment
from curation.web.secrets import Signer, hash_password
from curation.web.services import Preview, Rehearsed
from curation.web.words import Words
from taxonomy.types import Taxonomy

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
PASSWORD = "une phrase de passe assez longue"
HASHED = hash_password(PASSWORD)
COMMUNITIES = ("tourisme", "transition-ecologique", "urbanisme-amenagement")
TEXT = (
    "La taxe de séjour évolue. Les offices de tourisme accompagnent les hébergeurs dans la commune de Corbeval.\n"
    "Une randonnée balisée relie désormais deux bourgs voisins, avec l'appui du département."
)


class Clock:
    """Time that tests move by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class NoServices:
    """The night's services, out of reach: tests replace what they need."""

    phrases = "essai"

    def preview(self, address: str) -> Preview:
        return Preview(None)

    def find_sources(self, addresses: Sequence[str]) -> tuple[Preview, ...]:
        return tuple(Preview(None) for _ in addresses)

    def harvest_source(self, source: str) -> Failure | None:
        return None

    def import_opml(self, content: bytes) -> tuple[int, int]:
        return 0, 0

    def export_opml(self, sources: Sequence[Source]) -> bytes:
        return b""

    def rehearse(self, words: Sequence[Taxonomy]) -> Rehearsed:
        raise UserError("Aucun article n’a encore été lu.")

    def advise(self, community: str) -> Advised:
        raise UserError("Aucun article n’a encore été lu.")

    def reclassify(self) -> int:
        return 0

    def warm(self) -> None:
        self.warmed = getattr(self, "warmed", 0) + 1

    def nearest(self, community: str, labels: Sequence[str]) -> Sequence[Near | None] | None:
        return None

    def read_phrases(self) -> bool:
        return True

    def close(self) -> None:
        return None


def fill(store: Store, words: Words, count: int = 6) -> None:
    """A night: ``count`` drafts for tourisme (a0 best), one copy of a0, articles left out, a run report."""
    source = Source("lettre", "La Lettre du littoral", "https://exemple.fr/rss", authority=0.8)
    store.sync_sources([source])
    entries, articles, judgements = [], [], []
    for n in range(count + 3):
        article = Article(
            f"a{n}", f"https://exemple.fr/{n}", f"Taxe de séjour, épisode {n}", TEXT, NOW - timedelta(days=n),
            "fr", "exemple.fr",
        )  # fmt: skip
        articles.append(article)
        entries.append(FeedEntry("lettre", f"g{n}", article.url, article.title, "Résumé.", published=article.published))
        at = article.title.index("Taxe de séjour"), len("Taxe de séjour")
        evidence = (
            Evidence("taxe-de-sejour", "taxe de séjour", "title", 1.2, at[0], at[0] + at[1]),
            Evidence("randonnee", "randonnée", "body", 0.4, TEXT.index("randonnée"), TEXT.index("randonnée") + 9),
        )
        inside = n < count
        judgements.append(
            Judgement(
                article.id,
                (
                    CommunityScore(
                        "tourisme",
                        0.9 - n / 50 if inside else 0.1,
                        inside,
                        evidence,
                        ("« taxe de séjour » dans le titre",),
                    ),
                    CommunityScore("transition-ecologique", 0.3, False, evidence[1:]),
                    CommunityScore("urbanisme-amenagement", 0.05, False),
                ),
                "tourisme" if inside else None,
                ("transition-ecologique",) if n == 0 else (),
                Placement("tourisme", "hebergements-taxe-de-sejour", 0.7),
                Kind.EVENT if n == 1 else Kind.NEWS,
                Event(date(2026, 11, 24), None, "Tours") if n == 1 else None,
                date(2026, 11, 28) if n == 2 else None,
            )
        )
    store.save_harvest(FeedState("lettre", last_success=NOW), entries, NOW)
    store.save_articles(articles, [("lettre", f"g{n}", f"a{n}") for n in range(count + 3)], NOW)
    store.save_judgements(judgements, "v1")
    store.save_duplicates(
        [
            Duplicate("a0", "a0", Role.REPRESENTATIVE, None, 1.0),
            Duplicate(f"a{count}", "a0", Role.COPY, "a0", 0.95),
        ]
    )
    drafts = [
        replace(make_draft(a, j, [source], words["tourisme"]), score=round(0.9 - n / 50, 4))
        for n, (a, j) in enumerate(zip(articles[:count], judgements[:count], strict=True))
    ]
    store.replace_waiting_drafts(drafts, "v1", NOW)
    report = RunReport(NOW - timedelta(hours=4), NOW - timedelta(hours=3), 1, 1, 0, count + 3, count + 3, count, 1)
    report.drafts_by_community["tourisme"] = count
    store.finish_run(store.start_run(report), report)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(tmp_path: Path, clock: Clock) -> Site:
    """A site with a filled store and no account."""
    settings = Settings(state=tmp_path, communities=tuple(CommunitySettings(id=c) for c in COMMUNITIES))
    words = Words(settings)
    with Store(settings.database) as store:
        fill(store, words)
    return Site(
        settings=settings,
        words=words,
        templates=environment(settings.timezone),
        signer=Signer(b"k" * 32),
        services=NoServices(),
        clock=clock,
        limits=LoginLimits(),
    )


@pytest.fixture
def store(site: Site) -> Iterator[Store]:
    """The store of the site, for checks."""
    with site.open_store() as opened:
        yield opened


@pytest.fixture
def people(store: Store) -> dict[str, Account]:
    """Léa and Tom animate tourisme, Ana transition, Zoé coordinates tourisme, Max administers."""
    made = {
        "lea": Account("lea", "Léa Martin", AccountRole.ANIMATEUR, ("tourisme",), HASHED),
        "tom": Account("tom", "Tom Petit", AccountRole.ANIMATEUR, ("tourisme", "transition-ecologique"), HASHED),
        "ana": Account("ana", "Ana Roche", AccountRole.ANIMATEUR, ("transition-ecologique",), HASHED),
        "zoe": Account("zoe", "Zoé Blanc", AccountRole.COORDONNATEUR, ("tourisme",), HASHED),
        "max": Account("max", "Max Dupré", AccountRole.ADMINISTRATEUR, (), HASHED),
    }
    for account in made.values():
        store.add_account(account, NOW)
    return made


def as_read(text: str) -> str:
    """A page as people read it aloud: which spaces may break a line is not heard."""
    return text.replace("\u00a0", " ").replace("&nbsp;", " ")


class Browser(TestClient):
    """A browser that keeps cookies and fills in the CSRF token of the page it last saw."""

    token = ""

    def see(self, path: str, status: int = 200) -> str:
        """Open a page; its text."""
        response = self.get(path)
        assert response.status_code == status, response.text[:2000]
        self.remember(response.text)
        return as_read(response.text)

    def remember(self, text: str) -> None:
        """Take the token of a page."""
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', text)
        if found:
            self.token = found[1]

    def submit(self, path: str, status: int = 200, /, **form: str | list[str]) -> str:
        """Post a form and follow where it leads; the text of the last page."""
        response = self.post(path, data={"csrf": self.token, **form})
        assert response.status_code == status, response.text[:2000]
        self.remember(response.text)
        return as_read(response.text)

    def log_in(self, login: str, password: str = PASSWORD) -> Browser:
        """Through the log-in page, as a person does."""
        self.see("/connexion")
        self.submit("/connexion", login=login, password=password)
        return self


@pytest.fixture
def browse(site: Site) -> Callable[[], Browser]:
    """A new browser each time."""
    app = create_app(site)
    return lambda: Browser(app, base_url="http://testserver", client=("127.0.0.1", 50_000))


@pytest.fixture
def lea(browse: Callable[[], Browser], people: dict[str, Account]) -> Browser:
    return browse().log_in("lea")
