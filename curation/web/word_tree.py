"""The words of a community as the desk lists them: a tree, a table, and what a search finds in them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from taxonomy.french import fold, label_keys
from taxonomy.types import Change, Concept, Taxonomy, labels


@dataclass(frozen=True, slots=True)
class Node:
    """A concept in the tree, with those below it. One with two parents stands under both."""

    concept: Concept
    below: tuple[Node, ...]

    @property
    def size(self) -> int:
        """Concepts below, at any depth."""
        return sum(1 + n.size for n in self.below)


@dataclass(frozen=True, slots=True)
class Found:
    """Where the words of a search stand in a concept: the kind of place (« exclusion ») and its text."""

    place: str
    text: str


def forest(taxonomy: Taxonomy, keep: Collection[str] | None = None) -> tuple[Node, ...]:
    """The tree from its first level. ``keep``: only these concepts and what stands above them."""
    below: dict[str, list[Concept]] = {}
    for concept in taxonomy.concepts:
        for parent in concept.broader:
            below.setdefault(parent, []).append(concept)
    kept = None if keep is None else set(keep) | ancestors(taxonomy, keep)

    def grown(concepts: Sequence[Concept]) -> tuple[Node, ...]:
        return tuple(Node(c, grown(below.get(c.id, ()))) for c in concepts if kept is None or c.id in kept)

    return grown([c for c in taxonomy.concepts if not c.broader])


def outline(taxonomy: Taxonomy) -> list[tuple[Concept, int]]:
    """Every concept once with its depth, as the tree reads: for lists of choices."""
    seen: dict[str, None] = {}
    result = []

    def walk(nodes: Sequence[Node], depth: int) -> None:
        for node in nodes:
            if node.concept.id not in seen:
                seen[node.concept.id] = None
                result.append((node.concept, depth))
                walk(node.below, depth + 1)

    walk(forest(taxonomy), 0)
    return result


def ancestors(taxonomy: Taxonomy, concepts: Collection[str]) -> set[str]:
    """Ids above these concepts, at any height."""
    parents = {c.id: c.broader for c in taxonomy.concepts}
    above: set[str] = set()
    front = list(concepts)
    while front:
        for parent in parents.get(front.pop(), ()):
            if parent not in above:
                above.add(parent)
                front.append(parent)
    return above


def descendants(taxonomy: Taxonomy, concept: str) -> set[str]:
    """Ids below a concept, at any depth."""
    below: set[str] = set()
    while more := {c.id for c in taxonomy.concepts if set(c.broader) & (below | {concept})} - below:
        below |= more
    return below


def search(taxonomy: Taxonomy, text: str) -> dict[str, Found]:
    """Concept -> where all the words of ``text`` stand in it; accents, case and endings set aside."""
    folded, keys = fold(text).split(), label_keys(text)
    found = {}
    for concept in taxonomy.concepts:
        for place, value in _places(concept):
            plain = fold(value)
            if all(word in plain for word in folded) or (keys and set(keys) <= set(label_keys(value))):
                found[concept.id] = Found(place, value)
                break
    return found


def concept_named(taxonomy: Taxonomy, text: str) -> Concept | None:
    """The concept of that id, name or label (endings set aside); None when there is none."""
    keys = label_keys(text)
    by_label = None
    for concept in taxonomy.concepts:
        if text == concept.id or (keys and label_keys(concept.pref_label) == keys):
            return concept
        if by_label is None and keys and keys in map(label_keys, labels(concept)):
            by_label = concept
    return by_label


def states(changes: Sequence[Change]) -> dict[str, str]:
    """Concept -> « nouveau » or « modifié », of what a draft changed."""
    found: dict[str, str] = {}
    for change in changes:
        if change.about == "concept":
            new = change.field == "" and bool(change.after)
            found[change.id] = "nouveau" if new or found.get(change.id) == "nouveau" else "modifié"
    return found


#: Column of the table -> what it is sorted by.
COLUMNS: dict[str, Callable[[Taxonomy, Concept], Any]] = {
    "nom": lambda t, c: fold(c.pref_label),
    "libelles": lambda t, c: -len(c.alt_labels),
    "sigles": lambda t, c: (not c.notations, [fold(n) for n in c.notations]),
    "exclusions": lambda t, c: -len(c.exclude_labels),
    "dossier": lambda t, c: (not c.dossiers, [fold(t.dossier_label(d)) for d in c.dossiers]),
    "poids": lambda t, c: -c.weight,
}


def rows(taxonomy: Taxonomy, column: str, backwards: bool, keep: Collection[str] | None = None) -> list[Concept]:
    """The concepts in the order of a column (then of their names); in that of the tree when it is no column."""
    if column not in COLUMNS:
        found = [c for c, _ in outline(taxonomy)]
    else:
        found = sorted(taxonomy.concepts, key=lambda c: fold(c.pref_label))
        found.sort(key=lambda c: COLUMNS[column](taxonomy, c), reverse=backwards)
    return [c for c in found if keep is None or c.id in keep]


def _places(concept: Concept) -> Iterator[tuple[str, str]]:
    yield "", concept.pref_label
    for place, values in (
        ("libellé", concept.alt_labels),
        ("sigle", concept.notations),
        ("libellé caché", concept.hidden_labels),
        ("exclusion", concept.exclude_labels),
        ("note", (concept.scope_note,)),
        ("identifiant", (concept.id,)),
    ):
        for value in values:
            yield place, value
