"""Days that a text binds together over their hours make one stay; days that it does not bind remain apart."""

from __future__ import annotations

from datetime import date, time

import pytest

from curation.decide.dates import find_dates

REFERENCE = date(2026, 8, 20)  # a Thursday


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("du mardi 3 novembre 9h au mercredi 4 novembre 18h", "2026-11-03", "2026-11-04"),
        ("du 3 novembre (9h) au 5 novembre (17h)", "2026-11-03", "2026-11-05"),
        ("05/11/2026 9h00 - 07/11/2026 18h00", "2026-11-05", "2026-11-07"),
        ("samedi 3 octobre de 10h à 18h et dimanche 4 octobre de 10h à 17h", "2026-10-03", "2026-10-04"),
        ("les 13 nov., 20 nov. et 4 déc. 2026", "2026-11-13", "2026-12-04"),
        ("de mi-octobre à fin novembre", "2026-10-10", "2026-11-30"),
        ("entre mi-octobre et début novembre 2026", "2026-10-10", "2026-11-05"),
        ("du 12 octobre jusqu'à fin juin 2027", "2026-10-12", "2027-06-30"),
        ("du 3 novembre à 9h au 4 novembre 2027", "2027-11-03", "2027-11-04"),
    ],
)
def test_bound_days_make_one_mention(text: str, start: str, end: str) -> None:
    mentions = find_dates(text, REFERENCE)
    assert [(m.start.isoformat(), m.end.isoformat()) for m in mentions] == [(start, end)]


@pytest.mark.parametrize(
    "text",
    [
        "le 3 novembre ; puis, plus loin, le 5 novembre",
        "le 3 novembre, du 5 au 7 novembre",
        "Le 3 novembre, 12 communes ; au 5 novembre, 14",
        "le 5 novembre au plus tard et le 3 mars",
    ],
)
def test_days_that_nothing_binds_remain_apart(text: str) -> None:
    assert len(find_dates(text, REFERENCE)) == 2


def test_the_first_hour_opens_and_the_last_closes() -> None:
    mention = find_dates("du 3 novembre à 9h au 5 novembre à 17h30", REFERENCE)[0]
    assert (mention.start_time, mention.end_time) == (time(9), time(17, 30))
