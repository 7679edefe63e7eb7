"""``veille taxonomy export | import``: words in the formats of others. Reading only shows; --apply publishes."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from curation.config import Settings
from curation.errors import ConfigError, InputError
from curation.word_exchange import read_words as words_of
from curation.word_exchange import write_words
from curation.wordbook import Current, Wordbook
from flows.taxonomy_commands import (
    now,
    opened,
    read_bytes,
    read_text,
    released,
    say_changes,
    say_published,
    written,
)
from taxonomy.diff import diff, summary
from taxonomy.edit import sound
from taxonomy.merge import aligned, completed
from taxonomy.types import Imported, Origin, Taxonomy, TaxonomyVersion
from taxonomy.write import to_yaml

ALL = "toutes"
_ENDINGS = {".yaml": "yaml", ".yml": "yaml", ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".zip": "zip"}


def export(settings: Settings, arguments: argparse.Namespace) -> int:
    """Write the words of one community, or of all in an archive."""
    form = arguments.format or ("json" if arguments.json else "zip" if arguments.community == ALL else "yaml")
    if (arguments.community == ALL) != (form == "zip"):
        raise InputError("L'archive (zip) contient toutes les communautés : veille taxonomy export toutes.")
    with opened(settings) as book:
        if form == "zip":
            data = _archive(book, arguments.history)
        else:
            current = book.look(arguments.community, now())
            taxonomy, text = current.taxonomy, current.text
            if arguments.number is not None:
                taxonomy = book.at(arguments.community, arguments.number)
                text = book.text_at(arguments.community, arguments.number)
            data = _written(taxonomy, text, form, settings, arguments)
    if arguments.output:
        _save(arguments.output, data)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    return 0


def import_(settings: Settings, arguments: argparse.Namespace) -> int:
    """Read a file and show what it would change; with --apply, publish it."""
    if arguments.community == ALL:
        return _import_all(settings, arguments)
    asked = (arguments.file, arguments.community, arguments.language, arguments.format, arguments.scheme)
    if arguments.output:
        found = read_words(*asked, tell_apart=arguments.tell_apart)
        _save(arguments.output, to_yaml(found.taxonomy).encode())
        sys.stderr.writelines(f"{remark}\n" for remark in found.remarks)
        return 0
    with opened(settings) as book:
        try:
            current = book.look(arguments.community, now())
        except ConfigError as error:
            told = "Ajoutez-la sous « communities », ou écrivez d'abord son fichier avec --output."
            raise ConfigError(f"{error} {told}") from error
        found = read_words(*asked, current.taxonomy, arguments.keep_missing, arguments.tell_apart)
        text = None
        if arguments.keep_missing:
            taxonomy = sound(completed(found.taxonomy, current.taxonomy))
        elif _form(arguments.file, arguments.format) == "yaml":  # the file itself, with its comments and its order
            taxonomy, text = found.taxonomy, read_text(arguments.file)
        else:
            taxonomy = aligned(found.taxonomy, current.taxonomy)
        changes = diff(current.taxonomy, taxonomy)
        if not arguments.apply:
            say_changes(changes, arguments.json, {"community": arguments.community, "published": False}, found.remarks)
            if changes and not arguments.json:
                sys.stderr.write(f"Rien n'est publié ({summary(changes)}). Pour publier : --apply --message « … ».\n")
            return 0
        base = current.version.number
        version = released(book, current, taxonomy, base, arguments, origin=Origin.COMMAND, text=text)
    say_published(version, changes, arguments.json, found.remarks)
    return 0


def read_words(
    path: Path,
    community: str,
    language: str,
    form: str = "",
    scheme: str = "",
    current: Taxonomy | None = None,
    keep: bool = False,
    tell_apart: bool = False,
) -> Imported:
    """The words of a file in any format. ``current``: what a table completes. Raises ``UserError``."""
    data = read_bytes(path)
    form = _form(path, form, data)
    if form == "zip":
        raise InputError(f"{path} est une archive de toutes les communautés : veille taxonomy import toutes {path}")
    return words_of(data, str(path), community, language, form, scheme, current, keep, tell_apart)


def _import_all(settings: Settings, arguments: argparse.Namespace) -> int:
    from taxonomy.bundle import read_bundle

    known, results = {c.id for c in settings.communities}, []
    with opened(settings) as book:
        carried = read_bundle(read_bytes(arguments.file), str(arguments.file))
        for words in carried:
            community = words.taxonomy.id
            if community not in known:
                told = f"« {community} » n'est pas dans la configuration : laissée de côté."
                sys.stderr.write(f"{told} Ajoutez-la sous « communities ».\n")
                continue
            if arguments.apply and words.history and not book.adopt(community, words.history):
                sys.stderr.write(f"« {community} » a déjà une histoire ici : celle de l'archive est laissée de côté.\n")
            current = book.look(community, now())
            changes = diff(current.taxonomy, words.taxonomy)
            version = None
            if arguments.apply and changes:
                base = current.version.number
                version = released(
                    book, current, words.taxonomy, base, arguments, origin=Origin.COMMAND, text=words.text
                )
            results.append((community, changes, version))
    if arguments.json:
        written(
            [
                {"community": c, "summary": summary(changes), "published": version.number if version else None}
                for c, changes, version in results
            ]
        )
        return 0
    for community, changes, version in results:
        done = f", version {version.number} publiée" if version else ""
        sys.stdout.write(f"{community} : {summary(changes)}{done}\n")
    if not arguments.apply:
        sys.stderr.write("Rien n'est publié. Pour publier : --apply --message « … ».\n")
    return 0


def _archive(book: Wordbook, history: bool) -> bytes:
    from taxonomy.bundle import to_bundle

    def past(community: str) -> list[tuple[TaxonomyVersion, str]]:
        return [(v, book.text_at(community, v.number)) for v in reversed(book.versions(community))] if history else []

    found: dict[str, Current] = book.look_all(now())
    return to_bundle((i, current.text, past(i)) for i, current in found.items())


def _written(taxonomy: Taxonomy, text: str, form: str, settings: Settings, arguments: argparse.Namespace) -> bytes:
    encoding = "utf-8-sig" if arguments.encoding == "utf-8" else arguments.encoding
    base_uri = settings.taxonomy.base_uri
    return write_words(taxonomy, text, form, base_uri, delimiter=arguments.delimiter, encoding=encoding)


def _form(path: Path, form: str, data: bytes = b"") -> str:
    """The format that was asked for, or of the ending of the name, or of the content; "" for SKOS of some kind."""
    return form or _ENDINGS.get(path.suffix.lower(), "zip" if data.startswith(b"PK\x03\x04") else "")


def _save(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise InputError(f"{path} ne peut pas être écrit ({error.strerror or error}).") from error
