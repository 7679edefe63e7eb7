"""The rehearsal of a draft: what would enter and leave the queues, against what people already said, and the effect on
the neighbours. Nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from curation.decide.ailments import told_share
from curation.decide.effects import FATES_FR, NOBODY, CommunityEffect, Moved, Rates, told_fates
from curation.decide.proportions import Share
from curation.errors import UserError
from curation.web.access import Need, page
from curation.web.desk import Desk
from curation.web.labels import REJECTION_LABELS
from curation.web.services import Rehearsed
from curation.web.vocabulary import Room, open_room
from taxonomy.types import Dossier, Taxonomy

#: Items of a list that show at once; the others are folded.
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Effect:
    """What would happen in one community, ready to be shown."""

    id: str
    name: str
    before: int
    after: int
    enters: tuple[Moved, ...]
    leaves: tuple[Moved, ...]
    moved: tuple[Moved, ...]
    headline: str
    shelves: tuple[tuple[str, int, int], ...]  # dossier, in, out
    rates: tuple[tuple[str, str, str], ...]  # on verdicts: name, before, after
    labelled: tuple[tuple[str, str, str], ...]  # the same on labelled items
    labelled_items: int  # how many there are
    changed: bool


@page("/vocabulaire/{community}/repetition", Need.COMMUNITY)
def repetition(desk: Desk) -> Response:
    """What the draft would do to everything read."""
    room = open_room(desk)
    if room.draft is None:
        return desk.go(f"{room.here}/brouillon")
    try:
        found = desk.site.services.rehearse([room.draft.taxonomy])
    except UserError as error:
        return room.render("word_rehearsal.html", found=None, fault=str(error))
    return room.render("word_rehearsal.html", fault="", **shown(room, found, [room.draft.taxonomy]))


def shown(room: Room, found: Rehearsed, words: Sequence[Taxonomy]) -> dict[str, Any]:
    """What the template of a rehearsal needs: the community itself, the neighbours it touches, titles, names."""
    given = {t.id: t for t in words}
    effects = [_effect(room, e, given, found.labelled or 0) for e in found.communities]
    first = [e for e in effects if e.id in given]
    titles = room.desk.store.articles({m.article for e in effects for m in (*e.enters, *e.leaves, *e.moved)})
    return {
        "found": found,
        "first": sorted(first, key=lambda e: e.id != room.community),
        "others": [e for e in effects if e.id not in given and e.changed],
        "titles": found.titles,
        "urls": {i: a.url for i, a in titles.items()},
        "names": {e.id: e.name for e in effects},
        "labels": {(e.id, d.id): d.pref_label for e in effects for d in _shelves_of(room, e.id, given)},
        "fate": fate,
        "limit": SHOWN,
        "drafted": _drafted(room, effects),
    }


def fate(word: str) -> str:
    """« écartée, hors sujet »; "" when nobody spoke."""
    if word == NOBODY:
        return ""
    status, _, reason = word.partition(":")
    said = FATES_FR.get(status, (status, status))[0]
    return f"{said}, {REJECTION_LABELS.get(reason, reason)}" if reason else said


def headline(sign: str, number: int, fates: Mapping[str, int], singular: str = "contribution") -> str:
    """« +14 contributions, dont 9 que vous aviez écartées »."""
    parts = told_fates(fates)
    about = f"{sign}{number} {singular}{'s' if number > 1 else ''}"
    return f"{about}, dont {' et '.join(', '.join(parts).rsplit(', ', 1))}" if parts else about


def _effect(room: Room, effect: CommunityEffect, given: Mapping[str, Taxonomy], items: int) -> Effect:
    words = _words(room, effect.id, given)
    parts = []
    if effect.enters:
        parts.append(headline("+", len(effect.enters), effect.entering))
    if effect.leaves:
        parts.append(headline("−", len(effect.leaves), effect.leaving))
    if effect.moved:
        n = len(effect.moved)
        parts.append(f"{n} {'changent' if n > 1 else 'change'} de dossier")
    return Effect(
        effect.id,
        words.pref_label,
        effect.before,
        effect.after,
        effect.enters,
        effect.leaves,
        effect.moved,
        " ; ".join(parts) or "Rien ne change",
        _shelves({d.id: d.pref_label for d in _shelves_of(room, effect.id, given)}, effect),
        _rates(effect.verdicts),
        _rates(effect.labelled),
        items,
        bool(parts),
    )


def _shelves(names: Mapping[str, str], effect: CommunityEffect) -> tuple[tuple[str, int, int], ...]:
    came = Counter(m.dossier_after or "" for m in (*effect.enters, *effect.moved))
    went = Counter(m.dossier_before or "" for m in (*effect.leaves, *effect.moved))
    keys = sorted({*came, *went}, key=lambda d: (-(came[d] + went[d]), d))
    return tuple((names.get(d, d) if d else "sans dossier", came[d], went[d]) for d in keys)


def _rates(both: tuple[Rates, Rates] | None) -> tuple[tuple[str, str, str], ...]:
    if both is None:
        return ()
    before, after = both
    return (
        ("Précision", _share(before.precision), _share(after.precision)),
        ("Rappel", _share(before.recall), _share(after.recall)),
    )


def _share(share: Share) -> str:
    """« 83 %, entre 70 et 91 % »; the bare counts where they are too few for a rate."""
    if not share.few:
        return told_share(share)
    return f"{share.hits} sur {share.of}, trop peu pour un taux" if share.of else "aucun contenu"


def _words(room: Room, community: str, given: Mapping[str, Taxonomy]) -> Taxonomy:
    return given[community] if community in given else room.desk.words[community]


def _shelves_of(room: Room, community: str, given: Mapping[str, Taxonomy]) -> list[Dossier]:
    """The dossiers in effect, those that leave with others included, then those of the words tried."""
    now = room.desk.words[community].dossiers if community in room.desk.words else ()
    return [*now, *_words(room, community, given).dossiers]


def _drafted(room: Room, effects: Sequence[Effect]) -> set[tuple[str, str]]:
    """(article, community) that the desk can open: a draft stands there, in a community of the person."""
    mine = set(room.desk.communities)
    return {
        (m.article, e.id)
        for e in effects
        if e.id in mine
        for m in (*e.enters, *e.leaves, *e.moved)
        if room.desk.store.draft(m.article, e.id) is not None
    }


PAGES: tuple[Any, ...] = (repetition,)
