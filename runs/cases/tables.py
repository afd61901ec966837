"""The tables of cases, opened as sources: the same reading, checks and contracts as for files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from phasegate.facts.assemble import ParameterValue, parameter_values, sources_read
from phasegate.facts.sources.given import GivenRows
from phasegate.facts.sources.open import open_sources
from phasegate.rules.cases.fill import CannotFillError, filled
from phasegate.rules.cases.load import LoadedCase
from phasegate.rules.errors import PhasegateError
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.project import Calendar, Control, SourceFile
from phasegate.runs.cases.asked import Asked

if TYPE_CHECKING:
    from phasegate.facts.sources.passes import Source


class UnfilledCaseError(PhasegateError):
    """A row that nobody can complete."""

    def __init__(self, error: CannotFillError) -> None:
        super().__init__(str(error), f"give {error.column!r} in each row")


class Tables:
    """The sources of some cases.

    Args:
        calendar: which days are no business days.
        zone: the time zone whose days count.
        cases: the cases, with the pack as each has it and what it asks for.
        shared: whether rows of several cases are read together.
    """

    def __init__(
        self, calendar: Calendar, zone: str, cases: Sequence[tuple[LoadedCase, Pack, Asked]], *, shared: bool
    ) -> None:
        self._calendar, self._zone, self._cases = calendar, zone, cases

    def of(self, place: int) -> dict[str, Source]:
        """The open sources of one of the cases.

        Raises:
            UnfilledCaseError: if what it leaves unsaid of a row can not be filled in.
        """
        case, pack, asked = self._cases[place]
        point = asked.points[0] if len(asked.points) == 1 else None
        try:
            tables = filled(pack, case.case.given, case.as_of, point)
        except CannotFillError as error:
            raise UnfilledCaseError(error) from None
        needed = sources_read(pack, set(asked.measures))
        tables = {name: rows for name, rows in tables.items() if name in needed}
        parts = {
            name: GivenRows(
                f"{name} of {case.name!r}",
                pl.DataFrame(rows, schema={column: pl.String() for column in pack.sources[name].columns}),
            )
            for name, rows in tables.items()
        }
        files = {
            name: SourceFile(path=name, control=control_of(case, pack, name, len(rows)))
            for name, rows in tables.items()
        }
        start: dict[str, ParameterValue] = {"cycle_start": case.case.cycle_start}
        values = parameter_values(pack, case.as_of, start)
        from pathlib import Path

        return open_sources(
            {name: pack.sources[name] for name in parts}, files, Path(), case.as_of, self._calendar, values,
            zone=self._zone, given=parts,
        )  # fmt: skip


def control_of(case: LoadedCase, pack: Pack, source: str, rows: int) -> Control | None:
    """The control totals of a source: those of the case, or what there is where the contract asks for any."""
    own = case.case.control.get(source)
    return own if own is not None or not pack.sources[source].control else Control(rows=rows)
