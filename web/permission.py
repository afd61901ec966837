"""Who may read what: asked in one function for every page, answer of the API and feed, and nowhere else.

`web.access` puts a viewer into the scope of each request. One that has none is answered with nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from enum import Enum
from typing import Any, Protocol, cast

from phasegate.web.errors import NotAllowedError, NotThereError

VIEWER = "phasegate.viewer"
"""The key of the scope under which the viewer stands."""


class Viewer(Protocol):
    """Whoever asks."""

    @property
    def name(self) -> str:
        """What they are called."""
        ...

    @property
    def grants(self) -> Hashable:
        """What they may see; who has the same may see the same."""
        ...

    @property
    def sign_out(self) -> str | None:
        """The path to which a form is posted that signs them out; None where there is no such thing."""
        ...

    def may_read(self, project: str) -> bool:
        """Whether they may see that a project is there, and those of its areas that they may see."""
        ...

    def may_read_whole(self, project: str) -> bool:
        """Whether they may see what all of its areas make together, such as a gate."""
        ...

    def may_read_area(self, project: str, area: str) -> bool:
        """Whether they may see what was decided in an area of it."""
        ...

    def may_see_evidence(self, project: str, area: str | None = None) -> bool:
        """Whether they may see rows of an area; without one, of the whole project."""
        ...

    def look_at_evidence(self, project: str, what: str, area: str | None = None) -> bool:
        """The same, and it is written down that they looked."""
        ...


class Needs(Enum):
    """What a page shows, and so what whoever reads it must be allowed."""

    NOTHING = "nothing of any project"
    EACH = "of each project what may be read"
    PART = "a project, without what stands in areas that may not be read"
    WHOLE = "what all areas of a project make together"


def viewer_of(scope: Mapping[str, Any]) -> Viewer:
    """Whoever asks.

    Raises:
        NotAllowedError: if nobody is named: the request came by another way than through the guard.
    """
    viewer = scope.get(VIEWER)
    if viewer is None:
        raise NotAllowedError("anything here")
    return cast("Viewer", viewer)


def permit(viewer: Viewer, needs: Needs, project: str | None) -> None:
    """Lets a request through, or not; nothing is opened for one that is not let through.

    Args:
        viewer: whoever asks.
        needs: what the page shows.
        project: of which project; None for a page of none.

    Raises:
        NotThereError: if they may not know of the project.
        NotAllowedError: if they may not read this of it.
    """
    if needs in (Needs.NOTHING, Needs.EACH):
        return
    if project is None or not viewer.may_read(project):
        raise NotThereError("there is no such project here", "the first page lists those that you may read")
    if needs is Needs.WHOLE and not viewer.may_read_whole(project):
        raise NotAllowedError("what all areas of this project make together")
