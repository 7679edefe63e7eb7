"""``veille taxonomy show | check | diff | publish | rollback``: thin; the work is the wordbook's."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from curation.config import Settings
from curation.errors import ConflictError, InputError, TaxonomyError, unreadable
from curation.store.store import Store
from curation.word_drafts import WordDrafts
from curation.wordbook import Current, Wordbook, told_version
from taxonomy.content import concept_content, content_of, number
from taxonomy.diff import diff as differences
from taxonomy.diff import summary, told
from taxonomy.edit import EditError, all_from_json, apply
from taxonomy.load import TaxonomyFileError, parse_taxonomy
from taxonomy.merge import Merge
from taxonomy.types import Change, Concept, Origin, Taxonomy, TaxonomyVersion, labels

#: Of a file read whole: what is larger is refused before it is read.
MAX_BYTES = 50_000_000


def show(settings: Settings, arguments: argparse.Namespace) -> int:
    """The communities; or one: its tree, one of its concepts, its history."""
    with opened(settings) as book:
        if not arguments.community:
            return _list(book, arguments.json)
        current = book.look(arguments.community, now())
        if arguments.history:
            return _history(book, arguments.community, arguments.json)
        taxonomy = current.taxonomy
        if arguments.number is not None:
            taxonomy = book.at(arguments.community, arguments.number)
    if arguments.concept:
        return _concept(taxonomy, arguments.concept, arguments.json)
    if arguments.json:
        written(content_of(taxonomy) | {"version": taxonomy.version})
        return 0
    lines = [f"{taxonomy.pref_label} ({taxonomy.id}), version {taxonomy.version}", ""]
    lines += [f"{'  ' * depth}{_line(c, taxonomy)}" for c, depth in tree(taxonomy)]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def check(settings: Settings, arguments: argparse.Namespace) -> int:
    """Faults of the words in effect (or of a file), and what should be known about them."""
    if arguments.file:
        from flows.taxonomy_exchange import read_words

        faults: list[str] = []
        try:
            read_words(arguments.file, "", "fr")
        except TaxonomyError as error:
            faults = str(error).splitlines()
        _say_faults([{"file": str(arguments.file), "sound": not faults, "faults": faults, "notes": []}], arguments.json)
        return 1 if faults else 0
    known = [c.id for c in settings.communities]
    rows = []
    with opened(settings) as book:
        for community in arguments.communities or known:
            try:
                current = book.look(community, now())
            except TaxonomyError as error:
                said, path = str(error).splitlines(), str(settings.words_file(community))
                rows.append({"id": community, "file": path, "sound": False, "faults": said, "notes": []})
                continue
            row: dict[str, Any] = {"id": community, "file": str(current.path), "sound": True, "faults": []}
            row |= {"version": current.taxonomy.version, "number": current.version.number}
            rows.append(row | {"notes": _notes(book, current, known)})
    _say_faults(rows, arguments.json)
    return 0 if all(r["sound"] for r in rows) else 1


def diff(settings: Settings, arguments: argparse.Namespace) -> int:
    """The differences between two states of a community's words."""
    with opened(settings) as book:
        current = book.look(arguments.community, now())
        draft = WordDrafts(book).draft(arguments.community)
        after = arguments.after or ("brouillon" if draft and arguments.before in (None, "actuel") else "actuel")
        before = arguments.before
        if before is None:
            past = current.version.number - 1
            before = "actuel" if after == "brouillon" else str(past) if past else "livre"
        states = [_state(book, current, name) for name in (before, after)]
    changes = differences(*states)
    say_changes(changes, arguments.json, {"community": arguments.community, "before": before, "after": after})
    return 0


def publish(settings: Settings, arguments: argparse.Namespace) -> int:
    """Publish a file, operations, or the draft of the desk."""
    community, moment = arguments.community, now()
    with opened(settings) as book:
        current = book.look(community, moment)
        base = current.version.number if arguments.base is None else arguments.base
        draft, text = None, None
        if arguments.file:
            text = read_text(arguments.file)
            with french():
                taxonomy = parse_taxonomy(text, arguments.file)
        elif arguments.operations:
            taxonomy = operated(book.at(community, base), arguments.operations)
        else:
            draft = WordDrafts(book).draft(community)
            if draft is None:
                raise InputError(f"« {community} » n'a pas de brouillon. Donnez un fichier, ou --operations.")
            taxonomy, base = draft.taxonomy, draft.base
        if arguments.dry_run:
            say_changes(differences(current.taxonomy, taxonomy), arguments.json, {"community": community})
            return 0
        version = released(book, current, taxonomy, base, arguments, text=text, origin=Origin.COMMAND)
        if draft is not None:
            book.store.close_taxonomy_draft(community, draft.revision)
    say_published(version, differences(current.taxonomy, taxonomy), arguments.json)
    return 0


def rollback(settings: Settings, arguments: argparse.Namespace) -> int:
    """Publish an older version again."""
    with opened(settings) as book:
        message, author = arguments.message, author_of(arguments)
        try:
            before: Taxonomy | None = book.look(arguments.community, now()).taxonomy
        except TaxonomyError:
            before = None  # the file is at fault: that is what one comes back from
        version = book.rollback(arguments.community, arguments.number, author=author, message=message, now=now())
        after = book.at(arguments.community, version.number)
    say_published(version, differences(before, after) if before else (), arguments.json)
    return 0


def released(
    book: Wordbook,
    current: Current,
    taxonomy: Taxonomy,
    base: int,
    arguments: argparse.Namespace,
    *,
    origin: Origin,
    text: str | None = None,
) -> TaxonomyVersion:
    """Publish with the signature of the arguments; with --merge, the merge when both sides agree."""
    if not arguments.message.strip():
        raise InputError("Dites ce qui change, et pourquoi : --message « … ».")
    signature: dict[str, Any] = {"author": author_of(arguments), "message": arguments.message.strip(), "origin": origin}
    community = current.version.community
    try:
        return book.publish(community, taxonomy, base=base, text=text, now=now(), **signature)
    except ConflictError as error:
        both = error.merge
        if not (getattr(arguments, "merge", False) and isinstance(both, Merge) and both.clean):
            hint = " Relancez avec --merge." if isinstance(both, Merge) and both.clean else ""
            raise ConflictError(f"{error}{hint}", both) from error
        last = book.look(community, now()).version.number
        return book.publish(community, both.taxonomy, base=last, now=now(), **signature)


@contextmanager
def opened(settings: Settings) -> Iterator[Wordbook]:
    """The wordbook for the time of a ``with``; errors of the taxonomies become those of veille."""
    with Store(settings.database) as store, french():
        yield Wordbook(settings, store)


@contextmanager
def french() -> Iterator[None]:
    """Errors of the package ``taxonomy``, which knows nothing of ours, as ``UserError``."""
    try:
        yield
    except TaxonomyFileError as error:
        raise TaxonomyError(str(error)) from error
    except EditError as error:
        raise InputError(str(error)) from error


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """A whole file. Raises ``InputError``: absent, or larger than ``limit`` bytes."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise unreadable(path, error) from error
    if len(data) > limit:
        raise InputError(f"{path} : plus de {limit // 10**6} Mo. Ce n'est pas un vocabulaire.")
    return data


def read_text(path: Path, data: bytes | None = None) -> str:
    """A whole file as text (``data``: already read). Raises ``InputError``: absent, too large, not UTF-8."""
    try:
        return (read_bytes(path) if data is None else data).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} n'est pas en UTF-8. Enregistrez-le en UTF-8.") from error


def author_of(arguments: argparse.Namespace) -> str:
    """Who signs: --author, else the account of the system."""
    if arguments.author.strip():
        return str(arguments.author).strip().lower()
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container without a name for its user
        return "commande"


def written(content: Any) -> None:
    """One line of JSON on stdout."""
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")


def say_changes(changes: Sequence[Change], as_json: bool, about: dict[str, Any], remarks: Sequence[str] = ()) -> None:
    """The differences, for a person or a script."""
    if as_json:
        told_ = {"summary": summary(changes), "changes": [asdict(c) for c in changes], "remarks": list(remarks)}
        written(about | told_)
        return
    for remark in remarks:
        sys.stderr.write(f"{remark}\n")
    sys.stdout.write((told(changes) or "Aucune différence.") + "\n")


def say_published(
    version: TaxonomyVersion, changes: Sequence[Change], as_json: bool, remarks: Sequence[str] = ()
) -> None:
    """What was just published, and what was chosen in reading it."""
    if as_json:
        told_ = {"summary": summary(changes), "changes": [asdict(c) for c in changes], "remarks": list(remarks)}
        written(version_json(version) | told_)
        return
    sys.stderr.writelines(f"{remark}\n" for remark in remarks)
    sys.stdout.write(f"Publié : {version.community}, {told_version(version)}.\n{summary(changes)}\n")


def version_json(version: TaxonomyVersion) -> dict[str, Any]:
    """A version of the history, as JSON."""
    return asdict(version) | {"at": version.at.isoformat(), "origin": version.origin.value}


def tree(taxonomy: Taxonomy) -> Iterator[tuple[Concept, int]]:
    """Concepts in the order of a tree, each under its first parent, with its depth."""
    children: dict[str, list[Concept]] = {}
    for concept in taxonomy.concepts:
        children.setdefault(next(iter(concept.broader), ""), []).append(concept)
    front = [(c, 0) for c in reversed(children.get("", []))]
    while front:
        concept, depth = front.pop()
        yield concept, depth
        front += [(c, depth + 1) for c in reversed(children.get(concept.id, []))]


def _list(book: Wordbook, as_json: bool) -> int:
    rows = []
    for community, current in book.look_all(now()).items():
        draft = WordDrafts(book).draft(community)
        writing = {"steps": len(draft.steps), "author": draft.author, "at": draft.at.isoformat()} if draft else None
        t = current.taxonomy
        rows.append(
            {
                "id": community,
                "prefLabel": t.pref_label,
                "concepts": len(t.concepts),
                "dossiers": len(t.dossiers),
                "number": current.version.number,
                "version": t.version,
                "file": str(current.path),
                "draft": writing,
            }
        )
    if as_json:
        written(rows)
        return 0
    for r in rows:
        text = f"{r['id']}  {r['prefLabel']} : {r['concepts']} concepts, {r['dossiers']} dossiers"
        waiting = f", brouillon ouvert par {r['draft']['author']}" if isinstance(r["draft"], dict) else ""
        sys.stdout.write(f"{text}, version {r['number']} ({r['version']}), {r['file']}{waiting}\n")
    return 0


def _history(book: Wordbook, community: str, as_json: bool) -> int:
    versions = book.versions(community)
    if as_json:
        written([version_json(v) for v in versions])
    else:
        sys.stdout.writelines(f"{told_version(v)}  [{v.version}]\n" for v in versions)
    return 0


def _concept(taxonomy: Taxonomy, identity: str, as_json: bool) -> int:
    from taxonomy.edit import find

    with french():
        concept = find(taxonomy, identity)
    if as_json:
        written(concept_content(concept))
        return 0
    names = {c.id: c.pref_label for c in taxonomy.concepts}
    sys.stdout.write(f"{concept.pref_label} ({concept.id})\n")
    for name, value in (
        ("libellés", ", ".join(concept.alt_labels)),
        ("sigles", ", ".join(concept.notations)),
        ("libellés cachés", ", ".join(concept.hidden_labels)),
        ("exclusions", ", ".join(concept.exclude_labels)),
        ("sous", ", ".join(names[b] for b in concept.broader)),
        ("dossier", ", ".join(taxonomy.dossier_label(d) for d in concept.dossiers)),
        ("poids", number(concept.weight)),
        ("note", concept.scope_note),
    ):
        if value:
            sys.stdout.write(f"  {name} : {value}\n")
    return 0


def _line(concept: Concept, taxonomy: Taxonomy) -> str:
    n = len(labels(concept)) + len(concept.notations)
    facts = [f"poids {number(concept.weight)}", f"{n} libellé{'s' if n > 1 else ''}"]
    facts += [taxonomy.dossier_label(d) for d in concept.dossiers]
    return f"{concept.pref_label} ({concept.id}) · {' · '.join(facts)}"


def _state(book: Wordbook, current: Current, name: str) -> Taxonomy:
    community = current.version.community
    if name.isdecimal():
        return book.at(community, int(name))
    if name in ("actuel", "actuelle"):
        return current.taxonomy
    if name == "brouillon":
        draft = WordDrafts(book).draft(community)
        if draft is None:
            raise InputError(f"« {community} » n'a pas de brouillon.")
        return draft.taxonomy
    if name in ("livre", "livré"):
        shipped = book.shipped(community)
        if shipped is None:
            raise InputError(f"veille ne livre pas de mots pour « {community} ».")
        return shipped
    from flows.taxonomy_exchange import read_words

    return read_words(Path(name), community, "fr", current=current.taxonomy).taxonomy


def operated(taxonomy: Taxonomy, path: Path) -> Taxonomy:
    """The words after the operations of a file (JSON). Raises ``InputError``."""
    try:
        content = json.loads(read_bytes(path))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} : JSON illisible.") from error
    with french():
        return apply(taxonomy, *all_from_json(content))


def _notes(book: Wordbook, current: Current, known: Sequence[str]) -> list[str]:
    """What is no fault, and should be known."""
    community = current.version.community
    notes = [
        f"la voisine « {n} » n'est pas dans la configuration." for n in current.taxonomy.neighbours if n not in known
    ]
    if draft := WordDrafts(book).draft(community):
        notes.append(f"un brouillon de {draft.author} n'est pas publié.")
    shipped = book.shipped(community)
    if shipped and shipped.version not in {v.version for v in book.versions(community)}:
        notes.append(f"les mots livrés avec veille ont changé : veille taxonomy diff {community} livre")
    return notes


def _say_faults(rows: Sequence[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        written(rows)
        return
    for row in rows:
        name = row.get("id") or row["file"]
        sys.stdout.write(f"{name} : {'en ordre' if row['sound'] else 'à corriger'}\n")
        sys.stdout.writelines(f"  {line}\n" for line in (*row["faults"], *row["notes"]))


def now() -> datetime:
    """The present, to the second."""
    return datetime.now(UTC).replace(microsecond=0)
