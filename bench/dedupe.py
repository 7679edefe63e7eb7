"""Deduplication at volume: everything at once beside SemHash, then arrivals against what is stored.

    python -m bench.dedupe [--items 100000] [--rivals PYTHON]          # at once
    python -m bench.dedupe --stored 1000000 [--arrivals 2000]          # incremental

Items are invented (``bench.invented.dispatches``); vectors are made up too (each word has a random direction, an item
the sum of its words), since encoding is measured elsewhere: SemHash is given the very same. At once, veille reads the
texts, makes fingerprints and groups; SemHash builds its index of the vectors and asks it for the duplicates. Stored
items stand in a real store with their fingerprints, keys and vectors, each in a group of its own; arrivals then go
through what the night does: fingerprints, keys, grouping, places saved. ``peak``: resident size of the process.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.invented import dispatches
from curation.decide.dedupe import DedupeParams, fingerprint, group
from curation.store.store import Store
from curation.types import Duplicate, Item, Role
from flows.regroup import index, regroup
from flows.steps import fingerprint_batch, word_rarity
from models.vectors import to_bytes

DIMENSION = 384
DAYS = 1000
CHUNK = 10_000

_SEMHASH = """
import json, sys, time
import numpy as np
from importlib.metadata import version
from semhash import SemHash
class Given:
    def encode(self, inputs, **_):
        raise SystemExit("asked for a vector it was given")
vectors = np.load(sys.argv[1])
texts = json.load(open(sys.argv[2], encoding="utf-8"))
started = time.perf_counter(); cpu = time.process_time()
found = SemHash.from_embeddings(vectors, texts, model=Given()).self_deduplicate(threshold=0.9)
print(json.dumps({"version": version("semhash"), "seconds": time.perf_counter() - started,
                  "cpu_seconds": time.process_time() - cpu, "kept": len(found.selected)}))
"""


def main() -> None:
    """One JSON object per measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--rivals", help="Python of the environment that holds SemHash (see bench.judgement)")
    parser.add_argument("--stored", type=int, help="measure arrivals against so many stored items instead")
    parser.add_argument("--arrivals", type=int, default=2000)
    arguments = parser.parse_args()
    if arguments.stored:
        _tell(incremental(arguments.stored, arguments.arrivals))
    else:
        _tell(at_once(arguments.items, arguments.rivals))


def at_once(count: int, rivals: str | None) -> dict[str, Any]:
    """Seconds of veille and of SemHash over the same items and vectors."""
    items = dispatches(count, days=max(1, DAYS * count // 1_000_000))
    vectors = invented_vectors(items)
    rarity = word_rarity()
    started, cpu = time.perf_counter(), time.process_time()
    prints = [fingerprint(i, i.url) for i in items]
    read = time.perf_counter() - started
    groups = group(prints, vectors, rarity=rarity)
    told: dict[str, Any] = {
        "items": count,
        "seconds": round(time.perf_counter() - started, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "of_which_reading_texts": round(read, 1),
        "repeats": sum(d.role is not Role.REPRESENTATIVE for d in groups),
        "peak_mib": _peak(),
    }
    if rivals:
        with tempfile.TemporaryDirectory(prefix="veille-bench-") as name:
            given, texts = Path(name) / "vectors.npy", Path(name) / "texts.json"
            np.save(given, vectors)
            texts.write_text(json.dumps([f"{i.id} {i.title}. {i.text}" for i in items]), encoding="utf-8")
            command = [rivals, "-c", _SEMHASH, str(given), str(texts)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr[-2000:])
        told["semhash"] = json.loads(done.stdout)
    return told


def incremental(stored: int, arrivals: int) -> dict[str, Any]:
    """Milliseconds per arrival against ``stored`` items, and what that takes."""
    with tempfile.TemporaryDirectory(prefix="veille-bench-") as name:
        path = Path(name) / "veille.db"
        with Store(path) as store, ProcessPoolExecutor(2) as pool:
            starts = range(0, stored, CHUNK)
            for start, (ids, days, prints, vectors) in zip(starts, pool.map(_made, starts), strict=True):
                keep = range(min(CHUNK, stored - start))
                store.save_fingerprints((ids[n], days[n], prints[n]) for n in keep)
                store.save_vectors("invented", {ids[n]: vectors[n] for n in keep})
                store.save_duplicates(Duplicate(ids[n], ids[n], Role.REPRESENTATIVE, None, 1.0) for n in keep)
                index(store)
                if start % 100_000 == 0:
                    sys.stderr.write(f"{start} stored\n")
        size = path.stat().st_size
        before = _peak()
        # the arrivals: of the last days, one in seven of them repeats a stored item or another arrival
        fresh = dispatches(arrivals * 6 // 7, start=stored, days=3)
        last = [i for i in dispatches(CHUNK, start=0, days=DAYS) if i.date]
        fresh += [
            Item(f"{stored + arrivals + n:016x}", i.title, i.text, "", "c", i.date)
            for n, i in enumerate(last[: arrivals - len(fresh)])
        ]
        with Store(path) as store:  # a new connection: nothing is cached
            started, cpu = time.perf_counter(), time.process_time()
            prints = fingerprint_batch(fresh)
            store.save_fingerprints((i.id, str(i.date), p) for i, p in zip(fresh, prints, strict=True))
            drawn = invented_vectors(fresh)
            store.save_vectors("invented", dict(zip((i.id for i in fresh), map(to_bytes, drawn), strict=True)))
            saved = time.perf_counter()
            repeats = regroup(store, DIMENSION, DedupeParams())
            seconds, used = time.perf_counter() - started, time.process_time() - cpu
            grouping = time.perf_counter() - saved
    return {
        "stored": stored,
        "arrivals": len(fresh),
        "repeats": repeats,
        "ms_per_arrival": round(1000 * grouping / len(fresh), 2),
        "ms_per_arrival_with_fingerprints": round(1000 * seconds / len(fresh), 2),
        "cpu_ms_per_arrival_with_fingerprints": round(1000 * used / len(fresh), 2),
        "peak_mib": _peak(),
        "peak_mib_before": before,
        "store_mib": size >> 20,
    }


def _made(start: int) -> tuple[list[str], list[str], list[bytes], list[bytes]]:
    items = dispatches(CHUNK, start=start, days=DAYS)
    vectors = invented_vectors(items)
    return [i.id for i in items], [str(i.date) for i in items], fingerprint_batch(items), [to_bytes(v) for v in vectors]


def invented_vectors(items: Sequence[Item]) -> npt.NDArray[np.float32]:
    """(n, 384), unit length: each word has a direction of its own, drawn by its letters.

    All lean to one side, as those of e5 do: cosines between 0.9 and 1.
    """
    table = np.random.default_rng(0).normal(size=(4096, DIMENSION)).astype(np.float32)
    rows = np.empty((len(items), DIMENSION), np.float32)
    for n, item in enumerate(items):
        places = [hash_of(word) for word in f"{item.title} {item.title} {item.text}".split()]
        row = table[places].sum(axis=0)
        rows[n] = row / np.linalg.norm(row)
    rows[:, 0] += 3
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def hash_of(word: str) -> int:
    """0..4095, the same in every process."""
    value = 0
    for letter in word:
        value = (value * 31 + ord(letter)) & 0xFFFFFFF
    return value % 4096


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def _tell(content: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(content) + "\n")


if __name__ == "__main__":
    main()
