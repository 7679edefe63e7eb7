"""Which items a change of words can reach: only those are judged again, and the others would be judged the same.

Meaning is compared with every item: as soon as what the encoder reads of a vocabulary changes (a name, a note, a
dossier, the definition), every item is reached. Labels, acronyms, exclusions and weights reach only the items where a
phrase of a changed concept stands, before or after the change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from curation.types import Item
from taxonomy.match import Matcher
from taxonomy.types import Concept, Taxonomy, labels


@dataclass(frozen=True, slots=True)
class Reach:
    """``matcher`` meets every phrase that may change a reading."""

    matcher: Matcher

    def reaches(self, item: Item) -> bool:
        """False only when the item is judged the same before and after."""
        return bool(self.matcher.match(item.title) or self.matcher.match(item.text))


def reach(changes: Iterable[tuple[Taxonomy, Taxonomy]]) -> Reach | None:
    """Of several vocabularies, (before, after) each. None: every item is reached."""
    watched = []
    for before, after in changes:
        if _frame(before) != _frame(after):
            return None
        pairs = zip(before.concepts, after.concepts, strict=True)
        for n, (old, new) in enumerate(pairs):
            if old != new:
                watched += [_phrases(f"{n}-before", old), _phrases(f"{n}-after", new)]
    return Reach(Matcher([Taxonomy(str(n), "", "", (c,)) for n, c in enumerate(watched)]))


def _frame(taxonomy: Taxonomy) -> Any:
    """All that counts for items without any word of it; priorities and readers only order the queues."""
    return (
        taxonomy.id,
        taxonomy.pref_label,
        taxonomy.definition,
        taxonomy.neighbours,
        taxonomy.dossiers,
        [(c.id, c.pref_label, c.scope_note, c.dossiers) for c in taxonomy.concepts],
    )


def _phrases(identity: str, concept: Concept) -> Concept:
    """Everything that the concept watches for, as labels: an exclusion met may give back what it cancelled, and a label
    is met wherever an acronym is."""
    watched = (*labels(concept)[1:], *concept.notations, *concept.exclude_labels)
    return Concept(identity, concept.pref_label, watched)
