"""Mutants that no case can notice, each with the reason that somebody has written beside the cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from phasegate.rules.cases.load import case_files
from phasegate.rules.diagnostics.diagnostic import PackError
from phasegate.rules.diagnostics.position import Position
from phasegate.rules.loading.pack_files import read_limited, read_trees


@dataclass(frozen=True)
class Survivor:
    """A mutant that may survive.

    Attributes:
        mutant: its id.
        why: the reason.
        position: where it is written.
    """

    mutant: str
    why: str
    position: Position


def load_survivors(folder: Path) -> tuple[Survivor, ...]:
    """The survivors that the case files of a folder name.

    Args:
        folder: the folder, or one file, whose cases were read already.

    Raises:
        PackError: if one is named twice.
    """
    files = case_files(folder)
    return read_survivors({shown: read_limited(path, shown) for shown, path in files.items()})


def read_survivors(contents: Mapping[str, bytes]) -> tuple[Survivor, ...]:
    """The survivors that case files name, which were found to be without fault; see `load_survivors`."""
    trees, faults = read_trees(contents)
    found: dict[str, Survivor] = {}
    for tree in trees:
        for place, each in enumerate(tree.data.get("survivors", ())):
            at = ("survivors", place, "mutant")
            one = Survivor(each["mutant"], each["why"], tree.position(at))
            if (first := found.setdefault(one.mutant, one)) is not one:
                message = "a second reason for the same mutant"
                hint = f"the first one stands at {first.position}"
                faults.append(tree.diagnose("duplicate-id", message, at, hint, "value"))
    if faults:
        raise PackError(faults, "the cases")
    return tuple(found.values())
