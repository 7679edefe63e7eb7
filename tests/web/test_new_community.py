"""A community published in one step, split off another or begun with ten keywords: what is written, who gets it, what a
conflict leaves alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from curation.accounts import Account, AccountRole
from curation.decide.effects import CommunityEffect, Moved
from curation.errors import UserError
from curation.labels import explain
from curation.store.store import Store
from curation.types import Act, Cause, Failure, Review, Source, SourceKind
from curation.web.desk import Site
from curation.web.services import Preview, Rehearsed
from curation.web.verdicts import Clerk
from curation.word_drafts import WordDrafts
from curation.wordbook import Wordbook
from taxonomy.concept_operations import SetWeight
from taxonomy.types import Founding, Origin, Taxonomy
from tests.web.conftest import HASHED, NOW, Browser, NoServices

HERE = "/vocabulaire/tourisme"
SHELF = "hebergements-taxe-de-sejour"
FEED = "https://eau.exemple.fr/rss"
KEYWORDS = "sécheresse\nnappe phréatique / nappe\nassainissement (STEP)"


class Night(NoServices):
    """Rehearsals that say the first two drafts would go to whatever is new; addresses of which one answers."""

    def __init__(self) -> None:
        self.tried: list[tuple[Taxonomy, ...]] = []
        self.asked: list[str] = []
        self.sorted = 0

    def rehearse(self, words: Sequence[Taxonomy]) -> Rehearsed:
        self.tried.append(tuple(words))
        new = words[-1].id
        enters = tuple(Moved(a, new, None, 0.8, None, None, "tourisme", "nobody") for a in ("a0", "a1"))
        effects = [CommunityEffect(new, 0, 2, enters, (), (), None)]
        if len(words) > 1:
            leaves = tuple(replace(m, community="tourisme", before=0.8, after=None, other=new) for m in enters)
            effects.append(CommunityEffect("tourisme", 6, 4, (), leaves, (), None))
        return Rehearsed(tuple(effects), {"a0": "Épisode 0", "a1": "Épisode 1"}, 9, 0, 2, 0.1)

    def find_sources(self, addresses: Sequence[str]) -> tuple[Preview, ...]:
        self.asked += addresses
        return tuple(
            Preview(Source("apercu", "L’eau vive", FEED, SourceKind.FEED), total=7)
            if "eau" in a
            else Preview(None, failure=Failure(Cause.NOT_FOUND, a, status=404))
            for a in addresses
        )

    def reclassify(self) -> int:
        self.sorted += 1
        return 6


@pytest.fixture
def night(site: Site) -> Night:
    services = Night()
    site.services = services
    return services


@pytest.fixture
def zoe(browse: Callable[[], Browser], people: dict[str, Account], night: Night) -> Browser:
    return browse().log_in("zoe")


@pytest.fixture
def book(site: Site, store: Store) -> Wordbook:
    return Wordbook(site.settings, store)


def publish_form(page: str) -> dict[str, Any]:
    """The fields of the form that publishes, as a browser would send them."""
    form = next(f for f in re.findall(r"<form.*?</form>", page, re.DOTALL) if 'value="publish"' in f)
    fields: dict[str, Any] = {"do": "publish"}
    for tag in re.findall(r"<input[^>]*>", form):
        kind = re.search(r'type="(\w+)"', tag)
        if kind and kind[1] == "checkbox" and " checked" not in tag:
            continue
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        assert name is not None and value is not None
        if name[1] not in ("csrf", "message"):
            fields.setdefault(name[1], []).append(unescape(value[1]))
    return fields


def split(zoe: Browser, **more: Any) -> str:
    zoe.see(f"{HERE}/scission")
    return zoe.submit(f"{HERE}/scission", name="Hébergements", dossier=[SHELF], **more)


def start(zoe: Browser, status: int = 200, **more: Any) -> str:
    zoe.see(f"{HERE}/fondation")
    fields = {"name": "Eau et rivières", "keywords": KEYWORDS, "neighbours": ["tourisme"], **more}
    return zoe.submit(f"{HERE}/fondation", status, **fields)


def untouched(book: Wordbook, site: Site) -> None:
    assert book.store.foundings() == [] and list(site.words) == [
        "tourisme",
        "transition-ecologique",
        "urbanisme-amenagement",
    ]
    assert not (site.settings.state / "communities.yaml").exists()


def test_a_split_is_published_in_one_step(zoe: Browser, book: Wordbook, site: Site, night: Night, store: Store) -> None:
    page = split(zoe)
    assert "Chacune devient la voisine de l’autre" in page and "Publier les deux" in page
    assert "1 geste" not in page and [t.id for t in night.tried[-1]] == ["tourisme", "hebergements"]
    untouched(book, site)
    fields = publish_form(page)
    assert fields["people"] == ["lea"]  # Tom works elsewhere too: Zoé does not manage him
    page = zoe.submit(f"{HERE}/scission", **fields, message="les hébergements débordent")
    assert "« Hébergements » est maintenant une communauté. Tourisme passe à la version 2. 6 contenus relus" in page
    assert night.sorted == 1
    old, new = (Wordbook(site.settings, store).look(c, NOW) for c in ("tourisme", "hebergements"))
    assert (old.taxonomy, new.taxonomy) == night.tried[-1]  # what was rehearsed
    assert (old.version.number, new.version.number) == (2, 1)
    assert {(v.author, v.message, v.origin) for v in (old.version, new.version)} == {
        ("zoe", "les hébergements débordent", Origin.DESK)
    }
    assert store.foundings() == [Founding("hebergements", "tourisme", "zoe", NOW)]
    # the running desk serves it to whom it was given, and to nobody else
    assert "Hébergements" in zoe.see("/file/hebergements")
    assert [store.account(n).communities for n in ("zoe", "lea", "tom", "max")] == [  # type: ignore[union-attr]
        ("tourisme", "hebergements"), ("tourisme", "hebergements"), ("tourisme", "transition-ecologique"), ()
    ]  # fmt: skip


def test_what_was_published_stays_filed_and_is_told(zoe: Browser, site: Site, store: Store) -> None:
    clerk = Clerk(store, site.words, "lea", NOW, NOW.date())
    assert clerk.record(Review("a1", "tourisme", Act.PUBLISHED, "lea", NOW), seen=None)
    page = split(zoe)
    assert "reste rangé dans Tourisme, rien n’est perdu : « Hébergements et taxe de séjour » 1 contribution" in page
    zoe.submit(f"{HERE}/scission", **publish_form(page), message="m")
    page = zoe.see("/dossiers/tourisme")
    assert "Hébergements et taxe de séjour, passé à Hébergements" in page
    page = zoe.see(f"/dossiers/tourisme?dossier={SHELF}")
    assert "épisode 1" in page and f'<option value="{SHELF}"' not in page
    page = zoe.see("/dossiers/hebergements")
    assert "Ce qui avait été rangé avant que Hébergements se détache de Tourisme y reste" in page
    assert '<a href="/dossiers/tourisme">1 contribution</a>' in page
    assert store.draft("a1", "tourisme") is not None


def test_the_draft_goes_with_the_split(zoe: Browser, book: Wordbook, site: Site, night: Night, store: Store) -> None:
    book.look("tourisme", NOW)
    drafts = WordDrafts(book)
    drafts.change("tourisme", [SetWeight("airbnb", 0.3)], revision=0, author="zoe", now=NOW)
    page = split(zoe)
    assert "Le brouillon de Tourisme (1 geste) est compris : il sera publié avec" in page
    zoe.submit(f"{HERE}/scission", **publish_form(page), message="m")
    assert drafts.draft("tourisme") is None
    words = [*night.tried[-1][0].concepts, *night.tried[-1][1].concepts]
    assert next(c for c in words if c.id == "airbnb").weight == 0.3


@pytest.mark.parametrize("how", ["draft", "version", "choice"])
def test_a_conflict_is_told_and_nothing_is_written(zoe: Browser, book: Wordbook, site: Site, how: str) -> None:
    """Somebody changed the words after the rehearsal, or the form says something else than what was rehearsed."""
    fields = publish_form(split(zoe))
    if how == "draft":
        WordDrafts(book).change("tourisme", [SetWeight("airbnb", 0.3)], revision=0, author="tom", now=NOW)
    elif how == "version":
        drafts = WordDrafts(book)
        made = drafts.change("tourisme", [SetWeight("airbnb", 0.3)], revision=0, author="tom", now=NOW)
        drafts.publish({"tourisme": made.revision}, author="tom", message="poids", now=NOW)
    else:
        fields["definition"] = ["Autre chose que ce qui a été répété."]
    before = [v.number for v in book.versions("tourisme")]
    page = zoe.submit(f"{HERE}/scission", 409, **fields, message="les hébergements débordent")
    assert "Répétez, puis publiez" in page
    assert "les hébergements débordent" in page and "Hébergements" in page  # what was typed is not lost
    untouched(book, site)
    assert [v.number for v in book.versions("tourisme")] == before


def test_no_message_no_publication(zoe: Browser, book: Wordbook, site: Site) -> None:
    page = zoe.submit(f"{HERE}/scission", 400, **publish_form(split(zoe)), message="  ")
    assert 'id="message-fault"' in page and "Dites en une ligne pourquoi" in page
    untouched(book, site)
    assert publish_form(page)["name"] == ["Hébergements"]


def test_a_name_that_serves_is_refused(zoe: Browser) -> None:
    assert "s’appelle déjà « Tourisme »" in start(zoe, 400, name="tourisme")
    zoe.see(f"{HERE}/scission")
    assert "s’appelle déjà" in zoe.submit(f"{HERE}/scission", 400, name="Transition écologique", dossier=[SHELF])


def test_a_community_begins_with_its_sources(
    zoe: Browser, book: Wordbook, site: Site, night: Night, store: Store
) -> None:
    addresses = "eau.exemple.fr\nhttps://perdu.exemple.fr/\nhttps://exemple.fr/rss-eau"
    page = start(zoe, addresses=addresses, follow=["lettre"])
    assert night.asked == addresses.splitlines()
    assert page.count("L’eau vive") == 1 and "sera surveillée" in page and "7 entrées" in page
    assert explain(Failure(Cause.NOT_FOUND, "", status=404)).title in page and "Rien n’est enregistré" in page
    assert re.search(r'name="addresses"[^>]*>https://perdu\.exemple\.fr/\s*</textarea>', page)  # to be mended
    assert "Ces contenus viennent de : La Lettre du littoral (2)" in page
    untouched(book, site)
    assert store.source_at(FEED) is None  # nothing is watched yet
    page = zoe.submit(f"{HERE}/fondation", **publish_form(page), message="un sujet qui monte", people=["tom", "lea"])
    assert "« Eau et rivières » est maintenant une communauté" in page
    assert night.asked == addresses.splitlines()  # the network is not asked again
    new = Wordbook(site.settings, store).look("eau-et-rivieres", NOW)
    assert new.taxonomy == night.tried[-1][-1] and new.version.message == "un sujet qui monte"
    assert new.taxonomy.concepts[2].notations == ("STEP",)
    added = store.source_at(FEED)
    assert added is not None and (added.name, added.communities) == ("L’eau vive", ("eau-et-rivieres",))
    assert store.source_at("https://exemple.fr/rss").communities == ("eau-et-rivieres",)  # type: ignore[union-attr]
    store.sync_sources([Source("lettre", "La Lettre du littoral", "https://exemple.fr/rss", authority=0.8)])
    assert store.source_at("https://exemple.fr/rss").communities == ("eau-et-rivieres",)  # type: ignore[union-attr]
    assert store.account("tom").communities == ("tourisme", "transition-ecologique")  # type: ignore[union-attr]
    assert "eau-et-rivieres" in store.account("lea").communities  # type: ignore[union-attr]
    assert "choisie pour Eau et rivières" in zoe.see("/sources")


def test_refused_addresses_lose_nothing(zoe: Browser, site: Site, night: Night, store: Store) -> None:
    class Busy(Night):
        def find_sources(self, addresses: Sequence[str]) -> tuple[Preview, ...]:
            raise UserError("Un autre travail est en cours au bureau.")

    site.services = Busy()
    page = start(zoe, addresses="eau.exemple.fr")
    assert "Un autre travail est en cours" in page and "Publier la communauté" in page
    assert ">eau.exemple.fr\n</textarea>" in page
    site.services = night
    page = start(zoe, addresses="\n".join(f"https://eau{n}.exemple.fr" for n in range(12)))
    assert len(night.asked) == 10 and "Dix adresses au plus à la fois" in page
    seen = publish_form(page)["source"]
    page = start(zoe, addresses="eau0.exemple.fr", source=seen)  # what was accepted stays, and is not asked again
    assert publish_form(page)["source"] and "sera surveillée" in page
    forged = [seen[0][:-2] + "xx"]
    zoe.submit(f"{HERE}/fondation", **{**publish_form(start(zoe)), "source": forged}, message="m")
    assert store.source_at(FEED) is None


def test_two_who_begin_the_same_community(
    zoe: Browser, browse: Callable[[], Browser], store: Store, site: Site
) -> None:
    store.add_account(Account("eva", "Eva Lopez", AccountRole.COORDONNATEUR, ("tourisme",), HASHED), NOW)
    eva = browse().log_in("eva")
    first, second = publish_form(start(zoe)), publish_form(start(eva))
    zoe.submit(f"{HERE}/fondation", **first, message="la première")
    page = eva.submit(f"{HERE}/fondation", 400, **second, message="la seconde")
    assert "s’appelle déjà « Eau et rivières »" in page and "sécheresse" in page
    assert [f.author for f in store.foundings()] == ["zoe"]


def test_another_process_of_the_desk_knows_it_at_its_next_request(
    zoe: Browser, browse: Callable[[], Browser], site: Site, store: Store
) -> None:
    """The site here never heard of what another process published."""
    from curation.beginnings import Beginning, begin
    from taxonomy.founding import start as begun

    max_ = browse().log_in("max")
    max_.see("/file/sante", 404)
    elsewhere = Wordbook(site.settings, store)
    made = begun("Santé", ["maison de santé"], taken=elsewhere.taken())
    begin(elsewhere, Beginning(made.taxonomy), author="cli", message="m", origin=Origin.COMMAND, now=NOW)
    assert "Santé" in max_.see("/file/sante")
    zoe.see("/file/sante", 403)


def test_an_animateur_begins_nothing(lea: Browser) -> None:
    lea.see(f"{HERE}/scission", 403)
    assert lea.post(f"{HERE}/fondation", data={"csrf": lea.token, "do": "publish"}).status_code == 403
