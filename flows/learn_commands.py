"""``veille train``: learn from verdicts and from a labelled file, behind a gate, and publish.

A pair (item, community) is an example. A verdict says grade >= 2 (published, shared, kept, rescued) or not (off topic,
too local, commercial, of little use, rightly left out); what was rejected as already seen or outdated says nothing of
the subject and is left aside.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from curation.config import Settings
from curation.decide.features import COLUMNS, LinearForm
from curation.decide.review import effective
from curation.errors import ModelError
from curation.store.store import Store
from curation.types import Act, Rejection
from flows.as_json import item_from
from flows.item_commands import read_gold
from flows.judge import Judge, judge_for, plan_of, trained_path
from flows.steps import item_of
from models import learn
from models.errors import ModelError as WeightsError
from models.metrics import average_precision
from models.vectors import from_bytes

FAVOURABLE = frozenset({Act.PUBLISHED, Act.SHARED, Act.KEPT, Act.RESCUED})
UNFAVOURABLE = frozenset({Rejection.OFF_TOPIC, Rejection.TOO_LOCAL, Rejection.COMMERCIAL, Rejection.LITTLE_USE})
#: How much worse than the rules the learned scorer may be, out of fold, before it is refused (noise of small samples).
SLACK = 0.01


@dataclass(slots=True)
class Examples:
    """Pairs to learn from; ``group`` tells which pairs speak of one item."""

    rows: list[np.ndarray] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    group: list[int] = field(default_factory=list)
    items: int = 0


def train(settings: Settings, gold: Path | None, as_json: bool = False) -> None:
    """Learn, compare with the rules out of fold, publish when not worse. Raises ``ModelError``."""
    judge = judge_for(plan_of(settings))
    examples = Examples()
    from_gold = _add_gold(examples, judge, gold) if gold else 0
    from_reviews = _add_reviews(examples, judge, settings)
    rows = np.array(examples.rows, np.float32).reshape(-1, len(COLUMNS))
    right, group = np.array(examples.right, bool), np.array(examples.group, np.int64)
    try:
        scorer = learn.train(rows, right, group, COLUMNS)
    except WeightsError as error:
        raise ModelError(str(error)) from error
    unseen = learn.out_of_fold(rows, right, group)
    nothing = np.zeros((0, 0), np.float32)  # the rules look at rows alone
    by_rules = LinearForm().probabilities(rows, nothing, ())
    learned, rules = average_precision(unseen, right), average_precision(by_rules, right)
    told = {
        "examples": len(right),
        "favourable": int(right.sum()),
        "from_gold": from_gold,
        "from_reviews": from_reviews,
        "average_precision": {"learned": round(learned, 4), "rules": round(rules, 4)},
        "published": learned >= rules - SLACK,
    }
    if not told["published"]:
        raise ModelError(
            f"Le modèle appris n’est pas publié : sur des contenus qu’il n’a pas vus, sa précision moyenne est de "
            f"{learned:.3f}, contre {rules:.3f} pour les règles. Celui qui sert reste en place. "
            "Davantage d’avis l’améliorera."
        )
    path = trained_path(settings.state)
    if path.exists():
        path.replace(path.with_name("scorer-before.npz"))
    learn.save_scorer(scorer, path)
    facts = {**told, "trained": datetime.now(UTC).isoformat(timespec="seconds"), "encoder": judge.encoder.version}
    path.with_suffix(".json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    if as_json:
        sys.stdout.write(json.dumps(told) + "\n")
        return
    sys.stdout.write(
        f"Appris de {len(right)} avis ({from_reviews} du bureau, {from_gold} du fichier annoté), "
        f"dont {int(right.sum())} favorables.\n"
        f"Sur des contenus non vus, précision moyenne {learned:.3f} (règles seules : {rules:.3f}).\n"
        "Publié : les articles seront jugés de nouveau à la prochaine nuit.\n"
    )


def _add_gold(examples: Examples, judge: Judge, path: Path) -> int:
    """Every community of every labelled item is an example. Returns how many."""
    records = read_gold(path)
    items = [item_from(r) for r in records]
    before = len(examples.right)
    for record, rows in zip(records, judge.weigh(judge.read(items), judge.encode(items)).rows, strict=True):
        for k, taxonomy in enumerate(judge.taxonomies):
            examples.rows.append(rows[k])
            examples.right.append(int(record["rel"].get(taxonomy.id, 0)) >= 2)
            examples.group.append(examples.items)
        examples.items += 1
    return len(examples.right) - before


def _add_reviews(examples: Examples, judge: Judge, settings: Settings) -> int:
    """The verdicts of the desk whose article still has its text. Returns how many."""
    place = {t.id: k for k, t in enumerate(judge.taxonomies)}
    with Store(settings.database) as store:
        said: dict[str, dict[str, bool]] = {}
        for article, community in store.drafts_seen():
            verdict = _verdict(store, article, community)
            if verdict is not None and community in place:
                said.setdefault(article, {})[community] = verdict
        articles, kept, sources = store.articles(said), store.vectors(said), store.article_sources(said)
    known = [i for i in sorted(said) if i in articles and i in kept and (articles[i].text or articles[i].title)]
    vectors = from_bytes(b"".join(kept[i] for i in known), judge.encoder.dimension)
    count = 0
    items = [item_of(articles[i], sources[i][0].name if sources.get(i) else articles[i].site or "") for i in known]
    for article, rows in zip(known, judge.weigh(judge.read(items), vectors).rows if known else (), strict=True):
        for community, right in said[article].items():
            examples.rows.append(rows[place[community]])
            examples.right.append(right)
            examples.group.append(examples.items)
            count += 1
        examples.items += 1
    return count


def _verdict(store: Store, article: str, community: str) -> bool | None:
    """The last word of a community on an article: right, wrong, or nothing about the subject."""
    for review in reversed(effective(store.reviews_of(article, community))):
        if review.act in FAVOURABLE:
            return True
        if review.act is Act.DISMISSED or (review.act is Act.REJECTED and review.reason in UNFAVOURABLE):
            return False
        if review.act is Act.REJECTED:
            return None
    return None
