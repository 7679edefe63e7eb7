"""A PDF newsletter -> lines: text with its size, weight and link annotations (pypdf)."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pypdf

from curation.gather.clean import one_line
from curation.gather.newsletter_lines import Line, Link, line_text, linkify
from curation.gather.newsletter_words import ARROW, cite

MAX_PAGES = 80
MAX_TEXT = 1_000_000  # characters
MAX_ANNOTATIONS = 2_000  # per page
_BOLD = re.compile(r"bold|black|heavy|semibd|demi|[-,]bd", re.IGNORECASE)

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it warns of every oddity


@dataclass(frozen=True, slots=True)
class _Run:
    """A piece of text at a place (points, origin at the bottom left)."""

    text: str
    x: float
    y: float
    size: float
    bold: bool


@dataclass(frozen=True, slots=True)
class _Area:
    left: float
    bottom: float
    right: float
    top: float
    url: str


class _Enough(Exception):
    pass


def pdf_lines(body: bytes, now: datetime) -> tuple[str, list[Line]] | str:
    """(title, lines) of a PDF, or what is wrong with it, in technical English."""
    lines: list[Line] = []
    try:
        reader = pypdf.PdfReader(io.BytesIO(body))
        information = reader.metadata
        title = one_line(str(information.title or ""), limit=300) if information else ""
        length = 0
        for page in reader.pages[:MAX_PAGES]:
            found = _page_lines(page)
            lines += found
            length += sum(len(line.text) for line in found)
            if length > MAX_TEXT:
                break
    except Exception as error:  # pypdf raises anything on a damaged file
        return f"{type(error).__name__}: {error}"[:200]
    if len(title) < 8 or re.search(r"\.(?:docx?|indd|pdf|pptx?|odt)$|^(?:microsoft|sans titre|untitled)", title, re.I):
        title = max(lines[:12], key=lambda line: line.size).text if lines else ""
    return title, _without_running_heads(_paragraphs(lines))


def _page_lines(page: Any) -> list[Line]:
    runs: list[_Run] = []
    count = 0

    def visit(text: str, cm: list[float], tm: list[float], font: dict[str, Any] | None, size: float) -> None:
        nonlocal count
        count += len(text)
        if count > MAX_TEXT:
            raise _Enough
        if not text:
            return
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        scale = abs(tm[3] * cm[3]) or abs(tm[0] * cm[0]) or 1.0
        name = str((font or {}).get("/BaseFont", ""))
        runs.append(_Run(text, x, y, round(abs(size) * scale, 1), bool(_BOLD.search(name))))

    visitor: Callable[..., None] = visit
    try:
        page.extract_text(visitor_text=visitor)
    except _Enough:
        return []
    areas = _areas(page)
    return _rows(runs, areas)


def _areas(page: Any) -> list[_Area]:
    """Rectangles of the page that lead to an address."""
    areas: list[_Area] = []
    annotations = page.get("/Annots")
    annotations = annotations.get_object() if annotations is not None else None
    for reference in list(annotations or ())[:MAX_ANNOTATIONS]:
        try:
            annotation = reference.get_object()
            uri = annotation["/A"].get_object()["/URI"]
            url = uri.decode("utf-8", "replace") if isinstance(uri, bytes) else str(uri)
            x1, y1, x2, y2 = (float(v) for v in annotation["/Rect"])
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
        areas.append(_Area(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2), url[:8_000]))
    return areas


def _rows(runs: list[_Run], areas: list[_Area]) -> list[Line]:
    """Runs of one baseline make a row; pypdf gives them in the order of the file, with line ends inside."""
    rows: list[list[_Run]] = []
    for run in runs:
        for n, piece in enumerate(run.text.split("\n")):
            part = replace(run, text=piece)
            if rows and rows[-1] and n == 0 and abs(rows[-1][-1].y - run.y) <= max(2.0, 0.4 * run.size):
                rows[-1].append(part)
            elif piece.strip():
                rows.append([part])
            elif n:
                rows.append([])
    lines: list[Line] = []
    above: tuple[float, float] | None = None  # baseline and size
    for row in rows:
        line = _row_line(row, areas)
        if line is None:
            continue
        y, size = row[0].y, line.size or 10.0
        step = (above[0] - y) if above else 0.0
        gap = above is None or step > 1.45 * max(size, above[1]) or step < -size
        lines.append(replace(line, gap=gap))
        above = (y, size)
    return lines


def _row_line(row: list[_Run], areas: list[_Area]) -> Line | None:
    text = line_text("".join(run.text for run in row))
    if not re.search(r"\w", text):
        return None
    letters = sum(len(run.text.strip()) for run in row) or 1
    bold = sum(len(run.text.strip()) for run in row if run.bold) >= 0.85 * letters
    size = max(row, key=lambda run: len(run.text.strip())).size
    labels: dict[str, list[str]] = {}
    for run in row:
        if not run.text.strip():
            continue
        middle = run.y + 0.3 * run.size
        for area in areas:
            if area.bottom - 1 <= middle <= area.top + 1 and area.right > run.x - 1 and area.left < run.x + _wide(run):
                inside = _inside(run, area)
                if inside:
                    labels.setdefault(area.url, []).append(inside)
    links = tuple(Link(line_text("".join(words)), url) for url, words in labels.items())
    if not links:
        text, links = linkify(text)
    elif any(link.label.startswith(("http", "www.")) for link in links):
        text, links = _named(text, links)
    return Line(text, links, bold=bold, size=size) if text else None


def _named(text: str, links: tuple[Link, ...]) -> tuple[str, tuple[Link, ...]]:
    """A written address that is also an annotation: the annotation is complete, the words are better."""
    short, written = linkify(text)
    return short, tuple(Link(words.label, link.url) for words, link in zip(written, links, strict=False)) or links


def _wide(run: _Run) -> float:
    return 0.5 * run.size * max(1, len(run.text.strip()))  # average width of a Latin letter


def _inside(run: _Run, area: _Area) -> str:
    """The words of a run under an area; widths are estimated, so an area over most of the run takes it whole."""
    text, wide = run.text, _wide(run)
    left, right = max(0.0, area.left - run.x) / wide, min(1.0, (area.right - run.x) / wide)
    if right - left > 0.6 or len(text) < 12:
        return text
    start, end = int(left * len(text)), round(right * len(text))
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return text[start:end]


def _paragraphs(lines: list[Line]) -> list[Line]:
    """Rows of one paragraph (or of one long title) joined, words cut at a line end mended."""
    joined: list[Line] = []
    for line in lines:
        last = joined[-1] if joined else None
        if last is not None and _goes_on(last, line):
            hyphen = re.search(r"[a-zà-ÿ]-$", last.text) and line.text[:1].islower()
            text = f"{last.text[:-1]}{line.text}" if hyphen else f"{last.text} {line.text}"
            links = {link.url: link for link in last.links}
            for link in line.links:
                known = links.get(link.url)
                links[link.url] = Link(f"{known.label} {link.label}", link.url) if known else link
            joined[-1] = replace(last, text=text, links=tuple(links.values()))
        else:
            joined.append(line)
    return joined


def _goes_on(last: Line, line: Line) -> bool:
    if line.gap or abs(last.size - line.size) > 0.6 or last.bold != line.bold or ARROW.match(line.text):
        return False
    if ARROW.match(last.text) or (
        last.links and {x.url for x in last.links} != {x.url for x in line.links} and last.linked > 0.8
    ):
        return False
    if cite(last.text) or (cite(line.text) and not line.text[:1].islower()):
        return False
    return len(last.text) >= 40


def _without_running_heads(lines: list[Line]) -> list[Line]:
    """Page numbers and the heads that every page repeats."""
    counts: dict[str, int] = {}
    for line in lines:
        key = re.sub(r"\d+", "0", line.text)
        counts[key] = counts.get(key, 0) + 1
    return [
        line
        for line in lines
        if not re.fullmatch(r"(?:page\s?)?\d{1,3}(?:\s?(?:/|sur)\s?\d{1,3})?", line.text.strip(), re.IGNORECASE)
        and not (
            counts[re.sub(r"\d+", "0", line.text)] >= 3
            and not line.links
            and len(line.text) < 100
            and re.search(r"\d", line.text)
        )
    ]
