"""The pages of evidence about words, on services that say what a test wants: rehearsal, candidates, balance sheet."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from curation.accounts import Account
from curation.decide.advice import Advice, Advised, Gain, Proposal, Sort
from curation.decide.effects import CommunityEffect, Rates
from curation.decide.proportions import Share
from curation.decide.terms import Candidate, Near
from curation.store.store import Store
from curation.types import Act, Article, Review
from curation.web.desk import Site
from curation.web.services import Rehearsed
from curation.workbench import Workbench, none_told
from taxonomy.concept_operations import SetWeight
from taxonomy.edit import to_json
from taxonomy.types import Taxonomy
from tests.web.conftest import NOW, Browser, NoServices, as_read

HERE = "/vocabulaire/tourisme"


class Evidence(NoServices):
    """What a worker at hand would say. ``near``: None, it is not up yet; ``read``: it found the phrases at once."""

    def __init__(self) -> None:
        self.found: Rehearsed | None = None
        self.advised: Advised | None = None
        self.near: Sequence[Near | None] | None = None
        self.read, self.asked = True, list[tuple[str, ...]]()

    def rehearse(self, words: Sequence[Taxonomy]) -> Rehearsed:
        return self.found or super().rehearse(words)

    def advise(self, community: str) -> Advised:
        return self.advised or super().advise(community)

    def nearest(self, community: str, labels: Sequence[str]) -> Sequence[Near | None] | None:
        self.asked.append((community, *labels))
        return self.near

    def read_phrases(self) -> bool:
        return self.read


@pytest.fixture
def evidence(site: Site) -> Evidence:
    site.services = given = Evidence()
    return given


@pytest.fixture
def zoe(browse: Callable[[], Browser], people: dict[str, Account]) -> Browser:
    return browse().log_in("zoe")


def candidate(label: str, *keys: str) -> Candidate:
    return Candidate(keys, label, (label,), 9, 0, 1, 500, 4.0, 30.0, ("a0",))


@pytest.fixture
def proposed(monkeypatch: pytest.MonkeyPatch) -> list[Candidate]:
    found = [candidate("loueurs de meublés", "loueur", "meubl"), candidate("tramway", "tramway")]
    monkeypatch.setattr(Workbench, "candidates", lambda *_, **__: found)
    return found


def effect(community: str = "tourisme") -> CommunityEffect:
    verdicts = Rates(Share(40, 50), Share(40, 60)), Rates(Share(39, 41), Share(39, 60))
    labelled = Rates(Share(32, 52), Share(32, 39)), Rates(Share(1, 2), Share(1, 39))
    return CommunityEffect(community, 20, 12, (), (), (), verdicts, labelled)


def drafted(zoe: Browser) -> None:
    zoe.see(HERE)
    gesture = json.dumps([to_json(SetWeight("taxe-de-sejour", 0.5))])
    zoe.submit(f"{HERE}/gestes", operations=gesture, seen="0", base="1")


def tables(page: str) -> list[list[str]]:
    """Each table of rates, cell by cell."""
    return [
        [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", table)]
        for table in re.findall(r'<table class="rates">(.*?)</table>', page, re.DOTALL)
    ]


def test_precision_and_recall_on_verdicts_and_on_labelled_items(zoe: Browser, evidence: Evidence) -> None:
    drafted(zoe)
    evidence.found = Rehearsed((effect(),), {}, 500, 0, 12, 0.2, labelled=319)
    verdicts, labelled = tables(zoe.see(f"{HERE}/repetition"))
    assert verdicts == [
        "Sur vos avis", "Avant", "Après", "Précision", "80 %, entre 67 et 89 %", "95 %, entre 84 et 99 %",
        "Rappel", "67 %, entre 54 et 77 %", "65 %, entre 52 et 76 %",
    ]  # fmt: skip
    assert labelled[:3] == ["Sur 319 contenus étiquetés", "Avant", "Après"]
    # too few for a rate: what there is, all the same
    assert labelled[4:6] == ["62 %, entre 48 et 74 %", "1 sur 2, trop peu pour un taux"]
    assert "se prépare" not in zoe.see(f"{HERE}/repetition")
    evidence.found = Rehearsed((replace(effect(), labelled=None),), {}, 500, 0, 12, 0.2, labelled=None)
    page = zoe.see(f"{HERE}/repetition")
    assert len(tables(page)) == 1 and "L’effet sur les contenus étiquetés se prépare" in page
    evidence.found = Rehearsed((replace(effect(), verdicts=None, labelled=None),), {}, 500, 0, 12, 0.2)
    page = zoe.see(f"{HERE}/repetition")
    assert tables(page) == [] and "ni précision ni rappel à montrer sur vos avis" in page


def test_a_candidate_near_to_a_concept_is_told_and_chosen_beforehand(
    zoe: Browser, evidence: Evidence, proposed: list[Candidate]
) -> None:
    evidence.near = [Near("taxe-de-sejour", "taxe de séjour", 0.7), None]
    page = zoe.see(f"{HERE}/candidats")
    assert evidence.asked == [("tourisme", "loueurs de meublés", "tramway")]
    first, second = page.split('<li class="sheet">')[1:3]
    assert "proche de « taxe de séjour »" in first and '<option value="taxe-de-sejour" selected>' in first
    assert "proche de" not in second and " selected>" not in second
    assert "se cherche en ce moment" not in page
    # a concept that the draft has lost is no choice
    evidence.near = [Near("disparu", "disparu", 0.7), None]
    page = zoe.see(f"{HERE}/candidats")
    assert "proche de" not in page and " selected>" not in page


def test_candidates_are_shown_without_what_is_not_ready(
    zoe: Browser, evidence: Evidence, proposed: list[Candidate]
) -> None:
    page = zoe.see(f"{HERE}/candidats")
    assert "loueurs de meublés" in page and "Le concept le plus proche de chaque terme se cherche en ce moment" in page


def test_what_was_judged_since_the_night_is_read_or_announced(zoe: Browser, evidence: Evidence, store: Store) -> None:
    for path in ("candidats", "bilan"):
        assert "depuis la dernière nuit" not in zoe.see(f"{HERE}/{path}")
    store.append_review(Review("a0", "tourisme", Act.PUBLISHED, "lea", NOW))
    for path in ("candidats", "bilan"):
        assert "depuis la dernière nuit" not in zoe.see(f"{HERE}/{path}")  # it took a moment
        evidence.read = False
        page = zoe.see(f"{HERE}/{path}")
        assert "1 contenu jugé depuis la dernière nuit : ses termes se lisent en ce moment." in page
        store.save_phrases("essai", {"a0": ["taxe de séjour"]})
        assert "depuis la dernière nuit" not in zoe.see(f"{HERE}/{path}")
        store.save_phrases("autre", {"a0": ["taxe de séjour"]})  # as of an older tagger
        evidence.read = True


def test_no_candidate_is_explained_by_what_was_taken(zoe: Browser, evidence: Evidence, store: Store) -> None:
    assert "quelques dizaines de contenus retenus (aucun encore)" in zoe.see(f"{HERE}/candidats")
    articles = [Article(f"b{n}", f"https://exemple.fr/b{n}", "La taxe de séjour", "", NOW) for n in range(31)]
    store.save_articles(articles, [], NOW)
    for n, article in enumerate(articles):
        store.append_review(Review(article.id, "tourisme", Act.PUBLISHED, "lea", NOW))
        store.save_phrases("essai", {article.id: ["taxe de séjour"]})
        if n == 3:
            assert "quelques dizaines" in zoe.see(f"{HERE}/candidats")
    assert none_told(1).endswith("(1 encore).")


def test_opening_the_words_prepares_a_rehearsal_for_who_may_change_them(
    zoe: Browser, lea: Browser, evidence: Evidence
) -> None:
    for path in (HERE, "/vocabulaire"):
        lea.see(path)
    assert not hasattr(evidence, "warmed")
    zoe.see(HERE)
    assert evidence.warmed == 1
    zoe.see("/vocabulaire")
    assert evidence.warmed == 2


def test_the_end_of_the_desk_ends_what_serves_it(
    evidence: Evidence, browse: Callable[[], Browser], people: dict[str, Account]
) -> None:
    closed = list[bool]()
    evidence.close = lambda: closed.append(True)  # type: ignore[method-assign]
    with browse() as browser:
        assert "Connexion" in as_read(browser.get("/connexion").text)
    assert closed == [True]


def advice(text: str, weight: float, low: float) -> Advice:
    proposal = Proposal("tourisme", Sort.WEIGHT, "taxe-de-sejour", text, (SetWeight("taxe-de-sejour", weight),))
    return Advice(proposal, Gain(0.7, 0.72, low, 0.05, 40, 20, 0.02))


def test_settings_are_tried_and_those_ticked_go_to_the_draft(zoe: Browser, evidence: Evidence, store: Store) -> None:
    evidence.advised = Advised(
        "tourisme", (advice("<b>moins</b>", 0.5, 0.01), advice("plus", 2.0, -0.01)), 99, 0.7, 40, 20
    )
    page = zoe.see(f"{HERE}/reglages")
    assert "99 réglages essayés sur 40 contenus jugés, dont 20 retenus" in page
    assert f'href="{HERE}/bilan" aria-current="true"' in page  # the page stands under « Bilan »
    assert "+0,020" in page and "de −0,010 à +0,050" in page
    assert page.count("peut tenir au hasard") == 1
    assert "&lt;b&gt;moins" in page and "<b>moins" not in page
    ticked = json.dumps([to_json(SetWeight("taxe-de-sejour", 0.5))])
    landed = zoe.submit(f"{HERE}/gestes", operations=ticked, seen="0", base="1", then="repetition")
    assert "La répétition n’a pas pu se faire" in landed  # the page of the rehearsal
    draft = store.taxonomy_draft("tourisme")
    assert draft is not None and draft.taxonomy.concept("taxe-de-sejour").weight == 0.5


def test_ticking_nothing_changes_nothing(zoe: Browser, evidence: Evidence, store: Store) -> None:
    evidence.advised = Advised("tourisme", (advice("moins", 0.5, 0.01),), 9, 0.7, 40, 20)
    zoe.see(f"{HERE}/reglages")
    landed = zoe.submit(f"{HERE}/gestes", seen="0", base="1", then="repetition", back=f"{HERE}/reglages")
    assert "Rien n’est coché" in landed
    assert store.taxonomy_draft("tourisme") is None


def test_what_cannot_be_tried_is_explained(zoe: Browser, evidence: Evidence) -> None:
    assert "Aucun article n’a encore été lu." in zoe.see(f"{HERE}/reglages")
    evidence.advised = Advised("tourisme", (), 30, 0.9, 40, 20)
    assert "Aucun des réglages essayés ne rangerait mieux" in zoe.see(f"{HERE}/reglages")
