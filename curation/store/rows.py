"""Nouns <-> rows. Times are ISO 8601 text in UTC, days ISO text, sequences and nested nouns JSON."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

from curation.types import (
    Article,
    Cause,
    CommunityScore,
    Draft,
    Event,
    Evidence,
    Failure,
    FeedEntry,
    FeedState,
    Judgement,
    Kind,
    Placement,
    Source,
    SourceKind,
)

Row = dict[str, Any]

_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
#: Their fields hold plain values: ``asdict`` would copy each of them deeply.
_FAILURE, _EVIDENCE = (tuple(f.name for f in fields(noun)) for noun in (Failure, Evidence))


def time_out(value: datetime | None) -> str | None:
    """Aware datetime -> sortable text, seconds precision."""
    # isoformat, not strftime: %Y leaves years before 1000 unpadded, which neither sort nor read back
    return value.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z" if value else None


def time_in(value: str | None) -> datetime | None:
    """The reverse of ``time_out``."""
    return datetime.fromisoformat(value.replace("Z", "+00:00")) if value else None


def day_out(value: date | None) -> str | None:
    """ISO day."""
    return value.isoformat() if value else None


def day_in(value: str | None) -> date | None:
    """The reverse of ``day_out``."""
    return date.fromisoformat(value) if value else None


def dumps(value: Any) -> str:
    """Compact JSON, keys in order: equal values give equal text."""
    return _JSON.encode(value)


def source_row(source: Source, origin: str) -> Row:
    return {
        "id": source.id,
        "name": source.name,
        "url": source.url,
        "kind": source.kind.value,
        "authority": source.authority,
        "communities": dumps(source.communities),
        "enabled": int(source.enabled),
        "origin": origin,
    }


def source_from(row: Row) -> Source:
    return Source(
        id=row["id"],
        name=row["name"],
        url=row["url"],
        kind=SourceKind(row["kind"]),
        authority=row["authority"],
        communities=tuple(json.loads(row["communities"])),
        enabled=bool(row["enabled"]),
    )


def failure_out(failure: Failure | None) -> str | None:
    """A failure as JSON, without its time (the row has its own)."""
    if failure is None:
        return None
    content = {name: getattr(failure, name) for name in _FAILURE}
    content["at"] = time_out(failure.at)
    return dumps(content)


def failure_in(text: str | None) -> Failure | None:
    """The reverse of ``failure_out``."""
    if not text:
        return None
    content = json.loads(text)
    return Failure(**{**content, "cause": Cause(content["cause"]), "at": time_in(content["at"])})


def state_row(state: FeedState) -> Row:
    return {
        "source": state.source,
        "etag": state.etag,
        "last_modified": state.last_modified,
        "moved_to": state.moved_to,
        "failures": state.failures,
        "next_due": time_out(state.next_due),
        "last_success": time_out(state.last_success),
        "last_failure": failure_out(state.last_failure),
    }


def state_from(row: Row) -> FeedState:
    return FeedState(
        source=row["source"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        moved_to=row["moved_to"],
        failures=row["failures"],
        next_due=time_in(row["next_due"]),
        last_success=time_in(row["last_success"]),
        last_failure=failure_in(row["last_failure"]),
    )


def entry_row(entry: FeedEntry) -> Row:
    return {
        "source": entry.source,
        "guid": entry.guid,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary,
        "content": entry.content,
        "published": time_out(entry.published),
        "updated": time_out(entry.updated),
        "authors": dumps(entry.authors),
        "tags": dumps(entry.tags),
        "section": entry.section,
        "cited_source": entry.cited_source,
        "notes": dumps(entry.notes),
    }


def entry_from(row: Row) -> FeedEntry:
    return FeedEntry(
        source=row["source"],
        guid=row["guid"],
        url=row["url"],
        title=row["title"],
        summary=row["summary"],
        content=row["content"],
        published=time_in(row["published"]),
        updated=time_in(row["updated"]),
        authors=tuple(json.loads(row["authors"])),
        tags=tuple(json.loads(row["tags"])),
        section=row["section"],
        cited_source=row["cited_source"],
        notes=tuple(json.loads(row["notes"])),
    )


def article_row(article: Article) -> Row:
    return {
        "id": article.id,
        "url": article.url,
        "title": article.title,
        "text": article.text,
        "published": time_out(article.published),
        "language": article.language,
        "site": article.site,
        "authors": dumps(article.authors),
        "origin": article.origin,
        "failure": failure_out(article.failure),
    }


def article_from(row: Row) -> Article:
    return Article(
        id=row["id"],
        url=row["url"],
        title=row["title"],
        text=row["text"],
        published=time_in(row["published"]),
        language=row["language"],
        site=row["site"],
        authors=tuple(json.loads(row["authors"])),
        origin=row["origin"],
        failure=failure_in(row["failure"]),
    )


def event_out(event: Event | None) -> str | None:
    """An event as JSON."""
    if event is None:
        return None
    return dumps({"start": day_out(event.start), "end": day_out(event.end), "place": event.place})


def event_in(text: str | None) -> Event | None:
    """The reverse of ``event_out``."""
    if not text:
        return None
    content = json.loads(text)
    return Event(day_in(content["start"]), day_in(content["end"]), content["place"])


def judgement_rows(judgement: Judgement, version: str) -> tuple[Row, list[Row]]:
    """One row for the item, one per community."""
    dossier = judgement.dossier
    item = {
        "article": judgement.id,
        "version": version,
        "scores": standing_out(judgement.communities),
        "lead": judgement.lead,
        "proposals": dumps(judgement.proposals),
        "dossier": dossier.id if dossier else None,
        "dossier_score": dossier.score if dossier else None,
        "kind": judgement.kind.value,
        "event": event_out(judgement.event),
        "deadline": day_out(judgement.deadline),
    }
    communities = [
        {
            "article": judgement.id,
            "community": c.id,
            "version": version,
            "score": round(c.score, 4),
            "selected": int(c.selected),
            "evidence": dumps([{name: getattr(e, name) for name in _EVIDENCE} for e in c.evidence]),
            "reasons": dumps(c.reasons),
        }
        for c in judgement.communities
    ]
    return item, communities


def standing_out(communities: Iterable[CommunityScore]) -> bytes:
    """Scores in the order of community ids: 16 bits each, ten-thousandths, the highest bit where it is selected."""
    ordered = sorted(communities, key=lambda c: c.id)
    return struct.pack(f"<{len(ordered)}H", *(round(c.score * 10_000) | c.selected << 15 for c in ordered))


def judgement_from(item: Row, communities: list[Row]) -> Judgement:
    """The reverse of ``judgement_rows``."""
    scores = tuple(
        CommunityScore(
            id=c["community"],
            score=c["score"],
            selected=bool(c["selected"]),
            evidence=tuple(Evidence(**e) for e in json.loads(c["evidence"])),
            reasons=tuple(json.loads(c["reasons"])),
        )
        for c in sorted(communities, key=lambda c: (-c["score"], c["community"]))
    )
    dossier = (
        Placement(item["lead"], item["dossier"], item["dossier_score"]) if item["dossier"] and item["lead"] else None
    )
    return Judgement(
        id=item["article"],
        communities=scores,
        lead=item["lead"],
        proposals=tuple(json.loads(item["proposals"])),
        dossier=dossier,
        kind=Kind(item["kind"]),
        event=event_in(item["event"]),
        deadline=day_in(item["deadline"]),
    )


def draft_row(draft: Draft) -> Row:
    return {
        "article": draft.article,
        "community": draft.community,
        "score": round(draft.score, 4),
        "relevance": round(draft.relevance, 4),
        "title": draft.title,
        "summary": draft.summary,
        "context": draft.context,
        "url": draft.url,
        "source": draft.source,
        "published": time_out(draft.published),
        "kind": draft.kind.value,
        "dossier": draft.dossier,
        "dossier_score": round(draft.dossier_score, 4),
        "keywords": dumps(draft.keywords),
        "proposals": dumps(draft.proposals),
        "reasons": dumps(draft.reasons),
        "event": event_out(draft.event),
        "event_start": day_out(draft.event.start) if draft.event else None,
        "deadline": day_out(draft.deadline),
        "is_lead": int(draft.lead),
    }


def draft_from(row: Row) -> Draft:
    return Draft(
        article=row["article"],
        community=row["community"],
        score=row["score"],
        relevance=row["relevance"],
        title=row["title"],
        summary=row["summary"],
        context=row["context"],
        url=row["url"],
        source=row["source"],
        published=time_in(row["published"]),
        kind=Kind(row["kind"]),
        dossier=row["dossier"],
        dossier_score=row["dossier_score"],
        keywords=tuple(json.loads(row["keywords"])),
        proposals=tuple(json.loads(row["proposals"])),
        reasons=tuple(json.loads(row["reasons"])),
        event=event_in(row["event"]),
        deadline=day_in(row["deadline"]),
        lead=bool(row["is_lead"]),
    )
