"""What a run is, where it is kept and by whom it was recorded, and who vouches for its rules."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from phasegate.records.time_zone import zone_of
from phasegate.reports.text.plain import visible
from phasegate.reports.text.sentences import gate_label
from phasegate.rules.values.time_zones import UnknownZoneError, day_of

if TYPE_CHECKING:
    from phasegate.audit.trail.runs import Kept
    from phasegate.records.schema import ChangedRules, Record, RefusedApproval, SourceEntry


def kind_line(record: Record) -> str:
    """Whether a run is a check or decides a gate, and which one."""
    if "what_if" in record:
        return "A what-if, which decides nothing"
    if record["kind"] != "gate":
        return "A check, which opens no gate"
    return f"The decision of {gate_label(record['scope'][0]) if record['scope'] else 'a gate'}"


def run_line(record: Record, kept: Kept | None) -> str:
    """Which run is told, in one line: a check or a gate, as of which day, when recorded, its number."""
    return f"{kind_line(record)}, as of {visible(record['as_of'])}. {recorded_line(record, kept)}"


def recorded_line(record: Record, kept: Kept | None) -> str:
    """When a run was recorded, by whom, and where it is kept, in a sentence.

    A day that is not the one that was decided is told as that: whoever checks as of another day than
    today shows how things stood, or will, and not how they stand.
    """
    if kept is None:
        return "Kept in no ledger that this report knows of."
    place = kept_as(record, kept)
    if kept.recorded_at is None:
        return f"Kept {place}."
    at, by = visible(kept.recorded_at), visible(kept.evaluator or "nobody who is named")
    told = f"on another day, {at}," if on_another_day(record, kept) else at
    return f"Recorded {told} by {by}, {place}."


def kept_as(record: Record, kept: Kept) -> str:
    """Which run of which project it is, and in which ledger."""
    of = f" of project {visible(record['project']['id'])}" if "project" in record else ""
    return f"as run {kept.run}{of} in {kept.name}"


def on_another_day(record: Record, kept: Kept | None) -> bool:
    """Whether a run was recorded on another day, by its time zone, than the one that it decides."""
    at = kept.recorded_at if kept is not None else None
    if at is None:
        return False
    try:
        return day_of(dt.datetime.fromisoformat(at), zone_of(record)).isoformat() != record["as_of"]
    except (ValueError, UnknownZoneError):
        return True


def approval_line(record: Record) -> str:
    """Who has approved the rules, in a sentence."""
    approval = record["approval"]
    if not approval["signers"]:
        return "Nobody has approved these rules: the project lists no signers."
    given = [f"{each['signer']} for {each['function']}" for each in approval["given"]]
    refused = {each["function"]: each for each in approval.get("refused", ())}
    missing = [_nobody(function, refused.get(function)) for function in approval["missing"]]
    told = [f"Rules approved by {', '.join([*given, *missing]) or 'nobody'}."]
    return " ".join([*told, *map(_changed, approval.get("changed", ()))])


def _changed(found: ChangedRules) -> str:
    """What somebody has not approved yet who approved other rules."""
    said = "; ".join(map(visible, found["changes"]))
    more = f"; and {found['more']} more, as 'phasegate diff --rules' tells" if found["more"] else ""
    what = (
        f"{visible(found['signer'])} approved other rules for {found['function']} on {found['signed'][:10]}"
    )
    return f"{what}; since then: {said}{more}."


def _nobody(function: str, refused: RefusedApproval | None) -> str:
    if refused is None:
        return f"nobody for {function}"
    return f"nobody for {function} (entry {refused['entry']} does not count: {refused['reason']})"


def given_by_a_program(source: SourceEntry) -> bool:
    """Whether the rows of a source were given by a program, from its memory."""
    if (table := source.get("table")) is None:
        return False
    from phasegate.facts.model.fact import MEMORY

    return table["server"] == MEMORY


def source_remarks(source: SourceEntry) -> list[str]:
    """Which table of its files was read, which version, and whether the rows stayed in their database."""
    reading, table = source["reading"], source.get("table")
    if given_by_a_program(source):
        assert table is not None
        return [f"given by a program, as a {visible(table['snapshot'])}: nobody can read it again"]
    if "from" in reading and table is not None:
        inner: list[str] = []  # of a database the name says it
    else:
        kinds = {"sheet": "sheet", "table": "table", "records": "list of records"}
        inner = [f"read from its {kinds[key]} {visible(reading[key])}" for key in kinds if key in reading]
    if table is not None and "log" in table:
        inner.append(f"read at {visible(table['snapshot'])}")
    if table is not None and table.get("strength") == "engine":
        inner.append(f"computed in {table['server']}, which has the rows: without it nobody can do so again")
    return inner
