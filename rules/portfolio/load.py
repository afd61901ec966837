"""Reads portfolio files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from phasegate.rules.diagnostics.diagnostic import Diagnostic, PackError
from phasegate.rules.diagnostics.recovery import read_as_far
from phasegate.rules.diagnostics.source_map import Origin
from phasegate.rules.diagnostics.unresolved import Unread
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.ledger_errors import SignerFaults
from phasegate.rules.loading.pack_files import read_limited, read_trees
from phasegate.rules.portfolio.model import PROJECTS, PortfolioFile, PortfolioProject
from phasegate.rules.values.folding import folded
from phasegate.rules.values.ledger_address import VARIABLE, LedgerAddressError, given_address, has_password
from phasegate.rules.values.paths import resolved

PORTFOLIO_FILE = "phasegate.portfolio.yaml"
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class PortfolioNotFoundError(PhasegateError):
    """No portfolio file in the folder and none above it."""

    def __init__(self, start: Path) -> None:
        super().__init__(
            f"there is no {PORTFOLIO_FILE} in {start} or above it",
            "name projects by their folders, or a portfolio file with --file; "
            "'phasegate schema portfolio' tells its form",
        )


@dataclass(frozen=True)
class LoadedPortfolio:
    """A portfolio file.

    Attributes:
        portfolio: what it says.
        root: its folder, from which its paths are seen.
        file: the file.
    """

    portfolio: PortfolioFile
    root: Path
    file: Path


def find_portfolio(start: Path) -> Path:
    """The nearest portfolio file, in a folder or above it.

    Raises:
        PortfolioNotFoundError: if there is none.
    """
    here = resolved(start)
    for folder in (here, *here.parents):
        if (file := folder / PORTFOLIO_FILE).is_file():
            return file
    raise PortfolioNotFoundError(start)


def load_portfolio(path: Path) -> LoadedPortfolio:
    """Reads a portfolio file; its projects are not looked at.

    Raises:
        PackError: with every problem of it.
        UnreadableFileError: if it can not be read.
    """
    file = resolved(path)
    trees, faults = read_trees({file.name: read_limited(file, file.name)})
    if faults:
        raise PackError(faults, file.name)
    (tree,) = trees
    tree.mask(_secrets(tree.data))
    origin = Origin({(): (tree, ())}, file.name)
    portfolio, faults, unread = read_as_far(PortfolioFile, _loose, tree.data, origin.diagnose)
    if portfolio is not None:
        faults += _Faults(portfolio, file.parent, origin, unread).found()
    if portfolio is None or faults:
        raise PackError(faults, file.name)
    return LoadedPortfolio(portfolio, file.parent, file)


def _secrets(data: Mapping[str, Any]) -> list[str]:
    """The addresses with passwords in a file, wherever they stand."""
    found, waiting = [], [data]
    while waiting:
        one: Any = waiting.pop()
        if isinstance(one, str) and has_password(one):
            found.append(one)
        waiting += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
    return found


class _Faults:
    """What is wrong with a portfolio and shows in no part of it alone."""

    def __init__(self, portfolio: PortfolioFile, root: Path, origin: Origin, unread: Unread) -> None:
        self._portfolio, self._root = portfolio, root
        self._origin, self._unread = origin, unread

    def found(self) -> Iterator[Diagnostic]:
        names: dict[str, int] = {}
        places: dict[tuple[str, str | None], int] = {}
        for index, each in enumerate(self._portfolio.projects):
            if each.ledger is not None:
                yield from self._ledger(index, each.ledger)
            at = (PROJECTS, index, "signers")
            yield from SignerFaults(each.signers, at, self._origin, self._unread).found()
            first = names.setdefault(folded(each.name), index) if each.name is not None else index
            if first != index:
                message = f"a second project is called {each.name!r}"
                yield from self._twice("duplicate-name", message, index, first, "name")
            first = places.setdefault(self._place(each), index)
            if first != index:
                message = "the project is named a second time, and would count twice"
                yield from self._twice(
                    "project-twice", message, index, first, "path" if each.path else "project"
                )
        rule = self._portfolio.rollup
        if rule is not None and rule.at_least is not None:
            yield from self._reachable(rule.at_least)

    def _place(self, project: PortfolioProject) -> tuple[str, str | None]:
        written = project.path if project.path is not None else project.ledger or ""
        outside = written.startswith(VARIABLE) or "://" in written
        if project.path is None and outside:
            return written, project.project
        return os.path.realpath(self._root / written.replace("\0", "")), project.project

    def _ledger(self, index: int, written: str) -> Iterator[Diagnostic]:
        at = (PROJECTS, index, "ledger")
        if has_password(written):
            # Without the line that it stands in, which would be printed into every log.
            hint = "write env:NAME, and put the address into that variable"
            position = self._origin.position(self._unread.as_written(at))
            yield Diagnostic("password", "the ledger's address carries a password", position, hint, None)
        elif written.startswith(VARIABLE):
            name = written.removeprefix(VARIABLE)
            if not _VARIABLE_NAME.fullmatch(name):
                message = f"{name!r} is not the name of an environment variable"
                yield from self._told("bad-name", message, at, "write it as env:PHASEGATE_LEDGER")
        else:
            try:
                given_address(written)
            except LedgerAddressError as error:
                yield from self._told("bad-ledger", error.message, at, error.hint)

    def _twice(self, rule: str, message: str, index: int, first: int, key: str) -> Iterator[Diagnostic]:
        other = self._origin.position(self._unread.as_written((PROJECTS, first)))
        yield from self._told(rule, message, (PROJECTS, index, key), f"the first one stands at {other}")

    def _reachable(self, least: int) -> Iterator[Diagnostic]:
        number = len(self._portfolio.projects)
        if least > number and not self._unread:
            message = f"at least {least:,} of {number:,} projects can never be open"
            at = ("rollup", "at_least")
            yield from self._told("bad-rollup", message, at, f"write {number} or less, or add projects")

    def _told(
        self, rule: str, message: str, at: tuple[str | int, ...], hint: str | None
    ) -> Iterator[Diagnostic]:
        if not self._unread.covers(at):
            yield self._origin.diagnose(rule, message, self._unread.as_written(at), hint, "value")


@cache
def _loose() -> type[PortfolioFile]:
    """The model of a file that needs nothing, for one of which not everything can be read."""

    class LoosePortfolio(PortfolioFile):
        projects: tuple[PortfolioProject, ...] = ()

    return LoosePortfolio
