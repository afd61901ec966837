"""Replays runs of a ledger as a user asks for it: one or all, under their rules or others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from phasegate.audit.attempt import present
from phasegate.audit.document import FactEntry, Record, SourceEntry
from phasegate.audit.kept import KeptRun, content_of, find_run, record_of, runs
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.preflight import pack_faults, ready_project
from phasegate.audit.replay import Replayed, replay
from phasegate.audit.rules_document import rules_of
from phasegate.rules.diagnostics import PackError
from phasegate.rules.errors import PhasegateError
from phasegate.rules.load import LoadedPack, load_pack


@dataclass(frozen=True, slots=True)
class Remeasured:
    """What became of the sources of a run since.

    Attributes:
        changed: the sources whose content or reading is another one now, with why.
        facts: the facts that are others now: id, recorded and measured value.
    """

    changed: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class RunReplay:
    """One run, decided again.

    Attributes:
        number: of the run.
        recorded_by: the version of phasegate that recorded it.
        found: what a replay found; None where it could not be made.
        failed: why it could not be made.
        remeasured: what became of its sources; None where they were not asked for.
    """

    number: int
    recorded_by: str
    found: Replayed | None
    failed: str | None = None
    remeasured: Remeasured | None = None


@dataclass(frozen=True, slots=True)
class Replays:
    """Several runs, decided again.

    Attributes:
        runs: in the order of the ledger.
        other: the other rules by which they were decided; None for their own.
        version: of this phasegate.
    """

    runs: tuple[RunReplay, ...]
    other: str | None
    version: str

    @property
    def good(self) -> bool:
        """Whether everything was found as it was recorded."""
        return all(
            each.found is not None
            and not each.found.differences
            # By its own version, a run must come out byte for byte.
            and (each.found.same_bytes or self.other is not None or each.recorded_by != self.version)
            and (each.remeasured is None or not (each.remeasured.changed or each.remeasured.facts))
            for each in self.runs
        )


def replays(
    ledger: Ledger,
    given: str,
    *,
    every: bool = False,
    other: str | None = None,
    sources: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Replays:
    """Decides runs of a ledger again.

    Args:
        ledger: where they are kept.
        given: the run, a number or ``latest``.
        every: all of them instead.
        other: a built-in pack or a folder, by whose rules they are decided instead.
        sources: the project whose sources are measured again; None to leave the data alone.
        environ: the environment, for that project's ledger.

    Raises:
        UnknownRunError: if there is no such run.
        PackError: if the other rules have faults.
    """
    rules = _other(other) if other is not None else None
    chosen = list(runs(ledger)) if every else [find_run(ledger, given)]
    return Replays(
        tuple(_one(ledger, run, rules, sources, environ or {}) for run in chosen), other, version("phasegate")
    )


def _one(
    ledger: Ledger, run: KeptRun, other: LoadedPack | None, sources: Path | None, environ: Mapping[str, str]
) -> RunReplay:
    recorded_by = str(run.entry["versions"]["phasegate"])
    try:
        record = record_of(ledger, run)
        rules = other if other is not None else rules_of(content_of(ledger, run.entry["rules"]))
        found = replay(record, rules)
    except PhasegateError as error:
        return RunReplay(run.number, recorded_by, None, error.message)
    measured = remeasure(record, sources, environ) if sources is not None else None
    return RunReplay(run.number, recorded_by, found, None, measured)


def _other(name: str) -> LoadedPack:
    loaded = load_pack(name)
    errors = [fault for fault in pack_faults(loaded) if fault.severity == "error"]
    if errors:
        raise PackError(errors, name)
    return loaded


def remeasure(record: Record, project: Path, environ: Mapping[str, str]) -> Remeasured:
    """Measures a run again from its project's sources as they are now.

    Args:
        record: the run as it was kept.
        project: where the project is looked for.
        environ: the environment.
    """
    from phasegate.audit.run import evaluate

    loaded = ready_project(project)
    gate = record["scope"][0] if record["kind"] == "gate" else None
    ids: Sequence[str] = () if gate is not None else record["scope"]
    day = dt.date.fromisoformat(record["as_of"])
    again = evaluate(loaded, day, ids=ids, gate=gate, presented=present(loaded, environ))
    before = {each["name"]: each for each in record["sources"]}
    after = {each["name"]: each for each in again["sources"]}
    changed = [
        (name, why)
        for name in sorted({*before, *after})
        if (why := _changed(before.get(name), after.get(name))) is not None
    ]
    return Remeasured(tuple(changed), tuple(_facts(record["facts"], again["facts"])))


def _changed(before: SourceEntry | None, after: SourceEntry | None) -> str | None:
    """What is different about a source, the most telling first; None if nothing is."""
    if before is None or after is None:
        return "it was not read then" if before is None else "it is not read any more"
    if before["digest"] != after["digest"]:
        files = [
            path
            for path in sorted({*before["files"], *after["files"]})
            if before["files"].get(path) != after["files"].get(path)
        ]
        rows = f"{before['rows']:,} rows then, {after['rows']:,} now"
        return f"other content in {', '.join(files) or 'no file'} ({rows})"
    if before["reading"] != after["reading"]:
        return "the same bytes, read in another way"
    if before != after:
        keys = [key for key, value in before.items() if after.get(key) != value]
        return f"the same bytes, and another {', '.join(keys)}"
    return None


def _facts(before: Sequence[FactEntry], after: Sequence[FactEntry]) -> list[tuple[str, str, str]]:
    now = {each["id"]: each for each in after}
    return [
        (each["id"], _told(each), _told(now[each["id"]]) if each["id"] in now else "not measured")
        for each in before
        if now.get(each["id"]) != each
    ]


def _told(fact: FactEntry) -> str:
    return fact["shown"] if fact["status"] == "present" else f"{fact['status']}: {fact['reason']}"
