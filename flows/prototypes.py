"""Communities and backgrounds as vectors: encoded once, kept in the state folder under what made them."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taxonomy.types import Taxonomy

if TYPE_CHECKING:
    from curation.decide.signals import Prototypes
    from models.types import Encoder, Vectors


def prototypes_of(
    taxonomies: Sequence[Taxonomy], encoder: Encoder, state: Path | None, known: dict[str, Vectors] | None = None
) -> list[Prototypes]:
    """Communities as vectors. ``known``: text -> vector, to which what is encoded is added.

    ``state``: folder where they are kept, under the version of the words and of the encoder; None: nowhere.
    """
    known = {} if known is None else known
    return [_prototypes(t, encoder, known, state) for t in taxonomies]


def _prototypes(taxonomy: Taxonomy, encoder: Encoder, known: dict[str, Vectors], state: Path | None) -> Prototypes:
    import numpy as np

    from curation.decide.rewording import encoded
    from curation.decide.signals import Prototypes

    _, concepts, dossiers, definition = encoded(taxonomy)
    texts = [*concepts, *dossiers, definition]
    path = (state or Path()) / "prototypes" / f"{taxonomy.id}-{digest(taxonomy.version, encoder.version)}.npz"
    kept = _kept(path, len(texts)) if state else None
    if kept is not None:
        known.update(zip(texts, kept, strict=True))
    missing = [t for t in dict.fromkeys(texts) if t not in known]
    if missing:
        known.update(zip(missing, encoder.encode(missing, prompt="query"), strict=True))
    vectors = np.stack([known[t] for t in texts])
    n, k = len(concepts), len(dossiers)
    found = Prototypes(taxonomy.id, vectors[:n], vectors[n : n + k], vectors[-1])
    if state and kept is None:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{threading.get_ident()}.part")
        with part.open("wb") as out:
            np.savez(out, concepts=found.concepts, dossiers=found.dossiers, definition=found.definition)
        part.replace(path)
    return found


def _kept(path: Path, count: int) -> Vectors | None:
    """The vectors of a community as they were kept; None when they are absent or damaged."""
    import numpy as np

    try:
        with np.load(path) as kept:
            vectors: Vectors = np.concatenate([kept["concepts"], kept["dossiers"], kept["definition"][None, :]])
    except (OSError, ValueError, KeyError):
        return None
    return vectors if len(vectors) == count else None


def own_background(taxonomies: Sequence[Taxonomy], encoder: Encoder, state: Path) -> Vectors:
    """The background of another encoder: every concept of every word list, read as passages.

    Coarser than the shipped sample of real items, but it needs no data; kept under the encoder's version.
    """
    import numpy as np

    versions = [t.version for t in taxonomies]
    path = state / "prototypes" / f"background-{digest(encoder.version, versions)}.npy"
    try:
        kept: Vectors = np.load(path)
        return kept
    except (OSError, ValueError):
        pass  # absent or damaged: built below
    texts = [f"{c.pref_label}. {c.scope_note}" for t in taxonomies for c in t.concepts]
    vectors = encoder.encode(texts, prompt="passage")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{threading.get_ident()}.part")
    with part.open("wb") as out:
        np.save(out, vectors)
    part.replace(path)
    return vectors


def digest(*parts: Any) -> str:
    """Twelve hex digits that change with the parts."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]
