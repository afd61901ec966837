"""The days on which signed words and ages turn a verdict, by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from phasegate.records.basis.turns import Ahead
from phasegate.records.expirations import endings
from phasegate.records.reader import load_record
from phasegate.records.schema import Record

RECORD = Path(__file__).parents[2] / "reports" / "records" / "minimal_pass.json"
UNTIL = dt.date(2026, 6, 1)
WORD: dict[str, Any] = {
    "fact": "signed",
    "statement": "",
    "value": "true",
    "evidence": {},
    "standing": "unused",
    "reason": "",
    "signer": "ann",
    "role": "auditor",
    "revoked": None,
    "comment": None,
}


def word(name: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    days = {"signed": f"{start}T00:00:00Z", "start": f"{start}T00:00:00Z", "end": f"{end}T00:00:00Z"}
    return {**WORD, "id": name, **days, **more}


def attested(*words: dict[str, Any], age: int | None = None, verdict: str = "pass") -> Record:
    """A record of March 1 with one requirement that rests on words; the last one that counts answers it."""
    record: Any = load_record(RECORD)
    (fact,), (requirement,) = record["facts"], record["requirements"]
    status = {"pass": "present"}.get(verdict, verdict)
    blank = {"numerator": None, "denominator": None, "unit": None}
    truth = True if status == "present" else None
    fact |= {
        **blank,
        "id": "signed",
        "measure": "signed",
        "kind": "attested",
        "status": status,
        "truth": truth,
    }
    requirement |= {"fact": "signed", "bound": "true", "limit": None, "unit": None, "verdict": verdict}
    parts = {"measure signed": "0", "min_rows": "1", **({"max_age": str(age)} if age is not None else {})}
    record |= {"as_of": "2026-03-01", "attestations": [*words], "basis": {"signed": parts}}
    return record


def told(record: Record) -> list[tuple[str, str, str]]:
    return [(str(each.day), each.before, each.after) for each in Ahead(record).turns(UNTIL)]


USED = {"standing": "used"}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (attested(word("A-1", "2026-02-10", "2026-03-10", **USED)), [("2026-03-10", "pass", "stale")]),
        # An older word steps in, and says the same.
        (attested(word("A-1", "2026-02-10", "2026-03-10"), word("A-2", "2026-02-15", "2026-03-05", **USED)),
         [("2026-03-10", "pass", "stale")]),
        # It steps in and says something else.
        (attested(word("A-1", "2026-02-10", "2026-03-10", value="false"),
                  word("A-2", "2026-02-15", "2026-03-05", **USED)),
         [("2026-03-05", "pass", "fail"), ("2026-03-10", "fail", "stale")]),
        # One begins later.
        (attested(word("A-1", "2026-02-10", "2026-03-10", **USED), word("A-2", "2026-03-20", "2026-04-01")),
         [("2026-03-10", "pass", "stale"), ("2026-03-20", "stale", "pass"), ("2026-04-01", "pass", "stale")]),
        (attested(word("A-1", "2026-03-20", "2026-04-01"), verdict="unknown"),
         [("2026-03-20", "unknown", "pass"), ("2026-04-01", "pass", "stale")]),
        # It is older than it may be before it ends.
        (attested(word("A-1", "2026-02-10", "2026-05-10", **USED), age=31),
         [("2026-03-14", "pass", "stale")]),
        # One that was refused, or whose file is another one, does not step in.
        (attested(word("A-1", "2026-02-10", "2026-03-10", standing="untrusted"),
                  word("A-2", "2026-02-15", "2026-03-05", **USED)),
         [("2026-03-05", "pass", "stale")]),
        (attested(word("A-1", "2026-02-10", "2026-03-10", standing="evidence_changed"),
                  word("A-2", "2026-02-15", "2026-03-05", **USED)),
         [("2026-03-05", "pass", "error"), ("2026-03-10", "error", "stale")]),
    ],
)  # fmt: skip
def test_signed_words_turn_a_verdict_on_their_days(
    record: Record, expected: list[tuple[str, str, str]]
) -> None:
    assert told(record) == expected
    assert {str(each.day) for each in endings(record)} <= {day for day, _, _ in expected}


def test_a_change_is_as_old_as_what_it_is_the_change_of() -> None:
    record: Any = load_record(RECORD)
    record["facts"][0] |= {"kind": "change", "newest": "2026-02-20", "max_age_days": None}
    record["as_of"] = "2026-03-01"
    measure = record["facts"][0]["measure"]
    record["basis"] = {measure: {f"measure {measure}": "0", "min_rows": "1", "max_age": "31"}}
    assert told(record) == [("2026-03-24", "pass", "stale")]
    assert [str(each.day) for each in endings(record)] == ["2026-03-24"]


@pytest.mark.parametrize("broken", ["as_of", "newest", "max_age"])
def test_what_nobody_can_read_foretells_nothing(broken: str) -> None:
    record: Any = load_record(RECORD)
    fact = record["facts"][0]
    fact |= {"newest": "soon" if broken == "newest" else "2026-02-20", "max_age_days": 31}
    if broken == "as_of":
        record["as_of"] = "someday"
    if broken == "max_age":
        record["basis"] = {fact["measure"]: {"max_age": "many"}}
    assert told(record) == []


def waived(*waivers: dict[str, Any], verdict: str, numerator: int = 18, enforcement: str = "soft") -> Record:
    """A record of March 1 of which 18 of 20 are reconciled where 95 % must be, with waivers of that."""
    record: Any = load_record(RECORD)
    (fact,), (requirement,), (criterion,) = record["facts"], record["requirements"], record["criteria"]
    fact |= {"numerator": str(numerator)}
    requirement |= {"verdict": verdict}
    criterion |= {"enforcement": enforcement}
    given = {"requirement": requirement["id"], "pack_digest": record["pack"]["digest"], "standing": "used"}
    record |= {"as_of": "2026-03-01", "waivers": [{**given, **each} for each in waivers]}
    return record  # type: ignore[no-any-return] # made by hand


def waiver(name: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    days = {"granted": f"{start}T00:00:00Z", "start": f"{start}T00:00:00Z", "end": f"{end}T00:00:00Z"}
    return {"id": name, "covers": ["fail"], "floor": "90 %", "revoked": None, **days, **more}


SOON, LATER = waiver("W-1", "2026-02-10", "2026-03-10"), waiver("W-2", "2026-03-20", "2026-04-01")


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (waived(SOON, verdict="waived"), [("2026-03-10", "waived", "fail")]),
        (waived(LATER, verdict="fail"),
         [("2026-03-20", "fail", "waived"), ("2026-04-01", "waived", "fail")]),
        (waived(SOON, LATER, verdict="waived"),
         [("2026-03-10", "waived", "fail"), ("2026-03-20", "fail", "waived"),
          ("2026-04-01", "waived", "fail")]),
        # The criterion takes none, or nobody vouches for it, or it was granted under other rules.
        (waived(LATER, verdict="fail", enforcement="hard"), []),
        (waived(LATER, verdict="fail", enforcement="advisory"),
         [("2026-03-20", "fail", "waived"), ("2026-04-01", "waived", "fail")]),
        (waived({**LATER, "standing": "untrusted"}, verdict="fail"), []),
        (waived({**LATER, "standing": "unused"}, verdict="fail"),
         [("2026-03-20", "fail", "waived"), ("2026-04-01", "waived", "fail")]),
        (waived({**LATER, "pack_digest": "sha256:0"}, verdict="fail"), []),
        (waived({**LATER, "pack_digest": "sha256:c"}, verdict="fail"), []),
        # It is about something else, or covers something else, or less.
        (waived({**LATER, "requirement": "other"}, verdict="fail"), []),
        (waived({**LATER, "covers": ["unknown"]}, verdict="fail"), []),
        (waived({**LATER, "floor": "91 %"}, verdict="fail"), []),
        (waived(LATER, verdict="pass", numerator=19), []),
        # Its day can not be read, and that of another one can.
        (waived({**LATER, "start": "soon"}, verdict="fail"), []),
        (waived({**SOON, "id": "W-0", "end": "soon"}, LATER, verdict="fail"),
         [("2026-03-20", "fail", "waived"), ("2026-04-01", "waived", "fail")]),
        # Where the verdict does not follow from the record on its own day, nothing is foretold.
        (waived(LATER, verdict="pass"), []),
        # The last day that is asked for counts, and the day itself does not.
        (waived(waiver("W", "2026-02-10", "2026-06-01"), verdict="waived"),
         [("2026-06-01", "waived", "fail")]),
        (waived(waiver("W", "2026-02-10", "2026-06-02"), verdict="waived"), []),
        (waived(waiver("W", "2026-03-01", "2026-03-02"), verdict="waived"),
         [("2026-03-02", "waived", "fail")]),
    ],
)  # fmt: skip
def test_waivers_turn_a_verdict_on_their_days(record: Record, expected: list[tuple[str, str, str]]) -> None:
    assert told(record) == expected


@pytest.mark.parametrize(
    ("day", "ends"),
    [("2026-03-09", False), ("2026-03-10", True), ("2026-03-11", False), ("2026-03-20", False)],
)
def test_a_criterion_ends_on_the_day_on_which_it_holds_no_longer(day: str, ends: bool) -> None:
    record: Any = waived(SOON, LATER, verdict="waived")
    criterion = record["criteria"][0]["id"]
    for other in ("a", "z"):  # what others ask is no matter
        record["requirements"].append({**record["requirements"][0], "id": other, "criterion": other})
    assert Ahead(record).ends(criterion, dt.date.fromisoformat(day)) is ends


TABLE = {"measure invoices.reconciled": "0", "table invoices": ""}


@pytest.mark.parametrize(
    ("parts", "more", "reads"),
    [
        (None, {}, False),
        (TABLE, {}, False),
        ({**TABLE, "day": "read"}, {}, True),
        ({**TABLE, "day": "event"}, {}, False),
        ({**TABLE, "day": "rows"}, {"kept": 19}, True),  # rows that are kept back come one day
        ({**TABLE, "day": "rows"}, {"kept": 21}, True),
        (TABLE, {"kept": 19}, False),
        ({"day": "rows"}, {"kept": 19}, False),
        ({"day": "rows", "table other": ""}, {"kept": 19}, False),
        ({**TABLE, "cycle": ""}, {}, False),
        ({**TABLE, "cycle": ""}, {"cycle": "2026-03-01"}, False),
        ({**TABLE, "cycle": ""}, {"cycle": "2026-02-28"}, False),
        ({**TABLE, "cycle": ""}, {"cycle": "2026-03-02"}, True),
        (TABLE, {"cycle": "2026-03-02"}, False),
    ],
)
def test_a_measure_may_count_something_else_on_another_day(
    parts: dict[str, str] | None, more: dict[str, Any], reads: bool
) -> None:
    record: Any = load_record(RECORD)
    record["as_of"] = "2026-03-01"
    if parts is not None:
        record["basis"] = {"invoices.reconciled": parts}
    record["sources"][0]["rows_in_force"] = more.get("kept", 20)
    record["cycle"] = {"id": "1", "start": more["cycle"]} if "cycle" in more else None
    assert Ahead(record).reading_the_day() == (["invoices.reconciled"] if reads else [])
