"""What following the workbench's own proposals is worth, without any other label.

    python -m bench.workbench FOLDER [--state FOLDER] [--splits N] [--json FILE]

FOLDER holds ``gold-dev.jsonl`` (interface: Gold) and ``corpus.jsonl.gz`` (what else was read). The labels of one half
are the verdicts: an item whose score passes the threshold is a draft, published or rejected as off topic by its grade;
a right one that does not pass was rescued. The balance sheet and the candidates are made of this half alone. Each
proposal is rehearsed on it (gain of mean average precision), and the best ten mends and twenty candidates are accepted.
The other half tells what that was worth, by the rules alone (the base encoder and the shipped form: no label inside).
Both halves of each draw serve in turn.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from curation.config import load_settings
from curation.decide.ailments import diagnose
from curation.decide.balance import balance
from curation.decide.classify import met
from curation.decide.fates import Encounter, Fate, Phrase
from curation.decide.features import LinearForm, Met, features, figures
from curation.decide.markers import exclusions
from curation.decide.nearness import nearest
from curation.decide.signals import Background, Prototypes, Semantics, lexical
from curation.decide.terms import Candidate, Document, Keys, Use, attached, candidates, count_documents, wanted
from curation.types import DraftStatus, Item, Rejection
from flows.as_json import item_from
from flows.item_commands import read_gold
from flows.judge import Judge, plan_of, prototypes_of
from models.build_background import load_background
from models.load import EMBEDDED_BASE
from models.metrics import average_precision, known_mean
from models.noun_phrases import noun_phrases
from taxonomy.edit import EditError, Operation, apply
from taxonomy.french import label_keys, tokens
from taxonomy.match import Matcher
from taxonomy.types import Concept, Taxonomy, labels

#: Items read beside the labelled ones; characters of each.
READ_BESIDE, READ = 4000, 1500
MENDS, TERMS = 10, 20
#: Candidates of each community that are rehearsed.
REHEARSED = 20
LONGEST = 6
Floats = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the workbench proposes to one community; ``kind``: mend or term."""

    community: int
    kind: str
    about: str  # concept or term: one proposal of each is accepted
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Items read beside the labelled ones, and how many of them hold each phrase of theirs."""

    count: Mapping[Keys, int]
    read: int


class Ground:
    """Everything that no word changes, computed once; and what the words in force make of it."""

    def __init__(self, judge: Judge, items: Sequence[Item], right: Floats) -> None:
        self.judge, self.items, self.right = judge, items, right
        self.vectors = judge.encode(items)
        readings = judge.read(items)
        self.met = met(readings)
        self.found = [r.found for r in readings]
        self.words = [(tokens(i.title), tokens(i.text)) for i in items]
        self.grams = [_grams(w.key for w in (*t, *x)) for t, x in self.words]
        state = Path(judge.plan.state)
        self.prototypes: list[Prototypes] = prototypes_of(judge.taxonomies, judge.encoder, state)
        self.mean = np.vstack([p.concepts for p in self.prototypes]).mean(axis=0)
        background = load_background(judge.plan.model)
        assert background is not None
        self.background = Background(background)
        self._encoded: dict[str, Floats] = {}

    def scores(self, taxonomies: Sequence[Taxonomy], rows: Iterable[int]) -> Floats:
        """(rows, communities): scores of these items under these words."""
        at = np.fromiter(rows, np.int64)
        words, changed = self.met.words[at].copy(), False
        for k, (old, new) in enumerate(zip(self.judge.taxonomies, taxonomies, strict=True)):
            if old.version == new.version:
                continue
            keys = _changed_keys(old, new)
            changed = changed or [_text(c) for c in old.concepts] != [_text(c) for c in new.concepts]
            matcher = Matcher([new])
            for n, i in enumerate(at):
                if self.grams[i] & keys:
                    title, text = self.words[i]
                    in_title = matcher.match_tokens(self.items[i].title, title)
                    in_text = matcher.match_tokens(self.items[i].text, text)
                    words[n, k] = figures(lexical(new, in_title, in_text))
        texts = Met(words, self.met.general[at], self.met.kinds[at], self.met.length[at])
        semantics = self._semantics(taxonomies) if changed else self.judge.semantics
        order = [semantics.communities.index(t.id) for t in taxonomies]
        rows_ = features(texts, semantics.scores(self.vectors[at])[:, order], None)
        return LinearForm().probabilities(rows_, self.vectors[at], [t.id for t in taxonomies])

    def encoded(self, texts: Sequence[str]) -> Floats:
        """Vectors of concepts or terms, each text encoded once."""
        new = [t for t in dict.fromkeys(texts) if t not in self._encoded]
        if new:
            self._encoded.update(zip(new, self.judge.encoder.encode(new, prompt="query"), strict=True))
        return np.stack([self._encoded[t] for t in texts])

    def _semantics(self, taxonomies: Sequence[Taxonomy]) -> Semantics:
        parts = []
        for old, new, known in zip(self.judge.taxonomies, taxonomies, self.prototypes, strict=True):
            have = {_text(c): v for c, v in zip(old.concepts, known.concepts, strict=True)}
            missing = [t for c in new.concepts if (t := _text(c)) not in have]
            if missing:
                have |= dict(zip(missing, self.encoded(missing), strict=True))
            parts.append(replace(known, concepts=np.stack([have[_text(c)] for c in new.concepts])))
        return Semantics(parts, self.background)


def main() -> None:
    """One JSON object on stdout."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--config", type=Path, default=Path("config.yaml"))
    parser.add_argument("--state", type=Path, help="a state folder that holds the built encoder (spares its build)")
    parser.add_argument("--splits", type=int, default=5, help="draws of the two halves")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    settings = load_settings(arguments.config)
    if arguments.state:
        settings = settings.model_copy(update={"state": arguments.state.resolve()})
    judge = Judge(replace(plan_of(settings), model=EMBEDDED_BASE, scorer=""))
    records = read_gold(arguments.data / "gold-dev.jsonl")
    items = [item_from(r) for r in records]
    right = np.array([[int(r["rel"].get(t.id, 0)) >= 2 for t in judge.taxonomies] for r in records])
    ground = Ground(judge, items, right)
    phrases = [_phrases(found) for found in noun_phrases(f"{i.title}. {i.text}" for i in items)]
    beside = _beside(arguments.data / "corpus.jsonl.gz", {i.id for i in items})
    every = [Document(i.id, found) for i, found in zip(items, phrases, strict=True)]
    elsewhere = Elsewhere(count_documents(beside, wanted(every)), len(beside))
    sys.stderr.write(f"{len(items)} items, {len(beside)} others\n")
    told = []
    for seed in range(arguments.splits):
        order = np.random.default_rng(seed).permutation(len(items))
        halves = np.sort(order[: len(items) // 2]), np.sort(order[len(items) // 2 :])
        for mine, other in (halves, halves[::-1]):
            told.append(_followed(ground, phrases, elsewhere, mine, other) | {"seed": seed})
            sys.stderr.write(json.dumps(told[-1], ensure_ascii=False) + "\n")
    summary: dict[str, Any] = {"runs": len(told)}
    for name in ("before", "mends", "terms", "both"):
        values = np.array([t["other_half"][name] for t in told])
        summary[name] = round(float(values.mean()), 4)
        if name != "before":
            gains = values - np.array([t["other_half"]["before"] for t in told])
            by_seed = gains.reshape(-1, 2).mean(axis=1)  # the two halves of a draw are not independent
            spread = float(by_seed.std(ddof=1) / np.sqrt(len(by_seed))) if len(by_seed) > 1 else float("nan")
            summary[f"gain_{name}"] = {
                "mean": round(float(gains.mean()), 4),
                "standard_error": round(spread, 4),
                "worst": round(float(gains.min()), 4),
                "best": round(float(gains.max()), 4),
                "raised": int((gains > 0).sum()),
            }
    sys.stdout.write(json.dumps(summary) + "\n")
    if arguments.json:
        arguments.json.write_text(json.dumps({"summary": summary, "runs": told}, ensure_ascii=False, indent=1))


def _followed(
    ground: Ground, phrases: Sequence[tuple[Phrase, ...]], beside: Elsewhere, mine: Floats, other: Floats
) -> dict[str, Any]:
    started = time.perf_counter()
    words = list(ground.judge.taxonomies)
    proposals = _proposals(ground, phrases, beside, mine)
    before = ground.scores(words, mine)
    base = mean_average_precision(before, ground.right[mine])
    gains = []
    for p in proposals:
        try:
            changed = [*words]
            changed[p.community] = apply(words[p.community], *p.operations)
        except EditError:
            gains.append(-1.0)
            continue
        gains.append(mean_average_precision(ground.scores(changed, mine), ground.right[mine]) - base)
    chosen = {kind: _best(proposals, gains, kind, n) for kind, n in (("mend", MENDS), ("term", TERMS))}
    after = {
        "before": words,
        "mends": _accepted(words, chosen["mend"]),
        "terms": _accepted(words, chosen["term"]),
        "both": _accepted(words, [*chosen["mend"], *chosen["term"]]),
    }
    return {
        "proposed": {k: sum(p.kind == k for p in proposals) for k in ("mend", "term")},
        "accepted": {k: len(c) for k, c in chosen.items()},
        "own_half": {k: _map(ground, w, mine) for k, w in after.items()},
        "other_half": {k: _map(ground, w, other) for k, w in after.items()},
        "seconds": round(time.perf_counter() - started, 1),
    }


def mean_average_precision(scores: Floats, right: Floats) -> float:
    """Mean over the communities that have a right item; (n, c) and (n, c)."""
    return known_mean([average_precision(scores[:, k], right[:, k]) for k in range(scores.shape[1])])


def _map(ground: Ground, words: Sequence[Taxonomy], rows: Floats) -> float:
    return round(mean_average_precision(ground.scores(words, rows), ground.right[rows]), 4)


def _proposals(
    ground: Ground, phrases: Sequence[tuple[Phrase, ...]], beside: Elsewhere, rows: Floats
) -> list[Proposal]:
    found: list[Proposal] = []
    scores = ground.scores(ground.judge.taxonomies, rows)
    for k, taxonomy in enumerate(ground.judge.taxonomies):
        threshold = ground.judge.thresholds[taxonomy.id]
        fates, encounters, documents, contrast = [], [], [], []
        of = {}
        for n, i in enumerate(rows):
            item, right, drafted = ground.items[i], bool(ground.right[i, k]), bool(scores[n, k] >= threshold)
            status = DraftStatus.PUBLISHED if right else DraftStatus.REJECTED
            reason = "" if right else Rejection.OFF_TOPIC.value
            verdict = right if drafted or right else None
            fates.append(
                Fate(
                    item.id, item.date or date(2026, 1, 1), drafted, status if verdict is not None else None, verdict,
                    reason if drafted else "", brought=right and not drafted,
                )
            )  # fmt: skip
            encounters += [Encounter(item.id, e.concept, e.label) for e in ground.found[i][k].evidence]
            of[item.id] = phrases[i]
            pile = documents if right else contrast if drafted or ground.right[i].any() else []
            pile.append(Document(item.id, phrases[i], item.source, right and not drafted))
        sheet = balance(taxonomy, fates, encounters, date(2026, 6, 1))
        found += [Proposal(k, "mend", d.concept, m.operations) for d in diagnose(sheet, of) for m in d.mends]
        found += [Proposal(k, "mend", e.concept, e.operations) for e in exclusions(sheet, of)]
        terms = candidates(
            taxonomy, documents, beside.count, beside.read, contrast=contrast, limit=REHEARSED,
        )  # fmt: skip
        for c in attached(terms, lambda words, k=k: _near(ground, k, words)):  # type: ignore[misc]
            found += _ways(k, c)
    return found


def _near(ground: Ground, k: int, words: Sequence[str]) -> Sequence[Any]:
    concepts = ground.prototypes[k].concepts
    return nearest(ground.judge.taxonomies[k], concepts, ground.encoded(words), ground.mean)


def _ways(k: int, candidate: Candidate) -> list[Proposal]:
    about = " ".join(candidate.keys)
    ways = [Proposal(k, "term", about, candidate.accepted())]
    if candidate.near:
        ways.append(Proposal(k, "term", about, candidate.accepted(Use.LABEL, candidate.near.concept)))
    return ways


def _best(proposals: Sequence[Proposal], gains: Sequence[float], kind: str, count: int) -> list[Proposal]:
    chosen: dict[tuple[int, str], Proposal] = {}
    for n in sorted(range(len(gains)), key=lambda n: -gains[n]):
        p = proposals[n]
        if p.kind == kind and gains[n] > 0 and len(chosen) < count:
            chosen.setdefault((p.community, p.about), p)
    return list(chosen.values())


def _accepted(words: Sequence[Taxonomy], proposals: Iterable[Proposal]) -> list[Taxonomy]:
    result = list(words)
    for p in proposals:
        try:
            result[p.community] = apply(result[p.community], *p.operations)
        except EditError:
            continue  # another one already did it, or took its place
    return result


def _beside(path: Path, labelled: set[str]) -> list[str]:
    """Texts read by the way: one item in fifteen of the corpus, the labelled ones left out."""
    texts = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in islice(lines, 0, None, 15):
            item = json.loads(line)
            if item["id"] not in labelled:
                texts.append(f"{item['title']}. {item['text']}"[:READ])
            if len(texts) >= READ_BESIDE:
                break
    return texts


def _phrases(forms: Iterable[str]) -> tuple[Phrase, ...]:
    return tuple(Phrase(keys, form) for form in forms if (keys := label_keys(form)))


def _grams(keys: Iterable[str]) -> set[tuple[str, ...]]:
    from taxonomy.french import LINKS

    row = [k for k in keys if k not in LINKS]
    return {tuple(row[i : i + n]) for i in range(len(row)) for n in range(1, LONGEST + 1) if i + n <= len(row)}


def _changed_keys(old: Taxonomy, new: Taxonomy) -> set[tuple[str, ...]]:
    before, after = {c.id: c for c in old.concepts}, {c.id: c for c in new.concepts}
    changed = [
        c
        for i in before.keys() | after.keys()
        if before.get(i) != after.get(i)
        for c in (before.get(i), after.get(i))
        if c
    ]
    words = [w for c in changed for w in (*labels(c), *c.notations, *c.exclude_labels)]
    return {label_keys(w)[:LONGEST] for w in words}


def _text(concept: Concept) -> str:
    return f"{concept.pref_label}. {concept.scope_note}"


if __name__ == "__main__":
    main()
