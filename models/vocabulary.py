"""The XLM-R unigram vocabulary, pruned to what French text can need, as a ``tokenizers`` file.

A piece can only be chosen for a text that contains it. So a text written with
the characters kept here meets exactly the pieces it met before: its best
segmentation (Viterbi over the scores; Kudo 2018, arXiv:1804.10959) is the same
by construction. Pieces of one character are all kept, so that a word in
another script is spelled out rather than unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from unicodedata import ucd_3_2_0  # the frozen edition: the same choice, and sha256, under every Python

METASPACE = "\u2581"

#: What the normalisation map of the original does beyond NFKC: controls vanish, other white space is a space.
_VANISH = r"[\u0001-\u0008\u000b\u000e-\u001f\u007f\u008f\u009f]"
_BLANK = r"[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]"


def of_french_text(character: str) -> bool:
    """Whether ``character`` belongs to Latin script, or to no script (digits, punctuation, symbols, marks)."""
    if ucd_3_2_0.category(character)[0] not in "LM":
        return True
    return ucd_3_2_0.name(character, "").startswith(("LATIN ", "COMBINING "))


def kept_pieces(pieces: Sequence[str]) -> list[int]:
    """Indices, increasing, of the pieces that stay: of French text, or of one character."""
    known: dict[str, bool] = {}

    def stays(piece: str) -> bool:
        if len(piece) == 1:
            return True
        for character in piece:
            if character not in known:
                known[character] = of_french_text(character)
            if not known[character]:
                return False
        return True

    return [index for index, piece in enumerate(pieces) if stays(piece)]


def tokenizer_json(
    pieces: Sequence[str], scores: Sequence[float], *, bos: str, eos: str, pad: str, unk: str, mask: str
) -> dict[str, Any]:
    """The content of ``tokenizer.json``: normalise, mark spaces, best unigram path, ``<s> ... </s>``.

    Written by hand rather than by the library, so that its bytes do not depend on the library's version.
    """
    ids = {piece: index for index, piece in enumerate(pieces)}
    special = [
        {
            "id": ids[token],
            "content": token,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for token in sorted((bos, eos, pad, unk, mask), key=ids.__getitem__)
    ]

    def replace(pattern: str, by: str) -> dict[str, Any]:
        return {"type": "Replace", "pattern": {"Regex": pattern}, "content": by}

    def token(name: str, sequence: int) -> dict[str, Any]:
        return {"SpecialToken": {"id": name, "type_id": sequence}}

    first = {"Sequence": {"id": "A", "type_id": 0}}
    second = {"Sequence": {"id": "B", "type_id": 0}}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": special,
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                replace(_VANISH, ""),
                replace(_BLANK, " "),
                {"type": "NFKC"},
                replace(" {2,}", " "),
            ],
        },
        "pre_tokenizer": {
            "type": "Metaspace",
            "replacement": METASPACE,
            "prepend_scheme": "always",
            "split": True,  # no piece has a space inside: word by word is the same path, and is cached
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [token(bos, 0), first, token(eos, 0)],
            "pair": [token(bos, 0), first, token(eos, 0), token(eos, 0), second, token(eos, 0)],
            "special_tokens": {name: {"id": name, "ids": [ids[name]], "tokens": [name]} for name in (bos, eos)},
        },
        "decoder": {"type": "Metaspace", "replacement": METASPACE, "prepend_scheme": "always", "split": True},
        "model": {
            "type": "Unigram",
            "unk_id": ids[unk],
            "vocab": [[piece, float(score)] for piece, score in zip(pieces, scores, strict=True)],
            "byte_fallback": False,
        },
    }
