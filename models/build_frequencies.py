"""Build ``artifacts/word_frequencies.txt.gz``: in how many French documents each word stands.

    python -m models.build_frequencies ITEMS.jsonl[.gz]... [--out FILE] [--words N]

Input: JSON lines with ``title`` and ``text``. Output: single folded words with two counts, most frequent first; no text
can be rebuilt from it, and a word held by fewer than ``LEAST`` documents is left out. The recipe is deterministic; the
table of the repository was counted on 69,000 French items (press and public sector, 2023 to 2026).
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from models.frequencies import DEFAULT

LEAST = 3
WORDS = 50_000
LEAD_CHARS = 900  # what deduplication reads of a text

_TOKEN = re.compile(r"\d[\d.,]{0,14}|[^\W\d_][^\W_]*'?(?:-[^\W_]+)*|[.!?:;«»“”\"()|…]")
_LINKS = frozenset("saint sainte sur sous en la le les de des du d l et lez aux au a".split())

# How a document writes a word: the strongest evidence wins.
_START, _INNER, _LOWER = 1, 2, 3


def _fold(text: str) -> str:
    text = text.translate({0x153: "oe", 0x152: "Oe", 0xE6: "ae", 0xC6: "Ae"})
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()


def _words(text: str) -> Iterator[tuple[str, int]]:
    """Folded words with how they are written; names of places joined by a link word stay whole."""
    start, saint = True, ""
    for match in _TOKEN.finditer(unicodedata.normalize("NFC", text).replace("’", "'").replace("\u2011", "-")):
        raw = match[0]
        if not raw[0].isalnum():
            start, saint = True, ""
            continue
        if raw[0].isdigit():
            start = False
            continue
        if "'" in raw or len(raw) > 40:
            continue
        capital = raw[0].isupper()
        if saint and capital:
            raw = f"{saint}-{raw}"
        saint = raw if raw in ("Saint", "Sainte") else ""
        if saint:
            continue
        pieces = raw.split("-")
        if len(pieces) > 1 and any(_fold(piece) in _LINKS for piece in pieces):
            pieces = [raw]
        opens = start and not (len(raw) > 1 and raw.isupper())
        for piece in pieces:
            yield _fold(piece), _LOWER if not capital else _START if opens else _INNER
        start = False


def count(items: Iterable[tuple[str, str]]) -> tuple[dict[str, tuple[int, int]], int]:
    """(word -> (documents that write it in lower case, documents that always capitalise it), distinct documents).

    A document that only has the word at the start of a sentence says nothing: it follows the majority of the others.
    """
    counts: dict[int, Counter[str]] = {_START: Counter(), _INNER: Counter(), _LOWER: Counter()}
    seen: set[tuple[str, str]] = set()
    for title, text in items:
        lead = text[:LEAD_CHARS]
        if (title, lead) in seen:
            continue
        seen.add((title, lead))
        written: dict[str, int] = {}
        for part in (title, lead):
            for word, how in _words(part):
                written[word] = max(how, written.get(word, 0))
        for word, how in written.items():
            counts[how][word] += 1
    table = {}
    for word in counts[_START].keys() | counts[_INNER].keys() | counts[_LOWER].keys():
        start, inner, lower = (counts[how][word] for how in (_START, _INNER, _LOWER))
        if start + inner + lower >= LEAST and len(word) > 1:
            table[word] = (lower + start, inner) if lower > inner else (lower, inner + start)
    return table, len(seen)


def write(table: dict[str, tuple[int, int]], documents: int, out: Path, words: int = WORDS) -> int:
    """Write the ``words`` most frequent words; the same table always gives the same bytes. Returns how many."""
    ranked = sorted(table, key=lambda word: (-sum(table[word]), word))[:words]
    text = f"documents {documents}\n" + "".join(f"{word} {table[word][0]} {table[word][1]}\n" for word in ranked)
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0, compresslevel=9) as file:
        file.write(text.encode())
    temporary = out.with_name(out.name + ".tmp")
    temporary.write_bytes(packed.getvalue())
    temporary.replace(out)
    return len(ranked)


def read_items(path: Path) -> Iterator[tuple[str, str]]:
    """(title, text) of each JSON line of ``path``, gzipped or not."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                item = json.loads(line)
                yield str(item.get("title") or ""), str(item.get("text") or "")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="models.build_frequencies", description=__doc__.splitlines()[0])
    parser.add_argument("items", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=DEFAULT)
    parser.add_argument("--words", type=int, default=WORDS)
    options = parser.parse_args(arguments)
    table, documents = count(item for path in options.items for item in read_items(path))
    written = write(table, documents, options.out, options.words)
    print(f"{written} mots, {documents} documents, {options.out.stat().st_size} octets", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
