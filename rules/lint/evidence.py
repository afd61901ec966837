"""Warns of what a measure leaves open: how old its rows may be, and which of its slices there must be."""

from __future__ import annotations

from collections.abc import Iterator

from phasegate.rules.diagnostics.problem import Problem
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import measure_of, required_bounds
from phasegate.rules.yaml.parser import Path


def evidence_problems(pack: Pack) -> Iterator[Problem]:
    """Measures without an age limit or without expected slices, and counts of what occurs only once.

    Only what something is bound to is warned of: a fact for information decides nothing.
    """
    used = {measure_of(pack, one.fact) for one in required_bounds(pack)}
    used |= {change.of for id_ in used if id_ in pack.measures and (change := pack.measures[id_].change)}
    for id_, measure in pack.measures.items():
        contract = pack.sources.get(measure.source or "")
        if contract is None or id_ not in used:
            continue
        yield from _age(measure, contract, ("measures", id_))
        yield from _unique(measure, contract, ("measures", id_))


def _age(measure: Measure, contract: Contract, path: Path) -> Iterator[Problem]:
    column = contract.columns.get(contract.dated_by or "")
    if column is None or column.type not in ("date", "datetime") or measure.max_age is not None:
        return
    source = f"the source {measure.source!r} says when its rows happened ({contract.dated_by!r})"
    message = f"{source}, and nothing limits how old they may be: what is years old would still pass"
    rests = ((*path, "max_age"), ("sources", str(measure.source), "event"))
    hint = "add for example 'max_age: 92 days'"
    if measure.kind == "sql":
        hint += f", and have the query return MAX({contract.dated_by}) AS newest"
    yield Problem("no-age-limit", message, path, hint, severity="warning", rests=rests)


def _unique(measure: Measure, contract: Contract, path: Path) -> Iterator[Problem]:
    name = (measure.distinct or "").strip()
    column = contract.columns.get(name)
    if column is not None and (column.unique or contract.key == (name,)):
        message = f"{name!r} is another in each row, so that this counts rows"
        rests = (("sources", str(measure.source)),)
        at = (*path, "distinct")
        yield Problem(
            "distinct-of-unique", message, at, "name the column that repeats", "value", "warning", rests
        )
