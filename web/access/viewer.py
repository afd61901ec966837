"""Who looks at a page, and what they may see of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

ALL = "*"
"""In place of projects or areas: all of them, those to come too."""
VIEWER = "phasegate.viewer"
"""The key of a request's scope under which its `Viewer` stands."""


@dataclass(frozen=True)
class Grant:
    """What one role lets its holders see.

    Attributes:
        projects: ids of projects, or `ALL`.
        areas: ids of their areas, or `ALL`.
        evidence: whether rows behind verdicts and personal columns are among it.
    """

    projects: frozenset[str]
    areas: frozenset[str]
    evidence: bool = False

    def covers(self, project: str, area: str | None = None) -> bool:
        """Whether it is about an area of a project; without an area, about all of the project's areas."""
        return _among(project, self.projects) and (
            ALL in self.areas if area is None else _among(area, self.areas)
        )


@dataclass(frozen=True)
class Viewer:
    """Whoever sent a request, and what their roles add up to; without any, nobody may see anything.

    Attributes:
        name: who it is, as the log of evidence names them.
        grants: what each of their roles lets them see.
        note: writes down a look at evidence: who, at which project, at what, and whether it was allowed.
        sign_out: the path to which a form is posted that signs them out; None where there is no such thing.
    """

    name: str
    grants: tuple[Grant, ...]
    note: Callable[[str, str, str, bool], None] = field(repr=False, compare=False)
    sign_out: str | None = None

    @property
    def may_read_anything(self) -> bool:
        """Whether there is anything at all that they may see."""
        return bool(self.grants)

    def may_read(self, project: str) -> bool:
        """Whether they may see that the project is there, and those of its areas that they may see."""
        return any(_among(project, grant.projects) for grant in self.grants)

    def may_read_whole(self, project: str) -> bool:
        """Whether they may see what all areas of the project make together, such as its score."""
        return any(grant.covers(project) for grant in self.grants)

    def may_read_area(self, project: str, area: str) -> bool:
        """Whether they may see an area of a project, its points and criteria."""
        return any(grant.covers(project, area) for grant in self.grants)

    def may_see_evidence(self, project: str, area: str | None = None) -> bool:
        """Whether they may see rows and personal columns of an area; without one, of the whole project."""
        return any(grant.evidence and grant.covers(project, area) for grant in self.grants)

    def look_at_evidence(self, project: str, what: str, area: str | None = None) -> bool:
        """Whether they may see it, as above; that they asked is written down before the answer is given.

        To be asked once for each page with evidence on it, before anything of it is sent.

        Args:
            project: the id of the project.
            what: which evidence, by its ids alone, such as ``run 41, 1.1.1/framework``; never a value of it.
            area: the id of the area that it belongs to.

        Raises:
            OSError: if it can not be written down; it must not be shown then.
        """
        allowed = self.may_see_evidence(project, area)
        self.note(self.name, project, what, allowed)
        return allowed


def viewer_of(scope: object) -> Viewer:
    """The viewer of a request.

    Raises:
        UnguardedError: if the request came by another way than through the guard.
    """
    found = scope.get(VIEWER) if isinstance(scope, dict) else None
    if not isinstance(found, Viewer):
        raise UnguardedError
    return found


class UnguardedError(RuntimeError):
    """A page was asked without the guard before it."""

    def __init__(self) -> None:
        super().__init__("a request reached a page without a viewer: the guard is not before it")


def _among(one: str, several: Iterable[str]) -> bool:
    return ALL in several or one in several
