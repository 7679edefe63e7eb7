"""Faults of config.yaml in French, each with its line and its key."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

#: Keys never allowed in the file: a secret belongs in the environment.
SECRET_KEYS = frozenset({"password", "passwd", "secret", "token", "mot_de_passe"})


def repeated_keys(node: yaml.Node | None) -> Iterator[tuple[int, str]]:
    """(1-based line, key) of every key that its mapping already holds: YAML would keep the last, without a word."""
    waiting, seen = [node], set()
    while waiting:
        node = waiting.pop()
        if node is None or id(node) in seen:  # an alias stands in several places
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            keys: set[tuple[str, str]] = set()
            for key, value in node.value:
                identity = (key.tag, key.value) if isinstance(key, yaml.ScalarNode) else None
                if identity in keys:
                    yield key.start_mark.line + 1, key.value
                if identity:
                    keys.add(identity)
                waiting.append(value)
        elif isinstance(node, yaml.SequenceNode):
            waiting.extend(node.value)


def explain(settings: type[BaseModel], path: Path, node: yaml.Node | None, fault: Any) -> str:
    """One fault of pydantic's in one French sentence: file, line, key, what to do."""
    loc = tuple(fault["loc"])
    key = ".".join(str(part) for part in loc) or "(fichier)"
    line = _line_of(node, loc)
    where = f"{path}, ligne {line}, clé « {key} »"
    if fault["type"] == "extra_forbidden":
        known = _known_keys(settings, loc[:-1])
        near = difflib.get_close_matches(str(loc[-1]), known, n=1, cutoff=0.5)
        if str(loc[-1]).lower() in SECRET_KEYS:
            return f"{where} : un secret ne s'écrit pas ici ; donnez-le par une variable d'environnement."
        hint = f" Vouliez-vous écrire « {near[0]} » ?" if near else f" Clés connues : {', '.join(known)}."
        return f"{where} : clé inconnue.{hint}"
    if fault["type"] == "missing":
        return f"{where} : cette clé est obligatoire."
    given = fault.get("input")
    shown = f" (valeur donnée : {str(given)[:60]!r})" if isinstance(given, str | int | float | bool) else ""
    return f"{where} : {_message(fault)}{shown}."


def _message(fault: Any) -> str:
    """Pydantic's message in French for the usual faults."""
    ctx = fault.get("ctx") or {}
    match fault["type"]:
        case "value_error":
            return str(ctx.get("error", fault["msg"]))
        case "greater_than_equal":
            return f"la valeur doit être au moins {ctx['ge']}"
        case "greater_than":
            return f"la valeur doit être supérieure à {ctx['gt']}"
        case "less_than_equal":
            return f"la valeur doit être au plus {ctx['le']}"
        case "literal_error" | "enum":
            return f"la valeur doit être l'une de : {str(ctx['expected']).replace(' or ', ' ou ')}"
        case "int_parsing" | "int_type" | "int_from_float" | "float_parsing" | "float_type" | "finite_number":
            return "un nombre est attendu"
        case "bool_parsing" | "bool_type":
            return "« true » ou « false » est attendu"
        case "string_too_long":
            return f"au plus {ctx['max_length']} caractères"
        case "string_type" | "path_type" | "invalid_key":
            return "un texte est attendu (mettez-le entre guillemets)"
        case "tuple_type" | "list_type":
            return "une liste est attendue"
        case "model_type" | "dict_type" | "model_attributes_type":
            return "une suite de « clé: valeur » est attendue"
        case "string_pattern_mismatch":
            return "minuscules sans accent, chiffres, « . », « _ » et « - » sont seuls permis"
        case _:
            return str(fault["msg"])


def _known_keys(settings: type[BaseModel], loc: tuple[Any, ...]) -> list[str]:
    """Names of the fields of the section at ``loc``."""
    model: Any = settings
    for part in loc:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part)
        if field is None:
            return []
        annotation = field.annotation
        model = next((a for a in getattr(annotation, "__args__", ()) if _is_section(a)), annotation)
        if not _is_section(model):
            return []
    return sorted(model.model_fields)


def _is_section(candidate: Any) -> bool:
    return isinstance(candidate, type) and issubclass(candidate, BaseModel)


def _line_of(node: yaml.Node | None, loc: tuple[Any, ...]) -> int:
    """1-based line of the deepest node of ``loc`` that stands in the file."""
    line = 1
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            pair = next(((k, v) for k, v in node.value if k.value == str(part)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line
