"""Where newsletters lie: a folder of files, a mailbox. Both are only read: nothing is marked, moved or deleted."""

from __future__ import annotations

import imaplib
import ipaddress
import os
import re
import ssl
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from urllib.parse import unquote, urlsplit

from imap_tools import AND
from imap_tools.errors import ImapToolsError
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxUnencrypted

from curation.gather.newsletter import MAX_BODY, parse_newsletter
from curation.types import Cause, Failure, ParsedFeed

SUFFIXES = frozenset((".eml", ".html", ".htm", ".pdf"))
MAX_FILES = 10_000  # of one folder
MAX_MAILS = 500  # new mails of one visit
TIMEOUT_S = 30.0
DAYS_BACK = 60


def read_folder(
    path: str | Path, *, source: str, now: datetime, seen: Collection[str] = ()
) -> Iterator[tuple[str, ParsedFeed]]:
    """Yield (key, newsletter) for each .eml, .html or .pdf file of a folder and its subfolders, by name.

    ``seen``: keys of earlier visits, which are skipped unread; a key changes with the file. A missing folder or an
    unreadable file is yielded with its ``Failure`` (a folder has the key ""). Hidden files and links out of the folder
    are left alone.
    """
    folder = Path(path)
    if not folder.is_dir():
        yield "", _failed(Cause.MISSING_FILE, str(path), now, "no such folder")
        return
    root = folder.resolve()
    files = sorted(islice((f for f in folder.rglob("*") if f.suffix.lower() in SUFFIXES), MAX_FILES))
    for file in files:
        name = file.relative_to(folder).as_posix()
        try:
            if any(part.startswith(".") for part in Path(name).parts) or not file.resolve().is_relative_to(root):
                continue
            status = file.stat()
            if not file.is_file():
                continue
            key = f"{name}|{status.st_size}|{status.st_mtime_ns}"
            if key in seen:
                continue
            if status.st_size > MAX_BODY:
                yield key, _failed(Cause.TOO_LARGE, str(file), now, f"{status.st_size} bytes")
                continue
            body = file.read_bytes()
        except (OSError, RuntimeError) as error:
            yield name, _failed(Cause.MISSING_FILE, str(file), now, type(error).__name__)
            continue
        yield key, parse_newsletter(body, source=source, now=now)


def password_variable(source: str) -> str:
    """Environment variable that holds the password of a mailbox: ``VEILLE_IMAP_PASSWORD_<SOURCE ID>``."""
    return "VEILLE_IMAP_PASSWORD_" + re.sub(r"[^A-Z0-9]", "_", source.upper())


def read_mailbox(
    url: str, *, source: str, now: datetime, seen: Collection[str] = (), environment: Mapping[str, str] | None = None,
    days_back: int = DAYS_BACK,
) -> Iterator[tuple[str, ParsedFeed]]:  # fmt: skip
    """Yield (key, newsletter) for each mail of ``imaps://user@host[:port]/box`` of the last ``days_back`` days.

    The box is opened read-only (EXAMINE) and mails are peeked at. ``seen``: keys (UIDVALIDITY and UID) of earlier
    visits, not fetched again. ``imap://`` without encryption is accepted for this very machine only. What goes wrong is
    yielded under the key "": IMAP_LOGIN, IMAP_UNREACHABLE, BAD_URL.
    """
    try:
        parts = urlsplit(url)
        host, port, user = parts.hostname or "", parts.port, unquote(parts.username or "")
    except ValueError:
        host, port, user, parts = "", None, "", urlsplit("")
    safe = f"{parts.scheme}://{host}{parts.path}"
    if not host or not user or parts.scheme not in ("imap", "imaps") or (parts.scheme == "imap" and not _here(host)):
        yield "", _failed(Cause.BAD_URL, safe, now, "imaps://user@host/box expected")
        return
    variable = password_variable(source)
    password = (os.environ if environment is None else environment).get(variable, "")
    if not password:
        yield "", _failed(Cause.IMAP_LOGIN, safe, now, f"{variable} is not set")
        return
    box: BaseMailBox
    try:
        if parts.scheme == "imaps":
            box = MailBox(host, port or 993, timeout=TIMEOUT_S, ssl_context=ssl.create_default_context())
        else:
            box = MailBoxUnencrypted(host, port or 143, timeout=TIMEOUT_S)
    except (OSError, imaplib.IMAP4.error) as error:
        yield "", _failed(Cause.IMAP_UNREACHABLE, safe, now, f"{type(error).__name__}: {error}")
        return
    try:
        try:
            box.login(user, password, initial_folder=None)
        except (ImapToolsError, imaplib.IMAP4.error, UnicodeError) as error:
            gone = isinstance(error, imaplib.IMAP4.abort)
            cause = Cause.IMAP_UNREACHABLE if gone else Cause.IMAP_LOGIN
            yield "", _failed(cause, safe, now, type(error).__name__)  # the server's words may quote the password
            return
        yield from _read_box(box, unquote(parts.path.strip("/")) or "INBOX", safe, source, now, seen, days_back)
    except (OSError, ImapToolsError, imaplib.IMAP4.error, ValueError) as error:
        yield "", _failed(Cause.IMAP_UNREACHABLE, safe, now, f"{type(error).__name__}: {error}")
    finally:
        try:
            box.client.logout()
        except (OSError, imaplib.IMAP4.error):
            box.client.shutdown()


def _read_box(
    box: BaseMailBox, folder: str, url: str, source: str, now: datetime, seen: Collection[str], days_back: int
) -> Iterator[tuple[str, ParsedFeed]]:
    box.folder.set(folder, readonly=True)
    _, validity = box.client.response("UIDVALIDITY")
    era = validity[0].decode("ascii", "replace") if validity and isinstance(validity[0], bytes) else "0"
    since = (now - timedelta(days=days_back)).date()
    new = [uid for uid in box.uids(AND(date_gte=since)) if f"{era}:{uid}" not in seen]
    for uid in new[-MAX_MAILS:]:
        key = f"{era}:{uid}"
        _, answer = box.client.uid("FETCH", uid, "(RFC822.SIZE)")
        size = re.search(rb"RFC822\.SIZE (\d{1,12})", answer[0] if answer and isinstance(answer[0], bytes) else b"")
        if size and int(size.group(1)) > MAX_BODY:
            yield key, _failed(Cause.TOO_LARGE, url, now, f"{int(size.group(1))} bytes")
            continue
        _, answer = box.client.uid("FETCH", uid, "(BODY.PEEK[])")
        body = next((part[1] for part in answer or () if isinstance(part, tuple)), b"")
        yield key, parse_newsletter(body, source=source, content_type="message/rfc822", now=now)


def _here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _failed(cause: Cause, url: str, now: datetime, detail: str) -> ParsedFeed:
    return ParsedFeed("", url, (), Failure(cause, url, detail[:200], at=now))
