"""Run by the Python of the environment that holds SemHash and datasketch: how alike each asked pair is to each.

stdin: JSON ``{"texts": [..], "vectors": [[..]], "pairs": [[i, j]], "permutations": n, "widths": [..]}``.
stdout: JSON ``{"versions": {..}, "scores": {method: [score of each pair, higher is more alike]}}``.
SemHash gets veille's vectors and, as it does, compares by cosine inside its index; MinHash is estimated by
``MinHash.jaccard`` and also found through ``MinHashLSH`` at thresholds swept in tenths. Nothing of veille is imported.
"""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import version
from typing import Any

import numpy as np
from datasketch import MinHash, MinHashLSH
from semhash import SemHash


class Given:
    """SemHash's encoder: the vectors it was given, by the text of their record."""

    def __init__(self, texts: list[str], vectors: np.ndarray) -> None:
        self.known = dict(zip(texts, vectors, strict=True))

    def encode(self, inputs: Any, **_: Any) -> np.ndarray:
        """As SemHash asks for it."""
        return np.stack([self.known[text] for text in inputs])


def main() -> None:
    """Read the task, answer."""
    task = json.load(sys.stdin)
    texts, pairs = task["texts"], [tuple(p) for p in task["pairs"]]
    scores = {"SemHash": semhash(texts, np.asarray(task["vectors"], np.float32), pairs)}
    for width in task["widths"]:
        name = f"MinHashLSH, {width} word{'s' if width > 1 else ''}"
        scores[name] = lsh(texts, pairs, width, task["permutations"])
    versions = {name: version(name) for name in ("semhash", "datasketch")}
    json.dump({"versions": versions, "scores": scores}, sys.stdout)


def semhash(texts: list[str], vectors: np.ndarray, pairs: list[tuple[int, int]]) -> list[float]:
    """The similarity SemHash gives each pair: of its own search, at its lowest threshold."""
    numbered = [f"{i}\t{text}" for i, text in enumerate(texts)]  # an exact copy keeps its own record
    index = SemHash.from_embeddings(vectors, numbered, model=Given(numbered, vectors))
    found = index.self_deduplicate(threshold=0.5)
    likeness: dict[tuple[int, int], float] = {}

    def number(record: Any) -> int:
        return int((record if isinstance(record, str) else record["text"]).split("\t", 1)[0])

    for entry in [*found.filtered]:
        for other, score in entry.duplicates:
            likeness[number(entry.record), number(other)] = float(score)
    # what its approximate search left out is asked for exactly: generous to it
    return [
        max(likeness.get((i, j), -1.0), likeness.get((j, i), -1.0), float(vectors[i] @ vectors[j])) for i, j in pairs
    ]


def lsh(texts: list[str], pairs: list[tuple[int, int]], width: int, permutations: int) -> list[float]:
    """The highest threshold, in twentieths, at which MinHashLSH returns the pair; 0 when never."""
    sketches = []
    for text in texts:
        words = re.findall(r"\w+", text.lower())
        sketch = MinHash(num_perm=permutations)
        for start in range(max(1, len(words) - width + 1)):
            sketch.update(" ".join(words[start : start + width]).encode())
        sketches.append(sketch)
    best = [0.0] * len(pairs)
    for step in range(1, 20):
        index = MinHashLSH(threshold=step / 20, num_perm=permutations)
        for number, sketch in enumerate(sketches):
            index.insert(number, sketch)
        for place, (i, j) in enumerate(pairs):
            if j in index.query(sketches[i]):
                best[place] = step / 20
    return best


if __name__ == "__main__":
    main()
