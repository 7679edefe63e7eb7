"""« Vocabulaire »: the words of each community, as a tree and as a table, with what a search finds in them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from curation.errors import TaxonomyError
from curation.web.access import Need, may, page
from curation.web.desk import Desk
from curation.web.vocabulary import Room, open_room
from curation.web.word_tree import COLUMNS, ancestors, forest, rows, search, states
from curation.word_drafts import WordDrafts
from curation.wordbook import Wordbook
from taxonomy.types import TaxonomyDraft, TaxonomyVersion

#: Head of each column of the table, by the name that addresses use.
HEADS = {
    "nom": "Concept",
    "libelles": "Libellés",
    "sigles": "Sigles",
    "exclusions": "Exclusions",
    "dossier": "Dossier",
    "poids": "Poids",
}


@dataclass(frozen=True, slots=True)
class Card:
    """One community in the list. ``fault``: why its file cannot be read; the rest is empty then."""

    id: str
    name: str
    concepts: int = 0
    version: TaxonomyVersion | None = None
    draft: TaxonomyDraft | None = None
    fault: str = ""


@page("/vocabulaire", Need.ACCOUNT)
def vocabulaires(desk: Desk) -> Response:
    """The words of the person's communities."""
    if not desk.communities:
        return desk.render("no_community.html")
    if any(may(desk.account, Need.COORDINATION, {"community": c}) for c in desk.communities):
        desk.site.services.warm()
    people = {a.login: a.name for a in desk.store.accounts()}
    return desk.render("words_all.html", cards=[_card(desk, c) for c in desk.communities], people=people)


@page("/vocabulaire/{community}", Need.COMMUNITY)
def vocabulaire(desk: Desk) -> Response:
    """The words of one community."""
    room = open_room(desk)
    if room.may_change:
        desk.site.services.warm()
    text, shelf = desk.argument("q")[:200], desk.argument("dossier")
    view = "tableau" if desk.argument("vue") == "tableau" else "arbre"
    column, backwards = desk.argument("tri"), desk.argument("sens") == "inverse"
    words = room.words
    found = search(words, text) if text else {}
    keep = set(found) if text else None
    if shelf:
        speaks = {c.id for c in words.concepts if shelf in (c.dossiers or ("sans",))}
        keep = speaks if keep is None else keep & speaks
    return room.render(
        "vocabulary.html",
        text=text,
        shelf=shelf,
        view=view,
        column=column if column in COLUMNS else "",
        backwards=backwards,
        heads=HEADS,
        found=found,
        keep=keep,
        above=ancestors(words, keep) - keep if keep is not None else set(),
        nodes=forest(words, keep) if view == "arbre" else (),
        lines=rows(words, column, backwards, keep) if view == "tableau" else (),
        names={c.id: c.pref_label for c in words.concepts},
        states=states(room.changes),
        gone=[c for c in room.base.concepts if c.id not in {k.id for k in words.concepts}] if room.draft else [],
        shelves=_shelves(room),
        total=len(words.concepts) if keep is None else len(keep),
    )


def _card(desk: Desk, community: str) -> Card:
    book = Wordbook(desk.settings, desk.store)
    try:
        current = book.look(community, desk.now)
    except TaxonomyError as error:
        return Card(community, community, fault=str(error))
    draft = WordDrafts(book).draft(community)
    return Card(community, current.taxonomy.pref_label, len(current.taxonomy.concepts), current.version, draft)


def _shelves(room: Room) -> list[tuple[str, str, int]]:
    """(key of the address, name, concepts that speak for it), as the community orders them; « sans » last."""
    tally = Counter(d for c in room.words.concepts for d in (c.dossiers or ("sans",)))
    found = [(d.id, d.pref_label, tally[d.id]) for d in room.words.dossiers]
    return [*found, ("sans", "Sans dossier", tally["sans"])]


PAGES: tuple[Any, ...] = (vocabulaires, vocabulaire)
