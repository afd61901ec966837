"""Notes on the terminal: idle waivers and attestations, sources in trouble, engines that disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.terminal.page import Page
from phasegate.reports.text.plain import counted, listed
from phasegate.reports.text.violations import BrokenClause, broken_clauses
from phasegate.reports.text.vouched import attestation_account

if TYPE_CHECKING:
    from phasegate.records.schema import Record

SHOWN_CLAUSES = 5
MOST_ATTESTED = 20
MOST_UNDETERMINED = 10
"""So many values with undetermined rows are told of where not all is."""


def disagreements(record: Record, page: Page) -> None:
    """Loudly: where the two engines decided differently, nothing can be trusted."""
    found = record["disagreements"]
    if not found:
        return
    page.blank()
    page.line(
        (
            f"! THE ENGINES DISAGREE on {counted(len(found), 'verdict')}. This is a fault of phasegate.",
            "bold red",
        )
    )
    page.line("Nothing below can be relied upon. Please report it, with the record.", indent=2)
    for each in found:
        what = f"{each.get('id')}: inferred {each.get('inferred')}, evaluated {each.get('evaluated')}"
        page.line(what, indent=2)


def sources(record: Record, page: Page, verbose: bool) -> None:
    """Sources that are absent or broken, with the clauses that rows break."""
    found = [source for source in record["sources"] if source["status"] != "ok" or source["breaches"]]
    if found:
        page.heading("Sources in trouble")
    for source in found:
        paths = ", ".join(source["files"])
        state = "absent" if source["status"] == "absent" else "ERROR"
        page.item(
            [(f"! {state}", "yellow" if state == "absent" else "bold magenta")],
            [(source["name"], "bold"), f"  {source['reason']}", (f"  {paths}" if paths else "", "dim")],
            indent=2,
            label_width=10,
        )
        breaches = broken_clauses(source)
        most = len(breaches) if verbose else SHOWN_CLAUSES
        for breach in breaches[:most]:
            broken_clause(breach, page, indent=12)
        if len(breaches) > most:
            page.line(f"and {len(breaches) - most:,} more", indent=12)


def unknown_points(record: Record, page: Page) -> None:
    """Rows that name points which the pack does not have: a typing error hides them from every measure."""
    found = [(source["name"], source.get("unknown_points")) for source in record["sources"]]
    if any(unknown for _, unknown in found):
        page.heading("Rows that no point counts")
    for name, unknown in found:
        if unknown:
            rows = counted(unknown["rows"], "row")
            says = "names a point" if unknown["rows"] == 1 else "name points"
            more = unknown["points"] - len(unknown["sample"])
            named = [*unknown["sample"], *([f"{more:,} more"] if more and unknown["sample"] else [])]
            ids = f": {', '.join(named)}" if named else ""
            page.line(f"{rows} of {name} {says} that the pack does not have{ids}", indent=2)


def undetermined(record: Record, page: Page) -> None:
    """Rows beside values that pass whichever way they count; nothing where of each row that is known."""
    if not any("undetermined" in each for each in record["facts"]):
        return
    from phasegate.reports.text.undetermined import cause_told

    passing = {each["fact"] for each in record["requirements"] if each["verdict"] == "pass"}
    found = [(each, said) for each in record["facts"] if (said := cause_told(each)) and each["id"] in passing]
    if found:
        page.heading("Undetermined rows", "beside values that pass whether or not they count")
    for fact, said in found[:MOST_UNDETERMINED]:
        page.line(f"{fact['id']} is {fact['shown']}; {said}", indent=2)
    if len(found) > MOST_UNDETERMINED:
        page.line((f"and {len(found) - MOST_UNDETERMINED:,} more; --verbose lists them", "dim"), indent=2)


def idle_waivers(record: Record, page: Page) -> None:
    """Waivers that covered nothing: expired, unused, not yet begun, for another pack.

    Those for what the run was not asked to decide are left out: there is nothing to do about them.
    """
    idle = [each for each in record["waivers"] if each["standing"] not in ("used", "out_of_scope")]
    if idle:
        page.heading("Waivers that cover nothing")
    for waiver in idle:
        standing = waiver["standing"].replace("_", " ")
        page.line(f"{waiver['id']}  {standing} for {waiver['requirement']}: {waiver['reason']}", indent=2)


def attested(record: Record, page: Page) -> None:
    """Attestations that answer a fact: who signed them, on what evidence, and until when."""
    used = [each for each in record["attestations"] if each["standing"] == "used"]
    if used:
        page.heading("Attested", "what people vouch for")
    for attestation in used[:MOST_ATTESTED]:
        page.line(f"{attestation['fact']}: {attestation_account(attestation, record)}", indent=2)
    if len(used) > MOST_ATTESTED:
        page.line((f"and {len(used) - MOST_ATTESTED:,} more; the other formats list them", "dim"), indent=2)


def idle_attestations(record: Record, page: Page) -> None:
    """Attestations that answer nothing: expired, revoked, not yet begun, or with a newer one beside.

    Those whose evidence has changed are left out: they make an error, which is told with its fact.
    """
    answering = ("used", "evidence_changed")
    idle = [each for each in record["attestations"] if each["standing"] not in answering]
    if idle:
        page.heading("Attestations that answer nothing")
    alike: dict[tuple[str, str, str], list[str]] = {}
    for each in idle:
        alike.setdefault((each["id"], each["standing"], each["reason"]), []).append(each["fact"])
    for (id_, standing, reason), facts in alike.items():
        page.line(f"{id_}  {standing.replace('_', ' ')} for {listed(facts)}: {reason}", indent=2)


def broken_clause(told: BrokenClause, page: Page, indent: int) -> None:
    """Puts a clause, its cells and what to do on a page for terminals."""
    page.line(told.clause, indent=indent)
    for cell in (*told.cells, *([told.more] if told.more else [])):
        page.line(cell, indent=indent + 2)
    if told.hint:
        page.line((f"help: {told.hint}", "dim"), indent=indent + 2)
