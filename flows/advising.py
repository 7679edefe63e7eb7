"""The proposals of the workbench, each rehearsed on what is judged: ``decide.advice`` with a judge and a store.

Hundreds of changes are tried: on the judged items alone, held in memory, by the code that rehearses a draft.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from curation.decide.advice import (
    DRAWS,
    WORTH,
    Advice,
    Advised,
    Proposal,
    Scores,
    average_precision,
    best,
    gain,
    proposals,
    verdicts,
)
from curation.decide.rehearsal import Corpus, Read, Standings, scores_under
from curation.decide.rewording import encoded
from curation.errors import InputError
from curation.store.store import Store
from curation.workbench import Nearest, Workbench
from flows.judge import Judge
from flows.rehearsing import Rehearsal
from taxonomy.content import sealed
from taxonomy.edit import apply
from taxonomy.types import Taxonomy

#: Candidate terms tried in a community.
TERMS = 20
#: Proposals told.
SHOWN = 10


def advise(
    rehearsal: Rehearsal, bench: Workbench, community: str, nearest: Nearest | None = None, count: int = SHOWN
) -> Advised:
    """The ``count`` proposals for one community that gain most on the verdicts.

    Raises ``InputError`` when what was judged there is all right or all wrong: no ranking is better than another.
    """
    found = proposals(
        bench.balance(community),
        bench.diagnoses(community),
        bench.exclusions(community),
        bench.candidates(community, nearest, TERMS),
    )
    corpus, right = judged(rehearsal, bench)
    index = corpus.standings.communities.index(community)
    own = right[:, index]
    good, bad = int((own > 0).sum()), int((own == 0).sum())
    if not good or not bad:
        lacking = "favorable" if not good else "défavorable"
        raise InputError(
            f"Aucun avis {lacking} sur le sujet dans cette communauté : rien ne dit encore ce qu’un réglage vaudrait."
        )
    chosen = best(rehearsed(corpus, rehearsal.judge, found, right), count, own=True, least=WORTH)
    told = rehearsed(corpus, rehearsal.judge, [a.proposal for a in chosen], right, DRAWS)
    told.sort(key=lambda a: -a.gain.value)
    known = np.isfinite(own)
    before = float(average_precision(corpus.standings.scores[known, index], own[known] > 0)[0])
    return Advised(community, tuple(told), len(found), before, good + bad, good)


def rehearsed(corpus: Corpus, judge: Judge, found: Iterable[Proposal], right: Scores, draws: int = 0) -> list[Advice]:
    """The gain of each proposal alone on ``corpus``, judged with its words by ``judge``; best first."""
    before, told = corpus.standings, []
    for proposal in found:
        after = scores(corpus, judge, changed(corpus.taxonomies, [proposal]))
        index = before.communities.index(proposal.community)
        told.append(Advice(proposal, gain(before.scores, after, right, index, draws)))
    return sorted(told, key=lambda a: -a.gain.everywhere)


def scores(corpus: Corpus, judge: Judge, words: Sequence[Taxonomy]) -> Scores:
    """The scores of a corpus under other words of the same communities: (n, communities)."""
    if any(encoded(a) != encoded(b) for a, b in zip(corpus.taxonomies, words, strict=True)):
        judge = Judge(judge.plan, words, like=judge)
    return scores_under(corpus, replace(judge.words, taxonomies=tuple(words)), judge.scales())


def changed(taxonomies: Sequence[Taxonomy], chosen: Iterable[Proposal]) -> list[Taxonomy]:
    """The words of every community once these are taken. Raises ``EditError``."""
    words = {t.id: t for t in taxonomies}
    for proposal in chosen:
        words[proposal.community] = sealed(apply(words[proposal.community], *proposal.operations))
    return list(words.values())


def judged(rehearsal: Rehearsal, bench: Workbench) -> tuple[Corpus, Scores]:
    """The items of which some community said something, and what was said: (items, communities)."""
    corpus = rehearsal.corpus
    communities = corpus.standings.communities
    right = {
        (f.article, c): f.right for c in communities for f in bench.fates(c) if f.right is not None
    }  # fmt: skip
    spoken = {article for article, _ in right}
    rows = np.array([n for n, i in enumerate(corpus.ids) if i in spoken], np.intp)
    part = part_of(corpus, rows, bench.store)
    return part, verdicts(part.ids, communities, right)


def part_of(corpus: Corpus, rows: np.ndarray[tuple[int], np.dtype[np.intp]], store: Store) -> Corpus:
    """Some of the items of a corpus, with all that a rehearsal needs of them in memory."""
    ids = tuple(corpus.ids[i] for i in rows.tolist())
    kept, old, met = store.readings(ids), corpus.standings, corpus.met
    standings = Standings(
        old.communities, old.scores[rows], old.selected[rows], old.lead[rows],
        tuple(old.proposals[i] for i in rows.tolist()), tuple(old.dossiers[i] for i in rows.tolist()),
    )  # fmt: skip
    figures = replace(
        met, words=met.words[rows], general=met.general[rows], kinds=met.kinds[rows], length=met.length[rows]
    )  # fmt: skip
    shelf = Read(corpus.shelf.texts(rows), [kept[i] for i in ids], corpus.shelf.vectors(rows))
    return Corpus(ids, corpus.taxonomies, figures, standings, shelf)
