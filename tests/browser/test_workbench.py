"""The workbench on the demo data with 300 simulated verdicts: a keyword that is too wide is found, an exclusion is
rehearsed and published, the queue changes, and coming back brings everything back, byte for byte.

One real night, the real judge, the real services of the desk: one process beside it rehearses and reclassifies.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bench.verdicts import COMMUNITY, WIDE, seed
from curation.accounts import Account, AccountRole
from curation.config import load_settings
from curation.web.words import Words
from flows.demo_server import DemoServer
from flows.desk_services import NightServices
from tests.browser.axe import WIDE as SCREEN
from tests.browser.conftest import OpenPage, Served, served
from tests.browser.test_accessibility import check, post
from tests.flows.test_night import configured, veille

HERE = f"/vocabulaire/{COMMUNITY}"
#: Loading the judge, then trying the words, beside whatever else the machine does.
PATIENCE = 150_000


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Path]]:
    """The demo after a night, the verdicts of fourteen months, and the night that follows."""
    folder = tmp_path_factory.mktemp("demo")
    with DemoServer() as server:
        config = configured(server, folder)
        assert veille(config, "nightly", "--json").returncode == 0
    settings = load_settings(config)
    told = seed(settings, datetime.now(UTC).replace(microsecond=0))
    assert told["verdicts"] == 300 and told["wide"]["rejected"] > 20 and told["wide"]["waiting"] > 5
    done = veille(config, "curate", "--json")
    assert done.returncode == 0, done.stderr
    with served(settings.state, None, settings=settings) as desk:
        desk.site.words, desk.site.services = Words(settings), NightServices(settings, config)
        desk.now = datetime.now(UTC).replace(microsecond=0)
        desk.site.clock = lambda: datetime.now(UTC)
        with desk.store() as store:
            for account in (
                Account("zoe", "Zoé Blanc", AccountRole.COORDONNATEUR, (COMMUNITY, "economie-territoriale"), "x"),
                Account("lea", "Léa Martin", AccountRole.ANIMATEUR, (COMMUNITY,), "x"),
            ):
                store.add_account(account, desk.now)
        yield desk, config


def queue(config: Path) -> str:
    done = veille(config, "queue", COMMUNITY, "--json")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_keyword_too_wide_is_found_narrowed_and_brought_back(demo: tuple[Served, Path], open_page: OpenPage) -> None:
    desk, config = demo
    before = queue(config)
    assert "station-service" in before
    page = open_page(desk, "zoe")
    page.set_viewport_size(SCREEN)  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE)
    faults = list[str]()

    # found in the balance sheet
    page.goto(f"{HERE}/bilan?voir=too_wide")
    first = page.locator("table.balance tbody tr").first
    assert first.locator("th").inner_text() == "station"
    check(page, faults, "balance of what is too wide", dark=True)
    page.set_viewport_size(SCREEN)  # type: ignore[arg-type]
    page.locator("table.balance").get_by_role("link", name="station", exact=True).click()
    expect(page.locator(".diagnosis").first).to_contain_text("trop large")
    check(page, faults, "one keyword")
    page.go_back()

    # the mend that the desk proposes, in one click: an exclusion, rehearsed before it counts
    said = page.locator("table.balance tbody tr").nth(1)
    mend = said.get_by_role("button", name=re.compile("^Exclure « station-service », « station de "))
    expect(mend).to_contain_text("aucun des retenus n’est touché")
    mend.click()
    expect(page).to_have_url(re.compile("/repetition$"))
    expect(page.locator("#said")).to_contain_text("C’est dans le brouillon. Rien n’est publié.")
    effect = page.locator(f"#effect-{COMMUNITY}").locator("xpath=../..")
    headline = effect.locator(".lead").inner_text()
    found = re.match(r"−(\d+) contributions, dont (\d+) écartées\.", headline.replace("\u00a0", " "))
    assert found is not None, headline
    leaving, rejected = int(found[1]), int(found[2])
    assert leaving > rejected > 10
    # nothing that was published would be lost, and what remains is better
    assert "publiée" not in headline
    precision = effect.locator(".rates tbody tr").first.locator("td")
    shares = [int(re.match(r"(\d+)", precision.nth(n).inner_text())[1]) for n in (0, 1)]  # type: ignore[index]
    assert shares[1] > shares[0]
    # measured on the labelled items too, once they are prepared behind the first rehearsal; they lose nothing by it
    while effect.locator(".rates").count() < 2:
        expect(page.locator("main")).to_contain_text("L’effet sur les contenus étiquetés se prépare")
        time.sleep(1)
        page.reload()
    labelled = effect.locator(".rates").nth(1)
    assert "319 contenus étiquetés" in labelled.inner_text().replace("\u00a0", " ")
    recall = labelled.locator("tbody tr").nth(1).locator("td").all_inner_texts()
    assert re.match(r"\d+", recall[0]) and recall[0] == recall[1]
    check(page, faults, "rehearsal", dark=True)
    assert queue(config) == before  # a rehearsal writes nothing

    # published: the queue follows at once
    page.get_by_role("link", name="Publier ce brouillon").click()
    page.get_by_label("Pourquoi, en une ligne").fill("ni essence, ni lavage, ni métro")
    page.get_by_role("button", name="Publier la version 3").click()
    expect(page.locator("#said")).to_contain_text("Version 3 publiée.", timeout=PATIENCE)
    expect(page.locator("#said")).to_contain_text("les files en tiennent compte")
    after = queue(config)
    assert "station-service" not in after and after != before
    page.goto(f"/file/{COMMUNITY}?q=station-service")
    assert page.locator(".drafts .draft").count() == 0
    # and the night that follows finds nothing to add
    assert veille(config, "curate", "--json").returncode == 0
    assert queue(config) == after

    # brought back: everything as before, byte for byte
    page.goto(f"{HERE}/histoire")
    page.get_by_role("link", name="Revenir à la version 2").click()
    page.get_by_role("button", name="Revenir à la version 2").click()
    expect(page.locator("#said")).to_contain_text("elle redit la version 2", timeout=PATIENCE)
    assert queue(config) == before
    page.goto(f"/file/{COMMUNITY}?q=station-service")
    assert page.locator(".drafts .draft").count() > 0
    assert faults == [], "\n".join(faults)


def test_the_other_pages_of_evidence_have_no_fault(demo: tuple[Served, Path], open_page: OpenPage) -> None:
    """Candidates accepted, attached, refused; neighbours; a community split off and one begun, both rehearsed."""
    desk, _ = demo
    page, faults = open_page(desk, "zoe"), list[str]()
    page.set_default_timeout(PATIENCE)
    for path in (f"{HERE}/bilan", f"{HERE}/candidats", f"{HERE}/voisines", f"{HERE}/scission", f"{HERE}/fondation"):
        page.goto(path)
        check(page, faults, path, dark=path.endswith(("bilan", "voisines")))
    # settings tried on the verdicts: what is ticked goes to the draft, and is rehearsed
    page.goto(f"{HERE}/bilan")
    page.get_by_role("link", name="Essayer des réglages").click()
    narrower = page.get_by_role("checkbox", name=re.compile(r"station\s»\s:\sexclure\s«\sstation-service"))
    expect(narrower).to_be_visible(timeout=PATIENCE)
    check(page, faults, "settings", dark=True)
    narrower.check()
    page.get_by_role("button", name="Mettre les réglages cochés dans le brouillon").click()
    expect(page).to_have_url(re.compile("/repetition$"))
    page.goto(f"{HERE}/brouillon")
    expect(page.locator("main")).to_contain_text("station-service")
    page.locator("summary", has_text="Abandonner le brouillon").click()
    page.get_by_role("button", name="Abandonner", exact=True).click()
    # terms that lack: what comes back in what was published, and hardly elsewhere
    page.goto("/vocabulaire/economie-territoriale/candidats")
    expect(page.locator("#terms-title ~ .candidates .term strong").first).to_have_text("aide au loyer")
    page.goto(f"{HERE}/candidats")
    expect(page.locator("#terms-title ~ .empty")).to_contain_text("66 contenus retenus")
    post(page, f"{HERE}/candidats", do="attach", term="aire de camping-cars", concept="licorne")
    expect(page.get_by_role("alert")).to_contain_text("n’est le nom d’aucun concept")
    check(page, faults, "attach 400")
    shown = page.locator("#excl-title ~ .candidates .term strong")
    term, before = shown.first.inner_text(), shown.count()
    post(page, f"{HERE}/candidats", do="refuse", term=term)
    assert term not in shown.all_inner_texts() and shown.count() < before
    check(page, faults, "a term refused")
    post(page, f"{HERE}/candidats", do="restore", term=term)
    assert shown.count() == before
    page.goto(f"{HERE}/scission")
    page.get_by_label("Son nom").fill("Hébergements")
    page.get_by_label("Hébergements et taxe de séjour", exact=True).check()
    page.get_by_role("button", name="Voir ce qui partirait").first.click()
    expect(page.locator("#effect-hebergements")).to_be_visible(timeout=PATIENCE)
    check(page, faults, "split, rehearsed", dark=True)
    page.goto(f"{HERE}/fondation")
    post(page, f"{HERE}/fondation", name="", keywords="")
    check(page, faults, "started 400")
    page.get_by_label("Son nom").fill("Eau et rivières")
    page.get_by_label("Une dizaine de mots-clés").fill("sécheresse\nnappe phréatique / nappe\nassainissement")
    page.get_by_role("button", name="Voir ce qu’elle aurait reçu").click()
    expect(page.locator("#effect-eau-et-rivieres")).to_be_visible(timeout=PATIENCE)
    check(page, faults, "started, rehearsed")
    page = open_page(desk, "lea")
    for path in (f"{HERE}/bilan/{WIDE}", f"{HERE}/candidats", f"{HERE}/voisines"):
        page.goto(path)
        assert page.locator("form[action*='/vocabulaire/']").count() == page.locator("form[method=get]").count() - 1
        check(page, faults, path)
    assert faults == [], "\n".join(faults)


def test_a_community_is_split_off_and_another_begun_each_published_in_one_step(
    demo: tuple[Served, Path], open_page: OpenPage
) -> None:
    """Last: the communities of the demo are no longer the same afterwards."""
    desk, config = demo
    page, faults = open_page(desk, "zoe"), list[str]()
    page.set_viewport_size(SCREEN)  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE)
    shelf = "Hébergements et taxe de séjour"
    page.goto(f"{HERE}/voisines")
    page.get_by_role("link", name="La détacher de Tourisme").click()
    page.get_by_label("Son nom").fill("Hébergements")
    page.get_by_label(shelf, exact=True).check()
    page.get_by_role("button", name="Voir ce qui partirait").click()
    effect = page.locator("#effect-hebergements").locator("xpath=../..")
    after = re.search(r"0 → (\d+) contributions", effect.inner_text().replace("\u00a0", " "))
    assert after is not None and int(after[1]) > 20
    assert "hebergements-taxe-de-sejour" not in page.locator("main").inner_text()  # dossiers are named, not their ids
    check(page, faults, "split to publish", dark=True)
    page.set_viewport_size(SCREEN)  # type: ignore[arg-type]

    # published by keyboard alone: message, people, button
    page.get_by_label("Pourquoi, en une ligne").focus()
    page.keyboard.type("les hébergements débordent")
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Publier les deux")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("« Hébergements » est maintenant une communauté.", timeout=PATIENCE)
    expect(page.locator("#said")).to_contain_text("les files en tiennent compte")
    check(page, faults, "words of the new community")
    page.goto("/file/hebergements")
    assert page.locator(".drafts .draft").count() > 0
    page.goto(f"/dossiers/{COMMUNITY}")
    expect(page.get_by_role("link", name=f"{shelf}, passé à Hébergements")).to_be_visible()
    check(page, faults, "dossiers of the community it left")
    page.goto("/dossiers/hebergements")
    expect(page.locator("main")).to_contain_text("Ce qui avait été rangé avant que Hébergements se détache de Tourisme")
    check(page, faults, "dossiers of the new community")
    page.goto(HERE.replace(COMMUNITY, "hebergements") + "/voisines")
    check(page, faults, "neighbours of the new community")

    # the commands and the night know it, and find nothing to add
    told = veille(config, "status", "--json")
    assert told.returncode == 0 and "hebergements" in told.stdout
    before = veille(config, "queue", "hebergements", "--json").stdout
    done = veille(config, "curate", "--json")
    assert done.returncode == 0, done.stderr
    assert veille(config, "queue", "hebergements", "--json").stdout == before != "[]\n"

    # a label changes hands, both published together
    page.goto(f"{HERE}/voisines")
    part = page.locator("section", has=page.locator("#with-hebergements"))
    part.locator("summary").last.click()
    given = part.get_by_role("button", name=re.compile("^Donner à Hébergements et répéter"))
    if given.count():
        given.first.click()
        expect(page.get_by_role("heading", name="Le geste")).to_be_visible(timeout=PATIENCE)
        check(page, faults, "a label given, rehearsed", dark=True)
        page.set_viewport_size(SCREEN)  # type: ignore[arg-type]
        page.get_by_label("Pourquoi, en une ligne").fill("aux hébergements")
        page.get_by_role("button", name=re.compile("^Publier")).click()
        expect(page.locator("#said")).to_contain_text("est désormais un mot de Hébergements", timeout=PATIENCE)

    # another one begins, with an address that answers nobody
    page.goto(f"{HERE}/fondation")
    page.get_by_label("Son nom").fill("Eau et rivières")
    page.get_by_label("Une dizaine de mots-clés").fill("sécheresse\nnappe phréatique / nappe\nassainissement")
    page.get_by_label("Nouvelles adresses").fill("http://127.0.0.1:9/rien")
    page.get_by_role("button", name="Voir ce qu’elle aurait reçu").click()
    expect(page.get_by_role("heading", name="Publier la communauté")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#examined")).to_contain_text("http://127.0.0.1:9/rien")
    check(page, faults, "begun, to publish", dark=True)
    page.get_by_label("Pourquoi, en une ligne").fill("un sujet qui monte")
    page.get_by_role("button", name="Publier la communauté").click()
    expect(page.locator("#said")).to_contain_text("« Eau et rivières » est maintenant une communauté", timeout=PATIENCE)
    check(page, faults, "words of the one that began")
    assert faults == [], "\n".join(faults)
