"""Finds what is wrong with a pack, every problem at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from phasegate.rules.diagnostics.diagnostic import Diagnostic, Severity, in_order
from phasegate.rules.diagnostics.problem import Problem
from phasegate.rules.diagnostics.unresolved import Unread
from phasegate.rules.lint.bounds import bound_problems
from phasegate.rules.lint.contracts import contract_problems
from phasegate.rules.lint.currency import exchange_problems
from phasegate.rules.lint.direction import direction_problems
from phasegate.rules.lint.measures import measure_problems
from phasegate.rules.lint.names import name_problems
from phasegate.rules.lint.phases import phase_problems
from phasegate.rules.lint.points import point_problems
from phasegate.rules.lint.slices import slice_problems
from phasegate.rules.lint.unused import unused_problems
from phasegate.rules.loading.pack import LoadedPack, PackReading
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import required_bounds
from phasegate.rules.yaml.parser import Path


class SqlProblem(NamedTuple):
    """An expression that is not accepted.

    Attributes:
        path: where the expression stands in the pack.
        message: what is wrong with it.
        hint: what to write in its place.
        rule: the violation's name.
        severity: whether the pack can still be used.
    """

    path: Path
    message: str
    hint: str | None = None
    rule: str = "bad-sql"
    severity: Severity = "error"


SqlChecks = Callable[[Pack], Iterable[tuple[Path, str, str | None] | SqlProblem]]
"""Checks all expressions of a pack; `facts` knows SQL, `rules` does not."""

CHECKS: tuple[Callable[[Pack], Iterable[Problem]], ...] = (
    point_problems,
    phase_problems,
    contract_problems,
    exchange_problems,
    measure_problems,
    bound_problems,
    name_problems,
    direction_problems,
    slice_problems,
)


def lint(
    loaded: LoadedPack | PackReading,
    sql_checks: SqlChecks | None = None,
    most_requirements: int | None = None,
    *,
    oddities: bool = True,
) -> list[Diagnostic]:
    """Checks a pack, or as much of it as could be read.

    Args:
        loaded: the pack with the places of its parts.
        sql_checks: checks the expressions; they go unchecked without it.
        most_requirements: how many requirements the engine takes.
        oddities: whether that is looked for too which can only be a warning; a run asks for errors alone.

    Returns:
        The problems in the order of files and lines, those of reading included. Those of severity
        ``error`` make the pack unusable.
    """
    reading = loaded if isinstance(loaded, PackReading) else PackReading.of(loaded)
    pack, unread = reading.pack, reading.unread
    checks = [*CHECKS, *(_oddities() if oddities else ())]
    problems = [problem for check in checks for problem in check(pack)]
    problems += unused_problems(pack, unread)
    problems += _sql_problems(sql_checks(pack) if sql_checks else (), unread)
    count = sum(1 for _ in required_bounds(pack))
    if most_requirements is not None and count > most_requirements:
        message = f"the pack has {count} requirements, the engine takes {most_requirements}"
        problems.append(Problem("too-many-requirements", message, ("points",), "split the pack"))
    found = [reading.diagnose(problem) for problem in problems if not unread.hides(problem)]
    return list(in_order([*reading.faults, *found]))


def _oddities() -> tuple[Callable[[Pack], Iterable[Problem]], ...]:
    """What finds warnings and nothing else."""
    from phasegate.rules.lint.choices import choice_problems
    from phasegate.rules.lint.evidence import evidence_problems
    from phasegate.rules.lint.percentages import percentage_problems, quantile_problems

    return choice_problems, evidence_problems, percentage_problems, quantile_problems


def _sql_problems(
    found: Iterable[tuple[Path, str, str | None] | SqlProblem], unread: Unread
) -> Iterator[Problem]:
    for one in found:
        path, message, hint, rule, severity = SqlProblem(*one)
        if unread and unread.garbles(path):
            continue
        rests: tuple[Path, ...] = ()
        if path[0] == "measures":
            rests = tuple((*path[:2], key) for key in ("from", "sources", "by"))
        if severity == "warning":  # it follows from what contracts say, and derived columns from one another
            rests = (*rests, ("sources",))
        yield Problem(rule, message, path, hint, "value", severity, rests)
