"""The built-in samples: items in YAML and raw templates -> the bytes of feeds, pages and newsletters.

Everything is written relative to a reference day, so that a demo is always fresh. A placeholder is
``{{DAY FORMAT HH:MM}}``: DAY is ``J-3`` (three days before), ``O+20`` (first working day from the
twentieth day on), ``T+20`` (first Tuesday), ``S+20`` (first Saturday), and ``>2`` adds an end two days
later. Formats: none (ISO), ``long``, ``full``, ``dm``, ``fulldm``, ``short``, ``month``, ``year``,
``compact``, ``span`` (« du 3 au 5 mai 2027 »), ``pair`` (« les 3 et 4 mai 2027 »), ``rfc822``, ``iso``.
``{{BASE}}`` is the address of the server and ``{{BASEQ}}`` the same, percent-encoded.
"""

from __future__ import annotations

import email
import email.policy
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

SAMPLES = Path(__file__).resolve().parent.parent / "samples"

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet",
    "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
#: A fixed offset: the samples need no time-zone database, and one hour never changes a day here.
PARIS = timezone(timedelta(hours=1))

_PLACEHOLDER = re.compile(r"\{\{([^{}\n]{1,80})\}\}")
_DAY = re.compile(r"^([JOTS])([+-]\d{1,4})(?:>(\d{1,3}))?$")


def resolve_days(token: str, today: date) -> tuple[date, date | None]:
    """``"T+20>1"`` -> first and last day (None without ``>``). Raises ValueError on anything else."""
    found = _DAY.match(token)
    if not found:
        raise ValueError(f"not a day of the samples: {token!r}")
    letter, shift, length = found.groups()
    start = today + timedelta(days=int(shift))
    wanted = {"J": range(7), "O": range(5), "T": (1,), "S": (5,)}[letter]
    while start.weekday() not in wanted:
        start += timedelta(days=1)
    return start, start + timedelta(days=int(length)) if length else None


def _long(day: date, year: bool = True) -> str:
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {MONTHS[day.month - 1]}" + (f" {day.year}" if year else "")


def _span(start: date, end: date, words: tuple[str, str]) -> str:
    """« du 3 au 5 mai 2027 », « du 30 avril au 2 mai 2027 », « du 30 décembre 2026 au 2 janvier 2027 »."""
    first = _long(start, year=start.year != end.year)
    if (start.year, start.month) == (end.year, end.month):
        first = first.split(" ")[0]
    return f"{words[0]} {first} {words[1]} {_long(end)}"


def format_days(token: str, today: date) -> str:
    """A date placeholder without its braces -> its text. Raises ValueError when it is malformed."""
    parts = token.split()
    start, end = resolve_days(parts[0], today)
    style = parts[1] if len(parts) > 1 else ""
    if style in ("span", "pair"):
        if end is None:
            raise ValueError(f"a span needs an end: {token!r}")
        return _span(start, end, ("du", "au") if style == "span" else ("les", "et"))
    day = end or start
    hour = time.fromisoformat(parts[2]) if len(parts) > 2 else time(8, 0)
    moment = datetime.combine(day, hour, PARIS)
    styles = {
        "": day.isoformat(),
        "long": _long(day),
        "dm": _long(day, year=False),
        "full": f"{WEEKDAYS[day.weekday()]} {_long(day)}",
        "fulldm": f"{WEEKDAYS[day.weekday()]} {_long(day, year=False)}",
        "short": f"{day:%d/%m/%Y}",
        "month": f"{MONTHS[day.month - 1]} {day.year}",
        "year": str(day.year),
        "compact": f"{day:%Y%m%d}",
        "rfc822": format_datetime(moment),
        "iso": moment.isoformat(),
    }
    if style not in styles:
        raise ValueError(f"unknown date format: {token!r}")
    return styles[style]


def expand(text: str, today: date, base: str, variables: Mapping[str, str] | None = None) -> str:
    """Replace every placeholder of ``text``. Raises ValueError on an unknown one."""
    known = {"BASE": base, "BASEQ": quote(base, safe=""), **(variables or {})}

    def one(found: re.Match[str]) -> str:
        name = found.group(1).strip()
        return known[name] if name in known else format_days(name, today)

    return _PLACEHOLDER.sub(one, text)


@dataclass(frozen=True, slots=True)
class SampleItem:
    """One entry of one feed or newsletter, with what we expect of it. Texts hold placeholders."""

    id: str
    feed: str
    day: str  # publication, e.g. "J-3"
    title: str
    summary: str
    kind: str
    lead: str | None = None
    dossier: str | None = None
    rel: Mapping[str, int] = field(default_factory=dict)
    event: str | None = None  # "T+20>1 Nantes"
    deadline: str | None = None  # "J+40"
    body: str = ""  # paragraphs apart by an empty line; "## " headings, "- " lists
    path: str = ""
    track: str = ""  # what the feed adds to the link
    page: str = "article"  # article | paywall | soft404 | login | forbidden | pdf | none
    tags: tuple[str, ...] = ()
    hour: str = "08:00"
    dated: bool = True  # False: the feed gives no date that can be believed
    guid: str = ""  # the key when the entry has no usable link
    cite: str = ""  # newsletter: « organisme, mois année. 31 p. »
    group: str = ""
    role: str = "representative"  # representative | copy | story


@dataclass(frozen=True, slots=True)
class SampleSource:
    """One line of ``samples/sources.yaml``."""

    id: str
    name: str
    path: str  # where its document is served; the file name for a folder
    format: str  # rss | wordpress | rdf | atom | json | raw | page | folder
    site: str = ""
    chrome: str = "portal.html"
    file: str = ""
    encoding: str = "utf-8"
    content_type: str = ""
    listed: str = ""  # the address that the configuration knows, when it has moved
    authority: float = 0.5
    communities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resource:
    """What the server answers at one path."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    location: str = ""


def load_sources(folder: Path = SAMPLES) -> list[SampleSource]:
    rows = yaml.safe_load((folder / "sources.yaml").read_text(encoding="utf-8"))
    return [SampleSource(**{**row, "communities": tuple(row.get("communities", ()))}) for row in rows]


def load_items(folder: Path = SAMPLES) -> list[SampleItem]:
    """All items, in the order of the files. A ``copy_of`` inherits what it does not say itself."""
    sites = {source.id: source.site for source in load_sources(folder)}
    rows: list[dict[str, Any]] = []
    for file in sorted((folder / "items").glob("*.yaml")):
        rows += yaml.safe_load(file.read_text(encoding="utf-8"))
    by_id = {row["id"]: row for row in rows}
    if len(by_id) != len(rows):
        raise ValueError("two sample items share one id")
    return [_item(row, by_id, sites) for row in rows]


def _item(row: dict[str, Any], by_id: Mapping[str, dict[str, Any]], sites: Mapping[str, str]) -> SampleItem:
    own = dict(row)
    original = own.pop("copy_of", None)
    told = own.pop("story_of", None)
    same_page = own.pop("same_page", False)
    if original:
        kept = ("title", "summary", "body", "kind", "lead", "rel", "event", "deadline", "tags")
        parent = by_id[original]
        own = {key: parent[key] for key in kept if key in parent} | own
        if same_page:
            own["path"] = parent.get("path") or f"{sites[parent['feed']]}/{original}"
    community, _, dossier = (own.pop("lead", None) or "").partition("/")
    rel = dict(own.pop("rel", None) or {})
    if community:
        rel = {community: 3, **rel}
    own["path"] = own.get("path") or f"{sites[own['feed']]}/{own['id']}"
    if own.get("guid"):
        own |= {"path": "", "page": "none"}
    own["tags"] = tuple(own.get("tags", ()))
    own["title"] = own["title"].strip()
    own["summary"] = " ".join(own["summary"].split())
    item = SampleItem(lead=community or None, dossier=dossier or None, rel=rel, **own)
    relation = original or told
    return replace(
        item,
        group=relation or item.group or item.id,
        role="copy" if original else "story" if told else "representative",
    )


def gold(folder: Path = SAMPLES) -> list[dict[str, Any]]:
    """What we expect of each item (interface.md: Gold, plus ``key``, ``group`` and ``role``), placeholders kept."""
    names = {source.id: source.name for source in load_sources(folder)}
    lines = []
    for item in load_items(folder):
        when, _, place = (item.event or "").partition(" ")
        start, _, length = when.partition(">")
        lines.append(
            {
                "id": f"{item.feed}/{item.id}",
                "key": item.path or item.guid,
                "title": item.title,
                "text": item.summary,
                "url": "{{BASE}}" + item.path if item.path else "",
                "source": names[item.feed],
                "date": f"{{{{{item.day}}}}}" if item.dated else "",
                "rel": dict(item.rel),
                "lead": item.lead,
                "dossier": item.dossier,
                "kind": item.kind,
                "event": None
                if not item.event
                else {
                    "start": f"{{{{{start}}}}}",
                    "end": f"{{{{{when}}}}}" if length else None,
                    "place": place or None,
                },
                "deadline": f"{{{{{item.deadline}}}}}" if item.deadline else None,
                "group": item.group,
                "role": item.role,
            }
        )
    return lines


def gold_lines(folder: Path = SAMPLES) -> str:
    """The text of ``samples/gold.jsonl``."""
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in gold(folder))


def newsletters(folder: Path, today: date, base: str) -> dict[str, bytes]:
    """File name -> message. The samples are readable (8bit); the mail leaves in quoted-printable, as most do."""
    variables = item_variables(folder, today, base)
    mails: dict[str, bytes] = {}
    for file in sorted((folder / "newsletters").glob("*.eml")):
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        for name in ("Date", "Subject"):
            value = expand(str(message[name]), today, base)
            del message[name]
            message[name] = value
        for part in message.walk():
            if part.get_content_maintype() == "text":
                text = expand(part.get_content(), today, base, variables)
                part.set_content(text, subtype=part.get_content_subtype(), charset="utf-8", cte="quoted-printable")
        mails[file.name] = message.as_bytes()
    return mails


def item_variables(folder: Path, today: date, base: str) -> dict[str, str]:
    """What raw files may name of an item: ``title:ID``, ``summary:ID``, ``cite:ID`` (escaped for XML),
    ``date:ID`` (RFC 822), ``path:ID``, ``url:ID`` and ``quoted:ID`` (the address, percent-encoded)."""
    known: dict[str, str] = {}
    for item in load_items(folder):
        known[f"title:{item.id}"] = html.escape(expand(item.title, today, base), quote=False)
        known[f"summary:{item.id}"] = html.escape(expand(item.summary, today, base), quote=False)
        known[f"date:{item.id}"] = format_days(f"{item.day} rfc822 {item.hour}", today)
        known[f"cite:{item.id}"] = html.escape(expand(item.cite, today, base), quote=False)
        known[f"path:{item.id}"] = expand(item.path, today, base)
        known[f"url:{item.id}"] = base + expand(item.path, today, base)
        known[f"quoted:{item.id}"] = quote(base + expand(item.path, today, base), safe="")
    return known
