"""An evaluation report as French text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.evaluate import Report

_MARGIN = 22  # width of a community id


def number(value: float | None, digits: int = 3) -> str:
    """A figure in the French manner (« 0,613 »), or a dash."""
    return "–" if value is None else f"{value:.{digits}f}".replace(".", ",")


def render_report(report: Report) -> str:
    """The measures with their intervals, the table of communities, the worst mistakes."""
    width = max(len(measure.label) for measure in report.measures)
    lines = [f"Qualité des jugements sur {report.items} items étiquetés", ""]
    lines.append(f"{'mesure':<{width}}  valeur  intervalle à 95 %  cas")
    for measure in report.measures:
        interval = "–" if measure.low is None else f"{number(measure.low)} – {number(measure.high)}"
        lines.append(f"{measure.label:<{width}}  {number(measure.value):>6}  {interval:>17}  {measure.n:>4}")
    lines += ["", f"Meilleur seuil unique : {number(report.best_threshold)}", ""]
    names = max([_MARGIN, *(len(figures.id) for figures in report.communities)])
    lines.append(f"{'communauté':<{names}}  items     AP  précision  rappel     F1")
    for figures in report.communities:
        lines.append(
            f"{figures.id:<{names}}  {figures.n:>5}  {number(figures.average_precision):>5}"
            f"  {number(figures.precision):>9}  {number(figures.recall):>6}  {number(figures.f1):>5}"
        )
    if report.worst:
        lines += ["", f"Les {len(report.worst)} plus grosses erreurs"]
    for mistake in report.worst:
        fault = "manqué" if mistake.grade >= 2 else "de trop"
        title = " ".join(mistake.title.split())
        title = title if len(title) <= 70 else title[:69] + "…"
        lines.append(
            f"{fault:<7}  score {number(mistake.score, 2)}, note {mistake.grade}"
            f"  {mistake.community}  {mistake.id}  {title}"
        )
    return "\n".join(lines)
