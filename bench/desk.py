"""The desk under load: 100,000 waiting drafts, two people on one queue, a night on the same database.

    python -m bench.desk [--drafts 100000] [--verdicts 1000] [--state FOLDER]

``veille desk`` and ``veille nightly`` run as their own processes. Each page is asked for many times, first while
nothing else happens, then while nights follow one another (each on a new ``flows.demo_server``, whose articles are
all new to it); then two people review one queue at once. Every verdict that the desk
acknowledged must stand in ``reviews`` once, and nothing else. Client and desk share the machine.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench.command import write_config
from bench.desk_people import Browser, Told, review
from bench.desk_seed import SOURCES, seed
from curation.config import Settings, load_settings
from curation.decide.review import SILENT, state_of
from curation.store.store import Store
from curation.types import Act, Review

PEOPLE = ("lea", "tom")
COMMUNITY = "tourisme"
WORDS = ("taxe de séjour", "friches", "budget participatif Rochebelle", "conseillers numériques", "voie verte")


def main() -> None:
    """One JSON object on stdout; exit status 1 when a verdict was lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drafts", type=int, default=100_000)
    parser.add_argument("--recent", type=int, default=5000, help="drafts that each night ranks and writes again")
    parser.add_argument("--verdicts", type=int, default=1000)
    parser.add_argument("--times", type=int, default=60, help="requests for each page")
    parser.add_argument("--patience", type=float, default=600, help="seconds to wait for the end of a night")
    parser.add_argument("--state", type=Path, help="folder kept for another run; seeded when it is empty")
    parser.add_argument("--encoder", type=Path, help="a state folder that holds the built encoder (spares its build)")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.folder:  # the process that makes nights
        _nights(arguments.folder)
        return
    with tempfile.TemporaryDirectory(prefix="veille-bench-") as name:
        folder = arguments.state or Path(name)
        config = write_config(folder, "127.0.0.1:9", [])
        settings = load_settings(config)
        seeding = _seed(settings, arguments)
        with Store(settings.database) as store:
            waiting = sum(store.queue_sizes().values())
        told: dict[str, Any] = {"waiting": waiting, "seed_s": seeding, "load_before": os.getloadavg()[0]}
        with _desk(config) as port:
            told["quiet"] = _pages(port, settings, arguments.times)
            with _night(folder) as nights:
                # a whole night at least: each of its steps weighs in its own way
                end = time.monotonic() + arguments.patience
                told["during_nights"] = _pages(
                    port, settings, arguments.times, lambda: bool(nights()) or time.monotonic() > end
                )
                told["two_people_during_nights"], wrong = _two_people(port, settings, arguments.verdicts)
            told["nights"] = nights()
    sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    if wrong:
        sys.exit(f"{len(wrong)} faults, the first: {wrong[0]}")


def _seed(settings: Settings, arguments: argparse.Namespace) -> float:
    if settings.database.exists():
        return 0.0
    from flows.judge import judge_for, plan_of

    if arguments.encoder:
        for name in ("encoders", "prototypes"):
            shutil.copytree(arguments.encoder / name, settings.state / name, dirs_exist_ok=True)
    started = time.monotonic()
    now = datetime.now(UTC).replace(microsecond=0)
    seed(settings, judge_for(plan_of(settings)), PEOPLE, arguments.drafts, arguments.recent, now)
    return round(time.monotonic() - started, 1)


@contextmanager
def _desk(config: Path) -> Iterator[int]:
    """``veille desk`` on a free port, until the context ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "flows.cli", "--config", str(config), "desk", "--port", str(port)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


@contextmanager
def _night(folder: Path) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Nights, one after the other, in another process; the value gives what those that ended did."""
    log, stop = folder / "nights.jsonl", folder / "stop"
    log.unlink(missing_ok=True)
    stop.unlink(missing_ok=True)
    process = subprocess.Popen([sys.executable, "-m", "bench.desk", "--folder", str(folder)], start_new_session=True)
    time.sleep(8)  # the engine starts
    try:
        yield lambda: [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    finally:
        stop.touch()
        try:
            process.wait(300)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _nights(folder: Path) -> None:
    """Make nights until told to stop."""
    from flows.demo_server import DemoServer

    with (folder / "nights.jsonl").open("a") as log:
        while not (folder / "stop").exists():
            with DemoServer() as server:
                more = {"state": str(folder / "state"), "harvest_every_hours": 0}
                # sources of another name: what they bring is new to the store
                sources = [{**s, "id": f"{s['id']}-{time.time_ns()}"} for s in server.sources(broken=False)]
                config = write_config(folder / "night", "127.0.0.1", sources, **more)
                command = [sys.executable, "-m", "flows.cli", "--config", str(config), "nightly", "--json"]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                sys.stderr.write(done.stderr[-2000:])
                return
            report = json.loads(done.stdout)
            kept = {k: report[k] for k in ("entries_new", "articles_new", "drafts_new", "durations")}
            log.write(json.dumps(kept) + "\n")
            log.flush()


def _pages(port: int, settings: Settings, times: int, enough: Callable[[], bool] = lambda: True) -> dict[str, Any]:
    """Each page asked for ``times`` times and until ``enough``, by one person, in an order that mixes them."""
    with Store(settings.database) as store:
        rows = store.db.query(
            "SELECT score, article FROM drafts WHERE community = ? AND waiting ORDER BY score DESC, article",
            [COMMUNITY],
        )
        queue = [(r["score"], r["article"]) for r in rows]
    dice, browser = random.Random(7), Browser(port)
    browser.log_in(PEOPLE[0])
    dossiers = [d for d in _dossiers(browser) if d]
    browser.took.clear()
    asked_times = 0
    while asked_times < times or not enough():
        asked_times += 1
        score, article = dice.choice(queue[len(queue) // 2 :])
        word, source = quote(dice.choice(WORDS)), quote(f"Source inventée n° {dice.randint(0, SOURCES - 1)}")
        asked = {
            "matin": "/",
            "file, page 1": f"/file/{COMMUNITY}",
            "file, page profonde": f"/file/{COMMUNITY}?apres={score}~{article}",
            "file, récents": f"/file/{COMMUNITY}?tri=recent",
            "file, échéance": f"/file/{COMMUNITY}?tri=deadline",
            "file, dossier et type": f"/file/{COMMUNITY}?type=news&dossier={dice.choice(dossiers)}",
            "file, source et score": f"/file/{COMMUNITY}?source={source}&score=40",
            "file, mots": f"/file/{COMMUNITY}?q={word}",
            "recherche": f"/recherche?q={word}",
            "relecture": f"/relecture/{COMMUNITY}/{dice.choice(queue)[1]}",
            "contribution": f"/contribution/{COMMUNITY}/{dice.choice(queue)[1]}",
            "journal": "/journal",
            "dossiers": "/dossiers",
            "dossiers d’une communauté": f"/dossiers/{COMMUNITY}",
            "sources": f"/sources?page={dice.randint(1, 5)}",
            "nuits": "/nuits",
            "sondage": f"/sondage/{COMMUNITY}",
            "compte": "/compte",
        }  # fmt: skip
        for kind, path in sorted(asked.items(), key=lambda _: dice.random()):
            status = browser.send(kind, path)
            assert status == 200, (status, path)
    return {kind: _figures(took) for kind, took in sorted(browser.took.items())}


def _dossiers(browser: Browser) -> list[str]:
    browser.send("file", f"/file/{COMMUNITY}")
    filters = re.search(r'<select[^>]*name="dossier".*?</select>', browser.page, re.DOTALL)
    assert filters, browser.page[:500]
    return re.findall(r'<option value="([^"]*)"', filters[0])


def _two_people(port: int, settings: Settings, verdicts: int) -> tuple[dict[str, Any], list[str]]:
    with Store(settings.database) as store:
        first = int(store.db.execute("SELECT max(id) FROM reviews").fetchone()[0] or 0)
    started = time.monotonic()
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(PEOPLE), mp_context=spawn) as pool:
        share = verdicts // len(PEOPLE)
        jobs = [pool.submit(review, port, login, COMMUNITY, share, n) for n, login in enumerate(PEOPLE)]
        heard = {login: job.result() for login, job in zip(PEOPLE, jobs, strict=True)}
    seconds = time.monotonic() - started
    with Store(settings.database) as store:
        rows = store.db.query("SELECT id FROM reviews WHERE id > ? ORDER BY id", [first])
        reviews = [r for row in rows if (r := store.review(row["id"]))]
        wrong = faults(reviews, heard, store)
    took: dict[str, list[float]] = {}
    for told in heard.values():
        for kind, values in told.took.items():
            took.setdefault(kind, []).extend(values)
    return {
        "seconds": round(seconds, 1),
        "kept": sum(len(t.kept) for t in heard.values()),
        "refused": sum(len(t.refused) for t in heard.values()),
        "undone": sum(len(t.undone) for t in heard.values()),
        "faults": len(wrong),
        "pages": {kind: _figures(values) for kind, values in sorted(took.items())},
    }, wrong


def faults(reviews: Sequence[Review], heard: dict[str, Told], store: Store) -> list[str]:
    """What does not agree between the acts recorded and what people were told."""
    wrong: list[str] = []
    left = {r.id: r for r in reviews if r.act not in (Act.FILED, Act.RECEIVED)}
    for login, told in heard.items():
        for identity, article, act, seen in told.kept:
            row = left.pop(identity, None)
            if row is None or (row.reviewer, row.article, row.community, row.act) != (login, article, COMMUNITY, act):
                wrong.append(f"{login} was told {identity} {act} {article}, recorded: {row}")
                continue
            unseen = [
                r
                for r in reviews
                if (r.article, r.community) == (article, COMMUNITY)
                and seen < r.id < identity
                and r.act not in SILENT
                and (r.act is not Act.FILED or r.reviewer != login)
            ]
            if unseen:
                wrong.append(f"{login} decided {identity} without having seen {unseen}")
        for identity in told.undone:
            found = [r for r in left.values() if r.act is Act.UNDONE and r.undoes == identity]
            if len(found) != 1 or found[0].reviewer != login:
                wrong.append(f"{login} undid {identity}, recorded: {found}")
            for r in found:
                left.pop(r.id)
    # what undoing a share takes back at the neighbour's belongs to the undoing
    received = {r.id for r in reviews if r.act is Act.RECEIVED}
    wrong += [f"nobody was told of {r}" for r in left.values() if not (r.act is Act.UNDONE and r.undoes in received)]
    for article, community in {(r.article, r.community) for r in reviews}:
        state = state_of(store.reviews_of(article, community))
        queued = store.draft(article, community)
        if queued is not None and (queued.status, queued.revision) != (state.status, state.revision):
            wrong.append(f"{article} {community}: the queue says {queued.status}, the acts {state.status}")
    return wrong


def _figures(took: list[float]) -> dict[str, float]:
    """Milliseconds."""
    if len(took) < 2:
        return {"n": len(took)}
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    return {"n": len(took), **{f"p{p}": round(cuts[p - 1] * 1000, 1) for p in (50, 95, 99)}}


if __name__ == "__main__":
    main()
