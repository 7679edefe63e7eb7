"""What changed between two taxonomies, as a person reads it: per concept, per field, in French.

No difference is left out: the list is empty exactly when both hold the same content in the same order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from taxonomy.check import LIST_NAMES
from taxonomy.concept_operations import name_of
from taxonomy.content import LISTS, number
from taxonomy.types import Change, Concept, Taxonomy, labels

#: What the fields of one value are called.
_NAMES = {"prefLabel": "nom", "scopeNote": "note", "definition": "définition", "weight": "poids"}
_PLURALS = {
    "libellé": "libellés",
    "sigle": "sigles",
    "libellé caché": "libellés cachés",
    "exclusion": "exclusions",
    "concept parent": "concepts parents",
    "dossier": "dossiers",
    "public": "publics",
    "voisine": "voisines",
    "concept": "concepts",
    "priorité": "priorités",
}


def diff(before: Taxonomy, after: Taxonomy) -> tuple[Change, ...]:
    """Every difference: scheme, dossiers, priorities, then concepts in the order of ``after``, those gone last."""
    return (
        *_scheme(before, after),
        *_dossiers(before, after),
        *_priorities(before, after),
        *_concepts(before, after),
    )


def told(changes: Iterable[Change]) -> str:
    """The differences as lines of text, under the name of what they concern; "" for none."""
    lines: list[str] = []
    for (about, identity), group in groupby(changes, key=lambda c: (c.about, c.id)):
        found = list(group)
        first = found[0]
        if first.field == "" and about != "scheme":  # the whole thing came or went: its own line is the title
            lines.append(first.text)
            found = found[1:]
        else:
            lines.append(first.name + (f" ({identity})" if about in ("concept", "dossier") else ""))
        lines += [f"  {c.text}" for c in found]
    return "\n".join(lines)


def summary(changes: Sequence[Change]) -> str:
    """One sentence: how many of what. « 2 concepts ajoutés, 1 retiré, 5 modifiés »."""
    if not changes:
        return "aucune différence"
    parts = []
    for about, name, ending in (
        ("concept", "concept", ""),
        ("dossier", "dossier", ""),
        ("priority", "priorité", "e"),
    ):
        found = [c for c in changes if c.about == about]
        added = {c.id for c in found if c.field == "" and c.after}
        gone = {c.id for c in found if c.field == "" and c.before}
        touched = {c.id for c in found if c.field} - added - gone
        for ids, word in ((added, "ajouté"), (gone, "retiré"), (touched, "modifié")):
            if n := len(ids):
                many = "s" if n > 1 else ""
                parts.append(f"{n} {_PLURALS[name] if many else name} {word}{ending}{many}")
    if any(c.about == "scheme" for c in changes):
        parts.append("présentation modifiée")
    return ", ".join(parts)


def scalar(field: str, before: str, after: str) -> str:
    """The line of a field of one value."""
    name = _NAMES.get(field, field)
    if field == "weight":
        return f"{name} {before} → {after}"
    if not before:
        return f"+ {name} « {after} »"
    return f"{name} « {before} » → « {after} »" if after else f"− {name} « {before} »"


def _scheme(before: Taxonomy, after: Taxonomy) -> Iterator[Change]:
    where = ("scheme", "", after.pref_label)
    yield from _value(where, "id", before.id, after.id)
    yield from _value(where, "prefLabel", before.pref_label, after.pref_label)
    yield from _value(where, "definition", before.definition, after.definition)
    yield from _list(where, "audience", "public", before.audience, after.audience)
    yield from _list(where, "neighbours", "voisine", before.neighbours, after.neighbours)
    for field, name, old, new in (
        ("dossiers", "dossier", [d.id for d in before.dossiers], [d.id for d in after.dossiers]),
        ("priorities", "priorité", _names(before), _names(after)),
        ("concepts", "concept", [c.id for c in before.concepts], [c.id for c in after.concepts]),
    ):
        yield from _order(where, field, name, old, new)


def _dossiers(before: Taxonomy, after: Taxonomy) -> Iterator[Change]:
    old, new = ({d.id: d for d in t.dossiers} for t in (before, after))
    for identity, dossier in new.items():
        where = ("dossier", identity, dossier.pref_label)
        if identity not in old:
            yield _whole(where, "dossier", added=True)
        label, note = (
            (old[identity].pref_label, old[identity].scope_note) if identity in old else (dossier.pref_label, "")
        )
        yield from _value(where, "prefLabel", label, dossier.pref_label)
        yield from _value(where, "scopeNote", note, dossier.scope_note)
    for identity, dossier in old.items():
        if identity not in new:
            yield _whole(("dossier", identity, dossier.pref_label), "dossier", added=False)


def _priorities(before: Taxonomy, after: Taxonomy) -> Iterator[Change]:
    old, new = ({p.pref_label: p.concepts for p in t.priorities} for t in (before, after))
    for label, concepts in new.items():
        where = ("priority", label, f"priorité « {label} »")
        if label not in old:
            yield _whole(("priority", label, label), "priorité", added=True)
        shown = [{c: name_of(t, c) for c in ids} for t, ids in ((before, old.get(label, ())), (after, concepts))]
        yield from _list(where, "concepts", "concept", old.get(label, ()), concepts, shown[0] | shown[1])
    for label in old:
        if label not in new:
            yield _whole(("priority", label, label), "priorité", added=False)


def _concepts(before: Taxonomy, after: Taxonomy) -> Iterator[Change]:
    old, new = ({c.id: c for c in t.concepts} for t in (before, after))
    names = {c.id: c.pref_label for c in (*before.concepts, *after.concepts)}
    names |= {f"dossier {d.id}": d.pref_label for d in (*before.dossiers, *after.dossiers)}
    for identity, concept in new.items():
        where = ("concept", identity, concept.pref_label)
        if identity not in old:
            yield _whole(where, "concept", added=True)
        yield from _fields(where, old.get(identity, Concept(identity, concept.pref_label)), concept, names)
    for identity, concept in old.items():
        if identity not in new:
            gone = _whole(("concept", identity, concept.pref_label), "concept", added=False)
            n = len(labels(concept)) + len(concept.notations)
            yield Change(*_all_but_text(gone), text=f"{gone.text}, {n} libellé{'s' if n > 1 else ''}")


def _fields(where: tuple[str, str, str], before: Concept, after: Concept, names: dict[str, str]) -> Iterator[Change]:
    yield from _value(where, "prefLabel", before.pref_label, after.pref_label)
    for key, field in LISTS.items():
        old, new = getattr(before, field), getattr(after, field)
        shown = {}
        if key in ("broader", "dossier"):
            prefix = "dossier " if key == "dossier" else ""
            shown = {i: names.get(prefix + i, i) for i in (*old, *new)}
        yield from _list(where, key, LIST_NAMES[key], old, new, shown)
    yield from _value(where, "scopeNote", before.scope_note, after.scope_note)
    if before.weight != after.weight:
        yield from _value(where, "weight", number(before.weight), number(after.weight))


def _value(where: tuple[str, str, str], field: str, before: str, after: str) -> Iterator[Change]:
    if before != after:
        yield Change(*where, field, before, after, scalar(field, before, after))


def _list(
    where: tuple[str, str, str],
    field: str,
    name: str,
    before: Sequence[str],
    after: Sequence[str],
    shown: dict[str, str] | None = None,
) -> Iterator[Change]:
    """Additions, losses, then the order. ``shown``: what people read in the place of an id."""
    shown = shown or {}
    for value in after:
        if value not in before:
            yield Change(*where, field, "", shown.get(value, value), f"+ {name} « {shown.get(value, value)} »")
    for value in before:
        if value not in after:
            yield Change(*where, field, shown.get(value, value), "", f"− {name} « {shown.get(value, value)} »")
    yield from _order(where, field, name, before, after)


def _order(
    where: tuple[str, str, str], field: str, name: str, before: Sequence[str], after: Sequence[str]
) -> Iterator[Change]:
    old, new = [v for v in before if v in set(after)], [v for v in after if v in set(before)]
    if old != new:
        yield Change(*where, field, ", ".join(old), ", ".join(new), f"ordre des {_PLURALS[name]} changé")


def _whole(where: tuple[str, str, str], name: str, *, added: bool) -> Change:
    sign, (before, after) = ("+", ("", where[2])) if added else ("−", (where[2], ""))
    return Change(*where, "", before, after, f"{sign} {name} « {where[2]} »")


def _all_but_text(change: Change) -> tuple[str, str, str, str, str, str]:
    return change.about, change.id, change.name, change.field, change.before, change.after


def _names(taxonomy: Taxonomy) -> list[str]:
    return [p.pref_label for p in taxonomy.priorities]
