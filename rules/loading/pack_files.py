"""The files of a pack: where they are, that they are no others, and their bytes."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from phasegate.rules.diagnostics.diagnostic import Diagnostic, PackError
from phasegate.rules.diagnostics.position import Position
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.errors import PhasegateError
from phasegate.rules.values.paths import PathError, resolved
from phasegate.rules.yaml.parser import MAX_BYTES, Tree, YamlError, parse_yaml, too_large

MAX_FILES = 500
TESTS = "tests"
"""The folder within a pack, or beside a project file, that holds its cases: they are no rules."""
_RULES = re.compile(
    rb"^(pack|title|map|baseline|areas|points|phases|programme|sources|measures)[ \t]*:", re.MULTILINE
)
"""The keys of rules that no file of cases has, where they stand at the top."""
BUILT_IN = Path(__file__).parents[1] / "packs"


class PackNotFoundError(PhasegateError):
    """There is no such pack."""

    def __init__(self, name: str) -> None:
        hint = suggest(Path(name).name, built_in_packs(), of="built-in packs")
        super().__init__(f"there is no pack {name!r}: neither a built-in one nor a folder", hint)


class UnreadableFileError(PhasegateError):
    """A file that can not be read at all."""


def built_in_packs() -> tuple[str, ...]:
    """The names of the packs that come with phasegate."""
    if not BUILT_IN.is_dir():
        return ()
    return tuple(sorted(path.name for path in BUILT_IN.iterdir() if any(path.glob("*.yaml"))))


def find_pack(ref: str | Path) -> Path:
    """The folder of a pack."""
    if isinstance(ref, str) and ref in built_in_packs():
        return BUILT_IN / ref
    folder = Path(ref)
    if not folder.is_dir():
        raise PackNotFoundError(str(ref))
    return folder


def pack_files(folder: Path, shown: str = "") -> dict[str, Path]:
    """The YAML files of a pack by relative path, in path order, without its cases and what begins with a dot.

    Args:
        folder: the pack's folder.
        shown: how it is called in messages, where not by its path.

    Raises:
        PackError: if there are none or too many, or a link leads out of the folder.
    """
    base = resolved(folder)
    files: dict[str, Path] = {}
    faults: list[Diagnostic] = []
    for where, folders, names in os.walk(base):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if Path(where) == base and TESTS in folders:
            folders.remove(TESTS)
        for name in sorted(names + [name for name in folders if Path(where, name).is_symlink()]):
            path = Path(where, name)
            relative = path.relative_to(base).as_posix()
            if name.startswith("."):
                continue
            if fault := _file_fault(path, relative, base):
                faults.append(fault)
            elif path.suffix == ".yaml":
                files[relative] = path
        if len(files) > MAX_FILES:
            message = f"the pack has more than {MAX_FILES} files"
            raise PackError([Diagnostic("too-many-files", message, Position(str(folder), 1, 1))])
    faults += _rules_in_tests(base / TESTS, base)
    if not files and not faults:
        hint = "a pack is a folder of *.yaml files; 'phasegate schema pack' tells what stands in them"
        message = f"the folder {shown.rstrip('/') or folder} holds no *.yaml file"
        faults.append(Diagnostic("empty-pack", message, None, hint))
    if faults:
        raise PackError(faults)
    return dict(sorted(files.items()))


def _rules_in_tests(folder: Path, base: Path) -> Iterator[Diagnostic]:
    """Refuses rules among the cases: nobody would be held to them, and nobody would notice."""
    for path in sorted(folder.rglob("*.yaml")) if folder.is_dir() else ():
        with suppress(OSError):  # who runs the cases hears of it
            with path.open("rb") as file:
                found = _RULES.search(file.read(MAX_BYTES + 1))
            if found is not None:
                name, key = path.relative_to(base).as_posix(), found[1].decode()
                line = found.string.count(b"\n", 0, found.start()) + 1
                message = f"{key!r} is a key of rules, and the files in {TESTS}/ are read as cases"
                hint = f"put the file beside {TESTS}/, not in it"
                yield Diagnostic("rules-in-tests", message, Position(name, line, 1, len(key)), hint, None)


def _file_fault(path: Path, relative: str, base: Path) -> Diagnostic | None:
    at = Position(relative, 1, 1)
    if path.is_symlink() and (path.is_dir() or not _end_of(path).is_relative_to(base)):
        return Diagnostic("link-outside", "a link that leads out of the pack", at, "put the file itself here")
    if path.suffix == ".yml":
        return Diagnostic("yml-file", "only *.yaml files are read", at, f"rename it to {path.stem}.yaml")
    if not relative.isprintable() or "\\" in relative:
        return Diagnostic("bad-file-name", f"{relative!r} is no name for a pack's file", at)
    return None


def _end_of(link: Path) -> Path:
    """Where a link leads; where it leads to itself, nowhere inside."""
    try:
        return resolved(link)
    except (OSError, PathError):
        return Path("/")


def read_limited(path: Path, name: str) -> bytes:
    """The bytes of a file that is not larger than YAML files may be.

    Args:
        path: the file.
        name: the path as it is shown.

    Raises:
        PackError: if the file is too large; nothing is read then.
        UnreadableFileError: if it can not be read.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableFileError(f"{name} is not a file")
        if status.st_size > MAX_BYTES:
            raise PackError([too_large(name)], name)
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableFileError(f"{name} can not be read: {error.strerror or error}") from error


def digest_of(contents: Mapping[str, bytes]) -> str:
    """The digest of files by relative path."""
    lines = (f"{hashlib.sha256(contents[name]).hexdigest()}  {name}\n" for name in sorted(contents))
    return f"sha256:{hashlib.sha256(''.join(lines).encode()).hexdigest()}"


def read_trees(contents: Mapping[str, bytes]) -> tuple[list[Tree], list[Diagnostic]]:
    """The trees of all files that are YAML, and what is wrong with the others."""
    trees: list[Tree] = []
    faults: list[Diagnostic] = []
    for name, content in contents.items():
        try:
            trees.append(parse_yaml(content, name))
        except YamlError as error:
            faults += error.diagnostics
    return trees, faults
