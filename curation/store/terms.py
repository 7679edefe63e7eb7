"""What the workbench of the coordinator reads and keeps: fates of items, labels met, phrases of what was judged, terms
refused for good."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from curation.store import review_rows, rows
from curation.store.base import StoreBase
from curation.types import Review


@dataclass(frozen=True, slots=True)
class RefusedTerm:
    """A term that the coordinator never wants to see again, and who said so."""

    community: str
    keys: tuple[str, ...]
    label: str
    author: str  # login
    at: datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """One item in one community: when it came, the origin of its draft (None: no draft), whether it was selected."""

    article: str
    added: datetime
    origin: str | None
    selected: bool
    lead: str | None


class TermStore(StoreBase):
    """Evidence about words."""

    def arrivals(self, community: str) -> list[Arrival]:
        """Every item that was judged, and every draft, of a community."""
        found = self._rows(
            """SELECT a.id, a.added, d.origin, coalesce(c.selected, 0) AS selected, j.lead FROM articles a
               LEFT JOIN classifications c ON c.article = a.id AND c.community = :community
               LEFT JOIN judgements j ON j.article = a.id
               LEFT JOIN drafts d ON d.article = a.id AND d.community = :community
               WHERE c.article IS NOT NULL OR d.article IS NOT NULL""",
            {"community": community},
        )
        result = []
        for r in found:
            added = rows.time_in(r["added"])
            assert added is not None
            result.append(Arrival(r["id"], added, r["origin"], bool(r["selected"]), r["lead"]))
        return result

    def reviews_in(self, community: str) -> dict[str, list[Review]]:
        """Every act in a community, by article, in order."""
        result: dict[str, list[Review]] = {}
        for row in self._rows("SELECT * FROM reviews WHERE community = ? ORDER BY id", [community]):
            result.setdefault(row["article"], []).append(review_rows.review_from(row))
        return result

    def labels_met(self, community: str) -> Iterator[tuple[str, str, str]]:
        """(article, concept, label) of what each item showed to a community; of an article whose reading went with its
        text, what its last judgement tells (its best evidence)."""
        for r in self.db.query(
            """SELECT article, concept, label FROM met_concepts WHERE community = :community
               UNION ALL
               SELECT c.article, e.value ->> 'concept', e.value ->> 'label'
               FROM classifications c, json_each(c.evidence) e
               WHERE c.community = :community AND e.value ->> 'where' <> 'sense'
               AND NOT EXISTS (SELECT 1 FROM reading_words w WHERE w.article = c.article)""",
            {"community": community},
        ):
            yield r["article"], r["concept"], r["label"]

    def sample_of_articles(self, limit: int) -> list[str]:
        """Ids of at most ``limit`` articles with a text, always the same: ids are digests, their order is chance."""
        found = self._rows("SELECT id FROM articles WHERE NOT purged ORDER BY id LIMIT ?", [limit])
        return [r["id"] for r in found]

    def articles_to_phrase(self, recipe: str) -> list[str]:
        """Ids of articles that people judged or brought and whose noun phrases this recipe has not found yet; purged
        ones keep those they have."""
        found = self._rows(
            """SELECT a.id FROM articles a LEFT JOIN phrases p ON p.article = a.id
               WHERE (p.article IS NULL OR (p.recipe <> ? AND NOT a.purged))
               AND (a.id IN (SELECT article FROM reviews)
                    OR a.id IN (SELECT article FROM drafts WHERE origin = 'added')) ORDER BY a.id""",
            [recipe],
        )
        return [r["id"] for r in found]

    def phrases(self, ids: Iterable[str], recipe: str) -> dict[str, list[str]]:
        """The noun phrases kept for these articles under that recipe, as written."""
        found = self._by_ids("SELECT article, recipe, phrases FROM phrases WHERE article IN ({ids})", ids)
        return {r["article"]: r["phrases"].split("\n") if r["phrases"] else [] for r in found if r["recipe"] == recipe}

    def save_phrases(self, recipe: str, found: Mapping[str, Sequence[str]]) -> None:
        """Keep the phrases of some articles; none holds a line break."""
        with self.db.atomic():
            self._table("phrases").upsert_all(
                ({"article": a, "recipe": recipe, "phrases": "\n".join(p)} for a, p in found.items()), pk="article"
            )

    def refuse_term(self, term: RefusedTerm) -> None:
        """Never propose it again to that community."""
        self._said(term, "refused")

    def restore_term(self, term: RefusedTerm) -> None:
        """Propose it again; ``author`` and ``at`` are of whoever restores it. The refusal stays in the history."""
        self._said(term, "restored")

    def refused_terms(self, community: str) -> list[RefusedTerm]:
        """Terms whose last word is a refusal, newest first."""
        found = self._rows(
            """SELECT * FROM term_choices t WHERE community = ? AND choice = 'refused'
               AND id = (SELECT max(id) FROM term_choices u WHERE u.community = t.community AND u.keys = t.keys)
               ORDER BY id DESC""",
            [community],
        )
        result = []
        for r in found:
            at = rows.time_in(r["at"])
            assert at is not None
            result.append(RefusedTerm(r["community"], tuple(r["keys"].split(" ")), r["label"], r["author"], at))
        return result

    def _said(self, term: RefusedTerm, choice: str) -> None:
        with self.db.atomic():
            self._table("term_choices").insert(
                {
                    "community": term.community,
                    "keys": " ".join(term.keys),
                    "label": term.label,
                    "choice": choice,
                    "author": term.author,
                    "at": rows.time_out(term.at),
                }
            )
