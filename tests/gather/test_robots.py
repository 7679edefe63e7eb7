"""robots.txt: read as RFC 9309 asks, and honoured for pages."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from curation.gather.guard import read_url
from curation.gather.outcome import Fetched
from curation.gather.robots import MAX_CRAWL_DELAY_S, product_token, read_robots
from curation.types import Cause, Failure
from tests.gather.loopback import HANG_UP, PAGE, Clock, Site, answer, fetcher, moved


def allowed(text: str, path: str, status: int = 200) -> bool:
    return read_robots(status, text.encode(), "veille").allow(read_url(f"https://exemple.fr{path}"))


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: autre\nDisallow: /", "/a", True),
        ("User-agent: veille\nDisallow: /prive\n\nUser-agent: *\nDisallow: /", "/a", True),
        ("User-agent: Veille\nDisallow: /prive", "/prive/x", False),
        ("User-agent: veilleur\nDisallow: /", "/a", True),
        ("User-agent: a\nUser-agent: veille\nDisallow: /", "/a", False),
        ("User-agent: a\nUser-agent: b\nDisallow: /\nUser-agent: veille\nDisallow: /x", "/a", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf?x", True),
        ("User-agent: *\nDisallow: /é", "/%C3%A9t%C3%A9", False),
        ("\ufeffuser-agent : * # tous\n disallow : /a # rien", "/a", False),
        ("<!doctype html><html><title>Accueil</title>", "/a", True),
    ],
)
def test_the_longest_rule_of_our_group_decides(text: str, path: str, expected: bool) -> None:
    assert allowed(text, path) is expected


@pytest.mark.parametrize(
    ("status", "expected"), [(200, False), (404, True), (403, True), (401, True), (429, False), (500, False)]
)
def test_the_status_of_the_file_decides(status: int, expected: bool) -> None:
    assert allowed("User-agent: *\nDisallow: /", "/a", status) is expected


def test_a_hostile_file_stays_cheap() -> None:
    agents = "".join(f"User-agent: robot{number % 3000}\n" for number in range(6000))
    rules = "".join(f"Disallow: /{number}{'*a' * 50}\n" for number in range(6000))
    rules_of = read_robots(200, (agents + "User-agent: *\n" + rules + "\xff\x00").encode("latin-1"), "veille")
    assert rules_of.allow(read_url("https://exemple.fr/" + "a" * 2000))


def test_crawl_delay_is_respected_within_reason() -> None:
    assert read_robots(200, b"User-agent: *\nCrawl-delay: 2", "veille").crawl_delay_s == 2
    assert read_robots(200, b"User-agent: *\nCrawl-delay: 86400", "veille").crawl_delay_s == MAX_CRAWL_DELAY_S
    assert read_robots(200, b"User-agent: *\nCrawl-delay: nan", "veille").crawl_delay_s == 0
    assert read_robots(404, b"", "veille").crawl_delay_s == 0


def test_our_name_is_the_product_token() -> None:
    assert product_token("veille/0.1 (+mailto:a@b.fr)") == "veille"
    assert product_token("123") == "veille"


def visit(routes: dict[str, Any], *paths: str, accept: Any = "page", clock: Clock | None = None, **politeness: Any):
    async def scenario():
        async with Site(routes) as site, fetcher(clock, **politeness) as asking:
            found = await asyncio.gather(*(asking.fetch(site.url(path), accept=accept) for path in paths))
            return list(found), site

    return asyncio.run(scenario())


def test_a_page_that_is_forbidden_is_not_asked_and_the_file_is_read_once() -> None:
    routes = {"/robots.txt": answer(b"User-agent: *\nDisallow: /prive"), "/a": answer(PAGE), "/prive/b": answer(PAGE)}
    (page, refused, again), site = visit(routes, "/a", "/prive/b", "/a")
    assert isinstance(page, Fetched)
    assert isinstance(again, Fetched)
    assert isinstance(refused, Failure)
    assert refused.cause is Cause.ROBOTS
    assert sorted(site.paths) == ["/a", "/a", "/robots.txt"]


def test_feeds_and_named_files_do_not_need_leave() -> None:
    routes = {"/robots.txt": answer(b"User-agent: *\nDisallow: /"), "/a": answer(PAGE)}
    (found,), site = visit(routes, "/a", accept="any")
    assert isinstance(found, Fetched)
    assert site.paths == ["/a"]


def test_the_configuration_may_do_without() -> None:
    routes = {"/robots.txt": answer(b"User-agent: *\nDisallow: /"), "/a": answer(PAGE)}
    (found,), _ = visit(routes, "/a", respect_robots=False)
    assert isinstance(found, Fetched)


def test_a_file_that_fails_on_the_sites_side_forbids_for_the_night() -> None:
    (first, second), site = visit({"/robots.txt": answer(status=503), "/a": answer(PAGE)}, "/a", "/a", retries=1)
    assert isinstance(first, Failure)
    assert first.cause is Cause.ROBOTS
    assert "503" in first.detail
    assert isinstance(second, Failure)
    assert site.paths == ["/robots.txt", "/robots.txt"]


def test_a_file_lost_in_redirects_or_coded_oddly_allows() -> None:
    for robots in (moved("/robots.txt"), moved("http://10.0.0.1/"), answer(b"x", Content_Encoding="zstd")):
        (found,), _ = visit({"/robots.txt": robots, "/a": answer(PAGE)}, "/a")
        assert isinstance(found, Fetched)


def test_a_file_too_long_is_read_up_to_the_limit() -> None:
    long = b"User-agent: *\nDisallow: /prive\n" + b"# rien\n" * 120_000
    routes = {"/robots.txt": answer(long), "/a": answer(PAGE), "/prive": answer(PAGE)}
    (page, refused), _ = visit(routes, "/a", "/prive")
    assert isinstance(page, Fetched)
    assert isinstance(refused, Failure)
    assert refused.cause is Cause.ROBOTS


def test_when_the_site_is_silent_the_page_says_so() -> None:
    (found,), site = visit({"/robots.txt": HANG_UP, "/a": answer(PAGE)}, "/a")
    assert isinstance(found, Failure)
    assert found.cause is Cause.NETWORK
    assert site.paths == ["/robots.txt"]


def test_the_pace_a_site_asks_for_is_kept() -> None:
    clock = Clock()
    routes = {"/robots.txt": answer(b"User-agent: *\nCrawl-delay: 3"), "/a": answer(PAGE)}
    found, _ = visit(routes, "/a", "/a", "/a", clock=clock)
    assert all(isinstance(page, Fetched) for page in found)
    assert sum(clock.naps) >= 6


def test_the_page_a_redirect_leads_to_needs_leave_too() -> None:
    routes = {"/robots.txt": answer(b"User-agent: *\nDisallow: /b"), "/a": moved("/b"), "/b": answer(PAGE)}
    (found,), site = visit(routes, "/a")
    assert isinstance(found, Failure)
    assert found.cause is Cause.ROBOTS
    assert "/b" not in site.paths
