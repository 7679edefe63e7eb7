"""Figures as Markdown: value and 95 % interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.judgement.duplicates import Found

#: What every method can be asked; the rest of ``veille evaluate`` only concerns veille.
SHOWN = {
    "map": "mAP",
    "lead_best": "best community leads",
    "relevance_auc": "relevance AUC",
    "best_micro_f1": "best micro-F1",
    "micro_f1": "micro-F1 as shipped",
    "dossier_given_lead": "dossier given lead",
    "kind": "kind",
    "calibration_error": "ECE",
}
_OURS_ONLY = frozenset({"micro_f1", "dossier_given_lead", "kind", "calibration_error"})


def judgement_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """One line per method."""
    lines = ["| judged by | " + " | ".join(SHOWN.values()) + " |", "|---|" + "---|" * len(SHOWN)]
    for row in rows:
        ours = str(row["method"]).startswith("veille")
        cells = [_cell(row.get(name)) if ours or name not in _OURS_ONLY else "–" for name in SHOWN]
        lines.append(f"| {row['method']} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def duplicates_table(pairs: Mapping[str, int], found: Sequence[Found]) -> str:
    """One line per method; the number of pairs of each label stands in the heading."""
    lines = [
        f"| duplicates ({pairs['dup']} dup, {pairs['diff']} diff, {pairs['related']} related) | threshold | precision "
        "| recall | F1 | diff grouped | related grouped |",
        "|---|---|---|---|---|---|---|",
    ]
    for f in found:
        threshold = "as shipped" if f.threshold is None else f"{f.threshold:.3f} (best here)"
        lines.append(
            f"| {f.method} | {threshold} | {f.precision:.3f} | {f.recall:.3f} | {f.f1:.3f} ({f.low:.3f}–{f.high:.3f}) "
            f"| {f.negatives} | {f.related} |"
        )
    return "\n".join(lines) + "\n"


def _cell(measure: Mapping[str, Any] | None) -> str:
    if measure is None or measure["value"] is None:
        return "–"
    interval = "" if measure["low"] is None else f" ({measure['low']:.3f}–{measure['high']:.3f})"
    return f"{measure['value']:.3f}{interval}"
