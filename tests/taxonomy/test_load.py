"""Taxonomy files: what a sound one becomes, and one clear French fault for each way to be wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from taxonomy.load import SHIPPED, TaxonomyFileError, build_taxonomy, load_taxonomy


def _content(**changes: Any) -> dict[str, Any]:
    content: dict[str, Any] = {
        "id": "essai",
        "prefLabel": "Essai",
        "definition": "Une définition\n  sur deux lignes.",
        "audience": ["lecteurs"],
        "neighbours": "voisine",
        "priorities": [{"prefLabel": "Priorité", "concepts": ["haie"]}],
        "dossiers": [{"id": "bocage", "prefLabel": "Bocage"}, {"id": "eau"}],
        "concepts": [
            {"id": "paysage", "prefLabel": "paysage"},
            {
                "id": "haie",
                "prefLabel": "haie",
                "altLabel": ["haie bocagère", "bocage"],
                "notation": "PSE",
                "broader": ["paysage"],
                "dossier": "bocage",
                "weight": 1.5,
            },
        ],
    }
    return {**content, **changes}


def _faults(**changes: Any) -> tuple[str, ...]:
    with pytest.raises(TaxonomyFileError) as caught:
        build_taxonomy(_content(**changes), "essai.yaml")
    assert str(caught.value).startswith("essai.yaml : ")
    return caught.value.faults


def test_a_sound_file_is_frozen_whole() -> None:
    taxonomy = build_taxonomy(_content(), "essai.yaml")
    haie = taxonomy.concept("haie")
    assert (haie.alt_labels, haie.notations, haie.broader) == (("haie bocagère", "bocage"), ("PSE",), ("paysage",))
    assert (haie.dossiers, haie.weight) == (("bocage",), 1.5)
    assert taxonomy.definition == "Une définition sur deux lignes."
    assert taxonomy.neighbours == ("voisine",)  # a scalar stands for a list of one
    assert taxonomy.dossier_label("eau") == "eau"
    assert taxonomy.priorities[0].concepts == ("haie",)
    with pytest.raises(KeyError):
        taxonomy.concept("absent")


def test_the_version_follows_the_meaning_and_not_the_way_of_writing() -> None:
    content = _content()
    same = build_taxonomy(dict(reversed(content.items())), "x").version
    assert build_taxonomy(content, "x").version == same
    otherwise = _content(neighbours=["voisine"], definition="Une  définition sur deux lignes.")
    assert build_taxonomy(otherwise, "x").version == same
    assert build_taxonomy(_content(prefLabel="Autre"), "x").version != same


@pytest.mark.parametrize(
    ("concepts", "fault"),
    [
        ([{"id": "a", "prefLabel": "haie"}, {"id": "a", "prefLabel": "mare"}],
         "concept « a » défini plusieurs fois. Donnez un autre identifiant à l'un d'eux."),
        ([{"id": "mare", "prefLabel": "mare"}, {"id": "a", "prefLabel": "haie", "broader": "mars"}],
         "concept « a » : broader « mars » n'existe pas. Vouliez-vous écrire « mare » ?"),
        ([{"id": "a", "prefLabel": "haie", "dossier": "bocages"}],
         "concept « a » : dossier « bocages » n'existe pas. Vouliez-vous écrire « bocage » ?"),
        ([{"id": "a", "prefLabel": "haie", "weight": 0}], "concept « a » : weight doit être compris entre 0 et 3."),
        ([{"id": "a", "prefLabel": "haie", "weight": float("nan")}],
         "concept « a » : weight doit être compris entre 0 et 3."),
        ([{"id": "a", "prefLabel": "haie", "altLabel": "de la"}],
         "concept « a » : le libellé « de la » ne contient aucun mot significatif. Complétez-le ou retirez-le."),
        ([{"id": "a", "prefLabel": "projet de territoire"}, {"id": "b", "prefLabel": "Projets territoires"}],
         "concept « b » : le libellé « Projets territoires » est déjà celui de « a ». "
         "Retirez-le de l'un des deux, ou fusionnez-les."),
        ([{"id": "a", "prefLabel": "haie", "broader": "b"}, {"id": "b", "prefLabel": "mare", "broader": "a"}],
         "concept « a » : sa chaîne broader revient sur elle-même (a → b → a). Retirez l'un de ces liens."),
        ([{"id": "a", "prefLabel": "haie", "altLabel": ["bocage", "bocage"]}],
         "concept « a » : le libellé « bocage » est donné deux fois. Gardez-le à une seule place."),
        ([{"id": "a", "prefLabel": "haie", "hiddenLabel": "haie"}],
         "concept « a » : le libellé « haie » est donné deux fois. Gardez-le à une seule place."),
        ([{"id": "a", "prefLabel": "haie", "excludeLabel": ["course de haies", "les haies"]}],
         "concept « a » : l'exclusion « les haies » annule toujours le libellé « haie ». "
         "Retirez l'un des deux, ou allongez l'exclusion."),
        ([{"id": "a", "prefLabel": "haie", "notation": ["PSE", "PSE"]}],
         "concept « a » : sigle « PSE » donné deux fois. Gardez-en une mention."),
        ([{"id": "a", "prefLabel": "haie", "excludeLabel": [""]}],
         "concept « a » : exclusion vide. Complétez ou retirez."),
        ([{"id": "a", "prefLabel": "ha\u00adie"}],
         "concept « a » : « ha�ie » contient un caractère invisible (U+00AD). Retapez ce texte."),
        ([{"id": "", "prefLabel": "haie"}], "concept « haie » : son identifiant manque."),
        ([{"id": "a", "prefLabel": "haie", "altLabel": [["bocage"]]}],
         "structure incorrecte (un texte est attendu là où se trouve une liste)."),
        ([{"id": "a", "prefLabel": "haie", "altLabels": "bocage"}],
         "concept « a » : clé inconnue « altLabels ». Vouliez-vous écrire « altLabel » ?"),
        ([{"id": "a"}], "structure incorrecte ('prefLabel')."),
        ([{"id": "a", "prefLabel": "haie", "weight": "lourd"}],
         "structure incorrecte (could not convert string to float: 'lourd')."),
        (["haie"], "« concepts » doit être une liste de concepts."),
        ({"a": "haie"}, "« concepts » doit être une liste de concepts."),
    ],
)  # fmt: skip
def test_each_fault_of_a_concept_is_named(concepts: Any, fault: str) -> None:
    assert fault in _faults(concepts=concepts, priorities=[])


def test_faults_of_the_scheme_are_named() -> None:
    assert "la clé « id » manque." in _faults(id=None)
    assert "le fichier : clé inconnue « concept ». Vouliez-vous écrire « concepts » ?" in _faults(concept=[])
    assert "priorité « P » : concept « hai » n'existe pas. Vouliez-vous écrire « haie » ?" in _faults(
        priorities=[{"prefLabel": "P", "concepts": ["hai"]}]
    )
    twice = _faults(dossiers=[{"id": "bocage"}, {"id": "bocage"}])
    assert "dossier « bocage » défini plusieurs fois. Donnez un autre identifiant à l'un d'eux." in twice
    assert "la communauté est sa propre voisine. Retirez-la de « neighbours »." in _faults(neighbours=["essai"])
    assert "public « lecteurs » donné deux fois. Gardez-en une seule mention." in _faults(audience=["lecteurs"] * 2)
    assert "priorité « P » donnée deux fois. Gardez-en une seule mention." in _faults(
        priorities=[{"prefLabel": "P"}, {"prefLabel": "P"}]
    )


def test_every_chain_that_comes_back_is_told_once_and_quickly() -> None:
    ring = [{"id": f"c{n}", "prefLabel": f"haie {n}", "broader": f"c{(n + 1) % 3000}"} for n in range(3000)]
    other = [{"id": i, "prefLabel": f"mare {i}", "broader": i} for i in "xy"]
    told = [fault for fault in _faults(concepts=[*ring, *other], priorities=[]) if "revient sur elle-même" in fault]
    assert len(told) == 3
    assert any(fault.endswith("→ …). Retirez l'un de ces liens.") for fault in told)


def test_every_fault_is_told_at_once() -> None:
    concepts = [{"id": "a", "prefLabel": "haie", "broader": "x", "weight": 9}]
    assert len(_faults(concepts=concepts, priorities=[], color="bleu")) == 3


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"id: a\nconcepts: [\n", "YAML incorrect"),
        (b"- a\n", "suite de"),
        (b"", "suite de"),
        (b"\xff\xfe\x00", "illisible"),
        (b"id: 2026-13-45\n", "valeur YAML impossible"),
        (b"id: " + b"[" * 60 + b"]" * 60, "ligne 1, plus de 50 niveaux imbriqu"),
        # the three ways to nest without end: each one ends the process when libyaml builds its nodes
        (b"id: a\nconcepts: " + b"[" * 100_000, "ligne 2, plus de 50 niveaux imbriqu"),
        (b"- " * 100_000, "ligne 1, plus de 50 niveaux imbriqu"),
        (b"? " * 100_000, "ligne 1, plus de 50 niveaux imbriqu"),
    ],
)
def test_a_file_that_cannot_be_read_is_explained(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "essai.yaml"
    path.write_bytes(content)
    with pytest.raises(TaxonomyFileError, match=told):
        load_taxonomy(path)


def test_many_lists_side_by_side_are_not_nested(tmp_path: Path) -> None:
    path = tmp_path / "essai.yaml"
    many = "".join(f"- {{id: c{n}, prefLabel: haie {n}, altLabel: [bocage {n}]}}\n" for n in range(200))
    path.write_text(f"id: a\nconcepts:\n{many}", encoding="utf-8")
    assert len(load_taxonomy(path).concepts) == 200


def test_a_file_that_repeats_itself_without_end_is_refused_at_once(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))]
    path = tmp_path / "essai.yaml"
    path.write_text("\n".join([*lines, "id: a", "neighbours: [*a39]"]), encoding="utf-8")
    with pytest.raises(TaxonomyFileError, match="structure incorrecte"):
        load_taxonomy(path)


def test_a_key_given_twice_loses_no_words_in_silence(tmp_path: Path) -> None:
    path = tmp_path / "essai.yaml"
    path.write_text("id: a\nconcepts:\n- id: b\n  altLabel: [haie]\n  altLabel: [mare]\n", encoding="utf-8")
    with pytest.raises(TaxonomyFileError, match=r"ligne 5, YAML .*la clé « altLabel » est donnée deux fois"):
        load_taxonomy(path)


def test_a_missing_file_and_a_folder_are_explained(tmp_path: Path) -> None:
    with pytest.raises(TaxonomyFileError, match="introuvable"):
        load_taxonomy(tmp_path / "absent.yaml")
    with pytest.raises(TaxonomyFileError, match=r"introuvable\. Vouliez-vous écrire « tourisme » .*clé « taxonomy »"):
        load_taxonomy(SHIPPED / "turisme.yaml")
    with pytest.raises(TaxonomyFileError, match="illisible"):
        load_taxonomy(tmp_path)


def test_a_yaml_fault_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "essai.yaml"
    path.write_text("id: a\nprefLabel: b\nconcepts: ]\n", encoding="utf-8")
    with pytest.raises(TaxonomyFileError, match="ligne 3"):
        load_taxonomy(path)
    path.write_text("id: a\nprefLabel: b: c\n", encoding="utf-8")
    with pytest.raises(TaxonomyFileError, match=r"ligne 2, YAML incorrect \(un « : » mal placé"):
        load_taxonomy(path)
    path.write_text("id: a\nconcepts: [b\n", encoding="utf-8")
    with pytest.raises(TaxonomyFileError, match=r"YAML incorrect \(un crochet n'est pas fermé"):
        load_taxonomy(path)
