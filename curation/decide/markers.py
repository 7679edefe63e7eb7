"""Phrases that mark what people reject of a keyword and not what they take: what an exclusion may be made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from curation.decide.balance import Balance
from curation.decide.fates import Phrase
from curation.decide.proportions import likelihood
from taxonomy.concept_operations import AddLabels
from taxonomy.edit import EditError, Operation, apply
from taxonomy.french import contains, label_keys
from taxonomy.types import Concept, labels

#: Log-likelihood from which a phrase tells two piles apart: one chance in a hundred.
TELLING = 6.63
#: Rejected items that must hold it.
ENOUGH = 3
#: An exclusion loses at most this share of what it spares.
LOSS = 0.1


@dataclass(frozen=True, slots=True)
class Marker:
    """A phrase that would spare ``spared`` rejected items, at the price of ``lost`` accepted ones."""

    keys: tuple[str, ...]
    form: str
    spared: tuple[str, ...]  # articles, sorted
    lost: tuple[str, ...]
    telling: float  # log-likelihood


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A term that would spare a concept some of what is rejected; ``operations`` leave the taxonomy sound."""

    concept: str
    label: str  # of the concept
    marker: Marker
    operations: tuple[Operation, ...]


def exclusions(
    sheet: Balance, phrases: Mapping[str, Collection[Phrase]], refused: Collection[tuple[str, ...]] = ()
) -> list[Exclusion]:
    """The exclusions that would spare most rejected drafts, best first, over all concepts."""
    found = []
    for concept in sheet.taxonomy.concepts:
        for marker in of_concept(sheet, concept, phrases):
            if marker.keys in refused:
                continue
            operations = (AddLabels(concept.id, "excludeLabel", (marker.form,)),)
            try:
                apply(sheet.taxonomy, *operations)
            except EditError:
                continue
            found.append(Exclusion(concept.id, concept.pref_label, marker, operations))
    return sorted(found, key=lambda e: (len(e.marker.lost) - len(e.marker.spared), -e.marker.telling, e.concept))


def of_concept(sheet: Balance, concept: Concept, phrases: Mapping[str, Collection[Phrase]]) -> list[Marker]:
    """What marks the rejected drafts of one concept."""
    here, fates = sheet.facts.met[concept.id], sheet.facts.fates
    wrong = {a for a in here if fates[a].drafted and fates[a].right is False}
    if len(wrong) < ENOUGH:
        return []
    good = {a for a, fate in fates.items() if fate.right}
    own = [label_keys(w) for w in (*labels(concept), *concept.notations, *concept.exclude_labels)]
    return markers(phrases, wrong, here & good, good, own)


def markers(
    phrases: Mapping[str, Collection[Phrase]],
    rejected: Iterable[str],
    accepted: Iterable[str],
    favourable: Iterable[str],
    own: Sequence[tuple[str, ...]],
    limit: int = 5,
) -> list[Marker]:
    """The phrases most worth excluding, each sparing rejected items that those before it do not.

    ``phrases``: article -> its noun phrases; ``rejected`` and ``accepted``: articles where the concept was met;
    ``favourable``: everything the community took, with or without it (what is common there marks nothing);
    ``own``: keys of the concept's labels and exclusions (a phrase inside one of them would cancel it always).
    """
    wrong, kept, good = sorted(set(rejected)), set(accepted), set(favourable)
    where: dict[tuple[str, ...], set[str]] = {}
    forms: dict[tuple[str, ...], Counter[str]] = {}
    for article in wrong:
        for phrase in phrases.get(article, ()):
            where.setdefault(phrase.keys, set()).add(article)
            forms.setdefault(phrase.keys, Counter())[phrase.form] += 1
    places = {k: a for k, a in where.items() if len(a) >= ENOUGH and not any(contains(mine, k) for mine in own)}
    holds = _holders(phrases, kept | good, places)
    found = []
    for keys, spared in places.items():
        lost = holds.get(keys, set()) & kept
        if len(lost) > LOSS * len(spared):
            continue
        telling = likelihood(len(spared), len(wrong), len(holds.get(keys, set()) & good), len(good))
        if telling < TELLING and good:
            continue
        form = max(forms[keys].items(), key=lambda item: (item[1], item[0]))[0]
        found.append(Marker(keys, form, tuple(sorted(spared)), tuple(sorted(lost)), round(telling, 2)))
    return _complementary(found, own, limit)


def _holders(
    phrases: Mapping[str, Collection[Phrase]], articles: Iterable[str], wanted: Collection[tuple[str, ...]]
) -> dict[tuple[str, ...], set[str]]:
    holds: dict[tuple[str, ...], set[str]] = {}
    for article in articles:
        for phrase in phrases.get(article, ()):
            if phrase.keys in wanted:
                holds.setdefault(phrase.keys, set()).add(article)
    return holds


def _complementary(found: list[Marker], own: Sequence[tuple[str, ...]], limit: int) -> list[Marker]:
    """Best first; of what is left, always the one that spares most that is new.

    Of two equals, the one that holds a label of the concept (it cancels that sense there, not the whole item), then one
    of several words, then the shorter, which will meet more of what is to come.
    """

    def worth(m: Marker) -> tuple[float, bool, bool, int, float, str]:
        around = any(contains(m.keys, mine) for mine in own)
        return len(set(m.spared) - spared) - 2 * len(m.lost), around, len(m.keys) > 1, -len(m.keys), m.telling, m.form

    spared: set[str] = set()
    chosen: list[Marker] = []
    while found and len(chosen) < limit:
        best = max(found, key=worth)
        if len(set(best.spared) - spared) < ENOUGH:
            break
        chosen.append(best)
        spared |= set(best.spared)
        found.remove(best)
    return chosen
