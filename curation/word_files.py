"""A file of words read, and another prepared to take its place in one step.

Errors: ``TaxonomyError``, in French.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from curation.errors import TaxonomyError
from taxonomy.load import TaxonomyFileError, read_text


def prepared(place: Path, text: str) -> Path:
    """The new file, whole and on the disk, beside the place where it will stand. Raises ``TaxonomyError``."""
    target = real(place)
    part: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(13, "droits insuffisants")
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
        part = Path(name)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        part.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o644)
    except OSError as error:
        if part is not None:
            part.unlink(missing_ok=True)
        told = f"{target} ne peut pas être écrit ({error.strerror or error}). Rien n'a été publié."
        raise TaxonomyError(told) from error
    return part


def real(path: Path) -> Path:
    """The file behind a link: the link itself stays."""
    return path.resolve() if path.is_symlink() else path


def read(path: Path) -> str:
    """The whole file as text."""
    try:
        return read_text(path)
    except TaxonomyFileError as error:
        raise TaxonomyError(str(error)) from error
