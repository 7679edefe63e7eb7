"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/): the format feedparser does not read."""

from __future__ import annotations

import json
from dataclasses import dataclass

from curation.gather.entries import RawEntry


@dataclass(frozen=True, slots=True)
class RawFeed:
    """A feed before cleaning."""

    title: str
    link: str
    feed_url: str
    entries: tuple[RawEntry, ...]


def parse_json_feed(text: str, max_entries: int) -> RawFeed | None:
    """The feed, or None when ``text`` is not a JSON Feed. Wrong types inside are ignored, item by item."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    version, items = document.get("version"), document.get("items")
    declared = isinstance(version, str) and "jsonfeed.org/version/" in version
    if not isinstance(items, list):
        if not declared:
            return None
        items = []
    if not declared and not any(
        isinstance(i, dict) and ("content_html" in i or "content_text" in i) for i in items[:50]
    ):
        return None
    entries = tuple(_entry(item) for item in items[:max_entries] if isinstance(item, dict))
    return RawFeed(
        _text(document.get("title")), _text(document.get("home_page_url")), _text(document.get("feed_url")), entries
    )


def _entry(item: dict[str, object]) -> RawEntry:
    content = _text(item.get("content_html")) or _text(item.get("content_text"))
    authors = item.get("authors")
    if not isinstance(authors, list):
        authors = [item.get("author")]
    tags = item.get("tags")
    return RawEntry(
        guid=_text(item.get("id")),
        links=tuple(link for key in ("url", "external_url") if (link := _text(item.get(key)))) or _link_id(item),
        title=_text(item.get("title")),
        summary=_text(item.get("summary")),
        content=content,
        published=(None, _text(item.get("date_published"))),
        updated=(None, _text(item.get("date_modified"))),
        authors=tuple(_text(a.get("name")) for a in authors if isinstance(a, dict)),
        tags=tuple(_text(t) for t in tags) if isinstance(tags, list) else (),
    )


def _link_id(item: dict[str, object]) -> tuple[str, ...]:
    """Many feeds give no ``url`` but an ``id`` that is one."""
    guid = _text(item.get("id"))
    return (guid,) if guid.startswith(("http://", "https://")) else ()


def _text(value: object) -> str:
    """Strings as they are; numbers too, for ids ("id": 12); anything else is nothing."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)[:100]
    return ""
