"""French words folded to keys, so that inflected forms meet.

A *key* ignores case, accents, ligatures, number and (for the usual suffixes) gender. It is a rule
with exceptions, not a statistical lemmatiser: the same form gives the same key whatever the sentence,
about a hundred times quicker than a tagger, which is what matching 1,000 labels over 10,000
articles in seconds needs. ``bench/lemmas.py`` measures its agreement with spaCy's lemmas.

Order of the rules: exceptions, plural, then feminine. A rule applies only to words long enough for
the suffix to be one, and a word in ``INVARIABLE`` keeps its final s.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

#: A word: letters and digits. Apostrophes and hyphens, of any typography, separate words, so that
#: « tiers-lieux », « tiers lieux » and « l'eau » need no rule of their own. Decomposed accents (NFD)
#: belong to the letter before them.
WORD = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*")

#: A character that the table does not name costs ``translate`` a KeyError: those of French stand for themselves.
_SIGNS = {
    **{code: chr(code) for code in range(0x180)},
    **str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "’": "'", "ʼ": "'", "‘": "'", "´": "'"}),
}
#: The combining accents of Latin script; those of other scripts are sought one by one.
_ACCENTS = re.compile("[\u0300-\u034e\u0350-\u036f]+")
_HYPHENS = re.compile("[\u2010-\u2015\u2212\u00ad]")

#: Grammatical words that may stand inside a label or be left out of it:
#: « projet de territoire » meets « projet du territoire » and « projets territoires ».
LINKS = frozenset({"d", "de", "des", "du", "l", "la", "le", "les"})

#: Words whose final s or x is no plural, and that would otherwise meet another word.
INVARIABLE = frozenset(
    (
        "bras cours fonds temps corps mois bois mars pays avis choix prix taux voix croix noix acces proces "
        "progres succes exces deces tres pres apres lors alors dans sans sous vers hors plus moins tiers ans bus "
        "campus virus forum gaz repas tapas pas cas bas gros gras frais mais palais relais marais parcours "
        "secours recours discours concours velours toujours ailleurs divers univers travers envers paris "
        "lyon calais reims amiens nimes tours orleans limoges rennes nantes chartres poitiers beauvais jamais "
        "desormais puis depuis puits fois trois chaos ours sens processus consensus jeux logis permis commis "
        "compris remis acquis surplus abus refus tous rebus dessous dessus aux eux ceux mieux vieux deux "
        "creux doux roux faux chaux "
    ).split()
)

EXCEPTIONS = {
    "travaux": "travail",
    "baux": "bail",
    "vitraux": "vitrail",
    "coraux": "corail",
    "emaux": "email",
    "yeux": "oeil",
    "cieux": "ciel",
    "noyaux": "noyau",
    "tuyaux": "tuyau",
    "joyaux": "joyau",
    "boyaux": "boyau",
    "landaux": "landau",
    "publique": "public",
    "publiques": "public",
    "publics": "public",
    "laique": "laic",
    "laiques": "laic",
    "laics": "laic",
    "grecque": "grec",
    "grecques": "grec",
    "turque": "turc",
    "turques": "turc",
    "blanche": "blanc",
    "blanches": "blanc",
    "blancs": "blanc",
    "franche": "franc",
    "verte": "vert",
    "vertes": "vert",
    "verts": "vert",
    "fraiche": "frais",
    "fraiches": "frais",
    "seche": "sec",
    "seches": "sec",
    "secs": "sec",
    "neuve": "neuf",
    "neuves": "neuf",
    "douce": "doux",
    "douces": "doux",
    "vieille": "vieux",
    "vieilles": "vieux",
    "vieil": "vieux",
    "nouvelle": "nouveau",
    "nouvelles": "nouveau",
    "nouvel": "nouveau",
    "belle": "beau",
    "belles": "beau",
    "bel": "beau",
    "jeux": "jeu",
    "oeufs": "oeuf",
    "seniors": "senior",
    "bijoux": "bijou",
    "cailloux": "caillou",
    "choux": "chou",
    "genoux": "genou",
    "hiboux": "hibou",
    "joujoux": "joujou",
    "poux": "pou",
    "pneus": "pneu",
    "bleus": "bleu",
    "locaux": "local",
    "elue": "elu",
    "elues": "elu",
    "petite": "petit",
    "petites": "petit",
    "saine": "sain",
    "saines": "sain",
    "pleine": "plein",
    "pleines": "plein",
}

#: Nouns in -eux: the plural of -eu. Other words in -eux are adjectives.
_NOUNS_EU = frozenset(("lieux milieux enjeux feux voeux aveux cheveux neveux essieux pieux adieux moyeux ").split())


class Token(NamedTuple):  # of which a night makes millions: four times quicker than a dataclass
    """A word of a text with its place: ``text[start:end] == form``."""

    form: str
    key: str
    start: int
    end: int


def fold(text: str) -> str:
    """Lower case, accents and ligatures undone, typographic signs made plain. Length may change.

    >>> fold("Cœur d’îlot")
    "coeur d'ilot"
    """
    if not text.isascii():
        text = _HYPHENS.sub("-", text.translate(_SIGNS))
        text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
        if not text.isascii():
            text = "".join(c for c in text if not unicodedata.combining(c))
    return text.lower()


@lru_cache(maxsize=200_000)
def key(form: str) -> str:
    """The key of one word.

    >>> key("Territoriaux") == key("territoriale") == key("territorial")
    True
    >>> key("cours") == key("cour")
    False
    """
    word = fold(form)
    if len(word) < 3 or word.isdigit() or word in INVARIABLE:
        return EXCEPTIONS.get(word, word)
    if word in EXCEPTIONS:
        return EXCEPTIONS[word]
    return _masculine(_singular(word))


def tokens(text: str) -> list[Token]:
    """Words of ``text`` in order, with exact offsets.

    >>> [t.key for t in tokens("Les tiers-lieux ruraux")]
    ['le', 'tiers', 'lieu', 'rural']
    """
    return [Token(m[0], key(m[0]), m.start(), m.end()) for m in WORD.finditer(text)]


@lru_cache(maxsize=50_000)  # some 3,000 labels, asked again by every check and comparison of words
def label_keys(label: str) -> tuple[str, ...]:
    """Keys of a label without its link words: two labels with the same keys meet the same words of a text.

    >>> label_keys("Projets de territoire") == label_keys("projet du territoire")
    True
    """
    return tuple(t.key for t in tokens(label) if fold(t.form) not in LINKS)


def contains(whole: tuple[str, ...], part: tuple[str, ...]) -> bool:
    """True when the keys of ``part`` stand in a row in ``whole``; nothing contains nothing."""
    n = len(part)
    return n > 0 and any(whole[k : k + n] == part for k in range(len(whole) - n + 1))


def _singular(word: str) -> str:
    if word.endswith("x"):
        if word.endswith("eaux"):
            return word[:-1]
        if word.endswith("aux") and len(word) > 4:
            return word[:-3] + "al"
        if word in _NOUNS_EU:
            return word[:-1]
        return word
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    # -us and -is: only where a plural participle or noun is likely (« élus », « habitants réunis »)
    if word.endswith(("us", "is")) and len(word) >= 4:
        return word[:-1]
    return word


def _masculine(word: str) -> str:
    n = len(word)
    if n < 5 or word in EXCEPTIONS:
        return EXCEPTIONS.get(word, word)
    if word.endswith("ee"):
        # first, and without return: « privé » (folded « prive ») takes the rules below, so must « privée »
        word, n = word[:-1], n - 1
    if word.endswith("trice") and n > 6:
        return word[:-4] + "eur"
    if word.endswith("euse"):
        # « nombreuse » meets « nombreux », « travailleuse » meets « travailleur »: one key for the three
        return word[:-4] + "eur"
    if word.endswith("eux"):
        return word[:-3] + "eur"
    if word.endswith("ive"):
        return word[:-3] + "if"
    if word.endswith(("enne", "onne", "elle", "ette")):
        return word[:-2]
    if word.endswith("ere") and n > 6:
        return word[:-3] + "er"
    if word.endswith("ale") and n > 5:
        return word[:-1]
    if word.endswith(("aine", "ine", "ante", "ente", "oise", "aise", "ite")) and n >= 7:
        return word[:-2] if word.endswith(("oise", "aise")) else word[:-1]
    return word
