"""Opens a ledger for those who read what one project has in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from phasegate.audit.errors import TrailError
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.project_entries import named_in, owner_of
from phasegate.audit.signing.signers import Signers
from phasegate.audit.statements.adoptions import narrowed
from phasegate.audit.trail.locate import LedgerOf, glanced_ledger, nearest_project, whole_ledger
from phasegate.audit.trail.trail import reading
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.project import LoadedProject
from phasegate.rules.values.ledger_address import ledger_address


class SeveralProjectsError(TrailError):
    """A ledger of several projects, and nobody says which one is meant."""

    def __init__(self, shown: str, names: Collection[str]) -> None:
        super().__init__(
            f"{shown} holds entries of {', '.join(sorted(names))}, and it is not said whose are meant",
            "name the project's folder with --project, or a run by its number; "
            "'phasegate runs --all-projects' lists them",
        )


class OtherProjectError(TrailError):
    """A run of another project than the one that is asked for."""

    def __init__(self, run: int, name: str) -> None:
        super().__init__(
            f"run {run} is of {name}, and not of this project",
            "name that project's folder with --project; 'phasegate runs --all-projects' lists all runs",
        )


class UnadoptedError(TrailError):
    """A run from before projects had ids, where one is asked for that counts."""

    def __init__(self, run: int) -> None:
        super().__init__(
            f"run {run} is from before the project had an id, and nobody's until it is adopted",
            "'phasegate ledger adopt --up-to N' takes on the first N entries of the ledger",
        )


def project_ledger(
    ledger: str | None,
    start: Path,
    environ: Mapping[str, str],
    *runs: str,
    whole: bool = False,
    counting: bool = False,
) -> Ledger:
    """Opens a ledger for reading: the one that is named, or that of the nearest project.

    The entries of one project are found in it: of the nearest one, of the one whose a named run is, or of
    the only one that there is. A run from before projects had ids is anybody's to read.

    Args:
        ledger: a path or an address; None for the project's.
        start: where the project is looked for. Without one, the ledger beside is taken.
        environ: the environment.
        runs: those that somebody names, by a number or as ``latest``.
        whole: whether the entries of nobody are found too, which the project has not adopted.
        counting: whether the runs are to count for something, so that none may be nobody's.

    Raises:
        LedgerError: if there is none, or it can not be opened.
        OtherProjectError: if a run is of another project.
        SeveralProjectsError: if nothing says which project is meant.
        UnadoptedError: if a run that is to count is nobody's.
    """
    log = whole_ledger(ledger, start, environ)
    return _narrowed(log, ledger, start, runs, whole=whole, counting=counting)


def ledger_of(loaded: LoadedProject, environ: Mapping[str, str]) -> Ledger | None:
    """The ledger of a project for reading, in which its own entries are found; None while there is none.

    Raises:
        LedgerError: if it can not be opened.
    """
    log = reading(ledger_address(loaded.project.ledger, loaded.root, environ))
    if log is None:
        return None
    try:
        listed = Signers.of(loaded.project) if loaded.project.signers else None
        return narrowed(log, LedgerOf(loaded.project.id, listed))
    except BaseException:
        log.close()
        raise


def glanced_project_ledger(ledger: str | None, start: Path, environ: Mapping[str, str]) -> Ledger:
    """The same ledger for a glance, which writes nothing and asks no server; see `project_ledger`.

    Raises:
        LedgerError: if it is none in a file, or can not be opened.
    """
    return _narrowed(glanced_ledger(ledger, start, environ), ledger, start, (), whole=False, counting=False)


def _narrowed(
    log: Ledger, ledger: str | None, start: Path, runs: Sequence[str], *, whole: bool, counting: bool
) -> Ledger:
    try:
        names = named_in(log)
        kept = {number: log.find(("run",), run=number) for number in map(_number, runs) if number is not None}
        found = {number: next(map(owner_of, rows), None) for number, rows in kept.items()}
        whose = _whose(ledger, start, names)
        if whose is None:
            ids = {each for each in found.values() if each is not None} or names
            if len(ids) > 1:
                raise SeveralProjectsError(log.shown, names.values())
            whose = LedgerOf(next(iter(ids), None))
        for number, id_ in found.items():
            if id_ not in (None, whose.project):
                raise OtherProjectError(number, names.get(id_, id_))
        nobodys = [number for number, id_ in found.items() if id_ is None]
        if whose.project is not None and not counting and (whole or nobodys):
            return log.of(whose.project, (range(log.size()),))
        narrowed(log, whose)
        for number in nobodys if counting else ():
            if kept[number] and not log.find(("run",), run=number):
                raise UnadoptedError(number)
        return log
    except BaseException:
        log.close()
        raise


def _whose(ledger: str | None, start: Path, names: Collection[str]) -> LedgerOf | None:
    """Whose entries are meant, by the nearest project; of a ledger that is named, if it knows that."""
    try:
        project = nearest_project(start)
    except PhasegateError:
        if ledger is None:
            raise
        return None
    if project is None or (ledger is not None and project.project.id not in names):
        return None
    return LedgerOf(project.project.id, Signers.of(project.project) if project.project.signers else None)


def _number(given: str) -> int | None:
    return int(given) if given.isdecimal() and len(given) < 12 else None
