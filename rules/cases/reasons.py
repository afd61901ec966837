"""What no case can notice, or show, each with the reason that somebody has written beside the cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from phasegate.rules.cases.load import case_files
from phasegate.rules.diagnostics.diagnostic import Diagnostic, PackError
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


@dataclass(frozen=True)
class Never:
    """What a part of a pack can never be.

    Attributes:
        id: the part.
        state: what it can not be.
        why: the reason.
        position: where it is written.
    """

    id: str
    state: str
    why: str
    position: Position


@dataclass(frozen=True)
class Reasons:
    """The reasons that stand beside cases.

    Attributes:
        survivors: for mutants that no case can notice.
        never: for what no case can show.
    """

    survivors: tuple[Survivor, ...] = ()
    never: tuple[Never, ...] = ()


def load_reasons(folder: Path) -> Reasons:
    """The reasons that the case files of a folder hold.

    Args:
        folder: the folder, or one file, whose cases were read already.

    Raises:
        PackError: if there are two for the same.
    """
    files = case_files(folder)
    return read_reasons({shown: read_limited(path, shown) for shown, path in files.items()})


def read_reasons(contents: Mapping[str, bytes]) -> Reasons:
    """The reasons in case files, which were found to be without fault; see `load_reasons`."""
    trees, faults = read_trees(contents)
    survivors: dict[object, Survivor] = {}
    never: dict[object, Never] = {}

    def once(found: dict[object, Any], key: object, one: Survivor | Never) -> Iterator[Diagnostic]:
        if (first := found.setdefault(key, one)) is not one:
            message, hint = "a second reason for the same thing", f"the first one stands at {first.position}"
            yield Diagnostic("duplicate-id", message, one.position, hint)

    for tree in trees:
        for place, each in enumerate(tree.data.get("survivors", ())):
            at = tree.position(("survivors", place, "mutant"))
            faults += once(survivors, each["mutant"], Survivor(each["mutant"], each["why"], at))
        for place, each in enumerate(tree.data.get("never", ())):
            at = tree.position(("never", place, "id"))
            for state in each["states"]:
                faults += once(never, (each["id"], state), Never(each["id"], state, each["why"], at))
    if faults:
        raise PackError(faults, "the cases")
    return Reasons(tuple(survivors.values()), tuple(never.values()))
