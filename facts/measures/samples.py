"""A few rows behind some measures: of each way in which their conditions come out, the first ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from phasegate.facts.evidence_rows import context_of
from phasegate.facts.expressions.expression import ExpressionError, UnboundParameterError
from phasegate.facts.measures.batch import Table
from phasegate.facts.measures.dependencies import sources_of
from phasegate.facts.measures.kinds.uses import POPULATION, uses
from phasegate.rules.cases.reads import columns_read
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.pack import Pack

if TYPE_CHECKING:
    import polars as pl

    from phasegate.facts.assemble import ParameterValue
    from phasegate.facts.sources.passes import Source

OF_EACH, MOST = 2, 24
"""So many rows of each way in which conditions come out, and of a source."""
Cells = dict[str, str | bool | None]


def samples(
    pack: Pack,
    opened: Mapping[str, Source],
    measures: Collection[str],
    as_of: dt.date,
    parameters: Mapping[str, ParameterValue],
    point: str | None = None,
) -> dict[str, list[Cells]]:
    """Rows of the sources that some measures read, as texts, with the columns that matter to them.

    Registers have the rows that are looked up in them; those that nobody measures are left out.

    Args:
        pack: the pack.
        opened: the open sources; each can be read.
        measures: the measures.
        as_of: the date for which they are measured.
        parameters: those of the run.
        point: the point whose rows are meant, where the measures are by point.
    """
    tables = context_of(pack, opened, as_of, parameters).tables
    asked = [(id_, pack.measures[id_]) for id_ in pack.measures if id_ in measures]
    read = dict.fromkeys(name for _, measure in asked for name in sources_of(measure) if name in tables)
    if pack.baseline is not None and any(measure.change is not None for _, measure in asked):
        read[pack.baseline.source] = None
    found: dict[str, pl.DataFrame] = {}
    for name in read:
        if name in tables:
            found[name] = _rows(tables[name], asked, point)
    for _, measure in asked:
        first, *others = sources_of(measure) or ("",)
        if first in found:
            keys = measure.grain_columns or pack.sources[first].key
            for other in others:
                shared = {key: key for key in keys if key in pack.sources[other].columns}
                if other in found and shared:
                    found[other] = _looked_up(tables[other], found[other], found[first], shared, MOST)
    for name, rows in list(found.items()):
        for register, columns in pack.sources[name].belongs_to.items():
            if register in found:
                found[register] = _looked_up(tables[register], found[register], rows, columns)
    read_of = {name: columns_read(pack, measures, name, tables[name].contract) for name in found}
    return {
        name: [_cells(tables[name].contract, read_of[name], row) for row in rows.rows(named=True)]
        for name, rows in found.items()
    }


def _rows(table: Table, asked: Iterable[tuple[str, Measure]], point: str | None) -> pl.DataFrame:
    """The newest rows of each way in which conditions come out, and as many that count as are needed."""
    import polars as pl

    from phasegate.facts.engines.polars import frame_of

    flags: dict[str, None] = {}
    populations: list[tuple[list[str], int]] = []
    for id_, measure in asked:
        if table.name not in sources_of(measure):
            continue
        found, counts = _conditions(table, id_, measure)
        flags |= dict.fromkeys(found)
        populations.append((counts, measure.min_rows))
    contract, wanted = table.contract, list(table.contract.columns)
    frame = frame_of(table, [*wanted, *flags])
    if point is not None and contract.point is not None:
        frame = frame.filter(pl.col(contract.point) == point)
    if contract.dated_by is not None:
        frame = frame.sort(contract.dated_by, descending=True, nulls_last=True, maintain_order=True)
    numbered = frame.with_row_index("row ").collect()
    ways = numbered.group_by([pl.col(flag) for flag in flags], maintain_order=True) if flags else None
    first = (numbered.head(OF_EACH * 2) if ways is None else ways.head(OF_EACH)).head(MOST)
    chosen = set(first["row "])
    for counts, fewest in populations:
        own = numbered.filter(
            pl.all_horizontal(pl.lit(value=True), *(pl.col(each).fill_null(value=False) for each in counts))
        )
        there = sum(row in chosen for row in own["row "])
        chosen |= set([row for row in own["row "] if row not in chosen][: max(0, fewest - there)])
    return numbered.filter(pl.col("row ").is_in(sorted(chosen))).select(wanted)


def _conditions(table: Table, id_: str, measure: Measure) -> tuple[list[str], list[str]]:
    """The columns of the conditions of a measure, and those among them that say which rows count."""
    found: list[str] = []
    counts: list[str] = []
    for use in uses(id_, measure) if measure.kind not in ("change", "sql", "attested") else ():
        if use.source == table.name and use.wanted == "condition":
            try:
                names = table.mask(use.sql).names
            except (ExpressionError, UnboundParameterError):  # its fact says so
                continue
            found += names
            counts += names if use.path[-1] in POPULATION else ()
    return found, counts


def _looked_up(
    table: Table,
    sampled: pl.DataFrame,
    rows: pl.DataFrame,
    columns: Mapping[str, str],
    most: int | None = None,
) -> pl.DataFrame:
    """The rows that were sampled, and those that rows of another source name: so many of them at most."""
    import polars as pl

    from phasegate.facts.engines.polars import frame_of

    named = rows.lazy().select(pl.col(own).alias(their) for own, their in columns.items()).unique()
    there = frame_of(table, sampled.columns).join(
        named, on=list(columns.values()), how="semi", maintain_order="left"
    )
    dated = table.contract.dated_by
    if dated is not None:
        there = there.sort(dated, descending=True, nulls_last=True, maintain_order=True)
    if most is not None:  # the newest of each first
        there = there.group_by(list(columns.values()), maintain_order=True).head(OF_EACH).head(most)
    both = pl.concat([sampled.lazy(), there.select(sampled.columns)])
    return both.unique(maintain_order=True).collect()


def _cells(contract: Contract, columns: Iterable[str], row: Mapping[str, Any]) -> Cells:
    """What is said of a row; an empty cell is not, where it would be empty anyway."""
    apart = {*contract.key, contract.point, *(name for name, each in contract.columns.items() if each.unique)}
    cells = {name: _cell(row[name]) for name in columns}
    return {
        name: cell
        for name, cell in cells.items()
        if cell is not None or name in apart or not contract.may_lack(name)
    }


def _cell(value: Any) -> str | bool | None:
    """A value as a case would have it."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, dt.date):  # a moment is one too
        return value.isoformat()
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)
