"""Lines of a newsletter -> the role of each: section, title, source, text, link to follow.

Nothing tells these roles but looks and order, so each line is read with its neighbours: a heading followed by another
heading names a section, a line followed by « organisme, mois année. 31 p. » is a title, whatever the tags. Lines that
look alike vote when the neighbours do not settle it. Pure; linear in the number of lines.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from enum import Enum, auto

from curation.french_calendar import DAY_NAMES, MONTH_NAMES
from curation.gather.boilerplate import fold
from curation.gather.newsletter_lines import Line, Link, clean_link, is_anchor
from curation.gather.newsletter_words import (
    ARROW,
    cite,
    is_chrome,
    is_chrome_link,
    is_dated,
    is_footer,
    is_generic,
    is_greeting,
    is_masthead,
    is_month,
    is_more,
    names_section,
)

MAX_TITLE_LINE = 320  # characters; beyond, a line is a paragraph however it looks


class Role(Enum):
    SECTION = auto()
    TITLE = auto()
    CITE = auto()
    ACTION = auto()  # « ► L'étude »
    DAY = auto()  # « Jeudi 12 mars 2026 », alone
    RUN_IN = auto()  # « <b>Titre.</b> Texte. <a>Lire</a> »
    BRIEF = auto()  # one line that is a whole notice: « 12 mars 2026 : <a>Journée ...</a>, Lyon »
    TEXT = auto()
    SKIP = auto()  # masthead, greeting: says nothing, ends nothing


# --- what is not the letter ---------------------------------------------------------------------------------------


def without_furniture(lines: list[Line], bases: tuple[str, ...]) -> list[Line]:
    base = bases[0] if bases else ""
    kept: list[Line] = []
    footers: list[int] = []
    gap = False
    for line in lines:
        anchors = [link for link in line.links if is_anchor(link.url, base)]
        links = []
        for link in line.links:
            if link in anchors or is_chrome_link(link.label, link.url):
                continue
            url = clean_link(link.url, bases)
            if url and not is_chrome_link(link.label, url):
                written = link.label.lower().startswith(("http:", "https:", "www."))  # an address says nothing
                links.append(Link("" if written else link.label, url))
        footer = is_footer(line.text)
        lost = bool(line.links) and not links
        if footer:
            footers.append(len(kept))
        summary = bool(anchors) and not line.heading and line.linked > 0.5  # a table of contents
        if (
            is_chrome(line.text)
            or (footer and lost)
            or (lost and line.linked > 0.6 and not line.heading)
            or summary
            or _menu(line)
        ):
            gap = True
            continue
        kept.append(replace(line, links=tuple(links), gap=line.gap or gap))
        gap = False
    return kept[: _end(kept, footers)]


def _menu(line: Line) -> bool:
    """« Accueil | Lettres | Contact »: three short links or more and nothing else."""
    return (
        len(line.links) >= 3
        and line.linked > 0.9
        and all(len(link.label.split()) <= 4 for link in line.links)
        and not ARROW.match(line.text)
    )


def _end(lines: list[Line], footers: list[int]) -> int:
    """Where the footer starts: its first mark after the last thing that only a notice has."""
    last = max(
        (n for n, line in enumerate(lines) if (line.links and (_action(line) or _whole_link(line))) or cite(line.text)),
        default=len(lines) // 2,
    )
    return next((n for n in footers if n > last), len(lines))


# --- roles --------------------------------------------------------------------------------------------------------


def bare(text: str) -> str:
    return ARROW.sub("", text).strip()


def _whole_link(line: Line) -> bool:
    """Whether the line is the linked title of something."""
    if not line.links or line.linked < 0.75 or len(line.text) > MAX_TITLE_LINE:
        return False
    if len({link.url for link in line.links}) > 1:
        return False
    text = bare(line.text)
    return not is_generic(text) and len(fold(text).split()) >= 2 and not is_generic(line.links[0].label)


def _action(line: Line) -> bool:
    if not line.links or len(line.text) > 160 or line.heading in (1, 2):
        return False
    arrow = bool(ARROW.match(line.text))
    text = bare(line.text)
    if all(is_generic(link.label) or not link.label for link in line.links):
        return len(text) - sum(len(link.label) for link in line.links) <= (90 if arrow else 30) or line.linked > 0.5
    return arrow and (len(text) <= 60 or len(fold(text).split()) <= 8)


def _stands_out(line: Line) -> bool:
    if len(line.text) > MAX_TITLE_LINE:
        return False
    shouted = line.text.isupper() and sum(map(str.isalpha, line.text)) > 3
    return bool(line.heading or line.bold or shouted or line.hint in ("title", "section"))


def brief_link(line: Line) -> Link | None:
    """The link that names the subject of a line which holds more than this link."""
    for link in line.links:
        words = fold(link.label).split()
        if (
            not is_generic(link.label)
            and (len(words) >= 3 or len(link.label) >= 20)
            and len(link.label) <= MAX_TITLE_LINE
        ):
            return link
    return None


def _opens_with_title(line: Line) -> bool:
    """« <a>Titre</a>, organisme, mois année »: title and source on one line."""
    link = brief_link(line)
    if link is None or not bare(line.text).startswith(link.label):
        return False
    rest = bare(line.text)[len(link.label) :].lstrip(" .,;:–—-|(")
    return bool(rest) and cite(rest) is not None


def _first_role(line: Line, heading: str, body_size: float) -> Role | None:
    """The role that a line shows by itself; None: an unlinked line that stands out, settled by its neighbours."""
    words = fold(line.text)
    if (heading and words == heading) or (
        line.heading == 1 and not line.links and (is_masthead(line.text) or words in heading)
    ):
        return Role.SKIP
    if is_month(line.text):
        return Role.SKIP
    if line.hint == "cite" and len(line.text) < 220 and not _action(line):
        return Role.CITE
    if not line.links and len(line.text) <= 60 and is_dated(line.text) and only_day(line.text):
        return Role.DAY
    if _action(line):
        return Role.ACTION
    if _whole_link(line) or (line.heading and line.links and len(line.text) <= MAX_TITLE_LINE):
        return Role.TITLE
    stands = _stands_out(line) or (line.size >= body_size * 1.15 > 0 and len(line.text) <= 200)
    if line.run_in and (line.item or invites(line) or cite(line.text.removeprefix(line.run_in).lstrip(" .,:;–—-"))):
        return Role.RUN_IN
    if _opens_with_title(line):
        return Role.BRIEF
    if is_masthead(line.text) and not line.links and (stands or not cite(line.text)):
        return Role.SKIP
    if not (line.heading or line.bold) and cite(line.text):
        return Role.CITE
    if stands and line.links and line.linked > 0.5 and not is_generic(line.text):
        return Role.TITLE
    if stands and not line.links:
        return Role.SKIP if is_greeting(line.text) else None
    link = brief_link(line)
    if link is not None and (line.item or is_dated(line.text) or line.linked >= 0.4):
        return Role.BRIEF
    return Role.TEXT


def assign_roles(lines: list[Line], heading: str) -> list[Role]:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    body_size = sizes.most_common(1)[0][0] if sizes else 0.0
    first = [_first_role(line, heading, body_size) for line in lines]
    votes: dict[tuple[object, ...], Counter[Role]] = {}
    for n, role in enumerate(first):
        if role is None:
            found = _by_neighbours(lines, first, n)
            if found is not None:
                votes.setdefault(lines[n].style, Counter())[found] += 1
    settled: list[Role] = []
    for n, role in enumerate(first):
        if role is None:
            role = _settle(lines, first, n, votes)
        elif role is Role.TITLE and _is_linked_section(lines, first, n):
            role = Role.SECTION
        settled.append(role)
    return settled


def _next(first: list[Role | None], n: int) -> int:
    """The next line that counts, or -1."""
    for m in range(n + 1, min(n + 6, len(first))):
        if first[m] is not Role.SKIP:
            return m
    return -1


def _may_be_section(line: Line) -> bool:
    return len(line.text) <= 80 and len(line.text.split()) <= 10 and line.text[-1] not in ".,;…"


def _by_neighbours(lines: list[Line], first: list[Role | None], n: int) -> Role | None:
    """SECTION or TITLE when what follows leaves little doubt, else None."""
    line = lines[n]
    m = _next(first, n)
    if m < 0:
        return Role.TEXT
    follower = first[m]
    if is_dated(line.text) and len(line.text) <= 60 and follower in (Role.TITLE, Role.BRIEF, Role.RUN_IN, None):
        return Role.DAY  # « 6 octobre 2026 - Paris », above its title
    if follower is Role.CITE or follower is Role.ACTION or not _may_be_section(line):
        return Role.TITLE
    if follower in (Role.TITLE, Role.BRIEF, Role.RUN_IN):
        # A title repeated, or an unlinked title above its linked documents, would be short of a text.
        return (
            Role.SECTION
            if follower is not Role.TITLE or lines[m].style != line.style or names_section(line.text)
            else None
        )
    if follower is None:
        if lines[m].style != line.style:
            return Role.SECTION if not lines[m].heading or not line.heading or lines[m].heading > line.heading else None
        return None
    after = _next(first, m)
    if after >= 0 and first[after] is Role.TEXT and invites(lines[m]) and invites(lines[after]):
        return Role.SECTION  # paragraphs that are notices
    if after >= 0 and first[after] is Role.CITE and len(lines[m].text) <= 250:
        return Role.SECTION
    if after >= 0 and first[after] is Role.ACTION:
        return None if names_section(line.text) else Role.TITLE
    return Role.SECTION if names_section(line.text) else None


def _settle(
    lines: list[Line], first: list[Role | None], n: int, votes: dict[tuple[object, ...], Counter[Role]]
) -> Role:
    own = _by_neighbours(lines, first, n)
    ballot = votes.get(lines[n].style, Counter())
    if own is not None and (ballot[own] * 2 > ballot.total() or own in (Role.TEXT, Role.DAY) or ballot.total() <= 2):
        return own
    m = _next(first, n)
    if m >= 0 and first[m] in (Role.CITE, Role.ACTION):
        return Role.TITLE
    if own is not None and names_section(lines[n].text) == (own is Role.SECTION):
        return own
    if (
        ballot
        and (best := ballot.most_common(1)[0][0]) not in (Role.TEXT, Role.DAY)
        and (best is Role.TITLE or _may_be_section(lines[n]))
    ):
        return best
    return Role.SECTION if names_section(lines[n].text) else Role.TITLE


def _is_linked_section(lines: list[Line], first: list[Role | None], n: int) -> bool:
    """A section whose heading leads to its own page: « Commerce », above a linked title."""
    line = lines[n]
    m = _next(first, n)
    if m < 0 or not line.heading or not names_section(line.text) or len(line.text.split()) > 4:
        return False
    return first[m] in (Role.TITLE, None) and lines[m].style != line.style


def invites(line: Line) -> bool:
    return without_invitation(line)[1] is not None


def only_day(text: str) -> bool:
    return not re.search(
        r"[A-Za-zÀ-ÿ]{4,}",
        re.sub(
            rf"\b(?:{'|'.join((*DAY_NAMES, *MONTH_NAMES))})\b",
            "",
            text,
            flags=re.I,
        ),
    )


def without_invitation(line: Line) -> tuple[str, Link | None]:
    """(text without the « Lire la suite » at its end, that link)."""
    if not line.links:
        return line.text, None
    last = line.links[-1]
    stripped = line.text.rstrip(" .>»›→►])")
    label = last.label.rstrip(" .>»›→►])")
    if (
        label
        and is_generic(label)
        and stripped.endswith(label)
        and len(stripped) > len(label) + 20
        and (is_more(label) or ARROW.search(line.text[-len(label) - 6 :]))
    ):
        return re.sub(r"[\s([►▶→➔:–—-]+$", "", stripped[: -len(label)]), last
    return line.text, None
