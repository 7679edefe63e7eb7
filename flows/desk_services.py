"""What the desk asks of the night, which works in other processes: the desk stays light.

What reads the network has a process of its own each time (``flows.desk_work``): a page that hangs or breaks the reader
is given up with it. What needs the judge and the articles read is asked of one that keeps them (``flows.worker``).
"""

from __future__ import annotations

import logging
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from curation.config import Settings
from curation.decide.advice import Advised
from curation.decide.terms import Near
from curation.errors import UserError
from curation.store.store import Store
from curation.types import Cause, Failure, Source
from curation.web.services import Preview, Rehearsed
from flows.worker import BROKEN, BUSY, TURN_S, Late, Worker
from taxonomy.types import Taxonomy

#: Loading the model takes most of a preview; a source may have a hundred pages to read politely.
PREVIEW_S, HARVEST_S = 90.0, 180.0
#: A change that reaches every article of a large installation is left to the night.
RECLASSIFY_S = 120.0
#: How long whoever published waits for their turn: the desk's own preparations (labelled items being encoded) must not
#: leave the queues behind the words.
PUBLISHED_TURN_S = 60.0
#: A moment where the worker has everything at hand; most of it goes into loading.
REHEARSE_S = 60.0
#: A hundred trials or two on what is judged: some seconds, and as many again for the loading.
ADVISE_S = 120.0
#: What nobody waits for; at its first use the model prepares the vocabularies for minutes.
BACKGROUND_S = 600.0
#: Between two steps of what is prepared behind the pages.
PAUSE_S = 0.1
#: What a page waits for before it is shown without.
SOON_S = 1.5
#: What an attempt keeps for starting and answering.
MARGIN_S = 15.0
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
        self.worker = Worker(self._config)
        self._behind = threading.Lock()

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
        try:
            found = self.worker.ask("rehearse", REHEARSE_S, tuple(words))
        except Late as error:
            raise UserError(
                "La répétition a pris trop de temps. La commande « veille taxonomy rehearse » attend la fin."
            ) from error
        assert isinstance(found, Rehearsed)
        if found.labelled is None:
            self.warm()
        return found

    def advise(self, community: str) -> Advised:
        """As ``Services.advise``."""
        try:
            found = self.worker.ask("advise", ADVISE_S, community)
        except Late as error:
            told = f"La commande « veille taxonomy advise {community} » attend la fin."
            raise UserError(f"L’essai des réglages a pris trop de temps. {told}") from error
        assert isinstance(found, Advised)
        return found

    def reclassify(self) -> int:
        """As ``Services.reclassify``; what was classified before an attempt was given up stays."""
        try:
            return int(self.worker.ask("reclassify", RECLASSIFY_S, turn_s=PUBLISHED_TURN_S))
        except Late as error:
            raise UserError("Beaucoup de contenus sont concernés.") from error

    def warm(self) -> None:
        """As ``Services.warm``."""
        self._soon("warm", wait=0.0)

    def nearest(self, community: str, labels: Sequence[str]) -> Sequence[Near | None] | None:
        """As ``Services.nearest``."""
        if not labels:
            return ()
        found: Sequence[Near | None] | None = self._soon("nearest", community, tuple(labels))
        return found

    def read_phrases(self) -> bool:
        """As ``Services.read_phrases``."""
        return self._soon("phrases") is not None

    def close(self) -> None:
        """As ``Services.close``."""
        self.worker.close()

    def _soon(self, name: str, *arguments: Any, wait: float = SOON_S) -> Any:
        """What the worker answers within ``wait`` seconds; None when it is not up yet, busy, or takes longer, or has a
        fault to tell: it goes on behind the page, and what it finds is at hand for the next."""
        end = time.monotonic() + wait
        up = self.worker.up
        if not self._behind.acquire(timeout=wait if up else 0.0):
            return None
        answer: list[Any] = []

        def ask() -> None:
            try:
                found = self.worker.ask(name, BACKGROUND_S, *arguments)
                while name == "warm" and not found:
                    time.sleep(PAUSE_S)  # somebody who rehearses meanwhile has a turn
                    found = self.worker.ask(name, BACKGROUND_S)
                answer.append(found)
            except (UserError, Late) as error:
                _LOG.info("%s: %s", name, error)
            finally:
                self._behind.release()

        thread = threading.Thread(target=ask, name=f"behind: {name}", daemon=True)
        thread.start()
        if up:
            thread.join(max(0.0, end - time.monotonic()))
        return answer[0] if answer else None

    def _work(self, name: str, seconds: float, *arguments: Any) -> Any:
        """What a process of its own found; None when it was given up. One at a time: each loads a model.

        Raises ``UserError``.
        """
        if not self._turn.acquire(timeout=TURN_S):
            raise UserError(BUSY)
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
            raise UserError(BROKEN)
        fault, found = pickle.loads(done.stdout)  # written by our own code, never by what it read
        if fault:
            raise UserError(fault)
        return found


def _too_long(url: str) -> Failure:
    return Failure(Cause.TIMEOUT, url, "given up by the desk", at=datetime.now(UTC).replace(microsecond=0))
