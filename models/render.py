"""An evaluation report as French text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.concepts import ConceptFigures
    from models.evaluate import CommunityFigures, Report
    from models.mistakes import Mistake
    from models.queues import QueueFigures

_MARGIN = 22  # width of a community id
#: Concepts shown; ``--json`` gives them all.
_CONCEPTS = 20
_PLACE = {"title": "titre", "lead": "chapeau", "body": "texte", "sense": "sens"}


def number(value: float | None, digits: int = 3) -> str:
    """A figure in the French manner (« 0,613 »), or a dash."""
    return "–" if value is None else f"{value:.{digits}f}".replace(".", ",")


def between(low: float | None, high: float | None, digits: int = 3) -> str:
    """An interval in the French manner (« 0,580 – 0,640 »), or a dash."""
    return "–" if low is None else f"{number(low, digits)} – {number(high, digits)}"


def render_report(report: Report) -> str:
    """The measures with their intervals, the tables of communities, queues and concepts, the worst mistakes."""
    width = max(len(measure.label) for measure in report.measures)
    lines = [f"Qualité des jugements sur {report.items} items étiquetés", ""]
    lines.append(f"{'mesure':<{width}}  valeur  intervalle à 95 %  cas")
    lines += [
        f"{one.label:<{width}}  {number(one.value):>6}  {between(one.low, one.high):>17}  {one.n:>4}"
        for one in report.measures
    ]
    lines += ["", f"Meilleur seuil unique : {number(report.best_threshold)}", ""]
    names = max([_MARGIN, *(len(figures.id) for figures in report.communities)])
    lines += _communities(report.communities, names)
    if report.queues:
        lines += ["", *_queues(report.queues, names)]
    if any(one.faults for one in report.concepts):
        lines += ["", *_concepts(report.concepts, names)]
    if report.worst:
        lines += ["", f"Les {len(report.worst)} plus grosses erreurs"]
    for mistake in report.worst:
        lines += _mistake(mistake)
    return "\n".join(lines)


def _communities(communities: tuple[CommunityFigures, ...], names: int) -> Iterator[str]:
    """Two lines each: the figures, then their intervals."""
    yield f"{'communauté':<{names}}  items{'AP':>15}{'précision':>15}{'rappel':>15}{'F1':>15}"
    for one in communities:
        values = (one.average_precision, one.precision, one.recall, one.f1)
        spans = (one.average_precision_interval, one.precision_interval, one.recall_interval, one.f1_interval)
        yield f"{one.id:<{names}}  {one.n:>5}" + "".join(f"{number(value):>15}" for value in values)
        if any(low is not None for low, _ in spans):
            yield " " * (names + 7) + "".join(f"{between(*span, 2):>15}" for span in spans)


def _queues(queues: tuple[QueueFigures, ...], names: int) -> Iterator[str]:
    yield (
        "Files : nDCG@20 face à tous les items étiquetés, puis face au meilleur ordre des mêmes brouillons ; parmi les "
        "20 premiers, utiles, sources, dossiers et mots forts différents"
    )
    yield (
        f"{'file':<{names}}  brouillons   nDCG  à 95 %           ordre  à 95 %         utiles  sources  dossiers  mots"
    )
    for one in queues:
        yield (
            f"{one.community:<{names}}  {one.n:>10}  {number(one.ndcg):>5}  {between(one.low, one.high, 2):<15}"
            f"  {number(one.order):>5}  {between(one.order_low, one.order_high, 2):<13}"
            f"  {f'{one.useful}/{one.shown}':>6}  {one.sources:>7}  {one.dossiers:>8}  {one.concepts:>4}"
        )


def _concepts(concepts: tuple[ConceptFigures, ...], names: int) -> Iterator[str]:
    shown = [one for one in concepts if one.faults][:_CONCEPTS]
    yield ("Concepts à revoir d’abord (trouvés ; retenus à raison, à tort ; manqués ; part à raison) ; tous : --json")
    yield f"{'communauté':<{names}}  trouvés  à raison  à tort  manqués   part  à 95 %       concept"
    for one in shown:
        yield (
            f"{one.community:<{names}}  {one.found:>7}  {one.right:>8}  {one.wrong:>6}  {one.missed:>7}"
            f"  {number(one.share, 2):>5}  {between(one.low, one.high, 2):<11}  {one.label}"
        )


def _mistake(mistake: Mistake) -> Iterator[str]:
    fault = "manqué" if mistake.grade >= 2 else "de trop"
    title = " ".join(mistake.title.split())
    title = title if len(title) <= 70 else title[:69] + "…"
    yield (
        f"{fault:<7}  score {number(mistake.score, 2)}, note {mistake.grade}"
        f"  {mistake.community}  {mistake.id}  {title}"
    )
    words = ", ".join(f"« {label} » ({_PLACE.get(where, where)})" for label, where in mistake.words)
    yield f"         mots : {words or 'aucun'}"
    if mistake.reasons:
        yield f"         raisons affichées : {' ; '.join(mistake.reasons)}"
    if mistake.said_lead != mistake.gold_lead:
        yield f"         mène : {mistake.said_lead or 'personne'} ; attendu : {mistake.gold_lead or 'personne'}"
