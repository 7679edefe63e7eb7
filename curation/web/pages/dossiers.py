from __future__ import annotations

from curation.web.access import Page

PAGES: tuple[Page, ...] = ()
