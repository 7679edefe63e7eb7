"""From one community to another: concepts, dossiers and labels that change hands, as one operation on each side.

Both sides are published together; each keeps its own history. What is brought carries its whole content, so that the
receiving side can be replayed alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from taxonomy.concept_operations import (
    WORDS,
    AddLabels,
    RemoveLabels,
    name_of,
    replace_ids,
    tidy,
    united,
    without_priorities,
)
from taxonomy.edit import Operation, apply, change, find, operation, refused
from taxonomy.types import Concept, Dossier, Priority, Taxonomy


@operation("send_away")
@dataclass(frozen=True, slots=True)
class SendAway(Operation):
    """Concepts and dossiers leave for the community ``to``; children that stay go under the parents that stay."""

    concepts: tuple[str, ...]
    to: str
    dossiers: tuple[str, ...] = ()

    def run(self, taxonomy: Taxonomy) -> Taxonomy:
        gone, shelves = {find(taxonomy, c).id for c in self.concepts}, set(self.dossiers)
        if absent := shelves - {d.id for d in taxonomy.dossiers}:
            raise refused(f"dossier « {min(absent)} » : il n'existe pas (ou plus).", field="dossiers")
        heirs = {identity: _staying(taxonomy, identity, gone) for identity in gone}
        left = replace_ids(taxonomy, heirs, priorities=False)
        concepts = tuple(
            replace(c, dossiers=tuple(d for d in c.dossiers if d not in shelves))
            for c in left.concepts
            if c.id not in gone
        )
        kept = tuple(d for d in left.dossiers if d.id not in shelves)
        return without_priorities(replace(left, concepts=concepts, dossiers=kept), gone)

    def told(self, taxonomy: Taxonomy) -> str:
        return f"{_named(taxonomy, self.concepts, self.dossiers)} : vers « {self.to} »"


@operation("bring_in")
@dataclass(frozen=True, slots=True)
class BringIn(Operation):
    """Concepts and dossiers arrive from the community ``origin``, with the priorities made of them alone.

    ``onto``: (id of one that arrives, id of the concept here that absorbs it).
    """

    concepts: tuple[Concept, ...]
    origin: str
    dossiers: tuple[Dossier, ...] = ()
    priorities: tuple[Priority, ...] = ()
    onto: tuple[tuple[str, str], ...] = ()

    def run(self, taxonomy: Taxonomy) -> Taxonomy:
        onto = dict(self.onto)
        here = {c.id for c in taxonomy.concepts}
        shelves = {d.id for d in taxonomy.dossiers}
        if doubled := sorted({c.id for c in self.concepts if c.id not in onto} & here):
            text = f"concept « {doubled[0]} » : cet identifiant existe déjà dans « {taxonomy.id} »."
            raise refused(f"{text} Fusionnez-les, ou gardez ce concept où il est.", doubled[0], "id")
        if doubled := sorted({d.id for d in self.dossiers} & shelves):
            raise refused(f"dossier « {doubled[0]} » : il existe déjà dans « {taxonomy.id} ».", field="dossiers")
        reached = {**{c.id: (c.id,) for c in self.concepts}, **{a: (b,) for a, b in onto.items()}}
        known = here | set(reached)
        result = replace(taxonomy, dossiers=(*taxonomy.dossiers, *self.dossiers))
        for arrived in self.concepts:
            parents = tuple(dict.fromkeys(n for b in arrived.broader if b in known for n in reached.get(b, (b,))))
            new = replace(tidy(arrived), broader=tuple(p for p in parents if p != arrived.id))
            if arrived.id in onto:
                result = change(result, united(find(result, onto[arrived.id]), replace(new, broader=())))
            else:
                result = replace(result, concepts=(*result.concepts, new))
        names = {p.pref_label for p in result.priorities}
        news = tuple(
            Priority(p.pref_label, tuple(dict.fromkeys(n for c in p.concepts for n in reached.get(c, ()))))
            for p in self.priorities
            if p.pref_label not in names
        )
        return replace(result, priorities=(*result.priorities, *news))

    def told(self, taxonomy: Taxonomy) -> str:
        brought = replace(taxonomy, concepts=self.concepts, dossiers=self.dossiers)
        names = _named(brought, [c.id for c in self.concepts], [d.id for d in self.dossiers])
        return f"{names} : de « {self.origin} »"


def move_concepts(
    source: Taxonomy,
    target: Taxonomy,
    concepts: Iterable[str],
    *,
    with_narrower: bool = False,
    carry: Iterable[str] = (),
    dossiers: Mapping[str, str] | None = None,
    onto: Mapping[str, str] | None = None,
) -> tuple[SendAway, BringIn]:
    """The two operations that move concepts from ``source`` to ``target``.

    ``with_narrower``: and all that stands below them. ``carry``: dossiers that move too. ``dossiers``: dossier of the
    source -> the one of the target that replaces it (a concept loses those that are neither carried nor replaced).
    ``onto``: concept that moves -> concept of the target that absorbs it. Raises ``EditError``.
    """
    chosen = {find(source, c).id for c in concepts}
    while with_narrower and (more := {c.id for c in source.concepts if set(c.broader) & chosen} - chosen):
        chosen |= more
    if not chosen:
        raise refused("aucun concept n'est choisi.")
    carried = {d.id for d in source.dossiers if d.id in set(carry)}
    shelf = {**{d: d for d in carried}, **(dossiers or {})}
    here = {d.id for d in target.dossiers} | carried
    moving = tuple(
        replace(c, dossiers=tuple(dict.fromkeys(shelf[d] for d in c.dossiers if shelf.get(d) in here)))
        for c in source.concepts
        if c.id in chosen
    )
    away = SendAway(tuple(c.id for c in moving), target.id, tuple(d.id for d in source.dossiers if d.id in carried))
    bring = BringIn(
        moving,
        source.id,
        tuple(d for d in source.dossiers if d.id in carried),
        tuple(p for p in source.priorities if p.concepts and set(p.concepts) <= chosen),
        tuple((onto or {}).items()),
    )
    return away, bring


def move_labels(
    source: Taxonomy, concept: str, key: str, labels: Iterable[str], target: Taxonomy, to: str, to_key: str = ""
) -> tuple[RemoveLabels, AddLabels]:
    """The two operations that move labels of a concept of ``source`` to one of ``target`` (under the same key, unless
    ``to_key`` says another). Raises ``EditError``."""
    find(source, concept)
    find(target, to)
    if key not in WORDS or (to_key or key) not in WORDS:
        raise refused(f"« {to_key or key} » n'est pas une liste de mots ({', '.join(WORDS)}).")
    words = tuple(labels)
    return RemoveLabels(concept, key, words), AddLabels(to, to_key or key, words)


def apply_both(
    source: Taxonomy, target: Taxonomy, operations: tuple[Operation, Operation]
) -> tuple[Taxonomy, Taxonomy]:
    """The pair after such a pair of operations: both sound, or ``EditError``."""
    return apply(source, operations[0]), apply(target, operations[1])


def _staying(taxonomy: Taxonomy, identity: str, gone: set[str]) -> tuple[str, ...]:
    """Nearest ancestors that stay."""
    parents = {c.id: c.broader for c in taxonomy.concepts}
    found: dict[str, None] = {}
    seen, front = {identity}, list(parents[identity])
    while front:
        parent = front.pop(0)
        if parent in seen:
            continue
        seen.add(parent)
        if parent in gone:
            front = [*parents.get(parent, ()), *front]
        else:
            found[parent] = None
    return tuple(found)


def _named(taxonomy: Taxonomy, concepts: Iterable[str], dossiers: Iterable[str]) -> str:
    words = [f"« {name_of(taxonomy, c)} »" for c in concepts]
    told = ", ".join(words) if len(words) <= 5 else f"{', '.join(words[:4])} et {len(words) - 4} autres concepts"
    shelves = [f"dossier « {taxonomy.dossier_label(d)} »" for d in dossiers]
    return ", ".join([told, *shelves] if words else shelves)
