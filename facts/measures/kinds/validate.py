"""Checks every expression of a pack without any data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from phasegate.facts.contracts.personal import HINT, personal_columns, told_by
from phasegate.facts.expressions.expression import (
    Expression,
    ExpressionError,
    Scope,
    Slot,
    condition,
    number,
    parse,
)
from phasegate.facts.expressions.scopes import derived_later, scope_of
from phasegate.facts.measures.kinds.uses import uses
from phasegate.rules.lint.run import SqlProblem
from phasegate.rules.model.contract import BusinessDaysAfter, BusinessDaysSince
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import required_bounds
from phasegate.rules.values.bounds import Bound, BoundError
from phasegate.rules.values.units import Quantity

if TYPE_CHECKING:
    from phasegate.facts.expressions.queries.query import Query
    from phasegate.facts.measures.query_frames import Trial

Path = tuple[str | int, ...]


class Fault(NamedTuple):
    """An expression that is not accepted.

    Attributes:
        path: where it stands in the pack, such as ``("measures", "costs.owned", "share", "of")``.
        message: what is wrong with it.
        hint: what to write in its place.
    """

    path: Path
    message: str
    hint: str | None = None


def check_pack(pack: Pack, *, oddities: bool = True) -> Iterator[Fault | SqlProblem]:
    """Each fault of each expression of a pack's measures and derived columns.

    Args:
        pack: the pack.
        oddities: whether that is looked for too which can only be a warning.
    """
    scopes = {name: scope_of(name, contract, pack) for name, contract in pack.sources.items()}
    for name, contract in pack.sources.items():
        yield from _derived(name, pack, scopes[name])
        if contract.infer:  # its columns stand in the file
            scopes.pop(name)
    follows, values, tried = _what_follows(pack, scopes, oddities), _values(pack), _queries(scopes)
    for id_, measure in pack.measures.items():
        faults = [
            *faults_of(id_, measure, scopes),
            *tried(id_, measure),
            *_unfit_parameters(id_, measure, scopes, values),
        ]
        yield from faults
        told = {fault.path for fault in faults}
        yield from (each for each in follows(id_, measure) if each.path not in told)
        yield from _told(id_, measure, pack, scopes)
    yield from _fields(pack, scopes)


def _what_follows(
    pack: Pack, scopes: Mapping[str, Scope], oddities: bool
) -> Callable[[str, Measure], Iterator[SqlProblem]]:
    """What finds what follows from the conditions of a measure; nothing where no contract is known."""
    if not scopes:
        return lambda _, __: iter(())
    from phasegate.facts.measures.kinds.consequences import Consequences

    consequences = Consequences(pack, scopes)
    if not oddities:
        return consequences.of
    from phasegate.facts.measures.kinds.missing import held_from_above, missing_problems

    from_above = held_from_above(pack)

    def all_of(id_: str, measure: Measure) -> Iterator[SqlProblem]:
        yield from consequences.of(id_, measure)
        yield from missing_problems(id_, measure, scopes, from_above, consequences)

    return all_of


def _values(pack: Pack) -> dict[str, Quantity | int]:
    """The values of a pack's own parameters."""
    return {
        name: each.value if isinstance(each.value, int) else Quantity.parse(each.value)
        for name, each in pack.parameters.items()
    }


def _unfit_parameters(
    id_: str, measure: Measure, scopes: Mapping[str, Scope], values: Mapping[str, Quantity | int]
) -> Iterator[Fault]:
    """Parameters whose unit does not fit where they stand: hours beside days."""
    from phasegate.facts.expressions.slots import filled

    read: list[tuple[Path, Expression | Query]] = []
    with suppress(ExpressionError, KeyError):  # told where it stands; of other sources nothing is known
        if measure.sql is not None:
            from phasegate.facts.expressions.queries.query import read_query
            from phasegate.facts.measures.dependencies import sources_of

            names = {name: scopes[name] for name in sources_of(measure)}
            read.append((("measures", id_, "sql"), read_query(measure.sql, names, measure.unit)))
        read += [(use.path, parse(use.sql, scopes[use.source])) for use in uses(id_, measure)]
    for path, each in read:
        slots = [part for part in each.parts if isinstance(part, Slot)]
        try:
            for slot in slots:
                if slot.name in values:
                    filled(each.sql, slot, values)
                for _, days in slot.shift:  # of a date that only a run knows
                    if days in values:
                        filled(each.sql, Slot(str(days), "days"), values)
        except ExpressionError as error:
            yield _fault(path, error)


def _told(id_: str, measure: Measure, pack: Pack, scopes: Mapping[str, Scope]) -> Iterator[SqlProblem]:
    """Personal values that a fact would tell."""
    for name in (measure.source, *measure.sources):
        if name is not None and name in scopes and measure.attested is None:
            for path, message, hint in told_by(measure, pack.sources[name], scopes[name]):
                yield SqlProblem(("measures", id_, *path), message, hint, "personal-told")
    expected = measure.expects
    source = expected.source if expected is not None else None
    if expected is not None and source is not None and source in scopes:
        contract, scope = pack.sources[source], scopes[source]
        if expected.there in personal_columns(contract, scope):
            message = f"{expected.there!r} is personal, and would be told as the name of each slice"
            yield SqlProblem(("measures", id_, "by", "of"), message, HINT, "personal-told")


def _fields(pack: Pack, scopes: Mapping[str, Scope]) -> Iterator[Fault]:
    """Bounds of another type than the field of a ``latest`` measure that they are held against."""
    for one in required_bounds(pack):
        id_, _, field = one.fact.rpartition(".")
        measure = pack.measures.get(id_)
        scope = scopes.get(measure.source or "") if measure else None
        if measure is None or scope is None or field not in (measure.latest or {}):
            continue
        assert measure.latest is not None
        try:
            found, bound = parse(measure.latest[field], scope).type, Bound.parse(one.bound)
        except (ExpressionError, BoundError):
            continue  # told where it stands
        is_, example = _FIELD_TYPES.get(found, ("a number", "'>= 5'"))
        wanted = "text" if bound.options else "truth" if bound.expected is not None else "number"
        if found not in ("any", "null") and wanted != _WANTED.get(found, "number"):
            yield Fault(one.path, f"{one.fact!r} is {is_}, its bound is {bound.text!r}", f"write {example}")


_WANTED = {"boolean": "truth", "string": "text", "date": "text", "datetime": "text"}
_FIELD_TYPES = {
    "boolean": ("true or false", "true or false"),
    "string": ("a text", "'in [one, another]'"),
    "date": ("a date", "'in [2026-01-31]', or compare it in the expression"),
    "datetime": ("a time", "a comparison in the expression"),
}


def _derived(name: str, pack: Pack, scope: Scope) -> Iterator[Fault]:
    before = dict(pack.sources[name].columns)
    known = {column: kind for column, kind in scope.columns.items() if column in before}
    derived = dict.fromkeys(
        pack.sources[name].derive, "it is derived, and a row is held to what its file says"
    )
    yield from _holds(name, pack, replace(scope, columns=known, barred=derived))
    for column, how in pack.sources[name].derive.items():
        if not isinstance(how, BusinessDaysAfter | BusinessDaysSince):
            try:
                later = derived_later(pack.sources[name], known)
                read = parse(how, Scope(scope.source, known, scope.parameters, scope.allowed, later))
                if read.per != 1:
                    yield Fault(("sources", name, "derive", column), *_NOT_EXACT)
            except ExpressionError as error:
                yield _fault(("sources", name, "derive", column), error)
        known = known | {column: scope.columns[column]}


def _holds(name: str, pack: Pack, scope: Scope) -> Iterator[Fault]:
    """Faults of what must hold between the values of a row as a file has them."""
    for place, sql in enumerate(pack.sources[name].holds):
        path = ("sources", name, "holds", place)
        try:
            read = condition(sql, scope)
        except ExpressionError as error:
            yield _fault(path, error)
            continue
        if read.tags or not read.columns:
            what = "reads a tag" if read.tags else "reads no column"
            hint = "compare the columns of the file" if not read.tags else "hold derived columns in a measure"
            yield Fault(path, f"this condition of a row {what}", hint)


def faults_of(id_: str, measure: Measure, scopes: Mapping[str, Scope]) -> Iterator[Fault]:
    """Each fault of the expressions over one row that a measure has.

    Args:
        id_: its id.
        measure: the measure.
        scopes: the sources whose columns are known; what is said of others is passed over.
    """
    readers = {"condition": condition, "number": number, "value": parse}
    about = measure.about
    sides: list[tuple[Path, Expression]] = []
    for use in uses(id_, measure):
        scope = scopes.get(use.source)
        if scope is None:
            continue  # that the source is not declared is a fault of the measure, not of its SQL
        try:
            read = readers[use.wanted](use.sql, scope)
        except ExpressionError as error:
            yield _fault(use.path, error)
            continue
        if use.decides and not read.varies:
            yield Fault(use.path, _CONSTANT, "name a column of the source")
        if use.wanted == "value" and read.per != 1:
            yield Fault(use.path, *_NOT_EXACT)
        if use.wanted == "number":
            sides.append((use.path, read))
        if about.adds_up and read.unit is not None and measure.unit not in (None, read.unit):
            what = f"this is in {read.unit}, and the measure in {measure.unit}"
            yield Fault(use.path, what, f"unit: {read.unit}")
    if about.grain and len(sides) == 2:
        yield from _apart(*sides)
        if not any(read.varies for _, read in sides):
            yield Fault(sides[0][0], _CONSTANT, "name a column of the source")
    yield from _both_the_same(id_, measure, scopes)


def _apart(one: tuple[Path, Expression], other: tuple[Path, Expression]) -> Iterator[Fault]:
    """Two sides that are held against each other, and are lengths of time in different units."""
    (path, first), (_, second) = sorted((one, other), key=lambda side: -side[1].per)
    if first.unit and second.unit and first.unit != second.unit:
        yield Fault(path, f"this is in {first.unit}, and the other side in {second.unit}")
    elif first.per != second.per:
        yield Fault(path, *_NOT_EXACT)


def _both_the_same(id_: str, measure: Measure, scopes: Mapping[str, Scope]) -> Iterator[Fault]:
    """What is held against itself, which is 100 % whatever the data say."""
    by_place = {use.path[2:]: use for use in uses(id_, measure)}

    def meant(*place: str) -> object:
        """What is equal for two expressions over one source that say the same."""
        use = by_place.get(place)
        try:
            read = parse(use.sql, scopes[use.source]) if use else None
            return read and use and (use.source, read.parts, read.unit)
        except (ExpressionError, KeyError):  # told where it stands
            return use

    kind, about = measure.kind, measure.about
    reads = [each.part for each in about.reads]
    if "over" in reads:
        for place in ((kind, "over"), ("where",)):
            if place in by_place and meant(*place) == meant(kind, "of"):
                what = f"this is what '{place[-1]}' asks for too, so that it holds whatever the data say"
                yield Fault(by_place[kind, "of"].path, what, "leave out one of them")
    elif about.grain:
        amounts = []
        for side in reads:
            own = (kind, side) in by_place  # else it stands in a source of its own, with its own rows
            where = ("where",) if own else (kind, side, "where")
            amounts.append((meant(kind, side) if own else meant(kind, side, "value"), meant(*where)))
        if amounts[0] == amounts[1]:
            what = f"this is what '{reads[1]}' is too, so that it is 100 % whatever the data say"
            yield Fault(("measures", id_, kind, reads[0]), what, "name what it is held against")


_CONSTANT = "this is a constant, whatever the data say"
_NOT_EXACT = ("this length of time is not exact here", "use seconds_between, which is")


def _queries(scopes: Mapping[str, Scope]) -> Callable[[str, Measure], Iterator[Fault]]:
    """What tries the query of a measure, if all the sources are known that it reads."""
    from phasegate.facts.measures.dependencies import sources_of

    trials: list[Trial] = []

    def tried(id_: str, measure: Measure) -> Iterator[Fault]:
        if measure.sql is None or not all(name in scopes for name in sources_of(measure)):
            return
        if not trials:
            from phasegate.facts.measures.query_frames import Trial

            trials.append(Trial(scopes))
        try:
            trials[0].run(measure)
        except ExpressionError as error:
            yield _fault(("measures", id_, "sql"), error)

    return tried


def _fault(path: Path, error: ExpressionError) -> Fault:
    return Fault(path, f"{error.what}, at {error.place}", error.hint or None)
