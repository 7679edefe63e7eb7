"""Keys of French words: which forms meet, which stay apart, and offsets of the words of a text."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy.french import fold, key, tokens

MEET = [
    "élu élue élus élues",
    "communal communaux communale communales",
    "lieu lieux",
    "enjeu enjeux",
    "travail travaux",
    "bail baux",
    "rural rurale ruraux rurales",
    "citoyen citoyenne citoyens citoyennes",
    "numérique numériques",
    "habitant habitante habitants habitantes",
    "animateur animatrice animateurs animatrices",
    "actif active actifs actives",
    "réseau réseaux",
    "conseiller conseillère conseillers conseillères",
    "public publique publics publiques",
    "nouveau nouvel nouvelle nouveaux nouvelles",
    "nombreux nombreuse nombreuses",
    "urbain urbaine urbains urbaines",
    "français française françaises",
    "culturel culturelle culturels culturelles",
    "cheval chevaux",
    "hôpital hôpitaux",
    "vert verte verts vertes",
    "partagé partagée partagés partagées",
    "privé privée privés privées",
    "activé activée",
    "implanté implantée implantés implantées",
    "exploité exploitée exploités exploitées",
    "créé créée créées",
    "Île île ILES",
    "cœur coeur CŒURS",
]
APART = [
    "cour cours",
    "fond fonds",
    "commun commune",
    "commune communauté",
    "mer mère",
    "port porte",
    "mine min",
    "pari paris",
    "ville village",
    "tour tours",
    "bois boisé",
    "année an",
    "site sit",
    "vente vent",
    "usine us",
    "parcelle parc",
    "loi loisirs",
    "politique police",
    "emploi employé",
]


@pytest.mark.parametrize("forms", MEET)
def test_inflected_forms_meet(forms: str) -> None:
    keys = {form: key(form) for form in forms.split()}
    assert len(set(keys.values())) == 1, keys


@pytest.mark.parametrize("forms", APART)
def test_different_words_stay_apart(forms: str) -> None:
    keys = [key(form) for form in forms.split()]
    assert len(set(keys)) == len(keys), keys


def test_fold_undoes_case_accents_ligatures_and_typography() -> None:
    assert fold("Cœur d’ÎLOT, ex æquo") == "coeur d'ilot, ex aequo"
    assert fold("SAINT‑ÉTIENNE – l‘Œuvre") == "saint-etienne - l'oeuvre"
    assert fold("𝗣𝗔𝗥𝗜𝗦") == "paris"  # the bold letters of social networks


def test_hyphens_and_apostrophes_of_any_typography_separate_words() -> None:
    for text in ("l'eau des tiers-lieux", "l’eau des tiers‑lieux", "L’EAU DES TIERS LIEUX"):
        assert [t.key for t in tokens(text)] == ["l", "eau", "de", "tiers", "lieu"]


def test_decomposed_accents_belong_to_their_letter() -> None:
    text = unicodedata.normalize("NFD", "médiation à l'été")
    assert [t.key for t in tokens(text)] == [t.key for t in tokens("médiation à l'été")]
    assert all(text[t.start : t.end] == t.form for t in tokens(text))


@given(st.text())
def test_tokens_are_slices_of_the_text_in_order(text: str) -> None:
    words = tokens(text)
    assert all(text[w.start : w.end] == w.form and w.key == key(w.form) for w in words)
    assert all(a.end <= b.start for a, b in pairwise(words))


@given(st.text(alphabet="abcdeéèilnorstuvx", min_size=1, max_size=15))
def test_a_key_ignores_case_and_accents(word: str) -> None:
    assert key(word) == key(word.upper()) == key(fold(word))
