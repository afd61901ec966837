"""What of a pack could not be read, so that nothing is said that only follows from it.

A measure with a malformed unit is told once, where it stands. That some bound does not fit its unit,
or that there is no such measure, would be said of what its author wrote wrong, not of what they meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from phasegate.rules.diagnostics.problem import ANY, Problem
from phasegate.rules.yaml.parser import Path, Step


@dataclass(frozen=True)
class Unread:
    """The parts of a file, or of several that make one, that could not be read.

    Attributes:
        places: what was written there, by path; None where something is missing.
        moved: by the path of a list or mapping, where its entries stood as they were written, for
            those that stand elsewhere now that others are left out.
        data: what could be read.
        files: the texts of files that could not be read at all.
        strangers: the parts with a key that nobody can tell the meaning of; it may stand for any key
            that is not there.
    """

    places: Mapping[Path, Any] = field(default_factory=dict)
    moved: Mapping[Path, Mapping[Step, Step]] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    strangers: tuple[Path, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.places or self.files or self.strangers)

    def as_written(self, path: Path) -> Path:
        """Where a part stands in the file, by where it stands in what could be read."""
        return as_written(path, self.moved)

    def covers(self, path: Path) -> bool:
        """Whether a part is not wholly known: itself, a part of it, or what it is part of.

        Args:
            path: the part; `ANY` stands for each step.
        """
        path = self.as_written(path)
        if self._meets(path) or self._in_a_file(path):
            return True
        return any(
            len(path) > len(part) and _meet(part, path) and self._has_no(part, path[len(part)])
            for part in self.strangers
        )

    def hides(self, problem: Problem) -> bool:
        """Whether a problem lies in an unread part, or is none if that part says the right thing."""
        if not self:
            return False
        path = self.as_written(problem.path)
        deepest = len(path) + (problem.part == "value")
        inside = any(path[:length] in self.places for length in range(1, deepest))
        return inside or any(self.covers(part) for part in problem.rests)

    def garbles(self, path: Path) -> bool:
        """Whether the expression at a path names a column or a parameter that could not be read."""
        around = set(texts(at(self.data, path[:2])))
        for part in self.strangers:
            if part[0:1] == ("sources",) and part[-1] in {*around, path[1]} and self._has_no(part, "derive"):
                return True
        sql = "\n".join(texts(at(self.data, path)))
        if self._named.intersection(re.findall(r"\w+", sql)):
            return True
        return any(self.covers(("parameters", name)) for name in re.findall(r":(\w+)", sql))

    def uses(self, names: Iterable[str], places: Iterable[Path], in_text: bool = False) -> set[str]:
        """Those of some names that unread parts may use.

        Args:
            names: names of parts.
            places: where one of them would be named; `ANY` stands for each step.
            in_text: whether it would be named in a text at such a place, not by a step to it.

        Returns:
            The names that stand in what was written there; all of them, if nothing stands where one
            of them would be named, or what can hold none.
        """
        if not self:
            return set()
        patterns = list(places)
        for place, written in self.places.items():
            here = _flat(place)
            above = {len(one) - len(here) for one in patterns if _meet(here, one)}
            mute = not any(texts(written))
            barren = mute or not isinstance(written, dict | list)
            if (barren and any(steps > 0 for steps in above)) or (
                in_text and mute and min(above, default=1) <= 0
            ):
                return set(names)
        said = (text for written in self.places.values() for text in texts(written))
        return set(self._in_files.union(*map(_names, said)).intersection(names))

    def renamed(self, rename: Callable[[Path], Path | None], data: Mapping[str, Any]) -> Unread:
        """The same where the parts have other paths; None for what has none."""
        places = {new: written for old, written in self.places.items() if (new := rename(old))}
        moved = {new: steps for old, steps in self.moved.items() if (new := rename(old))}
        strangers = tuple(new for old in self.strangers if (new := rename(old) if old else old) is not None)
        return replace(self, places=places, moved=moved, data=data, strangers=strangers)

    def _meets(self, path: Path) -> bool:
        """Whether a place leads to a part, or to what it is part of, or to a part of it."""
        if ANY in path:
            return any(_meet(place, path) for place in self.places)
        if any(path[:length] in self.places for length in range(1, len(path) + 1)) or path in self._around:
            return True
        return any(_meet(place, path) for place in self._vague)

    @cached_property
    def _around(self) -> frozenset[Path]:
        """What the places are parts of."""
        return frozenset(place[:length] for place in self.places for length in range(1, len(place)))

    @cached_property
    def _vague(self) -> tuple[Path, ...]:
        return tuple(place for place in self.places if ANY in place)

    @cached_property
    def _named(self) -> frozenset[Step]:
        """The columns and parameters that could not be read."""
        columns = {place[3] for place in self.places if place[0] == "sources" and len(place) > 3}
        return frozenset(
            columns | {place[1] for place in self.places if place[0] == "parameters" and place[1:]}
        )

    def _has_no(self, part: Path, key: Step) -> bool:
        found = at(self.data, part)
        return not isinstance(found, dict) or key not in found

    def _in_a_file(self, path: Path) -> bool:
        """Whether a part may stand in a file that could not be read."""
        if not self.files or (len(path) > 2 and path[1] in self.data.get(str(path[0]), ())):
            return False
        name = path[min(1, len(path) - 1)]
        return name == ANY or str(name) in self._in_files

    @cached_property
    def _in_files(self) -> frozenset[str]:
        return frozenset(name for text in self.files for name in _names(text))


def as_written(path: Path, moved: Mapping[Path, Mapping[Step, Step]]) -> Path:
    """A path with its steps as they stood before entries were left out."""
    written: Path = ()
    for step in path:
        steps = moved.get(written)
        written += (steps.get(step, step) if steps else step,)
    return written


def at(data: Any, path: Path) -> Any:
    """What stands at a path; None if nothing does."""
    for step in path:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def texts(written: Any) -> Iterator[str]:
    """Every text, keys included, of what was written."""
    waiting = [written]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one


def _names(text: str) -> Iterator[str]:
    """Every name in a text; ``a`` and ``a.b`` too where it says ``a.b.c``, which may be a field."""
    for found in re.findall(r"[A-Za-z0-9_.-]+", text):
        parts = found.split(".", 8)
        yield from (".".join(parts[:length]) for length in range(1, len(parts) + 1))


def _flat(path: Path) -> Path:
    """A path into a choice within a choice as if it led into the choice alone."""
    if "any_of" not in path:
        return path
    last = len(path) - 1 - path[::-1].index("any_of")
    return path[: path.index("any_of")] + path[last:]


def _meet(one: Path, other: Path) -> bool:
    """Whether one path leads to the other or to a part of it."""
    return all(a == b or ANY in (a, b) for a, b in zip(one, other, strict=False))
