"""Words and weights brought together: the ``Judge`` that the night and the commands share.

Built once per process (the encoder under its own lock); tasks receive the *plan* (plain values) and load the
judge by it, so nothing heavy travels to a worker.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.config import Settings, Thresholds
from curation.errors import ConfigError, ModelError, TaxonomyError
from curation.evidence import Recipe
from curation.types import Item, Judgement
from flows.prototypes import digest, own_background, prototypes_of
from taxonomy.load import OFFTOPIC, TERRITORIAL, TaxonomyFileError, load_taxonomy
from taxonomy.types import Taxonomy

if TYPE_CHECKING:
    from curation.decide.classify import Weighing
    from curation.decide.features import Scorer
    from curation.decide.reading import Reading
    from curation.decide.rehearsal import Scales
    from curation.decide.stories import DedupeParams
    from curation.evidence import KeptReading
    from models.affinity import Affinity
    from models.lesson import Lesson
    from models.types import Encoder, Vectors

_LOCK = threading.Lock()
_JUDGES: dict[Plan, Judge] = {}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a worker needs to build the judge: hashable, picklable, small."""

    communities: tuple[tuple[str, str, float], ...]  # id, taxonomy file, threshold
    selected: float  # threshold of a community that has none of its own
    proposal: float
    model: str
    device: str
    threads: int | None
    batch_size: int
    max_chars: int
    state: str
    scorer: str  # file of the learned scorer; "": the shipped form
    stamps: tuple[tuple[int, int], ...]  # change time (ns) and size of each file named, (0, 0) for an absent one


def plan_of(settings: Settings) -> Plan:
    """The part of the settings that judgement depends on, and the state of the files it names."""
    communities = settings.communities
    if not communities:
        raise ConfigError("La configuration ne nomme aucune communauté (clé « communities »).")
    paths = [settings.words_file(c.id) for c in communities]
    scorer = scorer_path(settings)
    return Plan(
        communities=tuple(
            (c.id, str(path), settings.thresholds.selected if c.threshold is None else c.threshold)
            for c, path in zip(communities, paths, strict=True)
        ),
        selected=settings.thresholds.selected,
        proposal=settings.thresholds.proposal,
        model=settings.encoder.model,
        device=settings.encoder.device,
        threads=settings.encoder.threads,
        batch_size=settings.encoder.batch_size,
        max_chars=settings.encoder.max_chars,
        state=str(settings.state),
        scorer=str(scorer or ""),
        stamps=tuple(map(_stamp, [*paths, *([scorer] if scorer else [])])),
    )


def scorer_path(settings: Settings) -> Path | None:
    """The learned scorer in use: this installation's own, else the one shipped for the embedded encoder, else none.

    A lesson that this version of veille cannot read is passed over; the next training replaces it.
    """
    if settings.judgement.scorer == "rules":
        return None
    own = trained_path(settings.state)
    if own.exists():
        from curation.decide.features import COLUMNS
        from models.lesson import serves

        if serves(own, COLUMNS):
            return own
    return shipped_scorer(settings)


def shipped_scorer(settings: Settings) -> Path | None:
    """The scorer delivered with the encoder of the settings; None: the rules."""
    from models.shipped import STARTER

    return STARTER if settings.encoder.model == "embedded" and STARTER.exists() else None


def trained_path(state: Path) -> Path:
    """Where an installation keeps what it learned from its own verdicts."""
    return state / "models" / "scorer.npz"


def scorer_told(settings: Settings) -> dict[str, Any]:
    """The model in service, for people: ``origin`` (learned | delivered | rules), ``version``, ``passed_over``.

    ``passed_over``: what was learned here came from another version of veille, and waits for a training.
    """
    path, own = scorer_path(settings), trained_path(settings.state)
    told: dict[str, Any] = {"origin": "rules", "version": None, "passed_over": own.exists() and path != own}
    if path is not None:
        version = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        told |= {"origin": "learned" if path == own else "delivered", "version": version}
    return told


def _stamp(path: Path) -> tuple[int, int]:
    try:
        facts = path.stat()
    except OSError:
        return 0, 0  # reading it will say why
    return facts.st_mtime_ns, facts.st_size


@lru_cache(maxsize=1)  # read once a night; an edited file makes another plan, so that nothing stale is served
def load_words(plan: Plan) -> tuple[Taxonomy, ...]:
    """The taxonomies of the plan. Raises ``TaxonomyError`` (French, every fault)."""
    result = []
    for community, path, _ in plan.communities:
        try:
            taxonomy = load_taxonomy(Path(path))
        except TaxonomyFileError as error:
            raise TaxonomyError(str(error)) from error
        if taxonomy.id != community:
            raise TaxonomyError(
                f"{path} : ce fichier décrit « {taxonomy.id} », la configuration attend « {community} »."
            )
        result.append(taxonomy)
    return tuple(result)


def open_encoder(plan: Plan) -> Encoder:
    """The encoder of the plan, loaded once per process. Raises ``ModelError``."""
    from models.errors import ModelError as WeightsError
    from models.load import load_encoder

    try:
        return load_encoder(plan.model, Path(plan.state), device=plan.device, threads=plan.threads)
    except WeightsError as error:
        raise ModelError(str(error)) from error


def judge_for(plan: Plan) -> Judge:
    """The judge of the plan, built once per process under a lock."""
    with _LOCK:
        if plan not in _JUDGES:
            judge = Judge(plan)
            _JUDGES.clear()  # a long-lived process keeps one, not one for each version of its vocabularies
            _JUDGES[plan] = judge
        return _JUDGES[plan]


def encoder_text(item: Item, max_chars: int) -> str:
    """What is encoded of an item: title, then the beginning of the text."""
    return f"{item.title}. {item.text}"[:max_chars]


class Judge:
    """Items in, judgements out."""

    def __init__(self, plan: Plan, taxonomies: Sequence[Taxonomy] | None = None, like: Judge | None = None) -> None:
        """``taxonomies``: other words than those of the plan's files. ``like``: a judge of the same plan, whose
        encoder, vectors and scorer are shared; what it did not encode is not kept on the disk either."""
        from curation.decide.classify import RULES_VERSION
        from curation.decide.reading import Words
        from curation.decide.signals import Background, Semantics
        from models.build_background import load_background
        from taxonomy.match import Matcher

        self.plan = plan
        self.taxonomies = load_words(plan) if taxonomies is None else tuple(taxonomies)
        self.encoder: Encoder = like.encoder if like else open_encoder(plan)
        self.general: tuple[Taxonomy, Taxonomy] = (
            like.general if like else (load_taxonomy(TERRITORIAL), load_taxonomy(OFFTOPIC))
        )
        general = self.general
        self.words = Words(self.taxonomies, *general, Matcher((*self.taxonomies, *general)))
        self._vectors: dict[str, Vectors] = dict(like._vectors) if like else {}
        state = None if like else Path(plan.state)
        prototypes = prototypes_of(self.taxonomies, self.encoder, state, self._vectors)
        background = load_background(plan.model)
        if background is None:
            background = own_background((*self.taxonomies, *general), self.encoder, Path(plan.state))
        self.lesson: Lesson | None = like.lesson if like else open_lesson(plan)
        if self.lesson is not None and self.lesson.encoder != self.encoder.version:
            raise ModelError("Le modèle appris vient d’un autre encodeur. Refaites-le : veille train.")
        filed = filed_vectors(self.lesson, self.taxonomies) if self.lesson else None
        self.semantics = Semantics(prototypes, Background(background), filed)
        known = {c: t for c, _, t in plan.communities}
        #: A community that the configuration does not name yet is held to the usual threshold.
        self.thresholds = {t.id: known.get(t.id, plan.selected) for t in self.taxonomies}
        self.scorer: Scorer = like.scorer if like else self.lesson.scorer if self.lesson else open_scorer(plan)
        self.affinity: Affinity | None = like.affinity if like else open_affinity(plan)
        self.recipe = _recipe(RULES_VERSION, general, self.taxonomies)
        #: Names all that judges but the words of the communities.
        self.ground = digest(
            RULES_VERSION,
            self.scorer.version,
            self.affinity.version if self.affinity else "",
            self.encoder.version,
            list(self.thresholds.items()),
            plan.proposal,
            [t.version for t in general],
        )
        self.version = digest(self.ground, [t.version for t in self.taxonomies])

    def encode(self, items: Sequence[Item]) -> Vectors:
        """Passage vectors of items: (n, d), float32."""
        texts = [encoder_text(i, self.plan.max_chars) for i in items]
        return self.encoder.encode(texts, prompt="passage", batch_size=self.plan.batch_size)

    def judge(self, items: Sequence[Item], vectors: Vectors) -> list[Judgement]:
        """Judgements of items with their vectors, same order."""
        return self._judged([item.id for item in items], self.read(items), vectors)

    def judge_kept(self, kept: Sequence[KeptReading], vectors: Vectors) -> list[Judgement]:
        """The same from readings of this judge's recipe, whose texts are not needed."""
        from curation.decide.reading import restore

        return self._judged([k.article for k in kept], restore(kept, self.taxonomies), vectors)

    def _judged(self, ids: Sequence[str], readings: Sequence[Reading], vectors: Vectors) -> list[Judgement]:
        from curation.decide.classify import conclude

        if not ids:
            return []
        weighing = self.weigh(readings, vectors)
        return conclude(
            ids, readings, weighing, vectors, self.words, self.semantics, self.thresholds, self.plan.proposal
        )

    def scales(self) -> Scales:
        """All that weighs besides words, for a rehearsal."""
        from curation.decide.rehearsal import Scales

        affinity = self.affinity.log_odds if self.affinity else None
        return Scales(self.semantics, self.scorer, affinity, self.thresholds, self.plan.proposal)

    def read(self, items: Sequence[Item]) -> list[Reading]:
        """What the text of each item shows."""
        from curation.decide.reading import read

        return read(items, self.words)

    def weigh(self, readings: Sequence[Reading], vectors: Vectors, scorer: Scorer | None = None) -> Weighing:
        """Features and scores of readings with their vectors; ``scorer``: another than the judge's own."""
        from curation.decide.classify import weigh
        from curation.decide.reading import met

        communities = self.words.communities
        affinity = self.affinity.log_odds(vectors, communities) if self.affinity else None
        return weigh(
            met(readings), vectors, communities=communities, semantics=self.semantics,
            scorer=scorer or self.scorer, affinity=affinity,
        )  # fmt: skip


def _recipe(rules: str, general: Sequence[Taxonomy], taxonomies: Sequence[Taxonomy]) -> Recipe:
    from curation.decide.reading import FORM

    frame = digest(FORM, rules, [t.version for t in general])
    words = tuple((t.id, t.version) for t in taxonomies)
    return Recipe(digest(frame, words), frame, words)


def open_affinity(plan: Plan) -> Affinity | None:
    """What was learnt of the shipped communities; None with another encoder. Raises ``ModelError``."""
    from models.affinity import SHIPPED as AFFINITY
    from models.affinity import load_affinity
    from models.errors import ModelError as WeightsError
    from models.load import EMBEDDED

    if plan.model != EMBEDDED:
        return None
    try:
        return load_affinity(AFFINITY)
    except WeightsError as error:
        raise ModelError(str(error)) from error


def open_scorer(plan: Plan) -> Scorer:
    """The scorer of the plan: a lesson's, the starter, or the rules. Raises ``ModelError``."""
    from curation.decide.features import COLUMNS, LinearForm
    from models.errors import ModelError as WeightsError
    from models.learn import load_scorer
    from models.shipped import STARTER

    if not plan.scorer:
        return LinearForm()
    try:
        if Path(plan.scorer) == STARTER:
            return load_scorer(STARTER, COLUMNS)
    except WeightsError as error:
        raise ModelError(str(error)) from error
    lesson = open_lesson(plan)
    assert lesson is not None
    return lesson.scorer


def open_lesson(plan: Plan) -> Lesson | None:
    """What this installation learned; None where the plan has nothing of the kind. Raises ``ModelError``."""
    from curation.decide.features import COLUMNS
    from models.errors import ModelError as WeightsError
    from models.lesson import load_lesson
    from models.shipped import STARTER

    if not plan.scorer or Path(plan.scorer) == STARTER:
        return None
    try:
        return load_lesson(Path(plan.scorer), COLUMNS)
    except WeightsError as error:
        raise ModelError(str(error)) from error


def story_params(plan: Plan, thresholds: Thresholds) -> DedupeParams:
    """How duplicates are judged: the shipped numbers, moved by what merges and splits taught."""
    from curation.decide.stories import DedupeParams

    lesson = open_lesson(plan)
    params = DedupeParams(story_days=thresholds.story_window_days)
    return replace(params, bias=params.bias + lesson.story_shift) if lesson else params


def filed_vectors(lesson: Lesson, taxonomies: Sequence[Taxonomy]) -> dict[str, Vectors]:
    """Community -> what filing adds to the vector of each of its dossiers, (dossiers, d): see ``Semantics``."""
    import numpy as np

    from curation.decide.place import NEAR_DOSSIER

    if not lesson.shelves.weight:
        return {}
    return {
        t.id: (lesson.shelves.pull(t.id, [d.id for d in t.dossiers]) / NEAR_DOSSIER).astype(np.float32)
        for t in taxonomies
        if t.dossiers
    }
