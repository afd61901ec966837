"""What cases leave open: mutants that none noticed, and what none has shown; the same for all formats."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from phasegate.reports.text.plain import visible

if TYPE_CHECKING:
    from phasegate.rules.diagnostics.position import Position
    from phasegate.runs.coverage.coverage import Coverage
    from phasegate.runs.mutants.run import Mutation


class Lack(NamedTuple):
    """Something that cases leave open.

    Attributes:
        id: what it is about.
        said: what they leave open of it.
        at: where that stands.
    """

    id: str
    said: str
    at: Position

    @property
    def place(self) -> str:
        """Where it stands, as ``file:line``."""
        return visible(f"{self.at.file}:{self.at.line}")


class Section(NamedTuple):
    """One thing that is asked of all cases together.

    Attributes:
        name: ``mutants`` or ``coverage``.
        summary: how it came out, in one sentence without its full stop.
        lacks: what they leave open.
        passed: whether that is taken.
        hint: what to do about what is left open.
        document: it for programs.
    """

    name: str
    summary: str
    lacks: tuple[Lack, ...]
    passed: bool
    hint: str
    document: dict[str, Any]


def of_mutants(mutation: Mutation | None) -> Section:
    """What became of mutants; None where some case failed, so that none was tried."""
    if mutation is None:
        untried = "mutants are tried once all cases pass"
        return Section("mutants", untried, (), False, "", {"passed": False, "mutants": []})
    tried, survivors = mutation.tried, mutation.survivors
    noticed = [each for each in tried if each.noticed_by is not None]
    written = sum(each.why is not None for each in tried)
    overdue = sum(each.overdue for each in tried)
    share = percentage(Fraction(len(noticed), len(tried))) if tried else "100 %"
    said = [f"{len(noticed):,} of {_counted(len(tried), 'mutant')} noticed ({share})"]
    said += [f"{overdue:,} of them by coming to no end"] if overdue else []
    said += [f"{written:,} not, for a written reason"] if written else []
    said += [f"{len(survivors):,} not noticed"] if survivors else []
    unfounded = [
        Lack(each.mutant, "a reason for a mutant that does not survive: remove it", each.position)
        for each in mutation.unfounded
    ]
    lacks = [Lack(each.mutant.id, _why(len(each.touched_by)), each.position) for each in survivors]
    document = {
        "passed": mutation.passed,
        "mutants": [
            {
                "id": each.mutant.id,
                "at": f"{each.position.file}:{each.position.line}",
                "column": each.position.column,
                "change": each.mutant.told,
                "touched_by": len(each.touched_by),
                "noticed_by": each.noticed_by,
                "overdue": each.overdue,
                "why": each.why,
            }
            for each in tried
        ],
        "unfounded": [each.mutant for each in mutation.unfounded],
    }
    hint = "write a case for each that comes out otherwise, or why there can be none, under 'survivors'"
    return Section("mutants", ", ".join(said), (*lacks, *unfounded), mutation.passed, hint, document)


def _why(cases: int) -> str:
    if not cases:
        return "no case rests on it"
    return (
        f"not noticed by the {cases} cases that rest on it"
        if cases > 1
        else "not noticed by the case that rests on it"
    )


def of_coverage(coverage: Coverage, at_least: Fraction | None = None) -> Section:
    """What cases show of a pack.

    Args:
        coverage: it.
        at_least: the share that is asked for; None for any.
    """
    enough = at_least is None or coverage.share >= at_least
    passed = enough and not coverage.unfounded
    asked = "" if enough or at_least is None else f", where at least {percentage(at_least)} is asked"
    beside = f", {coverage.never:,} can not be, for a written reason" if coverage.never else ""
    share = percentage(coverage.share)
    summary = f"{coverage.shown:,} of {coverage.whole:,} things shown ({share}){beside}{asked}"
    lacks = [
        Lack(each.id, f"not shown to be {_joined(each.states)}", each.position) for each in coverage.unshown
    ]
    lacks += [
        Lack(each.id, f"a reason for {each.state}, which is shown or is none of its states", each.position)
        for each in coverage.unfounded
    ]
    document = {
        "passed": passed,
        "shown": coverage.shown,
        "whole": coverage.whole,
        "unshown": [
            {"id": each.id, "states": list(each.states), "at": f"{each.position.file}:{each.position.line}"}
            for each in coverage.unshown
        ],
        "never": coverage.never,
        "unfounded": [f"{each.id} {each.state}" for each in coverage.unfounded],
    }
    hint = "name them in what a case expects: what is decided in passing does not count"
    return Section("coverage", summary, tuple(lacks), passed, hint, document)


def percentage(share: Fraction) -> str:
    """A share in percent with one digit, never rounded up: 989 of 1,000 and 98.99 % are 98.9 %."""
    tenths = share.numerator * 1000 // share.denominator
    return f"{tenths // 10}.{tenths % 10} %" if tenths % 10 else f"{tenths // 10} %"


def lines_of(section: Section) -> Iterator[str]:
    """A section for people: what is left open, then how it came out."""
    width = max((len(each.place) for each in section.lacks), default=0)
    for each in section.lacks:
        yield f"    {each.place:<{width}}  {visible(each.id)}: {each.said}"
    sign = "✗" if not section.passed else "✓" if not section.lacks else "○"
    yield f"{sign} {section.summary}"
    if section.lacks:
        yield f"  {section.hint}"


def _joined(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
