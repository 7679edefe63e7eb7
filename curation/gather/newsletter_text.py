"""Plain text of a newsletter -> lines: hard-wrapped lines rejoined, underlined headings, bullets, numbered links."""

from __future__ import annotations

import re
from dataclasses import replace

from curation.gather.newsletter_lines import MAX_LINES, Line, Link, line_text, linkify
from curation.gather.newsletter_words import ARROW, cite

_RULE = re.compile(r"^\s*([-=_*~#+])\1{2,}[\s\1]*$")
#: « == Agenda == », « *** Agenda *** », « ## Agenda ».
_FRAMED = re.compile(r"^\s*(?:([-=*~#+_])\1{1,}\s*|#\s+)(\w[^=*#~_]{1,118}?)\s*(?:\1{2,})?\s*$")
_BULLET = re.compile(r"^\s{0,8}(?:[*•·‣o–-]|\d{1,2}[.)])\s+(?=\S)")
_REFERENCE = re.compile(r"^\s*\[(\d{1,4})\]:?\s*<?((?:https?://|mailto:|www\.)[^\s>]+)>?\s*$", re.IGNORECASE)
_CALL = re.compile(r"\s?\[(\d{1,4})\]")
_URL_LINE = re.compile(r"^\s*<?(?:https?://|www\.)\S+$", re.IGNORECASE)


def text_lines(text: str) -> list[Line]:
    """Lines of a plain text. A line underlined by a rule (``----``) is a heading."""
    rows = [re.sub(r"^(?:>\s?)+", "", row).rstrip("\r") for row in text[:4_000_000].split("\n")[: 2 * MAX_LINES]]
    references = {m.group(1): m.group(2) for row in rows if (m := _REFERENCE.match(row[:3_000]))}
    if references:
        rows = [row for row in rows if not _REFERENCE.match(row[:3_000])]
    width = _width(rows)
    lines: list[Line] = []
    gap = True
    for n, row in enumerate(rows):
        if _RULE.match(row[:500]):
            # A rule right under a line makes it a heading.
            if lines and not gap and lines[-1].gap and len(lines[-1].text) <= 120:
                lines[-1] = replace(lines[-1], heading=2, lead=False)
            gap = True
            continue
        if not row.strip():
            gap = True
            continue
        framed = _FRAMED.match(row[:200])
        if framed is not None:
            lines.append(Line(line_text(framed.group(2)), heading=2))
            gap = True
            continue
        if lines and not gap and lines[-1].item and not lines[-1].heading and _URL_LINE.match(row[:3_000]):
            lines[-1] = replace(lines[-1], text=f"{lines[-1].text} <{row.strip()}>")
            continue
        if lines and not gap and _continues(rows[n - 1], row, width):
            previous = lines.pop()
            row, gap = f"{previous.text} {row.strip()}", previous.gap
            item = previous.item
        else:
            item = bool(_BULLET.match(row))
        content = line_text(_BULLET.sub("", row) if item else row).strip()
        if not re.search(r"\w", content):
            gap = True
            continue
        following = rows[n + 1] if n + 1 < len(rows) else ""
        lines.append(
            Line(content, gap=gap, item=item, heading=0, lead=gap and bool(following.strip()) and _titles(content))
        )
        gap = False
    return [_with_links(line, references) for line in lines[:MAX_LINES]]


def _width(rows: list[str]) -> int:
    """Column at which the text was wrapped, or 0 when it was not."""
    long = sorted(len(row.rstrip()) for row in rows if len(row.strip()) > 50 and "http" not in row)
    if len(long) < 4 or long[int(len(long) * 0.95)] > 82:
        return 0
    return long[-1] if long[-1] <= 100 else 82


def _continues(before: str, row: str, width: int) -> bool:
    """Whether ``row`` is the rest of ``before``, cut because its first word did not fit."""
    if _BULLET.match(row) or ARROW.match(row) or _URL_LINE.match(row) or "http" in before:
        return False
    if row[:1].islower() and len(before.rstrip()) >= 45:
        return True
    if not width:
        return False
    if before.endswith(" ") and before.strip() and not cite(before.strip()):  # format=flowed
        return True
    return len(before.rstrip()) + 1 + len(row.split(maxsplit=1)[0]) > width and not cite(before.strip())


def _titles(text: str) -> bool:
    return len(text) <= 220 and text[-1] not in ".,;:!" and not ARROW.match(text) and "http" not in text


def _with_links(line: Line, references: dict[str, str]) -> Line:
    text, links = linkify(line.text)
    called = [references[n] for n in _CALL.findall(text) if n in references] if references else []
    if called:
        text = _CALL.sub("", text)
        links += tuple(Link(text if len(called) == 1 else "", url) for url in called)
    return replace(line, text=text, links=links) if links else line
