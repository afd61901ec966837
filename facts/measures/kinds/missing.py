"""Conditions of which an empty cell leaves open whether a row counts, where that is easily overlooked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from phasegate.facts.expressions.expression import Expression, ExpressionError, Scope, condition
from phasegate.facts.expressions.missing import remedy
from phasegate.facts.measures.kinds.consequences import Consequences
from phasegate.facts.measures.kinds.uses import POPULATION, Use, uses
from phasegate.rules.lint.run import SqlProblem
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import measure_of, required_bounds
from phasegate.rules.values.bounds import Bound, BoundError

_FROM_ABOVE = frozenset({"<=", "<", "==", "!=", "between"})


def held_from_above(pack: Pack) -> frozenset[str]:
    """The measures of which rows that do not count make the value better."""
    found = set()
    for one in required_bounds(pack):
        try:
            bound = Bound.parse(one.bound)
        except BoundError:  # told where it stands
            continue
        if bound.operator in _FROM_ABOVE or bound.expected is False:
            found.add(measure_of(pack, one.fact))
    return frozenset(name for name in found if name is not None)


def missing_problems(
    id_: str,
    measure: Measure,
    scopes: Mapping[str, Scope],
    from_above: Collection[str],
    consequences: Consequences,
) -> Iterator[SqlProblem]:
    """Conditions over columns that may be empty: of populations, negated, or held from above.

    In SQL such a row silently counts as not meeting the condition, which is good news where it is held from
    above or negated, and takes it out of a population. Here it is undetermined, and the fact may be unknown.

    Args:
        id_: the measure's id.
        measure: it.
        scopes: of the sources whose columns are known.
        from_above: the measures that are held from above.
        consequences: tells conditions that are never null where they are asked.
    """
    all_uses = tuple(uses(id_, measure))
    for use in all_uses:
        if use.wanted != "condition" or use.source not in scopes:
            continue
        try:
            read = condition(use.sql, scopes[use.source])
        except ExpressionError:  # told where it stands
            continue
        why = _why(use, read, id_ in from_above) if read.deciding else None
        if why is not None and not consequences.decided(measure, use, all_uses):
            names = " or ".join(read.deciding)
            message = f"{names} may be empty, and {why}: such a row is undetermined"
            population = (use.sql,) if use.path[-1] in POPULATION else ()
            hint = remedy([read], read.deciding, population) or None
            yield SqlProblem(use.path, message, hint, "null-undecided", "warning")


def _why(use: Use, read: Expression, from_above: bool) -> str | None:
    if use.path[-1] in POPULATION:
        return "this says which rows belong to the population"
    if _negates(read):
        return "this is negated"
    return "the value is held from above" if from_above else None


def _negates(read: Expression) -> bool:
    """Whether what may be empty stands under NOT or ``<>``."""
    from sqlglot import expressions as exp

    settled = (exp.Is, exp.Coalesce)
    waiting = [read.tree] if read.tree is not None else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, settled):
            continue
        if isinstance(node, exp.Not | exp.NEQ) and any(
            column.name in read.deciding and column.find_ancestor(*settled) is None
            for column in node.find_all(exp.Column)
        ):
            return True
        waiting += node.iter_expressions()
    return False
