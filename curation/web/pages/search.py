"""Recherche: an old one found again, whatever became of it."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from curation.web.access import Need, page
from curation.web.desk import Desk

LIMIT = 60


@page("/recherche", Need.ACCOUNT)
def recherche(desk: Desk) -> Response:
    """Drafts of any status in the communities of the person."""
    words = desk.argument("q")[:300]
    found = desk.store.search_drafts(desk.communities, words, LIMIT) if words else []
    return desk.render("search.html", q=words, found=found, limit=LIMIT)


PAGES: tuple[Any, ...] = (recherche,)
