"""« Vocabulaire » in a real browser: axe finds nothing in any state, the keyboard and a page without script do all."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from curation.web.words import Words
from curation.word_drafts import WordDrafts
from curation.wordbook import Wordbook
from taxonomy.concept_operations import AddLabels, RetireConcept, SetWeight
from taxonomy.edit import apply
from taxonomy.types import Origin
from tests.browser.axe import WIDE
from tests.browser.conftest import OpenPage, Served, served
from tests.browser.test_accessibility import check, post

HERE = "/vocabulaire/tourisme"
TAX = f"{HERE}/concept/taxe-de-sejour"


@pytest.fixture
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("words")) as opened:
        opened.site.words = Words(opened.site.settings)  # its own: words are published here
        yield opened


def test_no_state_of_the_words_has_a_fault(desk: Served, open_page: OpenPage) -> None:
    """Searches, faults in place, a draft, both sides of a conflict, versions, an import, what an animateur reads."""
    page, faults = open_page(desk, "zoe"), list[str]()

    def see(path: str, dark: bool = False) -> None:
        page.goto(path)
        check(page, faults, path, dark)

    for path in (f"{HERE}?q=randonnée", f"{HERE}?q=licorne", f"{HERE}?vue=tableau&tri=poids&sens=inverse&q=tourisme"):
        see(path)
    see(TAX, dark=True)
    see(f"{HERE}/nouveau?sous=tourisme")
    post(page, f"{HERE}/nouveau", prefLabel="randonnée", weight="beaucoup", altLabel="randonnée")
    check(page, faults, "new 400")
    post(page, TAX, do="save", prefLabel="taxe de séjour", weight="2", altLabel="randonnée", seen="0", base="1")
    check(page, faults, "concept 400", dark=True)
    for act, more in (("split", {}), ("move", {"to": ""}), ("merge", {"other": ""})):
        page.goto(TAX)
        post(page, TAX, do=act, seen="0", base="1", **more)
        check(page, faults, f"{act} 400")
    page.goto(f"{HERE}/presentation")
    post(page, f"{HERE}/presentation", do="priority", label="", concepts="licorne", about="priority-new")
    check(page, faults, "presentation 400")
    see(f"{HERE}/brouillon")
    with desk.store() as store:
        book = Wordbook(desk.site.settings, store)
        changes = [
            AddLabels("taxe-de-sejour", "excludeLabel", ("séjour linguistique",)),
            SetWeight("randonnee", 0.5),
            RetireConcept("cinetourisme"),
        ]
        WordDrafts(book).change("tourisme", changes, revision=0, author="zoe", now=desk.now)
        for path in (HERE, f"{HERE}?vue=tableau", f"{HERE}/brouillon", f"{HERE}/concept/cinetourisme", TAX):
            see(path, dark=path.endswith("brouillon"))
        post(page, f"{HERE}/brouillon/publier", message="", seen="1")
        check(page, faults, "publish 400")
        words = apply(book.look("tourisme", desk.now).taxonomy, SetWeight("randonnee", 2))
        book.publish(
            "tourisme", words, base=1, author="max", message="la leur", origin=Origin.COMMAND, now=desk.now
        )  # fmt: skip
    for path in (f"{HERE}/brouillon", f"{HERE}/fusion", f"{HERE}/histoire", f"{HERE}/histoire/2", f"{HERE}/histoire/1"):
        see(path, dark=path.endswith("fusion"))
    post(page, f"{HERE}/fusion", seen="1")
    check(page, faults, "merge 409")
    post(page, f"{HERE}/brouillon/annuler", seen="9")
    check(page, faults, "conflict 409")
    see(f"{HERE}/echange")
    page.locator("#words").set_input_files(
        {"name": "mots.csv", "mimeType": "text/csv", "buffer": b"identifiant;nom;exclusions\ntaxe;Taxe;x\n"}
    )
    page.get_by_label("Garder les concepts").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Voir ce qu’il changerait").press("Enter")
    check(page, faults, "import")
    assert "1 concept ajouté" in page.content()
    page = open_page(desk, "lea")
    for path in ("/vocabulaire", HERE, TAX, f"{HERE}/brouillon", f"{HERE}/presentation", f"{HERE}/echange"):
        see(path)
    page = open_page(desk, "max")
    for path in ("/vocabulaire", "/vocabulaires/archive"):
        see(path)
    assert faults == [], "\n".join(faults)


def test_a_word_is_changed_published_and_brought_back_without_script(desk: Served, open_page: OpenPage) -> None:
    page = open_page(desk, "zoe", java_script_enabled=False)
    _tune(page)
    page.get_by_role("link", name="Histoire").click()
    page.get_by_role("link", name=re.compile("Revenir à la version 1")).click()
    page.get_by_role("button", name="Revenir à la version 1").click()
    expect(page.locator("#said")).to_contain_text("elle redit la version 1")


def test_a_word_is_changed_with_the_keyboard(desk: Served, open_page: OpenPage) -> None:
    """From any page, one key opens the words; the tree folds; a concept is found, changed, published."""
    page = open_page(desk, "zoe")
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.goto("/")
    page.keyboard.press("V")
    page.wait_for_url("**/vocabulaire")
    page.get_by_role("link", name="Tourisme", exact=True).press("Enter")
    fold = page.locator(".tree details").first
    summary = fold.locator("> summary")
    summary.press("Enter")
    assert not fold.evaluate("d => d.open") and not page.get_by_role("link", name="surtourisme").is_visible()
    summary.press("Enter")
    assert page.get_by_role("link", name="surtourisme").is_visible()
    page.get_by_label("Mot, sigle ou exclusion").fill("taxe de sejour")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="taxe de séjour", exact=True).press("Enter")
    page.get_by_label("Exclusions").fill("taxe de séjour linguistique")
    page.get_by_role("button", name="Mettre dans le brouillon").press("Enter")
    expect(page.locator("#said")).to_contain_text("est changé dans le brouillon")
    expect(page.locator(".under-tabs")).to_contain_text(re.compile(r"1\s+geste"))


def _tune(page: Page) -> None:
    page.goto(f"{HERE}?q=taxe+de+sejour")
    page.get_by_role("link", name="taxe de séjour", exact=True).click()
    page.get_by_label("Exclusions").fill("taxe de séjour linguistique")
    page.get_by_role("button", name="Mettre dans le brouillon").click()
    page.get_by_role("link", name=re.compile("^Brouillon")).click()
    expect(page.locator(".diff .plus")).to_have_text("+ exclusion « taxe de séjour linguistique »")
    page.get_by_label("Pourquoi, en une ligne").fill("pas de colonies")
    page.get_by_role("button", name="Publier la version 2").click()
    expect(page.locator("#said")).to_contain_text("Version 2 publiée.")
