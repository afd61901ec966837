"""Which cases are run: where they stand, what they are decided by, and which of them were asked for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from phasegate.rules.cases.load import LoadedCase, NoCaseError, load_cases
from phasegate.rules.diagnostics.diagnostic import PackError
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.pack import load_pack
from phasegate.rules.loading.pack_files import TESTS, built_in_packs, find_pack
from phasegate.rules.loading.project import PROJECT_FILE
from phasegate.runs.cases.run import Ground
from phasegate.runs.preflight import from_here, pack_faults, ready_project


@dataclass(frozen=True)
class Selected:
    """The cases that are asked for.

    Attributes:
        ground: what they are decided by.
        cases: they.
        folder: the folder or file in which they stand.
        whole: whether no others stand there.
    """

    ground: Ground
    cases: tuple[LoadedCase, ...]
    folder: Path
    whole: bool


class NoneNamedSoError(PhasegateError):
    """A pattern that no case's name is like."""

    def __init__(self, pattern: str, cases: Sequence[LoadedCase]) -> None:
        from phasegate.rules.diagnostics.suggestions import suggest

        hint = suggest(pattern, (case.name for case in cases), of="cases")
        super().__init__(f"no case is called {pattern!r}", hint or "a pattern may hold *, ? and [letters]")


def selected(target: str | None, cases: Path | None = None, only: Sequence[str] = ()) -> Selected:
    """The cases that are asked for, and what they are decided by.

    Args:
        target: a built-in pack, the folder of another, or a project; None for the nearest project.
        cases: the folder or file of cases; None for the folder of the pack or project.
        only: patterns of names, of which one must be like a case's; nothing for all.

    Raises:
        PackError: with every problem of the pack, the project or the cases.
        NoCaseError: if there is no case.
        NoneNamedSoError: if a pattern selects none.
    """
    ground, folder = _ground(target)
    where = cases if cases is not None else folder
    if not where.exists():
        own = ground.rules.name if ground.rules.name in built_in_packs() and target is None else None
        raise NoCaseError(os.path.relpath(where), own)
    found = load_cases(ground.pack, where)
    for pattern in only:
        if not any(_like(case.name, pattern) for case in found):
            raise NoneNamedSoError(pattern, found)
    chosen = tuple(case for case in found if not only or any(_like(case.name, each) for each in only))
    return Selected(ground, chosen, where, len(chosen) == len(found))


def _ground(target: str | None) -> tuple[Ground, Path]:
    """What is decided by, and where its cases stand."""
    here = Path(target) if target is not None else Path()
    project = here.is_file() or (here / PROJECT_FILE).is_file()
    if target is not None and (target in built_in_packs() or not project):
        folder = find_pack(target)
        try:
            loaded = load_pack(target if target in built_in_packs() else folder)
        except PackError as error:
            raise PackError(from_here(error.diagnostics, folder), error.what) from None
        errors = [fault for fault in pack_faults(loaded, oddities=False) if fault.severity == "error"]
        if errors:
            raise PackError(from_here(errors, folder), loaded.name)
        return Ground.of_pack(loaded, folder), folder / TESTS
    ready = ready_project(here)
    beside = ready.root / TESTS
    named = ready.project.pack
    if not beside.exists() and named is not None and named not in built_in_packs():
        beside = ready.root / named / TESTS
    return Ground.of_project(ready), beside


def _like(name: str, pattern: str) -> bool:
    return name == pattern or fnmatchcase(name.casefold(), pattern.casefold())
