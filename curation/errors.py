"""The exceptions of veille, as one tree.

A failure of the outside world (a dead feed, a refused page) is a value,
``curation.types.Failure``. An exception is either something the user must
mend (``UserError``, printed in one sentence, exit status 1) or a bug.

    VeilleError
    ├── UserError                 explained to the user, no traceback
    │   ├── ConfigError           config.yaml; names file, line and key
    │   ├── TaxonomyError         a community file; names file, line and concept
    │   ├── InputError            a file or line given to a command
    │   ├── ConflictError         somebody changed the same words meanwhile; carries what both did
    │   └── ModelError            a model or artifact that cannot be loaded or built
    └── StoreError                the database is unusable (locked, corrupt, newer schema)
"""


class VeilleError(Exception):
    """Root of every exception raised on purpose by veille."""


class UserError(VeilleError):
    """Something the user can mend; ``str(error)`` is the whole explanation, in French."""


class ConfigError(UserError):
    """The configuration is wrong; the message names file, line and key."""


class TaxonomyError(UserError):
    """A community file is wrong; the message names file and concept."""


class InputError(UserError):
    """A file or a line handed to a command cannot be used."""


class ConflictError(UserError):
    """Somebody changed the same words meanwhile. ``merge``: a ``taxonomy.merge.Merge`` of both, to offer; or None."""

    def __init__(self, text: str, merge: object = None) -> None:
        self.merge = merge
        super().__init__(text)


class ModelError(UserError):
    """A model or an artifact is missing, damaged or cannot be built."""


class StoreError(VeilleError):
    """The database cannot be used."""


def unreadable(path: object, error: Exception) -> InputError:
    """The error of a file that somebody named and that cannot be read, in French where the system says why."""
    reasons = {
        FileNotFoundError: "introuvable",
        PermissionError: "droits insuffisants",
        IsADirectoryError: "c'est un dossier",
        UnicodeDecodeError: "il n'est pas en UTF-8",
    }
    told = reasons.get(type(error)) or getattr(error, "strerror", None) or str(error)
    return InputError(f"Fichier illisible : {path} ({told}).")
