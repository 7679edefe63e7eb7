"""Two items: the same text, two accounts of one event, or neither; and why, in words.

The witnesses for: words of the titles, rare words, names, numbers, proximity of the vectors. The witnesses against:
names on both sides that the other does not know, another rank in a series (first and second round, day 931 and 932),
another day in the title. A strong witness against is a veto, whatever speaks for.

The weights are those of a logistic form, fitted with regularisation on pairs of press items read by eye, then
rounded by hand: each says one thing that can be explained to a reviewer. What two items are to each other depends on
these two and on the table of the language, on nothing else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from curation.decide.fingerprints import Fingerprint
from curation.decide.rarity import Rarity
from curation.decide.shingles import resemblance
from curation.decide.witnesses import Mark, key_of

#: Marks of identity that only count between titles of one mould: two accounts may name two hours or two years.
_WEAK = frozenset({"h", "year"})

# plain numbers: an IntFlag costs a microsecond each time it is asked, and it is asked for each word
_TITLE, _LOWER = int(Mark.TITLE), int(Mark.LOWER)

Vector = npt.NDArray[np.float32]


class Relation(StrEnum):
    NONE = "none"
    STORY = "story"  # another account of the same event
    COPY = "copy"  # the same text or information republished


@dataclass(frozen=True, slots=True)
class DedupeParams:
    """Every number of the judgement. Days are days between two publications."""

    story_threshold: float = 0.5  # probability from which two accounts are of one event
    story_floor: float = 0.35  # no two members of a group may be less alike than this
    story_days: int = 3
    copy_days: int = 45  # near copies; exact ones have no limit when they have a text
    copy_jaccard: float = 0.5
    copy_containment: float = 0.75
    copy_shared: int = 12  # shingles; fewer prove nothing
    copy_title: float = 0.88  # weighted likeness of two titles that are one
    copy_undated: float = 0.97  # the same, where one of the two has no date: « Suivre … », « Suivre et atteindre … »
    meeting: float = 8.0  # weight of the rare words under which two items must meet to be compared
    least: float = 8.0  # weight of the shared words (one rare, two common) under which likeness proves nothing
    undated: float = 0.6  # likeness of the titles under which nothing without a date is the same story
    # The logistic form.
    bias: float = -3.2
    title: float = 4.1  # likeness of the titles (Dice, by rarity), 0..1
    across: float = 1.0  # words of each title found anywhere in the other item, 0..1
    whole: float = 0.4  # shared words over the shorter item, by rarity, 0..1
    rare: float = 1.9  # the six rarest shared words, about 0..1.3
    names: float = 0.8  # shared names, one of them in a title, 0..1.5
    vector: float = 9.0  # cosine above ``vector_centre``
    vector_centre: float = 0.88  # cosine of the adapted encoder between items of one subject; plain e5: 0.94
    blind: float = -0.7  # instead of it, where one of the two has no vector
    strangers: float = -1.7  # share of the names of each title that the other item ignores, 0..1
    gap: float = -1.2  # per day between the two
    same_origin: float = -1.8  # one source seldom tells one event twice under two addresses
    figures: float = -0.7  # numbers in both titles, none shared


@dataclass(frozen=True, slots=True)
class Verdict:
    """What two items are to each other. ``score``: 0..1; ``veto``: never in one group; ``why``: French, for people."""

    relation: Relation
    score: float
    veto: bool = False
    exact: bool = False
    why: tuple[str, ...] = ()


class Account:
    """An item ready for comparison: its fingerprint, its vector, its words weighed."""

    __slots__ = (
        "all_weight",
        "fp",
        "names",
        "ranks",
        "strangers",
        "surfaces",
        "title",
        "title_weight",
        "vector",
        "weights",
    )

    def __init__(self, fp: Fingerprint, vector: Vector | None, rarity: Rarity) -> None:
        self.fp = fp
        self.vector = vector
        self.surfaces: dict[str, str] = {}
        self.weights: dict[str, float] = {}
        self.title: set[str] = set()
        self.names: set[str] = set()
        self.strangers: set[str] = set()
        for surface, mark in zip(fp.surfaces, fp.marks, strict=True):
            key = key_of(surface)
            self.surfaces[key] = surface
            self.weights[key] = rarity.weight(key)
            if mark & _TITLE:
                self.title.add(key)
            if not mark & _LOWER and rarity.is_name(key, mark):
                self.names.add(key)
                if mark & _TITLE:
                    self.strangers.add(key)
            elif mark & _TITLE and rarity.is_distinctive(key, mark):
                self.strangers.add(key)
        self.ranks: dict[str, set[str]] = {}
        for identity in fp.identities:
            kind, _, rank = identity.partition(":")
            self.ranks.setdefault(kind, set()).add(rank)
        self.title_weight = math.fsum(self.weights[key] for key in self.title)
        self.all_weight = math.fsum(self.weights.values())

    def weigh(self, keys: set[str]) -> float:
        return math.fsum(self.weights[key] for key in keys)  # exact: sets have no order


def as_vector(row: npt.ArrayLike | None) -> Vector | None:
    """A vector fit for comparison; None for none, for zeros and for what is not finite."""
    if row is None:
        return None
    vector = np.asarray(row, np.float32)
    return vector if np.isfinite(vector).all() and vector.any() else None


def compare(a: Account, b: Account, params: DedupeParams) -> Verdict:
    """What ``a`` and ``b`` are to each other; symmetric."""
    if (b.fp.id, b.fp.digest) < (a.fp.id, a.fp.digest):
        a, b = b, a  # so that not even rounding depends on the order
    gap = abs(a.fp.day - b.fp.day) if a.fp.day is not None and b.fp.day is not None else None
    shared = a.weights.keys() & b.weights.keys()
    shared_title = a.title & b.title
    titles = _share(2 * a.weigh(shared_title), a.title_weight + b.title_weight)
    ignored = _ignored(a, b)
    against = _against(a, b, ignored, titles)
    same_address = bool(a.fp.canonical) and a.fp.canonical == b.fp.canonical
    same_content = a.fp.digest == b.fp.digest
    if same_content and _substantial(a, gap):
        return Verdict(Relation.COPY, 1.0, exact=True, why=("même texte",))
    if same_address and not against and (titles >= 0.35 or gap is None or gap <= 1):  # else a page that is reused
        return Verdict(Relation.COPY, 1.0, exact=True, why=("même adresse",))
    if against:
        return Verdict(Relation.NONE, 0.0, veto=True, why=(against,))
    if _column(a, b, gap):
        return Verdict(Relation.NONE, 0.0, veto=True, why=("rubrique qui revient",))
    copy = _copy(a, b, params, titles, gap, shared)
    if copy:
        return copy
    return _story(a, b, params, titles, ignored, gap, shared)


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 1e-9 else 0.0


def _ignored(a: Account, b: Account) -> float:
    """The smaller of the two shares of title names that the other item does not know."""
    shares = []
    for one, other in ((a, b), (b, a)):
        missing = {key for key in one.strangers if not _known(key, other)}
        shares.append(_share(one.weigh(missing), one.weigh(one.strangers)))
    return min(shares)


def _known(key: str, other: Account) -> bool:
    """Whether ``other`` holds the name, be it in another spelling (« Netanyahou », « Azerbaïdjan »)."""
    if key in other.weights:
        return True
    return len(key) >= 8 and "-" not in key and any(_one_spelling(key, name) for name in other.names)


@lru_cache(maxsize=50_000)
def _one_spelling(a: str, b: str) -> bool:
    """Two long names of which one letter differs, or only the ends."""
    if len(b) < 8 or "-" in b or a[:3] != b[:3]:
        return False
    longest = max(len(a), len(b))
    if a[: (cut := math.ceil(0.8 * longest))] == b[:cut]:
        return True
    if longest < 9 or abs(len(a) - len(b)) > 1:
        return False
    same = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return a[same + (len(a) >= len(b)) :] == b[same + (len(b) >= len(a)) :]


def _against(a: Account, b: Account, ignored: float, titles: float) -> str:
    """The witness that makes one event impossible, in French; "" when there is none."""
    only_a = {key for key in a.strangers if not _known(key, b)}
    only_b = {key for key in b.strangers if not _known(key, a)}
    if ignored >= 0.999 or (only_a and only_b and _one_mould(a, b)):
        names = (min(only, key=lambda k: (-x.weights[k], k)) for x, only in ((a, only_a), (b, only_b)))
        return "noms différents : " + ", ".join(x.surfaces[name] for x, name in zip((a, b), names, strict=True))
    for kind in sorted(a.ranks.keys() & b.ranks.keys()):
        if not a.ranks[kind] & b.ranks[kind] and (kind not in _WEAK or titles > 0.6):
            return "année différente" if kind == "year" else "rang différent dans une série"
    if a.fp.title_days and b.fp.title_days and not a.fp.title_days & b.fp.title_days:
        return "dates différentes dans les titres"
    return ""


def _column(a: Account, b: Account, gap: int | None) -> bool:
    """Whether a source used a short title again another day (« Les essentiels »): a column, not an event."""
    return (
        gap != 0
        and a.fp.title_digest == b.fp.title_digest
        and a.fp.origin == b.fp.origin
        and len(a.title) <= 4
        and min(a.fp.text_words, b.fp.text_words) < 8
    )


def _one_mould(a: Account, b: Account) -> bool:
    """Whether the titles are the same but for their names: « Budget voté à Troyes (Aube) », « à Romilly (Aube) »."""
    rest_a, rest_b = a.title - a.strangers, b.title - b.strangers
    shared = len(rest_a & rest_b)
    # By number of words, not by rarity: the words of a mould are precisely those that a batch makes common.
    return shared >= 2 and 2 * shared >= 0.75 * (len(rest_a) + len(rest_b))


def _substantial(a: Account, gap: int | None) -> bool:
    """Whether an equal content proves an equal item: a few words in a title alone may come back every month."""
    return a.fp.text_words >= 8 or (len(a.title) >= 4 and (gap is None or gap <= 31))


def _copy(
    a: Account, b: Account, params: DedupeParams, titles: float, gap: int | None, shared: set[str]
) -> Verdict | None:
    if gap is not None and gap > params.copy_days:
        return None
    same_origin = a.fp.origin == b.fp.origin
    either = a.fp.title_numbers and b.fp.title_numbers if not same_origin else True
    if either and titles > 0.5 and a.fp.title_numbers != b.fp.title_numbers:
        return None  # one mould, other figures
    jaccard, containment, common = resemblance(a.fp.shingles, b.fp.shingles)
    if (
        common >= params.copy_shared
        and (jaccard >= params.copy_jaccard or (containment >= params.copy_containment and titles >= 0.3))
        and min(a.fp.text_words, b.fp.text_words) >= params.copy_shared
        and (not same_origin or titles >= params.copy_title)  # a standing lead under other titles is no copy
    ):
        if _exclusive(a, b):
            return Verdict(Relation.NONE, 0.0, veto=True, why=("même modèle de texte, noms différents",))
        score = max(jaccard, containment)
        return Verdict(Relation.COPY, round(score, 4), why=(f"{round(100 * score)} % du texte en commun",))
    bare = not a.fp.text_words or not b.fp.text_words
    whole = _share(a.weigh(shared), min(a.all_weight, b.all_weight))
    if (
        titles >= (params.copy_title if gap is not None else params.copy_undated)
        and not _exclusive(a, b)
        and (gap is None or gap <= params.story_days)
        and min(len(a.title), len(b.title)) >= 3
        and (bare or whole >= 0.5)
    ):
        return Verdict(Relation.COPY, round(titles, 4), why=("titres presque identiques",))
    return None


def _exclusive(a: Account, b: Account) -> bool:
    """Two texts of one mould: names on both sides that the other lacks, weighty, and no name shared outside them."""
    only_a, only_b = a.names - b.weights.keys(), b.names - a.weights.keys()
    if not only_a or not only_b:
        return False
    return min(_share(a.weigh(only_a), a.weigh(a.names)), _share(b.weigh(only_b), b.weigh(b.names))) >= 0.4


def _story(
    a: Account, b: Account, params: DedupeParams, titles: float, ignored: float, gap: int | None, shared: set[str]
) -> Verdict:
    same_origin = a.fp.origin == b.fp.origin
    if gap is None and (same_origin or titles < params.undated):
        return Verdict(Relation.NONE, 0.0)  # a catalogue has no events
    if gap is not None and gap > params.story_days:
        return Verdict(Relation.NONE, 0.0)
    if a.weigh(shared) < params.least:
        return Verdict(Relation.NONE, 0.0)  # « Agenda » and « Agenda »
    across = _share(a.weigh(a.title & shared) + b.weigh(b.title & shared), a.title_weight + b.title_weight)
    whole = _share(a.weigh(shared), min(a.all_weight, b.all_weight))
    if same_origin:  # its leads are often one standing text: only the titles speak
        across, whole = titles, min(whole, titles)
        shared = shared & (a.title | b.title)
    rarest = sorted((a.weights[key] for key in shared), reverse=True)[:6]
    names = {key for key in shared if key in a.names and key in b.names}
    named = a.weigh({key for key in names if key in a.title or key in b.title})
    z = (
        params.bias
        + params.title * titles
        + params.across * across
        + params.whole * whole
        + params.rare * sum(rarest) / 40
        + params.names * min(named / 20, 1.5)
        + params.strangers * ignored
        + params.gap * (2 if gap is None else gap)
        + params.same_origin * same_origin
    )
    if a.vector is not None and b.vector is not None:
        z += params.vector * (float(a.vector @ b.vector) - params.vector_centre)
    else:
        z += params.blind
    if a.fp.title_numbers and b.fp.title_numbers and not a.fp.title_numbers & b.fp.title_numbers:
        z += params.figures
    score = round(1 / (1 + math.exp(-max(-30.0, min(30.0, z)))), 4)
    if score < params.story_threshold:
        return Verdict(Relation.NONE, score)
    return Verdict(Relation.STORY, score, why=_reasons(a, b, names, shared))


def _reasons(a: Account, b: Account, names: set[str], shared: set[str]) -> tuple[str, ...]:
    def best(keys: set[str]) -> str:
        chosen = sorted(keys, key=lambda key: (-a.weights[key], key))[:3]
        return ", ".join(a.surfaces[key] for key in chosen)

    reasons = []
    if names:
        reasons.append(f"mêmes noms : {best(names)}")
    if shared - names:
        reasons.append(f"mêmes mots rares : {best(shared - names)}")
    figures = sorted(a.fp.numbers & b.fp.numbers)
    if figures:
        reasons.append(f"mêmes nombres : {', '.join(figures[:3]).replace('.', ',')}")
    if a.fp.day is not None and a.fp.day == b.fp.day:
        reasons.append("le même jour")
    return tuple(reasons)
