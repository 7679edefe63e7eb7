"""Concepts as a table for spreadsheets (CSV, RFC 4180 and the habits of Excel), out and in.

One line a concept; the lists of a cell are separated by « | ». Out: UTF-8 with a signature, « ; » and a decimal comma,
which a French Excel opens by a double click; « , » and Windows-1252 on demand. In: whatever a spreadsheet saves (UTF-8,
UTF-16, Windows-1252; « ; », « , », tabs; columns in any order, some of them missing). What the table does not hold
(dossiers, readers, priorities) comes from the taxonomy that stands.

No cell is ever a formula: a text that a spreadsheet would compute is written after an apostrophe, which reading takes
away (OWASP, CSV Injection).

Errors: ``TaxonomyFileError``, with lines.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from taxonomy.check import check, near
from taxonomy.content import FIELDS, LISTS, plain_number, sealed
from taxonomy.edit import clean, slug
from taxonomy.load import TaxonomyFileError
from taxonomy.types import Concept, Imported, Taxonomy

MAX_BYTES = 5_000_000
MAX_ROWS = 5_000
#: Head of each column -> key of the file. Reading also takes the keys themselves.
COLUMNS = {
    "identifiant": "id",
    "nom": "prefLabel",
    "libellés": "altLabel",
    "sigles": "notation",
    "libellés cachés": "hiddenLabel",
    "exclusions": "excludeLabel",
    "concepts parents": "broader",
    "dossiers": "dossier",
    "poids": "weight",
    "note": "scopeNote",
}
_BETWEEN = " | "
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r]")


def to_table(taxonomy: Taxonomy, *, delimiter: str = ";", encoding: str = "utf-8-sig") -> bytes:
    """The concepts as CSV. ``delimiter``: « ; » or « , » (which decides of the decimal sign).

    Raises ``TaxonomyFileError`` where ``encoding`` cannot hold a sign.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for concept in taxonomy.concepts:
        writer.writerow([_guarded(_cell(concept, key, delimiter)) for key in COLUMNS.values()])
    try:
        return out.getvalue().encode(encoding)
    except UnicodeEncodeError as error:
        sign = error.object[error.start]
        told = f"le signe « {sign} » (U+{ord(sign):04X}) n'existe pas en {encoding}. Exportez en UTF-8."
        raise TaxonomyFileError(taxonomy.id, [told]) from error


def read_table(data: bytes, name: str, current: Taxonomy, *, keep: bool = False) -> Imported:
    """``current`` with the concepts of the table, in the order of its lines; concepts that it does not hold go,
    unless ``keep``.

    A column that is missing leaves its field as it stands. A line without an id is a new concept (or the known one of
    that name). Parents and dossiers may be given by name.
    """
    rows = _rows(data, name)
    head, columns, faults = rows[0], [], []
    for title in head:
        key = _key(title)
        if title.strip() and key is None:
            faults.append(f"colonne « {title.strip()[:40]} » inconnue.{near(title.strip().lower(), COLUMNS)}")
        columns.append(key)
    used = [c for c in columns if c]
    faults += [f"colonne « {c} » donnée deux fois." for c in sorted({c for c in used if used.count(c) > 1})]
    if "id" not in used and "prefLabel" not in used:
        faults.append(f"ni colonne « identifiant » ni colonne « nom » : la première ligne doit nommer les colonnes "
                      f"({', '.join(COLUMNS)}).")  # fmt: skip
    if faults:
        raise TaxonomyFileError(name, faults)
    known = {c.id: c for c in current.concepts}
    by_name = {c.pref_label: c for c in current.concepts}
    taken, met, made = set(known), set[str](), []
    found: dict[str, Concept] = {}
    for number, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        full = [*row, *[""] * len(columns)]  # Excel leaves out the empty cells at the end of some lines
        cells = {key: _bare(cell) for key, cell in zip(columns, full, strict=False) if key}
        identity, label = clean(cells.get("id", "")), clean(cells.get("prefLabel", ""))
        if not identity and label in by_name:
            identity = by_name[label].id
        if not identity:
            identity = slug(label, taken)
            made.append(f"{label} → {identity}")
        taken.add(identity)
        where = f"ligne {number}, « {identity} »"
        if identity in met:
            faults.append(f"{where} : cet identifiant a déjà une ligne.")
            continue
        met.add(identity)
        base = known.get(identity)
        if not label and (base is None or "prefLabel" in cells):
            faults.append(f"{where} : le nom manque.")
            continue
        try:
            found[identity] = _concept(base or Concept(identity, label), cells)
        except ValueError as error:
            faults.append(f"{where} : {error}")
    if faults:
        raise TaxonomyFileError(name, faults)
    if not found:
        raise TaxonomyFileError(name, ["aucune ligne de concept."])
    rest = tuple(c for c in current.concepts if keep and c.id not in found)
    taxonomy = sealed(replace(current, concepts=(*_linked(found, current), *rest)))
    if broken := check(taxonomy):
        raise TaxonomyFileError(name, broken)
    remarks = [f"identifiants tirés des noms : {', '.join(made[:5])}{'…' if len(made) > 5 else ''}."] if made else []
    if missing := [key for key in FIELDS if key not in used]:
        titles = [t for t, key in COLUMNS.items() if key in missing]
        remarks.append(f"colonnes absentes, laissées comme elles sont : {', '.join(titles)}.")
    return Imported(taxonomy, tuple(remarks))


def _linked(found: dict[str, Concept], current: Taxonomy) -> tuple[Concept, ...]:
    """Parents and dossiers by id, where somebody typed names."""
    concepts = {c.pref_label: c.id for c in found.values() if c.pref_label not in found}
    shelves = {d.pref_label: d.id for d in current.dossiers}
    return tuple(
        replace(
            c,
            broader=_once(concepts.get(b, b) for b in c.broader),
            dossiers=_once(shelves.get(d, d) for d in c.dossiers),
        )
        for c in found.values()
    )


def _rows(data: bytes, name: str) -> list[list[str]]:
    """The cells of every line, the heads first."""
    if len(data) > MAX_BYTES:
        size = f"{len(data) / 1e6:.1f}".replace(".", ",")
        raise TaxonomyFileError(name, [f"{size} Mo : un tableau de concepts en fait {MAX_BYTES // 10**6} au plus."])
    text = _decoded(data, name)
    if text.lower().startswith("sep=") and len(text) > 4:  # a line that Excel reads and others show
        first, _, text = text.partition("\n")
        delimiter = first[4]
    else:
        first = text.partition("\n")[0]
        delimiter = max(";,\t", key=first.count)
    try:
        rows = []
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(row)
            if len(rows) > MAX_ROWS + 1:
                raise TaxonomyFileError(name, [f"plus de {MAX_ROWS} lignes : ce n'est pas un tableau de concepts."])
    except csv.Error as error:
        told = f"ligne {len(rows) + 1} : tableau CSV incorrect (un guillemet n'est pas fermé ?)."
        raise TaxonomyFileError(name, [told]) from error
    if not rows:
        raise TaxonomyFileError(name, ["ce tableau est vide."])
    return rows


def _decoded(data: bytes, name: str) -> str:
    """UTF-8 or UTF-16 by its signature, else UTF-8 if it is, else Windows-1252, which is what Excel saves in France."""
    encodings = ("utf-8-sig", "cp1252")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",) * 2
    if data.startswith(b"PK\x03\x04"):
        raise TaxonomyFileError(name, ["c'est un classeur ou une archive. Enregistrez la feuille en CSV."])
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise TaxonomyFileError(name, ["ce n'est pas un tableau CSV lisible. Enregistrez-le en « CSV UTF-8 »."])


def _key(title: str) -> str | None:
    wanted = title.strip().casefold()
    for head, key in COLUMNS.items():
        if wanted in (head, key.casefold()):
            return key
    return None


def _cell(concept: Concept, key: str, delimiter: str) -> str:
    if key == "id":
        return concept.id
    value: Any = getattr(concept, FIELDS[key])
    if key == "weight":
        text = str(plain_number(value))
        return text.replace(".", ",") if delimiter == ";" else text
    if key in LISTS:
        return _BETWEEN.join(v.replace("\\", "\\\\").replace("|", "\\|") for v in value)
    return str(value)


def _concept(base: Concept, cells: dict[str, str]) -> Concept:
    """``base`` with the cells of a line. Raises ``ValueError`` (French)."""
    changes: dict[str, Any] = {}
    for key, cell in cells.items():
        if key in LISTS:
            changes[LISTS[key]] = _parts(cell)
        elif key == "weight":
            changes["weight"] = _weight(cell)
        elif key == "prefLabel":
            changes["pref_label"] = clean(cell)
        elif key == "scopeNote":
            changes["scope_note"] = clean(cell)
    return replace(base, **changes)


def _parts(cell: str) -> tuple[str, ...]:
    parts, part, escaped = [], "", False
    for sign in cell:
        if escaped:
            part, escaped = part + sign, False
        elif sign == "\\":
            escaped = True
        elif sign in "|\n":
            parts.append(part)
            part = ""
        else:
            part += sign
    return _once([*parts, part])


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(c for t in texts if (c := clean(t))))


def _weight(cell: str) -> float:
    text = cell.strip().replace("\u202f", "").replace("\xa0", "")
    if not text:
        return 1.0
    try:
        return float(text.replace(",", "."))
    except ValueError:
        told = f"le poids « {text[:20]} » n'est pas un nombre."
        if re.search(r"[a-zé]{3}|/", text):
            told += " Le tableur en a peut-être fait une date : mettez la colonne au format texte."
        raise ValueError(told) from None


def _guarded(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _bare(cell: str) -> str:
    return cell[1:] if _ESCAPED.match(cell) else cell
