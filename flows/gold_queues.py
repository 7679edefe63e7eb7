"""The queues that labelled items would make, so that their order can be measured: see ``models.queues``.

Time stands still: every item is ranked as on the day it appeared (its deadline and its event keep their distance from
that day), since labels say nothing of age, and a labelled file often spans years. No contribution has been published
yet, so that everything is new. Duplicates are not grouped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time

from curation.config import Settings
from curation.decide.draft import make_draft
from curation.decide.rank import rank
from curation.decide.signals import Floats
from curation.types import Article, Draft, Item, Judgement, Source
from flows.drafts import signals_of
from flows.judge import Judge


def gold_queues(
    judge: Judge, settings: Settings, items: Sequence[Item], judgements: Sequence[Judgement], vectors: Floats
) -> dict[str, list[Draft]]:
    """Community -> its drafts, first one first: the items that it leads, in the order of ``decide.rank``.

    ``vectors``: (n, d), of the same items in the same order. A source of the configuration is known by its name.
    """
    centred = judge.semantics.centred(vectors)
    sources = {source.name: source.to_source() for source in settings.sources}
    weights = settings.ranking.model_dump()
    today = datetime.now(UTC).date()
    queues: dict[str, list[Draft]] = {}
    for taxonomy in judge.taxonomies:
        mine = [n for n, judgement in enumerate(judgements) if judgement.lead == taxonomy.id]
        drafts, signals = [], []
        for n in mine:
            article, told = _article(items[n], today), _told(judgements[n], items[n].date, today)
            known: list[Source] = [sources[items[n].source]] if items[n].source in sources else []
            drafts.append(replace(make_draft(article, told, known, taxonomy), source=items[n].source))
            signals.append(signals_of(article, told, known, taxonomy, judge, centred[n], centred[:0]))
        queues[taxonomy.id] = rank(drafts, signals, centred[mine], today=today, weights=weights)
    return queues


def entries(queues: Mapping[str, Sequence[Draft]]) -> dict[str, list[dict[str, str | None]]]:
    """The same as plain values, as ``models.queues`` reads them."""
    return {
        community: [
            {
                "id": draft.article,
                "source": draft.source or None,
                "dossier": draft.dossier,
                "concept": draft.keywords[0] if draft.keywords else None,
            }
            for draft in drafts
        ]
        for community, drafts in queues.items()
    }


def _article(item: Item, today: date) -> Article:
    published = datetime.combine(today, time(), UTC)
    return Article(item.id, item.url, item.title, item.text, published, site=item.source or None)


def _told(judgement: Judgement, appeared: date | None, today: date) -> Judgement:
    """The judgement with its days moved as if the item had appeared today."""
    if appeared is None:
        return judgement
    gap = today - appeared
    event = judgement.event
    if event is not None:
        event = replace(
            event, start=event.start + gap if event.start else None, end=event.end + gap if event.end else None
        )
    deadline = judgement.deadline + gap if judgement.deadline else None
    return replace(judgement, event=event, deadline=deadline)
