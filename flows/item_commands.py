"""Commands that read items or documents and write JSON lines; none of them touches the database."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

from curation.config import Settings
from curation.errors import InputError, unreadable
from flows.as_json import duplicate_json, item_from, judgement_json, read_items

#: Items judged at a time: large enough for the encoder to sort by length, small enough to stream.
BATCH = 512


def classify(settings: Settings) -> None:
    """Items on stdin -> judgements on stdout, same order."""
    from flows.judge import judge_for, plan_of

    judge = judge_for(plan_of(settings))
    items = read_items(sys.stdin)
    while batch := list(islice(items, BATCH)):
        _write(judgement_json(j) for j in judge.judge(batch, judge.encode(batch)))


def dedupe(settings: Settings) -> None:
    """Items on stdin -> groups on stdout, same order."""
    from flows.judge import open_encoder, plan_of
    from flows.steps import group_items

    items = list(read_items(sys.stdin))
    counts = Counter(i.id for i in items)
    if items and counts.most_common(1)[0][1] > 1:
        raise InputError(f"Identifiant donné plusieurs fois : « {counts.most_common(1)[0][0]} ».")
    plan = plan_of(settings)
    _write(duplicate_json(d) for d in group_items(items, open_encoder(plan), plan, settings.thresholds))


def evaluate(settings: Settings, gold: Path, as_json: bool) -> None:
    """Judgement quality against a labelled file."""
    from flows.gold_queues import entries, gold_queues
    from flows.judge import judge_for, plan_of
    from models.evaluate import evaluate as measure

    records = read_gold(gold)
    items = [item_from(r) for r in records]
    judge = judge_for(plan_of(settings))
    vectors = judge.encode(items)
    judged = judge.judge(items, vectors)
    queues = entries(gold_queues(judge, settings, items, judged, vectors))
    report = measure(records, [judgement_json(j) for j in judged], queues=queues)
    if as_json:
        _write([report.to_json()])
    else:
        sys.stdout.write(report.render() + "\n")


def read_gold(path: Path) -> list[dict[str, Any]]:
    """A labelled file (interface.md: Gold). Raises ``InputError``."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(path, error) from error
    records = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            raise InputError(f"{path}, ligne {number} : ce n'est pas du JSON ({error}).") from error
        if not isinstance(record, dict) or "id" not in record or not isinstance(record.get("rel"), dict):
            raise InputError(f"{path}, ligne {number} : un objet avec « id » et « rel » est attendu.")
        records.append(record)
    if not records:
        raise InputError(f"{path} : aucun contenu annoté.")
    return records


def _write(objects: Iterable[Any]) -> None:
    for content in objects:
        sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
    sys.stdout.flush()
