"""The JSON of interface.md <-> the nouns. Input errors name the line and say what is expected."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from curation.errors import InputError
from curation.types import Draft, Duplicate, Event, Item, Judgement, RunReport

Json = dict[str, Any]


def read_items(lines: Iterable[str]) -> Iterator[Item]:
    """JSON lines -> items; blank lines are passed over. Raises ``InputError`` with the line number."""
    for number, line in enumerate(lines, 1):
        if not line.strip().lstrip("\ufeff"):
            continue
        try:
            content = json.loads(line.lstrip("\ufeff"))
        except ValueError as error:
            raise InputError(f"Ligne {number} : ce n'est pas du JSON ({error}).") from error
        if not isinstance(content, dict) or "id" not in content:
            raise InputError(f"Ligne {number} : un objet JSON avec au moins « id » et « title » est attendu.")
        yield item_from(content)


def item_from(content: Json) -> Item:
    """One item; missing texts are empty, unknown keys ignored."""

    def text(key: str) -> str:
        value = content.get(key)
        return "" if value is None else str(value)

    return Item(text("id"), text("title"), text("text"), text("url"), text("source"), read_day(text("date")))


def read_day(value: str) -> date | None:
    """An ISO day or time -> day; anything else (a bare year, an empty text) -> None."""
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def judgement_json(judgement: Judgement) -> Json:
    """The Judgement of interface.md."""
    return {
        "id": judgement.id,
        "communities": [
            {
                "id": c.id,
                "score": c.score,
                "selected": c.selected,
                "evidence": [{"concept": e.concept, "label": e.label, "where": e.where} for e in c.evidence],
                "reasons": list(c.reasons),
            }
            for c in judgement.communities
        ],
        "lead": judgement.lead,
        "proposals": list(judgement.proposals),
        "dossier": (
            {"community": judgement.dossier.community, "id": judgement.dossier.id, "score": judgement.dossier.score}
            if judgement.dossier
            else None
        ),
        "kind": judgement.kind.value,
        "event": event_json(judgement.event),
        "deadline": judgement.deadline.isoformat() if judgement.deadline else None,
    }


def event_json(event: Event | None) -> Json | None:
    """Days as ISO text; None when there is no event."""
    if event is None:
        return None
    return {
        "start": event.start.isoformat() if event.start else None,
        "end": event.end.isoformat() if event.end else None,
        "place": event.place,
    }


def duplicate_json(duplicate: Duplicate) -> Json:
    """The Group of interface.md."""
    return {
        "id": duplicate.id,
        "group": duplicate.group,
        "role": duplicate.role.value,
        "of": duplicate.of,
        "score": round(duplicate.score, 4),
    }


def draft_json(draft: Draft, folded: dict[str, int] | None = None) -> Json:
    """A waiting draft, as ``queue --json`` prints it."""
    return {
        "article": draft.article,
        "community": draft.community,
        "score": draft.score,
        "relevance": draft.relevance,
        "title": draft.title,
        "summary": draft.summary,
        "context": draft.context,
        "url": draft.url,
        "source": draft.source,
        "published": draft.published.isoformat().replace("+00:00", "Z") if draft.published else None,
        "kind": draft.kind.value,
        "dossier": draft.dossier,
        "keywords": list(draft.keywords),
        "proposals": list(draft.proposals),
        "reasons": list(draft.reasons),
        "event": event_json(draft.event),
        "deadline": draft.deadline.isoformat() if draft.deadline else None,
        "duplicates": {"copy": 0, "story": 0, **(folded or {})},
    }


def report_json(report: RunReport) -> Json:
    """A run report."""
    return {
        "started": report.started.isoformat(),
        "finished": report.finished.isoformat() if report.finished else None,
        **{
            name: getattr(report, name)
            for name in (
                "sources",
                "sources_due",
                "sources_unchanged",
                "entries_new",
                "articles_new",
                "drafts_new",
                "duplicates",
                "failures",
                "durations",
                "drafts_by_community",
                "resumed",
            )
        },
    }
