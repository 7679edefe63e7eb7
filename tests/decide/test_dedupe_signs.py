"""The signs that deduplication compares: words, names, numbers, days, ranks, shingles, rarity."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.decide.rarity import Rarity
from curation.decide.shingles import KEPT, bands, content_digest, minhash, resemblance, shingle, sketch, stem
from curation.decide.witnesses import Mark, key_of, read
from taxonomy.french import fold

DAY = date(2026, 3, 10)


def words_of(count: int, start: int = 0) -> list[str]:
    return [f"mot{n}" for n in range(start, start + count)]


@pytest.mark.parametrize(
    ("written", "folded"), [("Œuvre d’ÉTÉ", "oeuvre d'ete"), ("Saint‑Étienne", "saint-etienne"), ("ŒIL", "oeil")]
)
def test_folding(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [("communes", "commune"), ("municipaux", "municipal"), ("démissionner", "démissionne"), ("rénovée", "rénovés"),
     ("libération", "libérés"), ("directrice", "directeurs"), ("baux", "bail")],
)  # fmt: skip
def test_inflections_share_a_key(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


def test_acronyms_and_short_words_are_kept_as_they_are() -> None:
    assert [stem(w) for w in ("plu", "zan", "ars", "ia", "co2")] == ["plu", "zan", "ars", "ia", "co2"]


def test_compound_places_stay_whole_and_compound_names_are_cut() -> None:
    words = read("Inauguration à Saint Martin de Crau et à Aulnay-sous-Bois par Jean-Luc Robert", "", None).words
    assert "aulnay-sous-bois" in words
    assert "saint-martin" in words
    assert {"jean", "luc", "robert"} <= words.keys()


def test_marks_tell_names_from_openings() -> None:
    words = read("Vote du budget à Troyes", "Le vote a duré.", None).words
    assert words["vote"][0] == Mark.TITLE | Mark.LEAD | Mark.START | Mark.LOWER
    assert words[key_of("Troyes")] == (Mark.TITLE | Mark.NAME, "Troyes")


def test_numbers_have_one_spelling() -> None:
    found = read("1.700 hectares", "1 700 ha, 5,6 milliards, 4\u202f000 foyers, 12 blessés en 2026, 3 communes", DAY)
    assert found.numbers == {"1700", "5.6", "4000", "12"}
    assert found.title_numbers == {"1700"}


def test_days_are_resolved_near_the_publication() -> None:
    found = read("Réunion le 12 mars", "Puis le 3 janvier, le 09/04/26, le 1er mai 2027 et le 31 février.", DAY)
    assert found.title_days == {date(2026, 3, 12).toordinal()}
    expected = [date(2026, 3, 12), date(2026, 1, 3), date(2026, 4, 9), date(2027, 5, 1)]
    assert found.days == {day.toordinal() for day in expected}


def test_ranks_in_a_series() -> None:
    assert read("Second tour, 3e édition, jour 931 (1/2) à 19h en 2026", "", None).identities == {
        "tour:2",
        "edition:3",
        "jour:931",
        "part:1",
        "h:19",
        "year:2026",
    }
    assert not read("Le Premier ministre à Lyon", "", None).identities


def test_rare_words_weigh_more() -> None:
    rarity = Rarity({"commun": (30_000, 0), "rare": (3, 0)}, 60_000)
    assert rarity.weight("commun") < 1 < rarity.weight("rare") < rarity.weight("inconnu")


def test_a_capital_makes_a_name_unless_the_language_says_otherwise() -> None:
    rarity = Rarity({"premi": (2_000, 700), "vierzon": (0, 9), "agenda": (40, 2)}, 60_000)
    assert rarity.is_name("vierzon", Mark.TITLE | Mark.START)
    assert rarity.is_name("vierzon", Mark.TITLE | Mark.NAME)
    assert not rarity.is_name("agenda", Mark.TITLE | Mark.START)
    assert not rarity.is_name("vierzon", Mark.TITLE | Mark.NAME | Mark.LOWER)
    assert not Rarity().is_name("vierzon", Mark.TITLE | Mark.START)


def test_inflections_add_up_in_the_table() -> None:
    assert Rarity.of({"commune": (3, 1), "communes": (2, 0)}, 10).table == {key_of("commune"): (5, 1)}


def test_resemblance_is_the_real_jaccard_of_short_texts() -> None:
    a, b = shingle(words_of(50)), shingle(words_of(50, start=10))
    jaccard, containment, shared = resemblance(sketch(a), sketch(b))
    assert shared == 38
    assert jaccard == pytest.approx(38 / 58)
    assert containment == pytest.approx(38 / 48)


def test_resemblance_of_long_texts_is_estimated_from_a_sample() -> None:
    a, b = shingle(words_of(4_000)), shingle(words_of(4_000, start=2_000))
    assert len(sketch(a)) == KEPT
    jaccard, containment, _ = resemblance(sketch(a), sketch(b))
    assert jaccard == pytest.approx(1 / 3, abs=0.1)
    assert containment == pytest.approx(1 / 2, abs=0.12)
    short = shingle(words_of(300))
    assert resemblance(sketch(short), sketch(a))[1] > 0.9


def test_minhash_estimates_the_jaccard() -> None:
    a, b = shingle(words_of(400)), shingle(words_of(400, start=100))
    assert (minhash(a) == minhash(b)).mean() == pytest.approx(0.6, abs=0.15)
    assert len(set(bands(minhash(a))) & set(bands(minhash(b)))) > 3
    assert not set(bands(minhash(a))) & set(bands(minhash(shingle(words_of(400, start=1_000)))))


def test_an_empty_text_is_in_no_bucket() -> None:
    nothing = shingle([])
    assert bands(minhash(nothing)) == []
    assert resemblance(nothing, nothing) == (0.0, 0.0, 0)


def test_the_digest_sees_words_only_and_knows_title_from_text() -> None:
    assert content_digest("Été à Tours", "Oui !") == content_digest("ETE  à tours.", "oui")
    assert content_digest("Été", "à Tours") != content_digest("Été à", "Tours")


@given(st.text(max_size=300), st.text(max_size=300))
def test_reading_never_fails_and_says_the_same_twice(title: str, text: str) -> None:
    assert read(title, text, DAY) == read(title, text, DAY)
    signature = minhash(shingle(fold(text).split()))
    assert signature.dtype == np.uint32
    assert signature.shape == (64,)
