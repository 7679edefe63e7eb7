"""The shapes of the command line (interface.md): one dictionary per entry, one per article."""

from __future__ import annotations

from datetime import UTC, datetime

from curation.types import Article, FeedEntry


def entry_to_json(entry: FeedEntry) -> dict[str, object]:
    """Output of ``veille parse`` and ``veille newsletter``; dates in ISO 8601, UTC, or None."""
    return {
        "source": entry.source,
        "guid": entry.guid,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary,
        "published": _iso(entry.published),
        "updated": _iso(entry.updated),
        "authors": list(entry.authors),
        "tags": list(entry.tags),
        "section": entry.section,
    }


def article_to_json(article: Article) -> dict[str, object]:
    """Output of ``veille extract``; ``published`` in ISO 8601, UTC, or None."""
    return {
        "url": article.url,
        "title": article.title,
        "text": article.text,
        "published": _iso(article.published),
        "language": article.language,
        "site": article.site,
        "authors": list(article.authors),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None
