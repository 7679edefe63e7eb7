"""Taxonomies as SKOS (Turtle, RDF/XML, JSON-LD): ``to_skos`` writes what ``skos_import.read_skos`` reads back whole.

What SKOS can say is said in SKOS (names, labels, notations, hierarchy, notes); dossiers are ``skos:Collection`` and
not a second scheme: a dossier is a shelf that groups concepts of the hierarchy, with no place in it, and browsers such
as Skosmos show collections as groups. Priorities of the year are collections too. The rest (exclusions, weights,
readers, neighbours, orders) has terms of ours, described in the file itself.

Source: SKOS Reference, W3C Recommendation 18 August 2009; DCMI Metadata Terms.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from taxonomy.content import LISTS
from taxonomy.types import Taxonomy

if TYPE_CHECKING:
    from rdflib import Graph

#: Our own terms. Nothing is there to be fetched: a URN names without promising a page.
NAMESPACE = "urn:veille:ns#"
#: Addresses of concepts begin with it, unless the configuration gives a domain of the organisation.
BASE = "urn:veille:"
TERMS = {
    "Taxonomy": "vocabulaire de communauté",
    "Dossier": "dossier",
    "Priority": "priorité de l'année",
    "excludeLabel": "exclusion",
    "weight": "poids",
    "dossier": "dossier non décrit",
    "audience": "public",
    "neighbour": "communauté voisine",
    "priority": "priorité",
    "position": "rang dans le fichier",
    "order": "ordre des listes",
}
#: How files of each format are called.
ENDINGS = {"turtle": "ttl", "xml": "rdf", "json-ld": "jsonld"}
#: Ids stand in addresses as they are; other signs are percent-encoded.
_SAFE = "-._~"


def scheme_uri(community: str, base: str = BASE) -> str:
    """Address of a community's scheme: it never changes while the base stays."""
    return base + quote(community, safe=_SAFE)


def concept_uri(community: str, concept: str, base: str = BASE) -> str:
    """Address of a concept; it follows the id, which a renaming keeps."""
    return scheme_uri(community, base) + separator(base) + quote(concept, safe=_SAFE)


def separator(base: str) -> str:
    """What stands between the parts of an address."""
    return ":" if base.startswith("urn:") else "/"


#: Before the id of a dossier where it stands as an identifier among those of concepts.
SHELF = "dossier:"


def to_skos(taxonomy: Taxonomy, form: str = "turtle", base: str = BASE) -> bytes:
    """The taxonomy in ``form`` (turtle, xml, json-ld), UTF-8. Equal taxonomies give equal bytes."""
    graph = to_graph(taxonomy, base)
    if form == "json-ld":
        content = json.loads(graph.serialize(format="json-ld", context=_context()))
        return (json.dumps(_sorted(content), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
    if form == "xml":
        from rdflib import Graph

        class Ordered(Graph):
            """The serialiser of RDF/XML writes in the order of the graph, which is that of a hash."""

            def subjects(self, *_: Any, **__: Any) -> Any:
                return iter(sorted(set(super().subjects()), key=str))

            def predicate_objects(self, subject: Any = None, unique: bool = False) -> Any:
                return iter(sorted(super().predicate_objects(subject, unique), key=str))

        graph = Ordered(store=graph.store, identifier=graph.identifier)
    found: bytes = graph.serialize(format=form, encoding="utf-8")
    return found


def to_graph(taxonomy: Taxonomy, base: str = BASE) -> Graph:
    """The same as an rdflib graph."""
    from rdflib import Graph, Literal, Namespace, URIRef
    from rdflib.namespace import DCTERMS, OWL, RDF, RDFS, SKOS, XSD

    own = Namespace(NAMESPACE)
    graph = Graph(bind_namespaces="none")
    for prefix, space in (("skos", SKOS), ("dct", DCTERMS), ("owl", OWL), ("rdf", RDF), ("rdfs", RDFS), ("xsd", XSD)):
        graph.bind(prefix, space)
    graph.bind("veille", own)
    scheme = URIRef(scheme_uri(taxonomy.id, base))
    concepts = {c.id: URIRef(concept_uri(taxonomy.id, c.id, base)) for c in taxonomy.concepts}

    def say(subject: URIRef, predicate: URIRef, *values: Any) -> None:
        for value in values:
            if value not in ("", None):
                graph.add((subject, predicate, value if isinstance(value, URIRef) else Literal(value, lang="fr")))

    def note(subject: URIRef, predicate: URIRef, value: Any, datatype: URIRef | None = None) -> None:
        graph.add((subject, predicate, Literal(value, datatype=datatype)))

    def place(subject: URIRef, position: int, lists: Mapping[str, Sequence[str]]) -> None:
        """RDF says no order: the rank of the thing, and the order of its lists where it is not that of the alphabet."""
        note(subject, own.position, position, XSD.integer)
        if orders := {key: list(values) for key, values in lists.items() if list(values) != sorted(values)}:
            note(subject, own.order, json.dumps(orders, ensure_ascii=False, sort_keys=True))

    for name, label in TERMS.items():
        kind = RDFS.Class if name[0].isupper() else RDF.Property
        say(own[name], RDF.type, kind)
        say(own[name], RDFS.label, label)
    say(scheme, RDF.type, SKOS.ConceptScheme, own.Taxonomy)
    say(scheme, SKOS.prefLabel, taxonomy.pref_label)
    say(scheme, DCTERMS.title, taxonomy.pref_label)
    say(scheme, SKOS.definition, taxonomy.definition)
    say(scheme, DCTERMS.description, taxonomy.definition)
    note(scheme, DCTERMS.identifier, taxonomy.id)
    note(scheme, DCTERMS.language, "fr")
    note(scheme, OWL.versionInfo, taxonomy.version)
    note(scheme, DCTERMS.hasVersion, taxonomy.version)
    say(scheme, own.audience, *taxonomy.audience)
    for neighbour in taxonomy.neighbours:
        note(scheme, own.neighbour, neighbour)
    place(scheme, 0, {"audience": taxonomy.audience, "neighbours": taxonomy.neighbours})
    for n, concept in enumerate(taxonomy.concepts):
        subject = concepts[concept.id]
        say(subject, RDF.type, SKOS.Concept)
        say(subject, SKOS.inScheme, scheme)
        say(subject, SKOS.prefLabel, concept.pref_label)
        say(subject, SKOS.altLabel, *concept.alt_labels)
        say(subject, SKOS.hiddenLabel, *concept.hidden_labels)
        say(subject, SKOS.scopeNote, concept.scope_note)
        say(subject, own.excludeLabel, *concept.exclude_labels)
        note(subject, DCTERMS.identifier, concept.id)
        for notation in concept.notations:
            note(subject, SKOS.notation, notation)
        if concept.weight != 1:
            note(subject, own.weight, format(Decimal(repr(concept.weight)), "f"), XSD.decimal)
        for parent in concept.broader:
            say(subject, SKOS.broader, concepts[parent])
            say(concepts[parent], SKOS.narrower, subject)
        if not concept.broader:
            say(subject, SKOS.topConceptOf, scheme)
            say(scheme, SKOS.hasTopConcept, subject)
        place(subject, n, {key: getattr(concept, field) for key, field in LISTS.items()})
    shelves = {d.id: URIRef(_inner(scheme, "dossier", d.id, base)) for d in taxonomy.dossiers}
    for n, dossier in enumerate(taxonomy.dossiers):
        subject = shelves[dossier.id]
        say(subject, RDF.type, SKOS.Collection, own.Dossier)
        say(subject, SKOS.inScheme, scheme)
        say(subject, SKOS.prefLabel, dossier.pref_label)
        say(subject, SKOS.scopeNote, dossier.scope_note)
        note(subject, DCTERMS.identifier, SHELF + dossier.id)  # a concept may have the same id
        place(subject, n, {})
    for concept in taxonomy.concepts:
        for dossier_id in concept.dossiers:
            if dossier_id in shelves:
                say(shelves[dossier_id], SKOS.member, concepts[concept.id])
            else:  # a vocabulary may name dossiers that it does not describe
                note(concepts[concept.id], own.dossier, dossier_id)
    for n, priority in enumerate(taxonomy.priorities):
        subject = URIRef(_inner(scheme, "priorite", str(n + 1), base))
        say(subject, RDF.type, SKOS.Collection, own.Priority)
        say(subject, SKOS.inScheme, scheme)
        say(scheme, own.priority, subject)
        say(subject, SKOS.prefLabel, priority.pref_label)
        say(subject, SKOS.member, *(concepts[c] for c in priority.concepts))
        place(subject, n, {"concepts": priority.concepts})
    return graph


def _inner(scheme: str, kind: str, identity: str, base: str) -> str:
    """Address of a dossier or a priority: one level below the concepts, so that no id can meet theirs."""
    mark = separator(base)
    return f"{scheme}{mark}{kind}{mark}{quote(identity, safe=_SAFE)}"


def _context() -> dict[str, Any]:
    """A JSON-LD context that travels in the file."""
    from rdflib.namespace import DCTERMS, OWL, RDFS, SKOS, XSD

    spaces = {"skos": SKOS, "dct": DCTERMS, "owl": OWL, "rdfs": RDFS, "xsd": XSD, "veille": NAMESPACE}
    return {prefix: str(space) for prefix, space in spaces.items()}


def _sorted(value: Any) -> Any:
    """Lists of a JSON-LD document are sets: in one order, equal graphs give equal bytes."""
    if isinstance(value, dict):
        return {k: _sorted(v) for k, v in value.items()}
    if isinstance(value, list):
        return sorted((_sorted(v) for v in value), key=lambda v: json.dumps(v, ensure_ascii=False, sort_keys=True))
    return value
