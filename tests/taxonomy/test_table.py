"""Tables for spreadsheets: out, through the habits of Excel, and back."""

from __future__ import annotations

import csv
import io
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from taxonomy.content import sealed
from taxonomy.load import SHIPPED, TaxonomyFileError, load_taxonomy
from taxonomy.table import COLUMNS, read_table, to_table
from taxonomy.types import Concept, Taxonomy
from tests.taxonomy.words import sample, taxonomies

START = sample()
HEAD = "identifiant;nom;libellés;sigles;libellés cachés;exclusions;concepts parents;dossiers;poids;note"


def read(text: str | bytes, current: Taxonomy = START) -> Taxonomy:
    return read_table(text.encode() if isinstance(text, str) else text, "mots.csv", current).taxonomy


def refusal(text: str | bytes) -> str:
    with pytest.raises(TaxonomyFileError) as caught:
        read(text)
    assert str(caught.value).startswith("mots.csv : ")
    return "\n".join(caught.value.faults)


def test_a_table_reads_as_people_expect() -> None:
    text = to_table(START).decode("utf-8-sig")
    assert text.splitlines()[:3] == [
        HEAD,
        "paysage;paysage;grand paysage;;;;;;0,5;",
        "haie;haie;haie bocagère | bocage;PSE;aie bocagère;course de haies;paysage;bocage;1,5;"
        "Plantation et entretien des haies.",
    ]


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda p: p.stem)
def test_the_eight_taxonomies_come_back_whole(path: Path) -> None:
    taxonomy = load_taxonomy(path)
    for delimiter in ";,":
        for encoding in ("utf-8-sig", "utf-16", "cp1252"):
            data = to_table(taxonomy, delimiter=delimiter, encoding=encoding)
            assert read(data, taxonomy) == taxonomy


@given(taxonomies(most=5))
@settings(max_examples=150, deadline=None)
def test_any_concepts_come_back_whole(taxonomy: Taxonomy) -> None:
    bare = sealed(replace(taxonomy, concepts=(), priorities=()))
    for delimiter in ";,":
        data = to_table(taxonomy, delimiter=delimiter)
        for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter):
            assert not any(cell[:1] in tuple("=+-@\t\r") and cell for cell in row)  # nothing that Excel would compute
        if taxonomy.concepts:
            assert read(data, bare).concepts == taxonomy.concepts


def test_a_formula_is_a_text_and_comes_back() -> None:
    names = ("=cmd|' /C calc'!A0 haie1", "+33 haie2", "-5 haie3", "@nom haie4", "'=x haie5", "''@ haie6", "'ok haie7")
    taxonomy = sealed(replace(START, priorities=(), concepts=tuple(Concept(f"c{n}", w) for n, w in enumerate(names))))
    data = to_table(taxonomy).decode("utf-8-sig")
    cells = [row[1] for row in csv.reader(io.StringIO(data), delimiter=";")][1:]
    assert [c[0] for c in cells] == ["'"] * 7
    assert [c.pref_label for c in read(data, taxonomy).concepts] == list(names)


@pytest.mark.parametrize(
    "data",
    [
        f"{HEAD}\nhaie;trogne;;;;;;;2;\n".encode(),
        f"{HEAD}\r\nhaie;trogne;;;;;;;2;\r\n".encode("cp1252"),
        ("\ufeff" + f"{HEAD}\nhaie;trogne;;;;;;;2;\n").encode(),
        f"{HEAD}\nhaie;trogne;;;;;;;2;\n".replace(";", "\t").encode("utf-16"),
        f"{HEAD}\nhaie;trogne;;;;;;;2;\n".replace(";", ",").encode(),
        f"sep=;\r\n{HEAD}\r\nhaie;trogne;;;;;;;2\r\n".encode(),  # Excel leaves out what is empty at the end
        b"Poids,Nom,Identifiant,altLabel,notation,hiddenLabel,excludeLabel,broader,dossier,scopeNote\n2,trogne,haie\n",
        f'{HEAD}\n\n;;;;;;;;;\nhaie;"trogne";;;;;;;" 2,0 ";\n'.encode(),
    ],
    ids=["utf8", "cp1252", "signature", "utf16-tabs", "commas", "sep", "keys", "empty lines"],
)
def test_whatever_a_spreadsheet_saves_is_read(data: bytes) -> None:
    bare = sealed(replace(START, priorities=()))
    assert read(data, bare).concepts == (Concept("haie", "trogne", weight=2),)


def test_accents_of_windows_and_of_mac_are_the_same() -> None:
    bare = sealed(replace(START, priorities=()))
    mac = unicodedata.normalize("NFD", f"{HEAD}\nmare;étang;;;;;;;1;\n").replace(
        unicodedata.normalize("NFD", HEAD), HEAD
    )
    assert read(mac, bare).concepts == (Concept("mare", "étang"),)


def test_columns_that_are_missing_leave_what_stands() -> None:
    rows = "\n".join(f"{c.id};2" for c in START.concepts)
    found = read_table(f"identifiant;poids\n{rows}\n".encode(), "x.csv", START)
    assert found.taxonomy.concepts == tuple(replace(c, weight=2.0) for c in START.concepts)
    assert found.remarks[0].startswith("colonnes absentes, laissées comme elles sont : nom, libellés")


def test_lines_without_an_id_and_names_in_the_place_of_ids() -> None:
    text = "nom;concepts parents;dossiers\npaysage;;\nhaie;paysage;Bocage\nmare;;\ntalus;;\n"
    text += "Étang d'été;haie;Eau | bocage\n"
    found = read_table(text.encode(), "x.csv", START)
    new = found.taxonomy.concept("etang-d-ete")
    assert (new.broader, new.dossiers) == (("haie",), ("eau", "bocage"))
    assert found.remarks[0] == "identifiants tirés des noms : Étang d'été → etang-d-ete."
    assert found.taxonomy.concept("haie").alt_labels == START.concept("haie").alt_labels


def test_concepts_without_a_line_go_and_the_rest_of_the_vocabulary_stays() -> None:
    after = read(to_table(sealed(replace(START, concepts=START.concepts[:1]))), sealed(replace(START, priorities=())))
    assert [c.id for c in after.concepts] == ["paysage"]
    assert (after.dossiers, after.audience, after.definition) == (START.dossiers, START.audience, START.definition)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "ce tableau est vide."),
        (HEAD, "aucune ligne de concept."),
        ("mot;sens\na;b\n", "colonne « mot » inconnue."),
        ("identifiant;nom;libeles\na;b;c\n", "colonne « libeles » inconnue. Vouliez-vous écrire « libellés » ?"),
        ("identifiant;nom;prefLabel\na;b;c\n", "colonne « prefLabel » donnée deux fois."),
        ("poids;note\n1;a\n", "ni colonne « identifiant » ni colonne « nom »"),
        (f"{HEAD}\nhaie;haie\nhaie;trogne\n", "ligne 3, « haie » : cet identifiant a déjà une ligne."),
        (f"{HEAD}\nfosse;\n", "ligne 2, « fosse » : le nom manque."),
        (f"{HEAD}\nhaie;;\n", "ligne 2, « haie » : le nom manque."),
        ("identifiant;poids\nfosse;1\n", "ligne 2, « fosse » : le nom manque."),
        (f"{HEAD}\nhaie;haie;;;;;;;lourd;\n", "ligne 2, « haie » : le poids « lourd » n'est pas un nombre."),
        (f"{HEAD}\nhaie;haie;;;;;;;01-mai;\n", "Le tableur en a peut-être fait une date"),
        (f"{HEAD}\nhaie;haie;;;;;;;9;\n", "weight doit être compris entre 0 et 3."),
        (f"{HEAD}\nhaie;haie;;;;;champ;;1;\n", "broader « champ » n'existe pas."),
        (f"{HEAD}\na;haie\nb;Haies\n", "le libellé « Haies » est déjà celui de « a »."),
        (f"{HEAD}\na b;haie\n", "l'identifiant « a b » ne convient pas."),
        (f'{HEAD}\nhaie;"haie\n', "priorité « Planter » : concept « talus » n'existe pas."),
        (b"PK\x03\x04" + bytes(20), "c'est un classeur ou une archive. Enregistrez la feuille en CSV."),
        (b"\x00\x01\x02", "ce n'est pas un tableau CSV lisible."),
        (b"\xff\xfe\x00", "ce n'est pas un tableau CSV lisible."),
        (b"a" * 5_000_001, "5,0 Mo : un tableau de concepts en fait 5 au plus."),
        ("nom\n" + "a\n" * 5002, "plus de 5000 lignes : ce n'est pas un tableau de concepts."),
        ("nom\n" + "a" * 200_000, "ligne 2 : tableau CSV incorrect (un guillemet n'est pas fermé ?)."),
    ],
    ids=lambda v: "" if isinstance(v, bytes) or len(v) > 60 else None,
)
def test_tables_at_fault_are_explained(text: str | bytes, told: str) -> None:
    assert told in refusal(text)


def test_every_fault_of_a_table_is_told_at_once() -> None:
    assert len(refusal(f"{HEAD}\na;haie;;;;;;;x;\nb;\na;mare\n").splitlines()) == 3


def test_what_an_encoding_cannot_hold_is_told() -> None:
    with pytest.raises(
        TaxonomyFileError, match=r"le signe « 日 » \(U\+65E5\) n'existe pas en cp1252. Exportez en UTF-8."
    ):
        to_table(sealed(replace(START, concepts=(Concept("a", "日 haie"),))), encoding="cp1252")


def test_every_field_of_a_concept_has_a_column() -> None:
    assert set(COLUMNS.values()) == {
        "id", "prefLabel", "altLabel", "notation", "hiddenLabel", "excludeLabel", "broader", "scopeNote", "dossier",
        "weight",
    }  # fmt: skip
