"""How well events, dates, deadlines and kinds are read: one JSON line per measure, then every fault on stderr.

    python -m bench.dates FOLDER [--deadlines LABELS.jsonl...] [--faults]

FOLDER holds ``events-dev.jsonl``, ``date-phrases-dev.jsonl``, ``gold-dev.jsonl`` and ``corpus.jsonl.gz``; a missing
file skips its measures. LABELS: one ``{"id", "deadline", "also"}`` per line (``deadline`` null where none is stated;
``also``, optional, lists answers that are right too), with an id of the corpus or an item of its own.

**What counts as stated.** ``_states`` says it without the reader that is measured: the number of the day stands before
the name of its month with nothing but other days, weekdays and small words between (« 3, 4 et 5 mars »,
« du lundi 3 au jeudi 6 mars »), or the day is written in figures (« 5/03 », « 2026-03-05 »).

**Which phrases an announcement could contain** (``announceable``): those that name a day, a week, a month, a season
or a feast, by themselves or from the day of publication (« ce soir », « lundi prochain », « fin mars »). Left out:
hours without a day (« vers 15 heures », « en fin de matinée »), lengths of time counted from the moment of speaking
(« dans deux minutes », « 3 prochaines heures », « il y a trois semaines »), and what only makes sense inside a story
(« la veille », « le jour d'avant », « mardi d'après », « plus tard »).
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from curation.decide.kinds import describe
from curation.decide.phrases import resolve_phrase
from curation.french_calendar import DAY_NAMES, FULL_MONTHS
from curation.types import Event, Item
from flows.as_json import item_from

Record = dict[str, Any]
_PARIS = ZoneInfo("Europe/Paris")
#: Days before the event from which an undated item is read: announcements precede.
_BEFORE = timedelta(days=30)


def main() -> None:
    """Every measure of the folder, in order."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--deadlines", type=Path, nargs="*", default=[])
    parser.add_argument("--faults", action="store_true", help="tell every fault on stderr")
    arguments = parser.parse_args()
    folder: Path = arguments.folder
    told = _told if arguments.faults else _silent
    corpus = {row["id"]: row for row in _rows(folder / "corpus.jsonl.gz")}
    events = list(_rows(folder / "events-dev.jsonl"))
    if events:
        _events(events, corpus, told)
    phrases = list(_rows(folder / "date-phrases-dev.jsonl"))
    if phrases:
        _phrases(phrases, told)
    gold = list(_rows(folder / "gold-dev.jsonl"))
    if gold:
        _gold(gold, told)
    for labels in arguments.deadlines:
        _deadlines(labels.name, list(_rows(labels)), corpus, told)


Told = Callable[[str], None]


def _told(fault: str) -> None:
    sys.stderr.write(fault + "\n")


def _silent(fault: str) -> None:
    del fault


def _rows(path: Path) -> Iterator[Record]:
    if not path.exists():
        return
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    yield from (json.loads(line) for line in content.decode("utf-8").split("\n") if line.strip())


def _say(measure: str, **figures: Any) -> None:
    shown = {name: round(value, 3) if isinstance(value, float) else value for name, value in figures.items()}
    sys.stdout.write(json.dumps({"measure": measure, **shown}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


# --- events -----------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.lower())
    return re.sub(r"\s+", " ", "".join(c for c in bare if not unicodedata.combining(c))).replace("’", "'")


_BETWEEN = rf"(?:[\s,/–-]|\b(?:et|au|a|le|les|du|jusqu'au|puis|ou|{'|'.join(DAY_NAMES)}|1er|[0-9]{{1,2}})\b)*"


def _states(text: str, day: date) -> bool:
    """Whether ``text`` writes the day and the month of ``day``; see the module docstring."""
    month = "|".join(sorted((name for name, n in FULL_MONTHS.items() if n == day.month), key=len, reverse=True))
    number = r"(?:1er|0?1)" if day.day == 1 else f"0?{day.day}"
    written = rf"(?<![0-9]){number}(?![0-9]){_BETWEEN}\s?(?:{month})\b"
    figures = rf"(?<![0-9]){number}[/.]0?{day.month}(?![0-9])|{day.year}-0?{day.month}-{number}(?![0-9])"
    whole = rf"tout le mois d(?:e |')(?:{month})" if day.day == 1 else r"(?!)"
    return re.search(f"{written}|{figures}|{whole}", _plain(text)) is not None


def _local_day(value: str) -> date:
    """An ISO time in UTC -> its day in Paris; a bare day is kept."""
    if "T" not in value:
        return date.fromisoformat(value)
    return datetime.fromisoformat(value).astimezone(_PARIS).date()


def _place_of(date_text: str) -> str | None:
    """The place that an agenda's own line names: « du 5 au 7 avril à Halle aux grains », « Halle aux grains, le … »."""
    after = re.search(r"[0-9]{4}|(?:janv|f[ée]v|mars|avril|mai|juin|juil|ao[uû]t|sept|oct|nov|d[ée]c)\w*", date_text)
    tail = re.search(r"\sà (?![0-9]{1,2}[:h])(.+)$", date_text)
    if after and tail and tail.start() > after.start():
        return tail.group(1)
    head = re.match(rf"(.+?), le (?:{'|'.join(DAY_NAMES)})\b", date_text)
    return head.group(1) if head else None


def _same_place(said: str | None, right: str) -> bool:
    """One contains the other: « Maison des associations, Tours » is « Maison des associations »."""
    if not said:
        return False
    a, b = (re.sub(r"[^a-z0-9]+", " ", _plain(p)).strip() for p in (said, right))
    return bool(a) and (a in b or b in a)


def _events(rows: list[Record], corpus: dict[str, Record], told: Told) -> None:
    for name, appended, known in (
        ("title and text", False, True),
        ("date line appended", True, True),
        ("date line appended, source and address unknown", True, False),
    ):
        count: Counter[str] = Counter()
        for row in rows:
            first, last = _local_day(row["first_begin"]), _local_day(row["last_end"])
            text = f"{row['text']}\n{row['date_text']}" if appended else row["text"]
            real = corpus.get(f"openagenda/{row['id']}", {})
            read_on = real.get("date") or (first - _BEFORE).isoformat()
            about = {"source": row["source"], "url": real.get("url", "")} if known else {}
            nature = describe(
                item_from({"id": row["id"], "title": row["title"], "text": text, "date": read_on, **about})
            )
            event = nature.event or Event()
            whole = f"{row['title']}\n{text}"
            stated = _states(whole, first)
            got = (event.start, event.end or event.start)
            count["stated"] += stated
            count["start"] += stated and got[0] == first
            count["unstated"] += not stated
            count["start_where_unstated"] += not stated and got[0] is not None
            if stated and _states(whole, last):
                count["end_stated"] += 1
                count["end"] += got[1] == last
            place = _place_of(row["date_text"])
            if place and not appended and _plain(place) not in _plain(whole):
                place = None
            if place:
                count["place_stated"] += 1
                count["place"] += _same_place(event.place, place)
            if (stated and got[0] != first) or (place and not _same_place(event.place, place)):
                told(
                    f"[{name}] {row['id']} {first}..{last} {place!r}: {nature.verdict.kind} {event} | {whole[-300:]!r}"
                )
            elif not stated and got[0]:
                told(f"[{name}] unstated {row['id']} {first}..{last}: {event} | {whole[-400:]!r}")
        _say(
            f"events, {name}",
            starts_right=count["start"] / max(1, count["stated"]),
            ends_right=count["end"] / max(1, count["end_stated"]),
            places_right=count["place"] / count["place_stated"] if count["place_stated"] else None,
            **count,
        )


# --- phrases ----------------------------------------------------------------------------------------

_LENGTH = re.compile(
    r"\b(?:secondes?|minutes?|min)\b|\bdans (?:\w+|[0-9]+) ?(?:heures?|jours?|semaines?|mois|ans?|annees?|\")"
    r"|\bil y a\b|\b(?:prochaine?s|derni[a-z]*es|suivante?s)\b|\bheures? suivante|\bdans 1\""
)
_STORY = re.compile(
    r"\b(?:la veille|le jour precedent|jour d'avant|un jour apres|d'apres|suivante?|plus tard$|en ce moment)\b"
)
_NAMES_DAYS = re.compile(
    rf"\b(?:{'|'.join((*DAY_NAMES, *FULL_MONTHS))}|janv|fevr?|avr|juil?|sept|oct|nov|dec|lun|mar|mer|jeu|ven|sam|dim"
    r"|aujourd'hui|ce jour|demain|hier|avant-hier|ce soir|cet apres-midi|ce matin|semaines?|week-?end|mois|annees?|noel"
    r"|toussaint|hiver|ete|printemps|automne|quinzaine|trimestre|semestre)\b"
    r"|[0-9]{1,4}[/-][0-9]{1,2}|^(?:le )?[0-9]{1,2} [0-9]{1,2}(?: [0-9]{2,4})?$|^(?:le|du|a partir du"
    r"|entre le) [0-9]{1,2}"
)


def announceable(phrase: str) -> bool:
    """Whether a written announcement could use these words to say when; see the module docstring."""
    plain = _plain(phrase)
    return bool(_NAMES_DAYS.search(plain)) and not _LENGTH.search(plain) and not _STORY.search(plain)


def _moment(value: str) -> datetime:
    """A label; month or day 00 is the first."""
    day, clock = value.split("T")
    year, month, number = (int(part) for part in day.split("-"))
    hour, minute, second = [*map(int, clock.split(":")), 0, 0][:3]
    return datetime(year, max(1, month), max(1, number), hour, minute, second)


def _phrases(rows: list[Record], told: Told) -> None:
    count: Counter[str] = Counter()
    for row in rows:
        reference = datetime.fromisoformat(row["reference"]).replace(tzinfo=None)
        values = [_moment(value) for value in row["values"]]
        span = resolve_phrase(row["text"], reference)
        # the labels end an interval of minutes one minute late
        right = span is not None and span[0] == values[0]
        right = right and (len(values) == 1 or span[1] in (values[1], values[1] - timedelta(minutes=1)))  # type: ignore[index]
        count["phrases"] += 1
        count["right"] += right
        if not announceable(row["text"]):
            if not right:
                told(f"[phrase, set apart] {row['text']!r} {row['values']}: {span}")
            continue
        count["announceable"] += 1
        count["announceable_right"] += right
        if not right:
            told(f"[phrase] {row['text']!r} {row['values']}: {span}")
        for carrier, text in (
            ("label", f"Rencontre ouverte à tous.\nDate : {row['text']}\nEntrée libre."),
            ("sentence", f"La réunion aura lieu {row['text']} et sera suivie d'un échange. Entrée libre."),
        ):
            nature = describe(Item("x", "Réunion d'information sur les mobilités", text, date=reference.date()))
            event = nature.event or Event()
            last = (values[1] - timedelta(minutes=1)).date() if len(values) == 2 and row["grain"] == "Day" else None
            good = event.start == values[0].date() and (last is None or (event.end or event.start) == last)
            count[f"announced_{carrier}"] += good
            if not good:
                told(f"[announced, {carrier}] {row['text']!r} {row['values']}: {nature.verdict.kind} {event}")
    some = count["announceable"]
    _say("phrases, all", right=count["right"] / count["phrases"], phrases=count["phrases"])
    _say("phrases, announceable", right=count["announceable_right"] / some, phrases=some)
    for carrier in ("label", "sentence"):
        _say(
            f"phrases, read inside an announcement ({carrier})",
            right=count[f"announced_{carrier}"] / some,
            phrases=some,
        )


# --- gold: kinds, events, deadlines -----------------------------------------------------------------


def _gold(rows: list[Record], told: Told) -> None:
    right = 0
    confusion: Counter[tuple[str, str]] = Counter()
    count: Counter[str] = Counter()
    for row in rows:
        nature = describe(item_from(row))
        said = nature.verdict.kind.value
        good = said in (row["kind"], *row.get("kind_alt", ()))
        right += good
        confusion[row["kind"], row["kind"] if good else said] += 1
        if not good:
            told(f"[kind] {row['kind']} said {said} ({nature.verdict.score:.2f}): {row['title']!r} {row['source']!r}")
        label = row.get("event")
        event = nature.event
        if label is not None:
            for part in ("start", "end", "place"):
                value = getattr(event, part) if event else None
                found = value.isoformat() if isinstance(value, date) else value
                wanted = label[part]
                same = found == wanted if part != "place" or not wanted else _same_place(found, wanted)
                count[f"{part}s"] += wanted is not None
                count[f"{part}s_right"] += wanted is not None and same
                count[f"{part}s_invented"] += wanted is None and found is not None
                if not same:
                    told(f"[gold {part}] {wanted!r} said {found!r}: {row['title']!r} {row['text'][:200]!r}")
        count["events_missed"] += label is not None and event is None
        count["events_invented"] += label is None and event is not None and "event" not in row.get("kind_alt", ())
        if nature.deadline is not None and nature.deadline.isoformat() != row.get("deadline"):
            count["deadlines_to_read"] += 1
            told(f"[gold deadline] {nature.deadline}: {row['title']!r} | {row['text'][:1500]!r}")
    _say("gold, kind", accuracy=right / len(rows), items=len(rows))
    kinds = sorted({k for pair in confusion for k in pair})
    for kind in kinds:
        _say(f"gold, kind {kind}", **{other: confusion[kind, other] for other in kinds if confusion[kind, other]})
    _say("gold, events and deadlines", **count)


# --- deadlines --------------------------------------------------------------------------------------


def _deadlines(name: str, labels: list[Record], corpus: dict[str, Record], told: Told) -> None:
    count: Counter[str] = Counter()
    for label in labels:
        row = label if "text" in label else corpus[label["id"]]
        found = describe(item_from(row)).deadline
        said = found.isoformat() if found else None
        accepted = {label["deadline"], *label.get("also", ())}
        count["items"] += 1
        count["stated"] += label["deadline"] is not None
        count["said"] += said is not None
        count["right"] += said is not None and said in accepted
        count["found"] += said is not None and said in accepted and label["deadline"] is not None
        count["right_none"] += said is None and None in accepted
        if said not in accepted:
            told(f"[deadline {name}] {label['deadline']} said {said}: {row['id']} {row['title']!r} ({row['date']})")
    _say(
        f"deadlines, {name}",
        precision=count["right"] / max(1, count["said"]),
        recall=count["found"] / max(1, count["stated"]),
        **count,
    )


if __name__ == "__main__":
    main()
