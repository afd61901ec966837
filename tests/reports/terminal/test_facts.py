"""Facts as a table and as JSON."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

from syrupy.assertion import SnapshotAssertion

from phasegate.facts.model.fact import Fact
from phasegate.records.facts import fact_entry
from phasegate.records.schema import Record
from phasegate.reports.terminal.facts import facts_json, facts_text
from phasegate.rules.model.pack import Pack

PACK = Pack.model_validate(
    {
        "pack": "costs",
        "title": "Costs",
        "points": {"1.1.1": {"title": "Costs", "criteria": [{"id": "a", "text": "a", "require": {}}]}},
        "sources": {"costs": {"title": "a cost", "infer": True}},
        "measures": {
            "cost.covered": {"title": "Covered", "from": "costs", "share": {"of": "x", "value": "y"}},
            "cost.total": {"title": "Total", "from": "costs", "sum": "y", "unit": "USD"},
            "cost.covered_change": {"title": "Change", "change": {"of": "cost.covered", "as": "difference"}},
            "validation": {"title": "Latest", "from": "costs", "latest": {"passed": "x", "stage": "z"}},
        },
    }
)
FACTS = [
    fact_entry(PACK, fact)
    for fact in (
        Fact(
            "cost.covered", "aws", "present", unit="%", numerator=849_991, denominator=1_000_000, scale=2,
            rows=410, nulls=3, newest=dt.date(2026, 2, 28), sources=("costs",),
        ),
        Fact(
            "cost.covered", "gcp", "error", "the share is 104 %: rows counted twice, or negative amounts",
            unit="%", rows=12, sources=("costs",),
        ),
        Fact(
            "cost.covered_change", "", "present", unit="%", numerator=52_853_627, denominator=698_662_100,
            rows=422, sources=("costs",),
        ),
        Fact(
            "cost.total", "", "present", unit="USD", numerator=1_234_567, denominator=100,
            rows=422, sources=("costs",),
        ),
        Fact(
            "validation.passed", "1.1.1", "stale", "51 days old, 31 are allowed", truth=True, rows=1,
            newest=dt.date(2026, 1, 9), sources=("validations",),
        ),
        Fact(
            "validation.stage", "1.1.1", "present", text="[red]final\x1b[0m", rows=1, sources=("validations",)
        ),
    )
]  # fmt: skip


def test_table(snapshot: SnapshotAssertion) -> None:
    assert facts_text(FACTS, width=100) == snapshot


def test_json(snapshot: SnapshotAssertion) -> None:
    text = facts_json(FACTS)
    assert [each["measure"] for each in json.loads(text)] == [fact["measure"] for fact in FACTS]
    assert text == snapshot


def test_a_record_s_facts_read_the_same(saved: Callable[[str], Record]) -> None:
    text = facts_text(saved("minimal_fail")["facts"], width=100)
    assert "invoices.reconciled  from invoices\n" in text
    assert "90 %   18 of 20  20" in text
