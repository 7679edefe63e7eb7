"""What is proposed where a stranger's words break the rules of a vocabulary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from taxonomy.french import label_keys
from taxonomy.types import Concept, labels

_SHOWN = 5


def doubled(concepts: Sequence[Concept]) -> str:
    """The labels that several concepts bear as they are written, capitals apart, in one French sentence; "": none."""
    owners: dict[str, list[str]] = {}
    for concept in concepts:
        for label in {w.casefold(): w for w in labels(concept)}.values():
            owners.setdefault(label.casefold(), []).append(f"« {label} » ({concept.id})")
    same = [" et ".join(each[:2]) for each in owners.values() if len(each) > 1]
    many = "s" if len(same) > 1 else ""
    return f"{len(same)} libellé{many} porté{many} par plusieurs concepts : {some(same)}" if same else ""


def told_apart(concepts: Sequence[Concept]) -> tuple[list[Concept], list[str]]:
    """Concepts that no two labels confuse, and what was done for it, in French.

    A name that another concept bears is completed by that of its parent (or a number); other labels already taken, or
    without a word that counts, are dropped; a concept whose name says nothing goes.
    """
    names = {c.id: c.pref_label for c in concepts}
    owner: dict[tuple[str, ...], str] = {}
    again: Counter[tuple[str, ...]] = Counter()
    result: list[Concept] = []
    renamed, dropped, empty = [], [], []
    for concept in concepts:
        keys = label_keys(concept.pref_label)
        if not keys:
            empty.append(f"« {concept.pref_label} »")
            continue
        name = concept.pref_label
        if keys in owner and (parent := names.get(next(iter(concept.broader), ""), "")):
            name = f"{concept.pref_label} ({parent})"
        while label_keys(name) in owner:
            again[keys] += 1
            name = f"{concept.pref_label} ({again[keys] + 1})"
        if name != concept.pref_label:
            renamed.append(f"« {concept.pref_label} » devient « {name} »")
        owner[label_keys(name)] = concept.id
        result.append(replace(concept, pref_label=name))
    kept = {c.id for c in result}
    for n, concept in enumerate(result):
        lists: dict[str, list[str]] = {"alt_labels": [], "hidden_labels": []}
        for attribute, fine in lists.items():
            for label in getattr(concept, attribute):
                keys = label_keys(label)
                if not keys or owner.setdefault(keys, concept.id) != concept.id:
                    dropped.append(f"« {label} » de « {concept.pref_label} »")
                elif label not in (concept.pref_label, *lists["alt_labels"], *fine):
                    fine.append(label)
        concept = replace(
            concept,
            alt_labels=tuple(lists["alt_labels"]),
            hidden_labels=tuple(lists["hidden_labels"]),
            broader=tuple(b for b in concept.broader if b in kept),
        )
        met = {label_keys(w) for w in (*labels(concept), *concept.notations)}
        result[n] = replace(
            concept, exclude_labels=tuple(w for w in concept.exclude_labels if label_keys(w) not in met)
        )
    remarks = [
        f"{len(many)} {what} : {some(many)}."
        for many, what in (
            (renamed, "nom(s) déjà pris par un autre concept, complété(s)"),
            (dropped, "libellé(s) qu'un autre concept porte déjà, ou sans mot significatif, écarté(s)"),
            (empty, "concept(s) dont le nom ne contient aucun mot significatif, écarté(s)"),
        )
        if many
    ]
    return result, remarks


def some(values: Sequence[Any]) -> str:
    """The first of a list, and a sign that there are more."""
    shown = ", ".join(str(v) for v in values[:_SHOWN])
    return shown + ("…" if len(values) > _SHOWN else "")
