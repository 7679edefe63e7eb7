"""A newsletter as a sequence of lines: what HTML, plain text and PDF are reduced to before they are read.

A line is what a person sees as one: a paragraph, a cell, a heading, a list item, a piece between two ``<br>``. It
keeps just what tells a title from a paragraph: how it stands out, and what of it is linked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from curation.gather.canonical import _is_tracking
from curation.gather.clean import tidy
from curation.gather.entries import absolute

MAX_LINES = 20_000
MAX_LINE = 20_000  # characters
MAX_LINKS = 200  # of one line


@dataclass(frozen=True, slots=True)
class Link:
    """A part of a line that leads somewhere. ``url``: absolute or as written, not yet cleaned."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``style``: all that makes lines look alike (heading level, bold, size, capitals, class, colour)."""

    text: str
    links: tuple[Link, ...] = ()
    heading: int = 0  # 1..6, or 0
    bold: bool = False  # the whole line
    size: float = 0.0  # of its letters, in the unit of the document; 0 when not known
    gap: bool = True  # a new block starts here (False after a mere line break)
    item: bool = False  # in a list
    lead: bool = False  # first line of a block of several, in plain text
    hint: str = ""  # what its class says: "title", "section", "cite", or ""
    colour: str = ""  # background of its cell
    run_in: str = ""  # bold words that open a paragraph: its title

    @property
    def style(self) -> tuple[object, ...]:
        shape = (self.heading, self.bold, round(self.size), self.hint, self.colour, self.text.isupper())
        return (*shape, bool(self.links))

    @property
    def linked(self) -> float:
        """Share of its letters that are linked, 0..1."""
        letters = len(_LETTERS.sub("", self.text))
        return min(1.0, sum(len(_LETTERS.sub("", link.label)) for link in self.links) / letters) if letters else 0.0


_LETTERS = re.compile(r"[\W_]+")
_URL = re.compile(r"(?:https?://|(?<![\w@./-])www\.(?=[\w-]+\.))[^\s<>\"«»{}|\\^`]{1,3000}", re.IGNORECASE)
_URL_END = re.compile(r"[.,;:!?'’\"…*_]+$")


def linkify(text: str) -> tuple[str, tuple[Link, ...]]:
    """The addresses written out in ``text`` as links: (text without them, links).

    An address takes the words before it as its label: « Le rapport : https://... » reads « Le rapport ».
    """
    links: list[Link] = []
    pieces: list[str] = []
    position = 0
    for match in _URL.finditer(text):
        url = _URL_END.sub("", match.group())
        while url.endswith(")") and url.count("(") < url.count(")"):
            url = _URL_END.sub("", url[:-1])
        before = text[position : match.start()].rstrip("<([ ")
        position = match.start() + len(url)
        label = re.split(r"[.!?]\s|\n", before.strip(" :–—-►→•*"))[-1]
        links.append(Link(label.strip(" :–—-►→•*|,;"), url))
        pieces.append(before)
        rest = re.match(r"\s*[>)\]]", text[position : position + 3])
        if rest:
            position += rest.end()
    if not links:
        return text, ()
    pieces.append(text[position:])
    joined = " ".join(piece.strip() for piece in pieces if piece.strip())
    return re.sub(r"\s+([.,;])", r"\1", joined).rstrip(" :→-–—") or joined, tuple(links)


def clean_link(url: str, bases: tuple[str, ...] = ()) -> str:
    """Absolute address without redirector nor tracking parameters, otherwise as written; "" when unusable.

    The canonical form would also change the scheme and the host: fit for an identity, not for a link to follow.
    """
    address = absolute(url, bases)
    if not address:
        return ""
    address, hash_, fragment = address.partition("#")
    if hash_ and (_is_tracking(fragment) or not fragment):
        hash_ = fragment = ""
    head, mark, query = address.partition("?")
    kept = "&".join(pair for pair in query.split("&") if pair and not _is_tracking(pair)) if mark else ""
    return head + (f"?{kept}" if kept else "") + hash_ + fragment


def is_anchor(url: str, base: str) -> bool:
    """Whether a link stays inside the document: « Sommaire », « Haut de page »."""
    url = url.strip()
    if url.startswith("#") or not url:
        return True
    if "#" not in url or not base:
        return False
    try:
        a, b = urlsplit(url), urlsplit(base)
    except ValueError:
        return False
    return (a.netloc, a.path, a.query) == (b.netloc, b.path, b.query)


def line_text(text: str) -> str:
    """Text of a line: one line, ordinary spaces, no invisible character, bounded."""
    return tidy(text[: 2 * MAX_LINE]).replace("\n", " ")[:MAX_LINE]
