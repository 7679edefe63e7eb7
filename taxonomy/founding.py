"""A community that begins: split off another one, or started from a name and ten keywords. Pure; nothing is published.

Errors: ``EditError``, every fault at once in French.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from taxonomy.concept_operations import name_of
from taxonomy.edit import Operation, apply, clean, cleaned, refused, slug, sound
from taxonomy.exchange import BringIn, SendAway, move_concepts
from taxonomy.french import label_keys
from taxonomy.scheme_operations import SetNeighbours
from taxonomy.types import Concept, Taxonomy, labels

#: « plan local d'urbanisme (PLU) »
_ACRONYM = re.compile(r"^(?P<words>.*\S)\s*\((?P<acronym>[A-ZÀ-Ý0-9][A-ZÀ-Ý0-9&.-]{1,9})\)\s*$")
_OR = re.compile(r"\s*(?:=|;|\s/\s|\|)\s*")


@dataclass(frozen=True, slots=True)
class Split:
    """Two taxonomies of one. ``old`` is ``taxonomy`` after ``operations``; ``new`` stands by itself.

    ``remarks``: what was chosen, in French.
    """

    old: Taxonomy
    new: Taxonomy
    operations: tuple[Operation, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Started:
    """A taxonomy to start from, and what was understood or doubted, in French."""

    taxonomy: Taxonomy
    remarks: tuple[str, ...] = ()


def split(
    taxonomy: Taxonomy,
    name: str,
    concepts: Iterable[str],
    dossiers: Iterable[str] = (),
    *,
    taken: Collection[str] = (),
    definition: str = "",
    audience: Sequence[str] = (),
    with_narrower: bool = True,
) -> Split:
    """Concepts and dossiers of ``taxonomy`` become those of a new community called ``name``.

    Concepts that speak only for dossiers that leave go with them, and all that stands below what is chosen (unless
    ``with_narrower`` is false). ``taken``: ids of the other communities; the new one gets an id of its own. Each of the
    two becomes the neighbour of the other. Raises ``EditError``.
    """
    shelves = set(dossiers)
    if unknown := sorted(shelves - {d.id for d in taxonomy.dossiers}):
        raise refused(f"dossier « {unknown[0]} » : il n'existe pas (ou plus).", field="dossiers")
    chosen = list(dict.fromkeys(concepts))
    follow = [c.id for c in taxonomy.concepts if c.dossiers and set(c.dossiers) <= shelves and c.id not in chosen]
    label = _named(name)
    empty = Taxonomy(
        slug(label, {taxonomy.id, *taken}),
        label,
        clean(definition) or f"Issue de « {taxonomy.pref_label} ».",
        (),
        neighbours=(taxonomy.id, *taxonomy.neighbours),
        audience=cleaned(audience) or taxonomy.audience,
    )
    away, bring = move_concepts(taxonomy, empty, [*chosen, *follow], with_narrower=with_narrower, carry=shelves)
    if len(away.concepts) == len(taxonomy.concepts):
        raise refused("il ne resterait aucun concept à la communauté d'origine. Gardez-en au moins un.")
    neighbours = SetNeighbours((*taxonomy.neighbours, empty.id))
    operations: tuple[Operation, ...] = (away, neighbours)
    remarks = _split_remarks(taxonomy, away, bring, follow)
    return Split(apply(taxonomy, *operations), apply(empty, bring), operations, remarks)


def start(
    name: str,
    keywords: Iterable[str],
    *,
    audience: Iterable[str] = (),
    neighbours: Iterable[str] = (),
    definition: str = "",
    taken: Collection[str] = (),
    known: Iterable[Taxonomy] = (),
) -> Started:
    """A taxonomy made of a name and some keywords, sound, with ids.

    A keyword may give other words for the same thing (« tiers-lieu / espace de coworking ») and an acronym (« plan
    local d'urbanisme (PLU) »). ``known``: the other communities, whose labels are pointed at. Raises ``EditError``.
    """
    label = _named(name)
    owner = {label_keys(w): t for t in known for c in t.concepts for w in (*labels(c), *c.notations)}
    concepts: list[Concept] = []
    remarks: list[str] = []
    met: dict[tuple[str, ...], str] = {}
    for keyword in keywords:
        forms, acronyms = _read(keyword)
        fresh = []
        for form in forms:
            keys = label_keys(form)
            if not keys:
                remarks.append(f"« {form} » ne contient aucun mot significatif : laissé de côté.")
            elif keys in met:
                remarks.append(f"« {form} » répète « {met[keys]} » : laissé de côté.")
            else:
                met[keys] = form
                fresh.append(form)
                if keys in owner:
                    remarks.append(
                        f"« {form} » est déjà un mot de « {owner[keys].pref_label} » : décidez qui le garde."
                    )
        if not fresh:
            continue
        taken_ids = {c.id for c in concepts}
        concepts.append(Concept(slug(fresh[0], taken_ids), fresh[0], tuple(fresh[1:]), notations=tuple(acronyms)))
    if not concepts:
        raise refused("donnez au moins un mot-clé.", field="concepts")
    everything = {t.id for t in known} | set(taken)
    unknown = [n for n in neighbours if everything and n not in everything]
    if unknown:
        raise refused(f"voisine « {unknown[0]} » : cette communauté n'existe pas.", field="neighbours")
    taxonomy = Taxonomy(
        slug(label, everything),
        label,
        clean(definition) or f"{label} : {', '.join(c.pref_label for c in concepts)}.",
        tuple(concepts),
        neighbours=cleaned(neighbours),
        audience=cleaned(audience),
    )
    return Started(sound(taxonomy), tuple(remarks))


def _named(name: str) -> str:
    label = clean(name)
    if not label_keys(label):
        raise refused("la communauté doit porter un nom.", field="prefLabel")
    return label


def _read(keyword: str) -> tuple[list[str], list[str]]:
    """The words and the acronyms of a keyword as typed."""
    forms: list[str] = []
    acronyms: list[str] = []
    for part in _OR.split(clean(keyword)):
        found = _ACRONYM.match(part)
        if found:
            acronyms.append(found["acronym"])
        if form := clean(found["words"] if found else part):
            forms.append(form)
    return list(dict.fromkeys(forms)), list(dict.fromkeys(acronyms))


def _split_remarks(taxonomy: Taxonomy, away: SendAway, bring: BringIn, follow: Sequence[str]) -> tuple[str, ...]:
    remarks = []
    if follow:
        names = ", ".join(f"« {name_of(taxonomy, c)} »" for c in follow)
        remarks.append(f"Suivent leur dossier : {names}.")
    lost = [c for c in bring.concepts if taxonomy.concept(c.id).dossiers and not c.dossiers]
    if lost:
        names = ", ".join(f"« {c.pref_label} »" for c in lost)
        remarks.append(f"Leur dossier reste dans « {taxonomy.pref_label} », ils n'en ont plus : {names}.")
    emptied = [
        d.pref_label
        for d in taxonomy.dossiers
        if d.id not in away.dossiers
        and any(d.id in c.dossiers for c in taxonomy.concepts)
        and not any(d.id in c.dossiers for c in taxonomy.concepts if c.id not in away.concepts)
    ]
    if emptied:
        names = ", ".join(f"« {d} »" for d in emptied)
        remarks.append(f"Plus aucun concept ne parle pour : {names}.")
    if bring.priorities:
        remarks.append("Priorités qui partent : " + ", ".join(f"« {p.pref_label} »" for p in bring.priorities) + ".")
    return tuple(remarks)
