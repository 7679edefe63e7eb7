"""The journal: sentences, filters, pages, undoing and bringing back, and whose acts a person may reach."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from curation.accounts import Account
from curation.store.store import Store
from curation.types import Act, DraftStatus, Edition, Review
from curation.web.desk import Site
from curation.web.pages import journal as journal_page
from curation.web.verdicts import Clerk
from tests.web.conftest import NOW, Browser, Clock

Browse = Callable[[], Browser]


@pytest.fixture
def record(site: Site, store: Store, people: dict[str, Account], clock: Clock) -> Callable[..., Review]:
    """Record an act as somebody: ``record("tom", Act.KEPT, "a0", until=...)``."""

    def act(login: str, kind: Act, article: str = "a0", community: str = "tourisme", **more: object) -> Review:
        clerk = Clerk(store, site.words, login, clock.now, clock.now.date())
        saved = clerk.record(Review(article, community, kind, login, clock.now, **more), seen=None)  # type: ignore[arg-type]
        assert isinstance(saved, Review)
        return saved

    return act


def text_of(page: str) -> str:
    """What a reader sees, on one line."""
    without = re.sub(r'<span class="hidden">.*?</span>', "", page, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", without).replace("&nbsp;", " "))


def test_an_empty_journal_says_so(lea: Browser) -> None:
    assert "Le journal commence avec votre premier avis" in lea.see("/journal")


def test_every_act_reads_as_a_sentence(lea: Browser, record: Callable[..., Review]) -> None:
    record("lea", Act.REJECTED, reason="off_topic")
    record("tom", Act.KEPT, "a1", until=date(2026, 12, 3))
    record("tom", Act.PUBLISHED, "a2", target="transition-ecologique", post_url="https://communaute.fr/billet/9")
    record("tom", Act.FOLDED, "a3", target="a4")
    record("tom", Act.FILED, "a4", target="hebergements-taxe-de-sejour")
    record("tom", Act.GIVEN, "a5", target="lea")
    record("tom", Act.NOTED, "a5", note="À relire avec le service juridique")
    record("tom", Act.REFERENCED, "a2", until=date(2027, 5, 1))
    record("tom", Act.EDITED, "a5", edition=Edition("Un titre à moi", "S.", "C."))
    record("tom", Act.TAKEN, "a5")
    record("tom", Act.RELEASED, "a5")
    record("tom", Act.DISMISSED, "a7")
    page = lea.see("/journal")
    seen = text_of(page)
    for sentence in (
        "Léa Martin a écarté « Taxe de séjour, épisode 0 » (hors sujet)",
        "Tom Petit a gardé « Taxe de séjour, épisode 1 » jusqu’au 3 décembre 2026",
        "Tom Petit a publié « Taxe de séjour, épisode 2 », proposé à Transition écologique",
        "Tom Petit a signalé « Taxe de séjour, épisode 3 » comme doublon de « Taxe de séjour, épisode 4 »",
        "Tom Petit a rangé « Taxe de séjour, épisode 4 » dans le dossier « Hébergements",
        "Tom Petit a confié la relecture de « Un titre à moi » à Léa Martin",
        "À relire avec le service juridique",
        "comme document de référence, à revoir le 1er mai 2027",
        "Tom Petit a retouché « Un titre à moi »",
        "Tom Petit a confirmé l’écart de « Taxe de séjour, épisode 7 »",
    ):
        assert sentence in seen.replace(" »,", " »,").replace(" » ,", " »,"), (sentence, seen)
    assert 'href="/relecture/tourisme/a0"' in page
    assert 'href="/relecture/tourisme/a7"' not in page, "an article left out has no draft to open"
    assert 'href="https://communaute.fr/billet/9"' in page


def test_undo_from_the_journal_and_back(lea: Browser, record: Callable[..., Review], store: Store) -> None:
    act = record("tom", Act.REJECTED, reason="commercial")
    lea.see("/journal")
    page = lea.submit(f"/journal/{act.id}/annuler", back="/journal?acte=rejected")
    assert "Acte annulé : Tom Petit a écarté « Taxe de séjour, épisode 0 » (commercial)." in page
    row = store.draft("a0", "tourisme")
    assert row and row.status is DraftStatus.WAITING
    undoing = store.reviews_of("a0", "tourisme")[-1]
    assert f'action="/journal/{undoing.id}/annuler"' in page and "Rétablir" in page
    page = lea.submit(f"/journal/{undoing.id}/annuler", back="/journal")
    assert "Acte rétabli : Tom Petit a écarté" in page
    row = store.draft("a0", "tourisme")
    assert row and row.status is DraftStatus.REJECTED
    assert "Léa Martin a rétabli : Tom Petit a écarté « Taxe de séjour, épisode 0 » (commercial)" in text_of(page)


def test_the_flash_undoes_again_and_again(lea: Browser, record: Callable[..., Review], store: Store) -> None:
    """Each message offers to undo what it says; six times in a row, the state follows."""
    identity = record("lea", Act.PUBLISHED, target="transition-ecologique").id
    lea.see("/journal")
    for turn in range(6):
        page = lea.submit(f"/journal/{identity}/annuler", back="/journal")
        found = re.search(r'class="said ok">.*?action="/journal/(\d+)/annuler"', page, re.S)
        assert found
        identity = int(found[1])
        row, shared = store.draft("a0", "tourisme"), store.draft("a0", "transition-ecologique")
        assert row and row.status is (DraftStatus.PUBLISHED if turn % 2 else DraftStatus.WAITING)
        assert bool(shared) is bool(turn % 2), "the neighbour's draft comes and goes with it"


def test_an_act_undone_already_is_explained(lea: Browser, record: Callable[..., Review], store: Store) -> None:
    act = record("lea", Act.REJECTED, reason="off_topic")
    lea.see("/journal")
    lea.submit(f"/journal/{act.id}/annuler")
    assert "cet acte était déjà annulé" in lea.submit(f"/journal/{act.id}/annuler")
    undoing = store.reviews_of("a0", "tourisme")[-1]
    lea.submit(f"/journal/{undoing.id}/annuler")
    assert "l’acte a déjà été rétabli" in lea.submit(f"/journal/{undoing.id}/annuler")


def test_a_later_verdict_stays(lea: Browser, record: Callable[..., Review]) -> None:
    act = record("lea", Act.KEPT)
    record("tom", Act.PUBLISHED)
    lea.see("/journal")
    assert "L’avis plus récent de Tom Petit reste celui qui compte." in lea.submit(f"/journal/{act.id}/annuler")


def test_what_a_neighbour_sent_is_theirs_to_undo(browse: Browse, record: Callable[..., Review], store: Store) -> None:
    record("lea", Act.SHARED, target="transition-ecologique", note="Pour vous")
    received = store.reviews_of("a0", "transition-ecologique")[-1]
    ana = browse().log_in("ana")
    page = ana.see("/journal")
    assert "Léa Martin a transmis « Taxe de séjour, épisode 0 » à Transition écologique" in text_of(page)
    assert f"/journal/{received.id}/annuler" not in page
    assert "c’est à elle d’annuler son envoi" in ana.submit(f"/journal/{received.id}/annuler")


def test_acts_of_other_communities_are_neither_seen_nor_undone(
    lea: Browser, record: Callable[..., Review], store: Store
) -> None:
    act = record("ana", Act.DISMISSED, "a0", "transition-ecologique", note="Secret de la maison voisine")
    page = lea.see("/journal?communaute=transition-ecologique")
    assert "Secret" not in page
    lea.submit(f"/journal/{act.id}/annuler", 404)
    assert len(store.reviews_of("a0")) == 1


@pytest.mark.parametrize("number", ["999", "0", "-1", "abc", "9" * 30, "²"])
def test_a_number_that_is_no_act_is_not_found(lea: Browser, number: str) -> None:
    lea.see("/journal")
    lea.submit(f"/journal/{number}/annuler", 404)


def test_filters(lea: Browser, record: Callable[..., Review], clock: Clock) -> None:
    record("lea", Act.REJECTED, "a0", reason="off_topic")
    clock.now += timedelta(days=40)
    record("tom", Act.KEPT, "a1")
    lea.log_in("lea")
    both = lea.see("/journal")
    assert "épisode 0" in both and "épisode 1" in both
    for query, wanted, other in (
        ("personne=tom", "épisode 1", "épisode 0"),
        ("acte=rejected", "épisode 0", "épisode 1"),
        ("periode=7", "épisode 1", "épisode 0"),
    ):
        page = lea.see(f"/journal?{query}")
        assert wanted in page and other not in page, query
    assert "Aucun acte ne répond à ces filtres" in lea.see("/journal?personne=tom&acte=rejected")
    lea.see("/journal?personne=%00&acte=x&periode=zz&avant=zz&communaute=%F0%9F")


def test_pages_follow_one_another(lea: Browser, record: Callable[..., Review], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_page, "SIZE", 4)
    for n in range(10):
        record("lea", Act.NOTED, "a0", note=f"note {n} fin")
    page, seen = lea.see("/journal?acte=noted"), []
    while True:
        seen += re.findall(r"note (\d) fin", page)
        older = re.search(r'href="(/journal\?[^"]+)" rel="next"', page)
        if not older:
            break
        page = lea.see(older[1].replace("&amp;", "&"))
    assert seen == [str(n) for n in reversed(range(10))]


def test_back_stays_on_the_desk(lea: Browser, record: Callable[..., Review]) -> None:
    act = record("lea", Act.REJECTED, reason="off_topic")
    lea.see("/journal")
    response = lea.post(
        f"/journal/{act.id}/annuler", data={"csrf": lea.token, "back": "//ailleurs.fr"}, follow_redirects=False
    )
    assert (response.status_code, response.headers["location"]) == (303, "/journal")


def test_a_title_from_outside_is_shown_as_text(lea: Browser, record: Callable[..., Review]) -> None:
    record("lea", Act.EDITED, edition=Edition("<img src=x onerror=alert(1)>", "S.", "C."))
    page = lea.see("/journal")
    assert "<img src=x" not in page and "&lt;img src=x" in page


def test_times_are_those_of_the_desk(lea: Browser, record: Callable[..., Review]) -> None:
    record("lea", Act.TAKEN)
    page = lea.see("/journal")
    assert NOW.hour == 8 and ">09:00</time>" in page and "Aujourd’hui" in page
