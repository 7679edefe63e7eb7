"""The advice on a store: what is told is what publishing then gives; the command; too few verdicts."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pytest

from curation.config import Settings
from curation.decide.advice import average_precision
from curation.errors import InputError
from curation.store.store import Store
from curation.types import Act, Review
from curation.wordbook import Wordbook
from curation.workbench import Workbench
from flows.advising import advise
from flows.cli import main
from flows.reclassify import reclassify
from flows.rehearsing import Rehearsal
from models.noun_phrases import RECIPE
from taxonomy.edit import apply
from taxonomy.types import Origin
from tests.flows.test_rehearsing import settings, store, vectors  # noqa: F401 - fixtures

NOW = datetime.now(UTC).replace(microsecond=0)
HERE = "transition-ecologique"


def _bench(settings: Settings, store: Store) -> Workbench:  # noqa: F811
    words = [c.taxonomy for c in Wordbook(settings, store).look_all(NOW).values()]
    return Workbench(store, words, NOW.date(), RECIPE)


def _judge_all(store: Store) -> dict[str, bool]:  # noqa: F811
    """Verdicts of a reader who takes one draft of three, whatever it says."""
    found = {}
    for n, draft in enumerate(store.db.query("SELECT article FROM readings ORDER BY article")):
        article = draft["article"]
        found[article] = n % 3 == 0
        act = Act.RESCUED if found[article] else Act.DISMISSED
        store.append_review(Review(article, HERE, act, "lea", NOW))
    return found


def test_the_gain_told_is_the_gain_published(settings: Settings, store: Store) -> None:  # noqa: F811
    said = _judge_all(store)
    found = advise(Rehearsal(settings, store), _bench(settings, store), HERE)
    assert found.judged == len(said) and found.right == sum(said.values())
    assert found.before == pytest.approx(_ranked(store, said))
    assert len(found.advice) > 1 and found.tried > len(found.advice)
    worth = [a.gain.value for a in found.advice]
    assert worth == sorted(worth, reverse=True) and worth[-1] > 0
    assert all(a.gain.everywhere >= 0 for a in found.advice)
    first = found.advice[0]
    assert first.gain.low <= first.gain.value <= first.gain.high
    book = Wordbook(settings, store)
    current = book.look(HERE, NOW)
    changed = apply(current.taxonomy, *first.proposal.operations)
    book.publish(
        HERE, changed, base=current.version.number, author="lea", message="essai", origin=Origin.DESK, now=NOW
    )  # fmt: skip
    reclassify(settings, NOW)
    assert _ranked(store, said) == pytest.approx(first.gain.after)


def test_without_a_verdict_of_each_sign_nothing_is_told(settings: Settings, store: Store) -> None:  # noqa: F811
    with pytest.raises(InputError, match="Aucun avis favorable"):
        advise(Rehearsal(settings, store), _bench(settings, store), HERE)
    article = next(iter(store.db.query("SELECT article FROM readings")))["article"]
    store.append_review(Review(article, HERE, Act.RESCUED, "lea", NOW))
    with pytest.raises(InputError, match="Aucun avis défavorable"):
        advise(Rehearsal(settings, store), _bench(settings, store), HERE)


def test_the_command_tells_each_change_with_its_operations(
    settings: Settings,  # noqa: F811
    store: Store,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    _judge_all(store)
    config = str(settings.state.parent / "config.yaml")
    assert main(["--config", config, "taxonomy", "advise", HERE, "--limit", "3", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert 1 <= len(told["advice"]) <= 3
    assert all(a["gain"] and a["operations"] and a["low"] <= a["gain"] <= a["high"] for a in told["advice"])
    assert main(["--config", config, "taxonomy", "advise", HERE, "--limit", "3"]) == 0
    out = capsys.readouterr().out
    assert told["advice"][0]["text"] in out and "attendez-vous à moins" in out


def _ranked(store: Store, said: dict[str, bool]) -> float:  # noqa: F811
    kept = store.judgements(list(said))
    scores = [next(c.score for c in kept[i].communities if c.id == HERE) for i in said]
    return float(average_precision(np.array(scores), np.array(list(said.values())))[0])
