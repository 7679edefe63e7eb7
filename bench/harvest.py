"""480 invented feeds of 20 entries on loopback: ``veille harvest`` beside ``reader``.

    pip install reader==3.26 sgmllib3k
    python -m bench.harvest [--feeds 480] [--entries 20] [--rounds 3]

What is compared is the feeds step: ask, parse, store. Pages are left out: the links lead to a loopback port that
veille refuses at once, so that its articles step (which reader has not) saves the feeds' own text; its time
is told apart. Both write an SQLite file; both run in processes of their own, one after the other, on the same server,
and give way alike to whatever else the machine does: a night of veille always does (``nice``), reader is made to.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.command import veille, write_config
from bench.invented import rss
from bench.loopback import Loopback
from flows.night_commands import NICE

RUNS = (("first", "2026-09-02T04:00:00Z"), ("second", "2026-09-03T04:00:00Z"))
NEWEST = datetime(2026, 9, 1, 18, tzinfo=UTC)

_READER = """
import json, os, sys, time
os.setpriority(os.PRIO_PROCESS, 0, max(int(sys.argv[4]), os.getpriority(os.PRIO_PROCESS, 0)))
from reader import make_reader
path, workers, urls = sys.argv[1], int(sys.argv[2]), json.load(open(sys.argv[3]))
reader = make_reader(path)
for url in urls:
    reader.add_feed(url)
spent = []
for _ in range(2):
    started = time.perf_counter()
    results = list(reader.update_feeds_iter(workers=workers, scheduled=False))
    spent.append(time.perf_counter() - started)
    assert not [r for r in results if isinstance(r.value, Exception)], results[:3]
counts = reader.get_entry_counts()
print(json.dumps({"first": spent[0], "second": spent[1], "entries": counts.total}))
"""


def main() -> None:
    """One JSON line per round, then the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=480)
    parser.add_argument("--entries", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--reader-workers", type=int, nargs="+", default=[1, 8], help="reader: its best is kept")
    arguments = parser.parse_args()
    pages = {
        f"/{n:04}.xml": rss(n, arguments.entries, "http://127.0.0.1:9/page", NEWEST) for n in range(arguments.feeds)
    }
    rounds: list[dict[str, float]] = []
    with Loopback(pages) as site:
        for _ in range(arguments.rounds):
            with tempfile.TemporaryDirectory(prefix="veille-bench-") as folder:
                rounds.append(_round(Path(folder), site, sorted(pages), arguments))
            sys.stdout.write(json.dumps(rounds[-1]) + "\n")
            sys.stdout.flush()
    medians = {key: round(statistics.median(r[key] for r in rounds), 2) for key in rounds[0]}
    sys.stdout.write(json.dumps({"medians": medians}) + "\n")


def _round(folder: Path, site: Loopback, paths: list[str], arguments: argparse.Namespace) -> dict[str, float]:
    urls = [site.url(p) for p in paths]
    expected = len(paths) * arguments.entries
    told: dict[str, float] = {}
    sources = [{"id": f"flux-{n:04}", "name": f"Flux {n}", "url": u} for n, u in enumerate(urls)]
    config = write_config(folder, site.host, sources)
    for run, now in RUNS:
        ran = veille(config, "harvest", "--json", "--now", now)
        durations = ran.report["durations"]
        told[f"veille_{run}_feeds_s"] = durations["sources"]
        told[f"veille_{run}_articles_s"] = durations["articles"]
        told[f"veille_{run}_command_s"] = round(ran.seconds, 2)
        told[f"veille_{run}_peak_mib"] = round(ran.peak_mib)
        if ran.report["entries_new"] != (expected if run == "first" else 0):
            raise SystemExit(f"veille: {ran.report}")
    best = _reader(folder, urls, expected, arguments.reader_workers)
    for run, _ in RUNS:
        told[f"reader_{run}_s"] = round(best[run], 2)
        told[f"veille_{run}_feeds_per_s"] = round(len(urls) / told[f"veille_{run}_feeds_s"], 1)
        told[f"reader_{run}_feeds_per_s"] = round(len(urls) / best[run], 1)
        told[f"ratio_{run}"] = round(best[run] / told[f"veille_{run}_feeds_s"], 2)
    return told


def _reader(folder: Path, urls: list[str], expected: int, workers: list[int]) -> dict[str, float]:
    listed = folder / "urls.json"
    listed.write_text(json.dumps(urls), encoding="utf-8")
    results: list[dict[str, Any]] = []
    for n in workers:
        command = [sys.executable, "-c", _READER, str(folder / f"reader-{n}.sqlite"), str(n), str(listed), str(NICE)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"reader failed (pip install reader==3.26 sgmllib3k): {done.stderr[-1000:]}")
        results.append(json.loads(done.stdout))
        if results[-1]["entries"] != expected:
            raise SystemExit(f"reader: {results[-1]}")
    return {run: min(r[run] for r in results) for run, _ in RUNS}


if __name__ == "__main__":
    main()
