"""Measures as plain SQL, for people and for other engines."""

from fractions import Fraction
from typing import Any

import polars as pl
import pytest
import sqlglot
from syrupy.assertion import SnapshotAssertion

from phasegate.facts.measures.portable_sql import explain_sql
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.measure import Measure

CONTRACT = Contract.model_validate(
    {
        "title": "One line",
        "columns": {"day": {"type": "date"}, "point_id": {"type": "string"}},
        "event": "day",
        "point": "point_id",
    }
)
ELSEWHERE = {"from": "plans", "value": "planned", "where": "approved"}
KINDS: dict[str, dict[str, Any]] = {
    "count": {"count": "amount > 1", "where": "kind = 'x' OR kind = 'y'"},
    "exists": {"exists": "amount > 1"},
    "ratio": {"ratio": {"of": "amount > 1", "over": "kind IS NOT NULL"}, "by": "point"},
    "share": {"share": {"of": "kind = 'x'", "value": "amount"}, "by": "kind"},
    "sum": {"sum": "amount * 2"},
    "mean": {"mean": "amount"},
    "median": {"median": "amount"},
    "quantile": {"quantile": {"of": "amount", "at": "95 %"}},
    "distinct": {"distinct": "kind"},
    "attainment": {"attainment": {"actual": "amount", "expected": "plan"}},
    "accuracy by item": {
        "accuracy": {"actual": "amount", "forecast": "plan"},
        "grain": "kind",
        "where": "amount > 0",
    },
    "accuracy of two sources": {
        "accuracy": {"actual": "amount", "forecast": ELSEWHERE, "over": "forecast"},
        "grain": ["kind"],
        "by": "point",
    },
    "latest": {"latest": {"passed": "amount > 1", "by": "kind"}, "by": "point", "where": "kind <> 'z'"},
    "sql": {"sql": "SELECT SUM(amount) AS numerator, COUNT(*) AS rows FROM lines"},
}


def _plain(definition: dict[str, Any]) -> str:
    return explain_sql(Measure.model_validate({"title": "T", "from": "lines", **definition}), CONTRACT)


@pytest.mark.parametrize("kind", KINDS)
def test_it_reads_well(kind: str, snapshot: SnapshotAssertion) -> None:
    assert _plain(KINDS[kind]) == snapshot


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_sql(kind: str) -> None:
    assert len(sqlglot.parse(_plain(KINDS[kind]), read="postgres")) == 1


@pytest.mark.parametrize("kind", ["count", "ratio", "share", "sum", "mean", "distinct", "accuracy by item"])
def test_another_engine_computes_the_same(kind: str, measure: Any) -> None:
    """The printed query, run as it stands over the same rows, has the fact's numbers."""
    rows = [
        {"day": "2026-03-01", "point": "1.1", "kind": kind_, "amount": amount, "plan": 2}
        for kind_, amount in (("x", 1), ("x", 3), ("y", 2), (None, 5))
        if kind_ or "grain" not in KINDS[kind]
    ]
    lines = pl.DataFrame(rows).with_columns(
        pl.col("day").str.to_date(), pl.col("amount", "plan").cast(pl.Decimal(38, 2)), point_id="point"
    )
    missing = {
        "team": pl.String,
        "met": pl.Boolean,
        "units": pl.Int64,
        "rate": pl.Float64,
        "written": pl.Date,
    }
    full = lines.with_columns(
        *(pl.lit(None, type_).alias(name) for name, type_ in missing.items()), currency=pl.lit("USD")
    )
    facts = measure({"m": KINDS[kind]}, full.lazy()).facts
    found = pl.SQLContext(lines=lines).execute(_plain(KINDS[kind]), eager=True).to_dicts()
    assert found
    for row in found:
        fact = facts["m", (row["slice"] or "(none)") if "by" in KINDS[kind] else ""]
        assert fact.value == Fraction(row["numerator"]) / Fraction(row.get("denominator", 1))


@pytest.mark.parametrize("how", ["difference", "fall", "rise", "gap_closed"])
def test_a_change_is_told_in_words(how: str) -> None:
    change = Measure.model_validate({"title": "T", "change": {"of": "a.b", "as": how}})
    assert explain_sql(change).endswith("now is a.b, then is its figure in the baseline")


def test_converted_amounts_say_what_they_are() -> None:
    convert = {"event": "day", "currency": "currency", "convert": {"to": "USD", "rates": "fx"}}
    contract = CONTRACT.model_validate(CONTRACT.model_dump(exclude_unset=True) | convert)
    measure = Measure.model_validate({"title": "T", "from": "lines", "sum": "amount"})
    assert explain_sql(measure, contract) == (
        "SELECT SUM(amount) AS numerator,\n       COUNT(*) AS rows,\n       MAX(day) AS newest\nFROM lines\n"
        "-- the amounts of lines in USD, by the newest rate of fx at or before day"
    )
