"""What of a server's address may be shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.postgres_address import AddressError, server_address
from phasegate.audit.ledger.store import LedgerError


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://", "postgresql://"),
        ("postgresql://host/db", "postgresql://host/db"),
        ("postgres://user@host:5433/db", "postgres://user@host:5433/db"),
        ("postgresql://user:canary@host/db", "postgresql://user:***@host/db"),
        ("postgresql://user:@host/db", "postgresql://user@host/db"),
        ("postgresql://user:can%2Fary@a:1,b:2/db", "postgresql://user:***@a:1,b:2/db"),
        ("postgresql://user:canary@[::1]:5432/db", "postgresql://user:***@[::1]:5432/db"),
        ("postgresql://@/db?host=/run/pg&password=canary", "postgresql://@/db?host=/run/pg&password=***"),
        (
            "postgresql://h/db?sslpassword=canary&sslmode=require",
            "postgresql://h/db?sslpassword=***&sslmode=require",
        ),
    ],
)
def test_passwords_are_masked(url: str, shown: str) -> None:
    address = server_address(url)
    assert address.shown == shown
    assert address.url == url
    assert "canary" not in repr(address)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:can/ary@host/db",
        "postgresql://user:12/canary@host/db",
        "postgresql://user:12?canary@host/db",
        "postgresql://user:12?a=canary@host/db",
        "postgresql://user:12#canary@host/db",
        "postgresql://user:can@ary@host/db",
        "postgresql://user:canary%zz@host/db",
        "postgresql://user:canary@host:port/db",
        "postgresql://user:canary@host/db?password",
        "postgresql://user:canary ary@host/db",
        "postgresql://user:canary@host/db\n",
        "postgresql://user:canäry@host/db",
    ],
)
def test_of_a_malformed_address_nothing_is_shown(url: str) -> None:
    with pytest.raises(LedgerError) as caught:
        Ledger.open(url)
    assert isinstance(caught.value, AddressError)
    for part in ("canary", "ary", "can", "12", "user", "host"):
        assert part not in caught.value.message
    assert caught.value.__context__ is None


@given(st.from_regex(r"[a-z/@:?#&=%0-9]{0,6}canary[a-z/@:?#&=%0-9]{0,6}", fullmatch=True))
def test_no_password_passes_through_a_message(password: str) -> None:
    try:
        address = server_address(f"postgresql://user:{password}@host/db")
    except AddressError:
        return  # of which the text is always the same
    assert "canary" not in address.shown
    assert "canary" not in address.scrubbed(f"invalid value {password} for port")


def test_a_message_is_one_line() -> None:
    assert server_address("postgresql://h/db").scrubbed("no\n\tsuch  thing\n") == "no such thing"


def test_a_password_is_scrubbed_as_it_is_meant_too() -> None:
    address = server_address("postgresql://user:can%2Fary@host/db")
    assert address.scrubbed("rôle can/ary") == address.scrubbed("can%2Fary")
    assert "ary" not in address.scrubbed("can/ary")
