"""A rehearsal says what the night then does: random changes of words, judged both ways, with the real encoder."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from curation.config import load_settings
from curation.decide.rehearsal import Corpus, Standings, corpus_of, rehearse
from curation.types import Item, Judgement
from flows.demo_content import load_items
from flows.judge import Judge, plan_of
from models.vectors import from_bytes, to_bytes
from taxonomy.content import sealed
from taxonomy.load import SHIPPED
from taxonomy.types import Concept, Dossier, Taxonomy
from tests.flows.test_night import ENCODERS

Words = tuple[Taxonomy, ...]


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    folder = tmp_path_factory.mktemp("repetition")
    names = "\n".join(f"- {p.stem}" for p in sorted(SHIPPED.glob("*.yaml")))
    (folder / "config.yaml").write_text(f"state: {ENCODERS}\ncommunities:\n{names}\n", encoding="utf-8")
    return Judge(plan_of(load_settings(folder / "config.yaml")))


@pytest.fixture(scope="module")
def items() -> list[Item]:
    return [Item(s.id, s.title, s.body) for s in load_items()]


@pytest.fixture(scope="module")
def vectors(judge: Judge, items: list[Item]) -> np.ndarray:
    return from_bytes(to_bytes(judge.encode(items)), judge.encoder.dimension)


@pytest.fixture(scope="module")
def corpus(judge: Judge, items: list[Item], vectors: np.ndarray) -> Corpus:
    return corpus_of(items, vectors, judge.words, judge.scales())


# --- changes, drawn


def _some_words(dice: random.Random, items: Sequence[Item]) -> str:
    """A run of words that stands in a text, so that it meets something."""
    while True:
        words = dice.choice(items).text.split() or ["halle"]
        start = dice.randrange(len(words))
        phrase = " ".join(words[start : start + dice.randint(1, 3)]).strip(string.punctuation + "«»’… ")
        if any(len(w) > 3 for w in phrase.split()):
            return phrase


def _with(taxonomy: Taxonomy, concepts: Sequence[Concept]) -> Taxonomy:
    return replace(taxonomy, concepts=tuple(concepts))


def _concept(change: Callable[[random.Random, Concept, Sequence[Item], Taxonomy], Concept]) -> Callable[..., Words]:
    def changed(dice: random.Random, words: Words, items: Sequence[Item]) -> Words:
        k = dice.randrange(len(words))
        at = dice.randrange(len(words[k].concepts))
        concepts = list(words[k].concepts)
        concepts[at] = change(dice, concepts[at], items, words[k])
        return (*words[:k], _with(words[k], concepts), *words[k + 1 :])

    return changed


def _moved(dice: random.Random, words: Words, items: Sequence[Item]) -> Words:
    """A concept goes to another community."""
    a, b = dice.sample(range(len(words)), 2)
    at = dice.randrange(len(words[a].concepts))
    gone = replace(words[a].concepts[at], id=f"venu-{words[a].concepts[at].id}", broader=(), dossiers=())
    left = [replace(c, broader=()) for n, c in enumerate(words[a].concepts) if n != at]
    changed = {a: _with(words[a], left), b: _with(words[b], [*words[b].concepts, gone])}
    return tuple(changed.get(k, t) for k, t in enumerate(words))


def _split(dice: random.Random, words: Words, items: Sequence[Item]) -> Words:
    """A new community takes a third of the concepts of another, and a dossier."""
    k = dice.randrange(len(words))
    taken = set(dice.sample([c.id for c in words[k].concepts], len(words[k].concepts) // 3))
    mine = [replace(c, broader=(), dossiers=("rayon",)) for c in words[k].concepts if c.id in taken]
    new = Taxonomy("nouvelle", "Nouvelle", "Une communauté.", tuple(mine), (Dossier("rayon", "Rayon"),), (words[k].id,))
    left = [replace(c, broader=()) for c in words[k].concepts if c.id not in taken]
    return (*words[:k], _with(words[k], left), *words[k + 1 :], new)


def _added(dice: random.Random, words: Words, items: Sequence[Item]) -> Words:
    k = dice.randrange(len(words))
    shelf = tuple(d.id for d in words[k].dossiers[:1])
    new = Concept("ajoute", _some_words(dice, items), (_some_words(dice, items),), dossiers=shelf, weight=1.5)
    return (*words[:k], _with(words[k], [*words[k].concepts, new]), *words[k + 1 :])


def _removed(dice: random.Random, words: Words, items: Sequence[Item]) -> Words:
    k = dice.randrange(len(words))
    at = dice.randrange(len(words[k].concepts))
    left = [replace(c, broader=()) for n, c in enumerate(words[k].concepts) if n != at]
    return (*words[:k], _with(words[k], left), *words[k + 1 :])


def _without(dice: random.Random, words: Words, items: Sequence[Item]) -> Words:
    """A community goes."""
    k = dice.randrange(len(words))
    return (*words[:k], *words[k + 1 :])


def _reordered(dice: random.Random, words: Words, items: Sequence[Item]) -> Words:
    return tuple(dice.sample(words, len(words)))


def _alone(dice: random.Random, words: Words, items: Sequence[Item]) -> Words:
    """Neighbours and dossiers move, no word does."""
    k = dice.randrange(len(words))
    t = words[k]
    others = tuple(w.id for w in words if w.id != t.id)
    return (*words[:k], replace(t, neighbours=tuple(dice.sample(others, 3))), *words[k + 1 :])


CHANGES: dict[str, Callable[..., Words]] = {
    "label": _concept(lambda d, c, i, t: replace(c, alt_labels=(*c.alt_labels, _some_words(d, i)))),
    "hidden": _concept(lambda d, c, i, t: replace(c, hidden_labels=(*c.hidden_labels, _some_words(d, i)))),
    "fewer": _concept(lambda d, c, i, t: replace(c, alt_labels=c.alt_labels[1:], notations=())),
    "acronym": _concept(lambda d, c, i, t: replace(c, notations=(*c.notations, _some_words(d, i).upper()))),
    "renamed": _concept(lambda d, c, i, t: replace(c, pref_label=_some_words(d, i))),
    "note": _concept(lambda d, c, i, t: replace(c, scope_note=_some_words(d, i))),
    "identity": _concept(lambda d, c, i, t: replace(c, id="autre-nom")),
    "exclusion": _concept(lambda d, c, i, t: replace(c, exclude_labels=(*c.exclude_labels, _some_words(d, i)))),
    "inside": _concept(lambda d, c, i, t: replace(c, exclude_labels=(f"{c.pref_label} {_some_words(d, i)}",))),
    "weight": _concept(lambda d, c, i, t: replace(c, weight=d.choice([0.2, 0.7, 1.4, 2.0]))),
    "shelf": _concept(lambda d, c, i, t: replace(c, dossiers=(d.choice(t.dossiers).id,))),
    "shuffle": _concept(lambda d, c, i, t: replace(c, alt_labels=tuple(d.sample(c.alt_labels, len(c.alt_labels))))),
    "moved": _moved, "added": _added, "removed": _removed, "split": _split, "without": _without,
    "order": _reordered, "neighbours": _alone,
}  # fmt: skip


def _agree(standings: Standings, judgements: Sequence[Judgement]) -> None:
    for i, judgement in enumerate(judgements):
        by_id = {c.id: c for c in judgement.communities}
        told = [by_id[c] for c in standings.communities]
        assert [c.score for c in told] == standings.scores[i].tolist(), judgement.id
        assert [c.selected for c in told] == standings.selected[i].tolist(), judgement.id
        lead = standings.communities[standings.lead[i]] if standings.lead[i] >= 0 else None
        assert lead == judgement.lead, judgement.id
        assert standings.proposals[i] == judgement.proposals, judgement.id
        placed = judgement.dossier
        assert standings.dossiers[i] == ((placed.id, placed.score) if placed else None), judgement.id


def test_what_stands_is_what_was_judged(judge: Judge, items: list[Item], vectors: np.ndarray, corpus: Corpus) -> None:
    _agree(corpus.standings, judge.judge(items, vectors))


def test_nothing_changed_changes_nothing(judge: Judge, corpus: Corpus) -> None:
    outcome = rehearse(corpus, judge.words, judge.scales())
    assert (len(outcome.read), outcome.weighed) == (0, 0)
    assert np.array_equal(outcome.standings.scores, corpus.standings.scores)
    assert outcome.standings.dossiers == corpus.standings.dossiers


def test_fifty_random_changes_give_what_judging_anew_gives(
    judge: Judge, items: list[Item], vectors: np.ndarray, corpus: Corpus
) -> None:
    dice = random.Random(5)
    kinds = [*CHANGES, *dice.choices(list(CHANGES), k=50 - len(CHANGES))]
    moved = 0
    for n, kind in enumerate(kinds):
        words = CHANGES[kind](dice, judge.taxonomies, items)
        if n % 3 == 0:  # several things at once
            words = CHANGES[dice.choice(["label", "weight", "exclusion", "shelf"])](dice, words, items)
        other = Judge(judge.plan, [sealed(t) for t in words], like=judge)
        outcome = rehearse(corpus, other.words, other.scales())
        _agree(outcome.standings, other.judge(items, vectors))
        moved += not np.array_equal(outcome.standings.scores, corpus.standings.scores)
        if kind in ("label", "hidden", "weight", "exclusion", "acronym"):
            assert outcome.weighed < len(items) / 2, kind
    assert moved >= 30  # the changes are not idle


def _merged(dice: random.Random, words: Words, items: Sequence[Item]) -> Words:
    """A community takes in another."""
    a, b = dice.sample(range(len(words)), 2)
    taken = {c.id for c in words[a].concepts}
    come = [replace(c, broader=(), dossiers=()) for c in words[b].concepts if c.id not in taken]
    whole = replace(words[a], concepts=(*words[a].concepts, *come), neighbours=())
    return tuple(whole if k == a else replace(t, neighbours=()) for k, t in enumerate(words) if k != b)


def test_what_only_goes_elsewhere_opens_no_text(
    judge: Judge, items: list[Item], vectors: np.ndarray, corpus: Corpus
) -> None:
    dice = random.Random(8)
    for change in (_moved, _split, _merged, _removed) * 3:
        words = change(dice, judge.taxonomies, items)
        if dice.random() < 0.5:
            words = dice.choice([_moved, _removed])(dice, words, items)
        other = Judge(judge.plan, [sealed(t) for t in words], like=judge)
        outcome = rehearse(corpus, other.words, other.scales())
        _agree(outcome.standings, other.judge(items, vectors))
        assert outcome.searched == 0
        if change in (_split, _merged):
            assert len(outcome.read) > 0, "what is carried without a text is not nothing"
    words = CHANGES["label"](dice, judge.taxonomies, items)
    assert 0 < rehearse(corpus, replace(judge.words, taxonomies=words), judge.scales()).searched < len(items)


def test_a_draft_writes_nothing(judge: Judge, items: list[Item]) -> None:
    folder = Path(judge.plan.state) / "prototypes"
    before = sorted(folder.iterdir())
    words = _added(random.Random(1), judge.taxonomies, items)
    Judge(judge.plan, [sealed(t) for t in words], like=judge)
    assert sorted(folder.iterdir()) == before
