"""A provider of OpenID Connect in the process of the test, which can be made to answer wrongly."""

from __future__ import annotations

import hashlib
import secrets
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
from guarded_site import BEGIN, Site, target_of
from joserfc import jws, jwt
from joserfc.jwk import ECKey, Key

from phasegate.web.access.listening import Listening
from phasegate.web.access.model import Access

ISSUER = "https://id.example.org"
CLIENT, SECRET = "phasegate", "what the provider gave"
KEYS = [b64encode(bytes(range(start, start + 32))).decode() for start in (0, 100)]
AS_IT_COMES = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
ROLES = [
    {"who": {"groups": ["finance"]}, "projects": ["harbour-2026"], "areas": ["1"], "evidence": True},
    {"who": {"people": ["u-17"]}, "projects": ["quay-2026"], "areas": ["*"]},
]
OPENID: dict[str, Any] = {
    "url": "https://gates.example.org",
    "openid": {"issuer": ISSUER, "client": CLIENT},
    "roles": ROLES,
}
ENVIRON = {"PHASEGATE_SESSION_KEYS": KEYS[0], "PHASEGATE_OPENID_SECRET": SECRET}
ANYWHERE = Listening("0.0.0.0", 8000)


@cache
def key(name: str) -> Key:
    return ECKey.generate_key("P-256", {"kid": name, "use": "sig", "alg": "ES256"})


class MadeProvider:
    """Signs in whoever asks, as the person that it is told.

    Attributes:
        claims: of the person.
        said: what it says of itself.
        keys, published: those that it publishes, by their names and as they are.
        signs: with which of them, by its name.
        change: changes the claims of an id token before it is signed.
        sign: makes the token of the claims; None as usual.
        site: whose clock it has.
        asked: the addresses that it was asked for.
        away: whether it does not answer.
    """

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {"sub": "u-17", "groups": ["finance", "everybody"]}
        ends = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        self.said: dict[str, Any] = {"issuer": ISSUER, "end_session_endpoint": f'{ISSUER}/end?x="1"'}
        self.said |= {name: ISSUER + path for name, path in ends.items()}
        self.keys = ["first"]
        self.published: list[dict[str, Any]] = []
        self.signs = "first"
        self.change: Callable[[dict[str, Any]], object] = lambda claims: None
        self.sign: Callable[[dict[str, Any]], str] | None = None
        self.site: Site | None = None
        self.asked: list[str] = []
        self.away = False
        self._left: dict[str, dict[str, str]] = {}

    @property
    def transport(self) -> httpx2.AsyncBaseTransport:
        return httpx2.MockTransport(self._answer)

    def sends_back(self, location: str, **other: str) -> str:
        """Where it sends a browser back to, which it was sent: the target at the site."""
        asked = dict(parse_qsl(urlsplit(location).query))
        assert location.startswith(f"{ISSUER}/authorize?")
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert len(asked["state"]) >= 43
        assert len(asked["nonce"]) >= 43
        code = secrets.token_urlsafe(8)
        self._left[code] = asked
        answer = {"code": code, "state": asked["state"], **other}
        return f"{target_of(asked['redirect_uri'])}?{urlencode(answer)}"

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request.url.path)
        if self.away:
            raise httpx2.ConnectError("nobody there")
        if request.url.path == "/.well-known/openid-configuration":
            return httpx2.Response(200, json=self.said)
        if request.url.path == "/keys":
            keys = [*self.published, *(key(each).as_dict(private=False) for each in self.keys)]
            return httpx2.Response(200, json={"keys": keys})
        assert request.url.path == "/token"
        return self._token(request)

    def _token(self, request: httpx2.Request) -> httpx2.Response:
        given = dict(parse_qsl(request.content.decode()))
        shown = b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        left = self._left.pop(given["code"], None)
        challenge = urlsafe_b64encode(hashlib.sha256(given["code_verifier"].encode()).digest()).decode()
        if left is None or left["code_challenge"] != challenge.rstrip("=") or shown != f"{CLIENT}:{SECRET}":
            return httpx2.Response(400, json={"error": "invalid_grant"})
        now = int((self.site.now if self.site else BEGIN).timestamp())
        claims = {
            "iss": ISSUER,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": left["nonce"],
            **self.claims,
        }
        self.change(claims)
        token = self.sign(claims) if self.sign else signed(claims, self.signs)
        return httpx2.Response(200, json={"access_token": "a", "token_type": "Bearer", "id_token": token})


def signed(claims: dict[str, Any], name: str, **header: str) -> str:
    return jwt.encode({"alg": "ES256", "kid": name, **header}, claims, key(name), registry=AS_IT_COMES)


def site_of(provider: MadeProvider, url: str = "https://gates.example.org", **openid: Any) -> Site:
    """Pages where people sign in with a provider, whose clock is theirs."""
    access = Access.model_validate({**OPENID, "url": url, "openid": {**OPENID["openid"], **openid}})
    site = Site(access, ANYWHERE, ENVIRON, provider.transport)
    provider.site = site
    return site
