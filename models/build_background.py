"""Recipe of ``artifacts/background.npy``: what ordinary items look like to the embedded encoder.

``python -m models.build_background ITEMS.jsonl[.gz] STATE`` encodes a random sample of items and keeps the
centres of a k-means (512 x 384, float16): vectors only, no text can be read back from them. They give the mean
to subtract and the scale of the z-scores (curation.decide.signals). Another encoder builds its own
background from the items it meets.
"""

from __future__ import annotations

import gzip
import json
import random
import sys
from pathlib import Path

import numpy as np

from models.types import Vectors

ARTIFACT = Path(__file__).parent / "artifacts" / "background.npy"
SAMPLE, CENTRES, SEED = 6000, 512, 0


def load_background() -> Vectors:
    """The shipped centres: (512, 384), float32."""
    vectors: Vectors = np.load(ARTIFACT).astype(np.float32)
    return vectors


def main(items: Path, state: Path) -> None:
    """Encode a sample of ``items`` and write the artifact."""
    from sklearn.cluster import MiniBatchKMeans

    from models.load import load_encoder

    opener = gzip.open if items.suffix == ".gz" else open
    with opener(items, "rt", encoding="utf-8") as lines:
        every = [json.loads(line) for line in lines]
    chosen = random.Random(SEED).sample(every, min(SAMPLE, len(every)))
    texts = [f"{item['title']}. {item['text']}"[:1200] for item in chosen]
    vectors = load_encoder("embedded", state).encode(texts, prompt="passage")
    centres = MiniBatchKMeans(CENTRES, random_state=SEED, n_init=1).fit(vectors).cluster_centers_
    ARTIFACT.parent.mkdir(exist_ok=True)
    np.save(ARTIFACT, centres.astype(np.float16))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
