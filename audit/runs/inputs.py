"""What a run reads, so that its report is not written over any of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from glob import iglob
from pathlib import Path
from typing import TYPE_CHECKING

from phasegate.rules.errors import PhasegateError
from phasegate.rules.ledger_address import DEFAULT_LEDGER, LedgerAddressError, ledger_address

if TYPE_CHECKING:
    from phasegate.rules.project_file import LoadedProject


class OverInputError(PhasegateError):
    """A report that would replace what it tells of."""

    def __init__(self, output: Path, what: str) -> None:
        super().__init__(
            f"{output} is {what}: the report would replace it", "choose another file for --output"
        )


def spare_inputs(output: Path | None, loaded: LoadedProject, environ: Mapping[str, str]) -> None:
    """Sees that a report does not replace an input of its run.

    Args:
        output: where the report goes; None for the screen.
        loaded: the project.
        environ: the environment, for the ledger's address.

    Raises:
        OverInputError: if it would.
    """
    if output is not None and output.is_file():
        for path, what in _inputs(loaded, environ):
            spare(output, path, what)


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
        if isinstance(value, Path) and name != "output":
            spare(output, value, "what the command reads")
        if name == "ledger" and isinstance(value, str):
            spare(output, Path(value), "the ledger")
        if name == "project" and isinstance(value, Path):
            from phasegate.rules.project_file import ProjectNotFoundError, find_project, load_project

            with suppress(ProjectNotFoundError):
                file = find_project(value)
                spare(output, file, "the project file")
                spare(output, file.parent / DEFAULT_LEDGER, "the ledger")
                try:
                    loaded = load_project(file)
                except PhasegateError:  # a faulty project names nothing for certain
                    continue
                spare_inputs(output, loaded, environ)


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


def _inputs(loaded: LoadedProject, environ: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    from phasegate.rules.load import built_in_packs, find_pack

    project, root = loaded.project, loaded.root
    yield loaded.file, "the project file"
    for written, what in (
        (project.waivers, "the file of waivers"),
        (project.cycle_file, "the cycle file"),
        (project.control_file, "the control file"),
    ):
        if written is not None:
            yield root / written, what
    if project.pack is not None:
        folder = find_pack(project.pack) if project.pack in built_in_packs() else root / project.pack
        yield from ((folder / name, "a file of the pack") for name in loaded.pack.files)
    for name, source in project.sources.items():
        what = f"a file of the source {name}"
        yield root / source.path, what
        found = iglob(source.path, root_dir=root, recursive=True)  # noqa: PTH207 - as sources are found
        yield from ((root / file, what) for file in found)
    try:
        ledger = ledger_address(project.ledger, root, environ)
    except LedgerAddressError:
        return
    if isinstance(ledger, Path):
        yield ledger, "the ledger"
