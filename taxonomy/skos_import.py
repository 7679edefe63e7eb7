"""SKOS -> ``Taxonomy``: our own files come back whole; a stranger's scheme becomes a proposal, with its reasons.

A proposal chooses what SKOS leaves open here: ids (from the addresses, else from the labels), the language, labels
that would meet the same words. Each choice is a remark in French; nothing is published by reading.

Errors: ``TaxonomyFileError``: what ``rdf.read_graph`` refuses, what breaks SKOS (``skos_integrity``), what cannot make
a vocabulary (no concept, no label in the language, a chain of broader that comes back).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from taxonomy.check import check
from taxonomy.content import phrase, sealed
from taxonomy.edit import clean, slug
from taxonomy.french import fold
from taxonomy.load import TaxonomyFileError
from taxonomy.proposals import doubled, some, told_apart
from taxonomy.rdf import read_graph
from taxonomy.skos import NAMESPACE, SHELF
from taxonomy.skos_integrity import violations
from taxonomy.types import Concept, Dossier, Imported, Priority, Taxonomy

if TYPE_CHECKING:
    from rdflib import Graph

MAX_CONCEPTS = 5_000
#: An id that people can type.
_ID = re.compile(r"(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*")
_SHOWN = 5


def read_skos(
    data: bytes,
    name: str,
    *,
    form: str = "",
    language: str = "fr",
    community: str = "",
    scheme: str = "",
    tell_apart: bool = False,
) -> Imported:
    """Read a file called ``name``.

    ``form``: turtle, xml, json-ld, or "" to guess. ``language``: of the labels to take. ``community``: id of the
    taxonomy to make of a stranger's scheme. ``scheme``: address of the scheme, where the file holds several.
    ``tell_apart``: complete or drop the labels that several concepts of a stranger bear; else they are refused.
    """
    graph = read_graph(data, name, form)
    if broken := violations(graph):
        raise TaxonomyFileError(name, broken)
    try:
        reading = _Reading(graph, language, _scheme(graph, scheme), tell_apart)
        found = reading.taxonomy(community)
    except _Unusable as error:
        raise TaxonomyFileError(name, [str(error)]) from error
    if faults := check(found):
        raise TaxonomyFileError(name, faults)
    return Imported(sealed(found), tuple(reading.remarks))


_DOUBLED = "{same}. Changez-en un, ou demandez à l'import de distinguer les homonymes (--tell-apart)."


class _Unusable(Exception):
    """Why the graph makes no vocabulary, in French."""


def _scheme(graph: Graph, asked: str) -> Any:
    """The scheme to read; None when concepts belong to none."""
    from rdflib import URIRef
    from rdflib.namespace import RDF, SKOS

    known = sorted({*graph.subjects(RDF.type, SKOS.ConceptScheme), *graph.objects(None, SKOS.inScheme)}, key=str)
    if asked:
        if URIRef(asked) not in known:
            raise _Unusable(
                f"aucun schéma à l'adresse « {asked} ». Présents : {', '.join(map(str, known)) or 'aucun'}."
            )
        return URIRef(asked)
    if len(known) > 1:
        listed = ", ".join(map(str, known[:_SHOWN]))
        raise _Unusable(f"ce fichier contient {len(known)} schémas ({listed}…). Dites lequel lire.")
    return known[0] if known else None


@dataclass(slots=True)
class _Reading:
    """One scheme of a graph being read."""

    graph: Graph
    language: str
    scheme: Any
    tell_apart: bool = False
    remarks: list[str] = field(default_factory=list)
    others: set[Any] = field(default_factory=set)  # labels in other languages, left alone

    @property
    def own(self) -> bool:
        """True for a file that veille wrote (and somebody may have changed since)."""
        return self._is(self.scheme, "Taxonomy")

    def taxonomy(self, community: str) -> Taxonomy:
        """The taxonomy, not yet checked."""
        from rdflib import RDF, URIRef
        from rdflib.namespace import DCTERMS, SKOS

        own = self.own
        terms = self._concepts()
        names = self._names(terms)
        kept = self._placed([t for t in terms if t in names], names)
        ids = self._ids(kept, names, own)
        identity = self._text(self.scheme, DCTERMS.identifier) if own else ""
        title = self._label(self.scheme, SKOS.prefLabel) or self._label(self.scheme, DCTERMS.title)
        shelves = self._collections("Dossier", own)
        dossiers = self._dossiers(shelves, own)
        members = {s: set(self.graph.objects(s, SKOS.member)) | set(self._listed(s)) for s in shelves}
        concepts = []
        for term in kept:
            lists = self._orders(term)
            filed = [dossiers[s].id for s in shelves if term in members[s]]
            parents = {*self.graph.objects(term, SKOS.broader), *self.graph.subjects(SKOS.narrower, term)}
            concepts.append(
                Concept(
                    id=ids[term],
                    pref_label=names[term],
                    alt_labels=self._labels(term, SKOS.altLabel, lists, "altLabel"),
                    notations=_ordered((phrase(n) for n in self.graph.objects(term, SKOS.notation)), lists, "notation"),
                    hidden_labels=self._labels(term, SKOS.hiddenLabel, lists, "hiddenLabel"),
                    exclude_labels=self._labels(term, URIRef(NAMESPACE + "excludeLabel"), lists, "excludeLabel"),
                    broader=_ordered((ids[p] for p in parents if p in ids), lists, "broader"),
                    scope_note=self._note(term),
                    dossiers=_ordered([*filed, *map(phrase, self._own(term, "dossier"))], lists, "dossier"),
                    weight=self._weight(term),
                )
            )
        if not own:
            if not self.tell_apart and (same := doubled(concepts)):
                raise _Unusable(_DOUBLED.format(same=same))
            concepts, said = told_apart(concepts)
            self.remarks += said
        lists = self._orders(self.scheme)
        taxonomy = Taxonomy(
            id=identity or community or slug(title or "vocabulaire"),
            pref_label=title or community,
            definition=self._definition(),
            concepts=tuple(concepts),
            dossiers=tuple(dossiers[s] for s in shelves),
            neighbours=_ordered(map(phrase, self._own(self.scheme, "neighbour")), lists, "neighbours"),
            audience=_ordered(map(phrase, self._own(self.scheme, "audience")), lists, "audience"),
            priorities=tuple(self._priority(p, ids) for p in self._collections("Priority", own=True)),
        )
        if own and community and taxonomy.id != community:
            raise _Unusable(f"ce fichier décrit « {taxonomy.id} », pas « {community} ».")
        if not own:
            self._say_strangeness(len(list(self.graph.subjects(RDF.type, SKOS.Concept))), len(terms))
        return taxonomy

    def _concepts(self) -> list[Any]:
        from rdflib.namespace import RDF, SKOS

        found = {*self.graph.subjects(RDF.type, SKOS.Concept)}
        if self.scheme is not None:
            mine = {
                *self.graph.subjects(SKOS.inScheme, self.scheme),
                *self.graph.subjects(SKOS.topConceptOf, self.scheme),
                *self.graph.objects(self.scheme, SKOS.hasTopConcept),
            }
            elsewhere = {*self.graph.subjects(SKOS.inScheme, None)} - mine
            found -= elsewhere
        if not found and not self.own:
            raise _Unusable("aucun concept SKOS (skos:Concept) dans ce fichier.")
        if len(found) > MAX_CONCEPTS:
            raise _Unusable(f"{len(found)} concepts : un vocabulaire de communauté en compte {MAX_CONCEPTS} au plus.")
        return sorted(found)

    def _names(self, terms: Sequence[Any]) -> dict[Any, str]:
        """The name of each concept that has one in the language."""
        from rdflib.namespace import SKOS

        names = {term: label for term in terms if (label := self._label(term, SKOS.prefLabel))}
        if terms and not names:
            tags = Counter(
                str(getattr(label, "language", None) or "")
                for term in terms
                for label in self.graph.objects(term, SKOS.prefLabel)
            )
            if not tags:
                raise _Unusable("aucun concept ne porte de nom (skos:prefLabel).")
            listed = ", ".join(f"{tag or 'sans langue'} ({n})" for tag, n in _often(tags))
            raise _Unusable(f"aucun nom de concept en « {self.language} ». Langues présentes : {listed}.")
        if missing := [t for t in terms if t not in names]:
            if self.own:
                raise _Unusable(f"le concept <{missing[0]}> n'a pas de nom en « {self.language} ». Donnez-lui en un.")
            self.remarks.append(
                f"{_many(len(missing), 'concept')} sans nom en « {self.language} », laissés de côté : {some(missing)}."
            )
        return names

    def _placed(self, terms: Iterable[Any], names: Mapping[Any, str]) -> list[Any]:
        return sorted(terms, key=lambda t: (self._position(t), fold(names[t]), str(t)))

    def _ids(self, terms: Sequence[Any], names: Mapping[Any, str], own: bool) -> dict[Any, str]:
        """Ids from the addresses where they can be typed, else from the labels."""
        ids: dict[Any, str] = {}
        made, taken = [], set()
        for term in terms:
            last = unquote(_last(str(term), str(self.scheme or "")))
            if own or (_ID.fullmatch(last) and last not in taken):
                ids[term] = last
                taken.add(last)
        for term in terms:
            if term not in ids:
                ids[term] = slug(names[term], taken)
                taken.add(ids[term])
                made.append(f"{names[term]} → {ids[term]}")
        if made:
            self.remarks.append(f"{_many(len(made), 'identifiant')} tirés des noms : {some(made)}.")
        elif not own:
            self.remarks.append("identifiants repris des adresses des concepts.")
        return ids

    def _collections(self, kind: str, own: bool) -> list[Any]:
        """Collections of a kind of ours (any collection of a stranger makes a dossier), in order."""
        from rdflib.namespace import RDF, SKOS

        found = {
            *self.graph.subjects(RDF.type, SKOS.Collection),
            *self.graph.subjects(RDF.type, SKOS.OrderedCollection),
        }
        if own:
            found = {c for c in found if self._is(c, kind)}
        named = {c: self._label(c, SKOS.prefLabel) for c in found}
        return self._placed([c for c in found if named[c]], named)

    def _dossiers(self, shelves: Sequence[Any], own: bool) -> dict[Any, Dossier]:
        from rdflib.namespace import DCTERMS, SKOS

        found: dict[Any, Dossier] = {}
        for term in shelves:
            label = self._label(term, SKOS.prefLabel)
            identity = self._text(term, DCTERMS.identifier).removeprefix(SHELF) if own else ""
            found[term] = Dossier(identity or slug(label, (d.id for d in found.values())), label, self._note(term))
        return found

    def _priority(self, term: Any, ids: Mapping[Any, str]) -> Priority:
        from rdflib.namespace import SKOS

        members = (ids[m] for m in self.graph.objects(term, SKOS.member) if m in ids)
        return Priority(self._label(term, SKOS.prefLabel), _ordered(members, self._orders(term), "concepts"))

    def _listed(self, collection: Any) -> list[Any]:
        from rdflib.collection import Collection
        from rdflib.namespace import SKOS

        head = self.graph.value(collection, SKOS.memberList)
        return list(Collection(self.graph, head)) if head is not None else []

    def _say_strangeness(self, everywhere: int, here: int) -> None:
        if self.others:
            found = Counter(str(label.language) for _, label in self.others)
            tags = ", ".join(f"{tag} ({n})" for tag, n in _often(found))
            self.remarks.append(f"libellés d'autres langues laissés de côté : {tags}.")
        if everywhere > here:
            self.remarks.append(f"{_many(everywhere - here, 'concept')} d'autres schémas laissés de côté.")
        self.remarks.append("poids 1 partout, ni exclusion ni public : à compléter avant de s'en servir pour trier.")

    def _label(self, term: Any, predicate: Any) -> str:
        found = self._labels(term, predicate, {}, "")
        return found[0] if found else ""

    def _labels(self, term: Any, predicate: Any, lists: Mapping[str, Sequence[str]], key: str) -> tuple[str, ...]:
        """Labels in the language; else in one of its regions; else without language."""
        from rdflib import Literal

        if term is None:
            return ()
        groups: dict[int, list[str]] = {0: [], 1: [], 2: []}
        for label in self.graph.objects(term, predicate):
            if not isinstance(label, Literal):
                continue
            tag = (label.language or "").lower()
            rank = 0 if tag == self.language else 1 if tag.startswith(f"{self.language}-") else 2 if not tag else 3
            if rank == 3:
                self.others.add((term, label))
            elif text := phrase(label) if self.own else clean(str(label)):
                groups[rank].append(text)
        return _ordered(next((g for g in groups.values() if g), ()), lists, key)

    def _note(self, term: Any) -> str:
        from rdflib.namespace import SKOS

        notes = self._labels(term, SKOS.scopeNote, {}, "") or self._labels(term, SKOS.definition, {}, "")
        return " ".join(notes)

    def _definition(self) -> str:
        from rdflib.namespace import DCTERMS, SKOS

        found = self._labels(self.scheme, SKOS.definition, {}, "")
        return " ".join(found or self._labels(self.scheme, DCTERMS.description, {}, ""))

    def _weight(self, term: Any) -> float:
        value = next(iter(self._own(term, "weight")), None)
        try:
            return 1.0 if value is None else float(str(value))
        except ValueError as error:
            raise _Unusable(f"le poids « {str(value)[:20]} » n'est pas un nombre.") from error

    def _position(self, term: Any) -> float:
        value = str(next(iter(self._own(term, "position")), ""))
        return int(value) if re.fullmatch(r"\d{1,9}", value) else float("inf")

    def _orders(self, term: Any) -> dict[str, list[str]]:
        try:
            content = json.loads(str(next(iter(self._own(term, "order")), "{}")))
        except (ValueError, RecursionError):
            return {}
        if not isinstance(content, dict):
            return {}
        return {k: [str(v) for v in vs] for k, vs in content.items() if isinstance(vs, list)}

    def _own(self, term: Any, name: str) -> list[Any]:
        from rdflib import URIRef

        return sorted(self.graph.objects(term, URIRef(NAMESPACE + name)), key=str) if term is not None else []

    def _is(self, term: Any, kind: str) -> bool:
        from rdflib import URIRef
        from rdflib.namespace import RDF

        return term is not None and (term, RDF.type, URIRef(NAMESPACE + kind)) in self.graph

    def _text(self, term: Any, predicate: Any) -> str:
        return "" if term is None else phrase(self.graph.value(term, predicate))


def _ordered(values: Iterable[str], lists: Mapping[str, Sequence[str]], key: str) -> tuple[str, ...]:
    """Each value once, in the order that the file tells, the rest by alphabet."""
    rank = {value: n for n, value in enumerate(lists.get(key, ()))}
    return tuple(sorted(dict.fromkeys(values), key=lambda v: (rank.get(v, len(rank)), v)))


def _last(address: str, scheme: str) -> str:
    """The part of an address that is its own: what follows the scheme's, else the last segment."""
    if scheme and address.startswith(scheme) and re.match(r"[/:#]", address[len(scheme) :]):
        return address[len(scheme) + 1 :]
    return re.split(r"[/:#]", address)[-1]


def _often(tags: Counter[str]) -> list[tuple[str, int]]:
    """The most frequent first."""
    return sorted(tags.items(), key=lambda pair: (-pair[1], pair[0]))[:_SHOWN]


def _many(n: int, name: str) -> str:
    return f"{n} {name}{'s' if n > 1 else ''}"
