"""Events and deadlines: the date of the announcement, not the others; none where none is stated."""

from __future__ import annotations

from datetime import date

import pytest

from curation.decide.deadlines import find_deadline
from curation.decide.events import announces_event, find_event
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


@pytest.mark.parametrize(
    ("title", "text", "deadline"),
    [
        ("Appel à projets Ruralités", "Date limite de candidature : 15 janvier 2027.", "2027-01-15"),
        ("Appel à projets", "La date limite pour le dépôt d'un dossier est le 28 décembre 2026.", "2026-12-28"),
        ("AMI quartiers résilients", "Les candidatures sont ouvertes jusqu'au 31/10/2026.", "2026-10-31"),
        ("Appel à manifestation d'intérêt", "Les dossiers sont à déposer avant le 5 novembre.", "2026-11-05"),
        ("Trophées des villages", "Clôture des inscriptions le vendredi 30 octobre 2026 à 12h.", "2026-10-30"),
        ("Fonds tourisme", "Les demandes doivent être adressées au plus tard le 1er décembre 2026.", "2026-12-01"),
        ("Appel à projets", "Première vague : dépôt des dossiers avant le 1er juin 2026. Seconde vague : "
         "dépôt des dossiers avant le 1er décembre 2026.", "2026-12-01"),
        ("Vous avez jusqu'au 30 septembre pour candidater", "", "2026-09-30"),
    ],
)  # fmt: skip
def test_a_stated_deadline_is_found(title: str, text: str, deadline: str) -> None:
    found = find_deadline(title, text, PUBLISHED)
    assert found is not None
    assert found.isoformat() == deadline


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Exposition de photographies", "À voir jusqu'au 5 mars 2027, du mardi au samedi."),
        ("Schéma des mobilités", "Au plus tard le 1er janvier 2028, les communes devront disposer d'un plan."),
        ("Grève", "Les agents prolongent leur préavis de grève jusqu'au 15 septembre."),
        ("Municipales", "Les candidats avaient jusqu'au 26 février pour déposer leur liste."),
        ("Procurations : pas de « date limite » lors du scrutin", "On peut voter par procuration jusqu'au 15 mars."),
        ("Budget", "Le projet de loi de finances doit être voté avant le 31 décembre."),
        ("Piscine", "Le bassin est ouvert jusqu'à 20 h et fermé avant le 3 septembre."),
        ("Appel à projets", "Lancé le 3 septembre 2026, il soutient les tiers-lieux."),
    ],
)
def test_a_term_that_is_no_deadline_is_left_alone(title: str, text: str) -> None:
    assert find_deadline(title, text, PUBLISHED) is None


def test_a_hostile_text_is_read_quickly_enough_to_end() -> None:
    text = "date limite " * 20_000 + "à À " * 20_000 + "(" * 20_000
    assert find_deadline("appel", text, PUBLISHED) is None
    event = find_event("colloque " * 2_000, text, PUBLISHED, assumed=True)
    assert event is None or event.start is None
