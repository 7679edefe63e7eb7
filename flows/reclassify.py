"""After a change of words, only the articles that it reaches are classified again: the others are certified."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from curation.decide.reach import Reach, reach
from curation.store.store import Store
from curation.types import Item
from curation.wordbook import Wordbook
from flows.steps import item_of

if TYPE_CHECKING:
    from flows.judge import Judge

_BATCH = 500


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
