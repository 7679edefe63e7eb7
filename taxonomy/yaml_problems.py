"""What is wrong with a YAML text, in French: its parsers speak English to programmers."""

from __future__ import annotations

import yaml

#: A part of the message of PyYAML or of libyaml, and what it means to the person who wrote the file.
_MEANINGS = (
    (
        "cannot start any token",
        "un caractère qui ne peut pas se trouver là : une tabulation (l'alignement se fait avec des espaces), ou un "
        "texte à mettre entre guillemets",
    ),
    ("mapping values are not allowed", "un « : » mal placé : voyez l'alignement, ou mettez le texte entre guillemets"),
    ("could not find expected ':'", "il manque « : » après une clé"),
    ("',' or '}'", "une accolade n'est pas fermée, ou une virgule manque"),
    ("',' or ']'", "un crochet n'est pas fermé, ou une virgule manque"),
    ("unexpected end of stream", "un guillemet n'est pas fermé"),
    ("expected <block end>", "l'alignement n'est pas celui des lignes précédentes"),
    ("did not find expected key", "l'alignement n'est pas celui des lignes précédentes"),
    ("did not find expected '-' indicator", "l'alignement n'est pas celui des lignes précédentes"),
    ("undefined alias", "un texte qui commence par « * » se met entre guillemets"),
    ("characters are not allowed", "un caractère invisible, à effacer"),
)


def in_french(error: yaml.YAMLError) -> str:
    """A few words without full stop; the parser's own where it says something else."""
    told = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    return next((meaning for part, meaning in _MEANINGS if part in told), told)
