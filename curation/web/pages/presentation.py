"""What a community's words say of it: name, scope, readers, neighbours, priorities of the year, dossiers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from curation.errors import ConflictError
from curation.web.access import Need, page
from curation.web.desk import Desk, Stop
from curation.web.vocabulary import Room, open_room
from curation.web.word_forms import in_place, lines, named
from taxonomy.edit import EditError, Operation, clean
from taxonomy.scheme_operations import (
    AddDossier,
    ChangeDossier,
    RemoveDossier,
    RemovePriority,
    SetAudience,
    SetDefinition,
    SetLabel,
    SetNeighbours,
    SetPriority,
)
from taxonomy.types import Dossier

MAX_DEFINITION = 4_000


@page("/vocabulaire/{community}/presentation", Need.COMMUNITY)
def presentation(desk: Desk) -> Response:
    """As it stands in the draft, else in effect."""
    return _show(open_room(desk))


@page("/vocabulaire/{community}/presentation", Need.COORDINATION, "POST")
def changer_presentation(desk: Desk) -> Response:
    """Put in the draft what one of its forms asks (field ``do``)."""
    room = open_room(desk)
    act = _ACTS.get(desk.value("do"))
    if act is None:
        raise Stop(400, "Action inconnue", "Revenez à la page de présentation et recommencez.")
    faults: dict[str, str] = {}
    operations = act(room, faults)
    about = desk.value("about")
    if not faults and not operations:
        desk.say("Rien n’a changé : le brouillon reste tel quel.", kind="warn")
        return desk.go(f"{room.here}/presentation")
    if not faults:
        try:
            room.change(operations)
        except EditError as error:
            faults = in_place(error, room.words)
        except ConflictError as error:
            return room.conflict(error, {"Nom": desk.value("label"), "Définition": desk.value("definition")})
        else:
            desk.say("C’est dans le brouillon.")
            return desk.go(f"{room.here}/presentation")
    return _show(room, faults, about)


def _show(room: Room, faults: dict[str, str] | None = None, about: str = "") -> Response:
    words = room.words
    others = [c for c in room.desk.words if c != room.community]
    return room.render(
        "word_presentation.html",
        400 if faults else 200,
        words=words,
        faults=faults or {},
        about=about,
        others=[*others, *(n for n in words.neighbours if n not in others)],
        names={c.id: c.pref_label for c in words.concepts},
        speak={d.id: sum(d.id in c.dossiers for c in words.concepts) for d in words.dossiers},
        typed=room.desk.value,
        lines=[c for c in room.changes if c.about != "concept"],
    )


def _scheme(room: Room, faults: dict[str, str]) -> list[Operation]:
    desk, seen = room.desk, room.seen()
    label, definition = clean(desk.value("label")[:200]), clean(desk.value("definition")[:MAX_DEFINITION])
    audience = lines(desk.value("audience"))
    kept = [n for n in seen.neighbours if n in desk.values("neighbours")]
    neighbours = (*kept, *(n for n in desk.values("neighbours") if n not in kept and n in desk.words))
    if not label:
        faults["label"] = "Un nom est nécessaire."
    found: list[Operation] = []
    if label != seen.pref_label:
        found.append(SetLabel(label))
    if definition != seen.definition:
        found.append(SetDefinition(definition))
    if audience != seen.audience:
        found.append(SetAudience(audience))
    if neighbours != seen.neighbours:
        found.append(SetNeighbours(neighbours))
    return found


def _priority(room: Room, faults: dict[str, str]) -> list[Operation]:
    desk = room.desk
    label, before = clean(desk.value("label")[:200]), desk.value("before")
    concepts, wrong = named(room.words, lines(desk.value("concepts")))
    if wrong:
        faults["concepts"] = wrong
    if not label:
        faults["label"] = "Donnez un nom à cette priorité."
    return [SetPriority(before or label, concepts, label if before else "")]


def _no_priority(room: Room, faults: dict[str, str]) -> list[Operation]:
    return [RemovePriority(room.desk.value("before"))]


def _dossier(room: Room, faults: dict[str, str]) -> list[Operation]:
    desk = room.desk
    label, note = clean(desk.value("label")[:200]), clean(desk.value("note")[:2000])
    if not label:
        faults["label"] = "Donnez un nom à ce dossier."
    before = desk.value("before")
    return [ChangeDossier(Dossier(before, label, note)) if before else AddDossier(Dossier("", label, note))]


def _no_dossier(room: Room, faults: dict[str, str]) -> list[Operation]:
    return [RemoveDossier(room.desk.value("before"), room.desk.value("heir"))]


_ACTS: dict[str, Callable[[Room, dict[str, str]], list[Operation]]] = {
    "scheme": _scheme,
    "priority": _priority,
    "no-priority": _no_priority,
    "dossier": _dossier,
    "no-dossier": _no_dossier,
}
PAGES: tuple[Any, ...] = (presentation, changer_presentation)
