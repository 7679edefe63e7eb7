"""A community that begins: split off another one, or from a name and some keywords. What it would have received is
rehearsed at once. Its file is handed over: the configuration, which the desk never writes, decides who exists."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

from curation.errors import UserError
from curation.web.access import Need, page
from curation.web.desk import Desk
from curation.web.pages.word_rehearsal import shown
from curation.web.vocabulary import Room, open_room
from curation.web.word_forms import lines, plain
from curation.web.word_tree import outline
from taxonomy.edit import EditError, clean, to_json
from taxonomy.founding import Split, split, start
from taxonomy.types import Taxonomy
from taxonomy.write import to_yaml


@page("/vocabulaire/{community}/scission", Need.COORDINATION, "GET", "POST")
def scission(desk: Desk) -> Response:
    """Choose what leaves for a new community; see what would go with it."""
    room = open_room(desk)
    if desk.method != "POST":
        return _split_page(room)
    try:
        found = split(
            room.words,
            clean(desk.value("name")[:200]),
            desk.values("concepts"),
            desk.values("dossier"),
            taken=list(desk.words),
            definition=desk.value("definition")[:4000],
        )
    except EditError as error:
        return _split_page(room, " ".join(plain(f, room.words) for f in error.faults), 400)
    return _split_page(room, found=found)


@page("/vocabulaire/{community}/fondation", Need.COORDINATION, "GET", "POST")
def fondation(desk: Desk) -> Response:
    """A new community beside this one, from a name and keywords; see what it would have received."""
    room = open_room(desk)
    if desk.method != "POST":
        return room.render("word_start.html", fault="", started=None, typed=desk.value, neighbours=[room.community])
    neighbours = [n for n in desk.values("neighbours") if n in desk.words]
    try:
        started = start(
            clean(desk.value("name")[:200]),
            lines(desk.value("keywords")),
            audience=lines(desk.value("audience")),
            neighbours=neighbours,
            definition=desk.value("definition")[:4000],
            taken=list(desk.words),
            known=[desk.words[c] for c in desk.words],
        )
    except EditError as error:
        fault = " ".join(plain(f, room.words) for f in error.faults)
        return room.render(
            "word_start.html", 400, fault=fault, started=None, typed=desk.value, neighbours=neighbours
        )  # fmt: skip
    return room.render(
        "word_start.html",
        fault="",
        started=started,
        typed=desk.value,
        neighbours=neighbours,
        new=started.taxonomy,
        yaml=to_yaml(started.taxonomy),
        rehearsal=_rehearsed(room, [started.taxonomy]),
    )


def _split_page(room: Room, fault: str = "", status: int = 200, found: Split | None = None) -> Response:
    desk = room.desk
    return room.render(
        "word_split.html",
        status,
        fault=fault,
        found=found,
        choices=outline(room.words),
        chosen=set(desk.values("concepts")),
        shelves=set(desk.values("dossier")),
        typed=desk.value,
        new=found.new if found else None,
        yaml=to_yaml(found.new) if found else "",
        operations=json.dumps([to_json(o) for o in found.operations], ensure_ascii=False) if found else "",
        rehearsal=_rehearsed(room, [found.old, found.new]) if found else {},
    )


def _rehearsed(room: Room, words: list[Taxonomy]) -> dict[str, Any]:
    """What the words would do, or why nobody can say."""
    try:
        return {"fault": "", **shown(room, room.desk.site.services.rehearse(words), words)}
    except UserError as error:
        return {"fault": str(error)}


PAGES: tuple[Any, ...] = (scission, fondation)
