"""The top of the page: what was decided, how many criteria stand where, the gates, and all points at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from phasegate.reports.hypertext.blocks import section, table
from phasegate.reports.hypertext.markup import Markup, anchor, joined, tag
from phasegate.reports.hypertext.signed import state, state_class, verdict, verdict_class
from phasegate.reports.kept import approval_line
from phasegate.reports.plain import tally
from phasegate.reports.sentences import binding, criterion_counts, outcome_line
from phasegate.reports.signs import VERDICTS, WORST_FIRST, verdict_sign

if TYPE_CHECKING:
    from phasegate.audit.record.document import GateEntry, GateReason, PointEntry
    from phasegate.reports.report import Report


def head(report: Report) -> Markup:
    """Title, day and verdict."""
    record = report.record
    cycle = record["cycle"]
    about = [
        f"as of {record['as_of']}",
        f"cycle {cycle.get('id')}, begun {cycle.get('start')}" if cycle else None,
        f"pack {record['pack']['title']}, version {record['pack']['version']}",
        f"only {', '.join(record['scope'])}" if record["scope"] and record["kind"] == "check" else None,
    ]
    mark = {"closed": "✗", "undecided": "?", "open": "✓", "open_with_waivers": "w"}.get(
        record["outcome"], "?"
    )
    line = outcome_line(record, report.code, report.strict)
    doubts = record["disagreements"]
    return joined(
        [
            tag("h1", record["title"]),
            tag("p", " · ".join(each for each in about if each), class_="soft"),
            tag("p", f"{mark} {line}", class_=f"verdict {state_class(record['outcome'])}"),
            tag("p", f"The two engines do not agree on {len(doubts)} verdicts; each of them is an error.")
            if doubts
            else None,
            tag("p", approval_line(record), class_="soft"),
        ]
    )


def counts(report: Report) -> Markup:
    """How many criteria have which verdict."""
    found = dict(tally((each["verdict"] for each in binding(report.record)), WORST_FIRST))
    items = [tag("li", verdict(word), f" {found[word]:,}" if word in found else " 0") for word in VERDICTS]
    return joined([tag("ul", *items, class_="counts"), tag("p", criterion_counts(report.record))])


def gates(report: Report) -> Markup | None:
    """The gates in their order, each with what keeps it shut."""
    found = report.record["gates"]
    if not found:
        return None
    rows = [_gate(gate) for gate in found]
    heads = ("Gate", "State", "Criteria that pass", "Own reasons", "Inherited")
    caption = "A gate is open if its points and targets pass and the gates before it are open."
    return section("gates", "Gates", table("Gates", caption, heads, rows))


def _gate(gate: GateEntry) -> Markup:
    score = gate["score"]
    waived = score["passing_with_waivers"] - score["passing"]
    passing = f"{score['passing']:,} of {score['apply']:,}{f', {waived:,} waived' if waived else ''}"
    name = gate["title"] if gate["id"] == "programme" else f"{gate['id']}  {gate['title']}"
    own = [each for each in gate["reasons"] if each["kind"] != "gate"]
    inherited = [each for each in gate["reasons"] if each["kind"] == "gate"]
    return tag(
        "tr",
        tag("th", name, scope="row", id=f"gate-{anchor(gate['id'])}"),
        tag("td", state(gate["state"]), class_=state_class(gate["state"])),
        tag("td", passing),
        tag("td", _reasons(own)),
        tag("td", joined([each["text"] for each in inherited], "<br>")),
    )


def _reasons(reasons: list[GateReason]) -> Markup:
    lines = []
    for word in WORST_FIRST:
        ids = [each["id"] for each in reasons if each["kind"] == "criterion" and each["verdict"] == word]
        if ids:
            links = joined([tag("a", each, href=f"#{anchor(each)}") for each in ids], ", ")
            lines.append(joined([f"{len(ids):,} {verdict_sign(word).verb[len(ids) != 1]}: ", links]))
    lines += [joined([each["text"]]) for each in reasons if each["kind"] != "criterion"]
    return joined(lines, "<br>")


def matrix(report: Report) -> Markup | None:
    """Points against the kinds of their criteria, each a link to its story."""
    record = report.record
    kinds = list(dict.fromkeys(_kind(each) for point in record["points"] for each in point["criteria"]))
    if not record["points"]:
        return None
    heads = ["Point", *kinds, "All", "Gates"]
    caption = f"{len(record['points']):,} points; every verdict leads to its story below."
    made = table("Points against criteria", caption, heads, _rows(report, kinds), "matrix")
    return section("points", "Points", made)


def _rows(report: Report, kinds: list[str]) -> Iterator[Markup]:
    area: str | None = None
    for point in report.record["points"]:
        if point["area"] != area and point["area"] is not None:
            area = point["area"]
            name = f"{area}  {report.record['areas'].get(area, '')}"
            yield tag("tr", tag("th", name, scope="rowgroup", colspan=str(len(kinds) + 3), class_="area"))
        yield _row(report, point, kinds)


def _row(report: Report, point: PointEntry, kinds: list[str]) -> Markup:
    own: dict[str, list[str]] = {}
    for each in point["criteria"]:
        own.setdefault(_kind(each), []).append(each)
    return tag(
        "tr",
        tag("th", f"{point['id']} {point['title']}", scope="row", id=anchor(point["id"])),
        *(_cell(report, own.get(kind, [])) for kind in kinds),
        tag("td", verdict(point["verdict"]), class_=verdict_class(point["verdict"])),
        tag("td", ", ".join(point["phases"]) or "none"),
    )


def _cell(report: Report, names: list[str]) -> Markup:
    if not names:
        return tag("td")
    found = [report.criteria[name]["verdict"] for name in names]
    links = [
        tag("a", verdict(word), href=f"#{anchor(name)}") for name, word in zip(names, found, strict=True)
    ]
    return tag("td", joined(links, " "), class_=verdict_class(found[0]))


def _kind(criterion: str) -> str:
    return criterion.rpartition("/")[2]
