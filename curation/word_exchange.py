"""Words in the formats of others, from bytes and to bytes: what the commands and the desk share.

Errors: ``TaxonomyError`` (what is wrong with the file, every fault), ``InputError`` (not a file of words).
"""

from __future__ import annotations

import json

from curation.errors import InputError, TaxonomyError
from taxonomy.content import content_of
from taxonomy.edit import EditError
from taxonomy.load import TaxonomyFileError, parse_taxonomy
from taxonomy.table import COLUMNS
from taxonomy.types import Imported, Taxonomy

#: Name of the format -> name in ``taxonomy.rdf``.
RDF = {"turtle": "turtle", "rdf": "xml", "jsonld": "json-ld"}
#: Name of the format -> (ending of a file, media type, what people call it).
FORMS = {
    "csv": ("csv", "text/csv; charset=utf-8", "CSV, pour un tableur"),
    "turtle": ("ttl", "text/turtle; charset=utf-8", "SKOS en Turtle"),
    "rdf": ("rdf", "application/rdf+xml; charset=utf-8", "SKOS en RDF/XML"),
    "jsonld": ("jsonld", "application/ld+json; charset=utf-8", "SKOS en JSON-LD"),
    "yaml": ("yaml", "application/yaml; charset=utf-8", "YAML, le fichier de veille"),
    "json": ("json", "application/json; charset=utf-8", "JSON"),
}


def read_words(
    data: bytes,
    name: str,
    community: str,
    language: str,
    form: str,
    scheme: str = "",
    current: Taxonomy | None = None,
    keep: bool = False,
    tell_apart: bool = False,
) -> Imported:
    """The words of a file called ``name``. ``form``: csv, turtle, rdf, jsonld, yaml, or "" for SKOS of some kind.

    ``current``: what a table completes; ``keep``: with its concepts that the table does not hold;
    ``tell_apart``: as ``read_skos`` takes it.
    """
    if data.startswith(b"PK\x03\x04"):
        raise InputError(f"{name} est une archive de toutes les communautés : elle s'importe à part.")
    try:
        if form == "csv":
            from taxonomy.table import read_table

            return read_table(data, name, current or Taxonomy(community or "tableau", community, "", ()), keep=keep)
        if form in RDF or not form:
            from taxonomy.skos_import import read_skos

            return read_skos(
                data, name, form=RDF.get(form, ""), language=language, community=community, scheme=scheme,
                tell_apart=tell_apart,
            )  # fmt: skip
        taxonomy = parse_taxonomy(data.decode("utf-8-sig"), name)
    except TaxonomyFileError as error:
        raise TaxonomyError(str(error)) from error
    except EditError as error:
        raise InputError(str(error)) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{name} n'est pas en UTF-8. Enregistrez-le en UTF-8.") from error
    if community and taxonomy.id != community:
        raise InputError(f"{name} décrit « {taxonomy.id} », pas « {community} ».")
    return Imported(taxonomy)


def guessed(data: bytes) -> str:
    """The format of a file whose name says nothing, as ``read_words`` takes it."""
    start = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] in (b"<", b"{", b"[", b"@") or start[:6].lower() == b"prefix":
        return ""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):  # UTF-16: what Excel calls « texte Unicode »
        return "csv"
    first = start.split(b"\n", 1)[0].decode("cp1252", "replace").lower()
    heads = {c.strip(' "\r') for d in ";,\t" for c in first.split(d)} if any(d in first for d in ";,\t") else set()
    return "csv" if heads & {*COLUMNS, *(k.lower() for k in COLUMNS.values())} else "yaml"


def write_words(
    taxonomy: Taxonomy, text: str, form: str, base_uri: str, *, delimiter: str = ";", encoding: str = "utf-8-sig"
) -> bytes:
    """Words in a format of ``FORMS``. ``text``: the YAML that says them; ``base_uri``: of SKOS concepts."""
    if form == "yaml":
        return text.encode()
    if form == "json":
        return (json.dumps(content_of(taxonomy), ensure_ascii=False) + "\n").encode()
    if form == "csv":
        from taxonomy.table import to_table

        try:
            return to_table(taxonomy, delimiter=delimiter, encoding=encoding)
        except TaxonomyFileError as error:
            raise TaxonomyError(str(error)) from error
    from taxonomy.skos import to_skos

    return to_skos(taxonomy, RDF[form], base_uri)
