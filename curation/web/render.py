"""Templates, and what they need to write French: days, times, numbers, plurals."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from curation.labels import KIND_LABELS, explain
from curation.web.labels import ACT_LABELS, REJECTION_LABELS, ROLE_LABELS, STATUS_LABELS
from curation.web.markdown import to_html
from curation.web.shortcuts import ACTIONS
from curation.web.typography import FrenchSpaces, typeset
from taxonomy.types import Change

HERE = Path(__file__).parent
LOCALE = "fr_FR"


def environment(timezone: str) -> Environment:
    """Jinja2: everything is escaped, an unknown name is an error."""
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[FrenchSpaces],
    )
    zone = ZoneInfo(timezone)

    def moment(value: datetime | None, form: str = "d MMMM y 'à' HH:mm") -> str:
        if value is None:
            return ""
        here = value.astimezone(zone)
        return _first(here.day, format_datetime(here, form, locale=LOCALE))

    def day(value: date | datetime | None, form: str = "d MMMM y") -> str:
        if isinstance(value, datetime):
            value = value.astimezone(zone).date()
        return written_day(value, form) if value else ""

    env.filters |= {
        "moment": moment,
        "day": day,
        "ago": ago,
        "number": number,
        "percent": percent,
        "count": count,
        "safe_url": safe_url,
        "host": host,
        "fr": typeset,
        "truncate": shortened,
        "markdown": lambda text: Markup(to_html(text)),
        "community_name": lambda community, desk: desk.words.name(community),
        "groupby_run": by_subject,
        "without_empty": lambda before, after: {k: v for k, v in {**before, **after}.items() if v},
        "json_attribute": lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")),
    }
    env.globals |= {
        "static": _fingerprinted(),
        "kinds": {k.value: v for k, v in KIND_LABELS.items()},
        "statuses": STATUS_LABELS,
        "rejections": REJECTION_LABELS,
        "acts": ACT_LABELS,
        "roles": ROLE_LABELS,
        "explain": explain,
        "actions": ACTIONS,
    }
    return env


@lru_cache(4096)  # a page says the same numbers and days again and again, and Babel takes its time
def number(value: float) -> str:
    """« 1 234 »."""
    return format_decimal(value, locale=LOCALE)


@lru_cache(4096)
def percent(value: float) -> str:
    """« 77 % »."""
    return format_percent(value, locale=LOCALE)


@lru_cache(4096)
def written_day(value: date, form: str = "d MMMM y") -> str:
    """« 24 novembre 2026 », « 1er décembre 2026 »."""
    return _first(value.day, format_date(value, form, locale=LOCALE))


def _first(day: int, text: str) -> str:
    # CLDR leaves « 1 décembre », which French never writes; « 01/12 » and « 1:05 » stay
    return re.sub(r"(?<![\d:/])1(?![\d:/])", "1er", text, count=1) if day == 1 else text


def ago(value: datetime | None, now: datetime) -> str:
    """« il y a 3 heures »."""
    return format_timedelta(value - now, add_direction=True, locale=LOCALE) if value else ""


def count(n: int, singular: str, plural: str = "") -> str:
    """« 1 brouillon », « 0 brouillon », « 1 234 brouillons »."""
    return f"{number(n)} {singular if abs(n) < 2 else plural or singular + 's'}"


def by_subject(changes: Iterable[Change]) -> list[tuple[Change, list[Change]]]:
    """Differences between words, under the first of those about the same concept, dossier or priority."""
    groups = (list(group) for _, group in groupby(changes, key=lambda c: (c.about, c.id)))
    return [(group[0], group) for group in groups]


def shortened(text: str, length: int = 255, killwords: bool = False, end: str = "…") -> str:
    """Jinja's ``truncate`` with one character for the ellipsis, and never after a full stop or a comma."""
    if len(text) <= length + 5:  # as there: a few characters more read better than an ellipsis
        return text
    cut = text[: max(length - len(end), 0)]
    return cut + end if killwords else cut.rsplit(" ", 1)[0].rstrip(" \u00a0\u202f.,;:…") + end


def safe_url(url: str | None) -> str:
    """The address when a browser may be sent there (http, https); otherwise ""."""
    text = (url or "").strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme.lower() in ("http", "https") and parts.netloc else ""


def host(url: str | None) -> str:
    """« www.exemple.fr » -> « exemple.fr »."""
    try:
        found = urlsplit(url or "").hostname or ""
    except ValueError:
        return ""
    return found.removeprefix("www.")


def _fingerprinted() -> Any:
    """``static("desk.css")``: the address of a file with its digest, so that a new version is loaded at once."""
    digests: dict[str, str] = {}
    for path in (HERE / "static").iterdir():
        digests[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()[:10]
    return lambda name: f"/statique/{name}?{digests[name]}"
