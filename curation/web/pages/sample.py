"""« Sondage des écartés »: ten articles a day that the machine left out, and the recall that the answers let guess."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from babel.numbers import format_percent
from starlette.responses import Response

from curation.decide.sampling import (
    FAR,
    NEAR,
    STRATA,
    Answer,
    Found,
    Recall,
    chance,
    draw,
    estimate_recall,
    lacking,
)
from curation.store.sampled import Poll, Polled
from curation.types import Act, Review
from curation.web.access import Need, Page, page
from curation.web.desk import Desk, Stop
from curation.web.render import LOCALE, count
from curation.web.verdicts import Clerk

#: The sample speaks of the articles of that many days; the share of misses is learnt on that many.
PERIOD_DAYS, MEMORY_DAYS = 30, 90
_ANSWERS = {"bien": Act.DISMISSED, "repecher": Act.RESCUED}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a community stands: its recall or why there is none, and today's sample."""

    community: str
    recall: Recall | None
    sentence: str
    asked: int  # articles of today's sample; 0: not drawn yet
    answered: int


@dataclass(frozen=True, slots=True)
class Card:
    """One article of the sample."""

    polled: Polled
    reasons: Sequence[str]
    elsewhere: str  # community that has its draft, or ""
    answered_by: str


@page("/sondage", Need.ACCOUNT)
def sondages(desk: Desk) -> Response:
    """Every community of the person; straight to the sample when there is only one."""
    if not desk.communities:
        return desk.render("no_community.html")
    if len(desk.communities) == 1:
        return desk.go(f"/sondage/{desk.communities[0]}")
    return desk.render("samples.html", standings=[_standing(desk, c) for c in desk.communities])


@page("/sondage/{community}", Need.COMMUNITY, "GET", "POST")
def sondage(desk: Desk) -> Response:
    """Today's sample of one community."""
    community = desk.community
    if desk.method == "POST":
        return _answer(desk, community)
    _draw_today(desk, community)
    polled = desk.store.polled(community, desk.today)
    return desk.render(
        "sample.html",
        community=community,
        name=desk.words.name(community),
        cards=_cards(desk, community, polled),
        standing=_standing(desk, community),
        near=NEAR,
        period=PERIOD_DAYS,
    )


def _draw_today(desk: Desk, community: str) -> None:
    """Draw the sample of the day once: it must not change under the eyes of who answers."""
    if desk.store.has_poll(community, desk.today):
        return
    since = _midnight(desk.today - timedelta(days=_period(desk)))
    drawn = draw(
        desk.store.left_out(community, since), threshold_of(desk, community), f"{desk.today.isoformat()}/{community}"
    )
    if not drawn.picks:
        return  # the first night of the day may still come
    poll = Poll(desk.today, drawn.population[NEAR], drawn.population[FAR], desk.store.night_waiting(community, since))
    desk.store.save_poll(community, poll, [(p.article, p.stratum, p.score) for p in drawn.picks])


def threshold_of(desk: Desk, community: str) -> float:
    """Score from which the night proposes an article to that community."""
    own = next((c.threshold for c in desk.settings.communities if c.id == community), None)
    return desk.settings.thresholds.selected if own is None else own


def _period(desk: Desk) -> int:
    # older articles are left out for their age, which says nothing of the judgement
    return min(PERIOD_DAYS, desk.settings.thresholds.max_age_days)


def _answer(desk: Desk, community: str) -> Response:
    act, article = _ANSWERS.get(desk.value("verdict")), desk.value("article")
    day = _day(desk.value("day"))
    asked = {p.article.id: p for p in desk.store.polled(community, day)} if day else {}
    if act is None or article not in asked:
        raise Stop(404, "Article hors du sondage", "Cet article n’est pas dans ce sondage. Rouvrez la page du sondage.")
    assert day is not None
    back = f"/sondage/{community}"
    if asked[article].answer:
        account = desk.store.account(asked[article].by)
        who = "Vous avez" if asked[article].by == desk.me.login else f"{account.name if account else 'Un collègue'} a"
        desk.say(f"{who} déjà répondu pour cet article ; rien n’a changé.", kind="warn")
        return desk.go(back)
    clerk = Clerk(desk.store, desk.words, desk.me.login, desk.now, desk.today)
    review = Review(article, community, act, desk.me.login, desk.now, target=day.isoformat())
    saved = clerk.record(review, seen=None)
    assert isinstance(saved, Review)  # nothing refuses an answer
    title = _shortened(asked[article].article.title)
    if act is Act.DISMISSED:
        desk.say(f"« {title} » : bien écarté.", undo=saved.id)
    else:
        desk.say(f"« {title} » est repêché : il attend dans la file {desk.words.name(community)}.", undo=saved.id)
    return desk.go(back)


def _cards(desk: Desk, community: str, polled: Sequence[Polled]) -> list[Card]:
    ids = [p.article.id for p in polled]
    judgements = desk.store.judgements(ids)
    drafted = desk.store.drafted(ids)
    names = {a.login: a.name for a in desk.store.accounts()}
    cards = []
    for p in polled:
        judgement = judgements.get(p.article.id)
        reasons = next((c.reasons for c in judgement.communities if c.id == community), ()) if judgement else ()
        has_it = p.lead if p.lead and p.lead != community and (p.article.id, p.lead) in drafted else ""
        cards.append(Card(p, reasons[:4], desk.words.name(has_it) if has_it else "", names.get(p.by, p.by)))
    return sorted(cards, key=lambda card: bool(card.polled.answer))  # what is left to say stands at the top


def _standing(desk: Desk, community: str) -> Standing:
    """What the samples say of a community. Reads the samples and the verdicts, never the articles at large."""
    store, today = desk.store, desk.today
    polls = store.polls(community, today - timedelta(days=MEMORY_DAYS))
    current = polls[-1] if polls and (today - polls[-1].day).days < PERIOD_DAYS else None
    todays = store.polled(community, today) if current and current.day == today else []
    asked, answered = len(todays), sum(bool(p.answer) for p in todays)
    if current is None:
        return Standing(community, None, "Aucun sondage récent : ouvrez celui du jour pour commencer.", 0, 0)
    told = store.poll_answers(community, today - timedelta(days=MEMORY_DAYS))
    since = _midnight(today - timedelta(days=_period(desk)))
    settled = store.night_settled(community, since)
    good = settled.get("published", 0) + settled.get("kept", 0)
    found = Found(good, good + settled.get("rejected", 0), current.waiting)
    rescued = {p.article.id for p in told if p.answer == Act.RESCUED and p.day >= since.date()}
    known = rescued | store.brought_and_kept(community, since)
    left = _left(current, told)
    answers = weigh(polls, told, _period(desk))
    recall = estimate_recall(answers, left, len(known), found)
    sentence = recall_sentence(recall) if recall else _wanted(*lacking(answers, left, found))
    return Standing(community, recall, sentence, asked, answered)


def weigh(polls: Sequence[Poll], told: Sequence[Polled], period_days: int) -> list[Answer]:
    """Each answer with the chance its article had of being looked at, over the polls it could be drawn in."""
    numbers: dict[date, dict[str, tuple[int, int]]] = {
        poll.day: {
            stratum: (sum(p.day == poll.day and p.stratum == stratum for p in told), population)
            for stratum, population in ((NEAR, poll.near), (FAR, poll.far))
        }
        for poll in polls
    }
    return [
        Answer(
            p.stratum,
            p.answer == Act.RESCUED,
            chance(
                by_stratum[p.stratum]
                for day, by_stratum in numbers.items()
                if p.added <= day <= p.added + timedelta(days=period_days) or day == p.day
            ),
        )
        for p in told
    ]


def _left(current: Poll, told: Sequence[Polled]) -> Mapping[str, int]:
    """Articles left out and not looked at, by stratum."""
    since = [p.stratum for p in told if p.day >= current.day]
    return {s: max(0, n - since.count(s)) for s, n in zip(STRATA, (current.near, current.far), strict=True)}


def recall_sentence(recall: Recall) -> str:
    """What the estimate means, in one sentence."""
    low, value, high = (
        str(format_percent(round(v, 2), locale=LOCALE)) for v in (recall.low, recall.value, recall.high)
    )
    if round(recall.missed) == 0:
        return (
            f"Aucun oubli vu jusqu’ici\u00a0: sur les {PERIOD_DAYS} derniers jours, veille a retenu au moins {low} "
            "de ce qui méritait votre file, à 95\u00a0% de confiance. Chaque réponse précise ce chiffre."
        )
    return (
        f"Sur les {PERIOD_DAYS} derniers jours, veille a retenu environ {value} de ce qui méritait votre file "
        f"(entre {low} et {high}, à 95\u00a0% de confiance)\u00a0; "
        f"{count(round(recall.missed), 'contenu utile lui aurait échappé', 'contenus utiles lui auraient échappé')}."
    )


def _wanted(answers: int, judged: int) -> str:
    wanted = [
        count(answers, "réponse au sondage", "réponses au sondage") if answers else "",
        count(judged, "avis sur des brouillons", "avis sur des brouillons") if judged else "",
    ]
    return f"Trop peu de sondages pour une estimation : il manque {' et '.join(w for w in wanted if w)}."


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _shortened(text: str, limit: int = 120) -> str:
    return text if len(text) <= limit else text[:limit].rstrip() + "…"


PAGES: tuple[Page, ...] = (sondages, sondage)
