"""The end of the page: what ends next, the sources, and by what anybody can verify the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.audit.kept.entries import digest_of
from phasegate.audit.ledger.canonical import canonical
from phasegate.audit.record.endings import Ending, endings
from phasegate.reports.hypertext.blocks import section, table
from phasegate.reports.hypertext.markup import Markup, anchor, joined, tag
from phasegate.reports.plain import some

if TYPE_CHECKING:
    from phasegate.audit.record.document import SourceEntry
    from phasegate.reports.report import Report

MOST_ENDINGS = 40


def calendar(report: Report) -> Markup | None:
    """What no longer holds from which day on, if nothing is renewed."""
    found = endings(report.record)
    if not found:
        return None
    rows = [_ending(report, each) for each in found[:MOST_ENDINGS]]
    left = f" The first {MOST_ENDINGS} of {len(found):,}." if len(found) > MOST_ENDINGS else ""
    caption = f"From the day named on, what is listed no longer holds if nothing is renewed.{left}"
    heads = ("Day", "What ends", "Criteria that rest on it", "Gates")
    return section("next", "What ends next", table("What ends next", caption, heads, rows))


def _ending(report: Report, ending: Ending) -> Markup:
    fact = report.facts.get(ending.id)
    what = {
        "evidence": f"evidence of {fact['title'] if fact else ending.id} goes stale",
        "waiver": f"waiver {ending.id} ends",
        "attestation": f"attestation {ending.id} ends",
    }[ending.kind]
    links = [tag("a", each, href=f"#{anchor(each)}") for each in ending.criteria[:6]]
    more = f" and {len(ending.criteria) - 6:,} more" if len(ending.criteria) > 6 else None
    return tag(
        "tr",
        tag("th", ending.day.isoformat(), scope="row"),
        tag("td", what),
        tag("td", joined([joined(links, ", "), more])),
        tag("td", ", ".join(ending.gates)),
    )


def sources(report: Report) -> Markup | None:
    """The tables that the facts were measured from."""
    found = report.record["sources"]
    if not found:
        return None
    heads = ("Source", "State", "Rows", "Files", "Digest")
    caption = "The tables that the facts were measured from."
    return section("sources", "Sources", table("Sources", caption, heads, map(_source, found)))


def _source(source: SourceEntry) -> Markup:
    complete = {True: "complete, as its control total shows", False: "incomplete"}.get(
        source["complete"] is True
    )
    told = [source["status"], source["reason"] or None, complete if source["complete"] is not None else None]
    return tag(
        "tr",
        tag("th", source["name"], scope="row", id=f"source-{anchor(source['name'])}"),
        tag("td", ": ".join(each for each in told if each)),
        tag("td", f"{source['rows']:,}", class_="number"),
        tag("td", some(sorted(source["files"]), 3)),
        tag("td", tag("code", source["digest"] or "none")),
    )


def footer(report: Report) -> Markup:
    """Digests, checkpoint, versions, and how to verify."""
    record, kept = report.record, report.kept
    versions = ", ".join(f"{name} {version}" for name, version in sorted(record["versions"].items()))
    pairs: list[tuple[str, Markup | str]] = [
        ("Record", tag("code", digest_of(canonical(record)))),
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
        pairs.append(("Kept as", "nothing: this run is in no ledger"))
    pairs.append(("Decided by", versions))
    return tag(
        "footer",
        tag("h2", "Provenance", id="provenance"),
        tag("dl", *(joined([tag("dt", name), tag("dd", said)]) for name, said in pairs)),
    )
