"""Events: the date of the announcement, not the others; none where none is announced."""

from __future__ import annotations

from datetime import date

import pytest

from curation.decide.events import announces_event, find_event, read_event
from curation.decide.places import ONLINE

PUBLISHED = date(2026, 8, 20)


def test_the_date_of_the_announcement_is_taken_and_not_that_of_the_page() -> None:
    event = find_event(
        "Colloque « Friches en mouvement »",
        "Publié le jeudi 20 août 2026\nDepuis la loi du 22 août 2021, la sobriété foncière progresse. "
        "Le colloque se tiendra le mardi 24 novembre 2026 au palais des congrès de Nantes.",
        PUBLISHED,
    )
    assert event is not None
    assert (event.start, event.end) == (date(2026, 11, 24), None)
    assert event.place == "palais des congrès de Nantes"


def test_a_byline_is_not_the_event() -> None:
    event = find_event(
        "Journée technique sur les haies",
        "Par Camille Durand, le 12/03/2026 à 10:30\nRendez-vous le jeudi 9 avril 2026 à Angers. Inscrivez-vous.",
        date(2026, 3, 12),
    )
    assert event is not None
    assert (event.start, event.place) == (date(2026, 4, 9), "Angers")


@pytest.mark.parametrize(
    ("text", "start", "end", "place"),
    [
        ("Date : du 3 au 5 décembre 2026\nLieu : Maison des associations, Tours", "2026-12-03", "2026-12-05",
         "Maison des associations, Tours"),
        ("Quand ? Mardi 6 octobre, 14h-17h. Où ? À distance", "2026-10-06", None, "À distance"),
        ("Médiathèque des Tilleuls, le samedi 3 octobre à 15:00", "2026-10-03", None, "Médiathèque des Tilleuls"),
        ("du lundi 5 octobre au vendredi 9 octobre à Halle aux grains", "2026-10-05", "2026-10-09", "Halle aux grains"),
        ("L'atelier aura lieu le 8 octobre en visioconférence.", "2026-10-08", None, ONLINE),
        ("Les 14 et 15 octobre 2026, à Limoges, l'agence organise deux jours d'échanges.", "2026-10-14", "2026-10-15",
         "Limoges"),
    ],
)  # fmt: skip
def test_days_and_place_are_read(text: str, start: str, end: str | None, place: str) -> None:
    event = find_event("Rencontres de l'alimentation locale", text, PUBLISHED)
    assert event is not None and event.start is not None
    assert event.start.isoformat() == start
    assert (event.end.isoformat() if event.end else None) == end
    assert event.place == place


def test_words_that_follow_a_are_not_all_places() -> None:
    event = find_event(
        "Webinaire sur les tiers-lieux",
        "À partir du 5 octobre 2026, à destination des maires, grâce à Madame Martin. Il se tiendra le 5 octobre 2026.",
        PUBLISHED,
    )
    assert event is not None
    assert event.place == ONLINE


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Le préfet saisit le tribunal", "Le jeudi 20 août 2026, le préfet a annoncé qu'il saisissait le tribunal."),
        (
            "Retour sur le forum des mobilités",
            "Le forum s'est tenu le 12 mai 2026 et a réuni trois cents participants.",
        ),
        ("La loi sur les haies entre en vigueur", "La loi du 3 mars 2026 s'appliquera le 1er janvier 2027."),
        ("Municipales : qui sont les candidats", "Le premier tour a eu lieu dimanche 15 mars."),
        ("", ""),
    ],
)
def test_no_event_where_none_is_announced(title: str, text: str) -> None:
    assert find_event(title, text, PUBLISHED) is None


def test_a_running_exhibition_has_an_end_and_no_start() -> None:
    event = find_event("Exposition « Paysages »", "Visible jusqu'au 31 octobre 2026, entrée libre.", PUBLISHED)
    assert event is not None
    assert (event.start, event.end) == (None, date(2026, 10, 31))


def test_a_line_of_agenda_outweighs_the_other_dates_of_the_text() -> None:
    text = "La saison se déroulera du 2 novembre au 18 décembre 2026. Un duo de clarinettes.\nMercredi 7 octobre, 16h00"
    reading = read_event("Nuits bleues", text, PUBLISHED)
    assert reading.line and reading.dated and reading.timed
    assert reading.event is not None
    assert (reading.event.start, reading.event.end) == (date(2026, 10, 7), None)


@pytest.mark.parametrize(
    "text",
    [
        "Moulinvert, le 25 août 2026",
        "Publié le mardi 25 août 2026",
        "La date limite est fixée au vendredi 25 septembre 2026",
        "Le texte est examiné en séance publique par les élus du département, le 25 septembre 2026",
    ],
)
def test_a_dateline_or_a_term_is_no_line_of_agenda(text: str) -> None:
    assert not read_event("Les haies du bocage", f"Un plan de cent pages.\n{text}", date(2026, 8, 25)).line


def test_only_where_a_text_says_when_is_a_bare_day_believed() -> None:
    said = find_event("Réunion publique", "La réunion aura lieu lundi à 18h. Entrée libre.", PUBLISHED)
    assert said is not None and said.start == date(2026, 8, 24)
    told = find_event("Réunion publique", "Entrée libre. Un lundi, tout a changé.", PUBLISHED)
    assert told is None or told.start is None
    reading = read_event("Réunion publique", "La réunion aura lieu lundi. Entrée libre.", PUBLISHED)
    assert not reading.dated


def test_a_word_of_tomorrow_is_no_date() -> None:
    event = find_event("Colloque « Les métiers de demain »", "Le 9 octobre 2026, à Angers. Inscrivez-vous.", PUBLISHED)
    assert event is not None and event.start == date(2026, 10, 9)


def test_the_days_of_a_programme_make_one_event() -> None:
    two = find_event(
        "Forum des lavoirs", "Au programme : samedi 3 octobre, débats ; dimanche 4 octobre, balade. Inscrivez-vous.",
        PUBLISHED,
    )  # fmt: skip
    assert two is not None and (two.start, two.end) == (date(2026, 10, 3), date(2026, 10, 4))
    three = find_event(
        "Ateliers du verger", "Taille le 3 octobre. Greffe : rendez-vous un mois plus tard. Cueillette le 7 novembre, "
        "presse le 5 décembre. Sur inscription.", PUBLISHED,
    )  # fmt: skip
    assert three is not None and (three.start, three.end) == (date(2026, 10, 3), date(2026, 12, 5))


def test_the_place_may_stand_beside_the_same_day_said_again() -> None:
    text = "Elle s'ouvrira le 4 octobre à 9h.\ndu dimanche 4 octobre au samedi 10 octobre à Halle aux grains"
    event = find_event("Semaine du conte", text, PUBLISHED)
    assert event is not None and event.place == "Halle aux grains"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Du 3 au 5 octobre 2026, à Angers et dans le département, se tiendront les rencontres.", "Angers"),
        ("Venez le 3 octobre 2026 au Festival du conte à Moulinvert.", "Moulinvert"),
        (
            "Rendez-vous le 3 octobre 2026. Ouvert à tous, 13 bis rue des Tanneurs, 49000 Angers.",
            "13 bis rue des Tanneurs, 49000 Angers",
        ),
        ("Enfin, le 3 octobre 2026, se tiendra le colloque.", None),
        ("Du mardi au jeudi, du 6 au 8 octobre 2026, Angers accueille le salon.", None),
        ("Le conseil reçoit ses voisins de la vallée, du 3 au 5 octobre 2026. Inscrivez-vous.", None),
    ],
)
def test_what_opens_a_sentence_is_not_always_a_place(text: str, place: str | None) -> None:
    event = find_event("Rencontres du bocage", text, PUBLISHED)
    assert event is not None and event.place == place


def test_a_venue_of_the_title_serves_when_the_text_names_none() -> None:
    event = find_event(
        "Nocturne au bord de l'eau, château de Moulinvert", "Le 3 octobre 2026 à 20h.", PUBLISHED, assumed=True
    )
    assert event is not None and event.place == "château de Moulinvert"


def test_a_year_to_go_by_serves_an_item_without_date() -> None:
    text = "Samedi 3 octobre, 10h30"
    event = find_event("Nuits bleues", text, None, assumed=True, year=2026)
    assert event is not None and event.start == date(2026, 10, 3)


def test_an_agenda_needs_no_wording() -> None:
    text = "Vendredi 2 octobre, 18h30"
    assert find_event("Nuits bleues", "Vendredi dernier, on riait.", PUBLISHED, assumed=False) is None
    event = find_event("Nuits bleues", f"Un duo de clarinettes.\n{text}", PUBLISHED, assumed=True)
    assert event is not None and event.start == date(2026, 10, 2)


def test_wording_of_an_announcement_outweighs_a_report() -> None:
    coming = announces_event(
        "Webinaire : adapter les cours d'école", "Inscrivez-vous. Le webinaire se tiendra en octobre."
    )
    past = announces_event("Retour sur le webinaire", "Le webinaire s'est tenu hier et a réuni cent personnes.")
    assert coming > 0.8
    assert past < 0.5


def test_a_hostile_text_is_read_quickly_enough_to_end() -> None:
    text = "date limite " * 20_000 + "à À " * 20_000 + "(" * 20_000
    event = find_event("colloque " * 2_000, text, PUBLISHED, assumed=True)
    assert event is None or event.start is None
