"""A small OpenID Connect provider on loopback: it follows the standards, and lies when a test asks it to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, SECRET = "bureau:veille", "secret: à garder"


class Provider:
    """Approves whoever asks, as ``person``. Use as a context manager; ``issuer`` is its address."""

    def __init__(self, clock: Callable[[], Any]) -> None:
        self.clock = clock
        self.key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})
        self.published = [self.key]
        self.person: dict[str, Any] = {"sub": "248", "email": "lea@exemple.fr", "email_verified": True}
        self.change: dict[str, Any] = {}  # claims of the ID token that lie; None removes one
        self.info: dict[str, Any] | None = None  # what userinfo says; None: there is no such endpoint
        self.metadata: dict[str, Any] = {}
        self.algorithm = "RS256"
        self.codes: dict[str, dict[str, str]] = {}
        self.single_use = True
        self.exchanges: list[dict[str, str]] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.get(self)

            def do_POST(self) -> None:
                provider.token(self)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> Provider:
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def get(self, http: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(http.path)
        query = {k: v[-1] for k, v in parse_qs(parts.query).items()}
        match parts.path:
            case "/.well-known/openid-configuration":
                said = {
                    "issuer": self.issuer,
                    "authorization_endpoint": f"{self.issuer}/authorize",
                    "token_endpoint": f"{self.issuer}/token",
                    "jwks_uri": f"{self.issuer}/keys",
                }
                if self.info is not None:
                    said["userinfo_endpoint"] = f"{self.issuer}/userinfo"
                _json(http, 200, said | self.metadata)
            case "/keys":
                _json(http, 200, {"keys": [k.as_dict(private=False) for k in self.published]})
            case "/authorize":
                self.authorize(http, query)
            case "/userinfo":
                _json(http, 200, self.info or {})
            case _:
                _json(http, 404, {})

    def authorize(self, http: BaseHTTPRequestHandler, query: dict[str, str]) -> None:
        assert query["response_type"] == "code" and query["client_id"] == CLIENT_ID
        assert "openid" in query["scope"].split() and query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        http.send_response(302)
        answer = urlencode({"code": code, "state": query["state"], "iss": self.issuer})
        http.send_header("Location", f"{query['redirect_uri']}?{answer}")
        http.end_headers()

    def token(self, http: BaseHTTPRequestHandler) -> None:
        body = http.rfile.read(int(http.headers["content-length"])).decode()
        form = {k: v[-1] for k, v in parse_qs(body).items()}
        self.exchanges.append(form)
        name, _, secret = base64.b64decode(http.headers["authorization"].split(" ")[1]).decode().partition(":")
        asked = self.codes.pop(form["code"], None) if self.single_use else self.codes.get(form["code"])
        proof = _base64(hashlib.sha256(form["code_verifier"].encode()).digest()).decode()
        if (unquote(name), unquote(secret)) != (CLIENT_ID, SECRET):
            return _json(http, 401, {"error": "invalid_client"})
        if not asked or asked["code_challenge"] != proof or asked["redirect_uri"] != form["redirect_uri"]:
            return _json(http, 400, {"error": "invalid_grant"})
        return _json(
            http, 200, {"access_token": "a", "token_type": "Bearer", "id_token": self.id_token(asked["nonce"])}
        )

    def id_token(self, nonce: str) -> str:
        now = int(self.clock().timestamp())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": nonce}
        claims = {k: v for k, v in (claims | self.person | self.change).items() if v is not None}
        if self.algorithm in ("none", "HS256"):
            signed = b".".join(_base64(json.dumps(p).encode()) for p in ({"alg": self.algorithm}, claims))
            # signed with what anybody can read: the public key
            tag = hmac.digest(self.key.as_pem(private=False), signed, "sha256") if self.algorithm == "HS256" else b""
            return (signed + b"." + _base64(tag)).decode()
        return jwt.encode({"alg": self.algorithm, "kid": str(self.key.kid)}, claims, self.key)


def _base64(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def _json(http: BaseHTTPRequestHandler, status: int, said: dict[str, Any]) -> None:
    body = json.dumps(said).encode()
    http.send_response(status)
    http.send_header("Content-Type", "application/json")
    http.send_header("Content-Length", str(len(body)))
    http.end_headers()
    http.wfile.write(body)
