"""French spaces and apostrophes: in what the desk writes, never in what people and sources wrote."""

from __future__ import annotations

import pytest

from curation.store.store import Store
from curation.types import Act, Edition, Review
from curation.web.render import environment, shortened
from curation.web.typography import spaced, typeset
from tests.web.conftest import NOW, Browser


@pytest.mark.parametrize(
    ("typed", "set_"),
    [
        ("Écarté : « Qui ? »", "Écarté_: «_Qui_?_»"),
        ("20 % ; vraiment !", "20_%_; vraiment_!"),
        (" : ", "_: "),  # between two expressions of a template
        (" »", "_»"),
        ("https://exemple.fr/?a=1;b=2", "https://exemple.fr/?a=1;b=2"),
        ("a ?b", "a ?b"),
        ("fin  :", "fin  :"),
        ('<p class="a b">', '<p class="a b">'),
    ],
)
def test_no_line_breaks_before_these_signs(typed: str, set_: str) -> None:
    assert spaced(typed) == set_.replace("_", "\u00a0")
    assert spaced(spaced(typed)) == spaced(typed)


def test_apostrophes_of_the_vocabularies_are_curved() -> None:
    assert typeset("« bureau d'études » dans le titre") == "«\u00a0bureau d’études\u00a0» dans le titre"
    assert typeset("'a' 'b'") == "'a' 'b'"


def test_a_template_is_set_and_what_it_shows_is_not() -> None:
    env = environment("Europe/Paris")
    template = env.from_string("Qui ? « {{ name }} » : {{ 'a ? b' }}")
    assert template.render(name="l'un ? « l'autre »") == (
        "Qui\u00a0? «\u00a0l&#39;un ? « l&#39;autre »\u00a0»\u00a0: a ? b"
    )


def test_words_typed_come_back_as_they_were_typed(lea: Browser, store: Store) -> None:
    edition = Edition("Quoi ? « Rien »", "Vraiment : rien !", "")
    store.append_review(Review("a0", "tourisme", Act.EDITED, "lea", NOW, edition=edition))
    page = lea.get("/relecture/tourisme/a0").text
    assert ">Quoi ? « Rien »</textarea>" in page and ">Vraiment : rien !</textarea>" in page
    assert "Écarter\u00a0:" in page and "«\u00a0taxe de séjour\u00a0» dans le titre" in page


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Un titre court", "Un titre court"),
        ("Quatre dépliants. Interminable suite", "Quatre dépliants…"),  # never four dots
        ("Les hôtels, les gîtes et les campings", "Les hôtels, les gîtes…"),
        ("x" * 40, "x" * 22 + "…"),
    ],
)
def test_what_is_cut_ends_with_one_ellipsis(text: str, cut: str) -> None:
    assert shortened(text, 23) == cut
