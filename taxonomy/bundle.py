"""The words of a whole installation in one file, for another one: a zip of YAML files that people can open.

``vocabulaires.json`` names the communities; ``<id>.yaml`` is the file of each; ``versions/<id>/<n>.yaml`` are its past
states, where they were asked for, with who, when and why in ``vocabulaires.json``.

Reading trusts nothing: names are compared with the few that may be, nothing is written to disk, sizes are counted while
unpacking (a zip says what it likes about them), and every file must be a sound taxonomy.

Errors: ``TaxonomyFileError``, one sentence each.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from taxonomy.load import TaxonomyFileError, parse_taxonomy
from taxonomy.types import Origin, Taxonomy, TaxonomyVersion

INDEX = "vocabulaires.json"
FORMAT = "veille-vocabulaires/1"
MAX_BYTES = 20_000_000  # of the file
MAX_UNPACKED = 50_000_000
MAX_FILES = 5_000
_NAME = re.compile(rf"{re.escape(INDEX)}|(?:versions/)?[A-Za-z0-9][A-Za-z0-9._-]*(?:/\d+)?\.yaml")


@dataclass(frozen=True, slots=True)
class Carried:
    """The words of one community as they travel: the text of its file, and its past ones, oldest first."""

    taxonomy: Taxonomy
    text: str
    history: tuple[tuple[TaxonomyVersion, str], ...] = ()


def to_bundle(
    communities: Iterable[tuple[str, str, Sequence[tuple[TaxonomyVersion, str]]]],
) -> bytes:
    """(id, text of its file, its past versions with theirs) of each community -> a zip. Equal words, equal bytes."""
    out = io.BytesIO()
    index: dict[str, Any] = {"format": FORMAT, "communities": {}}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for identity, text, history in communities:
            index["communities"][identity] = [_told(version) for version, _ in history]
            _add(archive, f"{identity}.yaml", text)
            for version, past in history:
                _add(archive, f"versions/{identity}/{version.number}.yaml", past)
        _add(archive, INDEX, json.dumps(index, ensure_ascii=False, indent=1) + "\n")
    return out.getvalue()


def read_bundle(data: bytes, name: str) -> list[Carried]:
    """The communities of a file called ``name``, in its order, each one sound."""
    if len(data) > MAX_BYTES:
        raise TaxonomyFileError(name, [f"{len(data) // 10**6} Mo : la limite est de {MAX_BYTES // 10**6}."])
    try:
        files = _unpacked(data)
        index = json.loads(files.pop(INDEX, b"null"))
    except RecursionError as error:
        raise TaxonomyFileError(name, [f"{INDEX} n'est pas du JSON lisible."]) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise TaxonomyFileError(name, ["cette archive est abîmée, chiffrée ou n'est pas un zip."]) from error
    except ValueError as error:
        told = str(error) if isinstance(error, _Refused) else f"{INDEX} n'est pas du JSON lisible."
        raise TaxonomyFileError(name, [told]) from error
    if not isinstance(index, dict) or index.get("format") != FORMAT or not isinstance(index.get("communities"), dict):
        raise TaxonomyFileError(
            name, [f"ce n'est pas une archive de vocabulaires de veille ({INDEX} manque ou diffère)."]
        )
    return [_carried(identity, told, files, name) for identity, told in index["communities"].items()]


class _Refused(ValueError):
    """Why an archive is not unpacked, in French."""


def _unpacked(data: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    left = MAX_UNPACKED
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        if len(entries) > MAX_FILES:
            raise _Refused(f"{len(entries)} fichiers : une archive de vocabulaires en compte {MAX_FILES} au plus.")
        for entry in entries:
            if not _NAME.fullmatch(entry.filename):
                raise _Refused(f"« {entry.filename[:80]} » n'a pas sa place dans une archive de vocabulaires.")
            if entry.filename in found:
                raise _Refused(f"« {entry.filename} » s'y trouve deux fois.")
            with archive.open(entry) as packed:
                content = packed.read(left + 1)
            left -= len(content)
            if left < 0:
                raise _Refused(f"dépliée, elle dépasse {MAX_UNPACKED // 10**6} Mo.")
            found[entry.filename] = content
    return found


def _carried(identity: str, told: Any, files: Mapping[str, bytes], name: str) -> Carried:
    taxonomy, text = _sound(f"{identity}.yaml", files, name)
    if taxonomy.id != identity:
        raise TaxonomyFileError(name, [f"{identity}.yaml décrit « {taxonomy.id} »."])
    history = []
    for version in told if isinstance(told, list) else []:
        try:
            number = int(version["number"])
            past, past_text = _sound(f"versions/{identity}/{number}.yaml", files, name)
            moment = datetime.fromisoformat(version["at"])
            author, message = str(version["author"]), str(version["message"])
            if moment.tzinfo is None or past.id != identity:
                raise ValueError
            origin = Origin(version["origin"])
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise TaxonomyFileError(name, [f"l'historique de « {identity} » est abîmé."]) from error
        kept = TaxonomyVersion(identity, number, past.version, author, moment, message, origin)
        history.append((kept, past_text))
    return Carried(taxonomy, text, tuple(sorted(history, key=lambda pair: pair[0].number)))


def _sound(file: str, files: Mapping[str, bytes], name: str) -> tuple[Taxonomy, str]:
    if file not in files:
        raise TaxonomyFileError(name, [f"« {file} » manque."])
    try:
        text = files[file].decode("utf-8")
    except UnicodeDecodeError as error:
        raise TaxonomyFileError(name, [f"« {file} » n'est pas en UTF-8."]) from error
    return parse_taxonomy(text, f"{name}, {file}"), text


def _told(version: TaxonomyVersion) -> dict[str, Any]:
    return {
        "number": version.number,
        "version": version.version,
        "author": version.author,
        "at": version.at.isoformat(),
        "message": version.message,
        "origin": version.origin.value,
    }


def _add(archive: zipfile.ZipFile, name: str, text: str) -> None:
    entry = zipfile.ZipInfo(name)  # dated 1980: the same words make the same file
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, text)
