"""The end of the page: what ends next, the sources, and by what anybody can verify the run."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from phasegate.records.expirations import Ending, endings
from phasegate.reports.html.markup import Markup, joined, section, table, tag
from phasegate.reports.terminal.gates import gates_shown
from phasegate.reports.text.labels import NOT_KEPT
from phasegate.reports.text.plain import some
from phasegate.reports.text.provenance import source_remarks
from phasegate.reports.text.violations import broken_clauses

if TYPE_CHECKING:
    from phasegate.records.schema import SourceEntry
    from phasegate.reports.html.anchors import Anchors
    from phasegate.reports.report import Report

MOST_ENDINGS, MOST_CRITERIA = 40, 6


def calendar(report: Report, anchors: Anchors) -> Markup | None:
    """What no longer holds from which day on, if nothing is renewed; what ends alike on a day together."""
    alike: dict[tuple[dt.date, str], list[Ending]] = {}
    for each in endings(report.record):
        alike.setdefault((each.day, _what(report, each)), []).append(each)
    if not alike:
        return None
    rows = [
        _ending(report, anchors, day, what, found)
        for (day, what), found in list(alike.items())[:MOST_ENDINGS]
    ]
    left = f" The first {MOST_ENDINGS} of {len(alike):,}." if len(alike) > MOST_ENDINGS else ""
    caption = f"From the day named on, what is listed no longer holds if nothing is renewed.{left}"
    heads = (
        "Day",
        "What ends",
        "Criteria that rest on it",
        *(["Gates"] if gates_shown(report.record, report.overdue) else []),
    )
    return section("next", "What ends next", table("What ends next", caption, heads, rows))


def _what(report: Report, ending: Ending) -> str:
    if ending.kind == "evidence":
        return f"evidence goes stale: {report.facts[ending.id]['title']}"
    return f"{ending.kind} {ending.id} ends"


def _ending(report: Report, anchors: Anchors, day: dt.date, what: str, found: list[Ending]) -> Markup:
    criteria = list(dict.fromkeys(name for each in found for name in each.criteria))
    links = joined([anchors.link("criterion", each) for each in criteria[:MOST_CRITERIA]], ", ")
    left = len(criteria) - MOST_CRITERIA
    gates = gates_shown(report.record, report.overdue)
    named = {name for each in found for name in each.gates}
    return tag(
        "tr",
        tag("th", day.isoformat(), scope="row", class_="day"),
        tag("td", what),
        tag("td", links, f" and {left:,} more" if left > 0 else None),
        tag("td", ", ".join(each["id"] for each in gates if each["id"] in named)) if gates else None,
    )


def sources(report: Report, anchors: Anchors) -> Markup | None:
    """The tables that the facts were measured from."""
    found = report.record["sources"]
    if not found:
        return None
    heads = ("Source", "State", "Rows", "Read from", "Digest")
    rows = [_source(each, anchors) for each in found]
    caption = "The tables that the facts were measured from."
    return section("sources", "Sources", table("Sources", caption, heads, rows))


def _source(source: SourceEntry, anchors: Anchors) -> Markup:
    complete = {True: "complete, as its control total shows", False: "incomplete"}.get(
        source["complete"] is True
    )
    told = [source["status"], source["reason"] or None, complete if source["complete"] is not None else None]
    return tag(
        "tr",
        tag("th", source["name"], scope="row", id=anchors.place("source", source["name"])),
        tag("td", ": ".join(each for each in told if each), _breaches(source)),
        tag("td", f"{source['rows']:,}", class_="number"),
        tag("td", some(sorted(source["files"]), 3), *(tag("p", each) for each in source_remarks(source))),
        tag("td", tag("code", source["digest"] or "none")),
    )


def _breaches(source: SourceEntry) -> Markup | None:
    """The clauses that rows break, each with the first cells and what to do."""
    items = []
    for each in broken_clauses(source):
        lines = [*each.cells, *([each.more] if each.more else [])]
        cells = tag("ul", *(tag("li", line) for line in lines)) if lines else None
        items.append(tag("li", each.clause, cells, f"help: {each.hint}" if each.hint else None))
    return tag("ul", *items) if items else None


def footer(report: Report) -> Markup:
    """Digests, checkpoint, versions, and how to verify."""
    record, kept = report.record, report.kept
    versions = ", ".join(f"{name} {version}" for name, version in sorted(record["versions"].items()))
    pairs: list[tuple[str, Markup | str]] = [
        ("Record", tag("code", report.digest or "none")),
        ("Rules", tag("code", record["pack"]["digest"])),
    ]
    if kept is not None:
        pairs += [
            ("Kept as", f"run {kept.run} in {kept.name}"),
            ("Checkpoint", tag("code", kept.checkpoint)),
            (
                "To verify",
                joined(
                    [
                        tag("code", f"phasegate verify --against '{kept.checkpoint}'"),
                        " finds any change since; ",
                        tag("code", f"phasegate replay {kept.run}"),
                        " decides the run again from its facts.",
                    ]
                ),
            ),
        ]
    else:
        nowhere = NOT_KEPT if "what_if" in record else "in no ledger that this report knows of"
        pairs.append(("Kept", nowhere))
    pairs.append(("Decided by", versions))
    return tag(
        "footer",
        tag("h2", "Provenance", id="provenance"),
        tag("dl", *(joined([tag("dt", name), tag("dd", said)]) for name, said in pairs)),
    )
