"""articles -> vectors, fingerprints, judgements, duplicates -> ranked drafts. Order only; no logic, no SQL."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from curation.config import Settings
from curation.store.store import Store
from curation.types import Item
from curation.wordbook import Wordbook
from flows.drafts import queue_drafts
from flows.judge import judge_for, plan_of, story_params
from flows.phrases import keep_phrases
from flows.progress import Progress
from flows.reclassify import carry, certify
from flows.regroup import regroup
from flows.runner import task_runner
from flows.steps import Sealed, encode_batch, fingerprint_batch, item_of, judge_batch, read_batch
from models.noun_phrases import RECIPE

T = TypeVar("T")
#: Articles in one task; and tasks whose articles are read at once.
BATCH, READ = 128, 8

_new_task = partial(task, cache_policy=NO_CACHE, persist_result=False, retries=1)
encode_task: Any = _new_task(name="encoder")(encode_batch)
fingerprint_task: Any = _new_task(name="empreintes")(fingerprint_batch)
read_task: Any = _new_task(name="lire")(read_batch)
judge_task: Any = _new_task(name="juger")(judge_batch)


def curate(settings: Settings, now: datetime, progress: Progress) -> tuple[int, int, dict[str, int]]:
    """Run the flow on the engine of the settings. Returns (new drafts, duplicates, queue sizes)."""
    run = curate_flow.with_options(task_runner=task_runner(settings.engine))
    result: tuple[int, int, dict[str, int]] = run(settings, now, progress)
    return result


@flow(name="curation", validate_parameters=False, persist_result=False)
def curate_flow(settings: Settings, now: datetime, progress: Progress) -> tuple[int, int, dict[str, int]]:
    """Curate everything that is to do."""
    with Store(settings.database) as store:
        book = Wordbook(settings, store)
        book.look_all(now)  # the words that judge stand in the history, whoever wrote them
        settings = book.settings  # with a community whose founding was cut short, and which that look completed
        plan = plan_of(settings)
        if not (settings.state / "prototypes").is_dir():
            progress.say("Première fois : le modèle et les vocabulaires se préparent, une minute ou deux…")
        with progress.step("model", "Modèle et vocabulaires prêts", len(plan.communities)):
            judge = judge_for(plan)
        # threads hold each other up: torch already spreads over every core, and the rest takes turns at Python
        together = 1 if settings.engine.kind == "threads" else settings.engine.workers

        todo = store.articles_to_embed(judge.encoder.version)
        with progress.step("encode", "Encodage des articles", len(todo)) as advance:
            for ids in _batches(todo, BATCH * READ):
                parts = list(_batches(_items(store, ids), BATCH))
                for items, vectors in _fan_out(encode_task, [(plan, Sealed(part)) for part in parts], parts, together):
                    store.save_vectors(judge.encoder.version, dict(zip((i.id for i in items), vectors, strict=True)))
                    advance(len(items))

        todo = store.articles_to_fingerprint()
        with progress.step("fingerprint", "Empreintes", len(todo)) as advance:
            for ids in _batches(todo, BATCH * READ):
                parts = list(_batches(_items(store, ids), BATCH))
                for items, prints in _fan_out(fingerprint_task, [(Sealed(part),) for part in parts], parts, together):
                    days = [(i.date or now.date()).isoformat() for i in items]
                    store.save_fingerprints(zip((i.id for i in items), days, prints, strict=True))
                    advance(len(items))

        certify(store, book, judge, now)
        carry(store, book, judge)
        todo = store.articles_to_read(judge.recipe.id)
        with progress.step("read", "Lecture", len(todo)) as advance:
            for ids in _batches(todo, BATCH * READ):
                parts = list(_batches(_items(store, ids), BATCH))
                for items, kept in _fan_out(read_task, [(plan, Sealed(part)) for part in parts], parts, together):
                    store.save_readings(judge.recipe.id, kept)
                    advance(len(items))

        todo = store.articles_to_classify(judge.version)
        with progress.step("classify", "Classement", len(todo)) as advance:
            for ids in _batches(todo, BATCH * READ):
                readings, vectors_of = store.readings(ids), store.vectors(ids)
                groups = list(_batches(ids, BATCH))
                arguments = [
                    (plan, Sealed([readings[i] for i in g]), Sealed([vectors_of[i] for i in g])) for g in groups
                ]
                for group, judgements in _fan_out(judge_task, arguments, groups, together):
                    store.save_judgements(judgements, judge.version)
                    advance(len(group))

        with progress.step("dedupe", "Rapprochement des doublons", len(store.articles_to_group())):
            duplicates = regroup(store, judge.encoder.dimension, story_params(plan, settings.thresholds))
        since = now - timedelta(days=settings.thresholds.max_age_days)
        with progress.step("rank", "Files classées", len(judge.taxonomies)):
            new = queue_drafts(store, judge, settings, since, now)
        with progress.step("phrases", "Termes de ce qui a été jugé", len(store.articles_to_phrase(RECIPE))):
            keep_phrases(store)
        return new, duplicates, store.queue_sizes()


def _items(store: Store, ids: Sequence[str]) -> list[Item]:
    articles, sources = store.articles(ids), store.article_sources(ids)
    return [item_of(articles[i], sources[i][0].name if i in sources else articles[i].site or "") for i in ids]


def _fan_out(
    work: Any, arguments: Iterable[tuple[Any, ...]], keys: Iterable[T], together: int
) -> Iterable[tuple[T, Any]]:
    """One task per batch, ``together`` of them at once; the results, in order. A task that fails raises here.

    The next task starts before a result is handed out: the workers are busy while it is saved.
    """
    running: deque[tuple[T, Any]] = deque()
    for key, values in zip(keys, arguments, strict=True):
        done = None
        if len(running) == together:
            first, future = running.popleft()
            done = first, future.result()
        running.append((key, work.submit(*values)))
        if done is not None:
            yield done
    for key, future in running:
        yield key, future.result()


def _batches(values: Sequence[T], size: int) -> Iterable[list[T]]:
    for i in range(0, len(values), size):
        yield list(values[i : i + size])
