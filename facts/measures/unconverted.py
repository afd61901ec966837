"""Marks: the rows of a population whose amounts could not be converted to one currency.

Their amounts are null, and a condition on an amount leaves such a row out without a word. So they are
counted among all rows that the other conditions let through.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from phasegate.facts.engines.plans import Row, any_of
from phasegate.facts.expressions.expression import NUMBERS, ExpressionError, parse
from phasegate.facts.expressions.tree import Name
from phasegate.facts.measures.batch import Shared, Table
from phasegate.facts.measures.mask import Mask
from phasegate.facts.measures.to_fact import Unconverted
from phasegate.facts.sources.currency.conversion import beyond
from phasegate.facts.sources.currency.rates import LACKS


@dataclass(frozen=True, slots=True)
class Marks:
    """The aliases of what is counted of them.

    Attributes:
        to: the currency to which amounts are converted.
        rows: the rows among which they are counted.
        others: those that lack no rate.
        first: the first rate that is lacking.
        beyond: those with too many digits.
        no_currency: those that name no currency; None where all are in one.
        among: which rows these are.
    """

    to: str
    rows: str
    others: str
    first: str
    beyond: str
    no_currency: str | None
    among: Mask

    def unconverted(self, row: Row) -> Unconverted:
        """What was counted, of one row of the shared select."""
        lacking = row[self.rows] - row[self.others]
        nameless = 0 if self.no_currency is None else row[self.no_currency]
        return Unconverted(self.to, lacking, row[self.first], row[self.beyond], nameless)


def marks_of(
    shared: Shared, conditions: Iterable[str], values: Iterable[str], columns: Iterable[str] = ()
) -> Marks | None:
    """Registers the counts, where a measure reads amounts that were converted.

    Args:
        shared: the shared select over the source and its slicing.
        conditions: the conditions that make the population.
        values: the other expressions that are read.
        columns: columns that are read as they are.

    Returns:
        The aliases; None where no converted amount is read.
    """
    table, wheres = shared.table, tuple(conditions)
    exchange, read = table.exchange, table.converted(*wheres, *values, columns=columns)
    if exchange is None or not read:
        return None
    mask = table.mask(*_without_amounts(wheres, table))
    names = sorted(read)
    flag = table.add(f"beyond {' '.join(names)}", any_of(*(Name(beyond(name)) for name in names)))
    currency = table.contract.currency_column
    among = mask.possible
    return Marks(
        exchange.to,
        shared.rows(among),
        shared.nulls(LACKS, among),
        shared.min(LACKS, among),
        shared.rows((mask & Mask((flag,))).possible),
        None if currency is None else shared.nulls(currency, among),
        among,
    )


def converted_to(table: Table, values: Iterable[str]) -> str | None:
    """The currency of what some expressions add up, None where they read no converted amount."""
    numbers = [sql for sql in values if parse(sql, table.scope).type in NUMBERS]
    return table.exchange.to if table.exchange is not None and table.converted(*numbers) else None


def _without_amounts(conditions: Iterable[str], table: Table) -> Iterator[str]:
    """The conditions that read no converted amount, and such parts of the others as must hold too."""
    for sql in conditions:
        if not table.converted(sql):
            yield sql
            continue
        for part in _conjuncts(sql):
            try:
                if not table.converted(part):
                    yield part
            except ExpressionError:  # it counts as one that reads amounts
                continue


def _conjuncts(sql: str) -> Iterator[str]:
    """The parts of a condition that all must hold."""
    from sqlglot import expressions as exp

    from phasegate.facts.expressions.tokens import DIALECT, tokens_of, tree_of

    waiting = [tree_of(sql, tokens_of(sql))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, exp.Paren):
            waiting.append(node.this)
        elif isinstance(node, exp.And):
            waiting += [node.args["expression"], node.this]
        else:
            yield node.sql(dialect=DIALECT)
