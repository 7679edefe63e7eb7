"""The draft of a community's words: what it changes, its gestures and their undoing, publishing, bringing both sides
together when somebody else published meanwhile."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

from curation.errors import ConflictError, InputError, UserError
from curation.web.access import Need, page
from curation.web.desk import Desk, Stop, whole
from curation.web.render import count
from curation.web.vocabulary import MAX_MESSAGE, Room, open_room
from curation.web.word_forms import plain
from taxonomy.diff import diff, summary
from taxonomy.edit import EditError, all_from_json
from taxonomy.merge import merge


@page("/vocabulaire/{community}/brouillon", Need.COMMUNITY)
def brouillon(desk: Desk) -> Response:
    """What the draft changes, gesture by gesture."""
    return show(open_room(desk))


@page("/vocabulaire/{community}/gestes", Need.COORDINATION, "POST")
def faire_des_gestes(desk: Desk) -> Response:
    """Put operations that the desk proposed (fields ``operations``, JSON) in the draft: mends, a candidate."""
    room = open_room(desk)
    try:
        operations = [o for each in desk.values("operations") for o in all_from_json(json.loads(each))]
        if not operations:
            desk.say("Rien n’est coché : le brouillon n’a pas changé.", kind="warn")
            return desk.go(_back(room))
        room.change(operations)
    except (ValueError, RecursionError) as error:
        raise Stop(400, "Geste illisible", "Revenez à la page précédente et recommencez.") from error
    except EditError as error:
        desk.say(" ".join(plain(f, room.words) for f in error.faults)[:480], kind="warn")
        return desk.go(_back(room))
    except ConflictError as error:
        return room.conflict(error, {})
    desk.say("C’est dans le brouillon. Rien n’est publié.")
    then = desk.value("then")
    return desk.go(f"{room.here}/{then if then in ('repetition', 'candidats') else 'brouillon'}")


@page("/vocabulaire/{community}/brouillon/annuler", Need.COORDINATION, "POST")
def annuler_un_geste(desk: Desk) -> Response:
    """Take back the last gesture."""
    room = open_room(desk)
    last = room.draft.steps[-1].text if room.draft and room.draft.steps else ""
    try:
        room.drafts.undo(room.community, revision=whole(desk.value("seen")), author=desk.me.login, now=desk.now)
    except ConflictError as error:
        return room.conflict(error, {})
    desk.say(f"Geste annulé : {last}.")
    return desk.go(f"{room.here}/brouillon")


@page("/vocabulaire/{community}/brouillon/abandonner", Need.COORDINATION, "POST")
def abandonner(desk: Desk) -> Response:
    """Give the draft up."""
    room = open_room(desk)
    try:
        room.drafts.discard(room.community, revision=whole(desk.value("seen")))
    except ConflictError as error:
        return room.conflict(error, {})
    desk.say("Le brouillon est abandonné : les mots en vigueur restent tels quels.")
    return desk.go(room.here)


@page("/vocabulaire/{community}/brouillon/publier", Need.COORDINATION, "POST")
def publier_les_mots(desk: Desk) -> Response:
    """Make the draft the words in effect; classify again at once what it changes, where that was asked."""
    room = open_room(desk)
    message = " ".join(desk.value("message").split())[:MAX_MESSAGE]
    if not message:
        return show(room, {"message": "Dites en une ligne pourquoi : on le lira dans l’histoire."})
    try:
        published = room.drafts.publish(
            {room.community: whole(desk.value("seen"))}, author=desk.me.login, message=message, now=desk.now
        )
    except ConflictError as error:
        if error.merge is None:
            return room.conflict(error, {"Message": message})
        desk.say("Une autre version a été publiée entre-temps : voyez ce que chacun a changé.", kind="warn")
        return desk.go(f"{room.here}/fusion")
    except InputError as error:
        return show(room, {"message": str(error)})
    version = published[room.community]
    said = f"Version {version.number} publiée."
    desk.say(reclassified(desk, said) if desk.value("reclassify") else f"{said} La nuit refera le tri.")
    return desk.go(f"{room.here}/histoire/{version.number}")


@page("/vocabulaire/{community}/fusion", Need.COORDINATION, "GET", "POST")
def fusion(desk: Desk) -> Response:
    """The draft and the version published meanwhile, side by side, with what somebody must choose."""
    room = open_room(desk)
    if room.draft is None or not room.moved:
        return desk.go(f"{room.here}/brouillon")
    choices = {k.removeprefix("choice:"): v[-1] for k, v in desk.form.items() if k.startswith("choice:")}
    if desk.method == "POST":
        try:
            room.drafts.take_up(
                room.community, revision=whole(desk.value("seen")), choices=choices, author=desk.me.login, now=desk.now
            )
        except ConflictError as error:
            if error.merge is None:
                return room.conflict(error, {})
        else:
            desk.say(f"Le brouillon repart de la version {room.current.version.number}. Relisez-le, puis publiez.")
            return desk.go(f"{room.here}/brouillon")
    sides = ("votre brouillon", f"la version {room.current.version.number}")
    every = merge(room.base, room.draft.taxonomy, room.current.taxonomy, None, sides)
    decided = merge(room.base, room.draft.taxonomy, room.current.taxonomy, choices, sides)
    left = {c.key for c in decided.conflicts}
    return room.render(
        "word_merge.html",
        409 if desk.method == "POST" else 200,
        every=every,
        left=left if desk.method == "POST" else set(),
        choices=choices,
        faults=[(f, plain(f, decided.taxonomy)) for f in decided.faults],
        ours=room.changes,
        theirs=diff(room.base, room.current.taxonomy),
        since=[v for v in room.book.versions(room.community, 20) if v.number > room.draft.base],
    )


def reclassified(desk: Desk, said: str) -> str:
    """``said``, and what classifying again at once did. The words are published whatever comes of it."""
    try:
        done = desk.site.services.reclassify()
    except UserError as error:
        return f"{said} Le tri n’a pas pu se refaire maintenant, la nuit s’en chargera. {error}"
    if not done:
        return f"{said} Aucun contenu n’était concerné : les files n’ont pas bougé."
    return f"{said} {count(done, 'contenu relu', 'contenus relus')} : les files en tiennent compte."


def show(room: Room, faults: dict[str, str] | None = None) -> Response:
    """The page of the draft."""
    return room.render(
        "word_draft.html",
        400 if faults else 200,
        faults=faults or {},
        summary=summary(room.changes),
        message=room.desk.value("message"),
        since=[v for v in room.book.versions(room.community, 20) if room.draft and v.number > room.draft.base],
    )


def _back(room: Room) -> str:
    wanted = room.desk.value("back")
    return wanted if wanted.startswith(room.here) and "//" not in wanted else f"{room.here}/brouillon"


PAGES: tuple[Any, ...] = (
    brouillon, faire_des_gestes, annuler_un_geste, abandonner, publier_les_mots, fusion,
)  # fmt: skip
