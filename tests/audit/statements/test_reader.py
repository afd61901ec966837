"""Which signed statements of a ledger count, and why the others do not."""

from __future__ import annotations

import base64
import copy
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from phasegate.audit.ledger.entry import Draft
from phasegate.audit.signing.in_toto import APPROVAL, WAIVER, Statement, Subject, sign_statement
from phasegate.audit.statements.reader import SKEW

Book = Any
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
PACK = "sha256:" + "a" * 64


def approval(signed: object = "2026-03-01T12:00:00Z", **more: object) -> Statement:
    return Statement(APPROVAL, [Subject("harbour", PACK)], {"function": "finance", "signed": signed, **more})


def test_a_statement_says_what_was_signed_by_whom_and_when(book: Book) -> None:
    book.sign("fin", "approval", "finance", approval())
    (found,) = book.said("approval")
    assert (found.predicate["function"], found.digests, found.subject) == (
        "finance",
        {"harbour": PACK},
        "finance",
    )
    assert (found.signer.name, found.then.name, found.signed, found.refused) == ("fin", "fin", NOON, None)
    assert found.has("approver:finance")
    assert not found.has("approver:developer")
    assert "ledger" not in found.predicate


def test_without_a_statement_there_is_nothing(book: Book) -> None:
    book.tell(NOON)
    assert book.said("approval", "waiver") == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (approval(None), "the statement does not say when it was signed"),
        (approval("yesterday"), "the statement does not say when it was signed"),
        (Statement(APPROVAL, [Subject("x", PACK)], {}), "the statement does not say when it was signed"),
        (approval("2026-03-01T12:00:00"), "does not say in which time zone"),
        (approval("2026-03-01T13:00:01Z"), "it is dated ahead: 2026-03-01T13:00:01Z"),
        (approval("2026-03-01T13:00:00Z"), None),
        (approval("2026-03-01T23:59:59+13:00"), "it is dated back"),
        (approval("2026-03-02T01:00:00+13:00"), None),
        (Statement(WAIVER, [Subject("x", PACK)], {"signed": "2026-03-01T12:00:00Z"}), "statement of type"),
    ],
)
def test_a_moment_that_can_not_be(statement: Statement, said: str | None, book: Book) -> None:
    book.tell(NOON)
    book.sign("fin", "approval", "finance", statement)
    (found,) = book.said("approval")
    assert (found.signer is None) is (said is not None)
    assert said is None or said in found.refused


def changed(envelope: dict[str, Any], how: str) -> Any:
    document = copy.deepcopy(envelope)
    payload = json.loads(base64.b64decode(document["payload"]))
    if how == "nobody":
        document["signatures"] = []
    elif how == "another name":
        document["signatures"][0]["keyid"] = "SHA256:" + "A" * 43
    elif how == "one bit":
        signature = bytearray(base64.b64decode(document["signatures"][0]["sig"]))
        signature[7] ^= 1
        document["signatures"][0]["sig"] = base64.b64encode(signature).decode()
    elif how == "twice":
        document["signatures"] *= 2
    elif how == "type":
        document["payloadType"] = "text/plain"
    elif how == "nothing":
        return None
    else:
        if how == "function":
            payload["predicate"]["function"] = "developer"
        elif how == "pack":
            payload["subject"][0]["digest"]["sha256"] = "b" * 64
        text = json.dumps(payload, sort_keys=True, separators=(",", ":"))
        document["payload"] = base64.b64encode(text.encode()).decode()
    return document


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("nobody", "nobody signed the envelope"),
        ("another name", "signed by an unknown key"),
        ("one bit", "is wrong"),
        ("twice", "two signatures"),
        ("type", "the envelope holds 'text/plain'"),
        ("nothing", "this is no envelope"),
        ("function", "is wrong"),
        ("pack", "is wrong"),
    ],
)
def test_an_envelope_that_was_altered_vouches_for_nothing(how: str, said: str, book: Book) -> None:
    book.sign("fin", "approval", "finance", approval())
    envelope = changed(book.envelope("approval"), how)
    book.put(lambda _: [Draft("approval", None, "finance", {"envelope": envelope})])
    first, second = book.said("approval")
    assert (first.refused, second.signer) == (None, None)
    assert said in second.refused
    assert (second.predicate, second.subject) == ({}, "finance")


def test_the_same_envelope_written_out_again_is_the_same(book: Book) -> None:
    """Without which the test above could not fail for a change that is none."""
    book.sign("fin", "approval", "finance", approval())
    assert changed(book.envelope("approval"), "as it is") == book.envelope("approval")


def test_two_people_do_not_sign_one_statement(book: Book) -> None:
    book.tell(NOON)
    both = sign_statement(approval(ledger="x"), book.keys["fin"], book.keys["dev"])
    book.put(lambda _: [Draft("approval", None, "finance", {"envelope": both})])
    assert book.said("approval")[0].refused == "more than one key signed the statement"


def test_a_statement_is_signed_for_one_ledger(book: Book, tmp_path: Path) -> None:
    book.sign("fin", "approval", "finance", approval())
    other = type(book)(tmp_path / "other.db", book.keys)
    envelope = book.envelope("approval")
    other.put(lambda _: [Draft("approval", None, "finance", {"envelope": envelope})])
    assert other.said("approval")[0].refused == "it was signed for another ledger"
    unbound = sign_statement(approval(), book.keys["fin"])
    other.put(lambda _: [Draft("approval", None, "finance", {"envelope": unbound})])
    assert other.said("approval")[1].refused == "it was signed for another ledger"


def test_a_waiver_can_not_pass_for_an_approval(book: Book) -> None:
    statement = Statement(WAIVER, [Subject("x", PACK)], {"signed": "2026-03-01T12:00:00Z"})
    book.sign("fin", "waiver", "W-1", statement)
    envelope = book.envelope("waiver")
    book.put(lambda _: [Draft("approval", None, "finance", {"envelope": envelope})])
    assert "this is a statement of type" in book.said("approval")[0].refused


def test_what_the_ledger_told_before_is_a_bound_for_what_comes_after(book: Book) -> None:
    book.tell(NOON)
    book.sign("fin", "approval", "finance", approval((NOON - SKEW).isoformat()))
    book.sign("fin", "approval", "finance", approval((NOON - SKEW - dt.timedelta(seconds=1)).isoformat()))
    assert [each.refused is None for each in book.said("approval")] == [True, False]


def test_a_clock_that_once_ran_ahead_does_not_date_back_what_is_right(book: Book) -> None:
    book.tell(NOON + dt.timedelta(days=900))
    book.sign("fin", "approval", "finance", approval())
    assert book.said("approval")[0].refused is None
    assert book.said("approval", now=None)[0].refused is not None


def test_a_damaged_entry_stops_everything(book: Book) -> None:
    """A gate must not open because the one entry that speaks against it can not be read."""
    import sqlite3

    from phasegate.audit.ledger.entry_errors import EntryError

    book.sign("fin", "approval", "finance", approval())
    connection = sqlite3.connect(book.address)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    table = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%body%'"
    ).fetchone()[0]
    connection.execute(f"UPDATE {table} SET body = x'7b' WHERE kind = 'approval'")
    connection.commit()
    connection.close()
    with pytest.raises(EntryError, match=f"{book.address}: entry 2 can not be read"):
        book.said("approval")


def test_what_is_dated_back_names_the_entry_and_counts_when_it_is_signed_again(book: Book) -> None:
    ahead, after = NOON + dt.timedelta(days=4), NOON + dt.timedelta(days=5)
    book.tell(ahead)
    book.sign("fin", "approval", "finance", approval())
    book.sign("fin", "approval", "finance", approval(after.isoformat()))
    first, second = book.said("approval", now=after)
    assert first.refused == (
        "it is dated back: 2026-03-01T12:00:00Z, and entry 1 before it had told 2026-03-05T12:00:00Z "
        "already; sign it again"
    )
    assert second.refused is None
