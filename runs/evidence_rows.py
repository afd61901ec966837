"""The rows behind a run's verdicts: a sample in the record, and all of them as a file by its digest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from phasegate.audit.signing.canonical_json import digest_of
from phasegate.audit.trail.entry_schema import kept_rows
from phasegate.facts.evidence_rows import RowsBehind, Wanted, rows_behind
from phasegate.records.rows_behind import HAVE_ROWS, held_below, miscounted
from phasegate.records.schema import FactEntry, Record, RequirementEntry, RowsEntry
from phasegate.runs.open import Opened

MOST_FACTS = 100
"""So many facts of one run have rows in its record."""


class Behind(NamedTuple):
    """The rows behind verdicts.

    Attributes:
        entries: as the record has them.
        files: the rows as Parquet, by digest.
        unread: the requirements whose rows could not be read, or are others than were counted.
    """

    entries: list[RowsEntry]
    files: dict[str, bytes]
    unread: list[str]


def rows_of(record: Record, opened: Opened, requirements: Iterable[RequirementEntry], most: int) -> Behind:
    """Reads the rows behind some requirements of a record.

    Args:
        record: what was decided.
        opened: the sources of its run.
        requirements: those whose rows are wanted.
        most: how many rows of each are wanted.
    """
    facts = {fact["id"]: fact for fact in record["facts"]}
    asked = {each["id"]: facts[each["fact"]] for each in requirements}
    wanted = {each["id"]: _wanted(each, fact) for each in requirements if has_rows(fact := asked[each["id"]])}
    distinct = list(dict.fromkeys(wanted.values()))
    found = rows_behind(opened.pack, opened.sources, opened.as_of, opened.parameters, distinct, most)
    written = {each: rows.parquet() for each, rows in found.items() if rows is not None}
    entries: list[RowsEntry] = []
    unread: list[str] = []
    for name, each in wanted.items():
        rows = found.get(each)
        if rows is not None:
            entry = _entry(name, rows, written[each])
            # A file that changed since it was measured has other rows than those that were counted.
            if miscounted(entry, asked[name]) is None:
                entries.append(entry)
            else:
                unread.append(name)
        elif each in found:
            unread.append(name)
    named = {entry["digest"] for entry in entries}
    files = {digest: file for file in written.values() if (digest := digest_of(file)) in named}
    return Behind(entries, files, unread)


def has_rows(fact: FactEntry) -> bool:
    """Whether rows can stand behind a fact: those behind its value, or those that keep it from having one."""
    return fact["status"] == "present" or (fact["status"] == "unknown" and "undetermined" in fact)


def _wanted(requirement: RequirementEntry, fact: FactEntry) -> Wanted:
    undetermined, valued = fact.get("undetermined"), fact["status"] == "present"
    lacking = None if undetermined is None else tuple(each["column"] for each in undetermined["lacking"])
    upper = valued and held_below(requirement, fact)
    return Wanted(fact["measure"], fact["slice"], upper, lacking, valued)


def with_rows(record: Record, opened: Opened) -> tuple[Record, Mapping[str, bytes]]:
    """A record with the rows behind what does not meet its bound, or may not, and files to keep with it."""
    most = opened.evidence_rows
    if most == 0:  # the project wants none of its rows in a ledger
        return record, {}
    facts = {each["id"]: each for each in record["facts"]}
    failing = [
        each
        for each in record["requirements"]
        if each["verdict"] in HAVE_ROWS and has_rows(facts[each["fact"]])
    ]
    few = set(list(dict.fromkeys(each["fact"] for each in failing))[:MOST_FACTS])
    behind = rows_of(record, opened, [each for each in failing if each["fact"] in few], most)
    if not behind.entries:
        return record, {}
    told: Record = {**record, "rows": behind.entries}
    return told, {each["digest"]: behind.files[each["digest"]] for each in kept_rows(told)}


def _entry(requirement: str, rows: RowsBehind, file: bytes) -> RowsEntry:
    entry = RowsEntry(
        requirement=requirement,
        what=rows.what,
        total=rows.total,
        columns=rows.frame.columns,
        sample=rows.sample(),
        held=rows.frame.height,
        size=len(file),
        digest=digest_of(file),
    )
    if rows.undetermined:
        entry["undetermined"] = rows.undetermined
    return entry
