"""Reads project files, and the pack that a project is held to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from phasegate.rules.contract import Contract
from phasegate.rules.diagnostics import Diagnostic, PackError
from phasegate.rules.errors import PhasegateError
from phasegate.rules.harden import harden
from phasegate.rules.in_force import in_force
from phasegate.rules.load import LoadedPack, built_in_packs, digest_of, load_pack, read_limited, read_trees
from phasegate.rules.model_faults import validate
from phasegate.rules.nearest import suggest
from phasegate.rules.origin import Origin
from phasegate.rules.pack import Criterion, Pack, Parameter, Point, Require
from phasegate.rules.paths import PathError, resolve_inside
from phasegate.rules.position import Position
from phasegate.rules.project import Project, SourceFile
from phasegate.rules.project_parts import with_parts
from phasegate.rules.require_faults import require_faults
from phasegate.rules.yaml_tree import Path as TreePath
from phasegate.rules.yaml_tree import Tree

PROJECT_FILE = "phasegate.yaml"
INLINE_POINT = "project"
"""The one point of a project without a pack."""
INLINE_CRITERION = "requirements"


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

    def where(self, path: TreePath, part: str = "key") -> Position:
        """Where a part of the project file stands, such as ``("sources", "costs", "path")``."""
        return self.origin.position(path, part)


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
    """
    here = start.resolve()
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
    file = path.resolve()
    name = file.name
    content = read_limited(file, name)
    trees, faults = read_trees({name: content})
    if faults:
        raise PackError(faults, name)
    tree = trees[0]
    origin = Origin({(): (tree, ())}, name)
    faults = list(require_faults(tree.data, ("require",), origin.diagnose)) if "require" in tree.data else []
    project, model_faults = validate(Project, tree.data, origin.diagnose, told=[("require",)])
    faults += model_faults
    if project is None or faults:
        raise PackError(faults, name)
    root = file.parent
    faults += _path_faults(project, root, origin)
    project, part_faults = with_parts(project, root, origin)
    faults += part_faults
    if project.pack is None:
        pack, more = _inline(project, tree, content, name)
    else:
        pack, more = _named(project, root, origin)
    faults += more
    if pack is None or faults:
        raise PackError(faults, name)
    return LoadedProject(project, pack, root, file, origin)


def inline_rules(content: bytes, name: str) -> LoadedPack:
    """The rules that a project file without a pack carries, from its bytes alone.

    Raises:
        PackError: with every problem of them.
    """
    trees, faults = read_trees({name: content})
    if faults:
        raise PackError(faults, name)
    origin = Origin({(): (trees[0], ())}, name)
    project, faults = validate(Project, trees[0].data, origin.diagnose)
    if project is None:
        raise PackError(faults, name)
    pack, more = _inline(project, trees[0], content, name)
    if pack is None or more:
        raise PackError(more, name)
    return pack


def _path_faults(project: Project, root: Path, origin: Origin) -> Iterator[Diagnostic]:
    """Paths that leave the project's folder."""
    named: list[tuple[TreePath, str, bool]] = [
        (("sources", name, "path"), source.path, source.outside) for name, source in project.sources.items()
    ]
    if project.waivers is not None:
        named.append((("waivers",), project.waivers, False))
    for where, path, allowed in named:
        try:
            resolve_inside(root, path, allowed)
        except PathError as error:
            hint = error.hint if where[0] == "sources" else "keep the file in the project's folder"
            yield origin.diagnose("path-outside", error.message, where, hint, "value")
            continue
        if where == ("waivers",) and not (root / path).is_file():
            message = f"there is no file {path!r}"
            hint = "without it nobody knows what is waived: put it there, or remove this line"
            yield origin.diagnose("unreadable-file", message, where, hint, "value")


def _named(project: Project, root: Path, origin: Origin) -> tuple[LoadedPack | None, list[Diagnostic]]:
    """The pack that the project file names, as the project has it."""
    assert project.pack is not None
    faults = list(_only_inline(project, origin))
    ref: str | Path = project.pack
    if ref not in built_in_packs():
        try:
            ref = resolve_inside(root, project.pack)
        except PathError as error:
            hint = "keep the pack in the project's folder"
            return None, [*faults, origin.diagnose("path-outside", error.message, ("pack",), hint, "value")]
        if not ref.is_dir():
            message = f"there is no pack {project.pack!r}: neither a built-in one nor a folder"
            hint = suggest(project.pack, built_in_packs(), of="built-in packs") or ""
            return None, [*faults, origin.diagnose("unknown-pack", message, ("pack",), hint, "value")]
    loaded = load_pack(ref, f"{ref.relative_to(root).as_posix()}/" if isinstance(ref, Path) else "")
    faults += _source_faults(project, loaded.pack, origin)
    loaded, more = in_force(replace(loaded, name=project.pack), project.parameters, project.harden, origin)
    return loaded, [*faults, *more]


def _only_inline(project: Project, origin: Origin) -> Iterator[Diagnostic]:
    hint = "put it into the pack, or remove 'pack'"
    for key in ("measures", "require"):
        if getattr(project, key):
            yield origin.diagnose("pack-and-own-rules", f"{key!r} beside 'pack'", (key,), hint)
    for name, source in project.sources.items():
        if source.contract is not None:
            path = ("sources", name, "contract")
            yield origin.diagnose("pack-and-own-rules", "a contract beside 'pack'", path, hint)


def _source_faults(project: Project, pack: Pack, origin: Origin) -> Iterator[Diagnostic]:
    for name, source in project.sources.items():
        contract = pack.sources.get(name)
        if contract is None:
            message = f"the pack knows no source {name!r}"
            yield origin.diagnose(
                "unknown-source", message, ("sources", name), suggest(name, pack.sources, of="sources")
            )
        else:
            yield from _column_faults(name, source, contract, origin)


def _column_faults(name: str, source: SourceFile, contract: Contract, origin: Origin) -> Iterator[Diagnostic]:
    """Renamed and totalled columns that the contract does not have."""
    path: TreePath = ("sources", name)
    named = [((*path, "rename", old), new, "value") for old, new in source.rename.items()]
    sums = source.control.sums if source.control else {}
    named += [((*path, "control", "sums", column), column, "key") for column in sums]
    for where, column, part in named:
        if column not in contract.columns and not contract.infer:
            message = f"the contract of {name!r} has no column {column!r}"
            hint = suggest(column, contract.columns, of="columns")
            yield origin.diagnose("unknown-column", message, where, hint, part)


def _inline(
    project: Project, tree: Tree, content: bytes, name: str
) -> tuple[LoadedPack | None, list[Diagnostic]]:
    """The pack that a project without one carries in its own file."""
    homes: dict[TreePath, tuple[Tree, TreePath]] = {(): (tree, ())}
    criterion: TreePath = ("points", INLINE_POINT, "criteria", 0)
    homes["points",] = homes["points", INLINE_POINT] = homes[criterion] = (tree, ("require",))
    homes[(*criterion, "require")] = (tree, ("require",))
    for source in project.sources:
        homes["sources", source] = (tree, ("sources", source, "contract"))
    origin = Origin(homes, name)
    faults: list[Diagnostic] = []
    for key, hint in (
        ("measures", "declare what is measured, or name a 'pack'"),
        ("require", "say what must hold, or name a 'pack'"),
    ):
        if not getattr(project, key):
            faults.append(origin.diagnose("no-rules", f"there is neither a 'pack' nor {key!r}", (), hint))
    faults += _inline_columns(project, origin)
    pack, more = _inline_pack(project, origin) if not faults else (None, [])
    faults += more
    if pack is None:
        return None, faults
    contents = {name: content}
    return LoadedPack(pack, digest_of(contents), (name,), origin, name, contents), faults


def _inline_columns(project: Project, origin: Origin) -> Iterable[Diagnostic]:
    for name, source in project.sources.items():
        if source.contract is not None:
            yield from _column_faults(name, source, source.contract, origin)


def _inline_pack(project: Project, origin: Origin) -> tuple[Pack, list[Diagnostic]]:
    title = project.title or "Project"
    require = project.require or Require({})
    criterion = Criterion(id=INLINE_CRITERION, text="What the project file requires", require=require)
    pack = Pack(
        pack=INLINE_POINT,
        title=title,
        points={INLINE_POINT: Point(title=title, criteria=(criterion,))},
        sources={
            name: source.contract or Contract(title=name, infer=True)
            for name, source in project.sources.items()
        },
        measures=project.measures,
        parameters={
            name: Parameter(value=value, text="Set in the project file")
            for name, value in project.parameters.items()
        },
    )
    return harden(pack, project.harden, origin.diagnose)
