"""All the words in one file: out and back, and what a hostile archive cannot do."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest

from taxonomy.bundle import FORMAT, INDEX, MAX_BYTES, MAX_FILES, MAX_UNPACKED, read_bundle, to_bundle
from taxonomy.concept_operations import SetWeight
from taxonomy.edit import apply
from taxonomy.load import SHIPPED, TaxonomyFileError, load_taxonomy
from taxonomy.types import Origin, TaxonomyVersion
from taxonomy.write import to_yaml
from tests.taxonomy.words import sample

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
TEXT = to_yaml(sample())


def version(number: int, weight: float) -> tuple[TaxonomyVersion, str]:
    taxonomy = apply(sample(), SetWeight("haie", weight))
    found = TaxonomyVersion("essai", number, taxonomy.version, "lea", AT, f"poids {weight}", Origin.DESK)
    return found, to_yaml(taxonomy)


def archive(files: dict[str, str | bytes], index: Any = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(INDEX, json.dumps(index or {"format": FORMAT, "communities": {"essai": []}}))
        for name, content in files.items():
            packed.writestr(name, content)
    return out.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(TaxonomyFileError) as caught:
        read_bundle(data, "mots.zip")
    (fault,) = caught.value.faults
    assert "\n" not in fault
    return fault


def test_words_and_their_past_come_back() -> None:
    history = [version(1, 0.5), version(2, 2.0)]
    (carried,) = read_bundle(to_bundle([("essai", TEXT, history)]), "mots.zip")
    assert (carried.taxonomy, carried.text) == (sample(), TEXT)
    assert carried.history == tuple(history)


def test_the_eight_communities_travel_together() -> None:
    files = sorted(SHIPPED.glob("*.yaml"))
    data = to_bundle([(p.stem, p.read_text(encoding="utf-8"), []) for p in files])
    assert [c.taxonomy for c in read_bundle(data, "mots.zip")] == [load_taxonomy(p) for p in files]
    assert to_bundle([(p.stem, p.read_text(encoding="utf-8"), []) for p in files]) == data
    with zipfile.ZipFile(io.BytesIO(data)) as packed:  # people can open it
        assert sorted(packed.namelist()) == sorted([INDEX, *(p.name for p in files)])


@pytest.mark.parametrize(
    "name", ["../essai.yaml", "/etc/passwd", "C:\\mots.yaml", "versions/../../essai.yaml", "essai.py", "a/b.yaml", "x/"]
)
def test_a_name_that_goes_elsewhere_is_refused(name: str) -> None:
    assert "n'a pas sa place dans une archive de vocabulaires" in refusal(archive({"essai.yaml": TEXT, name: TEXT}))


def test_a_bomb_is_given_up_while_it_unfolds() -> None:
    bomb = archive({"essai.yaml": b" " * (MAX_UNPACKED + 10_000_000)})
    assert len(bomb) < 200_000
    assert refusal(bomb) == "dépliée, elle dépasse 50 Mo."


def test_a_bomb_that_lies_about_its_size_is_given_up_too() -> None:
    """The sizes that an archive announces are those of its author."""
    bomb = bytearray(archive({"essai.yaml": b" " * (MAX_UNPACKED + 10_000_000)}))
    real = struct.pack("<I", MAX_UNPACKED + 10_000_000)
    assert bomb.count(real) == 2
    assert "elle dépasse" in refusal(bytes(bomb)) or "abîmée" in refusal(bytes(bomb))
    small = bytes(bomb).replace(real, struct.pack("<I", 10))
    assert refusal(small) == "cette archive est abîmée, chiffrée ou n'est pas un zip."


def test_a_thousand_times_the_same_file_is_refused() -> None:
    many = {f"c{n}.yaml": "" for n in range(MAX_FILES)}
    assert refusal(archive(many)).startswith(f"{MAX_FILES + 1} fichiers")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed, pytest.warns(UserWarning):
        packed.writestr("essai.yaml", TEXT)
        packed.writestr("essai.yaml", TEXT)
    assert refusal(out.getvalue()) == "« essai.yaml » s'y trouve deux fois."


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "n'est pas un zip"),
        (b"PK\x03\x04 n'importe quoi", "n'est pas un zip"),
        (archive({"essai.yaml": TEXT})[:-30], "n'est pas un zip"),
        (b"x" * (MAX_BYTES + 1), "la limite est de 20."),
        (archive({}), "« essai.yaml » manque."),
        (archive({"essai.yaml": b"\xff"}), "« essai.yaml » n'est pas en UTF-8."),
        (archive({"essai.yaml": TEXT.replace("id: essai", "id: autre")}), "essai.yaml décrit « autre »."),
        (archive({"essai.yaml": "id: essai\nconcepts: [\n"}), "YAML incorrect"),
        (archive({"essai.yaml": TEXT}, {"format": "autre"}), "ce n'est pas une archive de vocabulaires de veille"),
        (archive({"essai.yaml": TEXT}, [1]), "ce n'est pas une archive de vocabulaires de veille"),
        (archive({"essai.yaml": TEXT}, {"format": FORMAT, "communities": {"essai": [{}]}}),
         "l'historique de « essai » est abîmé."),
        (archive({"essai.yaml": TEXT}, {"format": FORMAT, "communities": {"essai": [{"number": 1}]}}),
         "« versions/essai/1.yaml » manque."),
    ],
    ids=lambda v: "" if isinstance(v, bytes) else None,
)  # fmt: skip
def test_archives_at_fault_are_explained(data: bytes, told: str) -> None:
    assert told in refusal(data)


def test_a_damaged_or_locked_archive_is_explained() -> None:
    data = bytearray(archive({"essai.yaml": TEXT}))
    at = data.index(b"essai.yaml") + 60
    data[at : at + 8] = b"\0" * 8
    assert refusal(bytes(data)) == "cette archive est abîmée, chiffrée ou n'est pas un zip."
    locked = bytearray(archive({"essai.yaml": TEXT}))
    for at in (n for n in range(len(locked)) if locked[n : n + 4] in (b"PK\x03\x04", b"PK\x01\x02")):
        locked[at + (6 if locked[at + 2] == 3 else 8)] |= 1
    assert refusal(bytes(locked)) == "cette archive est abîmée, chiffrée ou n'est pas un zip."


def test_the_index_may_be_anything() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr(INDEX, "[" * 100_000)
    assert refusal(out.getvalue()) == f"{INDEX} n'est pas du JSON lisible."
