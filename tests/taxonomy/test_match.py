"""The matcher: offsets, inflections, typography, longest label, acronyms, exclusions, sentence ends."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy.french import LINKS, fold, tokens
from taxonomy.match import Matcher
from taxonomy.types import Concept, Taxonomy

CONCEPTS = (
    Concept("projet", "projet de territoire"),
    Concept("tiers-lieu", "tiers-lieu", hidden_labels=("tier-lieux",)),
    Concept("eau", "eau", exclude_labels=("eau de toilette", "parfumerie")),
    Concept("gestion-eau", "gestion de l'eau"),
    Concept("plu", "plan local d'urbanisme", notations=("PLU", "PLUi")),
    Concept("taxe", "taxe de séjour", ("taxe d'hébergement",)),
    Concept("elue", "conseillère municipale"),
    Concept("ville", "contrat de ville"),
    Concept("ville-durable", "ville durable"),
    Concept("sejour", "séjour linguistique universitaire"),
    Concept("lecture", "lecture", exclude_labels=("première lecture",)),
)
MATCHER = Matcher([Taxonomy("t", "T", "", CONCEPTS)])


def found(text: str) -> list[tuple[str, str]]:
    """(concept, the words that stand in the text)."""
    return [(m.concept, text[m.start : m.end]) for m in MATCHER.match(text)]


@pytest.mark.parametrize(
    ("text", "concept", "words"),
    [
        ("Un projet de territoire est né", "projet", "projet de territoire"),
        ("Les projets du territoire voisin", "projet", "projets du territoire"),
        ("PROJETS DE TERRITOIRES", "projet", "PROJETS DE TERRITOIRES"),
        ("Nos projets territoires", "projet", "projets territoires"),
        ("un tiers lieu", "tiers-lieu", "tiers lieu"),
        ("des Tiers‑Lieux ruraux", "tiers-lieu", "Tiers‑Lieux"),
        ("des tier-lieux", "tiers-lieu", "tier-lieux"),
        ("La gestion de l’eau", "gestion-eau", "gestion de l’eau"),
        ("la TAXE DE SEJOUR", "taxe", "TAXE DE SEJOUR"),
        ("une taxe d’hébergement", "taxe", "taxe d’hébergement"),
        ("les conseillers municipaux", "elue", "conseillers municipaux"),
        ("Le plan\u00a0local d'urbanisme", "plu", "plan\u00a0local d'urbanisme"),
        ("la taxe de se\u0301jour", "taxe", "taxe de se\u0301jour"),
    ],
)
def test_a_label_meets_its_forms_with_exact_offsets(text: str, concept: str, words: str) -> None:
    assert found(text) == [(concept, words)]


def test_offsets_hold_where_folding_changes_lengths() -> None:
    text = "Œuvre ﬁnancée, ŒUF, İzmir : la taxe de séjour"
    assert found(text) == [("taxe", "taxe de séjour")]


def test_the_longest_label_wins() -> None:
    assert found("la gestion de l'eau potable") == [("gestion-eau", "gestion de l'eau")]
    # of two that overlap the longer one stands, whichever begins first
    assert found("une taxe de séjour linguistique universitaire") == [("sejour", "séjour linguistique universitaire")]
    assert found("un contrat de ville durable") == [("ville", "contrat de ville")]


def test_two_spellings_of_one_label_are_one_match() -> None:
    concept = Concept("friche", "friche", ("friches", "la friche"), notations=("friche",))
    matches = Matcher([Taxonomy("t", "T", "", (concept,))]).match("une friche")
    assert [(m.label, m.start, m.end) for m in matches] == [("friche", 4, 10)]


def test_two_taxonomies_do_not_compete() -> None:
    other = Taxonomy("u", "U", "", (Concept("contrat", "contrat"),))
    both = Matcher([Taxonomy("t", "T", "", CONCEPTS), other]).match("un contrat de ville")
    assert [(m.taxonomy, m.concept) for m in both] == [("u", "contrat"), ("t", "ville")]


def test_acronyms_match_only_as_written() -> None:
    assert found("Le PLU et le PLUi") == [("plu", "PLU"), ("plu", "PLUi")]
    assert found("Il a plu, Plu, PLUI") == []


def test_an_exclusion_around_the_label_cancels_that_match_only() -> None:
    assert found("une eau de toilette") == []
    assert found("une eau de toilette et de l'eau") == [("eau", "eau")]
    assert found("en première lecture, la lecture publique") == [("lecture", "lecture")]


def test_an_exclusion_apart_from_the_label_cancels_it_everywhere() -> None:
    text = "L'eau manque. Plus loin, on parle de parfumerie et de taxe de séjour."
    assert found(text) == [("taxe", "taxe de séjour")]


@pytest.mark.parametrize("sign", [". ", " ; ", ", ", " : ", "\n", " (", " » ", " | ", "… "])
def test_a_label_never_crosses_the_end_of_a_sentence_or_a_line(sign: str) -> None:
    assert found(f"la taxe{sign}séjour") == []


def test_an_empty_taxonomy_and_an_empty_text_give_nothing() -> None:
    assert Matcher([]).match("taxe de séjour") == []
    assert MATCHER.match("") == []


def test_a_matcher_survives_pickling() -> None:
    again = pickle.loads(pickle.dumps(MATCHER))
    assert again.match("un PLU") == MATCHER.match("un PLU") != []


def test_a_text_that_repeats_a_label_is_matched_whole() -> None:
    # pairwise comparison of matches would need hours here; see also the exclusions
    n = 60_000
    assert len(MATCHER.match("PLU " * n)) == n
    assert len(MATCHER.match("eau, eau de toilette. " * n)) == n
    assert len(MATCHER.match("projet " + "de " * n + "territoire")) == 1


_PIECES = st.sampled_from(
    "taxe taxes de du séjour SÉJOUR sejour projet territoires tiers lieu eau toilette PLU plu plan local d urbanisme "
    "ville durable contrat . , - ’ ( œ İ e\u0301 \n".split(" ")
)


@given(st.lists(st.tuples(_PIECES, st.sampled_from([" ", "-", "’", "", "  "])), max_size=30), st.text(max_size=10))
def test_every_match_is_a_slice_whose_words_are_those_of_its_label(pieces: list[tuple[str, str]], tail: str) -> None:
    text = "".join(piece + gap for piece, gap in pieces) + tail
    concepts = {c.id: c for c in CONCEPTS}
    last = (0, 0)
    for match in MATCHER.match(text):
        concept = concepts[match.concept]
        assert 0 <= match.start < match.end <= len(text)
        assert (match.start, match.end) >= last
        last = (match.start, match.end)
        met = text[match.start : match.end]
        if match.label in concept.notations:
            assert met == match.label
        else:
            assert match.label in (concept.pref_label, *concept.alt_labels, *concept.hidden_labels)
            assert _significant(met) == _significant(match.label)


def _significant(text: str) -> list[str]:
    return [t.key for t in tokens(text) if fold(t.form) not in LINKS]
