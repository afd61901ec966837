"""What a part of a pack belongs to, and what kind of change a change of it is."""

from __future__ import annotations

from typing import Literal, NamedTuple

from phasegate.rules.model.canonical import READING

Kind = Literal[
    "removed",
    "enforcement",
    "bound",
    "condition",
    "reading",
    "age",
    "phase",
    "parameter",
    "contract",
    "added",
    "words",
]
"""In the order in which they are told: what can open a gate comes first."""
MEASURED = "measured"
"""The part of a measure that is its kind, with what belongs to that."""

_OWNERS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("points", "*", "criteria", "*"), "criterion {0}/{1}"),
    (("points", "*"), "point {0}"),
    (("areas", "*", "success"), "target {0}/success"),
    (("areas", "*", "kpi"), "target {0}/kpi"),
    (("areas", "*", "annual_value"), "target {0}/annual_value"),
    (("areas", "*"), "area {0}"),
    (("programme", "targets", "*"), "target programme/{0}"),
    (("programme",), "the programme's gate"),
    (("phases", "*"), "phase {0}"),
    (("parameters", "*"), "parameter {0}"),
    (("sources", "*", "columns", "*"), "column {1} of {0}"),
    (("sources", "*"), "the contract of {0}"),
    (("measures", "*"), "measure {0}"),
    ((READING, "sources", "*"), "the reading of {0}"),
    ((READING,), "the project"),
    (("map",), "the map document"),
    ((), "the pack"),
)
_WORDS = {"title", "text", "note", "name", "items", "must", "do", "flow", "frameworks", "section", "sections"}
_PACK_WORDS = {"pack", "version"}
_KINDS: dict[str, Kind] = {
    "criterion": "bound",
    "target": "bound",
    "point": "bound",
    "area": "words",
    "phase": "phase",
    "the programme's gate": "phase",
    "parameter": "parameter",
    "column": "contract",
    "the contract": "contract",
    "measure": "condition",
    "the reading": "reading",
    "the project": "reading",
    "the map document": "words",
    "the pack": "contract",
}


class Owner(NamedTuple):
    """A part of a pack that people call by its name.

    Attributes:
        path: where it stands.
        name: how it is called.
        rest: what of it is meant; nothing for the whole.
    """

    path: tuple[str, ...]
    name: str
    rest: tuple[str, ...]

    def __str__(self) -> str:
        return self.name

    @property
    def kind(self) -> Kind:
        """What kind of change a change of it is."""
        first = self.rest[0] if self.rest else ""
        if first in _WORDS or (not self.path and first in _PACK_WORDS):
            return "words"
        if first == "enforcement":
            return "enforcement"
        if first == "max_age":
            return "age"
        if first == "cycle":
            return "phase"
        if first == "baseline":
            return "condition"
        return next(kind for start, kind in _KINDS.items() if self.name.startswith(start))


def owner_of(path: tuple[str, ...]) -> Owner:
    """What the part at a path belongs to: the nearest around it that has a name, or itself."""
    for pattern, name in _OWNERS:
        head = path[: len(pattern)]
        if len(head) == len(pattern) and all(
            asked in ("*", key) for asked, key in zip(pattern, head, strict=True)
        ):
            ids = [key for asked, key in zip(pattern, head, strict=True) if asked == "*"]
            return Owner(head, name.format(*ids), path[len(pattern) :])
    raise AssertionError("the last pattern fits everything")
