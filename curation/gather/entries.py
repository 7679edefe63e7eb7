"""From the raw fields of an entry, whatever its format, to a ``FeedEntry``; and guids that hold from night to night."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from curation.gather.boilerplate import fold, without_boilerplate
from curation.gather.canonical import canonical_url, unwrap_redirector
from curation.gather.clean import clip, one_line, plain_text, tidy
from curation.gather.feed_dates import feed_date
from curation.types import FeedEntry

MAX_TITLE = 500  # characters
MAX_SUMMARY = 4_000
MAX_CONTENT = 100_000
MAX_URL = 4_000
MAX_NAMES = 30  # authors or tags of one entry
MAX_GUID = 500

NOTE_TITLE_FROM_TEXT = "titre tiré du texte"
NOTE_GUID_MADE = "identifiant déduit"
NOTE_GUID_SHARED = "identifiant partagé par plusieurs entrées"
NOTE_BAD_LINK = "lien inutilisable écarté"
_TAG_SPLIT = re.compile(r"\s*[;|]\s*")
_SOUND = re.compile(r"https?://[\w.-]+(?:/[^\s]*)?$", re.ASCII | re.IGNORECASE)
_MAIL = re.compile(r"\s*[<(]?[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}[>)]?\s*")


@dataclass(slots=True)
class RawEntry:
    """The fields of an entry as the feed gave them (HTML or text), before cleaning. ``links``: best first."""

    guid: str = ""
    links: tuple[str, ...] = ()
    title: str = ""
    summary: str = ""
    content: str = ""
    published: tuple[object, object] = (None, None)  # feedparser's 9-tuple, text
    updated: tuple[object, object] = (None, None)
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


def clean_entry(raw: RawEntry, *, source: str, bases: tuple[str, ...], now: datetime) -> FeedEntry:
    """One ``FeedEntry`` of plain text. ``bases``: absolute addresses that complete a relative link, in order."""
    notes: list[str] = []
    title = one_line(raw.title[:20_000], limit=MAX_TITLE)
    content = without_boilerplate(plain_text(raw.content, limit=MAX_CONTENT), title) if raw.content else ""
    if not raw.summary or raw.summary == raw.content:
        summary = content
    else:
        summary = without_boilerplate(plain_text(raw.summary[:100_000]), title)
    if fold_equal(summary, title):
        summary = ""
    summary = summary or content
    if content == summary and len(content) <= MAX_SUMMARY:
        content = ""
    summary = clip(summary, MAX_SUMMARY)
    if not title and "<img" in raw.title:  # a title that is a picture: its text, else the name of its file
        title = one_line(_picture(raw.title), limit=MAX_TITLE)
    if not title and summary:
        title = clip(summary.split("\n", 1)[0], 120)
        notes.append(NOTE_TITLE_FROM_TEXT)

    url = ""
    for link in raw.links:
        url = absolute(link, bases)
        if url:
            break
    if not url and any(raw.links):
        notes.append(NOTE_BAD_LINK)

    published, note = feed_date(*raw.published, now)
    if note:
        notes.append(note)
    updated, note = feed_date(*raw.updated, now)
    if note and note not in notes:
        notes.append(note)

    guid = _guid(raw.guid)
    if not guid:
        guid = canonical_url(url) if url else "sha256:" + _digest(fold(title) or summary, str(raw.published[1] or ""))
        notes.append(NOTE_GUID_MADE)
    return FeedEntry(
        source=source,
        guid=guid[:MAX_GUID] if len(guid) <= MAX_GUID else "sha256:" + _digest(guid),
        url=url,
        title=title,
        summary=summary,
        published=published,
        updated=updated,
        authors=_names(_MAIL.sub(" ", a).strip(" ()") or a for a in raw.authors[:MAX_NAMES]),
        tags=_names(t for tag in raw.tags[:MAX_NAMES] for t in _TAG_SPLIT.split(tag[:1000])),
        content=content,
        notes=tuple(notes),
    )


def distinct_guids(entries: list[FeedEntry]) -> tuple[FeedEntry, ...]:
    """The same entries, no two with the same guid.

    An entry repeated with its guid, its link and its title is kept once (Légifrance repeats some five times). Entries
    that share nothing but a guid all get a mark made of their own link and title: it depends on nothing else in
    the feed, so it holds when other entries come and go.
    """
    counts = Counter(entry.guid for entry in entries)
    if len(counts) == len(entries):
        return tuple(entries)
    kept: dict[object, FeedEntry] = {}
    for number, entry in enumerate(entries):
        own = NOTE_GUID_MADE not in entry.notes  # without guids, two bare entries may well be two
        kept.setdefault((entry.guid, canonical_url(entry.url), fold(entry.title)) if own else number, entry)
    entries = list(kept.values())
    counts = Counter(entry.guid for entry in entries)
    if len(counts) == len(entries):
        return tuple(entries)
    made: list[FeedEntry] = []
    taken = set(counts)
    for entry in entries:
        if counts[entry.guid] > 1:
            guid = f"{entry.guid}#{_digest(canonical_url(entry.url), fold(entry.title))[:12]}"
            while guid in taken:  # somebody else's guid looks like ours
                guid += "'"
            taken.add(guid)
            entry = replace(entry, guid=guid, notes=(*entry.notes, NOTE_GUID_SHARED))
        made.append(entry)
    return tuple(made)


def absolute(link: str, bases: tuple[str, ...] = ()) -> str:
    """Absolute http(s) address of a link, redirectors undone; "" when there is none.

    Without any base a relative link stays relative; with one, what does not become http(s) is dropped.
    """
    link = tidy(link[:MAX_URL]).replace("\n", "").replace("&amp;", "&")
    if not link or link.startswith("#"):
        return ""
    if link[:8].lower() in ("https://", "http://w") and " " not in link and _SOUND.match(link):  # nearly always
        return unwrap_redirector(link)
    for base in ("", *bases):
        try:
            joined = urljoin(base, link) if base else link
            parts = urlsplit(joined)
            if parts.scheme.lower() in ("http", "https", "ftp") and parts.hostname:
                return unwrap_redirector(joined.replace(" ", "%20"))
        except ValueError:
            continue
    if not bases and ":" not in link.split("/", 1)[0]:
        return link  # a feed read from a file, without any address of its own: what it says is all there is
    return ""


def fold_equal(a: str, b: str) -> bool:
    """Whether two texts say the same, signs and accents aside (very different lengths settle it at once)."""
    return bool(a) and abs(len(a) - len(b)) < 20 + len(b) // 5 and fold(a) == fold(b)


def _picture(markup: str) -> str:
    alt = re.search(r"""<img[^<>]{0,2000}?\b(?:alt|title)\s?=\s?["']([^"'<>]{2,300})""", markup[:5_000], re.IGNORECASE)
    if alt:
        return alt.group(1)
    name = re.search(
        r"""<img[^<>]{0,2000}?\bsrc\s?=\s?["']?[^"'<>\s]{0,1000}?([^/"'<>\s]{1,200})["'\s/>]""", markup[:5_000], re.I
    )
    return name.group(1) if name else ""


def _guid(text: str) -> str:
    return tidy(text[:20_000]).replace("\n", " ")


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:32]


def _names(values: Iterable[str]) -> tuple[str, ...]:
    cleaned = (one_line(value[:2_000], limit=120) for value in values)
    return tuple(dict.fromkeys(name for name in cleaned if name))[:MAX_NAMES]
