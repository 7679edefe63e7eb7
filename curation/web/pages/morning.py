"""Matin: what waits, what the night did, what needs me, where my month stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from curation.store.desk import COUNT_LIMIT
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
    zone = ZoneInfo(desk.settings.timezone)
    month = datetime.combine(desk.today.replace(day=1), time(), zone).astimezone(UTC)
    cards = [
        CommunityMorning(
            c,
            desk.words.name(c),
            desk.store.queue_size(c, COUNT_LIMIT),
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
        # one failure is the world's ordinary noise
        troubled=desk.store.troubled_sources(2),
        count_limit=COUNT_LIMIT,
    )


PAGES: tuple[Any, ...] = (matin,)
