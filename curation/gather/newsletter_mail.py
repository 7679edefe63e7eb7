"""A mail -> its readable parts, best first. Standard library ``email``; damaged mails are read as far as they go."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage, Message
from email.utils import parsedate_to_datetime

from curation.gather.clean import one_line
from curation.gather.decode import decode
from curation.gather.feed_dates import feed_date

MAX_PARTS = 200
_HEADER = re.compile(
    rb"^(?:From |(?:return-path|received|from|to|subject|date|message-id"
    rb"|mime-version|delivered-to|x-[\w-]+|dkim-signature"
    rb"|content-type|content-transfer-encoding|reply-to|sender|list-[\w-]+|precedence|arc-[\w-]+|authentication-results"
    rb"|thread-[\w-]+|cc|bcc|feedback-id|user-agent|in-reply-to|references|importance)\s?:)",
    re.IGNORECASE,
)
_FORWARD = re.compile(r"^(?:(?:tr|fwd?|wg|i)\s?:\s*)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """``kind``: "html", "text" or "pdf"; ``text`` for the first two, ``body`` for the last."""

    kind: str
    text: str = ""
    body: bytes = b""
    bases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mail:
    subject: str
    date: datetime | None  # UTC
    parts: tuple[Part, ...]  # HTML first, then text, then PDF
    notes: tuple[str, ...] = ()


def looks_like_mail(body: bytes) -> bool:
    """Whether the bytes open with mail headers."""
    head = body[:4_000].lstrip(b"\xef\xbb\xbf\r\n\t ")
    rows = head.replace(b"\r\n", b"\n").split(b"\n")
    if not rows or not _HEADER.match(rows[0]):
        return False
    headers = 0
    for row in rows:
        if not row.strip():
            break
        headers += bool(_HEADER.match(row))
    return headers >= 2 or rows[0].lower().startswith(b"content-type:")


def read_mail(body: bytes, now: datetime) -> Mail | None:
    """Read a mail; a forwarded message (``message/rfc822``) replaces its envelope. None: nothing readable."""
    try:
        message = email.message_from_bytes(body.lstrip(b"\xef\xbb\xbf\r\n\t "), policy=email.policy.compat32)
        inner = _innermost(message)
        parts = _parts(inner)
        if not parts and inner is not message:
            inner, parts = message, _parts(message)
    except (ValueError, LookupError, RecursionError, AttributeError, TypeError, IndexError, KeyError):
        return None
    if not parts:
        return None
    date, note = _date(inner, now)
    if date is None and inner is not message:
        date, note = _date(message, now)
    subject = _FORWARD.sub("", _header(inner, "Subject") or _header(message, "Subject"))
    order = {"html": 0, "text": 1, "pdf": 2}
    parts.sort(key=lambda part: order[part.kind])
    return Mail(one_line(subject, limit=500), date, tuple(parts), (note,) if note else ())


def _innermost(message: Message) -> Message:
    for _ in range(5):
        found: Message | None = None
        for part in _leaves(message, into_messages=False):
            if part.get_content_type() == "message/rfc822":
                payload = part.get_payload()
                if isinstance(payload, list) and payload and isinstance(payload[0], Message):
                    found = payload[0]
                    break
        if found is None:
            return message
        message = found
    return message


def _leaves(message: Message, *, into_messages: bool) -> list[Message]:
    """Parts that hold no other, in order; bounded, without recursion."""
    stack, leaves = [message], []
    seen = 0
    while stack and seen < MAX_PARTS:
        part = stack.pop()
        seen += 1
        payload = part.get_payload()
        if isinstance(payload, list) and (into_messages or part.get_content_type() != "message/rfc822"):
            stack.extend(reversed([p for p in payload if isinstance(p, Message)]))
        else:
            leaves.append(part)
    return leaves


def _parts(message: Message) -> list[Part]:
    parts: list[Part] = []
    for leaf in _leaves(message, into_messages=True):
        kind = leaf.get_content_type()
        name = (leaf.get_filename() or "").lower()
        attached = (leaf.get_content_disposition() or "") == "attachment"
        payload = leaf.get_payload(decode=True)
        if not isinstance(payload, bytes) or not payload.strip():
            continue
        if payload[:1024].lstrip().startswith(b"%PDF-"):
            parts.append(Part("pdf", body=payload))
        elif kind == "text/html" or (attached and name.endswith((".html", ".htm"))):
            text = _text(payload, leaf)
            base = re.search(r"<base\s[^>]{0,200}?href=[\"']?(https?://[^\s\"'>]+)", text[:20_000], re.IGNORECASE)
            location = _header(leaf, "Content-Location")
            bases = tuple(b for b in (base.group(1) if base else "", location) if b.startswith("http"))
            parts.append(Part("html", text, bases=bases))
        elif kind == "text/plain" and not attached:
            text = _text(payload, leaf)
            parts.append(Part("html" if re.match(r"\s*(?:<!doctype html|<html)", text, re.I) else "text", text))
    return parts


def _text(payload: bytes, leaf: Message) -> str:
    """As declared, then as sniffed: charsets of mails lie as those of feeds do."""
    declared = leaf.get_param("charset")
    name = declared[2] if isinstance(declared, tuple) else declared
    text, _ = decode(payload, f"text/plain; charset={name}" if name else None)
    return text


def _header(message: Message, name: str) -> str:
    raw = message.get(name)
    if raw is None:
        return ""
    text = str(raw)[:2_000]
    if any("\ud800" <= c <= "\udfff" for c in text):  # eight-bit header, undeclared
        text = decode(text.encode("ascii", "surrogateescape"))[0]
    try:
        parsed = email.message_from_string(f"{name}: " + " ".join(text.split()) + "\n\n", policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        return str(parsed[name])
    except (ValueError, LookupError, IndexError, AttributeError, TypeError):
        return text


def _date(message: Message, now: datetime) -> tuple[datetime | None, str | None]:
    text = _header(message, "Date")
    if not text:
        return None, None
    try:
        moment = parsedate_to_datetime(text)
        text = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, TypeError, OverflowError, IndexError):
        pass
    return feed_date(None, text, now)
