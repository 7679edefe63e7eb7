"""French typography of what the desk itself writes: spaces that never break a line, curved apostrophes.

After the « Lexique des règles typographiques en usage à l'Imprimerie nationale »: a no-break space inside quotation
marks and before : ; ! ? and %. Sources and templates hold plain spaces, which people can see and type.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

_BEFORE = re.compile(r"(?<!\s) (?=[:;!?%»](?:[\s.,)…<»]|$))")
_AFTER = re.compile(r"(?<=«) ")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")


def spaced(text: str) -> str:
    r"""No-break spaces where French wants them.

    >>> spaced("Écarté : « Qui ? »").split(" ")
    ['Écarté\xa0:', '«\xa0Qui\xa0?\xa0»']
    """
    return _AFTER.sub("\u00a0", _BEFORE.sub("\u00a0", text))


@lru_cache(4096)  # reasons come back from draft to draft
def typeset(text: str) -> str:
    """``spaced``, and curved apostrophes: for words of the vocabularies, typed with straight ones.

    >>> typeset("bureau d'études")
    'bureau d’études'
    """
    return spaced(_APOSTROPHE.sub("’", text))


class FrenchSpaces(Extension):
    """Jinja: the templates' own words are ``spaced`` as they are compiled; what people and sources wrote is not."""

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        """Only text of the template; expressions come as other tokens."""
        for token in stream:
            yield Token(token.lineno, token.type, spaced(token.value)) if token.type == "data" else token
