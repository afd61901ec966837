"""What a server shows, and what it needs to know for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from phasegate.monitoring.portfolio.row import MAX_AGE
from phasegate.rules.errors import PhasegateError
from phasegate.web.ledgers.served import ServedProject
from phasegate.web.ledgers.today import Today

_NOTHING: Mapping[str, str] = MappingProxyType({})


class SameProjectError(PhasegateError):
    """Two projects that would have one address."""

    def __init__(self, key: str, files: Sequence[Path]) -> None:
        super().__init__(
            f"{' and '.join(map(str, files))} would both be served as {key!r}",
            "name each project once, and give each an id of its own ('phasegate lint' proposes one)",
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
        max_age: so many days old may be what opens a gate today.
    """

    projects: Mapping[str, ServedProject]
    clock: Callable[[], dt.datetime]
    environ: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    title: str = "Projects"
    verifies: bool = True
    max_age: int = MAX_AGE

    @cached_property
    def today(self) -> Today:
        """How the projects stand today."""
        return Today(self.environ, self.max_age)

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
        found: dict[str, ServedProject] = {}
        for start in starts:
            project = ServedProject(start, environ)
            if project.key in found:
                raise SameProjectError(project.key, (found[project.key].file, project.file))
            found[project.key] = project
        return Config(found, clock, environ, title, verifies, max_age)
