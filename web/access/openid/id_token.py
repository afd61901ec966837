"""Who somebody is, as a provider has signed it."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from phasegate.web.access.errors import Refused
from phasegate.web.access.model import OpenId

LEEWAY = 60
"""Seconds by which two clocks may differ."""
_OLDEST = 600
"""Seconds since an id token was made; it is read at once, so that an older one was kept by somebody."""
_REFUSED = "The provider's answer can not be trusted."
_LONGEST = 300


class UnknownKeyError(Exception):
    """A token was signed with a key that is not among those that are known; it may be a new one."""


def claims_of(
    token: str, keys: list[Mapping[str, Any]], openid: OpenId, nonce: str, now: int
) -> dict[str, Any]:
    """What an id token says, once all is seen to be in order.

    Args:
        token: the id token.
        keys: the provider's public keys, as it publishes them (JWK).
        openid: who must have signed it, for whom, and how.
        nonce: what it must repeat, so that it is of this sign-in.
        now: seconds since 1970.

    Raises:
        UnknownKeyError: if none of the keys has the name that the token gives.
        Refused: if anything else is not as it must be.
    """
    from joserfc import jws, jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import import_key

    # This alone says how a token may be signed: with a registry, joserfc asks no other list.
    registry = jws.JWSRegistry(algorithms=openid.algorithms, strict_check_header=False)
    try:
        header = jws.extract_compact(token.encode()).headers()
        key = import_key(dict(_key(keys, header)))
        claims: dict[str, Any] = jwt.decode(token, key, registry=registry).claims
        _held(claims, openid, now)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise Refused(403, _REFUSED) from error
    if not hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
        raise Refused(403, _REFUSED)
    return claims


def person_of(claims: Mapping[str, Any], openid: OpenId) -> str:
    """The person whom claims name.

    Raises:
        Refused: if they name nobody, or by an address that the provider has not verified.
    """
    person = claims.get(openid.person)
    if openid.person == "email" and claims.get("email_verified") is not True:
        raise Refused(403, "The provider has not verified your address.")
    if not isinstance(person, str) or not person or not person.isprintable() or len(person) > _LONGEST:
        raise Refused(403, _REFUSED)
    return person


def groups_of(claims: Mapping[str, Any], openid: OpenId) -> frozenset[str]:
    """The groups that claims list; a claim that is no list of texts lists none."""
    listed = claims.get(openid.groups)
    if not isinstance(listed, list):
        return frozenset()
    return frozenset(each for each in listed if isinstance(each, str))


def _key(keys: list[Mapping[str, Any]], header: Mapping[str, Any]) -> Mapping[str, Any]:
    """The key of a token: the one of its name, or the only one if it has none."""
    fit = [
        each for each in keys if each.get("use", "sig") == "sig" and each.get("kty") in ("RSA", "EC", "OKP")
    ]
    if (kid := header.get("kid")) is not None:
        fit = [each for each in fit if each.get("kid") == kid]
        if not fit:
            raise UnknownKeyError
    if len(fit) != 1:
        raise ValueError("no key, or several of one name")
    return fit[0]


def _held(claims: dict[str, Any], openid: OpenId, now: int) -> None:
    from joserfc.jwt import JWTClaimsRegistry

    JWTClaimsRegistry(
        now=now,
        leeway=LEEWAY,
        iss={"essential": True, "value": openid.issuer},
        sub={"essential": True},
        aud={"essential": True, "value": openid.client},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True},
    ).validate(claims)
    audience = claims["aud"]
    others = isinstance(audience, list) and set(audience) != {openid.client}
    if (others or "azp" in claims) and claims.get("azp") != openid.client:
        raise ValueError("the token was made for somebody else")
    if claims["iat"] < now - _OLDEST:
        raise ValueError("the token is old")
