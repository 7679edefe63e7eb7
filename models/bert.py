"""A BERT encoder whose vectors never depend on the neighbours of a text in its batch.

The tokens of a batch are laid end to end in one (tokens, hidden) matrix
(as e5.c does); every linear layer runs once for the whole batch, and attention
runs within each text. Three precautions make the result of a text the same
bits whatever the batch and the number of threads (measured, see
``tests/models/test_load.py``):

* a text is filled, with masked tokens, up to a multiple of 16, which depends on
  itself only, never up to the longest of its batch;
* a matrix product over 1,536 columns is blocked differently by oneDNN and MKL
  according to the number of rows and threads; over 384 it is not. The second
  layer of each feed-forward is therefore summed over slices of 384 columns;
* small products take other kernels: rows are filled up to a multiple of 64.

In bfloat16 the products run in bfloat16 (AMX or AVX512-BF16 tiles, several
times faster); the residual stream, normalisations and pooling stay in float32.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from models.types import Vectors

if TYPE_CHECKING:
    from torch import Tensor

    from models.adapter import Adapter

Precision = Literal["float32", "bfloat16"]

_ROWS = 64  # rows of a batch are filled up to a multiple of it
_WIDTH = 16  # rows of a text, likewise


def quickest_precision(device: str) -> Precision:
    """bfloat16 where the processor multiplies it natively, else float32 (emulated, it is slower)."""
    import torch

    if device.startswith("cuda"):
        return "bfloat16"
    abilities = torch.cpu.get_capabilities()
    native = any(abilities.get(name, False) for name in ("amx_bf16", "avx512_bf16"))
    return "bfloat16" if native else "float32"


class PackedBert:
    """The transformer of a folder written by ``build_encoder``; immutable, thus usable from any thread."""

    def __init__(self, folder: Path, *, device: str, precision: Precision, adapter: Adapter | None = None) -> None:
        import torch
        from safetensors.torch import load_file

        config = json.loads((folder / "config.json").read_text("utf-8"))
        self.hidden = int(config["hidden_size"])
        self.heads = int(config["num_attention_heads"])
        self.eps = float(config["layer_norm_eps"])
        self.padding = int(config["pad_token_id"])
        self.device = torch.device(device)
        self.dtype = torch.bfloat16 if precision == "bfloat16" else torch.float32
        stored = load_file(folder / "model.safetensors")

        def exact(name: str) -> Tensor:
            weight = stored[name].to(self.device, torch.float32)
            delta = adapter.delta(name) if adapter else None
            return weight if delta is None else weight + torch.from_numpy(delta).to(self.device)

        def product(*names: str) -> Tensor:
            return torch.cat([exact(name) for name in names]).to(self.dtype).contiguous()

        # The largest tensor stays as stored, mapped from the file: its pages are shared between processes.
        self.words = stored["embeddings.word_embeddings.weight"].to(self.device)
        self.positions = exact("embeddings.position_embeddings.weight")
        self.positions = self.positions + exact("embeddings.token_type_embeddings.weight")[0]
        self.norm = (exact("embeddings.LayerNorm.weight"), exact("embeddings.LayerNorm.bias"))
        slices = int(config["intermediate_size"]) // self.hidden
        self.layers = []
        for layer in range(int(config["num_hidden_layers"])):
            at = f"encoder.layer.{layer}."
            qkv = [f"{at}attention.self.{part}" for part in ("query", "key", "value")]
            down = exact(f"{at}output.dense.weight")
            self.layers.append(
                _Layer(
                    product(*(f"{part}.weight" for part in qkv)),
                    product(*(f"{part}.bias" for part in qkv)),
                    product(f"{at}attention.output.dense.weight"),
                    product(f"{at}attention.output.dense.bias"),
                    (exact(f"{at}attention.output.LayerNorm.weight"), exact(f"{at}attention.output.LayerNorm.bias")),
                    product(f"{at}intermediate.dense.weight"),
                    product(f"{at}intermediate.dense.bias"),
                    [part.to(self.dtype).contiguous() for part in down.chunk(slices, dim=1)],
                    exact(f"{at}output.dense.bias"),
                    (exact(f"{at}output.LayerNorm.weight"), exact(f"{at}output.LayerNorm.bias")),
                )
            )

    def embed(self, texts: Sequence[Sequence[int]]) -> Vectors:
        """Token ids of each text, sorted by length -> unit vectors, shape (len(texts), hidden)."""
        import torch
        from torch.nn import functional as nn

        lengths = [len(text) for text in texts]
        widths = [length + -length % _WIDTH for length in lengths]
        runs = _equal_runs(widths)
        rows = sum(widths)
        ids = np.full(rows + -rows % _ROWS, self.padding, dtype=np.int64)
        places = np.zeros(len(ids), dtype=np.int64)
        real = np.zeros(len(ids), dtype=bool)
        start = 0
        for text, length, width in zip(texts, lengths, widths, strict=True):
            ids[start : start + length] = text
            places[start : start + length] = np.arange(length)
            real[start : start + length] = True
            start += width
        with torch.inference_mode():
            kept = torch.from_numpy(real).to(self.device)
            masks = [kept[start : start + n * width].view(n, 1, 1, width) for start, n, width in runs]
            x = self.words[torch.from_numpy(ids).to(self.device)].float()
            x += self.positions[torch.from_numpy(places).to(self.device)]
            x = nn.layer_norm(x, (self.hidden,), *self.norm, self.eps)
            for layer in self.layers:
                qkv = nn.linear(x.to(self.dtype), layer.qkv, layer.qkv_bias)
                x += nn.linear(self._attention(qkv, runs, masks), layer.out, layer.out_bias)
                x = nn.layer_norm(x, (self.hidden,), *layer.attention_norm, self.eps)
                inner = nn.gelu(nn.linear(x.to(self.dtype), layer.up, layer.up_bias))
                x += layer.down_bias
                for part, weight in zip(inner.chunk(len(layer.down), dim=1), layer.down, strict=True):
                    x += nn.linear(part, weight)
                x = nn.layer_norm(x, (self.hidden,), *layer.output_norm, self.eps)
            x *= kept[:, None]
            sums = [x[start : start + n * width].view(n, width, -1).sum(dim=1) for start, n, width in runs]
            vectors: Vectors = nn.normalize(torch.cat(sums), dim=1).cpu().numpy()  # the mean, up to its length
        return vectors

    def _attention(self, qkv: Tensor, runs: list[tuple[int, int, int]], masks: list[Tensor]) -> Tensor:
        import torch
        from torch.nn import functional as nn

        context = torch.zeros(len(qkv), self.hidden, dtype=self.dtype, device=self.device)
        for (start, n, width), mask in zip(runs, masks, strict=True):
            rows = slice(start, start + n * width)
            query, key, value = qkv[rows].view(n, width, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
            mixed = nn.scaled_dot_product_attention(query, key, value, attn_mask=mask)
            context[rows].view(n, width, self.heads, -1).copy_(mixed.transpose(1, 2))
        return context


class _Layer:
    __slots__ = (
        "attention_norm", "down", "down_bias", "out", "out_bias",
        "output_norm", "qkv", "qkv_bias", "up", "up_bias",
    )  # fmt: skip

    def __init__(
        self, qkv: Tensor, qkv_bias: Tensor, out: Tensor, out_bias: Tensor, attention_norm: tuple[Tensor, Tensor],
        up: Tensor, up_bias: Tensor, down: list[Tensor], down_bias: Tensor, output_norm: tuple[Tensor, Tensor],
    ) -> None:  # fmt: skip
        self.qkv, self.qkv_bias, self.out, self.out_bias = qkv, qkv_bias, out, out_bias
        self.attention_norm, self.output_norm = attention_norm, output_norm
        self.up, self.up_bias, self.down, self.down_bias = up, up_bias, down, down_bias


def _equal_runs(lengths: list[int]) -> list[tuple[int, int, int]]:
    """Neighbouring texts of one length: (first row, number of texts, length)."""
    runs: list[tuple[int, int, int]] = []
    row = 0
    for length in lengths:
        if runs and runs[-1][2] == length:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1, length)
        else:
            runs.append((row, 1, length))
        row += length
    return runs
