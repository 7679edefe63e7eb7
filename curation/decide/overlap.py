"""Where communities meet: labels they share, items both select, who led, who refused; and who should keep a label.

« Complémentarité sans concurrence »: of two communities that share a label, the one that takes more of what it brings
keeps it, when the verdicts tell; else the one that leads it nearly always; else people settle it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from curation.decide.fates import Encounter
from curation.decide.proportions import Share
from taxonomy.concept_operations import AddConcept, AddLabels, RemoveLabels, RenameConcept, RetireConcept
from taxonomy.edit import EditError, Operation, apply, find, refused
from taxonomy.french import label_keys
from taxonomy.types import Concept, Taxonomy, labels

#: Labels named as the cause of what two communities share.
CAUSES = 12
#: Items shown.
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Told:
    """One item, as every community has it. ``right``: community -> last word on the subject."""

    article: str
    selected: frozenset[str]
    lead: str | None
    right: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: what it made of the items both selected."""

    community: str
    led: int
    verdicts: Share  # favourable among its verdicts on them
    refused: int  # of these verdicts, the unfavourable ones
    alone: int  # items selected here and not there


@dataclass(frozen=True, slots=True)
class Cause:
    """A label met, on one side or on both, in items that both selected."""

    keys: tuple[str, ...]
    label: str
    concepts: Mapping[str, str]  # community -> concept that bears it
    items: int
    led: Mapping[str, int]  # community -> items it led
    verdicts: Mapping[str, Share]

    @property
    def shared(self) -> bool:
        """True when both taxonomies bear it."""
        return len(self.concepts) > 1


@dataclass(frozen=True, slots=True)
class Yield:
    """A shared label that one of the two should give up. ``operations``: on the taxonomy of ``gives``."""

    keys: tuple[str, ...]
    label: str
    keeps: str  # community; "" when people must settle it
    gives: str
    why: str  # in French
    operations: tuple[Operation, ...] = ()


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two communities. ``labels``: shared ones, (label, concept here, concept there); ``items``: both selected."""

    here: Side
    there: Side
    labels: tuple[tuple[str, str, str], ...]
    items: int
    articles: tuple[str, ...]
    causes: tuple[Cause, ...]
    yields: tuple[Yield, ...]
    neighbours: bool  # either declares the other


def overlaps(
    taxonomies: Sequence[Taxonomy], items: Iterable[Told], encounters: Mapping[str, Iterable[Encounter]]
) -> list[Overlap]:
    """Every pair that shares a label or an item, those that share most items first. ``encounters``: by community."""
    told = list(items)
    where = {t.id: _labels(t) for t in taxonomies}
    seen: dict[str, dict[str, set[tuple[str, ...]]]] = {}
    for t in taxonomies:
        met: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        for s in encounters.get(t.id, ()):
            met[s.article].add(label_keys(s.label))
        seen[t.id] = met
    found = [_pair(a, b, told, where, seen) for a, b in combinations(taxonomies, 2)]
    return sorted((f for f in found if f.items or f.labels), key=lambda o: (-o.items, -len(o.labels), o.here.community))


def _pair(
    a: Taxonomy,
    b: Taxonomy,
    told: Sequence[Told],
    where: Mapping[str, Mapping[tuple[str, ...], tuple[str, Concept]]],
    seen: Mapping[str, Mapping[str, Collection[tuple[str, ...]]]],
) -> Overlap:
    both = [t for t in told if a.id in t.selected and b.id in t.selected]
    shared = sorted(set(where[a.id]) & set(where[b.id]))
    causes = _causes(a.id, b.id, both, where, seen)
    yields = [_settled(a, b, keys, told, where, seen) for keys in shared]
    return Overlap(
        _side(a.id, b.id, both, told),
        _side(b.id, a.id, both, told),
        tuple((where[a.id][k][0], where[a.id][k][1].id, where[b.id][k][1].id) for k in shared),
        len(both),
        tuple(sorted(t.article for t in both)[:SHOWN]),
        tuple(causes[:CAUSES]),
        tuple(yields),
        b.id in a.neighbours or a.id in b.neighbours,
    )


def _side(mine: str, theirs: str, both: Sequence[Told], told: Sequence[Told]) -> Side:
    verdicts = _verdicts(mine, both)
    return Side(
        mine,
        sum(t.lead == mine for t in both),
        verdicts,
        verdicts.of - verdicts.hits,
        sum(mine in t.selected and theirs not in t.selected for t in told),
    )


def _causes(
    a: str,
    b: str,
    both: Sequence[Told],
    where: Mapping[str, Mapping[tuple[str, ...], tuple[str, Concept]]],
    seen: Mapping[str, Mapping[str, Collection[tuple[str, ...]]]],
) -> list[Cause]:
    holds: dict[tuple[str, ...], list[Told]] = defaultdict(list)
    for t in both:
        for keys in {*seen[a].get(t.article, ()), *seen[b].get(t.article, ())}:
            holds[keys].append(t)
    found = []
    for keys, items in holds.items():
        bearers = {c: where[c][keys] for c in (a, b) if keys in where[c]}
        if not bearers:
            continue  # a label that is gone
        label = next(iter(bearers.values()))[0]
        led = Counter(t.lead for t in items if t.lead in (a, b))
        found.append(
            Cause(
                keys, label, {c: concept.id for c, (_, concept) in bearers.items()}, len(items),
                {c: led[c] for c in (a, b)}, {c: _verdicts(c, items) for c in (a, b)},
            )
        )  # fmt: skip
    return sorted(found, key=lambda c: (-c.shared, -c.items, c.keys))


def _settled(
    a: Taxonomy,
    b: Taxonomy,
    keys: tuple[str, ...],
    told: Sequence[Told],
    where: Mapping[str, Mapping[tuple[str, ...], tuple[str, Concept]]],
    seen: Mapping[str, Mapping[str, Collection[tuple[str, ...]]]],
) -> Yield:
    label, names = where[a.id][keys][0], {a.id: a.pref_label, b.id: b.pref_label}
    items = [t for t in told if keys in seen[a.id].get(t.article, ()) or keys in seen[b.id].get(t.article, ())]
    ours, theirs = _verdicts(a.id, items), _verdicts(b.id, items)
    keeps = why = ""
    if not ours.few and not theirs.few:
        low, high = ours - theirs
        if low > 0 or high < 0:
            keeps = a.id if low > 0 else b.id
            best, other = (ours, theirs) if low > 0 else (theirs, ours)
            gives = b.id if keeps == a.id else a.id
            why = (
                f"« {names[keeps]} » en retient {best.hits} sur {best.of}, "
                f"« {names[gives]} » {other.hits} sur {other.of}"
            )
    if not keeps:
        led = Counter(t.lead for t in items if t.lead in names)
        leads = Share(led[a.id], led[a.id] + led[b.id])
        if not leads.few and (leads.low > 0.5 or leads.high < 0.5):
            keeps = a.id if leads.low > 0.5 else b.id
            n = led[keeps]
            why = f"« {names[keeps]} » mène {n} fois sur {leads.of}, et les avis ne disent pas le contraire"
    if not keeps:
        return Yield(keys, label, "", "", "trop peu d’avis pour trancher : à débattre")
    loser = b if keeps == a.id else a
    written, concept = where[loser.id][keys]
    return Yield(keys, label, keeps, loser.id, why, given_up(loser, concept, written))


def given_up(taxonomy: Taxonomy, concept: Concept, label: str) -> tuple[Operation, ...]:
    """What makes ``concept`` lose that label: a name gives way to the next label, a concept without another one goes.

    Empty when the taxonomy would not be sound.
    """
    operations: tuple[Operation, ...]
    keys = label_keys(label)
    same = {w for w in labels(concept) if label_keys(w) == keys}
    if keys == label_keys(concept.pref_label):
        heirs = [w for w in (*concept.alt_labels, *concept.hidden_labels) if label_keys(w) != keys]
        operations = (RenameConcept(concept.id, heirs[0], keep=""),) if heirs else (RetireConcept(concept.id),)
        same.discard(concept.pref_label)
    else:
        operations = ()
    if not any(isinstance(o, RetireConcept) for o in operations):
        lists = {"altLabel": concept.alt_labels, "hiddenLabel": concept.hidden_labels}
        for key, words in lists.items():
            if gone := tuple(w for w in words if w in same):
                operations += (RemoveLabels(concept.id, key, gone),)
    if gone := tuple(w for w in concept.notations if w == label):
        operations += (RemoveLabels(concept.id, "notation", gone),)
    try:
        apply(taxonomy, *operations)
    except EditError:
        return ()
    return operations


def handed_over(
    giver: Taxonomy, label: str, taker: Taxonomy, to: str = ""
) -> tuple[tuple[Operation, ...], tuple[Operation, ...]]:
    """What makes ``giver`` lose a label and ``taker`` bear it: operations on each, none where it bears it already.

    ``to``: concept of the taker that receives it; "": a concept of its own. Raises ``EditError``.
    """
    keys = label_keys(label)
    where, there = _labels(giver), _labels(taker)
    if keys not in where:
        raise refused(f"« {label} » n'est pas (ou plus) un mot de « {giver.pref_label} ».")
    written, concept = where[keys]
    gone = given_up(giver, concept, written)
    if not gone:
        raise refused(f"« {giver.pref_label} » ne peut pas se passer de « {written} » : c'est son dernier mot.")
    if keys in there:
        return gone, ()
    notation = written in concept.notations
    if to:
        come: Operation = AddLabels(find(taker, to).id, "notation" if notation else "altLabel", (written,))
    else:
        alone = Concept("", written, exclude_labels=concept.exclude_labels, weight=concept.weight)
        come = AddConcept(alone)
    apply(taker, come)
    return gone, (come,)


def _labels(taxonomy: Taxonomy) -> dict[tuple[str, ...], tuple[str, Concept]]:
    """Keys -> (label as written, its concept)."""
    found: dict[tuple[str, ...], tuple[str, Concept]] = {}
    for concept in taxonomy.concepts:
        for word in (*labels(concept), *concept.notations):
            found.setdefault(label_keys(word), (word, concept))
    return found


def _verdicts(community: str, items: Iterable[Told]) -> Share:
    said = [t.right[community] for t in items if community in t.right]
    return Share(sum(said), len(said))
