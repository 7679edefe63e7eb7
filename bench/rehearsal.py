"""Rehearsing changes of words on many items.

    python -m bench.rehearsal [--items 20000] [--state FOLDER]

The store is filled with invented articles of about 170 words, read and judged by the night's own steps: at most 20,000
texts, each as often as it takes, under ids and vectors of their own (drawn around the shipped background: the encoder
would take an hour). Then each change is tried by a process of its own, as a page or a command would: the seconds told
count from the open store and the loaded model on, apart from the loading of the corpus, told too.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np

from bench.command import write_config
from bench.invented import news
from curation.config import Settings, load_settings
from curation.store.store import Store
from curation.types import Act, Article, Item, Rejection, Review
from curation.wordbook import Wordbook
from flows.judge import judge_for, plan_of
from flows.rehearsing import Rehearsal
from models.build_background import load_background
from models.vectors import from_bytes, to_bytes
from taxonomy.types import Concept, Dossier, Taxonomy

NOW = datetime(2026, 9, 2, 4, tzinfo=UTC)
DISTINCT, BATCH, VERDICTS = 20_000, 2000, 300
Words = Sequence[Taxonomy]


def _one(change: Callable[[Concept], Concept]) -> Callable[[Words], Words]:
    def changed(words: Words) -> Words:
        t = next(t for t in words if t.id == "tourisme")
        at = next(n for n, c in enumerate(t.concepts) if "sejour" in c.id)
        return [replace(t, concepts=(*t.concepts[:at], change(t.concepts[at]), *t.concepts[at + 1 :]))]

    return changed


def _added(*labels: str) -> Callable[[Words], Words]:
    def changed(words: Words) -> Words:
        t = next(t for t in words if t.id == "tourisme")
        return [replace(t, concepts=(*t.concepts, Concept("ajout", labels[0], labels[1:])))]

    return changed


def _moved(words: Words) -> Words:
    a, b = (next(t for t in words if t.id == i) for i in ("tourisme", "economie-territoriale"))
    gone = replace(a.concepts[0], id="venu", broader=(), dossiers=())
    left = tuple(replace(c, broader=()) for c in a.concepts[1:])
    return [replace(a, concepts=left, priorities=()), replace(b, concepts=(*b.concepts, gone))]


def _split(words: Words) -> Words:
    t = next(t for t in words if t.id == "developpement-des-territoires")
    half = len(t.concepts) // 2
    mine = tuple(replace(c, broader=(), dossiers=("r",)) for c in t.concepts[half:])
    left = tuple(replace(c, broader=()) for c in t.concepts[:half])
    new = Taxonomy("nouvelle", "Nouvelle", "Une communauté.", mine, (Dossier("r", "Rayon"),), (t.id,))
    return [replace(t, concepts=left, priorities=()), new]


CHANGES: dict[str, Callable[[Words], Words]] = {
    "a label that another community has": _one(lambda c: replace(c, alt_labels=(*c.alt_labels, "salle des fêtes"))),
    "a label that none has": _one(lambda c: replace(c, alt_labels=(*c.alt_labels, "premiers résultats"))),
    "an exclusion": _one(lambda c: replace(c, exclude_labels=("taxe de séjour au réel",))),
    "a weight": _one(lambda c: replace(c, weight=0.4)),
    "a scope note (every item weighed again)": _one(lambda c: replace(c, scope_note="Autre chose.")),
    "a concept added, of labels that others have": _added("voie verte", "salle des fêtes"),
    "a concept added, of labels that none has": _added("premiers résultats", "avis favorable"),
    "a concept moved to another community": _moved,
    "a community split": _split,
}


def main() -> None:
    """One JSON object on stdout."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--encoder", type=Path, help="a state folder that holds the built encoder (spares its build)")
    parser.add_argument("--folder", type=Path, help="keep the store here, and use it again")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        _try(load_settings(arguments.folder / "config.yaml"), arguments.one)
        return
    with tempfile.TemporaryDirectory(prefix="veille-bench-") as name:
        folder = arguments.folder or Path(name)
        if not (folder / "config.yaml").exists():
            config = write_config(folder, "127.0.0.1:9", [])
            settings = load_settings(config)
            if arguments.encoder:
                (settings.state).mkdir(parents=True, exist_ok=True)
                (settings.state / "encoders").symlink_to((arguments.encoder / "encoders").resolve())
            _fill(settings, arguments.items)
        told = {"items": arguments.items, "changes": {}}
        for change in CHANGES:
            command = [sys.executable, "-m", "bench.rehearsal", "--folder", str(folder), "--one", change]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            told["changes"][change] = json.loads(done.stdout) if done.returncode == 0 else done.stderr[-800:]
        sys.stdout.write(json.dumps(told, indent=1, ensure_ascii=False) + "\n")


def _try(settings: Settings, change: str) -> None:
    judge_for(plan_of(settings))
    with Store(settings.database) as store:
        clocks = [_clocks()]
        rehearsal = Rehearsal(settings, store)
        clocks.append(_clocks())
        found = rehearsal.rehearse(CHANGES[change](rehearsal.judge.taxonomies))
        clocks.append(_clocks())
        rehearsal.rehearse(CHANGES[change](rehearsal.judge.taxonomies))
        clocks.append(_clocks())
    spent = [{"wall_s": round(b[0] - a[0], 2), "cpu_s": round(b[1] - a[1], 2)} for a, b in pairwise(clocks)]
    told = {
        **dict(zip(("load", "rehearse", "again"), spent, strict=True)),
        "touched": found.touched,
        "searched": found.outcome.searched,
        "weighed": found.outcome.weighed,
        "enter": sum(len(e.enters) for e in found.communities),
        "leave": sum(len(e.leaves) for e in found.communities),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    sys.stdout.write(json.dumps(told) + "\n")


def _clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _fill(settings: Settings, count: int) -> None:
    """Articles, vectors, readings, judgements, verdicts."""
    from curation.decide.reading import keep

    judge = judge_for(plan_of(settings))
    dice, sample = np.random.default_rng(1), load_background("embedded")
    assert sample is not None
    texts = news(min(count, DISTINCT))
    spread = float(np.linalg.norm(sample - sample.mean(axis=0), axis=1).mean()) / sample.shape[1] ** 0.5
    kept = []
    for start in range(0, len(texts), BATCH):
        part = [Item(str(n), *texts[n]) for n in range(start, min(start + BATCH, len(texts)))]
        kept += [keep(i.id, r) for i, r in zip(part, judge.read(part), strict=True)]
    with Store(settings.database) as store:
        Wordbook(settings, store).look_all(NOW)
        store.add_recipe(judge.recipe)
        for start in range(0, count, BATCH):
            ids = [f"{n:016x}" for n in range(start, min(start + BATCH, count))]
            chosen = [n % len(texts) for n in range(start, start + len(ids))]
            articles = [
                Article(i, f"https://banc.example/{i}", *texts[n], published=NOW - timedelta(hours=n % 700))
                for i, n in zip(ids, chosen, strict=True)
            ]
            store.save_articles(articles, [], NOW)
            drawn = sample[dice.integers(0, len(sample), len(ids))] + spread * dice.standard_normal((len(ids), 384))
            drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
            raw = [to_bytes(v) for v in drawn]
            store.save_vectors(judge.encoder.version, dict(zip(ids, raw, strict=True)))
            readings = [replace(kept[n], article=i) for i, n in zip(ids, chosen, strict=True)]
            store.save_readings(judge.recipe.id, readings)
            store.save_judgements(judge.judge_kept(readings, from_bytes(b"".join(raw), 384)), judge.version)
        words = random.Random(1)
        for n in words.sample(range(count), VERDICTS):
            act, reason = words.choice([(Act.PUBLISHED, ""), (Act.KEPT, ""), (Act.REJECTED, Rejection.OFF_TOPIC.value)])
            community = words.choice([t.id for t in judge.taxonomies])
            store.append_review(Review(f"{n:016x}", community, act, "banc", NOW, reason=reason))


if __name__ == "__main__":
    main()
