"""Where the rows of a portfolio come from: a project's ledger, by the project's file or by its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from phasegate.audit.trail.pinned import NOTHING_PINNED, Pinned
from phasegate.rules.diagnostics.diagnostic import PackError
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.project import PROJECT_FILE, read_project
from phasegate.rules.loading.project_includes import with_parts
from phasegate.rules.values.ledger_address import VARIABLE, given_address, ledger_address
from phasegate.rules.values.paths import resolved

if TYPE_CHECKING:
    from phasegate.audit.signing.signers import Signers
    from phasegate.rules.portfolio.load import LoadedPortfolio
    from phasegate.rules.portfolio.model import PortfolioProject


class NoProjectFileError(PhasegateError):
    """A path at which there is no project: one above it is another one."""

    def __init__(self, path: Path, *, folder: bool = False) -> None:
        super().__init__(
            f"there is no {PROJECT_FILE} in {path}" if folder else f"there is no project file {path}",
            "name the folder of a project, or its file",
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row comes from.

    Attributes:
        name: what the project is called in the portfolio; empty for what it calls itself.
        shown: what was written for it.
        weight: what it counts in a roll-up by weight.
        address: of its ledger; None where that is not known.
        project: its id; None for one without.
        title: under which people know it; None where its newest run tells.
        signers: those whom its file lists; None where only the ledger says who they are.
        cycle: the id of the cycle that its file names; None where that of the newest run is meant.
        file: the project file; None where it is known by its ledger alone.
        fault: why nothing is known of it; None if nothing is wrong.
        pinned: what the portfolio holds its ledger to.
    """

    name: str
    shown: str
    weight: int = 1
    address: str | Path | None = None
    project: str | None = None
    title: str | None = None
    signers: Signers | None = None
    cycle: str | None = None
    file: Path | None = None
    fault: PhasegateError | None = None
    pinned: Pinned = NOTHING_PINNED


def place_of_project(path: Path, environ: Mapping[str, str], name: str = "", weight: int = 1) -> Place:
    """The place of a project with a file; what is wrong with that is the row's fault.

    Its pack, its tables and its other files are not looked at.

    Args:
        path: the project's folder, or its file.
        environ: the environment.
        name: what it is called in the portfolio.
        weight: what it counts.
    """
    from phasegate.audit.signing.signers import Signers

    try:
        file = _file_at(path)
        reading = read_project(file, with_pack=False)
        project, faults = with_parts(reading.project, reading.root, reading.origin)
        if reading.faults or faults:
            raise PackError([*reading.faults, *faults], reading.file.name)
        address = ledger_address(project.ledger, reading.root, environ)
        signers = Signers.of(project)
    except PhasegateError as error:
        return Place(name, str(path), weight, fault=error)
    cycle = project.cycle.id if project.cycle is not None else None
    return Place(name, str(path), weight, address, project.id, project.title, signers, cycle, file)


def _file_at(path: Path) -> Path:
    """The project file at a path: in that folder itself, and in none above it.

    Raises:
        NoProjectFileError: if there is none.
    """
    try:
        found = resolved(path)
        folder = found.is_dir()
        found = found / PROJECT_FILE if folder else found
        there = found.is_file()
    except (OSError, ValueError) as error:  # a name that no file system takes
        raise NoProjectFileError(path) from error
    if not there:
        raise NoProjectFileError(path, folder=folder)
    return found


def place_of_ledger(
    written: str, project: str, root: Path, environ: Mapping[str, str], name: str = "", weight: int = 1
) -> Place:
    """The place of a project that is known by its ledger alone.

    Args:
        written: a path, seen from a folder, the URL of a database, or ``env:NAME``.
        project: the id of the project.
        root: the folder.
        environ: the environment.
        name: what it is called in the portfolio.
        weight: what it counts.
    """
    try:
        if written.startswith(VARIABLE):
            address = ledger_address(written, root, environ)
        else:
            address = given_address(written)
            address = root / address if isinstance(address, Path) else address
    except PhasegateError as error:
        return Place(name, project, weight, project=project, fault=error)
    return Place(name, project, weight, address, project)


def places_of(loaded: LoadedPortfolio, environ: Mapping[str, str]) -> list[Place]:
    """The places of the projects of a portfolio file, in its order.

    Args:
        loaded: the file.
        environ: the environment.
    """
    return [_place_of(each, loaded.root, environ) for each in loaded.portfolio.projects]


def _place_of(each: PortfolioProject, root: Path, environ: Mapping[str, str]) -> Place:
    name = each.name or ""
    if each.path is not None:
        found = place_of_project(root / each.path, environ, name, each.weight)
    else:
        found = place_of_ledger(each.ledger or "", each.project or "", root, environ, name, each.weight)
    try:
        return replace(found, pinned=pinned_by(each, root))
    except PhasegateError as error:
        return replace(found, fault=error)


def pinned_by(each: PortfolioProject, root: Path) -> Pinned:
    """What a portfolio holds the ledger of one of its projects to.

    Args:
        each: the project.
        root: the folder of the portfolio file.

    Raises:
        PhasegateError: if a checkpoint that it names is none, or can not be read.
    """
    from phasegate.audit.signing.signers import Signers
    from phasegate.audit.verification.proof_subject import kept_checkpoint

    signers = Signers.of(each) if each.signers else None
    kept = kept_checkpoint(each.checkpoint, root) if each.checkpoint is not None else None
    return Pinned(signers, kept)
