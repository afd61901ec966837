"""Reads waiver files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from phasegate.rules.diagnostics import Diagnostic, PackError
from phasegate.rules.load import read_limited, read_trees
from phasegate.rules.model_faults import validate
from phasegate.rules.origin import Origin
from phasegate.rules.position import Position
from phasegate.rules.waiver import Waiver, WaiverFile

Where = Callable[[str], Position]
"""Finds the line of a waiver by its id."""


def load_waivers(path: Path) -> tuple[tuple[Waiver, ...], Where]:
    """Reads a file of waivers.

    Returns:
        The waivers in the order of the file, and a function that tells where one stands.

    Raises:
        PackError: with every problem of the file; a file with one bad waiver counts as a whole as
            unreadable, for nobody can know what it was meant to cover.
        PhasegateError: if the file can not be read.
    """
    name = path.name
    trees, faults = read_trees({name: read_limited(path, name)})
    if faults:
        raise PackError(faults, name)
    tree = trees[0]
    origin = Origin({(): (tree, ())}, name)
    read, faults = validate(WaiverFile, tree.data, origin.diagnose)
    if read is None:
        raise PackError(faults, name)
    faults = [fault for index in range(len(read.waivers)) for fault in _faults(read.waivers, index, origin)]
    if faults:
        raise PackError(faults, name)
    index = {waiver.id: number for number, waiver in enumerate(read.waivers)}

    def where(waiver: str) -> Position:
        return origin.position(("waivers", index[waiver], "id") if waiver in index else ())

    return read.waivers, where


def _faults(waivers: tuple[Waiver, ...], index: int, origin: Origin) -> Iterator[Diagnostic]:
    waiver = waivers[index]

    def fault(rule: str, message: str, key: str, hint: str | None = None) -> Diagnostic:
        return origin.diagnose(rule, message, ("waivers", index, key), hint, "value")

    for earlier, other in enumerate(waivers[:index]):
        if other.id == waiver.id:
            first = origin.position(("waivers", earlier, "id"))
            yield fault(
                "duplicate-id",
                f"waiver {waiver.id!r} is defined a second time",
                "id",
                f"it stands first at {first}",
            )
            break
    if waiver.requester.casefold() == waiver.approver.casefold():
        message = f"{waiver.approver!r} both asks for the waiver and grants it"
        yield fault("one-person", message, "approver", "somebody else must approve it")
    if waiver.start >= waiver.end:
        yield fault(
            "empty-period", "the waiver ends before it begins", "end", "'end' is the first moment not covered"
        )
    if waiver.start < waiver.granted:
        message = "the waiver begins before it was granted"
        yield fault("backdated", message, "start", f"begin it at {waiver.granted.isoformat()} or later")
    if waiver.revoked is not None and waiver.revoked < waiver.granted:
        yield fault("backdated", "the waiver was revoked before it was granted", "revoked")
