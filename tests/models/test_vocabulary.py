"""Pruning to French, and the tokenizer rebuilt around it."""

from __future__ import annotations

import json

import pytest
from tokenizers import Tokenizer

from models.vocabulary import kept_pieces, tokenizer_json
from tests.models.tiny import PIECES, SCORES


def test_french_pieces_and_single_characters_stay_others_go() -> None:
    pieces = ["▁l’été", "œuvre", "▁№12", "я", "▁город", "的", "的话", "▁€", "ﷺ", "Ÿ", "▁São", "e\u0301"]
    kept = [pieces[index] for index in kept_pieces(pieces)]
    assert kept == ["▁l’été", "œuvre", "▁№12", "я", "的", "▁€", "ﷺ", "Ÿ", "▁São", "e\u0301"]


@pytest.fixture
def tokenizer() -> Tokenizer:
    kept = kept_pieces(PIECES)
    content = tokenizer_json(
        [PIECES[index] for index in kept], [SCORES[index] for index in kept],
        bos="<s>", eos="</s>", pad="<pad>", unk="<unk>", mask="<mask>",
    )  # fmt: skip
    return Tokenizer.from_str(json.dumps(content))


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("la ville", ["▁la", "▁ville"]),
        ("la  \t\n ville", ["▁la", "▁ville"]),  # runs of white space are one space
        ("la\u00a0ville\u200b,", ["▁la", "▁ville", "▁", ","]),  # no-break and zero-width spaces
        ("la\x00\x07 ville", ["▁la", "<unk>", "▁ville"]),  # controls vanish; NUL has no piece
        ("e\u0301", ["▁", "é"]),  # decomposed accents are composed
        ("laville", ["▁la", "ville"]),
        ("ｌａ ville", ["▁la", "▁ville"]),  # full-width letters
    ],
)
def test_the_best_path_over_normalised_text(tokenizer: Tokenizer, text: str, pieces: list[str]) -> None:
    found = [tokenizer.id_to_token(number) for number in tokenizer.encode(text).ids]
    assert found == ["<s>", *pieces, "</s>"]
