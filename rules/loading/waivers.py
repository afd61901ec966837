"""Reads waiver files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from phasegate.rules.diagnostics.diagnostic import PackError
from phasegate.rules.diagnostics.position import Position
from phasegate.rules.diagnostics.problem import Problem
from phasegate.rules.diagnostics.recovery import read_as_far
from phasegate.rules.diagnostics.source_map import Origin
from phasegate.rules.loading.pack_files import read_limited, read_trees
from phasegate.rules.model.waiver import Waiver, WaiverFile
from phasegate.rules.values.folding import folded
from phasegate.rules.values.people import same_person

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
    read, faults, unread = read_as_far(WaiverFile, lambda: WaiverFile, tree.data, origin.diagnose)
    if read is None:
        raise PackError(faults, name)

    def first(earlier: int) -> Position:
        return origin.position(unread.as_written(("waivers", earlier, "id")))

    problems = [one for index in range(len(read.waivers)) for one in _problems(read.waivers, index, first)]
    for one in problems:
        if not unread.hides(one):
            at = unread.as_written(one.path)
            faults.append(origin.diagnose(one.rule, one.message, at, one.hint, one.part))
    if faults or unread:
        raise PackError(faults, name)
    index = {waiver.id: number for number, waiver in enumerate(read.waivers)}

    def where(waiver: str) -> Position:
        return origin.position(("waivers", index[waiver], "id") if waiver in index else ())

    return read.waivers, where


def _problems(waivers: tuple[Waiver, ...], index: int, first: Callable[[int], Position]) -> Iterator[Problem]:
    waiver = waivers[index]

    def fault(rule: str, message: str, key: str, hint: str | None = None, rest: str | None = None) -> Problem:
        rests = (("waivers", index, rest),) if rest else ()
        return Problem(rule, message, ("waivers", index, key), hint, "value", rests=rests)

    for earlier, other in enumerate(waivers[:index]):
        if other.id == waiver.id:
            message = f"waiver {waiver.id!r} is defined a second time"
            yield fault("duplicate-id", message, "id", f"it stands first at {first(earlier)}")
            break
        if folded(other.id) == folded(waiver.id):
            message = f"waiver {waiver.id!r} differs from {other.id!r} in the case of letters alone"
            hint = f"it stands at {first(earlier)}; whoever reads them takes them for one: rename one of them"
            yield fault("alike-names", message, "id", hint)
            break
    if same_person(waiver.requester, waiver.approver):
        message = f"{waiver.approver!r} both asks for the waiver and grants it"
        yield fault("one-person", message, "approver", "somebody else must approve it", "requester")
    if waiver.start >= waiver.end:
        hint = "'end' is the first moment not covered"
        yield fault("empty-period", "the waiver ends before it begins", "end", hint, "start")
    if waiver.start < waiver.granted:
        message = "the waiver begins before it was granted"
        hint = f"begin it at {waiver.granted.isoformat()} or later"
        yield fault("backdated", message, "start", hint, "granted")
    if waiver.revoked is not None and waiver.revoked < waiver.granted:
        message = "the waiver was revoked before it was granted"
        yield fault("backdated", message, "revoked", rest="granted")
