"""robots.txt, read as RFC 9309 asks.

A file that cannot be had because of the site (5xx) forbids everything for the
night; one that is not there (4xx) allows everything. Matching is Protego's
(longest rule, ``*`` and ``$``), which is linear; what is handed to it is first
reduced to the groups that concern us, for its merging of groups is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from protego import Protego

from curation.gather.guard import Target

#: RFC 9309, 2.5: at least 500 KiB must be read; the rest is ignored.
MAX_ROBOTS_BYTES = 512 * 1024
#: Redirects followed (RFC 9309, 2.3.1.2).
MAX_ROBOTS_REDIRECTS = 5
#: A site may slow us down to this; beyond, a night would not end.
MAX_CRAWL_DELAY_S = 10.0
_MAX_LINES = 5_000
_MAX_LINE = 2_048

_AGENT_LINE = re.compile(r"\s{0,9}user[ -]?agent\s{0,9}[:\s]\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rules:
    """What one site allows us. ``parsed`` None: everything, or nothing, according to ``otherwise``."""

    parsed: Protego | None
    agent: str
    otherwise: bool = True
    detail: str = ""

    def allow(self, target: Target) -> bool:
        if self.parsed is None:
            return self.otherwise
        return bool(self.parsed.can_fetch(target.url, self.agent))

    @property
    def crawl_delay_s(self) -> float:
        delay = self.parsed.crawl_delay(self.agent) if self.parsed is not None else None
        return min(delay or 0.0, MAX_CRAWL_DELAY_S)


def product_token(user_agent: str) -> str:
    """``"veille/0.1 (+...)"`` -> ``"veille"``: the name that robots.txt files know."""
    match = re.match(r"[A-Za-z_-]+", user_agent)
    return match[0].lower() if match else "veille"


def read_robots(status: int, body: bytes, agent: str) -> Rules:
    """The rules that an answer means for ``agent`` (a product token)."""
    if 200 <= status < 300:
        return Rules(Protego.parse(_reduced(body[:MAX_ROBOTS_BYTES], agent)), agent)
    if status == 429 or status >= 500:
        return Rules(None, agent, otherwise=False, detail=f"robots.txt: {status}")
    return Rules(None, agent)


def _reduced(body: bytes, agent: str) -> str:
    """The text with every other robot under one name: the groups keep their limits."""
    lines: list[str] = []
    for line in body.decode("utf-8-sig", errors="replace").splitlines()[:_MAX_LINES]:
        if len(line) > _MAX_LINE:
            continue
        if match := _AGENT_LINE.match(line):
            name = line[match.end() :].partition("#")[0].strip().lower()
            kept = name if name in ("*", agent) else "x"
            line = f"User-agent: {kept}"
        lines.append(line)
    return "\n".join(lines)
