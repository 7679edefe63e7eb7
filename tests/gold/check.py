"""The gate: judges the gold of the project, compares with the floors, names what has moved.

    python -m tests.gold.check                         # exit 1 below a floor, or when the gold is not the recorded one
    python -m tests.gold.check --raise                 # floors rise to what is measured now; none goes down
    python -m tests.gold.check --lower --reason "…"    # floors follow what is measured now; the change log says why

Two ways of judging have their floors: the shipped default (``learned``) and the rules without labels (``rules``);
grouping has its own. ``floors.yaml`` and ``record.json`` (the verdicts of the day of recording) are written here,
never by hand. A changed gold is accepted by ``--lower`` alone: on other items no floor can be compared.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from curation.config import Settings, load_settings
from models.evaluate import Measure
from models.floors import (
    GUARDED,
    Breach,
    Limit,
    compact,
    limit_of,
    moved,
    moved_pairs,
    pair_key,
    pair_measures,
)
from models.render import number

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GOLD = ("items.jsonl", "pairs.jsonl", "pair_items.jsonl")
#: Shared with the tests of a whole night, so that the encoder is built once; it never holds a learned scorer.
STATE = ROOT / "state" / "tests"
#: The name of each way of judging, as ``judgement.scorer`` has it, in the words of the report.
MODES = {"learned": "réglage livré", "rules": "règles seules"}
PAIRS = "duplicates"
SECTIONS = {**MODES, PAIRS: "doublons"}
_HEAD = (
    "# Written by `python -m tests.gold.check --raise` or `--lower`, never by hand.\n"
    "# at: the limit; measured: the figure on the day of recording, one standard error away from it.\n"
)


@dataclass(frozen=True)
class Measured:
    """What is measured now, by section: figures by name, and the verdicts that a record keeps."""

    figures: dict[str, dict[str, Measure]]
    verdicts: dict[str, Any]


@dataclass(frozen=True)
class Files:
    """Where everything lies; tests have theirs."""

    folder: Path = HERE
    changes: Path = ROOT / "CHANGELOG.md"

    @property
    def floors(self) -> Path:
        return self.folder / "floors.yaml"

    @property
    def record(self) -> Path:
        return self.folder / "record.json"

    def lines(self, name: str) -> list[dict[str, Any]]:
        """A file of JSON lines."""
        return [json.loads(line) for line in (self.folder / name).read_text(encoding="utf-8").splitlines()]

    def recorded(self) -> dict[str, Any]:
        """Verdicts of the day of recording, by section."""
        return json.loads(self.record.read_text(encoding="utf-8")) if self.record.exists() else {}

    def fingerprint(self) -> str:
        """sha256 of the labelled files, in order."""
        return hashlib.sha256(b"\0".join((self.folder / name).read_bytes() for name in GOLD)).hexdigest()


SHIPPED = Files()


def measure(settings: Settings, *, bootstrap: int = 0, files: Files = SHIPPED) -> Measured:
    """Judge everything with both scorers, group the pairs. ``bootstrap``: draws, needed to record a limit."""
    from flows.as_json import item_from, judgement_json
    from flows.judge import judge_for, plan_of
    from flows.steps import group_items
    from models.evaluate import evaluate

    records = files.lines("items.jsonl")
    items = [item_from(record) for record in records]
    figures: dict[str, dict[str, Measure]] = {}
    verdicts: dict[str, Any] = {}
    vectors: dict[str, Any] = {}
    for mode in MODES:
        judgement = settings.judgement.model_copy(update={"scorer": mode})
        judge = judge_for(plan_of(settings.model_copy(update={"judgement": judgement})))
        if judge.encoder.version not in vectors:
            vectors[judge.encoder.version] = judge.encode(items)
        judged = [judgement_json(one) for one in judge.judge(items, vectors[judge.encoder.version])]
        report = evaluate(records, judged, bootstrap=bootstrap)
        figures[mode] = {one.name: one for one in report.measures if one.name in GUARDED}
        verdicts[mode] = {str(one["id"]): compact(one) for one in judged}
        if mode == "learned":
            pairs = files.lines("pairs.jsonl")
            pair_items = [item_from(one) for one in files.lines("pair_items.jsonl")]
            found = group_items(pair_items, judge.encoder, judge.plan, settings.thresholds)
            groups = {one.id: one.group for one in found}
            figures[PAIRS] = {one.name: one for one in pair_measures(pairs, groups, bootstrap)}
            verdicts[PAIRS] = [pair_key(p) for p in pairs if groups[p["a"]] == groups[p["b"]]]
    return Measured(figures, verdicts)


def read_floors(files: Files = SHIPPED) -> tuple[str, dict[str, dict[str, Limit]]]:
    """(fingerprint of the gold, limits by section and measure); nothing recorded: ("", {})."""
    if not files.floors.exists():
        return "", {}
    content = yaml.safe_load(files.floors.read_text(encoding="utf-8"))
    return content["gold"], {
        section: {name: Limit(**limit) for name, limit in limits.items()}
        for section, limits in content["floors"].items()
    }


def breaches(now: Measured, floors: Mapping[str, Mapping[str, Limit]], files: Files = SHIPPED) -> list[Breach]:
    """Every limit that does not hold, with the verdicts behind it. A limit without a measure does not hold."""
    record = files.recorded()
    found = []
    for section, limits in floors.items():
        for name, limit in limits.items():
            figure = now.figures.get(section, {}).get(name)
            value = figure.value if figure else None
            if limit.holds(value):
                continue
            lines = _moved(section, name, files, record.get(section, {}), now.verdicts.get(section, {}))
            label = figure.label if figure else name
            found.append(Breach(SECTIONS.get(section, section), label, limit, value, tuple(lines)))
    return found


def raised(now: Measured, floors: Mapping[str, Mapping[str, Limit]]) -> dict[str, dict[str, Limit]]:
    """The limits of today where they are stricter, those of before elsewhere."""
    return {
        section: {name: limit_of(one).stricter(floors.get(section, {}).get(name)) for name, one in figures.items()}
        for section, figures in now.figures.items()
    }


def write(now: Measured, limits: Mapping[str, Mapping[str, Limit]], files: Files = SHIPPED) -> None:
    """Write both files; one item a line, so that a difference in git names what moved."""
    table = {
        section: {
            name: {"at": one.at, "measured": one.measured, **({"ceiling": True} if one.ceiling else {})}
            for name, one in by_name.items()
        }
        for section, by_name in limits.items()
    }
    body = yaml.safe_dump(
        {"gold": files.fingerprint(), "floors": table}, sort_keys=False, default_flow_style=None, width=120
    )
    files.floors.write_text(_HEAD + body, encoding="utf-8")

    def line(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    parts = []
    for section, verdicts in now.verdicts.items():
        if isinstance(verdicts, dict):
            rows, marks = [f"{line(key)}: {line(value)}" for key, value in verdicts.items()], "{}"
        else:
            rows, marks = [line(value) for value in verdicts], "[]"
        parts.append(f"{line(section)}: {marks[0]}\n" + ",\n".join(rows) + f"\n{marks[1]}")
    files.record.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


def lowered(before: Mapping[str, Mapping[str, Limit]], after: Mapping[str, Mapping[str, Limit]]) -> list[str]:
    """The measures whose limit is less strict than before, in words of the report."""
    return [
        f"{SECTIONS[section]} {name}"
        for section, limits in before.items()
        for name, old in limits.items()
        if (new := after.get(section, {}).get(name)) is None or (new.stricter(old) == old != new and new.at != old.at)
    ]


def tell_changes(names: Sequence[str], gold_changed: bool, reason: str, path: Path) -> None:
    """Write the reason under « Changé » of the unpublished part of the change log."""
    what = [f"planchers abaissés ({', '.join(names)})"] if names else []
    what += ["jeu annoté du projet modifié"] if gold_changed else []
    text = " et ".join(what) or "planchers enregistrés à nouveau"
    entry = f"- Qualité du jugement, {text} : {reason.strip().rstrip('.')}.\n"
    head, mark, rest = path.read_text(encoding="utf-8").partition("## [Non publié]\n")
    if not mark:
        raise SystemExit(f"{path.name} n’a pas de partie « ## [Non publié] ».")
    part, published, tail = rest.partition("\n## [")
    before, section, after = part.partition("### Changé\n\n")
    if section:
        body, more, others = after.partition("\n### ")
        part = f"{before}{section}{body.rstrip()}\n{entry}{more}{others}"
    else:
        part = f"{part.rstrip()}\n\n### Changé\n\n{entry}"
    path.write_text(f"{head}{mark}{part}{published}{tail}", encoding="utf-8")


def shipped_settings(state: Path = STATE) -> Settings:
    """The shipped configuration, in a state folder of its own: what an installation has learnt is not judged here."""
    state.mkdir(parents=True, exist_ok=True)
    return load_settings(ROOT / "config.yaml").model_copy(update={"state": state.resolve()})


def main(arguments: Sequence[str] | None = None, files: Files = SHIPPED) -> int:
    """Exit status: 0 when every floor holds (or was recorded), 1 otherwise, 2 on bad usage."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", type=Path, default=STATE, help="folder of the encoder (default: that of the tests)")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--raise", dest="rise", action="store_true", help="raise the floors to what is measured now")
    how.add_argument("--lower", action="store_true", help="record the floors of now, even lower ones")
    parser.add_argument("--reason", default="", help="why the floors go down: written to CHANGELOG.md")
    asked = parser.parse_args(arguments)
    if asked.lower != bool(asked.reason.strip()):
        parser.error("--lower et --reason vont ensemble : un plancher abaissé se justifie")
    gold, floors = read_floors(files)
    changed = bool(gold) and gold != files.fingerprint()
    draws = 500 if asked.rise or asked.lower else 0
    now = measure(shipped_settings(asked.state), bootstrap=draws, files=files)
    sys.stdout.write(_table(now, floors, files))
    if asked.lower:
        limits = {section: {n: limit_of(m) for n, m in by_name.items()} for section, by_name in now.figures.items()}
        tell_changes(lowered(floors, limits), changed, asked.reason, files.changes)
        write(now, limits, files)
        return 0
    faults = refusals(now, files) if floors or not asked.rise else []
    for fault in faults:
        sys.stderr.write(fault + "\n")
    if faults:
        return 1
    if asked.rise:
        write(now, raised(now, floors), files)
    return 0


def refusals(now: Measured, files: Files = SHIPPED) -> list[str]:
    """Why the gate does not open, in French; empty when it does."""
    gold, floors = read_floors(files)
    if not floors:
        return ["Aucun plancher n’est enregistré : python -m tests.gold.check --raise"]
    if gold != files.fingerprint():
        return [
            "Le jeu annoté n’est plus celui des planchers (empreinte sha256 différente) : s’il devait changer, "
            "python -m tests.gold.check --lower --reason \"…\" enregistre le nouveau."
        ]  # fmt: skip
    found = breaches(now, floors, files)
    if found:
        advice = (
            'Améliorez le jugement ; sinon, python -m tests.gold.check --lower --reason "…" dit pourquoi il baisse.'
        )
        return [*(breach.render() for breach in found), advice]
    return []


def _table(now: Measured, floors: Mapping[str, Mapping[str, Limit]], files: Files) -> str:
    """Every figure, its limit, and how many verdicts have become right or wrong since the record."""
    record = files.recorded()
    lines = []
    for section, figures in now.figures.items():
        lines.append(SECTIONS[section])
        old, new = record.get(section, {}), now.verdicts.get(section, {})
        for name, figure in figures.items():
            limit = floors.get(section, {}).get(name)
            bound = "–" if limit is None else f"{'≤' if limit.ceiling else '≥'} {number(limit.at)}"
            line = f"  {figure.label:<40} {number(figure.value):>6}  {bound:>8}  ({figure.n} cas)"
            worse, better = (len(_moved(section, name, files, *pair)) for pair in ((old, new), (new, old)))
            lines.append(line + (f"  {better} en mieux, {worse} en moins bien" if old and (worse or better) else ""))
    return "\n".join(lines) + "\n"


def _moved(section: str, name: str, files: Files, before: Any, now: Any) -> list[str]:
    """What went from right to wrong between two records of a section, in French."""
    if section == PAIRS:
        titles = {str(one["id"]): str(one["title"]) for one in files.lines("pair_items.jsonl")}
        return moved_pairs(files.lines("pairs.jsonl"), titles, set(before), set(now))
    return moved(name, files.lines("items.jsonl"), before, now)


if __name__ == "__main__":
    sys.exit(main())
