"""A measure as the plain SQL that it stands for, for people and for other engines.

It is what is printed as a fact's query. Parameters stay by name, so that the text is the same on any
day; the aggregates are those that every engine has.
"""

from __future__ import annotations

from phasegate.rules.model.contract import Contract
from phasegate.rules.model.measure import Elsewhere, Measure
from phasegate.rules.values.units import Quantity


def explain_sql(measure: Measure, contract: Contract | None = None) -> str:
    """The query that a measure stands for.

    Args:
        measure: the measure.
        contract: its source's contract, for the names of the point and date columns.
    """
    if measure.sql is not None:
        return measure.sql.strip()
    if measure.attested is not None:
        each = " of each point" if measure.by else ""
        return f"a value{each} that is attested by {measure.attested.by}"
    if measure.change is not None:
        how = {
            "difference": "now - then",
            "fall": "(then - now) / then",
            "rise": "(now - then) / then",
            "gap_closed": "(now - then) / (1 - then)",
        }[measure.change.as_]
        return f"{how}: now is {measure.change.of}, then is its figure in the baseline"
    return _Plain(measure, contract).text()


class _Plain:
    """One measure while its query is being written."""

    def __init__(self, measure: Measure, contract: Contract | None) -> None:
        self.measure = measure
        self.event = contract.event if contract else None
        self.convert = contract.convert if contract else None
        self.by = measure.by
        if measure.by == "point" and contract is not None and contract.point is not None:
            self.by = contract.point

    def text(self) -> str:
        """The whole query, and what its amounts are where they are not as the source has them."""
        if self.convert is None:
            return self._written()
        to, rates = self.convert.to, self.convert.rates
        rate = f"the newest rate of {rates} at or before {self.event}"
        return f"{self._written()}\n-- the amounts of {self.measure.source} in {to}, by {rate}"

    def _written(self) -> str:
        kind = self.measure.kind
        if kind in ("attainment", "accuracy") and self.measure.grain_columns:
            return self._items()
        if kind == "latest":
            return self._latest()
        return self._query(self._columns(), str(self.measure.source), [self.measure.where, self._over()])

    def _query(self, columns: list[str], source: str, conditions: list[str | None], rows: bool = True) -> str:
        chosen = [f"{self.by} AS slice"] if self.by else []
        chosen += columns
        if rows:
            chosen += ["COUNT(*) AS rows", *([f"MAX({self.event}) AS newest"] if self.event else [])]
        kept = [_alone(condition) for condition in conditions if condition]
        lines = ["SELECT " + ",\n       ".join(chosen), f"FROM {source}"]
        lines += ["WHERE " + "\n  AND ".join(kept)] if kept else []
        lines += [f"GROUP BY {self.by}"] if self.by else []
        return "\n".join(lines)

    def _over(self) -> str | None:
        part = self.measure.ratio or self.measure.share
        return part.over if part else None

    def _columns(self) -> list[str]:
        measure = self.measure
        match measure.kind:
            case "count":
                return [f"{_met(measure.count)} AS numerator"]
            case "exists":
                return [f"{_met(measure.exists)} > 0 AS truth"]
            case "ratio":
                assert measure.ratio is not None
                return [f"{_met(measure.ratio.of)} AS numerator", "COUNT(*) AS denominator"]
            case "share":
                assert measure.share is not None
                met = f"SUM(CASE WHEN {measure.share.of} THEN {measure.share.value} ELSE 0 END)"
                return [f"{met} AS numerator", f"SUM({measure.share.value}) AS denominator"]
            case "sum":
                return [f"SUM({measure.sum}) AS numerator"]
            case "mean":
                return [f"SUM({measure.mean}) AS numerator", "COUNT(*) AS denominator"]
            case "distinct":
                return [f"COUNT(DISTINCT {measure.distinct}) AS numerator"]
            case "median":
                return [f"PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY {measure.median}) AS numerator"]
            case "quantile":
                assert measure.quantile is not None
                share = float(Quantity.parse(measure.quantile.at).value)
                order = f"WITHIN GROUP (ORDER BY {measure.quantile.of})"
                return [f"PERCENTILE_DISC({share:g}) {order} AS numerator"]
        actual, planned = self._sides()
        return _sums(str(actual), str(planned), measure)

    def _sides(self) -> tuple[str | Elsewhere, str | Elsewhere]:
        if self.measure.attainment is not None:
            return self.measure.attainment.actual, self.measure.attainment.expected
        assert self.measure.accuracy is not None
        return self.measure.accuracy.actual, self.measure.accuracy.forecast

    def _latest(self) -> str:
        assert self.measure.latest is not None
        fields = [f"{sql} AS {name}" for name, sql in self.measure.latest.items()]
        lines = ["SELECT " + ",\n       ".join([*([f"{self.by} AS slice"] if self.by else []), *fields])]
        lines += [f"FROM {self.measure.source}"]
        lines += [f"WHERE {self.measure.where}"] if self.measure.where else []
        of = f" of each {self.by}" if self.by else ""
        return "\n".join([*lines, f"-- the one newest row{of}, by {self.event or 'its event date'}"])

    def _items(self) -> str:
        actual, planned = self._sides()
        grain = ", ".join([*([self.by] if self.by else []), *self.measure.grain_columns])
        own = [side for side in (actual, planned) if isinstance(side, str)]
        if len(own) == 2:
            columns = f"{grain}, {actual} AS actual, {planned} AS planned"
            rows = _rows(columns, str(self.measure.source), self.measure.where)
        else:
            sides = (
                self._side(actual, grain, "actual", "0 AS planned"),
                self._side(planned, grain, "planned", "0 AS actual"),
            )
            rows = "\nUNION ALL\n".join(sides)
        summed = f"SELECT {grain}, SUM(actual) AS actual, SUM(planned) AS planned"
        inner = "\n".join([summed, "FROM (", _indent(rows), ") AS lines", f"GROUP BY {grain}"])
        items = _indent(inner)
        sums = _sums("actual", "planned", self.measure)
        chosen = [*([f"{self.by} AS slice"] if self.by else []), *sums]
        after = f"\nGROUP BY {self.by}" if self.by else ""
        return "SELECT " + ",\n       ".join(chosen) + f"\nFROM (\n{items}\n) AS items{after}"

    def _side(self, side: str | Elsewhere, grain: str, name: str, other: str) -> str:
        if isinstance(side, str):
            source, value, where = self.measure.source, side, self.measure.where
        else:
            source, value, where = side.source, side.value, side.where
        amounts = [f"{value} AS {name}", other]
        columns = ", ".join(amounts if name == "actual" else amounts[::-1])
        return _rows(f"{grain}, {columns}", str(source), where)


def _rows(columns: str, source: str, where: str | None) -> str:
    lines = ["SELECT " + columns, "FROM " + source]
    return "\n".join([*lines, *(["WHERE " + where] if where else [])])


def _alone(condition: str) -> str:
    """A condition that can stand beside others."""
    return f"({condition})" if " OR " in condition.upper() else condition


def _met(condition: str | None) -> str:
    return f"COUNT(CASE WHEN {condition} THEN 1 END)"


def _sums(actual: str, planned: str, measure: Measure) -> list[str]:
    if measure.kind == "attainment":
        return [f"SUM(LEAST({actual}, {planned})) AS numerator", f"SUM({planned}) AS denominator"]
    assert measure.accuracy is not None
    over = actual if measure.accuracy.over == "actual" else planned
    whole = f"SUM(ABS({over}))"
    return [f"{whole} - SUM(ABS(({actual}) - ({planned}))) AS numerator", f"{whole} AS denominator"]


def _indent(text: str) -> str:
    return "\n".join("  " + line for line in text.split("\n"))
