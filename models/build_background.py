"""Recipe of ``artifacts/background*.npy``: what ordinary items look like to the embedded encoder, adapted or not.

``python -m models.build_background ITEMS.jsonl[.gz] STATE [embedded | embedded-base]`` encodes a random sample of items
and keeps the centres of a k-means (512 x 384, float16): vectors only, no text can be read back from them. They give
the mean to subtract and the scale of the z-scores (curation.decide.signals). Another encoder builds its own
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

ARTIFACTS = Path(__file__).parent / "artifacts"
#: By the spec of the encoder.
FILES = {"embedded": "background.npy", "embedded-base": "background-base.npy"}
SAMPLE, CENTRES, SEED = 6000, 512, 0


def load_background(spec: str) -> Vectors | None:
    """The centres shipped for an encoder: (512, 384), float32; None for one that is not ours."""
    if spec not in FILES:
        return None
    vectors: Vectors = np.load(ARTIFACTS / FILES[spec]).astype(np.float32)
    return vectors


def main(items: Path, state: Path, spec: str = "embedded") -> None:
    """Encode a sample of ``items`` and write the artifact."""
    from sklearn.cluster import MiniBatchKMeans

    from models.load import load_encoder

    opener = gzip.open if items.suffix == ".gz" else open
    with opener(items, "rt", encoding="utf-8") as lines:
        every = [json.loads(line) for line in lines]
    chosen = random.Random(SEED).sample(every, min(SAMPLE, len(every)))
    texts = [f"{item['title']}. {item['text']}"[:1200] for item in chosen]
    vectors = load_encoder(spec, state).encode(texts, prompt="passage")
    centres = MiniBatchKMeans(CENTRES, random_state=SEED, n_init=1).fit(vectors).cluster_centers_
    np.save(ARTIFACTS / FILES[spec], centres.astype(np.float16))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:4])
