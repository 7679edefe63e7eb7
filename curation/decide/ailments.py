"""What is wrong with a keyword, in French, and the mends proposed: operations on the taxonomy, to be rehearsed first.

Dead: not met for months while much was read. Too wide: even the upper bound of its precision is low, and lower than
that of the other drafts. Redundant: (almost) never met without another concept, which is named. Ambiguous: rejected
when it stands alone, accepted when accompanied. Seasonal: met in a few months of the year, so never called dead.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from curation.decide.balance import Balance, Line, share_right
from curation.decide.fates import Phrase
from curation.decide.markers import Marker, of_concept
from curation.decide.proportions import FEW, Share, likelihood
from curation.french_calendar import MONTH_NAMES
from taxonomy.concept_operations import AddLabels, MergeConcepts, RemoveLabels, RetireConcept, SetWeight
from taxonomy.content import number
from taxonomy.edit import EditError, Operation, apply
from taxonomy.types import Concept, Taxonomy

#: Months without a match, and items read meanwhile, before a concept is called dead.
DEAD_MONTHS, DEAD_READ = 6, 200
#: Precision whose upper bound is lower is « too wide ».
WIDE = 0.5
#: Matches, and lower bound of the share of them met with the other concept, before « redundant ».
TOGETHER, ALWAYS = 8, 0.75
#: Matches over at least a year, share of them, and longest stretch of months before « seasonal ».
SEASON_MATCHES, SEASON_SHARE, SEASON_MONTHS = 12, 0.8, 4
#: No weight is proposed below.
LIGHTEST = 0.2


class Ailment(StrEnum):
    """What may be wrong with a concept; ``FEW`` is no fault, but the reason why nothing else is said."""

    DEAD = "dead"
    TOO_WIDE = "too_wide"
    REDUNDANT = "redundant"
    AMBIGUOUS = "ambiguous"
    SEASONAL = "seasonal"
    FEW = "few"


#: What people read.
AILMENTS_FR = {
    Ailment.DEAD: "mort",
    Ailment.TOO_WIDE: "trop large",
    Ailment.REDUNDANT: "redondant",
    Ailment.AMBIGUOUS: "ambigu",
    Ailment.SEASONAL: "saisonnier",
    Ailment.FEW: "trop peu d’avis",
}


@dataclass(frozen=True, slots=True)
class Mend:
    """One remedy: operations on the community's taxonomy that leave it sound, and what they are for, in French."""

    operations: tuple[Operation, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the figures say of one concept, in French, with mends, the gentlest first. ``other``: the concept named."""

    concept: str
    ailment: Ailment
    text: str
    mends: tuple[Mend, ...] = ()
    other: str = ""


def diagnose(sheet: Balance, phrases: Mapping[str, Collection[Phrase]]) -> list[Diagnosis]:
    """Every diagnosis, in the order of the taxonomy. ``phrases``: article -> noun phrases, of those with a verdict."""
    return [d for line in sheet.lines for d in _of_line(sheet, line, phrases)]


def _of_line(sheet: Balance, line: Line, phrases: Mapping[str, Collection[Phrase]]) -> Iterator[Diagnosis]:
    concept = sheet.taxonomy.concept(line.concept)
    seasonal = _seasonal(sheet, line)
    if seasonal:
        yield seasonal
    dead = None if seasonal else _dead(sheet, line, concept)
    if dead:
        yield dead
    if wide := _too_wide(sheet, line, concept, phrases):
        yield wide
    elif ambiguous := _ambiguous(sheet, line, concept):
        yield ambiguous
    if redundant := _redundant(sheet, line, concept):
        yield redundant
    if line.drafts and line.precision.few:
        yield Diagnosis(line.concept, Ailment.FEW, few_text(line.precision))


def few_text(share: Share) -> str:
    """Why no figure is given."""
    said = "aucun avis" if not share.of else "un seul avis" if share.of == 1 else f"{share.of} avis seulement"
    return f"{said} sur le sujet : il en faut au moins {FEW} pour en dire quelque chose."


def _dead(sheet: Balance, line: Line, concept: Concept) -> Diagnosis | None:
    edge = _months_ago(sheet.today, DEAD_MONTHS)
    if sheet.since is None or sheet.since > edge or (line.last_met and line.last_met > edge):
        return None
    since = line.last_met or sheet.since
    read = sum(f.day > since for f in sheet.facts.fates.values())
    if read < DEAD_READ:
        return None
    when = f"pas rencontré depuis le {_day(line.last_met)}" if line.last_met else "jamais rencontré"
    text = f"{when}, pour {read} contenus lus depuis."
    below = [c for c in sheet.taxonomy.concepts if concept.id in c.broader]
    if any(sheet.line(c.id).matches for c in below):
        return Diagnosis(line.concept, Ailment.DEAD, f"{text} Il range des concepts qui servent : à garder.")
    mend = _sound(sheet.taxonomy, (RetireConcept(concept.id),), "Le retirer du vocabulaire.")
    return Diagnosis(line.concept, Ailment.DEAD, text, mend)


def _too_wide(
    sheet: Balance, line: Line, concept: Concept, phrases: Mapping[str, Collection[Phrase]]
) -> Diagnosis | None:
    right = line.precision
    others = Share(sheet.overall.hits - right.hits, sheet.overall.of - right.of)
    if right.few or right.high >= WIDE or (not others.few and (right - others)[1] >= 0):
        return None
    text = (
        f"{right.of - right.hits} brouillons jugés sur {right.of} n’étaient pas pour la communauté : "
        f"précision {told_share(right)}."
    )
    marks = of_concept(sheet, concept, phrases)
    mends: list[Mend] = []
    if marks:
        words = tuple(m.form for m in marks)
        mends += _exclusion(sheet.taxonomy, concept, words, marks)
        if len(marks) > 1:
            mends += _exclusion(sheet.taxonomy, concept, words[:1], marks[:1])
    culprit, innocent = _culprit(sheet, line, concept)
    if culprit:
        text += f" « {culprit.label} » en est la cause ; ses autres libellés : {told_share(innocent)}."
        key = next(k for k, words in _lists(concept).items() if culprit.label in words)
        operation = RemoveLabels(concept.id, key, (culprit.label,))
        mends += _sound(sheet.taxonomy, (operation,), f"Retirer le libellé « {culprit.label} ».")
    mends += _lighter(sheet.taxonomy, concept, "pour qu’il compte moins")
    if right.high < WIDE / 2:
        mends += _sound(sheet.taxonomy, (RetireConcept(concept.id),), "Le retirer du vocabulaire.")
    return Diagnosis(line.concept, Ailment.TOO_WIDE, text, tuple(mends))


def _culprit(sheet: Balance, line: Line, concept: Concept) -> tuple[Line | None, Share]:
    """The label (not the name itself) without which the concept would not be too wide, and how the others do."""
    met = sheet.facts.met_label
    for label in sheet.labels.get(concept.id, ()):
        if label.label == concept.pref_label or label.precision.few or label.precision.high >= WIDE:
            continue
        rest = {a for (c, w), articles in met.items() if c == concept.id and w != label.label for a in articles}
        fates = [f for a in rest if (f := sheet.facts.fates[a]).drafted and f.right is not None]
        others = share_right(fates)
        if not others.few and (label.precision - others)[1] < 0:
            return label, others
    return None, Share(0, 0)


def _ambiguous(sheet: Balance, line: Line, concept: Concept) -> Diagnosis | None:
    alone, accompanied = line.alone, line.accompanied
    if alone.few or accompanied.few or (alone - accompanied)[1] >= 0 or alone.hits * 2 >= alone.of:
        return None
    text = (
        f"seul, {alone.of - alone.hits} fois sur {alone.of} écarté ; "
        f"accompagné d’un autre concept, {accompanied.hits} fois sur {accompanied.of} retenu."
    )
    return Diagnosis(
        line.concept, Ailment.AMBIGUOUS, text,
        _lighter(sheet.taxonomy, concept, "pour qu’il ne suffise plus seul et compte encore à plusieurs"),
    )  # fmt: skip


def _redundant(sheet: Balance, line: Line, concept: Concept) -> Diagnosis | None:
    here = sheet.facts.met[concept.id]
    if len(here) < TOGETHER:
        return None
    beside: dict[str, int] = {}
    for article in here:
        for other in sheet.facts.concepts[article]:
            beside[other] = beside.get(other, 0) + 1
    family = _lineage(sheet.taxonomy, concept.id)
    rivals = [(n, c) for c, n in beside.items() if c != concept.id and c not in family]
    if not rivals:
        return None
    together, other = max(rivals, key=lambda r: (r[0], -sheet.line(r[1]).matches, r[1]))
    share, theirs = Share(together, len(here)), sheet.line(other).matches
    # of two that always come together, the rarer is the redundant one
    if share.low < ALWAYS or (theirs, other) < (len(here), concept.id):
        return None
    partner = sheet.taxonomy.concept(other)
    text = f"{together} fois sur {len(here)} avec « {partner.pref_label} »"
    mends: tuple[Mend, ...] = ()
    if set(concept.dossiers) <= set(partner.dossiers):
        merge = (MergeConcepts(other, concept.id),)
        mends = _sound(sheet.taxonomy, merge, f"Le fusionner dans « {partner.pref_label} ».")
    else:
        text += ", mais pour un autre dossier : une fusion perdrait ce classement"
    mends += _lighter(sheet.taxonomy, concept, f"pour que « {partner.pref_label} » et lui ne comptent pas double")
    return Diagnosis(line.concept, Ailment.REDUNDANT, f"{text}.", mends, other)


def _seasonal(sheet: Balance, line: Line) -> Diagnosis | None:
    if line.matches < SEASON_MATCHES or sheet.since is None or sheet.since > _months_ago(sheet.today, 12):
        return None
    best: tuple[int, int] | None = None  # months, first
    for length in range(1, SEASON_MONTHS + 1):
        for first in range(12):
            if _stretch(line.months, first, length) >= SEASON_SHARE * line.matches:
                best = best or (length, first)
    if best is None:
        return None
    length, first = best
    inside, read = _stretch(line.months, first, length), _stretch(sheet.months, first, length)
    if likelihood(inside, line.matches, read, sheet.read) < 10.83:  # as much of everything was read then
        return None
    last = (first + length - 1) % 12
    names = MONTH_NAMES[first], MONTH_NAMES[last]
    of = "d’" if names[0][0] in "ao" else "de "
    when = f"en {names[0]}" if length == 1 else f"{of}{names[0]} à {names[1]}"
    once = "" if sheet.since <= _months_ago(sheet.today, 24) else " Une seule année est connue : à confirmer."
    text = f"{inside} de ses {line.matches} apparitions {when}. À garder hors saison.{once}"
    return Diagnosis(line.concept, Ailment.SEASONAL, text)


def told_share(share: Share) -> str:
    """« 12 %, entre 5 et 26 % », or why it is not told."""
    if share.value is None or share.few:
        return f"inconnue ({few_text(share)[:-1]})"
    return f"{share.value * 100:.0f} %, entre {share.low * 100:.0f} et {share.high * 100:.0f} %"


def _exclusion(taxonomy: Taxonomy, concept: Concept, words: Sequence[str], marks: Sequence[Marker]) -> tuple[Mend, ...]:
    spared, lost = {a for m in marks for a in m.spared}, {a for m in marks for a in m.lost}
    would = "seraient" if len(lost) > 1 else "serait"
    price = f"{len(lost)} des retenus le {would} aussi" if lost else "aucun des retenus n’est touché"
    quoted = ", ".join(f"« {w} »" for w in words)
    text = f"Exclure {quoted} : {_present(words)} dans {len(spared)} des écartés, {price}."
    return _sound(taxonomy, (AddLabels(concept.id, "excludeLabel", tuple(words)),), text)


def _present(words: Sequence[str]) -> str:
    return "présents" if len(words) > 1 else "présent"


def _lighter(taxonomy: Taxonomy, concept: Concept, why: str) -> tuple[Mend, ...]:
    weight = max(LIGHTEST, round(concept.weight / 2, 2))
    if weight >= concept.weight:
        return ()
    text = f"Ramener son poids de {number(concept.weight)} à {number(weight)}, {why}."
    return _sound(taxonomy, (SetWeight(concept.id, weight),), text)


def _sound(taxonomy: Taxonomy, operations: tuple[Operation, ...], text: str) -> tuple[Mend, ...]:
    """The mend, unless it would break the taxonomy: what is proposed can always be done."""
    try:
        apply(taxonomy, *operations)
    except EditError:
        return ()
    return (Mend(operations, text),)


def _lists(concept: Concept) -> dict[str, tuple[str, ...]]:
    return {"altLabel": concept.alt_labels, "hiddenLabel": concept.hidden_labels, "notation": concept.notations}


def _lineage(taxonomy: Taxonomy, concept: str) -> set[str]:
    """Ancestors and descendants: a narrower concept is met with its broader one by nature."""
    family: set[str] = set()
    parents = {c.id: set(c.broader) for c in taxonomy.concepts}
    front = set(parents.get(concept, ()))
    while front - family:
        family |= front
        front = {b for c in front for b in parents.get(c, ())}
    below = {concept}
    while more := {c for c, up in parents.items() if up & below} - below:
        below |= more
    return family | below - {concept}


def _stretch(months: Sequence[int], first: int, length: int) -> int:
    return sum(months[(first + i) % 12] for i in range(length))


def _months_ago(day: date, months: int) -> date:
    return day - timedelta(days=round(months * 30.44))


def _day(day: date | None) -> str:
    return f"{day.day}{'er' if day.day == 1 else ''} {MONTH_NAMES[day.month - 1]} {day.year}" if day else ""
