"""What the desk asks of the night. Network and model work in a process of their own: the desk stays light, and a page
that hangs or breaks the reader is given up with that process."""

from __future__ import annotations

import logging
import pickle
import subprocess
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from curation.config import Settings
from curation.errors import UserError
from curation.store.store import Store
from curation.types import Cause, Failure, Source
from curation.web.services import Preview, Rehearsed
from taxonomy.types import Taxonomy

#: Loading the model takes most of a preview; a source may have a hundred pages to read politely.
PREVIEW_S, HARVEST_S = 90.0, 180.0
#: A change that reaches every article of a large installation is left to the night.
RECLASSIFY_S = 120.0
#: Most of it goes into loading the model and what was read.
REHEARSE_S = 60.0
#: What an attempt keeps for starting and answering.
MARGIN_S = 15.0
#: How long somebody waits for a colleague's attempt to end: one at a time, each loads a model.
TURN_S = 20.0
_LOG = logging.getLogger("veille.desk")


class NightServices:
    """``curation.web.services.Services``: the work itself stands in ``flows.desk_work``."""

    def __init__(
        self, settings: Settings, config: Path, *, preview_s: float = PREVIEW_S, harvest_s: float = HARVEST_S
    ) -> None:
        """``preview_s``, ``harvest_s``: seconds after which an attempt is given up."""
        self._settings, self._config = settings, config.resolve()
        self._preview_s, self._harvest_s = preview_s, harvest_s
        self._turn = threading.Lock()

    def preview(self, address: str, as_letter: bool = False) -> Preview:
        """As ``Services.preview``; an attempt that takes too long is a failure (TIMEOUT)."""
        found = self._work("preview", self._preview_s, address, as_letter, self._preview_s - MARGIN_S)
        if found is None:
            return Preview(None, failure=_too_long(address))
        assert isinstance(found, Preview)
        return found

    def find_sources(self, addresses: Sequence[str]) -> tuple[Preview, ...]:
        """As ``Services.find_sources``; an attempt that takes too long fails for every address (TIMEOUT)."""
        found = self._work("find_sources", self._harvest_s, tuple(addresses))
        if found is None:
            return tuple(Preview(None, failure=_too_long(a)) for a in addresses)
        assert isinstance(found, tuple)
        return found

    def harvest_source(self, source: str) -> Failure | None:
        """As ``Services.harvest_source``; what was stored before an attempt was given up stays."""
        with Store(self._settings.database) as store:
            url = next((s.url for s in store.sources() if s.id == source), None)
        if url is None:
            raise UserError("Cette source n’est plus surveillée.")
        found = self._work("harvest", self._harvest_s, source)
        if found is None:
            return _too_long(url)
        failure = found[0]
        assert failure is None or isinstance(failure, Failure)
        return failure

    def import_opml(self, content: bytes) -> tuple[int, int]:
        """(added, already watched). Raises ``InputError``."""
        from flows.source_commands import add_opml

        return add_opml(self._settings, content, "Import impossible")

    def export_opml(self, sources: Sequence[Source]) -> bytes:
        """The feeds as OPML."""
        from flows.source_commands import opml_of

        return opml_of(sources).encode()

    @property
    def phrases(self) -> str:
        """As ``Services.phrases``."""
        from models.noun_phrases import RECIPE

        return RECIPE

    def rehearse(self, words: Sequence[Taxonomy]) -> Rehearsed:
        """As ``Services.rehearse``."""
        found = self._work("rehearse", REHEARSE_S, tuple(words))
        if found is None:
            raise UserError(
                "La répétition a pris trop de temps. La commande « veille taxonomy rehearse » attend la fin."
            )
        assert isinstance(found, Rehearsed)
        return found

    def reclassify(self) -> int:
        """As ``Services.reclassify``; what was classified before an attempt was given up stays."""
        done = self._work("reclassify", RECLASSIFY_S)
        if done is None:
            raise UserError("Beaucoup de contenus sont concernés.")
        return int(done)

    def _work(self, name: str, seconds: float, *arguments: Any) -> Any:
        """What the other process found; None when it was given up. Raises ``UserError``."""
        if not self._turn.acquire(timeout=TURN_S):
            raise UserError("Un autre travail est en cours au bureau. Recommencez dans un instant.")
        try:
            done = subprocess.run(
                [sys.executable, "-m", "flows.desk_work"],
                input=pickle.dumps((name, str(self._config), arguments)),
                capture_output=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None
        finally:
            self._turn.release()
        if done.returncode:
            _LOG.error("%s: exit status %s: %s", name, done.returncode, done.stderr[-4000:].decode("utf-8", "replace"))
            raise UserError("L’essai s’est interrompu d’une façon imprévue ; la raison est au journal technique.")
        fault, found = pickle.loads(done.stdout)  # written by our own code, never by what it read
        if fault:
            raise UserError(fault)
        return found


def _too_long(url: str) -> Failure:
    return Failure(Cause.TIMEOUT, url, "given up by the desk", at=datetime.now(UTC).replace(microsecond=0))
