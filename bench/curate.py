"""Curating against the encoder's own rate, and the start of light commands.

    python -m bench.curate [--items 2000] [--corpus ITEMS.jsonl.gz]

The store is filled with invented articles of about 170 words, or with items drawn from a file (JSON lines with
``title`` and ``text``, seed 1); ``veille curate`` then does everything that follows. The encoder alone reads the same
texts, just before and just after, in processes that do nothing else and have the priority of a night.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
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
import json, sys, time
from pathlib import Path
from flows.night_commands import give_way
give_way()
from models.load import load_encoder
started = time.perf_counter()
encoder = load_encoder("embedded", Path(sys.argv[1]))
texts = json.load(sys.stdin)
encoder.encode(texts[:32], prompt="passage")
loaded = time.perf_counter() - started
before, started = time.process_time(), time.perf_counter()
encoder.encode(texts, prompt="passage")
print(json.dumps([loaded, time.perf_counter() - started, time.process_time() - before]))
"""


def main() -> None:
    """One JSON object on stdout."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=2000)
    parser.add_argument("--corpus", type=Path, help="items to draw from, in place of invented ones")
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
        articles = drawn(arguments.corpus, arguments.items) if arguments.corpus else list(items(arguments.items))
        read = [f"{title}. {text}"[: settings.encoder.max_chars] for title, text in articles]
        _fill(settings.database, articles)
        before = _encoder_alone(settings.state, read)
        cpu = os.times()
        ran = veille(config, "curate", "--json", "--now", NOW.isoformat())
        spent = os.times()
        after = _encoder_alone(settings.state, read)
        report = ran.report
        durations = report["durations"]
        alone = (before[1] + after[1]) / 2
        classified = durations["encode"] + durations["classify"]
        work = sum(v for k, v in durations.items() if k != "total")
        told = {
            "items": len(articles),
            "characters": round(statistics.mean(map(len, read))),
            "load_average": round(os.getloadavg()[0], 1),
            "encoder_alone_per_s": [round(len(read) / seconds, 1) for _, seconds, _ in (before, after)],
            "encoder_alone_cpu_s": [round(used, 1) for _, _, used in (before, after)],
            "encoder_load_s": round(before[0], 2),
            "classified_per_s": round(len(read) / classified, 1),
            "classified_share_of_encoder": round(alone / classified, 2),
            "curate_steps_per_s": round(len(read) / work, 1),
            "curate_share_of_encoder": round(alone / work, 2),
            "curate_command_per_s": round(len(read) / ran.seconds, 1),
            "curate_cpu_s": round(sum(spent[2:4]) - sum(cpu[2:4]), 1),
            "durations": durations,
            "drafts": report["drafts_new"],
            "peak_mib": round(ran.peak_mib),
            "status_s": _median(config, "status", "--json"),
            "queue_s": _median(config, "queue", "tourisme", "--json"),
        }
    sys.stdout.write(json.dumps(told) + "\n")


def drawn(corpus: Path, count: int) -> list[tuple[str, str]]:
    """(title, text) of items of a file, the same ones for one count."""
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [(row["title"], row["text"] or "") for row in random.Random(1).sample(rows, count)]


def _encoder_alone(state: Path, read: list[str]) -> tuple[float, float, float]:
    """Seconds to load it, seconds to encode, seconds of processor to encode."""
    command = [sys.executable, "-c", _ENCODER, str(state)]
    done = subprocess.run(command, input=json.dumps(read), capture_output=True, text=True, check=True)
    loaded, seconds, used = json.loads(done.stdout)
    return loaded, seconds, used


def _fill(database: Path, read: list[tuple[str, str]]) -> None:
    entries, articles = [], []
    for n, (title, text) in enumerate(read):
        url, day = f"https://banc.example/{n}", NOW - timedelta(hours=n % 700)
        entries.append(FeedEntry("banc", str(n), url, title, text, published=day))
        articles.append(Article(f"{n:016x}", url, title, text, published=day, language="fr", origin="feed"))
    with Store(database) as store:
        store.save_harvest(FeedState("banc"), entries, NOW)
        store.save_articles(articles, [("banc", str(n), f"{n:016x}") for n in range(len(read))], NOW)


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
