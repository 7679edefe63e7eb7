"""What the coordinator could change, each proposal with the gain it would have had on what is already judged.

The balance sheet says what is certainly wrong with a keyword; most are met too seldom for that. Their weights can still
be tried: half and double, on every judged item, by the night's own functions. What is kept of each trial is the mean
average precision of the ranking (Manning, Raghavan and Schütze 2008, § 8.4): right items before the others. The best of
many trials flatters: on other items a part of it remains (``bench.workbench`` tells which). So a person decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from curation.decide.ailments import LIGHTEST, Ailment, Diagnosis
from curation.decide.balance import Balance
from curation.decide.markers import Exclusion
from curation.decide.terms import Candidate, Use
from taxonomy.concept_operations import SetWeight
from taxonomy.content import number
from taxonomy.edit import EditError, Operation, apply
from taxonomy.types import Taxonomy

#: Judged items in which a concept must have been met before another weight is tried.
LEAST = 3
#: The weights tried, as multiples; no weight leaves ``LIGHTEST``..``HEAVIEST``.
FACTORS, HEAVIEST = (0.5, 2.0), 2.0
#: A smaller gain in its community is not worth a coordinator's minute.
WORTH = 0.002
#: Draws of the bootstrap, and the share of them outside the interval told.
DRAWS, OUTSIDE = 400, 0.05

Scores = NDArray[np.float64]


class Sort(StrEnum):
    """Where a proposal comes from."""

    MEND = "mend"  # of a diagnosis
    WEIGHT = "weight"
    EXCLUSION = "exclusion"
    TERM = "term"


@dataclass(frozen=True, slots=True)
class Proposal:
    """Operations on the words of one community that leave them sound. ``about``: concept, or the keys of a term;
    of several proposals about the same, one is to be taken."""

    community: str
    sort: Sort
    about: str
    text: str  # French
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Gain:
    """Mean average precision on ``judged`` items of the community, ``right`` of them right, before and after.

    ``low``, ``high``: bootstrap interval of the difference. ``everywhere``: the difference of the mean over all
    communities with a verdict (a word of one moves the others: whoever leads is compared).
    """

    before: float
    after: float
    low: float
    high: float
    judged: int
    right: int
    everywhere: float

    @property
    def value(self) -> float:
        """After less before."""
        return self.after - self.before

    @property
    def sure(self) -> bool:
        """True when the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Advice:
    """A proposal and what it would have changed."""

    proposal: Proposal
    gain: Gain


@dataclass(frozen=True, slots=True)
class Advised:
    """``advice``: best first, with intervals. ``tried``: proposals in all; ``before``: mean average precision of what
    is judged there, as ranked today; ``judged`` items, ``right`` of them right."""

    community: str
    advice: tuple[Advice, ...]
    tried: int
    before: float
    judged: int
    right: int


def proposals(
    sheet: Balance, diagnoses: Iterable[Diagnosis], exclusions: Iterable[Exclusion], terms: Iterable[Candidate]
) -> list[Proposal]:
    """Everything that may be tried in one community, each change once: the diagnosis that says why comes first.

    Dead concepts are left out: what is never met ranks nothing.
    """
    community = sheet.taxonomy.id
    found = [
        Proposal(community, Sort.MEND, d.concept, _named(sheet.taxonomy, d.concept, m.text), m.operations)
        for d in diagnoses
        if d.ailment is not Ailment.DEAD
        for m in d.mends
    ]
    found += [
        Proposal(
            community, Sort.EXCLUSION, e.concept, f"« {e.label} » : exclure « {e.marker.form} ».", e.operations
        )
        for e in exclusions
    ]  # fmt: skip
    found += weights(sheet)
    for term in terms:
        about = " ".join(term.keys)
        text = f"Ajouter le mot-clé « {term.label} »."
        found.append(Proposal(community, Sort.TERM, about, text, term.accepted()))
        if term.near:
            text = f"Ajouter « {term.label} » aux libellés de « {term.near.label} »."
            operations = term.accepted(Use.LABEL, term.near.concept)
            found.append(Proposal(community, Sort.TERM, about, text, operations))
    once: dict[tuple[Operation, ...], Proposal] = {}
    for proposal in found:
        once.setdefault(proposal.operations, proposal)
    return list(once.values())


def weights(sheet: Balance) -> list[Proposal]:
    """Half and double the weight of each concept met in ``LEAST`` judged items."""
    fates, taxonomy = sheet.facts.fates, sheet.taxonomy
    found = []
    for concept in taxonomy.concepts:
        if sum(fates[a].right is not None for a in sheet.facts.met[concept.id]) < LEAST:
            continue
        for factor in FACTORS:
            weight = min(HEAVIEST, max(LIGHTEST, round(concept.weight * factor, 2)))
            if weight != concept.weight:
                verb = "Ramener" if weight < concept.weight else "Porter"
                text = f"{verb} son poids de {number(concept.weight)} à {number(weight)}."
                text = _named(taxonomy, concept.id, text)
                found.append(
                    Proposal(taxonomy.id, Sort.WEIGHT, concept.id, text, (SetWeight(concept.id, weight),))
                )  # fmt: skip
    return found


def average_precision(scores: Scores, right: NDArray[np.bool_], counts: NDArray[np.intp] | None = None) -> Scores:
    """Area under precision-recall without interpolation, equal scores taken together: (n,), (n,) -> (1,).

    ``counts``: (b, n), how often each item counts in each of b resamples -> (b,). NaN where nothing is right. The
    figure of ``models.metrics``, which takes no resamples at once and may not be asked from here.
    """
    order = np.argsort(-scores, kind="stable")
    times = np.ones((1, len(scores))) if counts is None else counts[:, order].astype(np.float64)
    ends = np.append(scores[order][1:] != scores[order][:-1], True)
    hits = np.cumsum(times * right[order], axis=1)[:, ends]
    seen = np.cumsum(times, axis=1)[:, ends]
    gained = np.diff(hits, axis=1, prepend=0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(seen > 0, hits / np.maximum(seen, 1e-9), 0.0)
        return np.asarray((gained * precision).sum(axis=1) / hits[:, -1])


def mean_average_precision(scores: Scores, right: Scores) -> float:
    """Mean over the communities where something judged is right. ``right``: (n, c), 1, 0 or NaN where nobody said.

    NaN when there is none.
    """
    each = [float(average_precision(s, r)[0]) for s, r in _judged(scores, right) if r.any()]
    return float(np.mean(each)) if each else float("nan")


def gain(before: Scores, after: Scores, right: Scores, community: int, draws: int = DRAWS) -> Gain:
    """What moving from one ranking to the other is worth; all (n, c), ``right`` as in ``mean_average_precision``.

    ``draws``: resamples of the judged items for the interval (percentiles; a fixed seed: the same figures every time);
    0: none, and the interval is NaN.
    """
    everywhere = mean_average_precision(after, right) - mean_average_precision(before, right)
    known = np.isfinite(right[:, community])
    truth = right[known, community] > 0
    old, new = before[known, community], after[known, community]
    nan = float("nan")
    if not truth.any():
        return Gain(nan, nan, nan, nan, len(truth), 0, everywhere)
    low = high = nan
    if draws:
        picked = np.random.default_rng(0).multinomial(len(truth), np.full(len(truth), 1 / len(truth)), size=draws)
        moved = average_precision(new, truth, picked) - average_precision(old, truth, picked)
        low, high = (float(q) for q in np.nanquantile(moved, [OUTSIDE / 2, 1 - OUTSIDE / 2]))
    a, b = float(average_precision(old, truth)[0]), float(average_precision(new, truth)[0])
    return Gain(a, b, low, high, len(truth), int(truth.sum()), everywhere)


def best(
    found: Sequence[Advice],
    count: int,
    sorts: Collection[Sort] = tuple(Sort),
    *,
    own: bool = False,
    least: float = 0.0,
) -> list[Advice]:
    """Those that gain most over all communities, one about each keyword; none that gains ``least`` or less.

    ``own``: those that gain most in their own community, and nothing lost over all.
    """

    def worth(advice: Advice) -> float:
        return advice.gain.value if own else advice.gain.everywhere

    chosen: dict[tuple[str, str], Advice] = {}
    for advice in sorted(found, key=lambda a: (-worth(a), a.proposal.community, a.proposal.text)):
        about = advice.proposal.community, advice.proposal.about
        fine = worth(advice) > least and (not own or advice.gain.everywhere >= 0)
        if fine and advice.proposal.sort in sorts and len(chosen) < count:
            chosen.setdefault(about, advice)
    return list(chosen.values())


def accepted(taxonomy: Taxonomy, chosen: Iterable[Proposal]) -> Taxonomy:
    """The words with all these taken, in turn; one that no longer fits (another took its place) is passed over."""
    for proposal in chosen:
        if proposal.community == taxonomy.id:
            try:
                taxonomy = apply(taxonomy, *proposal.operations)
            except EditError:
                continue
    return taxonomy


def verdicts(ids: Sequence[str], communities: Sequence[str], right: Mapping[tuple[str, str], bool]) -> Scores:
    """(n, c): 1, 0, or NaN where nobody said. ``right``: (item, community) -> the last word on its subject."""
    known = {True: 1.0, False: 0.0, None: float("nan")}
    return np.array([[known[right.get((i, c))] for c in communities] for i in ids]).reshape(-1, len(communities))


def told_gain(value: float) -> str:
    """« +0,012 »."""
    return f"{value:+.3f}".replace(".", ",").replace("-", "−")


def told_precision(value: float) -> str:
    """« 0,812 »."""
    return f"{value:.3f}".replace(".", ",")


def _judged(scores: Scores, right: Scores) -> Iterable[tuple[Scores, NDArray[np.bool_]]]:
    for k in range(right.shape[1]):
        known = np.isfinite(right[:, k])
        yield scores[known, k], right[known, k] > 0


def _named(taxonomy: Taxonomy, concept: str, text: str) -> str:
    """« station » : exclure « station de lavage » … On the balance sheet a mend stands under its keyword."""
    return f"« {taxonomy.concept(concept).pref_label} » : {text[:1].lower()}{text[1:]}"
