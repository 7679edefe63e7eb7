"""Charts: sound SVG, named for those who do not see it, with the same figures in a table, nothing inline."""

from __future__ import annotations

from itertools import pairwise

import pytest
from lxml import etree

from curation.web.charts import Chart, Series, bars, columns, nice_top

SVG = "{http://www.w3.org/2000/svg}"


def drawn(chart: Chart) -> etree._Element:
    """The SVG, well formed."""
    return etree.fromstring(str(chart.svg).encode())


def test_a_chart_has_a_name_and_a_description_for_assistive_technology() -> None:
    root = drawn(bars("files", "Brouillons", "Tourisme mène.", ("Communauté", "Brouillons"), [("Tourisme", 3)]))
    assert root.get("role") == "img"
    named = {e.get("id"): e.text for e in root if e.get("id")}
    assert [named[i] for i in root.get("aria-labelledby").split()] == ["Brouillons", "Tourisme mène."]


def test_a_chart_has_no_inline_style_nor_colour() -> None:
    chart = columns("n", "T", "D", "Nuit", ["24/11"], [Series("entrées", (3,)), Series("brouillons", (1,))])
    for element in drawn(chart).iter():
        assert not {"style", "fill", "stroke", "onload"} & set(element.attrib)


def test_the_table_says_what_the_bars_show() -> None:
    chart = bars("f", "T", "D", ("Communauté", "Brouillons"), [("Tourisme", 1234), ("Urbanisme", 0)])
    assert chart.rows == (("Tourisme", "1\u202f234"), ("Urbanisme", "0"))
    assert len(drawn(chart).findall(f"{SVG}rect")) == 1  # zero draws nothing


def test_bars_are_in_proportion() -> None:
    chart = bars("f", "T", "D", ("a", "b"), [("x", 100), ("y", 50)])
    widths = [float(r.get("width")) for r in drawn(chart).findall(f"{SVG}rect")]
    assert widths[0] == pytest.approx(2 * widths[1])


def test_stacked_columns_stand_on_one_another() -> None:
    chart = columns("f", "T", "D", "Nuit", ["1"], [Series("a", (4,)), Series("b", (6,))], stacked=True)
    first, second = drawn(chart).findall(f"{SVG}rect")[2:]  # after the legend
    bottom = float(second.get("y")) + float(second.get("height"))
    assert bottom == pytest.approx(float(first.get("y")), abs=0.11)
    assert first.get("x") == second.get("x")


def test_columns_side_by_side_share_the_floor() -> None:
    chart = columns("f", "T", "D", "Nuit", ["1", "2"], [Series("a", (4, 2)), Series("b", (6, 1))])
    floors = {round(float(r.get("y")) + float(r.get("height"))) for r in drawn(chart).findall(f"{SVG}rect")[2:]}
    assert len(floors) == 1


def test_a_small_value_is_never_invisible() -> None:
    chart = columns("f", "T", "D", "Nuit", ["1", "2"], [Series("a", (10_000, 1))])
    assert all(float(r.get("height")) >= 1.5 for r in drawn(chart).findall(f"{SVG}rect"))


@pytest.mark.parametrize("values", [[], [("x", 0)]])
def test_nothing_to_draw_draws_nothing(values: list[tuple[str, float]]) -> None:
    assert bars("f", "T", "D", ("a", "b"), values).svg == ""
    assert columns("f", "T", "D", "Nuit", [], [Series("a", ())]).svg == ""


def test_hostile_names_stay_text() -> None:
    evil = '<script>alert(1)</script>"&'
    chart = bars("f", evil, evil, ("a", "b"), [(evil, 1)])
    root = drawn(chart)
    assert "<script" not in str(chart.svg)
    assert root.find(f"{SVG}text").text == evil
    chart = columns("f", evil, evil, "Nuit", [evil], [Series(evil, (1,)), Series("b", (1,))])
    assert "<script" not in str(chart.svg)


def test_labels_of_many_nights_do_not_run_into_each_other() -> None:
    labels = [f"{n:02}/11" for n in range(1, 31)]
    root = drawn(columns("f", "T", "D", "Nuit", labels, [Series("a", tuple(range(1, 31)))]))
    shown = [float(t.get("x")) for t in root.findall(f"{SVG}text") if (t.text or "").endswith("/11")]
    assert all(b - a >= 40 for a, b in pairwise(shown))
    assert any((t.text or "") == "30/11" for t in root.findall(f"{SVG}text"))  # the last night is named


@pytest.mark.parametrize(("value", "top"), [(0.2, 2), (1, 2), (3, 4), (7, 8), (11, 20), (157, 200), (4152, 6000)])
def test_the_axis_ends_on_a_round_number(value: float, top: float) -> None:
    assert nice_top(value) == top


def test_a_series_of_another_length_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="one value per label"):
        columns("f", "T", "D", "Nuit", ["1"], [Series("a", (1, 2))])
