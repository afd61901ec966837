"""Replays runs of a ledger as a user asks for it: one or all, under their rules or others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from phasegate.audit.ledger.entry import row_of
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.kept_basis import with_basis
from phasegate.audit.trail.pack_snapshot import as_then, rules_of
from phasegate.audit.trail.run_entries import Envelope, RunDrafts
from phasegate.audit.trail.runs import KeptRun, content_of, find_run, record_of, runs
from phasegate.records.editions import edition_of
from phasegate.records.schema import Record
from phasegate.rules.diagnostics.diagnostic import PackError, failure
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.pack import LoadedPack, load_pack
from phasegate.rules.loading.plugins import absent
from phasegate.rules.version import VERSION
from phasegate.runs.replay import Replayed, replay

if TYPE_CHECKING:
    from phasegate.runs.remeasure import Remeasured


@dataclass(frozen=True, slots=True)
class RunReplay:
    """One run, decided again.

    Attributes:
        number: of the run.
        recorded_by: the version of phasegate that recorded it.
        found: what a replay found; None where it could not be made.
        failed: why it could not be made.
        remeasured: what became of its sources; None where they were not asked for.
        entries: how many entries of the ledger say this run, and how many of them say what follows
            from the replay; None where that was not compared, as for runs of another version.
        plugins: which plugins that it rests on are not at hand, or are others here, in sentences.
    """

    number: int
    recorded_by: str
    found: Replayed | None
    failed: str | None = None
    remeasured: Remeasured | None = None
    entries: tuple[int, int] | None = None
    plugins: tuple[str, ...] = ()

    def same(self, by: str) -> bool:
        """Whether it came out as it was recorded.

        Args:
            by: the version that decided it again; the recording one makes the same bytes.
        """
        if self.found is None or self.found.differences or self.found.unspoken:
            return False
        if self.recorded_by == by and self.found.older is None and not self.found.same_bytes:
            return False
        return self.entries is None or len(set(self.entries)) == 1


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
        return all(self.good_one(each) for each in self.runs)

    def good_one(self, run: RunReplay) -> bool:
        """Whether one of them was."""
        by = self.version if self.other is None else ""  # by other rules, only the verdicts are compared
        return run.same(by) and (run.remeasured is None or run.remeasured.same)


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
        other: a built-in pack or a folder, by whose rules they are decided instead; with the parameters
            and the hardening that the project had for the run, as far as they fit.
        sources: the project whose sources are measured again; None to leave the data alone.
        environ: the environment, for that project's ledger.

    Raises:
        UnknownRunError: if there is no such run.
        PackError: if the other rules have faults.
    """
    rules = _other(other) if other is not None else None
    chosen = list(runs(ledger)) if every else [find_run(ledger, given)]
    return Replays(tuple(_one(ledger, run, rules, sources, environ or {}) for run in chosen), other, VERSION)


def _one(
    ledger: Ledger, run: KeptRun, other: LoadedPack | None, sources: Path | None, environ: Mapping[str, str]
) -> RunReplay:
    recorded_by = str(run.entry["versions"].get("phasegate"))
    try:
        record = record_of(ledger, run)
        kept = content_of(ledger, run.entry["rules"])
        if other is None or sources is not None:
            rules = edition_of(record).rules(rules_of(kept))
        else:
            rules = other
        if other is not None:
            found = replay(with_basis(ledger, run, record), as_then(kept, other))
        else:
            found = replay(record, rules)
    except PhasegateError as error:
        return RunReplay(run.number, recorded_by, None, failure(error))
    plugins = tuple(absent(record["versions"]))
    measured = None
    if sources is not None:
        from phasegate.runs.remeasure import remeasure

        measured = remeasure(record, rules, sources, environ)
    comparable = other is None and found.same_bytes and recorded_by == VERSION
    entries = _entries(ledger, run, record, rules, kept) if comparable else None
    return RunReplay(run.number, recorded_by, found, None, measured, entries, plugins)


def _entries(ledger: Ledger, run: KeptRun, record: Record, rules: LoadedPack, kept: bytes) -> tuple[int, int]:
    """How many entries a run has, and how many of them are the ones that its record makes today."""
    rows = ledger.find(("run", "point", "target", "gate"), run=run.number)
    try:
        envelope = Envelope.of(run.envelope)
    except ValueError:
        return len(rows), 0
    drafts = RunDrafts(record, rules.pack, kept, envelope).drafts(run.number)
    due = {row_of(run.seq + place, draft).body for place, draft in enumerate(drafts)}
    return max(len(rows), len(due)), sum(row.body in due for row in rows)


def _other(name: str) -> LoadedPack:
    from phasegate.runs.preflight import pack_faults

    loaded = load_pack(name)
    errors = [fault for fault in pack_faults(loaded) if fault.severity == "error"]
    if errors:
        raise PackError(errors, name)
    return loaded
