"""The names of places on the page: stable, one for each thing, and no link to what is not there."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Literal

from phasegate.reports.html.filters import PLACES
from phasegate.reports.html.markup import Child, Markup, filled, joined

if TYPE_CHECKING:
    from phasegate.records.schema import Record

Kind = Literal["criterion", "point", "gate", "source"]
SECTIONS = frozenset(
    """verdict gates changes takes targets next points findings failed undecided waived advisory passed
    does-not-apply others figures sign-off sources provenance""".split()
)
"""Names that the page itself has for its parts."""
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
_PREFIX: dict[Kind, str] = {"criterion": "", "point": "", "gate": "gate-", "source": "source-"}


class Anchors:
    """Where each thing of a record stands on the page.

    A criterion stands at its id, ``/`` written as ``-``: ``2.2.1-validation``. Where two things would
    stand at one place, what comes later gets the start of a digest of its id behind its name.

    Args:
        record: what is told.
    """

    def __init__(self, record: Record) -> None:
        self._places: dict[tuple[Kind, str], str] = {}
        self._taken = {*SECTIONS, *PLACES}
        for criterion in record["criteria"]:
            self._put("criterion", criterion["id"])
        for point in record["points"]:
            self._put("point", point["id"])
        for gate in record["gates"]:
            self._put("gate", gate["id"])
        for source in record["sources"]:
            self._put("source", source["name"])

    def place(self, kind: Kind, name: str) -> str | None:
        """The place of a thing; None where the page has none of that name."""
        return self._places.get((kind, name))

    def link(self, kind: Kind, name: str, *children: Child) -> Markup:
        """A link to a thing, or the same without a link where the page does not have it.

        Args:
            kind: what it is.
            name: its id.
            children: what is shown; the name where there are none.
        """
        place = self.place(kind, name)
        shown = children[0] if len(children) == 1 else joined(children or (name,))
        return filled("{}", shown) if place is None else filled('<a href="#{}">{}</a>', place, shown)

    def _put(self, kind: Kind, name: str) -> None:
        plain = place = f"{_PREFIX[kind]}{_UNFIT.sub('-', name[:200]) or '-'}"
        digest = f"{kind} {name}"
        while place in self._taken:
            digest = hashlib.sha256(digest.encode("utf-8", "backslashreplace")).hexdigest()
            place = f"{plain}-{digest[:12]}"
        self._taken.add(place)
        self._places[kind, name] = place
