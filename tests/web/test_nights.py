"""The nights: a list with charts and their tables, one report in full, and a night in one sentence."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from curation.store.store import Store
from curation.types import Cause, Failure, RunReport
from curation.web.sentences import duration, night_sentence
from tests.web.conftest import NOW, Browser

NIGHT = RunReport(
    NOW, NOW + timedelta(minutes=3), sources=45, sources_due=43, entries_new=1157, articles_new=150, drafts_new=107,
    duplicates=7, failures={"dns": 1, "paywall": 3}, durations={"sources": 1.3, "encode": 58.0, "total": 178.4},
    drafts_by_community={"tourisme": 60, "transition-ecologique": 40, "ancienne": 7},
)  # fmt: skip
FAILURES = [
    ("lettre", Failure(Cause.DNS, "https://exemple.fr/rss")),
    ("partie", Failure(Cause.DNS, "https://ailleurs.exemple/rss")),
    (None, Failure(Cause.PAYWALL, "https://exemple.fr/<script>alert(1)</script>")),
    (None, Failure(Cause.PAYWALL, "javascript:alert(1)")),
]


def play(store: Store, report: RunReport = NIGHT) -> int:
    run = store.start_run(replace(report, finished=None))
    store.add_failures(run, FAILURES)
    store.finish_run(run, replace(report, failures=dict(Counter(f.cause.value for _, f in FAILURES))))
    return run


def test_a_night_in_one_sentence() -> None:
    assert night_sentence(NIGHT, 2) == (
        "Cette nuit, 41 sources sur 43 ont répondu : 1\u202f157 nouvelles entrées, 107 nouveaux brouillons, "
        "2 pages illisibles."
    )


@pytest.mark.parametrize(
    ("report", "failed", "expected"),
    [
        (NIGHT, None, "43 sources interrogées"),
        (NIGHT, 0, "les 43 sources interrogées ont répondu"),
        (NIGHT, 43, "aucune des 43 sources n’a répondu"),
        (NIGHT, 42, "1 source sur 43 a répondu"),
        (replace(NIGHT, sources_due=1), 0, "la source interrogée a répondu"),
        (replace(NIGHT, sources_due=1), 1, "la source interrogée n’a pas répondu"),
        (replace(NIGHT, sources_due=0), 0, "aucune source n’était à interroger"),
        (replace(NIGHT, entries_new=0, drafts_new=0), 0, "rien de nouveau"),
        (replace(NIGHT, entries_new=1, drafts_new=1), 0, ": 1 nouvelle entrée, 1 nouveau brouillon"),
        (replace(NIGHT, resumed=True), 0, "nuit interrompue"),
        (replace(NIGHT, finished=None), None, "en cours, ou elle a été interrompue"),
    ],
)
def test_every_sort_of_night_has_its_sentence(report: RunReport, failed: int | None, expected: str) -> None:
    assert expected in night_sentence(report, failed)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.04, "0 s"),
        (0.42, "0,4 s"),
        (9.97, "10 s"),
        (43.4, "43 s"),
        (59.7, "1 min"),
        (178.4, "2 min 58 s"),
        (3900, "1 h 05 min"),
    ],
)
def test_durations_as_people_say_them(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


def test_the_list_has_charts_with_their_tables(lea: Browser, store: Store) -> None:
    play(store)
    text = lea.see("/nuits")
    assert text.count('role="img"') == 4
    assert len(re.findall(r"<svg[^>]*>.*?</svg>", text, re.DOTALL)) == 4
    for table in ("Contenus par nuit", "Échecs par nuit", "Brouillons en attente au matin", "Échecs par cause"):
        assert f'<caption class="hidden">{table}</caption>' in text
    identities = re.findall(r'\sid="([^"]+)"', text)
    assert len(identities) == len(set(identities))
    assert "style=" not in text
    assert "2 min 58 s" in text
    assert "1\u202f157" in text
    assert "ancienne" in text  # a community that is not configured any more keeps its id


def test_one_night_explains_what_failed(lea: Browser, store: Store) -> None:
    run = play(store)
    text = lea.see(f"/nuits/{run}")
    assert "Nuit du vendredi 20 novembre 2026" in text
    assert text.count("<h3>Site introuvable") == 1  # once for both sources
    assert "La Lettre du littoral" in text
    assert "n’est plus surveillée" in text  # a source deleted since
    assert "Article réservé aux abonnés" in text
    assert "Comprendre le sens des articles" in text
    assert 'href="javascript:' not in text
    assert "<script>alert" not in text
    assert "{site}" not in text


def test_a_killed_night_and_the_first_one(lea: Browser, store: Store) -> None:
    first = store.start_run(RunReport(NOW))
    assert "en cours ou interrompue" in lea.see("/nuits")
    assert "en cours, ou elle a été interrompue" in lea.see(f"/nuits/{first}")
    play(store, replace(NIGHT, resumed=True))
    assert "Cette nuit-là s’est interrompue" in lea.see(f"/nuits/{first}")
    assert "reprise" in lea.see("/nuits")


def test_nothing_yet(lea: Browser, store: Store) -> None:
    store.db.execute("DELETE FROM runs")
    store.db.conn.commit()
    text = lea.see("/nuits")
    assert "Aucune nuit encore" in text
    assert "<svg" not in text


def test_older_nights_are_one_page_away(lea: Browser, store: Store) -> None:
    for n in range(40):
        report = replace(NIGHT, started=NOW - timedelta(days=50 - n))
        store.finish_run(store.start_run(report), report)
    text = lea.see("/nuits")
    older = re.search(r'href="(/nuits\?avant=\d+)"', text)
    assert older
    assert lea.see(older[1]).count('<th scope="row"><a') == 11  # 40 and the night of the fixture, less 30
    for odd in ("abc", "-1", "9" * 30):
        lea.see(f"/nuits?avant={odd}")
    assert "pas de nuit plus ancienne" in lea.see("/nuits?avant=1")


@pytest.mark.parametrize("path", ["/nuits/999", "/nuits/99999999999999999999999"])
def test_an_unknown_night(lea: Browser, path: str) -> None:
    assert "Nuit inconnue" in lea.see(path, 404)
