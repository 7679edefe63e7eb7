"""SKOS out and back: nothing is lost, what SKOS can say is said in SKOS, and the integrity conditions hold."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from rdflib import RDF, Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, OWL, RDFS, SKOS

from taxonomy.concept_operations import RenameConcept
from taxonomy.content import sealed
from taxonomy.edit import apply
from taxonomy.load import SHIPPED, load_taxonomy
from taxonomy.skos import BASE, ENDINGS, NAMESPACE, TERMS, concept_uri, scheme_uri, to_graph, to_skos
from taxonomy.skos_import import read_skos
from taxonomy.skos_integrity import violations
from taxonomy.types import Dossier, Taxonomy
from tests.taxonomy.words import sample, taxonomies

FILES = sorted(SHIPPED.glob("*.yaml"))
ROOT = Path(__file__).parents[2]
HTTP = "https://mots.exemple.fr/"
START = sample()


def there_and_back(taxonomy: Taxonomy, form: str, base: str = BASE) -> Taxonomy:
    found = read_skos(to_skos(taxonomy, form, base), f"mots.{ENDINGS[form]}")
    assert found.remarks == ()
    return found.taxonomy


@pytest.mark.parametrize("form", ENDINGS)
@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_the_eight_taxonomies_come_back_whole(path: Path, form: str) -> None:
    taxonomy = load_taxonomy(path)
    assert there_and_back(taxonomy, form) == taxonomy


@pytest.mark.parametrize("form", ENDINGS)
@given(taxonomy=taxonomies(most=4))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_taxonomy_comes_back_whole(form: str, taxonomy: Taxonomy) -> None:
    assert there_and_back(taxonomy, form) == taxonomy
    assert there_and_back(taxonomy, form, HTTP) == taxonomy


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_the_eight_taxonomies_keep_the_integrity_conditions(path: Path) -> None:
    assert violations(to_graph(load_taxonomy(path))) == []


def test_dossiers_that_are_not_described_come_back_too() -> None:
    bare = sealed(replace(START, dossiers=()))
    assert there_and_back(bare, "turtle") == bare


def test_what_skos_can_say_is_said_in_skos() -> None:
    graph = Graph().parse(data=to_skos(START, "turtle", HTTP), format="turtle")
    scheme, haie = URIRef(HTTP + "essai"), URIRef(HTTP + "essai/haie")

    def said(subject: URIRef, predicate: URIRef) -> set[object]:
        return set(graph.objects(subject, predicate))

    assert said(haie, SKOS.prefLabel) == {Literal("haie", lang="fr")}
    assert said(haie, SKOS.altLabel) == {Literal("haie bocagère", lang="fr"), Literal("bocage", lang="fr")}
    assert said(haie, SKOS.hiddenLabel) == {Literal("aie bocagère", lang="fr")}
    assert said(haie, SKOS.notation) == {Literal("PSE")}
    assert said(haie, SKOS.scopeNote) == {Literal("Plantation et entretien des haies.", lang="fr")}
    assert said(haie, SKOS.inScheme) == {scheme}
    assert said(haie, SKOS.broader) == {URIRef(HTTP + "essai/paysage")}
    assert said(haie, SKOS.narrower) == {URIRef(HTTP + "essai/talus")}
    assert said(scheme, SKOS.hasTopConcept) == {URIRef(HTTP + "essai/paysage")}
    assert said(URIRef(HTTP + "essai/paysage"), SKOS.topConceptOf) == {scheme}
    assert said(scheme, SKOS.definition) == {Literal("Les campagnes.", lang="fr")}
    bocage = URIRef(HTTP + "essai/dossier/bocage")
    assert SKOS.Collection in said(bocage, RDF.type)
    assert said(bocage, SKOS.member) == {haie}
    assert said(haie, URIRef(NAMESPACE + "excludeLabel")) == {Literal("course de haies", lang="fr")}


def test_a_skos_browser_finds_what_it_looks_for() -> None:
    """What Skosmos asks for: a typed scheme with a title and a version, top concepts, groups with labels."""
    graph = to_graph(START)
    (scheme,) = graph.subjects(RDF.type, SKOS.ConceptScheme)
    assert graph.value(scheme, DCTERMS.title) == Literal("Essai", lang="fr")
    assert str(graph.value(scheme, DCTERMS.hasVersion)) == str(graph.value(scheme, OWL.versionInfo)) == START.version
    assert list(graph.objects(scheme, SKOS.hasTopConcept))
    for group in graph.subjects(RDF.type, SKOS.Collection):
        assert graph.value(group, SKOS.prefLabel)
        assert graph.value(group, SKOS.inScheme) == scheme
    for concept in graph.subjects(RDF.type, SKOS.Concept):
        assert str(concept).startswith(str(scheme) + ":")
        assert graph.value(concept, SKOS.prefLabel)


def test_our_own_terms_are_described_in_the_file() -> None:
    graph = to_graph(START)
    used = {str(t) for triple in graph for t in triple if str(t).startswith(NAMESPACE)}
    assert used <= {NAMESPACE + name for name in TERMS}
    for name in TERMS:
        assert graph.value(URIRef(NAMESPACE + name), RDFS.label), name


def test_addresses_follow_the_id_and_not_the_name() -> None:
    renamed = apply(START, RenameConcept("haie", "trogne"))
    assert concept_uri("essai", "haie") == "urn:veille:essai:haie"
    assert set(to_graph(START).subjects(RDF.type, SKOS.Concept)) == set(
        to_graph(renamed).subjects(RDF.type, SKOS.Concept)
    )
    assert scheme_uri("essai", HTTP) == "https://mots.exemple.fr/essai"


def test_no_two_things_share_an_address() -> None:
    """A concept called « dossier », a dossier called as a concept: each has its own."""
    odd = sample(dossiers=(Dossier("haie", "Haies"), Dossier("bocage", "Bocage"), Dossier("eau", "Eau")))
    assert there_and_back(odd, "turtle") == odd


@pytest.mark.parametrize("form", ENDINGS)
def test_equal_words_make_equal_files(form: str) -> None:
    code = (
        "import sys; from tests.taxonomy.words import sample; from taxonomy.skos import to_skos; "
        f"sys.stdout.buffer.write(to_skos(sample(), {form!r}))"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert made == {to_skos(START, form)}


CONDITIONS = {
    "S9": "ex:a a skos:Concept, skos:ConceptScheme .",
    "S9 by inference": "ex:a skos:hasTopConcept ex:b . ex:b skos:broader ex:a .",
    "S13": 'ex:a skos:prefLabel "eau"@fr ; skos:altLabel "eau"@fr .',
    "S13 hidden": 'ex:a skos:altLabel "eau"@fr ; skos:hiddenLabel "eau"@fr .',
    "S14": 'ex:a skos:prefLabel "eau"@fr, "eaux"@fr .',
    "S14 without language": 'ex:a skos:prefLabel "eau", "eaux" .',
    "S27": "ex:a skos:broader ex:b . ex:b skos:broader ex:c . ex:a skos:related ex:c .",
    "S27 by narrower": "ex:c skos:narrower ex:a . ex:c skos:related ex:a .",
    "S27 by matches": "ex:a skos:broadMatch ex:c ; skos:relatedMatch ex:c .",
    "S37": "ex:a a skos:Collection, skos:Concept .",
    "S37 by members": "ex:a skos:member ex:b . ex:a skos:broader ex:c .",
    "S46": "ex:a skos:exactMatch ex:b ; skos:broadMatch ex:b .",
    "S46 both ways": "ex:b skos:exactMatch ex:a . ex:a skos:relatedMatch ex:b .",
    "S46 by steps": "ex:a skos:exactMatch ex:b . ex:b skos:exactMatch ex:c . ex:a skos:narrowMatch ex:c .",
}
SOUND = {
    "languages": 'ex:a skos:prefLabel "eau"@fr, "water"@en ; skos:altLabel "eau"@oc .',
    "siblings": "ex:a skos:broader ex:c ; skos:related ex:b . ex:b skos:broader ex:c .",
    "a group of concepts": "ex:g a skos:Collection ; skos:member ex:a . ex:a a skos:Concept .",
    "matches": "ex:a skos:exactMatch ex:b ; skos:broadMatch ex:c .",
    "a cycle of related": "ex:a skos:related ex:b . ex:b skos:related ex:a .",
}
PREFIXES = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix ex: <http://exemple.fr/> .\n"


@pytest.mark.parametrize("case", CONDITIONS)
def test_each_integrity_condition_is_seen(case: str) -> None:
    (told,) = violations(Graph().parse(data=PREFIXES + CONDITIONS[case], format="turtle"))
    assert f"(SKOS {case.split()[0]})" in told


@pytest.mark.parametrize("case", SOUND)
def test_what_skos_allows_is_allowed(case: str) -> None:
    assert violations(Graph().parse(data=PREFIXES + SOUND[case], format="turtle")) == []


@pytest.mark.parametrize("community", sorted(p.stem for p in SHIPPED.glob("*.yaml")))
def test_no_two_things_of_a_file_bear_one_identifier(community: str) -> None:
    """SKOS tools name concepts and collections by dct:identifier: a dossier may have the id of a concept."""
    taxonomy = load_taxonomy(SHIPPED / f"{community}.yaml")
    scheme = URIRef(scheme_uri(taxonomy.id))  # told from the rest by its type
    found = [str(o) for s, o in to_graph(taxonomy).subject_objects(DCTERMS.identifier) if s != scheme]
    assert len(found) == len(set(found)) > len(taxonomy.concepts)


def test_a_file_of_an_older_version_names_dossiers_as_before() -> None:
    old = to_skos(sample()).replace(b'dct:identifier "dossier:', b'dct:identifier "')
    assert old != to_skos(sample())
    assert read_skos(old, "x.ttl").taxonomy == sample()
