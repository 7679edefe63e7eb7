"""Where communities meet: what they share, who leads it, who refuses it, and which words cause it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from curation.decide.ailments import told_share
from curation.decide.overlap import Overlap, Side
from curation.web.access import Need, page
from curation.web.desk import Desk
from curation.web.pages.word_balance import workbench
from curation.web.pages.word_handover import coordinates, told_people
from curation.web.vocabulary import open_room


@dataclass(frozen=True, slots=True)
class Pair:
    """What this community shares with another one."""

    other: str
    mine: Side
    theirs: Side
    overlap: Overlap


@page("/vocabulaire/{community}/voisines", Need.COMMUNITY)
def voisines(desk: Desk) -> Response:
    """The matrix of all communities, then each one that this one meets."""
    room = open_room(desk)
    if room.may_change:
        desk.site.services.warm()
    found = workbench(desk).overlaps()
    cells = {frozenset((o.here.community, o.there.community)): o for o in found}
    communities = list(desk.words)
    mine = []
    for o in found:
        sides = {o.here.community: o.here, o.there.community: o.there}
        if room.community in sides:
            other = next(c for c in sides if c != room.community)
            mine.append(Pair(other, sides[room.community], sides[other], o))
    return room.render(
        "word_neighbours.html",
        communities=communities,
        cell=lambda a, b: cells.get(frozenset((a, b))),
        most=max((o.items for o in found), default=0),
        pairs=mine,
        coordinates=lambda c: coordinates(desk, c),
        asked={p.other: told_people(desk, p.other) for p in mine if not coordinates(desk, p.other)},
        share=lambda s: "" if s.few else told_share(s),
        articles=desk.store.articles({a for p in mine for a in p.overlap.articles}),
    )


PAGES: tuple[Any, ...] = (voisines,)
