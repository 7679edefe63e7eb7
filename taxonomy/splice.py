"""A taxonomy written into the text of its file: lines of what did not change are left as they are.

The file is cut along the marks of its nodes: sections, then items of the lists. Only an item that changed goes through
a round trip of ruamel.yaml (its comments, quotes and order of keys stay); comments between items belong to no item and
keep their place. Files written in another shape (aliases, mappings between braces) are not for this module: None.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, FoldedScalarString

from taxonomy.content import (
    CONCEPT_KEYS,
    SCHEME_KEYS,
    concept_content,
    concept_from,
    content_of,
    dossier_content,
    dossier_from,
    priority_content,
    priority_from,
)
from taxonomy.load import SAFE_LOADER, TaxonomyFileError, parse_taxonomy
from taxonomy.types import Taxonomy
from taxonomy.write import OneLine, dumped, section, styled

#: A line with its end, as YAML 1.1 counts lines.
_LINES = re.compile(r"[^\n\r\x85\u2028\u2029]*(?:\r\n|[\n\r\x85\u2028\u2029])|[^\n\r\x85\u2028\u2029]+\Z")
#: Key that names an item of each list of the file.
_NAMED_BY = {"priorities": "prefLabel", "dossiers": "id", "concepts": "id"}


def spliced(existing: str, taxonomy: Taxonomy) -> str | None:
    """``existing`` with the words of ``taxonomy``; None where the file is wrong or has another shape."""
    try:
        current = content_of(parse_taxonomy(existing, ""))
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(existing, Loader=SAFE_LOADER)):
            return None
        root = yaml.compose(existing, Loader=SAFE_LOADER)
    except (TaxonomyFileError, yaml.YAMLError):
        return None
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        return None
    file = _File(_LINES.findall(existing), "\r\n" if "\r\n" in existing else "\n")
    return file.write(root, current, content_of(taxonomy))


@dataclass(slots=True)
class _File:
    """The lines of a file, and how they end."""

    lines: list[str]
    end: str

    def write(self, root: yaml.MappingNode, old: dict[str, Any], new: dict[str, Any]) -> str:
        pieces: list[tuple[str, str]] = []  # key and text of each section
        done = 0
        for key, value in root.value:
            start, stop = key.start_mark.line, self._stop(value)
            gap, text = self._text(done, start), self._text(start, stop)
            name, done = str(key.value), stop
            if name not in new:
                pieces.append((name, gap))
            elif new[name] == old.get(name):
                pieces.append((name, gap + text))
            else:
                pieces.append((name, gap + self._section(name, start, value, old.get(name), new[name])))
        for name in new:
            if name not in (p[0] for p in pieces):
                at = sum(1 for p in pieces if _rank(SCHEME_KEYS, p[0]) < _rank(SCHEME_KEYS, name))
                if at:
                    pieces[at - 1] = (pieces[at - 1][0], self._ended(pieces[at - 1][1]))
                pieces.insert(at, (name, self._own(section(name, new[name]))))
        return "".join(text for _, text in pieces) + self._text(done, len(self.lines))

    def _section(self, name: str, start: int, node: yaml.Node, old: Any, new: Any) -> str:
        fresh = self._own(section(name, new))
        if name in _NAMED_BY:
            return self._items(name, start, node, old or [], new) or fresh
        lines = self.lines[start : self._stop(node)]
        return self._edited(lines, 0, _offset(node, 0), lambda root: _set(root, name, old, new, SCHEME_KEYS)) or fresh

    def _items(self, name: str, start: int, node: yaml.Node, old: list[Any], new: list[Any]) -> str | None:
        """The list ``name`` item by item; None where it is not written in blocks."""
        if not isinstance(node, yaml.SequenceNode) or node.flow_style or not node.value or not new:
            return None
        columns = {_dash(self.lines[item.start_mark.line], item) for item in node.value}
        column = columns.pop()
        if column is None or columns or node.value[0].start_mark.line <= start:
            return None
        named = _NAMED_BY[name]
        texts: dict[str, str] = {}
        gaps: dict[str, str] = {}
        before = {thing[named]: thing for thing in old}
        after = {thing[named]: thing for thing in new}
        done, orphan = start + 1, ""
        for thing, item in zip(old, node.value, strict=True):
            first, stop = item.start_mark.line, self._stop(item)
            gap = orphan + self._text(done, first)
            done, identity = stop, thing[named]
            if identity not in after:
                orphan = gap  # the comments above an item that goes stay for the next one
                continue
            gaps[identity], orphan = gap, ""
            texts[identity] = self._text(first, stop)
            if after[identity] != thing:
                texts[identity] = self._item(name, self.lines[first:stop], column, item, thing, after[identity])
        for identity, thing in after.items():
            if identity not in before:
                texts[identity] = self._new(name, thing, column)
        body = "".join(gaps.get(i, "") + self._ended(texts[i]) for i in after) + orphan
        return self._ended(self._text(start, start + 1)) + body

    def _item(
        self, name: str, lines: Sequence[str], column: int, item: yaml.MappingNode, old: Mapping[str, Any], new: Any
    ) -> str:
        def change(root: Any) -> None:
            for key in dict.fromkeys((*old, *new)):
                if old.get(key) != new.get(key):
                    _set(root[0], key, old.get(key), new.get(key), CONCEPT_KEYS)

        offsets = [_offset(v, item.start_mark.column) for _, v in item.value]
        offset = next((o for o in offsets if o is not None), None)
        text = self._edited(lines, column, offset, change)
        return text if text is not None and _holds(text, name, new) else self._new(name, new, column)

    def _new(self, name: str, thing: Mapping[str, Any], column: int) -> str:
        text = dumped(styled(name, [thing]))
        return self._own(_shifted(text, column - text.index("-")))

    def _edited(
        self, lines: Sequence[str], column: int, offset: int | None, change: Callable[[Any], None]
    ) -> str | None:
        """Lines through ruamel.yaml; ``offset``: how far inner lists are set back. None when it cannot read them."""
        back = 2 if offset is None else offset
        tool = YAML()
        tool.preserve_quotes, tool.width = True, 10**9
        tool.indent(mapping=2, sequence=back + 2, offset=back)
        shift = back - column if lines[0].lstrip().startswith("-") else 0
        out = io.StringIO()
        try:
            root = tool.load(_shifted("".join(lines).replace("\r\n", "\n"), shift))
            change(root)
            tool.dump(root, out)
        except Exception:  # ruamel.yaml fails in many ways on odd files: what it cannot do is written anew
            return None
        return self._own(_shifted(out.getvalue(), -shift))

    def _stop(self, node: yaml.Node) -> int:
        """The line after the last one of a node, blank lines left out."""
        stop = _end(node)
        while stop > node.start_mark.line + 1 and not self.lines[stop - 1].strip():
            stop -= 1
        return stop

    def _text(self, start: int, stop: int) -> str:
        return "".join(self.lines[start:stop])

    def _own(self, text: str) -> str:
        return text if self.end == "\n" else text.replace("\n", self.end)

    def _ended(self, text: str) -> str:
        return text if not text or text[-1] in "\n\r" else text + self.end


def _holds(text: str, name: str, thing: Any) -> bool:
    """True when the lines of one item say ``thing``."""
    try:
        held = yaml.load(text, Loader=SAFE_LOADER)
    except yaml.YAMLError:
        return False
    return isinstance(held, list) and len(held) == 1 and _content(name, held[0]) == thing


def _content(name: str, raw: Any) -> dict[str, Any] | None:
    """What one item of a list of the file says, as ``content_of`` would; None when it says nothing sound."""
    try:
        match name:
            case "concepts":
                return concept_content(concept_from(raw))
            case "dossiers":
                return dossier_content(dossier_from(raw))
            case _:
                return priority_content(priority_from(raw))
    except (TypeError, ValueError, KeyError, AttributeError):
        return None


def _end(node: yaml.Node) -> int:
    """The line after the last one of a node; for a block, of what it holds (its own mark stands after the comments)."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    mark = node.end_mark
    return mark.line if mark.column == 0 and mark.line > node.start_mark.line else mark.line + 1


def _dash(line: str, item: yaml.Node) -> int | None:
    """Column of the dash of a block mapping in a list; None for any other item."""
    if not isinstance(item, yaml.MappingNode) or item.flow_style:
        return None
    before = line[: item.start_mark.column]
    return before.index("-") if re.fullmatch(r" *- +", before) else None


def _offset(node: yaml.Node, column: int) -> int | None:
    """How far the dashes of a block list stand from its key, at ``column``; None for another node."""
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return max(0, node.start_mark.column - column)
    return None


def _rank(keys: Sequence[str], key: str) -> int:
    return keys.index(key) if key in keys else len(keys)


def _set(mapping: CommentedMap, key: str, old: Any, new: Any, keys: Sequence[str]) -> None:
    """Give ``key`` its new value (None: it goes), in the style of what stands there."""
    if new is None:
        del mapping[key]
        return
    if key not in mapping:
        at = sum(1 for k in mapping if _rank(keys, str(k)) < _rank(keys, key))
        mapping.insert(at, key, _written(key, new))
        return
    held = mapping[key]
    if isinstance(held, CommentedSeq) and isinstance(new, list):
        _set_list(held, old if isinstance(old, list) else [old], new)
    elif isinstance(held, CommentedSeq) and not isinstance(new, (int, float)):
        _set_list(held, old if isinstance(old, list) else [old], [new])
    elif isinstance(held, FoldedScalarString):
        mapping[key] = _folded(new)
    else:
        mapping[key] = _written(key, new)


def _set_list(held: CommentedSeq, old: list[str], new: list[str]) -> None:
    if [v for v in old if v in new] != [v for v in new if v in old]:
        held[:] = [_plain(v) for v in new]
        return
    for n in reversed(range(len(old))):
        if old[n] not in new:
            del held[n]
    for n, value in enumerate(new):
        if value not in old:
            held.insert(n, _plain(value))


def _written(key: str, value: Any) -> Any:
    if isinstance(value, list):
        listed = CommentedSeq([_plain(v) for v in value])
        listed.fa.set_flow_style()
        return listed
    if key == "definition":
        return _folded(value)
    return _plain(value) if isinstance(value, str) else value


def _plain(text: str) -> Any:
    """A text that the loader (YAML 1.1) reads back as a text: « NO », « 12:30 » and « : a » need quotes."""
    return text if dumped(OneLine([text])) == f"[{text}]\n" else DoubleQuotedScalarString(text)


def _folded(text: str) -> FoldedScalarString:
    """A text over several lines of about a hundred columns."""
    folded: FoldedScalarString = FoldedScalarString(text + "\n")
    places, line = [], 0
    for found in re.finditer(" ", text):
        following = text.find(" ", found.start() + 1)
        if (following if following >= 0 else len(text)) - line > 118:
            places.append(found.start())
            line = found.start() + 1
    folded.fold_pos = places  # type: ignore[attr-defined]
    return folded


def _shifted(text: str, columns: int) -> str:
    """Every line further right (or left, as far as there is space)."""

    def moved() -> Iterator[str]:
        for line in _LINES.findall(text):
            if not line.strip():
                yield line
            elif columns >= 0:
                yield " " * columns + line
            else:
                yield line[min(-columns, len(line) - len(line.lstrip(" "))) :]

    return "".join(moved())
