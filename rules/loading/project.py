"""Reads project files, and the pack that a project is held to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from phasegate.rules.diagnostics.diagnostic import Diagnostic, PackError
from phasegate.rules.diagnostics.position import Position
from phasegate.rules.diagnostics.recovery import read_as_far
from phasegate.rules.diagnostics.schema_errors import validate
from phasegate.rules.diagnostics.source_map import Origin
from phasegate.rules.diagnostics.unresolved import Unread
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.ledger_errors import trail_faults
from phasegate.rules.loading.pack import LoadedPack, PackReading
from phasegate.rules.loading.pack_files import UnreadableFileError, read_limited, read_trees
from phasegate.rules.loading.project_errors import (
    connection_faults,
    format_faults,
    path_faults,
    table_faults,
)
from phasegate.rules.loading.project_includes import with_parts
from phasegate.rules.loading.project_pack import inline_pack, named_pack
from phasegate.rules.loading.requirement_errors import find_require_faults
from phasegate.rules.loading.time_zone_errors import zone_faults
from phasegate.rules.model.base import Name
from phasegate.rules.model.connection import written_secrets
from phasegate.rules.model.notification import addresses
from phasegate.rules.model.number_form import number_form_faults
from phasegate.rules.model.project import Project, SourceFile
from phasegate.rules.values.paths import PathError, resolve_inside, resolved
from phasegate.rules.values.time_zones import day_of
from phasegate.rules.yaml.parser import Path as TreePath
from phasegate.rules.yaml.parser import Tree

PROJECT_FILE = "phasegate.yaml"


@dataclass(frozen=True)
class LoadedProject:
    """A project file with the pack that it names, its hardening and parameters applied.

    Attributes:
        project: the project file.
        pack: the pack as it holds for this project.
        root: the folder of the project file.
        file: the project file.
        origin: finds the line of a part of the project file.
    """

    project: Project
    pack: LoadedPack
    root: Path
    file: Path
    origin: Origin

    def today(self, now: dt.datetime) -> dt.date:
        """The day on which a moment falls, by the project's time zone."""
        return day_of(now, self.project.time_zone)

    def where(self, path: TreePath, part: str = "key") -> Position:
        """Where a part of the project file stands, such as ``("sources", "costs", "path")``."""
        return self.origin.position(path, part)


@dataclass(frozen=True)
class ProjectReading:
    """A project as far as it could be read; nothing can be decided by it until it is `whole`.

    Attributes:
        project: what could be read of the project file.
        pack: what could be read of its pack; None if nothing could.
        root, file, origin: those of the project.
        faults: what is wrong, apart from the pack's own faults.
    """

    project: Project
    pack: PackReading | None
    root: Path
    file: Path
    origin: Origin
    faults: tuple[Diagnostic, ...] = ()

    @property
    def waivers(self) -> Path | None:
        """The file of waivers; None where there is none, or none that may be read."""
        if self.project.waivers is None:
            return None
        try:
            path = resolve_inside(self.root, self.project.waivers)
        except PathError:
            return None
        return path if path.is_file() else None

    def whole(self) -> LoadedProject:
        """The project.

        Raises:
            PackError: with every problem of the project file and of reading its pack, if there is one.
        """
        if self.faults or self.pack is None:
            raise PackError([*self.faults, *(self.pack.faults if self.pack else ())], self.file.name)
        return LoadedProject(self.project, self.pack.whole(), self.root, self.file, self.origin)


_WITHOUT_ADDRESSES = frozenset(Project.model_fields) - {"notifications"}
"""Keys in which no address of a service is looked for; it may stand under one that is written wrongly."""


class ProjectNotFoundError(PhasegateError):
    """No project file in the folder and none above it."""

    def __init__(self, start: Path) -> None:
        super().__init__(
            f"there is no {PROJECT_FILE} in {start} or above it",
            "'phasegate init' starts a project, '--project PATH' names another folder",
        )


def find_project(start: Path) -> Path:
    """The nearest project file, in a folder or above it; or the file itself, if it is one.

    Raises:
        ProjectNotFoundError: if there is none.
        PathError: if a link leads back to itself.
    """
    here = resolved(start)
    if here.is_file():
        return here
    for folder in (here, *here.parents):
        file = folder / PROJECT_FILE
        if file.is_file():
            return file
    raise ProjectNotFoundError(start)


def load_project(path: Path) -> LoadedProject:
    """Reads a project file and the pack that it names.

    Args:
        path: the project file.

    Raises:
        PackError: with every problem of the project file, or of the pack.
        PhasegateError: if a file or the pack is not there.
    """
    return read_project(path).whole()


def read_project(path: Path, with_pack: bool = True) -> ProjectReading:
    """Reads as much of a project file and its pack as can be read.

    Args:
        path: the project file.
        with_pack: False for the project file alone, as who only wants to know where its ledger is.

    Raises:
        PackError: if nothing in the project file can be read.
        PhasegateError: if a file is not there.
    """
    file = resolved(path)
    name = file.name
    content = read_limited(file, name)
    tree = _tree(content, name)
    written = {key: part for key, part in tree.data.items() if key not in _WITHOUT_ADDRESSES}
    tree.mask([*addresses(written), *written_secrets(tree.data)])
    origin = Origin({(): (tree, ())}, name)
    root = file.parent
    project, faults, unread = _read(tree, origin)
    if project is None:
        raise PackError(faults, name)
    faults += path_faults(project, root, origin, unread)
    faults += table_faults(project, origin, unread)
    faults += connection_faults(project, origin, unread)
    faults += number_form_faults(project, origin)
    faults += trail_faults(project, root, origin, unread)
    faults += zone_faults(project, origin)
    if not with_pack:
        return ProjectReading(project, None, root, file, origin, tuple(faults))
    project, more = with_parts(project, root, origin)
    faults += [*more, *format_faults(project, origin)]
    pack: PackReading | None = None
    if ("pack",) in unread.places:
        return ProjectReading(project, pack, root, file, origin, tuple(faults))
    try:
        if project.pack is None:
            pack, more = inline_pack(project, tree, content, unread)
        else:
            pack, more = named_pack(project, root, origin)
    except UnreadableFileError as error:
        if not faults:
            raise
        more = [Diagnostic("unreadable-file", error.message, None, error.hint)]
    rules = pack.pack if pack is not None else None
    if project.schedules:
        from phasegate.rules.loading.schedule_errors import schedule_faults

        faults += schedule_faults(project, rules, origin)
    if project.notifications:
        from phasegate.rules.loading.notification_errors import notification_faults

        faults += notification_faults(project, rules, origin)
    return ProjectReading(project, pack, root, file, origin, (*faults, *more))


def inline_rules(content: bytes, name: str) -> LoadedPack:
    """The rules that a project file without a pack carries, from its bytes alone.

    Raises:
        PackError: with every problem of them.
    """
    tree = _tree(content, name)
    project, faults = validate(Project, tree.data, Origin({(): (tree, ())}, name).diagnose)
    if project is None:
        raise PackError(faults, name)
    pack, faults = inline_pack(project, tree, content, Unread())
    if faults:
        raise PackError(faults, name)
    return pack.whole()


def _tree(content: bytes, name: str) -> Tree:
    trees, faults = read_trees({name: content})
    if faults:
        raise PackError(faults, name)
    return trees[0]


def _read(tree: Tree, origin: Origin) -> tuple[Project | None, list[Diagnostic], Unread]:
    told: list[TreePath] = [("require",)] if "require" in tree.data else []
    found = find_require_faults(tree.data, told, origin.diagnose)
    project, faults, unread = read_as_far(
        Project, _loose_project, tree.data, origin.diagnose, told, found.paths
    )
    return project, [*found.diagnostics, *faults], unread


@cache
def _loose_project() -> type[Project]:
    """The model of a project that needs nothing, for one of which not everything can be read."""

    class LooseProject(Project):
        sources: dict[Name, SourceFile] = {}

    return LooseProject
