"""Recipe of ``models/artifacts/adapter.npz`` and ``affinity.npz``: the encoder brought closer to the sector.

    python -m bench.adapter LABELLED.jsonl OUT [--state FOLDER] [--device cuda] [--steps N]

This is the recipe **written anew** from the settings and the artifacts of the run that made what is shipped; the script
of that run was lost with the machine it ran on. Settings (``Recipe``), losses and shapes are its own; details that left
no trace (warm-up, order of the items, which half of a text an altered reading drops) are chosen here, so that another
run gives another adapter, to be judged by ``python -m bench.judgement`` before it replaces anything.

LABELLED: items with their labels (interface: Gold), none of which may be used to measure. OUT: a folder for both files.
About three minutes on a large GPU, hours on two cores: nothing of veille needs it.

Every linear layer W of the transformer becomes W + 2 B A, A and B of rank 16 (LoRA: Hu et al. 2021, arXiv:2106.09685).
What is asked at once of the vector of an item: the communities that grade it 2 or 3, and 1 or more (binary
cross-entropy); its kind; its dossier where it has one; to be near one of the concepts of its communities at least
(multiple instances: the nearest one counts), and near none of the others'; and to stay near the base vector.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as fn

from curation.types import Kind
from models.adapter import save_adapter
from models.affinity import Affinity, save_affinity
from models.build_encoder import embedded_folder
from taxonomy.load import SHIPPED, load_taxonomy
from taxonomy.types import Taxonomy

Json = dict[str, Any]
_KINDS = [kind.value for kind in Kind]
#: A cosine is multiplied by this before a cross-entropy.
_SCALE = 8.0
#: B A counts twice (alpha = 2 x rank).
_ALPHA = 2.0
_ITEM_TOKENS, _CONCEPT_TOKENS = 340, 96


@dataclass(frozen=True, slots=True)
class Recipe:
    """What the shipped adapter was made with. ``steps``: stop after so many, 0 for all."""

    rank: int = 16
    rate: float = 3e-4
    epochs: int = 6
    batch: int = 64
    communities: float = 1.0
    kind: float = 0.3
    dossier: float = 0.5
    concepts: float = 0.5
    keep: float = 1.0
    altered: float = 0.15  # share of the items read with their title alone, or without it
    steps: int = 0
    seed: int = 0


class LowRank(nn.Module):
    """A frozen linear layer and what is learnt beside it; silent before the first step, since B is zero."""

    def __init__(self, base: nn.Linear, rank: int) -> None:
        super().__init__()
        self.base = base
        self.a = nn.Parameter(torch.randn(rank, base.in_features) / math.sqrt(base.in_features))
        self.b = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x: Tensor) -> Tensor:
        """As the layer, plus 2 B A x."""
        whole: Tensor = self.base(x)
        return whole + _ALPHA * fn.linear(fn.linear(x, self.a), self.b)


class Sector(nn.Module):
    """The adapted encoder with the linear forms that read its vectors."""

    def __init__(self, folder: Path, taxonomies: Sequence[Taxonomy], rank: int) -> None:
        super().__init__()
        from tokenizers import Tokenizer
        from transformers import AutoModel

        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.bert: Any = AutoModel.from_pretrained(folder, dtype=torch.float32, add_pooling_layer=False)
        self.bert.requires_grad_(False)
        self.layers = {f"{name}.weight": layer for name, layer in _adapt(self.bert.encoder, "encoder", rank)}
        width, communities = self.bert.config.hidden_size, len(taxonomies)
        self.community = nn.Linear(width, 2 * communities)
        self.kind = nn.Linear(width, len(_KINDS))
        self.dossier = nn.Linear(width, sum(len(t.dossiers) for t in taxonomies))
        self.centre: Tensor
        self.register_buffer("centre", torch.zeros(width))

    def forward(self, texts: Sequence[str], tokens: int = _ITEM_TOKENS) -> Tensor:
        """Unit vectors of texts that already bear their prompt, (n, width)."""
        self.tokenizer.enable_truncation(tokens)
        encodings = self.tokenizer.encode_batch(list(texts))
        longest = max(len(e.ids) for e in encodings)
        padding, device = self.bert.config.pad_token_id, self.centre.device
        ids = torch.tensor([e.ids + [padding] * (longest - len(e.ids)) for e in encodings], device=device)
        mask = torch.tensor([[1] * len(e.ids) + [0] * (longest - len(e.ids)) for e in encodings], device=device)
        hidden = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state
        return fn.normalize((hidden * mask[..., None]).sum(dim=1), dim=1)

    def pairs(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """A and B of every layer, the scale inside B, as ``models.adapter`` keeps them."""
        return {
            name: (layer.a.detach().cpu().numpy(), _ALPHA * layer.b.detach().cpu().numpy())
            for name, layer in self.layers.items()
        }


def adapt(
    folder: Path, items: Sequence[Json], taxonomies: Sequence[Taxonomy], recipe: Recipe, device: str = "cpu"
) -> tuple[dict[str, tuple[np.ndarray, np.ndarray]], Affinity]:
    """Learn from labelled items over the encoder of ``folder``: (pairs for ``save_adapter``, affinities)."""
    torch.manual_seed(recipe.seed)
    random = np.random.default_rng(recipe.seed)
    model = Sector(folder, taxonomies, recipe.rank).to(device)
    labels = _labels(items, taxonomies, device)
    plain = [_reading(item) for item in items]
    base = _vectors(model, plain, _ITEM_TOKENS)  # B is zero: these are the base vectors
    model.centre.copy_(base.mean(dim=0))
    owner, concepts = _concepts(taxonomies)
    steps = recipe.steps or recipe.epochs * math.ceil(len(items) / recipe.batch)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=recipe.rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.rate, total_steps=steps + 1, pct_start=0.1)
    done = 0
    while done < steps:
        known = _vectors(model, concepts, _CONCEPT_TOKENS)  # kept for an epoch: encoding them at each step costs more
        for batch in _batches(len(items), recipe.batch, random):
            vectors = model([_altered(items[i], random, recipe.altered) for i in batch])
            at = torch.as_tensor(batch, device=device)
            loss = _loss(model, vectors, base[at], {k: v[at] for k, v in labels.items()}, known, owner, recipe)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            done += 1
            sys.stderr.write(json.dumps({"step": done, "loss": round(float(loss.detach()), 4)}) + "\n")
            if done >= steps:
                break
        model.centre.copy_(_vectors(model, plain, _ITEM_TOKENS).mean(dim=0))
    n = len(taxonomies)
    affinity = Affinity(
        tuple(t.id for t in taxonomies),
        mean=model.centre.cpu().numpy(),
        weights=(_SCALE * model.community.weight[:n].detach()).cpu().numpy(),
        bias=model.community.bias[:n].detach().cpu().numpy(),
    )
    return model.pairs(), affinity


def _loss(
    model: Sector, vectors: Tensor, base: Tensor, labels: dict[str, Tensor], concepts: Tensor, owner: Tensor, r: Recipe
) -> Tensor:
    """The sum of what is asked of a batch; ``concepts`` (k, width) of the communities ``owner`` (k,)."""
    centred = _SCALE * (vectors - model.centre)
    loss = r.communities * fn.binary_cross_entropy_with_logits(model.community(centred), labels["communities"])
    loss = loss + r.kind * fn.cross_entropy(model.kind(centred), labels["kind"])
    placed = labels["dossier"] >= 0
    if bool(placed.any()):
        loss = loss + r.dossier * fn.cross_entropy(model.dossier(centred)[placed], labels["dossier"][placed])
    near = fn.normalize(vectors - model.centre, dim=1) @ fn.normalize(concepts - concepts.mean(dim=0), dim=1).T
    communities = labels["communities"].shape[1] // 2
    best = torch.stack([near[:, owner == k].max(dim=1).values for k in range(communities)], dim=1)
    # half-way between a stranger's cosine (near 0) and a good concept's (near 0.6)
    instances = _SCALE * 2 * (best - 0.35)
    loss = loss + r.concepts * fn.binary_cross_entropy_with_logits(instances, labels["communities"][:, :communities])
    return loss + r.keep * (1 - (vectors * base).sum(dim=1)).mean()


def _adapt(module: nn.Module, path: str, rank: int) -> Iterator[tuple[str, LowRank]]:
    """Replace every linear layer below ``module``; (its path, what stands there now)."""
    for name, child in module.named_children():
        if isinstance(child, nn.Linear):
            wrapped = LowRank(child, rank)
            setattr(module, name, wrapped)
            yield f"{path}.{name}", wrapped
        else:
            yield from _adapt(child, f"{path}.{name}", rank)


def _labels(items: Sequence[Json], taxonomies: Sequence[Taxonomy], device: str) -> dict[str, Tensor]:
    """Communities (n, 2c): grade >= 2, then >= 1; kind (n,); dossier (n,), -1 for none."""
    grades = np.array([[int(item["rel"].get(t.id, 0)) for t in taxonomies] for item in items])
    shelves = {key: n for n, key in enumerate((t.id, d.id) for t in taxonomies for d in t.dossiers)}
    places = [shelves.get((item.get("lead") or "", item.get("dossier") or ""), -1) for item in items]
    kinds = [_KINDS.index(item.get("kind") or Kind.OTHER.value) for item in items]
    return {
        "communities": torch.tensor(np.hstack([grades >= 2, grades >= 1]), dtype=torch.float32, device=device),
        "kind": torch.tensor(kinds, device=device),
        "dossier": torch.tensor(places, device=device),
    }


def _concepts(taxonomies: Sequence[Taxonomy]) -> tuple[Tensor, list[str]]:
    """The community of each concept (k,), and its words."""
    told = [(n, f"query: {c.pref_label}. {c.scope_note}") for n, t in enumerate(taxonomies) for c in t.concepts]
    return torch.tensor([n for n, _ in told]), [text for _, text in told]


def _reading(item: Json) -> str:
    return f"passage: {item['title']}. {item['text']}"[:1210]


def _altered(item: Json, random: np.random.Generator, share: float) -> str:
    """Now and then the title alone or the text alone, so that neither says everything."""
    if not item["text"] or random.random() >= share:
        return _reading(item)
    return f"passage: {item['title']}" if random.random() < 0.5 else f"passage: {item['text']}"[:1210]


def _batches(n: int, size: int, random: np.random.Generator) -> Iterator[np.ndarray]:
    order = random.permutation(n)
    for start in range(0, n, size):
        yield order[start : start + size]


def _vectors(model: Sector, texts: Sequence[str], tokens: int, size: int = 64) -> Tensor:
    """Vectors without learning."""
    with torch.no_grad():
        return torch.cat([model(texts[start : start + size], tokens) for start in range(0, len(texts), size)])


def main() -> None:
    """Learn from a labelled file and write both artifacts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labelled", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--state", type=Path, default=Path("state"))
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--steps", type=int, default=0)
    arguments = parser.parse_args()
    items = [json.loads(line) for line in arguments.labelled.read_text("utf-8").splitlines() if line.strip()]
    taxonomies = [load_taxonomy(path) for path in sorted(SHIPPED.glob("*.yaml"))]
    folder = embedded_folder(arguments.state)
    pairs, affinity = adapt(folder, items, taxonomies, Recipe(steps=arguments.steps), arguments.device)
    arguments.out.mkdir(parents=True, exist_ok=True)
    save_adapter(pairs, arguments.out / "adapter.npz")
    save_affinity(affinity, arguments.out / "affinity.npz")


if __name__ == "__main__":
    main()
