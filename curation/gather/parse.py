"""A feed, bytes in: its entries, or the failure that explains their absence.

feedparser reads every RSS, Atom and CDF dialect and their faults; ``jsonfeed`` reads JSON Feed. feedparser's HTML
sanitiser and link resolver are switched off: all text is reduced to plain text here, once. What feedparser was not
built for is handled before it runs: wrong encodings (``decode``), documents of absurd size, depth or number of entries.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import feedparser
import feedparser.mixin

from curation.gather.clean import one_line, tidy
from curation.gather.decode import decode
from curation.gather.entries import RawEntry, absolute, clean_entry, distinct_guids
from curation.gather.jsonfeed import parse_json_feed
from curation.types import Cause, Failure, FeedEntry, ParsedFeed

MAX_BYTES = 64_000_000  # beyond, a feed is not read at all
MAX_ENTRIES = 1_000  # the first ones of the document are kept
MAX_DEPTH = 200  # nesting of elements; real feeds stay under 20
_MANY_TAGS = 30_000  # from here on, depth is checked
_HEAD = 20_000  # characters before the root element

NOTE_NO_ENTRY = "flux valide mais sans entrée"
NOTE_CUT = f"flux limité à ses {MAX_ENTRIES} premières entrées"
NOTE_BROKEN = "XML mal formé, lu avec indulgence"

_ROOT = re.compile(
    r"<(?:\w{1,30}:)?(rss|feed|rdf|channel|html|head|body|entry|item|opml|urlset|sitemapindex)\b", re.IGNORECASE
)
_PICTURES = re.compile(r"<media:(?:content|thumbnail|rating)\b[^<>]*/>")
#: feedparser compares each tag of an entry with all the others: lists of keywords, and categories by the thousand, are
#: renamed to something it does not know.
_KEYWORDS = re.compile(r"<(/?)((?:[\w.-]{1,30}:)?)(keywords|tags)(?=[\s/>])", re.IGNORECASE)
_CATEGORIES = re.compile(r"<(/?)((?:[\w.-]{1,30}:)?)(category|subject)(?=[\s/>])", re.IGNORECASE)
_MANY_CATEGORIES = 2_000
_ENDLESS_TAG = re.compile(r"<[A-Za-z][^<>]{100000}")
_ITEM_END = re.compile(r"</(?:\w{1,20}:)?(?:item|entry)\s{0,20}>", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"<\?xml[^>]{0,500}>")
_TAG = re.compile(r"<(/?)[A-Za-z_][^<>]*?(/?)>")
_LINK_TAG = re.compile(r"<link\b[^<>]{0,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-zA-Z-]{1,20})\s{0,5}=\s{0,5}(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""")
_FEED_TYPE = re.compile(r"application/(?:rss|atom|rdf|feed)\+(?:xml|json)|application/json", re.IGNORECASE)
_BASE_TAG = re.compile(r"<base\b[^<>]{0,1000}>", re.IGNORECASE)
_COMMENT_FEED = re.compile(r"comment", re.IGNORECASE)


#: feedparser passes every field through ``str.translate`` with a table of 27 characters (windows-1252 mislabelled);
#: every other character of a text that is not ASCII costs CPython a KeyError there. Named as what they stay, they cost
#: a look-up: a French feed is read a fifth faster, and what comes out is the same.
feedparser.mixin._cp1252 = {
    **{code: code for code in (*range(0x300), *range(0x2000, 0x2200))},
    **getattr(feedparser.mixin, "_cp1252", {}),
}


def parse_feed(
    body: bytes, *, source: str, url: str = "", content_type: str | None = None, now: datetime
) -> ParsedFeed:
    """Read a feed document.

    ``body`` is what came over the wire, decompressed; ``content_type`` the HTTP header (its charset counts); ``url``
    the address it came from (links resolve against xml:base, then the feed's link, then it); ``now`` an aware datetime
    (later dates, by two days, are refused). Never raises for any content: the result holds entries, or a ``Failure``
    (EMPTY, HTML_NOT_FEED with the advertised feed as ``suggested_url``, NOT_A_FEED, TOO_LARGE), or neither, for a
    sound feed without entries (``notes`` says so).
    """
    if not body.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        return _failed(Cause.EMPTY, url, now)
    if len(body) > MAX_BYTES:
        return _failed(Cause.TOO_LARGE, url, now, f"{len(body)} bytes")
    text, _ = decode(body, content_type)
    text = text.lstrip("\ufeff \t\r\n\x00")
    if text.startswith(("{", "[")):
        return _json(text, source=source, url=url, now=now)
    root = _ROOT.search(_without_comments_ahead(text[:200_000]))
    name = root.group(1).lower() if root else ""
    if name in ("html", "head", "body"):
        return _html(text, url, now)
    if not name and "<" not in text[:200_000]:
        return _failed(Cause.NOT_A_FEED, url, now, "no markup")
    if name in ("opml", "urlset", "sitemapindex"):
        return _failed(Cause.NOT_A_FEED, url, now, f"root element <{name}>")
    return _xml(text, name, source=source, url=url, now=now)


def _failed(cause: Cause, url: str, now: datetime, detail: str = "", suggested: str | None = None) -> ParsedFeed:
    return ParsedFeed("", "", (), Failure(cause, url, detail, suggested_url=suggested, at=now))


def _without_comments_ahead(text: str) -> str:
    """The start of a document without its comments, where a feed may quote ``<html>``."""
    while text.startswith(("<!--", "<?")):
        end = text.find("-->" if text.startswith("<!--") else "?>")
        if end < 0:
            return text
        text = text[end + 2 :].lstrip("> \t\r\n")
    return text


def _json(text: str, *, source: str, url: str, now: datetime) -> ParsedFeed:
    feed = parse_json_feed(text, MAX_ENTRIES)
    if feed is None:
        return _failed(Cause.NOT_A_FEED, url, now, "JSON, but no JSON Feed")
    bases = tuple(base for base in (absolute(feed.link), absolute(feed.feed_url), url) if base)
    entries = distinct_guids([clean_entry(raw, source=source, bases=bases, now=now) for raw in feed.entries])
    notes = () if entries else (NOTE_NO_ENTRY,)
    return ParsedFeed(one_line(feed.title, limit=300), absolute(feed.link, bases), entries, None, "jsonfeed", notes)


def _html(text: str, url: str, now: datetime) -> ParsedFeed:
    detail = "HTML page"
    title = re.search(r"<title[^<>]{0,300}>([^<]{1,500})", text[:300_000], re.IGNORECASE)
    if title:
        detail += f": {one_line(title.group(1), limit=120)}"
    return _failed(Cause.HTML_NOT_FEED, url, now, detail, advertised_feed(text, url))


def advertised_feed(text: str, url: str) -> str | None:
    """The feed that a page announces (``<link rel=alternate type=application/rss+xml>``), comments' feeds last."""
    head = text[:400_000]
    base = next((_attributes(m.group()).get("href", "") for m in _BASE_TAG.finditer(head)), "")
    bases = tuple(b for b in (absolute(base, (url,) if url else ()), url) if b)
    found: list[tuple[bool, str]] = []
    for match in _LINK_TAG.finditer(head):
        attributes = _attributes(match.group())
        if "alternate" in attributes.get("rel", "").lower().split() and _FEED_TYPE.search(attributes.get("type", "")):
            if "json" in attributes["type"].lower() and "wp-json" in attributes.get("href", ""):
                continue  # WordPress announces its API this way
            target = absolute(attributes.get("href", ""), bases)
            if target and target != url:
                about = attributes.get("title", "") + target
                found.append((bool(_COMMENT_FEED.search(about)), target))
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _attributes(tag: str) -> dict[str, str]:
    return {
        m.group(1).lower(): tidy(next((g for g in m.groups()[1:] if g is not None), ""))
        for m in _ATTRIBUTE.finditer(tag)
    }


def _xml(text: str, root: str, *, source: str, url: str, now: datetime) -> ParsedFeed:
    notes: list[str] = []
    text, cut = _first_entries(text)
    if cut:
        notes.append(NOTE_CUT)
    if len(text) > 100_000 and _ENDLESS_TAG.search(text):
        return _failed(Cause.NOT_A_FEED, url, now, "a tag of more than 100,000 characters")
    if text.count("<") > _MANY_TAGS and _too_deep(text):
        return _failed(Cause.NOT_A_FEED, url, now, f"elements nested more than {MAX_DEPTH} deep")
    parsed = _feedparser(text)
    if parsed is None:
        return _failed(Cause.NOT_A_FEED, url, now, "unreadable XML")
    if not parsed.entries and not parsed.version and root not in ("rss", "feed", "rdf", "channel"):
        return _failed(
            Cause.NOT_A_FEED, url, now, f"no feed element; {str(parsed.get('bozo_exception', ''))[:160]}".strip("; ")
        )
    feed = parsed.feed
    link = absolute(_string(feed, "link"), (url,) if url else ())
    bases = tuple(base for base in (link, url) if base)
    dc_date = (parsed.version or "rss").startswith("rss")
    entries = [
        clean_entry(_raw(entry, dc_date), source=source, bases=bases, now=now) for entry in parsed.entries[:MAX_ENTRIES]
    ]
    if parsed.bozo:
        notes.append(NOTE_BROKEN)
    if not entries:
        notes.append(NOTE_NO_ENTRY)
    title = one_line(_string(feed, "title")[:20_000], limit=300)
    return ParsedFeed(title, link, distinct_guids(entries), None, parsed.version or "", tuple(notes))


def _feedparser(text: str) -> Any | None:
    """feedparser on text that holds no trap for it: one XML declaration, a short head, no unclosed construct."""
    declaration = _XML_DECLARATION.match(text)
    body = text[declaration.end() :] if declaration else text
    start = re.search(r"<\w", body)
    if start is None:
        return None
    head = body[: start.start()]
    if len(head) > _HEAD:  # feedparser's patterns for DOCTYPE are slow on long ones; nobody needs such a head
        head = ""
    body = re.sub(r"\s+", lambda m: "\n" if "\n" in m.group() else " ", head) + _closed(body[start.start() :])
    if "<media:" in body:
        body = _PICTURES.sub("", body)  # not used here, and a third of feedparser's time on press feeds
    body = _KEYWORDS.sub(r"<\1\2x-\3", body)
    if len(_CATEGORIES.findall(body)) > _MANY_CATEGORIES * 2 and _crowded(body):
        body = _CATEGORIES.sub(r"<\1\2x-\3", body)
    data = ('<?xml version="1.0" encoding="utf-8"?>\n' + body).encode("utf-8", "replace")
    headers = {"content-type": "application/xml; charset=utf-8"}
    try:
        return feedparser.parse(
            io.BytesIO(data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception:  # a defect of the parser on some malformed document must not end the night
        return None


def _crowded(text: str) -> bool:
    """Whether one entry holds more than ``_MANY_CATEGORIES`` categories."""
    return any(len(_CATEGORIES.findall(part)) > _MANY_CATEGORIES for part in _ITEM_END.split(text))


def _closed(text: str) -> str:
    """Escape what the lenient parser would search to the end of the document again and again (quadratic time)."""
    last = text.rfind(">")
    tail = text[last + 1 :]
    if "<" in tail:
        text = text[: last + 1] + tail.replace("<", "&lt;")
    unclosed = text.find("<!--", text.rfind("-->") + 1)
    if unclosed >= 0:
        text = text[:unclosed] + text[unclosed:].replace("<!--", "&lt;!--")
    return text


def _first_entries(text: str) -> tuple[str, bool]:
    """The document without its entries after the ``MAX_ENTRIES`` first; whether there were more."""
    end = last = -1
    count = 0
    for match in _ITEM_END.finditer(text):
        count += 1
        if count == MAX_ENTRIES:
            end = match.end()
        last = match.end()
    return (text[:end] + text[last:], True) if count > MAX_ENTRIES else (text, False)


def _too_deep(text: str) -> bool:
    depth = 0
    for match in _TAG.finditer(text):
        if match.group(1):
            depth -= depth > 0
        elif not match.group(2):
            depth += 1
            if depth > MAX_DEPTH:
                return True
    return False


def _get(entry: Any, key: str) -> Any:
    """Plain dictionary access: feedparser's own invents ``updated`` from ``published``, with a warning."""
    return dict.get(entry, key)


def _string(entry: Any, key: str) -> str:
    value = _get(entry, key)
    return value if isinstance(value, str) else ""


def _raw(entry: Any, dc_date: bool = False) -> RawEntry:
    """``dc_date``: the format is RSS, whose only "updated" is dc:date, the day of publication (RSS 1.0, SPIP)."""
    contents = [c for c in _get(entry, "content") or () if isinstance(_get(c, "value"), str)]
    content = max((str(_get(c, "value")) for c in contents), key=len, default="")
    published, published_parsed = _get(entry, "published"), _get(entry, "published_parsed")
    if not published and not published_parsed:
        published, published_parsed = _get(entry, "created"), _get(entry, "created_parsed")
    if dc_date and not published and not published_parsed:
        published, published_parsed = _get(entry, "updated"), _get(entry, "updated_parsed")
    return RawEntry(
        guid=_string(entry, "id"),
        links=tuple(_links(entry)),
        title=_string(entry, "title"),
        summary=_string(entry, "summary"),
        content=content,
        published=(_as_tuple(published_parsed), published),
        updated=(_as_tuple(_get(entry, "updated_parsed")), _get(entry, "updated")),
        authors=tuple(_authors(entry)),
        tags=tuple(
            str(label)
            for tag in _get(entry, "tags") or ()
            if isinstance(tag, dict) and (label := dict.get(tag, "label") or dict.get(tag, "term"))
        ),
    )


def _as_tuple(value: Any) -> tuple[int, ...] | None:
    return tuple(value) if value else None


def _links(entry: Any) -> Iterable[str]:
    original = _string(entry, "feedburner_origlink")
    if original:
        yield original
    yield _string(entry, "link")
    links = [link for link in _get(entry, "links") or () if isinstance(link, dict)]
    for rels in (("alternate", ""), ("related", "via", "canonical")):
        for link in links:
            if (dict.get(link, "rel") or "") in rels and isinstance(dict.get(link, "href"), str):
                yield dict.get(link, "href", "")
    guid = _string(entry, "id")
    if guid.startswith(("http://", "https://")):
        yield guid


def _authors(entry: Any) -> Iterable[str]:
    names = [dict.get(author, "name") for author in _get(entry, "authors") or () if isinstance(author, dict)]
    found = [name for name in names if isinstance(name, str) and name.strip()]
    return found or [_string(entry, "author")]


__all__ = ["FeedEntry", "ParsedFeed", "advertised_feed", "parse_feed"]
