"""What the rows of a portfolio come to together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from phasegate.monitoring.portfolio.model import PortfolioRow, RolledUp
from phasegate.monitoring.portfolio.standing import Standing

if TYPE_CHECKING:
    from phasegate.rules.portfolio.model import RollUp


@dataclass(frozen=True, slots=True)
class Rule:
    """When a portfolio is open.

    Attributes:
        at_least: so many projects must be; None where that is not the rule.
        share: projects with so much of the weight of all must be, above 0 and up to 1; None where that is
            not the rule. Without either, all projects must be.
    """

    at_least: int | None = None
    share: Fraction | None = None

    @staticmethod
    def of(written: RollUp | None) -> Rule:
        """The rule of a portfolio file; without one every project must be open."""
        return ALL if written is None else Rule(written.at_least, written.share)

    @property
    def shown(self) -> str:
        """What it takes, in words."""
        if self.at_least is not None:
            return f"at least {self.at_least:,}"
        if self.share is not None:
            return f"at least {_percent(self.share)} of the weight"
        return "all of them"


ALL = Rule()
"""Nothing is open unless every project is."""


def worst_first(rows: Sequence[PortfolioRow]) -> list[PortfolioRow]:
    """The rows in the order in which a reader wants them: the worst, then what is overdue longest."""
    return sorted(rows, key=lambda each: (-each.standing, -each.overdue_days, each.name, each.ledger))


def roll_up(rows: Sequence[PortfolioRow], rule: Rule = ALL, *, strict: bool = False) -> RolledUp:
    """What rows come to.

    An error of one is an error of all of them, whatever the rule says: what nobody could read may be
    anything. What is not known counts for nothing; where the rule could still hold with it, the portfolio is
    undecided.

    Args:
        rows: the projects.
        rule: when it is open.
        strict: whether open with waivers counts as closed.
    """
    found = [_strictly(each.standing) if strict else each.standing for each in rows]
    errors = found.count(Standing.ERROR)
    if errors:
        verb = "is an error" if errors == 1 else "are errors"
        told = f"{errors:,} of {_projects(len(rows))} {verb}, over which nothing opens"
        return RolledUp(Standing.ERROR, rule.shown, told)
    if not rows:
        return RolledUp(Standing.UNDECIDED, rule.shown, "there is no project")
    enough = _enough(rows, rule)
    for standing in (Standing.OPEN, Standing.OPEN_WITH_WAIVERS, Standing.UNDECIDED):
        if enough([each <= standing for each in found]):
            return RolledUp(standing, rule.shown, _said(rows, found, rule))
    return RolledUp(Standing.CLOSED, rule.shown, _said(rows, found, rule))


def _enough(rows: Sequence[PortfolioRow], rule: Rule) -> Callable[[Sequence[bool]], bool]:
    """Whether it is enough if some of the rows hold."""
    if rule.at_least is not None:
        least = rule.at_least
        return lambda holds: sum(holds) >= least
    if rule.share is not None:
        least_weight = rule.share * sum(each.weight for each in rows)
        return lambda holds: _weight(rows, holds) >= least_weight
    return all


def _weight(rows: Sequence[PortfolioRow], holds: Sequence[bool]) -> int:
    return sum(each.weight for each, one in zip(rows, holds, strict=True) if one)


def _strictly(standing: Standing) -> Standing:
    return Standing.CLOSED if standing is Standing.OPEN_WITH_WAIVERS else standing


def _said(rows: Sequence[PortfolioRow], found: Sequence[Standing], rule: Rule) -> str:
    opened = [each.opens for each in found]
    one = len(rows) == 1 or sum(opened) == 1
    told = f"{sum(opened):,} of {_projects(len(rows))} {'is' if one else 'are'} open"
    if rule.share is not None:
        total = sum(each.weight for each in rows)
        told += f", with {_weight(rows, opened):,} of {total:,} of the weight"
    return told


def _projects(number: int) -> str:
    return f"{number:,} project{'s' if number != 1 else ''}"


def _percent(share: Fraction) -> str:
    """A share as people write it; one that has no end in percent is rounded up, so that none seems enough."""
    hundred = share * 100
    if hundred.denominator == 1:
        return f"{hundred.numerator} %"
    shown = f"{-(-hundred.numerator * 1000 // hundred.denominator) / 1000:.3f}".rstrip("0")
    return f"{shown} %"
