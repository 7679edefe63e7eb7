"""The coordinator's workbench: the store's evidence brought to the pure judgement of ``curation.decide``.

One object per request or command; what it read it keeps, so that two pages of one request read once. Neither the
tagger nor the encoder is called here: the night finds the noun phrases of judged items and keeps them
(``TermStore.articles_to_phrase``), and whoever has an encoder at hand passes ``nearest``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import cache

from curation.decide.ailments import Diagnosis, diagnose
from curation.decide.balance import Balance, balance
from curation.decide.fates import Encounter, Fate, Phrase, fate_of
from curation.decide.markers import Exclusion, exclusions
from curation.decide.missed import ENOUGH as FEW_MISSED
from curation.decide.missed import Missed, missed
from curation.decide.overlap import Overlap, Told, overlaps
from curation.decide.review import last_word
from curation.decide.terms import ENOUGH, Candidate, Document, Keys, Near, attached, candidates, count_documents, wanted
from curation.errors import InputError
from curation.store.store import Store
from curation.store.terms import Arrival
from taxonomy.french import label_keys
from taxonomy.types import Taxonomy

#: Other items in which a term is sought, to tell whether it is distinctive; characters read of each.
SAMPLE, READ = 3000, 1500
#: Items taken under which their number alone explains that no term stands out.
SOME = 30
#: Labels -> the concept of a community each is near to, where one is.
Nearest = Callable[[str, Sequence[str]], Sequence[Near | None]]


class Workbench:
    """What the pages and commands of the workbench show. ``recipe``: of the noun phrases to use."""

    def __init__(self, store: Store, taxonomies: Sequence[Taxonomy], today: date, recipe: str) -> None:
        self.store, self.taxonomies, self.today, self._recipe = store, tuple(taxonomies), today, recipe
        self._arrivals = cache(store.arrivals)
        self._reviews = cache(store.reviews_in)
        self.balance = cache(self._balance)
        self._documents = cache(self._read_documents)

    def taxonomy(self, community: str) -> Taxonomy:
        """The words of a community. Raises ``InputError``."""
        for taxonomy in self.taxonomies:
            if taxonomy.id == community:
                return taxonomy
        known = ", ".join(t.id for t in self.taxonomies)
        raise InputError(f"Communauté inconnue : « {community} ». Connues : {known}.")

    def fates(self, community: str) -> list[Fate]:
        """What became of every item in a community."""
        reviews = self._reviews(community)
        return [fate_of(a.article, a.added.date(), a.origin, reviews.get(a.article, ())) for a in self._all(community)]

    def _balance(self, community: str) -> Balance:
        """The balance sheet of a community (kept for the life of this object)."""
        met = (Encounter(*row) for row in self.store.labels_met(community))
        return balance(self.taxonomy(community), self.fates(community), met, self.today)

    def diagnoses(self, community: str) -> list[Diagnosis]:
        """What is wrong with its keywords, with mends."""
        sheet = self.balance(community)
        return diagnose(sheet, self._phrases(_judged(sheet)))

    def exclusions(self, community: str) -> list[Exclusion]:
        """Terms that would exclude frequent rejects."""
        sheet = self.balance(community)
        return exclusions(sheet, self._phrases(_judged(sheet)), self.refused(community))

    def candidates(self, community: str, nearest: Nearest | None = None, limit: int = 60) -> list[Candidate]:
        """Terms of what was taken that the taxonomy lacks, best first."""
        return self._candidates(community, nearest, ENOUGH, limit)

    def taken(self, community: str) -> int:
        """Items of which candidates are made."""
        return len(self._documents(community))

    def missed(self, community: str, nearest: Nearest | None = None) -> list[Missed]:
        """Items the machine had missed, with the words that were missing."""
        found = [c for c in self._candidates(community, nearest, FEW_MISSED, 400) if c.missed]
        keys = {c.keys for c in found}
        holders: dict[Keys, set[str]] = {}
        for document in self._documents(community):
            for phrase in document.phrases:
                if phrase.keys in keys:
                    holders.setdefault(phrase.keys, set()).add(document.article)
        return missed(self.balance(community), found, holders)

    def overlaps(self) -> list[Overlap]:
        """Where communities meet, those that share most first."""
        selected: dict[str, set[str]] = {}
        lead: dict[str, str | None] = {}
        right: dict[str, dict[str, bool]] = {}
        for t in self.taxonomies:
            for a in self._all(t.id):
                if a.selected:
                    selected.setdefault(a.article, set()).add(t.id)
                    lead[a.article] = a.lead
            for f in self.fates(t.id):
                if f.right is not None:
                    right.setdefault(f.article, {})[t.id] = f.right
        told = [Told(a, frozenset(s), lead[a], right.get(a, {})) for a, s in selected.items()]
        met = {t.id: [Encounter(*row) for row in self.store.labels_met(t.id)] for t in self.taxonomies}
        return overlaps(self.taxonomies, told, met)

    def refused(self, community: str) -> set[Keys]:
        """Keys of the terms refused for good."""
        return {t.keys for t in self.store.refused_terms(community)}

    def _all(self, community: str) -> list[Arrival]:
        return self._arrivals(community)

    def _phrases(self, articles: Sequence[str]) -> dict[str, tuple[Phrase, ...]]:
        kept = self.store.phrases(articles, self._recipe)
        return {
            a: tuple(p for form in forms if (p := Phrase(label_keys(form), form)).keys) for a, forms in kept.items()
        }

    def _read_documents(self, community: str) -> tuple[Document, ...]:
        """What the community took."""
        fates = {f.article: f for f in self.balance(community).facts.fates.values() if f.right or f.brought}
        phrases, sources = self._phrases(list(fates)), self.store.article_sources(fates)
        return tuple(
            Document(a, phrases[a], sources[a][0].id if sources.get(a) else "", fates[a].brought)
            for a in sorted(fates)
            if a in phrases and fates[a].right is not False
        )

    def _contrast(self, community: str, taken: Collection[str]) -> list[Document]:
        """What was judged not to be for the community: rejected here, or taken by another."""
        ids = _rejected(self.balance(community))
        for t in self.taxonomies:
            if t.id != community:
                ids |= {a for a, reviews in self._reviews(t.id).items() if (w := last_word(reviews)) and w.right}
        ids -= set(taken)
        return [Document(a, phrases) for a, phrases in self._phrases(sorted(ids)).items()]

    def _undecided(self, community: str) -> set[str]:
        """What was selected for the community and nobody judged: its words tell nothing of what others read."""
        fates = self.balance(community).facts.fates
        return {a.article for a in self._all(community) if a.selected and fates[a.article].right is None}

    def _candidates(self, community: str, nearest: Nearest | None, enough: int, limit: int) -> list[Candidate]:
        documents = self._documents(community)
        taken = {d.article for d in documents}
        ours = taken | self._undecided(community)
        others = [i for i in self.store.sample_of_articles(SAMPLE + len(ours)) if i not in ours]
        texts = [f"{a.title}. {a.text}"[:READ] for a in self.store.articles(others).values()]
        found = candidates(
            self.taxonomy(community),
            documents,
            count_documents(texts, wanted(documents, enough)),
            len(texts),
            others=[t for t in self.taxonomies if t.id != community],
            refused=self.refused(community),
            contrast=self._contrast(community, taken),
            enough=enough,
            limit=limit,
        )
        return attached(found, lambda labels: nearest(community, labels)) if nearest else found


def none_told(taken: int) -> str:
    """Why there is no candidate, in French. ``taken``: items of which they are made."""
    if taken < SOME:
        have = {0: "aucun encore", 1: "1 encore"}.get(taken, f"{taken} encore")
        return f"Aucun terme ne se détache : il y faut quelques dizaines de contenus retenus ({have})."
    return (
        f"Aucun terme ne se détache des {taken} contenus retenus : ceux qui y reviennent sont déjà dans le "
        "vocabulaire, ou se lisent trop souvent ailleurs pour désigner votre sujet."
    )


def _phrases_of(forms: Iterable[str]) -> Iterator[Phrase]:
    for form in forms:
        if keys := label_keys(form):
            yield Phrase(keys, form)


def _rejected(sheet: Balance) -> set[str]:
    return {a for a, f in sheet.facts.fates.items() if f.right is False}


def _judged(sheet: Balance) -> list[str]:
    return sorted(a for a, f in sheet.facts.fates.items() if f.right is not None or f.brought)
