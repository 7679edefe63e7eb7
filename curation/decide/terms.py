"""Words that a taxonomy lacks: terms distinctive of what was taken and that none of its labels meets.

A candidate is a noun phrase of what people published, kept, shared, rescued or added. It must be a unit (C-value:
Frantzi, Ananiadou and Mima, « Automatic Recognition of Multi-Word Terms », 2000; a phrase met only inside a longer one
is worth nothing by itself) and distinctive (Dunning's log-likelihood against what else was read). One word counts as
one and a half, as is usual since Barrón-Cedeño et al. 2009 (the original formula gives 0 to every single word).
Inflected forms are one candidate: phrases are compared by the keys of ``taxonomy.french``.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from curation.decide.fates import Phrase
from curation.decide.proportions import likelihood
from taxonomy.concept_operations import AddConcept, AddLabels
from taxonomy.edit import EditError, Operation, apply
from taxonomy.french import LINKS, contains, fold, label_keys, tokens
from taxonomy.types import Concept, Taxonomy, labels

#: Items that must hold a candidate; its log-likelihood (one chance in a thousand); sources it must come from.
ENOUGH, DISTINCTIVE, SOURCES = 3, 10.83, 2
#: Log-likelihood against what was judged not to be for the community: one chance in a hundred (there are few of them).
TELLING = 6.63
#: Share of what else was read beyond which a term is too common to speak for a community: one word, several.
COMMON = (0.002, 0.01)
#: Weight of a new concept of one word: wide until people say more.
LONE = 0.5
#: Content words of the longest candidate.
LONGEST = 5
#: Items shown with a candidate.
SHOWN = 5
_BREAK = frozenset('.,;:!?()[]«»"“”|•…\n')

Keys = tuple[str, ...]


class Use(StrEnum):
    """What a term may be accepted as."""

    CONCEPT = "concept"  # a new concept
    LABEL = "label"  # one more label of a concept
    EXCLUSION = "exclusion"  # an exclusion of a concept


@dataclass(frozen=True, slots=True)
class Near:
    """The concept nearest in meaning; ``cosine`` after centring."""

    concept: str
    label: str
    cosine: float


@dataclass(frozen=True, slots=True)
class Document:
    """One item that people took: its noun phrases. ``source``: where it comes from; ``missed``: see ``Fate.brought``"""

    article: str
    phrases: tuple[Phrase, ...]
    source: str = ""
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A term the taxonomy lacks. ``label``: its usual form; ``forms``: all, most frequent first.

    ``taken`` and ``missed``: items that hold it, among those taken, among those the machine had missed; ``elsewhere``:
    items among ``background`` others read; ``owners``: communities where it is a label; ``near``: the concept it could
    be a label of.
    """

    keys: Keys
    label: str
    forms: tuple[str, ...]
    taken: int
    missed: int
    elsewhere: int
    background: int
    c_value: float
    likelihood: float
    articles: tuple[str, ...]
    owners: tuple[str, ...] = ()
    near: Near | None = None

    @property
    def score(self) -> float:
        """Geometric mean of the two measures: a unit, and distinctive."""
        return math.sqrt(max(0.0, self.c_value) * max(0.0, self.likelihood))

    @property
    def acronym(self) -> bool:
        """True of what is matched as written (« ZFRR »)."""
        return len(self.keys) == 1 and self.label.isupper() and 2 <= len(self.label) <= 8

    def accepted(self, use: Use = Use.CONCEPT, concept: str = "") -> tuple[Operation, ...]:
        """The operations that take the term in: as a concept, or as a label or exclusion of ``concept``."""
        if use is Use.EXCLUSION:
            return (AddLabels(concept, "excludeLabel", (self.label,)),)
        if use is Use.LABEL:
            return (AddLabels(concept, "notation" if self.acronym else "altLabel", (self.label,)),)
        if self.acronym:
            return (AddConcept(Concept("", self.label, notations=(self.label,))),)
        return (AddConcept(Concept("", self.label, weight=1.0 if len(self.keys) > 1 else LONE)),)


def candidates(
    taxonomy: Taxonomy,
    documents: Sequence[Document],
    background: Mapping[Keys, int],
    read: int,
    *,
    others: Iterable[Taxonomy] = (),
    refused: Collection[Keys] = (),
    contrast: Sequence[Document] = (),
    enough: int = ENOUGH,
    limit: int = 60,
) -> list[Candidate]:
    """The terms that ``taxonomy`` lacks, best first.

    ``background``: keys -> items that hold them, among ``read`` others (``count_documents`` of ``wanted``);
    ``refused``: never proposed again; ``contrast``: items judged not to be for this community (rejected here, or taken
    elsewhere and not here): a word of the whole sector tells nothing between two communities. Left out: terms that hold
    a label of the taxonomy (they are met already), and those that could not be added to it.
    """
    seen = _Seen(documents)
    covered = [label_keys(w) for c in taxonomy.concepts for w in (*labels(c), *c.notations, *c.exclude_labels)]
    covered += [label_keys(taxonomy.pref_label)]
    first = {k[0] for k in covered if k}
    owners: dict[Keys, list[str]] = {}
    for other in others:
        for k in {label_keys(w) for c in other.concepts for w in (*labels(c), *c.notations)}:
            owners.setdefault(k, []).append(other.id)
    sources = {d.source for d in documents}
    judged_out = _Seen(contrast).articles
    found = []
    for keys, articles in seen.articles.items():
        if len(articles) < enough or keys in refused:
            continue
        if len(sources) >= SOURCES and len({seen.source[a] for a in articles}) < SOURCES:
            continue  # the habit of one writer, not a word of the field
        if first & set(keys) and any(contains(keys, mine) for mine in covered):
            continue
        if background.get(keys, 0) > COMMON[len(keys) > 1] * read:
            continue  # « territoire », « élu »: distinctive perhaps, and met everywhere
        value = seen.c_value(keys)
        ratio = likelihood(len(articles), len(documents), background.get(keys, 0), read)
        if value <= 0 or ratio < (DISTINCTIVE if read else 0):
            continue
        if contrast:
            here = likelihood(len(articles), len(documents), len(judged_out.get(keys, ())), len(contrast))
            if here < TELLING:
                continue
            ratio = min(ratio, here) if read else here
        forms = seen.forms(keys)
        found.append(
            Candidate(
                keys, forms[0], forms, len(articles), len(articles & seen.missed), background.get(keys, 0), read,
                round(value, 3), round(ratio, 2), tuple(sorted(articles)[:SHOWN]), tuple(sorted(owners.get(keys, ()))),
            )
        )  # fmt: skip
    found.sort(key=lambda c: (-c.score, c.keys))
    kept: list[Candidate] = []
    for candidate in found:
        if len(kept) >= limit:
            break
        if not _overlaps(candidate, kept, seen) and _fits(taxonomy, candidate):
            kept.append(candidate)
    return kept


def wanted(documents: Iterable[Document], enough: int = ENOUGH) -> set[Keys]:
    """The phrases frequent enough to become candidates: those to be counted in what else was read."""
    return {keys for keys, articles in _Seen(documents).articles.items() if len(articles) >= enough}


def count_documents(texts: Iterable[str], phrases: Collection[Keys]) -> Counter[Keys]:
    """How many texts hold each phrase; link words are skipped, sentences never crossed, as the matcher does."""
    count: Counter[Keys] = Counter()
    if not phrases:
        return count
    first = {k[0] for k in phrases if k}
    longest = max(map(len, phrases))
    for text in texts:
        met: set[Keys] = set()
        run: list[str] = []
        before = 0
        runs = []
        for token in tokens(text):
            if run and not _BREAK.isdisjoint(text[before : token.start]):
                runs.append(run)
                run = []
            before = token.end
            if fold(token.form) not in LINKS:
                run.append(token.key)
        for keys in (*runs, run):
            for i, key in enumerate(keys):
                if key in first:
                    for n in range(1, min(longest, len(keys) - i) + 1):
                        gram = tuple(keys[i : i + n])
                        if gram in phrases:
                            met.add(gram)
        count.update(met)
    return count


def attached(found: Sequence[Candidate], nearest: Callable[[Sequence[str]], Sequence[Near | None]]) -> list[Candidate]:
    """The candidates with the concept each is near to, where there is one. ``nearest``: labels -> concepts."""
    near = nearest([c.label for c in found]) if found else ()
    return [replace(c, near=n) for c, n in zip(found, near, strict=True)]


class _Seen:
    """The phrases of the documents, counted."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.articles: dict[Keys, set[str]] = {}
        self.source: dict[str, str] = {}
        self.missed: set[str] = set()
        self._forms: dict[Keys, Counter[str]] = {}
        for document in documents:
            self.source[document.article] = document.source
            if document.missed:
                self.missed.add(document.article)
            for phrase in document.phrases:
                if 0 < len(phrase.keys) <= LONGEST:
                    self.articles.setdefault(phrase.keys, set()).add(document.article)
                    self._forms.setdefault(phrase.keys, Counter())[phrase.form] += 1
        # which longer phrases hold each: Frantzi's Ta
        self._longer: dict[Keys, list[Keys]] = {}
        for keys in self.articles:
            n = len(keys)
            for part in {keys[i : i + m] for m in range(1, n) for i in range(n - m + 1)}:
                if part in self.articles:
                    self._longer.setdefault(part, []).append(keys)

    def c_value(self, keys: Keys) -> float:
        """Frantzi's measure on numbers of items."""
        longer = self._longer.get(keys, ())
        inside = sum(len(self.articles[k]) for k in longer) / len(longer) if longer else 0.0
        return math.log2(len(keys) + 0.5 + 0.5 * (len(keys) > 1)) * (len(self.articles[keys]) - inside)

    def forms(self, keys: Keys) -> tuple[str, ...]:
        """As written, most frequent first; capitals of a sentence's beginning give way."""
        count: Counter[str] = Counter()
        known = self._forms[keys]
        for form, n in known.items():
            lower = form[:1].lower() + form[1:]
            count[lower if lower in known else form] += n
        return tuple(f for f, _ in sorted(count.items(), key=lambda item: (-item[1], item[0])))


def _overlaps(candidate: Candidate, kept: Sequence[Candidate], seen: _Seen) -> bool:
    """True of a longer or shorter form of one already there, met in the same items: two entries, one choice."""
    mine = seen.articles[candidate.keys]
    for other in kept:
        if contains(candidate.keys, other.keys) or contains(other.keys, candidate.keys):
            theirs = seen.articles[other.keys]
            if len(mine & theirs) >= 0.8 * min(len(mine), len(theirs)):
                return True
    return False


def _fits(taxonomy: Taxonomy, candidate: Candidate) -> bool:
    try:
        apply(taxonomy, *candidate.accepted())
    except EditError:
        return False
    return True
