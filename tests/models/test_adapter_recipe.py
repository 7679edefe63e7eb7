"""The recipe of the adapter: one step on invented items moves the encoder, and what it writes is what serves."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.adapter import Recipe, adapt
from models.adapter import SHIPPED, load_adapter, save_adapter
from models.affinity import load_affinity, save_affinity
from models.build_encoder import embedded_folder
from models.load import EmbeddedEncoder
from taxonomy.load import SHIPPED as TAXONOMIES
from taxonomy.load import load_taxonomy

GOLD = Path(__file__).parents[1] / "gold" / "items.jsonl"


def test_one_step_moves_the_encoder_and_its_artifacts_load(state: Path, tmp_path: Path) -> None:
    with GOLD.open(encoding="utf-8") as lines:
        items = [json.loads(line) for line, _ in zip(lines, range(20), strict=False)]
    items = [{**item, "text": item["text"][:60]} for item in items]  # short texts: seconds instead of a minute
    names = ("tourisme", "transition-ecologique")
    taxonomies = [load_taxonomy(TAXONOMIES / f"{name}.yaml") for name in names]
    few = [replace(taxonomy, concepts=taxonomy.concepts[:6]) for taxonomy in taxonomies]
    folder = embedded_folder(state)
    # the first step of a warm-up is too small to be seen in float16: two
    pairs, affinity = adapt(folder, items, few, Recipe(batch=10, steps=2, rate=3e-3))
    save_adapter(pairs, tmp_path / "adapter.npz")
    save_affinity(affinity, tmp_path / "affinity.npz")
    learnt, shipped = load_adapter(tmp_path / "adapter.npz"), load_adapter(SHIPPED)
    assert {name: (a.shape, b.shape) for name, (a, b) in learnt.pairs.items()} == {
        name: (a.shape, b.shape) for name, (a, b) in shipped.pairs.items()
    }
    texts = [item["title"] for item in items[:4]]
    base = EmbeddedEncoder(folder, version="1", precision="float32").encode(texts, prompt="passage")
    moved = EmbeddedEncoder(folder, version="1", precision="float32", adapter=learnt).encode(texts, prompt="passage")
    likeness = (base * moved).sum(axis=1)
    assert (likeness < 1 - 1e-6).all()
    assert (likeness > 0.8).all()
    known = load_affinity(tmp_path / "affinity.npz").log_odds(moved, [*names, "inconnue"])
    assert known.shape == (4, 3)
    assert np.isfinite(known[:, :2]).all()
    assert np.isnan(known[:, 2]).all()
