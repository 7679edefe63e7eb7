"""Words being changed: one draft a community, shared, locked by its revision.

A gesture made on a state that somebody changed since is merged with theirs when nothing contradicts it; refused with
both sides otherwise (``ConflictError``). The gestures are kept (``DraftStep``): they tell the history of the draft, and
its last one can be undone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from curation.errors import ConflictError, InputError
from curation.wordbook import Publication, Wordbook
from taxonomy.edit import EditError, Operation, apply, from_json, to_json
from taxonomy.merge import merge
from taxonomy.scheme_operations import ReplaceWords
from taxonomy.types import DraftStep, Origin, Taxonomy, TaxonomyDraft, TaxonomyVersion

_CLOSED = "Ce brouillon n'est plus ouvert : il a été publié ou abandonné. Repartez des mots en vigueur."
_MOVED = "Ce brouillon a changé entre-temps. Relisez-le, puis recommencez."


class WordDrafts:
    """The drafts of the communities of a ``Wordbook``."""

    def __init__(self, book: Wordbook) -> None:
        self._book, self._store = book, book.store

    def draft(self, community: str) -> TaxonomyDraft | None:
        """What is being written, if anything."""
        draft = self._store.taxonomy_draft(community)
        last = self._store.taxonomy_version(community) if draft else None
        if draft and last and last.number > draft.base and last.version == draft.taxonomy.version:
            self._store.close_taxonomy_draft(community, draft.revision)  # published, then the process was cut short
            return None
        return draft

    def change(
        self, community: str, operations: Sequence[Operation], *, revision: int, author: str, now: datetime
    ) -> TaxonomyDraft:
        """The draft after these operations, saved. ``revision``: of the draft that the person saw (0: none, they saw
        the words in effect).

        Raises ``taxonomy.edit.EditError`` (what they ask makes no sense or breaks the words), ``ConflictError``
        (somebody else's gesture contradicts it).
        """
        draft = self.draft(community)
        if draft is None:
            if revision:
                raise ConflictError(_CLOSED)
            current = self._book.look(community, now)
            draft = TaxonomyDraft(community, current.version.number, current.taxonomy, (), 0, 0, author, now)
        seen = self.state(draft, revision)
        mine, steps = seen, []
        for each in operations:
            steps.append(DraftStep(to_json(each), each.told(mine), author, now, 0))
            mine = apply(mine, each)
        if draft.revision != revision:
            both = merge(seen, mine, draft.taxonomy, sides=("votre geste", f"celui de {draft.author}"))
            if not both.clean:
                raise ConflictError(f"{draft.author} a changé la même chose entre-temps. {both.told()}", both)
            mine, told = both.taxonomy, " ; ".join(s.text for s in steps)
            steps = [DraftStep(to_json(ReplaceWords(mine, told)), told, author, now, 0)]
        return self._saved(replace(draft, taxonomy=mine, steps=(*draft.steps, *steps), author=author, at=now))

    def change_together(
        self,
        gestures: Mapping[str, Sequence[Operation]],
        *,
        revisions: Mapping[str, int],
        author: str,
        now: datetime,
    ) -> dict[str, TaxonomyDraft]:
        """The drafts of an exchange between communities (``taxonomy.exchange``): all saved, or none. Raises as
        ``change``."""
        with self._store.atomic():
            return {
                community: self.change(community, operations, revision=revisions[community], author=author, now=now)
                for community, operations in gestures.items()
            }

    def undo(self, community: str, *, revision: int, author: str, now: datetime) -> TaxonomyDraft:
        """The draft without its last gesture. Raises ``ConflictError`` when it moved, ``InputError`` when it is new."""
        draft = self._seen(community, revision)
        if not draft.steps:
            raise InputError("Ce brouillon n'a pas de geste à annuler.")
        steps = draft.steps[:-1]
        taxonomy = self._replayed(draft, steps)
        return self._saved(replace(draft, taxonomy=taxonomy, steps=steps, since=0, author=author, at=now))

    def discard(self, community: str, *, revision: int) -> None:
        """Give the draft up. Raises ``ConflictError`` when it moved."""
        self._seen(community, revision)
        if not self._store.close_taxonomy_draft(community, revision):
            raise ConflictError(_MOVED)

    def publish(
        self, revisions: Mapping[str, int], *, author: str, message: str, now: datetime
    ) -> dict[str, TaxonomyVersion]:
        """Publish the drafts of one or several communities (id -> revision that the person saw).

        Several go together: none is published while one of them is refused. Raises as ``Wordbook.publish``; after a
        ``ConflictError``, ``take_up`` brings both sides together.
        """
        drafts = {community: self._seen(community, revision) for community, revision in revisions.items()}
        for community, draft in drafts.items():
            current = self._book.look(community, now)
            if current.version.number != draft.base:
                raise self._book.changed(community, draft.base, draft.taxonomy, current)
            if current.taxonomy.version == draft.taxonomy.version:
                raise InputError(f"Rien à publier : le brouillon de « {community} » ne change rien.")
        together = [Publication(d.taxonomy, d.base, d.revision) for d in drafts.values()]
        return self._book.publish_together(together, author=author, message=message, origin=Origin.DESK, now=now)

    def take_up(
        self, community: str, *, revision: int, choices: Mapping[str, str], author: str, now: datetime
    ) -> TaxonomyDraft:
        """The draft merged with the words in effect, on which it now stands. ``choices``: as in ``merge.merge``.

        Raises ``ConflictError`` while something is not decided.
        """
        draft = self._seen(community, revision)
        current = self._book.look(community, now)
        sides = ("votre brouillon", f"la version {current.version.number}")
        both = merge(self._book.at(community, draft.base), draft.taxonomy, current.taxonomy, choices, sides)
        if not both.clean:
            raise ConflictError(f"Il reste à choisir. {both.told()}", both)
        n = len(draft.steps)
        why = f"{n} geste{'s' if n > 1 else ''} repris sur la version {current.version.number}"
        step = DraftStep(to_json(ReplaceWords(both.taxonomy, why)), why, author, now, 0)
        taken = replace(draft, base=current.version.number, taxonomy=both.taxonomy, steps=(step,))
        return self._saved(replace(taken, since=0, author=author, at=now))

    def state(self, draft: TaxonomyDraft, revision: int) -> Taxonomy:
        """The draft as it stood at that revision. Raises ``ConflictError`` where its steps do not tell."""
        if revision == draft.revision:
            return draft.taxonomy
        if revision == 0:  # they saw the words in effect, on which the draft was opened since
            return self._book.at(draft.community, draft.base)
        if not draft.since <= revision < draft.revision:
            raise ConflictError(_MOVED)
        return self._replayed(draft, [s for s in draft.steps if s.revision <= revision])

    def _seen(self, community: str, revision: int) -> TaxonomyDraft:
        draft = self.draft(community)
        if draft is None:
            raise ConflictError(_CLOSED)
        if draft.revision != revision:
            raise ConflictError(_MOVED)
        return draft

    def _saved(self, draft: TaxonomyDraft) -> TaxonomyDraft:
        saved = self._store.save_taxonomy_draft(draft)
        if saved is None:
            raise ConflictError(_MOVED)
        return saved

    def _replayed(self, draft: TaxonomyDraft, steps: Sequence[DraftStep]) -> Taxonomy:
        try:
            return apply(self._book.at(draft.community, draft.base), *(from_json(s.operation) for s in steps))
        except EditError as error:
            raise ConflictError(_MOVED) from error
