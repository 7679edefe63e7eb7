"""« Déjà relu par… »: the answer to a decision taken on a page that was no longer true."""

from __future__ import annotations

from starlette.responses import Response

from curation.decide.review import Refusal
from curation.web.desk import Desk

#: Fields whose words are shown again, so that nothing typed is lost.
TYPED = {"title": "Titre", "summary": "Résumé", "context": "Pour qui, pourquoi", "note": "Note"}


def stale(desk: Desk, community: str, article: str, refusal: Refusal) -> Response:
    """Who did what in the meantime, what had been typed, and where to go from here (409 Conflict)."""
    by = refusal.by
    account = desk.store.account(by.reviewer) if by else None
    return desk.render(
        "stale.html",
        409,
        community=community,
        article=article,
        by=by,
        name=(account.name if account else by.reviewer) if by else "",
        row=desk.store.draft(article, community),
        typed={label: desk.value(name) for name, label in TYPED.items() if desk.value(name)},
    )
