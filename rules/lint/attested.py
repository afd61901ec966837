"""Checks measures that are attested: what belongs to rows has no place beside them."""

from __future__ import annotations

from collections.abc import Iterator

from phasegate.rules.diagnostics.problem import Problem
from phasegate.rules.model.measure import Measure
from phasegate.rules.yaml.parser import Path

_OF_ROWS = {
    "source": "from",
    "sources": "sources",
    "where": "where",
    "min_rows": "min_rows",
    "when_empty": "when_empty",
    "items": "items",
    "must": "must",
}
_VALUES = {"truth": "true or false", "text": "a text"}


def attested_problems(measure: Measure, path: Path) -> Iterator[Problem]:
    """Clauses that an attested measure has no use for.

    Args:
        measure: a measure of the kind ``attested``.
        path: where it stands.
    """
    for field, key in _OF_ROWS.items():
        if field in measure.model_fields_set:
            message = f"{key!r} belongs to what is measured from rows; this is attested"
            yield Problem("useless-clause", message, (*path, key), "remove it")
    if measure.by not in (None, "point"):
        message = f"what is attested has no rows that {measure.by!r} could slice"
        yield Problem("useless-clause", message, (*path, "by"), "write point, or remove it", "value")
    if measure.attests == "number":
        return
    what = _VALUES[str(measure.attests)]
    rests = ((*path, "attested"),)
    if measure.unit is not None:
        message = f"the value is {what} and has no unit"
        yield Problem("unit-mismatch", message, (*path, "unit"), "remove 'unit'", "value", rests=rests)
    if measure.valid is not None:
        message = f"the value is {what} and has no range"
        yield Problem(
            "useless-clause", message, (*path, "valid"), "remove it", rests=(*rests, (*path, "unit"))
        )
