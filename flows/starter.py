"""Recipe of ``models/artifacts/starter.npz``: the scorer that serves until an installation has learned its own.

    python -m flows.starter FRESH.jsonl [--seen SEEN.jsonl] [--state FOLDER]

FRESH: items with their labels (interface.md: Gold) that the adapter was not trained on, so that what it says of them
is what it says of any new item; SEEN: those it was trained on, which teach the rest and weigh a fifth. Weights only
are kept; ``models/manifest.yaml`` tells which items were used.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from curation.config import load_settings
from curation.decide.features import COLUMNS, LinearForm
from flows.as_json import item_from
from flows.item_commands import read_gold
from flows.judge import Judge, judge_for, plan_of
from models import learn
from models.metrics import average_precision
from models.shipped import STARTER

#: Columns that a community nobody labelled has at zero.
HIDDEN = ("affinity", "known")
#: Weight of the items that the adapter knows by heart. With 1, it is believed too much; with 0, kinds of item that the
#: fresh ones lack (job offers) are judged badly.
SEEN = 0.2


def main() -> None:
    """Learn, write the artifact, say what it is worth out of fold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fresh", type=Path)
    parser.add_argument("--seen", type=Path)
    parser.add_argument("--config", type=Path, default=Path("config.yaml"))
    parser.add_argument("--state", type=Path, help="a state folder that holds the built encoder (spares its build)")
    arguments = parser.parse_args()
    settings = load_settings(arguments.config)
    settings = settings.model_copy(update={"judgement": settings.judgement.model_copy(update={"scorer": "rules"})})
    if arguments.state:
        settings = settings.model_copy(update={"state": arguments.state.resolve()})
    judge = judge_for(plan_of(settings))
    rows, right, group = pairs(judge, arguments.fresh)
    weight = np.ones(len(right))
    if arguments.seen:
        more = pairs(judge, arguments.seen)
        rows, right = np.concatenate([rows, more[0]]), np.concatenate([right, more[1]])
        weight = np.concatenate([weight, np.full(len(more[1]), SEEN)])
        group = np.concatenate([group, more[2] + group.max() + 1])
    scorer = learn.train(rows, right, group, COLUMNS, hidden=HIDDEN, weight=weight, prior=LinearForm().weights())
    learn.save_scorer(scorer, STARTER)
    hidden = [COLUMNS.index(name) for name in HIDDEN]
    fresh = weight == 1
    unseen = learn.out_of_fold(rows, right, group, hidden=hidden, weight=weight)[fresh]
    right = right[fresh]
    told = {"pairs": len(right), "right": int(right.sum()), "average_precision": average_precision(unseen, right)}
    sys.stdout.write(json.dumps(told) + "\n")


def pairs(judge: Judge, labelled: Path) -> tuple[learn.Rows, np.ndarray, np.ndarray]:
    """Every (item, community) of a labelled file: rows (n, columns), grade >= 2 (n,), number of the item (n,)."""
    records = read_gold(labelled)
    items = [item_from(record) for record in records]
    weighing = judge.weigh(judge.read(items), judge.encode(items))
    names = judge.words.communities
    right = np.array([[int(record["rel"].get(name, 0)) >= 2 for name in names] for record in records])
    return weighing.rows.reshape(-1, len(COLUMNS)), right.ravel(), np.repeat(np.arange(len(items)), len(names))


if __name__ == "__main__":
    main()
