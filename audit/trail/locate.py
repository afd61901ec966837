"""Opens the ledger that somebody names, or that of the nearest project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.store import LedgerError
from phasegate.audit.signing.signers import Signers
from phasegate.rules.diagnostics.diagnostic import PackError
from phasegate.rules.loading.project import ProjectNotFoundError, ProjectReading, find_project, read_project
from phasegate.rules.values.ledger_address import DEFAULT_LEDGER, given_address, ledger_address


@dataclass(frozen=True, slots=True)
class LedgerOf:
    """Whose entries of a ledger are read.

    Attributes:
        project: the id of the project; None for one without.
        signers: those whom its file lists; None for those of its newest list in the ledger.
    """

    project: str | None
    signers: Signers | None = None


def whole_ledger(ledger: str | None, start: Path, environ: Mapping[str, str]) -> Ledger:
    """Opens a ledger for reading, with the entries of all projects: the one that is named, or the nearest.

    Args:
        ledger: a path or an address; None for the project's.
        start: where the project is looked for. Without one, the ledger beside is taken.
        environ: the environment.

    Raises:
        LedgerError: if there is none, or it can not be opened.
    """
    return Ledger.open(_address(ledger, start, environ))


def glanced_ledger(ledger: str | None, start: Path, environ: Mapping[str, str]) -> Ledger:
    """The same ledger for a glance, which writes nothing and asks no server; see `whole_ledger`.

    Raises:
        LedgerError: if it is none in a file, or can not be opened.
    """
    address = _address(ledger, start, environ)
    if isinstance(address, str):
        raise LedgerError("a ledger on a server is not glanced at")
    return Ledger.glance(address)


def _address(ledger: str | None, start: Path, environ: Mapping[str, str]) -> str | Path:
    if ledger is not None:
        return given_address(ledger)
    project = nearest_project(start)
    if project is None:
        return start / DEFAULT_LEDGER
    return ledger_address(project.project.ledger, project.root, environ)


def newest_checkpoint(ledger: Ledger) -> str:
    """The signed note over all entries of a ledger.

    Raises:
        LedgerError: if it has none yet.
    """
    note = ledger.newest_checkpoint()
    if note is None:
        raise LedgerError(f"{ledger.shown} has no checkpoint yet", "the first run that is kept makes it")
    return note


def nearest_project(start: Path) -> ProjectReading | None:
    """The nearest project's file alone; None where there is none.

    What is wrong with its pack is no matter of those who only read the ledger.

    Raises:
        PackError: with every problem of the project file.
    """
    try:
        reading = read_project(find_project(start), with_pack=False)
    except ProjectNotFoundError:
        return None
    if reading.faults:
        raise PackError(reading.faults, reading.file.name)
    return reading
