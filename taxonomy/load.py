"""Taxonomy files -> ``Taxonomy``, with integrity checks, one clear error each.

Errors: ``TaxonomyFileError`` (French, names file, concept and what to do). The package imports nothing
of ours, so that the flows translate it into the tree of ``curation.errors``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from taxonomy.check import check, near
from taxonomy.content import CONCEPT_KEYS, SCHEME_KEYS, taxonomy_from
from taxonomy.types import Taxonomy
from taxonomy.yaml_problems import in_french

#: The eight communities shipped with veille.
SHIPPED = Path(__file__).parent / "communities"
#: Words of no community, words of the territories: general signals, same file format.
OFFTOPIC = Path(__file__).parent / "offtopic.yaml"
TERRITORIAL = Path(__file__).parent / "territorial.yaml"

#: libyaml's safe loader, ten times quicker, where it is compiled in.
SAFE_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

#: Of one file, in characters; the largest shipped one has 60,000.
MAX_LENGTH = 5_000_000
#: Lists and mappings inside one another; a taxonomy has four levels.
_MAX_DEPTH = 50
#: Unknown keys named one by one.
_TOLD = 3


class _Loader(SAFE_LOADER):  # type: ignore[misc, valid-type]
    """Refuses a key given twice: YAML would keep the last and lose the words of the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"la clé « {key.value} » est donnée deux fois", key.start_mark
                    )
                seen.add(key.value)
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


class TaxonomyFileError(Exception):
    """The file cannot serve; ``faults`` lists every fault in French."""

    def __init__(self, path: Path | str, faults: Iterable[str]) -> None:
        self.path, self.faults = path, tuple(faults)
        super().__init__("\n".join(f"{path} : {fault}" for fault in self.faults))


def load_taxonomy(path: Path, *, sound: bool = True) -> Taxonomy:
    """Read and check one file. Raises ``TaxonomyFileError``.

    ``sound``: with the integrity conditions (``taxonomy.check``), half of the time it takes; whoever only quotes names
    and versions does without.
    """
    return parse_taxonomy(read_text(path), path, sound=sound)


def read_text(path: Path) -> str:
    """What a file says, to the byte but for a signature. Raises ``TaxonomyFileError``."""
    try:
        return path.read_bytes().decode("utf-8-sig")  # ends of lines as they are: the file is written back
    except FileNotFoundError as error:
        raise TaxonomyFileError(path, [_absent(path)]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise TaxonomyFileError(path, [f"fichier illisible ({error})."]) from error


def parse_taxonomy(text: str, path: Path | str, *, sound: bool = True) -> Taxonomy:
    """Check a text of YAML that stands (or will stand) in a file. Raises ``TaxonomyFileError``, which names it.

    ``sound``: see ``load_taxonomy``.
    """
    if len(text) > MAX_LENGTH:
        fault = f"{len(text) // 10**6} millions de signes : un vocabulaire en fait {MAX_LENGTH // 10**6} au plus."
        raise TaxonomyFileError(path, [f"{fault} Gardez-en une partie."])
    try:
        deep = _too_deep(text)
        content = None if deep else yaml.load(text, Loader=_Loader)
    except ValueError as error:  # a day such as 2026-13-45, a number without end
        raise TaxonomyFileError(path, [f"valeur YAML impossible ({error})."]) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"ligne {mark.line + 1}, " if mark else ""
        raise TaxonomyFileError(path, [f"{line}YAML incorrect ({in_french(error)})."]) from error
    if deep:
        fault = f"ligne {deep}, plus de {_MAX_DEPTH} niveaux imbriqués : un crochet ou une accolade n'est pas fermé ?"
        raise TaxonomyFileError(path, [fault])
    if not isinstance(content, dict):
        raise TaxonomyFileError(path, ["le fichier doit être une suite de « clé: valeur »."])
    return build_taxonomy(content, path, sound=sound)


def _absent(path: Path) -> str:
    others = f"fichier introuvable.{near(path.stem, [p.stem for p in path.parent.glob('*.yaml')])}"
    if path.parent == SHIPPED:
        others += " Une communauté qui n'est pas livrée avec veille donne son propre fichier, clé « taxonomy »."
    return others


def _too_deep(text: str) -> int | None:
    """1-based line where ``text`` nests beyond ``_MAX_DEPTH``, or None. Raises ``yaml.YAMLError``."""
    # libyaml builds its nodes by recursion in C, without a limit: a file too deep would end the process, and no
    # exception. Its events come one by one, at a third of the cost of loading.
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _MAX_DEPTH:
                return event.start_mark.line + 1 if event.start_mark else 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return None


def build_taxonomy(content: dict[str, Any], path: Path | str, *, sound: bool = True) -> Taxonomy:
    """Check a parsed file and freeze it. Raises ``TaxonomyFileError`` with every fault at once.

    ``sound``: see ``load_taxonomy``.
    """
    faults = list(_unknown(content, SCHEME_KEYS, "le fichier"))
    if not content.get("id"):
        faults.append("la clé « id » manque.")
    raw_concepts = content.get("concepts") or []
    if not isinstance(raw_concepts, list) or not all(isinstance(c, dict) for c in raw_concepts):
        raise TaxonomyFileError(path, [*faults, "« concepts » doit être une liste de concepts."])
    for raw in raw_concepts:
        faults += _unknown(raw, CONCEPT_KEYS, f"concept « {raw.get('id', '?')} »")
    try:
        taxonomy = taxonomy_from(content)
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError) as error:
        raise TaxonomyFileError(path, [*faults, f"structure incorrecte ({error})."]) from error
    if sound:
        faults += check(taxonomy)
    if faults:
        raise TaxonomyFileError(path, faults)
    return taxonomy


def _unknown(mapping: dict[str, Any], known: tuple[str, ...], where: str) -> Iterable[str]:
    strange = [str(k) for k in mapping if k not in known]
    if len(strange) > _TOLD:
        shown = ", ".join(f"« {k} »" for k in strange[:_TOLD])
        return [f"{where} : {len(strange)} clés inconnues ({shown}…). Ce fichier est-il bien un vocabulaire ?"]
    return [f"{where} : clé inconnue « {k} ».{near(k, known)}" for k in strange]
