"""One table says what the kinds of measures are; the model, and what computes them, know the same ones."""

from __future__ import annotations

import typing
from fractions import Fraction
from typing import Any

import pytest
from pydantic import BaseModel

from phasegate.facts.measures.kinds.registry import KINDS as COMPUTED
from phasegate.facts.measures.kinds.uses import uses
from phasegate.rules.model.base import Sql
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.measure_kinds import EACH, ITSELF, KINDS, MEASURE_KINDS

NOT_KINDS = {
    "title", "source", "sources", "slicing", "where", "grain", "unit", "min_rows", "max_age", "valid",
    "better", "when_empty", "items", "must", "do", "note", "for_information",
}  # fmt: skip
"""What a measure of any kind may have."""
BY_FACTS = {"change": "of two facts", "attested": "of what people sign"}
"""What no class of measures computes from rows."""


def clause(kind: str) -> Any:
    """The type of a kind's clause, without None."""
    (found,) = [
        each for each in typing.get_args(typing.get_type_hints(Measure)[kind]) if each is not type(None)
    ]
    return found


def clause_model(kind: str) -> type[BaseModel] | None:
    found = clause(kind)
    return found if isinstance(found, type) and issubclass(found, BaseModel) else None


def is_sql(annotation: Any) -> bool:
    return annotation == Sql or any(is_sql(each) for each in typing.get_args(annotation))


def test_the_model_has_these_and_no_others() -> None:
    assert set(Measure.model_fields) - NOT_KINDS == set(KINDS)


def test_each_is_computed_by_a_class_or_elsewhere() -> None:
    assert set(COMPUTED) | set(BY_FACTS) == set(KINDS)
    assert not set(COMPUTED) & set(BY_FACTS)


@pytest.mark.parametrize("kind", KINDS)
def test_what_it_reads_is_what_its_clause_holds(kind: str) -> None:
    """An expression that nobody reads here would run without having been checked."""
    read = {each.part for each in MEASURE_KINDS[kind].reads}
    model = clause_model(kind)
    if kind == "sql":
        assert read == set()  # a whole query, which has a reader of its own
    elif model is None:
        assert read == {EACH if typing.get_origin(clause(kind)) is dict else ITSELF}
    else:
        hints = typing.get_type_hints(model, include_extras=True)
        assert read == {name for name, hint in hints.items() if is_sql(hint)}


@pytest.mark.parametrize("kind", sorted(COMPUTED))
def test_range_unit_and_wording_are_told_of_each(kind: str) -> None:
    about = MEASURE_KINDS[kind]
    assert about.low is None or about.low == Fraction(0)
    assert about.ratio == (about.high == Fraction(1))
    assert not about.ratio or about.told_as_part


def test_an_unknown_kind_is_no_kind() -> None:
    with pytest.raises(KeyError):
        MEASURE_KINDS["maximum"]


def test_uses_of_a_side_elsewhere_are_those_of_its_source() -> None:
    measure = Measure.model_validate(
        {
            "title": "A", "from": "plans", "grain": "id",
            "attainment": {"actual": {"from": "done", "value": "n", "where": "ok"}, "expected": "n"},
        }
    )  # fmt: skip
    assert [(use.path[2:], use.source, use.wanted) for use in uses("a", measure)] == [
        (("attainment", "actual", "value"), "done", "number"),
        (("attainment", "actual", "where"), "done", "condition"),
        (("attainment", "expected"), "plans", "number"),
    ]
