"""The rows behind verdicts: what keeps a fact from meeting its bound, row by row.

They are read again once it is known which facts do not meet theirs: most runs ask for few, and a fact
is one number whether or not anybody wants to see its rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from phasegate.facts.assemble import ParameterValue, parameter_values
from phasegate.facts.expressions import ExpressionError, Scope, UnboundParameterError
from phasegate.facts.passes import Source, collect, read_errors
from phasegate.facts.scopes import parameter_kinds
from phasegate.rules.pack import Pack
from phasegate.rules.requirements import measure_of

if TYPE_CHECKING:
    import polars as pl

    from phasegate.facts.measures.kind import Context, What

MASK = "***"
MOST = 100_000
"""So many rows are kept whole; of more there are the first ones in order."""
SAMPLE = 10
"""So many rows are shown."""
LONGEST = 200
"""So many characters of a value are shown."""


class Wanted(NamedTuple):
    """A fact whose rows are wanted; ``upper`` where it is held below a bound."""

    fact: str
    slice: str
    upper: bool


@dataclass(frozen=True, slots=True)
class RowsBehind:
    """The rows behind one fact, personal columns masked.

    Attributes:
        what: what they are.
        total: how many there are.
        frame: the rows, in the order of their values; no more than `MOST`.
    """

    what: What
    total: int
    frame: pl.DataFrame

    def parquet(self) -> bytes:
        """The rows as a Parquet file; the same rows give the same bytes."""
        file = BytesIO()
        self.frame.write_parquet(file, compression="zstd", statistics=False)
        return file.getvalue()

    def sample(self) -> list[dict[str, str]]:
        """The first rows as texts."""
        return [
            {name: _shown(value) for name, value in row.items()}
            for row in self.frame.head(SAMPLE).iter_rows(named=True)
        ]


def rows_behind(
    pack: Pack,
    opened: Mapping[str, Source],
    as_of: dt.date,
    parameters: Mapping[str, ParameterValue],
    wanted: Sequence[Wanted],
) -> dict[Wanted, RowsBehind]:
    """Reads the rows behind some facts; what has no single rows that are at fault is left out.

    Args:
        pack: the pack.
        opened: the open sources by name.
        as_of: the date of the run.
        parameters: those of the run.
        wanted: the facts.
    """
    import polars as pl

    frames = dict(_frames(pack, opened, as_of, parameters, wanted))
    if not frames:
        return {}
    asked = [
        each for _, frame in frames.values() for each in (frame.select(pl.len()), _in_order(frame).head(MOST))
    ]
    try:
        results = collect(asked)
    except read_errors():  # what can not be read again is not shown; the verdict stands without it
        return {}
    found = {}
    for place, (each, (what, _)) in enumerate(frames.items()):
        total, rows = results[2 * place].item(), results[2 * place + 1]
        found[each] = RowsBehind(what, total, rows)
    return found


def _frames(
    pack: Pack,
    opened: Mapping[str, Source],
    as_of: dt.date,
    parameters: Mapping[str, ParameterValue],
    wanted: Sequence[Wanted],
) -> Iterator[tuple[Wanted, tuple[What, pl.LazyFrame]]]:
    from phasegate.facts.measures.kind import MeasureError
    from phasegate.facts.measures.kinds import KINDS

    context = _context(pack, opened, as_of, parameters)
    for each in wanted:
        id_ = measure_of(pack, each.fact)
        if id_ is None or (kind := KINDS.get(pack.measures[id_].kind)) is None:
            continue
        try:
            found = kind(context, id_, pack.measures[id_]).behind(each.slice, each.upper)
        except (KeyError, ExpressionError, UnboundParameterError, MeasureError):  # its fact says so too
            continue
        if found is not None:
            what, frame = found
            yield each, (what, _masked(frame, pack, pack.measures[id_].source))


def _context(
    pack: Pack, opened: Mapping[str, Source], as_of: dt.date, parameters: Mapping[str, ParameterValue]
) -> Context:
    from phasegate.facts.measures.frames import Batch, Table
    from phasegate.facts.measures.kind import Context

    values = parameter_values(pack, as_of, parameters)
    tables = {}
    for name, source in opened.items():
        if source.frame is not None:
            scope = Scope(name, source.kinds, parameter_kinds(pack), source.contract.texts)
            marks = source.exchange.marks if source.exchange is not None else ()
            frame = source.frame.select([*source.kinds, *marks])
            tables[name] = Table(name, source.contract, scope, frame, values, False, source.exchange)
    return Context(as_of, tuple(pack.points), Batch(tables))


def _masked(frame: pl.LazyFrame, pack: Pack, source: str | None) -> pl.LazyFrame:
    import polars as pl

    columns = pack.sources[source].columns if source in pack.sources else {}
    personal = [name for name in frame.collect_schema() if name in columns and columns[name].personal]
    masked = [
        pl.when(pl.col(name).is_null()).then(None).otherwise(pl.lit(MASK)).alias(name) for name in personal
    ]
    return frame.with_columns(masked) if masked else frame


def _in_order(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The rows in the order of their values, whatever order they were read in."""
    return frame.sort(frame.collect_schema().names(), nulls_last=True, maintain_order=True)


def _shown(value: object) -> str:
    # A decimal has as many digits as its column; those that say nothing are left out.
    text = "" if value is None else f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
