"""What the desk asks of the night. Heavy work (model, network) runs in a process of its own: the desk stays light."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from curation.config import Settings
from curation.types import Failure, Source
from curation.web.services import Preview


class NightServices:
    """``curation.web.services.Services``, made of the commands of veille."""

    def __init__(self, settings: Settings, config: Path) -> None:
        self._settings, self._config = settings, config

    def preview(self, address: str) -> Preview:
        raise NotImplementedError

    def harvest_source(self, source: str) -> Failure | None:
        raise NotImplementedError

    def import_opml(self, content: bytes) -> tuple[int, int]:
        raise NotImplementedError

    def export_opml(self, sources: Sequence[Source]) -> bytes:
        raise NotImplementedError
