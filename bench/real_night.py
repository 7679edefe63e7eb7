"""Whole nights over folders of real feed files served on loopback.

    python -m bench.real_night FOLDER...              two nights: nothing lost, the second adds nothing
    python -m bench.real_night --kills 10 FOLDER...   SIGKILL at random moments, then compare the final states

Article pages are not served: every draft is made of the feeds' own text. Exit 1 when a promise is broken.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.command import Ran, veille, write_config
from bench.loopback import Loopback

FIRST, SECOND = "2026-09-02T04:00:00Z", "2026-09-03T04:00:00Z"
#: Tables of the final state, and columns left out: what the network said of a page is not part of it.
TABLES = {
    "entries": (),
    "articles": ("failure", "added"),
    "vectors": (),
    "fingerprints": (),
    "judgements": (),
    "classifications": (),
    "duplicates": (),
    "drafts": (),
}


def main() -> int:
    """Run what the arguments ask; one JSON line per measure on stdout."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--kills", type=int, default=0, help="how many runs to kill")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--state", type=Path, help="keep everything here (default: a temporary folder)")
    arguments = parser.parse_args()
    files = {
        f"{folder.name.lower()}-{n:03}": path
        for folder in arguments.folders
        for n, path in enumerate(sorted(p for p in folder.iterdir() if p.is_file()))
    }
    if not files:
        parser.error("no file in these folders")
    work = arguments.state or Path(tempfile.mkdtemp(prefix="veille-night-"))
    try:
        with Loopback({f"/{identity}": path.read_bytes() for identity, path in files.items()}) as site:
            faults = _kills(work, site, files, arguments) if arguments.kills else _nights(work, site, files)
    finally:
        if arguments.state is None:
            shutil.rmtree(work, ignore_errors=True)
    for fault in faults:
        sys.stderr.write(f"FAULT {fault}\n")
    return bool(faults)


def _config(folder: Path, site: Loopback, files: dict[str, Path]) -> Path:
    sources = [{"id": i, "name": path.stem[:80], "url": site.url(f"/{i}")} for i, path in files.items()]
    return write_config(folder, site.host, sources)


def _nights(work: Path, site: Loopback, files: dict[str, Path]) -> list[str]:
    faults: list[str] = []
    config = _config(work, site, files)
    database = work / "state" / "veille.db"
    first = veille(config, "nightly", "--json", "--now", FIRST)
    _tell("first night", first, {"answers": dict(site.answers), "files": len(files)})
    faults += _noise(first)
    with closing(sqlite3.connect(database)) as db:
        holding = dict(db.execute("SELECT source, count(*) FROM entries GROUP BY source").fetchall())
        failed = {s: (c, f) for s, c, f in db.execute("SELECT source, cause, failure FROM failures WHERE source <> ''")}
        alone = db.execute("SELECT count(*) FROM entries WHERE article IS NULL").fetchone()[0]
    for identity, path in files.items():
        if identity not in holding:
            if identity in failed:
                sys.stderr.write(f"{path.parent.name}/{path.name}: {failed[identity][0]}\n")
            else:
                faults.append(f"{path.parent.name}/{path.name}: neither entries nor a failure")
    if alone:
        faults.append(f"{alone} entries without article")
    before = _state(database)
    site.answers.clear()
    second = veille(config, "nightly", "--json", "--now", SECOND)
    _tell("second night", second, {"answers": dict(site.answers)})
    faults += _noise(second)
    report = second.report
    faults += [
        f"second night: {key} = {report[key]}"
        for key in ("entries_new", "articles_new", "duplicates", "drafts_new")
        if report[key]
    ]
    after = _state(database)
    # drafts are ranked again every night (freshness): only their being there is compared
    faults += [f"second night: {d}" for t in TABLES if t != "drafts" for d in _differences(t, before[t], after[t])]
    return faults


def _kills(work: Path, site: Loopback, files: dict[str, Path], arguments: argparse.Namespace) -> list[str]:
    faults: list[str] = []
    dice = random.Random(arguments.seed)
    calm = work / "undisturbed"
    _tell("undisturbed", veille(_config(calm, site, files), "nightly", "--json", "--now", FIRST), {"files": len(files)})
    expected = _state(calm / "state" / "veille.db")
    kills = chain = 0
    while kills < arguments.kills:
        chain += 1
        folder = work / f"killed-{chain}"
        config = _config(folder, site, files)
        for part in ("encoders", "prototypes"):  # building them again would only cost time
            shutil.copytree(calm / "state" / part, folder / "state" / part)
        while True:
            moment = _moment(folder, {t: len(rows) for t, rows in expected.items()}, dice)
            ran = veille(
                config, "nightly", "--json", "--now", FIRST, kill_when=moment if kills < arguments.kills else None
            )
            if ran.status is not None:
                break
            kills += 1
            _print({"kill": kills, "chain": chain, "after_s": round(ran.seconds, 2), "stored": _counts(folder)})
        report = ran.report
        found = _state(folder / "state" / "veille.db")
        different = [d for t in TABLES for d in _differences(t, expected[t], found[t])]
        faults += [f"chain {chain}: {d}" for d in different]
        _print({"chain": chain, "resumed": report["resumed"], "differences": len(different)})
    return faults


def _moment(folder: Path, expected: dict[str, int], dice: random.Random) -> Callable[[], bool] | None:
    """A random moment of a night: a table not yet full, a number of rows it reaches, then up to a second more.

    One night in ten is killed while it starts, whatever it has done. Counting rows instead of seconds spreads the
    kills over every step on slow and fast machines alike. None: nothing is left to be done.
    """
    stored = _counts(folder)
    open_tables = [t for t, n in expected.items() if stored.get(t, 0) < n]
    started = time.monotonic()
    if dice.random() < 0.1:
        wait = dice.uniform(0.0, 10.0)
        return lambda: time.monotonic() - started >= wait
    if not open_tables:
        return None
    table = dice.choice(open_tables)
    rows, more = dice.randint(stored.get(table, 0), expected[table] - 1), dice.uniform(0.0, 1.0)
    reached: list[float] = []

    def now() -> bool:
        if not reached and _counts(folder).get(table, 0) > rows:
            reached.append(time.monotonic())
        return bool(reached) and time.monotonic() - reached[0] >= more

    return now


def _state(database: Path) -> dict[str, dict[Any, dict[str, Any]]]:
    """Table -> key -> row, without the columns left out."""
    result = {}
    with closing(sqlite3.connect(database)) as db:
        db.row_factory = sqlite3.Row
        for table, without in TABLES.items():
            keys = [r["name"] for r in db.execute(f"PRAGMA table_info({table})") if r["pk"]]
            rows = [{k: r[k] for k in r.keys() if k not in without} for r in db.execute(f"SELECT * FROM {table}")]  # noqa: SIM118
            result[table] = {tuple(row[k] for k in keys): row for row in rows}
    return result


def _differences(table: str, one: dict[Any, dict[str, Any]], other: dict[Any, dict[str, Any]]) -> list[str]:
    told = [f"{table}: {key} only in one state" for key in sorted(one.keys() ^ other.keys())]
    for key in sorted(one.keys() & other.keys()):
        columns = [c for c, v in one[key].items() if other[key][c] != v]
        if columns:
            pairs = [(str(one[key][c])[:80], str(other[key][c])[:80]) for c in columns]
            told.append(f"{table}: {key} differs in {dict(zip(columns, pairs, strict=True))}")
    return told


def _counts(folder: Path) -> dict[str, int]:
    database = folder / "state" / "veille.db"
    if not database.exists():
        return {}
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True, timeout=30)) as db:
        there = {r[0] for r in db.execute("SELECT name FROM sqlite_master")}
        return {t: db.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in TABLES if t in there}


def _noise(ran: Ran) -> list[str]:
    return [f"on stderr: {ran.err[-500:]}"] if "Traceback" in ran.err else []


def _tell(name: str, ran: Ran, more: dict[str, Any]) -> None:
    report = ran.report
    drop = ("started", "finished")
    told = {k: v for k, v in report.items() if k not in drop}
    _print({name: {"wall_s": round(ran.seconds, 1), "peak_mib": round(ran.peak_mib), **more, **told}})


def _print(content: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
