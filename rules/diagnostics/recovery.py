"""Reads as much of a file as can be read, so that what is wrong with the rest is told at once too.

What a model refuses is left out, or something that says nothing is put in its place, until the model
takes what is left. Nothing is ever decided by what comes out: it is there to be looked through.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

from phasegate.rules.diagnostics.diagnostic import Diagnostic
from phasegate.rules.diagnostics.schema_errors import Diagnose, SchemaFault, diagnostics, find_faults, outside
from phasegate.rules.diagnostics.unresolved import Unread, as_written, at
from phasegate.rules.yaml.parser import Path, Step

_Model = TypeVar("_Model", bound=BaseModel)
_NAME = "unread"
_WORDS = frozenset({"title", "text", "name", "reason", "risk_owner", "path", "table"})
"""Keys whose text nothing rests on."""
_SQL = frozenset(
    {"count", "sum", "mean", "median", "distinct", "exists", "sql", "of", "over", "value", "where"}
    | {"actual", "expected", "forecast"}
)
_WHEN = "2000-01-01T00:00:00Z"
_STAND_INS: dict[str, Any] = {
    **dict.fromkeys(_WORDS, "?"),
    **dict.fromkeys(("id", "pack", "from", "requester", "approver", "requirement"), _NAME),
    **dict.fromkeys(("granted", "start", "end"), _WHEN),
    "phasegate": 1,
    "bound": True,
    "require": {},
    "criteria": [{"id": _NAME, "text": "?", "require": {}}],
    "points": [_NAME],
    "pack_digest": f"sha256:{'0' * 64}",
    "covers": ["fail"],
}
"""What stands in for a part that is missing or malformed, by its key."""
_NAMED = frozenset({
    "parameters", "areas", "points", "phases", "sources", "measures", "sections", "columns", "derive",
    "targets", "rename", "sums", "harden", "connections",
})  # fmt: skip
"""Mappings whose keys are names that the author chose."""
_COLUMNS = frozenset({"columns", "derive"})
"""Without them nobody knows what a source has."""
_MOST_ROUNDS = 60


def read_as_far(
    model: type[_Model],
    loose: Callable[[], type[_Model]],
    data: Mapping[str, Any],
    diagnose: Diagnose,
    told: Collection[Path] = (),
    requires: Collection[Path] = (),
    before: Unread | None = None,
) -> tuple[_Model | None, list[Diagnostic], Unread]:
    """Builds a model from as much of the data as it takes.

    Args:
        model: the model to build.
        loose: makes the same model with nothing that it needs at the top.
        data: the content.
        diagnose: makes a diagnostic at a path.
        told: places whose problems were found in another way.
        requires: the faults that were found there, each by the path of its bound.
        before: what was unread already.

    Returns:
        The model, None if nothing can be read; a diagnostic for each problem; what could not be read.
        Without a problem the model is what the data say.
    """
    before = before or Unread()
    built, found = find_faults(model, data)
    told_now = [fault for fault in outside(found, told) if not _elsewhere(fault, before)]
    faults = diagnostics(model, told_now, diagnose)
    mending = _Mending(data, before)
    if built is not None:
        for path in requires:
            mending.note(path)
        return built, faults, mending.unread()
    for path in requires:
        mending.requirement(path)
    found = mending.at_the_top(outside(found, told))
    for _ in range(_MOST_ROUNDS):
        if not mending.mend(found):
            return None, faults, mending.unread()
        built, found = find_faults(loose(), mending.data)
        if built is not None:
            break
        late = [fault for fault in found if mending.reveals(fault)]
        faults += diagnostics(model, late, mending.diagnosing(diagnose))
    return built, faults, mending.unread()


def _elsewhere(fault: SchemaFault, before: Unread) -> bool:
    """Whether what the top lacks may stand where nobody can read it."""
    if fault.missing is not None and not fault.path:
        part: Path = (fault.missing,)
    elif fault.type == "too_short" and len(fault.path) == 1:
        part = fault.path
    else:
        return False
    return bool(before.files) or part in before.places


class _Mending:
    """Data of which malformed parts are taken, round by round."""

    def __init__(self, data: Mapping[str, Any], before: Unread) -> None:
        self.data: dict[str, Any] = copy.deepcopy(dict(data))
        self._original = data
        self._before = before
        self._strangers = list(before.strangers)
        self._places: dict[Path, Any] = dict(before.places)
        self._moved: dict[Path, dict[Step, Step]] = {}
        self._tried: set[Path] = set()
        self._guessed: list[Path] = []

    def unread(self) -> Unread:
        """What could not be read so far."""
        return Unread(self._places, self._moved, self.data, self._before.files, tuple(self._strangers))

    def diagnosing(self, diagnose: Diagnose) -> Diagnose:
        """Makes diagnostics at paths of the data as it is now."""

        def here(rule: str, message: str, path: Path, *more: Any) -> Diagnostic:
            return diagnose(rule, message, as_written(path, self._moved), *more)

        return here

    def note(self, path: Path) -> None:
        """Keeps in mind that a place could not be read."""
        written = as_written(path, self._moved)
        self._places.setdefault(written, at(self._original, written))

    def at_the_top(self, faults: Collection[SchemaFault]) -> list[SchemaFault]:
        """Keeps in mind what the top lacks, which stands in nobody's way; the other faults."""
        others = []
        for fault in faults:
            if fault.missing is not None and not fault.path:
                self.note((fault.missing,))
            elif fault.type == "too_short" and len(fault.path) == 1:
                self.note(fault.path)
            else:
                others.append(fault)
        return others

    def requirement(self, path: Path) -> None:
        """Puts something in the place of a malformed part of a ``require``."""
        self.note(path)
        last, inside = path[-1], path[-2:-1] == ("any_of",)
        if last == "require" or (isinstance(last, int) and inside):
            self._set(path, {})
        elif last == "any_of":
            self._remove(path)
        else:
            self._set(path, True)

    def mend(self, faults: Collection[SchemaFault]) -> bool:
        """Takes out what is at fault; False if nothing would be left."""
        # Later entries of a list first: the places of the earlier ones stay what they are.
        order = sorted(faults, key=lambda fault: [(isinstance(step, int), step) for step in fault.path])
        return all(self._mend(fault) for fault in reversed(order) if not fault.excused)

    def reveals(self, fault: SchemaFault) -> bool:
        """Whether a fault that shows only now is one of the file's, not of what was taken out."""
        if fault.refusal is None:
            return False
        path = as_written(fault.path, self._moved)
        if any(path[: len(place)] == place for place in (*self._guessed, *self._places)):
            return False
        return not (_lacking(fault) and any(place[: len(path)] == path for place in self._places))

    def _mend(self, fault: SchemaFault) -> bool:
        if fault.path and not self._has(fault.path):
            return True  # what it is part of was left out already
        if fault.missing is not None:
            return self._replace(
                (*fault.path, int(fault.missing) if fault.missing.isdecimal() else fault.missing)
            )
        if fault.type != "extra_forbidden":
            for key in _lacking(fault):
                self.note((*fault.path, key))
            if fault.on_key and fault.path:
                # Who names it may have written the id as it should be.
                named = re.sub(r"[^A-Za-z0-9_.-]", "_", str(fault.path[-1]))
                self._places.setdefault((*as_written(fault.path[:-1], self._moved), named), fault.value)
            return self._replace(fault.path)
        if fault.meant is not None and fault.meant not in at(self.data, fault.path[:-1]):
            self._rename(fault.path, fault.meant)
            return True
        if fault.meant is None:
            self._strangers.append(as_written(fault.path[:-1], self._moved))
        self.note(fault.path)
        self._remove(fault.path)
        return True

    def _rename(self, path: Path, meant: str) -> None:
        """Reads a key that is none as the one that was probably meant."""
        around = at(self.data, path[:-1])
        around[meant] = around.pop(path[-1])
        self._guessed.append(as_written(path, self._moved))
        self._moved.setdefault(as_written(path[:-1], self._moved), {})[meant] = path[-1]

    def _replace(self, path: Path) -> bool:
        """Puts something else in a place, or leaves it out."""
        if not path:
            return False
        chosen = len(path) > 1 and path[-2] in _NAMED
        key, written = path[-1], as_written(path, self._moved)
        if chosen or key not in _WORDS:
            self.note(path)
        instead = None if chosen or isinstance(key, int) or written in self._tried else _stand_in(path)
        if instead is not None:
            self._tried.add(written)
            if not isinstance(at(self.data, path[:-1]), dict):
                return self._replace(path[:-1])
            self._set(path, copy.deepcopy(instead))
            return True
        if not chosen and key in _COLUMNS:
            return self._replace(path[:-1])
        if not self._has(path):
            return self._replace(path[:-1])
        self._remove(path)
        return True

    def _has(self, path: Path) -> bool:
        around = at(self.data, path[:-1])
        if isinstance(around, list):
            return isinstance(path[-1], int) and path[-1] < len(around)
        return isinstance(around, dict) and path[-1] in around

    def _set(self, path: Path, value: Any) -> None:
        at(self.data, path[:-1])[path[-1]] = value

    def _remove(self, path: Path) -> None:
        around, key = at(self.data, path[:-1]), path[-1]
        if isinstance(around, list):
            written = as_written(path[:-1], self._moved)
            steps = self._moved.get(written, {})
            kept = [steps.get(index, index) for index in range(len(around)) if index != key]
            self._moved[written] = dict(enumerate(kept))
        del around[key]


def _lacking(fault: SchemaFault) -> tuple[str, ...]:
    """The keys of which a model misses one."""
    keys: tuple[str, ...] = getattr(fault.refusal, "lacking", ())
    return keys


def _stand_in(path: Path) -> Any:
    """What may stand at a path without saying anything; None where nothing can."""
    key = path[-1]
    if path[0] == "measures" and len(path) > 2 and (key in _SQL or path[2] == "latest"):
        return _NAME
    return _STAND_INS.get(str(key))
