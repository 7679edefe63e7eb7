"""« Vocabulaire »: words seen, changed in the draft, published, brought back; each fault beside its field."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from curation.accounts import Account
from curation.config import Settings
from curation.errors import UserError
from curation.store.store import Store
from curation.web.desk import Site
from curation.web.word_forms import gestures
from curation.web.word_tree import concept_named, forest, outline, rows, search
from curation.word_drafts import WordDrafts
from curation.wordbook import Wordbook
from taxonomy.concept_operations import AddLabels, RemoveLabels, SetScopeNote, SetWeight
from taxonomy.edit import apply, to_json
from taxonomy.load import SHIPPED, load_taxonomy
from taxonomy.types import Concept, Origin, Taxonomy
from tests.web.conftest import NOW, Browser, NoServices, as_read

HERE = "/vocabulaire/tourisme"
TAX = f"{HERE}/concept/taxe-de-sejour"


@pytest.fixture
def zoe(browse: Callable[[], Browser], people: dict[str, Account]) -> Browser:
    return browse().log_in("zoe")


@pytest.fixture
def book(site: Site, store: Store) -> Wordbook:
    return Wordbook(site.settings, store)


def draft_words(book: Wordbook) -> Taxonomy:
    draft = WordDrafts(book).draft("tourisme")
    assert draft is not None
    return draft.taxonomy


def form_of(page: str) -> dict[str, Any]:
    """The fields of the form of a concept, as a browser would send them."""
    form = page[page.index('name="prefLabel"') - 2000 : page.index('value="save"')]
    fields: dict[str, Any] = {}
    for name in ("altLabel", "notation", "excludeLabel", "hiddenLabel", "scopeNote"):
        found = re.search(rf'name="{name}"[^>]*>(.*?)</textarea>', form, re.DOTALL)
        assert found is not None, name
        fields[name] = unescape(found[1])
    for name in ("prefLabel", "weight"):
        found = re.search(rf'name="{name}"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*name="{name}"', form)
        found = found or re.search(rf'<input id="{name}"[^>]*value="([^"]*)"', form)
        assert found is not None, name
        fields[name] = unescape(found[1])
    fields["dossier"] = re.findall(r'name="dossier" value="([^"]*)" checked', form)
    fields["broader"] = re.findall(r'<option value="([^"]+)" selected', form.split('name="broader"', 1)[-1])
    for name in ("seen", "base"):
        found = re.search(rf'name="{name}" value="(\d+)"', page)
        assert found is not None, name
        fields[name] = found[1]
    return fields


def change(browser: Browser, path: str = TAX, status: int = 200, **fields: Any) -> str:
    """Open a concept, change some fields, send the form."""
    return browser.submit(path, status, **{**form_of(browser.see(path)), "do": "save", **fields})


def test_the_tree_the_table_and_a_search(zoe: Browser) -> None:
    page = zoe.see(HERE)
    assert "73 concepts" in page and page.count('href="/vocabulaire/tourisme/concept/') >= 73
    page = zoe.see(f"{HERE}?vue=tableau&tri=poids")
    assert 'aria-sort="ascending"' in page and page.count('<th scope="row">') == 73
    weights = [float(w.replace(",", ".")) for w in re.findall(r'<td class="n">([\d,]+)</td>', page)]
    assert weights == sorted(weights, reverse=True)
    page = zoe.see(f"{HERE}?q=fédération+nationale&vue=tableau")
    assert "pour « fédération nationale »" in page
    assert "Aucun concept ne porte « zzz »" in zoe.see(f"{HERE}?q=zzz")
    assert "un dossier" not in zoe.see(f"{HERE}?dossier=hebergements-taxe-de-sejour")


def test_the_same_form_sent_again_changes_nothing(zoe: Browser, book: Wordbook) -> None:
    for concept in ("taxe-de-sejour", "randonnee", "office-de-tourisme"):
        page = change(zoe, f"{HERE}/concept/{concept}")
        assert "Rien n’a changé" in page
    assert WordDrafts(book).draft("tourisme") is None


def test_a_concept_changes_in_the_draft_only(zoe: Browser, book: Wordbook) -> None:
    before = load_taxonomy(SHIPPED / "tourisme.yaml").concept("taxe-de-sejour")
    page = change(
        zoe, prefLabel="taxe sur les séjours", excludeLabel="taxe de séjour linguistique\n", weight="1,5",
        notation="TDS", scopeNote="Une note.", dossier=[], broader="tourisme",
    )  # fmt: skip
    assert "est changé dans le brouillon" in page
    after = draft_words(book).concept("taxe-de-sejour")
    assert after.pref_label == "taxe sur les séjours" and after.alt_labels == (*before.alt_labels, before.pref_label)
    assert (after.exclude_labels, after.weight, after.notations) == (("taxe de séjour linguistique",), 1.5, ("TDS",))
    assert (after.scope_note, after.dossiers, after.broader) == ("Une note.", (), ("tourisme",))
    assert book.look("tourisme", NOW).taxonomy.concept("taxe-de-sejour") == before
    page = zoe.see(f"{HERE}/brouillon")
    assert "+ exclusion « taxe de séjour linguistique »" in page and "poids 2 → 1,5" in page


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"weight": "9"}, "weight", "Un nombre plus grand que 0 et d’au plus 3"),
        ({"weight": "beaucoup"}, "weight", "Un nombre plus grand que 0"),
        ({"prefLabel": "  de la "}, "prefLabel", "Donnez un nom"),
        ({"altLabel": "randonnée"}, "altLabel", "est déjà celui de « randonnée »"),
        ({"excludeLabel": "taxe de séjour"}, "excludeLabel", "annule toujours le libellé"),
        ({"broader": "disparu"}, "broader", "Ce concept parent n’existe plus"),
    ],
)
def test_faults_stand_beside_their_field(
    zoe: Browser, book: Wordbook, fields: dict[str, Any], field: str, said: str
) -> None:
    page = change(zoe, status=400, **fields)
    fault = re.search(rf'id="{field}-fault">(.*?)</p>', page)
    assert fault is not None and said in fault[1], fault
    assert f'aria-describedby="{field}-fault' in page
    assert WordDrafts(book).draft("tourisme") is None
    if field == "weight":
        assert f'value="{fields["weight"]}"' in page


def test_a_cycle_is_told_in_the_words_of_the_desk(zoe: Browser) -> None:
    page = zoe.see(f"{HERE}/concept/tourisme")
    offered = page.split('name="broader"', 1)[1].split("</select>", 1)[0]
    assert 'value="touristique"' not in offered and 'value="randonnee"' in offered
    page = change(zoe, f"{HERE}/concept/tourisme", 400, broader="touristique")
    assert "Il finit par se trouver sous lui-même" in page and "broader «" not in page


def test_new_merged_split_moved_and_retired(zoe: Browser, book: Wordbook) -> None:
    page = zoe.see(f"{HERE}/nouveau?sous=tourisme&nom=halle+gourmande")
    assert 'value="halle gourmande"' in page and '<option value="tourisme" selected>' in page
    seen = {"base": "1", "weight": "1"}
    zoe.submit(f"{HERE}/nouveau", 400, prefLabel="randonnée", **seen)
    page = zoe.submit(f"{HERE}/nouveau", prefLabel="halle gourmande", altLabel="food hall", broader="tourisme", **seen)
    assert "« halle gourmande » est dans le brouillon" in page
    assert draft_words(book).concept("halle-gourmande").alt_labels == ("food hall",)

    def act(concept: str, status: int = 200, **fields: Any) -> str:
        page = zoe.see(f"{HERE}/concept/{concept}")
        revision = re.search(r'name="seen" value="(\d+)"', page)
        assert revision is not None
        return zoe.submit(f"{HERE}/concept/{concept}", status, seen=revision[1], base="1", **fields)

    word = draft_words(book).concept("taxe-de-sejour").alt_labels[2]
    assert "Donnez un nom au concept détaché" in act("taxe-de-sejour", 400, do="split", words=[word])
    act("taxe-de-sejour", do="split", name="taxe additionnelle départementale", words=[word])
    assert draft_words(book).concept("taxe-additionnelle-departementale").alt_labels == (word,)
    act("taxe-additionnelle-departementale", do="move", words=[word], to="taxe-de-sejour")
    assert word in draft_words(book).concept("taxe-de-sejour").alt_labels
    assert "Cochez au moins un mot" in act("taxe-de-sejour", 400, do="move", to="")
    assert "Choisissez le concept à absorber" in act("taxe-de-sejour", 400, do="merge", other="")
    act("taxe-de-sejour", do="merge", other="taxe-additionnelle-departementale")
    page = act("halle-gourmande", do="retire")
    assert "est retiré dans le brouillon" in page
    assert "halle-gourmande" not in {c.id for c in draft_words(book).concepts}
    assert zoe.get(f"{HERE}/concept/halle-gourmande").status_code == 404
    page = zoe.submit(f"{HERE}/brouillon/annuler", seen=re.findall(r'name="seen" value="(\d+)"', page)[0])
    assert "Geste annulé : concept « halle gourmande » retiré" in page
    assert "halle-gourmande" in {c.id for c in draft_words(book).concepts}
    assert zoe.post(f"{HERE}/concept/taxe-de-sejour", data={"csrf": zoe.token, "do": "x"}).status_code == 400


def test_two_people_in_one_draft(zoe: Browser, browse: Callable[[], Browser], book: Wordbook) -> None:
    """What does not contradict is brought together; what does is told, with what was typed."""
    max_ = browse().log_in("max")
    stale = form_of(zoe.see(TAX))
    change(max_, excludeLabel="séjour linguistique")
    before = draft_words(book).concept("taxe-de-sejour").alt_labels
    zoe.submit(TAX, **{**stale, "do": "save", "altLabel": stale["altLabel"] + "\ntaxe des nuitées"})
    after = draft_words(book).concept("taxe-de-sejour")
    assert after.exclude_labels == ("séjour linguistique",) and after.alt_labels == (*before, "taxe des nuitées")
    stale = form_of(zoe.see(TAX))
    change(max_, weight="1")
    page = zoe.submit(TAX, 409, **{**stale, "do": "save", "weight": "0,5", "scopeNote": "Ma note."})
    assert "Changé entre-temps" in page and "Ma note." in page and "max a changé la même chose" in page
    assert draft_words(book).concept("taxe-de-sejour").weight == 1


def test_a_form_made_of_an_older_version_undoes_nothing(zoe: Browser, book: Wordbook) -> None:
    stale = form_of(zoe.see(TAX))
    now = book.look("tourisme", NOW)
    words = apply(now.taxonomy, AddLabels("taxe-de-sejour", "altLabel", ("taxe des nuitées",)))
    book.publish("tourisme", words, base=1, author="max", message="m", origin=Origin.COMMAND, now=NOW)
    zoe.submit(TAX, **{**stale, "do": "save", "weight": "1,2"})
    after = draft_words(book).concept("taxe-de-sejour")
    assert after.weight == 1.2 and "taxe des nuitées" in after.alt_labels


def test_publish_history_and_rollback(
    zoe: Browser, site: Site, book: Wordbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = Counting()
    monkeypatch.setattr(site, "services", services)
    shipped = (SHIPPED / "tourisme.yaml").read_bytes()
    change(zoe, weight="1,5")
    seen = {"seen": "1", "base": "1"}
    page = zoe.submit(f"{HERE}/brouillon/publier", 400, message=" ", **seen)
    assert "Dites en une ligne pourquoi" in page
    page = zoe.submit(f"{HERE}/brouillon/publier", message="la taxe compte moins", reclassify="1", **seen)
    assert "Version 2 publiée. 12 contenus relus : les files en tiennent compte." in page
    assert "poids 2 → 1,5" in page and services.asked == 1
    assert site.words["tourisme"].concept("taxe-de-sejour").weight == 1.5
    assert WordDrafts(book).draft("tourisme") is None
    page = zoe.see(f"{HERE}/histoire")
    assert "la taxe compte moins" in page and "Zoé Blanc" in page and "1 concept modifié" in page
    assert zoe.get(f"{HERE}/histoire/9").status_code == 404
    page = zoe.submit(f"{HERE}/histoire/1/retour", 409, base="1")
    assert "Changé entre-temps" in page
    page = zoe.submit(f"{HERE}/histoire/1/retour", base="2")
    assert "Version 3 publiée : elle redit la version 1. La nuit refera le tri." in page and services.asked == 1
    assert site.settings.words_file("tourisme").read_bytes() == shipped
    page = zoe.see(f"{HERE}/histoire/3?depuis=1")
    assert "Les mots sont les mêmes" in page
    services.fault = "Un autre travail est en cours au bureau."
    zoe.submit(TAX, **{**form_of(zoe.see(TAX)), "do": "save", "weight": "1"})
    page = zoe.submit(f"{HERE}/brouillon/publier", message="m", reclassify="1", seen="3", base="3")
    assert "la nuit s’en chargera. Un autre travail est en cours" in page or "Version 4" in page


def test_a_version_published_meanwhile_is_merged_with_choices(zoe: Browser, book: Wordbook) -> None:
    change(zoe, weight="1", excludeLabel="séjour linguistique")
    words = apply(
        book.look("tourisme", NOW).taxonomy, SetWeight("taxe-de-sejour", 0.5), SetScopeNote("randonnee", "À pied.")
    )
    book.publish("tourisme", words, base=1, author="max", message="la leur", origin=Origin.COMMAND, now=NOW)
    assert "La version 2 a été publiée depuis que ce brouillon est ouvert" in zoe.see(HERE)
    page = zoe.see(f"{HERE}/brouillon")
    assert "La version 2 a été publiée entre-temps par Max Dupré" in page and "Publier la version" not in page
    page = zoe.submit(f"{HERE}/brouillon/publier", message="m", seen="1", base="1")
    assert "voyez ce que chacun a changé" in page and "Il reste 1 choix" in page
    key = re.search(r'name="choice:([^"]+)" value="theirs"', page)
    assert key is not None and "2 au départ, 1 de votre brouillon, 0,5 de la version 2" in page
    page = zoe.submit(f"{HERE}/fusion", 409, seen="1")
    assert "Choisissez l’un des deux" in page
    page = zoe.submit(f"{HERE}/fusion", seen="1", **{f"choice:{key[1]}": "theirs"})
    assert "Le brouillon repart de la version 2" in page
    after = draft_words(book)
    assert after.concept("taxe-de-sejour").weight == 0.5 and after.concept("randonnee").scope_note == "À pied."
    assert after.concept("taxe-de-sejour").exclude_labels == ("séjour linguistique",)
    page = zoe.submit(f"{HERE}/brouillon/publier", message="les deux", seen="2", base="2")
    assert "Version 3 publiée" in page


def test_a_draft_is_given_up(zoe: Browser, book: Wordbook) -> None:
    change(zoe, weight="1")
    assert "Changé entre-temps" in zoe.submit(f"{HERE}/brouillon/abandonner", 409, seen="7")
    page = zoe.submit(f"{HERE}/brouillon/abandonner", seen="1")
    assert "Le brouillon est abandonné" in page and WordDrafts(book).draft("tourisme") is None


def test_what_the_desk_proposes_goes_to_the_draft(zoe: Browser, book: Wordbook) -> None:
    zoe.see(HERE)
    mend = [to_json(AddLabels("taxe-de-sejour", "excludeLabel", ("séjour linguistique",)))]
    page = zoe.submit(f"{HERE}/gestes", operations=json.dumps(mend), seen="0", base="1")
    assert "C’est dans le brouillon" in page
    page = zoe.submit(f"{HERE}/gestes", operations=json.dumps(mend), seen="1", base="1")
    assert "s'y trouve déjà" in unescape(page)
    for wrong in ("", "{", "[1]", '[{"op": "x"}]', "[" * 5000):
        assert zoe.post(f"{HERE}/gestes", data={"csrf": zoe.token, "operations": wrong}).status_code in (200, 400)
    assert len(WordDrafts(book).draft("tourisme").steps) == 1  # type: ignore[union-attr]


def test_presentation_priorities_and_dossiers(zoe: Browser, book: Wordbook) -> None:
    at, words = f"{HERE}/presentation", load_taxonomy(SHIPPED / "tourisme.yaml")
    zoe.see(at)

    def act(status: int = 200, **fields: Any) -> str:
        draft = WordDrafts(book).draft("tourisme")
        return zoe.submit(at, status, seen=str(draft.revision if draft else 0), base="1", **fields)

    scheme: dict[str, Any] = {
        "do": "scheme", "label": words.pref_label, "definition": words.definition,
        "audience": "\n".join(words.audience), "neighbours": [*words.neighbours],
    }  # fmt: skip
    assert "Rien n’a changé" in act(**scheme)
    assert "Un nom est nécessaire" in act(400, **(scheme | {"label": "", "about": "scheme"}))
    act(
        **(
            scheme
            | {"label": "Tourisme et loisirs", "audience": "élus\nagents", "neighbours": ["urbanisme-amenagement"]}
        )
    )
    after = draft_words(book)
    assert (after.pref_label, after.audience) == ("Tourisme et loisirs", ("élus", "agents"))
    page = act(400, do="priority", label="Été", concepts="taxe de sejour\nrandonnex", about="priority-new")
    assert "« randonnex » n’est le nom d’aucun concept" in page and "Vouliez-vous écrire" in page
    act(do="priority", label="Été", concepts="taxes de séjour\nRandonnées")
    assert draft_words(book).priorities[-1].concepts == ("taxe-de-sejour", "randonnee")
    act(do="no-priority", before="Été")
    act(do="dossier", label="Saisons", note="Tout ce qui passe.")
    assert draft_words(book).dossiers[-1].id == "saisons"
    act(do="dossier", before="saisons", label="Les saisons", note="")
    act(do="no-dossier", before="saisons", heir="", label="x")
    assert "saisons" not in {d.id for d in draft_words(book).dossiers}
    assert zoe.post(at, data={"csrf": zoe.token, "do": "x"}).status_code == 400


@pytest.mark.parametrize("form", ["csv", "turtle", "rdf", "jsonld", "yaml"])
def test_every_export_comes_back_without_a_difference(zoe: Browser, form: str) -> None:
    answer = zoe.get(f"{HERE}/export/{form}")
    assert answer.status_code == 200 and "attachment" in answer.headers["content-disposition"]
    zoe.see(f"{HERE}/echange")
    page = zoe.post(f"{HERE}/echange", data={"csrf": zoe.token}, files={"words": ("f", answer.content)})
    assert page.status_code == 200 and "dit exactement ce que disent déjà les mots" in page.text


def test_an_import_is_shown_then_put_in_the_draft(zoe: Browser, book: Wordbook) -> None:
    table = zoe.get(f"{HERE}/export/csv").text.replace("taxe de séjour forfaitaire", "taxe de séjour au forfait", 1)
    zoe.see(f"{HERE}/echange")
    page = zoe.post(f"{HERE}/echange", data={"csrf": zoe.token}, files={"words": ("f.csv", table.encode())})
    assert "taxe de séjour au forfait" in page.text and WordDrafts(book).draft("tourisme") is None
    operations = re.search(r'name="operations" value="([^"]*)"', page.text)
    assert operations is not None
    zoe.submit(f"{HERE}/gestes", operations=unescape(operations[1]), seen="0", base="1")
    assert "taxe de séjour au forfait" in draft_words(book).concept("taxe-de-sejour").alt_labels
    for bad in (
        b"",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
        b"identifiant;nom\r\n;\r\n",
        b"\x00\x01",
        b"id: autre\n",
    ):
        page = zoe.post(f"{HERE}/echange", data={"csrf": zoe.token}, files={"words": ("f", bad)})
        assert page.status_code == 400 and "words-fault" in page.text
    assert zoe.get(f"{HERE}/export/exe").status_code == 404


def test_the_archive_goes_out_and_comes_in(
    browse: Callable[[], Browser], people: dict[str, Account], book: Wordbook
) -> None:
    max_ = browse().log_in("max")
    data = max_.get("/vocabulaires/archive.zip").content
    assert "tourisme.yaml" in zipfile.ZipFile(io.BytesIO(data)).namelist()
    change(max_, weight="1")
    max_.see("/vocabulaires/archive")
    fields = {"csrf": max_.token, "do": "try"}
    page = max_.post("/vocabulaires/archive", data=fields, files={"archive": ("a.zip", data)}).text
    assert page.count("aucune différence") == 2 and "1 concept modifié" in page
    page = max_.post("/vocabulaires/archive", data=fields | {"do": "draft"}, files={"archive": ("a.zip", data)}).text
    assert "Dans les brouillons de : Tourisme" in as_read(page)
    assert draft_words(book).concept("taxe-de-sejour").weight == 2
    for bad in (b"", b"PK\x03\x04", b"rien"):
        answer = max_.post("/vocabulaires/archive", data=fields, files={"archive": ("a.zip", bad)})
        assert answer.status_code == 400


def test_an_animateur_reads_and_changes_nothing(lea: Browser, zoe: Browser, book: Wordbook) -> None:
    change(zoe, weight="1,5")
    for path in (HERE, TAX, f"{HERE}/brouillon", f"{HERE}/presentation", f"{HERE}/histoire", f"{HERE}/echange"):
        page = lea.see(path)
        assert not re.search(r'<form method="post" action="/vocabulaire', page), path
    assert lea.post(TAX, data={"csrf": lea.token, "do": "retire"}).status_code == 403


def test_a_file_at_fault_is_told(zoe: Browser, site: Site, settings_file: Callable[[str], None]) -> None:
    settings_file("id: tourisme\nprefLabel: Tourisme\nconcepts: [{id: x}]\n")
    answer = zoe.get("/vocabulaire/tourisme")
    assert answer.status_code in (400, 409) and "tourisme.yaml" in answer.text


@pytest.fixture
def settings_file(site: Site) -> Callable[[str], None]:
    def write(text: str) -> None:
        path = Settings.words_target(site.settings, "tourisme")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return write


class Counting(NoServices):
    """Classifying again, counted."""

    asked, fault = 0, ""

    def reclassify(self) -> int:
        if self.fault:
            raise UserError(self.fault)
        self.asked += 1
        return 12


def test_gestures_are_what_was_typed() -> None:
    before = Concept("a", "halle", ("marché couvert", "marché"), hidden_labels=("hale",))
    after = Concept("a", "halle", ("marché couvert", "hale"), exclude_labels=("halle aux grains",))
    assert gestures(before, after) == [
        RemoveLabels("a", "altLabel", ("marché",)),
        RemoveLabels("a", "hiddenLabel", ("hale",)),
        AddLabels("a", "altLabel", ("hale",)),
        AddLabels("a", "excludeLabel", ("halle aux grains",)),
    ]
    assert gestures(before, before) == []


def test_tree_search_and_names() -> None:
    words = load_taxonomy(SHIPPED / "tourisme.yaml")
    assert {c.id for c, _ in outline(words)} == {c.id for c in words.concepts} and len(outline(words)) == 73
    kept = forest(words, {"accueil-touristique"})
    assert [n.concept.id for n in kept] == ["tourisme"] and kept[0].size == 3
    assert "randonnee" in search(words, "RANDONNEES") and search(words, "PDIPR")["randonnee"].place == "sigle"
    assert len(rows(words, "", False)) == len(rows(words, "nom", True)) == 73
    found = concept_named(words, "Taxes de séjour")
    assert found is not None and found.id == "taxe-de-sejour" and concept_named(words, "licorne") is None
