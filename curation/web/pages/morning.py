"""Matin: what waits, what the night did, what needs me, where my month stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from curation.types import FeedState, Source
from curation.web.access import Need, page
from curation.web.desk import Desk
from curation.web.sentences import night_sentence

#: Days ahead that « what needs me » looks at.
DEADLINES, EVENTS = 14, 7


@dataclass(frozen=True, slots=True)
class CommunityMorning:
    """One community this morning."""

    id: str
    name: str
    waiting: int
    month: int  # contributions published this month
    target: int


@page("/", Need.ACCOUNT)
def matin(desk: Desk) -> Response:
    """The home page."""
    desk.store.wake(desk.today)
    mine = desk.communities
    if not mine:
        return desk.render("no_community.html")
    sizes = desk.store.queue_sizes()
    zone = ZoneInfo(desk.settings.timezone)
    month = datetime.combine(desk.today.replace(day=1), time(), zone).astimezone(UTC)
    cards = [
        CommunityMorning(
            c,
            desk.words.name(c),
            sizes.get(c, 0),
            desk.store.count_settled(c, month).get("published", 0),
            desk.settings.desk.monthly_target,
        )
        for c in mine
    ]
    runs = desk.store.last_runs(1)
    near = desk.store.near(mine, desk.today, desk.today + timedelta(days=DEADLINES))
    week = desk.today + timedelta(days=EVENTS)
    return desk.render(
        "morning.html",
        cards=cards,
        night=runs[0][1] if runs else None,
        run=runs[0][0] if runs else None,
        sentence=night_sentence(runs[0][1], desk.store.failed_sources(runs[0][0])) if runs else "",
        late=bool(runs) and desk.now - runs[0][1].started > timedelta(hours=36),
        deadlines=[r for r in near if r.draft.deadline and r.draft.deadline >= desk.today],
        events=[r for r in near if r.draft.event and r.draft.event.start and desk.today <= r.draft.event.start <= week],
        mine=desk.store.in_hands_of(desk.me.login, mine),
        shared=desk.store.shared_waiting(mine),
        troubled=_troubled(desk),
    )


def _troubled(desk: Desk) -> Sequence[tuple[Source, FeedState]]:
    """Sources that failed at least twice running, worst first: one failure is the world's ordinary noise."""
    states = desk.store.feed_states()
    found = [(s, states[s.id]) for s in desk.store.sources() if s.enabled and s.id in states]
    bad = [(s, st) for s, st in found if st.failures >= 2 and st.last_failure]
    return sorted(bad, key=lambda x: (-x[1].failures, x[0].name))


PAGES: tuple[Any, ...] = (matin,)
