"""``python -m flows.desk_worker CONFIG``: the process beside the desk that keeps the judge and what was read in memory.

Requests come one after the other on stdin, each a pickle of (name, arguments); for each, a pickle of (French fault or
"", result) leaves on stdout. The process never reads the network: what could hang or break it stands in
``flows.desk_work``. It ends with the desk, at the end of its input, whatever it is doing then. Anything unexpected ends
it too: whoever asked is told, and the next request starts another.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.config import Settings, load_settings, with_begun
from curation.decide.advice import Advised
from curation.decide.terms import Near
from curation.errors import UserError
from curation.foundings import stamp_of
from curation.store.store import Store
from curation.web.services import Rehearsed
from taxonomy.types import Taxonomy

if TYPE_CHECKING:
    from flows.judge import Plan
    from flows.nearest import NearestConcepts
    from flows.rehearsing import Rehearsal
    from models.types import Vectors


Stamp = tuple[int, int, int]


class Kept:
    """What stays in memory between requests, each piece made again when what it was made of has changed.

    The configuration by its file and the communities begun since; the judge by its plan (files of words, scorer); the
    corpus by the judge's plan and the count of everything written to it. Verdicts, duplicates and titles are read anew
    by each rehearsal.
    """

    def __init__(self, config: Path) -> None:
        self._config = config
        self._settings: tuple[tuple[Stamp, Stamp], Settings] | None = None
        self._store: Store | None = None
        self._rehearsal: tuple[tuple[Plan, int, Any], Rehearsal] | None = None
        self._nearest: tuple[Plan, NearestConcepts] | None = None
        self._encoded: tuple[Stamp, list[Vectors]] | None = None
        #: Labelled items that the rehearsal measures on too; None: not yet, encoding them takes many seconds.
        self.labelled_items: int | None = 0

    @property
    def settings(self) -> Settings:
        """As the file says now, with the communities begun at the desk since. Raises ``ConfigError``."""
        stamp = _stamp(self._config)
        if self._settings is None or self._settings[0] != (stamp, stamp_of(self._settings[1].state)):
            self.forget()
            found = load_settings(self._config)
            begun = stamp_of(found.state)
            self._settings = (stamp, begun), with_begun(found)  # what was begun after the stamp shows at the next look
        return self._settings[1]

    @property
    def store(self) -> Store:
        """Open from the first rehearsal on."""
        assert self._store is not None
        return self._store

    @contextmanager
    def rehearsal(self) -> Iterator[Rehearsal]:
        """The corpus as it stands now, for one request: all of it is read from one moment of the store.

        Raises ``UserError``, as ``Rehearsal``.
        """
        from flows.judge import judge_for, plan_of
        from flows.labelled import encoded, labelled, labelled_path
        from flows.rehearsing import Rehearsal

        settings = self.settings
        plan, gold = plan_of(settings), labelled_path(settings)
        judge = judge_for(plan)  # its vocabularies may take minutes the first time: not inside the snapshot
        if self._store is None:
            self._store = Store(settings.database)
        with self._store.snapshot():
            made_of = plan, self._store.corpus_count(), gold and (gold, _stamp(gold))
            if self._rehearsal is None or self._rehearsal[0] != made_of:
                self._rehearsal = None  # never two in memory
                found = Rehearsal(settings, self._store)
                self._rehearsal = made_of, found
                self.labelled_items = None if gold else 0
            if gold is not None and self.labelled_items is None and encoded(judge, gold, settings.state):
                given = labelled(self._rehearsal[1].judge, gold, settings.state)
                self._rehearsal[1].use(given)
                self.labelled_items = len(given.items)
            yield self._rehearsal[1]

    def encode_more(self) -> bool:
        """Encode some of the labelled items; True when all of them are at hand. Raises ``UserError``."""
        from flows.judge import judge_for, plan_of
        from flows.labelled import encode_more, labelled_path

        gold = labelled_path(self.settings)
        if gold is None:
            return True
        if self._encoded is None or self._encoded[0] != _stamp(gold):
            self._encoded = _stamp(gold), []
        done = encode_more(judge_for(plan_of(self.settings)), gold, self.settings.state, self._encoded[1])
        if done:
            self._encoded = None
        return done

    def nearest(self) -> NearestConcepts:
        """On the words in effect. Raises ``UserError``."""
        from flows.judge import judge_for, plan_of
        from flows.nearest import NearestConcepts

        settings = self.settings
        plan = plan_of(settings)
        if self._nearest is None or self._nearest[0] != plan:
            judge = judge_for(plan)
            self._nearest = plan, NearestConcepts(judge.taxonomies, judge.encoder, settings.state)
        return self._nearest[1]

    def forget(self) -> None:
        """Nothing is kept any more."""
        if self._store is not None:
            self._store.close()
        self._store = self._rehearsal = self._nearest = self._encoded = None


def warm(kept: Kept) -> bool:
    """Have everything at hand that a rehearsal needs, and some more of the labelled items; False while more remain: to
    be asked again, so that others have their turn in between."""
    with kept.rehearsal() as rehearsal:
        rehearsal.corpus.shelf.keys()
        rehearsal.corpus.shelf.occurrences()
    if kept.labelled_items is not None:
        return True
    if not kept.encode_more():
        return False
    with kept.rehearsal():  # which takes them in
        return True


def rehearse(kept: Kept, words: Sequence[Taxonomy]) -> Rehearsed:
    """What other words would do to everything read."""
    with kept.rehearsal() as rehearsal:
        found = rehearsal.rehearse(words)
        return Rehearsed(
            found.communities, dict(found.titles), found.items, found.left_out, found.touched, found.seconds,
            kept.labelled_items,
        )  # fmt: skip


def advise(kept: Kept, community: str) -> Advised:
    """What was proposed to a community, tried on what is judged. Raises ``UserError``."""
    from curation.workbench import Workbench
    from flows.advising import advise as advised
    from models.noun_phrases import RECIPE

    near = kept.nearest()
    with kept.rehearsal() as rehearsal:
        bench = Workbench(kept.store, rehearsal.judge.taxonomies, datetime.now(UTC).date(), RECIPE)
        return advised(rehearsal, bench, community, near)


def nearest(kept: Kept, community: str, labels: Sequence[str]) -> list[Near | None]:
    """For each label the concept of the community it is near to; none in a community without words yet."""
    try:
        return kept.nearest()(community, labels)
    except KeyError:
        return [None] * len(labels)


def phrases(kept: Kept) -> int:
    """Find the noun phrases of what was judged since the night; of how many articles."""
    from flows.phrases import keep_phrases

    with Store(kept.settings.database) as store:
        return keep_phrases(store)


def reclassify(kept: Kept) -> int:
    """Classify again what the words in effect reach; how many articles that was."""
    from flows.reclassify import reclassify as again

    return again(kept.settings, datetime.now(UTC).replace(microsecond=0))


WORK: dict[str, Callable[..., Any]] = {
    "warm": warm,
    "rehearse": rehearse,
    "advise": advise,
    "nearest": nearest,
    "phrases": phrases,
    "reclassify": reclassify,
}


def main() -> None:
    """Answer until the desk ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in the desk's terminal is the desk's business
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints does not spoil an answer
    requests: queue.SimpleQueue[tuple[str, tuple[Any, ...]]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    kept = Kept(Path(sys.argv[1]))
    try:
        while True:
            name, arguments = requests.get()
            fault, found = "", None
            try:
                found = WORK[name](kept, *arguments)
            except UserError as error:
                fault = str(error)
            pickle.dump((fault, found), answers)
            answers.flush()
    except Exception:
        _break()


def _listen(requests: queue.SimpleQueue[tuple[str, tuple[Any, ...]]]) -> None:
    """Take requests in; the end of the desk is the end of this process, even in the midst of an answer."""
    try:
        while True:
            requests.put(pickle.load(sys.stdin.buffer))  # from the desk, which started this process
    except EOFError:
        os._exit(0)
    except Exception:  # half a request: the desk was killed
        _break()


def _break() -> None:
    """Say why, and end at once: the interpreter's own end would wait for the thread that reads, or inside the model."""
    traceback.print_exc()
    sys.stderr.flush()
    os._exit(1)


def _stamp(path: Path) -> Stamp:
    try:
        facts = path.stat()
    except OSError:
        return 0, 0, 0  # reading it will say why
    return facts.st_mtime_ns, facts.st_size, facts.st_ino


if __name__ == "__main__":
    main()
