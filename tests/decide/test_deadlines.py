"""Deadlines: found where a text says until when one may apply, and nowhere else."""

from __future__ import annotations

from datetime import date

import pytest

from curation.decide.deadlines import find_deadline

PUBLISHED = date(2026, 8, 20)


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
        ("Appel à projets Haies", "Dépôt des candidatures : du 1er septembre au 9 octobre 2026", "2026-10-09"),
        ("Appel à projets", "Les candidatures sont ouvertes sur le site du 1er septembre au 9 octobre.", "2026-10-09"),
        ("Journée d'étude", "Inscription obligatoire avant le vendredi 9 octobre", "2026-10-09"),
        ("Appel à projets", "Les projets devront être déposés au plus tard le 9 octobre 2026, 17h", "2026-10-09"),
        ("AMI", "Ouverture : 1er juillet 2026. Fermeture : 9 octobre 2026", "2026-10-09"),
        ("Fonds vert", "Date de clôture : 09/10/2026", "2026-10-09"),
        ("Trophées des haies", "Clôture le 9 octobre", "2026-10-09"),
        ("Formation", "Dernier jour pour s'inscrire : 9 octobre", "2026-10-09"),
        ("Bourse", "Dossiers à renvoyer pour le 9 octobre dernier délai", "2026-10-09"),
        ("Enquête", "Réponse attendue pour le 9 octobre", "2026-10-09"),
        ("La ville recrute", "CV et lettre de motivation jusqu'au 9 octobre", "2026-10-09"),
        ("Archiviste", "Poste à pourvoir le\n01/12/2026\nDate limite de candidature\n09/10/2026", "2026-10-09"),
        ("Plan vélo", "Donnez votre avis jusqu'au 9 octobre", "2026-10-09"),
        ("Concours des jardins", "Les candidats ont jusqu'au 9 octobre", "2026-10-09"),
        ("Adultes-relais", "Les mairies peuvent demander jusqu'au 9 octobre le financement de postes.", "2026-10-09"),
        ("AMI Bourgs", "Jusqu'au 9 octobre, les collectivités peuvent déposer leur candidature", "2026-10-09"),
        ("Prix", "Date limite de dépôt le 9 octobre. Les lauréats seront annoncés avant le 15 décembre.", "2026-10-09"),
        ("Tiers-lieux", "Première vague de candidatures jusqu'au 9 octobre, la seconde jusqu'au 5 mars.", "2026-10-09"),
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
        ("Voirie", "Travaux rue de la Gare jusqu'au 9 octobre, déviation en place."),
        ("Budget", "Les communes doivent transmettre leur budget avant le 9 octobre."),
        ("Contentieux", "Le recours peut être formé avant le 9 octobre."),
        ("Aide", "La subvention est versée avant le 31 décembre."),
        ("Appel à projets", "Les travaux devront être achevés au plus tard le 31 décembre 2027."),
        ("Appel à projets", "Les candidatures ont été closes le 3 mars 2026."),
        ("Formation", "Inscriptions à partir du 9 octobre."),
        ("Formation", "La formation aura lieu du 9 au 11 octobre, inscription gratuite."),
        ("Impôts", "La date limite de déclaration des biens est repoussée au 10 septembre."),
        ("Emploi", "CDD jusqu'au 31 décembre 2026, à temps plein."),
        ("Loi", "Les bailleurs ont jusqu'au 1er janvier 2028 pour rénover leurs logements."),
        ("Aide", "Les dépenses engagées jusqu'au 31 décembre 2026 sont éligibles à cette aide."),
        ("Subventions", "Les demandes pour l'année N + 1 doivent être déposées avant le 31 décembre de l'année N."),
        ("Élections professionnelles", "Date limite de dépôt des listes de candidats : 23 octobre 2026."),
        ("Industrie", "Le groupe met fin à son offre, a-t-il annoncé mercredi 16 septembre."),
        ("Titres-restaurant", "La mesure sera présentée avant l'été pour une adoption avant la fin de l'année."),
        ("Logement", "Le bail prend fin d'ici au 1er novembre ; vingt candidatures sont restées sans suite."),
        ("Courrier des enfants", "Quelle est la date limite pour écrire au père Noël ?"),
    ],
)
def test_a_term_that_is_no_deadline_is_left_alone(title: str, text: str) -> None:
    assert find_deadline(title, text, PUBLISHED) is None


def test_of_several_waves_the_next_one_is_told_else_the_last() -> None:
    text = "Date limite de candidature : 15 mars 2026. Date limite de candidature : 15 octobre 2026."
    assert find_deadline("Appel à projets", text, PUBLISHED) == date(2026, 10, 15)
    assert find_deadline("Appel à projets", text, date(2027, 1, 5)) == date(2026, 10, 15)
    assert find_deadline("Appel à projets", text, None) == date(2026, 3, 15)


def test_a_hostile_text_is_read_quickly_enough_to_end() -> None:
    text = "date limite " * 20_000 + "candidature avant le " * 20_000 + "(" * 20_000
    assert find_deadline("appel", text, PUBLISHED) is None
