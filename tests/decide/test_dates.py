"""Days read in French text: what is found, where, and which year is inferred."""

from __future__ import annotations

import itertools
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.decide.date_grammar import FUTURE, PAST, fold
from curation.decide.dates import find_dates

REFERENCE = date(2026, 8, 20)  # a Thursday


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("mardi 24 novembre 2026", "2026-11-24", "2026-11-24"),
        ("Rencontre le 24 nov. à Tours", "2026-11-24", "2026-11-24"),
        ("du 3 au 5 décembre 2026", "2026-12-03", "2026-12-05"),
        ("du 30 novembre au 2 décembre", "2026-11-30", "2026-12-02"),
        ("du 28 décembre au 3 janvier", "2026-12-28", "2027-01-03"),
        ("les 3, 4 et 5 mars", "2027-03-03", "2027-03-05"),
        ("le 1er avril", "2027-04-01", "2027-04-01"),
        ("le premier avril 2027", "2027-04-01", "2027-04-01"),
        ("le 24/11/2026", "2026-11-24", "2026-11-24"),
        ("du 12 au 14/10/2026", "2026-10-12", "2026-10-14"),
        ("24.11.26", "2026-11-24", "2026-11-24"),
        ("2026-11-24", "2026-11-24", "2026-11-24"),
        ("le lundi 14/09", "2026-09-14", "2026-09-14"),
        ("entre le 10 octobre et le 1er novembre", "2026-10-10", "2026-11-01"),
        ("du lundi 7 au vendredi 11 septembre", "2026-09-07", "2026-09-11"),
        ("Mardi 6 Octobre au Mercredi 7 Octobre 2026", "2026-10-06", "2026-10-07"),
        ("3 – 21 décembre", "2026-12-03", "2026-12-21"),
        ("16 février - 2 juillet 2027", "2027-02-16", "2027-07-02"),
        ("le 31 mars et le 1er avril", "2027-03-31", "2027-04-01"),
        ("de novembre à mars", "2026-11-01", "2027-03-31"),
        ("novembre 2026 - mars 2027", "2026-11-01", "2027-03-31"),
        ("mi-janvier", "2027-01-10", "2027-01-19"),
        ("fin mars 2027", "2027-03-21", "2027-03-31"),
        ("courant décembre", "2026-12-01", "2026-12-31"),
        ("premier semestre 2027", "2027-01-01", "2027-06-30"),
        ("au 4e trimestre 2026", "2026-10-01", "2026-12-31"),
        ("l'été 2027", "2027-06-21", "2027-09-22"),
        ("ce vendredi 21", "2026-08-21", "2026-08-21"),
        ("demain", "2026-08-21", "2026-08-21"),
        ("jeudi prochain", "2026-08-27", "2026-08-27"),
        ("lundi dernier", "2026-08-17", "2026-08-17"),
        ("la semaine du 7 octobre", "2026-10-07", "2026-10-11"),
        ("le premier mercredi d'octobre", "2026-10-07", "2026-10-07"),
        ("la première quinzaine d’octobre", "2026-10-01", "2026-10-14"),
        ("du lundi 12 au vendredi 16", "2026-10-12", "2026-10-16"),
        ("lundi 12 et mardi 13", "2026-10-12", "2026-10-13"),
        ("mercredi 26/08", "2026-08-26", "2026-08-26"),
        ("le week-end du 10 octobre", "2026-10-10", "2026-10-11"),
        ("T1 2027", "2027-01-01", "2027-03-31"),
        ("S2 2026", "2026-07-01", "2026-12-31"),
        ("fin 2026", "2026-10-01", "2026-12-31"),
        ("avant la fin de l'année", "2026-10-01", "2026-12-31"),
        ("à la rentrée 2026", "2026-09-01", "2026-09-30"),
        ("au cours du mois d'octobre", "2026-10-01", "2026-10-31"),
        ("à partir d'octobre 2026", "2026-10-01", "2026-10-31"),
        ("le lundi de Pâques", "2027-03-29", "2027-03-29"),
        ("le lendemain du 13 octobre", "2026-10-14", "2026-10-14"),
        ("mardi en quinze", "2026-09-08", "2026-09-08"),
        ("septembre/octobre 2026", "2026-09-01", "2026-10-31"),
    ],
)
def test_a_written_date_is_read(text: str, start: str, end: str) -> None:
    mention = find_dates(text, REFERENCE)[0]
    assert (mention.start.isoformat(), mention.end.isoformat()) == (start, end)


@pytest.mark.parametrize(
    "text",
    [
        "version 1.2.26",
        "appelez le 02.47.01.02.03",
        "les 3/4 des communes, soit 1/8e du total, 24h/24 et 7/7",
        "38 listes, 2 500 habitants et 12 % de hausse",
        "la lumière de mars",
        "le 32 mars 2026 et le 30 février 2026",
        "3 marsouins et 4 avrils",
        "le territoire de demain",
        "les vacances de la Toussaint",
        "la hotte du père Noël",
        "",
    ],
)
def test_a_number_that_is_no_date_is_left_alone(text: str) -> None:
    assert find_dates(text, REFERENCE) == []


def test_offsets_are_those_of_the_original_text() -> None:
    text = "Réunion à Évreux\u00a0: le vendredi 4\u00a0décembre 2026, dès l’aube"
    mention = find_dates(text, REFERENCE)[0]
    assert text[mention.start_offset : mention.end_offset] == "vendredi 4\u00a0décembre 2026"


def test_the_weekday_picks_the_year() -> None:
    assert find_dates("le samedi 27 mars", REFERENCE)[0].start == date(2027, 3, 27)
    assert find_dates("le jeudi 27 mars", REFERENCE)[0].start == date(2025, 3, 27)


def test_a_wrong_weekday_lowers_certainty_but_keeps_the_written_year() -> None:
    right, wrong = (find_dates(f"{day} 24 novembre 2026", REFERENCE)[0] for day in ("mardi", "jeudi"))
    assert wrong.start == right.start
    assert wrong.certainty < right.certainty


def test_a_missing_year_is_the_most_sensible_one() -> None:
    assert find_dates("le 14 novembre", date(2026, 1, 10))[0].start == date(2025, 11, 14)
    assert find_dates("le 14 novembre", date(2026, 8, 1))[0].start == date(2026, 11, 14)
    assert find_dates("le 15 novembre dernier", date(2026, 8, 1))[0].start == date(2025, 11, 15)
    assert find_dates("le 20 août", date(2026, 8, 25), lean=FUTURE)[0].start == date(2027, 8, 20)
    assert find_dates("le 30 août", date(2026, 8, 25), lean=PAST)[0].start == date(2025, 8, 30)


def test_the_verb_before_a_date_leans_its_year() -> None:
    winter = date(2026, 2, 12)
    assert find_dates("le 25 décembre", winter)[0].start == date(2025, 12, 25)
    assert find_dates("La fête aura lieu le 25 décembre", winter)[0].start == date(2026, 12, 25)
    assert find_dates("Le forum s'est tenu le 25 mars", winter)[0].start == date(2025, 3, 25)
    late = date(2026, 10, 8)  # an agenda read a few days after what it announced
    assert find_dates("La fête aura lieu le 2 octobre", late)[0].start == date(2026, 10, 2)


def test_a_slip_of_the_weekday_is_no_reason_to_go_back_in_time() -> None:
    assert find_dates("du 13 au samedi 15 novembre", REFERENCE, lean=FUTURE)[0].end == date(2026, 11, 15)


def test_without_reference_a_year_is_taken_whole() -> None:
    assert find_dates("Programme 2027 : le 15 janvier", None)[0].start == date(2027, 1, 15)
    assert find_dates("le 28 décembre", None, year=2027)[0].start == date(2027, 12, 28)


def test_without_reference_a_year_of_the_text_serves_else_nothing_is_said() -> None:
    assert find_dates("le 14 novembre", None) == []
    assert find_dates("demain", None) == []
    assert find_dates("Édition 2027 : rendez-vous le 14 novembre", None)[0].start == date(2027, 11, 14)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("le 24 novembre de 14h à 17h", time(14), time(17)),
        ("le 24 novembre, 9h30 - 11h", time(9, 30), time(11)),
        ("le 24/11/2026 à partir de 9 h 30", time(9, 30), None),
        ("Mardi 24 novembre à 18:30", time(18, 30), None),
        ("le 24 novembre à midi", time(12), None),
        ("le 24 novembre à Tours", None, None),
    ],
)
def test_hours_that_follow_belong_to_the_day(text: str, start: time | None, end: time | None) -> None:
    mention = find_dates(text, REFERENCE)[0]
    assert (mention.start_time, mention.end_time) == (start, end)


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("jusqu'au 15 janvier", "until"),
        ("avant le 31/12", "until"),
        ("au plus tard le vendredi 4 décembre", "until"),
        ("à partir du 5 septembre", "from"),
        ("le 5 septembre", ""),
    ],
)
def test_a_bound_is_told_from_a_day(text: str, bound: str) -> None:
    assert find_dates(text, REFERENCE)[0].bound == bound


def test_several_dates_come_in_order_without_overlap() -> None:
    mentions = find_dates("Du 17 novembre au 5 décembre 2026, puis le 4 mai, enfin le 6/6/2027", REFERENCE)
    assert [mention.start.isoformat() for mention in mentions] == ["2026-11-17", "2027-05-04", "2027-06-06"]
    assert all(a.end_offset <= b.start_offset for a, b in itertools.pairwise(mentions))


def test_folding_keeps_every_offset() -> None:
    text = "ÉTÉ — l’Œuvre à Nîmes\u202f! ½ İ ß"
    assert len(fold(text)) == len(text)
    assert fold("Août\u00a0l’été") == "aout l'ete"


@given(st.text(alphabet="0123456789 /.-:,hdujan mars lundi 1er et au é’\n", max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    for mention in find_dates(text, REFERENCE):
        assert mention.start <= mention.end
        assert 0 <= mention.start_offset < mention.end_offset <= len(text)


def test_a_hostile_text_is_read_in_full() -> None:
    text = "1, " * 20_000 + "lundi " * 10_000 + "le 3 mars 2027 " + "12/" * 20_000
    assert [mention.start for mention in find_dates(text, REFERENCE)] == [date(2027, 3, 3)]
