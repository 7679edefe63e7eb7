"""What an account of an event can be held to: its words, names, numbers, days and marks of identity.

Names are not looked up: a capital in the middle of a sentence makes a name, a capital at its start makes a *possible*
name, which ``rarity.Rarity`` settles (a word that the language almost always writes with a capital is one). Compound
place names (« Saint-Martin-de-Crau ») stay whole, so that two communes never agree on « Saint ».
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntFlag
from functools import lru_cache

from curation.decide.shingles import MAX_CHARS, stem
from curation.french_calendar import FULL_MONTHS
from taxonomy.french import fold

#: Characters of the text where the event is told: the lead of an article (the pyramid of the press).
LEAD_CHARS = 900
#: Distinct words, numbers, days and identities kept for one item.
MAX_WORDS = 160
MAX_FIGURES = 24
#: A longer run of letters is no word.
MAX_LETTERS = 40


class Mark(IntFlag):
    """Where and how a word stands in an item."""

    TITLE = 1
    LEAD = 2
    NAME = 4  # with a capital in the middle of a sentence
    START = 8  # with a capital at the start of a sentence: a name or not
    LOWER = 16  # without a capital somewhere


#: Words that witness nothing: grammar, days and months, the press's own formulas.
STOP = frozenset(
    """a afin ai ainsi alors apres as au aucun aucune aujourd aussi autre autres aux avait avant avec avoir ayant c
    car ce ceci cela celle celles celui ces cet cette ceux chez ci comme comment contre d dans de depuis des
    deux dit doit donc dont du elle elles en encore entre es est et etait etant ete etre eu eux fait faire
    font hui il ils j je jusqu jusque l la laquelle le lequel les lesquels leur leurs lors lorsqu lui m ma
    mais me meme memes mes moins mon n ne ni non nos notre nous on ont ou par parce pas pendant peu peut plus
    plusieurs pour pourquoi puis puisqu qu quand que quel quelle quelles quels qui quoi s sa sans se selon
    sera ses si soit son sont sous sur t ta tandis te tes toi ton toujours tous tout toute toutes tres trop tu
    un une va vers via voici voila vos votre vous vont y direct extrait document video exclusif infographie
    carte edito portrait reportage entretien podcast interview tribune lundi mardi mercredi jeudi vendredi
    samedi dimanche hier demain janvier fevrier mars avril mai juin juillet aout septembre octobre novembre
    decembre annonce affirme assure explique an ans jour jours mois annee heures matin soir nuit retenir sait""".split()
)

_DATE = re.compile(rf"\b(\d{{1,2}})(?:er)? ({'|'.join(FULL_MONTHS)})(?: ((?:19|20)\d\d))?\b")
_SLASHED = re.compile(r"\b(\d{1,2})/(\d{1,2})/((?:20)?\d\d)\b")
_THOUSANDS = r"\d{1,3}(?:[. \u00a0\u202f]\d{3}){1,4}(?!\d)"
_NUMBER = re.compile(rf"{_THOUSANDS}(?:,\d{{1,3}})?|\d{{1,12}}(?:[.,]\d{{1,3}})?")
_GAP = re.compile(r"[. \u00a0\u202f](?=\d{3}(?:\D|$))")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
#: A token: a number, an elided article, a word with its inner hyphens, or a mark that ends a sentence or opens a quote.
_TOKEN = re.compile(r"\d[\d.,]{0,14}|[^\W\d_][^\W_]*'?(?:-[^\W_]+)*|[.!?:;«»“”\"()|…]")
_LINKS = frozenset("saint sainte sur sous en la le les de des du d l et lez aux au a".split())

_RANKS = {
    "premier": "1", "premiere": "1", "second": "2", "seconde": "2", "deuxieme": "2", "troisieme": "3",
    "quatrieme": "4", "cinquieme": "5",
}  # fmt: skip
_NOUNS = "tour|etape|edition|phase|vague|journee|session|manche|lot|saison|episode|acte|volet|tome|tranche|semaine"
_RANKED = re.compile(rf"\b(?:(\d{{1,3}})(?:er|ere|e|d|de|eme|nd|nde)|({'|'.join(_RANKS)})) ({_NOUNS})s?\b")
_NUMBERED = re.compile(rf"\b(jour|numero|no|n°|article|{_NOUNS}) ?(\d{{1,6}})\b")
_PART = re.compile(r"[(\[] ?(\d{1,2}) ?(?:/|sur) ?\d{1,2} ?[)\]]")
_HOUR = re.compile(r"\b(\d{1,2}) ?h(?:eures?)?\b")


@dataclass(frozen=True, slots=True)
class Witnesses:
    """What was read in an item.

    ``words``: stem -> (marks, the word as written). ``numbers``: in one spelling. ``identities``: what tells the
    members of a series apart, in the title (« tour:1 », « jour:932 », « h:19 »). Days are ordinals.
    """

    words: Mapping[str, tuple[int, str]]
    numbers: frozenset[str]
    title_numbers: frozenset[str]
    days: frozenset[int]
    title_days: frozenset[int]
    identities: frozenset[str]


@lru_cache(maxsize=200_000)
def key_of(surface: str) -> str:
    """The key under which a word (as ``parts`` cut it) is compared."""
    folded = fold(surface)
    return folded if "-" in folded else stem(folded)


def parts(raw: str) -> list[str]:
    """« Robert-Ballanger » is two words, « Saint-Martin-de-Crau » one: a link word holds the parts together."""
    pieces = raw.split("-")
    if len(pieces) > 1 and any(fold(piece) in _LINKS for piece in pieces):
        return [raw]
    return pieces


def tokens(text: str) -> Iterator[tuple[str, bool, bool]]:
    """The words of ``text``: (as written, has a capital, which means nothing: at the start, or all is in capitals)."""
    letters = [c for c in text if c.isalpha()]
    shouting = len(letters) > 12 and sum(c.isupper() for c in letters) > 0.6 * len(letters)
    start = True
    saint = ""  # « Saint Denis » is « Saint-Denis »
    for match in _TOKEN.finditer(text):
        raw = match[0]
        if not (raw[0].isalpha() or raw[0].isdigit()):
            start, saint = True, ""
            continue
        if raw[0].isdigit():
            start = False
            continue
        if "'" in raw or len(raw) > MAX_LETTERS:  # d', l', qu', jusqu', aujourd'
            continue
        capital = raw[0].isupper()
        if saint and capital:
            raw = f"{saint}-{raw}"
        saint = raw if raw in ("Saint", "Sainte") else ""
        if saint:
            continue
        acronym = len(raw) > 1 and raw.isupper()
        yield raw, capital, shouting or (start and not acronym)
        start = False


@lru_cache(maxsize=200_000)
def _keyed(raw: str) -> tuple[tuple[str, str], ...]:
    """(key, piece) of each part of a token that witnesses something."""
    if fold(raw) in STOP:
        return ()
    pieces = ((key_of(piece), piece) for piece in parts(raw) if fold(piece) not in STOP)
    return tuple((key, piece) for key, piece in pieces if len(key) >= 2)


def _read(text: str, place: Mark, words: dict[str, tuple[int, str]]) -> None:
    lower, started, named = (int(place | mark) for mark in (Mark.LOWER, Mark.START, Mark.NAME))
    for raw, capital, start in tokens(text):
        mark = (started if start else named) if capital else lower
        for key, piece in _keyed(raw):
            before = words.get(key)
            if before is not None:
                words[key] = (before[0] | mark, before[1])
            elif len(words) < MAX_WORDS:
                words[key] = (mark, piece)


def _numbers(text: str, least: int = 2) -> set[str]:
    """« 1.700 » and « 1 700 » -> « 1700 », « 5,6 » -> « 5.6 »; years and numbers under ``least`` digits left out."""
    found: set[str] = set()
    for match in _NUMBER.finditer(text):
        whole = _GAP.sub("", match[0]).replace(",", ".").strip(".")
        if len(whole) >= least and not _YEAR.fullmatch(whole):
            found.add(whole)
            if len(found) >= MAX_FIGURES:
                break
    return found


def _days(text: str, day: date | None) -> set[int]:
    """Days written out in folded ``text``; without a year, the nearest to ``day``."""
    found: set[int] = set()
    mentions = [(d, FULL_MONTHS[m], y) for d, m, y in _DATE.findall(text)]
    mentions += [(d, int(m), y) for d, m, y in _SLASHED.findall(text)]
    for number, month, year in mentions[:MAX_FIGURES]:
        years: list[int] = []
        if year:
            years = [int(year) if len(year) == 4 else 2000 + int(year)]
        elif day:
            years = [day.year - 1, day.year, day.year + 1]
        options = []
        for candidate in years:
            try:
                options.append(date(candidate, month, int(number)).toordinal())
            except ValueError:  # 31 February, year 0
                continue
        if options:
            near = day.toordinal() if day else options[0]
            found.add(min(options, key=lambda o: (abs(o - near), o)))
    return found


def _identities(title: str) -> set[str]:
    found = {f"{noun}:{number or _RANKS[word]}" for number, word, noun in _RANKED.findall(title)}
    found |= {f"{noun}:{number}" for noun, number in _NUMBERED.findall(title)}
    found |= {f"h:{number}" for number in _HOUR.findall(title)}
    found |= {f"year:{year}" for year in _YEAR.findall(title)}
    found |= {f"part:{number}" for number in _PART.findall(title)}
    return set(sorted(found)[:MAX_FIGURES])


def read(title: str, text: str, day: date | None) -> Witnesses:
    """The witnesses of an item: of its title, and of the lead of its text."""
    head, lead = (
        unicodedata.normalize("NFC", part).translate({0x2019: "'", 0x2018: "'", 0x2010: "-", 0x2011: "-"})
        for part in (title[: MAX_CHARS // 40], text[:LEAD_CHARS])
    )
    words: dict[str, tuple[int, str]] = {}
    _read(head, Mark.TITLE, words)
    _read(lead, Mark.LEAD, words)
    plain_head, plain_lead = fold(head), fold(lead)
    in_title, title_days = _numbers(head), _days(plain_head, day)
    return Witnesses(
        words,
        frozenset(in_title | _numbers(lead)),
        frozenset(_numbers(head, 1)),
        frozenset(title_days | _days(plain_lead, day)),
        frozenset(title_days),
        frozenset(_identities(plain_head)),
    )
