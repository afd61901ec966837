"""What S3, or the way to it, says went wrong, told without anything that it quotes.

Its own words may hold whatever was sent to it, and an answer that is forged anything. Told is therefore
what was asked for, and in words of our own what kind of fault it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from botocore.exceptions import (
    ClientError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
    ParamValidationError,
    ProxyConnectionError,
    SSLError,
)
from botocore.exceptions import ConnectionError as NoConnectionError

from phasegate.facts.connections.base import PassingFaultError
from phasegate.facts.connections.objects.base import RefusedError
from phasegate.facts.sources.files import SourceError

_REGION = re.compile(r"[a-z]{2,4}(-[a-z0-9]{1,12}){1,4}")
_REGION_HEADER = "x-amz-bucket-region"
_ELSEWHERE = (301, 302, 303, 307, 308)
_PASSING = (408, 425, 429, 500, 502, 503, 504)
_PASSING_CODES = ("RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable", "Throttling")
_GONE = (404, 410)
_CHANGED = (409, 412)
_KEYS = {
    "InvalidAccessKeyId": "it does not know the access key",
    "SignatureDoesNotMatch": "the secret key is not that of the access key",
    "ExpiredToken": "the session's token has expired",
    "InvalidToken": "the session's token is not valid",
    "RequestTimeTooSkewed": "the clock of this machine goes wrong",
}
_STATES = {
    "InvalidObjectState": "it is archived, and must be restored first",
    "AllAccessDisabled": "nobody may read its bucket",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for.

    Attributes:
        name: of the connection.
        shown: the object, or what is listed.
        listing: whether it is a list.
        seen: whether the object was there before.
    """

    name: str
    shown: str
    listing: bool = False
    seen: bool = False


def fault(asked: Asked, error: Exception) -> SourceError:
    """What an error of botocore means."""
    connection = f"the connection {asked.name!r}"
    if isinstance(error, ClientError):
        return _refusal(asked, error)
    if isinstance(error, FlexibleChecksumError):
        return PassingFaultError(f"{asked.shown} did not come as the store's checksum says", _AGAIN)
    if isinstance(error, IncompleteReadError):
        return PassingFaultError(f"{asked.shown} broke off before its end", _AGAIN)
    if isinstance(error, SSLError):
        hint = (
            "the store must have a certificate for the name in its address; one that is signed by a root of "
            "your own is known where the variable that ends in CA_BUNDLE names the file of that root"
        )
        return SourceError(f"{connection} is refused: no TLS as it is asked for", hint)
    if isinstance(error, NoConnectionError | ProxyConnectionError):
        hint = "see that the store runs, and that its address is right"
        return PassingFaultError(f"{connection}: the store can not be reached", hint)
    if isinstance(error, HTTPClientError):
        return PassingFaultError(f"{asked.shown}: the connection {asked.name!r} was lost", _AGAIN)
    if isinstance(error, ParamValidationError):
        return SourceError(f"{asked.shown} is no object that can be asked for")
    return SourceError(f"{asked.shown} can not be read: the store's answer is none that is understood")


_AGAIN = "run again once the store is well"


def _refusal(asked: Asked, error: ClientError) -> SourceError:
    said, about = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
    code, status = str(said.get("Code", "")), int(about.get("HTTPStatusCode", 0))
    headers = {str(key).lower(): str(value) for key, value in about.get("HTTPHeaders", {}).items()}
    region = headers.get(_REGION_HEADER) or str(said.get("Region", ""))
    if status in _ELSEWHERE or code in ("AuthorizationHeaderMalformed", "IllegalLocationConstraintException"):
        where = f"it lies in {region}" if _REGION.fullmatch(region) else "it lies elsewhere"
        hint = "set the variable that ends in REGION, or ENDPOINT_URL; nothing is followed to another address"
        return SourceError(f"{asked.shown} can not be read here: {where}", hint)
    if status in _PASSING or code in _PASSING_CODES:
        return PassingFaultError(f"{asked.shown}: the store broke off ({status})", _AGAIN)
    if code in _KEYS:
        return SourceError(f"the connection {asked.name!r} is refused by the store: {_KEYS[code]}")
    if code in _STATES:
        return SourceError(f"{asked.shown} can not be read: {_STATES[code]}")
    if status in (401, 403):
        what = "s3:ListBucket on its bucket" if asked.listing else "s3:GetObject on it"
        hint = f"give them {what}; where they may not list a bucket, what is not there is refused too"
        return RefusedError(f"{asked.shown} may not be read with these keys", hint)
    if code == "NoSuchBucket":
        return SourceError(f"{asked.shown}: there is no such bucket")
    if status in _CHANGED or (status in _GONE and asked.seen):
        return SourceError(f"{asked.shown} changed while it was read", "run again once it is written")
    if status in _GONE:
        return SourceError(f"{asked.shown} does not exist")
    return SourceError(f"{asked.shown} can not be read: the store says {status}")
