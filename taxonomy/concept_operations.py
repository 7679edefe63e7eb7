"""What can be done to the concepts of a taxonomy. Each class is one gesture of the coordinator; ids never change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from taxonomy.check import LIST_NAMES
from taxonomy.content import LISTS, number
from taxonomy.edit import Operation, change, clean, cleaned, find, operation, placed, refused, slug
from taxonomy.french import contains, label_keys
from taxonomy.types import Concept, Priority, Taxonomy, labels

#: Lists of a concept that hold words (the others hold names of concepts and dossiers).
WORDS = ("altLabel", "hiddenLabel", "notation", "excludeLabel")


@operation("add_concept")
@dataclass(frozen=True, slots=True)
class AddConcept(Operation):
    """A new concept; without an id, one is made of its label. ``after``: id of the concept that it follows."""

    concept: Concept
    after: str = ""

    def run(self, taxonomy: Taxonomy) -> Taxonomy:
        new = tidy(self.concept)
        if not new.id:
            new = replace(new, id=slug(new.pref_label, (c.id for c in taxonomy.concepts)))
        after = self.after or next((c.id for c in reversed(taxonomy.concepts) if set(c.broader) & set(new.broader)), "")
        return replace(taxonomy, concepts=placed(taxonomy.concepts, new, after))

    def told(self, taxonomy: Taxonomy) -> str:
        return f"concept « {self.concept.pref_label} » ajouté"


@operation("rename_concept")
@dataclass(frozen=True, slots=True)
class RenameConcept(Operation):
    """Another label is shown. The old one goes to ``keep`` (altLabel, hiddenLabel, or "" to drop it), unless it meets
    the same words as the new one."""

    concept: str
    label: str
    keep: str = "altLabel"

    def run(self, taxonomy: Taxonomy) -> Taxonomy:
        known, label = find(taxonomy, self.concept), clean(self.label)
        if self.keep not in ("altLabel", "hiddenLabel", ""):
            raise refused(f"concept « {known.id} » : l'ancien nom va dans altLabel, dans hiddenLabel, ou disparaît.")
        renamed = replace(without(known, [label]), pref_label=label)
        if self.keep and label_keys(known.pref_label) != label_keys(label):
            renamed = extended(renamed, self.keep, [known.pref_label])
        return change(taxonomy, renamed)

    def told(self, taxonomy: Taxonomy) -> str:
        return f"concept « {name_of(taxonomy, self.concept)} » renommé « {self.label} »"


@operation("merge_concepts")
@dataclass(frozen=True, slots=True)
class MergeConcepts(Operation):
    """``absorbed`` goes; its words, parents, children and places among the priorities go to ``into``, which keeps its
    name, weight, note and dossiers where it has some."""

    into: str
    absorbed: str

    def run(self, taxonomy: Taxonomy) -> Taxonomy:
        if self.into == self.absorbed:
            raise refused(f"concept « {self.into} » : on ne fusionne pas un concept avec lui-même.", self.into)
        into, absorbed = find(taxonomy, self.into), find(taxonomy, self.absorbed)
        merged = united(into, absorbed)
        below = _descendants(taxonomy, {into.id, absorbed.id})
        merged = replace(merged, broader=tuple(b for b in merged.broader if b not in below))
        return replace_ids(_drop(change(taxonomy, merged), {absorbed.id}), {absorbed.id: (into.id,)})

    def told(self, taxonomy: Taxonomy) -> str:
        return f"« {name_of(taxonomy, self.absorbed)} » fusionné dans « {name_of(taxonomy, self.into)} »"


@operation("split_concept")
@dataclass(frozen=True, slots=True)
class SplitConcept(Operation):
    """``part`` takes its labels away from ``concept``; the exclusions that concern them follow.

    What matched still matches: exclusions that cancel a whole text stand in both. Without parents of its own, the part
    stands beside the concept.
    """

    concept: str
    part: Concept

    def run(self, taxonomy: Taxonomy) -> Taxonomy:
        whole, part = find(taxonomy, self.concept), tidy(self.part)
        taken = {*labels(part), *part.notations}
        if whole.pref_label in taken:
            text = f"« {whole.pref_label} » est son nom. Renommez-le avant d'en détacher ce mot."
            raise refused(f"concept « {whole.id} » : {text}", whole.id, "prefLabel")
        left = without(whole, taken)
        follow, stay = _exclusions(whole, taken, left)
        part = replace(part, broader=part.broader or whole.broader, dossiers=part.dossiers or whole.dossiers)
        part = extended(part, "excludeLabel", follow)
        return AddConcept(part, whole.id).run(change(taxonomy, replace(left, exclude_labels=stay)))

    def told(self, taxonomy: Taxonomy) -> str:
        return f"« {self.part.pref_label} » détaché de « {name_of(taxonomy, self.concept)} »"


@operation("move_concept")
@dataclass(frozen=True, slots=True)
class MoveConcept(Operation):
    """Other parents; none puts it at the top."""

    concept: str
    broader: tuple[str, ...] = ()

    def run(self, taxonomy: Taxonomy) -> Taxonomy:
        known = find(taxonomy, self.concept)
        if self.concept in self.broader:
            raise refused(f"concept « {known.id} » : un concept n'est pas son propre parent.", known.id, "broader")
        return change(taxonomy, replace(known, broader=tuple(dict.fromkeys(self.broader))))

    def told(self, taxonomy: Taxonomy) -> str:
        where = ", ".join(f"« {name_of(taxonomy, b)} »" for b in self.broader)
        return f"« {name_of(taxonomy, self.concept)} » rangé " + (f"sous {where}" if where else "au premier niveau")


@operation("retire_concept")
@dataclass(frozen=True, slots=True)
class RetireConcept(Operation):
    """It goes with its words. Children and places among the priorities go to ``heir``, else children to its parents."""

    concept: str
    heir: str = ""

    def run(self, taxonomy: Taxonomy) -> Taxonomy:
        known = find(taxonomy, self.concept)
        heirs = (find(taxonomy, self.heir).id,) if self.heir else known.broader
        left = replace_ids(_drop(taxonomy, {known.id}), {known.id: heirs}, priorities=bool(self.heir))
        return left if self.heir else without_priorities(left, {known.id})

    def told(self, taxonomy: Taxonomy) -> str:
        return f"concept « {name_of(taxonomy, self.concept)} » retiré"


@operation("add_labels")
@dataclass(frozen=True, slots=True)
class AddLabels(Operation):
    """Words for a concept; ``key``: altLabel, hiddenLabel, notation or excludeLabel."""

    concept: str
    key: str
    labels: tuple[str, ...]

    def run(self, taxonomy: Taxonomy) -> Taxonomy:
        known, new = find(taxonomy, self.concept), cleaned(self.labels)
        have = getattr(known, LISTS[_words_key(self.key, known)])
        name = (known.pref_label,) if self.key in ("altLabel", "hiddenLabel") else ()
        if doubled := [w for w in new if w in (*have, *name)]:
            raise refused(f"concept « {known.id} » : « {doubled[0]} » s'y trouve déjà.", known.id, self.key)
        return change(taxonomy, extended(known, self.key, new))

    def told(self, taxonomy: Taxonomy) -> str:
        return f"« {name_of(taxonomy, self.concept)} » : + {LIST_NAMES.get(self.key, self.key)} {_quoted(self.labels)}"


@operation("remove_labels")
@dataclass(frozen=True, slots=True)
class RemoveLabels(Operation):
    """Words that a concept loses."""

    concept: str
    key: str
    labels: tuple[str, ...]

    def run(self, taxonomy: Taxonomy) -> Taxonomy:
        known, gone = find(taxonomy, self.concept), cleaned(self.labels)
        field = LISTS[_words_key(self.key, known)]
        have = getattr(known, field)
        if absent := [w for w in gone if w not in have]:
            text = f"concept « {known.id} » : {LIST_NAMES[self.key]} « {absent[0]} » ne s'y trouve pas (ou plus)."
            raise refused(text, known.id, self.key)
        return change(taxonomy, _with(known, field, tuple(w for w in have if w not in gone)))

    def told(self, taxonomy: Taxonomy) -> str:
        return f"« {name_of(taxonomy, self.concept)} » : − {LIST_NAMES.get(self.key, self.key)} {_quoted(self.labels)}"


@operation("move_labels")
@dataclass(frozen=True, slots=True)
class MoveLabels(Operation):
    """Labels of ``concept`` (shown, hidden or acronyms) go to ``to``, under ``key``; their exclusions follow.

    ``to`` may be the concept itself: a label becomes hidden, or the reverse.
    """

    concept: str
    labels: tuple[str, ...]
    to: str
    key: str = "altLabel"

    def run(self, taxonomy: Taxonomy) -> Taxonomy:
        known, moved = find(taxonomy, self.concept), cleaned(self.labels)
        target = find(taxonomy, self.to)
        _words_key(self.key, target)
        have = {*known.alt_labels, *known.hidden_labels, *known.notations}
        if absent := [w for w in moved if w not in have]:
            text = f"concept « {known.id} » : « {absent[0]} » ne s'y trouve pas (ou plus)."
            if absent[0] == known.pref_label:
                text = f"concept « {known.id} » : « {absent[0]} » est son nom. Renommez-le avant de déplacer ce mot."
            raise refused(text, known.id)
        left = without(known, moved)
        if target.id == known.id:
            return change(taxonomy, extended(left, self.key, moved))
        follow, stay = _exclusions(known, set(moved), left, whole_text=False)
        target = extended(extended(target, self.key, moved), "excludeLabel", follow)
        return change(change(taxonomy, replace(left, exclude_labels=stay)), target)

    def told(self, taxonomy: Taxonomy) -> str:
        if self.to == self.concept:
            return f"« {name_of(taxonomy, self.to)} » : {_quoted(self.labels)} devient {LIST_NAMES.get(self.key, '')}"
        where = f"de « {name_of(taxonomy, self.concept)} » à « {name_of(taxonomy, self.to)} »"
        return f"{_quoted(self.labels)} : {where}"


@operation("set_weight")
@dataclass(frozen=True, slots=True)
class SetWeight(Operation):
    """How far a match alone tells: 2 decisive … 0.2 barely."""

    concept: str
    weight: float

    def run(self, taxonomy: Taxonomy) -> Taxonomy:
        return change(taxonomy, replace(find(taxonomy, self.concept), weight=float(self.weight)))

    def told(self, taxonomy: Taxonomy) -> str:
        before = next((f"{number(c.weight)} → " for c in taxonomy.concepts if c.id == self.concept), "")
        return f"« {name_of(taxonomy, self.concept)} » : poids {before}{number(self.weight)}"


@operation("set_dossiers")
@dataclass(frozen=True, slots=True)
class SetDossiers(Operation):
    """The dossiers that the concept speaks for."""

    concept: str
    dossiers: tuple[str, ...] = ()

    def run(self, taxonomy: Taxonomy) -> Taxonomy:
        return change(taxonomy, replace(find(taxonomy, self.concept), dossiers=tuple(dict.fromkeys(self.dossiers))))

    def told(self, taxonomy: Taxonomy) -> str:
        where = ", ".join(f"« {taxonomy.dossier_label(d)} »" for d in self.dossiers) or "aucun"
        return f"« {name_of(taxonomy, self.concept)} » : dossier {where}"


@operation("set_scope_note")
@dataclass(frozen=True, slots=True)
class SetScopeNote(Operation):
    """What the concept covers; the encoder reads it."""

    concept: str
    text: str = ""

    def run(self, taxonomy: Taxonomy) -> Taxonomy:
        return change(taxonomy, replace(find(taxonomy, self.concept), scope_note=clean(self.text)))

    def told(self, taxonomy: Taxonomy) -> str:
        return f"« {name_of(taxonomy, self.concept)} » : note modifiée"


def tidy(concept: Concept) -> Concept:
    """A concept as typed, cleaned: each word once, its own name and shown labels not repeated among the hidden."""
    pref = clean(concept.pref_label)
    shown = tuple(w for w in cleaned(concept.alt_labels) if w != pref)
    return replace(
        concept,
        id=clean(concept.id),
        pref_label=pref,
        alt_labels=shown,
        hidden_labels=tuple(w for w in cleaned(concept.hidden_labels) if w != pref and w not in shown),
        notations=cleaned(concept.notations),
        exclude_labels=cleaned(concept.exclude_labels),
        scope_note=clean(concept.scope_note),
    )


def united(into: Concept, absorbed: Concept) -> Concept:
    """``into`` with the words and parents of ``absorbed``; exclusions that would cancel one of the words are gone."""
    own = (into.id, absorbed.id)
    both = tidy(
        replace(
            into,
            alt_labels=(*into.alt_labels, absorbed.pref_label, *absorbed.alt_labels),
            hidden_labels=(*into.hidden_labels, *absorbed.hidden_labels),
            notations=(*into.notations, *absorbed.notations),
            exclude_labels=(*into.exclude_labels, *absorbed.exclude_labels),
            broader=tuple(b for b in dict.fromkeys((*into.broader, *absorbed.broader)) if b not in own),
            scope_note=into.scope_note or absorbed.scope_note,
            dossiers=into.dossiers or absorbed.dossiers,
        )
    )
    met = {label_keys(w) for w in (*labels(both), *both.notations)}
    return replace(both, exclude_labels=tuple(w for w in both.exclude_labels if label_keys(w) not in met))


def without(concept: Concept, words: Iterable[str]) -> Concept:
    """The concept without these labels, hidden labels and acronyms."""
    gone = set(words)
    return replace(
        concept,
        alt_labels=tuple(w for w in concept.alt_labels if w not in gone),
        hidden_labels=tuple(w for w in concept.hidden_labels if w not in gone),
        notations=tuple(w for w in concept.notations if w not in gone),
    )


def extended(concept: Concept, key: str, words: Iterable[str]) -> Concept:
    """The concept with these words at the end of the list ``key``, those already there left alone."""
    field = LISTS[key]
    return _with(concept, field, tuple(dict.fromkeys((*getattr(concept, field), *words))))


def replace_ids(taxonomy: Taxonomy, heirs: dict[str, tuple[str, ...]], priorities: bool = True) -> Taxonomy:
    """Where an id of ``heirs`` is named as a parent (and in the priorities), its heirs stand instead, each once."""

    def renamed(ids: tuple[str, ...], own: str = "") -> tuple[str, ...]:
        return tuple(dict.fromkeys(n for i in ids for n in heirs.get(i, (i,)) if n != own))

    kept = replace(taxonomy, concepts=tuple(replace(c, broader=renamed(c.broader, c.id)) for c in taxonomy.concepts))
    if not priorities:
        return kept
    return replace(kept, priorities=tuple(Priority(p.pref_label, renamed(p.concepts)) for p in kept.priorities))


def without_priorities(taxonomy: Taxonomy, gone: set[str]) -> Taxonomy:
    """The concepts ``gone`` leave the priorities; a priority that held nothing else goes with them."""
    kept = []
    for priority in taxonomy.priorities:
        left = tuple(c for c in priority.concepts if c not in gone)
        if left or not priority.concepts:
            kept.append(Priority(priority.pref_label, left))
    return replace(taxonomy, priorities=tuple(kept))


def name_of(taxonomy: Taxonomy, concept: str) -> str:
    """What people call a concept; its id when it is unknown."""
    return next((c.pref_label for c in taxonomy.concepts if c.id == concept), concept)


def _exclusions(
    whole: Concept, taken: set[str], left: Concept, whole_text: bool = True
) -> tuple[list[str], tuple[str, ...]]:
    """(exclusions that follow the words ``taken``, those that stay). ``whole_text``: those that contain no label at
    all, and so cancel the concept in the whole text, follow too."""
    moved = [label_keys(w) for w in taken]
    kept = [label_keys(w) for w in (*labels(left), *left.notations)]
    follow, stay = [], []
    for phrase in whole.exclude_labels:
        keys = label_keys(phrase)
        of_moved, of_kept = (any(contains(keys, k) for k in group) for group in (moved, kept))
        if of_moved or (whole_text and not of_kept):
            follow.append(phrase)
        if of_kept or not of_moved:
            stay.append(phrase)
    return follow, tuple(stay)


def _words_key(key: str, concept: Concept) -> str:
    if key not in WORDS:
        text = f"« {key} » n'est pas une liste de mots ({', '.join(WORDS)})."
        raise refused(f"concept « {concept.id} » : {text}", concept.id)
    return key


def _with(concept: Concept, field: str, value: tuple[str, ...]) -> Concept:
    changes: dict[str, tuple[str, ...]] = {field: value}
    return replace(concept, **changes)  # type: ignore[arg-type]


def _drop(taxonomy: Taxonomy, gone: set[str]) -> Taxonomy:
    return replace(taxonomy, concepts=tuple(c for c in taxonomy.concepts if c.id not in gone))


def _descendants(taxonomy: Taxonomy, ancestors: set[str]) -> set[str]:
    """Ids of the concepts below, at any depth, the ancestors included."""
    below = set(ancestors)
    while more := {c.id for c in taxonomy.concepts if c.id not in below and below & set(c.broader)}:
        below |= more
    return below


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f"« {w} »" for w in words)
