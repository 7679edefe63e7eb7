"""Noun phrases of French texts, by spaCy's tagger: what may become a term.

A phrase starts with a noun, a name or an adjective before a noun, goes on with adjectives, nouns, or « de » and its
like and a noun, and never ends on a link. Every part that is itself a phrase is given too: the C-value tells them
apart. Some 130 texts of 170 words a second on one core: keep what it finds.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

#: Changes with anything that decides the phrases: those kept of another recipe are found again.
RECIPE = "spacy-3.8-md-2"
MODEL = "fr_core_news_md"
#: Characters of an item that are read: its title, lead and first paragraphs say what it is about.
READ = 1500
#: Tokens of the longest phrase, links included.
LONGEST = 8

_NOUNS = frozenset({"NOUN", "PROPN"})
_LINKS = frozenset({"de", "d'", "d’", "du", "des", "à", "au", "aux", "en"})
_ARTICLES = frozenset({"la", "le", "l'", "l’", "les"})
_HYPHENS = frozenset("-‐‑")
_LOCK = threading.Lock()
_TAGGER: list[Any] = []


def noun_phrases(texts: Iterable[str], batch_size: int = 64) -> Iterator[list[str]]:
    """For each text its phrases as written, in order, one for each place. Loads the tagger on first use."""
    for document in tagger().pipe((text[:READ] for text in texts), batch_size=batch_size):
        yield list(_phrases(document))


def tagger() -> Any:
    """The French pipeline without parser and names, loaded once per process."""
    with _LOCK:
        if not _TAGGER:
            import spacy

            _TAGGER.append(spacy.load(MODEL, disable=["parser", "ner", "lemmatizer"]))
        return _TAGGER[0]


def _phrases(document: Sequence[Any]) -> Iterator[str]:
    size = len(document)
    for start in range(size):
        if not _word(document[start]) or document[start].pos_ not in _NOUNS | {"ADJ"}:
            continue
        noun = document[start].pos_ in _NOUNS
        if noun:
            yield document[start].text
        elif start + 1 >= size or document[start + 1].pos_ not in _NOUNS:
            continue
        at = start + 1
        while at < min(size, start + LONGEST):
            at = _after_links(document, at) if noun else at
            if at >= size or at - start >= LONGEST or not _word(document[at]):
                break
            pos = document[at].pos_
            linked = at > start + 1 and not _word(document[at - 1])
            if pos not in _NOUNS and (pos != "ADJ" or linked):
                break
            noun = noun or pos in _NOUNS
            if noun:
                yield document[start : at + 1].text  # type: ignore[attr-defined]
            at += 1


def _after_links(document: Sequence[Any], at: int) -> int:
    """Past « de », « de la », « des »… when one stands there, or the hyphen of a compound (« station-service »)."""
    if at < len(document) and document[at].text in _HYPHENS:
        joined = not document[at - 1].whitespace_ and not document[at].whitespace_
        return at + 1 if joined else at
    if at < len(document) and document[at].lower_ in _LINKS:
        at += 1
        if at < len(document) and document[at].lower_ in _ARTICLES:
            at += 1
    return at


def _word(token: Any) -> bool:
    """A word that may stand in a term: letters, perhaps hyphens or digits, two characters or more."""
    text = token.text
    return len(text) > 1 and any(c.isalpha() for c in text) and token.lower_ not in _LINKS and not token.is_stop
