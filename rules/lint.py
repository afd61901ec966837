"""Finds what is wrong with a pack, every problem at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from phasegate.rules.diagnostics import Diagnostic, in_order
from phasegate.rules.lint_bounds import bound_problems
from phasegate.rules.lint_contracts import contract_problems
from phasegate.rules.lint_measures import measure_problems
from phasegate.rules.lint_names import name_problems
from phasegate.rules.lint_phases import phase_problems
from phasegate.rules.lint_points import point_problems
from phasegate.rules.lint_unused import unused_problems
from phasegate.rules.load import LoadedPack
from phasegate.rules.pack import Pack
from phasegate.rules.problem import Problem
from phasegate.rules.requirements import asked
from phasegate.rules.yaml_tree import Path


class SqlProblem(NamedTuple):
    """An expression that is not accepted.

    Attributes:
        path: where the expression stands in the pack.
        message: what is wrong with it.
        hint: what to write in its place.
        rule: the violation's name.
    """

    path: Path
    message: str
    hint: str | None = None
    rule: str = "bad-sql"


SqlChecks = Callable[[Pack], Iterable[tuple[Path, str, str | None] | SqlProblem]]
"""Checks all expressions of a pack; `facts` knows SQL, `rules` does not."""

CHECKS: tuple[Callable[[Pack], Iterable[Problem]], ...] = (
    point_problems,
    phase_problems,
    contract_problems,
    measure_problems,
    bound_problems,
    name_problems,
    unused_problems,
)


def lint(
    loaded: LoadedPack, sql_checks: SqlChecks | None = None, most_requirements: int | None = None
) -> list[Diagnostic]:
    """Checks a pack.

    Args:
        loaded: the pack with the places of its parts.
        sql_checks: checks the expressions; they go unchecked without it.
        most_requirements: how many requirements the engine takes.

    Returns:
        The problems in the order of files and lines. Those of severity ``error`` make the pack
        unusable.
    """
    pack = loaded.pack
    found = [loaded.diagnose(*problem) for check in CHECKS for problem in check(pack)]
    for problem in sql_checks(pack) if sql_checks else ():
        path, message, hint, rule = SqlProblem(*problem)
        found.append(loaded.diagnose(rule, message, path, hint, "value"))
    count = sum(1 for _ in asked(pack))
    if most_requirements is not None and count > most_requirements:
        message = f"the pack has {count} requirements, the engine takes {most_requirements}"
        found.append(loaded.diagnose("too-many-requirements", message, ("points",), "split the pack"))
    return list(in_order(found))
