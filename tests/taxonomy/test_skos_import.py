"""Schemes of strangers: what is proposed and why, and what is refused in one sentence, without the network."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from taxonomy.concept_operations import AddConcept, AddLabels, SetWeight
from taxonomy.edit import apply
from taxonomy.load import TaxonomyFileError
from taxonomy.rdf import MAX_BYTES, guess_format
from taxonomy.skos import to_skos
from taxonomy.skos_import import read_skos
from taxonomy.types import Concept, Dossier, Imported
from tests.taxonomy.words import sample

DATA = Path(__file__).parents[2].parent / "shared" / "data"
MINISTRY = DATA / "vocabularies" / "ecospheres_theme.ttl"
PREFIXES = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix ex: <http://exemple.fr/eau/> .
"""
SCHEME = '<http://exemple.fr/eau> a skos:ConceptScheme ; skos:prefLabel "Eau"@fr, "Water"@en .\n'


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Whoever opens a socket fails the test, even if the error is swallowed on the way."""
    asked: list[Any] = []

    def refuse(*arguments: Any, **_: Any) -> None:
        asked.append(arguments)
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    yield asked
    assert asked == []


def turtle(body: str, **how: Any) -> Imported:
    return read_skos((PREFIXES + SCHEME + body).encode(), "eau.ttl", **how)


def refusal(data: bytes | str, name: str = "eau.ttl", **how: Any) -> str:
    """The one sentence that refuses a file, its name taken away."""
    start = time.monotonic()
    with pytest.raises(TaxonomyFileError) as caught:
        read_skos(data.encode() if isinstance(data, str) else data, name, **how)
    assert time.monotonic() - start < 60
    (fault,) = caught.value.faults
    assert "\n" not in fault
    assert len(fault) < 400
    return fault


def test_a_scheme_of_a_stranger_becomes_a_proposal() -> None:
    found = turtle(
        """
        ex:nappe a skos:Concept ; skos:inScheme <http://exemple.fr/eau> ; skos:prefLabel "nappe"@fr ;
            skos:altLabel "aquifère"@fr, "aquifer"@en ; skos:notation "N1" ; skos:definition "Eau souterraine."@fr ;
            skos:broader ex:C_42 .
        ex:C_42 a skos:Concept ; skos:inScheme <http://exemple.fr/eau> ; skos:prefLabel "Ressource en eau"@fr-FR ;
            skos:narrower ex:riviere .
        ex:riviere a skos:Concept ; skos:inScheme <http://exemple.fr/eau> ; skos:prefLabel "rivière" .
        ex:groupe a skos:Collection ; skos:prefLabel "Milieux"@fr ; skos:member ex:nappe .
        """,
        community="eau-assainissement",
    )
    taxonomy = found.taxonomy
    assert (taxonomy.id, taxonomy.pref_label) == ("eau-assainissement", "Eau")
    assert [c.id for c in taxonomy.concepts] == ["nappe", "ressource-en-eau", "riviere"]
    nappe = taxonomy.concept("nappe")
    assert (nappe.alt_labels, nappe.notations, nappe.scope_note) == (("aquifère",), ("N1",), "Eau souterraine.")
    assert nappe.broader == taxonomy.concept("riviere").broader == ("ressource-en-eau",)
    assert (taxonomy.dossiers, nappe.dossiers) == ((Dossier("milieux", "Milieux"),), ("milieux",))
    assert found.remarks == (
        "1 identifiant tirés des noms : Ressource en eau → ressource-en-eau.",
        "libellés d'autres langues laissés de côté : en (2).",
        "poids 1 partout, ni exclusion ni public : à compléter avant de s'en servir pour trier.",
    )


def test_labels_that_would_meet_the_same_words_are_told_apart() -> None:
    found = turtle(
        """
        ex:eau a skos:Concept ; skos:prefLabel "Eau"@fr ; skos:altLabel "Milieux"@fr .
        ex:air a skos:Concept ; skos:prefLabel "Air"@fr .
        ex:etudes-eau a skos:Concept ; skos:prefLabel "Études"@fr ; skos:broader ex:eau .
        ex:etudes-air a skos:Concept ; skos:prefLabel "Étude"@fr ; skos:broader ex:air ; skos:altLabel "eaux"@fr .
        ex:etudes a skos:Concept ; skos:prefLabel "étude"@fr .
        ex:de-la a skos:Concept ; skos:prefLabel "de la"@fr .
        """,
        tell_apart=True,
    )
    names = {c.id: c.pref_label for c in found.taxonomy.concepts}
    assert names == {
        "air": "Air", "eau": "Eau", "etudes": "étude", "etudes-air": "Étude (Air)", "etudes-eau": "Études (Eau)",
    }  # fmt: skip
    assert found.taxonomy.concept("etudes-air").alt_labels == ()
    told = " ".join(found.remarks)
    assert "« Études » devient « Études (Eau) »" in told
    assert "« eaux » de « Étude (Air) »" in told
    assert "« de la »" in told


def test_a_thousand_concepts_of_one_name_are_told_apart_quickly() -> None:
    body = "".join(f'ex:c{n} a skos:Concept ; skos:prefLabel "Divers"@fr .\n' for n in range(1000))
    start = time.monotonic()
    assert "1 libellé porté par plusieurs concepts : « Divers » (c0) et « Divers » (c1)" in refusal(
        PREFIXES + SCHEME + body
    )
    assert len({c.pref_label for c in turtle(body, tell_apart=True).taxonomy.concepts}) == 1000
    assert time.monotonic() - start < 20


def test_languages() -> None:
    body = 'ex:a a skos:Concept ; skos:prefLabel "water"@en, "Wasser"@de .'
    assert refusal(PREFIXES + SCHEME + body) == ("aucun nom de concept en « fr ». Langues présentes : de (1), en (1).")
    assert turtle(body, language="en").taxonomy.concept("a").pref_label == "water"
    some = turtle(body + ' ex:b a skos:Concept ; skos:prefLabel "air"@fr ; skos:broader ex:a .')
    assert [c.id for c in some.taxonomy.concepts] == ["b"]
    assert some.remarks[0] == "1 concept sans nom en « fr », laissés de côté : http://exemple.fr/eau/a."


def test_several_schemes_need_a_choice() -> None:
    body = """
        <http://exemple.fr/air> a skos:ConceptScheme ; skos:prefLabel "Air"@fr .
        ex:a a skos:Concept ; skos:prefLabel "eau douce"@fr ; skos:inScheme <http://exemple.fr/eau> .
        ex:b a skos:Concept ; skos:prefLabel "ozone"@fr ; skos:inScheme <http://exemple.fr/air> .
    """
    assert "2 schémas (http://exemple.fr/air, http://exemple.fr/eau…). Dites lequel lire." in refusal(
        PREFIXES + SCHEME + body
    )
    chosen = turtle(body, scheme="http://exemple.fr/air")
    assert [c.id for c in chosen.taxonomy.concepts] == ["b"]
    assert "1 concept d'autres schémas laissés de côté." in chosen.remarks
    assert "aucun schéma à l'adresse « http://exemple.fr/sol »" in refusal(
        PREFIXES + SCHEME + body, scheme="http://exemple.fr/sol"
    )


def test_concepts_without_a_scheme_are_read() -> None:
    data = PREFIXES + 'ex:a a skos:Concept ; skos:prefLabel "eau douce"@fr .'
    assert read_skos(data.encode(), "x.ttl", community="eau").taxonomy.pref_label == "eau"


@pytest.mark.skipif(not MINISTRY.exists(), reason="the ministry's scheme is not there")
def test_the_scheme_of_the_ministry_is_imported() -> None:
    found = read_skos(MINISTRY.read_bytes(), MINISTRY.name, community="ecologie")
    assert len(found.taxonomy.concepts) == 96
    assert len([c for c in found.taxonomy.concepts if not c.broader]) == 14
    assert found.remarks == (
        "identifiants repris des adresses des concepts.",
        "libellés d'autres langues laissés de côté : en (1).",
        "poids 1 partout, ni exclusion ni public : à compléter avant de s'en servir pour trier.",
    )


def test_our_own_file_changed_by_another_tool_is_read_as_it_is() -> None:
    text = to_skos(sample()).decode()
    assert 'skos:altLabel "bocage"@fr,' in text
    added = text.replace('skos:altLabel "bocage"@fr,', 'skos:altLabel "bocage"@fr,\n        "trogne"@fr,')
    haie = read_skos(added.encode(), "x.ttl").taxonomy.concept("haie")
    assert haie.alt_labels == ("haie bocagère", "bocage", "trogne")  # known words in their order, then the new one
    doubled = text.replace('skos:altLabel "étang"@fr', 'skos:altLabel "étang"@fr, "bocages"@fr')
    assert "le libellé « bocages » est déjà celui de « haie »" in refusal(doubled)
    unnamed = text.replace('skos:prefLabel "mare"@fr ;', "")
    assert refusal(unnamed) == "le concept <urn:veille:essai:mare> n'a pas de nom en « fr ». Donnez-lui en un."
    assert "ce fichier décrit « essai », pas « autre »" in refusal(text, community="autre")
    heavy = text.replace('"1.5"^^xsd:decimal', '"lourd"').replace("veille:weight 1.5", 'veille:weight "lourd"')
    assert heavy != text
    assert refusal(heavy) == "le poids « lourd » n'est pas un nombre."


RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
XML = f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:skos="{SKOS}">{{}}</rdf:RDF>'
UP = "ex:a skos:broader ex:b . ex:b skos:broader ex:a ; a skos:Concept ; skos:prefLabel 'eau salée'@fr ."
LABEL = '<skos:Concept rdf:about="http://e/a"><skos:prefLabel xml:lang="fr_FR">x</skos:prefLabel></skos:Concept>'
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY l "lol">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "&l;" * 10}">' for n in range(10))
    + "]>"
    + XML.format("&l9;")
)
CONCEPT = 'ex:a a skos:Concept ; skos:prefLabel "eau douce"@fr'


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (b"x" * 50_000_000, "gros.ttl", "50 Mo : un vocabulaire en fait 5 au plus. Exportez-en une partie."),
        (f"{PREFIXES} {CONCEPT} . {UP}", "a.ttl", "sa chaîne broader revient sur elle-même (a → b → a)"),
        (PREFIXES + CONCEPT + ', "eaux douces"@fr .', "a.ttl",
         "deux noms dans une langue, « eau douce » et « eaux douces » (fr) (SKOS S14)"),
        (PREFIXES + CONCEPT + ' ; skos:altLabel "eau douce"@fr .', "a.ttl",
         "est à la fois nom et autre libellé (SKOS S13)"),
        (PREFIXES + CONCEPT + ' . ex:b a skos:Concept ; skos:prefLabel "Eau douce"@fr .', "a.ttl",
         "« eau douce » (a) et « Eau douce » (b). Changez-en un, ou demandez"),
        (PREFIXES + CONCEPT + ' . ex:b a skos:Concept ; skos:prefLabel "b"@fr ; skos:altLabel "Eau douce"@fr .',
         "a.ttl", "1 libellé porté par plusieurs concepts"),
        (PREFIXES + CONCEPT + "_FR .", "a.ttl", "la langue « fr_FR » n'en est pas une"),
        (PREFIXES + 'ex:a skos:prefLabel "eau"@français .', "a.ttl", "la langue « français » n'en est pas une"),
        (XML.format(LABEL), "a.rdf", "la langue « fr_FR » n'en est pas une"),
        ('{"@id": "http://e/a", "http://e/p": {"@value": "x", "@language": "fr_FR"}}', "a.jsonld",
         "la langue « fr_FR » n'en est pas une"),
        (BOMB, "a.rdf", "il déclare des entités XML (« l »), refusées par sécurité"),
        ('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + XML.format("&x;"), "a.rdf", "entités XML (« x »)"),
        ('<!DOCTYPE r [<!ENTITY % p SYSTEM "http://e/x"> %p;]>' + XML.format(""), "a.rdf", "entités XML (« p »)"),
        ('<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd">' + XML.format(""), "a.rdf", "aucun concept SKOS"),
        ('{"@context": "http://127.0.0.1:9/contexte", "@id": "http://e/a"}', "a.jsonld",
         "son contexte JSON-LD est ailleurs (« http://127.0.0.1:9/contexte »)"),
        ('{"@context": {"a": {"@id": "http://e/p", "@context": ["ailleurs.jsonld"]}}}', "a.jsonld",
         "son contexte JSON-LD est ailleurs (« ailleurs.jsonld »)"),
        ('{"@context": {"@import": "http://127.0.0.1:9/c"}, "@id": "http://e/a"}', "a.jsonld", "en importe un autre"),
        (PREFIXES + '<a> a skos:Concept ; skos:prefLabel "eau"@fr .', "a.ttl", "l'adresse « a » est relative"),
        (XML.format('<skos:Concept rdf:about="#a"/>'), "a.rdf", "l'adresse « #a » est relative"),
        ('{"@id": "a", "http://e/p": "x"}', "a.jsonld", "l'adresse « a » est relative"),
        (PREFIXES + "ex:a skos:note " + "[ skos:note " * 5000 + "1" + "]" * 5000 + ".", "a.ttl", "niveaux imbriqués"),
        (PREFIXES + "ex:a skos:note " + "(" * 50_000, "a.ttl", "niveaux imbriqués"),
        ("<a>" * 100_000, "a.rdf", "niveaux imbriqués"),
        ("[" * 100_000, "a.jsonld", "niveaux imbriqués"),
        ('{"a":' * 60 + "1" + "}" * 60, "a.jsonld", "niveaux imbriqués"),
        (PREFIXES + "ex:a skos:note " + ",".join(f'"{n}"' for n in range(60_000)) + ".", "a.ttl", "plus de 50000"),
        (PREFIXES + 'ex:a skos:prefLabel "eau" "douce" .', "a.ttl", "ligne 4 : Turtle incorrect"),
        (PREFIXES + 'ex:a skos:prefLabel "eau .', "a.ttl", "Turtle incorrect, rien n'a pu en être lu."),
        ("<rdf:RDF>\n</b>", "a.rdf", "ligne 2 : RDF/XML incorrect"),
        ('{"@id":\n\n"a"', "a.jsonld", "ligne 3 : JSON-LD incorrect"),
        ('"texte"', "a.jsonld", "un objet JSON est attendu"),
        (PREFIXES.encode() + 'ex:a skos:prefLabel "é"@fr .'.encode("latin-1"), "a.ttl", "n'est pas en UTF-8"),
        (bytes(range(256)), "a.ttl", "n'est pas en UTF-8"),
        (b"", "a.ttl", "aucun concept SKOS"),
        (PREFIXES + "ex:a a skos:Concept .", "a.ttl", "aucun concept ne porte de nom"),
        (PREFIXES + "".join(f'ex:c{n} a skos:Concept ; skos:prefLabel "haie {n}"@fr .\n' for n in range(5001)), "a.ttl",
         "5001 concepts : un vocabulaire de communauté en compte 5000 au plus"),
    ],
    ids=lambda v: v[:40] if isinstance(v, str) and not v.startswith(("@prefix", "<", "{", "[")) else "",
)  # fmt: skip
def test_hostile_and_broken_files_are_refused_in_one_sentence(data: bytes | str, name: str, told: str) -> None:
    assert told in refusal(data, name)


@pytest.mark.parametrize(
    "body",
    [
        "".join(f"@prefix a: <http://e/{n}> .\n" for n in range(60_000)),  # one name, bound again and again
        "".join(f"@prefix a{n}: <http://e/{n}> .\n" for n in range(60_000)),
        "#\n" * 2_000_000,
        " " * 4_900_000,
        'ex:x skos:note "' + "\\u00e9" * 500_000 + '" .',
        'ex:x skos:note "' + "9" * 1_000_000 + '"^^<http://www.w3.org/2001/XMLSchema#integer> .',
        "ex:" + "a" * 2_000_000 + " skos:note 1 .",
        "ex:x skos:note 1 " + ";" * 2_000_000 + ".",
        f'ex:x skos:note "<!DOCTYPE x [<!ENTITY a \'b\'>]><a>&a;</a>"^^<{RDF}XMLLiteral> .',
    ],
    ids=["rebound", "prefixes", "comments", "spaces", "escapes", "number", "name", "semicolons", "literal"],
)  # fmt: skip
def test_heavy_but_lawful_files_are_read_in_bounded_time(body: str) -> None:
    start = time.monotonic()
    found = read_skos((PREFIXES + body + f"\n{CONCEPT} .").encode(), "a.ttl")
    assert [c.pref_label for c in found.taxonomy.concepts] == ["eau douce"]
    assert time.monotonic() - start < 60


def test_formats_are_recognised_by_name_then_by_content() -> None:
    for data, name, form in (
        (b"", "mots.TTL", "turtle"), (b"", "mots.rdf", "xml"), (b"", "mots.jsonld", "json-ld"),
        (b'\xef\xbb\xbf{"@id": "a"}', "mots", "json-ld"), (b"[{}]", "", "json-ld"), (b"<?xml?>", "", "xml"),
        (b"<rdf:RDF>", "", "xml"), ("<?xml?>".encode("utf-16"), "", "xml"), (b"@prefix a: <b> .", "", "turtle"),
        (b"<http://a> <b> <c> .", "", "turtle"), (b"[] a <b> .", "", "turtle"),
    ):  # fmt: skip
        assert guess_format(data, name) == form, (data, name)
    assert MAX_BYTES == 5_000_000


def test_an_xml_file_in_another_encoding_is_read() -> None:
    body = '<skos:Concept rdf:about="http://e/a"><skos:prefLabel xml:lang="fr">rivière</skos:prefLabel></skos:Concept>'
    data = ('<?xml version="1.0" encoding="UTF-16"?>' + XML.format(body)).encode("utf-16")
    assert read_skos(data, "mots").taxonomy.concepts[0].pref_label == "rivière"


def test_words_changed_since_the_export_are_seen_as_such() -> None:
    """An export, changed here, then imported: it says what the file says, whatever the words in effect say now."""
    exported = to_skos(sample())
    assert read_skos(exported, "x.ttl").taxonomy == sample()
    changed = apply(
        sample(), SetWeight("haie", 2), AddConcept(Concept("", "fossé")), AddLabels("mare", "altLabel", ("étier",))
    )
    assert read_skos(to_skos(changed), "x.ttl").taxonomy == changed
