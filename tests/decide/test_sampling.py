"""The sample of what was left out: drawn as it says, weighed as it was drawn, honest about what it does not know."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from curation.decide.sampling import (
    FAR,
    MIN_ANSWERS,
    MIN_JUDGED,
    NEAR,
    SIZE,
    Answer,
    Found,
    chance,
    draw,
    estimate_recall,
    lacking,
    stratum_of,
    wilson,
)

THRESHOLD = 0.25


def population(near: int, far: int) -> list[tuple[str, float]]:
    return [(f"n{i}", 0.2) for i in range(near)] + [(f"f{i}", 0.02) for i in range(far)]


def test_half_near_half_far() -> None:
    drawn = draw(population(40, 4000), THRESHOLD, "seed")
    assert Counter(p.stratum for p in drawn.picks) == {NEAR: SIZE // 2, FAR: SIZE // 2}
    assert drawn.population == {NEAR: 40, FAR: 4000}
    assert len({p.article for p in drawn.picks}) == SIZE


@pytest.mark.parametrize(
    ("near", "far", "expected"), [(0, 50, (0, 10)), (2, 50, (2, 8)), (50, 3, (7, 3)), (50, 0, (10, 0)), (2, 1, (2, 1))]
)
def test_a_small_stratum_leaves_its_room_to_the_other(near: int, far: int, expected: tuple[int, int]) -> None:
    drawn = draw(population(near, far), THRESHOLD, "seed")
    assert (sum(p.stratum == NEAR for p in drawn.picks), sum(p.stratum == FAR for p in drawn.picks)) == expected


def test_nothing_left_out_draws_nothing() -> None:
    assert draw([], THRESHOLD, "seed").picks == ()


def test_the_seed_decides_and_the_order_of_candidates_does_not() -> None:
    everything = population(60, 900)
    first = draw(everything, THRESHOLD, "2026-11-20/tourisme")
    assert draw(list(reversed(everything)), THRESHOLD, "2026-11-20/tourisme") == first
    assert draw(everything, THRESHOLD, "2026-11-21/tourisme") != first


def test_every_article_of_a_stratum_is_as_likely_as_another() -> None:
    """2,000 draws of 5 among 25: each expected 400 times, standard deviation 18."""
    seen = Counter(p.article for n in range(2000) for p in draw(population(25, 25), THRESHOLD, str(n)).picks)
    assert len(seen) == 50
    assert all(abs(times - 400) < 5 * 18 for times in seen.values())


def test_near_begins_at_a_share_of_the_threshold_and_has_no_upper_end() -> None:
    assert [stratum_of(s, THRESHOLD) for s in (0.0, 0.049, 0.051, 0.2499, 0.9)] == [FAR, FAR, NEAR, NEAR, NEAR]


def test_the_chance_of_having_been_looked_at_adds_up_over_polls() -> None:
    assert chance([]) == 0
    assert chance([(5, 100)]) == pytest.approx(0.05)
    assert chance([(5, 100), (5, 95)]) == pytest.approx(0.10)  # without replacement: 10 of 100
    assert chance([(3, 0), (4, 2)]) == 1


@pytest.mark.parametrize(
    ("seen", "size", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 4
    [(81, 263, 0.2535, 0.3682), (15, 148, 0.0598, 0.1644), (0, 20, 0.0, 0.2005), (1, 29, 0.0018, 0.1963)],
)
def test_wilson(seen: int, size: int, low: float, high: float) -> None:
    assert wilson(seen / size, size) == pytest.approx((low, high), abs=6e-5)


def test_without_an_answer_anything_is_possible() -> None:
    assert wilson(0.0, 0) == (0.0, 1.0)


def answers(near: int, far: int, near_missed: int = 0, far_missed: int = 0) -> list[Answer]:
    return [Answer(NEAR, i < near_missed, 0.1) for i in range(near)] + [
        Answer(FAR, i < far_missed, 0.01) for i in range(far)
    ]


def test_too_few_answers_make_no_estimate() -> None:
    left, found = {NEAR: 100, FAR: 1000}, Found(20, 30)
    assert estimate_recall([], left, 0, found) is None
    assert estimate_recall(answers(MIN_ANSWERS, MIN_ANSWERS - 1), left, 0, found) is None
    assert estimate_recall(answers(MIN_ANSWERS, MIN_ANSWERS), left, 0, Found(5, MIN_JUDGED - 1)) is None
    assert estimate_recall(answers(MIN_ANSWERS, MIN_ANSWERS), left, 0, found) is not None
    assert lacking(answers(4, 1), left, Found(0, 3)) == (2 * MIN_ANSWERS - 5, MIN_JUDGED - 3)
    assert lacking(answers(0, MIN_ANSWERS), {NEAR: 0, FAR: 9}, found) == (0, 0), "an empty stratum asks nothing"


def test_a_miss_weighs_what_its_stratum_weighs() -> None:
    """2 of 20 near among 100, none of 20 far among 1000: ten missed for forty found."""
    made = estimate_recall(answers(20, 20, near_missed=2), {NEAR: 100, FAR: 1000}, 0, Found(40, 60))
    assert made is not None
    assert (made.missed, made.value) == (pytest.approx(10), pytest.approx(0.8))
    far = estimate_recall(answers(20, 20, far_missed=2), {NEAR: 100, FAR: 1000}, 0, Found(40, 60))
    assert far is not None and far.missed == pytest.approx(100)
    assert 0 < made.low < made.value < made.high < 1


def test_what_was_rescued_is_counted_and_what_waits_is_expected_as_the_rest() -> None:
    made = estimate_recall(answers(20, 20), {NEAR: 100, FAR: 100}, 10, Found(20, 40, waiting=40))
    assert made is not None
    assert made.value == pytest.approx(40 / 50)
    assert made.high < 1, "ten misses are known: the interval cannot forget them"


def test_everything_looked_at_leaves_nothing_to_guess() -> None:
    made = estimate_recall(answers(30, 30), {}, 5, Found(15, 20))
    assert made is not None and (made.low, made.value, made.high) == pytest.approx((0.75, 0.75, 0.75))


def test_older_articles_had_more_chances_and_weigh_less() -> None:
    mixed = [Answer(FAR, True, 0.5)] * 10 + [Answer(FAR, False, 0.05)] * 10
    made = estimate_recall(mixed, {FAR: 220}, 0, Found(20, 20))
    assert made is not None and made.missed == pytest.approx(20)  # 20 of weight 2 against 200 of weight 20


def simulate(rng: random.Random, days: int) -> tuple[float, float, float, float]:
    """A month of polls on an invented community; (true recall, estimate, low, high)."""
    near, far, found = 120, 1200, 60
    missed = {f"n{i}" for i in range(near) if rng.random() < 0.15} | {
        f"f{i}" for i in range(far) if rng.random() < 0.006
    }
    truth = found / (found + len(missed))
    left, polls, told = dict(population(near, far)), [], []
    for day in range(days):
        drawn = draw(left.items(), THRESHOLD, f"{rng.random()}{day}")
        counts = Counter(p.stratum for p in drawn.picks)
        polls.append({s: (counts[s], drawn.population[s]) for s in (NEAR, FAR)})
        for pick in drawn.picks:
            told.append((pick.stratum, pick.article in missed))
            del left[pick.article]
    weighed = [Answer(s, m, chance(poll[s] for poll in polls)) for s, m in told]
    remaining = Counter(stratum_of(score, THRESHOLD) for score in left.values())
    made = estimate_recall(weighed, remaining, sum(m for _, m in told), Found(found, 80))
    assert made is not None
    return truth, made.value, made.low, made.high


def test_over_many_months_the_estimate_is_centred_and_its_interval_holds() -> None:
    rng = random.Random(7)
    months = [simulate(rng, 20) for _ in range(80)]
    bias = sum(value - truth for truth, value, _, _ in months) / len(months)
    covered = sum(low <= truth <= high for truth, _, low, high in months) / len(months)
    assert abs(bias) < 0.04
    assert covered >= 0.88  # 95 % of 80 months, less three standard deviations
