"""The embedded encoder's folder: built once, whole or not at all, verified."""

from __future__ import annotations

import dataclasses
import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from models import build_encoder
from models.build_encoder import Manifest, embedded_folder, file_sha256, read_manifest, write_encoder
from models.errors import ModelError
from models.packed import read_packed
from tests.models import tiny


@pytest.fixture
def manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Manifest:
    """A package of tiny weights on the path, and the manifest of what must come out of it."""
    package = tmp_path / "packages" / "tiny_weights"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    image = tiny.packed_image()
    (package / "w.bin").write_bytes(image)
    monkeypatch.syspath_prepend(str(package.parent))
    once = tmp_path / "once"
    write_encoder(read_packed(image), once)
    files = {path.relative_to(once).as_posix(): file_sha256(path) for path in once.rglob("*") if path.is_file()}
    return Manifest("tiny", "tiny_weights", "w.bin", hashlib.sha256(image).hexdigest(), files)


def test_a_folder_is_built_then_left_alone(manifest: Manifest, tmp_path: Path) -> None:
    folder = embedded_folder(tmp_path / "state", manifest)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert embedded_folder(tmp_path / "state", manifest) == folder
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    assert folder == tmp_path / "state" / "encoders" / "tiny"


def test_only_the_rows_of_kept_pieces_are_written_in_float16(manifest: Manifest, tmp_path: Path) -> None:
    folder = embedded_folder(tmp_path, manifest)
    weights = load_file(folder / "model.safetensors")
    words = weights["embeddings.word_embeddings.weight"]
    source = read_packed(tiny.packed_image()).tensors["emb.word"].reshape(-1, tiny.HIDDEN)
    kept = [index for index, piece in enumerate(tiny.PIECES) if piece != "▁город"]
    assert words.dtype == np.float16
    assert np.array_equal(words, source[kept].astype(np.float16))
    assert weights["encoder.layer.1.intermediate.dense.weight"].shape == (tiny.INNER, tiny.HIDDEN)


def test_half_a_folder_is_built_again(manifest: Manifest, tmp_path: Path) -> None:
    folder = embedded_folder(tmp_path, manifest)
    (folder / "tokenizer.json").unlink()
    embedded_folder(tmp_path, manifest)
    assert file_sha256(folder / "tokenizer.json") == manifest.files["tokenizer.json"]


def test_the_remains_of_a_killed_build_are_swept_away(manifest: Manifest, tmp_path: Path) -> None:
    remains = tmp_path / "encoders" / ".tiny.building-killed"
    remains.mkdir(parents=True)
    (remains / "model.safetensors").write_bytes(b"half")
    folder = embedded_folder(tmp_path, manifest)
    assert folder.is_dir()
    assert not remains.exists()


def test_a_build_that_dies_leaves_no_folder(
    manifest: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(model: object, folder: Path) -> None:
        (folder / "config.json").write_text("{")
        raise KeyboardInterrupt

    monkeypatch.setattr(build_encoder, "write_encoder", killed)
    with pytest.raises(KeyboardInterrupt):
        embedded_folder(tmp_path, manifest)
    assert not (tmp_path / "encoders" / "tiny").exists()
    monkeypatch.undo()


@pytest.mark.parametrize("path", ["model.safetensors", "tokenizer.json", "1_Pooling/config.json"])
def test_a_damaged_file_is_named_with_the_remedy(manifest: Manifest, tmp_path: Path, path: str) -> None:
    folder = embedded_folder(tmp_path, manifest)
    content = bytearray((folder / path).read_bytes())
    content[-2] ^= 1
    (folder / path).write_bytes(content)
    with pytest.raises(ModelError, match="endommagé") as error:
        embedded_folder(tmp_path, manifest)
    assert str(folder / path) in str(error.value)
    assert "Supprimez" in str(error.value)


def test_another_version_of_the_source_is_refused(manifest: Manifest, tmp_path: Path) -> None:
    other = dataclasses.replace(manifest, source_sha256="0" * 64)
    with pytest.raises(ModelError, match="empreinte différente"):
        embedded_folder(tmp_path, other)


def test_a_missing_source_package_is_explained(manifest: Manifest, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="n’est pas installé"):
        embedded_folder(tmp_path, dataclasses.replace(manifest, source_package="no_such_weights"))


def test_a_state_folder_that_cannot_be_written_is_explained(manifest: Manifest, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file, not a folder")
    with pytest.raises(ModelError, match="ne peut pas être préparé"):
        embedded_folder(tmp_path / "state", manifest)


def test_builders_at_the_same_time_make_one_whole_folder(manifest: Manifest, tmp_path: Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        folders = set(pool.map(lambda _: embedded_folder(tmp_path, manifest), range(6)))
    assert folders == {tmp_path / "encoders" / "tiny"}
    assert [path.name for path in (tmp_path / "encoders").iterdir() if "building" in path.name] == []


def test_the_version_changes_with_any_file(manifest: Manifest) -> None:
    changed = dataclasses.replace(manifest, files={**manifest.files, "config.json": "0" * 64})
    assert changed.version != manifest.version
    assert len(manifest.version) == 16


def test_the_real_build_gives_the_sha256_of_the_manifest_twice(state: Path, tmp_path: Path) -> None:
    manifest = read_manifest()
    first = state / "encoders" / manifest.name
    again = embedded_folder(tmp_path)  # verified against the manifest inside
    for path, expected in manifest.files.items():
        assert file_sha256(first / path) == file_sha256(again / path) == expected
