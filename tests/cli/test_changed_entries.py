"""Whoever may write every table changes what people signed or a gate decided: nothing is decided by it.

Entries that are hidden from an index are tried in `test_hidden_entries`, what `verify` says of each change of
the tables in `tests/audit/verification`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from attested_world import attested, says  # noqa: F401 - a fixture
from postgres_server import Server, server  # noqa: F401 - a fixture
from sizes import some
from tampering import opened

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.merkle import leaf_hash

World = Any
KINDS = ("key", "approval", "gate", "attestation")
REPEATED = (
    "INSERT INTO {p}entry (seq, kind, run, subject, leaf, body) "
    "SELECT {size}, kind, run, subject, leaf, body FROM {p}entry WHERE seq = {first}"
)
CHANGES = {
    "removed": ["DELETE FROM {p}entry WHERE seq = {seq}"],
    "removed, and those behind it moved up": [
        "DELETE FROM {p}entry WHERE seq = {seq}",
        "UPDATE {p}entry SET seq = seq + 1000000 WHERE seq > {seq}",
        "UPDATE {p}entry SET seq = seq - 1000001 WHERE seq > 1000000",
    ],
    "under another kind": ["UPDATE {p}entry SET kind = 'point' WHERE seq = {seq}"],
    "under another subject": ["UPDATE {p}entry SET subject = 'other' WHERE seq = {seq}"],
    "under another run": ["UPDATE {p}entry SET run = 77 WHERE seq = {seq}"],
    "with the bytes of an earlier one": [
        "UPDATE {p}entry SET body = (SELECT body FROM {p}entry WHERE seq = {first}) WHERE seq = {seq}",
        "UPDATE {p}entry SET leaf = (SELECT leaf FROM {p}entry WHERE seq = {first}) WHERE seq = {seq}",
    ],
    "with other bytes": ["UPDATE {p}entry SET body = {body} WHERE seq = {seq}"],
    "with other bytes and their hash": ["UPDATE {p}entry SET body = {body}, leaf = {leaf} WHERE seq = {seq}"],
    "an earlier one repeated at the end": [REPEATED],
    "exchanged with an earlier one": [
        "UPDATE {p}entry SET seq = 1000000 WHERE seq = {seq}",
        "UPDATE {p}entry SET seq = {seq} WHERE seq = {first}",
        "UPDATE {p}entry SET seq = {first} WHERE seq = 1000000",
    ],
    "cut off, with all behind it": [
        "DELETE FROM {p}entry WHERE seq >= {seq}",
        "DELETE FROM {p}checkpoint WHERE size > {seq}",
    ],
}


@pytest.fixture
def place(request: pytest.FixtureRequest, world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the ledger of the world will be."""
    if request.param == "sqlite":
        return str(world.folder / "phasegate.db")
    made: Server = request.getfixturevalue("server")
    address = made.database()
    monkeypatch.setenv("LEDGER", address)
    world.more = "ledger: env:LEDGER\n"
    return address


@pytest.fixture
def shut(place: str, attested: World) -> World:  # noqa: F811
    """A gate that was open by an auditor's word, and is closed since that one said otherwise."""
    attested.at("2026-03-01T12:10:00+00:00")
    says(attested, "false")
    assert attested.gate().exit_code == 1
    return attested.at("2026-03-01T12:20:00+00:00")


def change(place: str, kind: str, statements: list[str], request: pytest.FixtureRequest) -> None:
    """Changes the newest entry of a kind in the tables, as their owner can."""
    with Ledger.open(place) as ledger:
        rows, size = ledger.find((kind,)), ledger.size()
        rows = [row for row in rows if row.subject == "1"] if kind == "gate" else rows
        last = rows[-1]
        first = rows[0].seq if len(rows) > 1 else last.seq - 1
    body = last.body.replace(b"2026-03-01", b"2026-02-01").replace(b'"closed"', b'"open"')
    body = body if body != last.body else last.body.replace(b"true", b"null").replace(b"finance", b"nothing")
    body = body if body != last.body else last.body + b" "
    server_side = "://" in place
    hex_ = "'\\x{}'::bytea" if server_side else "x'{}'"
    written = {"body": hex_.format(body.hex()), "leaf": hex_.format(leaf_hash(body).hex())}
    plain = [
        each.format(p="phasegate." if server_side else "", seq=last.seq, first=first, size=size, **written)
        for each in statements
    ]
    if server_side:
        tables = ("entry", "checkpoint")
        off, on = (
            [f"ALTER TABLE phasegate.{table} {verb} TRIGGER append_only" for table in tables]
            for verb in ("DISABLE", "ENABLE ALWAYS")
        )
        request.getfixturevalue("server").execute(place, *off, *plain, *on)
        return
    with opened(Path(place)) as connection:
        for each in plain:
            connection.execute(each)


def on_a_server() -> Iterator[Any]:
    """A third of all changes in the slow tests, the rest in the long ones."""
    for number, (kind, how) in enumerate(product(KINDS, CHANGES)):
        yield pytest.param(
            "postgresql", kind, how, marks=pytest.mark.long if number % 3 else pytest.mark.slow
        )


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("place", "kind", "how"),
    [
        *(("sqlite", kind, how) for at, kind in enumerate(KINDS) for how in some(CHANGES, at, len(KINDS))),
        *on_a_server(),
    ],
    indirect=["place"],
)
def test_nothing_is_decided_by_tables_that_somebody_changed(
    kind: str, how: str, shut: World, place: str, request: pytest.FixtureRequest
) -> None:
    change(place, kind, CHANGES[how], request)
    for name, *command in (("dev", "advance", "1"), ("ci", "gate", "1"), ("fin", "approve")):
        result = shut.by(name, *command)
        assert result.exit_code == 2, (command, result.output)
        assert "Traceback" not in result.output
    assert shut.by("ci", "check").exit_code in (1, 2)
    verified = shut.run("verify")
    assert verified.exit_code in (1, 2), verified.output
