"""What became of cases, for people: what was missed first, with its line, what was expected and what was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from phasegate.reports.text.plain import visible

if TYPE_CHECKING:
    from phasegate.runs.cases.outcomes import Outcome
    from phasegate.runs.cases.run import CaseResult

NOUNS = {
    "measures": "measure",
    "requirements": "requirement",
    "criteria": "criterion",
    "targets": "target",
    "points": "point",
    "gates": "gate",
}


def render_cases(results: Sequence[CaseResult], *, verbose: bool = False) -> str:
    """All results as lines that end with a line break, those first that missed something.

    Args:
        results: the results, in the order of the cases.
        verbose: whether cases that passed are named too.
    """
    failed = [each for each in results if not each.passed]
    blocks = ["\n".join(_missed(each)) for each in failed]
    if verbose:
        passed = [f"✓ {visible(each.case.name)}  {each.case.position}" for each in results if each.passed]
        blocks += ["\n".join(passed)] if passed else []
    return "\n\n".join([*blocks, summary(results)]) + "\n"


def summary(results: Sequence[CaseResult]) -> str:
    """How many cases passed and how many did not."""
    failed = sum(not each.passed for each in results)
    passed = len(results) - failed
    if not failed:
        return f"{_counted(passed)} passed."
    return f"{_counted(failed)} failed, {passed:,} passed."


def _counted(number: int) -> str:
    return f"{number:,} case{'' if number == 1 else 's'}"


def _missed(result: CaseResult) -> Iterator[str]:
    yield f"✗ {visible(result.case.name)}  {result.case.position}"
    if result.fault is not None:
        yield f"    {visible(result.fault)}"
    for outcome in result.missed:
        yield f"    {outcome.position}  {NOUNS[outcome.part]} {visible(outcome.id)}"
        yield f"        expected  {visible(outcome.expected)}"
        yield f"        found     {visible(said(outcome))}"


def said(outcome: Outcome) -> str:
    """What was found, and why."""
    return f"{outcome.found} ({outcome.reason})" if outcome.reason else outcome.found
