"""A reading that was kept is the reading that was made; what the index of keys leaves out cannot match."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from curation.decide.occurrences import unpack
from curation.decide.reading import KEY, Words, index_keys, keep, kept_met, key_hash, met, read, reread, restore
from curation.decide.rewording import holding, rewording
from curation.types import Item
from flows.demo_content import load_items
from taxonomy.french import tokens
from taxonomy.load import OFFTOPIC, SHIPPED, TERRITORIAL, load_taxonomy
from taxonomy.match import Matcher, Scanner, number_of, phrases, runs
from taxonomy.types import Concept, Taxonomy

TAXONOMIES = tuple(load_taxonomy(p) for p in sorted(SHIPPED.glob("*.yaml")))
GENERAL = [load_taxonomy(TERRITORIAL), load_taxonomy(OFFTOPIC)]
WORDS = Words(TAXONOMIES, *GENERAL, Matcher((*TAXONOMIES, *GENERAL)))
ITEMS = [Item(s.id, s.title, s.body) for s in load_items()]


def test_what_was_kept_is_what_was_read() -> None:
    readings = read(ITEMS, WORDS)
    kept = [keep(i.id, r) for i, r in zip(ITEMS, readings, strict=True)]
    restored = restore(kept, TAXONOMIES)
    assert [r.found for r in restored] == [r.found for r in readings]
    assert [(r.kind, r.event, r.deadline, r.length) for r in restored] == [
        (r.kind, r.event, r.deadline, r.length) for r in readings
    ]
    assert [keep(k.article, r) for k, r in zip(kept, restored, strict=True)] == kept
    assert sum(len(k.sightings) for k in kept) > len(ITEMS)
    for one, other in (
        (met(readings), met(restored)),
        (met(readings), kept_met([k.figures for k in kept], [k.kind for k in kept])),
    ):
        for name in ("words", "general", "kinds", "length"):
            assert np.array_equal(getattr(one, name), getattr(other, name)), name


def test_weights_of_today_count() -> None:
    item = Item("i", "La taxe de séjour augmente", "")
    tourism = next(t for t in TAXONOMIES if t.id == "tourisme")
    heavier = replace(tourism, concepts=tuple(replace(c, weight=c.weight / 2) for c in tourism.concepts))
    kept = keep("i", read([item], WORDS)[0])
    place = WORDS.communities.index("tourisme")
    before = restore([kept], TAXONOMIES)[0].found[place].total
    changed = [heavier if t.id == "tourisme" else t for t in TAXONOMIES]
    assert restore([kept], changed)[0].found[place].total == pytest.approx(before / 2)


def test_what_stands_in_a_text_is_kept_for_the_words_of_communities_alone() -> None:
    known = {number_of(run) for t in TAXONOMIES for run in runs(t)}
    general = {number_of(run) for t in GENERAL for run in runs(t)} - known
    scanner = WORDS.matcher.scanner
    for item, reading in zip(ITEMS, read(ITEMS, WORDS), strict=True):
        title, text = unpack(reading.occurrences)
        assert title == [o for o in scanner.scan(item.title, tokens(item.title)) if o.run not in general]
        assert text == [o for o in scanner.scan(item.text, tokens(item.text)) if o.run not in general]
        assert text == [o for o in scanner.search(item.text) if o.run not in general]
    assert general


def test_reading_again_from_what_was_kept_is_reading_anew() -> None:
    a, b, *others = TAXONOMIES
    moved = replace(b, concepts=(*b.concepts, replace(a.concepts[0], id="venu", broader=())))
    new = replace(a, concepts=(*a.concepts[1:], Concept("neuf", "horaire du guichet", ("habitants",))))
    now = (*others, moved, new, replace(a, id="autre", concepts=a.concepts[::2]))
    words = Words(now, *GENERAL, Matcher((*now, *GENERAL)))
    change = rewording(TAXONOMIES, now)
    assert {run.keys for run in change.unsought} == {("horaire", "guichet"), ("habitant",)}
    kept = [keep(i.id, r) for i, r in zip(ITEMS, read(ITEMS, WORDS), strict=True)]
    holders = holding([k.keys for k in kept], {run.keys for run in change.unsought}).tolist()
    again = [
        reread(k, words, Scanner(change.unsought), (item.title, item.text) if row in holders else None)
        for row, (k, item) in enumerate(zip(kept, ITEMS, strict=True))
    ]
    assert again == [keep(i.id, r) for i, r in zip(ITEMS, read(ITEMS, words), strict=True)]
    assert 0 < len(holders) < len(ITEMS)


def test_every_word_of_a_match_stands_in_the_index() -> None:
    by_place = {(t.id, c): [k for (d, k) in phrases(t) if d == c] for t in TAXONOMIES for (c, _) in phrases(t)}
    for item, reading in zip(ITEMS, read(ITEMS, WORDS), strict=True):
        keys = set(np.frombuffer(reading.keys, KEY).tolist())
        for part in reading.sightings:
            for s in part:
                known = by_place[s.community, s.concept]
                assert any(all(key_hash(k) in keys for k in way) for way in known), (item.id, s)


def test_keys_are_sorted_and_come_once() -> None:
    keys = np.frombuffer(index_keys(tokens("Les halles, la halle"), tokens("l’eau des halles")), KEY)
    assert keys.tolist() == sorted({key_hash(t.key) for t in tokens("les halle la l eau des")})


def test_an_acronym_that_holds_a_link_word_hides_no_label() -> None:
    first = Taxonomy("a", "A", "", (Concept("projet", "projet de territoire"),))
    other = Taxonomy("b", "B", "", (Concept("pdv", "autre chose", notations=("projet de VILLE",)),))
    text = "Un projet de territoire"
    assert [m.concept for m in Matcher([first, other]).match(text)] == ["projet"]
    assert [m.concept for m in Matcher([other]).match("Le projet de VILLE")] == ["pdv"]
