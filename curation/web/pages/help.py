"""« Aide »: what veille does at night, the keys, the accessibility statement."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from curation.web.access import Need, page
from curation.web.desk import Desk
from curation.web.shortcuts import shortcuts_of


@page("/aide", Need.NOBODY)
def aide(desk: Desk) -> Response:
    """Open to all, as an accessibility statement must be; who is logged in sees their own keys."""
    return desk.render(
        "help.html",
        keys=desk.keys if desk.account else shortcuts_of({}),
        contact=desk.settings.politeness.contact.strip(),
        target=desk.settings.desk.monthly_target,
    )


PAGES: tuple[Any, ...] = (aide,)
