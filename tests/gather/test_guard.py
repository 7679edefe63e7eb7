"""What may be asked of whom: odd hosts, private addresses, and the address that is connected to."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.gather import wire
from curation.gather.guard import Guard, Refused, is_public, odd_ipv4, read_url
from curation.types import Cause

PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.8",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::8.8.8.8",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2002:c0a8:0101::1",
    "2001::1",
    "2001:db8::1",
    "3fff::1",
    "4000::1",
]
PUBLIC = ["8.8.8.8", "172.32.0.1", "100.128.0.1", "193.17.192.1", "2a01:e0a::1", "2606:4700::1111"]
EMBEDDED_PUBLIC = ["64:ff9b::8.8.8.8", "2002:0808:0808::1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_of_the_public_internet_is_refused(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC + EMBEDDED_PUBLIC)
def test_a_public_address_is_accepted(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@given(st.ip_addresses(v=4))
def test_whatever_the_standard_library_calls_private_is_refused(address: ipaddress.IPv4Address) -> None:
    if not address.is_global or address.is_multicast or address.is_reserved:
        assert not is_public(address)
    mapped = ipaddress.IPv6Address(f"::ffff:{address}")
    assert not is_public(mapped)


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("http://2130706433/", Cause.PRIVATE_ADDRESS),
        ("http://0x7f000001/", Cause.PRIVATE_ADDRESS),
        ("http://0x7f.1/", Cause.PRIVATE_ADDRESS),
        ("http://0177.0.0.1/", Cause.PRIVATE_ADDRESS),
        ("http://127.1/", Cause.PRIVATE_ADDRESS),
        ("http://127.1./", Cause.PRIVATE_ADDRESS),
        ("http://0/", Cause.PRIVATE_ADDRESS),
        ("http://１２７.1/", Cause.PRIVATE_ADDRESS),
        ("http://127。1/", Cause.PRIVATE_ADDRESS),
        ("http://134744072/", Cause.BAD_URL),
        ("http://256.256.256.256/", Cause.BAD_URL),
        ("http://1.2.3.4.5/", Cause.BAD_URL),
        ("http://08.1.1.1/", Cause.BAD_URL),
        ("http://127%2e0%2e0%2e1/", Cause.BAD_URL),
        ("http://agent:secret@exemple.fr/", Cause.BAD_URL),
        ("http://exemple.fr@127.0.0.1/", Cause.BAD_URL),
        ("http://exemple.fr\\@127.0.0.1/", Cause.BAD_URL),
        ("http://[::1%25eth0]/", Cause.BAD_URL),
        ("http://[::1/", Cause.BAD_URL),
        ("http:///chemin", Cause.BAD_URL),
        ("http://./", Cause.BAD_URL),
        ("http://a..b/", Cause.BAD_URL),
        ("http://-a.fr/", Cause.BAD_URL),
        ("http://exemple.fr:0/", Cause.BAD_URL),
        ("http://exemple.fr:99999/", Cause.BAD_URL),
        ("http://exemple.fr:8a/", Cause.BAD_URL),
        ("file:///etc/passwd", Cause.BAD_URL),
        ("ftp://exemple.fr/", Cause.BAD_URL),
        ("gopher://exemple.fr/", Cause.BAD_URL),
        ("javascript:alert(1)", Cause.BAD_URL),
        ("/chemin/seul", Cause.BAD_URL),
        ("", Cause.BAD_URL),
        ("http://exemple.fr/" + "a" * 9000, Cause.BAD_URL),
        ("http://" + "a." * 200 + "fr/", Cause.BAD_URL),
    ],
)
def test_a_url_written_in_an_odd_way_is_refused(url: str, cause: Cause) -> None:
    with pytest.raises(Refused) as caught:
        read_url(url)
    assert caught.value.cause is cause


@pytest.mark.parametrize(
    ("url", "read"),
    [
        (" HTTPS://Www.Exemple.FR:443/a?b=c#d ", "https://www.exemple.fr/a?b=c"),
        ("http://exemple.fr.", "http://exemple.fr/"),
        ("http://exemple.fr:8080?q=é", "http://exemple.fr:8080/?q=%C3%A9"),
        ("http://exemple.fr/aménagement du territoire", "http://exemple.fr/am%C3%A9nagement%20du%20territoire"),
        ("http://exemple.fr/d%C3%A9j%C3%A0", "http://exemple.fr/d%C3%A9j%C3%A0"),
        ("http://hôtel-de-ville.fr/", "http://xn--htel-de-ville-plb.fr/"),
        ("http://[2A01:E0A::1]:81/", "http://[2a01:e0a::1]:81/"),
    ],
)
def test_a_url_is_made_ready_to_send(url: str, read: str) -> None:
    assert read_url(url).url == read


@given(st.text(max_size=60), st.sampled_from(["", "http://", "https://a.fr/", "http://[", "http://0x"]))
def test_no_text_breaks_the_reading_of_a_url(text: str, start: str) -> None:
    try:
        target = read_url(start + text)
    except Refused:
        return
    assert target.url.isascii()
    assert target.target.startswith("/")
    assert not set(target.url) & set(" \r\n\t\\")
    assert read_url(target.url) == target  # reading it again changes nothing


@given(st.ip_addresses(v=4))
def test_every_odd_spelling_of_an_address_is_understood(address: ipaddress.IPv4Address) -> None:
    value = int(address)
    octets = address.packed
    for spelling in (
        str(value),
        hex(value),
        f"0{value:o}",
        ".".join(f"0{octet:o}" for octet in octets),
        ".".join(hex(octet) for octet in octets),
        f"{octets[0]}.{value & 0xFFFFFF}",
        f"{octets[0]}.{octets[1]}.{value & 0xFFFF}",
    ):
        assert odd_ipv4(spelling) == address


def test_private_hosts_are_allowed_by_name_or_by_name_and_port() -> None:
    guard = Guard(("intranet.exemple.fr", "127.0.0.1:8081", "[::1]:81", "fd00::5"))
    assert guard.usable("intranet.exemple.fr", 443, ["10.0.0.1"]) == ["10.0.0.1"]
    assert guard.usable("127.0.0.1", 8081, ["127.0.0.1"]) == ["127.0.0.1"]
    assert guard.usable("::1", 81, ["::1"]) == ["::1"]
    assert guard.usable("fd00::5", 80, ["fd00::5"]) == ["fd00::5"]
    for host, port, address in (
        ("127.0.0.1", 8082, "127.0.0.1"),
        ("autre.exemple.fr", 443, "10.0.0.1"),
        ("::1", 82, "::1"),
    ):
        with pytest.raises(Refused):
            guard.usable(host, port, [address])


def test_only_the_public_addresses_of_a_host_are_used() -> None:
    assert Guard().usable("exemple.fr", 443, ["127.0.0.1", "8.8.8.8", "::1"]) == ["8.8.8.8"]


def test_the_connection_goes_to_the_very_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the second answer of the resolver is private; it must never be used."""
    answers = [["8.8.8.8"], ["127.0.0.1"]]
    opened: list[str] = []

    async def resolver(host: str, port: int) -> list[str]:
        return answers.pop(0)

    async def open_connection(address: str, port: int, **_: Any) -> Any:
        opened.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(wire.asyncio, "open_connection", open_connection)

    async def scenario() -> None:
        clock = [0.0]
        backend = wire.PinnedBackend(Guard(), resolver, lambda: clock[0], ttl_s=60)
        for _ in range(2):
            with pytest.raises(ConnectionRefusedError):
                await backend.connect_tcp("rebind.exemple.fr", 80, timeout=1)
        clock[0] = 61.0  # the answer has aged: asked again, checked again
        with pytest.raises(Refused):
            await backend.connect_tcp("rebind.exemple.fr", 80, timeout=1)

    asyncio.run(scenario())
    assert opened == ["8.8.8.8", "8.8.8.8"]


def test_a_broken_family_of_addresses_costs_one_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    async def resolver(host: str, port: int) -> list[str]:
        return ["2a01::1", "2a01::2", "8.8.8.8", "8.8.4.4"]

    async def open_connection(address: str, port: int, **_: Any) -> Any:
        opened.append(address)
        raise OSError("unreachable")

    monkeypatch.setattr(wire.asyncio, "open_connection", open_connection)

    async def scenario() -> None:
        with pytest.raises(OSError, match="unreachable"):
            await wire.PinnedBackend(Guard(), resolver, lambda: 0.0).connect_tcp("a.fr", 80, timeout=1)

    asyncio.run(scenario())
    assert opened == ["2a01::1", "8.8.8.8", "2a01::2", "8.8.4.4"]


def test_the_system_resolver_answers_and_fails_as_values(monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        if host == "perdu.exemple.fr":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        row = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", port))
        return [row, row]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    async def scenario() -> None:
        resolve = wire.ThreadResolver()
        assert await resolve("exemple.fr", 80) == ["8.8.8.8"]
        with pytest.raises(socket.gaierror):
            await resolve("perdu.exemple.fr", 80)

    asyncio.run(scenario())
