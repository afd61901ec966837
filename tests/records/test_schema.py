"""The published schema of records: current, of all editions, and held by every record at hand."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from held_records import PUBLISHED, faults, held_once
from numbered_record import numbered

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.runs import record_of, runs
from phasegate.records.editions import EDITIONS
from phasegate.records.published.record_schema import record_schema
from phasegate.records.reader import RecordError, checked_record, load_record

TESTS = Path(__file__).parents[1]
SAVED = sorted((TESTS / "reports" / "records").glob("*.json"))
LEDGERS = sorted((TESTS / "audit" / "ledgers").glob("*.db"))


def test_the_published_schema_is_current() -> None:
    assert (
        PUBLISHED.read_text(encoding="utf-8")
        == json.dumps(record_schema(), indent=2, ensure_ascii=False) + "\n"
    ), "write it anew: phasegate schema record -o docs/schema/record.json"


def test_it_takes_the_records_of_each_edition() -> None:
    assert record_schema()["properties"]["schema"]["enum"] == [each.record for each in EDITIONS]


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.stem)
def test_saved_records_are_of_it(path: Path) -> None:
    record = load_record(path)
    assert faults(record) == []
    assert faults(numbered(record)) == []


@pytest.mark.parametrize("path", LEDGERS, ids=lambda path: path.stem)
def test_records_of_recorded_ledgers_are_of_it(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "recorded.db"
    shutil.copy(path, copy)
    with Ledger.open(copy) as ledger:
        assert [faults(record_of(ledger, run)) for run in runs(ledger)] == [[]] * 3


def changes() -> Iterator[tuple[str, Callable[[Any], None]]]:
    yield "no requirement id", lambda record: record["requirements"][0].pop("id")
    yield "a verdict that is none", lambda record: record["requirements"][0].update(verdict="splendid")
    yield "a number as such", lambda record: record["requirements"][0].update(value=90)
    yield "a number in words", lambda record: record["requirements"][0].update(value="1,000")
    yield "a number with an exponent", lambda record: record["requirements"][0].update(margin_value="1e3")
    yield "a key more", lambda record: record.update(more=1)
    yield "no day", lambda record: record.update(as_of="2026-02-30")
    yield "another schema", lambda record: record.update(schema="phasegate/record/9")
    yield "a digest that is none", lambda record: record["pack"].update(digest="sha256:x")


@pytest.mark.parametrize("change", [pytest.param(change, id=name) for name, change in changes()])
def test_what_is_no_record_is_not_of_it(change: Callable[[Any], None]) -> None:
    record = numbered(load_record(TESTS / "reports" / "records" / "minimal_fail.json"))
    change(record)
    assert len(faults(record)) == 1


def test_entries_that_records_share_are_held_once() -> None:
    """Else the fast tests spend a tenth of their time on holding the same again."""
    assert {"facts", "requirements", "criteria", "points", "gates", "sources", "basis"} <= {*held_once()}


def test_what_the_reader_refuses_it_refuses_too() -> None:
    whole = json.loads((TESTS / "reports" / "records" / "minimal_fail.json").read_text(encoding="utf-8"))
    for key in whole:
        broken = {**whole, key: 1.5}
        with pytest.raises(RecordError):
            checked_record(broken, "it")
        assert faults(broken)
