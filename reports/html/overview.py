"""The top of the page: what was decided, how many criteria stand where, the gates, and all points at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from phasegate.reports.html.markup import (
    Markup,
    filled,
    joined,
    section,
    state,
    state_class,
    table,
    tag,
    verdict,
    verdict_class,
)
from phasegate.reports.terminal.gates import OVERDUE, gates_shown, overdue_said
from phasegate.reports.text.labels import VERDICTS, state_sign, verdict_sign
from phasegate.reports.text.plain import counted
from phasegate.reports.text.provenance import approval_line, on_another_day, run_line
from phasegate.reports.text.sentences import (
    counts_told,
    criterion_counts,
    cycle_line,
    gate_name,
    outcome_line,
    passing,
    supposed_line,
    without_pack,
)
from phasegate.rules.model.verdict import WORST_FIRST

if TYPE_CHECKING:
    from phasegate.records.overdue import Overdue
    from phasegate.records.schema import GateEntry, GateReason, PointEntry
    from phasegate.reports.html.anchors import Anchors
    from phasegate.reports.report import Report

MOST_KINDS = 12
"""So many kinds of criteria have a column each; where there are more, all stand in one."""


def head(report: Report, anchors: Anchors) -> Markup:
    """Title, day and verdict, and when and by whom the run was recorded."""
    record = report.record
    about = [
        cycle_line(record),
        None
        if without_pack(record)
        else f"pack {record['pack']['title']}, version {record['pack']['version']}",
        f"only {', '.join(record['scope'])}" if record["scope"] and record["kind"] == "check" else None,
    ]
    mark = state_sign(record["outcome"]).mark
    line = outcome_line(record, report.ended_with, report.strict)
    recorded = run_line(record, report.kept)
    another = on_another_day(record, report.kept)
    return joined(
        [
            tag("p", tag("strong", supposed)) if (supposed := supposed_line(record)) is not None else None,
            tag("h1", record["title"]),
            tag("p", " · ".join(each for each in about if each), class_="soft"),
            tag("p", f"{mark} {line}", class_=f"verdict {state_class(record['outcome'])}"),
            _disagreements(report, anchors),
            tag("p", tag("strong", recorded)) if another else tag("p", recorded, class_="soft"),
            tag("p", approval_line(record), class_="soft"),
        ]
    )


def _disagreements(report: Report, anchors: Anchors) -> Markup | None:
    """What the two engines do not agree on: a fault of the program, told before all else."""
    found = report.record["disagreements"]
    if not found:
        return None
    number = counted(len(found), "verdict")
    items = []
    for each in found:
        requirement = report.requirements.get(str(each.get("id")))
        name = requirement["criterion"] if requirement else str(each.get("id"))
        told = f": inferred {each.get('inferred')}, evaluated {each.get('evaluated')}"
        items.append(tag("li", anchors.link("criterion", name, str(each.get("id"))), told))
    said = (
        f"! THE ENGINES DISAGREE on {number}. This is a fault of phasegate: nothing below can be relied upon."
    )
    return joined([tag("p", tag("strong", said), class_="error"), tag("ul", *items)])


def counts(report: Report) -> Markup:
    """How many criteria have which verdict; of a project's own rules, how many requirements."""
    noun, found = counts_told(report.record)
    items = [tag("li", verdict(word), f" {found.get(word, 0):,}") for word in VERDICTS]
    told = tag("ul", tag("li", f"{noun}:"), *items, class_="counts")
    return joined([told, tag("p", criterion_counts(report.record))])


def gates(report: Report, anchors: Anchors) -> Markup | None:
    """The gates in their order, each with what keeps it shut; none where one outcome tells it."""
    found = gates_shown(report.record, report.overdue)
    if not found:
        return None
    rows = [_gate(gate, anchors, report.overdue.get(gate["id"])) for gate in found]
    heads = ("Gate", "State", "Criteria that pass", "Own reasons", "Inherited")
    caption = "A gate is open if its points and targets pass and the gates before it are open."
    return section("gates", "Gates", table("Gates", caption, heads, rows))


def _gate(gate: GateEntry, anchors: Anchors, late: Overdue | None) -> Markup:
    own = [each for each in gate["reasons"] if each["kind"] != "gate"]
    inherited = [each for each in gate["reasons"] if each["kind"] == "gate"]
    told = [state(gate["state"])]
    if late is not None:
        told.append(joined([tag("strong", OVERDUE), f" {overdue_said(late)}"]))
    return tag(
        "tr",
        tag("th", gate_name(gate), scope="row", id=anchors.place("gate", gate["id"])),
        tag("td", joined(told, "<br>"), class_=state_class(gate["state"])),
        tag("td", passing(gate["score"])),
        tag("td", _reasons(own, anchors)),
        tag("td", joined([each["text"] for each in inherited], "<br>")),
    )


def _reasons(reasons: list[GateReason], anchors: Anchors) -> Markup:
    lines = []
    by_verdict: dict[str, list[str]] = {word: [] for word in WORST_FIRST}
    for each in reasons:
        if each["kind"] == "criterion":
            by_verdict.setdefault(each["verdict"], []).append(each["id"])
    for word, ids in by_verdict.items():
        if ids:
            links = joined([anchors.link("criterion", each) for each in ids], ", ")
            lines.append(joined([f"{len(ids):,} {verdict_sign(word).verb[len(ids) != 1]}: ", links]))
    lines += [joined([each["text"]]) for each in reasons if each["kind"] != "criterion"]
    return joined(lines, "<br>")


def matrix(report: Report, anchors: Anchors) -> Markup | None:
    """Points against the kinds of their criteria, each a link to its story."""
    points = report.record["points"]
    if not points or without_pack(report.record):
        return None
    kinds = list(dict.fromkeys(_kind(each) for point in points for each in point["criteria"]))
    if len(kinds) > MOST_KINDS:
        kinds = []  # a table of mostly empty cells tells nothing at a glance
    heads = ["Point", *(kinds or ["Criteria"]), "All", *(["Gates"] if _gated(report) else [])]
    caption = f"{counted(len(points), 'point')}; every verdict leads to its story below."
    rows = _rows(report, anchors, kinds)
    return section("points", "Points", table("Points against criteria", caption, heads, rows, "matrix"))


def _rows(report: Report, anchors: Anchors, kinds: list[str]) -> Iterator[Markup]:
    area: str | None = None
    gated = _gated(report)
    for point in report.record["points"]:
        if point["area"] != area and point["area"] is not None:
            area = point["area"]
            name = f"{area}  {report.record['areas'].get(area, '')}"
            width = str(max(len(kinds), 1) + (3 if gated else 2))
            yield tag("tr", tag("th", name, scope="rowgroup", colspan=width, class_="area"))
        yield _row(report, anchors, point, kinds, gated)


def _gated(report: Report) -> bool:
    return bool(gates_shown(report.record, report.overdue))


def _row(report: Report, anchors: Anchors, point: PointEntry, kinds: list[str], gated: bool) -> Markup:
    own: dict[str, list[str]] = {}
    for each in point["criteria"]:
        own.setdefault(_kind(each), []).append(each)
    cells = [_cell(report, anchors, own.get(kind, [])) for kind in kinds]
    return filled(
        '<tr><th scope="row" id="{}">{} {}</th>{}<td class="{}">{}</td>{}</tr>',
        anchors.place("point", point["id"]),
        point["id"],
        point["title"],
        joined(cells or [_all(report, anchors, point["criteria"])]),
        verdict_class(point["verdict"]),
        verdict(point["verdict"]),
        # What belongs to no phase belongs to the programme's gate alone.
        filled("<td>{}</td>", ", ".join(point["phases"]) or "programme") if gated else None,
    )


def _cell(report: Report, anchors: Anchors, names: list[str]) -> Markup:
    if not names:
        return Markup("<td></td>")
    if len(names) == 1:  # as nearly always
        return _one(report.criteria[names[0]]["verdict"], anchors.place("criterion", names[0]))
    words = [report.criteria[name]["verdict"] for name in names]
    links = [anchors.link("criterion", name, verdict(word)) for name, word in zip(names, words, strict=True)]
    worst = min(words, key=_rank)
    return filled('<td class="{}">{}</td>', verdict_class(worst), joined(links, " "))


def _one(word: str, place: str | None) -> Markup:
    return filled('<td class="{}"><a href="#{}">{}</a></td>', verdict_class(word), place, verdict(word))


def _all(report: Report, anchors: Anchors, names: list[str]) -> Markup:
    """All criteria of a point in one cell."""
    found = [(name, verdict(report.criteria[name]["verdict"])) for name in names]
    links = [anchors.link("criterion", name, word, f" {_kind(name)}") for name, word in found]
    return tag("td", joined(links, ", "), class_="many")


def _rank(word: str) -> int:
    return WORST_FIRST.index(word) if word in WORST_FIRST else -1


def _kind(criterion: str) -> str:
    return criterion.rpartition("/")[2]
