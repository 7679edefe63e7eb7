"""How well the rule of ``taxonomy.french.key`` agrees with spaCy's lemmas.

``python -m bench.lemmas ITEMS.jsonl[.gz] [N]``: tags the titles of N items, takes common nouns and adjectives, and
compares forms two by two. *Met*: of two forms of one lemma, how often they share a key. *Confused*: of the keys shared
by forms of several lemmas, how many forms that is, over all forms.
"""

from __future__ import annotations

import gzip
import itertools
import json
import sys
import time
from collections import defaultdict
from pathlib import Path

from taxonomy.french import fold, key


def main(path: Path, count: int = 3000) -> None:
    """Print one JSON line and the most frequent disagreements."""
    import spacy

    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        titles = [json.loads(line)["title"] for line in itertools.islice(lines, count)]
    nlp = spacy.load("fr_core_news_md", disable=["parser", "ner"])
    started = time.perf_counter()
    lemmas: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for document in nlp.pipe(titles, batch_size=64):
        for token in document:
            if token.pos_ in ("NOUN", "ADJ") and token.is_alpha and len(token) > 2:
                lemmas[fold(token.text)][fold(token.lemma_)] += 1
    tagging = time.perf_counter() - started
    # a form keeps its usual lemma: one slip of the tagger must not count as a disagreement
    lemma_of = {form: max(seen, key=lambda lemma: (seen[lemma], lemma)) for form, seen in lemmas.items()}
    started = time.perf_counter()
    keys = {form: key(form) for form in lemma_of}
    ruling = time.perf_counter() - started
    families: dict[str, list[str]] = defaultdict(list)
    by_key: dict[str, set[str]] = defaultdict(set)
    for form, lemma in lemma_of.items():
        families[lemma].append(form)
        by_key[keys[form]].add(lemma)
    pairs = [pair for forms in families.values() for pair in itertools.combinations(sorted(forms), 2)]
    missed = [(a, b) for a, b in pairs if keys[a] != keys[b]]
    confused = [form for form in lemma_of if len(by_key[keys[form]]) > 1]
    figures = {
        "titles": len(titles),
        "forms": len(lemma_of),
        "pairs_of_one_lemma": len(pairs),
        "met": round(1 - len(missed) / max(1, len(pairs)), 3),
        "confused": round(len(confused) / max(1, len(lemma_of)), 3),
        "spacy_s": round(tagging, 1),
        "rule_s": round(ruling, 3),
    }
    print(json.dumps(figures))
    print("missed:", missed[:40], file=sys.stderr)
    print("confused:", [(f, lemma_of[f], keys[f]) for f in confused[:40]], file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3000)
