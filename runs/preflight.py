"""What is checked before anything is measured: nothing is decided under a pack with a fault."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from phasegate.rules.diagnostics.diagnostic import Diagnostic, PackError, in_order
from phasegate.rules.diagnostics.position import Position
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.pack import LoadedPack, PackReading, read_pack
from phasegate.rules.loading.pack_files import find_pack
from phasegate.rules.loading.project import LoadedProject, ProjectReading, find_project, read_project
from phasegate.rules.values.paths import not_text


class PathEncodingError(PhasegateError):
    """A project in a place from which nothing can be measured."""

    def __init__(self, told: str) -> None:
        super().__init__(
            f"the path of the project is not written in UTF-8: {told}",
            "rename the folder, or copy the project elsewhere: the tables of such a path can not be read",
        )


def ready_project(start: Path, ahead: Callable[[LoadedProject], object] | None = None) -> LoadedProject:
    """The nearest project with its pack, once both are found to be without errors.

    Args:
        start: a project file, or a folder in or above which it stands.
        ahead: is given the project as soon as it is read, before its pack is looked over: for what
            may begin already, and of which nothing counts if there is an error.

    Raises:
        PackError: with every error of the project file, its pack and its waivers. Errors of the
            waivers alone are told by who reads them.
        ProjectNotFoundError: if there is none.
        PathEncodingError: if its path is not written in UTF-8.
    """
    reading = _read(start)
    if ahead is not None:
        with suppress(PackError):
            ahead(reading.whole())
    errors = [fault for fault in _project_faults(reading, oddities=False) if fault.severity == "error"]
    if errors:
        what = reading.file.name if reading.faults or reading.pack is None else reading.pack.name
        raise PackError([*errors, *_waiver_faults(reading)], what)
    return reading.whole()


def pack_faults(loaded: LoadedPack | PackReading, *, oddities: bool = True) -> list[Diagnostic]:
    """Errors and warnings of a pack, its SQL included.

    Args:
        loaded: the pack.
        oddities: whether that is looked for too which can only be a warning.
    """
    from functools import partial

    from phasegate.facts.measures.kinds.validate import check_pack
    from phasegate.rules.lint.run import lint

    return lint(loaded, partial(check_pack, oddities=oddities), oddities=oddities)


def all_faults(pack: str | None, start: Path) -> list[Diagnostic]:
    """Every problem of a pack, or of a project with its pack and its waivers.

    Args:
        pack: a built-in pack's name or a folder; None for the nearest project.
        start: where the project is looked for.
    """
    folder = find_pack(pack) if pack is not None else Path()
    try:
        if pack is not None:
            return from_here(pack_faults(read_pack(pack)), folder)
        reading = _read(start)
    except PackError as error:
        return from_here(error.diagnostics, folder)
    from phasegate.rules.lint.identity import nameless

    own = from_here(nameless(reading), reading.root)
    return list(in_order([*_project_faults(reading), *own, *_waiver_faults(reading)]))


def from_here(faults: Iterable[Diagnostic], folder: Path) -> list[Diagnostic]:
    """The same problems, with the paths by which they are found from the current folder.

    Editors and annotations look there for them. What is not in the folder, as what comes with phasegate, is
    named as it was.

    Args:
        faults: the problems.
        folder: where the paths begin that they have.
    """
    return [
        fault if (at := fault.position) is None else replace(fault, position=place_from_here(at, folder))
        for fault in faults
    ]


def place_from_here(at: Position, folder: Path) -> Position:
    """The same place, with the path by which its file is found from the current folder; see `from_here`."""
    return replace(at, file=os.path.relpath(folder / at.file)) if (folder / at.file).exists() else at


def _read(start: Path) -> ProjectReading:
    file = _found(start)
    try:
        return read_project(file)
    except PackError as error:
        raise PackError(from_here(error.diagnostics, file.parent), error.what) from None


def _found(start: Path) -> Path:
    file = find_project(start)
    if (told := not_text(file)) is not None:
        raise PathEncodingError(told)
    return file


def _project_faults(reading: ProjectReading, *, oddities: bool = True) -> list[Diagnostic]:
    """Errors and warnings of a project file and its pack."""
    pack = pack_faults(reading.pack, oddities=oddities) if reading.pack else ()
    there = _there_faults(reading) if oddities else ()
    return from_here([*reading.faults, *pack, *there], reading.root)


def _there_faults(reading: ProjectReading) -> Iterator[Diagnostic]:
    """What is refused because a table stays in its database, where nothing else is wrong."""
    staying = any(file.compute is not None for file in reading.project.sources.values())
    if reading.pack is None or reading.faults or reading.pack.faults or not staying:
        return
    from phasegate.facts.engines.refusals import refusals
    from phasegate.rules.diagnostics.problem import Problem

    for path, message, hint, rule, severity in refusals(reading.pack.pack, reading.project):
        yield reading.pack.diagnose(Problem(rule, message, path, hint, "value", severity))


def _waiver_faults(reading: ProjectReading) -> list[Diagnostic]:
    from phasegate.rules.loading.waivers import load_waivers

    path = reading.waivers
    if path is not None:
        try:
            load_waivers(path)
        except PackError as error:
            return from_here(error.diagnostics, path.parent)
    return []
