"""Settings to try: every proposal to a community, with what it would have gained on what is judged."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

from curation.decide.advice import Advice, Gain, told_gain, told_precision
from curation.errors import UserError
from curation.web.access import Need, page
from curation.web.desk import Desk
from curation.web.vocabulary import open_room
from taxonomy.edit import to_json


@page("/vocabulaire/{community}/reglages", Need.COMMUNITY)
def reglages(desk: Desk) -> Response:
    """The best of what was tried, to be ticked and put in the draft together."""
    room = open_room(desk)
    try:
        found = desk.site.services.advise(room.community)
    except UserError as error:
        return room.render("word_advice.html", found=None, fault=str(error))
    return room.render(
        "word_advice.html",
        fault="",
        found=found,
        before=told_precision(found.before),
        lines=[(a, told_gain(a.gain.value), interval(a.gain), _operations(a)) for a in found.advice],
    )


def interval(gain: Gain) -> str:
    """« de −0,004 à +0,021 »."""
    return f"de {told_gain(gain.low)} à {told_gain(gain.high)}"


def _operations(advice: Advice) -> str:
    return json.dumps([to_json(o) for o in advice.proposal.operations], ensure_ascii=False)


PAGES: tuple[Any, ...] = (reglages,)
