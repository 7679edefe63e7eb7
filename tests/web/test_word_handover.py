"""A label given to a neighbour or kept by one of the two: rehearsed on both, put in both drafts, published together."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import unescape
from typing import Any

import pytest

from curation.accounts import Account, AccountRole
from curation.decide.effects import CommunityEffect
from curation.store.store import Store
from curation.web.desk import Site
from curation.web.services import Rehearsed
from curation.word_drafts import WordDrafts
from curation.wordbook import Wordbook
from taxonomy.concept_operations import AddLabels, SetWeight
from taxonomy.edit import apply
from taxonomy.french import label_keys
from taxonomy.types import Origin, Taxonomy, labels
from tests.web.conftest import HASHED, NOW, Browser, NoServices

HERE = "/vocabulaire/tourisme"
OTHER = "urbanisme-amenagement"
SHARED = "taxe de séjour"


class Night(NoServices):
    """Rehearsals in which nothing moves."""

    def __init__(self) -> None:
        self.tried: list[tuple[Taxonomy, ...]] = []

    def rehearse(self, words: Sequence[Taxonomy]) -> Rehearsed:
        self.tried.append(tuple(words))
        return Rehearsed(tuple(CommunityEffect(t.id, 3, 3, (), (), (), None) for t in words), {}, 9, 0, 0, 0.1)


@pytest.fixture
def night(site: Site) -> Night:
    site.services = Night()
    assert isinstance(site.services, Night)
    return site.services


@pytest.fixture
def book(site: Site, store: Store) -> Wordbook:
    """« taxe de séjour » is a word of both."""
    book = Wordbook(site.settings, store)
    current = book.look(OTHER, NOW)
    first = current.taxonomy.concepts[0].id
    both = apply(current.taxonomy, AddLabels(first, "altLabel", (SHARED,)))
    book.publish(OTHER, both, base=1, author="eva", message="commun", origin=Origin.DESK, now=NOW)
    book.look("tourisme", NOW)
    return book


@pytest.fixture
def both(browse: Callable[[], Browser], people: dict[str, Account], store: Store, night: Night) -> Browser:
    """Somebody who coordinates both communities."""
    store.add_account(Account("eva", "Eva Lopez", AccountRole.COORDONNATEUR, ("tourisme", OTHER), HASHED), NOW)
    return browse().log_in("eva")


def bears(book: Wordbook, community: str, label: str = SHARED) -> bool:
    words = book.look(community, NOW).taxonomy
    return any(label_keys(label) == label_keys(w) for c in words.concepts for w in labels(c))


def form(page: str, do: str) -> dict[str, Any]:
    text = next(f for f in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'value="{do}"' in f)
    tags = [t for t in re.findall(r"<input[^>]*>", text) if 'type="hidden"' in t or " checked" in t]
    found = {re.search(r'name="([^"]*)"', t)[1]: unescape(re.search(r'value="([^"]*)"', t)[1]) for t in tags}  # type: ignore[index]
    return {k: v for k, v in found.items() if k != "csrf"} | {"do": do}


def ask(browser: Browser, status: int = 200, **fields: str) -> str:
    browser.see(f"{HERE}/voisines")
    return browser.submit(f"{HERE}/ceder", status, **{"label": SHARED, "other": OTHER, "gives": "tourisme", **fields})


def test_the_page_of_neighbours_offers_what_one_may_do(
    both: Browser, browse: Callable[[], Browser], book: Wordbook
) -> None:
    page = both.see(f"{HERE}/voisines")
    part = page[page.index('id="with-urbanisme-amenagement"') :]
    assert "Donner à Urbanisme et aménagement et répéter" in part and "Garder ici seulement et répéter" in part
    zoe = browse().log_in("zoe")
    page = zoe.see(f"{HERE}/voisines")
    assert "Donner à Urbanisme et aménagement et répéter" in page  # that changes her words alone
    assert "Garder ici seulement" not in page
    page = browse().log_in("lea").see(f"{HERE}/voisines")
    assert "et répéter" not in page


def test_a_shared_label_is_given(both: Browser, book: Wordbook, night: Night) -> None:
    page = ask(both)
    assert "« taxe de séjour » : à Urbanisme et aménagement, plus à Tourisme" in page
    assert "a déjà ce mot : rien ne change" in page
    assert [t.id for t in night.tried[-1]] == ["tourisme", OTHER]  # both are rehearsed together
    assert bears(book, "tourisme")  # nothing is written
    page = both.submit(f"{HERE}/ceder", **form(page, "publish"), message="à l’urbanisme")
    assert "est désormais un mot de Urbanisme et aménagement seulement" in page
    assert not bears(book, "tourisme") and bears(book, OTHER)
    assert (book.look("tourisme", NOW).version.number, book.look(OTHER, NOW).version.number) == (2, 2)


def test_or_kept_here_only(both: Browser, book: Wordbook) -> None:
    page = ask(both, gives=OTHER)
    both.submit(f"{HERE}/ceder", **form(page, "publish"), message="au tourisme")
    assert bears(book, "tourisme") and not bears(book, OTHER)


def test_a_label_of_one_moves_to_the_other_and_both_are_published(both: Browser, book: Wordbook, night: Night) -> None:
    page = ask(both, label="randonnée")
    assert "Publier les deux" in page and 'list="concepts"' in page
    target = book.look(OTHER, NOW).taxonomy.concepts[3]
    both.submit(f"{HERE}/ceder", 400, **{**form(page, "publish"), "to": "licorne"}, message="m")
    page = both.submit(f"{HERE}/ceder", **{**form(page, "publish"), "do": "", "to": target.pref_label})
    assert "randonnée" in night.tried[-1][1].concept(target.id).alt_labels
    page = both.submit(f"{HERE}/ceder", 400, **form(page, "publish"), message=" ")
    assert 'id="message-fault"' in page
    page = both.submit(f"{HERE}/ceder", **form(page, "publish"), message="aux aménageurs")
    assert "Tourisme : version 2, Urbanisme et aménagement : version 3" in page
    assert not bears(book, "tourisme", "randonnée") and bears(book, OTHER, "randonnée")
    assert {book.versions(c)[0].message for c in ("tourisme", OTHER)} == {"aux aménageurs"}


def test_it_goes_in_both_drafts(both: Browser, book: Wordbook) -> None:
    page = ask(both, label="randonnée")
    page = both.submit(f"{HERE}/ceder", **form(page, "draft"))
    assert "C’est dans le brouillon de Tourisme et Urbanisme et aménagement. Rien n’est publié." in page
    drafts = WordDrafts(book)
    mine, theirs = drafts.draft("tourisme"), drafts.draft(OTHER)
    assert mine is not None and theirs is not None and len(mine.steps) == len(theirs.steps) == 1
    assert bears(book, "tourisme", "randonnée") and not bears(book, OTHER, "randonnée")
    page = ask(both)  # made from the drafts as they are
    assert "Le brouillon de Tourisme (1 geste) est compris" in page
    both.submit(f"{HERE}/ceder", **form(page, "publish"), message="m")
    assert drafts.draft("tourisme") is None and drafts.draft(OTHER) is not None
    assert not bears(book, "tourisme", "randonnée")


@pytest.mark.parametrize("where", ["tourisme", OTHER])
@pytest.mark.parametrize("how", ["draft", "version"])
def test_what_moved_meanwhile_is_told_and_nothing_is_written(
    both: Browser, book: Wordbook, where: str, how: str
) -> None:
    fields = form(ask(both, label="randonnée"), "publish")
    drafts, current = WordDrafts(book), book.look(where, NOW)
    gesture = SetWeight(current.taxonomy.concepts[5].id, 0.3)
    draft = drafts.change(where, [gesture], revision=0, author="tom", now=NOW)
    if how == "version":
        drafts.publish({where: draft.revision}, author="tom", message="poids", now=NOW)
    before = [book.look(c, NOW).version.number for c in ("tourisme", OTHER)]
    page = both.submit(f"{HERE}/ceder", 409, **fields, message="aux aménageurs")
    assert "Répétez, puis publiez" in page and "aux aménageurs" in page
    assert [book.look(c, NOW).version.number for c in ("tourisme", OTHER)] == before


def test_whoever_coordinates_one_of_the_two_is_told_whom_to_ask(
    both: Browser, browse: Callable[[], Browser], book: Wordbook
) -> None:
    zoe = browse().log_in("zoe")
    page = ask(zoe, 403, gives=OTHER)
    assert "change aussi les mots de Urbanisme et aménagement. Demandez à Eva Lopez." in page
    ask(zoe, 403, label="randonnée")
    page = ask(zoe)  # her own words alone change
    zoe.submit(f"{HERE}/ceder", **form(page, "publish"), message="m")
    assert not bears(book, "tourisme")


def test_what_makes_no_sense(both: Browser, book: Wordbook) -> None:
    assert "pas (ou plus) un mot de « Tourisme »" in ask(both, label="licorne")
    ask(both, 400, other="tourisme")
    ask(both, 400, other="licorne")
