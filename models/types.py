"""The small protocol that every encoder keeps, whatever its weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

#: The two sides of an asymmetric retriever (E5, arXiv:2212.03533): what is looked for, what is read.
Prompt = Literal["query", "passage"]

#: Sentence embeddings: shape (n, dimension), float32, rows of length 1.
Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Texts in, unit vectors out. Thread-safe; the same text gives the same vector whatever its batch."""

    @property
    def name(self) -> str:
        """The spec it was loaded from: ``"embedded"``, a hub name or a folder."""

    @property
    def version(self) -> str:
        """Fingerprint of weights and tokenizer; vectors of two versions are never compared."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def encode(self, texts: Sequence[str], *, prompt: Prompt, batch_size: int = 32) -> Vectors:
        """Embed ``texts``: shape (n, dimension), float32, L2-normalised, in the order given."""
