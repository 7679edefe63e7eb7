"""What is asked of the network and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from curation.types import Failure

#: What the caller expects: ``feed`` (judged as a feed), ``page`` (judged as a page, robots.txt
#: honoured) or ``any`` (a file that a person named: only emptiness is a fault).
Accept = Literal["feed", "page", "any"]


@dataclass(frozen=True, slots=True)
class Request:
    """One URL to ask, with the validators of the last answer (RFC 9110, 13). ``key`` is the caller's own."""

    url: str
    accept: Accept = "any"
    etag: str | None = None
    last_modified: str | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A usable answer. ``permanent_url``: where an unbroken chain of 301 and 308 led from the start, else None."""

    url: str  # as asked
    final_url: str
    permanent_url: str | None
    status: int
    content_type: str  # as declared, with its parameters; "" when absent
    etag: str | None
    last_modified: str | None
    body: bytes  # content codings undone


@dataclass(frozen=True, slots=True)
class NotModified:
    """304: what the caller holds is still good."""

    url: str
    etag: str | None
    last_modified: str | None
    permanent_url: str | None


Outcome = Fetched | NotModified | Failure
