"""A community that begins is published: its words with those of the community it leaves, the people who work in it, the
sources that were chosen for it. One transaction: all of it, or nothing. Shared by the desk and the commands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from curation.accounts import AccountRole
from curation.errors import ConflictError
from curation.store.store import Store
from curation.types import Source
from curation.wordbook import Publication, Wordbook
from taxonomy.edit import refused
from taxonomy.french import label_keys
from taxonomy.types import Founding, Origin, Taxonomy, TaxonomyVersion

_OTHER = "Ce qui serait publié n'est plus ce qui a été répété : les mots ont changé depuis. Répétez, puis publiez."


@dataclass(frozen=True, slots=True)
class Beginning:
    """``left``: what it was split off, after the split; None: it begins by itself. ``people``: logins, besides the
    author, who gets it in any case. ``follow``: ids of watched sources; ``sources``: to be watched from now on."""

    new: Taxonomy
    left: Publication | None = None
    people: tuple[str, ...] = ()
    follow: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()


def begin(
    book: Wordbook, beginning: Beginning, *, author: str, message: str, origin: Origin, now: datetime
) -> dict[str, TaxonomyVersion]:
    """Publish it: community -> version. Raises as ``Wordbook.publish_together``."""
    new, left, store = beginning.new, beginning.left, book.store
    parent = left.taxonomy.id if left else ""

    def within() -> None:
        for login in dict.fromkeys((author, *beginning.people)):
            _may_work(store, login, new.id)
        for identity in beginning.follow:
            store.follow_source(identity, new.id)
        for source in beginning.sources:
            if not store.add_source(replace(source, communities=(new.id,)), "desk"):
                known = store.source_at(source.url)  # somebody added it meanwhile
                assert known is not None
                store.follow_source(known.id, new.id)

    return book.publish_together(
        [*([left] if left else []), Publication(new, 0)],
        author=author,
        message=message,
        origin=origin,
        now=now,
        begun=Founding(new.id, parent, author, now.replace(microsecond=0)),
        within=within,
    )


def unlike(name: str, others: Iterable[Taxonomy]) -> None:
    """Raises ``EditError`` when a community already has that name: people could not tell them apart."""
    if same := next((t for t in others if label_keys(t.pref_label) == label_keys(name)), None):
        raise refused(f"une communauté s'appelle déjà « {same.pref_label} ».", field="prefLabel")


def rehearsed(*words: Taxonomy) -> str:
    """What a form carries from a rehearsal to the publication: names the content of every taxonomy tried."""
    return ".".join(t.version for t in words)


def must_be(seen: str, *words: Taxonomy) -> None:
    """Raises ``ConflictError`` unless these are the words of that rehearsal."""
    if seen != rehearsed(*words):
        raise ConflictError(_OTHER)


def _may_work(store: Store, login: str, community: str) -> None:
    """That person works in this community from now on; nothing for who administers, or has no account here."""
    account = store.account(login)
    if account is None or account.role is AccountRole.ADMINISTRATEUR or community in account.communities:
        return
    store.change_account(account.login, communities=(*account.communities, community))
