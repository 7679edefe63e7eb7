"""The words: a taxonomy is a SKOS concept scheme with the few keys that filing needs.

Source of the terms: SKOS Reference, W3C Recommendation 18 August 2009. ``excludeLabel``,
``dossier`` and ``weight`` are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Concept:
    """One subject. Labels are phrases; inflections are found by the matcher."""

    id: str
    pref_label: str
    alt_labels: tuple[str, ...] = ()
    notations: tuple[str, ...] = ()  # acronyms, matched as written (capitals)
    hidden_labels: tuple[str, ...] = ()  # misspellings, old names: matched, never shown
    exclude_labels: tuple[str, ...] = ()  # longer phrases that cancel a match
    broader: tuple[str, ...] = ()
    scope_note: str = ""
    dossiers: tuple[str, ...] = ()  # the dossiers it speaks for
    weight: float = 1.0  # 2 decisive ... 0.2 barely


def labels(concept: Concept) -> tuple[str, ...]:
    """Every phrase that speaks for the concept, acronyms apart."""
    return (concept.pref_label, *concept.alt_labels, *concept.hidden_labels)


@dataclass(frozen=True, slots=True)
class Dossier:
    """A shelf of a community."""

    id: str
    pref_label: str
    scope_note: str = ""


@dataclass(frozen=True, slots=True)
class Priority:
    """A priority of the year: items about its concepts rank higher."""

    pref_label: str
    concepts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The words of one community. ``version``: ``content.version_of``, 12 hex digits that name its content."""

    id: str
    pref_label: str
    definition: str
    concepts: tuple[Concept, ...]
    dossiers: tuple[Dossier, ...] = ()
    neighbours: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    priorities: tuple[Priority, ...] = ()
    version: str = ""

    def concept(self, concept_id: str) -> Concept:
        """The concept of that id. Raises ``KeyError``."""
        for concept in self.concepts:
            if concept.id == concept_id:
                return concept
        raise KeyError(concept_id)

    def dossier_label(self, dossier_id: str) -> str:
        """The name a reader sees; the id itself when unknown (a retired dossier)."""
        return next((d.pref_label for d in self.dossiers if d.id == dossier_id), dossier_id)


@dataclass(frozen=True, slots=True)
class Match:
    """A label met in a text: ``text[start:end]`` is what stands there."""

    taxonomy: str
    concept: str
    label: str  # as written in the taxonomy
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason why a taxonomy cannot serve, in French, with what to do. ``field``: the key of the file at fault."""

    concept: str  # id; "": the scheme itself
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two taxonomies. ``before`` and ``after`` are as a person reads them ("" for none)."""

    about: str  # scheme | concept | dossier | priority
    id: str  # of the concept or dossier, label of the priority, "" for the scheme
    name: str  # what people call it
    field: str  # key of the file; "" when the whole thing came or went
    before: str
    after: str
    text: str  # one line, in French: « + libellé « halle gourmande » »


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two people changed one thing differently: somebody must choose."""

    key: str  # names the place, for ``merge.merge(choices=...)``
    name: str  # of the concept, the dossier, the priority
    field: str
    base: str
    ours: str
    theirs: str
    text: str  # the whole, in French


class Origin(StrEnum):
    """How a version came to be."""

    DESK = "desk"
    FILE = "file"  # the file was changed by hand
    COMMAND = "command"
    ROLLBACK = "rollback"


@dataclass(frozen=True, slots=True)
class TaxonomyVersion:
    """One published state of a community's words. Numbers grow by one; nothing is ever rewritten."""

    community: str
    number: int
    version: str  # as ``Taxonomy.version``
    author: str  # login; "" when nobody knows (a file changed by hand)
    at: datetime
    message: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Founding:
    """A community that began at the desk or by a command, without anybody writing the configuration."""

    community: str
    origin: str  # the community it was split off; "": begun from a name and keywords
    author: str  # login
    at: datetime


@dataclass(frozen=True, slots=True)
class TaxonomyDraft:
    """Words being changed, not published. ``revision`` grows with each save: whoever saves says which one they saw."""

    community: str
    base: int  # number of the version it started from
    taxonomy: Taxonomy
    steps: tuple[DraftStep, ...]
    revision: int
    since: int  # revision from which the steps tell every state; before, some were undone or taken up anew
    author: str  # login of the last to save
    at: datetime


@dataclass(frozen=True, slots=True)
class DraftStep:
    """One gesture in a draft: an operation as JSON (``edit.to_json``), told in French, and whose it is."""

    operation: dict[str, Any]
    text: str
    author: str
    at: datetime
    revision: int  # of the draft once it was made


@dataclass(frozen=True, slots=True)
class Imported:
    """A taxonomy read from another format, and what was chosen to make it, in French. Reading publishes nothing."""

    taxonomy: Taxonomy
    remarks: tuple[str, ...] = ()
