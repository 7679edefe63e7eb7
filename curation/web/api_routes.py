"""The routes of the JSON API: each opens a store of its own and acts through the same ``Clerk`` as the pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query, Request

from curation.accounts import Account
from curation.decide.review import VERDICTS, Refusal, state_of
from curation.store.desk import QueueFilter, QueueRow
from curation.store.store import Store
from curation.types import Act, Edition, Event, Kind, Review
from curation.web import api_models as io
from curation.web.access import Need, may
from curation.web.api import ApiStop, GatedRoute, caller, need
from curation.web.desk import Site
from curation.web.labels import ACT_LABELS
from curation.web.render import safe_url
from curation.web.verdicts import Clerk

_COMMON: dict[int | str, dict[str, Any]] = {
    401: {"model": io.Error, "description": "Jeton absent ou inconnu."},
    403: {"model": io.Error, "description": "Rôle ou communauté qui n’ouvre pas cette adresse."},
    422: {"model": io.Error, "description": "Demande non conforme."},
}
_MISSING: dict[int | str, dict[str, Any]] = {404: {"model": io.Error, "description": "Introuvable."}}
_TAKEN: dict[int | str, dict[str, Any]] = {
    409: {"model": io.Conflict, "description": "Quelqu’un a agi depuis ; rien n’est enregistré."}
}
router = APIRouter(prefix="/v1", route_class=GatedRoute, tags=["relecture"], responses=_COMMON)

Community = Annotated[str, Path(description="Identifiant de la communauté.", max_length=80)]
ArticleId = Annotated[str, Path(description="Identifiant de l’article.", max_length=80)]
Cursor = Annotated[str, Query(max_length=300)]


@dataclass(frozen=True, slots=True)
class Call:
    """One request: who, when, on which store."""

    site: Site
    store: Store
    account: Account

    @property
    def now(self) -> datetime:
        return self.site.clock().replace(microsecond=0)

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.site.settings.timezone)).date()

    @property
    def communities(self) -> list[str]:
        return [c for c in self.site.words if self.account.may_see(c)]

    @property
    def clerk(self) -> Clerk:
        return Clerk(self.store, self.site.words, self.account.login, self.now, self.today)

    def draft(self, community: str, article: str) -> QueueRow:
        """Raises ``ApiStop`` 404."""
        row = self.store.draft(article, community)
        if row is None:
            raise ApiStop(404, "Ce brouillon n’est pas, ou plus, dans cette communauté.")
        return row


@contextmanager
def _open(request: Request) -> Iterator[Call]:
    site: Site = request.app.state.site
    with site.open_store() as store:
        yield Call(site, store, caller(request))


@router.get("/communities", summary="Mes communautés", openapi_extra=need(Need.ACCOUNT))
def communities(request: Request) -> list[io.CommunityOut]:
    """Les communautés de la personne, leurs dossiers, leurs voisines et la taille de leur file."""
    with _open(request) as call:
        sizes, found = call.store.queue_sizes(), []
        for community in call.communities:
            words = call.site.words[community]
            found.append(
                io.CommunityOut(
                    id=community,
                    name=words.pref_label,
                    waiting=sizes.get(community, 0),
                    dossiers=[io.DossierOut(id=d.id, name=d.pref_label) for d in words.dossiers],
                    neighbours=[n for n in words.neighbours if n in call.site.words],
                )
            )
        return found


@router.get(
    "/queue/{community}", summary="La file d’une communauté", openapi_extra=need(Need.COMMUNITY), responses=_MISSING
)
def queue(
    request: Request,
    community: Community,
    dossier: Annotated[str, Query(max_length=200, description="Identifiant de dossier.")] = "",
    kind: Annotated[Kind | None, Query(description="Nature.")] = None,
    source: Annotated[str, Query(max_length=500, description="Nom de la source.")] = "",
    since: Annotated[date | None, Query(description="Parus ce jour ou après.")] = None,
    until: Annotated[date | None, Query(description="Parus ce jour ou avant.")] = None,
    min_score: Annotated[float, Query(ge=0, le=1, description="Score minimal.")] = 0.0,
    q: Annotated[str, Query(max_length=300, description="Mots du titre ou du texte.")] = "",
    holder: Annotated[
        str, Query(max_length=200, description="Qui s’en occupe ; un identifiant, « me » (moi) ou « none » (personne).")
    ] = "",
    sort: Annotated[Literal["score", "recent", "deadline"], Query(description="Ordre.")] = "score",
    after: Annotated[Cursor, Query(description="« next » de la page précédente.")] = "",
    before: Annotated[Cursor, Query(description="« previous » de la page suivante.")] = "",
    limit: Annotated[int, Query(ge=1, le=100, description="Brouillons par page.")] = 25,
) -> io.QueueOut:
    """Les brouillons à relire, filtrés et triés, une page à la fois."""
    with _open(request) as call:
        call.store.wake(call.today)
        login = call.account.login if holder == "me" else holder
        wanted = QueueFilter(
            dossier, kind.value if kind else "", source, since, until, min_score, q, login, sort, after, before
        )
        page = call.store.queue_page(community, wanted, limit)
        return io.QueueOut(
            drafts=[_draft(row) for row in page.rows], total=page.total, next=page.next, previous=page.previous
        )


@router.get(
    "/drafts/{community}/{article}",
    summary="Un brouillon et son histoire",
    openapi_extra=need(Need.COMMUNITY),
    responses=_MISSING,
)
def draft(request: Request, community: Community, article: ArticleId) -> io.DraftDetail:
    """Le brouillon, le texte de l’article, ce qui est regroupé sous lui et tous les actes des personnes."""
    with _open(request) as call:
        row, history = call.draft(community, article), call.store.reviews_of(article, community)
        edition, known = state_of(history).edition, call.store.articles([article]).get(article)
        return io.DraftDetail(
            **_draft(row).model_dump(),
            text=known.text if known else "",
            edition=_edition_out(edition),
            folded=[io.FoldedOut(**f) for f in call.store.folded_of([article], community).get(article, [])],
            history=[_review(r) for r in history],
        )


@router.post(
    "/drafts/{community}/{article}/verdicts",
    summary="Décider d’un brouillon",
    status_code=201,
    openapi_extra=need(Need.COMMUNITY),
    responses=_MISSING | _TAKEN,
)
def decide(request: Request, community: Community, article: ArticleId, decision: io.DecisionIn) -> io.ActOut:
    """Publier, garder, confier, écarter, regrouper, retoucher, ranger, prendre, donner, rendre ou noter."""
    with _open(request) as call:
        call.draft(community, article)
        review = _read(call, community, article, decision)
        seen = None if isinstance(decision, io.Remark) else decision.seen
        done = call.clerk.record(review, seen=seen)
        if isinstance(done, Refusal):
            raise _conflict(call, community, article, done)
        return _done(call, done)


@router.post(
    "/reviews/{id}/undo",
    summary="Annuler un acte",
    status_code=201,
    openapi_extra=need(Need.ACCOUNT),
    responses=_MISSING | _TAKEN,
)
def undo(request: Request, id: Annotated[int, Path(ge=1, le=io.MAX_ID, description="L’acte.")]) -> io.ActOut:
    """Annule un acte et ce qu’il avait fait chez les voisines. Rien n’est effacé : l’annulation est un acte."""
    with _open(request) as call:
        review = call.store.review(id)
        if review is None or not may(call.account, Need.COMMUNITY, {"community": review.community}):
            raise ApiStop(404, "Cet acte n’existe pas, ou concerne une communauté qui n’est pas la vôtre.")
        restored = call.store.review(review.undoes) if review.undoes else None
        if restored is not None and restored.act is Act.UNDONE and restored.undoes:
            id = restored.undoes  # what brought an act back is undone by undoing that act, as in the journal
        done = call.clerk.undo(id)
        if done is None:
            raise ApiStop(409, "Cet acte ne compte plus : quelqu’un l’a déjà annulé, ou il ne s’annule pas d’ici.")
        return _done(call, done)


@router.get("/journal", summary="Qui a fait quoi", openapi_extra=need(Need.ACCOUNT))
def journal(
    request: Request,
    community: Annotated[str, Query(max_length=80, description="Une de mes communautés ; vide : toutes.")] = "",
    reviewer: Annotated[str, Query(max_length=200, description="Identifiant de connexion.")] = "",
    act: Annotated[Act | None, Query(description="Genre d’acte.")] = None,
    since: Annotated[datetime | None, Query(description="Depuis ce moment.")] = None,
    before: Annotated[int | None, Query(ge=1, le=io.MAX_ID, description="« next » de la page précédente.")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="Actes par page.")] = 50,
) -> io.JournalOut:
    """Les actes sur mes communautés, du plus récent au plus ancien."""
    with _open(request) as call:
        if community and community not in call.communities:
            raise ApiStop(403, "Cette communauté n’est pas la vôtre.")
        moment = since.replace(tzinfo=UTC) if since and since.tzinfo is None else since
        if moment and not 1 < moment.year < 9999:  # at the ends of time another zone has no name for it
            raise _fault("since", "Un moment entre les années 2 et 9998 est attendu.")
        found = call.store.journal(
            [community] if community else call.communities,
            before=before, reviewer=reviewer, act=act.value if act else "", since=moment, limit=limit + 1,
        )  # fmt: skip
        acts = [
            io.JournalEntry(**_review(r).model_dump(), title=title, undone=undone) for r, title, undone in found[:limit]
        ]
        return io.JournalOut(acts=acts, next=acts[-1].id if len(found) > limit else None)


def _read(call: Call, community: str, article: str, decision: io.Decision) -> Review:
    """The act that a body asks for. Raises ``ApiStop`` 422 for what only the installation can tell wrong."""
    words = call.site.words[community]
    acts: dict[type[io.Decision], Act] = {
        io.Publish: Act.PUBLISHED, io.Keep: Act.KEPT, io.Share: Act.SHARED, io.Reject: Act.REJECTED,
        io.Fold: Act.FOLDED, io.Edit: Act.EDITED, io.File: Act.FILED, io.Take: Act.TAKEN, io.Give: Act.GIVEN,
        io.Release: Act.RELEASED, io.Remark: Act.NOTED,
    }  # fmt: skip
    given: dict[str, Any] = {"note": getattr(decision, "note", "")}
    match decision:
        case io.Publish():
            given |= {"target": _targets(call, community, decision.neighbours), "edition": _edition(decision.edition)}
            given["post_url"] = safe_url(decision.post_url)
            if decision.post_url and not given["post_url"]:
                raise _fault("post_url", "Une adresse qui commence par https:// est attendue.")
        case io.Share():
            given["target"] = _targets(call, community, decision.neighbours)
        case io.Keep():
            if decision.until <= call.today:
                raise _fault("until", "Choisissez un jour à venir.")
            given["until"] = decision.until
        case io.Reject():
            given["reason"] = decision.reason.value
        case io.Fold():
            given["target"] = decision.into
        case io.Edit():
            given["edition"] = _edition(decision.edition)
        case io.File():
            if decision.dossier not in {d.id for d in words.dossiers}:
                raise _fault("dossier", "Ce dossier n’existe pas dans cette communauté.")
            given["target"] = decision.dossier
        case io.Give():
            colleague = call.store.account(decision.to)
            if colleague is None or not may(colleague, Need.COMMUNITY, {"community": community}):
                raise _fault("to", "Cette personne ne relit pas cette communauté.")
            given["target"] = colleague.login
        case _:
            pass
    return Review(article, community, acts[type(decision)], call.account.login, call.now, **given)


def _targets(call: Call, community: str, neighbours: list[str]) -> str | None:
    for name in neighbours:
        if name not in call.site.words or name == community:
            raise _fault("neighbours", f"« {name} » n’est pas une autre communauté de cette installation.")
    return ",".join(dict.fromkeys(neighbours)) or None


def _fault(field: str, meaning: str) -> ApiStop:
    return ApiStop(422, "La demande n’est pas conforme : voyez « faults ».", faults={field: meaning})


def _conflict(call: Call, community: str, article: str, refusal: Refusal) -> ApiStop:
    """409: who did what, when, and the revision to read again."""
    row, by = call.store.draft(article, community), refusal.by
    revision = row.revision if row else 0
    if by is None:
        message = "Impossible de regrouper sous cet autre brouillon : il n’existe pas ici, ou est lui-même regroupé."
        return ApiStop(409, message, by=None, name=None, act=None, at=None, revision=revision)
    account = call.store.account(by.reviewer)
    name = account.name if account else by.reviewer
    when = by.at.astimezone(ZoneInfo(call.site.settings.timezone)).strftime("le %d/%m/%Y à %H:%M")
    who = f"Déjà relu par {name}, qui" if by.act in VERDICTS else name
    message = f"{who} {ACT_LABELS[by.act]} ce brouillon {when} : relisez-le avant de décider."
    return ApiStop(409, message, by=by.reviewer, name=name, act=by.act.value, at=by.at.isoformat(), revision=revision)


def _done(call: Call, done: Review) -> io.ActOut:
    row = call.store.draft(done.article, done.community)
    return io.ActOut(review=_review(done), draft=_draft(row) if row else None)


def _draft(row: QueueRow) -> io.DraftOut:
    d = row.draft
    return io.DraftOut(
        community=d.community, article=d.article, revision=row.revision, status=row.status, title=row.title,
        original_title=d.title, summary=d.summary, context=d.context, url=safe_url(d.url), source=d.source,
        published=d.published, kind=d.kind, score=d.score, relevance=d.relevance, dossier=row.dossier,
        keywords=list(d.keywords), reasons=list(d.reasons), proposals=list(d.proposals), event=_event_out(d.event),
        deadline=d.deadline, holder=row.holder, origin=row.origin, until=row.until, post_url=row.post_url,
        folded_into=row.folded_into,
    )  # fmt: skip


def _review(r: Review) -> io.ReviewOut:
    return io.ReviewOut(
        id=r.id, community=r.community, article=r.article, act=r.act, reviewer=r.reviewer, at=r.at, reason=r.reason,
        note=r.note, until=r.until, target=r.target, post_url=r.post_url, undoes=r.undoes,
        edition=_edition_out(r.edition),
    )  # fmt: skip


def _edition(given: io.EditionIn | None) -> Edition | None:
    if given is None:
        return None
    event = Event(given.event.start, given.event.end, given.event.place) if given.event else None
    return Edition(given.title, given.summary, given.context, tuple(dict.fromkeys(given.tags)), event, given.deadline)


def _edition_out(edition: Edition | None) -> io.EditionOut | None:
    if edition is None:
        return None
    return io.EditionOut(
        title=edition.title, summary=edition.summary, context=edition.context, tags=list(edition.tags),
        event=_event_out(edition.event), deadline=edition.deadline,
    )  # fmt: skip


def _event_out(event: Event | None) -> io.EventOut | None:
    return io.EventOut(start=event.start, end=event.end, place=event.place) if event else None
