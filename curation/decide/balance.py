"""The balance sheet of a taxonomy: what each keyword brought, and what people made of it.

Pure sums over what was met (``Encounter``) and what became of it (``Fate``). What the figures call for, and the mends
proposed, stand in ``curation.decide.ailments``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from curation.decide.fates import Encounter, Fate
from curation.decide.proportions import Share
from curation.types import DraftStatus
from taxonomy.types import Taxonomy, labels

#: Days that count as « lately ».
LATELY = 92


@dataclass(frozen=True, slots=True)
class Trend:
    """A share lately and before. ``direction``: 1 rises, -1 falls, 0 when the interval of the difference holds 0."""

    recent: Share
    before: Share

    @property
    def difference(self) -> tuple[float, float]:
        """Interval of recent minus before."""
        return self.recent - self.before

    @property
    def direction(self) -> int:
        """What may be said of it; 0 while either side is too small."""
        low, high = self.difference
        if self.recent.few or self.before.few:
            return 0
        return 1 if low > 0 else -1 if high < 0 else 0


@dataclass(frozen=True, slots=True)
class Line:
    """One concept (``label`` ""), or one of its labels, over every item read.

    ``precision``: right among the drafts with a verdict on the subject; ``trend``: the same lately and before;
    ``traffic``: matches among the items read, lately and before; ``months``: matches by calendar month, January first.
    ``alone`` and ``accompanied``: precision where no other concept of the community was met, and where one was.
    """

    concept: str
    label: str
    matches: int
    drafts: int
    published: int
    shared: int
    kept: int
    filed: int
    waiting: int
    missed: int  # rescued or added by hand: met, and yet not enough
    rejected: Mapping[str, int]  # ``Rejection`` -> drafts
    precision: Share
    trend: Trend
    traffic: Trend
    last_met: date | None
    months: tuple[int, ...]
    alone: Share
    accompanied: Share


@dataclass(frozen=True, slots=True)
class Balance:
    """Everything a diagnosis asks. ``read``: items; ``since``: arrival of the oldest; ``overall``: precision of all."""

    taxonomy: Taxonomy
    today: date
    read: int
    since: date | None
    overall: Share
    lines: tuple[Line, ...]  # of concepts, in the order of the taxonomy
    labels: Mapping[str, tuple[Line, ...]]  # concept -> its labels that were met, most frequent first
    unmet: Mapping[str, tuple[str, ...]]  # concept -> its labels never met
    months: tuple[int, ...]  # items read by calendar month
    facts: Facts = field(repr=False)

    def line(self, concept: str) -> Line:
        """The line of a concept. Raises ``KeyError``."""
        return self.facts.by_concept[concept]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the sums were made of, for whoever looks closer."""

    fates: Mapping[str, Fate]
    met: Mapping[str, frozenset[str]]  # concept -> articles
    met_label: Mapping[tuple[str, str], frozenset[str]]
    concepts: Mapping[str, frozenset[str]]  # article -> concepts met
    by_concept: Mapping[str, Line]


def balance(taxonomy: Taxonomy, fates: Iterable[Fate], encounters: Iterable[Encounter], today: date) -> Balance:
    """The sheet of one community. ``fates``: every item read; encounters of concepts that are gone are left out."""
    known = {c.id: {*labels(c), *c.notations} for c in taxonomy.concepts}
    of = {f.article: f for f in fates}
    met: dict[str, set[str]] = {c: set() for c in known}
    met_label: dict[tuple[str, str], set[str]] = {}
    concepts: dict[str, set[str]] = {}
    for e in encounters:
        if e.concept in known and e.article in of:
            met[e.concept].add(e.article)
            concepts.setdefault(e.article, set()).add(e.concept)
            if e.label in known[e.concept]:
                met_label.setdefault((e.concept, e.label), set()).add(e.article)
    base = _Base(of, concepts, today)
    lines = tuple(base.line(c.id, "", met[c.id]) for c in taxonomy.concepts)
    of_labels: dict[str, list[Line]] = {}
    for (concept, label), articles in met_label.items():
        of_labels.setdefault(concept, []).append(base.line(concept, label, articles))
    judged = [f for f in of.values() if f.drafted and f.right is not None]
    return Balance(
        taxonomy,
        today,
        len(of),
        min((f.day for f in of.values()), default=None),
        Share(sum(bool(f.right) for f in judged), len(judged)),
        lines,
        {c: tuple(sorted(ls, key=lambda x: (-x.matches, x.label))) for c, ls in of_labels.items()},
        {
            c.id: tuple(w for w in dict.fromkeys((*labels(c), *c.notations)) if (c.id, w) not in met_label)
            for c in taxonomy.concepts
        },
        _months(of.values()),
        Facts(
            of,
            {c: frozenset(a) for c, a in met.items()},
            {k: frozenset(a) for k, a in met_label.items()},
            {a: frozenset(c) for a, c in concepts.items()},
            {line.concept: line for line in lines},
        ),
    )


class _Base:
    """What every line is compared with."""

    def __init__(self, of: Mapping[str, Fate], concepts: Mapping[str, set[str]], today: date) -> None:
        self._of, self._concepts = of, concepts
        self._edge = today - timedelta(days=LATELY)
        self._lately = sum(f.day > self._edge for f in of.values())

    def line(self, concept: str, label: str, articles: Iterable[str]) -> Line:
        fates = [self._of[a] for a in articles]
        drafts = [f for f in fates if f.drafted]
        judged = [f for f in drafts if f.right is not None]
        recent = [f for f in judged if f.day > self._edge]
        alone = [f for f in judged if len(self._concepts[f.article]) == 1]
        status = Counter(f.status for f in drafts)
        lately = sum(f.day > self._edge for f in fates)
        whole = share_right(judged)
        lone, late = share_right(alone), share_right(recent)
        return Line(
            concept=concept,
            label=label,
            matches=len(fates),
            drafts=len(drafts),
            published=status[DraftStatus.PUBLISHED],
            shared=status[DraftStatus.SHARED],
            kept=status[DraftStatus.KEPT],
            filed=sum(f.filed for f in drafts),
            waiting=status[DraftStatus.WAITING],
            missed=sum(f.brought for f in fates),
            rejected=dict(sorted(Counter(f.reason for f in drafts if f.status is DraftStatus.REJECTED).items())),
            precision=whole,
            trend=Trend(late, Share(whole.hits - late.hits, whole.of - late.of)),
            traffic=Trend(
                Share(lately, self._lately), Share(len(fates) - lately, len(self._of) - self._lately)
            ),
            last_met=max((f.day for f in fates), default=None),
            months=_months(fates),
            alone=lone,
            accompanied=Share(whole.hits - lone.hits, whole.of - lone.of),
        )  # fmt: skip


def share_right(judged: Sequence[Fate]) -> Share:
    """How many of these verdicts are favourable."""
    return Share(sum(bool(f.right) for f in judged), len(judged))


def _months(fates: Iterable[Fate]) -> tuple[int, ...]:
    count = Counter(f.day.month for f in fates)
    return tuple(count[m] for m in range(1, 13))
