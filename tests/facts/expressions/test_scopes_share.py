"""What was read once is known in other scopes only where its words stand for the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import pytest

from phasegate.facts.expressions.expression import Expression, ExpressionError, Kind, Scope, parse

SCOPE = Scope("costs", {"a": Kind("integer", nullable=False), "b": Kind("string")}, {"least": "number"})
SQL = "a > :least"


def read(
    columns: Mapping[str, Kind] = SCOPE.columns,
    parameters: Mapping[str, Literal["date", "number"]] = SCOPE.parameters,
) -> Expression:
    return parse(SQL, replace(SCOPE, columns={**SCOPE.columns, **columns}, parameters=parameters))


def test_columns_that_it_does_not_name_are_of_no_matter() -> None:
    assert read({"c": Kind("date")}) is parse(SQL, SCOPE)


def test_what_a_column_holds_is() -> None:
    assert parse(SQL, SCOPE).deciding == ()
    assert read({"a": Kind("integer", nullable=True)}).deciding == ("a",)
    with pytest.raises(ExpressionError):
        read({"a": Kind("string")})


def test_what_a_parameter_is_is() -> None:
    assert parse(SQL, SCOPE).type == "boolean"
    with pytest.raises(ExpressionError):
        read(parameters={"least": "date"})
    with pytest.raises(ExpressionError, match="no parameter"):
        read(parameters={"most": "number"})


def test_what_a_column_may_be_is() -> None:
    known = "b = 'EUR'"
    assert parse(known, replace(SCOPE, allowed={"b": ("EUR", "USD")})).columns == ("b",)
    with pytest.raises(ExpressionError, match="never"):
        parse(known, replace(SCOPE, allowed={"b": ("USD",)}))
