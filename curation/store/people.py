"""Accounts, sessions, API tokens, presence on drafts, saved filters."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from curation.accounts import Account, AccountRole, SessionRecord
from curation.store import rows
from curation.store.base import StoreBase


class PeopleStore(StoreBase):
    """Who works in the desk."""

    def accounts(self) -> list[Account]:
        """Everybody, by login."""
        return [_account_from(r) for r in self._rows("SELECT * FROM accounts ORDER BY login")]

    def account(self, login: str) -> Account | None:
        """One person, by login (case does not matter)."""
        found = self._rows("SELECT * FROM accounts WHERE login = ?", [login.strip().lower()])
        return _account_from(found[0]) if found else None

    def account_of_subject(self, subject: str) -> Account | None:
        """One person, by the identifier of the OpenID provider."""
        found = self._rows("SELECT * FROM accounts WHERE subject = ?", [subject])
        return _account_from(found[0]) if found else None

    def has_accounts(self) -> bool:
        """False on a fresh installation."""
        return bool(self._value("SELECT EXISTS (SELECT 1 FROM accounts)"))

    def add_account(self, account: Account, now: datetime) -> bool:
        """A new person; False when the login is taken."""
        with self.db.atomic():
            if self.account(account.login):
                return False
            self._table("accounts").insert({**_account_row(account), "created": rows.time_out(now)})
        return True

    def save_account(self, account: Account) -> None:
        """A known person, as they are now."""
        with self.db.atomic():
            self._table("accounts").update(account.login, _account_row(account))

    def change_account(self, login: str, **changes: Any) -> None:
        """Write the named fields of ``Account`` and leave the others as they are now.

        A person who saves their shortcuts must not bring back the role that somebody took from them meanwhile.
        """
        known = self.account(login)
        if known is not None and changes:
            row = _account_row(replace(known, **changes))
            with self.db.atomic():
                self._table("accounts").update(known.login, {name: row[name] for name in changes})

    def open_session(self, session: SessionRecord) -> None:
        """Remember a browser."""
        with self.db.atomic():
            self._table("sessions").insert(
                {
                    "token": session.token,
                    "login": session.login,
                    "created": rows.time_out(session.created),
                    "seen": rows.time_out(session.seen),
                }
            )

    def session(self, token: str) -> tuple[SessionRecord, Account] | None:
        """A browser and whose it is, by the hash of its cookie."""
        found = self._rows("SELECT * FROM sessions WHERE token = ?", [token])
        account = self.account(found[0]["login"]) if found else None
        if not found or account is None:
            return None
        created, seen = rows.time_in(found[0]["created"]), rows.time_in(found[0]["seen"])
        assert created and seen
        return SessionRecord(token, account.login, created, seen), account

    def touch_session(self, token: str, now: datetime) -> None:
        """The browser was seen now."""
        with self.db.atomic():
            self.db.execute("UPDATE sessions SET seen = ? WHERE token = ?", [rows.time_out(now), token])

    def close_session(self, token: str) -> None:
        """Log one browser out."""
        with self.db.atomic():
            self.db.execute("DELETE FROM sessions WHERE token = ?", [token])

    def close_sessions(self, login: str) -> int:
        """Log a person out everywhere. Returns how many browsers."""
        with self.db.atomic():
            return int(self.db.execute("DELETE FROM sessions WHERE login = ?", [login]).rowcount)

    def forget_sessions(self, seen_before: datetime) -> None:
        """Drop what has expired."""
        with self.db.atomic():
            self.db.execute("DELETE FROM sessions WHERE seen < ?", [rows.time_out(seen_before)])

    def add_api_token(self, token: str, login: str, name: str, now: datetime) -> None:
        """``token`` is a SHA-256: the token itself is shown once and never stored."""
        with self.db.atomic():
            self._table("api_tokens").insert(
                {"token": token, "login": login, "name": name, "created": rows.time_out(now), "used": None}
            )

    def api_account(self, token: str) -> Account | None:
        """Whose API token this is, by its hash."""
        login = self._value("SELECT login FROM api_tokens WHERE token = ?", [token])
        return self.account(login) if login else None

    def api_tokens(self, login: str) -> list[dict[str, Any]]:
        """``token`` (hash), ``name`` and ``created`` (a datetime) of a person's tokens, oldest first."""
        found = self._rows(
            "SELECT token, name, created FROM api_tokens WHERE login = ? ORDER BY created, name", [login]
        )
        return [{**r, "created": rows.time_in(r["created"])} for r in found]

    def drop_api_token(self, token: str, login: str) -> None:
        """Revoke one."""
        with self.db.atomic():
            self.db.execute("DELETE FROM api_tokens WHERE token = ? AND login = ?", [token, login])

    def drop_api_tokens(self, login: str) -> int:
        """Revoke all of a person's. Returns how many."""
        with self.db.atomic():
            return int(self.db.execute("DELETE FROM api_tokens WHERE login = ?", [login]).rowcount)

    def show_presence(self, article: str, community: str, login: str, now: datetime) -> None:
        """Somebody has this draft on their screen, and no other any more."""
        with self.db.atomic():
            self.db.execute("DELETE FROM presence WHERE login = ? AND article <> ?", [login, article])
            self.db.execute(
                """INSERT INTO presence (article, community, login, at) VALUES (?, ?, ?, ?)
                   ON CONFLICT (article, community, login) DO UPDATE SET at = excluded.at""",
                [article, community, login, rows.time_out(now)],
            )

    def leave(self, login: str) -> None:
        """Somebody looks at no draft any more."""
        with self.db.atomic():
            self.db.execute("DELETE FROM presence WHERE login = ?", [login])

    def present(self, community: str, since: datetime, apart_from: str) -> dict[str, str]:
        """Article -> login, of drafts that others had on their screen since then."""
        found = self._rows(
            "SELECT article, login FROM presence WHERE community = ? AND at >= ? AND login <> ? ORDER BY at",
            [community, rows.time_out(since), apart_from],
        )
        return {r["article"]: r["login"] for r in found}

    def save_filter(self, login: str, community: str, name: str, query: str) -> None:
        """Remember a query string of the queue under a name."""
        with self.db.atomic():
            self.db.execute(
                """INSERT INTO saved_filters (login, community, name, query) VALUES (?, ?, ?, ?)
                   ON CONFLICT (login, community, name) DO UPDATE SET query = excluded.query""",
                [login, community, name, query],
            )

    def filters(self, login: str, community: str) -> list[tuple[int, str, str]]:
        """(id, name, query string) of what a person saved for a community."""
        found = self._rows(
            "SELECT id, name, query FROM saved_filters WHERE login = ? AND community = ? ORDER BY name",
            [login, community],
        )
        return [(r["id"], r["name"], r["query"]) for r in found]

    def drop_filter(self, login: str, identity: int) -> None:
        """Forget one."""
        with self.db.atomic():
            self.db.execute("DELETE FROM saved_filters WHERE id = ? AND login = ?", [identity, login])


def _account_row(account: Account) -> rows.Row:
    return {
        "login": account.login.strip().lower(),
        "name": account.name,
        "role": account.role.value,
        "communities": rows.dumps(account.communities),
        "password": account.password,
        "subject": account.subject,
        "active": int(account.active),
        "preferences": rows.dumps(account.preferences),
    }


def _account_from(row: rows.Row) -> Account:
    return Account(
        login=row["login"],
        name=row["name"],
        role=AccountRole(row["role"]),
        communities=tuple(json.loads(row["communities"])),
        password=row["password"],
        subject=row["subject"],
        active=bool(row["active"]),
        created=rows.time_in(row["created"]),
        preferences=json.loads(row["preferences"]),
    )
