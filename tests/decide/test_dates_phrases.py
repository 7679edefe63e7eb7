"""A whole time phrase becomes a span; measured on the labelled phrases where they are at hand."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from curation.decide.date_grammar import fold
from curation.decide.phrases import read_slot, resolve_phrase

REFERENCE = datetime(2026, 8, 20, 10, 15)  # a Thursday


@pytest.mark.parametrize(
    ("phrase", "start", "end"),
    [
        ("9h30 - 11h lundi", "2026-08-24T09:30", "2026-08-24T11:00"),
        ("lundi mais entre 9h30 et 11h", "2026-08-24T09:30", "2026-08-24T11:00"),
        ("demain à 14 heures", "2026-08-21T14:00", "2026-08-21T15:00"),
        ("ce soir", "2026-08-20T18:00", "2026-08-21T00:00"),
        ("6h du soir", "2026-08-20T18:00", "2026-08-20T19:00"),
        ("le 12 octobre en fin de matinée", "2026-10-12T10:00", "2026-10-12T12:00"),
        ("mardi en huit", "2026-09-01T00:00", "2026-09-02T00:00"),
        ("du 13 au 18", "2026-09-13T00:00", "2026-09-19T00:00"),
        ("le mois dernier", "2026-07-01T00:00", "2026-08-01T00:00"),
        ("fin d'année", "2026-11-01T00:00", "2027-01-01T00:00"),
        ("cet hiver", "2026-12-21T00:00", "2027-03-21T00:00"),
        ("midi et demi", "2026-08-20T12:30", "2026-08-20T13:30"),
        ("3 heures du matin", "2026-08-21T03:00", "2026-08-21T04:00"),
        ("le lendemain du 13 octobre", "2026-10-14T00:00", "2026-10-15T00:00"),
        ("31 octobre 74", "1974-10-31T00:00", "1974-11-01T00:00"),
        ("ce week-end", "2026-08-21T18:00", "2026-08-24T00:00"),
        ("le dernier jour de février", "2027-02-28T00:00", "2027-03-01T00:00"),
        ("le 3 du mois prochain", "2026-09-03T00:00", "2026-09-04T00:00"),
        ("toute la journée du 2 octobre", "2026-10-02T00:00", "2026-10-03T00:00"),
    ],
)
def test_a_phrase_is_resolved(phrase: str, start: str, end: str) -> None:
    span = resolve_phrase(phrase, REFERENCE)
    assert span == (datetime.fromisoformat(start), datetime.fromisoformat(end))


@pytest.mark.parametrize(
    "phrase",
    ["", "bonjour", "la mairie de Tours", "99 heures", "dans 999 annees et plus", "le 3 et ses amis", "3 salles"],
)
def test_what_is_no_time_gives_nothing(phrase: str) -> None:
    assert resolve_phrase(phrase, REFERENCE) is None


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("lundi, à la mairie", "2026-08-24", "2026-08-24"),
        ("ce soir à 18h30 salle des fêtes", "2026-08-20", "2026-08-20"),
        ("le 16 vers 18h, entrée libre", "2026-09-16", "2026-09-16"),
        ("du 13 au 18 et sera gratuite", "2026-09-13", "2026-09-18"),
        ("dans quinze jours à Tours", "2026-09-04", "2026-09-04"),
    ],
)
def test_a_phrase_is_read_in_its_place_inside_a_text(text: str, start: str, end: str) -> None:
    slot = read_slot(fold(f"Rendez-vous {text}"), len("Rendez-vous "), REFERENCE.date())
    assert slot is not None
    assert (slot.start.isoformat(), slot.end.isoformat()) == (start, end)


@pytest.mark.parametrize("text", ["à 18h30", "en fin de matinée", "3 salles municipales", "Tours, en Touraine", ""])
def test_a_place_without_a_day_gives_none(text: str) -> None:
    assert read_slot(fold(text), 0, REFERENCE.date()) is None


_PHRASES = Path(__file__).parents[3] / "shared" / "data" / "date-phrases-dev.jsonl"


def _moment(value: str) -> datetime:
    day, clock = value.split("T")
    year, month, number = (int(part) for part in day.split("-"))
    return datetime(year, max(1, month), max(1, number), *(int(part) for part in clock.split(":")))


@pytest.mark.skipif(not _PHRASES.exists(), reason="the labelled phrases are not at hand")
def test_nine_labelled_phrases_in_ten_are_right() -> None:
    rows = [json.loads(line) for line in _PHRASES.read_text(encoding="utf-8").splitlines()]
    right = 0
    for row in rows:
        span = resolve_phrase(row["text"], datetime.fromisoformat(row["reference"]).replace(tzinfo=None))
        values = [_moment(value) for value in row["values"]]
        if span is None or span[0] != values[0]:
            continue
        # The labels end an interval of minutes one minute late.
        right += len(values) == 1 or span[1] in (values[1], values[1] - timedelta(minutes=1))
    assert right / len(rows) >= 0.90
