"""Taxonomy files -> ``Taxonomy``, with integrity checks, one clear error each.

Errors: ``TaxonomyFileError`` (French, names file, concept and what to do). The package imports nothing
of ours, so that the flows translate it into the tree of ``curation.errors``.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from taxonomy.french import LINKS, fold, tokens
from taxonomy.types import Concept, Dossier, Priority, Taxonomy, labels
from taxonomy.yaml_problems import in_french

#: The eight communities shipped with veille.
SHIPPED = Path(__file__).parent / "communities"
#: Words of no community, words of the territories: general signals, same file format.
OFFTOPIC = Path(__file__).parent / "offtopic.yaml"
TERRITORIAL = Path(__file__).parent / "territorial.yaml"

#: libyaml's safe loader, ten times quicker, where it is compiled in.
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

#: Lists and mappings inside one another; a taxonomy has four levels.
_MAX_DEPTH = 50

_SCHEME_KEYS = (
    "id",
    "prefLabel",
    "definition",
    "audience",
    "neighbours",
    "priorities",
    "dossiers",
    "concepts",
)
_CONCEPT_KEYS = (
    "id",
    "prefLabel",
    "altLabel",
    "notation",
    "hiddenLabel",
    "excludeLabel",
    "broader",
    "scopeNote",
    "dossier",
    "weight",
)


class TaxonomyFileError(Exception):
    """The file cannot serve; ``faults`` lists every fault in French."""

    def __init__(self, path: Path | str, faults: Iterable[str]) -> None:
        self.path, self.faults = path, tuple(faults)
        super().__init__("\n".join(f"{path} : {fault}" for fault in self.faults))


def load_taxonomy(path: Path) -> Taxonomy:
    """Read and check one file. Raises ``TaxonomyFileError``."""
    try:
        text = path.read_text(encoding="utf-8")
        deep = _too_deep(text)
        content = None if deep else yaml.load(text, Loader=_LOADER)
    except FileNotFoundError as error:
        raise TaxonomyFileError(path, [_absent(path)]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise TaxonomyFileError(path, [f"fichier illisible ({error})."]) from error
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
    return build_taxonomy(content, path)


def _absent(path: Path) -> str:
    others = f"fichier introuvable.{_near(path.stem, [p.stem for p in path.parent.glob('*.yaml')])}"
    if path.parent == SHIPPED:
        others += " Une communauté qui n'est pas livrée avec veille donne son propre fichier, clé « taxonomy »."
    return others


def _too_deep(text: str) -> int | None:
    """1-based line where ``text`` nests beyond ``_MAX_DEPTH``, or None. Raises ``yaml.YAMLError``."""
    # libyaml builds its nodes by recursion in C, without a limit: a file too deep would end the process, and no
    # exception. Its events come one by one, at a third of the cost of loading.
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _MAX_DEPTH:
                return event.start_mark.line + 1 if event.start_mark else 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return None


def build_taxonomy(content: dict[str, Any], path: Path | str) -> Taxonomy:
    """Check a parsed file and freeze it. Raises ``TaxonomyFileError`` with every fault at once."""
    faults = list(_unknown(content, _SCHEME_KEYS, "le fichier"))
    if not content.get("id"):
        faults.append("la clé « id » manque.")
    raw_concepts = content.get("concepts") or []
    if not isinstance(raw_concepts, list) or not all(isinstance(c, dict) for c in raw_concepts):
        raise TaxonomyFileError(path, [*faults, "« concepts » doit être une liste de concepts."])
    for raw in raw_concepts:
        faults += _unknown(raw, _CONCEPT_KEYS, f"concept « {raw.get('id', '?')} »")
    try:
        taxonomy = _freeze(content, raw_concepts)
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError) as error:
        raise TaxonomyFileError(path, [*faults, f"structure incorrecte ({error})."]) from error
    faults += check(taxonomy)
    if faults:
        raise TaxonomyFileError(path, faults)
    return taxonomy


def check(taxonomy: Taxonomy) -> list[str]:
    """Integrity faults of a taxonomy, in French (empty: sound)."""
    faults: list[str] = []
    ids = [c.id for c in taxonomy.concepts]
    known, dossiers = set(ids), {d.id for d in taxonomy.dossiers}
    faults += [f"concept « {i} » défini plusieurs fois." for i in sorted({i for i in ids if ids.count(i) > 1})]
    shelves = [d.id for d in taxonomy.dossiers]
    faults += [f"dossier « {i} » défini plusieurs fois." for i in sorted({i for i in shelves if shelves.count(i) > 1})]
    owner: dict[tuple[str, ...], str] = {}
    for concept in taxonomy.concepts:
        where = f"concept « {concept.id} »"
        for parent in concept.broader:
            if parent not in known:
                faults.append(f"{where} : broader « {parent} » n'existe pas.{_near(parent, known)}")
        for dossier in concept.dossiers:
            if dossiers and dossier not in dossiers:
                faults.append(f"{where} : dossier « {dossier} » n'existe pas.{_near(dossier, dossiers)}")
        if not 0 < concept.weight <= 3:
            faults.append(f"{where} : weight doit être compris entre 0 et 3.")
        for label in labels(concept):
            words = tuple(t.key for t in tokens(label) if fold(t.form) not in LINKS)
            if not words:
                faults.append(f"{where} : le libellé « {label} » ne contient aucun mot significatif.")
                continue
            first = owner.setdefault(words, concept.id)
            if first != concept.id:
                faults.append(f"{where} : le libellé « {label} » est déjà celui de « {first} ».")
    faults += [f"concept « {c} » : sa chaîne broader revient sur elle-même." for c in _cycles(taxonomy)]
    for priority in taxonomy.priorities:
        faults += [
            f"priorité « {priority.pref_label} » : concept « {c} » n'existe pas.{_near(c, known)}"
            for c in priority.concepts
            if c not in known
        ]
    return faults


def _freeze(content: dict[str, Any], raw_concepts: list[dict[str, Any]]) -> Taxonomy:
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return Taxonomy(
        id=str(content["id"]) if "id" in content else "",
        pref_label=str(content.get("prefLabel", content.get("id", ""))),
        definition=_text(content.get("definition")),
        concepts=tuple(_concept(raw) for raw in raw_concepts),
        dossiers=tuple(
            Dossier(str(d["id"]), str(d.get("prefLabel", d["id"])), _text(d.get("scopeNote")))
            for d in content.get("dossiers") or []
        ),
        neighbours=_phrases(content.get("neighbours")),
        audience=_phrases(content.get("audience")),
        priorities=tuple(
            Priority(str(p["prefLabel"]), _phrases(p.get("concepts"))) for p in content.get("priorities") or []
        ),
        version=hashlib.sha256(canonical.encode()).hexdigest()[:12],
    )


def _concept(raw: dict[str, Any]) -> Concept:
    return Concept(
        id=str(raw["id"]),
        pref_label=str(raw["prefLabel"]),
        alt_labels=_phrases(raw.get("altLabel")),
        notations=_phrases(raw.get("notation")),
        hidden_labels=_phrases(raw.get("hiddenLabel")),
        exclude_labels=_phrases(raw.get("excludeLabel")),
        broader=_phrases(raw.get("broader")),
        scope_note=_text(raw.get("scopeNote")),
        dossiers=_phrases(raw.get("dossier")),
        weight=float(raw.get("weight", 1.0)),
    )


def _phrases(value: Any) -> tuple[str, ...]:
    """A scalar or a list of scalars, as texts."""
    if value is None:
        return ()
    return tuple(str(v).strip() for v in (value if isinstance(value, list) else [value]))


def _text(value: Any) -> str:
    return " ".join(str(value or "").split())


def _unknown(mapping: dict[str, Any], known: tuple[str, ...], where: str) -> Iterable[str]:
    return [f"{where} : clé inconnue « {k} ».{_near(str(k), known)}" for k in mapping if k not in known]


def _near(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" Vouliez-vous écrire « {near[0]} » ?" if near else ""


def _cycles(taxonomy: Taxonomy) -> list[str]:
    """Ids of concepts that are broader than themselves (SKOS: broader should have no cycle)."""
    parents = {c.id: c.broader for c in taxonomy.concepts}
    guilty = []
    for start in parents:
        seen: set[str] = set()
        front = list(parents[start])
        while front:
            current = front.pop()
            if current == start:
                guilty.append(start)
                break
            if current not in seen:
                seen.add(current)
                front.extend(parents.get(current, ()))
    return guilty
