"""Changing a taxonomy: pure operations ``Taxonomy -> Taxonomy``, each one a value that can be kept and told.

``apply`` runs operations and checks what they leave: a taxonomy that comes out is always sound. ``to_json`` and
``from_json`` keep them in the history of a draft, or in a file given to a command. The operations themselves stand in
``concept_operations``, ``scheme_operations`` and ``exchange``.

Errors: ``EditError``, every fault at once in French.
"""

from __future__ import annotations

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import MISSING, fields, replace
from functools import cache
from typing import Any, ClassVar, TypeVar, get_type_hints

from taxonomy.check import faults, near
from taxonomy.content import (
    concept_content,
    concept_from,
    content_of,
    dossier_content,
    dossier_from,
    phrase,
    priority_content,
    priority_from,
    sealed,
    taxonomy_from,
)
from taxonomy.french import fold
from taxonomy.types import Concept, Dossier, Fault, Priority, Taxonomy

_T = TypeVar("_T", bound="type[Operation]")
#: Name in JSON -> class; filled by ``operation``.
OPERATIONS: dict[str, type[Operation]] = {}


class EditError(Exception):
    """The change is refused; ``faults`` says each reason, in French."""

    def __init__(self, found: Iterable[Fault]) -> None:
        self.faults = tuple(found)
        super().__init__("\n".join(f.text for f in self.faults))


class Operation(ABC):
    """One change. Frozen dataclasses; ``op`` names it in JSON."""

    __slots__ = ()
    op: ClassVar[str]

    @abstractmethod
    def run(self, taxonomy: Taxonomy) -> Taxonomy:
        """The taxonomy after the change, not yet checked nor sealed. Raises ``EditError`` where it makes no sense."""

    @abstractmethod
    def told(self, taxonomy: Taxonomy) -> str:
        """One line of history, in French; ``taxonomy`` is as it was before."""


def operation(name: str) -> Callable[[_T], _T]:
    """Class decorator: the operation is called ``name`` in JSON."""

    def known(kind: _T) -> _T:
        kind.op = name
        OPERATIONS[name] = kind
        return kind

    return known


def apply(taxonomy: Taxonomy, *operations: Operation) -> Taxonomy:
    """The taxonomy after the operations, in order: checked, with the version of its content. Raises ``EditError``."""
    for each in operations:
        taxonomy = each.run(taxonomy)
    return sound(taxonomy)


def sound(taxonomy: Taxonomy) -> Taxonomy:
    """The same, sealed. Raises ``EditError`` with its integrity faults."""
    if found := faults(taxonomy):
        raise EditError(found)
    return sealed(taxonomy)


def refused(text: str, concept: str = "", field: str = "") -> EditError:
    """An ``EditError`` of one fault, to be raised."""
    return EditError([Fault(concept, field, text)])


def find(taxonomy: Taxonomy, concept: str) -> Concept:
    """The concept of that id. Raises ``EditError`` with the nearest one."""
    try:
        return taxonomy.concept(concept)
    except KeyError:
        known = [c.id for c in taxonomy.concepts]
        raise refused(f"concept « {concept} » : il n'existe pas (ou plus).{near(concept, known)}", concept) from None


def change(taxonomy: Taxonomy, concept: Concept) -> Taxonomy:
    """The same with ``concept`` in the place of the one of its id."""
    return replace(taxonomy, concepts=tuple(concept if c.id == concept.id else c for c in taxonomy.concepts))


def placed(values: tuple[Any, ...], new: Any, after: str) -> tuple[Any, ...]:
    """``values`` with ``new`` after the one of id ``after``; at the end when there is none."""
    at = next((n + 1 for n, value in enumerate(values) if value.id == after), len(values))
    return (*values[:at], new, *values[at:])


def clean(text: str) -> str:
    """A label as typed: single spaces, accents composed (NFC)."""
    return unicodedata.normalize("NFC", phrase(text))


def cleaned(texts: Iterable[str]) -> tuple[str, ...]:
    """Several labels as typed, each once, without the empty ones."""
    return tuple(dict.fromkeys(c for t in texts if (c := clean(t))))


def slug(label: str, taken: Iterable[str] = ()) -> str:
    """An id made of a label, unlike those ``taken``.

    >>> slug("Cœur de ville, l'été", ["coeur-de-ville-l-ete"])
    'coeur-de-ville-l-ete-2'
    """
    base = re.sub(r"[^a-z0-9]+", "-", fold(label)).strip("-")[:80].strip("-") or "concept"
    known: Container[str] = taken if isinstance(taken, (set, frozenset, dict)) else set(taken)
    n, found = 1, base
    while found in known:
        n += 1
        found = f"{base}-{n}"
    return found


def to_json(value: Operation) -> dict[str, Any]:
    """An operation as plain JSON: its name under ``op``, its fields; concepts under the keys of the file."""
    content: dict[str, Any] = {"op": value.op}
    for field in fields(value):  # type: ignore[arg-type]
        given = getattr(value, field.name)
        if field.default is MISSING or given != field.default:
            content[field.name] = _out(given)
    return content


def from_json(content: Any) -> Operation:
    """The reverse of ``to_json``. Raises ``EditError``: unknown operation or field, missing or wrong value."""
    _all_known()
    if not isinstance(content, Mapping) or not isinstance(content.get("op"), str):
        raise refused("une opération est un objet JSON dont la clé « op » dit le nom.")
    name = content["op"]
    kind = OPERATIONS.get(name)
    if kind is None:
        hint = near(name, OPERATIONS) or f" Connues : {', '.join(sorted(OPERATIONS))}."
        raise refused(f"opération « {name} » inconnue.{hint}")
    hints, known = _hints(kind), {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for key, value in content.items():
        if key == "op":
            continue
        if key not in known:
            raise refused(f"opération « {name} » : champ inconnu « {key} ».{near(str(key), known)}")
        try:
            values[key] = _READERS[hints[key]](value)
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            raise refused(f"opération « {name} » : le champ « {key} » n'a pas la forme attendue.") from error
    for key, field in known.items():
        if key not in values and field.default is MISSING:
            raise refused(f"opération « {name} » : le champ « {key} » manque.")
    return kind(**values)


def all_from_json(content: Any) -> tuple[Operation, ...]:
    """One operation, or a list of them. Raises ``EditError``, which says which one is at fault."""
    if not isinstance(content, list):
        return (from_json(content),)
    found = []
    for n, each in enumerate(content, 1):
        try:
            found.append(from_json(each))
        except EditError as error:
            raise refused(f"n° {n}, {error}") from error
    return tuple(found)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str) or not all(isinstance(v, str) for v in value):
        raise TypeError
    return tuple(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError
    return float(value)


def _each(read: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    def many(value: Any) -> tuple[Any, ...]:
        if isinstance(value, (str, Mapping)):
            raise TypeError
        return tuple(read(v) for v in value)

    return many


_READERS: dict[Any, Callable[[Any], Any]] = {
    str: _text,
    float: _number,
    tuple[str, ...]: _texts,
    Concept: lambda raw: concept_from({"id": "", **raw}),
    tuple[Concept, ...]: _each(concept_from),
    Dossier: lambda raw: dossier_from({"id": "", **raw}),
    tuple[Dossier, ...]: _each(dossier_from),
    tuple[Priority, ...]: _each(priority_from),
    tuple[tuple[str, str], ...]: _each(lambda pair: (_text(pair[0]), _text(pair[1]))),
    Taxonomy: taxonomy_from,
}


def _out(value: Any) -> Any:
    match value:
        case Concept():
            return concept_content(value)
        case Dossier():
            return dossier_content(value)
        case Priority():
            return priority_content(value)
        case Taxonomy():
            return content_of(value)
        case tuple():
            return [_out(v) for v in value]
        case _:
            return value


@cache
def _hints(kind: type[Operation]) -> dict[str, Any]:
    return get_type_hints(kind)


def _all_known() -> None:
    """The modules of the operations, read: each class names itself in ``OPERATIONS``."""
    from taxonomy import concept_operations, exchange, scheme_operations  # noqa: F401
