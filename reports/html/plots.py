"""Targets as bars against their bounds: inline pictures, each with the same in words."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from phasegate.records.numbers import extremes
from phasegate.reports.html.markup import Markup, joined, section, table, tag, verdict, verdict_class
from phasegate.rules.values.units import PERCENT, Quantity, QuantityError

if TYPE_CHECKING:
    from phasegate.records.schema import CriterionEntry, RequirementEntry
    from phasegate.reports.html.anchors import Anchors
    from phasegate.reports.report import Report

BAR, HEIGHT = 320, 22


def targets(report: Report, anchors: Anchors) -> Markup | None:
    """Each target as a bar against its bound: success targets, then what is advisory."""
    asked = [each for each in report.record["criteria"] if each["point"] is None]
    if not asked:
        return None
    binding = [each for each in asked if each["enforcement"] != "advisory"]
    advisory = [each for each in asked if each["enforcement"] == "advisory"]
    groups = (
        ("Success targets", "Success targets: what each area must reach.", binding),
        ("KPIs and values", "KPIs and values, counted from the baseline: they close no gate.", advisory),
    )
    heads = ("Target", "Verdict", "Found", "Against its bound")
    tables = [
        table(name, caption, heads, [_target(report, anchors, each) for each in members])
        for name, caption, members in groups
        if members
    ]
    return section("targets", "Targets", *tables)


def _target(report: Report, anchors: Anchors, criterion: CriterionEntry) -> Markup:
    own = report.of(criterion)
    found = "; ".join(each["observed"].rpartition(" = ")[2] for each in own)
    margin = "; ".join(each["margin"] or "" for each in own)
    return tag(
        "tr",
        tag("th", anchors.link("criterion", criterion["id"]), f" {criterion['text']}", scope="row"),
        tag("td", verdict(criterion["verdict"]), class_=verdict_class(criterion["verdict"])),
        tag("td", f"{found} ({margin})" if margin else found),
        tag("td", joined([_plot(report, each) for each in own])),
    )


def _plot(report: Report, requirement: RequirementEntry) -> Markup:
    """A bar where there is one to draw, and the two numbers that it stands for."""
    shown = requirement["observed"].rpartition(" = ")[2]
    said = f"found {shown}, bound {requirement['limit'] or requirement['bound']}"
    return joined([_bar(report, requirement, said), tag("p", said, class_="soft")])


def _bar(report: Report, requirement: RequirementEntry, said: str) -> Markup | None:
    """A bar from nothing to what was found, and a line where the bound is.

    Where the number has two ends, a paler bar goes on from the one to the other.
    """
    found, aim = extremes(report.facts[requirement["fact"]]), limit_of(requirement)
    if found is None or aim is None or aim <= 0:
        return None
    top = max(*found, aim, Fraction(0)) * Fraction(21, 20)
    if requirement["unit"] == "%" and top < 1 <= top * Fraction(21, 20):
        top = Fraction(1)
    low, high = (max(Fraction(0), end) / top * BAR for end in found)
    at = _short(aim / top * BAR)
    tall = str(HEIGHT - 8)
    beyond = None
    if low != high:
        beyond = tag("rect", x=_short(low), y="4", width=_short(high - low), height=tall, class_="bar maybe")
    return tag(
        "svg",
        tag("title", said),
        tag("rect", x="0", y="4", width=str(BAR), height=tall, class_="track", fill="#8884"),
        tag("rect", x="0", y="4", width=_short(low), height=tall, class_="bar"),
        beyond,
        tag("line", x1=at, x2=at, y1="0", y2=str(HEIGHT), class_="aim", stroke="currentColor"),
        role="img",
        class_=verdict_class(requirement["verdict"]),
        width=str(BAR),
        height=str(HEIGHT),
        viewBox=f"0 0 {BAR} {HEIGHT}",
    )


def limit_of(requirement: RequirementEntry) -> Fraction | None:
    """The number that a requirement is held against; None where it is none, or there are two."""
    limit, unit = requirement["limit"] or "", requirement["unit"]
    of_unit = f" {unit}" if unit and unit != PERCENT and limit.endswith(f" {unit}") else ""
    try:
        found = Quantity.parse(limit.removesuffix(of_unit).replace(",", ""))
    except QuantityError:
        return None
    return (found.within(unit) or found).value


def _short(length: Fraction) -> str:
    return f"{float(length):.1f}"
