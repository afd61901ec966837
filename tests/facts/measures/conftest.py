"""Facts of measures over small tables in memory."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from phasegate.facts.assemble import assemble
from phasegate.facts.contracts.types import polars_type
from phasegate.facts.expressions.expression import Kind
from phasegate.facts.expressions.scopes import scope_of
from phasegate.facts.measures.base import Context
from phasegate.facts.measures.base import Kind as MeasureKind
from phasegate.facts.measures.batch import Batch, Table
from phasegate.facts.measures.kinds.registry import KINDS
from phasegate.facts.model.fact import Fact, FactSet, SourceState
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.pack import Pack

AS_OF = dt.date(2026, 3, 31)
POINTS = ("1.1", "1.2", "2.1")
LINES = {
    "title": "One line",
    "columns": {
        "point": {"type": "string", "nullable": True},
        "team": {"type": "string", "nullable": True},
        "met": {"type": "boolean", "nullable": True},
        "kind": {"type": "string", "nullable": True},
        "amount": {"type": "decimal", "scale": 2, "nullable": True},
        "plan": {"type": "decimal", "scale": 2, "nullable": True},
        "units": {"type": "integer", "nullable": True},
        "rate": {"type": "float", "nullable": True},
        "day": {"type": "date"},
        "written": {"type": "date", "nullable": True},
        "currency": {"type": "string", "nullable": True},
    },
    "event": "day",
    "point": "point",
}
PLANS = {
    "title": "One plan line",
    "columns": {
        "point": {"type": "string"},
        "team": {"type": "string", "nullable": True},
        "planned": {"type": "decimal", "scale": 4, "nullable": True},
        "currency": {"type": "string", "nullable": True},
    },
    "point": "point",
}
BASELINE = {
    "title": "One figure",
    "columns": {
        "measure": {"type": "string"},
        "slice": {"type": "string", "nullable": True},
        "value": {"type": "decimal", "nullable": True},
        "fixed_on": {"type": "date", "nullable": True},
        "finance_approver": {"type": "string", "nullable": True},
        "developer_approver": {"type": "string", "nullable": True},
    },
}
Rows = Sequence[Mapping[str, Any]]


@dataclass
class Held:
    """A source whose rows the test gives."""

    name: str
    contract: Contract
    frame: pl.LazyFrame | None
    kinds: dict[str, Kind]
    complete: bool | None = None
    fault: SourceState | None = None
    size: int = 0
    checks: tuple[pl.LazyFrame, ...] = field(default=())
    exchange: None = None

    def settle(self, values: Mapping[str, Any]) -> SourceState:
        return self.fault or SourceState(self.name, "ok", complete=self.complete)

    @property
    def left_out(self) -> dict[str, str]:
        return {}

    def numbered(self) -> None:
        return None

    def places(self, rows: Iterable[int]) -> dict[int, Any]:
        return {}

    def diagnose(self) -> SourceState | None:
        return self.fault

    def recheck(self) -> SourceState | None:
        return None


def table(contract: Contract, rows: Rows) -> pl.LazyFrame:
    """Rows as a frame of the contract's types; a column that a row leaves out is null."""
    schema = {
        name: pl.Float64() if column.type == "float" else polars_type(column)
        for name, column in contract.columns.items()
    }
    decimals = {name for name, type_ in schema.items() if type_.is_decimal()}
    filled = [
        {
            name: Decimal(str(value))
            if name in decimals and (value := row.get(name)) is not None
            else row.get(name)
            for name in schema
        }
        for row in rows
    ]
    return pl.LazyFrame(filled, schema=schema, orient="row")


def make_pack(
    measures: Mapping[str, Any],
    contracts: Mapping[str, Any],
    points: Sequence[str] = POINTS,
    **more: Any,
) -> Pack:
    """A pack of some measures over the sources above."""
    criteria = [{"id": "c", "text": "C", "require": {next(iter(measures)): "true"}}]
    named = {
        id_: {"title": id_, **({} if "change" in measure else {"from": "lines"}), **measure}
        for id_, measure in measures.items()
    }
    return Pack.model_validate(
        {
            "pack": "p",
            "title": "P",
            "points": {point: {"title": point, "criteria": criteria} for point in points},
            "sources": {"lines": LINES, "plans": PLANS, "baseline": BASELINE} | dict(contracts),
            "baseline": {"source": "baseline"},
            "measures": named,
            **more,
        }
    )


Measure = Callable[..., FactSet]


@pytest.fixture
def measure() -> Measure:
    """Computes measures over rows."""
    return compute


def compute(
    measures: Mapping[str, Any],
    lines: Rows | pl.LazyFrame = (),
    plans: Rows = (),
    baseline: Rows = (),
    contracts: Mapping[str, Any] | None = None,
    parameters: Mapping[str, Any] | None = None,
    only: set[str] | None = None,
    sources: Mapping[str, Mapping[str, Any]] | None = None,
    as_of: dt.date = AS_OF,
    points: Sequence[str] = POINTS,
) -> FactSet:
    """Computes measures over rows; `sources` sets attributes of sources, `absent` leaves one out."""
    pack = make_pack(measures, contracts or {}, points)
    opened = {}
    for name, rows in {"lines": lines, "plans": plans, "baseline": baseline}.items():
        options = dict((sources or {}).get(name, {}))
        if options.pop("absent", False):
            continue
        contract = pack.sources[name]
        frame = rows if isinstance(rows, pl.LazyFrame) else table(contract, rows)
        day = contract.event
        if day is not None:
            frame = frame.filter(pl.col(day) <= as_of)
        kinds = dict(scope_of(name, contract, pack).columns)
        opened[name] = Held(name, contract, frame, kinds)
        for option, value in options.items():
            setattr(opened[name], option, value)
    return assemble(pack, opened, as_of, parameters, only)


@pytest.fixture
def one(measure: Measure) -> Callable[..., Fact]:
    """Computes one measure and gives the fact of one slice."""

    def one(definition: Mapping[str, Any], *rows: Any, of: str = "", **options: Any) -> Fact:
        return measure({"m": definition}, *rows, **options).facts["m", of]

    return one


@pytest.fixture
def compiled() -> Callable[..., MeasureKind]:
    """Compiles one measure over rows, to ask for those behind its facts."""

    def compiled(
        definition: Mapping[str, Any], lines: Rows, contract: Mapping[str, Any], points: Sequence[str]
    ) -> MeasureKind:
        pack = make_pack({"m": definition}, {"lines": contract}, points)
        held = pack.sources["lines"]
        rows = Table("lines", held, scope_of("lines", held, pack), table(held, lines), {})
        measure = pack.measures["m"]
        return KINDS[measure.kind](Context(AS_OF, tuple(points), Batch({"lines": rows})), "m", measure)

    return compiled
