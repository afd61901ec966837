"""Facts as a table and as JSON."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

from syrupy.assertion import SnapshotAssertion

from phasegate.audit.document import Record
from phasegate.facts.fact import Fact, FactSet
from phasegate.reports.facts import facts_json, facts_text

FACTS = FactSet(
    as_of=dt.date(2026, 3, 1),
    facts={
        ("cost.covered", "aws"): Fact(
            "cost.covered", "aws", "present", unit="%", numerator=849_991, denominator=1_000_000, scale=2,
            rows=410, nulls=3, newest=dt.date(2026, 2, 28), sources=("costs",),
        ),
        ("cost.covered", "gcp"): Fact(
            "cost.covered", "gcp", "error", "the share is 104 %: rows counted twice, or negative amounts",
            unit="%", rows=12, sources=("costs",),
        ),
        ("cost.total", ""): Fact(
            "cost.total", "", "present", unit="USD", numerator=1_234_567, denominator=100,
            rows=422, sources=("costs",),
        ),
        ("validation.passed", "1.1.1"): Fact(
            "validation.passed", "1.1.1", "stale", "51 days old, 31 are allowed", truth=True, rows=1,
            newest=dt.date(2026, 1, 9), sources=("validations",),
        ),
        ("validation.stage", "1.1.1"): Fact(
            "validation.stage", "1.1.1", "present", text="[red]final\x1b[0m", rows=1, sources=("validations",)
        ),
    },
    sources={},
)  # fmt: skip


def test_table(snapshot: SnapshotAssertion) -> None:
    assert facts_text(FACTS, width=100) == snapshot


def test_json(snapshot: SnapshotAssertion) -> None:
    text = facts_json(FACTS)
    assert [each["measure"] for each in json.loads(text)] == [measure for measure, _ in sorted(FACTS.facts)]
    assert text == snapshot


def test_a_record_s_facts_read_the_same(saved: Callable[[str], Record]) -> None:
    text = facts_text(saved("minimal_fail"), width=100)
    assert "invoices.reconciled  from invoices\n" in text
    assert "90 %   18 of 20  20" in text
