"""``Taxonomy`` -> the text of its file: ``load.parse_taxonomy(to_yaml(t), ...) == t``.

Given the text that stands in the file, only what changed is written anew (``taxonomy.splice``): the rest keeps its
comments, its order of keys and its style, byte for byte. Without it, the style of the shipped files: lists on one line,
a folded definition, usual values left out.
"""

from __future__ import annotations

from typing import Any

import yaml

from taxonomy.content import content_of
from taxonomy.load import TaxonomyFileError, parse_taxonomy
from taxonomy.types import Taxonomy

#: Where a line of the folded definition breaks (the emitter finishes the word).
_WIDTH = 108
_ENDLESS = 10**9


class OneLine(list[Any]):
    """A list written between brackets."""


class _Folded(str):
    """A text written over several lines."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Lists inside mappings are set back, as people write them.

    The emitter of the library that reads the files: what it writes plain, it reads back as text.
    """

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        return super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(OneLine, lambda d, v: d.represent_sequence("tag:yaml.org,2002:seq", v, flow_style=True))
_Dumper.add_representer(_Folded, lambda d, v: d.represent_scalar("tag:yaml.org,2002:str", str(v), style=">"))


def to_yaml(taxonomy: Taxonomy, existing: str | None = None) -> str:
    """The text of the file. ``existing``: what stands there now; it may be anything, even wrong."""
    if existing is not None:
        from taxonomy.splice import spliced

        text = spliced(existing, taxonomy)
        if text is not None and _means(text, taxonomy):
            return text
    return _fresh(taxonomy, existing or "")


def dumped(content: Any, width: int = _ENDLESS) -> str:
    """YAML in the style of the shipped files."""
    text = yaml.dump(
        content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, default_flow_style=False, width=width
    )
    assert isinstance(text, str)
    return text


def styled(key: str, value: Any) -> Any:
    """A value of the file, told how to be written."""
    if key == "definition":
        return _Folded(value + "\n") if value.isprintable() else value
    if key in ("priorities", "dossiers", "concepts"):
        return [{k: styled(f"{key}.{k}", v) for k, v in thing.items()} for thing in value] or OneLine()
    return OneLine(value) if isinstance(value, list) else value


def section(key: str, value: Any) -> str:
    """One key of the file and its value."""
    return dumped({key: styled(key, value)}, _WIDTH if key == "definition" else _ENDLESS)


def _fresh(taxonomy: Taxonomy, existing: str) -> str:
    """The whole file anew, under the comments that stood at its head."""
    head = []
    for line in existing.splitlines():
        if not line.startswith("#"):
            break
        head.append(line + "\n")
    return "".join(head) + "".join(section(key, value) for key, value in content_of(taxonomy).items())


def _means(text: str, taxonomy: Taxonomy) -> bool:
    try:
        return parse_taxonomy(text, "") == taxonomy
    except TaxonomyFileError:
        return False
