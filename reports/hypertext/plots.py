"""Plots as inline pictures, each with the same in words: bars against a target, and past values."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from phasegate.reports.hypertext.blocks import section, table
from phasegate.reports.hypertext.markup import Markup, anchor, joined, tag
from phasegate.reports.hypertext.signed import verdict, verdict_class
from phasegate.reports.signs import verdict_sign
from phasegate.rules.units import Quantity, QuantityError

if TYPE_CHECKING:
    from phasegate.audit.kept.history import Past
    from phasegate.audit.record.document import CriterionEntry, RequirementEntry
    from phasegate.reports.report import Report

BAR, HEIGHT = 320, 22
SPARK_WIDTH, SPARK_HEIGHT = 120, 24


def targets(report: Report) -> Markup | None:
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
        table(name, caption, heads, [_target(report, each) for each in members])
        for name, caption, members in groups
        if members
    ]
    return section("targets", "Targets", *tables)


def _target(report: Report, criterion: CriterionEntry) -> Markup:
    own = report.of(criterion)
    found = "; ".join(each["observed"].rpartition(" = ")[2] for each in own)
    margin = "; ".join(each["margin"] or "" for each in own)
    link = tag("a", criterion["id"], href=f"#{anchor(criterion['id'])}")
    return tag(
        "tr",
        tag("th", link, f" {criterion['text']}", scope="row"),
        tag("td", verdict(criterion["verdict"]), class_=verdict_class(criterion["verdict"])),
        tag("td", f"{found} ({margin})" if margin else found),
        tag("td", joined([_bar(report, each) for each in own], "<br>")),
    )


def _bar(report: Report, requirement: RequirementEntry) -> Markup | None:
    """A bar from nothing to what was found, and a line where the bound is."""
    found, aim = value_of(report, requirement), limit_of(requirement)
    if found is None or aim is None or aim <= 0:
        return None
    top = max(found, aim, Fraction(0)) * Fraction(21, 20)
    if requirement["unit"] == "%" and top < 1 <= top * Fraction(21, 20):
        top = Fraction(1)
    length = max(Fraction(0), found) / top * BAR
    at = aim / top * BAR
    shown = requirement["observed"].rpartition(" = ")[2]
    said = f"found {shown}, bound {requirement['limit'] or requirement['bound']}"
    return tag(
        "svg",
        tag("title", said),
        tag("rect", x="0", y="4", width=str(BAR), height=str(HEIGHT - 8), class_="track", fill="#8884"),
        tag("rect", x="0", y="4", width=_short(length), height=str(HEIGHT - 8), class_="bar"),
        tag(
            "line", x1=_short(at), x2=_short(at), y1="0", y2=str(HEIGHT), class_="aim", stroke="currentColor"
        ),
        role="img",
        aria_label=said,
        class_=verdict_class(requirement["verdict"]),
        width=str(BAR),
        height=str(HEIGHT),
        viewBox=f"0 0 {BAR} {HEIGHT}",
    )


def sparkline(past: Sequence[Past]) -> Markup | None:
    """What earlier runs found, and the same in words; None where there are fewer than two."""
    if len(past) < 2:
        return None
    said = ", ".join(f"{each.as_of} {verdict_sign(each.verdict).word.lower()}" for each in past)
    drawn = [each.value for each in past if each.value is not None]
    low, high = (min(drawn), max(drawn)) if drawn else (0.0, 0.0)
    step = (SPARK_WIDTH - 8) / (len(past) - 1)
    places = [
        (4 + place * step, SPARK_HEIGHT - 4 - _share(each.value, low, high) * (SPARK_HEIGHT - 8), each)
        for place, each in enumerate(past)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, each in places if each.value is not None)
    dots = [
        tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r="3", class_=f"bar {verdict_class(each.verdict)}")
        for x, y, each in places
    ]
    return tag(
        "svg",
        tag("title", said),
        tag("polyline", points=line, class_="trace", fill="none", stroke="currentColor") if drawn else None,
        *dots,
        role="img",
        aria_label=f"Earlier runs: {said}",
        width=str(SPARK_WIDTH),
        height=str(SPARK_HEIGHT),
        viewBox=f"0 0 {SPARK_WIDTH} {SPARK_HEIGHT}",
    )


def value_of(report: Report, requirement: RequirementEntry) -> Fraction | None:
    """The number behind a requirement; None where there is none."""
    fact = report.facts[requirement["fact"]]
    try:
        return Fraction(int(fact["numerator"] or ""), int(fact["denominator"] or ""))
    except (ValueError, ZeroDivisionError):
        return None


def limit_of(requirement: RequirementEntry) -> Fraction | None:
    """The number that a requirement is held against; None where it is none, or there are two."""
    try:
        return Quantity.parse((requirement["limit"] or "").replace(",", "")).value
    except QuantityError:
        return None


def _share(value: float | None, low: float, high: float) -> float:
    if value is None or high <= low:
        return 0.5
    return (value - low) / (high - low)


def _short(length: Fraction) -> str:
    return f"{float(length):.1f}"
