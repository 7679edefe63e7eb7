"""What a rehearsed change would do to the queues, beside what people already said of these items.

A contribution is a story in the queue of the community that leads: copies and other accounts of it count once
(``rank.one_per_story``), as in the night. Precision and recall take every item a community spoke of, or every item of a
labelled file: right when selected and rightly so, whoever leads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curation.decide.fates import Fate
from curation.decide.proportions import Share
from curation.decide.rank import one_per_story
from curation.decide.rehearsal import Standings
from curation.types import DraftStatus, Duplicate

#: What became of an item in a community, in one word; « rejected » with its reason as ``rejected:off_topic``.
NOBODY, RESCUED, DISMISSED = "nobody", "rescued", "dismissed"
#: What became of items, as people read it, in the order told: (one, several).
FATES_FR = {
    "published": ("publiée", "publiées"),
    "kept": ("gardée", "gardées"),
    "shared": ("partagée", "partagées"),
    RESCUED: ("repêchée", "repêchées"),
    "rejected": ("écartée", "écartées"),
    DISMISSED: ("laissée de côté", "laissées de côté"),
    "folded": ("repliée", "repliées"),
}


@dataclass(frozen=True, slots=True)
class Moved:
    """One story in the queue of a community, before and after: None where it is not there."""

    article: str  # the one shown, after if there is one
    community: str
    before: float | None  # score
    after: float | None
    dossier_before: str | None
    dossier_after: str | None
    other: str | None  # the community that led it before (it enters) or would lead it (it leaves), if any
    fate: str  # see ``fate_word``


@dataclass(frozen=True, slots=True)
class Rates:
    """``precision``: of what is selected and judged, what was right; ``recall``: of what is right, what is selected."""

    precision: Share
    recall: Share


@dataclass(frozen=True, slots=True)
class CommunityEffect:
    """``before``, ``after``: stories in its queue. ``moved``: between dossiers. Rates: None when nothing was said."""

    id: str
    before: int
    after: int
    enters: tuple[Moved, ...]
    leaves: tuple[Moved, ...]
    moved: tuple[Moved, ...]
    verdicts: tuple[Rates, Rates] | None  # before, after
    labelled: tuple[Rates, Rates] | None = None

    @property
    def entering(self) -> Counter[str]:
        """Fate -> stories that enter: « +14 contributions, dont 9 que vous aviez écartées »."""
        return Counter(m.fate for m in self.enters)

    @property
    def leaving(self) -> Counter[str]:
        """Fate -> stories that leave: « 2 publiées seraient perdues »."""
        return Counter(m.fate for m in self.leaves)


def effects(
    ids: Sequence[str],
    before: Standings,
    after: Standings,
    *,
    places: Mapping[str, Duplicate],
    alone: frozenset[str],
    fates: Mapping[tuple[str, str], Fate],
) -> tuple[CommunityEffect, ...]:
    """By community, in the order of ``after``, those that go last. ``fates``: by (article, community)."""
    then, now = _queue(ids, before, places, alone), _queue(ids, after, places, alone)
    led_then, led_now = (dict(queue.keys()) for queue in (then, now))
    found = []
    for community in (*after.communities, *(c for c in before.communities if c not in after.communities)):
        old, new = ({s: row for (s, c), row in queue.items() if c == community} for queue in (then, now))
        filed = [s for s in old.keys() & new.keys() if _shelf(before, old[s]) != _shelf(after, new[s])]
        enters, leaves, moved = (
            _best(_move(s, community, ids, before, after, then, now, led_then, led_now, fates) for s in stories)
            for stories in (new.keys() - old.keys(), old.keys() - new.keys(), filed)
        )
        rates = verdict_rates(ids, before, after, community, fates)
        found.append(CommunityEffect(community, len(old), len(new), enters, leaves, moved, rates))
    return tuple(found)


def verdict_rates(
    ids: Sequence[str], before: Standings, after: Standings, community: str, fates: Mapping[tuple[str, str], Fate]
) -> tuple[Rates, Rates] | None:
    """Before and after, on what the community said of the subject of items; None when it said nothing."""
    right = {i: fate.right for (i, c), fate in fates.items() if c == community and fate.right is not None}
    rows = np.array([n for n, i in enumerate(ids) if i in right], np.intp)
    if not len(rows):
        return None
    truth = np.array([bool(right[ids[n]]) for n in rows.tolist()])
    return _rates(_selected(before, community)[rows], truth), _rates(_selected(after, community)[rows], truth)


def labelled_rates(
    before: Standings, after: Standings, right: Mapping[str, NDArray[np.bool_]]
) -> dict[str, tuple[Rates, Rates]]:
    """The same on labelled items. ``right``: community -> (n,), grade 2 or 3."""
    return {c: (_rates(_selected(before, c), truth), _rates(_selected(after, c), truth)) for c, truth in right.items()}


def fate_word(fate: Fate | None) -> str:
    """What became of an item, in one word: a status, « rejected:reason », rescued, dismissed, or nobody spoke."""
    if fate is None:
        return NOBODY
    if fate.status is DraftStatus.REJECTED:
        return f"rejected:{fate.reason}" if fate.reason else "rejected"
    if fate.status not in (None, DraftStatus.WAITING):
        return str(fate.status)
    if fate.right is None:
        return NOBODY
    return RESCUED if fate.right else DISMISSED


def told_fates(fates: Mapping[str, int]) -> list[str]:
    """« 9 écartées », « 2 publiées »: how many of each, reasons of rejections put together, in the order told."""
    told: Counter[str] = Counter()
    for word, n in fates.items():
        told[word.partition(":")[0]] += n
    return [f"{told[k]} {words[told[k] > 1]}" for k, words in FATES_FR.items() if told[k]]


def _queue(
    ids: Sequence[str], standings: Standings, places: Mapping[str, Duplicate], alone: frozenset[str]
) -> dict[tuple[str, str], int]:
    """(story, community) -> row of the article that stands for it."""
    led = np.flatnonzero(standings.lead >= 0).tolist()
    merit = {ids[i]: float(standings.scores[i].max()) for i in led}
    chosen = set(one_per_story(list(merit), places, alone, merit))
    return {
        (places[ids[i]].group if ids[i] in places and ids[i] not in alone else ids[i],
         standings.communities[standings.lead[i]]): i
        for i in led if ids[i] in chosen
    }  # fmt: skip


def _move(
    story: str,
    community: str,
    ids: Sequence[str],
    before: Standings,
    after: Standings,
    then: Mapping[tuple[str, str], int],
    now: Mapping[tuple[str, str], int],
    led_then: Mapping[str, str],
    led_now: Mapping[str, str],
    fates: Mapping[tuple[str, str], Fate],
) -> Moved:
    old, new = then.get((story, community)), now.get((story, community))
    spoken = [fates[ids[i], community] for i in (new, old) if i is not None and (ids[i], community) in fates]
    row = new if new is not None else old
    assert row is not None  # the story stands in one of the queues
    return Moved(
        ids[row],
        community,
        None if old is None else _score(before, old, community),
        None if new is None else _score(after, new, community),
        None if old is None else _shelf(before, old),
        None if new is None else _shelf(after, new),
        led_then.get(story) if old is None else led_now.get(story) if new is None else None,
        fate_word(spoken[0] if spoken else None),
    )


def _best(moves: Iterable[Moved]) -> tuple[Moved, ...]:
    return tuple(sorted(moves, key=lambda m: (-(m.after or m.before or 0.0), m.article)))


def _score(standings: Standings, row: int, community: str) -> float:
    return float(standings.scores[row, standings.communities.index(community)])


def _shelf(standings: Standings, row: int) -> str | None:
    placed = standings.dossiers[row]
    return placed[0] if placed else None


def _selected(standings: Standings, community: str) -> NDArray[np.bool_]:
    if community not in standings.communities:
        return np.zeros(len(standings.lead), bool)
    return standings.selected[:, standings.communities.index(community)]


def _rates(selected: NDArray[np.bool_], right: NDArray[np.bool_]) -> Rates:
    hits = int((selected & right).sum())
    return Rates(Share(hits, int(selected.sum())), Share(hits, int(right.sum())))
