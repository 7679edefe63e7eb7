"""The draft's own words: sentences quoted from the text, and one line for the audience. Nothing is invented."""

from __future__ import annotations

import re
from collections.abc import Sequence

from curation.types import Article, Draft, Evidence, Judgement, Source
from taxonomy.types import Taxonomy

#: End of a sentence: a full stop followed by a capital or a quote; common abbreviations do not end one.
_END = re.compile(
    r"(?<=[.!?…])(?<!\bM\.)(?<!\bMme\.)(?<!\bart\.)(?<!\bcf\.)(?<!\bn°\.)(?<!\bp\.)\s+(?=[A-ZÀ-ÖØ-Þ«\"“])"
)
_SPACES = re.compile(r"\s+")
#: A quoted summary stays short: the right to quote is the right to be brief (CPI, art. L. 122-5).
MAX_SUMMARY, MAX_SENTENCES, MIN_SENTENCE = 600, 3, 40


def make_draft(
    article: Article, judgement: Judgement, sources: Sequence[Source], taxonomy: Taxonomy, *, lead: bool = True
) -> Draft:
    """The draft of one article for a community, not yet ranked: its score is its relevance.

    ``lead`` False: the community receives it from a neighbour, or a person brought it; the dossier is then left to
    ``best_dossiers``. Raises ``StopIteration`` when the judgement does not know the community.
    """
    score = next(c for c in judgement.communities if c.id == taxonomy.id)
    labels = {c.id: c.pref_label for c in taxonomy.concepts}
    keywords = tuple(dict.fromkeys(labels.get(e.concept, e.label) for e in score.evidence if e.where != "sense"))
    placed = judgement.dossier if judgement.dossier and judgement.dossier.community == taxonomy.id else None
    shelves = [(placed.id, placed.score)] if placed else best_dossiers(taxonomy, score.evidence)[:1]
    dossier = shelves[0][0] if shelves else None
    return Draft(
        article=article.id,
        community=taxonomy.id,
        score=score.score,
        relevance=score.score,
        title=article.title or "(sans titre)",
        summary=summarise(article.title, article.text, score.evidence),
        context=context_line(taxonomy, score.evidence),
        url=article.url,
        source=sources[0].name if sources else (article.site or ""),
        published=article.published,
        kind=judgement.kind,
        dossier=dossier,
        dossier_score=shelves[0][1] if shelves else 0.0,
        keywords=keywords[:8],
        proposals=judgement.proposals if lead else (),
        reasons=score.reasons,
        event=judgement.event,
        deadline=judgement.deadline,
        lead=lead,
    )


def best_dossiers(taxonomy: Taxonomy, evidence: Sequence[Evidence]) -> list[tuple[str, float]]:
    """(dossier, share of the evidence, 0..1) of every dossier the evidence speaks for, best first."""
    speaks_for = {c.id: c.dossiers for c in taxonomy.concepts}
    weights: dict[str, float] = {}
    for e in evidence:
        for dossier in speaks_for.get(e.concept, ()):
            weights[dossier] = weights.get(dossier, 0.0) + max(0.0, e.weight)
    whole = sum(weights.values())
    if not whole:
        return []
    return sorted(((d, round(w / whole, 4)) for d, w in weights.items()), key=lambda x: (-x[1], x[0]))


def sentences(text: str) -> list[str]:
    """Sentences of a text, in order; a line break ends one."""
    found = []
    for line in text.splitlines():
        found += [_SPACES.sub(" ", s).strip() for s in _END.split(line)]
    return [s for s in found if s]


def summarise(title: str, text: str, evidence: Sequence[Evidence]) -> str:
    """Two or three sentences taken from the text: its opening, then those where the keywords stand.

    They keep the order of the text; empty when the text says no more than the title.
    """
    said = sentences(text[:6000])
    places = [n for n, s in enumerate(said) if len(s) >= MIN_SENTENCE and _plain(s) != _plain(title)]
    pool = [said[n] for n in places]
    if not pool:
        whole = _SPACES.sub(" ", text).strip()
        return "" if _plain(whole) == _plain(title) else _cut(whole)
    labels = [_plain(e.label) for e in evidence if e.where != "sense"][:6]

    def value(i: int) -> float:
        plain = _plain(pool[i])
        return (1.5 if i == 0 else 1 / (1 + i * 0.3)) + sum(0.8 for label in labels if label in plain)

    chosen: list[int] = []
    size = 0
    for i in sorted(range(min(len(pool), 25)), key=lambda i: (-value(i), i)):
        if len(chosen) == MAX_SENTENCES:
            break
        if size + len(pool[i]) <= MAX_SUMMARY:
            chosen.append(i)
            size += len(pool[i])
    if not chosen:
        return _cut(pool[0])
    parts = [
        # a sentence left out shows, however short: « Il a dit oui. Non. » is not « Il a dit oui. »
        ("" if n == 0 or places[i] == places[before] + 1 else "[…] ") + pool[i]
        for n, (i, before) in enumerate(zip(sorted(chosen), [-1, *sorted(chosen)[:-1]], strict=True))
    ]
    return " ".join(parts)


def context_line(taxonomy: Taxonomy, evidence: Sequence[Evidence]) -> str:
    """One line that tells the audience why it is for them."""
    themes = []
    for e in evidence:
        label = next((c.pref_label for c in taxonomy.concepts if c.id == e.concept), e.label)
        if label not in themes:
            themes.append(label)
    about = ", ".join(themes[:3]) or taxonomy.pref_label.lower()
    readers = " et ".join(taxonomy.audience[:2])
    # a no-break space before the colon, as French sets it
    return f"Pour les {readers}\u00a0: {about}." if readers else f"Thèmes\u00a0: {about}."


def _plain(text: str) -> str:
    return _SPACES.sub(" ", text).strip().strip(".…").casefold()


def _cut(text: str) -> str:
    if len(text) <= MAX_SUMMARY:
        return text
    return text[:MAX_SUMMARY].rsplit(" ", 1)[0].rstrip(",;: ") + "…"
