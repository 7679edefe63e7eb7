"""``veille user``: accounts from a terminal, without a password on the command line."""

from __future__ import annotations

import getpass
import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from curation.accounts import Account, AccountRole, SessionRecord
from curation.config import load_settings
from curation.store.store import Store
from curation.web.secrets import password_holds
from flows.cli import main

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "une phrase de passe assez longue"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text("state: state\ncommunities: [tourisme, urbanisme-amenagement]\n", encoding="utf-8")
    return path


@pytest.fixture
def run(config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """``run("add", "lea", typed="…")``: (exit status, stdout, stderr)."""

    def call(*arguments: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        try:
            status = main(["--config", str(config), "user", *arguments])
        except SystemExit as stop:
            status = int(stop.code or 0)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return int(status), said.out, said.err

    return call


def account(config: Path, login: str) -> Account:
    with Store(load_settings(config).database) as store:
        found = store.account(login)
    assert found
    return found


def add(run: Run, login: str = "lea@exemple.fr", *more: str) -> None:
    status, out, err = run("add", login, *(more or ("--communities", "tourisme")), typed=PASSWORD + "\n")
    assert (status, out) == (0, ""), err


def test_an_account_is_opened_and_listed(run: Run, config: Path) -> None:
    add(run, " Lea@Exemple.fr ", "--name", "Léa  Martin", "--communities", "tourisme, urbanisme-amenagement")
    made = account(config, "lea@exemple.fr")
    assert (made.name, made.role, made.active) == ("Léa Martin", AccountRole.ANIMATEUR, True)
    assert made.communities == ("tourisme", "urbanisme-amenagement")
    assert password_holds(made.password, PASSWORD)
    status, out, _ = run("list")
    assert status == 0 and out == "lea@exemple.fr  Léa Martin  animateur  tourisme, urbanisme-amenagement\n"
    status, out, _ = run("list", "--json")
    assert json.loads(out) == [
        {
            "login": "lea@exemple.fr",
            "name": "Léa Martin",
            "role": "animateur",
            "communities": ["tourisme", "urbanisme-amenagement"],
            "active": True,
        }
    ]
    assert "argon2" not in out


def test_an_empty_list_says_how_to_begin(run: Run) -> None:
    status, out, err = run("list")
    assert (status, out) == (0, "") and "--role administrateur" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("lea",), "au moins une communauté"),
        (("lea", "--role", "coordonnateur"), "configurées : tourisme, urbanisme-amenagement"),
        (("lea", "--communities", "tourisme,plage"), "Communauté inconnue : « plage »"),
        (("lea martin", "--communities", "tourisme"), "sans espace"),
        (("léa", "--communities", "tourisme"), "sans espace ni accent"),
        (("lea", "--communities", "tourisme", "--name", "x" * 101), "Indiquez un nom"),
    ],
)
def test_what_is_refused_is_explained_before_a_password_is_asked(
    run: Run, config: Path, arguments: tuple[str, ...], said: str
) -> None:
    status, out, err = run("add", *arguments, typed=PASSWORD + "\n")
    assert (status, out) == (1, "") and said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "12 caractères"),
        ("trop bref\n", "12 caractères"),
        ("abababababababab\n", "devine"),
        ("Mot de passe 2026\n", "devine"),
        ("lea.martin@exemple.fr 1\n", "identifiant"),
        ("lea préfère le train\n", ""),
    ],
)
def test_a_weak_password_is_refused(run: Run, typed: str, said: str) -> None:
    status, _, err = run("add", "lea.martin@exemple.fr", "--communities", "tourisme", "--password-stdin", typed=typed)
    assert status == (1 if said else 0) and said in err
    assert typed.strip() not in err or not typed.strip()


def test_a_login_is_taken_once(run: Run) -> None:
    add(run)
    status, _, err = run("add", "LEA@exemple.fr", "--communities", "tourisme", typed=PASSWORD)
    assert status == 1 and "existe déjà" in err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("add",),
        ("add", "lea", "--password", PASSWORD),
        ("add", "lea", PASSWORD),
        ("passwd", "lea", PASSWORD),
        ("passwd", "lea", f"--password={PASSWORD}"),
        ("passwd", "lea", f"--password-stdin={PASSWORD}"),
        ("add", "lea", "--role", "dieu"),
        ("delete", "lea"),
    ],
    ids=" ".join,
)
def test_bad_usage_is_status_2_and_a_password_has_no_place_on_the_line(run: Run, arguments: tuple[str, ...]) -> None:
    status, out, err = run(*arguments, typed=PASSWORD)
    assert (status, out) == (2, "") and err


def test_a_new_password_ends_sessions_and_tokens(run: Run, config: Path) -> None:
    add(run)
    with Store(load_settings(config).database) as store:
        store.open_session(SessionRecord("1" * 64, "lea@exemple.fr", NOW, NOW))
        store.add_api_token("2" * 64, "lea@exemple.fr", "outil", NOW)
    new = "une autre phrase de passe"
    status, out, err = run("passwd", "LEA@exemple.fr", typed=new + "\n")
    assert (status, out) == (0, "") and "Sessions fermées : 1 ; jetons révoqués : 1" in err
    assert password_holds(account(config, "lea@exemple.fr").password, new)
    with Store(load_settings(config).database) as store:
        assert store.session("1" * 64) is None and not store.api_tokens("lea@exemple.fr")


@pytest.mark.parametrize("arguments", [("passwd", "personne"), ("role", "personne", "--role", "animateur")])
def test_an_unknown_account_is_named(run: Run, arguments: tuple[str, ...]) -> None:
    status, _, err = run(*arguments, typed=PASSWORD)
    assert status == 1 and "Aucun compte « personne »" in err


def test_role_and_communities_are_changed(run: Run, config: Path) -> None:
    add(run)
    status, _, err = run("role", "lea@exemple.fr", "--role", "coordonnateur", "--communities", "toutes")
    assert status == 0 and "coordonnateur, tourisme, urbanisme-amenagement" in err
    changed = account(config, "lea@exemple.fr")
    assert changed.role is AccountRole.COORDONNATEUR
    assert changed.communities == ("tourisme", "urbanisme-amenagement")
    assert password_holds(changed.password, PASSWORD)
    assert run("role", "lea@exemple.fr")[0] == 1
    assert run("role", "lea@exemple.fr", "--communities", "")[0] == 1
    assert account(config, "lea@exemple.fr") == changed


def test_the_last_administrator_keeps_that_role(run: Run, config: Path) -> None:
    add(run, "max", "--role", "administrateur")
    status, _, err = run("role", "max", "--role", "animateur", "--communities", "tourisme")
    assert status == 1 and "dernier compte d’administration" in err
    add(run, "eva", "--role", "administrateur")
    status, _, err = run("role", "max", "--role", "animateur")
    assert status == 1 and "au moins une communauté" in err
    assert run("role", "max", "--role", "animateur", "--communities", "tourisme")[0] == 0
    assert run("role", "eva", "--role", "coordonnateur", "--communities", "tourisme")[0] == 1
    assert account(config, "eva").role is AccountRole.ADMINISTRATEUR


def test_in_a_terminal_the_password_is_typed_twice(
    run: Run, config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def answers(*typed: str) -> int:
        left = list(typed)

        def ask(_: str) -> str:
            if not left:
                raise EOFError
            return left.pop(0)

        monkeypatch.setattr(getpass, "getpass", ask)
        monkeypatch.setattr(sys, "stdin", Terminal())
        return main(["--config", str(config), "user", "add", "lea", "--communities", "tourisme"])

    assert answers(PASSWORD, PASSWORD + "x") == 1 and "diffèrent" in capsys.readouterr().err
    assert answers(PASSWORD) == 1 and "Aucun mot de passe" in capsys.readouterr().err
    assert answers(PASSWORD, PASSWORD) == 0
    assert password_holds(account(config, "lea").password, PASSWORD)


def test_the_command_as_it_is_typed(config: Path) -> None:
    """In a process of its own: exit status, streams, bytes that are not UTF-8."""

    def veille(*arguments: str, typed: bytes) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "flows.cli", "--config", str(config), "user", *arguments]
        return subprocess.run(command, input=typed, capture_output=True, cwd=ROOT, check=False)

    done = veille("add", "lea", "--communities", "tourisme", "--password-stdin", typed="une phrase à clé\n".encode())
    assert (done.returncode, done.stdout) == (0, b""), done.stderr
    assert password_holds(account(config, "lea").password, "une phrase à clé")
    done = veille("passwd", "lea", typed=b"\xff\xfe mot de passe \xe9\xe8\n")
    assert done.returncode == 1 and b"Traceback" not in done.stderr and done.stderr.count(b"\n") == 1
    assert password_holds(account(config, "lea").password, "une phrase à clé")
