"""A source that is computed over where it is: held to its contract there, and told as one that was read.

What is not the same there, row by row, is refused before anything is asked: the table can be read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from phasegate.facts.connections.base import GivenThere
from phasegate.facts.connections.base import Table as Location
from phasegate.facts.contracts.clauses import (
    Clause,
    ContractError,
    Distinct,
    Values,
    check_contract,
    clauses,
    distincts,
)
from phasegate.facts.contracts.derived import derived_scope
from phasegate.facts.contracts.personal import MASK
from phasegate.facts.contracts.row_conditions import RowCondition, row_clauses, row_conditions
from phasegate.facts.contracts.types import Reading
from phasegate.facts.engines.plans import READ, EngineError
from phasegate.facts.engines.sql.described import described
from phasegate.facts.engines.sql.engine import SqlEngine
from phasegate.facts.engines.sql.place import SqlTable
from phasegate.facts.engines.sql.table import broken, columns_of, in_force
from phasegate.facts.engines.sql.written import having
from phasegate.facts.expressions.expression import ExpressionError, Kind, UnboundParameterError, parse
from phasegate.facts.expressions.scopes import lacking
from phasegate.facts.model.fact import Breach, SourceState
from phasegate.facts.model.progress import Progress, Silent
from phasegate.facts.sources.columns import SAY_WHICH, one_to_one
from phasegate.facts.sources.files import SourceError
from phasegate.facts.sources.source import held_whole
from phasegate.facts.violations.cells import SAMPLE, told, value_told
from phasegate.facts.violations.find import LONGEST_IN_ROW
from phasegate.facts.violations.hints import CORRECT, hint_of_alike, hint_of_lacking, hint_of_row
from phasegate.rules.model.contract import BusinessDaysAfter, BusinessDaysSince, Contract
from phasegate.rules.model.project import Control, SourceFile
from phasegate.rules.values.time_zones import is_utc
from phasegate.rules.values.units import DAYS

if TYPE_CHECKING:
    from phasegate.facts.engines.plans import There
    from phasegate.facts.model.exchange import Exchange
    from phasegate.facts.model.place import Place

_SAID = frozenset({"connection", "table", "compute", "rename", "control", "contract"})
"""What a project may say of a source that is computed over where it is."""


@dataclass
class SqlSource:
    """A source whose rows stay where they are.

    Attributes:
        name: the source's name in the pack.
        contract: its contract.
        there: its table, as measures ask of it.
        kinds: its columns, derived ones included.
        state: what was found; None until `settle`.
        kept: by which the snapshot is kept open.
    """

    name: str
    contract: Contract
    there: There | None
    kinds: dict[str, Kind]
    _table: SqlTable
    _engine: SqlEngine
    _at: Location
    _clauses: tuple[Clause, ...]
    _holds: Mapping[str, str]
    _distincts: tuple[Distinct, ...]
    _control: Control | None
    _as_of: dt.date
    _described: SourceState
    _progress: Progress = field(default_factory=Silent)
    state: SourceState | None = None
    frame: pl.LazyFrame | None = None
    checks: tuple[pl.LazyFrame, ...] = ()
    exchange: Exchange | None = None
    kept: object = None

    @property
    def size(self) -> int:
        """Nothing of it is read."""
        return 0

    @property
    def left_out(self) -> Mapping[str, str]:
        """Nothing: columns that nobody asks for stay where they are."""
        return {}

    def numbered(self) -> pl.LazyFrame | None:
        """None: its rows come from no file."""
        return None

    def places(self, rows: Iterable[int]) -> Mapping[int, Place]:
        """None, likewise."""
        return {}

    def diagnose(self) -> SourceState | None:
        """Its state where it is at fault."""
        return self.state

    def recheck(self) -> SourceState | None:
        """Its state where its table is no longer what it was."""
        try:
            self._engine.hold_same(self._at, self._table.known_by, sure=self._table.sure)
        except SourceError as error:
            return replace(self._described, status="error", reason=error.sentence)
        except EngineError as error:
            return replace(self._described, status="error", reason=f"{error}")
        return None

    def settle(self, values: Mapping[str, Any]) -> SourceState:
        """What was found of it; its contract is judged where it is."""
        if self.state is None:
            try:
                self.state = self._settled()
            except EngineError as error:
                self.state = replace(self._described, status="error", reason=f"{error}")
            finally:
                self._progress.finished(self.name)
        return self.state

    def _settled(self) -> SourceState:
        state = held_whole(self._described, self.contract, self._control)
        if state.status == "error":
            return state
        if breaches := self._breaches():
            return replace(state, status="error", reason=told(breaches), breaches=breaches)
        return state

    def _breaches(self) -> tuple[Breach, ...]:
        tests = {clause.name: self._broken(clause) for clause in self._clauses}
        unlike = [each for each in self._distincts if each.lacking]
        counted = [f"count({having(test)}) AS c{place}" for place, test in enumerate(tests.values())]
        apart = [
            *(
                f"SELECT coalesce(sum(d.n), 0) AS n FROM ({self._alike(each)}) AS d"
                for each in self._distincts
            ),
            *(
                f"SELECT count(*) AS n FROM (SELECT {self._unlike(each)} AS broken FROM {self._base}) AS d "
                "WHERE d.broken"
                for each in unlike
            ),
        ]
        if not counted and not apart:
            return ()
        asked = [f"(SELECT {', '.join(counted)} FROM {self._base}) AS a"] if counted else []
        asked += [f"({each}) AS b{place}" for place, each in enumerate(apart)]
        named = [f"a.c{place}" for place in range(len(counted))]
        named += [f"b{place}.n" for place in range(len(apart))]
        answers = self._engine.ask(f"SELECT {', '.join(named)} FROM {' CROSS JOIN '.join(asked)}")
        if len(answers) != 1 or len(answers[0]) != len(named):
            raise EngineError("the server did not answer all that was asked")
        found = iter(map(int, answers[0]))
        breaches = []
        for clause, test in zip(self._clauses, tests.values(), strict=True):
            if count := next(found):
                hint = CORRECT
                if clause.kind == "row":
                    hint = hint_of_row([name for name in clause.about if self.contract.may_lack(name)])
                sample = self._sample(clause.about, test)
                breaches.append(Breach(clause.name, count, sample, hint=hint.replace("file", "table")))
        for each in self._distincts:
            if count := next(found):
                hint = hint_of_alike(each.columns, each.nulls_count)
                rows = self._sample(each.columns, self._several(each.columns, nulls=each.nulls_count))
                breaches.append(Breach(each.name, count, rows, hint=hint))
        for each in unlike:
            if count := next(found):
                rows = self._sample(each.columns, self._unlike(each))
                hint = hint_of_lacking(sorted(each.lacking))
                breaches.append(Breach(each.nowhere_empty, count, rows, hint=hint))
        return tuple(breaches)

    @property
    def _base(self) -> str:
        return f"{self._table.named} WHERE {self._table.in_force}"

    def _values(self, names: Iterable[str]) -> list[str]:
        return [self._table.columns.read[name].value for name in names]

    def _broken(self, clause: Clause) -> str:
        if clause.kind == "row":
            return self._holds[clause.name]
        return broken(self._table.columns, clause, self._as_of)

    def _alike(self, distinct: Distinct) -> str:
        """How many rows each key has that several have."""
        read = self._values(distinct.columns)
        filled = "" if distinct.nulls_count else "".join(f" AND {value} IS NOT NULL" for value in read)
        return (
            f"SELECT count(*) AS n FROM {self._base}{filled} GROUP BY {', '.join(read)} HAVING count(*) > 1"
        )

    def _several(self, names: Iterable[str], *, nulls: bool) -> str:
        """What is true in the rows whose values of some columns others have too; of no column, all have."""
        read = self._values(names)
        filled = "" if nulls else "".join(f" AND {value} IS NOT NULL" for value in read)
        within = f"PARTITION BY {', '.join(read)}" if read else ""
        return f"(count(*) OVER ({within}) > 1{filled})"

    def _unlike(self, distinct: Distinct) -> str:
        """What is true in the rows that lack what would tell whether they are like another one."""
        several = self._several(
            (name for name in distinct.columns if name not in distinct.lacking), nulls=True
        )
        empty = " OR ".join(f"{value} IS NULL" for value in self._values(sorted(distinct.lacking)))
        return f"({several} AND ({empty}))"

    def _sample(self, about: Sequence[str], test: str) -> tuple[dict[str, str], ...]:
        """The first rows in which something is true, in the order of what is shown, and masked."""
        contract, read = self.contract, self._table.columns.read
        shown = dict.fromkeys((*about, *contract.key, *((contract.event,) if contract.event else ())))
        language = self._table.language
        values = [
            having(f"{read[name].original} IS NOT NULL", language.text(MASK))
            if contract.columns[name].personal
            else language.plain(read[name].original)
            for name in shown
        ]
        asked = ", ".join(f"{value} AS v{place}" for place, value in enumerate(values))
        names = [f"r.v{place}" for place in range(len(values))]
        order = ", ".join(f"{name} NULLS LAST" for name in names)
        rows = f"SELECT {asked}, {test} AS broken FROM {self._base}"
        found = self._engine.ask(
            f"SELECT {', '.join(names)} FROM ({rows}) AS r WHERE r.broken ORDER BY {order} LIMIT {SAMPLE}"
        )
        return tuple(
            {
                name: value_told(_as_told(text, contract.columns[name].type), False, LONGEST_IN_ROW) or ""
                for name, text in zip(shown, texts, strict=True)
            }
            for texts in found
        )


def _as_told(text: str | None, type_: str) -> str | None:
    """A value as one that was read is told."""
    return text.capitalize() if text is not None and type_ == "boolean" else text


def open_there(given: GivenThere, engine: SqlEngine) -> SqlSource:
    """Opens a source where it is.

    Args:
        given: the source.
        engine: what asks the snapshot.

    Raises:
        SourceError, ContractError, EngineError: if it can not be computed over where it is.
    """
    name, contract, source, table, found, as_of, values, zone, progress, kept, _ = given
    _refuse(contract, source, zone)
    check_contract(contract)
    engine.hold()
    language, snapshot = engine.language, engine.snapshot
    renamed = {ours: theirs for theirs, ours in source.rename.items()}
    by_name = {each.name: each for each in found}
    theirs = {ours: renamed.get(ours, ours) for ours in contract.columns}
    one_to_one(source.rename)
    if odd := [ours for ours in renamed if ours not in contract.columns]:
        raise SourceError(f"rename names {odd[0]!r}, which is no column of the contract")
    if twice := [each for each in theirs.values() if [*theirs.values()].count(each) > 1]:
        raise SourceError(f"the column {twice[0]!r} stands for two columns of the contract", SAY_WHICH)
    own = {ours: by_name[each] for ours, each in theirs.items() if each in by_name}
    columns = columns_of(language, contract, own)
    named = ".".join(map(language.name, snapshot.path(table)))
    there = SqlTable(engine, name, named, columns, in_force(columns, as_of))
    found_there = described(name, source, table, there, engine)
    kinds = with_derived_there(name, contract, there, values)
    reading = Reading()
    types = {ours: each.kind for ours, each in own.items() if each.kind is not None}
    own_clauses = (*clauses(contract, types, reading, as_of), *row_clauses(contract, name, values))
    different = tuple(distincts(contract, own))
    if any(each.people for each in different):
        raise SourceError("ids of people must be different as a reader sees them", READ)
    try:
        holds = {each.sql: _not_held(each, there, values) for each in row_conditions(contract, name, values)}
    except ExpressionError as error:
        raise SourceError(f"holds: {error}") from error
    for clause in own_clauses:
        if clause.kind != "row":
            broken(columns, clause, as_of)  # refuses what is judged otherwise
    return SqlSource(
        name, contract, there, kinds, there, engine, table, own_clauses, holds, different,
        source.control, as_of, found_there, progress, kept=kept,
    )  # fmt: skip


def _refuse(contract: Contract, source: SourceFile, zone: str) -> None:
    """Refuses what is done with rows that are read, and nothing else."""
    said = [key for key in source.model_fields_set if key not in _SAID]
    if said:
        raise SourceError(f"{min(said)!r} says how rows are read, and none is", READ)
    for key, is_there in (
        ("convert", contract.convert),
        ("rates", contract.rates),
        ("belongs_to", contract.belongs_to),
        ("infer", contract.infer),
    ):
        if is_there:
            raise SourceError(f"{key!r} of its contract is done with rows that are read", READ)
    if not is_utc(zone):
        raise SourceError("days are counted in UTC there, and the project's time zone is another", READ)


def with_derived_there(name: str, contract: Contract, there: SqlTable, values: Values) -> dict[str, Kind]:
    """What each column holds, derived ones included, which the table learns to compute."""
    kinds = {
        each: Kind.of_column(
            column.type, column.scale, nullable=contract.may_lack(each), personal=column.personal
        )
        for each, column in contract.columns.items()
    }
    for each, how in contract.derive.items():
        if isinstance(how, BusinessDaysAfter):
            kinds[each] = Kind("date", nullable=lacking(kinds, how.business_days_after))
            there.barred[each] = "business days are counted by the project's calendar"
        elif isinstance(how, BusinessDaysSince):
            kinds[each] = Kind("integer", unit=DAYS, nullable=lacking(kinds, how.business_days_since))
            there.barred[each] = "business days are counted by the project's calendar"
        else:
            try:
                read = parse(how, derived_scope(name, contract, kinds, values))
                read.column(values)
            except (ExpressionError, UnboundParameterError) as error:
                raise ContractError(f"derived column {each!r}: {error}") from error
            there.derive(each, read, values)
            kinds[each] = read.kind
    return kinds


def _not_held(condition: RowCondition, there: SqlTable, values: Values) -> str:
    """What is true in the rows of which nobody knows that a condition of the contract holds."""
    holds = there.over_values(condition.read, values)
    known = [f" AND {there.columns.read[name].value} IS NOT NULL" for name in condition.filled]
    return f"((NOT {holds}) IS TRUE OR (({holds}) IS NULL{''.join(known)}))"
