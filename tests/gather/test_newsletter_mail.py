"""Newsletters as mails: encodings, alternatives, forwards; a folder of files; a mailbox spoken to over IMAP."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from curation.gather.mailbox import password_variable, read_folder, read_mailbox
from curation.gather.newsletter import parse_newsletter
from curation.types import Cause, ParsedFeed
from flows.demo_content import SAMPLES, newsletters

NOW = datetime(2026, 10, 2, 3, 0, tzinfo=UTC)
HTML = (
    "<html><head><meta charset='utf-8'></head><body><h2>Économie</h2>"
    "<p><a href='https://eco.example/etude?utm_medium=email'><b>L’artisanat d’art à l’épreuve des loyers</b></a></p>"
    "<p>Chambre de métiers, juin 2026. 20 p.</p><p>Une étude sur l’accueil des ateliers en cœur de ville.</p></body>"
)
TEXT = "ÉCONOMIE\n\nTitre du texte brut\nVoir : https://eco.example/texte\n"


def mail(html: str | None = HTML, text: str | None = TEXT, subject: str = "Lettre économie n° 4") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "lettre@doc.example"
    message["To"] = "veille@ville.example"
    message["Subject"] = subject
    message["Date"] = "Thu, 01 Oct 2026 09:30:00 +0200"
    if text is not None:
        message.set_content(text)
    if html is not None:
        if text is None:
            message.set_content(html, subtype="html")
        else:
            message.add_alternative(html, subtype="html")
    return message


def parse(body: bytes) -> ParsedFeed:
    return parse_newsletter(body, source="lettre", now=NOW)


def assert_is_the_letter(feed: ParsedFeed) -> None:
    assert feed.failure is None
    assert [(e.section, e.title, e.url, e.cited_source) for e in feed.entries] == [
        (
            "Économie",
            "L’artisanat d’art à l’épreuve des loyers",
            "https://eco.example/etude",
            "Chambre de métiers",
        )
    ]
    assert feed.entries[0].published == datetime(2026, 10, 1, 7, 30, tzinfo=UTC)


def test_html_is_preferred_to_text() -> None:
    feed = parse(mail().as_bytes())
    assert_is_the_letter(feed)
    assert feed.title == "Lettre économie n° 4"


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64", "8bit"])
def test_transfer_encodings(encoding: str) -> None:
    message = EmailMessage()
    message["Subject"], message["Date"] = "Lettre", "Thu, 01 Oct 2026 09:30:00 +0200"
    message.set_content(HTML, subtype="html", cte=encoding)
    assert_is_the_letter(parse(message.as_bytes()))


@pytest.mark.parametrize(("declared", "real"), [("iso-8859-1", "utf-8"), ("x-inconnu", "utf-8"), ("utf-8", "cp1252")])
def test_charsets_that_lie(declared: str, real: str) -> None:
    html = HTML.replace("<meta charset='utf-8'>", "")
    head = (
        "From: a@b.example\r\nSubject: Lettre\r\nDate: Thu, 01 Oct 2026 09:30:00 +0200\r\n"
        f"Content-Type: text/html; charset={declared}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    )
    assert_is_the_letter(parse(head.encode() + html.encode(real)))


def test_text_alone() -> None:
    feed = parse(mail(html=None).as_bytes())
    assert [(e.section, e.title, e.url) for e in feed.entries] == [
        ("Économie", "Titre du texte brut", "https://eco.example/texte")
    ]


def test_text_when_the_html_holds_nothing() -> None:
    feed = parse(mail(html="<p>Votre logiciel n’affiche pas ce message.</p>").as_bytes())
    assert [e.url for e in feed.entries] == ["https://eco.example/texte"]


def test_forwarded_message_is_read_in_place_of_its_envelope() -> None:
    outer = EmailMessage()
    outer["Subject"], outer["Date"], outer["From"] = (
        "TR: pour la veille",
        "Thu, 01 Oct 2026 18:00:00 +0200",
        "c@d.example",
    )
    outer.set_content("Bonjour, voici la lettre que je vous signale ce matin, elle devrait vous intéresser.")
    outer.add_attachment(mail())
    feed = parse(outer.as_bytes())
    assert_is_the_letter(feed)
    assert feed.title == "Lettre économie n° 4"


def test_the_sample_bulletin_gives_its_nine_notices() -> None:
    body = newsletters(SAMPLES, date(2026, 10, 1), "http://127.0.0.1:8123")["bulletin-58.eml"]
    feed = parse(body)
    sections = [e.section for e in feed.entries]
    assert sections == ["Politique de la ville"] * 2 + ["Numérique"] * 2 + ["Action publique"] * 3 + ["Agenda"] * 2
    assert all(e.url.startswith("http://127.0.0.1:8123/") for e in feed.entries)
    assert all((e.cited_source is None) == (e.section == "Agenda") for e in feed.entries)
    assert all(50 < len(e.summary) < 400 for e in feed.entries)


@pytest.mark.parametrize(
    "body",
    [
        b"From: a\nSubject: =?utf-8?b?" + b"A" * 5000 + b"?=\nDate: jamais\nContent-Type: text/html\n\n<p>rien",
        b"From: a\nSubject: b\nContent-Type: multipart/mixed; boundary=x\n\n" + b"--x\n" * 5_000,
        b"From: a\nSubject: b\nContent-Type: multipart/mixed\n\nsans bord",
        b"From: a\nSubject: b\nContent-Type: text/html; charset*=%%%\nContent-Transfer-Encoding: base64\n\n!!!",
        b"From: a\nTo: \xff\xfe\nSubject: \xe9t\xe9\n\n\xff\xff",
        b"From: a\nSubject: b\n"
        + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(300)),
        b"From: a\nSubject: b\n" + b"Content-Type: message/rfc822\n\n" * 400,
    ],
)
def test_damaged_mails_are_failures(body: bytes) -> None:
    feed = parse(body)
    assert feed.failure is not None
    assert feed.failure.cause in (Cause.BAD_MAIL, Cause.EMPTY)


def test_folder(tmp_path: Path) -> None:
    (tmp_path / "sous").mkdir()
    (tmp_path / "a.eml").write_bytes(mail().as_bytes())
    (tmp_path / "sous" / "b.HTML").write_text(HTML, encoding="utf-8")
    (tmp_path / "c.docx").write_bytes(b"PK")
    (tmp_path / ".cache.html").write_text(HTML, encoding="utf-8")
    found = dict(read_folder(tmp_path, source="lettre", now=NOW))
    assert [feed.format for feed in found.values()] == ["eml", "html"]
    assert all(len(feed.entries) == 1 for feed in found.values())
    assert list(read_folder(tmp_path, source="lettre", now=NOW, seen=set(found))) == []
    (tmp_path / "a.eml").write_bytes(mail(subject="Autre").as_bytes())
    again = list(read_folder(tmp_path, source="lettre", now=NOW, seen=set(found)))
    assert [feed.title for _, feed in again] == ["Autre"]


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "dehors.html").write_text(HTML, encoding="utf-8")
    inside = tmp_path / "lettres"
    inside.mkdir()
    (inside / "lien.html").symlink_to(tmp_path / "dehors.html")
    assert list(read_folder(inside, source="lettre", now=NOW)) == []


def test_missing_folder(tmp_path: Path) -> None:
    ((key, feed),) = read_folder(tmp_path / "absent", source="lettre", now=NOW)
    assert key == ""
    assert feed.failure is not None
    assert feed.failure.cause is Cause.MISSING_FILE


class _Imap(socketserver.StreamRequestHandler):
    """IMAP4rev1 (RFC 3501) as far as a reader of one box needs it; notes every command."""

    server: _Server

    def handle(self) -> None:
        self.say("* OK ready")
        while line := self.rfile.readline().decode():
            tag, command = line.strip().split(" ", 1)
            self.server.commands.append(command)
            verb = command.upper()
            if verb.startswith("CAPABILITY"):
                self.say("* CAPABILITY IMAP4rev1")
            elif verb.startswith("LOGIN"):
                if '"bon secret"' not in command:
                    self.say(f"{tag} NO [AUTHENTICATIONFAILED] no")
                    continue
            elif verb.startswith("EXAMINE"):
                self.say(f"* {len(self.server.mails)} EXISTS")
                self.say("* OK [UIDVALIDITY 77] ok")
            elif verb.startswith("UID SEARCH"):
                self.say("* SEARCH " + " ".join(str(10 + n) for n in range(len(self.server.mails))))
            elif match := re.match(r"UID FETCH (\d+) \((.*)\)", verb):
                body = self.server.mails[int(match.group(1)) - 10]
                if "SIZE" in match.group(2):
                    self.say(f"* 1 FETCH (UID {match.group(1)} RFC822.SIZE {len(body)})")
                else:
                    self.say(f"* 1 FETCH (UID {match.group(1)} BODY[] {{{len(body)}}}")
                    self.wfile.write(body)
                    self.say(")")
            elif verb.startswith("LOGOUT"):
                self.say("* BYE")
                self.say(f"{tag} OK done")
                return
            self.say(f"{tag} OK done")

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, mails: list[bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Imap)
        self.mails = mails
        self.commands: list[str] = []


@pytest.fixture
def server() -> Iterator[_Server]:
    other = mail(html=HTML.replace("eco.example/etude", "eco.example/seconde"))
    with _Server([mail().as_bytes(), other.as_bytes()]) as imap:
        thread = threading.Thread(target=imap.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield imap
        imap.shutdown()
        thread.join()


def test_mailbox_is_only_read(server: _Server) -> None:
    url = f"imap://veille%40ville.example@127.0.0.1:{server.server_address[1]}/Lettres"
    secret = {password_variable("lettre-eco"): "bon secret"}
    found = dict(read_mailbox(url, source="lettre-eco", now=NOW, environment=secret))
    assert list(found) == ["77:10", "77:11"]
    assert_is_the_letter(found["77:10"])
    assert found["77:10"].entries[0].source == "lettre-eco"
    verbs = {re.sub(r"UID (\w+).*", r"UID \1", command.upper()).split(" (")[0] for command in server.commands}
    assert not any(
        verb.startswith(("SELECT", "UID STORE", "STORE", "EXPUNGE", "UID MOVE", "UID COPY")) for verb in verbs
    )
    assert all("PEEK" in command.upper() for command in server.commands if "BODY" in command.upper())
    server.commands.clear()
    rest = list(read_mailbox(url, source="lettre-eco", now=NOW, environment=secret, seen={"77:10"}))
    assert [key for key, _ in rest] == ["77:11"]
    assert not any("FETCH 10" in command for command in server.commands)


@pytest.mark.parametrize("secret", ["faux", ""])
def test_mailbox_refuses_the_password(server: _Server, secret: str) -> None:
    url = f"imap://veille@127.0.0.1:{server.server_address[1]}/INBOX"
    ((key, feed),) = read_mailbox(url, source="l", now=NOW, environment={"VEILLE_IMAP_PASSWORD_L": secret})
    assert key == ""
    assert feed.failure is not None
    assert feed.failure.cause is Cause.IMAP_LOGIN
    assert "secret" not in feed.failure.detail


def test_mailbox_out_of_reach(server: _Server) -> None:
    port = server.server_address[1]
    server.shutdown()
    server.server_close()
    ((_, feed),) = read_mailbox(
        f"imap://veille@127.0.0.1:{port}/INBOX", source="l", now=NOW, environment={"VEILLE_IMAP_PASSWORD_L": "x"}
    )
    assert feed.failure is not None
    assert feed.failure.cause is Cause.IMAP_UNREACHABLE


@pytest.mark.parametrize(
    "url", ["imap://v@mail.example/INBOX", "https://v@mail.example", "imaps://mail.example/a", "imaps://v@[x"]
)
def test_mailbox_addresses_refused_before_any_connection(url: str) -> None:
    ((_, feed),) = read_mailbox(url, source="l", now=NOW, environment={"VEILLE_IMAP_PASSWORD_L": "x"})
    assert feed.failure is not None
    assert feed.failure.cause is Cause.BAD_URL
