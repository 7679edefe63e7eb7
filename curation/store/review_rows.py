"""What people did <-> rows: reviews, editions and the projection of their sum."""

from __future__ import annotations

import json
from dataclasses import asdict

from curation.store.rows import Row, day_in, day_out, dumps, event_in, event_out, time_in, time_out
from curation.types import Act, DraftState, Edition, Review


def review_row(review: Review) -> Row:
    return {
        "article": review.article,
        "community": review.community,
        "act": review.act.value,
        "reviewer": review.reviewer,
        "at": time_out(review.at),
        "reason": review.reason,
        "note": review.note,
        "until": day_out(review.until),
        "target": review.target,
        "post_url": review.post_url,
        "undoes": review.undoes,
        "edition": edition_out(review.edition),
    }


def review_from(row: Row) -> Review:
    at = time_in(row["at"])
    assert at is not None
    return Review(
        article=row["article"],
        community=row["community"],
        act=Act(row["act"]),
        reviewer=row["reviewer"],
        at=at,
        reason=row["reason"],
        note=row["note"],
        until=day_in(row["until"]),
        target=row["target"],
        post_url=row["post_url"],
        undoes=row["undoes"],
        edition=edition_in(row["edition"]),
        id=row["id"],
    )


def edition_out(edition: Edition | None) -> str | None:
    """An edition as JSON."""
    if edition is None:
        return None
    return dumps({**asdict(edition), "event": event_out(edition.event), "deadline": day_out(edition.deadline)})


def edition_in(text: str | None) -> Edition | None:
    """The reverse of ``edition_out``."""
    if not text:
        return None
    content = json.loads(text)
    return Edition(
        title=content["title"],
        summary=content["summary"],
        context=content["context"],
        tags=tuple(content["tags"]),
        event=event_in(content["event"]),
        deadline=day_in(content["deadline"]),
    )


def state_row(article: str, community: str, state: DraftState) -> Row:
    """The projection of one draft."""
    verdict = state.verdict
    return {
        "article": article,
        "community": community,
        "status": state.status.value,
        "reviewer": verdict.reviewer if verdict else None,
        "at": time_out(verdict.at) if verdict else None,
        "verdict": verdict.id if verdict else None,
        "revision": state.revision,
        "until": day_out(verdict.until) if verdict else None,
        "holder": state.holder,
        "dossier": state.dossier,
        "title": state.edition.title if state.edition else None,
        "folded_into": verdict.target if verdict and verdict.act is Act.FOLDED else None,
        "reference": int(state.reference),
        "review_by": day_out(state.review_by),
        "post_url": verdict.post_url if verdict else "",
    }
