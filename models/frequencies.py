"""The table of French word frequencies: words as deduplication compares them, and in how many documents each stands.

Plain text, gzipped: a first line ``documents N``, then ``word lower capital``, most frequent first.
``models.build_frequencies`` makes it.
"""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

from models.errors import ModelError

DEFAULT = Path(__file__).parent / "artifacts" / "word_frequencies.txt.gz"


@cache
def load(path: Path = DEFAULT) -> tuple[dict[str, tuple[int, int]], int]:
    """(word -> (documents with the word in lower case, documents that always write it with a capital), documents).

    ``ModelError`` when the file is missing or damaged.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            label, documents = file.readline().split()
            if label != "documents":
                raise ValueError(label)
            table = {}
            for line in file:
                word, lower, capital = line.split()
                table[word] = (int(lower), int(capital))
            return table, int(documents)
    except (OSError, EOFError, ValueError) as error:
        raise ModelError(f"table de fréquences illisible : {path.name} ({error})") from error
