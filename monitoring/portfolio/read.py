"""Reads the rows of a portfolio from ledgers: each ledger once, in one pass over all of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from phasegate.audit.errors import TrailError
from phasegate.audit.ledger.entry import Position
from phasegate.audit.ledger.integrity import HashedEntries
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.project_entries import named_in
from phasegate.audit.statements.reader import refuse_early
from phasegate.audit.trail.held import held, held_on
from phasegate.monitoring.portfolio.model import PortfolioRow
from phasegate.monitoring.portfolio.places import Place
from phasegate.monitoring.portfolio.row import Asked, HeldLedger, RowReading
from phasegate.monitoring.portfolio.standing import Standing
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.pack import LoadedPack


class SameProjectError(TrailError):
    """A project that has a row already: it would count twice."""

    def __init__(self, other: str) -> None:
        super().__init__(
            f"this is the project of {other} again, by what its ledger calls itself and by its id",
            "name it once; a copy of a ledger is no other project's",
        )


class Distinct:
    """Projects that were counted, by what their ledgers call themselves and by their ids."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str | None], str] = {}

    def count(self, origin: str, project: str | None, name: str) -> None:
        """Counts a project.

        Args:
            origin: what its ledger calls itself.
            project: its id; None for one without.
            name: what it is called.

        Raises:
            SameProjectError: if it was counted before, as where a copy of its ledger is named too.
        """
        if (origin, project) in self._names:
            raise SameProjectError(self._names[origin, project])
        self._names[origin, project] = name


def read_rows(places: Sequence[Place], now: dt.datetime, asked: Asked) -> list[PortfolioRow]:
    """The rows of some projects, in their order. Nothing is run, and nothing is written.

    What can not be read, holds nothing, was changed or is another project's makes an error of its row.

    Args:
        places: where they come from.
        now: this moment.
        asked: what is asked of each.
    """
    rows: dict[int, PortfolioRow] = {}
    by_ledger: dict[str | Path, list[int]] = {}
    for number, place in enumerate(places):
        if place.fault is not None or place.address is None:
            rows[number] = _failed(place, place.fault or PhasegateError("nothing says where its ledger is"))
        else:
            by_ledger.setdefault(_same_file(place.address), []).append(number)
    rules: dict[str, LoadedPack] = {}
    distinct = Distinct()
    for address, numbers in by_ledger.items():
        own = [places[number] for number in numbers]
        found = _of_ledger(address, own, now, asked, rules, distinct)
        rows.update(zip(numbers, found, strict=True))
    return [rows[number] for number in range(len(places))]


def _same_file(address: str | Path) -> str | Path:
    if isinstance(address, str):
        return address
    try:
        return address.resolve()
    except (OSError, RuntimeError, ValueError):  # as it is told where it is opened
        return address


def _of_ledger(
    address: str | Path,
    places: Sequence[Place],
    now: dt.datetime,
    asked: Asked,
    rules: dict[str, LoadedPack],
    distinct: Distinct,
) -> list[PortfolioRow]:
    """The rows of the projects that keep their runs in one ledger, all of one moment of it."""
    try:
        with Ledger.open(address) as ledger:
            found = _held(ledger, held(ledger), now, now)
            return [_row(place, found, now, asked, rules, distinct) for place in places]
    except PhasegateError as error:
        return [_failed(place, error) for place in places]


def _held(ledger: Ledger, whole: Position, since: dt.datetime, now: dt.datetime) -> HeldLedger:
    refuse_early(whole, now)  # by what any project has told, and so once for all
    return HeldLedger(ledger, whole, named_in(whole), since)


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a ledger, from which one may go on once it has grown.

    Attributes:
        entries: what was read.
        since: when the first of it was.
    """

    entries: HashedEntries
    since: dt.datetime


def read_row(
    place: Place, ledger: Ledger, now: dt.datetime, asked: Asked, before: Read | None = None
) -> tuple[PortfolioRow, Read | None]:
    """The row of one project as an opened ledger has it, and what was read for it.

    Args:
        place: where it comes from.
        ledger: its ledger, opened.
        now: this moment.
        asked: what is asked.
        before: what was read of this ledger before, and is so still; used up by this.

    Returns:
        The row; and what one may go on from, None where the row could not be read.
    """
    if place.fault is not None:
        return _failed(place, place.fault), None
    try:
        whole, entries = held_on(ledger, before.entries if before is not None else None)
        read = before if before is not None and entries is before.entries else Read(entries, now)
        return RowReading(place, _held(ledger, whole, read.since, now), now, asked, {}).row(), read
    except PhasegateError as error:
        return _failed(place, error, ledger.shown), None


def _row(
    place: Place,
    ledger: HeldLedger,
    now: dt.datetime,
    asked: Asked,
    rules: dict[str, LoadedPack],
    distinct: Distinct,
) -> PortfolioRow:
    try:
        row = RowReading(place, ledger, now, asked, rules).row()
        distinct.count(ledger.whole.origin, place.project, row.name)
    except PhasegateError as error:
        return _failed(place, error, ledger.whole.shown)
    return row


def _failed(place: Place, error: PhasegateError, shown: str = "") -> PortfolioRow:
    return PortfolioRow(
        name=place.name or place.title or place.project or place.shown,
        standing=Standing.ERROR,
        ledger=shown,
        project=place.project,
        weight=place.weight,
        why=(error.message,),
        hints=(error.hint,) if error.hint else (),
    )
