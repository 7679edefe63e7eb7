"""Grouping the night's articles with all those they could repeat, by the index that the store keeps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from curation.decide.candidates import NEAR, RECIPE, keys_of, place_of
from curation.decide.dedupe import DedupeParams, Fingerprint
from curation.decide.incremental import Places
from curation.decide.incremental import regroup as places_of
from curation.decide.rarity import Rarity
from curation.decide.stories import Account, as_vector
from curation.store.store import Store
from curation.types import Role
from flows.steps import word_rarity
from models.vectors import from_bytes

#: Arrivals grouped at a time: bounds memory, changes nothing in the result.
BATCH = 1000


def regroup(store: Store, dimension: int, params: DedupeParams) -> int:
    """Give a place to the articles that have none, among all that are kept. Returns how many of them repeat another.

    Only what an arrival can touch is read; a second run finds nothing to do, and the result depends neither on the
    order in which articles came nor on how they were spread over nights.
    """
    index(store)
    todo = [article for article, _ in store.articles_to_group()]
    if not todo:
        return 0
    pinned, new = frozenset(store.reviewed_articles()), set(todo)
    repeats: set[str] = set()
    arrivals = [*todo, *(article for article in store.misplaced() if article not in new)]
    for start in range(0, len(arrivals), BATCH):
        kept = StoredIndex(store, dimension)  # what was read goes with its batch
        found = places_of(arrivals[start : start + BATCH], kept, params, pinned)
        store.save_duplicates(found)
        for place in found:
            (repeats.discard if place.role is Role.REPRESENTATIVE else repeats.add)(place.id)
    return len(repeats & new)


def index(store: Store) -> None:
    """Keys for every fingerprint that has none, or has those of another recipe."""
    rarity = word_rarity()
    recipe = f"{RECIPE}-{rarity.documents}-{len(rarity.table)}"
    todo = store.articles_to_index(recipe)
    for start in range(0, len(todo), BATCH):
        prints = [Fingerprint.from_bytes(raw) for raw in store.fingerprints(todo[start : start + BATCH]).values()]
        items = ((fp, [key for key, _ in keys_of(Account(fp, None, rarity))]) for fp in prints)
        store.save_keys(recipe, [(fp.id, place_of(fp)[0], keys) for fp, keys in items])


class StoredIndex:
    """``incremental.Kept`` over the store; what it reads it remembers."""

    def __init__(self, store: Store, dimension: int, rarity: Rarity | None = None) -> None:
        self._store = store
        self._dimension = dimension
        self._rarity = rarity or word_rarity()
        self._read: dict[str, Account] = {}

    def around(self, key: int, day: int, id: str, low: int, high: int) -> tuple[Places, Places]:
        """See ``Kept``."""
        return self._store.around_key(key, day, id, low, high, NEAR)

    def accounts(self, ids: Iterable[str]) -> Mapping[str, Account]:
        """See ``Kept``."""
        wanted = list(dict.fromkeys(ids))
        missing = [id for id in wanted if id not in self._read]
        vectors = self._store.vectors(missing)
        for id, raw in self._store.fingerprints(missing).items():
            vector = from_bytes(vectors[id], self._dimension)[0] if id in vectors else None
            self._read[id] = Account(Fingerprint.from_bytes(raw), as_vector(vector), self._rarity)
        return {id: self._read[id] for id in wanted if id in self._read}
