"""The taxonomies that the desk shows, read again when a file changes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

from curation.config import Settings
from curation.errors import ConfigError, TaxonomyError
from curation.foundings import read_foundings
from taxonomy.load import TaxonomyFileError, load_taxonomy
from taxonomy.types import Founding, Taxonomy


class Words:
    """Community id -> ``Taxonomy``, in the order of the configuration."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ids = tuple(c.id for c in settings.communities)
        self._known: dict[str, tuple[tuple[Path, int, int], Taxonomy]] = {}
        self._lock = threading.Lock()

    def follow(self, settings: Settings) -> None:
        """Serve the communities of these settings from now on: those that began meanwhile come last."""
        self._settings = settings
        self._ids = tuple(c.id for c in settings.communities)

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __contains__(self, community: object) -> bool:
        return community in self._ids

    def __getitem__(self, community: str) -> Taxonomy:
        """Raises ``KeyError`` for an unknown community, ``TaxonomyError`` for a file that cannot be read."""
        if community not in self._ids:
            raise KeyError(community)
        path = self._settings.words_file(community)
        with self._lock:
            try:
                facts = path.stat()
                stamp = (path, facts.st_mtime_ns, facts.st_ino)
                kept = self._known.get(community)
                if kept is None or kept[0] != stamp:
                    kept = self._known[community] = (stamp, load_taxonomy(path))
            except (TaxonomyFileError, OSError) as error:
                raise TaxonomyError(str(error)) from error
            return kept[1]

    def shelf(self, community: str, dossier: str) -> tuple[str, str]:
        """(name, community where it is now) of a dossier, even of one that left with a community split off this one.

        The name is the id itself, and the community "", for a dossier that is nowhere any more.
        """
        for holder in self._line(community):
            label = next((d.pref_label for d in self[holder].dossiers if d.id == dossier), "")
            if label:
                return label, holder
        return dossier, ""

    def dossier_name(self, community: str, dossier: str) -> str:
        """What people read where something was filed: « Hébergements, passé à Accueil » for a dossier that left."""
        label, holder = self.shelf(community, dossier)
        return label if holder in ("", community) else f"{label}, passé à {self.name(holder)}"

    def parent(self, community: str) -> str:
        """The community it was split off, where that one is still served; "" otherwise."""
        return next((f.origin for f in self._foundings() if f.community == community and f.origin in self), "")

    def _line(self, community: str) -> list[str]:
        """A community, then those that were split off it, and off these."""
        line = [community] if community in self else []
        for holder in line:
            line += [f.community for f in self._foundings() if f.origin == holder and f.community in self]
        return line

    def _foundings(self) -> tuple[Founding, ...]:
        try:
            return read_foundings(self._settings.state)
        except ConfigError:  # told elsewhere
            return ()

    def name(self, community: str) -> str:
        """What people call a community; its id when it is not configured any more."""
        return self[community].pref_label if community in self else community
