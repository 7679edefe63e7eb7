"""A label that changes hands: given to a neighbour, or kept by one of the two. Both communities are rehearsed together,
then the gesture goes in both drafts, or both are published.

« Complémentarité sans concurrence »: who gives and who takes decide together. Whoever coordinates only one of the two
changes only that one, and is told whom to ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from curation.accounts import AccountRole
from curation.beginnings import must_be, rehearsed
from curation.decide.overlap import handed_over
from curation.errors import ConflictError, UserError
from curation.web.access import Need, may, page
from curation.web.desk import Desk, Stop, whole
from curation.web.pages.word_draft import reclassified
from curation.web.pages.word_rehearsal import shown
from curation.web.vocabulary import MAX_MESSAGE, Room, open_room
from curation.web.word_forms import plain
from curation.web.word_tree import concept_named
from curation.wordbook import Publication
from taxonomy.edit import EditError, Operation, apply
from taxonomy.types import Origin, Taxonomy


@dataclass(frozen=True, slots=True)
class Handover:
    """One label, from ``giver`` to ``taker``. ``after``: community -> its words once it is done, those that change."""

    label: str
    giver: str
    taker: str
    gestures: dict[str, Sequence[Operation]]
    after: dict[str, Taxonomy]


@page("/vocabulaire/{community}/ceder", Need.COORDINATION, "POST")
def ceder(desk: Desk) -> Response:
    """Rehearse it; then put it in the drafts (field ``do``: draft), or publish (publish)."""
    room, other = open_room(desk), _other(desk)
    try:
        handover = _handover(desk, room, other)
    except EditError as error:
        desk.say(" ".join(plain(f, room.words) for f in error.faults)[:480], kind="warn")
        return desk.go(f"{room.here}/voisines")
    for community in handover.after:
        if not coordinates(desk, community):
            asked = told_people(desk, community)
            meaning = f"Ce geste change aussi les mots de {desk.words.name(community)}. Demandez à {asked}."
            raise Stop(403, "À décider à deux", meaning)
    rooms = {r.community: r for r in (room, other)}
    match desk.value("do"):
        case "draft":
            return _to_drafts(room, rooms, handover)
        case "publish":
            return _publish(room, rooms, handover)
    return _show(room, rooms, handover)


def coordinates(desk: Desk, community: str) -> bool:
    """True when this person may change the words of that community."""
    return may(desk.account, Need.COORDINATION, {"community": community})


def told_people(desk: Desk, community: str) -> str:
    """Who coordinates a community: « Eva Lopez ou Max Dupré », else the administrators."""
    every = [a for a in desk.store.accounts() if a.active and a.login != desk.me.login]
    found = [a.name for a in every if a.role is AccountRole.COORDONNATEUR and community in a.communities]
    found = found or [a.name for a in every if a.role is AccountRole.ADMINISTRATEUR]
    return " ou ".join(found[:3]) or "la personne qui administre"


def _other(desk: Desk) -> Room:
    community = desk.value("other")
    if community not in desk.words or community == desk.community:
        raise Stop(400, "Voisine inconnue", "Revenez à la page des voisines et recommencez.")
    return open_room(desk, community)


def _handover(desk: Desk, room: Room, other: Room) -> Handover:
    """What the form asks for. Raises ``EditError``, ``Stop``."""
    giver, taker = (other, room) if desk.value("gives") == other.community else (room, other)
    to = ""
    if named := desk.value("to"):
        concept = concept_named(taker.words, named)
        if concept is None:
            raise Stop(400, "Concept inconnu", f"« {named[:100]} » n’est le nom d’aucun concept de la voisine.")
        to = concept.id
    label = desk.value("label")[:200]
    gone, come = handed_over(giver.words, label, taker.words, to)
    gestures: dict[str, Sequence[Operation]] = {giver.community: gone}
    if come:
        gestures[taker.community] = come
    words = {r.community: r.words for r in (giver, taker)}
    after = {c: apply(words[c], *operations) for c, operations in gestures.items()}
    return Handover(label, giver.community, taker.community, gestures, after)


def _show(room: Room, rooms: dict[str, Room], handover: Handover, unsaid: str = "") -> Response:
    desk = room.desk
    words = [handover.after.get(c, r.current.taxonomy) for c, r in rooms.items()]
    try:
        rehearsal = {"fault": "", **shown(room, desk.site.services.rehearse(words), words)}
    except UserError as error:
        rehearsal = {"fault": str(error)}
    return room.render(
        "word_handover.html",
        400 if unsaid else 200,
        handover=handover,
        names={c: desk.words.name(c) for c in rooms},
        told=[(c, [o.told(rooms[c].words) for o in operations]) for c, operations in handover.gestures.items()],
        concepts=[] if len(handover.gestures) == 1 else rooms[handover.taker].words.concepts,
        changing=[rooms[c] for c in handover.after],
        moved=[rooms[c] for c in handover.after if rooms[c].moved],
        rehearsal=rehearsal,
        rehearsed=rehearsed(*handover.after.values()),
        typed=desk.value,
        faults={"message": unsaid} if unsaid else {},
    )


def _to_drafts(room: Room, rooms: dict[str, Room], handover: Handover) -> Response:
    desk = room.desk
    seen = {c: whole(desk.value("seen" if c == room.community else "seen_other")) for c in handover.gestures}
    try:
        room.drafts.change_together(handover.gestures, revisions=seen, author=desk.me.login, now=desk.now)
    except ConflictError as error:
        return room.conflict(error, {"Libellé": handover.label})
    names = " et ".join(desk.words.name(c) for c in handover.gestures)
    desk.say(f"C’est dans le brouillon de {names}. Rien n’est publié.")
    first = room.community if room.community in handover.gestures else next(iter(handover.gestures))
    return desk.go(f"/vocabulaire/{first}/brouillon")


def _publish(room: Room, rooms: dict[str, Room], handover: Handover) -> Response:
    desk = room.desk
    message = " ".join(desk.value("message").split())[:MAX_MESSAGE]
    if not message:
        return _show(room, rooms, handover, "Dites en une ligne pourquoi : on le lira dans l’histoire.")
    try:
        must_be(desk.value("rehearsed"), *handover.after.values())
        together = []
        for c, words in handover.after.items():
            end = "" if c == room.community else "_other"
            together.append(Publication(words, whole(desk.value(f"base{end}")), whole(desk.value(f"seen{end}"))))
            if together[-1].draft != rooms[c].revision or rooms[c].moved:
                raise ConflictError("Le brouillon a changé depuis la répétition. Répétez, puis publiez.")
        published = room.book.publish_together(
            together, author=desk.me.login, message=message, origin=Origin.DESK, now=desk.now
        )
    except ConflictError as error:
        return room.conflict(error, {"Libellé": handover.label, "Message": message})
    numbers = ", ".join(f"{desk.words.name(c)} : version {v.number}" for c, v in published.items())
    said = f"« {handover.label} » est désormais un mot de {desk.words.name(handover.taker)} seulement. {numbers}."
    desk.say(reclassified(desk, said) if desk.value("reclassify") else f"{said} La nuit refera le tri.")
    return desk.go(f"{room.here}/voisines")


PAGES: tuple[Any, ...] = (ceder,)
