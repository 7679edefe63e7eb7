"""The sample of what was left out: what is asked, answered, undone, and when an estimate is said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from curation.accounts import Account
from curation.config import CommunitySettings
from curation.store.store import Store
from curation.types import (
    Act,
    Article,
    CommunityScore,
    Duplicate,
    Judgement,
    Kind,
    Review,
    Role,
)
from curation.web.desk import Site
from curation.web.pages.sample import threshold_of, weigh
from curation.web.verdicts import Clerk
from tests.web.conftest import NOW, Browser, Clock

Browse = Callable[[], Browser]


def leave_out(store: Store, count: int, score: float, prefix: str) -> None:
    """Articles that the night judged and proposed to nobody."""
    articles = [
        Article(f"{prefix}{n}", f"https://ailleurs.fr/{prefix}{n}", f"Laissé de côté {prefix}{n}", "Un texte.", NOW)
        for n in range(count)
    ]
    store.save_articles(articles, [], NOW)
    scores = CommunityScore("tourisme", score, False), CommunityScore("transition-ecologique", 0.01, False)
    store.save_judgements([Judgement(a.id, scores, None, (), None, Kind.NEWS) for a in articles], "v1")


def asked(page: str) -> list[str]:
    return re.findall(r'name="article" value="(\w+)"', page)


@pytest.fixture
def filled(store: Store) -> Iterator[Store]:
    leave_out(store, 20, 0.2, "pres")
    leave_out(store, 60, 0.02, "loin")
    yield store


def answer(browser: Browser, article: str, verdict: str, status: int = 200, day: str = "2026-11-20") -> str:
    return browser.submit("/sondage/tourisme", status, article=article, verdict=verdict, day=day)


def test_ten_articles_half_near_the_threshold_the_same_all_day(
    filled: Store, lea: Browser, browse: Browse, clock: Clock
) -> None:
    page = lea.see("/sondage/tourisme")
    ids = asked(page)
    assert len(ids) == 10 and page.count(">parmi les mieux notés<") == 5 and page.count(">tiré au hasard<") == 5
    leave_out(filled, 50, 0.2, "tard")  # a second night comes
    clock.now += timedelta(minutes=30)
    assert asked(lea.see("/sondage/tourisme")) == ids
    assert asked(browse().log_in("tom").see("/sondage/tourisme")) == ids
    clock.now += timedelta(days=1)
    assert asked(lea.log_in("lea").see("/sondage/tourisme")) != ids


def test_neither_drafts_nor_copies_nor_what_its_group_already_brought(filled: Store, lea: Browser) -> None:
    """Of the invented night: a0..a5 are drafts, a6 copies a0, a7 and a8 were left out."""
    filled.save_duplicates(
        [
            Duplicate("a7", "a1", Role.STORY, "a1", 0.8),
            Duplicate("a1", "a1", Role.REPRESENTATIVE, None, 1.0),
            Duplicate("pres0", "pres1", Role.COPY, "pres1", 0.9),
            Duplicate("pres1", "pres1", Role.REPRESENTATIVE, None, 1.0),
        ]
    )
    left = {article for article, _ in filled.left_out("tourisme", NOW - timedelta(days=30))}
    assert left == {"a8"} | {f"pres{n}" for n in range(1, 20)} | {f"loin{n}" for n in range(60)}


def test_old_articles_are_not_asked_about(filled: Store, lea: Browser, clock: Clock) -> None:
    clock.now += timedelta(days=45)
    page = lea.log_in("lea").see("/sondage/tourisme")
    assert asked(page) == [] and "Rien à sonder" in page


def test_rightly_left_out(filled: Store, lea: Browser) -> None:
    first = asked(lea.see("/sondage/tourisme"))[0]
    page = answer(lea, first, "bien")
    assert "bien écarté." in page and "1 sur 10" in page and "Bien écarté</strong>, selon Léa Martin" in page
    assert len(asked(page)) == 9
    act = filled.reviews_of(first, "tourisme")[-1]
    assert (act.act, act.target) == (Act.DISMISSED, "2026-11-20")
    page = lea.submit(f"/journal/{act.id}/annuler", back="/sondage/tourisme")
    assert len(asked(page)) == 10


def test_rescued_into_the_queue_and_back(filled: Store, lea: Browser) -> None:
    first = asked(lea.see("/sondage/tourisme"))[0]
    page = answer(lea, first, "repecher")
    assert "est repêché" in page and f"/relecture/tourisme/{first}" in page
    assert first in {d.article for d in filled.queue("tourisme")}
    act = filled.reviews_of(first, "tourisme")[-1]
    lea.submit(f"/journal/{act.id}/annuler")
    assert first not in {d.article for d in filled.queue("tourisme")}
    assert len(asked(lea.see("/sondage/tourisme"))) == 10


def test_a_second_answer_changes_nothing(
    filled: Store, lea: Browser, browse: Browse, people: dict[str, Account]
) -> None:
    tom = browse().log_in("tom")
    first = asked(tom.see("/sondage/tourisme"))[0]
    lea.see("/sondage/tourisme")
    answer(lea, first, "bien")
    assert "Léa Martin a déjà répondu" in answer(tom, first, "repecher")
    assert "Vous avez déjà répondu" in answer(lea, first, "repecher")
    assert len(filled.reviews_of(first)) == 1


def test_only_what_was_asked_can_be_answered(filled: Store, lea: Browser) -> None:
    ids = asked(lea.see("/sondage/tourisme"))
    answer(lea, "a0", "bien", 404)
    answer(lea, ids[0], "brûler", 404)
    answer(lea, ids[0], "bien", 404, day="hier")
    answer(lea, ids[0], "bien", 404, day="2026-11-19")
    lea.see("/sondage/transition-ecologique", 403)


def test_one_community_goes_straight_to_it_several_are_listed(
    filled: Store, lea: Browser, browse: Browse, people: dict[str, Account]
) -> None:
    assert "Laissé de côté" in lea.see("/sondage")
    page = browse().log_in("tom").see("/sondage")
    assert 'href="/sondage/tourisme"' in page and 'href="/sondage/transition-ecologique"' in page


def test_what_another_community_got_says_so(filled: Store, browse: Browse, people: dict[str, Account]) -> None:
    """The drafts of tourisme are left out of transition écologique, at 0.3: above the threshold."""
    page = browse().log_in("ana").see("/sondage/transition-ecologique")
    assert "proposé à Tourisme" in page


def test_an_estimate_when_there_are_answers_enough(
    filled: Store, lea: Browser, clock: Clock, site: Site, people: dict[str, Account]
) -> None:
    page = lea.see("/sondage/tourisme")
    assert "Trop peu de sondages pour une estimation : il manque 30 réponses au sondage et 10 avis" in page
    clerk = Clerk(filled, site.words, "lea", clock.now, clock.now.date())
    leave_out(filled, 1, 0.2, "x")
    rescued = 0
    for _ in range(4):  # four days of ten answers; the first of each day is rescued
        lea.log_in("lea")
        for n, article in enumerate(asked(lea.see("/sondage/tourisme"))):
            page = answer(lea, article, "bien" if n else "repecher", day=clock.now.date().isoformat())
            rescued += not n
        clock.now += timedelta(days=1)
    assert "il manque 10 avis sur des brouillons" in page
    for n in range(6):
        clerk.record(Review(f"a{n}", "tourisme", Act.PUBLISHED, "lea", clock.now), seen=None)
    articles = [Article(f"b{n}", f"https://x.fr/b{n}", f"Billet {n}", "Texte.", NOW) for n in range(6)]
    filled.save_articles(articles, [], NOW)
    scores = (CommunityScore("tourisme", 0.5, True),)
    filled.save_judgements([Judgement(a.id, scores, "tourisme", (), None, Kind.NEWS) for a in articles], "v1")
    from curation.decide.draft import make_draft

    judged = filled.judgements([a.id for a in articles])
    for a in articles:
        filled.add_draft(make_draft(a, judged[a.id], [], site.words["tourisme"]), "night", NOW)
        clerk.record(Review(a.id, "tourisme", Act.REJECTED, "lea", clock.now, reason="off_topic"), seen=None)
    lea.log_in("lea")
    page = lea.see("/sondage/tourisme")
    assert re.search(r"veille a retenu environ \d+\s%.*\(entre \d+\s%.*et \d+\s%.*à 95\s% de confiance\)", page), page
    assert 'aria-label="Part retenue, estimée entre' in page
    assert "selon 40 réponses" in page
    assert rescued == 4


def test_an_answer_weighs_by_the_polls_its_article_could_be_in(filled: Store, lea: Browser, clock: Clock) -> None:
    for _ in range(2):
        lea.log_in("lea")
        for article in asked(lea.see("/sondage/tourisme")):
            answer(lea, article, "bien", day=clock.now.date().isoformat())
        clock.now += timedelta(days=1)
    today = clock.now.date()
    told = filled.poll_answers("tourisme", today - timedelta(days=90))
    weighed = weigh(filled.polls("tourisme", today - timedelta(days=90)), told, 30)
    near = [a.chance for a in weighed if a.stratum == "near"]
    # 22 near (a7 and a8 too), 5 answered, then 5 of the 17 left
    assert near == pytest.approx([10 / 22] * 10)


def test_the_threshold_of_a_community_may_be_its_own(site: Site) -> None:
    class Asked:
        settings = site.settings.model_copy(
            update={"communities": (CommunitySettings(id="tourisme", threshold=0.4), CommunitySettings(id="x"))}
        )

    assert threshold_of(Asked(), "tourisme") == 0.4  # type: ignore[arg-type]
    assert threshold_of(Asked(), "x") == site.settings.thresholds.selected  # type: ignore[arg-type]
