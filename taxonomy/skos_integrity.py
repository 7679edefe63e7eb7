"""The integrity conditions of SKOS over a graph, each violation told in French.

Source: SKOS Reference, W3C Recommendation 18 August 2009: S9, S13, S14, S27, S37 and S46, with the entailments they
rest on (S4-S8 and S19: who is a concept, a scheme; S22-S26: broaderTransitive; S36: who is a collection; S41-S45:
mapping properties). Cycles of broader are legal in SKOS, not here: ``check`` refuses them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rdflib import Graph

#: Told of one file: beyond, one has understood.
_MAX = 20


def violations(graph: Graph) -> list[str]:
    """What breaks the conditions, with the number of each in the recommendation; empty when all hold."""
    found: list[str] = []
    for text in chain(_classes(graph), _labels(graph), _related(graph), _mappings(graph)):
        found.append(text)
        if len(found) == _MAX:
            break
    return found


def _classes(graph: Graph) -> Iterator[str]:
    """S9 and S37: nothing is both a concept, a scheme or a collection."""
    from rdflib.namespace import RDF, SKOS

    relations = (SKOS.broader, SKOS.narrower, SKOS.related, SKOS.broaderTransitive, SKOS.narrowerTransitive)
    concepts = {
        *graph.subjects(RDF.type, SKOS.Concept),
        *graph.objects(None, SKOS.hasTopConcept),
        *graph.subjects(SKOS.topConceptOf, None),
        *(term for relation in relations for pair in graph.subject_objects(relation) for term in pair),
    }
    schemes = {
        *graph.subjects(RDF.type, SKOS.ConceptScheme),
        *graph.objects(None, SKOS.inScheme),
        *graph.objects(None, SKOS.topConceptOf),
        *graph.subjects(SKOS.hasTopConcept, None),
    }
    collections = {
        *graph.subjects(RDF.type, SKOS.Collection),
        *graph.subjects(RDF.type, SKOS.OrderedCollection),
        *graph.subjects(SKOS.member, None),
        *graph.subjects(SKOS.memberList, None),
    }
    for term in sorted(concepts & schemes, key=str):
        yield f"{_name(graph, term)} est à la fois un concept et un schéma (SKOS S9). Choisissez."
    for term in sorted(collections & (concepts | schemes), key=str):
        yield f"{_name(graph, term)} est à la fois une collection et un concept ou un schéma (SKOS S37). Choisissez."


def _labels(graph: Graph) -> Iterator[str]:
    """S13 and S14: one name by language, labels told apart."""
    from rdflib.namespace import SKOS

    kinds = ((SKOS.prefLabel, "nom"), (SKOS.altLabel, "autre libellé"), (SKOS.hiddenLabel, "libellé caché"))
    seen: dict[tuple[Any, Any], str] = {}
    names: dict[tuple[Any, str], Any] = {}
    for kind, said in kinds:
        for subject, label in sorted(graph.subject_objects(kind), key=str):
            language = str(getattr(label, "language", None) or "")
            shown = f"« {label} »" + (f" ({language})" if language else "")
            first = seen.setdefault((subject, label), said)
            if first != said:
                text = f"{_name(graph, subject)} : {shown} est à la fois {first} et {said} (SKOS S13)."
                yield f"{text} Gardez-le à une seule place."
            if kind == SKOS.prefLabel and names.setdefault((subject, language), label) != label:
                other = names[subject, language]
                text = f"{_name(graph, subject)} : deux noms dans une langue, « {other} » et {shown} (SKOS S14)."
                yield f"{text} Gardez-en un, l'autre comme autre libellé."


def _related(graph: Graph) -> Iterator[str]:
    """S27: what is related is not above or below."""
    from rdflib.namespace import SKOS

    parents: dict[Any, set[Any]] = {}
    for up, down in (
        (SKOS.broader, SKOS.narrower),
        (SKOS.broaderTransitive, SKOS.narrowerTransitive),
        (SKOS.broadMatch, SKOS.narrowMatch),
    ):
        for child, parent in chain(graph.subject_objects(up), ((b, a) for a, b in graph.subject_objects(down))):
            parents.setdefault(child, set()).add(parent)
    linked = chain(graph.subject_objects(SKOS.related), graph.subject_objects(SKOS.relatedMatch))
    pairs: set[tuple[Any, Any]] = {(a, b) if str(a) < str(b) else (b, a) for a, b in linked if a != b}
    for one, other in sorted(pairs, key=str):
        if _above(parents, one, other) or _above(parents, other, one):
            names = f"{_name(graph, one)} et {_name(graph, other)}"
            yield f"{names} sont à la fois associés et l'un sous l'autre (SKOS S27). Retirez l'un des deux liens."


def _mappings(graph: Graph) -> Iterator[str]:
    """S46: what is the same is not above, below or only related."""
    from rdflib.namespace import SKOS

    same: dict[Any, Any] = {}

    def root(term: Any) -> Any:
        while (above := same.get(term, term)) != term:
            same[term] = same.get(above, above)
            term = above
        return term

    for one, other in graph.subject_objects(SKOS.exactMatch):
        same[root(one)] = root(other)
    for relation in (SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch):
        for one, other in sorted(graph.subject_objects(relation), key=str):
            if one != other and root(one) == root(other):
                names = f"{_name(graph, one)} et {_name(graph, other)}"
                text = f"{names} sont dits à la fois identiques (exactMatch) et {str(relation).rsplit('#', 1)[-1]}"
                yield f"{text} (SKOS S46). Choisissez."


def _above(parents: dict[Any, set[Any]], start: Any, goal: Any) -> bool:
    """True when ``goal`` stands above ``start``, at any height."""
    seen: set[Any] = set()
    front = list(parents.get(start, ()))
    while front:
        term = front.pop()
        if term == goal:
            return True
        if term not in seen:
            seen.add(term)
            front.extend(parents.get(term, ()))
    return False


def _name(graph: Graph, term: Any) -> str:
    """A label of the thing, in French if there is one; its address without one."""
    from rdflib.namespace import SKOS

    names = sorted(graph.objects(term, SKOS.prefLabel), key=lambda n: (getattr(n, "language", None) != "fr", str(n)))
    return f"« {names[0]} »" if names else f"<{term}>"
