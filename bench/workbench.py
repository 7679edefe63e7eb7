"""What following the workbench's own proposals is worth, without any other label.

    python -m bench.workbench FOLDER [--state FOLDER] [--splits N] [--json FILE]

FOLDER holds ``gold-dev.jsonl`` (interface: Gold) and ``corpus.jsonl.gz`` (what else was read). The labels of one half
are the verdicts: an item whose score passes the threshold is a draft, published or rejected as off topic by its grade;
of the others the right ones were rescued, the wrong ones left aside. The balance sheet and the candidates are made of
this half alone. Each proposal is rehearsed on it (gain of mean average precision), and the best ten mends (weights and
exclusions among them) and twenty candidates are accepted.
The other half tells what that was worth, by the rules alone (the base encoder and the shipped form: no label inside).
Both halves of each draw serve in turn.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from curation.config import load_settings
from curation.decide.advice import Proposal, Sort, accepted, best, mean_average_precision, proposals
from curation.decide.ailments import diagnose
from curation.decide.balance import balance
from curation.decide.fates import Encounter, Fate, Phrase
from curation.decide.markers import exclusions
from curation.decide.reading import Reading
from curation.decide.rehearsal import Corpus, corpus_of
from curation.decide.terms import Document, Keys, attached, candidates, count_documents, wanted
from curation.types import DraftStatus, Item, Rejection
from curation.workbench import Nearest
from flows.advising import TERMS as REHEARSED
from flows.advising import rehearsed, scores
from flows.as_json import item_from
from flows.item_commands import read_gold
from flows.judge import Judge, plan_of
from flows.nearest import NearestConcepts
from models.load import EMBEDDED_BASE
from models.noun_phrases import noun_phrases
from taxonomy.content import sealed
from taxonomy.french import label_keys
from taxonomy.types import Taxonomy

#: Items read beside the labelled ones; characters of each.
READ_BESIDE, READ = 4000, 1500
MENDS, TERMS = 10, 20
Floats = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Items read beside the labelled ones, and how many of them hold each phrase of theirs."""

    count: Mapping[Keys, int]
    read: int


@dataclass(frozen=True, slots=True)
class Ground:
    """The labelled items as the night would read them. ``right``: (n, communities)."""

    judge: Judge
    items: Sequence[Item]
    readings: Sequence[Reading]
    vectors: Floats
    right: Floats
    phrases: Sequence[tuple[Phrase, ...]]
    elsewhere: Elsewhere
    nearest: Nearest

    def corpus(self, rows: Floats) -> Corpus:
        """Some of them, read and judged with the words in force."""
        items = [self.items[i] for i in rows]
        return corpus_of(items, self.vectors[rows], self.judge.words, self.judge.scales())


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
    phrases = [_phrases(found) for found in noun_phrases(f"{i.title}. {i.text}" for i in items)]
    beside = _beside(arguments.data / "corpus.jsonl.gz", {i.id for i in items})
    every = [Document(i.id, found) for i, found in zip(items, phrases, strict=True)]
    elsewhere = Elsewhere(count_documents(beside, wanted(every)), len(beside))
    near = NearestConcepts(judge.taxonomies, judge.encoder, Path(judge.plan.state))
    ground = Ground(judge, items, judge.read(items), judge.encode(items), right, phrases, elsewhere, near)
    sys.stderr.write(f"{len(items)} items, {len(beside)} others\n")
    told = []
    for seed in range(arguments.splits):
        order = np.random.default_rng(seed).permutation(len(items))
        halves = np.sort(order[: len(items) // 2]), np.sort(order[len(items) // 2 :])
        for mine, other in (halves, halves[::-1]):
            told.append(_followed(ground, mine, other) | {"seed": seed})
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


def _followed(ground: Ground, mine: Floats, other: Floats) -> dict[str, Any]:
    started = time.perf_counter()
    halves = {"own_half": (ground.corpus(mine), mine), "other_half": (ground.corpus(other), other)}
    corpus, right = halves["own_half"][0], ground.right[mine].astype(float)
    advice = rehearsed(corpus, ground.judge, _proposals(ground, corpus, mine), right)
    mends = best(advice, MENDS, [s for s in Sort if s is not Sort.TERM])
    terms = best(advice, TERMS, [Sort.TERM])
    chosen = {"before": [], "mends": mends, "terms": terms, "both": [*mends, *terms]}
    words = {
        name: [sealed(accepted(t, (a.proposal for a in taken))) for t in corpus.taxonomies]
        for name, taken in chosen.items()
    }
    told = {
        half: {k: round(_map(part, ground, w, rows), 4) for k, w in words.items()}
        for half, (part, rows) in halves.items()
    }
    return {
        "proposed": dict(Counter(a.proposal.sort.value for a in advice)),
        "accepted": dict(Counter(a.proposal.sort.value for a in chosen["both"])),
        **told,
        "seconds": round(time.perf_counter() - started, 1),
    }


def _map(corpus: Corpus, ground: Ground, words: Sequence[Taxonomy], rows: Floats) -> float:
    return mean_average_precision(scores(corpus, ground.judge, words), ground.right[rows].astype(float))


def _proposals(ground: Ground, corpus: Corpus, rows: Floats) -> list[Proposal]:
    """What the workbench proposes to each community, when the labels of these rows are its verdicts."""
    found: list[Proposal] = []
    phrases = {ground.items[i].id: ground.phrases[i] for i in rows}
    for k, taxonomy in enumerate(corpus.taxonomies):
        fates: list[Fate] = []
        encounters: list[Encounter] = []
        documents: list[Document] = []
        contrast: list[Document] = []
        for n, i in enumerate(rows):
            item, right = ground.items[i], bool(ground.right[i, k])
            drafted = bool(corpus.standings.selected[n, k])
            status = DraftStatus.PUBLISHED if right else DraftStatus.REJECTED if drafted else None
            reason = Rejection.OFF_TOPIC.value if drafted and not right else ""
            day = item.date or date(2026, 1, 1)
            fates.append(Fate(item.id, day, drafted, status, right, reason, brought=right and not drafted))
            encounters += [Encounter(item.id, e.concept, e.label) for e in ground.readings[i].found[k].evidence]
            pile = documents if right else contrast if drafted or ground.right[i].any() else []
            pile.append(Document(item.id, ground.phrases[i], item.source, right and not drafted))
        sheet = balance(taxonomy, fates, encounters, date(2026, 6, 1))
        elsewhere = ground.elsewhere
        terms = candidates(
            taxonomy, documents, elsewhere.count, elsewhere.read, contrast=contrast, limit=REHEARSED,
        )  # fmt: skip
        near = attached(terms, lambda words, t=taxonomy.id: ground.nearest(t, words))  # type: ignore[misc]
        found += proposals(sheet, diagnose(sheet, phrases), exclusions(sheet, phrases), near)
    return found


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


if __name__ == "__main__":
    main()
