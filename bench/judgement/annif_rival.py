"""Annif, on the folds of gold that ours is judged on, scored by the same code (``models.evaluate``).

Its subjects are the communities that lead or are graded 2 or 3. Its vocabulary is SKOS: one concept for each
community, with every label of that community's concepts as alternative labels, so that MLLM (a lexical backend) knows
the words that veille knows. Annif lives in an environment of its own: it is no dependency of veille.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models import learn
from taxonomy.types import Taxonomy, labels

WORKER = Path(__file__).with_name("annif_worker.py")
_BASE = "http://veille.example/communautes/"


def judged_by_annif(
    python: str, records: Sequence[dict[str, Any]], texts: Sequence[str], taxonomies: Sequence[Taxonomy], seed: int
) -> tuple[str, dict[str, list[dict[str, Any]]]]:
    """(version of Annif, project -> one judgement per record). ``python``: of the environment that holds Annif."""
    uris = [_BASE + t.id for t in taxonomies]
    texts = [re.sub(r"['’]", "' ", text) for text in texts]  # its tokenizer knows no French elision
    group = np.arange(len(records))
    parts = learn.folds(group, seed)
    folds = [
        {
            "train": [[texts[i], [u for u, t in zip(uris, taxonomies, strict=True) if _right(records[i], t.id)]]
                      for i in train_at],
            "test": [texts[i] for i in test_at],
        }
        for train_at, test_at in parts
    ]  # fmt: skip
    task = {"vocabulary": skos(taxonomies), "subjects": uris, "folds": folds}
    done = subprocess.run([python, str(WORKER)], input=json.dumps(task), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"Annif failed:\n{done.stderr[-3000:]}")
    answer = json.loads(done.stdout)
    judged: dict[str, list[dict[str, Any]]] = {}
    for project, by_fold in answer["scores"].items():
        rows: list[Any] = [None] * len(records)
        for (_, test_at), scores in zip(parts, by_fold, strict=True):
            for i, row in zip(test_at, scores, strict=True):
                rows[i] = row
        judged[project] = [_judgement(r, row, taxonomies) for r, row in zip(records, rows, strict=True)]
    return answer["version"], judged


def _right(record: dict[str, Any], community: str) -> bool:
    return int(record["rel"].get(community, 0)) >= 2


def _judgement(record: dict[str, Any], row: Sequence[float], taxonomies: Sequence[Taxonomy]) -> dict[str, Any]:
    """What ``models.evaluate`` reads. The best scored community leads; what Annif does not do stays empty."""
    communities = [
        {"id": t.id, "score": score, "selected": score > 0} for t, score in zip(taxonomies, row, strict=True)
    ]
    return {"id": record["id"], "communities": communities, "lead": None}


def skos(taxonomies: Sequence[Taxonomy]) -> str:
    """One SKOS concept per community, in Turtle; a label met in two communities stays with both."""
    lines = ["@prefix skos: <http://www.w3.org/2004/02/skos/core#> ."]
    for taxonomy in taxonomies:
        words = {w for c in taxonomy.concepts for w in (*labels(c), *c.notations)} - {taxonomy.pref_label}
        alternatives = "".join(f" ; skos:altLabel {_quoted(w)}@fr" for w in sorted(words))
        lines.append(
            f"<{_BASE}{taxonomy.id}> a skos:Concept ; skos:prefLabel {_quoted(taxonomy.pref_label)}@fr{alternatives} ."
        )
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
