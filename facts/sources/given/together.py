"""Tables of one form, read as one: what it costs to open a source is paid once for all of them.

Each row keeps the number of the table that it is of. What a contract demands is counted for each table by
itself, by the very expressions that count it for a single one, and each table becomes a source of its own.
What hangs on all rows of a table (columns left to it, the digits of floats, rates) is not read so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from phasegate.facts.contracts.clauses import ROW, ContractError, Values, in_force
from phasegate.facts.contracts.derived import with_derived
from phasegate.facts.contracts.registers import stray_checks
from phasegate.facts.sources.given.rows import GivenRows
from phasegate.facts.sources.open import held, prepared, sums_of
from phasegate.facts.sources.scan import READ_ERRORS, Scanned, scan_source
from phasegate.facts.sources.source import OpenSource, counted, typed_rows
from phasegate.rules.errors import PhasegateError
from phasegate.rules.model.contract import Column, Contract
from phasegate.rules.model.project import Calendar, Control, SourceFile
from phasegate.rules.values.time_zones import UTC

TABLE = "\x1etable"
"""The column with the number of the table that a row is of."""
Rows = Sequence[Mapping[str, str | None]]
"""A table: texts by the names of columns, as a file would have them."""
Tables = Sequence[Mapping[str, Rows]]
"""Some sets of tables, by the names of their sources."""


class ApartError(Exception):
    """Tables that are not read together."""


def is_apart(contract: Contract) -> bool:
    """Whether a source is not read together with others of its form."""
    of_all_rows = contract.infer or any(each.type == "float" for each in contract.columns.values())
    return of_all_rows or contract.convert is not None


def open_together(
    contracts: Mapping[str, Contract],
    tables: Tables,
    controls: Sequence[Mapping[str, Control | None]],
    as_of: dt.date,
    calendar: Calendar,
    values: Values,
    zone: str = UTC,
) -> list[dict[str, OpenSource]]:
    """Opens sets of tables, each as `open_sources` opens it by itself.

    Args:
        contracts: what the columns must be, by the source's name.
        tables: the sets.
        controls: for each set, what the tables in it must add up to.
        as_of: the day for which the data are judged.
        calendar: which days are no business days.
        values: the parameters that derived columns may name, those of the engine included.
        zone: the time zone whose days count.

    Raises:
        ApartError: if they are to be opened each by itself.
    """
    found: list[dict[str, OpenSource]] = [{} for _ in tables]
    whole: dict[str, OpenSource] = {}
    for name, contract in contracts.items():
        of = [place for place, each in enumerate(tables) if name in each]
        if not of:
            continue
        if is_apart(contract):
            raise ApartError
        try:
            together = _Together(name, contract, as_of, calendar, values)
            rows = frame_of_texts([row for place in of for row in tables[place][name]], contract.columns)
            numbers = [place for place in of for _ in tables[place][name]]
            rows = rows.with_columns(pl.Series(TABLE, numbers, pl.Int64()))
            whole[name] = together.opened(rows, zone)
            sources = together.sources({place: controls[place].get(name) for place in of})
        except (PhasegateError, ContractError, *READ_ERRORS) as error:
            raise ApartError from error
        for place, source in sources.items():
            found[place][name] = source
    _look_up(whole, found)
    return found


def frame_of_texts(rows: Rows, columns: Iterable[str]) -> pl.DataFrame:
    """A table as a frame, with the columns that a contract names and all others that its rows have."""
    names = dict.fromkeys([*columns, *(name for row in rows for name in row)])
    return pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in names}, schema=dict.fromkeys(names, pl.String())
    )


class _Together:
    """The tables of one source."""

    def __init__(
        self, name: str, contract: Contract, as_of: dt.date, calendar: Calendar, values: Values
    ) -> None:
        self._name, self._contract, self._as_of = name, contract, as_of
        self._calendar, self._values = calendar, values

    def opened(self, rows: pl.DataFrame, zone: str) -> OpenSource:
        """All of them as one source, whose rows have a number more."""
        name, contract = self._name, self._contract
        numbered = contract.model_copy(
            update={
                "columns": {**contract.columns, TABLE: Column(type="integer")},
                "belongs_to": {
                    register: {**columns, TABLE: TABLE} for register, columns in contract.belongs_to.items()
                },
            }
        )
        part = GivenRows(name, rows)
        scanned = scan_source(numbered, SourceFile(path=name), Path(), zone, table=part)
        self._scanned: Scanned = held({name: scanned})[name]
        self._source = prepared(name, self._scanned, None, self._as_of, self._calendar, self._values)
        return self._source

    def sources(self, controls: Mapping[int, Control | None]) -> dict[int, OpenSource]:
        """Each as a source of its own."""
        name, source, scanned = self._name, self._source, self._scanned
        assert source.frame is not None
        everything = typed_rows(scanned)
        kept = in_force(self._contract, self._as_of)
        frame = everything if kept is None else everything.filter(kept)
        counts = [pl.len().cast(pl.Int64).alias(f"{name}|rows in force")]
        counts += [count for each in source.distincts for count in counted(name, each)]
        counts += [each.count.alias(f"{name}|{each.name}") for each in source.clauses]
        summed = {column: "0" for each in controls.values() if each for column in each.sums}
        totals = [pl.len().cast(pl.Int64).alias(f"{name}|rows")]
        totals += sums_of(name, self._contract, Control(rows=0, sums=summed))
        results = pl.collect_all(
            [
                frame.group_by(TABLE).agg(counts),
                everything.group_by(TABLE).agg(totals),
                frame.head(0).select(counts),
                everything.head(0).select(totals),
                source.frame,
                everything,
            ],
            engine="streaming",
        )
        numbers = [{row.pop(TABLE): row for row in each.rows(named=True)} for each in results[:2]]
        empty = [each.row(0, named=True) for each in results[2:4]]
        in_use, typed = (_apart(each) for each in results[4:])
        none = [each.drop(TABLE).clear() for each in results[4:]]
        self._kinds = {column: kind for column, kind in source.kinds.items() if column != TABLE}
        self._types = {column: kind for column, kind in scanned.columns.items() if column != TABLE}
        return {
            place: self._one(
                in_use.get(place, none[0]),
                typed.get(place, none[1]),
                {**numbers[0].get(place, empty[0]), **numbers[1].get(place, empty[1])},
                control,
            )
            for place, control in controls.items()
        }

    def _one(
        self, frame: pl.DataFrame, typed: pl.DataFrame, values: dict[str, Any], control: Control | None
    ) -> OpenSource:
        name, contract = self._name, self._contract
        part = GivenRows(name, typed)
        scanned = replace(
            self._scanned,
            contract=contract,
            raw=typed.lazy(),
            columns=self._types,
            parts=(part,),
            held=typed.lazy(),
        )
        source = OpenSource(
            name,
            contract,
            frame.lazy(),
            self._kinds,
            (pl.DataFrame([values]).lazy(),),
            None,
            self._source.clauses,
            self._source.distincts,
            control,
            scanned,
            self._as_of,
        )
        source._numbered = partial(self._numbered, typed)
        return source

    def _numbered(self, typed: pl.DataFrame) -> pl.LazyFrame:
        rows, kept = typed.lazy().with_row_index(ROW, offset=1), in_force(self._contract, self._as_of)
        rows = rows if kept is None else rows.filter(kept)
        return with_derived(rows, self._name, self._contract, self._as_of, self._calendar, self._values)[0]


def _apart(rows: pl.DataFrame) -> dict[Any, pl.DataFrame]:
    """The rows of each table by its number, in their order."""
    parts = rows.partition_by(TABLE, as_dict=True, include_key=False, maintain_order=True)
    return {place: each for (place,), each in parts.items()}


def _look_up(whole: Mapping[str, OpenSource], found: Sequence[dict[str, OpenSource]]) -> None:
    """Has rows looked up in the registers of their own set; at once where all are found."""
    checks = list(stray_checks(whole))
    results = pl.collect_all([check for _, check in checks], engine="streaming") if checks else []
    astray: set[str] = set()
    values: dict[str, dict[str, Any]] = {}
    for (name, _), result in zip(checks, results, strict=True):
        row = result.row(0, named=True)
        values.setdefault(name, {}).update(row)
        if any(isinstance(each, int) and each for each in row.values()):
            astray.add(name)
    for opened in found:
        strays = {name for name in opened if name in astray}
        for name in opened:
            if name in values and name not in astray:
                opened[name].checks += (pl.DataFrame([values[name]]).lazy(),)
        if strays:
            for name, check in stray_checks(opened):
                if name in strays:
                    opened[name].checks += (check,)
