"""The words of the communities as one thing: their files and their history. Drafts: ``curation.word_drafts``.

**Which file.** ``Settings.words_file`` says which one is in effect, ``Settings.words_target`` where publishing writes;
nobody else decides. The file and the history say the same: whoever looks (the desk, a command, the night) compares
them first.

**Publishing** prepares the new file beside the old one, appends a version, puts the new file in the place of the old in
one step, then notes that the file holds the version. A crash leaves the file holding what it held, one version behind
what was appended: the next look finishes the writing. A file that holds anything else was changed by hand: the next
look appends that as a version of its own (``Origin.FILE``). So nothing is ever overwritten unseen, and whoever would
publish over it is told (``ConflictError``).

**Several communities at once** (one splits off another, a label changes hands) are appended in one transaction, files
after it: all of them are published, or none. A community that begins is appended there too (``Founding``), and mirrored
in the state folder for ``load_settings``; what a crash left undone is finished by the next look, and ``settings`` of
the wordbook then know the community. Whoever judges afterwards takes the settings from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from curation.config import Settings, serving, with_begun
from curation.errors import ConfigError, ConflictError, InputError, TaxonomyError
from curation.foundings import foundings_text, mirror_of, read_foundings
from curation.store.store import Store
from curation.word_files import prepared, read, real
from taxonomy.load import SHIPPED, TaxonomyFileError, parse_taxonomy
from taxonomy.merge import both_sides, merge
from taxonomy.types import Founding, Origin, Taxonomy, TaxonomyVersion
from taxonomy.write import to_yaml

#: Ending of a file that could not be read, kept when an older version takes its place.
ASIDE = ".ecarte"


@dataclass(frozen=True, slots=True)
class Current:
    """The words in effect: what they are, which version, where they stand and as which text."""

    taxonomy: Taxonomy
    version: TaxonomyVersion
    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class Publication:
    """Words to be published with others. ``base``: number of the version they were made from; 0: the community begins.
    ``draft``: revision of the draft that is published with them; 0: none."""

    taxonomy: Taxonomy
    base: int
    draft: int = 0


class Wordbook:
    """Every reading and publishing of words goes through it. Light: one per request or command."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings, self.store = settings, store

    def look(self, community: str, now: datetime) -> Current:
        """The words in effect, once the history agrees with the file.

        Raises ``TaxonomyError`` (the file is at fault: every fault in French), ``ConfigError`` (unknown community).
        """
        self.settle()
        path = self.settings.words_file(community)
        text = read(path)
        taxonomy = self._sound(text, path, community)
        last, held = self.store.taxonomy_version(community), self.store.taxonomy_file(community)
        if last is None or last.version != taxonomy.version or held != last.number:
            with self.store.atomic():
                last = self._agreed(community, taxonomy, text, path, now)
        if last.version == taxonomy.version:
            return Current(taxonomy, last, path, text)
        wanted = self.text_at(community, last.number)
        self._put(community, prepared(self.settings.words_target(community), wanted), wanted, seen=text)
        self.store.set_taxonomy_file(community, last.number)
        target = self.settings.words_target(community)
        return Current(self._sound(wanted, target, community), last, target, wanted)

    def look_all(self, now: datetime) -> dict[str, Current]:
        """The same for every community of the configuration, in its order, then those begun here."""
        self.settle()
        return {c.id: self.look(c.id, now) for c in self.settings.communities}

    def versions(self, community: str, limit: int | None = None) -> list[TaxonomyVersion]:
        """The history, newest first."""
        return self.store.taxonomy_versions(community, limit)

    def at(self, community: str, number: int) -> Taxonomy:
        """The words of one version. Raises ``InputError`` when there is none of that number."""
        return self._sound(self.text_at(community, number), f"version {number}", community)

    def meaning(self, community: str, version: str) -> Taxonomy | None:
        """The words that a content version names (``Taxonomy.version``); None when the history does not hold them."""
        number = self.store.taxonomy_number(community, version)
        return None if number is None else self.at(community, number)

    def text_at(self, community: str, number: int) -> str:
        """What the file held in that version. Raises ``InputError``."""
        text = self.store.taxonomy_text(community, number)
        if text is None:
            last = self.store.taxonomy_version(community)
            known = f"La dernière est la {last.number}." if last else "Aucune n'est encore connue."
            raise InputError(f"« {community} » n'a pas de version {number}. {known}")
        return text

    def shipped(self, community: str) -> Taxonomy | None:
        """The words shipped with veille for that community, whatever is in effect; None when there are none."""
        path = SHIPPED / f"{community}.yaml"
        return self._sound(read(path), path, community) if path.exists() else None

    def publish(
        self,
        community: str,
        taxonomy: Taxonomy,
        *,
        base: int,
        author: str,
        message: str,
        origin: Origin,
        now: datetime,
        text: str | None = None,
    ) -> TaxonomyVersion:
        """Make ``taxonomy`` the words in effect. ``base``: number of the version it was made from. ``text``: the YAML
        that says it, where somebody wrote one; else the file in effect is edited in place (``taxonomy.write``).

        Raises ``ConflictError`` when another version came since (with the merge to offer), ``InputError`` when nothing
        changed or the words are those of another community, ``TaxonomyError`` when the file cannot be written.
        """
        if taxonomy.id != community:
            raise InputError(f"Ces mots sont ceux de « {taxonomy.id} », pas de « {community} ».")
        current = self._replaced(community, taxonomy, base, now)
        text = to_yaml(taxonomy, current.text) if text is None else text
        return self._published(community, taxonomy, text, author, message, origin, now, current)

    def publish_together(
        self,
        publications: Sequence[Publication],
        *,
        author: str,
        message: str,
        origin: Origin,
        now: datetime,
        begun: Founding | None = None,
        within: Callable[[], None] = lambda: None,
    ) -> dict[str, TaxonomyVersion]:
        """Make the words of several communities those in effect, all or none; their drafts are closed with it.

        ``begun``: the community among them that begins. ``within``: what else is written in the same transaction.
        Raises as ``publish``; ``ConflictError`` too when the id of the one that begins is taken.
        """
        known, writings = self.settings, []
        try:
            for each in publications:
                community = each.taxonomy.id
                if begun is not None and community == begun.community:
                    if community in self.taken():
                        raise ConflictError(_TAKEN.format(community=community))
                    self.settings = serving(self.settings, [community])
                    writings.append(_Writing(community, each.taxonomy, to_yaml(each.taxonomy), None, 0))
                    continue
                current = self._replaced(community, each.taxonomy, each.base, now)
                yaml = to_yaml(each.taxonomy, current.text)
                writings.append(_Writing(community, each.taxonomy, yaml, current, each.draft))
            return self._released(writings, author, message, origin, now, begun, within)
        except BaseException:
            self.settings = known
            raise

    def taken(self) -> set[str]:
        """Ids that no new community may take: those served, those that ever had words here."""
        return {c.id for c in self.settings.communities} | self.store.communities_with_words()

    def settle(self) -> None:
        """Finish the foundings that a crash cut short; ``settings`` know every community begun here afterwards."""
        begun = self.store.foundings()
        if not begun:
            return
        try:
            told = read_foundings(self.settings.state)
        except ConfigError:  # damaged while we run: the store knows better
            told = ()
        missing = [f for f in begun if f.community not in {t.community for t in told}]
        for founding in missing:
            community = founding.community
            target = serving(self.settings, [community]).words_target(community)
            last = self.store.taxonomy_version(community)
            if last is not None and not target.exists():
                prepared(target, self.text_at(community, last.number)).replace(target)
                self.store.set_taxonomy_file(community, last.number)
        if missing:
            mirror = mirror_of(self.settings.state)
            prepared(mirror, foundings_text([*told, *missing])).replace(mirror)
        self.settings = with_begun(self.settings)

    def rollback(self, community: str, number: int, *, author: str, message: str, now: datetime) -> TaxonomyVersion:
        """Publish an older version again, byte for byte. A file at fault is no obstacle: a copy of it is kept aside.

        Raises as ``publish``.
        """
        text = self.text_at(community, number)
        taxonomy = self._sound(text, f"version {number}", community)
        message = message or f"retour à la version {number}"
        try:
            current = self.look(community, now)
        except TaxonomyError:
            self._keep_aside(community)
            return self._published(community, taxonomy, text, author, message, Origin.ROLLBACK, now, None)
        if current.taxonomy.version == taxonomy.version:
            raise InputError(f"« {community} » dit déjà ce que disait la version {number}.")
        return self._published(community, taxonomy, text, author, message, Origin.ROLLBACK, now, current)

    def adopt(self, community: str, history: Sequence[tuple[TaxonomyVersion, str]]) -> bool:
        """Take over the history of another installation, oldest first; False (and nothing) when there is one here."""
        with self.store.atomic():
            if self.store.taxonomy_version(community) is not None:
                return False
            for number, (version, text) in enumerate(history, 1):
                self.store.add_taxonomy_version(replace(version, community=community, number=number), text, False)
        return bool(history)

    def changed(self, community: str, base: int, taxonomy: Taxonomy, current: Current) -> ConflictError:
        """The error of whoever publishes words made from a version that is not the last: both sides, and the merge."""
        sides = ("votre côté", f"la version {current.version.number}")
        start = self.at(community, base)
        both = merge(start, taxonomy, current.taxonomy, sides=sides)
        said = f"À décider avant de publier :\n{both.told()}"
        if both.clean:
            said = "Rien ne se contredit : la fusion des deux peut être publiée."
        what = both_sides(start, taxonomy, current.taxonomy, sides)
        head = f"« {community} » a changé depuis la version {base} : {told_version(current.version)}."
        return ConflictError(f"{head}\n{what}\n{said}", both)

    def _replaced(self, community: str, taxonomy: Taxonomy, base: int, now: datetime) -> Current:
        """What ``taxonomy``, made from version ``base``, may replace. Raises as ``publish``."""
        current = self.look(community, now)
        if current.version.number != base:
            raise self.changed(community, base, taxonomy, current)
        if taxonomy.version == current.taxonomy.version:
            raise InputError(f"Rien à publier : « {community} » dit déjà cela (version {base}).")
        return current

    def _agreed(self, community: str, taxonomy: Taxonomy, text: str, path: Path, now: datetime) -> TaxonomyVersion:
        """The last version, once the history knows what the file holds. A version that the file does not hold is one
        whose publication was cut short."""
        last, held = self.store.taxonomy_version(community), self.store.taxonomy_file(community)
        if last is not None and last.version == taxonomy.version:
            self.store.set_taxonomy_file(community, last.number)
            return last
        before = self.store.taxonomy_version(community, held)
        if last is not None and before is not None and held != last.number and before.version == taxonomy.version:
            return last
        if path.parent == SHIPPED:
            message = "mots livrés avec veille" if last is None else "nouveaux mots livrés avec veille"
        else:
            message = "premier état connu du fichier" if last is None else "fichier modifié hors du bureau"
        return self._appended(community, taxonomy, text, "", message, Origin.FILE, now, holds=True)

    def _published(
        self,
        community: str,
        taxonomy: Taxonomy,
        text: str,
        author: str,
        message: str,
        origin: Origin,
        now: datetime,
        current: Current | None,
    ) -> TaxonomyVersion:
        """Version, then file. ``current``: what is replaced; None: a file at fault, whatever it holds."""
        return self._released([_Writing(community, taxonomy, text, current, 0)], author, message, origin, now)[
            community
        ]

    def _released(
        self,
        writings: Sequence[_Writing],
        author: str,
        message: str,
        origin: Origin,
        now: datetime,
        begun: Founding | None = None,
        within: Callable[[], None] = lambda: None,
    ) -> dict[str, TaxonomyVersion]:
        """Versions in one transaction, then files: those of a community that begins first, and the mirror."""
        parts: dict[str, Path] = {}
        published: dict[str, TaxonomyVersion] = {}
        try:
            for w in writings:
                parts[w.community] = prepared(self.settings.words_target(w.community), w.text)
            with self.store.atomic():
                for w in writings:
                    c, current = w.community, w.current
                    if current is not None and read(self.settings.words_file(c)) != current.text:
                        raise ConflictError(_MOVED.format(path=current.path))
                    after = None if current is None else current.version.number
                    published[c] = self._appended(c, w.taxonomy, w.text, author, message, origin, now, False, after)
                    if w.draft and not self.store.close_taxonomy_draft(c, w.draft):
                        raise ConflictError(f"Le brouillon de « {c} » a changé entre-temps. Relisez-le, recommencez.")
                if begun is not None and not self.store.add_founding(begun):
                    raise ConflictError(_TAKEN.format(community=begun.community))
                within()
            if begun is not None:
                self._put(begun.community, parts[begun.community], "", seen=None)
                self.store.set_taxonomy_file(begun.community, published[begun.community].number)
                self.settle()
            for w in writings:
                if begun is None or w.community != begun.community:
                    self._put(w.community, parts[w.community], w.text, seen=w.current.text if w.current else None)
                    self.store.set_taxonomy_file(w.community, published[w.community].number)
        finally:
            for part in parts.values():
                part.unlink(missing_ok=True)
        return published

    def _appended(
        self,
        community: str,
        taxonomy: Taxonomy,
        text: str,
        author: str,
        message: str,
        origin: Origin,
        now: datetime,
        holds: bool,
        after: int | None = None,
    ) -> TaxonomyVersion:
        """The next version, in the store. ``after``: the one that must still be the last."""
        last = self.store.taxonomy_version(community)
        number = (last.number if last else 0) + 1
        moment = now.replace(microsecond=0)
        version = TaxonomyVersion(community, number, taxonomy.version, author, moment, message, origin)
        if after not in (None, number - 1) or not self.store.add_taxonomy_version(version, text, holds):
            raise ConflictError(f"« {community} » vient d'être publié par un autre. Relisez, puis recommencez.")
        return version

    def _sound(self, text: str, name: Path | str, community: str) -> Taxonomy:
        try:
            taxonomy = _parsed(text, str(name))
        except TaxonomyFileError as error:
            raise TaxonomyError(str(error)) from error
        if taxonomy.id != community:
            told = f"ce fichier décrit « {taxonomy.id} », la configuration attend « {community} »."
            raise TaxonomyError(f"{name} : {told}")
        return taxonomy

    def _put(self, community: str, part: Path, text: str, seen: str | None) -> None:
        """The prepared file in its place, unless the file in effect holds something else than what was ``seen``."""
        path, target = self.settings.words_file(community), self.settings.words_target(community)
        there = None if seen is None else read(path)
        if there == text and path == target:  # somebody who looked meanwhile finished the writing
            part.unlink()
            return
        if there != seen:
            part.unlink()
            raise ConflictError(_MOVED.format(path=path))
        part.replace(real(target))

    def _keep_aside(self, community: str) -> None:
        path = self.settings.words_target(community)
        if path.exists():
            path.with_name(path.name + ASIDE).write_bytes(path.read_bytes())


@dataclass(frozen=True, slots=True)
class _Writing:
    """Words on their way to a file. ``current``: what they replace; ``draft``: as in ``Publication``."""

    community: str
    taxonomy: Taxonomy
    text: str
    current: Current | None
    draft: int


_TAKEN = "Une communauté s'appelle ou s'est déjà appelée « {community} » ici : choisissez un autre nom."
_MOVED = "{path} a changé pendant la publication : rien n'y a été écrit. Regardez ce qui a changé, puis recommencez."


def told_version(version: TaxonomyVersion) -> str:
    """« version 12, par lea, le 24/11/2026 à 09:30 UTC (« halles ») »."""
    by = f"par {version.author}" if version.author else "hors du bureau"
    said = f" (« {version.message} »)" if version.message else ""
    return f"version {version.number}, {by}, le {version.at.strftime('%d/%m/%Y à %H:%M')} UTC{said}"


@lru_cache(maxsize=32)  # eight communities, their bases and a few past ones; texts are compared, so nothing is stale
def _parsed(text: str, name: str) -> Taxonomy:
    return parse_taxonomy(text, name)
