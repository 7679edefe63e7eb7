"""When a failing source is asked again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from curation.gather.backoff import MAX_RETRY_AFTER_S, next_due, wait_s
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
