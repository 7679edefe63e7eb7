"""What is seen of a whole corpus at once is what each text shows alone."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.decide.features import figures
from curation.decide.occurrences import PLACES, Occurrences, Seen, Weights, otherwise, pack, see, unpack, weights
from curation.decide.place import place, place_all
from curation.decide.signals import Lexical, sight, weighed, weights_of
from curation.evidence import Sighting
from flows.demo_content import load_items
from taxonomy.french import tokens
from taxonomy.load import SHIPPED, load_taxonomy
from taxonomy.match import Matcher, Occurrence, number_of, runs
from taxonomy.types import Concept, Taxonomy
from tests.taxonomy.words import sample

TAXONOMIES = tuple(load_taxonomy(p) for p in sorted(SHIPPED.glob("*.yaml")))
#: Labels that contain, overlap and exclude one another, in chains; acronyms that hold link words.
KNOTTED = Taxonomy(
    "noeuds", "Nœuds", "",
    (
        Concept("a", "eau", ("plan d'eau", "l'eau"), exclude_labels=("eau de pluie", "averse")),
        Concept("b", "plan d'eau douce", exclude_labels=("rive douce",), weight=0.8),
        Concept("c", "douce rive", ("rive",), notations=("DE", "PLAN de RIVE")),
        Concept("d", "rive", ("plan", "plan de rive"), weight=1.3),
        Concept("e", "pluie", ("rive de pluie douce",), exclude_labels=("plan",)),
    ),
)  # fmt: skip
_WORD = st.sampled_from(
    ["eau", "l'eau", "plan", "PLAN", "de", "DE", "d'", "douce", "rive", "RIVE", "pluie", "averse", ". ", ",", "et", "x"]
)
_TEXT = st.lists(_WORD, max_size=14).map(" ".join)


def scanned(taxonomies: tuple[Taxonomy, ...], title: str, text: str) -> bytes:
    scanner = Matcher(taxonomies).scanner
    known = {number_of(r) for t in taxonomies for r in runs(t)}
    return pack(scanner.scan(title, tokens(title)), scanner.scan(text, tokens(text)), known)


def alone(taxonomy: Taxonomy, title: str, text: str) -> tuple[Sighting, ...]:
    matcher = Matcher([taxonomy])
    return sight(taxonomy, matcher.match(title), matcher.match(text))


def sightings(seen: Seen, taxonomy: Taxonomy, row: int) -> tuple[Sighting, ...]:
    return tuple(
        Sighting(
            taxonomy.id, seen.concepts[seen.concept[i]], seen.labels[seen.label[i]], PLACES[seen.place[i]],
            int(seen.count[i]), int(seen.start[i]), int(seen.end[i]),
        )
        for i in np.flatnonzero(seen.row == row)
    )  # fmt: skip


def figures_of(found: Weights, row: int) -> tuple[float, ...]:
    at = np.flatnonzero(found.rows == row)
    return tuple(found.figures[at[0]].tolist()) if len(at) else figures(Lexical((), 0.0, 0.0))


def check(taxonomy: Taxonomy, met: Occurrences, texts: list[tuple[str, str]]) -> None:
    seen = see(met, taxonomy)
    found = weights(seen, taxonomy)
    for row, (title, text) in enumerate(texts):
        expected = alone(taxonomy, title, text)
        assert sightings(seen, taxonomy, row) == expected, (title, text)
        assert figures_of(found, row) == figures(weighed(weights_of(taxonomy), expected)), (title, text)


@given(st.lists(st.tuples(_TEXT, _TEXT), min_size=1, max_size=5))
def test_knotted_labels_are_seen_as_in_each_text_alone(texts: list[tuple[str, str]]) -> None:
    met = Occurrences.of([scanned((KNOTTED, sample()), *t) for t in texts])
    check(KNOTTED, met, texts)


@pytest.mark.parametrize("taxonomy", TAXONOMIES, ids=lambda t: t.id)
def test_shipped_words_are_seen_as_in_each_text_alone(taxonomy: Taxonomy) -> None:
    texts = [(s.title, s.body) for s in load_items()]
    met = Occurrences.of([scanned(TAXONOMIES, *t) for t in texts])
    check(taxonomy, met, texts)
    assert len(see(met, taxonomy).row) > 20


def test_dossiers_are_those_of_each_item_alone() -> None:
    dice = np.random.default_rng(3)
    texts = [(s.title, s.body) for s in load_items()]
    met = Occurrences.of([scanned(TAXONOMIES, *t) for t in texts])
    for taxonomy in TAXONOMIES:
        rows = np.array(sorted(random.Random(1).sample(range(len(texts)), len(texts) // 2)), np.intp)
        seen = see(met.of_rows(rows), taxonomy)
        concepts = dice.standard_normal((len(rows), len(taxonomy.concepts))).astype(np.float32) / 9
        dossiers = dice.standard_normal((len(rows), len(taxonomy.dossiers))).astype(np.float32) / 9
        concepts[1:9], dossiers[1:9] = 0, 0  # where every dossier is as good as another
        found = place_all(taxonomy, seen, weights(seen, taxonomy).weight, rows, concepts, dossiers)
        for i, row in enumerate(rows.tolist()):
            evidence = weighed(weights_of(taxonomy), sightings(seen, taxonomy, row)).evidence
            one = place(taxonomy, evidence, concepts[i], dossiers[i])
            assert found[i] == ((one.id, one.score) if one else None)
        assert len({f[0] for f in found if f}) > 2
    bare = replace(TAXONOMIES[0], dossiers=())
    assert place_all(bare, seen, np.zeros(0), rows, concepts, dossiers) == [None] * len(rows)


def test_what_is_seen_otherwise() -> None:
    texts = ["plan d'eau", "une rive", "rien", "la rive, la rive", "averse, eau", "eau"]
    met = Occurrences.of([scanned((KNOTTED,), "", t) for t in texts])
    before = see(met, KNOTTED)
    assert otherwise(before, before).tolist() == []
    gone = replace(KNOTTED, concepts=KNOTTED.concepts[1:])
    assert otherwise(before, see(met, gone)).tolist() == [0, 5]
    spelt = replace(KNOTTED, concepts=(*KNOTTED.concepts[:3], replace(KNOTTED.concepts[3], pref_label="rives")))
    assert otherwise(before, see(met, spelt)).tolist() == [1, 3]
    shy = replace(KNOTTED, concepts=(replace(KNOTTED.concepts[0], exclude_labels=()), *KNOTTED.concepts[1:]))
    assert otherwise(see(met, shy), before).tolist() == [4]


def test_occurrences_are_kept_and_found_again() -> None:
    title, text = [Occurrence(0, 3, 7), Occurrence(4, 9, 2**64 - 1)], [Occurrence(0, 3, 7)]
    kept = pack([*title, Occurrence(5, 6, 1)], text, {7, 2**64 - 1})
    assert unpack(kept) == (title, text)
    met = Occurrences.of([b"", kept, pack([], text, {7})])
    assert met.rows_with([7]).tolist() == [1, 2] and met.rows_with([2**64 - 1, 5]).tolist() == [1]
    assert met.of_rows(np.array([2])).row.tolist() == [2]
    more = met.plus(Occurrences.of([pack([], [Occurrence(1, 2, 5)], {5})] * 2, np.array([0, 2])))
    assert more.row.tolist() == [0, 1, 1, 1, 2, 2] and more.rows_with([5]).tolist() == [0, 2]
    assert more.rows_with([7]).tolist() == [1, 2] and more.title.tolist() == [False, True, True, False, False, False]
    none = Occurrences.of([])
    assert none.rows_with([7]).tolist() == [] and see(none, KNOTTED).row.tolist() == []
