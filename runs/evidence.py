"""The rows behind verdicts of a run: as they were kept with it, or read again from the same sources."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from phasegate.audit.errors import TrailError
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.pack_snapshot import rules_of
from phasegate.audit.trail.runs import KeptRun, content_of, newest_first, record_of, recorded_day
from phasegate.records.editions import edition_of
from phasegate.records.schema import FactEntry, Record, RequirementEntry, RowsEntry, SourceEntry
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.errors import PhasegateError
from phasegate.rules.model.pack import PROGRAMME

SEARCHED = 100
"""So many of the newest runs are searched for an id that another one lacks."""


class NotDecidedError(PhasegateError):
    """An id that a run did not decide.

    Args:
        given: the id.
        record: what the run did decide.
        other: the newest run that decided it, if any of the last ones did.
    """

    def __init__(self, given: str, record: Record, other: KeptRun | None = None) -> None:
        known = [each["id"] for kind in ("points", "criteria", "requirements") for each in record[kind]]
        parts = [part for each in record["points"] for part in (each["section"], each["area"]) if part]
        gates = [gate["id"] if gate["id"] == PROGRAMME else f"phase:{gate['id']}" for gate in record["gates"]]
        known += dict.fromkeys([*parts, *gates])
        hint = suggest(given, known, of="ids")
        if other is not None:
            hint = f"run {other.number} of {recorded_day(other)} did, the newest: add --run {other.number}"
        super().__init__(f"the run decided no {given!r}", hint)


class ChangedSourceError(TrailError):
    """Sources that are others now, so that rows of theirs are no evidence for the run.

    Args:
        changed: their names, with what is different about each.
        tables: the names of those that were tables of databases.
    """

    def __init__(self, changed: Sequence[tuple[str, str]], tables: Collection[str] = ()) -> None:
        told = "; ".join(f"{name}: {why}" for name, why in changed[:3])
        hint = "put back the files that the run was measured from, and ask again"
        if any(name in tables for name, _ in changed):
            gone = "a database keeps no past, nor does a program"
            hint = f"{gone}: of rows that changed there, those that the run kept are left"
        super().__init__(
            f"the rows are not kept with the run, and its sources are others now: {told}",
            hint,
        )


class UnreadRowsError(TrailError):
    """Rows that can not be read, of sources that are as they were."""

    def __init__(self, unread: Sequence[str]) -> None:
        super().__init__(f"the rows behind {', '.join(unread[:3])} can not be read again from their sources")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The rows behind one requirement.

    Attributes:
        requirement: the requirement.
        rows: what they are, how many, and the first of them; None where no single rows are at fault.
        file: them as Parquet, of very many the first ones; None where there are none, or the record alone
            tells of them.
        kept: whether they were kept with the run, and not read again.
        unread: why they can not be read again; None where they can, or need not be.
        sources: the broken sources for which there is no value, with the cells that are to blame.
    """

    requirement: RequirementEntry
    rows: RowsEntry | None
    file: bytes | None
    kept: bool
    unread: str | None = None
    sources: tuple[SourceEntry, ...] = ()


def evidence(ledger: Ledger, run: KeptRun, given: str, project: Path) -> list[Evidence]:
    """The rows behind what a run decided about an id.

    Args:
        ledger: where the run is kept.
        run: the run.
        given: the id of a requirement, or any that ``check`` and ``gate`` take: of a point, a criterion, a
            section, an area, a target, a phase (``phase:2``, ``2``) or ``programme``.
        project: where the project is looked for, in case that rows must be read again.

    Raises:
        NotDecidedError: if the run did not decide it.
        ChangedSourceError: if all rows must be read again and the sources are others now.
        UnreadRowsError: if rows can not be read although they are the same.
        PhasegateError: if the run or the project can not be read.
    """
    record = record_of(ledger, run)
    asked = _asked(record, given)
    if not asked:
        raise NotDecidedError(given, record, _decided_by(ledger, given))
    told = {each["requirement"]: each for each in record.get("rows", ())}
    held = set(run.entry.get("rows", ()))
    found = {
        name: Evidence(each, told[name], content_of(ledger, told[name]["digest"]), True)
        for each in asked
        if (name := each["id"]) in told and told[name]["digest"] in held
    }
    from phasegate.runs.evidence_rows import has_rows

    facts = {each["id"]: each for each in record["facts"]}
    for each in asked:  # without a value there are no rows that it follows from
        if each["id"] not in found and not has_rows(facts[each["fact"]]):
            broken = _broken(record, facts[each["fact"]])
            found[each["id"]] = Evidence(each, None, None, False, sources=broken)
    if others := [each for each in asked if each["id"] not in found]:
        rules = content_of(ledger, run.entry["rules"])
        found |= {each.requirement["id"]: each for each in _again(record, rules, project, others, found)}
    return [found[each["id"]] for each in asked]


def _broken(record: Record, fact: FactEntry) -> tuple[SourceEntry, ...]:
    """The sources of a fact whose rows break their contract."""
    return tuple(each for each in record["sources"] if each["name"] in fact["sources"] and each["breaches"])


def _again(
    record: Record,
    rules: bytes,
    project: Path,
    asked: Sequence[RequirementEntry],
    found: Mapping[str, Evidence],
) -> list[Evidence]:
    """Rows that are read again; where others were kept, they are shown whether or not these can be."""
    try:
        return _read_again(record, rules, project, asked)
    except PhasegateError as error:
        if not any(each.kept for each in found.values()):
            raise
        return [Evidence(each, None, None, False, error.message) for each in asked]


def requirements_named(record: Record, given: str) -> list[RequirementEntry]:
    """The requirements of a record that an id stands for, one of a measure or a fact included.

    Args:
        record: what was decided.
        given: the id, as `evidence` takes it.
    """
    return _asked(record, given) or [
        each for each in record["requirements"] if given in (each["fact"], each["fact"].partition("[")[0])
    ]


def _asked(record: Record, given: str) -> list[RequirementEntry]:
    own = [each for each in record["requirements"] if each["id"] == given]
    criteria = set() if own else _criteria(record, given)
    return own or [each for each in record["requirements"] if each["criterion"] in criteria]


def _decided_by(ledger: Ledger, given: str) -> KeptRun | None:
    """The newest run that decided an id, among as many as it takes no time to look through."""
    for run in islice(newest_first(ledger), SEARCHED):
        with suppress(TrailError):  # one that can not be read is of no help
            if _asked(record_of(ledger, run), given):
                return run
    return None


def _criteria(record: Record, given: str) -> set[str]:
    """The criteria and targets that an id stands for; an area goes before a phase of the same name."""
    if found := {each["id"] for each in record["criteria"] if each["id"] == given}:
        return found
    points = {each["id"] for each in record["points"] if given in (each["id"], each["section"], each["area"])}
    targets = {
        each["id"]
        for each in record["criteria"]
        if each["point"] is None and given in record["areas"] and each["id"].split("/")[0] == given
    }
    if not points and not targets:
        points, targets = _members(record, given.removeprefix("phase:"))
    return targets | {name for each in record["points"] if each["id"] in points for name in each["criteria"]}


def _members(record: Record, gate: str) -> tuple[set[str], set[str]]:
    """The points and targets of a gate, and of all gates before it."""
    gates = {each["id"]: each for each in record["gates"]}
    before: list[str] = []
    waiting = [gate]
    while waiting:
        if (name := waiting.pop()) in gates and name not in before:
            before.append(name)
            waiting += gates[name]["after"]
    return (
        {point for name in before for point in gates[name]["points"]},
        {target for name in before for target in gates[name]["targets"]},
    )


def _read_again(
    record: Record, rules: bytes, project: Path, asked: Sequence[RequirementEntry]
) -> list[Evidence]:
    from phasegate.records.facts import source_entry
    from phasegate.records.source_diff import changed_sources
    from phasegate.runs.evidence_rows import rows_of
    from phasegate.runs.open import open_run, scope_of
    from phasegate.runs.remeasure import project_then

    loaded = project_then(record, edition_of(record).rules(rules_of(rules)), project)
    gate = record["scope"][0] if record["kind"] == "gate" else None
    scope = scope_of(loaded.pack.pack, () if gate is not None else record["scope"], gate)
    opened = open_run(loaded, dt.date.fromisoformat(record["as_of"]), scope)
    states = opened.facts().sources
    now = [source_entry(states[name], loaded.project.sources.get(name)) for name in sorted(states)]
    facts = {each["id"]: each for each in record["facts"]}
    needed = {name for each in asked for name in facts[each["fact"]]["sources"]}
    if changed := [each for each in changed_sources(record, now) if each[0] in needed]:
        raise ChangedSourceError(changed, [each["name"] for each in record["sources"] if "table" in each])
    behind = rows_of(record, opened, asked, opened.evidence_rows)
    if behind.unread:
        raise UnreadRowsError(behind.unread)
    rows = {each["requirement"]: each for each in behind.entries}
    return [
        Evidence(each, found, behind.files[found["digest"]] if found else None, False)
        for each in asked
        for found in [rows.get(each["id"])]
    ]
