"""Bytes of a feed or a page -> text: as declared, then as sniffed, never with an error.

Order: byte order mark, XML declaration (or HTML ``meta``), HTTP charset, then charset-normalizer. Three repairs, all
common in France: latin-1 means windows-1252 (WHATWG Encoding), a document declared latin-1 whose bytes are
valid UTF-8 *is* UTF-8 (chance makes that practically impossible), and UTF-8 with a few stray windows-1252 bytes is read
byte by byte. Double encoding inside the text (mojibake) is left alone.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from charset_normalizer import from_bytes

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: "<?xm" without a byte order mark (XML 1.0, appendix F).
_SIGNATURES = (
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00?", "utf-16-be"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
_XML_ENCODING = re.compile(rb"^\s{0,200}<\?xml[^>]{0,300}?encoding\s{0,9}=\s{0,9}[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_META_CHARSET = re.compile(rb"<meta[^>]{0,300}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9._:-]{1,40})", re.I)
_HTTP_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{1,40})", re.I)
#: Declared as these, read as windows-1252 (WHATWG).
_LATIN = frozenset("ascii iso8859-1 latin-1 cp1252 iso8859-15".split())
#: Codecs of Python that are no encodings of documents, or that are slow on purpose-made input.
_REFUSED = frozenset(
    "idna punycode unicode-escape unicode_escape raw-unicode-escape raw_unicode_escape undefined mbcs oem "
    "palmos".split()
)
_SNIFFED = 40_000


def decode(body: bytes, content_type: str | None = None) -> tuple[str, str]:
    """Return (text without its byte order mark, name of the encoding that was used). Never raises."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace"), encoding
    for signature, encoding in _SIGNATURES:
        if body.startswith(signature):
            text = body.decode(encoding, "replace")
            return text, encoding
    valid_utf8 = _strict(body, "utf-8")
    if valid_utf8 is not None:
        declared = _first(_declared(body, content_type))
        if declared is None or declared in _LATIN or declared == "utf-8":
            return valid_utf8, "utf-8"
    for encoding in _declared(body, content_type):
        if encoding in _LATIN:
            return _latin(body, encoding), "cp1252"
        text_or_none = _strict(body, encoding)
        if text_or_none is not None:
            return text_or_none, encoding
        if encoding == "utf-8":
            return _damaged_utf8(body)
    if valid_utf8 is not None:
        return valid_utf8, "utf-8"
    guess = from_bytes(body[:_SNIFFED]).best()
    if guess is not None:
        text_or_none = _strict(body, guess.encoding) if guess.encoding not in _REFUSED else None
        # On a few accents the detector names exotic code pages; the odds of a French feed are known.
        if text_or_none is not None and not guess.encoding.startswith(("cp", "iso8859", "latin", "mac", "hp")):
            return text_or_none, guess.encoding
    return _damaged_utf8(body)


def _declared(body: bytes, content_type: str | None) -> Iterator[str]:
    match = _XML_ENCODING.match(body[:800])
    if match is not None:
        yield from _known(match.group(1).decode("ascii"))
    if content_type:
        http = _HTTP_CHARSET.search(content_type[:500])
        if http is not None:
            yield from _known(http.group(1))
    if match is None:
        meta = _META_CHARSET.search(body[:4096])
        if meta is not None:
            yield from _known(meta.group(1).decode("ascii"))


def _first(names: Iterator[str]) -> str | None:
    return next(names, None)


def _known(name: str) -> Iterator[str]:
    """Python's name of an encoding, when it has one for text."""
    name = {"gb2312": "gb18030", "x-sjis": "shift_jis", "unicode": "utf-8", "utf8mb4": "utf-8"}.get(name.lower(), name)
    try:
        info = codecs.lookup(name)
        "".encode(info.name)  # "hex", "zip" and the like are refused here
    except (LookupError, UnicodeError, ValueError):
        return
    # UTF-16 or 32 declared, yet the declaration itself was read as ASCII: it lies.
    if info.name not in _REFUSED and not info.name.startswith(("utf-16", "utf-32")):
        yield info.name


def _strict(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except (UnicodeError, LookupError, ValueError):
        return None


def _latin(body: bytes, encoding: str = "cp1252") -> str:
    """windows-1252, its five undefined bytes read as latin-1 (WHATWG)."""
    if encoding == "iso8859-15" and not any(0x80 <= byte < 0xA0 for byte in body):
        return body.decode("iso8859-15")
    return body.decode("cp1252", "veille-latin-1")


def _damaged_utf8(body: bytes) -> tuple[str, str]:
    """UTF-8 with stray windows-1252 bytes, or windows-1252 altogether: whichever the majority of bytes says."""
    strays = 0

    text = body.decode("utf-8", "veille-cp1252")
    strays = len(_STRAY.findall(body.decode("utf-8", "replace")))
    sound = sum(1 for _ in _MULTIBYTE.finditer(body))
    if sound >= strays:
        return text, "utf-8"
    return _latin(body), "cp1252"


_STRAY = re.compile("\ufffd")
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


def _as_latin1(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return _latin(error.object[error.start : error.end]), error.end


codecs.register_error("veille-latin-1", _as_latin1)
codecs.register_error("veille-cp1252", _as_cp1252)
