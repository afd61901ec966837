"""Reads packs: a folder of YAML files put together to one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache, cached_property
from pathlib import Path

from phasegate.rules.diagnostics.diagnostic import Diagnostic, PackError, Severity
from phasegate.rules.diagnostics.position import Position
from phasegate.rules.diagnostics.problem import Problem
from phasegate.rules.diagnostics.recovery import read_as_far
from phasegate.rules.diagnostics.source_map import Origin
from phasegate.rules.diagnostics.unresolved import Unread
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.pack_files import digest_of, find_pack, pack_files, read_limited, read_trees
from phasegate.rules.loading.pack_parts import put_together, require_paths
from phasegate.rules.loading.requirement_errors import find_require_faults
from phasegate.rules.model.base import Id, Name, Text
from phasegate.rules.model.canonical import rules_digest
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.pack import Pack, Point
from phasegate.rules.model.reading import Reading
from phasegate.rules.model.requirements import required_bounds, targets
from phasegate.rules.yaml.parser import Path as TreePath


@dataclass(frozen=True)
class LoadedPack:
    """A pack, and where it comes from.

    Attributes:
        pack: the pack.
        files_digest: ``sha256:...`` over the digests and relative paths of its files in path order, as
            ``sha256sum FILE... | sha256sum`` computes it, and over what the project changes of them.
        files: its files, relative, in path order.
        origin: finds the line of a part.
        name: how the pack was asked for.
        contents: the bytes of its files, as they were read.
        shown: what stands before the names of its files where positions are shown.
        by_files: whether the rules are named by that digest alone, as they were when a digest was always
            that of the files.
        earlier: further digests under which these very rules are known, of other files that said the same.
        reading: how the project reads its tables.
        inline: whether its one file is the project file, which holds the reading too.
    """

    pack: Pack
    files_digest: str
    files: tuple[str, ...]
    origin: Origin
    name: str
    contents: Mapping[str, bytes]
    shown: str = ""
    by_files: bool = False
    earlier: frozenset[str] = frozenset()
    reading: Reading = field(default_factory=dict)
    inline: bool = False

    @cached_property
    def digest(self) -> str:
        """The digest by which the rules are named: that of what they say, see `rules.model.canonical`."""
        return self.files_digest if self.by_files else self._whole

    @cached_property
    def _whole(self) -> str:
        return rules_digest(self.pack, self.reading)

    @cached_property
    def said_by_files(self) -> str:
        """The digest of what their files say: a pack's say nothing of how tables are read."""
        return self.as_files_say()._whole

    def as_files_say(self) -> LoadedPack:
        """The rules as far as their files say them."""
        return self if self.inline else replace(self, reading={})

    def is_approved_by(self, digest: object) -> bool:
        """Whether whoever signed a digest has approved these rules, and how tables are read.

        A digest of files stands for no more than what the files say.
        """
        return self.is_named(digest) and self._whole in (digest, self.said_by_files)

    def is_named(self, digest: object) -> bool:
        """Whether a digest names these rules: that of what they say, or of files that say it.

        The files of a pack say nothing of how a project reads its tables; see `is_approved_by`.
        """
        if self.by_files:
            return digest == self.files_digest
        return digest in (self.digest, self.files_digest) or digest in self.earlier

    def name_of(self, digest: str) -> str:
        """The digest of these rules for any that names them; any other one as it is."""
        return self.digest if self.is_named(digest) else digest

    def where(self, path: TreePath, part: str = "key") -> Position:
        """Where a part stands, such as ``("points", "1.1.1", "criteria", 2, "require", "a.b")``.

        Args:
            path: keys and list indices from the top of the pack; where it leads further than what
                was written, the nearest part around it is taken.
            part: ``key``, or ``value`` for what stands after the key.
        """
        return self.origin.position(path, part)

    def lines(self) -> set[str]:
        """Where criteria, targets and what they require stand, as ``file:line``."""
        paths: list[TreePath] = [each.path for each in required_bounds(self.pack)]
        for name, point in self.pack.points.items():
            paths += [("points", name, "criteria", at) for at in range(len(point.criteria))]
        paths += [path for _, _, path, _ in targets(self.pack)]
        return {f"{place.file}:{place.line}" for place in map(self.where, paths)}

    def hold_to(self, digest: str | None) -> None:
        """Sees that these are the rules that were asked for; without a digest, any are.

        Raises:
            OtherPackError: if they are others.
        """
        if digest is not None and not self.is_named(digest):
            raise OtherPackError(self.digest, digest)

    def diagnose(
        self,
        rule: str,
        message: str,
        path: TreePath,
        hint: str | None = None,
        part: str = "key",
        severity: Severity = "error",
    ) -> Diagnostic:
        """A diagnostic that points at a part of the pack."""
        return self.origin.diagnose(rule, message, path, hint, part, severity)


@dataclass(frozen=True)
class PackReading:
    """A pack as far as it could be read; nothing can be decided by it until it is `whole`.

    Attributes:
        pack: what could be read.
        files_digest, files, origin, name, contents, shown, reading, inline: those of the pack.
        faults: what is wrong with the rest.
        unread: what could not be read.
    """

    pack: Pack
    files_digest: str
    files: tuple[str, ...]
    origin: Origin
    name: str
    contents: Mapping[str, bytes]
    shown: str = ""
    faults: tuple[Diagnostic, ...] = ()
    unread: Unread = field(default_factory=Unread)
    reading: Reading = field(default_factory=dict)
    inline: bool = False

    @classmethod
    def of(cls, loaded: LoadedPack) -> PackReading:
        """A pack of which everything was read."""
        shared = {each.name for each in fields(cls)} & {each.name for each in fields(loaded)}
        return cls(**{name: getattr(loaded, name) for name in shared})

    def whole(self) -> LoadedPack:
        """The pack.

        Raises:
            PackError: with every problem, if it has one.
        """
        if self.faults or self.unread:
            raise PackError(self.faults)
        shared = {each.name for each in fields(type(self))} & {each.name for each in fields(LoadedPack)}
        return LoadedPack(**{name: getattr(self, name) for name in shared})

    def diagnose(self, problem: Problem) -> Diagnostic:
        """A diagnostic that points at a part of what could be read."""
        path, hint = self.unread.as_written(problem.path), problem.hint
        if problem.beside is not None:
            place = f"the other one stands at {self.origin.position(self.unread.as_written(problem.beside))}"
            hint = f"{place}; {hint}" if hint else place
        return self.origin.diagnose(problem.rule, problem.message, path, hint, problem.part, problem.severity)


class OtherPackError(PhasegateError):
    """Rules that somebody asked for by their digest, and that are not the ones at hand."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(
            f"the pack has the digest {found}, not {expected}", "the rules have changed: review them first"
        )


def load_pack(ref: str | Path, shown: str = "") -> LoadedPack:
    """Reads a pack.

    Args:
        ref: the name of a built-in pack, or the folder of another.
        shown: what stands before the names of its files where positions are shown.

    Raises:
        PackError: with every problem of its files.
        PackNotFoundError: if there is none.
    """
    return read_pack(ref, shown).whole()


def read_pack(ref: str | Path, shown: str = "") -> PackReading:
    """Reads as much of a pack as can be read.

    Args:
        ref: the name of a built-in pack, or the folder of another.
        shown: what stands before the names of its files where positions are shown.

    Raises:
        PackError: if the folder is none of a pack, or nothing in it can be read.
        PackNotFoundError: if there is none.
    """
    folder = find_pack(ref)
    files = pack_files(folder, shown)
    contents = {name: read_limited(path, f"{shown}{name}") for name, path in files.items()}
    return reading_of(contents, str(ref), shown)


def pack_of(contents: Mapping[str, bytes], name: str, shown: str = "") -> LoadedPack:
    """The pack that files hold.

    Args:
        contents: the bytes of its files by relative path, in path order.
        name: how the pack is called.
        shown: what stands before the names of its files where positions are shown.

    Raises:
        PackError: with every problem of its files.
    """
    return reading_of(contents, name, shown).whole()


def reading_of(contents: Mapping[str, bytes], name: str, shown: str = "") -> PackReading:
    """As much of the pack that files hold as can be read; see `pack_of`.

    Raises:
        PackError: if nothing can be read.
    """
    trees, faults = read_trees({f"{shown}{file}": content for file, content in contents.items()})
    if not trees:
        raise PackError(faults)
    legible = {tree.file for tree in trees}
    lost = [
        content.decode(errors="replace")
        for file, content in contents.items()
        if f"{shown}{file}" not in legible
    ]
    data, origin, more, before = put_together(trees)
    told = tuple(require_paths(data))
    found = find_require_faults(data, told, origin.diagnose)
    faults += [*more, *found.diagnostics]
    before = replace(before, files=tuple(lost))
    pack, more, unread = read_as_far(Pack, loose_pack, data, origin.diagnose, told, found.paths, before)
    faults += more
    if pack is None:
        raise PackError(faults)
    faults += _inferred(pack, origin)
    files = tuple(contents)
    return PackReading(pack, digest_of(contents), files, origin, name, contents, shown, tuple(faults), unread)


@cache
def loose_pack() -> type[Pack]:
    """The model of a pack that needs nothing, for one of which not everything can be read."""

    class LoosePack(Pack):
        pack: Id = "unread"
        title: Text = "unread"
        points: dict[Id, Point] = {}
        sources: dict[Name, Contract] = {}
        measures: dict[Id, Measure] = {}

    return LoosePack


def _inferred(pack: Pack, origin: Origin) -> Iterable[Diagnostic]:
    for name, contract in pack.sources.items():
        if contract.infer:
            hint = "name its columns; only a project without a pack may take them from the file"
            message = f"the contract of {name!r} leaves its columns to the file"
            yield origin.diagnose("inferred-contract", message, ("sources", name, "infer"), hint)
