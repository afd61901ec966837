"""Checks measures against the sources that they read."""

from __future__ import annotations

from collections.abc import Iterator

from phasegate.rules.diagnostics.problem import Problem
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.lint.contracts import column_problem
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.measure import Change, Elsewhere, Measure
from phasegate.rules.model.measure_kinds import KINDS
from phasegate.rules.model.pack import Pack
from phasegate.rules.values.units import PERCENT, Quantity, is_currency
from phasegate.rules.yaml.parser import Path


def measure_problems(pack: Pack) -> Iterator[Problem]:
    """Unknown sources and columns, units and ranges that do not fit, changes of nothing."""
    for measure_id, measure in pack.measures.items():
        path: Path = ("measures", measure_id)
        if measure.attested is not None:
            yield from attested_problems(measure, path)
            if measure.attests == "number":
                yield from _range(measure, path)
            continue
        yield from _sources(pack, measure, path)
        if measure.source in pack.sources:
            yield from _columns(pack, measure, pack.sources[measure.source], path)
        yield from _unit(measure, path)
        yield from _range(measure, path)
        if measure.change is not None:
            yield from _change(pack, measure, measure.change, path)


def elsewheres(measure: Measure) -> Iterator[tuple[str, Elsewhere]]:
    """The sides of a measure that stand in another source, such as ``forecast``."""
    clause = getattr(measure, measure.kind)
    for each in measure.about.reads:
        value = getattr(clause, each.part, None) if each.part else None
        if isinstance(value, Elsewhere):
            yield each.part, value


def _sources(pack: Pack, measure: Measure, path: Path) -> Iterator[Problem]:
    named: list[tuple[str, Path]] = [(name, (*path, "sources", i)) for i, name in enumerate(measure.sources)]
    if measure.source is not None:
        named.append((measure.source, (*path, "from")))
    named += [(side.source, (*path, measure.kind, name, "from")) for name, side in elsewheres(measure)]
    for name, at in named:
        if name not in pack.sources:
            hint = suggest(name, pack.sources, of="sources")
            message, rests = f"there is no source {name!r}", (("sources", name),)
            yield Problem("unknown-source", message, at, hint, "value", rests=rests)
    if measure.sources and not measure.about.many_sources:
        message = f"'sources' belongs to sql measures, not to {measure.kind}"
        yield Problem("useless-clause", message, (*path, "sources"), "remove it")


def _columns(pack: Pack, measure: Measure, contract: Contract, path: Path) -> Iterator[Problem]:
    source: Path = ("sources", str(measure.source))

    def rests(key: str) -> tuple[Path, ...]:
        return (*source, key), (*source, "infer")

    if measure.by == "point":
        if contract.point is None and not contract.infer:
            message = f"the source {measure.source!r} does not say which column names the point"
            hint = "add 'point: <column>' to its contract"
            yield Problem("no-point-column", message, (*path, "by"), hint, "value", rests=rests("point"))
    elif measure.by is not None and measure.kind != "sql":
        yield from column_problem(contract, measure.by, (*path, "by"), source=measure.source)
    contracts = [(measure.source, contract)]
    contracts += [
        (side.source, pack.sources[side.source])
        for _, side in elsewheres(measure)
        if side.source in pack.sources
    ]
    if measure.grain is None and len(contracts) > 1:
        message = "amounts of two sources are matched by the grain, and there is none"
        hint = "add 'grain', columns that both sources have"
        yield Problem("no-grain", message, path, hint, rests=((*path, "grain"),))
    for index, column in enumerate(measure.grain_columns):
        at = (*path, "grain") if isinstance(measure.grain, str) else (*path, "grain", index)
        for name, one in contracts:
            yield from column_problem(one, column, at, source=name)
    if not contract.infer and measure.kind != "sql":
        for key, why, dated in (
            ("latest", "which row is the newest", contract.event),
            ("max_age", "how old its rows are", contract.dated_by),
        ):
            if getattr(measure, key) is not None and dated is None:
                message = f"the source {measure.source!r} does not say {why}"
                hint = "add 'event: <date column>' to its contract"
                yield Problem("no-event-column", message, (*path, key), hint, rests=rests("event"))
    if is_currency(measure.unit) and measure.kind == "sum" and not contract.currency and not contract.infer:
        message = f"the source {measure.source!r} does not say in which currency its amounts are"
        hint = f"add 'currency: <column>' to its contract, or 'currency: {measure.unit}' if all are in that"
        at = (*path, "unit")
        yield Problem("no-currency-column", message, at, hint, severity="warning", rests=rests("currency"))


def _unit(measure: Measure, path: Path) -> Iterator[Problem]:
    kind, about, unit, at = measure.kind, measure.about, measure.unit, (*path, "unit")
    if about.ratio and unit not in (None, PERCENT):
        yield Problem(
            "unit-mismatch", f"a {kind} is counted in %, not in {unit}", at, "remove 'unit'", "value"
        )
    if about.value != "number" and unit is not None:
        yield Problem(
            "unit-mismatch", f"{kind} is true or false and has no unit", at, "remove 'unit'", "value"
        )
    if about.plain and unit == PERCENT:
        yield Problem("unit-mismatch", f"a {kind} is a number, not a share", at, "remove 'unit'", "value")
    if measure.computed is not None:
        yield from _plugin(measure.computed.by, (*path, "computed", "by"))
    if measure.quantile is not None:
        level = Quantity.parse(measure.quantile.at)
        if level.unit != PERCENT or not 0 <= level.value <= 1:
            message = f"{measure.quantile.at!r} is no level of a quantile"
            yield Problem("bad-value", message, (*path, "quantile", "at"), "write for example 90 %", "value")


def _plugin(name: str, path: Path) -> Iterator[Problem]:
    """That no distribution that is installed brings it, or not it alone."""
    from phasegate.rules.loading.plugins import PluginError, names_of, plugin

    try:
        plugin("measure", name, KINDS)
    except PluginError as error:
        known = names_of("measure")
        hint = error.hint if name in known or not known else suggest(name, known, of="plugins")
        yield Problem("unknown-word", error.message, path, hint, "value")


def _range(measure: Measure, path: Path) -> Iterator[Problem]:
    if measure.valid is None:
        return
    at = (*path, "valid")
    unit = measure.value_unit
    low, high = (Quantity.parse(end).within(unit) for end in measure.valid)
    if measure.about.value != "number":
        yield Problem("useless-clause", f"{measure.kind} is true or false and has no range", at, "remove it")
    elif low is None or high is None:
        what = unit or "plain numbers"
        message, rests = f"the range is not in {what}, as the value is", ((*path, "unit"),)
        hint = f"write both ends in {what}"
        yield Problem("unit-mismatch", message, at, hint, "value", rests=rests)
    elif low.value > high.value:
        yield Problem("bad-value", "the range ends before it begins", at, "write [lowest, highest]", "value")


def _change(pack: Pack, measure: Measure, change: Change, path: Path) -> Iterator[Problem]:
    at = (*path, "change", "of")
    if pack.baseline is None:
        message = "a change is held against the baseline, and the pack has none"
        hint = "add 'baseline: {source: ...}' to the pack"
        yield Problem("no-baseline", message, (*path, "change"), hint, rests=(("baseline",),))
    of = pack.measures.get(change.of)
    if of is None:
        near = suggest(change.of, pack.measures, of="measures")
        message, rests = f"there is no measure {change.of!r}", (("measures", change.of),)
        yield Problem("unknown-measure", message, at, near, "value", rests=rests)
        return
    its: Path = ("measures", change.of)
    if not of.about.comparable:
        message = f"{change.of!r} is of kind {of.kind}, which has no figure to compare"
        yield Problem("change-of-no-figure", message, at, "name a measure that is a number", "value")
        return
    if of.by != measure.by:
        message = f"{change.of!r} is measured {_by(of)}, its change {_by(measure)}"
        hint = f"add 'by: {of.by}'" if of.by else "remove 'by'"
        yield Problem("by-mismatch", message, path, hint, rests=((*its, "by"), (*path, "by")))
    if change.as_ == "gap_closed" and of.value_unit != PERCENT:
        message = f"{change.of!r} is not in %, so that there is no gap to 100 % to close"
        hint = "use 'fall' or 'rise'"
        yield Problem(
            "unit-mismatch", message, (*path, "change", "as"), hint, "value", rests=((*its, "unit"),)
        )
    due = of.value_unit if change.as_ == "difference" else PERCENT
    if measure.value_unit != due:
        found = measure.unit or "no unit"
        message = f"this change is in {due or 'plain numbers'}, the measure says {found}"
        hint = f'write unit: "{due}"' if due else "remove 'unit'"
        units = ((*its, "unit"), (*path, "unit"))
        yield Problem("unit-mismatch", message, (*path, "unit"), hint, "value", rests=units)


def _by(measure: Measure) -> str:
    return f"by {measure.by}" if measure.by else "as a whole"


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
