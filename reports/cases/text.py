"""What became of cases, for people: what was missed first, with what was expected and what was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from phasegate.reports.cases.lacks import lines_of
from phasegate.reports.text.plain import visible

if TYPE_CHECKING:
    from phasegate.reports.cases.lacks import Section
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


def render_text(
    results: Sequence[CaseResult], sections: Sequence[Section] = (), *, verbose: bool = False
) -> str:
    """All results as lines that end with a line break, those first that missed something.

    Args:
        results: the results, in the order of the cases.
        sections: what is asked of all cases together.
        verbose: whether cases that passed are named too.
    """
    blocks = ["\n".join(_missed(each)) for each in results if not each.passed]
    if verbose:
        passed = [f"✓ {visible(each.case.name)}  {place(each)}" for each in results if each.passed]
        blocks += ["\n".join(passed)] if passed else []
    blocks += [summary(results), *("\n".join(lines_of(each)) for each in sections)]
    return "\n\n".join(blocks) + "\n"


def summary(results: Sequence[CaseResult]) -> str:
    """How many cases passed and how many did not."""
    failed = sum(not each.passed for each in results)
    passed = len(results) - failed
    if not failed:
        return f"✓ {_counted(passed)} passed"
    return f"✗ {_counted(failed)} failed, {passed:,} passed"


def place(result: CaseResult) -> str:
    """Where a case stands, as ``file:line``."""
    at = result.case.position
    return visible(f"{at.file}:{at.line}")


def missed(outcome: Outcome) -> tuple[str, str, str]:
    """A missed expectation: what it is about with its line, what was expected, and what was found."""
    at = outcome.position
    found = f"{outcome.found} ({outcome.reason})" if outcome.reason else outcome.found
    return (
        visible(f"{NOUNS[outcome.part]} {outcome.id}  {at.file}:{at.line}"),
        visible(outcome.expected),
        visible(found),
    )


def _counted(number: int) -> str:
    return f"{number:,} case{'' if number == 1 else 's'}"


def _missed(result: CaseResult) -> Iterator[str]:
    yield f"✗ {visible(result.case.name)}  {place(result)}"
    if result.fault is not None:
        yield f"    {visible(result.fault)}"
    for outcome in result.missed:
        what, expected, found = missed(outcome)
        yield f"    {what}"
        yield f"        expected  {expected}"
        yield f"        found     {found}"
    if result.filled:
        yield f"    filled in  {visible(', '.join(result.filled))}"
