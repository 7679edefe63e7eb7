"""The history of a community's words: versions, what each changed, the return to any of them."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from curation.errors import ConflictError, InputError, TaxonomyError
from curation.web.access import Need, page
from curation.web.desk import Desk, Stop, whole
from curation.web.pages.word_draft import reclassified
from curation.web.vocabulary import MAX_MESSAGE, ORIGINS, Room, faulty, open_room
from taxonomy.diff import diff, summary
from taxonomy.types import Taxonomy, TaxonomyVersion

#: Versions on one page, newest first; the words of each are read to tell what it changed.
SHOWN = 30


@page("/vocabulaire/{community}/histoire", Need.COMMUNITY)
def histoire(desk: Desk) -> Response:
    """The versions, newest first, each with what it changed."""
    room = open_room(desk)
    every = room.book.versions(room.community)
    before = whole(desk.argument("avant")) or every[0].number + 1
    shown = [v for v in every if v.number < before][:SHOWN]
    return room.render(
        "word_history.html",
        lines=[(v, _changed(room, v)) for v in shown],
        older=shown[-1].number if shown and shown[-1].number > 1 else 0,
        total=len(every),
        origins=ORIGINS,
    )


@page("/vocabulaire/{community}/histoire/{number}", Need.COMMUNITY)
def version(desk: Desk) -> Response:
    """What a version changed since another one: the one before, unless the address names one (``depuis``)."""
    return _show(open_room(desk))


@page("/vocabulaire/{community}/histoire/{number}/retour", Need.COORDINATION, "POST")
def revenir(desk: Desk) -> Response:
    """Publish that version again, byte for byte."""
    room = open_room(desk)
    chosen = _version(room)
    if whole(desk.value("base")) != room.current.version.number:
        return room.conflict(ConflictError("Une autre version a été publiée depuis que cette page est ouverte."), {})
    message = " ".join(desk.value("message").split())[:MAX_MESSAGE]
    try:
        done = room.book.rollback(
            room.community, chosen.number, author=desk.me.login, message=message, now=desk.now
        )  # fmt: skip
    except ConflictError as error:
        return room.conflict(error, {"Message": message})
    except InputError as error:
        desk.say(str(error), kind="warn")
        return desk.go(f"{room.here}/histoire")
    except TaxonomyError as error:
        raise faulty(room.community, error) from error
    said = f"Version {done.number} publiée : elle redit la version {chosen.number}."
    desk.say(reclassified(desk, said) if desk.value("reclassify") else f"{said} La nuit refera le tri.")
    return desk.go(f"{room.here}/histoire")


def _show(room: Room) -> Response:
    chosen = _version(room)
    every = room.book.versions(room.community)
    since = whole(room.desk.argument("depuis")) or chosen.number - 1
    if since and since not in {v.number for v in every}:
        raise _unknown()
    changes = diff(_words(room, since), room.book.at(room.community, chosen.number)) if since else ()
    return room.render(
        "word_version.html",
        chosen=chosen,
        since=since,
        changes=changes,
        summary=summary(changes),
        every=every,
        origins=ORIGINS,
        concepts=len(room.book.at(room.community, chosen.number).concepts),
        is_last=chosen.number == room.current.version.number,
    )


def _changed(room: Room, version: TaxonomyVersion) -> str:
    """« 1 concept ajouté »: what it changed since the one before."""
    if version.number == 1:
        return ""
    return summary(diff(_words(room, version.number - 1), room.book.at(room.community, version.number)))


def _words(room: Room, number: int) -> Taxonomy:
    return room.book.at(room.community, number)


def _version(room: Room) -> TaxonomyVersion:
    found = room.desk.store.taxonomy_version(room.community, whole(str(room.desk.path_params["number"])))
    if found is None:
        raise _unknown()
    return found


def _unknown() -> Stop:
    return Stop(404, "Version inconnue", "Ce vocabulaire n’a pas de version de ce numéro.")


PAGES: tuple[Any, ...] = (histoire, version, revenir)
