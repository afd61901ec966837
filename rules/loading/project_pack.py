"""The pack that a project is held to: the one that it names, or the rules in its own file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from phasegate.rules.diagnostics.diagnostic import Diagnostic, PackError
from phasegate.rules.diagnostics.source_map import Origin
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.diagnostics.unresolved import Unread
from phasegate.rules.loading.effective_pack import in_force
from phasegate.rules.loading.hardening import harden
from phasegate.rules.loading.pack import PackReading, loose_pack, read_pack
from phasegate.rules.loading.pack_files import built_in_packs, digest_of
from phasegate.rules.loading.project_errors import (
    column_faults,
    own_rules_faults,
    owner_faults,
    source_faults,
)
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.pack import Criterion, Pack, Parameter, Point, Require
from phasegate.rules.model.project import Project, SourceFile
from phasegate.rules.model.reading import reading_of
from phasegate.rules.values.paths import PathError, resolve_inside
from phasegate.rules.yaml.parser import Path as TreePath
from phasegate.rules.yaml.parser import Tree

INLINE_POINT = "project"
"""The one point of a project without a pack."""
INLINE_CRITERION = "requirements"
_CRITERION: TreePath = ("points", INLINE_POINT, "criteria", 0)


def named_pack(project: Project, root: Path, origin: Origin) -> tuple[PackReading | None, list[Diagnostic]]:
    """The pack that the project file names, as the project has it.

    Returns:
        The pack as far as it could be read, None if it is not there; and what is wrong with what the
        project file says of it.
    """
    assert project.pack is not None
    faults = list(own_rules_faults(project, origin))
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
    try:
        read = read_pack(ref, f"{ref.relative_to(root).as_posix()}/" if isinstance(ref, Path) else "")
    except PackError as error:
        return None, [*faults, *error.diagnostics]
    faults += source_faults(project, read.pack, origin, read.unread)
    read = replace(read, name=project.pack, reading=reading_of(project))
    read, more = in_force(read, project.parameters, project.harden, origin, read.unread)
    return read, [*faults, *more, *owner_faults(project, read.pack, origin, read.unread)]


def inline_pack(
    project: Project, tree: Tree, content: bytes, unread: Unread
) -> tuple[PackReading, list[Diagnostic]]:
    """The pack that a project without one carries in its own file.

    Args:
        project: the project.
        tree: its file.
        content: the file's bytes.
        unread: what of the file could not be read.

    Returns:
        The pack as far as it could be read, and what is wrong with it.
    """
    name = tree.file
    origin = Origin(_homes(project, tree), name)
    unread, faults = _no_rules(project, origin, unread)
    for source_name, source in project.sources.items():
        if source.contract is not None:
            faults += column_faults(source_name, source, source.contract, origin, unread)
    model = loose_pack() if faults or unread else Pack
    pack, more = harden(_pack(model, project), project.harden, origin.diagnose, unread)
    more += owner_faults(project, pack, origin, unread)
    contents = {name: content}
    read = PackReading(pack, digest_of(contents), (name,), origin, name, contents, "", (), unread)
    return replace(read, reading=reading_of(project), inline=True), [*faults, *more]


def _homes(project: Project, tree: Tree) -> dict[TreePath, tuple[Tree, TreePath]]:
    require: tuple[Tree, TreePath] = (tree, ("require",))
    homes: dict[TreePath, tuple[Tree, TreePath]] = {(): (tree, ())}
    homes["points",] = homes["points", INLINE_POINT] = homes[_CRITERION] = require
    homes[(*_CRITERION, "require")] = require
    for source in project.sources:
        homes["sources", source] = (tree, ("sources", source, "contract"))
    return homes


def _no_rules(project: Project, origin: Origin, unread: Unread) -> tuple[Unread, list[Diagnostic]]:
    """What there is to hold to; what could not be read has its place in the pack then."""
    faults: list[Diagnostic] = []
    places = dict(unread.places)
    for key, hint in (
        ("measures", "declare what is measured, or name a 'pack'"),
        ("require", "say what must hold, or name a 'pack'"),
    ):
        if not getattr(project, key) and not any(place[0] == key for place in unread.places):
            faults.append(origin.diagnose("no-rules", f"there is neither a 'pack' nor {key!r}", (), hint))
            places[key,] = None
    if not places and not unread.moved:
        return unread, faults
    require = {"criteria": [{"require": unread.data.get("require")}]}
    data = {**unread.data, "points": {INLINE_POINT: require}}
    if "sources" in data:  # else a key that nobody knows may stand for it
        data["sources"] = {name: source.get("contract") for name, source in data["sources"].items()}
    return replace(unread, places=places).renamed(_in_pack, data), faults


def _in_pack(path: TreePath) -> TreePath | None:
    """Where a part of a project file stands in the pack that it carries; None for what is not in it."""
    match path:
        case ("measures" | "parameters", *_) | ("sources",) | ("sources", _):
            return path
        case ("sources", source, "contract", *rest):
            return ("sources", source, *rest)
        case ("sources", source, str(key), *_) if key not in SourceFile.model_fields:
            return ("sources", source, key)
        case ("require", *rest):
            return (*_CRITERION, "require", *rest)
    return None


def _pack(model: type[Pack], project: Project) -> Pack:
    title = project.title or "Project"
    require = project.require or Require({})
    criterion = Criterion(id=INLINE_CRITERION, text="What the project file requires", require=require)
    parts: dict[str, Any] = {
        "points": {INLINE_POINT: Point(title=title, criteria=(criterion,))},
        "sources": {
            name: source.contract or Contract(title=name, infer=True)
            for name, source in project.sources.items()
        },
        "measures": project.measures,
        "parameters": {
            name: Parameter(value=value, text="Set in the project file")
            for name, value in project.parameters.items()
        },
    }
    return model(pack=INLINE_POINT, title=title, **parts)
