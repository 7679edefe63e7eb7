"""A community that begins: split off another one, or from a name and some keywords. What it would have received is
rehearsed first; then it is published in one step, with the words of the community it leaves.

What was rehearsed travels with the form that publishes it (``rehearsed``, and what the form saw of the draft): if the
words moved meanwhile, that is told and nothing is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from starlette.responses import Response

from curation.accounts import Account, AccountRole
from curation.beginnings import Beginning, begin, must_be, rehearsed, unlike
from curation.errors import ConflictError, UserError
from curation.web.access import Need, page
from curation.web.authority import may_manage
from curation.web.desk import Desk, whole
from curation.web.new_sources import Examined, chosen_sources, examine
from curation.web.pages.dossiers import filed_in
from curation.web.pages.word_draft import reclassified
from curation.web.pages.word_rehearsal import shown
from curation.web.vocabulary import MAX_MESSAGE, Room, open_room
from curation.web.word_forms import lines, plain
from curation.web.word_tree import outline
from curation.wordbook import Publication
from taxonomy.edit import EditError, clean
from taxonomy.founding import Split, Started, split, start
from taxonomy.types import Origin, Taxonomy

_WHY = "Dites en une ligne pourquoi : on le lira dans l’histoire."
_SEEN = "Le brouillon ou la version en vigueur a changé depuis la répétition. Répétez, puis publiez."


@page("/vocabulaire/{community}/scission", Need.COORDINATION, "GET", "POST")
def scission(desk: Desk) -> Response:
    """Choose what leaves for a new community; see what would go with it; publish both."""
    room = open_room(desk)
    if desk.method != "POST":
        desk.site.services.warm()
        return _split_page(room)
    try:
        unlike(desk.value("name"), [desk.words[c] for c in desk.words])
        found = split(
            room.words,
            clean(desk.value("name")[:200]),
            desk.values("concepts"),
            desk.values("dossier"),
            taken=room.book.taken(),
            definition=desk.value("definition")[:4000],
        )
    except EditError as error:
        return _split_page(room, " ".join(plain(f, room.words) for f in error.faults), 400)
    if desk.value("do") != "publish":
        return _split_page(room, found=found)
    left = Publication(found.old, whole(desk.value("base")), whole(desk.value("seen")))
    return _published(room, found.new, left, lambda fault: _split_page(room, status=400, found=found, unsaid=fault))


@page("/vocabulaire/{community}/fondation", Need.COORDINATION, "GET", "POST")
def fondation(desk: Desk) -> Response:
    """A new community beside this one, from a name and keywords; see what it would have received; publish it."""
    room = open_room(desk)
    if desk.method != "POST":
        desk.site.services.warm()
        return _start_page(room)
    try:
        unlike(desk.value("name"), [desk.words[c] for c in desk.words])
        started = start(
            clean(desk.value("name")[:200]),
            lines(desk.value("keywords")),
            audience=lines(desk.value("audience")),
            neighbours=[n for n in desk.values("neighbours") if n in desk.words],
            definition=desk.value("definition")[:4000],
            taken=room.book.taken(),
            known=[desk.words[c] for c in desk.words],
        )
    except EditError as error:
        return _start_page(room, " ".join(plain(f, room.words) for f in error.faults), 400)
    if desk.value("do") != "publish":
        return _start_page(room, started=started)
    return _published(
        room, started.taxonomy, None, lambda fault: _start_page(room, status=400, started=started, unsaid=fault)
    )


def _published(room: Room, new: Taxonomy, left: Publication | None, again: Callable[[str], Response]) -> Response:
    """Publish what was rehearsed, then classify again. ``again``: the page, with what the form lacks."""
    desk = room.desk
    message = " ".join(desk.value("message").split())[:MAX_MESSAGE]
    if not message:
        return again(_WHY)
    typed = {"Nom": desk.value("name"), "Définition": desk.value("definition"), "Message": message}
    typed |= {"Mots-clés": desk.value("keywords"), "Publics": desk.value("audience")}
    follow, sources = chosen_sources(desk)
    people = tuple(a.login for a in _offered(room) if a.login in desk.values("people"))
    try:
        if left and (left.base, left.draft) != (room.current.version.number, room.revision):
            raise ConflictError(_SEEN)
        must_be(desk.value("rehearsed"), *([left.taxonomy] if left else []), new)
        published = begin(
            room.book,
            Beginning(new, left, people, follow, sources),
            author=desk.me.login,
            message=message,
            origin=Origin.DESK,
            now=desk.now,
        )
    except ConflictError as error:
        return room.conflict(error, typed)
    desk.site.keep_up()
    said = f"« {new.pref_label} » est maintenant une communauté."
    if left:
        said = f"{said} {room.current.taxonomy.pref_label} passe à la version {published[room.community].number}."
    desk.say(reclassified(desk, said) if desk.value("reclassify") else f"{said} La nuit refera le tri.")
    return desk.go(f"/vocabulaire/{new.id}")


def _split_page(
    room: Room, fault: str = "", status: int = 200, found: Split | None = None, unsaid: str = ""
) -> Response:
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
        rehearsed=rehearsed(found.old, found.new) if found else "",
        rehearsal=_rehearsed(room, [found.old, found.new]) if found else {},
        filed=filed_in(desk, room.community, [d.id for d in found.new.dossiers]) if found else [],
        people=_offered(room),
        picked=set(desk.values("people")) if desk.value("do") == "publish" else {a.login for a in _offered(room)},
        faults={"message": unsaid} if unsaid else {},
    )


def _start_page(
    room: Room, fault: str = "", status: int = 200, started: Started | None = None, unsaid: str = ""
) -> Response:
    desk = room.desk
    posted = desk.method == "POST"
    examined: list[Examined] = examine(desk) if posted else []
    rehearsal = _rehearsed(room, [started.taxonomy]) if started else {}
    return room.render(
        "word_start.html",
        status,
        fault=fault,
        started=started,
        typed=desk.value,
        neighbours=desk.values("neighbours") if posted else [room.community],
        new=started.taxonomy if started else None,
        rehearsed=rehearsed(started.taxonomy) if started else "",
        rehearsal=rehearsal,
        origins=_origins(room, rehearsal, started.taxonomy.id) if started else [],
        watched=desk.store.watched_sources(),
        followed=set(desk.values("follow")),
        examined=examined,
        people=_offered(room),
        picked=set(desk.values("people")),
        faults={"message": unsaid} if unsaid else {},
    )


def _offered(room: Room) -> list[Account]:
    """Who works in this community and may be given the new one by who begins it."""
    me = room.desk.me
    return [
        a
        for a in room.desk.store.accounts()
        if a.active and a.login != me.login and a.role is not AccountRole.ADMINISTRATEUR
        and room.community in a.communities and may_manage(me, a)
    ]  # fmt: skip


def _origins(room: Room, rehearsal: dict[str, Any], new: str) -> list[tuple[str, str, int]]:
    """(id, name, contributions) of the sources of what it would have received, most first."""
    entering = [m.article for e in rehearsal.get("first", ()) if e.id == new for m in e.enters]
    names: dict[str, str] = {}
    tally: Counter[str] = Counter()
    for found in room.desk.store.article_sources(entering).values():
        for source in found:
            names[source.id] = source.name
            tally[source.id] += 1
    return [(s, names[s], n) for s, n in tally.most_common(12)]


def _rehearsed(room: Room, words: Sequence[Taxonomy]) -> dict[str, Any]:
    """What the words would do, or why nobody can say."""
    try:
        return {"fault": "", **shown(room, room.desk.site.services.rehearse(words), words)}
    except UserError as error:
        return {"fault": str(error)}


PAGES: tuple[Any, ...] = (scission, fondation)
