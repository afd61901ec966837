"""What a server shows, and what it needs to know for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from phasegate.monitoring.portfolio.places import pinned_by
from phasegate.monitoring.portfolio.rollup import ALL, Rule
from phasegate.monitoring.portfolio.row import ANYTHING, MAX_AGE, Asked
from phasegate.rules.errors import PhasegateError
from phasegate.web.ledgers.served import ServedProject
from phasegate.web.ledgers.today import Today

if TYPE_CHECKING:
    from phasegate.rules.portfolio.load import LoadedPortfolio

_NOTHING: Mapping[str, str] = MappingProxyType({})


class SameProjectError(PhasegateError):
    """Two projects that would have one address."""

    def __init__(self, key: str, files: Sequence[Path]) -> None:
        super().__init__(
            f"{' and '.join(map(str, files))} would both be served as {key!r}",
            "name each project once, and give each an id of its own ('phasegate lint' proposes one)",
        )


class LedgerAloneError(PhasegateError):
    """A project of a portfolio of which only the ledger is named."""

    def __init__(self, project: str) -> None:
        super().__init__(
            f"{project} is named by its ledger alone, and no page can tell what its project file says",
            "name the folder of its project file with 'path'",
        )


@dataclass(frozen=True)
class Config:
    """What a server shows.

    Attributes:
        projects: by their keys in addresses, in the order in which they were named.
        clock: gives this moment.
        environ: the environment.
        title: of the first page.
        verifies: whether each ledger is verified as a whole in the background.
        asked: what is asked of each project for the first page.
        rule: when all of them together are open.
    """

    projects: Mapping[str, ServedProject]
    clock: Callable[[], dt.datetime]
    environ: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    title: str = "Projects"
    verifies: bool = True
    asked: Asked = ANYTHING
    rule: Rule = ALL

    @cached_property
    def today(self) -> Today:
        """How the projects stand today."""
        return Today(self.environ, self.asked)

    @staticmethod
    def of(
        starts: Sequence[Path],
        clock: Callable[[], dt.datetime],
        environ: Mapping[str, str] = _NOTHING,
        *,
        verifies: bool = True,
        title: str = "Projects",
        max_age: int = MAX_AGE,
    ) -> Config:
        """The configuration of a server of some projects.

        Args:
            starts: their folders or files.
            clock: gives this moment.
            environ: the environment.
            verifies: whether each ledger is verified in the background.
            title: of the first page.
            max_age: so many days old may be what opens a gate today.

        Raises:
            PhasegateError: if one is no project, or two would have one address.
        """
        found = _by_key(ServedProject(start, environ) for start in starts)
        return Config(found, clock, environ, title, verifies, Asked(max_age=max_age))

    @staticmethod
    def of_portfolio(
        loaded: LoadedPortfolio,
        clock: Callable[[], dt.datetime],
        environ: Mapping[str, str] = _NOTHING,
        *,
        verifies: bool = True,
    ) -> Config:
        """The configuration of a server of the projects of a portfolio file, by its rule.

        Args:
            loaded: the file.
            clock: gives this moment.
            environ: the environment.
            verifies: whether each ledger is verified in the background.

        Raises:
            PhasegateError: if one is no project or is named by its ledger alone, if two would have one
                address, or a checkpoint that the file names can not be read.
        """
        said = loaded.portfolio
        found = []
        for each in said.projects:
            if each.path is None:
                raise LedgerAloneError(each.project or "a project")
            pinned = pinned_by(each, loaded.root)
            found.append(
                ServedProject(
                    loaded.root / each.path, environ, name=each.name or "", weight=each.weight, pinned=pinned
                )
            )
        asked = Asked(said.gate, said.max_age_days)
        rule = Rule.of(said.rollup)
        return Config(_by_key(found), clock, environ, said.title, verifies, asked, rule)


def _by_key(projects: Iterable[ServedProject]) -> dict[str, ServedProject]:
    found: dict[str, ServedProject] = {}
    for project in projects:
        if project.key in found:
            raise SameProjectError(project.key, (found[project.key].file, project.file))
        found[project.key] = project
    return found
