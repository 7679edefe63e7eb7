"""The draft's words: sentences quoted in order, and one line for the audience."""

from __future__ import annotations

import pytest

from curation.decide.draft import MAX_SUMMARY, context_line, sentences, summarise
from curation.types import Evidence
from taxonomy.types import Concept, Dossier, Taxonomy

TAXONOMY = Taxonomy(
    "eau",
    "Eau et rivières",
    "",
    (Concept("mare", "mares"), Concept("haie", "haies"), Concept("puits", "puits"), Concept("etang", "étangs")),
    (Dossier("zones-humides", "Zones humides"),),
    audience=("chargés de mission rivière", "élus", "techniciens"),
)
OPENING = "La commune de Valmorel-sur-Ance rouvre cet automne ses anciennes mares communales."
FILLER = "Le conseil avait voté cette dépense au printemps, après plusieurs réunions publiques."
DETAIL = "Un inventaire des haies accompagne le chantier, avec les agriculteurs du plateau."


def _met(label: str, where: str = "body") -> Evidence:
    return Evidence(label, label, where, 1.0, 0, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Un. Deux ! Trois ? Quatre… Cinq", ["Un.", "Deux !", "Trois ?", "Quatre…", "Cinq"]),
        ("M. Morel et Mme. Petit, cf. Annexe, art. L. 3", ["M. Morel et Mme. Petit, cf. Annexe, art. L. 3"]),
        ("Il a dit : « Oui. » Et puis rien.", ["Il a dit : « Oui. » Et puis rien."]),
        ("Fini. « Encore », dit-elle.", ["Fini.", "« Encore », dit-elle."]),
        ("Une ligne\nune autre\n\n  ", ["Une ligne", "une autre"]),
        ("Coût : 3.5 millions.  Élan\u00a0neuf.", ["Coût : 3.5 millions.", "Élan neuf."]),
        ("", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_the_summary_is_the_opening_and_the_sentences_of_the_keywords_in_order() -> None:
    text = " ".join([OPENING, FILLER, FILLER.replace("Le", "Ce", 1), FILLER.replace("Le", "Un", 1), DETAIL])
    summary = summarise("Les mares", text, [_met("haies")])
    parts = summary.split("[…] ")
    assert parts[0].startswith(OPENING)
    assert parts[-1] == DETAIL
    assert all(part.strip() in text for part in parts)  # quoted, never rewritten


def test_words_of_sense_alone_choose_nothing() -> None:
    text = " ".join([OPENING, FILLER, FILLER.replace("Le", "Ce", 1), FILLER.replace("Le", "Un", 1), DETAIL])
    assert DETAIL not in summarise("Les mares", text, [_met("haies", "sense")])


def test_a_sentence_left_out_always_shows() -> None:
    summary = summarise("Les mares", f"{OPENING} Ou pas. {DETAIL}", [])
    assert summary == f"{OPENING} […] {DETAIL}"


def test_neighbouring_sentences_run_on() -> None:
    assert summarise("Les mares", f"{OPENING} {FILLER}", []) == f"{OPENING} {FILLER}"


def test_the_title_is_not_repeated() -> None:
    assert summarise(OPENING, f"{OPENING}\n{DETAIL}", []) == DETAIL
    assert summarise("Un titre bref", "Un titre bref.", []) == ""
    assert summarise("Un titre", "", []) == ""


def test_a_short_text_is_quoted_whole() -> None:
    assert summarise("Les mares", "Brève.\nEt vite lue.", []) == "Brève. Et vite lue."


@pytest.mark.parametrize("text", ["mot " * 2000, "x" * 5000, ("Une phrase " + "très " * 80 + "longue. ") * 9])
def test_the_summary_stays_short(text: str) -> None:
    summary = summarise("Titre", text, [])
    assert 0 < len(summary) <= MAX_SUMMARY + 1
    assert summary.rstrip("…") in " ".join(text.split())


def test_the_context_line_names_readers_and_themes() -> None:
    evidence = [_met("mare", "title"), _met("haie"), _met("mare"), _met("puits"), _met("etang")]
    said = "Pour les chargés de mission rivière et élus\u00a0: mares, haies, puits."
    assert context_line(TAXONOMY, evidence) == said


def test_the_context_line_without_evidence_or_readers() -> None:
    assert context_line(TAXONOMY, []) == "Pour les chargés de mission rivière et élus\u00a0: eau et rivières."
    bare = Taxonomy("b", "Bocage", "", ())
    assert context_line(bare, [_met("talus")]) == "Thèmes\u00a0: talus."
