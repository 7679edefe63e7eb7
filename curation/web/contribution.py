"""The finished contribution: what is pasted into the e-communauté, as Markdown and as HTML."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from curation.types import Draft, Edition, Event
from curation.web.markdown import escape, to_html
from curation.web.render import safe_url

_TAG = re.compile(r"<[^>]+>")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Contribution:
    """``markdown`` and ``html`` say the same; ``name`` is a file name without extension."""

    title: str
    markdown: str
    html: str
    name: str


def edition_of(draft: Draft) -> Edition:
    """The night's words, as a person finds them to edit."""
    return Edition(
        title=draft.title,
        summary=as_markdown(draft.summary),
        # both are made of the vocabulary's words, typed with straight apostrophes
        context=draft.context.replace("'", "’"),
        tags=tuple(tag.replace("'", "’") for tag in draft.keywords),
        event=draft.event,
        deadline=draft.deadline,
    )


def as_markdown(text: str) -> str:
    """Plain text as CommonMark that reads the same; escaped only where CommonMark would change it."""
    rendered = to_html(text)
    plain = html.unescape(_TAG.sub("", rendered))
    tags = set(re.findall(r"</?(\w+)", rendered)) - {"p", "br"}
    return text if not tags and _words(plain) == _words(text) else escape(text)


def contribution(draft: Draft, edition: Edition, dossier: str, day: Callable[[date], str]) -> Contribution:
    """Put together title, context, words, event, source and tags. ``day`` writes a day in French.

    Sentences that the person left as the night quoted them stand as a quotation; the source is always named
    (CPI, art. L. 122-5: short quotations name their source).
    """
    quoted = edition.summary.strip() == as_markdown(draft.summary).strip()
    blocks = [f"## {_line(edition.title)}"]
    if edition.context.strip():
        blocks.append(_line(edition.context))
    if edition.summary.strip():
        lines = edition.summary.strip().splitlines()
        blocks.append("\n".join("> " + line for line in lines) if quoted else "\n".join(lines))
    facts = []
    if edition.event and edition.event.start:
        facts.append(f"**Événement**\u00a0: {event_words(edition.event, day)}")
    if edition.deadline:
        facts.append(f"**À faire avant le** {day(edition.deadline)}")
    if facts:
        blocks.append("\n".join(f"- {fact}" for fact in facts))
    url = safe_url(draft.url)
    source = _line(draft.source) or "page d’origine"
    link = f"[{source}](<{url.replace('<', '%3C').replace('>', '%3E')}>)" if url else source
    published = f", {day(draft.published.date())}" if draft.published else ""
    blocks.append(f"Source\u00a0: {link}{published}")
    if edition.tags:
        blocks.append("Mots-clés\u00a0: " + ", ".join(_line(t) for t in edition.tags))
    if dossier:
        blocks.append(f"Dossier\u00a0: {_line(dossier)}")
    markdown = "\n\n".join(blocks) + "\n"
    return Contribution(edition.title, markdown, to_html(markdown), file_name(edition.title))


def event_words(event: Event, day: Callable[[date], str]) -> str:
    """« du 3 mars 2027 au 5 avril 2027, Tours », « du 3 au 4 mars 2027 » within a month."""
    if event.start is None:
        return _line(event.place or "")
    several = event.end is not None and event.end != event.start
    when = f"le {day(event.start)}"
    if several and event.end:
        same = (event.start.year, event.start.month) == (event.end.year, event.end.month)
        when = f"du {day(event.start).partition(' ')[0] if same else day(event.start)} au {day(event.end)}"
    return when + (f", {_line(event.place)}" if event.place else "")


def file_name(title: str) -> str:
    """Letters, digits and hyphens: safe in a header and on any disk."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60] or "contribution"


def _line(text: str) -> str:
    """One line of plain text in CommonMark."""
    return as_markdown(_SPACES.sub(" ", text).strip())


def _words(text: str) -> str:
    return _SPACES.sub(" ", text).strip()
