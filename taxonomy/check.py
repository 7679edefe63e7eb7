"""Integrity of a taxonomy: every fault at once, in French, with the concept and what to do.

Beside the conditions of SKOS that concern one file (S13: labels told apart; no cycle of broader), ours: labels that
meet the same words stand in one concept, exclusions never cancel their own label, names exist.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter

from taxonomy.content import LISTS
from taxonomy.french import label_keys
from taxonomy.types import Concept, Fault, Taxonomy, labels

#: Told of one file: beyond, one has understood.
_MAX_CYCLES = 20
#: How faults and differences call the lists of a concept.
LIST_NAMES = {
    "altLabel": "libellé",
    "notation": "sigle",
    "hiddenLabel": "libellé caché",
    "excludeLabel": "exclusion",
    "broader": "concept parent",
    "dossier": "dossier",
}
_FEMININE = {"exclusion", "voisine"}
#: Ids stand in addresses, names of files and commands.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def check(taxonomy: Taxonomy) -> list[str]:
    """Integrity faults of a taxonomy, in French (empty: sound)."""
    return [fault.text for fault in faults(taxonomy)]


def faults(taxonomy: Taxonomy) -> list[Fault]:
    """The same, each with its place."""
    found = list(_of_scheme(taxonomy))
    known = {c.id for c in taxonomy.concepts}
    shelves = {d.id for d in taxonomy.dossiers}
    owner: dict[tuple[str, ...], str] = {}
    for concept in taxonomy.concepts:
        found += _of_links(concept, known, shelves)
        found += _of_words(concept, owner)
    found += _cycles(taxonomy)
    return found


def near(word: str, known: Iterable[str]) -> str:
    """« Vouliez-vous écrire … ? », with a space before; "" when nothing is near."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" Vouliez-vous écrire « {close[0]} » ?" if close else ""


def _of_scheme(taxonomy: Taxonomy) -> Iterator[Fault]:
    if taxonomy.id:  # without one, the reader of the file says it
        yield from _named("", "id", "le vocabulaire", taxonomy.id)
    for text in (taxonomy.id, taxonomy.pref_label, taxonomy.definition, *taxonomy.audience, *taxonomy.neighbours):
        yield from _visible("", "", "le vocabulaire", text)
    for identity in _twice(c.id for c in taxonomy.concepts):
        text = f"concept « {identity} » défini plusieurs fois. Donnez un autre identifiant à l'un d'eux."
        yield Fault(identity, "id", text)
    for identity in _twice(d.id for d in taxonomy.dossiers):
        text = f"dossier « {identity} » défini plusieurs fois. Donnez un autre identifiant à l'un d'eux."
        yield Fault("", "dossiers", text)
    for dossier in taxonomy.dossiers:
        yield from _named("", "dossiers", f"dossier « {dossier.pref_label} »", dossier.id)
        yield from _visible("", "dossiers", f"dossier « {dossier.id} »", dossier.id, dossier.pref_label)
        yield from _visible("", "dossiers", f"dossier « {dossier.id} »", dossier.scope_note)
    if taxonomy.id in taxonomy.neighbours:
        yield Fault("", "neighbours", "la communauté est sa propre voisine. Retirez-la de « neighbours ».")
    for field, name, values in (
        ("neighbours", "voisine", taxonomy.neighbours),
        ("audience", "public", taxonomy.audience),
        ("priorities", "priorité", [p.pref_label for p in taxonomy.priorities]),
    ):
        for value in _twice(values):
            given = "donnée" if name != "public" else "donné"
            yield Fault("", field, f"{name} « {value} » {given} deux fois. Gardez-en une seule mention.")
        if "" in values:
            yield Fault("", field, f"{name} sans nom. Donnez-lui un nom ou retirez la ligne.")
    known = {c.id for c in taxonomy.concepts}
    for priority in taxonomy.priorities:
        where = f"priorité « {priority.pref_label} »"
        for concept in priority.concepts:
            if concept not in known:
                text = f"{where} : concept « {concept} » n'existe pas.{near(concept, known) or ' Retirez-le.'}"
                yield Fault("", "priorities", text)
        for concept in _twice(priority.concepts):
            yield Fault("", "priorities", f"{where} : concept « {concept} » donné deux fois. Gardez-en un.")
        yield from _visible("", "priorities", where, priority.pref_label)


def _of_links(concept: Concept, known: set[str], shelves: set[str]) -> Iterator[Fault]:
    where = f"concept « {concept.id} »"
    yield from _named(concept.id, "id", f"concept « {concept.pref_label} »", concept.id)
    for parent in concept.broader:
        if parent not in known:
            advice = near(parent, known) or " Retirez-le de « broader »."
            yield Fault(concept.id, "broader", f"{where} : broader « {parent} » n'existe pas.{advice}")
    for dossier in concept.dossiers:
        if shelves and dossier not in shelves:
            advice = near(dossier, shelves) or " Choisissez l'un des dossiers du vocabulaire."
            yield Fault(concept.id, "dossier", f"{where} : dossier « {dossier} » n'existe pas.{advice}")
    if not 0 < concept.weight <= 3:
        yield Fault(concept.id, "weight", f"{where} : weight doit être compris entre 0 et 3.")


def _of_words(concept: Concept, owner: dict[tuple[str, ...], str]) -> Iterator[Fault]:
    """``owner``: keys of the labels met so far, and the concept where they stand; grows."""
    where = f"concept « {concept.id} »"
    own = labels(concept)
    for label in own:
        words = label_keys(label)
        if not words:
            advice = "Complétez-le ou retirez-le."
            text = f"{where} : le libellé « {label} » ne contient aucun mot significatif. {advice}"
            yield Fault(concept.id, "prefLabel" if label == concept.pref_label else "altLabel", text)
            continue
        first = owner.setdefault(words, concept.id)
        if first != concept.id:
            text = f"{where} : le libellé « {label} » est déjà celui de « {first} »."
            yield Fault(concept.id, "altLabel", f"{text} Retirez-le de l'un des deux, ou fusionnez-les.")
    for label in _twice(own):
        text = f"{where} : le libellé « {label} » est donné deux fois. Gardez-le à une seule place."
        yield Fault(concept.id, "altLabel", text)
    for key, field in LISTS.items():
        values, name = getattr(concept, field), LIST_NAMES[key]
        if key not in ("altLabel", "hiddenLabel"):
            given = "donnée" if name in _FEMININE else "donné"
            for value in _twice(values):
                yield Fault(concept.id, key, f"{where} : {name} « {value} » {given} deux fois. Gardez-en une mention.")
            if "" in values:
                yield Fault(concept.id, key, f"{where} : {name} vide. Complétez ou retirez.")
        yield from _visible(concept.id, key, where, *values)
    met = {label_keys(label): label for label in (*own, *concept.notations)}
    for phrase in concept.exclude_labels:
        if (words := label_keys(phrase)) and words in met:
            text = f"{where} : l'exclusion « {phrase} » annule toujours le libellé « {met[words]} »."
            yield Fault(concept.id, "excludeLabel", f"{text} Retirez l'un des deux, ou allongez l'exclusion.")
    yield from _visible(concept.id, "id", where, concept.id, concept.pref_label, concept.scope_note)


def _named(concept: str, field: str, where: str, identity: str) -> Iterator[Fault]:
    if not identity:
        yield Fault(concept, field, f"{where} : son identifiant manque.")
    elif not _ID.fullmatch(identity):
        text = f"{where} : l'identifiant « {identity} » ne convient pas."
        yield Fault(concept, field, f"{text} Lettres sans accent, chiffres, « - », « _ » et « . » seulement.")


def _visible(concept: str, field: str, where: str, *texts: str) -> Iterator[Fault]:
    """Signs that nobody sees break labels, and files of other formats cannot hold them (XML 1.0, section 2.2)."""
    for text in texts:
        hidden = next((c for c in text if not c.isprintable() and _unseen(c)), None)
        if hidden is not None:
            shown = "".join("�" if _unseen(c) else c for c in text)
            told = f"{where} : « {shown} » contient un caractère invisible (U+{ord(hidden):04X}). Retapez ce texte."
            yield Fault(concept, field, told)


def _unseen(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs") or character in "\ufffe\uffff"


def _twice(values: Iterable[str]) -> list[str]:
    return sorted(value for value, n in Counter(values).items() if n > 1)


def _cycles(taxonomy: Taxonomy) -> Iterator[Fault]:
    """Chains of broader that come back on themselves, one fault a chain."""
    links = {c.id: set(c.broader) for c in taxonomy.concepts}
    for _ in range(_MAX_CYCLES):
        try:
            TopologicalSorter(links).prepare()
        except CycleError as error:
            ring = error.args[1]
            start = ring[0]
            chain = " → ".join(ring[:8]) + (" → …" if len(ring) > 8 else "")
            text = f"concept « {start} » : sa chaîne broader revient sur elle-même"
            yield Fault(start, "broader", f"{text} ({chain}). Retirez l'un de ces liens.")
            for guilty in ring:
                links.pop(guilty, None)
        else:
            return
