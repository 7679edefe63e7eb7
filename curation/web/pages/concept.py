"""One concept: everything about it, changed in the draft; and what can be done with it beside the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from curation.errors import ConflictError
from curation.web.access import Need, page
from curation.web.desk import Desk, Stop
from curation.web.vocabulary import Room, open_room
from curation.web.word_forms import KEEPS, concept_typed, gestures, in_place, shown_weight
from curation.web.word_tree import descendants, outline
from taxonomy.concept_operations import (
    AddConcept,
    MergeConcepts,
    MoveLabels,
    RetireConcept,
    SplitConcept,
)
from taxonomy.edit import EditError, Operation, clean, slug
from taxonomy.french import label_keys
from taxonomy.types import Concept

#: Fields shown again after a conflict, so that nothing typed is lost.
TYPED = {
    "prefLabel": "Nom",
    "altLabel": "Libellés",
    "notation": "Sigles",
    "excludeLabel": "Exclusions",
    "hiddenLabel": "Libellés cachés",
    "weight": "Poids",
    "scopeNote": "Note",
}
NOTHING = "Rien n’a changé : le brouillon reste tel quel."


@page("/vocabulaire/{community}/concept/{concept}", Need.COMMUNITY)
def concept(desk: Desk) -> Response:
    """A concept as it stands in the draft, else in effect."""
    room = open_room(desk)
    return show(room, known(room, str(desk.path_params["concept"])))


@page("/vocabulaire/{community}/concept/{concept}", Need.COORDINATION, "POST")
def changer_concept(desk: Desk) -> Response:
    """Put in the draft what the form asks (its field ``do``)."""
    room = open_room(desk)
    act = ACTS.get(desk.value("do"))
    if act is None:
        raise Stop(400, "Action inconnue", "Revenez à la fiche du concept et recommencez.")
    return act(room, known(room, str(desk.path_params["concept"])))


@page("/vocabulaire/{community}/nouveau", Need.COORDINATION, "GET", "POST")
def nouveau_concept(desk: Desk) -> Response:
    """A concept that is not there yet."""
    room = open_room(desk)
    under = desk.argument("sous")
    if desk.method != "POST":
        parents = (under,) if under in {c.id for c in room.words.concepts} else ()
        return show(room, Concept("", desk.argument("nom")[:200], broader=parents), fresh=True)
    faults: dict[str, str] = {}
    typed = concept_typed(desk, "", room.words, faults)
    if not faults:
        new = replace(typed, id=slug(typed.pref_label, (c.id for c in room.words.concepts)))
        try:
            room.change([AddConcept(new)])
        except EditError as error:
            faults = in_place(error, room.words, new.id)
        except ConflictError as error:
            return room.conflict(error, _typed(desk))
        else:
            desk.say(f"« {new.pref_label} » est dans le brouillon.")
            return desk.go(f"{room.here}/concept/{new.id}")
    return show(room, typed, faults, fresh=True)


def known(room: Room, identity: str) -> Concept:
    """The concept of that id. Raises ``Stop`` when it is neither in the draft nor in effect."""
    for words in (room.words, room.current.taxonomy):
        for found in words.concepts:
            if found.id == identity:
                return found
    raise Stop(404, "Concept introuvable", "Aucun concept de ce nom dans ce vocabulaire : il a peut-être été retiré.")


def show(
    room: Room,
    shown: Concept,
    faults: dict[str, str] | None = None,
    *,
    fresh: bool = False,
    about: str = "",
    more: dict[str, Any] | None = None,
) -> Response:
    """The page of a concept. ``about``: which of its forms is at fault; ``more``: what was typed there."""
    words = room.words
    names = {c.id: c.pref_label for c in words.concepts}
    off = {shown.id, *descendants(words, shown.id)} if shown.id else set()
    return room.render(
        "concept.html",
        400 if faults else 200,
        shown=shown,
        fresh=fresh,
        gone=not fresh and shown.id not in names,
        title=shown.pref_label if fresh else names.get(shown.id, shown.pref_label),
        faults=faults or {},
        about=about or "concept",
        typed=more or {},
        weight=room.desk.value("weight") if faults and "weight" in faults else shown_weight(shown),
        keeps=KEEPS,
        keep=room.desk.value("keep", "altLabel"),
        choices=[(c, depth) for c, depth in outline(words) if c.id not in off],
        others=[(c, depth) for c, depth in outline(words) if c.id != shown.id],
        narrower=[c for c in words.concepts if shown.id in c.broader] if shown.id else [],
        names=names,
        lines=[c for c in room.changes if c.about == "concept" and c.id == shown.id],
        neighbours=[n for n in room.desk.communities if n != room.community],
    )


def _save(room: Room, before: Concept) -> Response:
    desk, faults = room.desk, dict[str, str]()
    typed = concept_typed(desk, before.id, room.words, faults)
    keep = desk.value("keep", "altLabel")
    if keep not in KEEPS:
        keep = "altLabel"
    if faults:
        return show(room, typed, faults)
    seen = next((c for c in room.seen().concepts if c.id == before.id), before)
    wanted = gestures(seen, typed, keep)
    if not wanted:
        desk.say(NOTHING, kind="warn")
        return desk.go(f"{room.here}/concept/{before.id}")
    return _done(room, before, wanted, f"« {typed.pref_label} » est changé dans le brouillon.", typed=typed)


def _merge(room: Room, before: Concept) -> Response:
    other = room.desk.value("other")
    if other not in {c.id for c in room.words.concepts}:
        return show(room, before, {"other": "Choisissez le concept à absorber."}, about="merge")
    name = next(c.pref_label for c in room.words.concepts if c.id == other)
    said = f"« {name} » est fusionné dans « {before.pref_label} », dans le brouillon."
    return _done(room, before, [MergeConcepts(before.id, other)], said, about="merge")


def _split(room: Room, before: Concept) -> Response:
    desk = room.desk
    name, words = clean(desk.value("name")[:200]), tuple(desk.values("words"))
    more = {"name": name, "words": words}
    if not label_keys(name):
        return show(room, before, {"name": "Donnez un nom au concept détaché."}, about="split", more=more)
    part = Concept(
        slug(name, (c.id for c in room.words.concepts)),
        name,
        tuple(w for w in before.alt_labels if w in words and w != name),
        tuple(w for w in before.notations if w in words),
        tuple(w for w in before.hidden_labels if w in words and w != name),
        weight=before.weight,
    )
    said = f"« {name} » est détaché de « {before.pref_label} », dans le brouillon."
    operations = [SplitConcept(before.id, part)]
    return _done(room, before, operations, said, about="split", more=more, then=part.id)


def _move_words(room: Room, before: Concept) -> Response:
    desk = room.desk
    words, to = tuple(desk.values("words")), desk.value("to")
    more = {"words": words, "to": to}
    if not words or to not in {c.id for c in room.words.concepts}:
        fault = {"to": "Cochez au moins un mot, et choisissez où il va."}
        return show(room, before, fault, about="move", more=more)
    operations: list[Operation] = []
    for key, held in (
        ("altLabel", before.alt_labels),
        ("hiddenLabel", before.hidden_labels),
        ("notation", before.notations),
    ):
        if moved := tuple(w for w in held if w in words):
            operations.append(MoveLabels(before.id, moved, to, key))
    return _done(room, before, operations, "Les mots sont déplacés, dans le brouillon.", about="move", more=more)


def _retire(room: Room, before: Concept) -> Response:
    heir = room.desk.value("heir")
    said = f"« {before.pref_label} » est retiré dans le brouillon. « Annuler le dernier geste » le fait revenir."
    return _done(room, before, [RetireConcept(before.id, heir)], said, about="retire", then="-")


def _done(
    room: Room,
    before: Concept,
    operations: Sequence[Operation],
    said: str,
    *,
    about: str = "concept",
    typed: Concept | None = None,
    more: dict[str, Any] | None = None,
    then: str = "",
) -> Response:
    """Put the gestures in the draft, or say in place why they cannot be. ``then``: where to go, « - » the draft."""
    desk = room.desk
    try:
        room.change(operations)
    except EditError as error:
        return show(room, typed or before, in_place(error, room.words, before.id), about=about, more=more)
    except ConflictError as error:
        return room.conflict(error, _typed(desk))
    desk.say(said)
    return desk.go(f"{room.here}/brouillon" if then == "-" else f"{room.here}/concept/{then or before.id}")


def _typed(desk: Desk) -> dict[str, str]:
    return {label: desk.value(name) for name, label in TYPED.items()}


ACTS: dict[str, Callable[[Room, Concept], Response]] = {
    "save": _save,
    "merge": _merge,
    "split": _split,
    "move": _move_words,
    "retire": _retire,
}
PAGES: tuple[Any, ...] = (concept, changer_concept, nouveau_concept)
