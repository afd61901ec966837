"""What follows from conditions, as far as that can be decided: ranges and sets of values, column by column.

A condition over a row is true, false or null. Each of the three is a formula that holds or does not:
"the value of this column is one of these". `impossible` tells formulas that hold in no row. It may miss one,
as where that follows from an order of three columns; what it tells is so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from phasegate.rules.lint.logic.values import Values

_MOST_STEPS = 5_000
"""A formula that takes more is left undecided."""


class Key(NamedTuple):
    """What a formula speaks of: a column, or something that is computed from columns.

    Attributes:
        name: what is the same for two that have the same value in each row.
        reads: columns of which none is null where this is not.
        total: whether it is null only where one of them is.
    """

    name: str
    reads: tuple[str, ...] = ()
    total: bool = False


class Is(NamedTuple):
    """Something is one of some values."""

    key: Key
    values: Values


@dataclass(frozen=True)
class Every:
    """All of some formulas hold."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True)
class Some:
    """One of some formulas holds."""

    parts: tuple[Formula, ...]


Formula = Is | Every | Some
ALWAYS, NEVER = Every(()), Some(())


def both(*parts: Formula) -> Formula:
    """The formula that holds where all of some do."""
    return Every(parts)


def negated(formula: Formula) -> Formula:
    """The formula that holds where another one does not."""
    if isinstance(formula, Is):
        return Is(formula.key, ~formula.values)
    parts = tuple(map(negated, formula.parts))
    return Some(parts) if isinstance(formula, Every) else Every(parts)


class Condition(NamedTuple):
    """A condition over one row.

    Attributes:
        true, false: where it is true, and where it is false; where neither holds it is null.
        parts: the conditions that it joins.
        joins: how it joins them, ``AND`` or ``OR``; empty where it joins none.
        told: tells its text.
    """

    true: Formula
    false: Formula
    told: Callable[[], str]
    joins: str = ""
    parts: tuple[Condition, ...] = ()


def joined(joins: str, parts: Iterable[Condition], told: Callable[[], str]) -> Condition:
    """Conditions joined by AND or OR."""
    parts = tuple(parts)
    true, false = tuple(each.true for each in parts), tuple(each.false for each in parts)
    if joins == "AND":
        return Condition(Every(true), Some(false), told, joins, parts)
    return Condition(Some(true), Every(false), told, joins, parts)


def turned(condition: Condition, told: Callable[[], str]) -> Condition:
    """The condition with NOT before it."""
    return Condition(condition.false, condition.true, told)


def impossible(formula: Formula, domains: Mapping[str, Values]) -> bool:
    """Whether a formula holds in no row.

    Args:
        formula: the formula.
        domains: what each column may be, by the names of keys; others may be anything.

    Returns:
        False where that is not so, or could not be decided.
    """
    return _Search(domains).fails([formula], {})


class _Search:
    """The search for values with which a formula holds."""

    def __init__(self, domains: Mapping[str, Values]) -> None:
        self.domains = domains
        self.steps = 0
        self.total: dict[str, tuple[str, ...]] = {}

    def fails(self, waiting: list[Formula], known: dict[str, Values]) -> bool:
        """Whether there are none for which all waiting formulas hold."""
        choices: list[Some] = []
        waiting = list(waiting)
        while waiting:
            self.steps += 1
            formula = waiting.pop()
            if isinstance(formula, Every):
                waiting += formula.parts
            elif isinstance(formula, Some):
                choices.append(formula)
            elif not self._narrow(formula, known):
                return True
        if not choices:
            return any(self._null_without_cause(name, known) for name in known)
        first, rest = choices[0], choices[1:]
        for part in first.parts:
            if self.steps > _MOST_STEPS or not self.fails([*rest, part], dict(known)):
                return False
        return True

    def _null_without_cause(self, name: str, known: dict[str, Values]) -> bool:
        """Whether something must be null of which all columns have a value."""
        if name not in self.total or not known[name].known.empty:
            return False
        reads = (known.get(column) or self.domains.get(column) for column in self.total[name])
        return all(values is not None and not values.null for values in reads)

    def _narrow(self, fact: Is, known: dict[str, Values]) -> bool:
        """Takes note of a fact; False if it can not be together with what is known."""
        name = fact.key.name
        if fact.key.total:
            self.total[name] = fact.key.reads
        before = known.get(name) or self.domains.get(name)
        found = fact.values if before is None else before & fact.values
        known[name] = found
        if found.empty:
            return False
        return found.null or all(self._present(column, known) for column in fact.key.reads)

    def _present(self, column: str, known: dict[str, Values]) -> bool:
        values = known.get(column) or self.domains.get(column)
        if values is None:
            return True
        known[column] = Values(values.known)
        return not known[column].empty
