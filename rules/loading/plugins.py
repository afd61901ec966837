"""What other distributions bring: formats of files and reports, and measures, found by their entry points.

Nothing is looked for before a project or a command names a kind that phasegate does not have itself, and
nothing is loaded but what is named. Which distribution it is, in which version and with which content, is
told in each record that rests on it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from importlib.machinery import PathFinder
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Literal, NamedTuple

from phasegate.rules.errors import PhasegateError

PluginKind = Literal["format", "measure", "report"]
GROUPS: Mapping[PluginKind, str] = {
    "format": "phasegate.formats",
    "measure": "phasegate.measures",
    "report": "phasegate.reports",
}
"""The groups of entry points, by what their plugins are."""
_BY_WORD: Mapping[str, str] = {str(kind): group for kind, group in GROUPS.items()}
_COMPILED, _CACHE = (".pyc", ".pyo"), "__pycache__"


class PluginError(PhasegateError):
    """A plugin that is not there, or is none."""


class Plugin(NamedTuple):
    """A plugin that is installed.

    Attributes:
        kind: what it is.
        name: by which a project or a command names it.
        distribution: what brings it.
        version: of the distribution.
        digest: ``sha256:...`` of the files that its package is.
        entry: leads to it.
    """

    kind: PluginKind
    name: str
    distribution: str
    version: str
    digest: str
    entry: EntryPoint

    @property
    def shown(self) -> str:
        """What it is, for people."""
        return f"the {self.kind} {self.name!r} of {self.distribution} {self.version}"

    @property
    def key(self) -> str:
        """Under which it stands among the versions of a record: ``format:NAME``."""
        return f"{self.kind}:{self.name}"

    @property
    def told(self) -> str:
        """What stands there."""
        return f"{self.distribution} {self.version} {self.digest}"


def names_of(kind: PluginKind) -> list[str]:
    """The names that installed distributions offer."""
    return sorted({each.name for each in entry_points(group=GROUPS[kind])})


@cache
def plugin(kind: PluginKind, name: str, built_in: Collection[str]) -> Plugin:
    """The plugin of a name, as it is when it is asked for first: not loaded yet.

    Args:
        kind: what it is.
        name: its name.
        built_in: the names that phasegate has itself, which nobody else may take.

    Raises:
        PluginError: if no distribution offers it, or two do; or if one that does takes a built-in name too.
    """
    found = entry_points(group=GROUPS[kind])
    own = [each for each in found if each.name == name]
    what = f"the {kind} {name!r}"
    if not own:
        hint = f"install the distribution that has it among its entry points of {GROUPS[kind]}"
        raise PluginError(f"no distribution that is installed brings {what}", hint)
    owners = sorted({_owner(each)[0] for each in own})
    if len(own) > 1:
        raise PluginError(f"{what} is brought by {' and by '.join(owners)}", "uninstall one of them")
    taken = [each.name for each in found if each.name in built_in and _owner(each)[0] == owners[0]]
    if taken:
        told = f"{owners[0]}, which brings {what}, brings {taken[0]!r} too, and that is phasegate's own"
        raise PluginError(told, "no name of phasegate's own means anything else: uninstall it")
    return Plugin(kind, name, *_owner(own[0]), _digest(own[0]), own[0])


@cache
def loaded(found: Plugin) -> Callable[..., Any]:
    """What a plugin is.

    Raises:
        PluginError: if it can not be loaded, or nothing can be called.
    """
    try:
        made = found.entry.load()
    except Exception as error:
        raise PluginError(f"{found.shown} can not be loaded: {reason(error)}") from error
    if not callable(made):
        raise PluginError(f"{found.shown} is a {type(made).__name__}, and nothing that can be called")
    return made  # type: ignore[no-any-return]  # it can be called


def reason(error: Exception) -> str:
    """What somebody else's code raised, in one line."""
    said = (str(error).strip().splitlines() or [""])[0]
    return f"{type(error).__name__}{f': {said}' if said else ''}"


def absent(versions: Mapping[str, str]) -> Iterator[str]:
    """The plugins that a record rests on and that are not at hand, or are others here, in sentences.

    Args:
        versions: of the record.
    """
    for key, told in versions.items():
        kind, between, name = key.partition(":")
        if not between:
            continue
        was = f"the {kind} {name!r} was {told.rpartition(' ')[0]} ({told.rpartition(' ')[2][:19]})"
        group = _BY_WORD.get(kind)
        own = [each for each in entry_points(group=group) if each.name == name] if group else []
        if len(own) != 1:
            yield f"{was}, which is not installed here: nothing can be measured by it again"
        elif (here := f"{' '.join(_owner(own[0]))} {_digest(own[0])}") != told:
            yield f"{was}, and is {here.rpartition(' ')[0]} ({here.rpartition(' ')[2][:19]}) here"


def _owner(entry: EntryPoint) -> tuple[str, str]:
    """The name and the version of what brings it."""
    return (entry.dist.name, entry.dist.version) if entry.dist is not None else ("nobody", "0")


def _digest(entry: EntryPoint) -> str:
    """Over the content of all files of its package, by their names; without importing it.

    Raises:
        PluginError: if there is none.
    """
    top = entry.module.partition(".")[0]
    spec = PathFinder.find_spec(top) or _found_elsewhere(top)
    if spec is None or (spec.origin is None and not spec.submodule_search_locations):
        raise PluginError(f"there is no module {top}, which {_owner(entry)[0]} names")
    files = {
        path.relative_to(place).as_posix(): path
        for place in map(Path, spec.submodule_search_locations or ())
        for path in place.rglob("*")
        if path.is_file() and path.suffix not in _COMPILED and _CACHE not in path.parts
    } or {Path(str(spec.origin)).name: Path(str(spec.origin))}
    try:
        told = [f"{hashlib.sha256(files[name].read_bytes()).hexdigest()}  {name}\n" for name in sorted(files)]
    except OSError as error:
        raise PluginError(f"the files of {_owner(entry)[0]} can not be read: {error.strerror}") from error
    return f"sha256:{hashlib.sha256(''.join(told).encode()).hexdigest()}"


def _found_elsewhere(top: str) -> Any:
    """A package that no path leads to, as editable installs have it."""
    from importlib.util import find_spec

    return find_spec(top)
