"""Charts drawn on the server as SVG: values in, markup out. Each comes with the rows of the table shown beside it.

Narrow on purpose (``WIDTH`` units): scaled to a telephone the words stay readable, and a wide screen puts several side
by side. Colours come from the classes of desk.css, so that the dark scheme and the content security policy hold; no
meaning is carried by colour alone (legend, values, table). Roles after the W3C's « SVG Accessibility API Mappings ».
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from babel.numbers import format_decimal
from markupsafe import Markup

#: Width of every chart, in SVG units; about the width of a telephone in CSS pixels.
WIDTH = 360
#: Classes of the series, in order; desk.css gives their colours.
CLASSES = ("", " second", " third")
_ROW = 38  # height of one horizontal bar with its label
_TOP, _BOTTOM, _LEFT = 26, 22, 34  # margins of columns: legend, days, axis


@dataclass(frozen=True, slots=True)
class Series:
    """One value per label; ``name`` stands in the legend and heads a column of the table."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing and the table that says the same. ``svg`` is empty when there is nothing to draw."""

    id: str
    title: str
    svg: Markup
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def bars(identity: str, title: str, what: str, heads: tuple[str, str], values: Sequence[tuple[str, float]]) -> Chart:
    """Horizontal bars, one per (label, value), in the order given; labels may be long.

    ``identity``: unique in the page; ``what``: one sentence for those who do not see the drawing; ``heads``: the
    columns of the table.
    """
    top = max((v for _, v in values), default=0)
    rows = tuple((label, number(v)) for label, v in values)
    if top <= 0:
        return Chart(identity, title, Markup(""), heads, rows)
    parts = []
    for n, (label, value) in enumerate(values):
        y, length = n * _ROW, _units(value, top, WIDTH - 52)
        parts.append(
            Markup('<text class="bar-label" x="0" y="{}">{}</text>').format(y + 13, _cut(label, 50))
            + _bar(0, y + 19, length, 12, 0, f"{label} : {number(value)}")
            + Markup('<text class="value" x="{}" y="{}">{}</text>').format(_f(length + 6), y + 29, number(value))
        )
    return Chart(identity, title, _svg(identity, title, what, len(values) * _ROW, parts), heads, rows)


def columns(
    identity: str, title: str, what: str, head: str, labels: Sequence[str], series: Sequence[Series],
    *, stacked: bool = False,
) -> Chart:  # fmt: skip
    """Columns over time, oldest first; several series stand side by side, or on one another when ``stacked``.

    ``head``: what the labels are (« Nuit »). Raises ``ValueError`` when a series has not one value per label.
    """
    if any(len(s.values) != len(labels) for s in series):
        raise ValueError("one value per label is expected")
    rows = tuple((label, *(number(s.values[n]) for s in series)) for n, label in enumerate(labels))
    header = (head, *(s.name for s in series))
    highest = sum if stacked else max
    heights = [highest([s.values[n] for s in series]) for n in range(len(labels))]
    if not heights or max(heights) <= 0:
        return Chart(identity, title, Markup(""), header, rows)
    top, height, inner = nice_top(max(heights)), 200, WIDTH - _LEFT - 6
    floor = height - _BOTTOM
    scale = (floor - _TOP) / top
    parts = [_legend(series)] if len(series) > 1 else []
    for tick in (0.0, top / 2, top):
        y = floor - tick * scale
        parts.append(
            Markup('<line class="axis" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(_LEFT, WIDTH, _f(y), _f(y))
            + Markup('<text class="tick" x="{}" y="{}" text-anchor="end">{}</text>').format(
                _LEFT - 6, _f(y + 4), number(tick)
            )
        )
    step = inner / len(labels)
    every = math.ceil(len(labels) / max(1, inner // 44))  # a label such as « 24/11 » takes 40 units
    for n, label in enumerate(labels):
        x, room = _LEFT + n * step, min(step * 0.76, 44.0)
        left = x + (step - room) / 2
        below = 0.0
        for k, one in enumerate(series):
            value = one.values[n]
            said = f"{label}, {one.name} : {number(value)}"
            if stacked:
                parts.append(_bar(left, floor - (below + value) * scale, room, value * scale, k, said))
                below += value
            else:
                width = room / len(series)
                parts.append(_bar(left + k * width, floor - value * scale, width - 1, value * scale, k, said))
        if (len(labels) - 1 - n) % every == 0:
            parts.append(
                Markup('<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>').format(
                    _f(x + step / 2), height - 6, label
                )
            )
    return Chart(identity, title, _svg(identity, title, what, height, parts), header, rows)


def nice_top(value: float) -> float:
    """The first of 2, 4, 6, 8, 10, 20, 40… that holds ``value``: its half is whole."""
    power = 10.0 ** math.floor(math.log10(max(value, 1.0)))
    return next(m * power for m in (2, 4, 6, 8, 10, 20) if m * power >= value)


def number(value: float) -> str:
    """« 1 234 », « 0,5 »."""
    return format_decimal(round(value, 1), locale="fr_FR")


def _svg(identity: str, title: str, what: str, height: int, parts: Sequence[Markup]) -> Markup:
    opening = Markup(
        '<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" role="img" '
        'aria-labelledby="{i}-title {i}-desc"><title id="{i}-title">{t}</title><desc id="{i}-desc">{d}</desc>'
    ).format(w=WIDTH, h=height, i=identity, t=title, d=what)
    return opening + Markup("").join(parts) + Markup("</svg>")


def _bar(x: float, y: float, width: float, height: float, series: int, said: str) -> Markup:
    """A rectangle; ``said`` shows under the pointer. A value that is not zero is never invisible."""
    if width <= 0 or height <= 0:
        return Markup("")
    if height < 1.5:
        y, height = y - (1.5 - height), 1.5
    return Markup(
        '<rect class="bar-shape{}" x="{}" y="{}" width="{}" height="{}" rx="1.5"><title>{}</title></rect>'
    ).format(CLASSES[series % len(CLASSES)], _f(x), _f(y), _f(max(width, 1.5)), _f(height), said)


def _legend(series: Sequence[Series]) -> Markup:
    parts, x = [], 0.0
    for k, one in enumerate(series):
        parts.append(
            Markup('<rect class="bar-shape{}" x="{}" y="2" width="10" height="10" rx="1.5"/>').format(
                CLASSES[k % len(CLASSES)], _f(x)
            )
            + Markup('<text x="{}" y="11">{}</text>').format(_f(x + 15), one.name)
        )
        x += 15 + 6.8 * len(one.name) + 14
    return Markup("").join(parts)


def _units(value: float, top: float, room: float) -> float:
    return value / top * room if value > 0 else 0.0


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _f(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def spark(values: Sequence[float], what: str) -> Markup:
    """A line of a table: small columns, January first, with one sentence that says the same. "" when all are zero."""
    top = max(values, default=0)
    if top <= 0:
        return Markup("")
    said = f"{what} : {', '.join(number(v) for v in values)}."
    width, height, step = 6 * len(values), 20, 6
    parts = [
        Markup('<rect class="bar-shape" x="{}" y="{}" width="4" height="{}" rx="1"/>').format(
            n * step + 1, _f(height - max(1.5, v / top * height)), _f(max(1.5, v / top * height))
        )
        for n, v in enumerate(values)
        if v > 0
    ]
    opening = Markup(
        '<svg class="chart spark" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" '
        'role="img" aria-label="{t}"><line class="axis" x1="0" x2="{w}" y1="{h}" y2="{h}"/>'
    ).format(w=width, h=height, t=said)
    return opening + Markup("").join(parts) + Markup("</svg>")
