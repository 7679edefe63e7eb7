"""``veille taxonomy split | start``: a community that begins, rehearsed; with --publish, published in one step."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from curation.beginnings import Beginning, begin, unlike
from curation.config import Settings
from curation.errors import InputError
from curation.store.store import Store
from curation.word_drafts import WordDrafts
from curation.wordbook import Publication, Wordbook, told_version
from flows.taxonomy_commands import author_of, now, opened, read_text, version_json, written
from taxonomy.founding import split as parted
from taxonomy.founding import start as begun
from taxonomy.types import Origin, Taxonomy


def split(settings: Settings, arguments: argparse.Namespace) -> int:
    """Concepts and dossiers of a community become those of a new one."""
    with opened(settings) as book:
        current, draft = book.look(arguments.community, now()), WordDrafts(book).draft(arguments.community)
        taken_up = draft if arguments.draft else None
        if arguments.draft and draft is None:
            raise InputError(f"« {arguments.community} » n'a pas de brouillon.")
        if draft and not arguments.draft:
            told = "il devra être repris sur la nouvelle version ; --draft l'emploie et le publie avec."
            sys.stderr.write(f"Un brouillon de {draft.author} est ouvert : {told}\n")
        unlike(arguments.name, _served(book))
        found = parted(
            taken_up.taxonomy if taken_up else current.taxonomy,
            arguments.name,
            arguments.concepts,
            arguments.dossiers,
            taken=book.taken(),
            definition=arguments.definition,
        )
        base = taken_up.base if taken_up else current.version.number
        left = Publication(found.old, base, taken_up.revision if taken_up else 0)
        return _done(book, Beginning(found.new, left, tuple(arguments.people)), found.remarks, arguments)


def start(settings: Settings, arguments: argparse.Namespace) -> int:
    """A community from a name and keywords."""
    keywords = list(arguments.keywords)
    if arguments.file:
        keywords += read_text(arguments.file).splitlines()
    with opened(settings) as book:
        served = _served(book)
        unlike(arguments.name, served)
        started = begun(
            arguments.name,
            keywords,
            audience=arguments.audience,
            neighbours=arguments.neighbours,
            definition=arguments.definition,
            taken=book.taken(),
            known=served,
        )
        follow = tuple(arguments.follow)
        if unknown := sorted(set(follow) - {s.id for s in book.store.sources()}):
            raise InputError(f"Aucune source « {unknown[0]} ». La liste : veille sources")
        beginning = Beginning(started.taxonomy, None, tuple(arguments.people), follow)
        return _done(book, beginning, started.remarks, arguments)


def _served(book: Wordbook) -> list[Taxonomy]:
    return [current.taxonomy for current in book.look_all(now()).values()]


def _done(book: Wordbook, beginning: Beginning, remarks: Sequence[str], arguments: argparse.Namespace) -> int:
    """Publish, or show what it would do."""
    _check_people(book.store, beginning.people)
    told: dict[str, Any] = {
        "community": beginning.new.id,
        "prefLabel": beginning.new.pref_label,
        "concepts": [c.id for c in beginning.new.concepts],
        "dossiers": [d.id for d in beginning.new.dossiers],
        "remarks": list(remarks),
    }
    if not arguments.json:
        sys.stderr.writelines(f"{remark}\n" for remark in remarks)
    if arguments.publish:
        return _publish(book, beginning, told, arguments)
    from flows.rehearse_commands import rehearse_first

    words = [*([beginning.left.taxonomy] if beginning.left else []), beginning.new]
    return rehearse_first(book, words, beginning.new.id, told if arguments.json else None)


def _publish(book: Wordbook, beginning: Beginning, told: dict[str, Any], arguments: argparse.Namespace) -> int:
    message = arguments.message.strip()
    if not message:
        raise InputError("Dites pourquoi cette communauté commence : --message « … ».")
    published = begin(
        book, beginning, author=author_of(arguments), message=message, origin=Origin.COMMAND, now=now()
    )  # fmt: skip
    if arguments.json:
        written(told | {"published": [version_json(v) for v in published.values()], "rehearsal": None})
        return 0
    for community, version in published.items():
        sys.stdout.write(f"Publié : {community}, {told_version(version)}.\n")
    sys.stderr.write("La nuit, ou « veille curate », fera le tri. Les droits : veille user role.\n")
    return 0


def _check_people(store: Store, people: Sequence[str]) -> None:
    for login in people:
        if store.account(login) is None:
            raise InputError(f"Aucun compte « {login} ». La liste : veille user list")
