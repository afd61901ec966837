"""One piece of a map held against a pack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from phasegate.rules.maps.reader.alignment import normal

Kind = Literal[
    "points", "criteria", "phases", "success targets", "KPIs", "annual values", "total value", "ROI",
    "phase members", "areas", "sections", "titles", "places", "flows", "frameworks", "document lines",
    "cycle",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)
State = Literal["matched", "missing", "extra", "changed"]
Path = tuple[str | int, ...]


class RuleLocation(Protocol):
    """Where something stands in the pack."""

    @property
    def file(self) -> str:
        """The file, relative to the pack."""

    @property
    def line(self) -> int:
        """The line, from 1."""


Where = Callable[[Path], RuleLocation]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One piece of the map held against the pack.

    Attributes:
        kind: what it is.
        subject: which one, such as ``1.1.1/framework`` or ``phase 2``.
        state: ``matched``; ``missing``, in the map and not in the pack; ``extra``, in the pack and not
            in the map; ``changed``, in both and not the same.
        map_text, pack_text: what each side says, None where it says nothing.
        map_line: where the map says it, or where it would; None if nowhere.
        pack_file, pack_line: where the pack says it, or where it would.
        within: the missing or extra piece that this one belongs to, so that it is told once; None if
            it stands for itself.
        note: what changed where the two texts do not show it.
    """

    kind: Kind
    subject: str
    state: State
    map_text: str | None
    map_line: int | None
    pack_text: str | None
    pack_file: str | None
    pack_line: int | None
    within: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Sides:
    """Makes comparisons; knows where the parts of the pack stand."""

    where: Where

    def compare(
        self,
        kind: Kind,
        subject: str,
        of_map: tuple[str, int] | None,
        of_pack: tuple[str, Path] | None,
        *,
        same: bool | None = None,
        near_line: int | None = None,
        near_path: Path | None = None,
        within: str | None = None,
        note: str | None = None,
    ) -> Comparison:
        """Holds one piece against the other.

        Args:
            kind: what it is.
            subject: which one.
            of_map: the map's text and its line, None if the map does not have it.
            of_pack: the pack's text and its path, None if the pack does not have it.
            same: whether the two are the same; by default their texts decide.
            near_line: where the map would have it.
            near_path: where the pack would have it.
            within: the missing or extra piece that it belongs to.
            note: what changed where the two texts do not show it; a note is a change.
        """
        state: State
        if of_map is None:
            state = "extra"
        elif of_pack is None:
            state = "missing"
        else:
            equal = (
                note is None and normal(of_map[0]) == normal(of_pack[0])
                if same is None
                else same and note is None
            )
            state = "matched" if equal else "changed"
        path = of_pack[1] if of_pack else near_path
        place = self.where(path) if path is not None else None
        return Comparison(
            kind=kind,
            subject=subject,
            state=state,
            map_text=of_map[0] if of_map else None,
            map_line=of_map[1] if of_map else near_line,
            pack_text=of_pack[0] if of_pack else None,
            pack_file=place.file if place else None,
            pack_line=place.line if place else None,
            within=within if state != "matched" else None,
            note=note if state == "changed" else None,
        )
