"""One scope for the tests of expressions: a source with a column of each type."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
import pytest

from phasegate.facts.expressions.expression import ENGINE_DATES, Kind, Scope, add_columns, parse

AS_OF = dt.date(2026, 3, 31)
SCHEMA = {
    "status": pl.String(), "owner": pl.String(), "amount": pl.Decimal(38, 2), "plan": pl.Decimal(38, 9),
    "units": pl.Int64(), "rate": pl.Decimal(38, 9), "due": pl.Date(), "at": pl.Datetime("us"),
    "ok": pl.Boolean(), "Tags": pl.String(),
}  # fmt: skip


@pytest.fixture
def scope() -> Scope:
    """The scope."""
    columns = {
        "status": Kind("string"), "owner": Kind("string"), "amount": Kind("decimal", 2),
        "plan": Kind("decimal", 9), "units": Kind("integer"), "rate": Kind("decimal", 9),
        "due": Kind("date"), "at": Kind("datetime"), "ok": Kind("boolean"), "Tags": Kind("string"),
    }  # fmt: skip
    parameters = dict.fromkeys(ENGINE_DATES, "date") | {"tolerance": "number", "window": "number"}
    return Scope("costs", columns, parameters)


@pytest.fixture
def values() -> dict[str, Any]:
    """The values of its parameters; there is no cycle."""
    return {"as_of": AS_OF, "cycle_start": None, "tolerance": Fraction(1, 40), "window": 31}


@pytest.fixture
def evaluate(scope: Scope, values: dict[str, Any]) -> Callable[..., Any]:
    """Evaluates an expression over one row that is given by its columns."""

    def evaluate(sql: str, **row: Any) -> Any:
        exact = {name: Decimal(row[name]) for name in ("amount", "plan", "rate") if row.get(name)}
        frame = pl.LazyFrame([{**dict.fromkeys(SCHEMA), **row, **exact}], schema=SCHEMA)
        return add_columns(frame, {"result": parse(sql, scope)}, values).collect()["result"][0]

    return evaluate
