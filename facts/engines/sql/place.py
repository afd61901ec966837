"""A table of a server as measures ask of it: its columns, derived ones, and those that are added."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from phasegate.facts.contracts.numbers import DECIMAL_DIGITS
from phasegate.facts.engines.plans import (
    READ,
    Distinct,
    Engine,
    Gathered,
    Ids,
    Items,
    MayBeNewest,
    MeasureError,
    Newest,
    Places,
    Plan,
    Query,
    Select,
)
from phasegate.facts.engines.sql.language import Language
from phasegate.facts.engines.sql.table import Columns
from phasegate.facts.engines.sql.words import Over, Words, no_slot
from phasegate.facts.engines.width import Width, width
from phasegate.facts.expressions.dialect import NotWrittenError
from phasegate.facts.expressions.expression import Expression, ExpressionError
from phasegate.facts.expressions.slots import Values, filled
from phasegate.facts.expressions.tree import Slot, Tree

if TYPE_CHECKING:
    from phasegate.facts.measures.batch import Table


class Written(NamedTuple):
    """A column as the server computes it.

    Attributes:
        sql: how, over the columns of the table.
        type, scale: what it yields.
        digits: the most digits before the point that it has.
    """

    sql: str
    type: str
    scale: int = 0
    digits: int = 0


@dataclass
class SqlTable:
    """A table where it is.

    Attributes:
        engine: what computes over it; None where nobody does yet.
        source: the name of its source.
        named: it as it is written.
        columns: its columns.
        in_force: true in the rows that exist as of the date.
        known_by: what is asked to know it again.
        sure: whether its snapshot tells of any other row.
        rows, rows_in_force: how many rows it has, and of them in force.
        widths: the most digits before the point that the numbers of its columns have.
        derived: the derived columns, as they are computed.
        barred: why others are not.
    """

    engine: Engine | None
    source: str
    named: str
    columns: Columns
    in_force: str
    known_by: str = ""
    sure: bool = False
    rows: int = 0
    rows_in_force: int = 0
    widths: Mapping[str, int] = field(default_factory=dict)
    derived: dict[str, Written] = field(default_factory=dict)
    barred: dict[str, str] = field(default_factory=dict)
    _aliases: dict[str, str] = field(default_factory=dict)

    def column(self, expression: Expression, values: Values) -> Written:
        """An expression in the server's words.

        Raises:
            ExpressionError: if it has none that mean the same, naming the place.
            UnboundParameterError: if a parameter has no value.
        """
        return self._written(expression, values, self._name)

    def _written(self, expression: Expression, values: Values, name: Callable[[str, int], str]) -> Written:
        def slot(each: Slot) -> str:
            return self.language.parameter(filled(expression.sql, each, values))

        def before(each: Slot) -> int:
            number = filled(expression.sql, each, values).removeprefix("CAST(").partition(" ")[0]
            return len(number.lstrip("-").partition(".")[0])

        words = self.language.words(Over(name, self._scale, slot, self._personal))
        try:
            sql = words.sql(expression.meaning)
            digits = width(expression.meaning, self._width, before).before
            if expression.type == "integer":  # a decimal where it is added up
                sql = self.language.number(f"({sql})", 0)
        except NotWrittenError as error:
            raise ExpressionError(expression.sql, error.what, error.at, READ) from error
        return Written(sql, expression.type, expression.scale, digits)

    def added(self, tree: Tree) -> Written:
        """A text that is computed from a column."""
        try:
            return Written(self.words.sql(tree), "string")
        except NotWrittenError as error:
            raise MeasureError(f"{error.what}: {READ}") from error

    @property
    def language(self) -> Language:
        """The SQL of its server."""
        return self.columns.language

    @property
    def words(self) -> Words:
        """What writes conditions over its columns without parameters."""
        return self.language.words(Over(self._name, self._scale, no_slot, self._personal))

    @property
    def _personal(self) -> frozenset[str]:
        return frozenset(name for name, column in self.columns.contract.columns.items() if column.personal)

    def _name(self, name: str, at: int) -> str:
        if name in self.barred:
            raise NotWrittenError(self.barred[name], at)
        if (own := self.derived.get(name)) is not None:
            return f"({own.sql})"
        if name not in self.columns.read:
            if name.startswith("tag:"):
                raise NotWrittenError("a tag is looked for in texts of JSON, of which some are none", at)
            raise NotWrittenError("what is compared as ids of people are", at)
        return f"b.{self.alias(name)}"

    def _width(self, name: str) -> Width:
        own = self.derived.get(name)
        if own is not None:
            return Width(own.digits, own.scale)
        column = self.columns.contract.columns.get(name)
        decimal = column is not None and column.type == "decimal"
        return Width(self.widths.get(name, 0), column.scale if column is not None and decimal else 0)

    def _scale(self, name: str) -> int:
        return self._width(name).after

    def alias(self, name: str) -> str:
        """The name of a column in what is written; of 63 bytes at most, whatever it is called."""
        return self._aliases.setdefault(name, f"c{len(self._aliases)}")

    def hold(self, plan: Plan) -> None:
        """Refuses a plan that the server would compute otherwise.

        Raises:
            MeasureError: saying why.
        """
        match plan:
            case Select():
                for each in plan.wanted.values():
                    self._hold_column(plan.table, each.column, where=each.what)
                    if each.what == "sum":
                        self._hold_sum(plan.table, each.column)
            case Distinct() | Places():
                self._hold_column(plan.table, plan.column)
            case Items():
                self._hold_items(plan)
            case Newest():
                for name in (plan.event, plan.recorded or "", *plan.fields.values()):
                    self._hold_column(plan.table, name)
            case MayBeNewest():
                self.hold(plan.newest)
            case Gathered():
                raise MeasureError(f"a plugin computes from rows that were read: {READ}")
            case Ids() | Query():
                what = "ids of people are told apart as a reader sees them, which no database does"
                raise MeasureError(f"{what}: {READ}")

    def _hold_items(self, plan: Items) -> None:
        for side in plan.sides:
            amounts = [name for name in side.amounts if name is not None]
            for name in (*plan.grain, *amounts) if side.table.there is self else ():
                self._hold_column(side.table, name)
            for name in amounts if side.table.there is self else ():
                self._hold_sum(side.table, name, plan.scale)
        kinds = [[side.table.scope.columns[name] for name in plan.grain] for side in plan.sides]
        types = [[(kind.type, kind.scale) for kind in each] for each in kinds]
        if any(each != types[0] for each in types[1:]):
            raise MeasureError("the columns of the grain are of other types in one source than in the other")

    def _hold_column(self, table: Table, name: str, where: str = "") -> None:
        if not name or name in table.added:
            return
        if name in self._personal and where != "nulls":
            raise MeasureError(f"{name} holds ids of people, which are read as a reader sees them: {READ}")
        try:
            self._name(name, 0)
        except NotWrittenError as error:
            raise MeasureError(f"{name}: {error.what}: {READ}") from error

    def _hold_sum(self, table: Table, name: str, scale: int | None = None) -> None:
        """What is added up must stay exact: as many times its greatest as there are rows."""
        own = self.written(table, name)
        after = own.scale if scale is None else scale
        if own.digits + len(str(max(self.rows, 1))) + after > DECIMAL_DIGITS:
            raise MeasureError(
                f"the sum of {self.rows:,} rows may need more than {DECIMAL_DIGITS} digits: {READ}"
            )

    def written(self, table: Table, name: str) -> Written:
        """A column of a table, as it is written over the columns that the contract has."""
        if name in table.added:
            found: Written = table.added[name][0]
            return found
        if (own := self.derived.get(name)) is not None:
            return own
        kind = table.scope.columns[name]
        return Written(f"b.{self.alias(name)}", kind.type, kind.scale, self.widths.get(name, 0))

    def select(self, table: Table, names: Iterable[str]) -> str:
        """The rows in force with some columns, under their aliases, as ``s``."""
        wanted = sorted(set(names))
        chosen = [f"{self.written(table, name).sql} AS {self.alias(name)}" for name in wanted]
        # What is derived is computed once, and not wherever it is asked for.
        return f"(SELECT {', '.join(chosen) or '1'} FROM {self.base}{self.language.fence}) AS s"

    @property
    def base(self) -> str:
        """The rows in force with the columns of the contract, as ``b``."""
        values = [f"{read.value} AS {self.alias(name)}" for name, read in self.columns.read.items()]
        return f"(SELECT {', '.join(values)} FROM {self.named} WHERE {self.in_force}) AS b"

    def derive(self, name: str, how: Expression, values: Values) -> None:
        """Learns to compute a derived column, or why it does not."""
        try:
            found = self.column(how, values)
        except ExpressionError as error:
            self.barred[name] = f"{name} is derived, and {error.what}"
            return
        whole = how.type == "integer"  # which it is kept as
        self.derived[name] = found._replace(sql=self.language.whole(found.sql) if whole else found.sql)

    def over_values(self, read: Expression, values: Values) -> str:
        """A condition over the table itself, and not over the rows in force.

        Raises:
            ExpressionError, UnboundParameterError: as `column`.
        """
        return self._written(read, values, lambda name, _: self.columns.read[name].value).sql
