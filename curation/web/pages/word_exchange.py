"""Words out and in: tables, SKOS, the file itself, and everything at once for another installation.

Reading a file only shows what it would change; from there it goes to the draft, like any other gesture.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from curation.errors import ConflictError, TaxonomyError, UserError
from curation.web.access import Need, page
from curation.web.desk import Desk, Stop
from curation.web.vocabulary import Room, open_room
from curation.word_drafts import WordDrafts
from curation.word_exchange import FORMS, guessed, read_words, write_words
from curation.wordbook import Wordbook
from taxonomy.bundle import read_bundle, to_bundle
from taxonomy.diff import diff, summary
from taxonomy.edit import EditError, sound, to_json
from taxonomy.load import TaxonomyFileError
from taxonomy.merge import aligned, completed
from taxonomy.scheme_operations import ReplaceWords
from taxonomy.types import Change

#: Longest words that travel from the page of an import to the draft; beyond, the command does it.
MAX_CARRIED = 900_000


@page("/vocabulaire/{community}/echange", Need.COMMUNITY)
def echange(desk: Desk) -> Response:
    """Export, and the form of an import."""
    return _show(open_room(desk))


@page("/vocabulaire/{community}/echange", Need.COORDINATION, "POST")
def essayer_un_fichier(desk: Desk) -> Response:
    """Read a file and show what it would change; nothing is saved."""
    room = open_room(desk)
    data, form = desk.files.get("words", b""), desk.value("form")
    if not data:
        return _show(room, {"words": "Choisissez d’abord un fichier."})
    form = form if form in FORMS and form != "json" else guessed(data)
    form = "" if desk.value("form") == "skos" else form
    language, kept = desk.value("language") or "fr", desk.value("keep_missing") == "1"
    try:
        found = read_words(
            data, "Le fichier", room.community, language, form,
            current=room.words, keep=kept, tell_apart=desk.value("tell_apart") == "1",
        )  # fmt: skip
        taxonomy = (
            sound(completed(found.taxonomy, room.words)) if kept else aligned(found.taxonomy, room.words)
        )  # fmt: skip
    except (UserError, EditError) as error:
        return _show(room, {"words": str(error)})
    changes = diff(room.words, taxonomy)
    operation = json.dumps([to_json(ReplaceWords(taxonomy, f"import d’un fichier ({summary(changes)})"))])
    return room.render(
        "word_import.html",
        changes=changes,
        summary=summary(changes),
        remarks=found.remarks,
        operations=operation if len(operation) <= MAX_CARRIED else "",
    )


@page("/vocabulaire/{community}/export/{form}", Need.COMMUNITY)
def exporter_les_mots(desk: Desk) -> Response:
    """The words in effect, in one of the formats."""
    room = open_room(desk)
    form = str(desk.path_params["form"])
    if form not in FORMS:
        raise Stop(404, "Format inconnu", "Les mots sortent en CSV, en SKOS, en YAML et en JSON.")
    ending, media, _ = FORMS[form]
    data = write_words(room.current.taxonomy, room.current.text, form, desk.settings.taxonomy.base_uri)
    return _download(data, media, f"{room.community}-v{room.current.version.number}.{ending}")


@page("/vocabulaires/archive", Need.ADMINISTRATION, "GET", "POST")
def archive(desk: Desk) -> Response:
    """Every community in one file, with its history; and what such a file would change here."""
    if desk.method != "POST":
        return desk.render("word_archive.html", lines=None, fault="", carried="")
    data = desk.files.get("archive", b"")
    if not data:
        return desk.render("word_archive.html", 400, lines=None, fault="Choisissez d’abord un fichier.", carried="")
    try:
        lines = _compared(desk, data)
    except TaxonomyFileError as error:
        return desk.render("word_archive.html", 400, lines=None, fault=str(error), carried="")
    except TaxonomyError as error:
        return desk.render("word_archive.html", 400, lines=None, fault=str(error), carried="")
    if desk.value("do") == "draft":
        return _to_drafts(desk, lines)
    return desk.render("word_archive.html", lines=lines, fault="", carried="")


@page("/vocabulaires/archive.zip", Need.ADMINISTRATION)
def telecharger_archive(desk: Desk) -> Response:
    """The archive itself."""
    book = Wordbook(desk.settings, desk.store)
    data = to_bundle(
        (c, current.text, [(v, book.text_at(c, v.number)) for v in reversed(book.versions(c))])
        for c, current in book.look_all(desk.now).items()
    )
    return _download(data, "application/zip", "vocabulaires-veille.zip")


@dataclass(frozen=True, slots=True)
class Line:
    """One community of an archive. ``changes`` is None for one that is not configured here."""

    community: str
    name: str
    changes: Sequence[Change] | None
    taxonomy: Any

    @property
    def summary(self) -> str:
        """What it would change, in one line."""
        return summary(self.changes or ())


def _compared(desk: Desk, data: bytes) -> list[Line]:
    book, drafts = Wordbook(desk.settings, desk.store), WordDrafts(Wordbook(desk.settings, desk.store))
    found = []
    for carried in read_bundle(data, "L’archive"):
        community = carried.taxonomy.id
        if community not in desk.words:
            found.append(Line(community, carried.taxonomy.pref_label, None, carried.taxonomy))
            continue
        draft = drafts.draft(community)
        here = draft.taxonomy if draft else book.look(community, desk.now).taxonomy
        found.append(Line(community, here.pref_label, diff(here, carried.taxonomy), carried.taxonomy))
    return found


def _to_drafts(desk: Desk, lines: Sequence[Line]) -> Response:
    drafts = WordDrafts(Wordbook(desk.settings, desk.store))
    done, refused = [], []
    for line in lines:
        if not line.changes:
            continue
        draft = drafts.draft(line.community)
        operation = ReplaceWords(line.taxonomy, f"import d’une archive ({line.summary})")
        revision = draft.revision if draft else 0
        try:
            drafts.change(line.community, [operation], revision=revision, author=desk.me.login, now=desk.now)
        except (EditError, ConflictError):
            refused.append(line.name)
        else:
            done.append(line.name)
    said = f"Dans les brouillons de : {', '.join(done)}." if done else "Rien à changer : aucun brouillon n’est ouvert."
    desk.say(said + (f" Refusé pour : {', '.join(refused)}." if refused else ""), kind="warn" if refused else "ok")
    return desk.go("/vocabulaire")


def _show(room: Room, faults: dict[str, str] | None = None) -> Response:
    return room.render("word_exchange.html", 400 if faults else 200, faults=faults or {}, forms=FORMS)


def _download(data: bytes, media: str, name: str) -> Response:
    return Response(data, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})


PAGES: tuple[Any, ...] = (echange, essayer_un_fichier, exporter_les_mots, archive, telecharger_archive)
