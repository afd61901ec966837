"""The rows behind verdicts: what keeps a fact from meeting its bound, row by row.

They are read again once it is known which facts do not meet theirs: most runs ask for few, and a fact
is one number whether or not anybody wants to see its rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from phasegate.facts.assemble import ParameterValue, parameter_values
from phasegate.facts.expressions.expression import ExpressionError, Scope, UnboundParameterError
from phasegate.facts.expressions.scopes import parameter_kinds
from phasegate.facts.measures.dependencies import sources_behind
from phasegate.facts.model.lacking import MAY_COUNT
from phasegate.facts.sources.passes import Source, collect, read_errors
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import measure_of

if TYPE_CHECKING:
    import polars as pl

    from phasegate.facts.engines.plans import Engine, ItemRows, NewestRows
    from phasegate.facts.measures.base import Context
    from phasegate.facts.measures.row_selection import Chosen, What

    Counted = tuple[int, pl.DataFrame]
    Part = tuple["Wanted", bool]

T = TypeVar("T")
Key = TypeVar("Key")
CELLS = 8_000_000
"""So many values of one source are held at once; where there are more, only the first rows ever are."""
SAMPLE = 10
"""So many rows are shown."""
LONGEST = 200
"""So many characters of a value are shown."""


class Wanted(NamedTuple):
    """A fact whose rows are wanted.

    Attributes:
        fact, slice: which.
        upper: whether it is held below a bound.
        lacking: the columns that are empty in its undetermined rows; None where it has no such rows.
        valued: whether there is a value that rows keep from being better.
    """

    fact: str
    slice: str
    upper: bool
    lacking: tuple[str, ...] | None = None
    valued: bool = True


@dataclass(frozen=True, slots=True)
class RowsBehind:
    """The rows behind one fact, personal columns masked.

    Attributes:
        what: what they are.
        total: how many there are.
        frame: the rows, in the order of their values; the first ones, where they are very many. Those
            that may count stand behind those of which it is known, with what they lack.
        undetermined: how many of them may count.
    """

    what: What
    total: int
    frame: pl.DataFrame
    undetermined: int = 0

    def parquet(self) -> bytes:
        """The rows as a Parquet file; the same rows give the same bytes."""
        file = BytesIO()
        self.frame.rechunk().write_parquet(file, compression="zstd", statistics=False)
        return file.getvalue()

    def sample(self) -> list[dict[str, str]]:
        """The first rows as texts."""
        return texts(self.frame)


class RowsFile(NamedTuple):
    """What a file of rows holds.

    Attributes:
        held: how many rows.
        columns: their columns.
        sample: the first rows as texts.
    """

    held: int
    columns: list[str]
    sample: list[dict[str, str]]


def rows_file(file: bytes) -> RowsFile | None:
    """Reads the beginning of a Parquet file with rows; None if it is none."""
    import polars as pl

    try:
        held = pl.scan_parquet(BytesIO(file)).select(pl.len()).collect().item()
        frame = pl.read_parquet(BytesIO(file), n_rows=SAMPLE)
    except read_errors():
        return None
    return RowsFile(held, frame.columns, texts(frame))


def rows_behind(
    pack: Pack,
    opened: Mapping[str, Source],
    as_of: dt.date,
    parameters: Mapping[str, ParameterValue],
    wanted: Sequence[Wanted],
    most: int,
) -> dict[Wanted, RowsBehind | None]:
    """Reads the rows behind some facts, each source once.

    Args:
        pack: the pack.
        opened: the open sources by name.
        as_of: the date of the run.
        parameters: those of the run.
        wanted: the facts.
        most: how many rows of each are kept; of more there are the first ones in order.

    Returns:
        The rows; None where they can not be read. What has no single rows at fault is left out.
    """
    from phasegate.facts.engines import polars
    from phasegate.facts.engines.plans import ItemRows, NewestRows, engine_of

    found = dict(_found(pack, opened, as_of, parameters, wanted))
    by_source: dict[str, dict[Part, Chosen]] = {}
    frames: dict[Part, pl.LazyFrame] = {}
    there: dict[Engine, dict[Part, Chosen | NewestRows | ItemRows]] = {}
    for each, behind in found.items():
        for rows, unsure in ((behind.rows, False), (behind.unsure, True)):
            if rows is not None and (engine := engine_of(rows)) is not None:
                there.setdefault(engine, {})[each, unsure] = rows
            elif isinstance(rows, NewestRows | ItemRows):
                frames[each, unsure] = polars.rows_of(rows)
            elif rows is not None:
                by_source.setdefault(rows.table.name, {})[each, unsure] = rows
    counted: dict[Part, Counted] = {}
    for engine, asked in there.items():
        counted |= _unless_unread(partial(_first_there, engine), asked, most)
    for chosen in by_source.values():
        counted |= counted_rows(chosen, most)
    for part, frame in frames.items():
        counted |= _unless_unread(_apart, {part: frame}, most)
    others = {name for name, source in opened.items() if source.recheck() is not None}
    return {
        each: None if _rests_on(pack, each, others) else behind.read(each, counted, most)
        for each, behind in found.items()
    }


class _Behind(NamedTuple):
    """What stands behind a fact: what it is, the rows, and those that may count."""

    what: What
    rows: Chosen | NewestRows | ItemRows | None
    unsure: Chosen | None

    def read(self, wanted: Wanted, counted: Mapping[Part, Counted], most: int) -> RowsBehind | None:
        """The rows, and behind them those that may count; None where some were not read."""
        import polars as pl

        certain, unsure = counted.get((wanted, False)), counted.get((wanted, True))
        if (certain is None) != (self.rows is None) or (unsure is None) != (self.unsure is None):
            return None
        if unsure is None or not unsure[0]:
            return RowsBehind(self.what, *certain) if certain is not None else None
        total, rows = certain or (0, unsure[1].clear())
        lacks = _lacks(unsure[1], wanted.lacking or ()).alias(MAY_COUNT)
        known = rows.with_columns(pl.lit(None, dtype=pl.String).alias(MAY_COUNT))
        both = pl.concat([known, unsure[1].with_columns(lacks)]).head(most)
        return RowsBehind(self.what, total + unsure[0], both, unsure[0])


def _lacks(rows: pl.DataFrame, lacking: Sequence[str]) -> pl.Expr:
    """What each row lacks: ``lacks days, closed``."""
    import polars as pl

    shown = {column.partition(" in ")[0]: column for column in rows.columns}  # converted amounts say to what
    cells = [pl.when(pl.col(shown[name]).is_null()).then(pl.lit(name)) for name in lacking if name in shown]
    named = pl.concat_str(cells, separator=", ", ignore_nulls=True) if cells else pl.lit("")
    return pl.when(named != "").then(pl.lit("lacks ") + named).otherwise(pl.lit("leaves it open"))


def _rests_on(pack: Pack, wanted: Wanted, names: Collection[str]) -> bool:
    id_ = measure_of(pack, wanted.fact)
    return id_ is not None and not set(names).isdisjoint(sources_behind(pack.measures[id_], pack.sources))


def _unless_unread(
    count: Callable[[Mapping[Key, T], int], dict[Key, Counted]], asked: Mapping[Key, T], most: int
) -> dict[Key, Counted]:
    try:
        return count(asked, most)
    except read_errors():
        return {}


def _first_there(
    engine: Engine, asked: Mapping[Key, Chosen | NewestRows | ItemRows], most: int
) -> dict[Key, Counted]:
    """Rows that stay where they are, as what computes there tells them."""
    return dict(zip(asked, engine.rows(list(asked.values()), most), strict=True))


def _chosen(chosen: Mapping[Key, Chosen], most: int) -> dict[Key, Counted]:
    """Rows of one source, which is scanned once for all of them; twice where they are very many."""
    import polars as pl

    from phasegate.facts.engines.polars import flag, frame_of, rows_of, shown

    one = next(iter(chosen.values()))
    flags = {each: f"wanted {place}" for place, each in enumerate(chosen)}  # no column's name has a space
    marks = [flag(chosen[each].flag).alias(name) for each, name in flags.items()]
    reads = {name for each in chosen.values() for name in each.reads}
    rows = frame_of(one.table, {*one.columns, *reads}).select(*shown(one.shown), *marks)
    room = CELLS // (len(one.columns) + len(flags))
    held = _held(rows.filter(pl.any_horizontal(*flags.values())), room)
    if held is not None:
        totals = {name: int(held[name].sum()) for name in flags.values()}
    elif (near := _near(rows, list(flags.values()), room, most)) is not None:
        held, totals = near
    else:
        return _apart({each: rows_of(rows) for each, rows in chosen.items()}, most)
    first = _first_ones(held, list(flags.values()), most)
    return {each: (totals[name], first[name].drop(*flags.values())) for each, name in flags.items()}


def _held(frame: pl.LazyFrame, room: int) -> pl.DataFrame | None:
    """A frame's rows, where there is room for them."""
    (rows,) = collect([frame.head(room + 1)])
    return rows if rows.height <= room else None


def _near(
    rows: pl.LazyFrame, flags: list[str], room: int, most: int
) -> tuple[pl.DataFrame, dict[str, int]] | None:
    """All rows that can be among the first ones of some flag, told by the first column; and the totals."""
    import polars as pl

    name = rows.collect_schema().names()[0]
    narrow = _held(rows.select(name, *flags).filter(pl.any_horizontal(*flags)), CELLS // 2)
    if narrow is None:
        return None
    tests = []
    for flag in flags:
        limit = _limit(narrow.filter(pl.col(flag))[name], most)
        tests.append(pl.col(flag) if limit is None else pl.col(flag) & (pl.col(name) <= limit))
    held = _held(rows.filter(pl.any_horizontal(tests)), room)
    return (held, {flag: int(narrow[flag].sum()) for flag in flags}) if held is not None else None


def _first_ones(held: pl.DataFrame, flags: list[str], most: int) -> dict[str, pl.DataFrame]:
    """The first rows with each flag."""
    import polars as pl

    if held.height <= most * len(flags):  # to sort them once is less than to sort those of each flag
        ordered = _in_order(held.lazy(), but=flags).collect().lazy()
        first = [ordered.filter(pl.col(flag)).head(most) for flag in flags]
        return dict(zip(flags, pl.collect_all(first, engine="in-memory"), strict=True))
    return {flag: _in_order(_likely(held, flag, most).lazy()).head(most).collect() for flag in flags}


def _likely(held: pl.DataFrame, flag: str, most: int) -> pl.DataFrame:
    """The rows with a flag, without most of those whose first column rules them out."""
    import polars as pl

    name = held.columns[0]
    places = held.select(name, flag).with_row_index("place ").filter(pl.col(flag))
    if (limit := _limit(places[name], most)) is not None:
        places = places.filter(pl.col(name) <= limit)
    return held[places["place "]]


def _limit(values: pl.Series, most: int) -> pl.Expr | None:
    """The greatest value of their first column that rows among the first ones can have; None for any."""
    import polars as pl

    if values.len() <= most or values.dtype == pl.Boolean:
        return None
    (limit,) = values.bottom_k(most).sort(nulls_last=True).tail(1)
    return None if limit is None else pl.lit(limit, dtype=values.dtype)


def _apart(frames: Mapping[Key, pl.LazyFrame], most: int) -> dict[Key, Counted]:
    """Rows each of which are read by themselves, in memory that does not grow with them."""
    import polars as pl

    found = {}
    for each, frame in frames.items():
        total, rows = collect([frame.select(pl.len()), _first(frame, most)])
        found[each] = (total.item(), rows)
    return found


def _first(frame: pl.LazyFrame, most: int) -> pl.LazyFrame:
    """The first rows in order, without sorting all others."""
    # All columns tell the order, so that rows which are alike in it are alike.
    return _in_order(frame.bottom_k(most, by=frame.collect_schema().names()))


def _in_order(frame: pl.LazyFrame, but: Sequence[str] = ()) -> pl.LazyFrame:
    """Rows in the order of their values, whatever order they were read in; some columns do not matter."""
    names = [name for name in frame.collect_schema().names() if name not in but]
    return frame.sort(names, nulls_last=True)


def _found(
    pack: Pack,
    opened: Mapping[str, Source],
    as_of: dt.date,
    parameters: Mapping[str, ParameterValue],
    wanted: Sequence[Wanted],
) -> Iterator[tuple[Wanted, _Behind]]:
    from phasegate.facts.engines.plans import ItemRows, NewestRows
    from phasegate.facts.measures.base import MeasureError
    from phasegate.facts.measures.kinds.registry import KINDS

    context = context_of(pack, opened, as_of, parameters)
    for each in wanted:
        id_ = measure_of(pack, each.fact)
        if id_ is None or (kind := KINDS.get(pack.measures[id_].kind)) is None:
            continue
        try:
            measured = kind(context, id_, pack.measures[id_])
            found = measured.behind(each.slice, each.upper) if each.valued else None
            unsure = measured.undetermined_rows(each.slice) if each.lacking is not None else []
        except (KeyError, ExpressionError, UnboundParameterError, MeasureError):  # its fact says so too
            continue
        what, rows = found or ("may count", None)
        alike = len(unsure) == 1 and not isinstance(rows, NewestRows | ItemRows)
        if found is not None or alike:
            yield each, _Behind(what, rows, unsure[0] if alike else None)


def counted_rows(chosen: Mapping[Key, Chosen], most: int) -> dict[Key, Counted]:
    """How many rows of one source each choice has, and the first ones; nothing where they can not be read.

    Args:
        chosen: the choices.
        most: how many rows of each are wanted.
    """
    from phasegate.facts.engines.plans import engine_of

    engines = {engine for rows in chosen.values() if (engine := engine_of(rows)) is not None}
    for engine in engines:  # all are of one source
        return _unless_unread(partial(_first_there, engine), chosen, most)
    return _unless_unread(_chosen, chosen, most)


def context_of(
    pack: Pack, opened: Mapping[str, Source], as_of: dt.date, parameters: Mapping[str, ParameterValue]
) -> Context:
    """What measures are compiled against, where no pass over their sources is begun."""
    from phasegate.facts.measures.base import Context
    from phasegate.facts.measures.batch import Batch, Table

    values = parameter_values(pack, as_of, parameters)
    tables = {}
    for name, source in opened.items():
        if source.frame is not None or source.there is not None:
            scope = Scope(name, source.kinds, parameter_kinds(pack), source.contract.texts)
            marks = source.exchange.marks if source.exchange is not None else ()
            frame = source.frame.select([*source.kinds, *marks]) if source.frame is not None else None
            exchange, there = source.exchange, source.there if frame is None else None
            tables[name] = Table(name, source.contract, scope, frame, values, False, exchange, there)
    return Context(as_of, tuple(pack.points), Batch(tables))


def texts(frame: pl.DataFrame, most: int = SAMPLE) -> list[dict[str, str]]:
    """The first rows of a frame as they are shown."""
    rows = frame.head(most).iter_rows(named=True)
    return [{name: _shown(value) for name, value in row.items()} for row in rows]


def _shown(value: object) -> str:
    text = "" if value is None else _told(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _told(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        # A decimal has as many digits as its column; those that say nothing are left out.
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)
