"""Connections: what is taken, how long one may take, and what of a project file may be a secret."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from phasegate.rules.model.connection import Connection, written_secrets


@pytest.mark.parametrize(
    ("written", "secret"),
    [
        ("https://ann:s3cret@host/a", True),
        ("https://:s3cret@host/a", True),
        ("https://ann@host/a", False),
        ("https://host:8080/a", False),
        ("https://host/a?Password=x", True),
        ("sc://host/;token=x", True),
        ("https://host/a?tokens=x", False),
        ("https://host:8080/a@b", True),
        ("ann:s3cret@host", False),
        ("token=x", False),
        ("postgresql://ann:s3cret@host/db", True),
        ("s3://KEY:s3cret@bucket/a", True),
        ("a.csv", False),
        ("", False),
        (17, False),
        (None, False),
        (True, False),
        (["a.csv", "https://host/a?password=x"], True),
        ({"path": "https://host/a?password=x"}, True),
        ({"path": ["a.csv", {"path": "b.csv"}]}, False),
        ({"a": {"b": ["https://host/;token=x"]}}, True),
        # Of a connection anything is one but the name of a variable, and what is no text or no address.
        ({"connections": {"erp": {"postgres": "env:ERP_URL"}}}, False),
        ({"connections": {"erp": {"postgres": "env:_1"}}}, False),
        ({"connections": {"erp": {"postgres": "env:1"}}}, True),
        ({"connections": {"erp": {"postgres": "env:"}}}, True),
        ({"connections": {"erp": {"postgres": "ERP_URL"}}}, True),
        ({"connections": {"erp": {"tls": "off", "timeout": "1 hour", "privileged": "x"}}}, False),
        ({"connections": {"erp": {"tls": "off", "other": "1 hour"}}}, True),
        ({"connections": ["host"]}, True),
        ({"connections": {"erp": {"timeout": 5}}}, False),
        ({"sources": {"tls": "https://host/;token=x"}}, True),
    ],
)
def test_what_may_be_a_secret(written: object, secret: bool) -> None:
    assert bool([*written_secrets(written)]) is secret


def test_each_secret_is_found() -> None:
    written = {"a": "u://b:c@d", "connections": {"x": {"mysql": "e", "s3": "env:F"}, "y": "f"}}
    assert [*written_secrets(written)] == ["u://b:c@d", "e", "f"]


@pytest.mark.parametrize(
    ("written", "database", "store", "variable"),
    [
        ({"mysql": "env:A"}, "mysql", None, "A"),
        ({"postgres": "env:B_1"}, "postgres", None, "B_1"),
        ({"spark_connect": "env:_c"}, "spark_connect", None, "_c"),
        ({"s3": "env:AWS"}, None, "s3", "AWS"),
        ({"s3": "env:AWS", "tls": "off"}, None, "s3", "AWS"),
        ({"postgres": "env:B", "tls": "require", "privileged": True}, "postgres", None, "B"),
    ],
)
def test_a_connection_leads_to_one_place(
    written: dict[str, Any], database: str | None, store: str | None, variable: str
) -> None:
    found = Connection.model_validate(written)
    assert (found.store, found.variable) == (store, variable)
    assert database is None or found.database == database


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ({}, "a connection needs a database"),
        ({"mysql": "env:A", "postgres": "env:A"}, "a connection leads to one database"),
        ({"mysql": "env:A", "s3": "env:A"}, "a connection leads to one database"),
        ({"s3": "env:A", "privileged": True}, "'privileged' is about databases"),
        ({"s3": "env:A", "tls": "require"}, "S3 has no tls 'require'"),
        ({"s3": "env:A", "tls": "verify-ca"}, "S3 has no tls 'verify-ca'"),
        ({"mysql": "mysql://a:b@c/d"}, "the address of a database carries a password"),
        ({"mysql": "env:"}, "the address of a database carries a password"),
        ({"mysql": "env:A", "timeout": "1 day"}, "'1 day' is not how long a database may take"),
        ({"mysql": "env:A", "timeout": "0.5 seconds"}, "'0.5 seconds' is not how long a database may take"),
        ({"mysql": "env:A", "timeout": "86401 seconds"}, "is not how long a database may take"),
    ],
)
def test_what_is_no_connection(written: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Connection.model_validate(written)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("timeout", "seconds"),
    [("1 second", 1), ("24 hours", 86_400), ("1.5 minutes", 90), (None, 600), ("86400 seconds", 86_400)],
)
def test_how_long_it_may_take(timeout: str | None, seconds: float) -> None:
    written = {"mysql": "env:A"} | ({} if timeout is None else {"timeout": timeout})
    assert Connection.model_validate(written).seconds == seconds
