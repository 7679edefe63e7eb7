"""Acts of people, recorded: the check, the act, its consequences for neighbours and the new state, in one transaction.

What an act means and when it is refused is ``curation.decide.review``'s to say; pages and the API both come here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from curation.decide.draft import make_draft
from curation.decide.review import Refusal, effective, may_undo, refuse, state_of
from curation.errors import UserError
from curation.store.store import Store
from curation.types import Act, DraftStatus, Review
from curation.web.words import Words

#: Acts on articles that the community may have no draft of.
WITHOUT_DRAFT = frozenset({Act.SPLIT, Act.RESCUED, Act.DISMISSED})


@dataclass(frozen=True, slots=True)
class Clerk:
    """Who acts, when, on what."""

    store: Store
    words: Words
    login: str
    now: datetime
    today: date

    def record(self, review: Review, *, seen: int | None, dossier: str = "") -> Review | Refusal:
        """Append an act decided on revision ``seen`` (None: whatever happened since); the saved act, or why not.

        ``PUBLISHED`` and ``SHARED`` with targets (ids joined by commas) reach those neighbours; ``SPLIT`` and
        ``RESCUED`` queue the article for the community. ``dossier``: filed there first; both are saved, or neither.
        Raises ``UserError`` when the night has just taken the draft away: an act on it would lead nowhere.
        """
        review = replace(review, reviewer=self.login, at=self.now)
        with self.store.exclusive():
            if review.act not in WITHOUT_DRAFT and self.store.draft(review.article, review.community) is None:
                raise UserError(
                    "Ce brouillon vient de quitter la file : il a vieilli, ou la nuit l’a mieux placé ailleurs. "
                    "Rien n’est enregistré."
                )
            history = self.store.reviews_of(review.article, review.community)
            if seen is not None and (refusal := refuse(history, review.act, seen)):
                return refusal
            if review.act is Act.FOLDED and not self._may_fold(review):
                return Refusal(None)
            if dossier:
                filed = Review(review.article, review.community, Act.FILED, self.login, self.now, target=dossier)
                history.append(self._append(filed, history))
            saved = self._append(review, history)
            self._follow(saved)
        return saved

    def undo(self, identity: int) -> Review | None:
        """Undo one act, or one undoing, and what it did at the neighbours'; None when it no longer counts.

        Raises ``UserError`` for a folding brought back under what has been folded since: two drafts folded under
        each other would both be out of sight.
        """
        with self.store.exclusive():
            undone = self.store.review(identity)
            if undone is None or undone.act is Act.RECEIVED:
                return None
            history = self.store.reviews_of(undone.article, undone.community)
            if not may_undo(history, identity):
                return None
            act = Review(undone.article, undone.community, Act.UNDONE, self.login, self.now, undoes=identity)
            saved = self._append(act, history)
            before = {r.id for r in effective(history)}
            after = {r.id for r in effective([*history, saved])}
            # an undoing may cancel an act, or bring it back: its consequences follow, at any depth
            for review in history:
                if review.id in before - after:
                    self._reverse(review)
                elif review.id in after - before:
                    if review.act is Act.FOLDED and not self._may_fold(review):
                        raise UserError(
                            "L’autre brouillon a été regroupé depuis : séparez-le d’abord. Rien n’a changé."
                        )
                    self._follow(review)
        return saved

    def _follow(self, review: Review) -> None:
        """What an act does beyond its own draft."""
        if review.act in (Act.PUBLISHED, Act.SHARED) and review.target:
            for neighbour in review.target.split(","):
                self._hand_over(review, neighbour)
        elif review.act in (Act.SPLIT, Act.RESCUED):
            self._queue(review.article, review.community, "added")

    def _reverse(self, review: Review) -> None:
        """The contrary of ``_follow``."""
        if review.act in (Act.PUBLISHED, Act.SHARED) and review.target:
            for neighbour in review.target.split(","):
                self._take_back(review, neighbour)
        elif review.act in (Act.SPLIT, Act.RESCUED):
            self._withdraw(review.article, review.community)

    def _append(self, review: Review, history: Sequence[Review]) -> Review:
        saved = self.store.append_review(review)
        self.store.save_state(review.article, review.community, state_of([*history, saved]), self.today)
        return saved

    def _may_fold(self, review: Review) -> bool:
        """A draft folds into another one of its community, never into itself nor into what is folded."""
        target = self.store.draft(review.target or "", review.community)
        return target is not None and review.target != review.article and target.status is not DraftStatus.FOLDED

    def _hand_over(self, share: Review, neighbour: str) -> None:
        """The draft arrives in the neighbour's queue with the sender's note."""
        self._queue(share.article, neighbour, "shared")
        received = Review(
            share.article, neighbour, Act.RECEIVED, share.reviewer, self.now, str(share.id), share.note,
            target=share.community,
        )  # fmt: skip
        self._append(received, self.store.reviews_of(share.article, neighbour))

    def _take_back(self, share: Review, neighbour: str) -> None:
        history = self.store.reviews_of(share.article, neighbour)
        for review in effective(history):
            if review.act is Act.RECEIVED and review.reason == str(share.id):
                undoing = Review(share.article, neighbour, Act.UNDONE, self.login, self.now, undoes=review.id)
                self._append(undoing, self.store.reviews_of(share.article, neighbour))
        self._withdraw(share.article, neighbour)

    def _queue(self, article: str, community: str, origin: str) -> None:
        """Queue an article for a community that the night did not choose for it."""
        if community not in self.words:
            return
        articles, judgements = self.store.articles([article]), self.store.judgements([article])
        known = article in articles and article in judgements
        if not known or all(c.id != community for c in judgements[article].communities):
            return
        sources = self.store.article_sources([article]).get(article, [])
        draft = make_draft(articles[article], judgements[article], sources, self.words[community], lead=False)
        self.store.add_draft(draft, origin, self.now)

    def _withdraw(self, article: str, community: str) -> None:
        """Take back a draft brought by hand, unless somebody of the community did something with it."""
        left = effective(self.store.reviews_of(article, community))
        if not left:
            self.store.withdraw_draft(article, community)


def rebuild(store: Store, today: date) -> int:
    """Compute every state again from the reviews. Returns how many drafts were looked at."""
    seen = store.drafts_seen()
    for article, community in seen:
        with store.exclusive():
            store.save_state(article, community, state_of(store.reviews_of(article, community)), today)
    return len(seen)
