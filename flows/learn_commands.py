"""``veille train``: learn from verdicts and from a labelled file, behind a gate, and publish.

What was learned stands in ``state/models``: ``scorer.npz`` serves; every version that served stays under its own name;
what the gate refused stays in ``refused/`` with the reason beside it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from curation.config import Settings
from curation.decide.features import COLUMNS, LinearForm
from curation.errors import ModelError
from curation.store.store import Store
from flows.gate import Answer, compare, examine
from flows.judge import Judge, judge_for, open_lesson, plan_of, shipped_scorer, trained_path
from flows.lessons import Lessons, gather
from models.errors import ModelError as WeightsError
from models.learn import load_scorer
from models.lesson import Lesson, Linear, learn_shelves, learn_story_shift, save_lesson, version_of
from models.render import number
from models.taught import Base, Floats, Pairs, Precision, TaughtScorer, factor_for, fit

#: Verdicts below which nothing is learned.
MIN_PAIRS = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a training did. ``published``: it serves from now on."""

    published: bool
    answer: Answer | None
    facts: Mapping[str, Any]
    sentence: str  # French: why nothing was published, or what was learned


def train(settings: Settings, gold: Path | None, as_json: bool = False, dry_run: bool = False) -> None:
    """Learn, ask the gate, publish. Raises ``ModelError`` when there is nothing to learn from, or the gate says no."""
    outcome = learn(settings, gold, datetime.now(UTC), dry_run)
    if as_json:
        sys.stdout.write(json.dumps({**outcome.facts, "published": outcome.published}, ensure_ascii=False) + "\n")
    elif outcome.answer is None or not outcome.answer.refusals:
        sys.stdout.write(outcome.sentence + "\n")
    if outcome.answer is not None and outcome.answer.refusals:
        raise ModelError(outcome.sentence)


def learn(settings: Settings, gold: Path | None, now: datetime, dry_run: bool = False) -> Outcome:
    """Learn from everything said so far. Raises ``ModelError``: too little, or weights that cannot be read."""
    plan = plan_of(settings)
    judge = judge_for(plan)
    with Store(settings.database) as store:
        lessons = gather(judge, store, gold, now)
    pairs, said = lessons.pairs, lessons.from_gold + lessons.from_reviews
    if said < MIN_PAIRS:
        raise ModelError(
            f"Trop peu d’avis pour apprendre : {said}, il en faut au moins {MIN_PAIRS}. "
            "Relisez quelques brouillons, ou donnez un fichier annoté (--gold)."
        )
    serving = open_lesson(plan)
    if serving is not None and gold is None and not _news(lessons, serving):
        return Outcome(
            False, None, _facts(lessons, None, None, now), "Aucun avis nouveau depuis le dernier apprentissage."
        )
    base = _base(settings)
    factor = factor_for(base.logits(pairs.rows), pairs)
    precision = Precision().times(factor)
    found = fit(base.logits(pairs.rows), pairs, precision)
    shelves, filing_before, filing_after = learn_shelves(lessons.filed, judge.encoder.dimension)
    shift = learn_story_shift(lessons.story_logits, lessons.together)
    facts = _facts(lessons, factor, (filing_before, filing_after, shelves.weight, shift), now)
    lesson = Lesson(TaughtScorer(base, found), shelves, shift, COLUMNS, judge.encoder.version, facts)
    trial = compare(
        base.logits(pairs.rows), _serving_logits(judge, pairs), pairs, lessons.at,
        float(serving.facts["learned_at"]) if serving else None, precision,
    )  # fmt: skip
    answer = examine(judge, lesson, trial)
    facts = {**facts, **_told(answer), "version": version_of(lesson)}
    if dry_run:
        return Outcome(False, answer, facts, _sentence(facts, answer, "Essai seulement : rien n’est changé."))
    if answer.refusals:
        _put_aside(lesson, answer, settings.state)
        return Outcome(False, answer, facts, _refusal(answer))
    publish(lesson, settings.state)
    return Outcome(
        True,
        answer,
        facts,
        _sentence(facts, answer, "Publié : les articles seront jugés de nouveau la nuit prochaine."),
    )


def publish(lesson: Lesson, state: Path) -> None:
    """Put a lesson in service; the one that served stays under its own name."""
    path = trained_path(state)
    version = version_of(lesson)
    save_lesson(lesson, path.with_name(f"scorer-{version}.npz"))
    save_lesson(lesson, path)
    path.with_name(f"scorer-{version}.json").write_text(
        json.dumps({**lesson.facts, "version": version}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def _put_aside(lesson: Lesson, answer: Answer, state: Path) -> None:
    aside = trained_path(state).parent / "refused"
    version = version_of(lesson)
    save_lesson(lesson, aside / f"scorer-{version}.npz")
    told = {**lesson.facts, "version": version, "refusals": answer.refusals}
    (aside / f"scorer-{version}.json").write_text(
        json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def _news(lessons: Lessons, serving: Lesson) -> bool:
    since = float(serving.facts["learned_at"])
    return bool(np.nanmax(lessons.at, initial=-np.inf) > since)


def _base(settings: Settings) -> Base:
    """What is corrected: the scorer delivered, else the rules."""
    shipped = shipped_scorer(settings) if settings.judgement.scorer == "learned" else None
    if shipped is None:
        return Linear(LinearForm().weights())
    try:
        return load_scorer(shipped, COLUMNS)
    except WeightsError as error:
        raise ModelError(str(error)) from error


def _serving_logits(judge: Judge, pairs: Pairs) -> Floats:
    """Log-odds by the model in service, (n,)."""
    # one community at a time: a scorer takes whole items
    found = np.zeros(len(pairs))
    for k, community in enumerate(pairs.communities):
        at = np.flatnonzero(pairs.community == k)
        if len(at):
            p = judge.scorer.probabilities(pairs.rows[at][:, None, :], pairs.vectors[at], (community,))[:, 0]
            p = np.clip(p, 1e-6, 1 - 1e-6)
            found[at] = np.log(p / (1 - p))
    return found


def _facts(
    lessons: Lessons, factor: float | None, rest: tuple[float, float, float, float] | None, now: datetime
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "learned_at": now.timestamp(),
        "examples": lessons.from_gold + lessons.from_reviews,
        "favourable": int(lessons.pairs.right.sum()),
        "from_gold": lessons.from_gold,
        "from_reviews": lessons.from_reviews,
        "filed": len(lessons.filed),
        "stories": len(lessons.together),
    }
    if factor is not None and rest is not None:
        before, after, weight, shift = rest
        told |= {"held_factor": factor, "filing": {"before": before, "after": after, "weight": weight}}
        told |= {"story_shift": shift}
    return told


def _told(answer: Answer) -> dict[str, Any]:
    trial = answer.trial
    return {
        "held_out": trial
        and {
            "pairs": trial.pairs,
            "log_loss": {"now": round(trial.loss_now, 4), "new": round(trial.loss_new, 4)},
            "average_precision": {"now": round(trial.precision_now, 4), "new": round(trial.precision_new, 4)},
        },
        "gold": {name: {"floor": floor, "value": round(value, 4)} for name, (floor, value) in answer.gold.items()},
        "refusals": list(answer.refusals),
    }


def _refusal(answer: Answer) -> str:
    return (
        f"Le modèle appris n’est pas publié : {' ; '.join(answer.refusals)}. Celui qui sert reste en place ; "
        "le nouveau est gardé à part (state/models/refused). Davantage d’avis l’améliorera."
    )


def _sentence(facts: Mapping[str, Any], answer: Answer, end: str) -> str:
    lines = [
        f"Appris de {facts['examples']} avis ({facts['from_reviews']} du bureau, {facts['from_gold']} du fichier "
        f"annoté), dont {facts['favourable']} favorables ; {facts['filed']} classements, {facts['stories']} doublons "
        "signalés ou séparés."
    ]
    if (trial := answer.trial) is not None:
        lines.append(
            f"Sur {trial.pairs} avis non vus : erreur {number(trial.loss_new)} (modèle en service : "
            f"{number(trial.loss_now)}), précision moyenne {number(trial.precision_new)} "
            f"({number(trial.precision_now)})."
        )
    else:
        lines.append("Trop peu d’avis pour en mettre de côté : la comparaison attendra.")
    if answer.refusals:
        return "\n".join([*lines, f"Refusé : {' ; '.join(answer.refusals)}.", end])
    return "\n".join([*lines, end])
