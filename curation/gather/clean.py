"""HTML fragments of feeds and newsletters -> plain text that a person can read.

Feeds lie about what their fields hold: text, HTML, HTML escaped twice, a truncated piece of one of them. ``plain_text``
takes them all. It is a tokenizer, not a sanitiser: its output is text, never markup, so it must be escaped where it
is shown. Every step is linear in the length of the input, whatever the input.
"""

from __future__ import annotations

import html
import re
import unicodedata

#: Longest raw fragment looked at, in characters: beyond it a summary is not a summary any more.
MAX_FRAGMENT = 400_000

_BLOCKS = frozenset(
    "address article aside blockquote br center dd details div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hr legend li main nav ol p pre section summary table tbody tfoot thead tr ul".split()
)
_SPACED = frozenset(("td", "th", "option", "img", "caption", "button", "input", "label"))
_SILENT = frozenset(
    "script style iframe noscript template object embed svg math select textarea audio video canvas head map "
    "applet".split()
)
_INLINE = frozenset(
    "a abbr acronym b base basefont bdi bdo big body cite code col colgroup data del dfn dir em font frame frameset "
    "html i ins kbd link mark menu meta meter nobr noframes output param picture progress q rp rt ruby s samp "
    "small source span strike strong sub sup time title track tt u var wbr xml".split()
)
_KNOWN = _BLOCKS | _SPACED | _SILENT | _INLINE
_VOID_SILENT = frozenset(("embed",))

#: A tag; attribute values with brackets inside quotes are handled by ``_QUOTED`` first.
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:._-]*)((?:\s|/|(?<=[a-zA-Z0-9])(?=>))[^<>]*)?>")
_DECLARATION = re.compile(r"<[!?][^<>]*>")
_TRUNCATED = re.compile(rf"<(?:/?(?:{'|'.join(sorted(_KNOWN))})(?:\s[^<>]*)?|[/!]?)$", re.IGNORECASE)
#: A quoted attribute that holds a bracket: ``alt="a > b"``, ``title="<b>x</b>"``.
_QUOTED = re.compile(r"""=\s?"([^"]{0,2000})"|=\s?'([^']{0,2000})'""")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});|&nbsp(?![a-z;])")
_CLOSING = re.compile(r"</[a-zA-Z]|<(?:br|p|img|hr|div|span|a|b|i|em|strong|ul|li)\b[^<>]*>", re.IGNORECASE)

#: The Markdown that some services publish as it is (beta.gouv.fr, OpenAgenda): links, bold, headings, rules.
_MARKDOWN = re.compile(r"\]\(https?:|\*\*\S|(?:^|\s)#{2,5} |_{5}|-{5}|={5}")
_MARK_LINK = re.compile(r"\[([^\[\]]{1,300})\]\(https?://[^\s()]{0,1000}(?:\([^\s()]{0,100}\)[^\s()]{0,300})?\)")
_MARK_BOLD = re.compile(r"\*\*(\S[^*\n]{0,400}?)\*\*")
_MARK_RULE = re.compile(r"(?:^|(?<=\s))#{2,5}(?= )|_{5,}|-{5,}|={5,}")

_SPACES = re.compile(r"[^\S\n]+")
#: Deleted: soft hyphen, zero-width and direction marks, BOM, controls, lone surrogates, private use of icon fonts.
_DELETED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\xad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffc"
    "\ue000-\uf8ff\ud800-\udfff]"
)
#: The windows-1252 characters hidden in the C1 range of mislabelled latin-1.
_C1 = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_HAS_C1 = re.compile("[\x80-\x9f]")


def plain_text(fragment: str, *, limit: int | None = None) -> str:
    """Text of an HTML (or plain, or doubly escaped) fragment, one line per paragraph, cut at ``limit`` characters.

    Scripts, styles, tags, entities, controls, zero-width characters and soft hyphens are gone; spaces are single and
    ordinary; accents are composed (NFC). "3 < 5" and "R&D" survive.
    """
    text = fragment[:MAX_FRAGMENT]
    if "<" in text:
        text = _without_tags(text)
    elif "\r" in text:
        text = _SPACES.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    for _ in range(3):  # escaped once by HTML, then once or twice more by careless software
        if "&" not in text or not _ENTITY.search(text):
            break
        text = _ENTITY.sub(_unescape, text)
        if "<" in text and _CLOSING.search(text):
            text = _without_tags(text)
    if _may_be_markdown(text) and _MARKDOWN.search(text):
        text = _without_markdown(text)
    return clip(tidy(text), limit) if limit else tidy(text)


def one_line(fragment: str, *, limit: int | None = None) -> str:
    """As ``plain_text``, on a single line: for titles and names."""
    text = plain_text(fragment).replace("\n", " ")
    return clip(text, limit) if limit else text


def tidy(text: str) -> str:
    """Unicode housekeeping alone: controls, invisible characters, spaces, NFC. Newlines are kept, never doubled."""
    text = text.strip(" \n")
    if _is_sound(text):  # nearly always, and so is each line of the others
        return _composed(text) if "  " not in text else " ".join(_composed(text).split())
    if not _is_sound(text.replace("\n", "")):
        if _HAS_C1.search(text):
            text = text.translate(_C1)
        text = text.replace("\u2028", "\n").replace("\u2029", "\n")
        text = _DELETED.sub("", _composed(text))
        return "\n".join(line for piece in text.split("\n") if (line := " ".join(piece.split())))
    lines = (" ".join(piece.split()) if "  " in piece else piece.strip(" ") for piece in _composed(text).split("\n"))
    return "\n".join(line for line in lines if line)


def _is_sound(text: str) -> bool:
    """Whether ``text`` holds neither white space but the space nor anything to delete (two of them are printable)."""
    return text.isprintable() and "\u034f" not in text and "\ufffc" not in text


def _composed(text: str) -> str:
    return text if text.isascii() or unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def clip(text: str, limit: int) -> str:
    """``text`` cut at a word boundary with "…" when longer than ``limit`` characters."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    space = cut.rfind(" ")
    return cut[: space if space > limit * 0.8 else None].rstrip(" ,;:.\n") + "…"


def _may_be_markdown(text: str) -> bool:
    """A cheap refusal of ordinary texts: single signs are found much faster than runs of them."""
    return (
        ("*" in text and "**" in text)
        or ("#" in text and "## " in text)
        or ("_" in text and "_____" in text)
        or ("=" in text and "=====" in text)
        or "](http" in text
        or "-----" in text
    )


def _without_markdown(text: str) -> str:
    text = _MARK_LINK.sub(r"\1", text)
    text = _MARK_BOLD.sub(r"\1", text)
    return _MARK_RULE.sub("\n", text)


def _unescape(match: re.Match[str]) -> str:
    text = match.group()
    return html.unescape(text if text.endswith(";") else text + ";")


def _without_comments(text: str) -> str:
    """Drop ``<!-- ... -->``; an unclosed one is left to the tag pattern (searched once, so linear)."""
    pieces: list[str] = []
    position = 0
    while (start := text.find("<!--", position)) >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            break
        pieces.append(text[position:start])
        position = end + 3
    pieces.append(text[position:])
    return "".join(pieces)


def _blank_quoted(match: re.Match[str]) -> str:
    value = match.group(1) if match.group(1) is not None else match.group(2)
    return '=""' if ("<" in value or ">" in value) and "\n\n" not in value else match.group()


def _without_tags(text: str) -> str:
    if "<!--" in text:
        text = _without_comments(text)
    if "<![CDATA[" in text:
        text = text.replace("<![CDATA[", "").replace("]]>", "")
    if '="' in text or "='" in text:
        text = _QUOTED.sub(_blank_quoted, text)
    # the only printable white space is the space
    if (not text.isprintable() or "  " in text) and _is_markup(text):
        text = _SPACES.sub(" ", text.replace("\r", "\n")).replace("\n", " ")
    pieces: list[str] = []
    position = 0
    silent = ""
    for match in _TAG.finditer(text):
        closing, name = match.group(1), match.group(2).lower()
        if silent:
            if closing and name == silent:
                silent, position = "", match.end()
            continue
        if name not in _KNOWN and ":" not in name and "-" not in name and not match.group(3):
            continue  # "<dupont@exemple.fr>", "<sic>": the text of somebody, not a tag
        pieces.append(text[position : match.start()])
        position = match.end()
        if name in _BLOCKS:
            pieces.append("\n")
        elif name in _SPACED:
            pieces.append(" ")
        elif name in _SILENT and not closing and not match.group().endswith("/>") and name not in _VOID_SILENT:
            silent = name
    if not silent:
        pieces.append(text[position:])
    joined = "".join(pieces)
    if "<" in joined:
        joined = _TRUNCATED.sub("", _DECLARATION.sub("", joined))
    return joined


def _is_markup(text: str) -> bool:
    """Whether line ends are mere spaces: true as soon as a paragraph or a break is marked up."""
    return any(m.group(2).lower() in _BLOCKS for m in _TAG.finditer(text))
