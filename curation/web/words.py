"""The taxonomies that the desk shows, read again when a file changes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

from curation.config import Settings
from curation.errors import TaxonomyError
from taxonomy.load import TaxonomyFileError, load_taxonomy
from taxonomy.types import Taxonomy


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

    def name(self, community: str) -> str:
        """What people call a community; its id when it is not configured any more."""
        return self[community].pref_label if community in self else community
