"""French that the pages write by themselves: days, periods."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from curation.types import Draft, Event, Kind
from curation.web.contribution import edition_of, event_words
from curation.web.render import environment, written_day


@pytest.mark.parametrize(
    ("day", "form", "expected"),
    [
        (date(2026, 12, 1), "d MMMM y", "1er décembre 2026"),
        (date(2026, 12, 1), "EEE d", "mar. 1er"),
        (date(2026, 12, 1), "dd/MM", "01/12"),
        (date(2026, 12, 11), "d MMMM y", "11 décembre 2026"),
        (date(2026, 12, 21), "d MMM", "21 déc."),
    ],
)
def test_the_first_of_a_month_is_an_ordinal(day: date, form: str, expected: str) -> None:
    assert written_day(day, form) == expected


def test_the_first_of_a_month_with_its_hour() -> None:
    moment = environment("Europe/Paris").filters["moment"]
    assert moment(datetime(2026, 12, 1, 0, 1, tzinfo=UTC)) == "1er décembre 2026 à 01:01"
    assert moment(datetime(2026, 12, 1, 0, 1, tzinfo=UTC), "HH:mm") == "01:01"
    assert moment(None) == ""


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (Event(date(2026, 12, 1), date(2026, 12, 3), "Tours"), "du 1er au 3 décembre 2026, Tours"),
        (Event(date(2026, 12, 30), date(2027, 1, 1)), "du 30 décembre 2026 au 1er janvier 2027"),
        (Event(date(2026, 12, 8), date(2027, 12, 9)), "du 8 décembre 2026 au 9 décembre 2027"),
        (Event(date(2026, 12, 8), date(2026, 12, 8)), "le 8 décembre 2026"),
    ],
)
def test_an_event_says_its_month_once(event: Event, expected: str) -> None:
    assert event_words(event, written_day) == expected


def test_words_of_the_vocabulary_are_published_with_french_apostrophes() -> None:
    draft = Draft(
        "a", "tourisme", 0.5, 0.5, "Titre", "", "Pour les chargés d'études.", "", "", None, Kind.NEWS, None,
        keywords=("bureau d'études",),
    )  # fmt: skip
    edition = edition_of(draft)
    assert edition.context == "Pour les chargés d’études." and edition.tags == ("bureau d’études",)
