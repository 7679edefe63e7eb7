"""What judgement is worth, beside Annif, SemHash and datasketch, on a folder of labelled data.

    python -m bench.judgement FOLDER [--annif PYTHON] [--rivals PYTHON] [--json FILE]

FOLDER holds ``gold-dev.jsonl`` (interface: Gold), ``pairs-dev.jsonl`` (``a``, ``b``, ``label``) and ``corpus.jsonl.gz``
(the items that the pairs name). The rivals live in environments of their own, and are left out when not named:

    python -m venv /tmp/annif && /tmp/annif/bin/pip install 'annif[omikuji]==1.4.1'
    python -m venv /tmp/rivals && /tmp/rivals/bin/pip install semhash==0.5.0 datasketch==2.0.0
    python -m bench.judgement FOLDER --annif /tmp/annif/bin/python --rivals /tmp/rivals/bin/python

Every method is judged on the same five folds by ``models.evaluate``; intervals: 95 %, bootstrap over items.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from bench.judgement.annif_rival import judged_by_annif
from bench.judgement.duplicates import compared
from bench.judgement.ours import judged_by_us
from bench.judgement.table import duplicates_table, judgement_table
from curation.config import load_settings
from flows.as_json import item_from
from flows.item_commands import read_gold
from flows.judge import judge_for, plan_of
from models.evaluate import evaluate


def main() -> None:
    """Two Markdown tables on stdout; the same figures as JSON in a file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--config", type=Path, default=Path("config.yaml"))
    parser.add_argument("--state", type=Path, help="a state folder that holds the built encoder (spares its build)")
    parser.add_argument("--annif", help="Python of the environment that holds Annif")
    parser.add_argument("--rivals", help="Python of the environment that holds SemHash and datasketch")
    parser.add_argument("--seeds", type=int, default=3, help="how many draws of the five folds")
    parser.add_argument("--only", choices=["communities", "duplicates"], help="one of the two tables")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    settings = load_settings(arguments.config)
    if arguments.state:
        settings = settings.model_copy(update={"state": arguments.state.resolve()})
    judge = judge_for(plan_of(settings))
    told: dict[str, Any] = {"encoder": judge.encoder.version, "judgement": [], "duplicates": []}
    if arguments.only != "duplicates":
        records = read_gold(arguments.data / "gold-dev.jsonl")
        items = [item_from(r) for r in records]
        for method, judgements in judged_by_us(judge, records, items, range(arguments.seeds)):
            told["judgement"].append(_measured(method, records, judgements))
        for seed in range(arguments.seeds) if arguments.annif else ():
            texts = [f"{i.title}. {i.text}" for i in items]
            version, judged = judged_by_annif(arguments.annif, records, texts, judge.taxonomies, seed)
            for project, judgements in judged.items():
                told["judgement"].append(_measured(f"Annif {version}, {project} (seed {seed})", records, judgements))
        sys.stdout.write(judgement_table(told["judgement"]) + "\n")
    if arguments.only != "communities":
        told["pairs"], found = compared(arguments.data, judge, settings.thresholds, arguments.rivals)
        told["duplicates"] = [f.to_json() for f in found]
        sys.stdout.write(duplicates_table(told["pairs"], found) + "\n")
    if arguments.json:
        arguments.json.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")


def _measured(method: str, records: list[dict[str, Any]], judgements: list[dict[str, Any]]) -> dict[str, Any]:
    row = {"method": method, **evaluate(records, judgements).to_json()["measures"]}
    sys.stderr.write(judgement_table([row]).splitlines()[-1] + "\n")  # nothing is lost if a later method fails
    return row


if __name__ == "__main__":
    main()
