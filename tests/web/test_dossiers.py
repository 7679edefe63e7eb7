"""Dossiers: what was filed where, found, moved, kept as a reference and due again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from curation.accounts import Account
from curation.store.store import Store
from curation.types import Act, Edition, Review
from curation.web.desk import Site
from curation.web.pages import dossiers as dossiers_page
from curation.web.verdicts import Clerk
from tests.web.conftest import Browser, Clock

Browse = Callable[[], Browser]
HOME = "hebergements-taxe-de-sejour"


@pytest.fixture
def record(site: Site, store: Store, people: dict[str, Account], clock: Clock) -> Callable[..., Review]:
    """Record an act: ``record("tom", Act.PUBLISHED, "a0")``."""

    def act(login: str, kind: Act, article: str = "a0", **more: object) -> Review:
        review = Review(article, "tourisme", kind, login, clock.now, **more)  # type: ignore[arg-type]
        saved = Clerk(store, site.words, login, clock.now, clock.now.date()).record(review, seen=None)
        assert isinstance(saved, Review)
        return saved

    return act


def other_dossier(site: Site) -> str:
    return next(d.id for d in site.words["tourisme"].dossiers if d.id != HOME)


def change(browser: Browser, store: Store, article: str = "a0", /, **form: str) -> str:
    """Post a change as the page would, with the revision it shows."""
    row = store.draft(article, "tourisme")
    seen = str(row.revision) if row else "0"
    return browser.submit("/dossiers/tourisme", **{"article": article, "seen": seen, **form})


def test_nothing_published_yet(lea: Browser) -> None:
    assert "Rien de publié encore" in lea.see("/dossiers/tourisme")
    assert "Rien de publié encore" in lea.see("/dossiers")


def test_a_published_contribution_stands_in_its_dossier(lea: Browser, record: Callable[..., Review]) -> None:
    record("tom", Act.PUBLISHED, "a0", post_url="https://communaute.fr/billets/12")
    record("tom", Act.REJECTED, "a1", reason="off_topic")
    page = lea.see(f"/dossiers/tourisme?dossier={HOME}")
    assert 'href="/contribution/tourisme/a0"' in page and "épisode 1" not in page
    assert "publié le 20 novembre 2026 par Tom Petit" in page
    assert 'href="https://communaute.fr/billets/12"' in page and "en ligne sur communaute.fr" in page
    assert "1 contribution" in page
    assert "Taxe de séjour, épisode 0" in lea.see("/dossiers?q=taxe")


def test_an_address_that_is_no_web_page_is_not_a_link(lea: Browser, record: Callable[..., Review]) -> None:
    record("tom", Act.PUBLISHED, "a0", post_url="javascript:alert(1)")
    assert "javascript:" not in lea.see("/dossiers/tourisme")


def test_moving_to_another_dossier_and_back(
    lea: Browser, record: Callable[..., Review], store: Store, site: Site
) -> None:
    record("tom", Act.PUBLISHED)
    to = other_dossier(site)
    lea.see("/dossiers/tourisme")
    page = change(lea, store, act="ranger", dossier=to, back=f"/dossiers/tourisme?dossier={to}")
    assert "est rangé dans" in page and 'href="/contribution/tourisme/a0"' in page
    act = store.reviews_of("a0", "tourisme")[-1]
    assert (act.act, act.target) == (Act.FILED, to)
    lea.submit(f"/journal/{act.id}/annuler")
    row = store.draft("a0", "tourisme")
    assert row and row.dossier == HOME


def test_a_reference_document_and_its_review(
    lea: Browser, record: Callable[..., Review], store: Store, clock: Clock
) -> None:
    record("tom", Act.PUBLISHED)
    lea.see("/dossiers/tourisme")
    page = change(lea, store, act="reference", until="2026-12-10")
    assert "à revoir avant le 10 décembre 2026" in page
    assert "à revoir avant" in lea.see("/dossiers") and "à revoir avant" in lea.see("/dossiers/tourisme?voir=revoir")
    clock.now += timedelta(days=25)
    lea.log_in("lea")
    assert "à revoir depuis le 10 décembre 2026" in lea.see("/dossiers/tourisme?voir=reference")
    page = change(lea, store, act="reference", until="2027-12-10")
    assert "à revoir le 10 décembre 2027" in page
    assert "Aucun document de référence n’est à revoir" in lea.see("/dossiers/tourisme?voir=revoir")
    page = change(lea, store, act="retirer")
    assert "n’est plus un document de référence" in page
    row = store.draft("a0", "tourisme")
    assert row and not row.reference


def test_a_reference_that_was_never_published_stands_there_too(lea: Browser, record: Callable[..., Review]) -> None:
    record("tom", Act.REFERENCED, "a3", until=date(2027, 6, 1))
    page = lea.see("/dossiers/tourisme")
    assert "/contribution/tourisme/a3" in page and "à relire" in page


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"act": "ranger", "dossier": "inconnu"}, "Choisissez un dossier"),
        ({"act": "ranger", "dossier": HOME}, "déjà dans ce dossier"),
        ({"act": "reference", "until": "2026-11-20"}, "un jour de relecture à venir"),
        ({"act": "reference", "until": "9999-12-31"}, "un jour de relecture à venir"),
        ({"act": "reference", "until": "demain"}, "un jour de relecture à venir"),
    ],
)
def test_what_cannot_be_is_explained_and_changes_nothing(
    lea: Browser, record: Callable[..., Review], store: Store, form: dict[str, str], said: str
) -> None:
    record("tom", Act.PUBLISHED)
    lea.see("/dossiers/tourisme")
    assert said in change(lea, store, **form)
    assert len(store.reviews_of("a0")) == 1


def test_a_stale_page_is_told_what_happened(
    lea: Browser, record: Callable[..., Review], store: Store, site: Site
) -> None:
    seen = record("tom", Act.PUBLISHED).id
    record("tom", Act.REFERENCED, until=date(2027, 6, 1))
    lea.see("/dossiers/tourisme")
    page = change(lea, store, act="ranger", dossier=other_dossier(site), seen=str(seen))
    assert "a changé entre-temps : Tom Petit a marqué" in page
    assert len(store.reviews_of("a0")) == 2


def test_an_unknown_contribution_or_act(lea: Browser, record: Callable[..., Review]) -> None:
    record("tom", Act.PUBLISHED)
    lea.see("/dossiers/tourisme")
    lea.submit("/dossiers/tourisme", 404, article="zz", act="ranger", dossier=HOME)
    lea.submit("/dossiers/tourisme", 400, article="a0", act="brûler")


def test_search_by_words_of_the_article_of_the_title_given_and_by_day(
    lea: Browser, record: Callable[..., Review], clock: Clock
) -> None:
    record("tom", Act.PUBLISHED, "a0", edition=Edition("Ma synthèse maison", "S.", "C."))
    clock.now += timedelta(days=10)
    record("tom", Act.PUBLISHED, "a1")
    lea.log_in("lea")
    both = lea.see("/dossiers/tourisme?q=hébergeurs")
    assert "tourisme/a0" in both and "tourisme/a1" in both
    assert "Ma synthèse maison" in lea.see("/dossiers/tourisme?q=synthèse")
    page = lea.see("/dossiers/tourisme?du=2026-11-25&au=2026-12-31")
    assert "tourisme/a1" in page and "tourisme/a0" not in page
    assert "Rien ne répond à cette recherche" in lea.see("/dossiers/tourisme?q=introuvable")
    lea.see('/dossiers/tourisme?q="*+OR+(&du=hier&au=%00&voir=x&page=abc&dossier=%27')


def test_pages(lea: Browser, record: Callable[..., Review], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dossiers_page, "SIZE", 2)
    for n in range(5):
        record("tom", Act.PUBLISHED, f"a{n}")
    seen = []
    for number in (1, 2, 3):
        page = lea.see(f"/dossiers/tourisme?page={number}")
        seen += [f"a{n}" for n in range(5) if f'href="/contribution/tourisme/a{n}"' in page]
        assert ('rel="next"' in page) is (number < 3)
    assert sorted(seen) == [f"a{n}" for n in range(5)]


def test_dossiers_of_others_stay_closed(lea: Browser, browse: Browse, people: dict[str, Account]) -> None:
    lea.see("/dossiers/transition-ecologique", 403)
    lea.see("/dossiers/nulle-part", 403)
    browse().log_in("max").see("/dossiers/nulle-part", 404)


def test_a_dossier_that_the_taxonomy_dropped_is_still_shown(lea: Browser, record: Callable[..., Review]) -> None:
    record("tom", Act.PUBLISHED)
    record("tom", Act.FILED, target="ancien-dossier")
    page = lea.see("/dossiers/tourisme?dossier=ancien-dossier")
    assert "ancien-dossier" in page and "/contribution/tourisme/a0" in page
