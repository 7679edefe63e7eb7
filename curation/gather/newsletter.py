"""A newsletter (mail, HTML page or PDF) -> its entries.

A documentary bulletin reads: a section heading (« Action publique », « Agenda »), then notices: a title, « organisme,
mois année. 31 p. », a paragraph, « ► L'étude ». An ordinary one: a title, a text, « Lire la suite ». Both become
entries whose ``published`` is the day of the letter (its own ``Date`` or what its page declares), never the date of
the documents it cites.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import datetime

from curation.gather.boilerplate import fold, without_boilerplate
from curation.gather.canonical import canonical_url
from curation.gather.clean import clip, one_line, plain_text
from curation.gather.decode import decode
from curation.gather.entries import MAX_SUMMARY, MAX_TITLE, distinct_guids
from curation.gather.newsletter_html import html_lines
from curation.gather.newsletter_lines import Line
from curation.gather.newsletter_mail import looks_like_mail, read_mail
from curation.gather.newsletter_notices import Notice, read_notices
from curation.gather.newsletter_pdf import pdf_lines
from curation.gather.newsletter_text import text_lines
from curation.gather.page_facts import page_facts
from curation.types import Cause, Failure, FeedEntry, ParsedFeed

MAX_BODY = 25_000_000  # bytes: a mail with its pictures
MAX_HTML = 4_000_000  # characters of one HTML part
MAX_ENTRIES = 1_000


def parse_newsletter(
    body: bytes, *, source: str, url: str = "", content_type: str | None = None, now: datetime
) -> ParsedFeed:
    """Entries of one newsletter; its kind (mail, HTML, PDF, plain text) is sniffed. Never raises.

    ``url``: where a page came from (completes relative links), "" for a file. ``format`` of the result: "eml", "html",
    "pdf" or "text". ``failure``: EMPTY (no byte, or no entry), TOO_LARGE, BAD_MAIL, BAD_PDF, THIN (a scanned PDF).
    """
    if not body.strip():
        return _failed(Cause.EMPTY, url, now)
    if len(body) > MAX_BODY:
        return _failed(Cause.TOO_LARGE, url, now, f"{len(body)} bytes")
    kind = (content_type or "").split(";", 1)[0].strip().lower()
    if body[:1024].lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"%PDF-") or kind == "application/pdf":
        return _from_pdf(body, source, url, now)
    if kind == "message/rfc822" or looks_like_mail(body):
        return _from_mail(body, source, url, now)
    text, _ = decode(body, content_type)
    return _from_markup(text, source, url, now)


def _failed(cause: Cause, url: str, now: datetime, detail: str = "", format: str = "") -> ParsedFeed:
    return ParsedFeed("", url, (), Failure(cause, url, detail[:200], at=now), format)


def _from_mail(body: bytes, source: str, url: str, now: datetime) -> ParsedFeed:
    mail = read_mail(body, now)
    if mail is None:
        return _failed(Cause.BAD_MAIL, url, now, "no readable text", "eml")
    best = ParsedFeed(mail.subject, url, (), None, "eml")
    for part in mail.parts:
        if part.kind == "pdf":
            found = _from_pdf(part.body, source, url, now)
        elif part.kind == "html":
            lines, _ = html_lines(part.text[:MAX_HTML])
            found = _feed(lines, source, url, now, title=mail.subject, published=mail.date, bases=part.bases)
        else:
            found = _feed(text_lines(part.text), source, url, now, title=mail.subject, published=mail.date)
        if len(found.entries) > len(best.entries):
            best = found
            if part.kind == "html" or len(found.entries) > 1:
                break
    entries = tuple(replace(entry, published=mail.date) for entry in best.entries)
    failure = None if entries else Failure(Cause.EMPTY, url, "no notice was recognised", at=now)
    return ParsedFeed(mail.subject, url, entries, failure, "eml", mail.notes)


def _from_markup(text: str, source: str, url: str, now: datetime) -> ParsedFeed:
    text = text[:MAX_HTML]
    if not re.search(r"<(?:html|body|table|div|p|a|h[1-6]|br|ul|td)\b", text[:50_000], re.IGNORECASE):
        lines = text_lines(text)
        return _feed(lines, source, url, now, title=lines[0].text[:200] if lines else "", format="text")
    lines, tree = html_lines(text)
    if tree is None:
        return _failed(Cause.EMPTY, url, now, "no markup", "html")
    facts = page_facts(tree, url=url, now=now)
    title = one_line(tree.findtext(".//title") or "", limit=MAX_TITLE) or facts.title
    base = next(iter(tree.xpath("//base/@href")), "")
    bases = tuple(b for b in (url, base) if b)
    return _feed(lines, source, url, now, title=title, published=facts.published, bases=bases)


def _from_pdf(body: bytes, source: str, url: str, now: datetime) -> ParsedFeed:
    read = pdf_lines(body, now)
    if isinstance(read, str):
        return _failed(Cause.BAD_PDF, url, now, read, "pdf")
    title, lines = read
    if sum(len(line.text) for line in lines) < 100:
        return _failed(Cause.THIN, url, now, "hardly any text (a scan?)", "pdf")
    return _feed(lines, source, url, now, title=title, format="pdf")


def _feed(
    lines: list[Line], source: str, url: str, now: datetime, *, title: str, published: datetime | None = None,
    bases: tuple[str, ...] = (), format: str = "html",
) -> ParsedFeed:  # fmt: skip
    notices = read_notices(lines, bases=bases, heading=title)
    entries = _merged([_entry(notice, source, published) for notice in notices[: 2 * MAX_ENTRIES]])[:MAX_ENTRIES]
    failure = None if entries else Failure(Cause.EMPTY, url, "no notice was recognised", at=now)
    return ParsedFeed(title, url, distinct_guids(entries), failure, format)


def _entry(notice: Notice, source: str, published: datetime | None) -> FeedEntry:
    title = one_line(notice.title, limit=MAX_TITLE)
    summary = clip(without_boilerplate(plain_text(notice.summary), title), MAX_SUMMARY)
    url = notice.url
    guid = canonical_url(url) if url else "sha256:" + hashlib.sha256(fold(title).encode()).hexdigest()[:32]
    return FeedEntry(
        source=source, guid=guid, url=url, title=title, summary=summary, published=published,
        section=one_line(notice.section, limit=200) if notice.section else None,
        cited_source=one_line(notice.cited_source, limit=200) if notice.cited_source else None,
    )  # fmt: skip


def _merged(entries: list[FeedEntry]) -> list[FeedEntry]:
    """Each notice once: those of one address that say the same subject are merged, the fullest text wins."""
    kept: list[FeedEntry] = []
    places: dict[str, list[int]] = {}
    for entry in entries:
        for place in places.setdefault(entry.guid, [])[:20]:
            if _same_subject(kept[place], entry):
                kept[place] = _union(kept[place], entry)
                break
        else:
            places[entry.guid].append(len(kept))
            kept.append(entry)
    return kept


def _same_subject(a: FeedEntry, b: FeedEntry) -> bool:
    """Of two notices that lead to one page (a diary may announce ten events there)."""
    first, second = set(fold(a.title).split()), set(fold(b.title).split())
    shared = len(first & second)
    return not first or not second or shared >= 0.5 * min(len(first), len(second)) or not (a.summary and b.summary)


def _union(a: FeedEntry, b: FeedEntry) -> FeedEntry:
    fuller = b if len(b.summary) > len(a.summary) else a
    other = a if fuller is b else b
    return replace(
        fuller,
        title=fuller.title or other.title,
        section=fuller.section or other.section,
        cited_source=fuller.cited_source or other.cited_source,
    )
