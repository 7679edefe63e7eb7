"""The finished contribution: read, copied, taken as a file, its address noted."""

from __future__ import annotations

from datetime import date
from typing import Any

from starlette.responses import Response

from curation.decide.review import Refusal, state_of
from curation.store.desk import COUNT_LIMIT
from curation.types import Act, DraftState, Review
from curation.web.access import Need, page
from curation.web.contribution import Contribution, contribution, edition_of
from curation.web.desk import Desk, Stop, whole
from curation.web.pages.queue import account_name, clerk
from curation.web.pages.review import next_draft
from curation.web.pages.stale import stale
from curation.web.render import safe_url, written_day


@page("/contribution/{community}/{article}", Need.COMMUNITY)
def contribution_prete(desk: Desk) -> Response:
    """Ready to paste."""
    made, state = _made(desk)
    row = desk.store.draft(str(desk.path_params["article"]), desk.community)
    return desk.render(
        "contribution.html",
        community=desk.community,
        row=row,
        made=made,
        state=state,
        by=account_name(desk, state.verdict.reviewer) if state.verdict else "",
        next=next_draft(desk, desk.community, after=row),
        left=desk.store.queue_size(desk.community, COUNT_LIMIT),
        count_limit=COUNT_LIMIT,
        fault="",
    )


@page("/contribution/{community}/{article}/fichier.{form}", Need.COMMUNITY)
def contribution_fichier(desk: Desk) -> Response:
    """As a file: md or html."""
    made, _ = _made(desk)
    form = str(desk.path_params["form"])
    if form not in ("md", "html"):
        raise Stop(404, "Format inconnu", "La contribution existe en .md et en .html.")
    body = made.markdown if form == "md" else _document(made)
    kind = "text/markdown" if form == "md" else "text/html"
    headers = {"Content-Disposition": f'attachment; filename="{made.name}.{form}"'}
    return Response(body, media_type=f"{kind}; charset=utf-8", headers=headers)


@page("/contribution/{community}/{article}", Need.COMMUNITY, "POST")
def noter_adresse(desk: Desk) -> Response:
    """Note where it was published."""
    article, community = str(desk.path_params["article"]), desk.community
    _, state = _made(desk)
    url = safe_url(desk.value("post_url"))[:2000]
    if not url:
        desk.say("Une adresse qui commence par https:// est attendue ; rien n’est enregistré.", kind="warn")
    elif state.verdict is None or state.verdict.act is not Act.PUBLISHED:
        desk.say("Publiez d’abord ce brouillon.", kind="warn")
    else:
        addressed = Review(article, community, Act.ADDRESSED, desk.me.login, desk.now, post_url=url)
        done = clerk(desk).record(addressed, seen=whole(desk.value("seen")))
        if isinstance(done, Refusal):
            return stale(desk, community, article, done)
        desk.say("Adresse enregistrée.", undo=done.id)
    return desk.go(f"/contribution/{community}/{article}")


def _made(desk: Desk) -> tuple[Contribution, DraftState]:
    article = str(desk.path_params["article"])
    row = desk.store.draft(article, desk.community)
    if row is None:
        raise Stop(404, "Contribution introuvable", "Ce brouillon n’existe plus dans cette communauté.")
    reviews: list[Review] = desk.store.reviews_of(article, desk.community)
    state = state_of(reviews)
    dossier = desk.words.shelf(desk.community, row.dossier)[0] if row.dossier else ""
    return contribution(row.draft, state.edition or edition_of(row.draft), dossier, french_day), state


def french_day(day: date) -> str:
    """« 3 mars 2027 »."""
    return written_day(day)


def _document(made: Contribution) -> str:
    from markupsafe import escape

    return (
        f'<!doctype html>\n<html lang="fr">\n<head><meta charset="utf-8"><title>{escape(made.title)}</title></head>\n'
        f"<body>\n{made.html}</body>\n</html>\n"
    )


PAGES: tuple[Any, ...] = (contribution_prete, contribution_fichier, noter_adresse)
