"""How much a word witnesses: its rarity in the language.

Weight of a word = inverse document frequency (Spärck Jones, 1972), from a table of the language (single words with
the number of documents that hold them). The batch at hand has no say: what two items are to each other then depends
on those two alone, and a night that adds items changes nothing between the others. The words of the day (« résultats »,
« premier tour ») are held in check by the witnesses against: names, places, ranks, dates.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from curation.decide.witnesses import Mark, key_of

#: A word absent from the table is taken to be as rare as the rarest it holds, or a little more.
_UNSEEN = 1.5
#: Documents a table stands for when there is none: enough for weights of the usual size.
_NO_TABLE = 60_000
#: Without a table every word is taken for a middling one.
_MIDDLING = 120.0

_LOWER, _NAME = int(Mark.LOWER), int(Mark.NAME)  # plain numbers: asked for each word


@dataclass(frozen=True, slots=True)
class Rarity:
    """Document frequencies of words.

    ``table``: stem -> (documents where it is written without a capital, documents where it always has one).
    ``documents``: size of the collection they were counted on.
    """

    table: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    documents: int = _NO_TABLE

    @classmethod
    def of(cls, frequencies: Mapping[str, tuple[int, int]], documents: int) -> Rarity:
        """From a table of words as written (folded): the counts of words with one stem add up."""
        table: dict[str, tuple[int, int]] = {}
        for word, (lower, capital) in frequencies.items():
            key = key_of(word)
            before = table.get(key, (0, 0))
            table[key] = (before[0] + lower, before[1] + capital)
        return cls(table, max(documents, 1))

    def weight(self, word: str) -> float:
        """Natural logarithm of the inverse frequency."""
        lower, capital = self.table.get(word, (0, 0))
        known = max(float(lower + capital), _UNSEEN) if self.table else _MIDDLING
        return max(0.0, math.log((self.documents + 1) / known))

    def is_name(self, word: str, marks: int) -> bool:
        """Whether a word with these marks names somebody, somewhere or something."""
        if marks & _LOWER:
            return False
        lower, capital = self.table.get(word, (0, 0))
        if marks & _NAME:
            return lower <= 3 * capital + 1
        return bool(self.table) and 2 * lower <= capital  # at the start of a sentence: only what is always a name

    def is_distinctive(self, word: str, marks: int) -> bool:
        """Whether a word of a title may tell two items of one mould apart: a name, a word with an inner capital."""
        return self.is_name(word, marks) or bool(marks & _NAME and not marks & _LOWER)
