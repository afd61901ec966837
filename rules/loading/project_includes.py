"""Parts of a project that others write: the cycle's start, and the control totals of extracts.

The project file is written by hand and kept under version control; these two change with every cycle
and with every extract, so they may stand in files of their own, which the project file names.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from phasegate.rules.diagnostics.diagnostic import Diagnostic
from phasegate.rules.diagnostics.schema_errors import validate
from phasegate.rules.diagnostics.source_map import Origin
from phasegate.rules.loading.pack_files import UnreadableFileError, read_limited, read_trees
from phasegate.rules.model.base import Model, Name
from phasegate.rules.model.project import Control, CycleStart, Project
from phasegate.rules.values.paths import PathError, resolve_inside

_Part = TypeVar("_Part", bound=Model)


class CycleFile(Model):
    """A ``cycle_file``: the cycle that is being decided, as the programme's office writes it."""

    cycle: CycleStart


class ControlFile(Model):
    """A ``control_file``: the totals of each extract by its source, as the extracts' owner states them."""

    control: dict[Name, Control]


def with_parts(project: Project, root: Path, origin: Origin) -> tuple[Project, list[Diagnostic]]:
    """The project with its cycle and control totals read from the files that it names.

    Totals of a source that the project does not read are left aside.

    Args:
        project: the project file's content.
        root: the project's folder.
        origin: the project file.

    Returns:
        The project, and what is wrong with the files; it is then as far complete as they are right.
    """
    faults: list[Diagnostic] = []
    if project.cycle_file is not None:
        if project.cycle is not None:
            message = "the cycle is given twice, by 'cycle' and by 'cycle_file'"
            faults.append(origin.diagnose("cycle-twice", message, ("cycle_file",), "keep one of them"))
        cycle, more = _read(CycleFile, "cycle_file", project.cycle_file, root, origin)
        faults += more
        if cycle is not None:
            project = project.model_copy(update={"cycle": cycle.cycle})
    if project.control_file is not None:
        totals, more = _read(ControlFile, "control_file", project.control_file, root, origin)
        faults += more
        if totals is not None:
            faults += _twice(project, totals.control, origin)
            sources = {
                name: source.model_copy(update={"control": totals.control[name]})
                if name in totals.control
                else source
                for name, source in project.sources.items()
            }
            project = project.model_copy(update={"sources": sources})
    return project, faults


def _read(
    model: type[_Part], key: str, path: str, root: Path, origin: Origin
) -> tuple[_Part | None, list[Diagnostic]]:
    try:
        content = read_limited(resolve_inside(root, path), path)
    except PathError as error:
        return None, [origin.diagnose("path-outside", error.message, (key,), error.hint, "value")]
    except UnreadableFileError as error:
        return None, [origin.diagnose("unreadable-file", str(error), (key,), "is it there already?", "value")]
    trees, faults = read_trees({path: content})
    if faults:
        return None, faults
    part, faults = validate(model, trees[0].data, Origin({(): (trees[0], ())}, path).diagnose)
    return part, faults


def _twice(project: Project, totals: Mapping[str, Control], origin: Origin) -> list[Diagnostic]:
    return [
        origin.diagnose(
            "control-twice",
            f"the control totals of {name!r} are given here and in the control file",
            ("sources", name, "control"),
            "keep one of them",
        )
        for name, source in project.sources.items()
        if source.control is not None and name in totals
    ]
