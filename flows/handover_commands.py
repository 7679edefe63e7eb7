"""``veille taxonomy give``: a label changes hands between two communities, rehearsed on both; --publish publishes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from curation.config import Settings
from curation.decide.overlap import handed_over
from curation.errors import InputError
from curation.word_drafts import WordDrafts
from curation.wordbook import Publication
from flows.taxonomy_commands import author_of, now, opened, version_json, written
from taxonomy.edit import Operation, apply, to_json
from taxonomy.types import Origin


def give(settings: Settings, arguments: argparse.Namespace) -> int:
    """The words in effect of both: what one gives, the other takes."""
    giver, taker = arguments.community, arguments.to
    if giver == taker:
        raise InputError("Un libellé se donne à une autre communauté.")
    with opened(settings) as book:
        here = {c: book.look(c, now()) for c in (giver, taker)}
        words = {c: current.taxonomy for c, current in here.items()}
        gone, come = handed_over(words[giver], arguments.label, words[taker], arguments.concept)
        gestures: dict[str, Sequence[Operation]] = {giver: gone} | ({taker: come} if come else {})
        for community in gestures:
            if draft := WordDrafts(book).draft(community):
                told = (
                    f"Le brouillon de {draft.author} pour « {community} » devra être repris sur la nouvelle version.\n"
                )
                sys.stderr.write(told)
        after = {c: apply(words[c], *operations) for c, operations in gestures.items()}
        about: dict[str, Any] = {
            "label": arguments.label,
            "gives": giver,
            "takes": taker,
            "operations": {c: [to_json(o) for o in operations] for c, operations in gestures.items()},
        }
        if not arguments.json:
            for c, operations in gestures.items():
                sys.stdout.write(f"{words[c].pref_label} : {' ; '.join(o.told(words[c]) for o in operations)}\n")
        if not arguments.publish:
            from flows.rehearse_commands import rehearse_first

            return rehearse_first(book, list(after.values()), giver, about if arguments.json else None)
        if not arguments.message.strip():
            raise InputError("Dites pourquoi ce libellé change de main : --message « … ».")
        published = book.publish_together(
            [Publication(t, here[c].version.number) for c, t in after.items()],
            author=author_of(arguments), message=arguments.message.strip(), origin=Origin.COMMAND, now=now(),
        )  # fmt: skip
    if arguments.json:
        written(about | {"published": [version_json(v) for v in published.values()], "rehearsal": None})
    else:
        sys.stdout.writelines(f"Publié : {c}, version {v.number}.\n" for c, v in published.items())
    return 0
