"""What follows from a measure's conditions and its contract before any row is read."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from typing import NamedTuple

from phasegate.facts.contracts.domains import domains_of
from phasegate.facts.contracts.personal import personal_columns
from phasegate.facts.expressions.conditions import Conditions
from phasegate.facts.expressions.expression import ExpressionError, Scope, condition
from phasegate.facts.measures.kinds.uses import Use, uses
from phasegate.rules.lint.logic.formulas import Condition, Formula, both, impossible, negated
from phasegate.rules.lint.run import SqlProblem
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.pack import Pack


class _Reader(NamedTuple):
    """What reads the conditions over one source, and what they may name."""

    conditions: Conditions
    scope: Scope
    held: tuple[Formula, ...]

    def never(self, *formulas: Formula) -> bool:
        """Whether some formulas hold together in no row that the contract allows."""
        return impossible(both(*self.held, *formulas), self.conditions.domains)

    def read(self, use: Use | None) -> Condition | None:
        """A condition; None where there is none, or it is not accepted."""
        if use is None:
            return None
        try:
            condition(use.sql, self.scope)
        except ExpressionError:  # told where it stands
            return None
        return self.conditions.read(use.sql)


class Consequences:
    """Finds conditions that decide without any data, and parts of conditions that change nothing.

    Args:
        pack: the pack.
        scopes: what may be named in the sources whose columns are known.
    """

    def __init__(self, pack: Pack, scopes: Mapping[str, Scope]) -> None:
        self._pack = pack
        self._scopes = scopes
        self._readers: dict[str, _Reader] = {}

    def of(self, id_: str, measure: Measure) -> Iterator[SqlProblem]:
        """What is odd in the conditions of one measure."""
        found = {use.path[2:]: use for use in uses(id_, measure) if use.wanted == "condition"}
        own = {place: use for place, use in found.items() if use.source == (measure.source or "")}
        where, over, of = (
            own.get(place) for place in (("where",), (measure.kind, "over"), (measure.kind, "of"))
        )
        if (reader := self._reader(measure.source or "")) is not None:
            base: list[Formula] = []
            for use in (where, over):
                if (read := reader.read(use)) is not None and use is not None:
                    decided = yield from _population(reader, use, read, base)
                    if decided:
                        return
                    base.append(read.true)
            if of is not None and (read := reader.read(of)) is not None:
                yield from _part(reader, of, read, base, "over" if over is not None else "where")
            itself = own.get((measure.kind,))
            if itself is not None and (read := reader.read(itself)) is not None:
                yield from _counted(reader, itself, read, base)
        for place, use in found.items():
            there = None if place in own else self._reader(use.source)
            if there is not None and (read := there.read(use)) is not None:
                yield from _population(there, use, read, [])

    def decided(self, measure: Measure, use: Use, others: Iterable[Use]) -> bool:
        """Whether a condition is true or false, and never null, in each row of which it is asked.

        Args:
            measure: the measure.
            use: the condition.
            others: all expressions of the measure.
        """
        reader = self._reader(use.source)
        read = None if reader is None else reader.read(use)
        if reader is None or read is None:
            return False
        asked = ("where", "over")
        before = asked[: asked.index(str(use.path[-1]))] if use.path[-1] in asked else asked
        base = [
            found.true
            for other in others
            if other.path[-1] in before and other.source == measure.source and use.source == other.source
            if (found := reader.read(other)) is not None
        ]
        return reader.never(*base, negated(read.true), negated(read.false))

    def _reader(self, source: str) -> _Reader | None:
        scope = self._scopes.get(source)
        if scope is None:
            return None
        if source not in self._readers:
            contract = self._pack.sources[source]
            try:
                personal = personal_columns(contract, scope)
            except ExpressionError:  # told where it stands
                return None
            derived = {
                name: how
                for name, how in contract.derive.items()
                if isinstance(how, str) and scope.columns[name].type == "boolean"
            }
            domains = domains_of(contract, scope)
            conditions = Conditions(scope, personal, derived, domains)
            held = tuple(_held(contract, conditions, scope, {*personal, *contract.converts}))
            self._readers[source] = _Reader(conditions, scope, held)
        found = self._readers[source]
        return None if found.never() else found  # of a contract that no row can keep, nothing follows


def _held(
    contract: Contract, conditions: Conditions, scope: Scope, other: Collection[str]
) -> Iterator[Formula]:
    """What the contract says of the values of a row with each other: none of that is false.

    Args:
        contract: of the source.
        conditions: what reads conditions over it.
        scope: what they may name.
        other: columns that are compared otherwise than their file has them.
    """
    for sql in contract.holds:
        try:
            read = condition(sql, scope)
        except ExpressionError:  # told where it stands
            continue
        if contract.columns.keys() >= set(read.columns) and not set(read.columns) & set(other):
            yield negated(conditions.read(sql).false)


def _population(
    reader: _Reader, use: Use, read: Condition, base: list[Formula]
) -> Generator[SqlProblem, None, bool]:
    """A condition that says which rows belong; ends with whether it lets in none."""
    if reader.never(read.true):
        yield SqlProblem(use.path, "no row that the contract allows meets this", _CONTRACT, "condition-never")
        return True
    if reader.never(*base, read.true):
        yield SqlProblem(use.path, "no row that 'where' lets in meets this", _APART, "condition-never")
        return True
    if reader.never(negated(read.true)):
        yield SqlProblem(
            use.path,
            "every row that the contract allows meets this",
            _CONTRACT,
            "condition-always",
            "warning",
        )
    else:
        yield from _idle(reader, use, read, base)
    return False


def _part(
    reader: _Reader, use: Use, read: Condition, base: list[Formula], population: str
) -> Iterator[SqlProblem]:
    """A condition that says which rows of the population count."""
    rows = "row that the contract allows" if not base else f"row that '{population}' lets in"
    if reader.never(*base, read.true):
        what = f"no {rows} meets this, so that it is 0 % whatever the data say"
        yield SqlProblem(use.path, what, _APART if base else _CONTRACT, "condition-never")
    elif reader.never(*base, negated(read.true)):
        what = f"every {rows} meets this, so that it is 100 % whatever the data say"
        yield SqlProblem(use.path, what, _WITHIN if base else _CONTRACT, "condition-always")
    else:
        yield from _idle(reader, use, read, base)


def _counted(reader: _Reader, use: Use, read: Condition, base: list[Formula]) -> Iterator[SqlProblem]:
    """A condition of which the rows are counted, or of which one is looked for."""
    if reader.never(*base, read.true):
        rows = "row that the contract allows" if not base else "row that 'where' lets in"
        yield SqlProblem(use.path, f"no {rows} meets this", _APART if base else _CONTRACT, "condition-never")
    elif not reader.never(negated(read.true)):  # that every row counts is what some mean
        yield from _idle(reader, use, read, base)


def _idle(reader: _Reader, use: Use, read: Condition, base: list[Formula]) -> Iterator[SqlProblem]:
    """Parts of a condition that change nothing: what always holds beside AND, what never does beside OR."""
    for part in read.parts:
        if read.joins == "OR" and reader.never(*base, part.true):
            where = "" if reader.never(part.true) or not base else " that belongs to the population"
            what = f"no row{where} meets {part.told()}"
            yield SqlProblem(use.path, what, "leave it out, or say what was meant", "idle-part", "warning")
        elif read.joins == "AND" and reader.never(negated(part.true)):
            what = f"every row that the contract allows meets {part.told()}"
            yield SqlProblem(use.path, what, "leave it out, or say what was meant", "idle-part", "warning")
        else:
            others = [] if read.joins == "OR" else [each.true for each in read.parts if each is not part]
            yield from _idle(reader, use, part, [*base, *others])


_CONTRACT = "compare it with the contract of the source: nullable, min, max, allowed, event"
_APART = "the two exclude each other: one of them was meant to say something else"
_WITHIN = "what is asked of the population can not be what is measured: are the two in each other's place?"
