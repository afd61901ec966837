"""What is checked before anything is measured: nothing is decided under a pack with a fault."""

from __future__ import annotations

from pathlib import Path

from phasegate.rules.diagnostics import Diagnostic, PackError, in_order
from phasegate.rules.errors import PhasegateError
from phasegate.rules.lint import lint
from phasegate.rules.load import LoadedPack, load_pack
from phasegate.rules.project_file import LoadedProject, find_project, load_project


class OtherPackError(PhasegateError):
    """A gate that was asked to decide under other rules than the ones at hand."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(
            f"the pack has the digest {found}, not {expected}", "the rules have changed: review them first"
        )


def hold_to(pack: LoadedPack, digest: str | None) -> None:
    """Sees that a pack is the one that was asked for; without a digest, any is.

    Raises:
        OtherPackError: if it is another.
    """
    if digest is not None and digest != pack.digest:
        raise OtherPackError(pack.digest, digest)


def ready_project(start: Path) -> LoadedProject:
    """The nearest project with its pack, once both are found to be without errors.

    Args:
        start: a project file, or a folder in or above which it stands.

    Raises:
        PackError: with every error of the project file, or of its pack.
        ProjectNotFoundError: if there is none.
    """
    loaded = load_project(find_project(start))
    errors = [fault for fault in pack_faults(loaded.pack) if fault.severity == "error"]
    if errors:
        raise PackError(errors, loaded.pack.name)
    return loaded


def pack_faults(loaded: LoadedPack) -> list[Diagnostic]:
    """Errors and warnings of a pack, its SQL included."""
    from phasegate.facts.expressions import check_pack_sql

    return lint(loaded, check_pack_sql)


def all_faults(pack: str | None, start: Path) -> list[Diagnostic]:
    """Every problem of a pack, or of a project with its pack and its waivers.

    Args:
        pack: a built-in pack's name or a folder; None for the nearest project.
        start: where the project is looked for.
    """
    try:
        if pack is not None:
            return pack_faults(load_pack(pack))
        loaded = load_project(find_project(start))
    except PackError as error:
        return list(error.diagnostics)
    return list(in_order([*pack_faults(loaded.pack), *_waiver_faults(loaded)]))


def _waiver_faults(loaded: LoadedProject) -> list[Diagnostic]:
    from phasegate.audit.run import project_waivers

    try:
        project_waivers(loaded)
    except PackError as error:
        return list(error.diagnostics)
    return []
