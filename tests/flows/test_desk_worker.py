"""What the process beside the desk keeps is never older than the store: it answers as a rehearsal begun anew would."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from curation.config import Settings, load_settings
from curation.decide.terms import Near
from curation.errors import InputError, UserError
from curation.store.store import Store
from curation.types import Act, Article, Rejection, Review
from curation.web.services import Rehearsed
from curation.wordbook import Publication, Wordbook
from flows import desk_worker
from flows.desk_services import NightServices
from flows.desk_worker import Kept, nearest, reclassify, rehearse, warm
from flows.gate import GOLD
from flows.judge import judge_for, plan_of
from flows.labelled import labelled, labelled_path
from flows.reclassify import reclassify as reclassify_here
from flows.rehearsing import Rehearsal
from flows.worker import Worker
from models.vectors import to_bytes
from taxonomy.concept_operations import RetireConcept, SetWeight
from taxonomy.edit import apply
from taxonomy.founding import start
from taxonomy.types import Founding, Origin, Taxonomy
from tests.flows.test_night import ENCODERS
from tests.flows.test_rehearsing import NOW, _articles, _publish, _settings, _words, settings, store, vectors

__all__ = ["settings", "store", "vectors"]  # fixtures


@pytest.fixture
def kept(settings: Settings) -> Iterator[Kept]:
    with opened(settings) as found:
        yield found


@contextmanager
def opened(settings: Settings) -> Iterator[Kept]:
    """With the vectors of the labelled items, which take seconds to make, from one test to the next."""
    mine, shared = settings.state / "labelled", ENCODERS / "labelled"
    if shared.exists():
        shutil.copytree(shared, mine, dirs_exist_ok=True)
    else:
        labelled(judge_for(plan_of(settings)), GOLD / "items.jsonl", settings.state)
        shutil.copytree(mine, shared)
    found = Kept(settings.state.parent / "config.yaml")
    yield found
    found.forget()


@pytest.fixture
def tried(settings: Settings, store: Store) -> Taxonomy:
    """Words with which little is left to tourisme."""
    words = _words(settings, store, "tourisme")
    named = {c for p in words.priorities for c in p.concepts}
    return apply(words, *(RetireConcept(c.id) for c in words.concepts[:-1] if c.id not in named))


def anew(settings: Settings, store: Store, words: Taxonomy) -> Rehearsed:
    """The same by a rehearsal that has just loaded everything."""
    rehearsal = Rehearsal(settings, store)
    rehearsal.use(labelled(rehearsal.judge, GOLD / "items.jsonl", settings.state))
    found = rehearsal.rehearse([words])
    return Rehearsed(
        found.communities, dict(found.titles), found.items, found.left_out, found.touched, 0.0, 319
    )  # fmt: skip


def same(found: Rehearsed, other: Rehearsed) -> bool:
    return replace(found, seconds=0.0) == other


def mine(found: Rehearsed) -> dict[str, str]:
    """Article -> its fate, of what leaves tourisme."""
    return {m.article: m.fate for e in found.communities if e.id == "tourisme" for m in e.leaves}


def test_what_is_loaded_once_answers_again(
    settings: Settings, store: Store, kept: Kept, tried: Taxonomy, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm(kept)
    monkeypatch.setattr("flows.rehearsing.Rehearsal.__init__", lambda *_: 1 / 0)  # nothing is loaded after that
    first = rehearse(kept, [tried])
    other = apply(tried, RetireConcept(tried.concepts[-1].id))
    second = rehearse(kept, [other])
    monkeypatch.undo()
    assert same(first, anew(settings, store, tried)) and mine(first)
    assert same(second, anew(settings, store, other)) and not same(second, first)


def test_a_verdict_given_since_is_told(settings: Settings, store: Store, kept: Kept, tried: Taxonomy) -> None:
    before = rehearse(kept, [tried])
    first, second = list(mine(before))[:2]
    store.append_review(Review(first, "tourisme", Act.PUBLISHED, "lea", NOW))
    store.append_review(Review(second, "tourisme", Act.REJECTED, "lea", NOW, reason=Rejection.OFF_TOPIC.value))
    after = rehearse(kept, [tried])
    assert mine(after)[first] == "published" and mine(after)[second] == "rejected:off_topic"
    assert same(after, anew(settings, store, tried))


def _published(settings: Settings, store: Store, weight: float = 0.2) -> None:
    _publish(settings, store, _words(settings, store, "tourisme", SetWeight("taxe-de-sejour", weight)))


def _published_and_classified(settings: Settings, store: Store) -> None:
    _published(settings, store, 0.3)
    reclassify_here(settings, NOW)


def _of_another_community(settings: Settings, store: Store) -> None:
    words = _words(settings, store, "urbanisme-amenagement", SetWeight("zero-artificialisation-nette", 0.2))
    _publish(settings, store, words)
    reclassify_here(settings, NOW)


def _another_article(settings: Settings, store: Store) -> None:
    judge = judge_for(plan_of(settings))
    article = Article("f" * 16, "https://x.fr/f", "Le conseil municipal vote une subvention", "", published=NOW)
    store.save_articles([article], [], NOW)
    (vector,) = judge.encode([desk_item(article)])
    store.save_vectors(judge.encoder.version, {article.id: to_bytes(vector)})
    reclassify_here(settings, NOW)


def _a_text_gone(settings: Settings, store: Store) -> None:
    store.forget_readings([_articles()[0].id])


def _another_vector(settings: Settings, store: Store) -> None:
    ids = [a.id for a in _articles()]
    known = store.vectors(ids)
    store.save_vectors(judge_for(plan_of(settings)).encoder.version, {ids[0]: known[ids[1]], ids[1]: known[ids[0]]})


def desk_item(article: Article) -> desk_worker.Any:
    from flows.steps import item_of

    return item_of(article, "")


def test_what_happened_since_counts(settings: Settings, store: Store, kept: Kept, tried: Taxonomy) -> None:
    """One thing after the other: a change of words that no night has read yet, nights, purges."""
    before = rehearse(kept, [tried])
    for happens, tells in (
        (_published, False),  # the articles are still as the night before read them
        (_published_and_classified, True),
        (_of_another_community, False),
        (_another_article, True),
        (_a_text_gone, True),
        (_another_vector, False),
    ):
        happens(settings, store)
        after = replace(rehearse(kept, [tried]), seconds=0.0)
        assert same(after, anew(settings, store, tried)), happens.__name__
        assert not tells or after != before, happens.__name__
        before = after


def test_a_community_begun_since_is_served(settings: Settings, store: Store, kept: Kept, tried: Taxonomy) -> None:
    rehearse(kept, [tried])
    new = start("Eau et rivières", ["sécheresse", "nappe phréatique"], taken=[], known=[]).taxonomy
    Wordbook(settings, store).publish_together(
        [Publication(new, 0)], author="lea", message="essai", origin=Origin.DESK, now=NOW,
        begun=Founding(new.id, "", "lea", NOW),
    )  # fmt: skip
    now = load_settings(settings.state.parent / "config.yaml")
    assert new.id in {c.id for c in now.communities}
    assert same(rehearse(kept, [tried]), anew(now, store, tried))  # no night has read for it yet
    reclassify(kept)
    found = rehearse(kept, [tried])
    assert new.id in {e.id for e in found.communities}
    assert same(found, anew(now, store, tried))


def test_a_rehearsal_reads_one_moment_of_the_store(
    settings: Settings, store: Store, kept: Kept, tried: Taxonomy
) -> None:
    before = rehearse(kept, [tried])
    with kept.rehearsal() as rehearsal:
        store.forget_readings([a.id for a in _articles()][:40])  # a purge, in the midst of it
        found = rehearsal.rehearse([tried])
    assert (found.communities, found.items) == (before.communities, before.items)
    assert rehearse(kept, [tried]).items == before.items - 40


def test_reclassifying_there_is_what_the_night_would_do(settings: Settings, store: Store, kept: Kept) -> None:
    _published(settings, store)
    assert reclassify(kept) > 0
    judge = judge_for(plan_of(settings))
    assert store.articles_to_classify(judge.version) == [] and store.articles_to_read(judge.recipe.id) == []


def test_without_a_night_the_fault_is_explained_and_the_first_one_is_seen(
    tmp_path: Path, vectors: dict[str, bytes]
) -> None:
    settings = _settings(tmp_path)
    with opened(settings) as kept:
        with pytest.raises(InputError, match="veille curate"):
            warm(kept)
        with Store(settings.database) as store:
            some = _articles()[:20]
            store.save_articles(some, [], NOW)
            store.save_vectors(judge_for(plan_of(settings)).encoder.version, {a.id: vectors[a.id] for a in some})
        reclassify_here(settings, NOW)
        assert rehearse(kept, []).items == 20


def test_the_labelled_file_of_the_installation_takes_the_place_of_the_projects(
    settings: Settings, store: Store, kept: Kept, tried: Taxonomy
) -> None:
    assert labelled_path(settings) == GOLD / "items.jsonl"
    told = next(e for e in rehearse(kept, [tried]).communities if e.id == "tourisme")
    assert told.labelled is not None and told.labelled[0].recall.of > 10
    vectors = list((settings.state / "labelled").iterdir())
    assert len(vectors) == 1
    own = settings.state.parent / "annotes.jsonl"
    own.write_text(json.dumps({"id": "g", "title": "Taxe de séjour", "rel": {"tourisme": 3}}) + "\n", encoding="utf-8")
    config = settings.state.parent / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8") + "judgement: {labelled: annotes.jsonl}\n", encoding="utf-8")
    first = rehearse(kept, [tried])
    assert first.labelled is None and all(e.labelled is None for e in first.communities)  # encoding them takes long
    assert warm(kept)
    found = rehearse(kept, [tried])
    effects = {e.id: e for e in found.communities}
    assert found.labelled == 1
    rates = effects["tourisme"].labelled
    assert rates is not None and rates[0].recall.of == 1
    assert effects["innovation-publique"].labelled is None  # the file says nothing of it
    kept_now = list((settings.state / "labelled").iterdir())
    assert len(kept_now) == 1 and kept_now != vectors  # one file of vectors, not one for each
    own.write_text(json.dumps({"id": "g", "title": "x", "rel": {"tourisme": "beaucoup"}}) + "\n", encoding="utf-8")
    with pytest.raises(UserError, match="nombres de 0 à 3"):
        rehearse(kept, [tried])


def test_labels_have_the_concept_they_are_near_to(settings: Settings, store: Store, kept: Kept) -> None:
    words = Wordbook(settings, store).look("tourisme", NOW).taxonomy
    label = words.concept("taxe-de-sejour").pref_label
    near, far = nearest(kept, "tourisme", [f"{label} au réel", "zzz"])
    assert isinstance(near, Near) and near.concept == "taxe-de-sejour"
    assert far is None or far.cosine < near.cosine
    assert nearest(kept, "nouvelle", ["taxe"]) == [None]


def test_the_desk_waits_for_no_model_that_it_can_do_without(
    settings: Settings, store: Store, kept: Kept, tried: Taxonomy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole: a process of its own, warmed behind the page, then at hand. Patient, where the machine is busy."""
    monkeypatch.setattr("flows.desk_services.REHEARSE_S", 300.0)
    night = NightServices(settings, settings.state.parent / "config.yaml")
    night.worker = Worker(settings.state.parent / "config.yaml", turn_s=300)
    try:
        started = time.monotonic()
        assert night.nearest("tourisme", ["taxe de séjour au réel"]) is None
        assert time.monotonic() - started < 1
        found = night.rehearse([tried])  # takes its turn after what was begun
        assert same(found, anew(settings, store, tried))
        pid = night.worker.pid
        store.append_review(Review(next(iter(mine(found))), "tourisme", Act.PUBLISHED, "lea", NOW))
        assert same(night.rehearse([tried]), anew(settings, store, tried))
        for _ in range(300):  # it goes on behind
            if (near := night.nearest("tourisme", ["taxe de séjour au réel"])) is not None:
                break
        assert near is not None and near[0] is not None and near[0].concept == "taxe-de-sejour"
        assert night.nearest("tourisme", []) == ()
        assert night.worker.pid == pid
    finally:
        night.close()
    with pytest.raises(UserError, match="se ferme"):
        night.rehearse([tried])
    night.warm()  # nobody is told: a page that prepares for later has its own work to do


def test_labelled_items_are_encoded_in_steps(settings: Settings, store: Store, kept: Kept, tried: Taxonomy) -> None:
    """So that nobody who rehearses waits for all of them; what comes out is what encoding them at once gives."""
    place = next((settings.state / "labelled").iterdir())
    whole = np.load(place)
    place.unlink()
    own = settings.state.parent / "annotes.jsonl"
    lines = (GOLD / "items.jsonl").read_text(encoding="utf-8").splitlines()[:40]
    own.write_text("\n".join(lines) + "\n", encoding="utf-8")
    config = settings.state.parent / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8") + "judgement: {labelled: annotes.jsonl}\n", encoding="utf-8")
    assert not warm(kept)
    assert rehearse(kept, [tried]).labelled is None
    assert warm(kept) and rehearse(kept, [tried]).labelled == 40
    assert np.allclose(np.load(next((settings.state / "labelled").iterdir())), whole[:40], atol=1e-5)
