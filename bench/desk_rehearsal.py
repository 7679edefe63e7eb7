"""How long a coordinator waits for a rehearsal at the desk, from the request of the page to its answer.

    python -m bench.desk_rehearsal --config CONFIG [--times 4]

CONFIG: of a store that a night has read (``bench.rehearsal --folder`` and ``bench.verdicts`` make some; it is written
to: one verdict is added). Rehearsals one after the other, of other words each time: the first finds nothing running.
Then the second again, after a verdict. Then the same on another desk, which was given the time to prepare itself.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from curation.config import Settings, load_settings
from curation.store.store import Store
from curation.types import Act, Review
from curation.wordbook import Wordbook
from flows.desk_services import NightServices
from taxonomy.types import Taxonomy

NOW = datetime.now(UTC).replace(microsecond=0)
COMMUNITY, CONCEPT = "tourisme", "taxe-de-sejour"
LABELS = ("salle des fêtes", "conseil municipal", "subvention", "piscine", "réunion publique", "camping-car")


def main() -> None:
    """One JSON object on stdout."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--times", type=int, default=4)
    arguments = parser.parse_args()
    settings = load_settings(arguments.config)
    with Store(settings.database) as store:
        words = Wordbook(settings, store).look(COMMUNITY, NOW).taxonomy
        articles = store.article_count()
    told: dict[str, Any] = {"articles": articles}
    night = NightServices(settings, arguments.config)
    told["cold_s"] = [_rehearsed(night, words, n) for n in range(arguments.times)]
    _judged(settings)
    told["second_after_a_verdict_s"] = _rehearsed(night, words, 1)
    night.close()
    night = NightServices(settings, arguments.config)
    started = time.perf_counter()
    night.warm()
    while not night.worker.up:
        time.sleep(0.02)
    told["warming_s"] = round(time.perf_counter() - started, 2)
    told["warm_s"] = [_rehearsed(night, words, n) for n in range(arguments.times)]
    told["resident_mib"] = _resident(night.worker.pid)
    night.close()
    sys.stdout.write(json.dumps(told) + "\n")


def _rehearsed(night: NightServices, words: Taxonomy, n: int) -> float:
    """Seconds until one more label is rehearsed."""
    one = words.concept(CONCEPT)
    more = replace(one, alt_labels=(*one.alt_labels, LABELS[n % len(LABELS)]))
    tried = replace(words, concepts=tuple(more if c.id == CONCEPT else c for c in words.concepts))
    started = time.perf_counter()
    night.rehearse([tried])
    return round(time.perf_counter() - started, 2)


def _resident(pid: int | None) -> int:
    """MiB that a process holds now."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) // 1024


def _judged(settings: Settings) -> None:
    with Store(settings.database) as store:
        article = store.sample_of_articles(1)[0]
        store.append_review(Review(article, COMMUNITY, Act.PUBLISHED, "banc", NOW))


if __name__ == "__main__":
    main()
