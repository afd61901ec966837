"""What a report is not written over: what its run reads, keys, and databases."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from phasegate.rules.errors import PhasegateError
from phasegate.rules.values.ledger_address import DEFAULT_LEDGER, LedgerAddressError, ledger_address
from phasegate.rules.values.paths import PathError

if TYPE_CHECKING:
    from phasegate.rules.loading.project import LoadedProject, ProjectReading
    from phasegate.rules.model.project import Project


_DATABASE = b"SQLite format 3\0"
_JOURNALS = (b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
"""How the files begin in which SQLite has what is not in its database yet (sqlite.org/fileformat2.html)."""
_BESIDE = ("-wal", "-shm", "-journal")
_RULES = ("targets", "pack", "before", "after")
"""Arguments and options that name rules: folders of packs, or files; other texts name no file."""
_LONGEST = 80
"""So many bytes tell what a file is."""


class OverInputError(PhasegateError):
    """A report that would replace what it tells of, or what nobody can make again."""

    def __init__(self, output: Path, what: str) -> None:
        super().__init__(
            f"{output} is {what}: the report would replace it", "choose another file for --output"
        )


def spare_inputs(
    output: Path | None, loaded: LoadedProject | ProjectReading, environ: Mapping[str, str]
) -> None:
    """Sees that a report does not replace an input of its run.

    Args:
        output: where the report goes; None for the screen.
        loaded: the project; of a faulty one, what could be read of it.
        environ: the environment, for the ledger's address.

    Raises:
        OverInputError: if it would.
    """
    if output is None:
        return
    if output.is_file():
        for path, what in _inputs(loaded, environ):
            spare(output, path, what)
    spare_kept(output)


def spare_named(output: Path, given: Mapping[str, object], environ: Mapping[str, str]) -> None:
    """Sees that a report replaces no file that its command was given by name, and none of its project.

    Args:
        output: where the report goes.
        given: the command's arguments and options by their names, ``project`` and ``ledger`` among
            them where it takes those.
        environ: the environment, for the ledger's address.

    Raises:
        OverInputError: if it would.
    """
    for name, value in given.items() if output.is_file() else ():
        if isinstance(value, Path) and name != "output":  # several of them are no single path
            spare(output, value, "what the command reads")
        if name == "ledger" and isinstance(value, str):
            spare(output, Path(value), "the ledger")
        if name == "project" and isinstance(value, Path):
            _spare_project(output, value, environ)
        if name in _RULES:
            for each in value if isinstance(value, tuple) else (value,):
                if isinstance(each, str):
                    _spare_rules(output, Path(each), environ)


def _spare_project(output: Path, start: Path, environ: Mapping[str, str]) -> None:
    from phasegate.rules.loading.project import ProjectNotFoundError, find_project, read_project

    with suppress(ProjectNotFoundError):
        file = find_project(start)
        spare(output, file, "the project file")
        spare(output, file.parent / DEFAULT_LEDGER, "the ledger")
        try:
            reading = read_project(file)
        except PhasegateError:  # a project of which nothing can be read names nothing
            return
        spare_inputs(output, reading, environ)


def _spare_rules(output: Path, given: Path, environ: Mapping[str, str]) -> None:
    """Sees that a report replaces no file of a pack that can be read or not, and none of a file's project."""
    if given.is_dir():
        for path in given.rglob("*.yaml"):
            spare(output, path, "a file of the pack")
    elif given.is_file():
        spare(output, given, "what the command reads")
        _spare_project(output, given.parent, environ)


def spare_kept(output: Path) -> None:
    """Sees that a report replaces no key and no database, whether or not any project names it.

    Args:
        output: where the report goes.

    Raises:
        OverInputError: if it would, or if nobody can see whether it would.
    """
    target = Path(os.path.realpath(output))
    try:
        what = _kept(target)
    except OSError as error:
        what = f"a file that can not be read ({error.strerror})"
    if what is not None:
        raise OverInputError(output, what)


def _kept(target: Path) -> str | None:
    """What a file is, told by how it begins; None if it is neither key nor database."""
    start = _beginning(target)
    if start.startswith(b"-----BEGIN ") and b"PRIVATE KEY-----" in start:
        return "a private key"
    if start.startswith(b"ssh-ed25519 AAAA"):
        return "a public key"
    if start.startswith(_DATABASE):
        return "an SQLite database, such as a ledger"
    for ending in _BESIDE:
        name = target.name.removesuffix(ending)
        if name not in ("", target.name) and _beginning(target.with_name(name)).startswith(_DATABASE):
            return f"a file of the SQLite database {name}"
    return "a file of an SQLite database" if start.startswith(_JOURNALS) else None


def _beginning(path: Path) -> bytes:
    """The first bytes of a file; none of what is no file, such as a pipe."""
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        return file.read(_LONGEST)


def spare(output: Path, path: Path, what: str) -> None:
    """Sees that a report does not replace one file.

    Args:
        output: where the report goes.
        path: the file, which need not be there.
        what: what it is, in words.

    Raises:
        OverInputError: if it would.
    """
    try:
        same = output.samefile(path)
    except OSError:  # what is not there is not replaced
        return
    if same:
        raise OverInputError(output, what)


def _inputs(loaded: LoadedProject | ProjectReading, environ: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    from phasegate.facts.sources.paths import find_places
    from phasegate.rules.loading.pack_files import built_in_packs, find_pack

    project, root = loaded.project, loaded.root
    yield loaded.file, "the project file"
    for written, what in (
        (project.waivers, "the file of waivers"),
        (project.cycle_file, "the cycle file"),
        (project.control_file, "the control file"),
    ):
        if written is not None:
            yield root / written, what
    if project.pack is not None and loaded.pack is None:
        yield from ((path, "a file of the pack") for path in (root / project.pack).rglob("*.yaml"))
    elif project.pack is not None and loaded.pack is not None:
        folder = find_pack(project.pack) if project.pack in built_in_packs() else root / project.pack
        yield from ((folder / name, "a file of the pack") for name in loaded.pack.files)
    for name, source in project.sources.items():
        if source.connection is not None:
            continue
        with suppress(PathError):  # no path at all
            for place in find_places(root, source.place, outside=True):
                yield place.path, f"a file of the source {name}"
                if place.path.is_dir():  # a table that is a folder
                    yield from ((path, f"a file of the source {name}") for path in place.path.rglob("*"))
    try:
        ledger = ledger_address(project.ledger, root, environ)
    except LedgerAddressError:
        return
    if isinstance(ledger, Path):
        yield ledger, "the ledger"
    if project.signers:  # without them nobody attests anything
        yield from ((root / name, "the evidence of an attestation") for name in _attested(project, ledger))


def _attested(project: Project, ledger: str | Path) -> frozenset[str]:
    """The files of evidence that a project's ledger names; none while there is no ledger to be read."""
    from phasegate.audit.ledger.ledger import Ledger
    from phasegate.audit.ledger.store import LedgerError
    from phasegate.audit.statements.evidence_files import evidence_named

    try:
        with Ledger.open(ledger) as log:
            return evidence_named(log, project.id)
    except LedgerError:  # by which nothing is decided either
        return frozenset()
