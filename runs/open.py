"""The sources of a run, opened: as soon as its project is read, while its pack is still looked over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING

from phasegate.engine.scope import Scope, for_gate, for_ids, measures_in
from phasegate.facts.assemble import ParameterValue, assemble, parameter_values, sources_read
from phasegate.facts.measures.kinds.attested import Attestations
from phasegate.facts.model.fact import FactSet
from phasegate.facts.model.progress import Later, Progress
from phasegate.facts.sources.passes import Begun
from phasegate.rules.loading.project import LoadedProject
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import measure_of

if TYPE_CHECKING:
    from phasegate.facts.sources.passes import Source

HEAD_START = 0.05
"""Seconds for which Python waits for the sources to be opened, before it goes on beside that."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a run reads.

    Attributes:
        pack: its pack.
        as_of: the date for which it is measured.
        asked: the measures that are asked for.
        parameters: the values of the engine's parameters.
        sources: the open sources.
        begun: the checks of the large ones, which are being computed.
        evidence_rows: how many rows behind each verdict are kept.
    """

    pack: Pack
    as_of: dt.date
    asked: set[str]
    parameters: Mapping[str, ParameterValue]
    sources: Mapping[str, Source]
    begun: Begun
    evidence_rows: int

    def facts(self, attestations: Attestations | None = None) -> FactSet:
        """Measures.

        Args:
            attestations: what people have attested; without it, nobody could have.
        """
        return assemble(
            self.pack, self.sources, self.as_of, self.parameters, self.asked, self.begun, attestations
        )


def scope_of(pack: Pack, ids: Sequence[str], gate: str | None) -> Scope:
    """What ids or a gate name.

    Raises:
        UnknownIdError: if one names nothing.
    """
    return for_gate(pack, gate) if gate is not None else for_ids(pack, ids)


def open_run(
    loaded: LoadedProject,
    as_of: dt.date,
    scope: Scope,
    named: Collection[str] = (),
    progress: Progress | None = None,
) -> Opened:
    """Opens the sources of a run.

    Args:
        loaded: the project with its pack.
        as_of: the date for which it is measured.
        scope: what is decided.
        named: measures that are asked for besides.
        progress: hears what is being read.
    """
    from phasegate.facts.sources.open import open_sources

    pack, project = loaded.pack.pack, loaded.project
    asked = {name for fact in measures_in(pack, scope) if (name := measure_of(pack, fact)) is not None}
    asked.update(named)
    # A cycle that has not begun proves nothing: with a date far off, any baseline would be old enough.
    begun = project.cycle is not None and project.cycle.start <= as_of
    start = project.cycle.start if project.cycle and begun else None
    parameters: dict[str, ParameterValue] = {"cycle_start": start}
    needed = sources_read(pack, asked)
    sources = open_sources(
        {name: pack.sources[name] for name in project.sources if name in needed},
        project.sources,
        loaded.root,
        as_of,
        project.calendar,
        parameter_values(pack, as_of, parameters),
        progress,
        project.time_zone,
        project.connections,
    )
    return Opened(pack, as_of, asked, parameters, sources, Begun(sources.values()), project.evidence_rows)


class Prefetch:
    """Opens the sources of a run in a thread, before anybody needs them.

    polars works without the interpreter, which has the pack to look over meanwhile. Nothing of what
    is opened counts until the pack was found to be without errors.

    Args:
        when: the date for which it is decided; or the moment, on whose day by the project's time zone it is.
        ids: what is decided; nothing for everything.
        gate: the gate that is decided instead.
    """

    def __init__(self, when: dt.date, ids: Sequence[str] = (), gate: str | None = None) -> None:
        self._when, self._ids, self._gate = when, ids, gate
        self._told = Later()
        self._thread: Thread | None = None
        self._opened: Opened | None = None

    def begin(
        self, loaded: LoadedProject, made: Callable[[LoadedProject], LoadedProject] | None = None
    ) -> None:
        """Opens the sources of a project that was read, and begins with the large ones.

        Args:
            loaded: the project.
            made: makes the project of it whose sources are opened, where that is another one.
        """
        import phasegate.facts.sources.open  # noqa: F401 - one import at a time is faster than two

        self._thread = Thread(target=self._open, args=(loaded, made or (lambda same: same)))
        self._thread.start()
        # Two threads of Python hinder each other; a Parquet file is opened sooner than that.
        self._thread.join(HEAD_START)

    def opened(self, progress: Progress | None) -> Opened | None:
        """The sources, once they are open; None if that did not begin, or failed.

        Args:
            progress: hears what is being read.
        """
        if progress is not None:
            self._told.tell(progress)
        if self._thread is not None:
            self._thread.join()
        return self._opened

    def _open(self, read: LoadedProject, made: Callable[[LoadedProject], LoadedProject]) -> None:
        with suppress(BaseException):  # what is wrong is told when the run itself comes to it
            loaded = made(read)
            scope = scope_of(loaded.pack.pack, self._ids, self._gate)
            as_of = loaded.today(self._when) if isinstance(self._when, dt.datetime) else self._when
            self._opened = open_run(loaded, as_of, scope, progress=self._told)
