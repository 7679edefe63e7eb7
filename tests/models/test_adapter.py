"""The adaptation to the sector: added to the weights, faithful to the base it starts from, refused when damaged."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import yaml

from models import adapter, affinity, learn
from models.adapter import load_adapter, save_adapter
from models.affinity import Affinity, load_affinity, save_affinity
from models.build_encoder import embedded_folder
from models.errors import ModelError
from models.load import EmbeddedEncoder
from models.shipped import STARTER

TEXTS = [
    "La commune adopte son plan local d’urbanisme et protège ses zones humides.",
    "Le club de football fête sa montée en ligue 2.",
    "Un atelier pour apprendre à se servir d’un téléphone, à la médiathèque.",
]


def test_the_artifacts_are_those_of_the_manifest() -> None:
    manifest = yaml.safe_load((Path(learn.__file__).parent / "manifest.yaml").read_text(encoding="utf-8"))
    for name, path in (("adapter", adapter.SHIPPED), ("affinity", affinity.SHIPPED), ("starter", STARTER)):
        assert manifest[name]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest(), name


def test_an_adapter_comes_back_as_it_was_kept_and_adds_b_times_a(tmp_path: Path) -> None:
    a, b = np.array([[1.0, 2.0, 0.0]]), np.array([[0.5], [-1.0]])
    save_adapter({"layer.weight": (a, b)}, tmp_path / "a.npz")
    kept = load_adapter(tmp_path / "a.npz")
    delta = kept.delta("layer.weight")
    assert delta is not None and np.allclose(delta, b @ a)
    assert kept.delta("layer.bias") is None
    save_adapter({"layer.weight": (a, b)}, tmp_path / "b.npz")
    assert load_adapter(tmp_path / "b.npz").version == kept.version


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half an archive", b"\x00" * 5000])
def test_a_damaged_artifact_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(ModelError, match="illisible"):
        load_adapter(tmp_path / "x.npz")
    with pytest.raises(ModelError, match="illisibles"):
        load_affinity(tmp_path / "x.npz")


def test_the_adapted_encoder_leans_away_from_the_base_without_leaving_it(state: Path) -> None:
    folder = embedded_folder(state)
    base = EmbeddedEncoder(folder, version="1")
    adapted = EmbeddedEncoder(folder, version="1", adapter=load_adapter(adapter.SHIPPED))
    assert base.version != adapted.version and base.name != adapted.name
    one, two = base.encode(TEXTS, prompt="passage"), adapted.encode(TEXTS, prompt="passage")
    assert np.allclose(np.linalg.norm(two, axis=1), 1, atol=1e-5)
    likeness = (one * two).sum(axis=1)
    assert (likeness > 0.6).all() and (likeness < 0.999).all()
    nothing = EmbeddedEncoder(folder, version="1", adapter=adapter.Adapter({}, "0"))
    assert np.array_equal(nothing.encode(TEXTS, prompt="passage"), one)


def test_affinity_is_a_linear_form_and_says_what_it_does_not_know(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    known = Affinity(("eau", "bois"), *(rng.normal(size=s).astype(np.float32) for s in (4, (2, 4), 2)))
    save_affinity(known, tmp_path / "a.npz")
    kept = load_affinity(tmp_path / "a.npz")
    vectors = rng.normal(size=(3, 4)).astype(np.float32)
    told = kept.log_odds(vectors, ["bois", "feu", "eau"])
    assert np.isnan(told[:, 1]).all()
    assert np.allclose(told[:, 0], (vectors - known.mean) @ known.weights[1] + known.bias[1], atol=1e-5)
    assert kept.log_odds(vectors[:0], ["eau"]).shape == (0, 1)
