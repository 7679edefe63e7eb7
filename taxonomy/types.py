"""The words: a taxonomy is a SKOS concept scheme with the few keys that filing needs.

Source of the terms: SKOS Reference, W3C Recommendation 18 August 2009. ``excludeLabel``,
``dossier`` and ``weight`` are ours.
"""

from __future__ import annotations

from dataclasses import dataclass


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
    """The words of one community. ``version``: sha256 (12 hex digits) of its content."""

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
