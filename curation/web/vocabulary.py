"""``Room``: the words of one community in one request, in effect and in the draft, and who may change them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from starlette.responses import Response

from curation.errors import ConflictError, InputError, TaxonomyError
from curation.web.access import Need, may
from curation.web.desk import Desk, Stop, whole
from curation.word_drafts import WordDrafts
from curation.wordbook import Current, Wordbook
from taxonomy.diff import diff
from taxonomy.edit import Operation
from taxonomy.types import Change, Origin, Taxonomy, TaxonomyDraft

#: Pages of a community's words: (end of the address, name in the tabs, pages that stand under it).
TABS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("", "Mots", ("/concept", "/nouveau")),
    ("/presentation", "Présentation et dossiers", ()),
    ("/brouillon", "Brouillon", ("/fusion", "/repetition")),
    ("/bilan", "Bilan", ("/reglages",)),
    ("/candidats", "Mots qui manquent", ()),
    ("/voisines", "Voisines", ("/scission", "/fondation", "/ceder")),
    ("/histoire", "Histoire", ()),
    ("/echange", "Échanger", ()),
)
ORIGINS = {
    Origin.DESK: "au bureau",
    Origin.FILE: "dans le fichier",
    Origin.COMMAND: "par une commande",
    Origin.ROLLBACK: "retour à une version",
}
#: Longest message of a version.
MAX_MESSAGE = 300


@dataclass
class Room:
    """What every page of « Vocabulaire » starts from."""

    desk: Desk
    community: str
    book: Wordbook
    drafts: WordDrafts
    current: Current
    draft: TaxonomyDraft | None
    _people: dict[str, str] = field(default_factory=dict)

    @property
    def here(self) -> str:
        """Start of the addresses of this community's words."""
        return f"/vocabulaire/{self.community}"

    def under(self, end: str, others: Sequence[str]) -> bool:
        """True when the page of this request is that of a tab, or stands under it."""
        path = self.desk.path.removeprefix(self.here)
        return path == end or any(f"{path}/".startswith(f"{each}/") for each in (end, *others) if each)

    @property
    def words(self) -> Taxonomy:
        """What is being written, else what is in effect."""
        return self.draft.taxonomy if self.draft else self.current.taxonomy

    @property
    def revision(self) -> int:
        """Of the draft that the person sees; 0: none."""
        return self.draft.revision if self.draft else 0

    @property
    def moved(self) -> bool:
        """True when another version was published since the draft began."""
        return self.draft is not None and self.draft.base != self.current.version.number

    @cached_property
    def base(self) -> Taxonomy:
        """The words on which the draft stands."""
        return self.book.at(self.community, self.draft.base) if self.draft and self.moved else self.current.taxonomy

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What the draft changes."""
        return diff(self.base, self.draft.taxonomy) if self.draft else ()

    @property
    def may_change(self) -> bool:
        """True for who tunes these words; others read them."""
        return may(self.desk.account, Need.COORDINATION, {"community": self.community})

    def person(self, login: str) -> str:
        """What people call whoever has this login; « hors du bureau » for nobody."""
        if not self._people:
            self._people.update({a.login: a.name for a in self.desk.store.accounts()})
        return self._people.get(login, login) if login else "hors du bureau"

    def seen(self) -> Taxonomy:
        """The words that the form was made of (its fields ``seen`` and ``base``): what was typed is compared with them,
        so that what others did meanwhile is neither undone nor repeated."""
        revision, base = whole(self.desk.value("seen")), whole(self.desk.value("base"))
        try:
            if revision:
                return self.drafts.state(self.draft, revision) if self.draft else self.current.taxonomy
            return self.book.at(self.community, base) if base else self.words
        except (ConflictError, InputError):  # too old to be told: changing it will be refused
            return self.words

    def change(self, operations: Sequence[Operation]) -> TaxonomyDraft:
        """The draft with these gestures, made on what the form says it saw. Raises as ``WordDrafts.change``."""
        seen, author, now = whole(self.desk.value("seen")), self.desk.me.login, self.desk.now
        self.draft = self.drafts.change(self.community, operations, revision=seen, author=author, now=now)
        return self.draft

    def render(self, template: str, status: int = 200, /, **content: Any) -> Response:
        """A page of these words."""
        return self.desk.render(template, status, room=self, community=self.community, tabs=TABS, **content)

    def conflict(self, error: ConflictError, typed: Mapping[str, str]) -> Response:
        """Somebody changed the same thing meanwhile: both sides, and what had been typed (409)."""
        return self.render("word_conflict.html", 409, told=str(error), typed={k: v for k, v in typed.items() if v})


def open_room(desk: Desk, community: str = "") -> Room:
    """The words of the community of the address, or of another one. Raises ``Stop`` for a file at fault."""
    community = community or desk.community
    book = Wordbook(desk.settings, desk.store)
    try:
        current = book.look(community, desk.now)
    except TaxonomyError as error:
        raise faulty(community, error) from error
    drafts = WordDrafts(book)
    return Room(desk, community, book, drafts, current, drafts.draft(community))


def faulty(community: str, error: TaxonomyError) -> Stop:
    """The page that says what is wrong with a file."""
    told = f"{error} Corrigez ce fichier, ou revenez à une version : veille taxonomy rollback {community} NUMÉRO."
    return Stop(409, "Le fichier des mots est à corriger", told)
