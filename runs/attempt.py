"""One attempt to decide: whatever comes of it, the trail has it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from phasegate.records.overdue import last_weeks
from phasegate.rules.diagnostics.diagnostic import PackError
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.project import find_project, read_project
from phasegate.runs.preflight import ready_project
from phasegate.runs.protect_inputs import spare_inputs

if TYPE_CHECKING:
    from phasegate.audit.trail.runs import Kept
    from phasegate.audit.trail.trail import Trail
    from phasegate.facts.frames.given import GivenTable
    from phasegate.facts.model.progress import Progress
    from phasegate.records.schema import Record
    from phasegate.rules.changes.what_if import WhatIf
    from phasegate.rules.loading.project import LoadedProject, ProjectReading


@dataclass(frozen=True)
class Attempt:
    """What is asked, by whom, and whether it is to be kept.

    Attributes:
        command: the command line, for the entry of an attempt that came to no verdict.
        project: where the project is looked for.
        now: the moment of the command.
        environ: the environment.
        key: the file of the key that signs what is kept; None for the one that the environment names.
        kept: False where nothing is written.
        outputs: the files that reports shall go to.
        tables: what a program gives in place of what sources name, by their names.
    """

    command: Sequence[str]
    project: Path
    now: dt.datetime
    environ: Mapping[str, str]
    key: Path | None = None
    kept: bool = True
    outputs: Sequence[Path] = ()
    tables: Mapping[str, GivenTable] = field(default_factory=dict)

    def decide(
        self,
        as_of: dt.date | None,
        *,
        ids: Sequence[str] = (),
        gate: str | None = None,
        pack_digest: str | None = None,
        progress: Progress | None = None,
        weeks: dict[str, int] | None = None,
        what_if: WhatIf | None = None,
        under: list[LoadedProject] | None = None,
        files: dict[str, bytes] | None = None,
    ) -> tuple[Record, Kept | None]:
        """Decides, and keeps what was decided.

        Args:
            as_of: the day that is decided; None for today, by the project's time zone.
            ids: what is decided; nothing for everything.
            gate: the gate that is decided instead.
            pack_digest: refuses to decide under any other rules.
            progress: hears which source is being read.
            weeks: takes the last week of each phase, which the record does not have.
            what_if: what is supposed of the rules instead; nothing may be kept then.
            under: takes the project as it was decided.
            files: takes the rows behind verdicts, by digest.

        Returns:
            The record, and where it is kept; None where nothing was to be kept.

        Raises:
            PhasegateError: if it came to no verdict, which is kept too as soon as it is known where; or
                if it could not be kept, or the project no longer lists the signers that its ledger knows.
        """
        from phasegate.runs.open import Prefetch

        # What is read ahead is read by the rules in force.
        prefetch = Prefetch(as_of or self.now, ids, gate) if what_if is None else None
        try:
            begin = None if prefetch is None else partial(prefetch.begin, made=self._with_tables)
            read = ready_project(self.project, begin)
        except PackError:
            with self._under_faults():
                raise
        loaded = self._with_tables(read)
        for output in self.outputs:
            spare_inputs(output, loaded, self.environ)
        from phasegate.runs.collect_statements import present
        from phasegate.runs.evaluate import evaluate

        trail = self._trail(loaded)
        with trail.attempt(self.command) if trail is not None else nullcontext():
            loaded.pack.hold_to(pack_digest)
            if weeks is not None:
                weeks.update(last_weeks(loaded.pack.pack))
            if not self.kept:
                self._still_listed(loaded, asked=gate is not None)
            seen = trail.size() if trail is not None and gate is not None else None
            day = as_of or loaded.today(self.now)
            presented = present(loaded, self.environ, self.now, deciding=gate is not None, as_of=day)
            files = {} if files is None else files
            supposed = None
            if what_if is not None:
                from phasegate.runs.what_if import suppose

                loaded, presented, supposed = suppose(loaded, presented, what_if)
            record = evaluate(loaded, day, ids, gate, progress, presented, prefetch, files)
            if supposed is not None:
                record["what_if"] = supposed
            if under is not None:
                under.append(loaded)
            return record, (trail.keep(record, loaded, files, seen) if trail is not None else None)

    def _with_tables(self, loaded: LoadedProject) -> LoadedProject:
        if not self.tables:
            return loaded
        from phasegate.facts.frames.source import with_tables

        return with_tables(loaded, self.tables)

    def _still_listed(self, loaded: LoadedProject, asked: bool) -> None:
        """Refuses a project that dropped its signers; where a run is kept, that is seen as it is.

        Args:
            loaded: the project.
            asked: whether a gate is asked for; it does not open under a ledger that nobody can read.
        """
        if loaded.project.signers:
            return
        from phasegate.audit.ledger.signer_lists import Listed
        from phasegate.audit.trail.trail import reading, refuse_gone
        from phasegate.rules.values.ledger_address import ledger_address

        try:
            ledger = reading(ledger_address(loaded.project.ledger, loaded.root, self.environ))
            if ledger is None:
                return
            with ledger:
                before = Listed.of(ledger.find(("key",)))
        except PhasegateError:
            if asked:
                raise
            return
        refuse_gone(before)

    def _trail(self, loaded: LoadedProject | ProjectReading) -> Trail | None:
        if not self.kept:
            return None
        from phasegate.audit.trail.trail import Trail

        return Trail.of(loaded, self.key, self.now, self.environ)

    def _under_faults(self) -> AbstractContextManager[None]:
        """Keeps an attempt under a faulty pack, where the project file alone says where, and by whom."""
        with suppress(PhasegateError):  # what is wrong with the pack is told, and not this
            reading = read_project(find_project(self.project))
            trail = self._trail(reading) if not reading.faults else None
            if trail is not None:
                return trail.attempt(self.command)
        return nullcontext()
