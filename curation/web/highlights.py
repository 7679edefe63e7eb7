"""Where the keywords stand: marked text and short excerpts. Everything is escaped here, once."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from curation.types import Evidence

#: Characters shown on each side of a keyword in an excerpt.
AROUND = 48


def marked(text: str, spans: Sequence[tuple[int, int]]) -> Markup:
    """``text`` escaped, the spans (start, end) inside ``<mark>``; overlapping spans become one, wrong ones none."""
    parts: list[Markup | str] = []
    at = 0
    for start, end in merged(spans, len(text)):
        parts += [escape(text[at:start]), Markup("<mark>"), escape(text[start:end]), Markup("</mark>")]
        at = end
    parts.append(escape(text[at:]))
    return Markup("").join(parts)


def merged(spans: Sequence[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    """Spans in order, inside the text, without overlap."""
    result: list[tuple[int, int]] = []
    for start, end in sorted(s for s in spans if 0 <= s[0] < s[1] <= length):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def title_spans(evidence: Sequence[Evidence]) -> list[tuple[int, int]]:
    """Where the keywords stand in the title."""
    return [(e.start, e.end) for e in evidence if e.where == "title"]


def text_spans(evidence: Sequence[Evidence]) -> list[tuple[int, int]]:
    """Where the keywords stand in the text."""
    return [(e.start, e.end) for e in evidence if e.where in ("lead", "body")]


def title_marked(shown: str, original: str, evidence: Sequence[Evidence]) -> Markup:
    """The title with its keywords; offsets hold for the article's own title only."""
    return marked(shown, title_spans(evidence) if shown == original else [])


def paragraphs(text: str, evidence: Sequence[Evidence]) -> list[Markup]:
    """The text by paragraphs, keywords marked."""
    spans = merged(text_spans(evidence), len(text))
    result, at = [], 0
    for line in text.split("\n"):
        end = at + len(line)
        if line.strip():
            inside = [(max(s, at) - at, min(e, end) - at) for s, e in spans if s < end and e > at]
            result.append(marked(line, inside))
        at = end + 1
    return result


def excerpt(text: str, evidence: Sequence[Evidence], limit: int = 2) -> Markup:
    """One line: short pieces of the text around its weightiest keywords, in the order of the text, « … » between."""
    chosen: list[tuple[int, int]] = []
    for e in sorted((e for e in evidence if e.where in ("lead", "body")), key=lambda e: (-e.weight, e.start)):
        if not 0 <= e.start < e.end <= len(text):
            continue
        if all(abs(e.start - s) > 2 * AROUND for s, _ in chosen):
            chosen.append((e.start, e.end))
        if len(chosen) == limit:
            break
    spans = text_spans(evidence)
    parts: list[Markup | str] = []
    at = 0
    for start, end in sorted(chosen):
        first = max(at, _word_start(text, max(0, start - AROUND)))
        last = max(first, _word_end(text, min(len(text), end + AROUND)))
        if first > at:
            parts.append("… " if not parts else " … ")
        inside = [(max(s, first) - first, min(e, last) - first) for s, e in spans if s < last and e > first]
        parts.append(marked(text[first:last].replace("\n", " "), inside))
        at = last
    if parts and at < len(text):
        parts.append(" …")
    return Markup("").join(parts)


def _word_start(text: str, at: int) -> int:
    while 0 < at < len(text) and not text[at - 1].isspace():
        at += 1
    return at


def _word_end(text: str, at: int) -> int:
    while 0 < at < len(text) and not text[at].isspace():
        at -= 1
    return at
