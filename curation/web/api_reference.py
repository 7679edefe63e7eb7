"""The OpenAPI schema and its faults, put in words: what the reference page and the 422 answers say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_KINDS = {
    "string": "texte",
    "integer": "entier",
    "number": "nombre",
    "boolean": "vrai ou faux",
    "object": "objet",
    "null": "null",
}
_FORMATS = {"date": "jour (AAAA-MM-JJ)", "date-time": "moment (ISO 8601)"}
#: Kind of pydantic error -> what is wrong, with the context of the error.
_FAULTS = {
    "missing": "Ce champ est obligatoire.",
    "extra_forbidden": "Ce champ n’existe pas.",
    "json_invalid": "Le corps n’est pas du JSON lisible.",
    "string_type": "Un texte est attendu.",
    "string_unicode": "Un texte Unicode valide est attendu.",
    "string_too_short": "Au moins {min_length} caractère(s).",
    "string_too_long": "{max_length} caractères au plus.",
    "too_short": "Au moins {min_length} valeur(s).",
    "too_long": "{max_length} valeurs au plus.",
    "list_type": "Une liste est attendue.",
    "int_type": "Un nombre entier est attendu.",
    "int_parsing": "Un nombre entier est attendu.",
    "int_parsing_size": "Ce nombre est trop grand.",
    "int_from_float": "Un nombre entier est attendu.",
    "float_parsing": "Un nombre est attendu.",
    "finite_number": "Un nombre fini est attendu.",
    "greater_than_equal": "Au moins {ge}.",
    "less_than_equal": "{le} au plus.",
    "enum": "Valeur inconnue.",
    "literal_error": "Valeur inconnue.",
    "union_tag_invalid": "Acte inconnu. Connus : {expected_tags}.",
    "union_tag_not_found": "Dites quel acte (« act »).",
    "model_attributes_type": "Un objet JSON est attendu.",
    "dict_type": "Un objet JSON est attendu.",
    "value_error": "{error}",
}
_DAY = "Un jour est attendu, par exemple 2026-12-31."
_MOMENT = "Un moment ISO 8601 est attendu, par exemple 2026-11-24T08:00:00Z."


@dataclass(frozen=True, slots=True)
class Value:
    """One parameter or one field of an object."""

    name: str
    kind: str
    required: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One route, as the reference shows it."""

    method: str
    path: str
    title: str
    meaning: str
    parameters: Sequence[Value]
    body: Sequence[str]  # names of the shapes it accepts
    answers: Sequence[tuple[str, str, str]]  # (status, meaning, shape)


@dataclass(frozen=True, slots=True)
class Shape:
    """One JSON object."""

    name: str
    meaning: str
    fields: Sequence[Value]


def operations(schema: Mapping[str, Any]) -> list[Operation]:
    """Every route of a schema, in its order."""
    found = []
    for path, methods in schema["paths"].items():
        for method, route in methods.items():
            content = route.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            answers = [
                (status, said.get("description", ""), _shape_of(said)) for status, said in route["responses"].items()
            ]
            found.append(
                Operation(
                    method.upper(),
                    f"/api{path}",
                    route.get("summary", ""),
                    route.get("description", ""),
                    [
                        Value(p["name"], _kind(p["schema"]), p.get("required", False), _meaning(p))
                        for p in route.get("parameters", ())
                    ],
                    [*_references(content)],
                    answers,
                )
            )
    return found


def shapes(schema: Mapping[str, Any]) -> list[Shape]:
    """Every object and every list of values of a schema, by name."""
    found = []
    for name, shape in sorted(schema["components"]["schemas"].items()):
        if "properties" in shape:
            required = set(shape.get("required", ()))
            values = [
                Value(n, _kind(p), n in required, p.get("description", "")) for n, p in shape["properties"].items()
            ]
            found.append(Shape(name, shape.get("description", ""), values))
        elif "enum" in shape:
            found.append(Shape(name, shape.get("description", ""), ()))
    return found


def fault_of(error: Mapping[str, Any]) -> tuple[str, str]:
    """(field, what is wrong in French) of one validation error."""
    kind, context = str(error["type"]), dict(error.get("ctx") or {})
    where = [str(part) for part in error["loc"]]
    if kind == "json_invalid":
        return "body", _FAULTS[kind]
    # « body » and the act of the union are not names that the caller wrote
    place = where[2:] if where[:1] == ["body"] and len(where) > 2 else where[1:]
    if kind.startswith("union_tag"):
        place = ["act"]
    if kind.startswith("date_"):
        meaning = _DAY
    elif kind.startswith(("datetime_", "timezone_")):
        meaning = _MOMENT
    else:
        meaning = _FAULTS.get(kind, "Cette valeur n’est pas acceptée.").format_map(context)
    return ".".join(place) or "body", meaning


def _meaning(parameter: Mapping[str, Any]) -> str:
    return str(parameter.get("description") or parameter["schema"].get("description") or "")


def _kind(shape: Mapping[str, Any]) -> str:
    if "$ref" in shape:
        return str(shape["$ref"]).rsplit("/", 1)[-1]
    if "const" in shape:
        return f"«\u00a0{shape['const']}\u00a0»"
    if "enum" in shape:
        return " | ".join(str(v) for v in shape["enum"])
    for several in ("anyOf", "oneOf", "allOf"):
        if several in shape:
            return " ou ".join(dict.fromkeys(_kind(s) for s in shape[several]))
    if shape.get("type") == "array":
        return f"liste de {_kind(shape.get('items', {}))}"
    if "additionalProperties" in shape and shape.get("type") == "object":
        return "objet : nom → valeur"
    return _FORMATS.get(str(shape.get("format")), _KINDS.get(str(shape.get("type")), "valeur"))


def _shape_of(response: Mapping[str, Any]) -> str:
    content = response.get("content", {}).get("application/json", {}).get("schema", {})
    return _kind(content) if content else ""


def _references(shape: Mapping[str, Any]) -> Iterator[str]:
    if "$ref" in shape:
        yield str(shape["$ref"]).rsplit("/", 1)[-1]
    for one in shape.get("oneOf", ()):
        yield from _references(one)
