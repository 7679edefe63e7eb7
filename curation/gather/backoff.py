"""When a source, or a page, is asked again: pure rules, the same answer for the same state."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from curation.types import Cause, Failure, FeedState

#: Causes that time alone rarely mends: the wait starts further up.
_LASTING = frozenset({Cause.GONE, Cause.NOT_FOUND, Cause.UNAUTHORIZED, Cause.FORBIDDEN, Cause.HTML_NOT_FEED})
_LASTING_STEPS = 3
_JITTER = 0.25
#: Causes that time alone often mends: a page that failed so is asked again on other nights.
PASSING = frozenset(
    {
        Cause.DNS,
        Cause.REFUSED,
        Cause.TIMEOUT,
        Cause.NETWORK,
        Cause.RATE_LIMITED,
        Cause.SERVER_ERROR,
        Cause.HOST_RESTING,
    }
)
#: A night may begin this much earlier than the one before.
_EARLIER = timedelta(hours=4)
#: A Retry-After beyond this is held for a mistake, in seconds.
MAX_RETRY_AFTER_S = 30 * 86400.0


def wait_s(state: FeedState, *, base_s: float, max_s: float) -> float:
    """Seconds before the next attempt of a source whose last ``state.failures`` attempts failed; 0 if none did.

    ``base_s * 2**(failures - 1)``, capped at ``max_s``, then spread by at most a quarter
    downwards, by a fraction drawn from the source's id: sources that fell together do not
    come back together, and the same source always gets the same date. A Retry-After wins
    over a shorter wait, and over the cap.
    """
    if state.failures <= 0:
        return 0.0
    failure = state.last_failure
    steps = state.failures - 1
    if failure is not None and failure.cause in _LASTING:
        steps += _LASTING_STEPS
    wait = min(max_s, base_s * 2.0 ** min(steps, 60))
    digest = hashlib.blake2b(f"{state.source}\0{state.failures}".encode(), digest_size=8).digest()
    wait *= 1.0 - _JITTER * int.from_bytes(digest, "big") / 2**64
    asked = failure.retry_after_s if failure is not None else None
    return max(wait, min(asked, MAX_RETRY_AFTER_S)) if asked is not None else wait


def next_due(state: FeedState, now: datetime, *, base_s: float, max_s: float) -> datetime:
    """When the source is due after an attempt at ``now``; ``now`` itself when the last attempt succeeded.

    ``base_s`` and ``max_s`` are ``Politeness.backoff_base_s`` and ``backoff_max_s``.
    """
    return now + timedelta(seconds=wait_s(state, base_s=base_s, max_s=max_s))


def page_due(failure: Failure | None, tries: int, now: datetime, *, nights: int) -> datetime | None:
    """When a page is asked again whose attempt number ``tries`` (from 1) failed at ``now``; None: never.

    The night after, then two nights later, then four, ``nights`` times at most (``Politeness.page_nights``), and only
    where the cause may pass. A Retry-After wins over a shorter wait.
    """
    if failure is None or failure.cause not in PASSING or tries > nights:
        return None
    wait = timedelta(days=2 ** (tries - 1)) - _EARLIER
    return now + max(wait, timedelta(seconds=min(failure.retry_after_s or 0.0, MAX_RETRY_AFTER_S)))
