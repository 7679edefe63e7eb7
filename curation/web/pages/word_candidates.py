"""Words that lack: terms of what was taken, terms that would spare rejects, items the machine had missed."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

from curation.decide.terms import Use
from curation.errors import ConflictError
from curation.store.terms import RefusedTerm
from curation.web.access import Need, page
from curation.web.desk import Desk
from curation.web.pages.word_balance import unread, workbench
from curation.web.vocabulary import Room, open_room
from curation.web.word_forms import named, plain
from curation.web.word_tree import outline
from curation.workbench import none_told
from taxonomy.concept_operations import AddLabels
from taxonomy.edit import EditError, to_json
from taxonomy.french import label_keys

SHOWN = 40


@page("/vocabulaire/{community}/candidats", Need.COMMUNITY)
def candidats(desk: Desk) -> Response:
    """The candidates, best first; the exclusions; the missed items with the words that were missing."""
    return _show(open_room(desk))


@page("/vocabulaire/{community}/candidats", Need.COORDINATION, "POST")
def decider_d_un_candidat(desk: Desk) -> Response:
    """Refuse a term for good, take that back, or attach it to a concept (field ``do``)."""
    room = open_room(desk)
    term, do = " ".join(desk.value("term").split())[:200], desk.value("do")
    keys = label_keys(term)
    if not keys:
        desk.say("Ce terme ne contient aucun mot qui compte.", kind="warn")
        return desk.go(f"{room.here}/candidats")
    if do in ("refuse", "restore"):
        write = desk.store.refuse_term if do == "refuse" else desk.store.restore_term
        write(RefusedTerm(room.community, keys, term, desk.me.login, desk.now))
        after = "ne sera plus proposé" if do == "refuse" else "pourra être proposé de nouveau"
        desk.say(f"« {term} » {after}.")
        return desk.go(f"{room.here}/candidats")
    found, wrong = named(room.words, [desk.value("concept")])
    if wrong or not found:
        return _show(room, {keys: wrong or "Choisissez un concept."}, 400)
    key = "excludeLabel" if do == "exclude" else "notation" if term.isupper() and len(term) <= 8 else "altLabel"
    try:
        room.change([AddLabels(found[0], key, (term,))])
    except EditError as error:
        return _show(room, {keys: " ".join(plain(f, room.words) for f in error.faults)}, 400)
    except ConflictError as error:
        return room.conflict(error, {"Terme": term})
    desk.say(f"« {term} » est dans le brouillon.")
    return desk.go(f"{room.here}/candidats")


def _show(room: Room, faults: dict[tuple[str, ...], str] | None = None, status: int = 200) -> Response:
    services, reading = room.desk.site.services, unread(room.desk)
    bench = workbench(room.desk)
    found = bench.candidates(room.community, limit=SHOWN)
    near = services.nearest(room.community, [c.label for c in found])
    known = {c.id for c in room.words.concepts}
    missed = bench.missed(room.community)[:SHOWN]
    drafted = {label_keys(w) for c in room.words.concepts for w in (c.pref_label, *c.alt_labels, *c.notations)}
    names = {c.id: c.pref_label for c in room.current.taxonomy.concepts}
    return room.render(
        "word_candidates.html",
        status,
        faults=faults or {},
        reading=reading,
        told_near=near is not None,
        # of the words in effect: the draft may have lost it
        near={c.keys: n for c, n in zip(found, near or (), strict=bool(near)) if n and n.concept in known},
        no_term=none_told(bench.taken(room.community)),
        candidates=[(c, c.keys in drafted) for c in found],
        operations=lambda c: json.dumps([to_json(o) for o in c.accepted(Use.CONCEPT)], ensure_ascii=False),
        exclusions=bench.exclusions(room.community)[:SHOWN],
        mend=lambda e: json.dumps([to_json(o) for o in e.operations], ensure_ascii=False),
        missed=missed,
        articles=room.desk.store.articles({m.article for m in missed}),
        refused=room.desk.store.refused_terms(room.community),
        choices=outline(room.words),
        names=names,
    )


PAGES: tuple[Any, ...] = (candidats, decider_d_un_candidat)
