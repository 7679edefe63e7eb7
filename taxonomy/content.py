"""``Taxonomy`` <-> the plain mapping that its file holds (YAML keys), and the version that names it.

``content_of`` leaves out what is empty or usual (a weight of 1): the mapping is what a person would have written.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from taxonomy.types import Concept, Dossier, Priority, Taxonomy

SCHEME_KEYS = ("id", "prefLabel", "definition", "audience", "neighbours", "priorities", "dossiers", "concepts")
CONCEPT_KEYS = (
    "id",
    "prefLabel",
    "altLabel",
    "notation",
    "hiddenLabel",
    "excludeLabel",
    "broader",
    "scopeNote",
    "dossier",
    "weight",
)
#: Key of the file -> field of ``Concept``, for the lists.
LISTS = {
    "altLabel": "alt_labels",
    "notation": "notations",
    "hiddenLabel": "hidden_labels",
    "excludeLabel": "exclude_labels",
    "broader": "broader",
    "dossier": "dossiers",
}
#: The same for the rest, and for everything.
SCALARS = {"prefLabel": "pref_label", "scopeNote": "scope_note", "weight": "weight"}
FIELDS = {**LISTS, **SCALARS}


def content_of(taxonomy: Taxonomy) -> dict[str, Any]:
    """The mapping of the file, keys in their usual order."""
    return _filled(
        id=taxonomy.id,
        prefLabel=taxonomy.pref_label,
        definition=taxonomy.definition,
        audience=list(taxonomy.audience),
        neighbours=list(taxonomy.neighbours),
        priorities=[priority_content(p) for p in taxonomy.priorities],
        dossiers=[dossier_content(d) for d in taxonomy.dossiers],
    ) | {"concepts": [concept_content(c) for c in taxonomy.concepts]}


def concept_content(concept: Concept) -> dict[str, Any]:
    """The mapping of one concept."""
    return _filled(
        id=concept.id,
        prefLabel=concept.pref_label,
        altLabel=list(concept.alt_labels),
        notation=list(concept.notations),
        hiddenLabel=list(concept.hidden_labels),
        excludeLabel=list(concept.exclude_labels),
        broader=list(concept.broader),
        scopeNote=concept.scope_note,
        dossier=concept.dossiers[0] if len(concept.dossiers) == 1 else list(concept.dossiers),
        weight=None if concept.weight == 1 else plain_number(concept.weight),
    )


def dossier_content(dossier: Dossier) -> dict[str, Any]:
    """The mapping of one dossier."""
    return _filled(id=dossier.id, prefLabel=dossier.pref_label, scopeNote=dossier.scope_note)


def priority_content(priority: Priority) -> dict[str, Any]:
    """The mapping of one priority."""
    return {"prefLabel": priority.pref_label, "concepts": list(priority.concepts)}


def concept_from(raw: Mapping[str, Any]) -> Concept:
    """The reverse of ``concept_content``, lenient: a scalar stands for a list of one.

    Raises ``KeyError``, ``TypeError`` or ``ValueError`` where a key is missing or a number is none.
    """
    return Concept(
        id=phrase(raw["id"]),
        pref_label=phrase(raw["prefLabel"]),
        alt_labels=phrases(raw.get("altLabel")),
        notations=phrases(raw.get("notation")),
        hidden_labels=phrases(raw.get("hiddenLabel")),
        exclude_labels=phrases(raw.get("excludeLabel")),
        broader=phrases(raw.get("broader")),
        scope_note=phrase(raw.get("scopeNote")),
        dossiers=phrases(raw.get("dossier")),
        weight=float(raw.get("weight", 1.0)),
    )


def dossier_from(raw: Mapping[str, Any]) -> Dossier:
    """The reverse of ``dossier_content``; the label of a dossier without one is its id."""
    return Dossier(phrase(raw["id"]), phrase(raw.get("prefLabel", raw["id"])), phrase(raw.get("scopeNote")))


def priority_from(raw: Mapping[str, Any]) -> Priority:
    """The reverse of ``priority_content``."""
    return Priority(phrase(raw["prefLabel"]), phrases(raw.get("concepts")))


def taxonomy_from(content: Mapping[str, Any]) -> Taxonomy:
    """The reverse of ``content_of``. Checks nothing (``load.build_taxonomy`` does); raises as ``concept_from``."""
    return sealed(
        Taxonomy(
            id=phrase(content.get("id")),
            pref_label=phrase(content.get("prefLabel", content.get("id"))),
            definition=phrase(content.get("definition")),
            concepts=tuple(concept_from(c) for c in content.get("concepts") or []),
            dossiers=tuple(dossier_from(d) for d in content.get("dossiers") or []),
            neighbours=phrases(content.get("neighbours")),
            audience=phrases(content.get("audience")),
            priorities=tuple(priority_from(p) for p in content.get("priorities") or []),
        )
    )


def version_of(taxonomy: Taxonomy) -> str:
    """12 hex digits (sha256) of what the taxonomy means: comments, layout and ways of writing YAML do not count.

    Order counts: the vectors of the concepts are kept in the order of the file.
    """
    canonical = json.dumps(content_of(taxonomy), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def sealed(taxonomy: Taxonomy) -> Taxonomy:
    """The same with the version of its content."""
    return replace(taxonomy, version=version_of(taxonomy))


def plain_number(value: float) -> int | float:
    """1.0 -> 1: as people write it."""
    return int(value) if math.isfinite(value) and value == int(value) else value


def number(value: float) -> str:
    """As French writes it: 1.5 -> « 1,5 »."""
    return str(plain_number(value)).replace(".", ",")


def phrase(value: Any) -> str:
    """A scalar as one line of text, spaces made single; "" for nothing. Raises ``TypeError`` for a list or mapping."""
    if isinstance(value, (list, tuple, dict, set)):  # its text could be without end: YAML aliases repeat for free
        raise TypeError("un texte est attendu là où se trouve une liste")
    return "" if value is None else " ".join(str(value).split())


def phrases(value: Any) -> tuple[str, ...]:
    """A scalar or a list of scalars, as texts."""
    if value is None:
        return ()
    return tuple(phrase(v) for v in (value if isinstance(value, (list, tuple)) else [value]))


def _filled(**content: Any) -> dict[str, Any]:
    return {k: v for k, v in content.items() if v not in ("", None, [])}
