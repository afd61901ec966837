"""The end of the page: the sources, and by what anybody can verify the run."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from phasegate.reports.html.markup import Markup, filled, folded, joined, lede, section, table, tag
from phasegate.reports.html.signoff import breaking
from phasegate.reports.text.labels import NOT_KEPT
from phasegate.reports.text.plain import counted, digest_start, some
from phasegate.reports.text.provenance import run_line, source_remarks
from phasegate.reports.text.sentences import criterion_counts, cycle_line, outcome_line, without_pack
from phasegate.reports.text.violations import broken_clauses

if TYPE_CHECKING:
    from phasegate.records.schema import SourceEntry
    from phasegate.reports.brief.model import Brief
    from phasegate.reports.html.anchors import Anchors
    from phasegate.reports.report import Report


def sources(report: Report, anchors: Anchors) -> Markup | None:
    """The tables that the facts were measured from."""
    found = report.record["sources"]
    if not found:
        return None
    heads = ("source", "state", "rows#", "read from", "digest")
    rows = [_source(each, anchors) for each in found]
    said = lede("The tables that the facts were measured from.")
    made = table("Sources", heads, rows, "plain sources stacked", scrolls=True)
    states = Counter(each["status"] for each in found)
    told = ", ".join(f"{number:,} {status}" for status, number in states.most_common())
    return section("sources", "Sources", said, folded(f"{counted(len(found), 'table')}: {told}", made))


def _source(source: SourceEntry, anchors: Anchors) -> Markup:
    complete = {True: "complete, as its control total shows", False: "incomplete"}.get(
        source["complete"] is True
    )
    told = [source["status"], source["reason"] or None, complete if source["complete"] is not None else None]
    return tag(
        "tr",
        tag("th", source["name"], scope="row", id=anchors.place("source", source["name"])),
        tag("td", ": ".join(each for each in told if each), _breaches(source)),
        tag("td", f"{source['rows']:,}", class_="number", data_head="rows"),
        tag("td", some(sorted(source["files"]), 3), *(tag("p", each) for each in source_remarks(source))),
        filled("<td><code>{}</code></td>", digest_start(source["digest"]) if source["digest"] else "none"),
    )


def _breaches(source: SourceEntry) -> Markup | None:
    """The clauses that rows break, each with the first cells and what to do."""
    items = []
    for each in broken_clauses(source):
        lines = [*each.cells, *([each.more] if each.more else [])]
        cells = tag("ul", *(tag("li", line) for line in lines)) if lines else None
        items.append(tag("li", each.clause, cells, f"help: {each.hint}" if each.hint else None))
    return tag("ul", *items) if items else None


def footer(report: Report, brief: Brief) -> Markup:
    """What was decided when and by whom, digests, checkpoint, versions, and how to verify."""
    record, kept = report.record, report.kept
    versions = ", ".join(f"{name} {version}" for name, version in sorted(record["versions"].items()))
    pairs: list[tuple[str, Markup | str]] = [
        ("Outcome", outcome_line(record, report.ended_with, report.strict)),
        ("Criteria", criterion_counts(record)),
        ("Recorded", run_line(record, report.kept)),
        *([("Cycle", line)] if (line := cycle_line(record)) else []),
        *(
            []
            if without_pack(record)
            else [("Pack", f"{record['pack']['title']}, version {record['pack']['version']}")]
        ),
        ("Record", _digest(report.digest)),
        ("Rules", _digest(record["pack"]["digest"])),
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
    unknown = [*brief.unknown, *(brief.changed.unknown if brief.changed else ())]
    if unknown:
        pairs.append(("Not known", joined(unknown, "<br>")))
    return tag(
        "footer",
        tag("h2", "Provenance", id="provenance"),
        tag(
            "dl",
            *(filled("<div><dt>{}</dt><dd>{}</dd></div>", name, said) for name, said in pairs),
            class_="told",
        ),
        class_="section",
    )


def _digest(digest: str | None) -> Markup:
    return tag("code", breaking(digest) if digest else "none")
