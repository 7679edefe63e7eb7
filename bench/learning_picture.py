"""The curves of ``bench.learning`` as one SVG: readable in grey, no font but the reader's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 800, 340, 56, 44, 260, 46
_STYLES = {
    ("modèle livré", "exigeant"): ("#1b4f8f", "", "modèle livré, animatrice exigeante"),
    ("modèle livré", "guide"): ("#1b4f8f", "6 4", "modèle livré, selon le guide"),
    ("règles seules", "exigeant"): ("#8a5a00", "", "règles seules, animatrice exigeante"),
    ("règles seules", "guide"): ("#8a5a00", "6 4", "règles seules, selon le guide"),
}


def draw(curves: Sequence[Mapping[str, Any]], measure: str = "micro_f1") -> str:
    """Micro-F1 against the number of verdicts, one standard error around each point."""
    steps = sorted({int(c["verdicts"]) for c in curves})
    values = [float(c[measure]) for c in curves]
    low, high = int(min(values) * 20) / 20, (int(max(values) * 20) + 1) / 20
    inner_w, inner_h = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def x(step: int) -> float:
        return _LEFT + inner_w * step / steps[-1]

    def y(value: float) -> float:
        return _TOP + inner_h * (high - value) / (high - low)

    parts = [
        f'<text x="{_LEFT}" y="20" class="t">Micro-F1 de la file, sur des contenus que personne n’a relus</text>',
        f'<text x="{_LEFT + inner_w / 2:.0f}" y="{_HEIGHT - 8}" class="a" text-anchor="middle">avis donnés</text>',
    ]
    tick = low
    while tick <= high + 1e-9:
        parts.append(f'<line x1="{_LEFT}" x2="{_LEFT + inner_w}" y1="{y(tick):.1f}" y2="{y(tick):.1f}" class="g"/>')
        label = f"{tick:.2f}".replace(".", ",")
        parts.append(f'<text x="{_LEFT - 8}" y="{y(tick) + 4:.1f}" class="a" text-anchor="end">{label}</text>')
        tick += 0.05
    parts += [
        f'<text x="{x(step):.1f}" y="{_HEIGHT - _BOTTOM + 18}" class="a" text-anchor="middle">{step}</text>'
        for step in steps
    ]
    ends: list[tuple[float, str, str]] = []
    for key, (colour, dash, name) in _STYLES.items():
        line = sorted((c for c in curves if (c["start"], c["reader"]) == key), key=lambda c: int(c["verdicts"]))
        points = " ".join(f"{x(int(c['verdicts'])):.1f},{y(float(c[measure])):.1f}" for c in line)
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dash}"/>'
        )
        for c in line:
            at, value, error = x(int(c["verdicts"])), float(c[measure]), float(c[f"{measure}_error"])
            parts.append(
                f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{y(value - error):.1f}" y2="{y(value + error):.1f}" '
                f'stroke="{colour}" stroke-width="1.5"/>'
                f'<circle cx="{at:.1f}" cy="{y(value):.1f}" r="3.5" fill="{colour}"/>'
            )
        ends.append((y(float(line[-1][measure])), colour, name))
    last = -1e9
    for at, colour, name in sorted(ends):
        last = max(at, last + 17)  # names never stand on one another
        parts.append(
            f'<text x="{_LEFT + inner_w + 12}" y="{last + 4:.1f}" class="n" fill="{colour}">{escape(name)}</text>'
        )
    style = (
        "text{font-family:system-ui,sans-serif}.t{font-size:15px;font-weight:600;fill:#1a1a1a}"
        ".a{font-size:12px;fill:#444}.n{font-size:12px;font-weight:600}.g{stroke:#ddd}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="Qualité de la file selon le nombre d’avis donnés"><style>{style}</style>'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )
