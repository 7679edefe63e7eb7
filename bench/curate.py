"""Curating against the encoder's own rate, and the start of light commands.

    python -m bench.curate [--items 2000]

The store is filled with invented articles of about 170 words; ``veille curate`` then does everything that follows.
The encoder alone reads the same texts in a process that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.command import veille, write_config
from bench.invented import items
from curation.config import load_settings
from curation.store.store import Store
from curation.types import Article, FeedEntry, FeedState

NOW = datetime(2026, 9, 2, 4, tzinfo=UTC)

_ENCODER = """
import sys, time, json
from pathlib import Path
from bench.curate import texts
from models.load import load_encoder
state, count = Path(sys.argv[1]), int(sys.argv[2])
started = time.perf_counter()
encoder = load_encoder("embedded", state)
encoder.encode(texts(32), prompt="passage")
loaded = time.perf_counter() - started
batch = texts(count)
started = time.perf_counter()
encoder.encode(batch, prompt="passage")
print(json.dumps({"load_s": loaded, "encode_s": time.perf_counter() - started}))
"""


def main() -> None:
    """One JSON object on stdout."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=2000)
    parser.add_argument("--encoder", type=Path, help="a state folder that holds the built encoder (spares its build)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="veille-bench-") as name:
        folder = Path(name)
        source = {"id": "banc", "name": "Banc d’essai", "url": "http://127.0.0.1:9/flux"}
        config = write_config(folder, "127.0.0.1:9", [source])
        settings = load_settings(config)
        if arguments.encoder:
            shutil.copytree(arguments.encoder / "encoders", settings.state / "encoders")
        veille(config, "curate", "--json", "--now", NOW.isoformat()).report  # noqa: B018 - builds the encoder
        command = [sys.executable, "-c", _ENCODER, str(settings.state), str(arguments.items)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        alone = json.loads(done.stdout)
        _fill(settings.database, arguments.items)
        ran = veille(config, "curate", "--json", "--now", NOW.isoformat())
        report = ran.report
        durations = report["durations"]
        work = sum(v for k, v in durations.items() if k != "total")
        told = {
            "items": arguments.items,
            "encoder_alone_per_s": round(arguments.items / alone["encode_s"], 1),
            "encoder_load_s": round(alone["load_s"], 2),
            "curate_steps_per_s": round(arguments.items / work, 1),
            "curate_command_per_s": round(arguments.items / ran.seconds, 1),
            "share_of_encoder": round(alone["encode_s"] / work, 2),
            "durations": durations,
            "drafts": report["drafts_new"],
            "peak_mib": round(ran.peak_mib),
            "status_s": _median(config, "status", "--json"),
            "queue_s": _median(config, "queue", "tourisme", "--json"),
        }
    sys.stdout.write(json.dumps(told) + "\n")


def texts(count: int) -> list[str]:
    """What the night encodes of the invented items."""
    return [f"{title}. {text}"[:1200] for title, text in items(count)]


def _fill(database: Path, count: int) -> None:
    entries, articles = [], []
    for n, (title, text) in enumerate(items(count)):
        url, day = f"https://banc.example/{n}", NOW - timedelta(hours=n % 700)
        entries.append(FeedEntry("banc", str(n), url, title, text, published=day))
        articles.append(Article(f"{n:016x}", url, title, text, published=day, language="fr", origin="feed"))
    with Store(database) as store:
        store.save_harvest(FeedState("banc"), entries, NOW)
        store.save_articles(articles, [("banc", str(n), f"{n:016x}") for n in range(count)], NOW)


def _median(config: Path, *arguments: str) -> float:
    spent = []
    for _ in range(5):
        # the plain process: sampling its memory would round its time up
        started = time.monotonic()
        command = [sys.executable, "-m", "flows.cli", "--config", str(config), *arguments]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        spent.append(time.monotonic() - started)
    return round(statistics.median(spent), 3)


if __name__ == "__main__":
    main()
