"""S3, and what speaks as it does, by botocore.

Who asks, and where the store is, comes from variables of the environment alone: no file of settings is
read, and no service of the machine is asked. Nothing is followed to another address, so that what signs a
request, a session's token included, is sent nowhere else.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.httpsession import URLLib3Session
from botocore.parsers import ResponseParserError
from botocore.utils import get_environ_proxies

from phasegate.facts.connections.objects.base import Coming, Listed, OpenStore, Store
from phasegate.facts.connections.objects.s3_faults import Asked, fault
from phasegate.facts.sources.files import SourceError
from phasegate.facts.sources.formats.pieces import PIECE
from phasegate.rules.model.connection import STORES, Connection

_CONNECT_TIMEOUT, _READ_TIMEOUT = 10, 60
_ANSWER_AT_MOST = 1 << 24
"""Bytes; a page of a list has a few hundred thousand."""
_PAGES_AT_MOST = 1_000
"""Of a thousand keys each."""
_FIRST_NOT_OK = 300
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_NO_FILES = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
    "ca_bundle": (None, None, None, None),
}
_UNVERSIONED = "null"
_FAULTS = (BotoCoreError, ClientError, ResponseParserError, ValueError, KeyError, TypeError, AttributeError)
"""What botocore raises: the last ones where an answer lacks what it takes to be there."""


class OpenS3(OpenStore):
    """A store, asked for one object at a time."""

    def __init__(self, name: str, timeout: str, client: Any) -> None:
        self._name, self._timeout, self._client = name, timeout, client

    def listed(self, bucket: str, begins: str, flat: bool) -> Iterator[Listed]:
        """By ListObjectsV2, one page at a time."""
        asked = Asked(self._name, f"s3://{bucket}/{begins}*", listing=True)
        given = {"Bucket": bucket, "Prefix": begins, **({"Delimiter": "/"} if flat else {})}
        for _ in range(_PAGES_AT_MOST):
            page = self._answer(asked, "list_objects_v2", **given)
            for each in page.get("Contents", ()):
                if "Key" not in each or "Size" not in each:
                    raise SourceError(f"{asked.shown} can not be listed: the store's list is none")
                yield Listed(each["Key"], each["Size"], each.get("ETag", ""))
            for each in page.get("CommonPrefixes", ()):
                yield Listed(each.get("Prefix", ""), 0)
            if not page.get("IsTruncated"):
                return
            if not (token := page.get("NextContinuationToken")):
                raise SourceError(f"{asked.shown} can not be listed: the store's list breaks off")
            given["ContinuationToken"] = token
        raise SourceError(f"{asked.shown}: the store's list does not end", "name a folder in the path")

    @contextmanager
    def coming(self, bucket: str, wanted: Listed) -> Iterator[Coming]:
        """By GetObject, whose answer is of one moment."""
        asked = Asked(self._name, f"s3://{bucket}/{wanted.key}", seen=bool(wanted.tag))
        pinned = (
            {"VersionId": wanted.version} if wanted.version else {"IfMatch": wanted.tag} if wanted.tag else {}
        )
        answer = self._answer(
            asked, "get_object", Bucket=bucket, Key=wanted.key, ChecksumMode="ENABLED", **pinned
        )
        body = answer["Body"]
        try:
            version = answer.get("VersionId", "")
            found = Listed(
                wanted.key,
                answer.get("ContentLength"),
                answer.get("ETag", ""),
                "" if version == _UNVERSIONED else version,
            )
            yield Coming(found, self._pieces(asked, body))
        finally:
            body.close()

    def _pieces(self, asked: Asked, body: Any) -> Iterator[bytes]:
        try:
            yield from body.iter_chunks(PIECE)
            return
        except (BotoCoreError, HTTPClientError) as error:
            found = fault(asked, error)
        raise found

    def _answer(self, asked: Asked, action: str, **given: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._client, action)(**given)
            return answer
        except _FAULTS as error:
            found = fault(asked, error)
        # Raised out here, so that the library's own error, which may quote anything, is not told with it.
        raise found


class _Transport:
    """Sends what botocore has signed, and reads no more of an answer than answers have, objects aside."""

    def __init__(self, address: str, verify: str | bool, timeout: float) -> None:
        proxies = get_environ_proxies(address) if address else get_environ_proxies("https://s3.amazonaws.com")
        self._session = URLLib3Session(verify=verify, proxies=proxies, timeout=(_CONNECT_TIMEOUT, timeout))

    def send(self, request: Any, **_: Any) -> AWSResponse:
        """As the event ``before-send`` asks for it."""
        streamed, request.stream_output = request.stream_output, True
        answer = self._session.send(request)
        if streamed and answer.status_code < _FIRST_NOT_OK:
            return answer
        text = answer.raw.read(_ANSWER_AT_MOST + 1)
        answer.raw.close()
        if len(text) > _ANSWER_AT_MOST:
            raise HTTPClientError(error="the answer does not end")
        return AWSResponse(answer.url, answer.status_code, answer.headers, _Read(text))


class _Read:
    """What was read of an answer, as botocore asks for it."""

    def __init__(self, text: bytes) -> None:
        self._text = text

    def stream(self) -> Iterator[bytes]:
        """All of it."""
        yield self._text


class S3(Store):
    """S3, by botocore."""

    def opened(self, name: str, connection: Connection, environ: Mapping[str, str]) -> OpenS3:
        """A client with the variables' own keys."""
        given = _Variables(name, connection.variable, environ)
        secure = connection.tls != "off"
        address = given.address(secure)
        session = botocore.session.Session(session_vars=_NO_FILES)
        verify = given.one("CA_BUNDLE") or True
        config = Config(
            retries={"total_max_attempts": 1},  # whole objects are tried again, and not in the middle
            s3={"addressing_style": "path" if address else "auto"},
            ignore_configured_endpoint_urls=True,
            user_agent_extra="phasegate",
        )
        try:
            client = session.create_client(
                "s3",
                region_name=given.one("REGION") or given.one("DEFAULT_REGION") or "us-east-1",
                aws_access_key_id=given.needed("ACCESS_KEY_ID"),
                aws_secret_access_key=given.needed("SECRET_ACCESS_KEY"),
                aws_session_token=given.one("SESSION_TOKEN") or None,
                endpoint_url=address or None,
                config=config,
            )
            transport = _Transport(address, verify, min(_READ_TIMEOUT, connection.seconds))
        except (BotoCoreError, ValueError, OSError):
            client = None
        if client is None:
            raise SourceError(f"the connection {name!r}: what its variables hold is no address of a store")
        client.meta.events.register("before-send.s3", transport.send)
        client.meta.events.register("before-call.s3", _told_elsewhere)
        return OpenS3(name, connection.timeout, client)


def _told_elsewhere(context: dict[str, Any], **_: Any) -> None:
    """Has a bucket that lies elsewhere told, where botocore would ask there by itself."""
    context.setdefault("s3_redirect", {})["redirected"] = True


class _Variables:
    """What the environment says of a connection."""

    def __init__(self, name: str, begins: str, environ: Mapping[str, str]) -> None:
        self._name, self._begins, self._environ = name, begins, environ

    def one(self, end: str) -> str:
        """The value of a variable, empty where there is none."""
        return self._environ.get(f"{self._begins}_{end}", "").strip()

    def needed(self, end: str) -> str:
        """Likewise of one that there must be."""
        if found := self.one(end):
            return found
        what = f"the connection {self._name!r} is where variables say that begin with {self._begins}_, and "
        hint = f"the variables end in {STORES['s3'].example}; the first two are needed"
        raise SourceError(f"{what}{self._begins}_{end} is not set", hint)

    def address(self, secure: bool) -> str:
        """Where the store is; empty where it is that of Amazon.

        Raises:
            SourceError: if that is no address, or not one that is asked over TLS.
        """
        found = self.one("ENDPOINT_URL_S3") or self.one("ENDPOINT_URL")
        if not found:
            return ""
        variable = f"{self._begins}_ENDPOINT_URL"
        try:
            parts = urlsplit(found)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host = None
        plain = host and parts.username is None and not parts.query and not parts.fragment
        if not plain or parts.scheme not in ("http", "https"):
            what = f"the connection {self._name!r}: what {variable} holds is no address of a store"
            raise SourceError(what, "write https://HOST:PORT, without a user or a password")
        if parts.scheme == "http" and secure and host not in _LOOPBACK:
            what = f"the connection {self._name!r}: {variable} says http, which anybody can read and change"
            raise SourceError(what, "write https, or say 'tls: off' for the connection")
        return found


STORE = S3()
