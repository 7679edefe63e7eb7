"""After a change of words, only the articles that it reaches are classified again: the others are certified.

``certify`` is the night's; ``reclassify`` does at once, for the desk, what the next night would do of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from curation.config import Settings
from curation.decide.rewording import Rewording, holding, rewording
from curation.store.store import Store
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
        settings = book.settings
        plan = plan_of(settings)
        judge = judge_for(plan)
        certify(store, book, judge, now)
        carry(store, book, judge)
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
        change = _change(book, judge, [(t.id, before.get(t.id, "")) for t in judge.taxonomies])
        if change is not None and not change.everywhere:
            same = _untouched(store, store.articles_judged_by(version), change)
            store.certify(same, judge.version)
            done += len(same)
    return done


def carry(store: Store, book: Wordbook, judge: Judge) -> int:
    """Make the readings of earlier words those of this judge; returns how many.

    A text is opened only where a label may stand that those words did not know.
    """
    store.add_recipe(judge.recipe)
    communities = [c for c, _ in judge.recipe.words]
    done = 0
    for identity in store.recipes_of_readings():
        recipe = store.recipe(identity)
        if recipe is None or identity == judge.recipe.id or recipe.frame != judge.recipe.frame:
            continue
        change = _change(book, judge, recipe.words)
        if change is None:
            continue
        read = store.articles_read_by(identity)
        same: list[str] = []
        if [c for c, _ in recipe.words] == communities:  # else the figures of a community come or go
            same = _untouched(store, read, change)
            store.carry_readings(same, judge.recipe.id)
        _reread(store, judge, sorted(set(read).difference(same)), change)
        done += len(read)
    return done


def _reread(store: Store, judge: Judge, articles: Sequence[str], change: Rewording) -> None:
    from curation.decide.reading import reread
    from taxonomy.match import Scanner

    sought = Scanner(change.unsought)
    for start in range(0, len(articles), _BATCH):
        kept = list(store.readings(articles[start : start + _BATCH]).values())
        rows = holding([k.keys for k in kept], {run.keys for run in change.unsought})
        texts = store.texts(kept[row].article for row in rows)
        moved = [reread(k, judge.words, sought, texts.get(k.article)) for k in kept]
        store.save_readings(judge.recipe.id, moved)


def _change(book: Wordbook, judge: Judge, before: Sequence[tuple[str, str]]) -> Rewording | None:
    """From words named by (community, version) to the judge's; None when the history does not hold them."""
    known = [book.meaning(community, version) for community, version in before]
    return None if None in known else rewording([t for t in known if t is not None], judge.taxonomies)


def _untouched(store: Store, ids: Sequence[str], change: Rewording) -> list[str]:
    """Those whose text contains none of the phrases in which the words differ."""
    keys = store.word_keys(ids)
    known = list(keys)
    reached = set(holding(list(keys.values()), change.touching).tolist())
    return [article for row, article in enumerate(known) if row not in reached]
