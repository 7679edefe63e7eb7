"""Two people changed the same taxonomy: a three-way merge, field by field.

Lists merge as sets (what one side added is added, what one side took away goes); a field of one value that both
changed differently, or a thing that one side removed and the other changed, is a conflict, told with both sides.
Merging two sound taxonomies may still leave faults (both gave one label to two concepts): they are told too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from taxonomy.check import faults
from taxonomy.content import LISTS, number, sealed
from taxonomy.diff import diff
from taxonomy.types import Concept, Conflict, Dossier, Fault, Priority, Taxonomy

_K = TypeVar("_K")
_FIELDS = {"pref_label": "prefLabel", "scope_note": "scopeNote", "weight": "weight", "definition": "definition"}
_NAMES = {"prefLabel": "nom", "scopeNote": "note", "weight": "poids", "definition": "définition", "": ""}
#: How the sides are called, unless the caller knows better.
SIDES = ("votre côté", "l'autre côté")


@dataclass(frozen=True, slots=True)
class Merge:
    """``taxonomy`` holds our side wherever a conflict was not decided."""

    taxonomy: Taxonomy
    conflicts: tuple[Conflict, ...]
    faults: tuple[Fault, ...]

    @property
    def clean(self) -> bool:
        """True when it can be published as it is."""
        return not self.conflicts and not self.faults

    def told(self) -> str:
        """What must be decided or mended, one line each; "" when it is clean."""
        return "\n".join([c.text for c in self.conflicts] + [f.text for f in self.faults])


def merge(
    base: Taxonomy,
    ours: Taxonomy,
    theirs: Taxonomy,
    choices: Mapping[str, str] | None = None,
    sides: tuple[str, str] = SIDES,
) -> Merge:
    """Bring together what both sides did since ``base``.

    ``choices``: ``Conflict.key`` -> "ours" or "theirs", for those that somebody decided. ``sides``: their names in the
    sentences.
    """
    work = _Work(choices or {}, sides)
    scheme = [
        work.one("scheme", ours.pref_label, f, *_values(f, base, ours, theirs)) for f in ("pref_label", "definition")
    ]
    dossiers = work.things("dossier", *({d.id: d for d in t.dossiers} for t in (base, ours, theirs)))
    concepts = work.things("concept", *({c.id: c for c in t.concepts} for t in (base, ours, theirs)))
    priorities = work.things("priority", *({p.pref_label: p for p in t.priorities} for t in (base, ours, theirs)))
    result = sealed(
        Taxonomy(
            id=ours.id,
            pref_label=scheme[0],
            definition=scheme[1],
            concepts=tuple(concepts),
            dossiers=tuple(dossiers),
            neighbours=union(base.neighbours, ours.neighbours, theirs.neighbours),
            audience=union(base.audience, ours.audience, theirs.audience),
            priorities=tuple(priorities),
        )
    )
    return Merge(result, tuple(work.conflicts), tuple(faults(result)))


def union(base: Sequence[_K], ours: Sequence[_K], theirs: Sequence[_K]) -> tuple[_K, ...]:
    """Three-way merge of lists read as sets. Order: ours, unless only theirs was reordered; what the other side added
    comes after what it follows there."""
    b, o, t = set(base), set(ours), set(theirs)
    kept = (o & t) | (o - b) | (t - b)
    first, second = _by_order(base, ours, theirs)
    return _inserted([v for v in first if v in kept], [v for v in second if v in kept])


def aligned(new: Taxonomy, current: Taxonomy) -> Taxonomy:
    """``new`` in the order of ``current`` where both hold the same things: tables and RDF files say no order."""

    def like(values: Sequence[_K], model: Sequence[_K]) -> tuple[_K, ...]:
        present = set(values)
        return _inserted([v for v in model if v in present], values)

    known = {c.id: c for c in current.concepts}
    concepts: dict[str, Concept] = {}
    for concept in new.concepts:
        model = known.get(concept.id, concept)
        lists: dict[str, Any] = {f: like(getattr(concept, f), getattr(model, f)) for f in LISTS.values()}
        concepts[concept.id] = replace(concept, **lists)
    dossiers = {d.id: d for d in new.dossiers}
    priorities = {p.pref_label: p for p in new.priorities}
    before = {p.pref_label: p.concepts for p in current.priorities}
    ordered = like(list(priorities), list(before))
    return sealed(
        replace(
            new,
            concepts=tuple(concepts[i] for i in like(list(concepts), list(known))),
            dossiers=tuple(dossiers[i] for i in like(list(dossiers), [d.id for d in current.dossiers])),
            neighbours=like(new.neighbours, current.neighbours),
            audience=like(new.audience, current.audience),
            priorities=tuple(Priority(p, like(priorities[p].concepts, before.get(p, ()))) for p in ordered),
        )
    )


def completed(new: Taxonomy, current: Taxonomy) -> Taxonomy:
    """``current``, and what ``new`` brings: concepts, dossiers and priorities (those of one id as ``new`` says them).

    The community keeps its name and definition; what is new comes last.
    """
    concepts = {c.id: c for c in (*current.concepts, *new.concepts)}
    dossiers = {d.id: d for d in (*current.dossiers, *new.dossiers)}
    priorities = {p.pref_label: p for p in (*current.priorities, *new.priorities)}
    both = replace(
        new,
        pref_label=current.pref_label or new.pref_label,
        definition=current.definition or new.definition,
        audience=new.audience or current.audience,
        neighbours=new.neighbours or current.neighbours,
        concepts=tuple(concepts.values()),
        dossiers=tuple(dossiers.values()),
        priorities=tuple(priorities.values()),
    )
    return aligned(both, current)


@dataclass(slots=True)
class _Work:
    """One merge: what was decided, and the conflicts met so far."""

    choices: Mapping[str, str]
    sides: tuple[str, str]
    conflicts: list[Conflict] = field(default_factory=list)

    def things(self, about: str, base: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any]) -> list[Any]:
        """Concepts, dossiers or priorities, by id."""
        found = {}
        for identity in dict.fromkeys((*base, *ours, *theirs)):
            b, o, t = base.get(identity), ours.get(identity), theirs.get(identity)
            kept = self._thing(f"{about}:{identity}", b, o, t)
            if kept is not None:
                found[identity] = kept
        first, second = _by_order(list(base), list(ours), list(theirs))
        order = _inserted([i for i in first if i in found], [i for i in second if i in found])
        return [found[i] for i in order]

    def one(self, place: str, name: str, attribute: str, base: Any, ours: Any, theirs: Any) -> Any:
        """A field of one value."""
        if ours == theirs or theirs == base:
            return ours
        if ours == base:
            return theirs
        key = _FIELDS[attribute]
        shown = [_shown(v) for v in (base, ours, theirs)]
        where = f"{name} : {_NAMES[key]}"
        start = f"{shown[0]} au départ, " if base not in ("", None) else ""
        text = f"{where} {start}{shown[1]} de {self.sides[0]}, {shown[2]} de {self.sides[1]}."
        return theirs if self._theirs(f"{place}:{key}", name, key, shown, text) else ours

    def _thing(self, place: str, base: Any, ours: Any, theirs: Any) -> Any:
        if ours is None or theirs is None:
            present = ours if theirs is None else theirs
            if base is None or present is None:  # added by one side, or gone on both
                return present
            if present == base:  # untouched here, removed there
                return None
            name = present.pref_label
            ending = "e" if place.startswith("priority") else ""
            said = [f"retiré{ending}", f"modifié{ending}"]
            if theirs is None:
                said.reverse()
            sides = " et ".join(f"{what} de {side}" for what, side in zip(said, self.sides, strict=True))
            text = f"{_kind(place)} « {name} » : {sides}."
            return theirs if self._theirs(place, name, "", ["", *said], text) else ours
        return self._both(place, base, ours, theirs)

    def _both(self, place: str, base: Any, ours: Any, theirs: Any) -> Any:
        if isinstance(ours, Priority):
            return Priority(ours.pref_label, union(base.concepts if base else (), ours.concepts, theirs.concepts))
        name = ours.pref_label
        if isinstance(ours, Dossier):
            fields_ = ("pref_label", "scope_note")
            return replace(ours, **{f: self.one(place, name, f, *_values(f, base, ours, theirs)) for f in fields_})
        changes: dict[str, Any] = {
            f: self.one(place, name, f, *_values(f, base, ours, theirs)) for f in ("pref_label", "scope_note", "weight")
        }
        for f in LISTS.values():
            changes[f] = union(getattr(base, f) if base else (), getattr(ours, f), getattr(theirs, f))
        return _told_apart(replace(ours, **changes))

    def _theirs(self, key: str, name: str, field_: str, shown: list[str], text: str) -> bool:
        """Whether their side was chosen; without a choice, the conflict is noted."""
        choice = self.choices.get(key)
        if choice not in ("ours", "theirs"):
            self.conflicts.append(Conflict(key, name, field_, shown[0], shown[1], shown[2], text))
        return choice == "theirs"


def both_sides(base: Taxonomy, ours: Taxonomy, theirs: Taxonomy, sides: tuple[str, str] = SIDES) -> str:
    """What each side did since ``base``, as text: shown beside a merge."""
    from taxonomy.diff import told

    parts = []
    for name, side in zip(sides, (ours, theirs), strict=True):
        parts.append(f"De {name} :\n{told(diff(base, side)) or 'rien'}")
    return "\n".join(parts)


def _told_apart(concept: Concept) -> Concept:
    """Each label at one place: the name first, then the shown, then the hidden (SKOS S13)."""
    shown = tuple(w for w in concept.alt_labels if w != concept.pref_label)
    hidden = tuple(w for w in concept.hidden_labels if w != concept.pref_label and w not in shown)
    return replace(concept, alt_labels=shown, hidden_labels=hidden)


def _values(attribute: str, base: Any, ours: Any, theirs: Any) -> tuple[Any, Any, Any]:
    return getattr(base, attribute, None), getattr(ours, attribute), getattr(theirs, attribute)


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "(vide)"
    return number(value) if isinstance(value, float) else f"« {value} »"


def _kind(place: str) -> str:
    return {"concept": "concept", "dossier": "dossier", "priority": "priorité"}[place.partition(":")[0]]


def _reordered(base: Sequence[Any], side: Sequence[Any]) -> bool:
    common = set(base) & set(side)
    return [v for v in base if v in common] != [v for v in side if v in common]


def _by_order(base: Sequence[_K], ours: Sequence[_K], theirs: Sequence[_K]) -> tuple[Sequence[_K], Sequence[_K]]:
    """The side whose order leads, and the other."""
    return (theirs, ours) if _reordered(base, theirs) and not _reordered(base, ours) else (ours, theirs)


def _inserted(first: Iterable[_K], second: Iterable[_K]) -> tuple[_K, ...]:
    """``first``, and what only ``second`` holds, each after what it follows there."""
    result = list(dict.fromkeys(first))
    present = set(result)
    before: _K | None = None
    for value in second:
        if value not in present:
            at = 0 if before is None else result.index(before) + 1
            result.insert(at, value)
            present.add(value)
        before = value
    return tuple(result)
