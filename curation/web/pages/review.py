"""Relecture: one draft, everything to decide on one screen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from curation.decide.review import Refusal, state_of
from curation.store.desk import COUNT_LIMIT, QueueFilter, QueueRow
from curation.types import Act, DraftState, DraftStatus, Edition, Rejection, Review
from curation.web.access import Need, page
from curation.web.contribution import edition_of
from curation.web.desk import Desk, Stop, whole
from curation.web.forms import Faults, read_decision
from curation.web.highlights import paragraphs, title_marked
from curation.web.labels import REJECTION_LABELS
from curation.web.markdown import to_html
from curation.web.pages.queue import account_name, clerk, colleagues, dossier_choices, last_verdict, start_of
from curation.web.pages.stale import stale
from curation.web.render import shortened, written_day

#: Somebody who opened a draft that long ago is no longer reading it.
READING = timedelta(minutes=10)
#: Latest drafts offered as what a draft repeats, beside those that look alike.
OTHERS = 30


@dataclass(frozen=True, slots=True)
class Place:
    """Where this draft stands in the morning."""

    done_today: int
    left: int  # counting stops at COUNT_LIMIT + 1
    position: int
    previous: str | None
    next: str | None


@page("/relecture/{community}", Need.COMMUNITY)
def relecture(desk: Desk) -> Response:
    """The next draft to read, or the end of the queue."""
    desk.store.wake(desk.today)
    chosen = next_draft(desk, desk.community)
    if chosen:
        return desk.go(f"/relecture/{desk.community}/{chosen}")
    return desk.render(
        "queue_done.html",
        community=desk.community,
        done=_done_today(desk, desk.community),
        played=bool(desk.store.last_runs(1)),
        last=last_verdict(desk, desk.community),
    )


@page("/relecture/{community}/{article}", Need.COMMUNITY)
def relire(desk: Desk) -> Response:
    """One draft."""
    row, state = _draft(desk)
    desk.store.show_presence(row.draft.article, desk.community, desk.me.login, desk.now)
    return _show(desk, row, state, state.edition or edition_of(row.draft))


@page("/relecture/{community}/{article}", Need.COMMUNITY, "POST")
def decider(desk: Desk) -> Response:
    """A verdict, or words saved without deciding."""
    row, state = _draft(desk)
    community, article = desk.community, row.draft.article
    taxonomy = desk.words[community]
    decision = read_decision(desk, row.draft, taxonomy)
    if isinstance(decision, Faults):
        return _show(desk, row, state, decision.edition, faults=decision, status=400)
    seen, review = decision.seen, decision.review
    dossier = decision.dossier if decision.dossier != row.dossier else ""
    unchanged = review.edition == (state.edition or edition_of(row.draft))
    if review.act is Act.EDITED and unchanged:
        if not dossier:
            desk.say("Rien n’a changé : tout est déjà enregistré.")
            return desk.go(f"/relecture/{community}/{article}")
        review, dossier = replace(review, act=Act.FILED, target=dossier, edition=None), ""
    if review.act in (Act.KEPT, Act.SHARED, Act.FOLDED) and unchanged:
        review = replace(review, edition=state.edition)
    # the next one is found before this one leaves the queue
    following = next_draft(desk, community, after=row)
    done = clerk(desk).record(review, seen=seen, dossier=dossier)
    if isinstance(done, Refusal):
        return stale(desk, community, article, done)
    desk.say(_told(desk, done, row.title), undo=done.id)
    if done.act is Act.PUBLISHED:
        return desk.go(f"/contribution/{community}/{article}")
    if done.act in (Act.EDITED, Act.FILED):
        return desk.go(f"/relecture/{community}/{article}")
    return desk.go(f"/relecture/{community}/{following}" if following else f"/relecture/{community}")


@page("/relecture/{community}/{article}/charge", Need.COMMUNITY, "POST")
def prendre_en_charge(desk: Desk) -> Response:
    """Take a draft, give it to a colleague, or give it back to all."""
    row, _ = _draft(desk)
    to = desk.value("to")
    act = Act.RELEASED if to == "all" else Act.TAKEN if to in ("", desk.me.login) else Act.GIVEN
    if act is Act.GIVEN and to not in {login for login, _ in colleagues(desk, desk.community)}:
        raise Stop(400, "Personne inconnue", "Choisissez un collègue de cette communauté.")
    review = Review(
        row.draft.article, desk.community, act, desk.me.login, desk.now,
        note=desk.value("note")[:2000], target=to if act is Act.GIVEN else None,
    )  # fmt: skip
    done = clerk(desk).record(review, seen=whole(desk.value("seen")))
    if isinstance(done, Refusal):
        return stale(desk, desk.community, row.draft.article, done)
    said = {
        Act.TAKEN: "Ce brouillon est à vous.",
        Act.RELEASED: "Ce brouillon est rendu à tous.",
        Act.GIVEN: f"À relire par {account_name(desk, to)}.",
    }[act]
    desk.say(said, undo=done.id)
    return desk.go(f"/relecture/{desk.community}/{row.draft.article}")


@page("/relecture/{community}/{article}/note", Need.COMMUNITY, "POST")
def noter(desk: Desk) -> Response:
    """A note between colleagues."""
    row, _ = _draft(desk)
    note = desk.value("note")[:2000]
    if note:
        review = Review(row.draft.article, desk.community, Act.NOTED, desk.me.login, desk.now, note=note)
        done = clerk(desk).record(review, seen=None)
        assert isinstance(done, Review)
        desk.say("Note ajoutée.", undo=done.id)
    else:
        desk.say("La note était vide : rien n’est enregistré.", kind="warn")
    return desk.go(f"/relecture/{desk.community}/{row.draft.article}")


@page("/relecture/{community}/{article}/separer", Need.COMMUNITY, "POST")
def separer(desk: Desk) -> Response:
    """« Ce n’est pas un doublon » : the member gets a draft of its own; a draft folded by hand comes back."""
    row, _ = _draft(desk)
    member, community = desk.value("member"), desk.community
    behind = desk.store.folded_of([row.draft.article], community).get(row.draft.article, [])
    if member not in {f["article"] for f in behind}:
        raise Stop(409, "Déjà séparé", "Ce contenu n’est plus regroupé sous ce brouillon.")
    folded = desk.store.draft(member, community)
    if folded is not None and folded.status is DraftStatus.FOLDED:
        verdict = state_of(desk.store.reviews_of(member, community)).verdict
        done = clerk(desk).undo(verdict.id) if verdict else None
    else:
        split = Review(member, community, Act.SPLIT, desk.me.login, desk.now, target=row.draft.article)
        done = saved if isinstance(saved := clerk(desk).record(split, seen=None), Review) else None
    desk.say("Séparé : ce contenu a maintenant son propre brouillon dans la file.", undo=done.id if done else None)
    return desk.go(f"/relecture/{community}/{row.draft.article}")


@page("/apercu", Need.ACCOUNT, "POST")
def apercu(desk: Desk) -> Response:
    """The summary as it will read."""
    return HTMLResponse(to_html(desk.value("summary")) or "<p>Le résumé est vide.</p>")


def next_draft(desk: Desk, community: str, after: QueueRow | None = None) -> str | None:
    """The best draft left that nobody else reads; after the given one, or from the top when the end is reached."""
    skip = set(desk.store.present(community, desk.now - READING, desk.me.login))
    if after is not None:
        skip.add(after.draft.article)
        found = desk.store.next_waiting(community, skip, desk.me.login, (after.draft.score, after.draft.article))
        if found:
            return found
    return desk.store.next_waiting(community, skip, desk.me.login)


def _show(
    desk: Desk, row: QueueRow, state: DraftState, edition: Edition, *, faults: Faults | None = None, status: int = 200
) -> Response:
    community, draft = desk.community, row.draft
    taxonomy = desk.words[community]
    article = desk.store.articles([draft.article]).get(draft.article)
    evidence = desk.store.evidence([draft.article], community).get(draft.article, ())
    present = desk.store.present(community, desk.now - READING, desk.me.login)
    reading = present.get(draft.article)
    left = desk.store.queue_size(community, COUNT_LIMIT)
    twins = _twins(desk, row)
    return desk.render(
        "review.html",
        status,
        community=community,
        taxonomy=taxonomy,
        row=row,
        draft=draft,
        state=state,
        edition=edition,
        faults=faults,
        article=article,
        original=title_marked(article.title, article.title, evidence) if article else Markup.escape(draft.title),
        text=paragraphs(article.text, evidence) if article else [],
        dossiers=dossier_choices(taxonomy, row, evidence),
        folded=desk.store.folded_of([draft.article], community).get(draft.article, []),
        neighbours=_neighbours(desk, community, draft.proposals),
        reasons=list(Rejection),
        tomorrow=desk.today + timedelta(days=1),
        in_a_week=desk.today + timedelta(days=7),
        colleagues=colleagues(desk, community),
        holder=account_name(desk, state.holder) if state.holder else None,
        reading=account_name(desk, reading) if reading else None,
        notes=[(account_name(desk, n.reviewer), n) for n in state.notes],
        received=[(account_name(desk, r.reviewer), desk.words.name(r.target or ""), r) for r in state.received],
        last=last_verdict(desk, community) if row.status is DraftStatus.WAITING else None,
        verdict_by=account_name(desk, state.verdict.reviewer) if state.verdict else "",
        count_limit=COUNT_LIMIT,
        place=Place(
            _done_today(desk, community),
            left,
            desk.store.position(community, draft.score, draft.article) + 1,
            desk.store.previous_waiting(community, (draft.score, draft.article)),
            next_draft(desk, community, after=row),
        ),
        twins=twins,
        others=_others(desk, row, twins),
    )


def _draft(desk: Desk) -> tuple[QueueRow, DraftState]:
    article = str(desk.path_params["article"])
    row = desk.store.draft(article, desk.community)
    if row is None:
        raise Stop(
            404,
            "Brouillon introuvable",
            "Ce brouillon n’est plus dans cette communauté : il a vieilli, ou la nuit l’a mieux placé ailleurs. "
            "Une recherche peut le retrouver.",
        )
    return row, state_of(desk.store.reviews_of(article, desk.community))


def _neighbours(desk: Desk, community: str, proposals: tuple[str, ...]) -> list[tuple[str, str, bool]]:
    """(id, name, whether the machine proposes it), those proposed first."""
    declared = [n for n in desk.words[community].neighbours if n in desk.words]
    named = [p for p in proposals if p in desk.words] + [n for n in declared if n not in proposals]
    return [(n, desk.words.name(n), n in proposals) for n in named]


def _twins(desk: Desk, row: QueueRow) -> list[QueueRow]:
    """Drafts of the community that could say the same: those whose title shares its words, for « doublon »."""
    return desk.store.similar_drafts(row.draft.community, row.draft.title, row.draft.article)[:8]


def _others(desk: Desk, row: QueueRow, twins: Iterable[QueueRow]) -> list[QueueRow]:
    """The latest drafts of the queue that are not among the twins: one fact may be told without a word in common."""
    told = {row.draft.article, *(t.draft.article for t in twins)}
    latest = desk.store.queue_page(row.draft.community, QueueFilter(sort="recent"), OTHERS).rows
    return [r for r in latest if r.draft.article not in told]


def _done_today(desk: Desk, community: str) -> int:
    return sum(desk.store.count_settled(community, start_of(desk, desk.today)).values())


def _told(desk: Desk, done: Review, title: str) -> str:
    # the next draft is already on screen: the message names the one it is about
    titled = f" : « {shortened(title, 70)} »"
    match done.act:
        case Act.PUBLISHED:
            return "Publié. Il reste à coller la contribution dans l’e-communauté."
        case Act.KEPT:
            return f"Gardé jusqu’au {written_day(done.until)}{titled}." if done.until else f"Gardé{titled}."
        case Act.SHARED:
            names = ", ".join(desk.words.name(t) for t in (done.target or "").split(","))
            return f"Confié à {names}{titled}."
        case Act.REJECTED:
            return f"Écarté ({REJECTION_LABELS[done.reason]}){titled}."
        case Act.FOLDED:
            return f"Regroupé avec l’autre brouillon{titled}."
        case _:
            return "Enregistré."


PAGES: tuple[Any, ...] = (relecture, relire, decider, prendre_en_charge, noter, separer, apercu)
