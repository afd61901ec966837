"""What criteria and targets could ask in the place of what they ask, and how strictly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from phasegate.rules.model.pack import Enforcement, Pack, Require
from phasegate.rules.model.requirements import ANY_OF, fact_shapes, targets
from phasegate.rules.mutants.bounds import other_bounds
from phasegate.rules.mutants.change import GONE, Change
from phasegate.rules.mutants.rewording import arrow, dropped
from phasegate.rules.yaml.parser import Path

_OTHERWISE: dict[Enforcement, tuple[Enforcement, ...]] = {
    "hard": ("soft", "advisory"),
    "soft": ("advisory", "hard"),
    "advisory": ("soft",),
}


def requirement_changes(pack: Pack) -> Iterator[Change]:
    """The changes of criteria, then those of targets."""
    asking = _Asking(pack)
    for point_id, point in pack.points.items():
        for place, criterion in enumerate(point.criteria):
            path: Path = ("points", point_id, "criteria", place)
            yield from asking.enforced(path, criterion.enforcement)
            yield from asking.required((*path, "require"), criterion.require)
    for _, target, path, _ in targets(pack):
        yield from asking.enforced(path, target.enforcement)
        yield from asking.bounds((*path, "bound"), target.measure, target.bound)


class _Asking:
    def __init__(self, pack: Pack) -> None:
        self._whole = {
            fact
            for fact, shape in fact_shapes(pack).items()
            if shape.definition.about.plain and shape.unit is None
        }

    def enforced(self, path: Path, enforcement: Enforcement) -> Iterator[Change]:
        """Another enforcement: the softer ones, and the next one that is stricter."""
        for other in _OTHERWISE[enforcement]:
            yield Change((*path, "enforcement"), other, arrow(enforcement, other))

    def bounds(self, path: Path, fact: str, written: str | bool) -> Iterator[Change]:
        """Other bounds in the place of one."""
        for other in other_bounds(written, whole=fact in self._whole):
            yield Change(path, other.text, other.told)

    def required(self, path: Path, require: Require) -> Iterator[Change]:
        """Other bounds, lines left out, and alternatives that are none."""
        for fact, wanted in require.root.items():
            here = (*path, fact)
            if len(require.root) > 1 and fact != ANY_OF:
                yield Change(here, GONE, dropped(_line(fact, wanted)))
            if not isinstance(wanted, list):
                yield from self.bounds(here, fact, wanted)
                continue
            for place, each in enumerate(wanted):
                inner = (*here, place)
                if len(wanted) > 1:
                    yield Change(inner, GONE, dropped(_said(each)))
                if isinstance(each, Require):
                    yield from self.required(inner, each)
                else:
                    yield from self.bounds(inner, fact, each)
            if fact == ANY_OF and len(wanted) > 1 and (together := _together(require)) is not None:
                yield Change(path, together, arrow(ANY_OF, "all of them"))


def _line(fact: str, wanted: Any) -> str:
    return f"{fact} {_said(wanted)}"


def _said(wanted: Any) -> str:
    if isinstance(wanted, Require):
        return " and ".join(_line(fact, each) for fact, each in wanted.root.items())
    if isinstance(wanted, list):
        word = " or " if isinstance(wanted[0], Require) else " and "
        return word.join(f"({_said(each)})" if isinstance(each, Require) else _said(each) for each in wanted)
    return str(wanted).lower() if isinstance(wanted, bool) else str(wanted)


def _together(require: Require) -> dict[str, Any] | None:
    """All lines of a ``require`` and of its alternatives; None where alternatives have some of their own."""
    lines: dict[str, list[Any]] = {
        fact: _list(wanted) for fact, wanted in require.root.items() if fact != ANY_OF
    }
    for choice in _list(require.root[ANY_OF]):
        for fact, wanted in choice.root.items():
            if fact == ANY_OF:
                return None
            lines.setdefault(fact, []).extend(each for each in _list(wanted) if each not in lines[fact])
    return {fact: wanted if len(wanted) > 1 else wanted[0] for fact, wanted in lines.items()}


def _list(wanted: Any) -> list[Any]:
    return list(wanted) if isinstance(wanted, list) else [wanted]
