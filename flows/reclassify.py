"""After a change of words, only the articles that it reaches are classified again: the others are certified.

``certify`` is the night's; ``reclassify`` does at once, for the desk, what the next night would do of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from curation.config import Settings
from curation.decide.reach import Reach, reach
from curation.store.store import Store
from curation.types import Item
from curation.wordbook import Wordbook
from flows.steps import item_of

if TYPE_CHECKING:
    from flows.judge import Judge

_BATCH = 500


def reclassify(settings: Settings, now: datetime) -> int:
    """Classify again what the words in effect reach, and rank the queues; returns how many articles that was.

    In this process, without Prefect's engine. Articles that no night has encoded yet are left to the next one.
    """
    from flows.drafts import queue_drafts
    from flows.judge import judge_for, plan_of
    from flows.steps import judge_batch, read_batch

    with Store(settings.database) as store:
        book = Wordbook(settings, store)
        book.look_all(now)
        plan = plan_of(settings)
        judge = judge_for(plan)
        certify(store, book, judge, now)
        store.add_recipe(judge.recipe)
        todo = sorted(store.articles_to_classify(judge.version))
        done, unread = 0, set(store.articles_to_read(judge.recipe.id))
        for start in range(0, len(todo), _BATCH):
            vectors = store.vectors(todo[start : start + _BATCH])
            new = [i for i in vectors if i in unread]
            articles, sources = store.articles(new), store.article_sources(new)
            items = [item_of(a, sources[i][0].name if i in sources else a.site or "") for i, a in articles.items()]
            store.save_readings(judge.recipe.id, read_batch(plan, items))
            readings = store.readings(list(vectors))
            judgements = judge_batch(plan, [readings[i] for i in vectors], list(vectors.values()))
            store.save_judgements(judgements, judge.version)
            done += len(judgements)
        queue_drafts(store, judge, settings, now - timedelta(days=settings.thresholds.max_age_days), now)
    return done


def certify(store: Store, book: Wordbook, judge: Judge, now: datetime) -> int:
    """Give this judge's version to the judgements of earlier judges that it would repeat; returns how many.

    Earlier judges differ by their words alone, and those words are in the history.
    """
    words = {t.id: t.version for t in judge.taxonomies}
    store.add_judge(judge.version, judge.ground, words, now)
    done = 0
    for version, before in store.earlier_judges(judge.version, judge.ground).items():
        found = _reach(book, judge, before)
        if found is None:
            continue
        for items in _items(store, store.articles_judged_by(version)):
            same = [item.id for item in items if not found.reaches(item)]
            store.certify(same, judge.version)
            done += len(same)
    return done


def _reach(book: Wordbook, judge: Judge, before: dict[str, str]) -> Reach | None:
    changes = []
    for taxonomy in judge.taxonomies:
        old = before.get(taxonomy.id)
        if old != taxonomy.version:
            known = book.meaning(taxonomy.id, old or "")
            if known is None:
                return None
            changes.append((known, taxonomy))
    return reach(changes)


def _items(store: Store, ids: list[str]) -> Iterator[list[Item]]:
    for start in range(0, len(ids), _BATCH):
        articles = store.articles(ids[start : start + _BATCH])
        yield [item_of(a, "") for a in articles.values()]
