"""Bytes of a stranger -> an RDF graph, within bounds of size, depth and time, and never a request to the network.

What is refused, each with one French sentence: files too heavy or too deep, entities of XML (« billion laughs »,
external ones), remote contexts of JSON-LD, relative addresses, language tags that are none.

Errors: ``TaxonomyFileError``, which names the file.
"""

from __future__ import annotations

import io
import json
import logging
import re
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from taxonomy.load import TaxonomyFileError

if TYPE_CHECKING:
    from rdflib import Graph

MAX_BYTES = 5_000_000
MAX_TRIPLES = 50_000
MAX_DEPTH = 50
MAX_SECONDS = 30.0
#: Names of the formats, as rdflib calls them, and the endings of their files.
FORMATS = {"turtle": (".ttl", ".turtle"), "xml": (".rdf", ".xml", ".owl", ".skos"), "json-ld": (".jsonld", ".json")}
_FRENCH = {"turtle": "Turtle", "xml": "RDF/XML", "json-ld": "JSON-LD"}
#: Where relative addresses end up, so that they are seen.
_NOWHERE = "http://adresse-relative.invalid/"
_BAD_LANGUAGE = re.compile(r"'?(\S+?)'? is not a valid language tag")
#: An « @ » after a quote that no language can follow: « "eau"@fr_FR ».
_TAG = re.compile(r'"@([^\s;,.)\]]+)')
_SOUND_TAG = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")


class _TooMuch(Exception):
    """The graph grows beyond the bounds; the text says which one."""


def guess_format(data: bytes, name: str = "") -> str:
    """turtle, xml or json-ld: by the end of the name, else by the first sign of the content."""
    for known, endings in FORMATS.items():
        if name.lower().endswith(endings):
            return known
    start = data[:200].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00")
    if start.startswith((b"{", b"[")) and not start.startswith(b"[]"):
        return "json-ld"
    return (
        "xml" if start.startswith((b"<?xml", b"<rdf:", b"<!")) or data[:2] in (b"\xff\xfe", b"\xfe\xff") else "turtle"
    )


def read_graph(data: bytes, name: str, form: str = "") -> Graph:
    """The graph of a file. ``form``: turtle, xml or json-ld; by default ``guess_format``."""
    if len(data) > MAX_BYTES:
        size, most = _millions(len(data)), _millions(MAX_BYTES)
        raise TaxonomyFileError(name, [f"{size} Mo : un vocabulaire en fait {most} au plus. Exportez-en une partie."])
    form = form or guess_format(data, name)
    content: Any = data
    try:
        if form == "xml":
            _look_at_xml(data)
        else:
            content = data.decode("utf-8-sig")
            if form == "json-ld":
                content = _look_at_json(content)
        graph = _parsed(content, form)
        _look_at_addresses(graph)
        return graph
    except UnicodeDecodeError as error:
        raise TaxonomyFileError(name, ["ce fichier n'est pas en UTF-8. Enregistrez-le en UTF-8."]) from error
    except RecursionError as error:
        raise TaxonomyFileError(name, [_too_deep()]) from error
    except _TooMuch as error:
        raise TaxonomyFileError(name, [str(error)]) from error
    except Exception as error:  # each parser of rdflib has its own family of errors, down to AttributeError
        raise TaxonomyFileError(name, [_explained(error, form, data)]) from error


def _parsed(content: Any, form: str) -> Graph:
    from rdflib import Graph
    from rdflib.namespace import NamespaceManager
    from rdflib.parser import InputSource
    from rdflib.plugins.stores.memory import Memory

    logging.getLogger("rdflib").addHandler(logging.NullHandler())
    logging.getLogger("rdflib").propagate = False  # what it warns of is told here, or does not matter

    class Bounded(Memory):
        """Stops a file that says too much, or takes too long to say it."""

        def __init__(self) -> None:
            super().__init__()
            self.left, self.end = MAX_TRIPLES, time.monotonic() + MAX_SECONDS

        def add(self, triple: Any, context: Any, quoted: bool = False) -> None:
            self.left -= 1
            if self.left < 0:
                raise _TooMuch(f"plus de {MAX_TRIPLES} énoncés : ce n'est pas un vocabulaire de communauté.")
            if self.left % 1000 == 0 and time.monotonic() > self.end:
                raise _TooMuch("ce fichier est trop long à lire. Exportez-en une partie.")
            super().add(triple, context, quoted)

    class Nameless(NamespaceManager):
        """Prefixes serve to read, by the parser's own table: kept here, a thousand of them would take minutes."""

        def bind(self, *_: Any, **__: Any) -> None:
            pass

    graph = Graph(store=Bounded(), bind_namespaces="none")
    graph.namespace_manager = Nameless(graph, bind_namespaces="none")
    if form == "xml":  # as bytes: the file itself says its encoding
        source = InputSource()
        source.setByteStream(io.BytesIO(content))
        source.setPublicId(_NOWHERE)
        graph.parse(source=source, format=form, publicID=_NOWHERE)
    else:
        graph.parse(data=content, format=form, publicID=_NOWHERE)
    return graph


def _look_at_xml(data: bytes) -> None:
    """A first reading that builds nothing: entities and depth. Raises ``_TooMuch`` or ``expat.ExpatError``."""
    depth = 0

    def opened(*_: Any) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise _TooMuch(_too_deep())

    def closed(*_: Any) -> None:
        nonlocal depth
        depth -= 1

    def entity(entity_name: str, *_: Any) -> None:
        raise _TooMuch(
            f"il déclare des entités XML (« {entity_name[:40]} »), refusées par sécurité. "
            "Enregistrez-le sans entités, ou en Turtle."
        )

    reader = expat.ParserCreate()
    reader.StartElementHandler, reader.EndElementHandler = opened, closed
    reader.EntityDeclHandler = entity
    reader.Parse(data, True)


def _look_at_json(text: str) -> Any:
    """The JSON, once it is known to be flat enough and to name no context elsewhere. Raises ``_TooMuch``."""
    content = json.loads(text)
    front: list[tuple[Any, int]] = [(content, 0)]
    while front:
        value, depth = front.pop()
        if depth > MAX_DEPTH:
            raise _TooMuch(_too_deep())
        if isinstance(value, dict):
            for key, below in value.items():
                if key == "@context" and (far := next(_remote(below), None)) is not None:
                    raise _TooMuch(
                        f"son contexte JSON-LD est ailleurs (« {far[:80]} ») ; veille ne va rien chercher sur le "
                        "réseau. Recopiez le contexte dans le fichier."
                    )
                if key == "@import":
                    raise _TooMuch("son contexte JSON-LD en importe un autre ; recopiez-le dans le fichier.")
                front.append((below, depth + 1))
        elif isinstance(value, list):
            front += [(below, depth + 1) for below in value]
    if not isinstance(content, (dict, list)):
        raise _TooMuch("un objet JSON est attendu.")
    return content


def _remote(context: Any) -> Iterator[str]:
    for each in context if isinstance(context, list) else [context]:
        if isinstance(each, str):
            yield each


def _look_at_addresses(graph: Graph) -> None:
    for triple in graph:
        for term in triple:
            if str(term).startswith(_NOWHERE):
                short = str(term).removeprefix(_NOWHERE)
                raise _TooMuch(
                    f"l'adresse « {short[:80]} » est relative à on ne sait quoi. "
                    "Indiquez la base du fichier (@base, xml:base) ou écrivez les adresses entières."
                )


def _explained(error: Exception, form: str, data: bytes) -> str:
    """One French sentence about what a parser could not read."""
    language = _BAD_LANGUAGE.search(str(error))
    if language is None and form == "turtle":
        tags = _TAG.findall(data.decode("utf-8", "replace"))
        language = next((m for t in tags if not _SOUND_TAG.fullmatch(t) and (m := re.fullmatch(r"(.*)", t))), None)
    if language is not None:
        return f"la langue « {language[1][:40]} » n'en est pas une : écrivez « fr », « fr-FR », « en »…"
    line = None
    if isinstance(error, (expat.ExpatError, json.JSONDecodeError)):
        line = error.lineno
    elif (number := getattr(error, "lines", None)) is not None:  # BadSyntax of the Turtle parser, counted from 0
        line = int(number) + 1
    elif callable(number_of := getattr(error, "getLineNumber", None)):
        line = number_of()
    where = f"ligne {line} : " if line else ""
    return f"{where}{_FRENCH.get(form, form)} incorrect, rien n'a pu en être lu."


def _too_deep() -> str:
    return f"plus de {MAX_DEPTH} niveaux imbriqués : un vocabulaire n'est pas aussi profond."


def _millions(size: int) -> str:
    return f"{size / 1e6:.1f}".replace(".", ",").removesuffix(",0")
