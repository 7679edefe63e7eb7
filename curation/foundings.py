"""Communities begun at the desk, as a file beside the words published there: the mirror of what the store holds.

``config.yaml`` belongs to people and is never written. What begins here is appended in the store (``store.words``) and
mirrored in ``communities.yaml`` of the state folder, which ``config.load_settings`` reads after it: a community that
``config.yaml`` names is as ``config.yaml`` says. ``curation.wordbook`` writes the mirror, and again when it is gone.

Errors: ``ConfigError``, which names the file and says what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from curation.errors import ConfigError
from taxonomy.types import Founding

#: Name of the mirror, in the state folder.
MIRROR = "communities.yaml"
_HEAD = (
    "# Écrit par veille : les communautés commencées ou détachées au bureau. Ne changez rien ici : il se réécrit.\n"
    "# config.yaml passe avant : nommez-y une communauté pour la régler, ou mettez-la sous « closed_communities ».\n"
)


class _Begun(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)
    origin: str = ""
    author: str
    at: datetime


def mirror_of(state: Path) -> Path:
    """Where the mirror of an installation stands."""
    return state / MIRROR


def stamp_of(state: Path) -> tuple[int, int, int]:
    """Changes whenever the mirror does; zeros while there is none."""
    try:
        facts = mirror_of(state).stat()
    except OSError:
        return 0, 0, 0
    return facts.st_mtime_ns, facts.st_size, facts.st_ino


def read_foundings(state: Path) -> tuple[Founding, ...]:
    """What the mirror says, oldest first; nothing while there is none. Raises ``ConfigError``."""
    return _read(mirror_of(state), stamp_of(state))


@lru_cache(maxsize=4)  # asked at every look; whoever writes it changes its stamp
def _read(path: Path, stamp: tuple[int, int, int]) -> tuple[Founding, ...]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        if not isinstance(content, dict) or set(content) - {"communities"}:
            raise ValueError
        begun = [_Begun.model_validate(row) for row in content.get("communities") or ()]
        if len({b.id for b in begun}) != len(begun) or any(b.at.tzinfo is None for b in begun):
            raise ValueError
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise ConfigError(f"{path} : illisible ({error.strerror or error}).") from error
    except (yaml.YAMLError, ValidationError, ValueError, TypeError, RecursionError) as error:
        raise ConfigError(
            f"{path} : ce fichier, que veille écrit, est abîmé. Supprimez-le : il sera refait au premier regard, "
            "par exemple avec « veille taxonomy check »."
        ) from error
    return tuple(Founding(b.id, b.origin, b.author, b.at) for b in begun)


def foundings_text(foundings: Sequence[Founding]) -> str:
    """The mirror of these foundings, whole."""
    rows = [{"id": f.community, "origin": f.origin, "author": f.author, "at": f.at.isoformat()} for f in foundings]
    return _HEAD + yaml.safe_dump({"communities": rows}, allow_unicode=True, sort_keys=False)
