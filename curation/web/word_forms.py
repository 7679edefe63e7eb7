"""The form of a concept: what was typed, the gestures it asks for, and its faults, each beside its field."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from curation.web.desk import Desk
from curation.web.word_tree import concept_named
from taxonomy.check import near
from taxonomy.concept_operations import (
    WORDS,
    AddLabels,
    MoveConcept,
    RemoveLabels,
    RenameConcept,
    SetDossiers,
    SetScopeNote,
    SetWeight,
)
from taxonomy.content import LISTS, number
from taxonomy.edit import EditError, Operation, clean, cleaned
from taxonomy.french import label_keys
from taxonomy.types import Concept, Fault, Taxonomy

#: Longest text of a field, and lines of a list; a vocabulary is made of phrases.
MAX_TEXT, MAX_LINES = 2_000, 200
#: Where the old name of a concept goes -> how the form says it.
KEEPS = {"altLabel": "reste un libellé", "hiddenLabel": "devient un libellé caché", "": "disparaît"}
#: Words of the file that a person of the desk does not know.
_PLAIN = (
    ("sa chaîne broader revient sur elle-même", "il finit par se trouver sous lui-même"),
    ("broader « ", "concept parent « "),
    ("Retirez-le de « broader ».", "Retirez ce parent."),
    ("weight doit être compris", "le poids doit être compris"),
    ("Retirez-la de « neighbours ».", "Décochez-la."),
)


def concept_typed(desk: Desk, identity: str, taxonomy: Taxonomy, faults: dict[str, str]) -> Concept:
    """The concept as the form says it; ``faults`` grows: field -> what is wrong."""
    weight = 1.0
    try:
        weight = float(desk.value("weight", "1").replace(",", ".").replace("\u00a0", "") or 1)
        if not 0 < weight <= 3:
            raise ValueError
    except ValueError:
        faults["weight"] = "Un nombre plus grand que 0 et d’au plus 3 est attendu, par exemple 1,5."
    known = {c.id for c in taxonomy.concepts}
    parents = tuple(dict.fromkeys(p for p in desk.values("broader") if p))
    if any(p not in known for p in parents):
        faults["broader"] = "Ce concept parent n’existe plus. Choisissez-en un autre."
    shelves = {d.id for d in taxonomy.dossiers}
    name = clean(desk.value("prefLabel")[:MAX_TEXT])
    if not label_keys(name):
        faults["prefLabel"] = "Donnez un nom, avec au moins un mot qui compte."
    return Concept(
        id=identity,
        pref_label=name,
        **{LISTS[key]: lines(desk.value(key)) for key in WORDS},
        broader=tuple(p for p in parents if p in known),
        scope_note=clean(desk.value("scopeNote")[:MAX_TEXT]),
        dossiers=tuple(d for d in dict.fromkeys(desk.values("dossier")) if d in shelves),
        weight=weight if "weight" not in faults else 1.0,
    )


def lines(text: str) -> tuple[str, ...]:
    """One value a line, each once."""
    return cleaned(line[:MAX_TEXT] for line in text.splitlines()[:MAX_LINES])


def gestures(before: Concept, after: Concept, keep: str = "altLabel") -> list[Operation]:
    """The operations that lead from one to the other. ``keep``: list where the old name goes, "" for none.

    What goes, goes first: a word may change lists.
    """
    found: list[Operation] = []
    kept: dict[str, str] = {}
    if after.pref_label != before.pref_label:
        found.append(RenameConcept(before.id, after.pref_label, keep))
        if keep and label_keys(before.pref_label) != label_keys(after.pref_label):
            kept[keep] = before.pref_label
        gone = {after.pref_label}  # a label that becomes the name leaves its list by itself
        before = replace(
            before,
            alt_labels=tuple(w for w in before.alt_labels if w not in gone),
            hidden_labels=tuple(w for w in before.hidden_labels if w not in gone),
            notations=tuple(w for w in before.notations if w not in gone),
        )
    added: list[Operation] = []
    for key in WORDS:
        old, new = getattr(before, LISTS[key]), getattr(after, LISTS[key])
        if lost := tuple(w for w in old if w not in new):
            found.append(RemoveLabels(before.id, key, lost))
        there = {*old, kept.get(key, "")} | ({after.pref_label} if key in ("altLabel", "hiddenLabel") else set())
        if more := tuple(w for w in new if w not in there):
            added.append(AddLabels(before.id, key, more))
    found += added
    if set(after.broader) != set(before.broader):
        found.append(MoveConcept(before.id, after.broader))
    if set(after.dossiers) != set(before.dossiers):
        found.append(SetDossiers(before.id, after.dossiers))
    if after.weight != before.weight:
        found.append(SetWeight(before.id, after.weight))
    if after.scope_note != before.scope_note:
        found.append(SetScopeNote(before.id, after.scope_note))
    return found


def named(taxonomy: Taxonomy, texts: Iterable[str]) -> tuple[tuple[str, ...], str]:
    """Names as typed -> (ids of concepts, what is wrong or "")."""
    found, wrong = [], ""
    for text in texts:
        concept = concept_named(taxonomy, text)
        if concept is None and not wrong:
            known = [c.pref_label for c in taxonomy.concepts]
            wrong = f"« {text} » n’est le nom d’aucun concept.{near(text, known)}"
        if concept is not None:
            found.append(concept.id)
    return tuple(dict.fromkeys(found)), wrong


def in_place(error: EditError, taxonomy: Taxonomy, concept: str = "") -> dict[str, str]:
    """field -> why the words refuse it; "" for what concerns another concept or the whole."""
    faults: dict[str, str] = {}
    for fault in error.faults:
        if concept and f"est déjà celui de « {concept} »" in fault.text:  # told of the one that comes second
            text = fault.text.replace(f"celui de « {concept} »", f"celui de « {fault.concept} »")
            fault = Fault(concept, fault.field, text.replace(f"concept « {fault.concept} » : ", "", 1))
        ring = "revient sur elle-même" in fault.text  # told of any concept of the ring
        field = fault.field if ring or fault.concept in (concept, "") else ""
        said = plain(replace(fault, text=fault.text.removeprefix(f"concept « {concept} » : ")), taxonomy)
        faults[field] = f"{faults[field]} {said}" if field in faults else said
    return faults


def plain(fault: Fault, taxonomy: Taxonomy) -> str:
    """A fault as the desk says it: concepts by their names, keys of the file by what they are."""
    text = fault.text
    for key, word in _PLAIN:
        text = text.replace(key, word)
    names = {c.id: c.pref_label for c in taxonomy.concepts}
    text = re.sub(
        r"(concept|de|dans) « ([A-Za-z0-9._-]+) »",
        lambda m: f"{m[1]} « {names.get(m[2], m[2])} »",
        text,
    )
    return text[:1].upper() + text[1:]


def shown_weight(concept: Concept) -> str:
    """« 1,5 »."""
    return number(concept.weight)
