"""TLS: the certificate is verified against the name, though the connection goes to a checked address."""

from __future__ import annotations

import asyncio
import datetime
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from curation.gather.outcome import Fetched, Outcome
from curation.types import Cause, Failure
from tests.gather.loopback import Site, feed, fetcher

NAME = "site.exemple.fr"


def certificate(folder: Path, days: int = 2) -> Path:
    """A self-signed certificate for ``NAME`` and its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=5)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=5 + days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "site.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def ask(pem: Path, host: str, trusted: bool, names: list[str | None]) -> Outcome:
    async def resolver(asked: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async def scenario() -> Outcome:
        server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        server.load_cert_chain(pem)
        server.sni_callback = lambda _, name, __: names.append(name)
        client = ssl.create_default_context(cafile=str(pem)) if trusted else ssl.create_default_context()
        asking = fetcher(resolver=resolver, ssl_context=client, allow_private_hosts=(host,), retries=2)
        async with Site({"/a": feed()}, tls=server) as site, asking:
            return await asking.fetch(f"https://{host}:{site.port}/a", accept="feed")

    return asyncio.run(scenario())


def test_the_name_of_the_url_is_shown_and_verified(tmp_path: Path) -> None:
    names: list[str | None] = []
    assert isinstance(ask(certificate(tmp_path), NAME, True, names), Fetched)
    assert names == [NAME]


@pytest.mark.parametrize(
    ("host", "trusted", "days"),
    [("autre.exemple.fr", True, 2), (NAME, False, 2), (NAME, True, -1), ("127.0.0.1", True, 2)],
    ids=["another name", "unknown authority", "expired", "the address in place of the name"],
)
def test_a_certificate_that_does_not_hold_is_a_tls_failure(tmp_path: Path, host: str, trusted: bool, days: int) -> None:
    names: list[str | None] = []
    outcome = ask(certificate(tmp_path, days), host, trusted, names)
    assert isinstance(outcome, Failure)
    assert outcome.cause is Cause.TLS
    assert len(names) == 1, "not a passing fault: asked once"


def test_plain_http_behind_an_https_url_is_a_tls_failure() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async def scenario() -> None:
        server = await asyncio.start_server(plain, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with fetcher() as asking:
            outcome = await asking.fetch(f"https://127.0.0.1:{port}/")
        server.close()
        assert isinstance(outcome, Failure)
        assert outcome.cause is Cause.TLS

    asyncio.run(scenario())
