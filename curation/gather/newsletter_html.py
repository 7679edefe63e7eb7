"""HTML of a newsletter -> lines. Made for mailings: tables in tables, inline styles, hidden previews, spacers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice

from lxml import etree, html

from curation.gather.newsletter_lines import MAX_LINES, MAX_LINKS, Line, Link, line_text, linkify
from curation.gather.newsletter_words import is_generic
from curation.gather.page_facts import parse_html

_BLOCKS = frozenset(
    "address article aside blockquote center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 "
    "h5 h6 header hr li main ol p pre section table tbody tfoot thead tr ul td th body caption".split()
)
_SILENT = frozenset(
    "script style head title iframe noscript template object embed svg math select textarea audio video canvas map nav "
    "button".split()
) - {"button"}
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*[01](?:px|pt)?\s*(?:;|!|$)"
    r"|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$)",
    re.IGNORECASE,
)
_BOLD = re.compile(r"font-weight\s*:\s*(bold|bolder|[6-9]00|normal|[1-5]00|lighter)", re.IGNORECASE)
_SIZE = re.compile(r"font(?:-size)?\s*:[^;]{0,60}?(\d{1,2}(?:\.\d{1,2})?)\s*(px|pt|em|rem|%)", re.IGNORECASE)
_CAPITALS = re.compile(r"text-transform\s*:\s*uppercase", re.IGNORECASE)
_BACKGROUND = re.compile(r"background(?:-color)?\s*:\s*([#\w]{3,20})", re.IGNORECASE)
_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|breadcrumb|fil-ariane|ariane|cookies?|tarteaucitron|sidebar|social|"
    r"share|partage|skip|evitement|preheader|footer|pied|pagination)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HINTS = (
    ("cite", re.compile(r"(?:^|[\s_-])(?:source|sources|organisme|auteurs?|editeur|cite|reference)(?:$|[\s_-])", re.I)),
    ("section", re.compile(r"(?:^|[\s_-])(?:rubrique|theme|thematique|titre-(?:section|rubrique))(?:$|[\s_-])", re.I)),
    ("title", re.compile(r"(?:^|[\s_-])(?:titre|title|titre-notice|headline|titre-article)(?:$|[\s_-])", re.I)),
)  # fmt: skip
_HEADINGS = {f"h{n}": n for n in range(1, 7)}


@dataclass(slots=True)
class _Style:
    """What an element hands to its descendants."""

    heading: int = 0
    bold: bool = False
    size: float = 0.0
    item: int = 0  # number of the list item, 0 outside lists
    hint: str = ""
    colour: str = ""
    href: str | None = None
    anchor: int = -1  # number of the ``a`` element


@dataclass(slots=True)
class _Builder:
    """The line under construction, and those done."""

    lines: list[Line] = field(default_factory=list)
    pieces: list[tuple[str, _Style]] = field(default_factory=list)
    gap: bool = True
    item: int = 0  # the list item of the last line: only its first line opens it

    def add(self, text: str | None, style: _Style) -> None:
        if text:
            self.pieces.append((text, style))

    def end(self, *, gap: bool) -> None:
        """Close the line; the next one starts a block when ``gap``."""
        if self.pieces and len(self.lines) < MAX_LINES:
            item = max(style.item for _, style in self.pieces)
            line = _line(self.pieces, gap=self.gap, item=item > self.item)
            if line is not None:
                self.item = max(self.item, item)
                self.lines.append(line)
                self.gap = False
        self.pieces.clear()
        self.gap = self.gap or gap


def html_lines(text: str) -> tuple[list[Line], html.HtmlElement | None]:
    """Lines of an HTML document in reading order, and its tree (None when nothing could be made of it)."""
    tree = parse_html(text)
    if tree is None:
        return [], None
    _drop_furniture(tree)
    builder = _Builder()
    stack = [_Style()]
    silent: etree._Element | None = None
    anchors = 0
    root = _root(tree)
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if silent is not None:
            if event == "end" and element is silent:
                silent = None
                builder.add(element.tail, stack[-1])
            continue
        if event == "start":
            if (
                tag in _SILENT
                or not tag
                or _HIDDEN.search(element.get("style") or "")
                or element.get("hidden") is not None
            ):
                silent = element
                if tag in _BLOCKS:
                    builder.end(gap=True)
                continue
            if tag in _BLOCKS:
                builder.end(gap=True)
            if tag in ("a", "li"):
                anchors += 1
            stack.append(_inherit(stack[-1], element, tag, anchors))
            builder.add(element.text, stack[-1])
            if tag == "br":
                builder.end(gap=False)
            elif tag == "img" and is_generic(alt := element.get("alt") or "") and alt.strip():
                builder.add(f" {alt} ", stack[-1])  # a button drawn as a picture
        else:
            style = stack.pop()
            if tag in _BLOCKS:
                builder.end(gap=True)
            elif tag == "img":
                builder.add(" ", style)
            if element is not root:
                builder.add(element.tail, stack[-1])
    builder.end(gap=True)
    return _joined(builder.lines), tree


def _root(tree: html.HtmlElement) -> html.HtmlElement:
    """The ``main`` of a page, when it has one that holds something; else its body."""
    mains = tree.xpath("//main | //*[@role='main']")
    if len(mains) == 1 and len(mains[0].text_content()) > 500:
        return mains[0]
    body = tree.find("body")
    return body if body is not None else tree


def _drop_furniture(tree: html.HtmlElement) -> None:
    """Menus, breadcrumbs, sharing bars and footers go, unless they hold the letter itself."""
    body = tree.find("body")
    whole = len(" ".join((body if body is not None else tree).text_content().split()))
    doomed = []
    for element in tree.iter("div", "ul", "section", "aside", "ol", "table", "td", "footer", "p", "header"):
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        if element.tag == "footer" or _FURNITURE.search(names) or element.get("role") in ("navigation", "search"):
            doomed.append(element)
    budget = 5 * whole + 100_000  # nested furniture would be measured again and again
    for element in doomed:
        size = len(" ".join(element.text_content().split()))
        budget -= size + 100
        if budget < 0:
            return
        if (size < 0.3 * whole or size < 200) and element.getparent() is not None:
            element.drop_tree()


def _inherit(parent: _Style, element: html.HtmlElement, tag: str, anchors: int) -> _Style:
    css = (element.get("style") or "")[:2_000]
    style = _Style(
        parent.heading, parent.bold, parent.size, parent.item, parent.hint, parent.colour, parent.href, parent.anchor
    )
    if tag in _HEADINGS:
        style.heading = _HEADINGS[tag]
    elif tag == "li":
        style.item = anchors
    elif tag in ("b", "strong", "th"):
        style.bold = True
    elif tag == "a" and element.get("href") is not None:
        style.href, style.anchor = element.get("href")[:8_000], anchors
    if tag in ("table", "ul", "ol", "div", "section", "article"):
        style.hint = ""
    if css:
        weight = _BOLD.search(css)
        if weight:
            style.bold = weight.group(1).lower() not in ("normal", "lighter", "100", "200", "300", "400", "500")
        size = _SIZE.search(css)
        if size:
            style.size = _pixels(float(size.group(1)), size.group(2).lower(), parent.size or 16.0)
        if _CAPITALS.search(css) and not style.hint:
            style.hint = "section"  # shown in capitals: most often the heading of a section, never a paragraph
        background = _BACKGROUND.search(css)
        if background:
            style.colour = background.group(1).lower()
    if element.get("bgcolor"):
        style.colour = element.get("bgcolor")[:20].lower()
    names = f"{element.get('class') or ''} {element.get('id') or ''}"[:300]
    if names.strip():
        for hint, pattern in _HINTS:
            if pattern.search(names):
                style.hint = hint
                break
    return style


def _pixels(value: float, unit: str, parent: float) -> float:
    factor = {"px": 1.0, "pt": 4 / 3, "em": parent, "rem": 16.0, "%": parent / 100}[unit]
    return round(value * factor, 1)


def _line(pieces: list[tuple[str, _Style]], *, gap: bool, item: bool) -> Line | None:
    raw = "".join(text for text, _ in pieces)
    text = line_text(re.sub(r"\s+", " ", raw))
    if not re.search(r"\w", text):
        return None
    letters = {"all": 0, "bold": 0}
    sizes: dict[float, int] = {}
    labels: dict[int, list[str]] = {}
    targets: dict[int, str] = {}
    weightiest: tuple[int, _Style] = (-1, pieces[0][1])
    for piece, style in pieces:
        count = sum(c.isalnum() for c in piece)
        letters["all"] += count
        letters["bold"] += count if style.bold else 0
        sizes[style.size] = sizes.get(style.size, 0) + count
        weightiest = max(weightiest, (count, style), key=lambda pair: pair[0])
        if style.href is not None:
            labels.setdefault(style.anchor, []).append(piece)
            targets[style.anchor] = style.href
    links = []
    for anchor, words in islice(labels.items(), MAX_LINKS):
        label = line_text(re.sub(r"\s+", " ", "".join(words)))
        if re.search(r"\w", label) or re.search(r"[►▶→»>]", label):  # a link around a mere picture has no words
            links.append(Link(label, targets[anchor]))
    if not links:
        text, written = linkify(text)
        links = list(written)
    style = weightiest[1]
    bold = letters["bold"] >= 0.85 * letters["all"] > 0
    return Line(
        text=text, links=tuple(links), heading=style.heading, bold=bold,
        size=max(sizes, key=lambda s: sizes[s]), gap=gap, item=item, hint=style.hint, colour=style.colour,
        run_in="" if bold else _run_in(pieces),
    )  # fmt: skip


def _run_in(pieces: list[tuple[str, _Style]]) -> str:
    """The bold words at the start of a paragraph, when they could be a title."""
    words: list[str] = []
    for piece, style in pieces:
        if not style.bold and piece.strip():
            break
        words.append(piece)
    text = line_text(re.sub(r"\s+", " ", "".join(words)))
    return text if 8 <= len(text) <= 250 and " " in text else ""


def _joined(lines: list[Line]) -> list[Line]:
    """A title cut by ``<br>`` is one line again: same link, or same heading element."""
    joined: list[Line] = []
    for line in lines:
        last = joined[-1] if joined else None
        if (
            last is not None
            and not line.gap
            and len(last.links) == len(line.links) == 1
            and last.links[0].url == line.links[0].url
            and last.linked > 0.8 < line.linked
            and not is_generic(line.text)
        ) or (last is not None and not line.gap and last.heading and last.heading == line.heading and not line.links):
            assert last is not None
            text = f"{last.text} {line.text}"
            links = (Link(text, last.links[0].url),) if last.links else ()
            joined[-1] = Line(
                text, links, last.heading, last.bold, last.size, last.gap, last.item, hint=last.hint, colour=last.colour
            )
        else:
            joined.append(line)
    return joined
