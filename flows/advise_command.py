"""``veille taxonomy advise``: the proposals that would have ranked what is judged best, each rehearsed."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from curation.config import Settings
from curation.decide.advice import Advice, Advised, Gain, told_gain, told_precision
from flows.taxonomy_commands import written
from flows.workbench_commands import at_work, nearest_by
from taxonomy.edit import to_json

FLATTERED = (
    "Mesuré sur les avis mêmes qui ont servi à choisir : sur d'autres contenus, attendez-vous à moins (un quart de ce "
    "gain est resté à l'essai). "
    "Répétez avant de publier : veille taxonomy rehearse"
)


def advise(settings: Settings, arguments: argparse.Namespace) -> int:
    """Try every proposal for a community on what was judged, and tell the best."""
    from flows.advising import advise as work
    from flows.rehearsing import Rehearsal

    with at_work(settings) as bench:
        community = bench.taxonomy(arguments.community)
        rehearsal = Rehearsal(settings, bench.store)
        found = work(rehearsal, bench, community.id, nearest_by(settings, bench), arguments.limit)
    if arguments.json:
        written(advised_json(found))
        return 0
    out = sys.stdout.write
    out(f"{community.pref_label} : {found.judged} contenus jugés, dont {found.right} retenus ; ")
    out(f"précision moyenne du classement {told_precision(found.before)}. Réglages essayés : {found.tried}.\n")
    if not found.advice:
        out("Aucun ne classerait mieux ce qui est jugé.\n")
        return 0
    for advice in found.advice:
        out(f"\n{_gain_text(advice.gain)}  {advice.proposal.text}\n")
        out(f"    {json.dumps([to_json(o) for o in advice.proposal.operations], ensure_ascii=False)}\n")
    out(f"\n{FLATTERED}\n")
    return 0


def advised_json(found: Advised) -> dict[str, Any]:
    """Advice as plain values; ``operations`` are those of ``veille taxonomy publish --operations``."""
    return {
        "community": found.community,
        "judged": found.judged,
        "right": found.right,
        "before": round(found.before, 4),
        "tried": found.tried,
        "advice": [_advice_json(a) for a in found.advice],
    }


def _advice_json(advice: Advice) -> dict[str, Any]:
    proposal, gain = advice.proposal, advice.gain
    return {
        "sort": proposal.sort.value,
        "about": proposal.about,
        "text": proposal.text,
        "operations": [to_json(o) for o in proposal.operations],
        "after": round(gain.after, 4),
        "gain": round(gain.value, 4),
        "low": round(gain.low, 4),
        "high": round(gain.high, 4),
        "everywhere": round(gain.everywhere, 4),
    }


def _gain_text(gain: Gain) -> str:
    return f"{told_gain(gain.value)} [{told_gain(gain.low)} ; {told_gain(gain.high)}]"
