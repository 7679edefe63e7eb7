"""CommonMark -> HTML that is safe to show and to paste: only text, emphasis, lists and links survive."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt

#: What a contribution of an e-communauté may hold. No image: it would tell its host who reads.
TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "blockquote", "h2", "h3", "h4", "code", "hr"}
_PARSER = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True})


def to_html(text: str) -> str:
    """HTML of a CommonMark text; raw HTML in it is shown as text, links lose their opener and referrer."""
    return nh3.clean(
        _PARSER.render(text[:100_000]),
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def escape(text: str) -> str:
    """Plain text -> CommonMark that reads the same."""
    escaped = "".join("\\" + c if c in "\\`*_[]<>#|~" else c for c in text)
    # a line that begins like a list, a heading or a rule would become one
    return "\n".join(("\\" + line if line.lstrip()[:1] in ("-", "+", "=") else line) for line in escaped.splitlines())
