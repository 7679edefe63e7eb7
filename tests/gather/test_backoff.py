"""When a failing source, or page, is asked again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from curation.gather.backoff import MAX_RETRY_AFTER_S, next_due, page_due, wait_s
from curation.types import Cause, Failure, FeedState

NOW = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
BASE, CAP = 900.0, 7 * 86400.0


def wait(
    failures: int, source: str = "mairie", cause: Cause = Cause.TIMEOUT, retry_after: float | None = None
) -> float:
    failure = Failure(cause, "https://exemple.fr/", retry_after_s=retry_after) if failures else None
    return wait_s(FeedState(source, failures=failures, last_failure=failure), base_s=BASE, max_s=CAP)


def test_a_source_that_answers_is_due_at_once() -> None:
    assert next_due(FeedState("mairie"), NOW, base_s=BASE, max_s=CAP) == NOW


def test_each_failure_doubles_the_wait_up_to_the_cap() -> None:
    for failures in range(1, 9):
        whole = min(CAP, BASE * 2 ** (failures - 1))
        assert 0.75 * whole <= wait(failures) <= whole
    assert 0.75 * CAP <= wait(5000) <= CAP


def test_the_jitter_is_the_sources_own_and_stays_the_same() -> None:
    waits = {source: wait(3, source) for source in ("mairie", "agglo", "region", "etat")}
    assert len(set(waits.values())) == 4
    assert all(wait(3, source) == before for source, before in waits.items())


def test_what_time_does_not_mend_waits_longer() -> None:
    assert wait(1, cause=Cause.GONE) > 4 * wait(1, cause=Cause.TIMEOUT)


def test_retry_after_wins_over_a_shorter_wait_only() -> None:
    assert wait(1, retry_after=5000) == 5000
    assert wait(8, retry_after=1) > 1000
    assert wait(1, retry_after=1e12) == MAX_RETRY_AFTER_S
    state = FeedState("mairie", failures=1, last_failure=Failure(Cause.RATE_LIMITED, "", retry_after_s=7200.0))
    assert next_due(state, NOW, base_s=BASE, max_s=CAP) == NOW + timedelta(hours=2)


def test_a_page_is_asked_again_on_three_other_nights_further_and_further_apart() -> None:
    failure = Failure(Cause.TIMEOUT, "https://exemple.fr/page")
    nights = [NOW]
    for tries in range(1, 4):
        due = page_due(failure, tries, nights[-1], nights=3)
        assert due is not None
        # the first night after that moment, even one that begins an hour early
        following = (nights[-1] + timedelta(days=days) for days in range(9))
        nights.append(next(n for n in following if n - timedelta(hours=1) >= due))
    assert [(n - NOW).days for n in nights] == [0, 1, 3, 7]
    assert page_due(failure, 4, nights[-1], nights=3) is None
    assert page_due(failure, 1, NOW, nights=0) is None


@pytest.mark.parametrize("cause", [Cause.NOT_FOUND, Cause.PAYWALL, Cause.ROBOTS, Cause.THIN, Cause.PRIVATE_ADDRESS])
def test_a_page_that_time_will_not_mend_is_left_alone(cause: Cause) -> None:
    assert page_due(Failure(cause, "https://exemple.fr/page"), 1, NOW, nights=3) is None
    assert page_due(None, 1, NOW, nights=3) is None


def test_a_page_that_names_its_time_is_not_asked_before() -> None:
    asked_back = Failure(Cause.RATE_LIMITED, "https://exemple.fr/page", retry_after_s=3 * 86400.0)
    assert page_due(asked_back, 1, NOW, nights=3) == NOW + timedelta(days=3)
