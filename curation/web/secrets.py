"""The secret of this installation, and what is signed or hashed with it.

Cookies are signed (itsdangerous); tokens are random and only their SHA-256 is stored; passwords are hashed with
Argon2id (RFC 9106) at the library's recommended cost.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import threading
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from itsdangerous import BadSignature, URLSafeTimedSerializer

#: NIST SP 800-63B: length is what counts.
MIN_PASSWORD = 12
#: Letters of passwords that head every published list, and of what this desk suggests by itself.
_USUAL = frozenset(
    "motdepasse monmotdepasse password azerty azertyuiop qwerty qwertyuiop bonjour bonjourbonjour soleil loulou doudou "
    "jetaime admin administrateur administrator animateur coordonnateur veille territoire collectivite cnfpt bienvenue "
    "welcome changeme changezmoi secret iloveyou letmein".split()
)
_ROWS = (
    "01234567890",
    "1234567890",
    "9876543210",
    "azertyuiopqsdfghjklmwxcvbn",
    "qwertyuiopasdfghjklzxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
)
_HASHER = PasswordHasher()
#: A hash takes 64 MiB while it is computed: forty at once would take 2.6 GB.
_HASHING = threading.BoundedSemaphore(2)
#: Checked when the login is unknown, so that both answers take the same time.
_NOBODY = _HASHER.hash(secrets.token_hex(16))


def read_or_make_key(state: Path) -> bytes:
    """The key of the state folder, made at first use, readable by its owner only."""
    path = state / "desk.key"
    state.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as out:
        out.write(secrets.token_bytes(32))
    return path.read_bytes()


class Signer:
    """Signs what travels through the browser; every use has its own salt."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, use: str, value: Any) -> str:
        """Text safe in a cookie or a form."""
        return URLSafeTimedSerializer(self._key, salt=use).dumps(value)

    def read(self, use: str, text: str, max_age_s: int) -> Any:
        """The signed value; None when the signature is wrong or too old."""
        try:
            return URLSafeTimedSerializer(self._key, salt=use).loads(text, max_age=max_age_s)
        except BadSignature:
            return None

    def csrf(self, browser: str) -> str:
        """The token that forms shown to this browser carry (OWASP: HMAC-based double submit)."""
        # masked anew each time: the length of a compressed page that repeats what somebody chose tells nothing of it
        mask = secrets.token_bytes(32)
        return (mask + _xor(mask, self._csrf(browser))).hex()

    def csrf_holds(self, browser: str, token: str) -> bool:
        """Constant-time comparison."""
        try:
            sent = bytes.fromhex(token)
        except ValueError:
            return False
        return bool(browser) and hmac.compare_digest(self._csrf(browser), _xor(sent[:32], sent[32:]))

    def _csrf(self, browser: str) -> bytes:
        return hmac.new(self._key, b"csrf\0" + browser.encode(), hashlib.sha256).digest()


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=False))


def new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What the store keeps of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def hash_password(password: str) -> str:
    """Argon2id."""
    with _HASHING:
        return _HASHER.hash(password)


def password_holds(stored: str | None, password: str) -> bool:
    """True for the right password; as slow for an unknown login as for a known one."""
    with _HASHING:
        try:
            _HASHER.verify(stored or _NOBODY, password)
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def needs_rehash(stored: str) -> bool:
    """True when the recommended cost has grown since."""
    return _HASHER.check_needs_rehash(stored)


def password_fault(password: str, login: str) -> str | None:
    """Why a new password is refused, in French; None when it will do."""
    if len(password) < MIN_PASSWORD:
        return f"Choisissez un mot de passe d’au moins {MIN_PASSWORD} caractères : une phrase courte convient bien."
    if len(password) > 1000:
        return "Ce mot de passe est trop long (1 000 caractères au plus)."
    if login.split("@")[0].lower() in password.lower() and len(login.split("@")[0]) > 3:
        return "Le mot de passe ne doit pas contenir votre identifiant."
    if len(set(password)) < 5 or _is_common(password):
        return "Ce mot de passe se devine trop facilement : variez davantage les caractères."
    return None


def _is_common(password: str) -> bool:
    """True for the first things that anybody tries: a usual word dressed with digits, a row of keys."""
    folded = "".join(c for c in password.casefold() if c.isalnum())
    letters = "".join(c for c in folded if c.isalpha())
    return letters in _USUAL or (bool(folded) and any(folded in row * 3 for row in _ROWS))
