"""A ledger on a server that was changed behind its back: each change is found as it is in a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tampering import CHANGES, copied, faults, newest, verified

TABLES = ("entry", "node", "content", "checkpoint")


@pytest.fixture
def kept(database: str, harbour: Path) -> str:
    """The runs of the harbour in a database."""
    copied(harbour / "phasegate.db", database)
    return database


def tamper(server: Any, address: str, statements: Sequence[str]) -> None:
    """Runs statements as the tables' owner, who can do without triggers for a while."""
    plain = [statement.format(p="phasegate.", junk="'\\xff00'::bytea") for statement in statements]
    off, on = (
        [f"ALTER TABLE phasegate.{table} {verb} TRIGGER append_only" for table in TABLES]
        for verb in ("DISABLE", "ENABLE ALWAYS")
    )
    server.execute(address, *off, *plain, *on)


def test_a_ledger_that_nobody_touched(kept: str, harbour: Path) -> None:
    found = verified(kept)
    assert (found.faults, found.size, found.runs) == ((), 22, 3)
    assert found.root == verified(harbour / "phasegate.db").root
    assert verified(kept, newest(harbour / "phasegate.db")).kept == 1
    assert verified(kept, quick=True).faults == ()


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_the_tables_is_named_by_its_place(server: Any, kept: str, change: str) -> None:
    statements, where, words = CHANGES[change]
    if where == "entry -1":
        with pytest.raises(Exception, match="entry_seq_check"):
            tamper(server, kept, statements)
        return
    tamper(server, kept, statements)
    found = faults(kept)
    assert any(at.startswith(where) and words in text for at, text in found), found


def test_an_entry_whose_bytes_and_kept_hash_are_others(server: Any, kept: str) -> None:
    changed = "convert_to(replace(convert_from(body, 'UTF8'), '\"waived\"', '\"pass\"'), 'UTF8')"
    tamper(
        server,
        kept,
        [
            f"UPDATE {{p}}entry SET body = {changed} WHERE seq = 11",
            "UPDATE {p}entry SET leaf = sha256('\\x00'::bytea || body) WHERE seq = 11",
        ],
    )
    places = [where for where, _ in faults(kept)]
    assert places[:1] == ["entry 11"]
    assert "checkpoint 17" in places
    assert "checkpoint 22" in places
    assert "checkpoint 9" not in places
