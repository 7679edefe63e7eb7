"""Log-in by an OpenID Connect provider: authorization code flow with PKCE (RFC 6749, 7636; OpenID Connect Core 1.0).

The protocol is Authlib's, signatures are joserfc's. This module is the one place of the desk that uses the network:
it asks the provider named in the configuration and nobody else, follows no redirect, and tells nothing but a code.
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.client import DEFAULT_HEADERS, OAuth2Client
from authlib.oauth2.rfc6749.parameters import prepare_token_request
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from curation.config import OpenIdSettings
from curation.errors import ConfigError
from curation.web.secrets import new_token

#: Only signatures that the provider alone can make: never « none », never a shared secret (RFC 8725).
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
#: Seconds: a log-in may take that long; clocks may differ by that much; what the provider publishes is kept that long.
STARTED_S, LEEWAY_S, KEPT_S = 600, 60, 3600
#: Texts kept while browsers are away, and the characters of each: 10 MB at most.
MAX_LEFT, MAX_LEFT_CHARS = 100, 100_000
_TIMEOUT = httpx.Timeout(10.0, connect=5.0)
_LOG = logging.getLogger("veille.desk")


class OpenIdRefused(Exception):
    """The log-in cannot go on: ``title`` and ``str()`` are for the person, in French."""

    def __init__(self, title: str, meaning: str, *, ours: bool = True) -> None:
        super().__init__(meaning)
        self.title = title
        self.status = 403 if ours else 502


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider vouches for. ``subject`` names the issuer too: two providers may count alike."""

    subject: str
    email: str  # lower case, ASCII, or empty
    verified: bool


class OpenId:
    """One provider. Shared by all requests; what it published is kept for an hour."""

    def __init__(self, settings: OpenIdSettings, secret: str | None) -> None:
        """Raises ``ConfigError`` for an issuer without TLS elsewhere than on this machine."""
        if not _sound(settings.issuer):
            raise ConfigError(
                f"desk.oidc.issuer : « {settings.issuer} » doit commencer par https:// "
                "(http:// n’est admis que pour cette machine)."
            )
        self._settings, self._secret = settings, secret
        self._lock = threading.Lock()
        self._published: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None
        self._answered: dict[str, float] = {}
        self._left: dict[str, tuple[float, str]] = {}

    def start(self, redirect_uri: str) -> tuple[str, dict[str, str]]:
        """(address to send the browser to, what must be remembered until it comes back)."""
        memory = {"state": new_token(), "nonce": new_token(), "verifier": new_token()}
        client = OAuth2Client(
            None,
            self._settings.client_id,
            scope=self._settings.scopes,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
        )
        address, _ = client.create_authorization_url(
            self._endpoint("authorization_endpoint"),
            state=memory["state"],
            code_verifier=memory["verifier"],
            nonce=memory["nonce"],
        )
        return str(address), memory

    def leave(self, state: str, text: str) -> None:
        """Keep, while the browser is away, what is too long for a cookie. In memory: a restart forgets it."""
        now = time.monotonic()
        with self._lock:
            self._left = {s: kept for s, kept in self._left.items() if now - kept[0] < STARTED_S}
            if len(self._left) < MAX_LEFT and len(text) <= MAX_LEFT_CHARS:
                self._left[state] = (now, text)

    def take(self, state: str) -> str:
        """What was left under that state, once; empty when there is nothing."""
        with self._lock:
            return self._left.pop(state, (0.0, ""))[1]

    def finish(
        self, memory: Mapping[str, str], answer: Mapping[str, str], redirect_uri: str, now: datetime
    ) -> Identity:
        """Who came back with this answer. Raises ``OpenIdRefused``."""
        if not hmac.compare_digest(memory["state"].encode(), answer.get("state", "").encode()):
            raise _stale()
        self._once(memory["state"])
        if answer.get("error"):
            _LOG.warning("OpenID: the provider answered %r", answer["error"][:80])
            raise OpenIdRefused(
                "Connexion non aboutie", "Le service de votre organisme n’a pas confirmé la connexion. Recommencez."
            )
        if not answer.get("code") or answer.get("iss", self._settings.issuer) != self._settings.issuer:  # RFC 9207
            raise _stale()
        tokens = self._exchange(answer["code"], memory["verifier"], redirect_uri)
        claims = self._claims(tokens, memory["nonce"], now)
        if "email" not in claims:
            claims = {**self._user_info(tokens, str(claims["sub"])), "sub": claims["sub"]}
        email = claims.get("email")
        # ASCII only: letters that fold into others (the Kelvin sign into « k ») would make one address pass for another
        known = isinstance(email, str) and email.isascii()
        return Identity(
            f"{self._settings.issuer} {claims['sub']}",
            str(email).strip().lower() if known else "",
            claims.get("email_verified") is True,
        )

    def _once(self, state: str) -> None:
        """An answer counts once, even where a provider would take its code twice."""
        now = time.monotonic()
        with self._lock:
            self._answered = {s: at for s, at in self._answered.items() if now - at < 2 * STARTED_S}
            if state in self._answered:
                raise _stale()
            self._answered[state] = now

    def _exchange(self, code: str, verifier: str, redirect_uri: str) -> dict[str, Any]:
        """The tokens given for a code."""
        methods = self._metadata().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        name, secret, method = self._settings.client_id, self._secret, "none"
        if secret and "client_secret_basic" in methods:
            # RFC 6749, 2.3.1: encoded before they are joined; Authlib leaves this to its caller
            name, secret, method = quote(name, safe=""), quote(secret, safe=""), "client_secret_basic"
        elif secret:
            method = "client_secret_post"
        body = prepare_token_request("authorization_code", code=code, redirect_uri=redirect_uri, code_verifier=verifier)
        address, headers, body = ClientAuth(name, secret, method).prepare(
            "POST", self._endpoint("token_endpoint"), dict(DEFAULT_HEADERS), body
        )
        tokens = self._ask("POST", address, headers, body)
        if not isinstance(tokens.get("id_token"), str):
            _LOG.warning("OpenID: no ID token; error %r", str(tokens.get("error"))[:80])
            raise _unsound()
        return tokens

    def _claims(self, tokens: Mapping[str, Any], nonce: str, now: datetime) -> dict[str, Any]:
        """The claims of the ID token, once its signature, issuer, audience, dates and nonce hold."""
        fresh = False
        while True:
            try:
                token = jwt.decode(tokens["id_token"], self._key_set(fresh), algorithms=list(ALGORITHMS))
                break
            except (JoseError, ValueError, KeyError, TypeError) as error:
                if fresh:
                    _LOG.warning("OpenID: signature refused: %r", error)
                    raise _unsound() from error
                fresh = True  # the provider may have changed its keys
        claims = CodeIDToken(
            token.claims,
            token.header,
            {
                "iss": {"essential": True, "value": self._settings.issuer},
                "aud": {"essential": True, "value": self._settings.client_id},
                "sub": {"essential": True},
                "exp": {"essential": True},
            },
            {"nonce": nonce, "client_id": self._settings.client_id, "access_token": tokens.get("access_token")},
        )
        try:
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY_S)
            if not isinstance(claims["sub"], str) or not claims["sub"]:
                raise ValueError("sub")
        except (JoseError, AuthlibBaseError, ValueError, TypeError) as error:
            _LOG.warning("OpenID: claims refused: %r", error)
            raise _unsound() from error
        return dict(claims)

    def _user_info(self, tokens: Mapping[str, Any], subject: str) -> dict[str, Any]:
        """What the provider says of the person apart from the ID token; empty when it says nothing more."""
        if not self._metadata().get("userinfo_endpoint") or not isinstance(tokens.get("access_token"), str):
            return {}
        headers = {"Authorization": f"Bearer {tokens['access_token']}", "Accept": "application/json"}
        said = self._ask("GET", self._endpoint("userinfo_endpoint"), headers)
        if said.get("sub") != subject:  # Core 5.3.2: answers of somebody else must not be used
            raise _unsound()
        return said

    def _metadata(self) -> dict[str, Any]:
        kept = self._published
        if kept is None or time.monotonic() - kept[0] > KEPT_S:
            said = self._ask("GET", self._settings.issuer.rstrip("/") + "/.well-known/openid-configuration")
            if said.get("issuer") != self._settings.issuer:
                _LOG.warning("OpenID: the provider calls itself %r", str(said.get("issuer"))[:200])
                raise _unsound()
            kept = self._published = (time.monotonic(), said)
        return kept[1]

    def _key_set(self, fresh: bool) -> KeySet:
        kept = self._keys
        if fresh or kept is None or time.monotonic() - kept[0] > KEPT_S:
            said: Any = self._ask("GET", self._endpoint("jwks_uri"))
            kept = self._keys = (time.monotonic(), KeySet.import_key_set(said))
        return kept[1]

    def _endpoint(self, name: str) -> str:
        address = self._metadata().get(name)
        if not isinstance(address, str) or not _sound(address):
            _LOG.warning("OpenID: %s is %r", name, str(address)[:200])
            raise _unsound()
        return address

    def _ask(
        self, method: str, address: str, headers: Mapping[str, str] | None = None, body: str | None = None
    ) -> dict[str, Any]:
        """A JSON object of the provider, whatever the status: its errors are JSON too."""
        try:
            with httpx.Client(timeout=_TIMEOUT, follow_redirects=False) as client:
                answer = client.request(method, address, headers=headers, content=body)
            said = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            _LOG.warning("OpenID: %s: %r", address, error)
            raise OpenIdRefused(
                "Service de connexion injoignable",
                "Le service de connexion de votre organisme ne répond pas. Réessayez dans quelques minutes, "
                "ou servez-vous de votre mot de passe si vous en avez un.",
                ours=False,
            ) from error
        if not isinstance(said, dict):
            raise _unsound()
        return said


def _sound(address: str) -> bool:
    """True for https, and for http on this machine."""
    try:
        parts = urlsplit(address)
        name = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme != "http":
        return parts.scheme == "https" and bool(name)
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _stale() -> OpenIdRefused:
    return OpenIdRefused(
        "Connexion à recommencer",
        "Cette réponse ne correspond à aucune connexion commencée dans ce navigateur, ou elle a déjà servi. "
        "Recommencez depuis la page de connexion.",
    )


def _unsound() -> OpenIdRefused:
    return OpenIdRefused(
        "Connexion refusée",
        "La réponse du service de votre organisme n’a pas pu être vérifiée. Recommencez ; si cela se répète, "
        "prévenez la personne qui administre ce bureau.",
    )
