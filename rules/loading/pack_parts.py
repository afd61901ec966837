"""Puts the files of a pack together: sections may be spread over them, a part is defined once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from phasegate.rules.diagnostics.diagnostic import Diagnostic
from phasegate.rules.diagnostics.problem import ANY
from phasegate.rules.diagnostics.source_map import Origin
from phasegate.rules.diagnostics.suggestions import nearest
from phasegate.rules.diagnostics.unresolved import Unread
from phasegate.rules.yaml.parser import Path, Tree

MERGED = ("parameters", "areas", "points", "phases", "sources", "measures")
"""The keys whose entries may be spread over several files."""
SINGLE = ("pack", "title", "version", "map", "cycle", "baseline", "no_value", "programme")
"""The keys that stand in one file only."""
_KEYS = f"its keys are {', '.join((*SINGLE, *MERGED))}"


class Parts(NamedTuple):
    """What several files say together.

    Attributes:
        data: one mapping; of a part that is defined twice the first definition.
        origin: finds the line of a part.
        faults: what does not fit together.
        unread: what was left aside.
    """

    data: dict[str, Any]
    origin: Origin
    faults: list[Diagnostic]
    unread: Unread


def put_together(trees: Iterable[Tree]) -> Parts:
    """One mapping from several files."""
    parts = _Parts()
    for tree in trees:
        parts.add(tree)
    parts.spread_words()
    unread = Unread(parts.places, data=parts.data, strangers=((),) if parts.stranger else ())
    return Parts(parts.data, Origin(parts.homes, "pack"), parts.faults, unread)


def require_paths(data: Mapping[str, Any]) -> Iterator[Path]:
    """The path of each ``require`` in a pack's data."""
    points = data.get("points")
    for point_id, point in points.items() if isinstance(points, dict) else ():
        criteria = point.get("criteria") if isinstance(point, dict) else None
        for index, criterion in enumerate(criteria if isinstance(criteria, list) else ()):
            if isinstance(criterion, dict) and "require" in criterion:
                yield ("points", point_id, "criteria", index, "require")


class _Parts:
    """The files that were put together so far."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}
        self.homes: dict[Path, tuple[Tree, Path]] = {}
        self.faults: list[Diagnostic] = []
        self.places: dict[Path, Any] = {}
        self.stranger = False

    def add(self, tree: Tree) -> None:
        self.homes.setdefault((), (tree, ()))
        for key, value in tree.data.items():
            meant = key if key in (*MERGED, *SINGLE) else nearest(key, (*MERGED, *SINGLE))
            if meant != key:
                hint = f"did you mean {meant!r}?" if meant else _KEYS
                self.faults.append(tree.diagnose("unknown-key", f"{key!r} is no key of a pack", (key,), hint))
            if meant is None:
                self.places[key,] = value
                self.stranger = True
            elif meant in MERGED:
                self._merge(tree, (key,), meant)
            elif (meant,) in self.homes:
                self._twice(tree, (key,), (meant,), value)
            else:
                self.data[meant] = value
                self.homes[meant,] = (tree, (key,))

    def spread_words(self) -> None:
        """Gives the pack's words that stand for nothing to the contracts that say none of their own."""
        words, sources = self.data.get("no_value"), self.data.get("sources")
        if not isinstance(sources, dict) or not isinstance(words, list):
            return
        if all(isinstance(word, str) for word in words):  # else what is wrong is told where it stands
            for name, contract in sources.items():
                if isinstance(contract, dict):
                    sources[name] = {"no_value": words, **contract}

    def _merge(self, tree: Tree, path: Path, key: str) -> None:
        """Adds the entries that stand at a path of one file to those of the files before."""
        entries = tree.data[str(path[0])]
        if not isinstance(entries, dict):
            what = "nothing" if entries is None else "no mapping"
            message = f"{key!r} holds {what}"
            self.faults.append(tree.diagnose("wrong-type", message, path, "list its entries by id"))
            self.places[key,] = entries
            return
        section = self.data.setdefault(key, {})
        self.homes.setdefault((key,), (tree, path))
        for name, entry in entries.items():
            if (key, name) in self.homes:
                self._twice(tree, (*path, name), (key, name), entry)
            else:
                section[name] = entry
                self.homes[key, name] = (tree, (*path, name))

    def _twice(self, tree: Tree, path: Path, part: Path, value: Any) -> None:
        first, there = self.homes[part]
        message = f"{path[-1]!r} is defined a second time"
        hint = f"it stands first at {first.position(there)}"
        self.faults.append(tree.diagnose("duplicate-id", message, path, hint))
        # Nobody knows which of the two is meant: nothing is said that rests on a part of either.
        self.places[*part, ANY] = value
