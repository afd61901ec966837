"""What goes wrong with a store is told in words of our own, and with nothing that is a secret."""

from __future__ import annotations

import datetime as dt
import gc
import ipaddress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from object_lake import Lake
from object_server import (
    KEY_ID,
    SECRET,
    TOKEN,
    Answer,
    cut,
    damaged,
    endless,
    listing,
    object_server,
    refused,
    reset,
    said,
    trickling,
)
from sizes import some

from phasegate import cli
from phasegate.facts.connections.objects.s3 import STORE
from phasegate.rules.model.connection import Connection

PROJECT = """
phasegate: 1
id: p-5c1e8a94d2f07b36
connections:
  lake: {s3: env:LAKE}
sources:
  usage: {from: lake, path: "s3://bucket/%s"}
measures: {all: {title: All, from: usage, count: "true"}}
require: {all: ">= 1"}
"""
PAGE = "<Contents><Key>%d.csv</Key><Size>1</Size></Contents>"
GOES_ON = "<IsTruncated>true</IsTruncated><NextContinuationToken>on</NextContinuationToken>"
MOVED = {"Location": "http://127.0.0.1:1/elsewhere"}
_NONE = "the store's answer is none that is understood"
_MAY_NOT = "may not be read with these keys"
FAULTS: dict[str, tuple[str, Answer, str]] = {
    "cut off": ("a.csv", cut, "s3://bucket/a.csv broke off before its end"),
    "another checksum": ("a.csv", damaged, "s3://bucket/a.csv did not come as the store's checksum says"),
    "endless": ("a.csv", endless, "the store does not say how large it is"),
    "broken off": ("a.csv", reset, "the store can not be reached|the connection 'lake' was lost"),
    "500": ("a.csv", refused(500, "InternalError"), "the store broke off (500)"),
    "slow down": ("a.csv", refused(503, "SlowDown"), "the store broke off (503)"),
    "403": (
        "a.csv",
        refused(403, "AccessDenied"),
        f"{_MAY_NOT}; give them s3:GetObject on it",
    ),
    "403 of a list": ("*.csv", refused(403, "AccessDenied"), "give them s3:ListBucket on its bucket"),
    "403 of a code that nobody knows": ("a.csv", refused(403, SECRET), _MAY_NOT),
    "key": ("a.csv", refused(403, "InvalidAccessKeyId"), "it does not know the access key"),
    "signature": (
        "a.csv",
        refused(403, "SignatureDoesNotMatch"),
        "the secret key is not that",
    ),
    "expired": ("a.csv", refused(400, "ExpiredToken"), "the session's token has expired"),
    "clock": ("a.csv", refused(403, "RequestTimeTooSkewed"), "the clock of this machine goes wrong"),
    "archived": ("a.csv", refused(403, "InvalidObjectState"), "it is archived, and must be restored first"),
    "no object": ("a.csv", refused(404, "NoSuchKey"), "s3://bucket/a.csv does not exist"),
    "no bucket": ("a.csv", refused(404, "NoSuchBucket"), "there is no such bucket"),
    "a code of 418": ("a.csv", refused(418, SECRET), "can not be read: the store says 418"),
    "region": (
        "a.csv",
        refused(301, "PermanentRedirect", x_amz_bucket_region="eu-north-1"),
        "can not be read here: it lies in eu-north-1; set the variable that ends in REGION",
    ),
    "region of a list": (
        "*.csv",
        refused(400, "AuthorizationHeaderMalformed", x_amz_bucket_region="eu-north-1"),
        "can not be read here: it lies in eu-north-1",
    ),
    "no region": (
        "a.csv",
        refused(301, x_amz_bucket_region=SECRET),
        "can not be read here: it lies elsewhere",
    ),
    "moved": ("a.csv", refused(302, **MOVED), "it lies elsewhere"),
    "moved for the moment": ("a.csv", refused(307, "TemporaryRedirect", **MOVED), "it lies elsewhere"),
    "a list that is none": ("*.csv", said(b"<html>" + SECRET.encode()), "the store broke off (500)"),
    "a list of nothing": ("*.csv", said(listing("<Contents></Contents>")), _NONE),
    "a list of sizes that are none": (
        "*.csv",
        said(listing("<Contents><Key>a.csv</Key><Size>many</Size></Contents>")),
        _NONE,
    ),
    "a list that breaks off": (
        "*.csv",
        said(listing(f"<IsTruncated>true</IsTruncated>{PAGE % 1}")),
        "the store's list breaks off",
    ),
    "a list that tells twice": (
        "*.csv",
        said(listing(GOES_ON + PAGE % 1)),
        "1.csv is listed twice",
    ),
    "a list without an end": ("*.csv", said(listing(GOES_ON)), "the store's list does not end"),
    "a page without an end": ("*.csv", endless, "was lost"),
    "an entity": (
        "*.csv",
        said(
            b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><ListBucketResult>&b;</ListBucketResult>'
        ),
        "",
    ),
}

OBJECTS = {"a.csv": b"id\n" + b"1\n" * 5_000}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    from phasegate.facts.connections.objects import s3

    monkeypatch.setattr(s3, "_PAGES_AT_MOST", 5)
    monkeypatch.setattr(s3, "_ANSWER_AT_MOST", 1 << 20)


SECRETS = (KEY_ID, SECRET, TOKEN)


@pytest.mark.sampled(every=5)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_and_no_secret_with_it(lake: Lake, fault: str, quick: None) -> None:
    key, answer, told = FAULTS[fault]
    lake.store.objects, lake.store.always = OBJECTS, answer
    state = lake.state(key)
    assert state.status == "error"
    assert any(each in state.reason for each in told.split("|")), state.reason
    for secret in (*SECRETS, lake.store.address, str(urlsplit(lake.store.address).port)):
        assert secret not in repr(state)


COMMANDS = ("check --format json", "facts", "sources", "sources --propose %s", "show 1", "verify")
"""Behind the first ``check``; the slow tests run some of these for each fault."""


@pytest.mark.slow
@pytest.mark.sampled
@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_that_is_printed_or_kept_has_a_secret(
    lake: Lake, fault: str, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(lake.folder)
    key, lake.store.always, _ = FAULTS[fault]
    lake.store.objects = OBJECTS
    Path("phasegate.yaml").write_text(PROJECT % key)
    printed = ""
    for command in ("check", *some(COMMANDS, list(FAULTS).index(fault), 3, slow=3)):
        words = (command.replace("%s", f"s3://bucket/{key}")).split()
        result = CliRunner().invoke(cli.main, words)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert result.exit_code in (0, 2, 3)
        assert result.output
        printed += result.output
    printed += "".join(path.read_bytes().decode("latin-1") for path in Path().rglob("phasegate.db*"))
    for secret in (*SECRETS, lake.store.address, str(urlsplit(lake.store.address).port)):
        assert secret not in printed


@pytest.mark.sampled(every=3)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # urllib3 forgets one at 303
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("key", ["a.csv", "*.csv"])
def test_nothing_is_followed_to_another_address(lake: Lake, status: int, key: str) -> None:
    with object_server() as other:
        other.objects = {"a.csv": b"id\n1\n"}
        there = {"Location": f"{other.address}/bucket/a.csv", "x_amz_bucket_region": "eu-north-1"}
        lake.store.always = refused(status, "TemporaryRedirect", **there)
        assert lake.state(key).status == "error"
        assert other.asked == []
        tries = 3 if status == 303 else 1  # which no store of this kind says
        assert len(lake.store.asked) == tries, "and the store is not asked where its bucket lies"
    gc.collect()  # what is forgotten is told here, and in no other test


@pytest.mark.parametrize("answer", [refused(403), refused(404), refused(400), refused(301)])
def test_a_refusal_is_not_asked_again(lake: Lake, answer: Answer) -> None:
    lake.store.always = answer
    assert lake.state("a.csv").status == "error"
    assert len(lake.store.asked) == 1


def test_a_store_that_takes_too_long_is_left(lake: Lake) -> None:
    lake.store.always = trickling
    lake.given = {"timeout": "1 seconds"}
    began = dt.datetime.now()
    assert "s3://bucket/a.csv: the store took longer than 1 seconds" in lake.state("a.csv").reason
    assert dt.datetime.now() - began < dt.timedelta(seconds=20)


def test_a_store_that_is_not_there_is_told(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKE_ENDPOINT_URL", "http://127.0.0.1:1")
    assert "the connection 'lake': the store can not be reached" in lake.state("a.csv").reason


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"ACCESS_KEY_ID": ""}, "LAKE_ACCESS_KEY_ID is not set"),
        ({"SECRET_ACCESS_KEY": " "}, "LAKE_SECRET_ACCESS_KEY is not set"),
        ({"ENDPOINT_URL": "http://store.example"}, "LAKE_ENDPOINT_URL says http"),
        ({"ENDPOINT_URL_S3": "http://store.example"}, "LAKE_ENDPOINT_URL says http"),
        ({"ENDPOINT_URL": f"https://ada:{TOKEN}@store.example"}, "is no address of a store"),
        ({"ENDPOINT_URL": f"https://store.example/?{TOKEN}"}, "is no address of a store"),
        ({"ENDPOINT_URL": f"ftp://store.example/{TOKEN}"}, "is no address of a store"),
        ({"ENDPOINT_URL": f"https://[{TOKEN}"}, "is no address of a store"),
        ({"ENDPOINT_URL": f"https://store.example:{TOKEN}"}, "is no address of a store"),
        ({"ENDPOINT_URL": TOKEN}, "is no address of a store"),
        ({"ENDPOINT_URL": "", "REGION": TOKEN}, "is no address of a store"),
        (
            {"CA_BUNDLE": "/nowhere/at/all.pem", "ENDPOINT_URL": "https://127.0.0.1:1"},
            "TLS|CA_BUNDLE|reached",
        ),
    ],
)
def test_variables_that_name_no_store_are_told_by_their_names(
    lake: Lake, variables: dict[str, str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for end, value in variables.items():
        monkeypatch.setenv(f"LAKE_{end}", value)
    reason = lake.state("a.csv").reason
    assert any(each in reason for each in told.split("|")), reason
    assert TOKEN not in reason
    assert lake.store.asked == []


def test_only_the_connections_own_variables_count(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of settings, profiles and the variables of others are another's."""
    (lake.folder / "config").write_text("[default]\nendpoint_url = http://127.0.0.1:1\nregion = other\n")
    for name, value in {
        "AWS_CONFIG_FILE": str(lake.folder / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(lake.folder / "config"),
        "AWS_PROFILE": "nobody",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "AKIDOTHER",
        "AWS_SECRET_ACCESS_KEY": "other",
        "AWS_CA_BUNDLE": "/nowhere",
    }.items():
        monkeypatch.setenv(name, value)
    lake.store.objects = {"a.csv": b"id\n1\n"}
    assert lake.state("a.csv").status == "ok"
    assert KEY_ID in lake.store.headers[0]["authorization"]
    assert lake.store.headers[0]["x-amz-security-token"] == TOKEN


def test_a_store_without_an_address_is_amazons(monkeypatch: pytest.MonkeyPatch) -> None:
    for end in ("ENDPOINT_URL", "ENDPOINT_URL_S3"):
        monkeypatch.setenv(f"AWS_{end}", "https://store.example")
    given = {"LAKE_ACCESS_KEY_ID": KEY_ID, "LAKE_SECRET_ACCESS_KEY": SECRET, "LAKE_REGION": "eu-north-1"}
    opened = STORE.opened("lake", Connection(s3="env:LAKE"), given)
    assert opened._client.meta.endpoint_url == "https://s3.eu-north-1.amazonaws.com"


def certificate(folder: Path, host: str) -> Path:
    """A file with a key and a certificate that it has signed itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = dt.datetime.now(dt.UTC)
    address: Any = x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - dt.timedelta(1), now + dt.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "c.pem").write_bytes(key.private_bytes(*form) + made.public_bytes(serialization.Encoding.PEM))
    (folder / "root.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return folder / "c.pem"


@pytest.mark.parametrize(
    ("host", "known", "status"),
    [("127.0.0.1", True, "ok"), ("127.0.0.1", False, "error"), ("store.example", True, "error")],
    ids=["known", "a root that nobody knows", "another name"],
)
def test_a_store_shows_who_it_is(
    lake: Lake, host: str, known: bool, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with object_server(certificate(lake.folder, host)) as store:
        store.objects = {"a.csv": b"id\n1\n"}
        monkeypatch.setenv("LAKE_ENDPOINT_URL", store.address)
        if known:
            monkeypatch.setenv("LAKE_CA_BUNDLE", str(lake.folder / "root.pem"))
        state = lake.state("a.csv")
        assert state.status == status, state.reason
        if status == "error":
            assert "the connection 'lake' is refused: no TLS as it is asked for" in state.reason
            assert store.asked == []
