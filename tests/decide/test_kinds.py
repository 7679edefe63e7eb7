"""The kind of an item by rules and words, and the agreement of kind, event and deadline."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from curation.decide.kinds import KIND_COLUMNS, describe, find_kind, kind_features
from curation.types import Item, Kind


def _item(title: str, text: str = "", url: str = "", source: str = "") -> Item:
    return Item("x", title, text, url, source, date(2026, 8, 20))


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        (_item("Deux morts dans une collision près de Chartres"), Kind.NEWS),
        (_item("Le maire de Vendôme dénonce la fermeture de la gare", "« C'est une faute », selon l'élu."), Kind.NEWS),
        (_item("Arrêté du 3 juillet 2026 relatif aux chemins ruraux", "NOR : ABCD2612345A"), Kind.REGULATION),
        (_item("Un décret précise les règles d'affichage", "Le décret n° 2026-701 est paru au Journal officiel."),
         Kind.REGULATION),
        (_item("La proposition de loi sur les haies définitivement adoptée", "Les sénateurs l'ont adoptée mardi."),
         Kind.REGULATION),
        (_item("Question écrite n° 01234 sur l'éclairage public"), Kind.REGULATION),
        (_item("Appel à projets : cafés de village", "Candidatures jusqu'au 15 octobre 2026."), Kind.CALL),
        (_item("L'AMI 2026 « Îlots de fraîcheur » est lancé", "Candidatez avant le 1er novembre."), Kind.CALL),
        (_item("Financer la rénovation de son gymnase", "Cette aide prend en charge 40 % des dépenses éligibles.",
               "https://exemple.fr/aides/gymnase"), Kind.CALL),
        (_item("Webinaire : réussir sa signalétique", "Il se tiendra le 6 octobre 2026 à 14h. Inscrivez-vous."),
         Kind.EVENT),
        (_item("Fête des lavoirs", "", "https://exemple.fr/agenda/fete-des-lavoirs"), Kind.EVENT),
        (_item("Guide pratique de la renaturation des cours d'école", "À télécharger gratuitement."), Kind.RESOURCE),
        (_item("CartoHaies", "CartoHaies est un outil gratuit qui permet de cartographier les haies."), Kind.RESOURCE),
        (_item("Une bourse aux vélos ouverte à tous : retour d'expérience",
               "La commune de Brécourt a mis en place cette initiative."), Kind.PRACTICE),
        (_item("L'office de tourisme recrute un(e) chargé(e) d'accueil (H/F)", "CDI, poste à pourvoir."), Kind.JOB),
        (_item("Chargé(e) de mission PCAET (H/F)", "Vos missions : animer le plan."), Kind.JOB),
        (_item("Cours d'école : la ville de Moulinvert désimperméabilise onze cours",
               "Les mesures montrent 6 °C de moins en période de canicule."), Kind.PRACTICE),
        (_item("Un syndicat de rivière restaure cent hectares de prairies humides",
               "Le syndicat rebouche des fossés et recrée des méandres."), Kind.PRACTICE),
        (_item("Soutenir l'entretien des chemins", "Soutien financier en faveur des travaux de voirie communale.",
               "https://exemple.fr/aides/chemins"), Kind.CALL),
        (_item("Obtenir un conseil sur son plan de paysage", "Le conseil d'architecture accompagne les élus.",
               "https://exemple.fr/aides/paysage"), Kind.RESOURCE),
        (_item("Haies : une méthode de comptage", "Ce guide propose six étapes, éprouvées par neuf bourgs."),
         Kind.RESOURCE),
        (_item("Le juge précise les règles du permis modificatif",
               "Dans une décision du 3 juillet 2026, la haute juridiction administrative juge qu'un vice se corrige."),
         Kind.REGULATION),
        (_item("Fête de la pomme à Moulinvert", "Départ du village le samedi 3 octobre 2026 à 9 h."), Kind.EVENT),
        (_item("Recrutement : médiateur ou médiatrice à la médiathèque",
               "Contrat de projet, temps complet. Candidature au plus tard le 9 octobre 2026."), Kind.JOB),
        (_item("Quiz : connaissez-vous les étoiles ?", "Douze questions."), Kind.OTHER),
        (_item("Une enfance en sel", "Pour son premier roman, elle signe un récit inspiré de son île."), Kind.OTHER),
    ],
)  # fmt: skip
def test_each_kind_has_its_words(item: Item, kind: Kind) -> None:
    assert describe(item).verdict.kind is kind


def test_the_general_press_tells_of_events_and_places_without_announcing_them() -> None:
    title, text = "Festival des lumières : trois expositions à voir", "Il se tiendra du 3 au 5 octobre 2026 à Angers."
    assert describe(_item(title, text)).verdict.kind is Kind.EVENT
    page = _item("La ville d'Angers expérimente des bus de nuit", "", "https://www.lefigaro.fr/angers", "lefigaro.fr")
    assert describe(page).verdict.kind is Kind.NEWS
    assert describe(replace(page, url="https://exemple.fr/angers", source="Exemple")).verdict.kind is Kind.PRACTICE


def test_a_name_without_date_is_a_tool_rather_than_news() -> None:
    tool = Item("x", "HaieScope", "Une vue d'ensemble des haies.", "", "", None)
    assert describe(tool).verdict.kind is Kind.RESOURCE
    assert describe(replace(tool, date=date(2026, 8, 20))).verdict.kind is Kind.NEWS


def test_the_year_of_the_source_dates_an_agenda_without_date() -> None:
    item = Item("x", "Nuits bleues", "Samedi 3 octobre, 10h30", "", "Agenda de la Fête du bocage 2026", None)
    event = describe(item).event
    assert event is not None and event.start == date(2026, 10, 3)


def test_another_judge_may_know_the_kind_better() -> None:
    item = _item("Nuits bleues", "Un duo de clarinettes.\nSamedi 3 octobre, 10h30")
    assert describe(item, Kind.NEWS).event is None
    event = describe(item, Kind.EVENT).event
    assert event is not None and event.start == date(2026, 10, 3)


def test_features_name_every_sign_and_hold_what_the_rules_make_of_them() -> None:
    assert len(set(KIND_COLUMNS)) == len(KIND_COLUMNS)
    item = _item("Appel à projets cafés de village", "Date limite de dépôt : 15 octobre 2026.")
    row = dict(zip(KIND_COLUMNS, kind_features(item).tolist(), strict=True))
    assert row["call.appel_a_projets@title"] == 1.0
    assert row["deadline"] == 1.0
    assert row["undated"] == 0.0
    best = max(Kind, key=lambda kind: row[f"points_{kind.value}"])
    assert best is describe(item).verdict.kind is Kind.CALL
    bare = dict(zip(KIND_COLUMNS, kind_features(_item("Brouillard")).tolist(), strict=True))
    assert {name for name, value in bare.items() if value and "@" in name} == set()


def test_a_verdict_says_why_in_french() -> None:
    verdict = find_kind(_item("Guide de la sobriété foncière"), event=None, deadline=None)
    assert verdict.reasons[0] == "guide, dans le titre"
    assert 0.5 < verdict.score <= 1.0


def test_without_any_cue_an_item_is_news_with_little_certainty() -> None:
    verdict = describe(_item("Brouillard")).verdict
    assert verdict.kind is Kind.NEWS
    assert verdict.score < 0.6


def test_only_an_event_carries_an_event() -> None:
    job = describe(_item("La ville recrute un(e) archiviste (H/F)", "Entretiens le 6 octobre 2026 à 14h à Tours. CDD."))
    assert job.verdict.kind is Kind.JOB
    assert job.event is None
    salon = describe(_item("Salon des maires ruraux", "Il se tiendra le 6 octobre 2026 à Tours."))
    assert salon.event is not None
    assert (salon.event.start, salon.event.place) == (date(2026, 10, 6), "Tours")


def test_an_agenda_item_without_date_still_carries_an_event() -> None:
    nature = describe(_item("Nuits bleues", "Un duo.", "https://exemple.fr/agenda/nuits", "Agenda"))
    assert nature.event is not None
    assert nature.event.start is None


def test_a_deadline_is_kept_with_the_call() -> None:
    nature = describe(_item("Appel à projets cafés de village", "Date limite de dépôt : 15 octobre 2026."))
    assert (nature.verdict.kind, nature.deadline) == (Kind.CALL, date(2026, 10, 15))


def test_a_hostile_item_gets_a_kind() -> None:
    noise = "(" * 5_000 + "« é\u0000\ud800 " * 5_000 + "recrute un " * 5_000
    assert describe(_item(noise, noise, noise[:2_000], noise[:500])).verdict.kind in Kind


_GOLD = Path(__file__).parents[3] / "shared" / "data" / "gold-dev.jsonl"


@pytest.mark.skipif(not _GOLD.exists(), reason="the labelled items are not at hand")
def test_the_kind_is_right_on_most_labelled_items() -> None:
    rows = [json.loads(line) for line in _GOLD.read_text(encoding="utf-8").splitlines()]
    right = 0
    for row in rows:
        try:
            day = date.fromisoformat(row["date"][:10])
        except ValueError:
            day = None
        nature = describe(Item(row["id"], row["title"], row["text"], row["url"], row["source"], day))
        right += nature.verdict.kind.value in (row["kind"], *row.get("kind_alt", ()))
        assert nature.deadline is None or row["deadline"] is not None
    assert right / len(rows) >= 0.90
