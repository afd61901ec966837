"""What two packs say otherwise, one change each, with both sides in words.

The two documents that their digests are made from are held against each other, so that nothing can give
rules another digest and not be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, get_args

from phasegate.rules.changes.owners import MEASURED, Kind, Owner, owner_of
from phasegate.rules.changes.words import asked, said_of, shown, turned
from phasegate.rules.loading.pack import LoadedPack
from phasegate.rules.model.canonical import IN_ORDER, READING, rules_data
from phasegate.rules.model.measure_kinds import KINDS
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.reading import reading_in_force


class RuleChange(NamedTuple):
    """One thing that rules say otherwise.

    Attributes:
        kind: what is changed.
        path: where it stands, by keys from the top of the pack; criteria by their ids.
        before, after: what was said and is said, in words; None where nothing is.
        said: the change as a sentence without its full stop.
    """

    kind: Kind
    path: tuple[str, ...]
    before: str | None
    after: str | None
    said: str


def changes(before: LoadedPack, after: LoadedPack) -> tuple[RuleChange, ...]:
    """What rules say otherwise than others, and how tables are read; nothing only if both have one digest.

    Args:
        before: the ones, free of faults.
        after: the others.
    """
    sources = {name: None for each in (before, after) for name in each.reading.get("sources", {})}
    old, new = (
        {**_comparable(each.pack), READING: _columns_read(reading_in_force(each.reading, sources))}
        for each in (before, after)
    )
    return tuple(_Comparison(before.pack, after.pack).walk((), old, new))


def told_first(found: Iterable[RuleChange]) -> list[RuleChange]:
    """Changes by kind, those that open a gate most easily first."""
    order = get_args(Kind)
    return sorted(found, key=lambda each: order.index(each.kind))


def _comparable(pack: Pack) -> dict[str, Any]:
    """All that a pack says, with the kind of a measure as one part of it."""
    data = rules_data(pack, whole=True)
    for measure in data["measures"].values():
        measure[MEASURED] = {kind: measure[kind] for kind in KINDS if measure[kind] is not None}
        for kind in KINDS:
            del measure[kind]
    return data


def _columns_read(reading: dict[str, Any]) -> dict[str, Any]:
    """A reading that tells of each column of a contract from which one of the file it is read."""
    for source in reading["sources"].values():
        columns: dict[str, list[str]] = {}
        for column, name in sorted(source["rename"].items()):
            columns.setdefault(name, []).append(column)
        source["rename"] = columns
    return reading


class _Comparison:
    def __init__(self, before: Pack, after: Pack) -> None:
        self._said = rules_data(before), rules_data(after)

    def walk(self, path: tuple[str, ...], old: Any, new: Any) -> Iterator[RuleChange]:
        """The changes at and below a path."""
        owner = owner_of(path)
        if old == new:
            return
        if owner.rest == ("derive",) and dict(old) != dict(new):  # else their order is another one
            old, new = dict(old), dict(new)
        if _is_one(owner, old, new):
            yield self._turned(owner, old, new)
            return
        for key in dict.fromkeys([*new, *old]):
            inner = (*path, key)
            sides = old.get(key), new.get(key)
            if owner_of(inner).path != inner or None not in sides:
                yield from self.walk(inner, *sides)
            elif sides[0] != sides[1]:
                yield from self._came_or_went(owner_of(inner), gone=sides[1] is None)

    def _came_or_went(self, owner: Owner, *, gone: bool) -> Iterator[RuleChange]:
        """A part that one of the two has alone, then the parts in it that have names of their own."""
        there = self._said[not gone]
        for key in owner.path:
            there = there[key]
        inner = [
            found
            for key, part in there.items()
            if isinstance(part, dict)
            for name in (key, *((key, each) for each in part))
            if (found := owner_of((*owner.path, *((name,) if isinstance(name, str) else name)))).rest == ()
        ]
        beside = {each.path[len(owner.path)] for each in inner}
        says = said_of(owner, {key: part for key, part in there.items() if key not in beside})
        then, now = (says, None) if gone else (None, says)
        told = f"{owner} is {'no longer there' if gone else 'new'}: {says}"
        yield RuleChange("removed" if gone else "added", owner.path, then, now, told)
        for each in inner:
            yield from self._came_or_went(each, gone=gone)

    def _turned(self, owner: Owner, old: Any, new: Any) -> RuleChange:
        words = asked if owner.rest[:1] == ("require",) else shown
        before, after = (None if each is None else words(each) for each in (old, new))
        path = tuple(each for each in (*owner.path, *owner.rest) if each != MEASURED)
        return RuleChange(owner.kind, path, before, after, turned(owner, old, new))


def _is_one(owner: Owner, old: Any, new: Any) -> bool:
    """Whether two sides are told as a whole."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return True
    if owner.rest == (MEASURED,):
        return old.keys() != new.keys()
    return IN_ORDER in {*old, *new}
