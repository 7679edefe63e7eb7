"""The taxonomies that the desk shows, read again when a file changes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

from curation.config import Settings
from curation.errors import TaxonomyError
from taxonomy.load import SHIPPED, TaxonomyFileError, load_taxonomy
from taxonomy.types import Taxonomy


class Words:
    """Community id -> ``Taxonomy``, in the order of the configuration."""

    def __init__(self, settings: Settings) -> None:
        self._paths = {c.id: c.taxonomy or SHIPPED / f"{c.id}.yaml" for c in settings.communities}
        self._known: dict[str, tuple[float, Taxonomy]] = {}
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __contains__(self, community: object) -> bool:
        return community in self._paths

    def __getitem__(self, community: str) -> Taxonomy:
        """Raises ``KeyError`` for an unknown community, ``TaxonomyError`` for a file that cannot be read."""
        path = Path(self._paths[community])
        with self._lock:
            try:
                changed = path.stat().st_mtime
                kept = self._known.get(community)
                if kept is None or kept[0] != changed:
                    kept = self._known[community] = (changed, load_taxonomy(path))
            except (TaxonomyFileError, OSError) as error:
                raise TaxonomyError(str(error)) from error
            return kept[1]

    def name(self, community: str) -> str:
        """What people call a community; its id when it is not configured any more."""
        return self[community].pref_label if community in self else community
