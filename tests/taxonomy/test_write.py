"""Writing a taxonomy file: what is written reads back the same, and what did not change keeps its bytes."""

from __future__ import annotations

import difflib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from taxonomy.concept_operations import AddConcept, AddLabels, MergeConcepts, RetireConcept, SetWeight
from taxonomy.content import sealed
from taxonomy.edit import Operation, apply
from taxonomy.load import OFFTOPIC, SHIPPED, TERRITORIAL, load_taxonomy, parse_taxonomy
from taxonomy.scheme_operations import AddDossier, SetAudience, SetDefinition, SetPriority
from taxonomy.splice import spliced
from taxonomy.types import Concept, Dossier, Taxonomy
from taxonomy.write import to_yaml
from tests.taxonomy.words import sample, taxonomies

FILES = [*sorted(SHIPPED.glob("*.yaml")), OFFTOPIC, TERRITORIAL]
HAND = """\
# Les mots de l'essai, écrits à la main.
id: essai
prefLabel: 'Essai'   # entre apostrophes
definition: >
  Les
  campagnes.
audience:
- lecteurs           # au bord
neighbours: voisine  # une seule
priorities:
- {prefLabel: Planter, concepts: [haie, talus]}
dossiers:
  # le premier
  - id: bocage
    prefLabel: Bocage
    scopeNote: Les haies.
  - id: eau
    prefLabel: Eau

concepts:
  # --- le paysage
  - id: paysage
    prefLabel: paysage
    altLabel: grand paysage
    weight: 0.5      # large
  # --- la haie
  - prefLabel: haie
    id: haie         # dans un autre ordre
    altLabel:
      - haie bocagère
      # le mot de tous
      - bocage
    notation: [PSE]
    hiddenLabel: [aie bocagère]
    excludeLabel: ["course de haies"]
    broader: [paysage]
    scopeNote: |
      Plantation et entretien
      des haies.
    dossier: bocage
    weight: 1.5
  # --- l'eau
  - id: mare
    prefLabel: mare
    altLabel: [étang]
    broader: paysage
    dossier: [eau]

  - id: talus
    prefLabel: talus
    broader: haie
# fin
"""


def changed_lines(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def read(text: str) -> Taxonomy:
    return parse_taxonomy(text, "essai.yaml")


@given(taxonomies())
@settings(max_examples=150, deadline=None)
def test_what_is_written_reads_back_the_same(taxonomy: Taxonomy) -> None:
    assert read(to_yaml(taxonomy)) == taxonomy


@given(taxonomies(), taxonomies())
@settings(max_examples=150, deadline=None)
def test_any_words_can_be_written_over_any_file(before: Taxonomy, after: Taxonomy) -> None:
    text = to_yaml(before)
    assert read(to_yaml(after, text)) == after
    assert to_yaml(before, text) == text


@given(taxonomies())
@settings(max_examples=60, deadline=None)
def test_words_are_written_into_a_file_made_by_hand(taxonomy: Taxonomy) -> None:
    assert read(to_yaml(taxonomy, HAND)) == taxonomy


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_shipped_file_is_written_back_to_the_byte(path: Path) -> None:
    text, taxonomy = path.read_text(encoding="utf-8"), load_taxonomy(path)
    assert to_yaml(taxonomy, text) == text
    assert read(to_yaml(taxonomy)) == taxonomy


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_one_weight_changes_one_line_of_a_shipped_file(path: Path) -> None:
    text, taxonomy = path.read_text(encoding="utf-8"), load_taxonomy(path)
    concept = next(c for c in taxonomy.concepts if c.weight != 1)
    after = apply(taxonomy, SetWeight(concept.id, 1.23))
    written = to_yaml(after, text)
    gone, come = changed_lines(text, written)
    assert gone.startswith("-    weight: ")
    assert come == "+    weight: 1.23"


def test_the_sample_is_what_the_hand_wrote() -> None:
    assert read(HAND) == sample()
    assert to_yaml(sample(), HAND) == HAND


@pytest.mark.parametrize(
    ("operation", "lines"),
    [
        (SetWeight("haie", 2), ["-    weight: 1.5", "+    weight: 2"]),
        (SetWeight("mare", 0.2), ["+    weight: 0.2"]),
        (SetWeight("paysage", 1), ["-    weight: 0.5      # large"]),
        (AddLabels("haie", "altLabel", ("trogne",)), ["+      - trogne"]),
        (AddLabels("paysage", "altLabel", ("NO",)),
         ["-    altLabel: grand paysage", '+    altLabel: [grand paysage, "NO"]']),
        (AddLabels("mare", "notation", ("ZH",)), ["+    notation: [ZH]"]),
        (AddConcept(Concept("fosse", "fossé : ados", broader=("paysage",)), "haie"),
         ["+  - id: fosse", "+    prefLabel: 'fossé : ados'", "+    broader: [paysage]"]),
        (RetireConcept("mare"),
         ["-  - id: mare", "-    prefLabel: mare", "-    altLabel: [étang]", "-    broader: paysage",
          "-    dossier: [eau]"]),
        (SetAudience(("lecteurs", "élus")), ["+- élus"]),
        (AddDossier(Dossier("sols", "Sols")), ["+  - id: sols", "+    prefLabel: Sols"]),
    ],
)  # fmt: skip
def test_a_change_touches_its_own_lines_and_no_other(operation: Operation, lines: list[str]) -> None:
    after = apply(sample(), operation)
    written = to_yaml(after, HAND)
    assert read(written) == after
    assert changed_lines(HAND, written) == lines


def test_comments_between_concepts_stay_where_they_are() -> None:
    after = apply(sample(), MergeConcepts("haie", "mare"), SetDefinition("Autre."), SetPriority("Planter", ("haie",)))
    written = to_yaml(after, HAND)
    assert read(written) == after
    for comment in (
        "# --- le paysage",
        "# --- la haie",
        "# --- l'eau",
        "# le premier",
        "# fin",
        "# Les mots de l'essai",
    ):
        assert comment in written
    assert written.index("# --- la haie") < written.index("id: haie")


def test_a_concept_changes_place_with_the_comment_above_it() -> None:
    taxonomy = sample()
    after = sealed(replace(taxonomy, concepts=tuple(reversed(taxonomy.concepts))))
    written = to_yaml(after, HAND)
    assert read(written) == after
    assert written.index("# --- l'eau") < written.index("# --- la haie") < written.index("# --- le paysage")


def test_ends_of_lines_are_those_of_the_file() -> None:
    windows = HAND.replace("\n", "\r\n")
    written = to_yaml(apply(sample(), SetWeight("haie", 2), AddDossier(Dossier("sols", "Sols"))), windows)
    assert "\n" not in written.replace("\r\n", "")


@pytest.mark.parametrize(
    "existing",
    [
        "",
        "# tête\n[liste",
        "id: autre\n",
        "{id: essai, concepts: [{id: a, prefLabel: haie}]}\n",
        "id: essai\nconcepts:\n  -\n    id: haie\n    prefLabel: haie\n",
        "id: essai\nconcepts:\n  - &a {id: haie, prefLabel: haie}\n  - {id: mare, prefLabel: mare}\n",
        "id: essai\nneighbours: &n [b]\naudience: *n\nconcepts: []\n",
        "# tête\n---\nid: essai\nconcepts:\n- id: haie\n  prefLabel: haie\n...\n",
        "id: essai\nconcepts:\n    - id: haie\n      prefLabel: haie",
    ],
)
def test_files_of_other_shapes_are_written_whole(existing: str) -> None:
    assert read(to_yaml(sample(), existing)) == sample()


def test_the_head_of_a_file_that_cannot_be_edited_is_kept() -> None:
    assert to_yaml(sample(), "# tête\n# encore\nid: [").startswith("# tête\n# encore\nid: essai\n")


def test_aliases_are_not_edited_in_place() -> None:
    assert spliced("id: essai\nneighbours: &n [b]\naudience: *n\nconcepts: []\n", sample()) is None


def test_a_new_file_looks_like_the_shipped_ones() -> None:
    text = to_yaml(sample())
    assert "definition: >\n  Les campagnes.\n" in text
    assert "    altLabel: [haie bocagère, bocage]\n" in text
    assert "    dossier: bocage\n    weight: 1.5\n" in text
    assert "weight: 1\n" not in text
