"""Checks which slices a measure has: that those which there must be are known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from phasegate.rules.diagnostics.problem import Problem
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.lint.contracts import column_names, column_problem
from phasegate.rules.model.measure import Measure, Slices
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import measure_of, required_bounds
from phasegate.rules.yaml.parser import Path


def slice_problems(pack: Pack) -> Iterator[Problem]:
    """Expected values that stand nowhere, or where there are none, and slices of which none is expected."""
    used = {measure_of(pack, one.fact) for one in required_bounds(pack)}
    for id_, measure in pack.measures.items():
        path: Path = ("measures", id_, "by")
        if isinstance(measure.slicing, Slices):
            yield from _expected(pack, measure, measure.slicing, path)
        elif id_ in used and _brought_by_data(pack, measure):
            message = f"nobody knows which values of {measure.by!r} there must be"
            hint = (
                "one whose rows are all missing is not noticed: "
                f"write 'by: {{column: {measure.by}, of: <source with a row for each>}}' or list them; "
                f"'by: {{column: {measure.by}}}' if the data alone shall say"
            )
            yield Problem("no-expected-values", message, path, hint, "value", "warning", (path,))


def _brought_by_data(pack: Pack, measure: Measure) -> bool:
    """Whether the slices are whatever values a column of its source has."""
    contract = pack.sources.get(measure.source or "")
    if contract is None or measure.by is None or measure.by == "point" or measure.kind in ("sql", "change"):
        return False
    names = column_names(contract)
    return names is None or measure.by in names


def _expected(pack: Pack, measure: Measure, slices: Slices, path: Path) -> Iterator[Problem]:
    at, rests = (*path, "of"), ((*path, "column"),)
    if slices.column == "point" or measure.source is None or measure.kind == "sql":
        why = (
            "the points of the pack are expected anyway"
            if slices.column == "point"
            else f"a {measure.kind} has the slices that it is given"
        )
        yield Problem("useless-clause", why, at, f"write 'by: {slices.column}'", rests=rests)
    elif slices.source is None:
        yield from _listed(slices.of or (), at) if slices.of is not None else ()
    elif slices.source not in pack.sources:
        hint = suggest(slices.source, pack.sources, of="sources")
        message, there = f"there is no source {slices.source!r}", (("sources", slices.source),)
        yield Problem("unknown-source", message, at, hint, "value", rests=there)
    else:
        named = (*path, "as") if slices.as_ is not None else at
        yield from column_problem(pack.sources[slices.source], slices.there, named, None, slices.source)
    if slices.source is None and slices.as_ is not None:
        message = "no source is named that would have such a column"
        yield Problem("useless-clause", message, (*path, "as"), "remove it", rests=(at,))


def _listed(values: Sequence[str], path: Path) -> Iterator[Problem]:
    if not values:
        yield Problem(
            "bad-value", "no value is expected", path, "list those that there must be", rests=(path,)
        )
    for index, value in enumerate(values):
        if value in values[:index]:
            yield Problem(
                "duplicate-id", f"{value!r} is expected twice", (*path, index), "remove one", "value"
            )
