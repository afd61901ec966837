"""Reads case files, and holds them against the pack whose rules they are about."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from phasegate.rules.cases.checks import case_problems
from phasegate.rules.cases.known import Known
from phasegate.rules.cases.model import Case, CaseFile
from phasegate.rules.diagnostics.diagnostic import Diagnostic, PackError
from phasegate.rules.diagnostics.position import Position
from phasegate.rules.diagnostics.recovery import read_as_far
from phasegate.rules.diagnostics.source_map import Origin
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.pack_files import read_limited, read_trees
from phasegate.rules.model.pack import Pack
from phasegate.rules.values.folding import folded
from phasegate.rules.yaml.parser import Path as TreePath
from phasegate.rules.yaml.parser import Tree

MOST_FILES = 2_000


class NoCaseError(PhasegateError):
    """A folder without a case: whoever asks for tests and has none is told so.

    Args:
        where: the folder.
        pack: the built-in pack of the project, which may have cases of its own.
    """

    def __init__(self, where: str, pack: str | None = None) -> None:
        hint = "write a case, see 'phasegate schema case'; 'phasegate test --record ID' writes one from a run"
        if pack is not None:
            hint += f"; 'phasegate test {pack}' runs those of the pack"
        super().__init__(f"there is no case in {where}", hint)


@dataclass(frozen=True)
class LoadedCase:
    """A case, and where it stands.

    Attributes:
        case: the case, with what its file says for all of them.
        as_of: the day that is decided.
        place: its place in its file.
        origin: finds the lines of its file.
    """

    case: Case
    as_of: dt.date
    place: int
    origin: Origin

    @property
    def name(self) -> str:
        """What it shows."""
        return self.case.name

    def where(self, *path: str | int, part: str = "key") -> Position:
        """Where a part of it stands, such as ``("expect", "criteria", "1.1.1/framework")``."""
        return self.origin.position(("cases", self.place, *path), part)

    @property
    def position(self) -> Position:
        """Where it begins."""
        return self.where("name")


def case_files(folder: Path) -> dict[str, Path]:
    """The case files of a folder and of those within it, by the paths by which they are shown, in order.

    Args:
        folder: the folder, or one file.

    Raises:
        NoCaseError: if there is none.
        PackError: if there are too many, or one would not be read.
    """
    if folder.is_file():
        return {os.path.relpath(folder): folder}
    found: dict[str, Path] = {}
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(where, name)
            if name.startswith("."):
                continue
            shown = os.path.relpath(path)
            if path.suffix == ".yml":
                at = Position(shown, 1, 1)
                raise PackError(
                    [
                        Diagnostic(
                            "yml-file", "only *.yaml files are read", at, f"rename it to {path.stem}.yaml"
                        )
                    ],
                    shown,
                )
            if path.suffix == ".yaml":
                found[shown] = path
        if len(found) > MOST_FILES:
            raise PackError(
                [Diagnostic("too-many-files", f"there are more than {MOST_FILES:,} case files", None)],
                str(folder),
            )
    if not found:
        raise NoCaseError(os.path.relpath(folder))
    return dict(sorted(found.items()))


def load_cases(pack: Pack, folder: Path) -> tuple[LoadedCase, ...]:
    """Reads the cases of a folder.

    Args:
        pack: the pack under which they are decided.
        folder: the folder, or one file.

    Raises:
        NoCaseError: if there is none.
        PackError: with every problem of all files.
        UnreadableFileError: if a file can not be read.
    """
    files = case_files(folder)
    return read_cases(pack, {shown: read_limited(path, shown) for shown, path in files.items()})


def read_cases(pack: Pack, contents: Mapping[str, bytes]) -> tuple[LoadedCase, ...]:
    """The cases that files hold.

    Args:
        pack: the pack under which they are decided.
        contents: the bytes of the files, by the paths by which they are shown.

    Raises:
        PackError: with every problem of all files.
    """
    trees, faults = read_trees(contents)
    known = Known(pack)
    found: list[LoadedCase] = []
    for tree in trees:
        more, faulty = _of_file(known, tree)
        found += more
        faults += faulty
    first: dict[str, LoadedCase] = {}
    faults += [
        _twice(case, other)
        for case in found
        if (other := first.setdefault(folded(case.name), case)) is not case
    ]
    if faults:
        raise PackError(faults, "the folder of cases")
    return tuple(found)


def _of_file(known: Known, tree: Tree) -> tuple[list[LoadedCase], list[Diagnostic]]:
    """The cases of a file as far as they could be read, and what is wrong with it."""
    origin = Origin({(): (tree, ())}, tree.file)
    read, faults, unread = read_as_far(CaseFile, _loose, tree.data, origin.diagnose)
    found: list[LoadedCase] = []
    for place, case in enumerate(read.cases if read is not None else ()):
        assert read is not None
        written = unread.as_written(("cases", place))[1]
        assert isinstance(written, int)
        whole = case.model_copy(
            update={
                "cycle_start": case.cycle_start or read.cycle_start,
                "parameters": {**read.parameters, **case.parameters},
            }
        )
        day = case.as_of or read.as_of
        if day is not None:
            found.append(LoadedCase(whole, day, written, origin))
        elif not unread:
            faults.append(_no_day(origin, written))
        for problem in case_problems(known, whole):
            path: TreePath = ("cases", place, *problem.path)
            if not unread.hides(problem._replace(path=path)):
                at = unread.as_written(path)
                faults.append(origin.diagnose(problem.rule, problem.message, at, problem.hint, problem.part))
    return found, faults


def _no_day(origin: Origin, place: int) -> Diagnostic:
    hint = "add 'as_of: 2026-03-31' to the case, or once to its file"
    return origin.diagnose(
        "missing-key", "the case does not say for which day it is decided", ("cases", place, "name"), hint
    )


def _twice(case: LoadedCase, other: LoadedCase) -> Diagnostic:
    message = f"a second case is called {case.name!r}"
    if case.name != other.name:
        message = f"the case {case.name!r} differs from {other.name!r} in the case of letters alone"
    hint = f"the other one stands at {other.position}; name them after what tells them apart"
    return case.origin.diagnose("duplicate-id", message, ("cases", case.place, "name"), hint, "value")


@cache
def _loose() -> type[CaseFile]:
    """The model of a file that needs nothing, for one of which not everything can be read."""

    class LooseFile(CaseFile):
        cases: tuple[Case, ...] = ()

    return LooseFile
