"""An open source: its rows in force, its checks, and what was found once they are computed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import polars as pl

from phasegate.facts.contracts.clauses import Clause, Distinct, in_force
from phasegate.facts.expressions.expression import Kind
from phasegate.facts.model.fact import Breach, SourceState
from phasegate.facts.model.progress import Progress, Silent
from phasegate.facts.sources import passes
from phasegate.facts.sources.files import SourceError
from phasegate.facts.sources.scan import READ_ERRORS, Scanned, typed_frame
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import Control

if TYPE_CHECKING:
    from phasegate.facts.engines.plans import There
    from phasegate.facts.model.exchange import Exchange
    from phasegate.facts.model.place import Place


_LARGEST = 8 * passes.SMALL
"""So many bytes of rows are hashed at most: files may be packed."""


@dataclass
class OpenSource:
    """A source that was opened, or the reason why it was not.

    Attributes:
        name: the source's name in the pack.
        contract: its contract; with the file's columns where the contract leaves them to the file.
        frame: its rows in force, None where it can not be read.
        kinds: the columns of the frame, derived ones included, hidden ones not; what an
            expression's scope names.
        checks: frames of one row each, to be computed in the common pass.
        state: what is known already; None until `settle` where there is a frame.
        clauses, distincts: what its contract demands of each row, and of rows side by side.
        exchange: how its amounts were converted; None where they are as the files have them.
        there: None, for it was read.
    """

    name: str
    contract: Contract
    frame: pl.LazyFrame | None = None
    kinds: dict[str, Kind] = field(default_factory=dict)
    checks: tuple[pl.LazyFrame, ...] = ()
    state: SourceState | None = None
    clauses: tuple[Clause, ...] = ()
    distincts: tuple[Distinct, ...] = ()
    _control: Control | None = None
    _scanned: Scanned | None = None
    _as_of: dt.date | None = None
    _progress: Progress = field(default_factory=Silent)
    exchange: Exchange | None = None
    there: There | None = None
    _numbered: Callable[[], pl.LazyFrame] | None = None

    @property
    def size(self) -> int:
        """The bytes of its files."""
        return self._scanned.size if self._scanned else 0

    def settle(self, values: Mapping[str, Any]) -> SourceState:
        """What was found, once the checks were computed.

        Args:
            values: the numbers of all checks by name, see `numbers`.
        """
        if self.state is None:
            try:
                self.state = self._settled(values)
            finally:
                self._progress.finished(self.name)
        return self.state

    @property
    def left_out(self) -> Mapping[str, str]:
        """Why a column of its files is not read, by its name."""
        return self._scanned.left_out if self._scanned else {}

    def numbered(self) -> pl.LazyFrame | None:
        """Its rows in force with `ROW`, the number that `places` takes; None where there are none."""
        return None if self._numbered is None else self._numbered()

    def diagnose(self) -> SourceState | None:
        """Reads this source alone after the common pass failed.

        Returns:
            Its state where the fault is here; None where it can be read.
        """
        if self.state is not None or self._scanned is None:
            return self.state
        fault = self._scanned.fault()
        if fault is None:
            try:
                assert self.frame is not None
                everything = self.frame.select(pl.all().count())  # the checks need not read each column
                pl.collect_all([*self.checks, everything], engine="streaming")
            except READ_ERRORS as error:
                fault = self._scanned.explain(error)
        if fault is None:
            return None
        self.state = self._erroneous(fault.sentence)
        self._progress.finished(self.name)
        return self.state

    def recheck(self) -> SourceState | None:
        """Looks once more whether its files changed, where rows may have been read of them since.

        Returns:
            Its state where one did; None where none did, or its rows are held in memory or stored.
        """
        if self._scanned is None or (changed := self._scanned.changed_since()) is None:
            return None
        self.state = self._erroneous(changed.sentence)
        return self.state

    def _erroneous(self, reason: str) -> SourceState:
        assert self._scanned is not None
        files = self._scanned.digests()
        return SourceState(
            self.name,
            "error",
            reason,
            files=files,
            digest=self._scanned.digest(files),
            columns=tuple(self._scanned.columns),
            table=self._scanned.parts[0].table,
            versions=self._scanned.versions(),
        )

    def _settled(self, values: Mapping[str, Any]) -> SourceState:
        assert self._scanned is not None
        fault = self._scanned.fault()
        if fault is not None:
            return self._erroneous(fault.sentence)
        rows = int(values[f"{self.name}|rows"])
        totals = {"rows": str(rows)}
        for column in self._control.sums if self._control else {}:
            totals[column] = _plain(values[f"{self.name}|sum {column}"])
        state = replace(
            self._erroneous(""),
            status="ok",
            rows=rows,
            rows_in_force=int(values[f"{self.name}|rows in force"]),
            totals=totals,
            complete=None,
            content=self._content(values),
        )
        state = held_whole(state, self.contract, self._control)
        if state.status == "error":
            return state
        try:
            breaches = self._breaches(values)
        except READ_ERRORS as error:
            return self._erroneous(self._scanned.explain(error).sentence)
        if (changed := self._scanned.changed_since()) is not None:
            return self._erroneous(changed.sentence)
        if breaches:
            from phasegate.facts.violations.cells import told

            return replace(state, status="error", reason=told(breaches), breaches=breaches)
        if self.contract.belongs_to:
            from phasegate.facts.contracts.registers import strays_told

            if strays := strays_told(self.name, self.contract, values):
                return replace(state, status="error", reason=strays)
        return state

    def _content(self, values: Mapping[str, Any]) -> str | None:
        """The digest of its rows in whatever order and form they stand; None where they are many."""
        assert self._scanned is not None
        if self._scanned.held is None or self._scanned.size > passes.SMALL:
            return None
        from phasegate.facts.contracts.rows_digest import rows_digest

        rows = self._scanned.held.collect()
        if rows.estimated_size() > _LARGEST:
            return None
        broken = [each for each in self.clauses if values[f"{self.name}|{each.name}"]]
        return rows_digest(rows, list(self._scanned.columns), broken)

    def _breaches(self, values: Mapping[str, Any]) -> tuple[Breach, ...]:
        counts = {clause.name: int(values[f"{self.name}|{clause.name}"]) for clause in self.clauses}
        alike = self._alike(values)
        if not alike and not any(counts.values()):
            return ()
        from phasegate.facts.violations.find import Suspect, find_breaches

        assert self._scanned is not None
        assert self._as_of is not None
        suspect = Suspect(
            typed_rows(self._scanned),
            in_force(self.contract, self._as_of),
            self.contract,
            self._scanned.columns,
            self._scanned.reading,
            self.clauses,
            self.places,
        )
        return find_breaches(suspect, counts, alike)

    def places(self, rows: Iterable[int]) -> dict[int, Place]:
        """Where some of its rows stand, by their numbers, counted from 1 over all of its files."""
        from phasegate.facts.sources.locations import places

        assert self._scanned is not None
        return places(self._scanned.parts, rows)

    def _alike(self, values: Mapping[str, Any]) -> list[Distinct]:
        """The demands for different rows that are not proven to be met."""
        unproven = [each for each in self.distincts if values.get(in_order(self.name, each)) is not True]
        uncounted = [each for each in unproven if in_order(self.name, each) in values]
        if uncounted:
            assert self._scanned is not None
            assert self._as_of is not None
            kept, rows = in_force(self.contract, self._as_of), typed_rows(self._scanned)
            counts = [count for each in uncounted for count in counted(self.name, each)]
            frame = (rows if kept is None else rows.filter(kept)).select(counts)
            values = {**values, **numbers([frame.collect(engine="streaming")])}
        return [
            each
            for each in unproven
            if values[f"{self.name}|{each.name} rows"] != values[f"{self.name}|{each.name}"]
        ]


def counted(source: str, distinct: Distinct) -> list[pl.Expr]:
    """How many rows a demand compares, and how many different ones there are."""
    return [
        distinct.rows.alias(f"{source}|{distinct.name} rows"),
        distinct.kinds.alias(f"{source}|{distinct.name}"),
    ]


def in_order(source: str, distinct: Distinct) -> str:
    """The name under which stands whether the rows' order proves them different."""
    return f"{source}|{distinct.name} in order"


def numbers(results: Iterable[pl.DataFrame]) -> dict[str, Any]:
    """The named numbers of the checks, out of all results of a pass.

    A result that is no check (more than one row, or none) is passed over.
    """
    found: dict[str, Any] = {}
    for result in results:
        if result.height == 1:
            found.update(result.row(0, named=True))
    return found


def typed_rows(scanned: Scanned) -> pl.LazyFrame:
    """All rows, typed."""
    return typed_frame(scanned) if scanned.held is None else scanned.held


def _plain(value: Decimal | int | None) -> str:
    """An exact number as text, without zeros that say nothing."""
    text = f"{Decimal(value or 0):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def totaled(contract: Contract, control: Control | None) -> list[str]:
    """The columns whose sums have control totals.

    Raises:
        SourceError: if one has no sum that is exact, or its total is no number.
    """
    for column, total in (control.sums if control else {}).items():
        found = contract.columns.get(column)
        if found is None or found.type not in ("integer", "decimal"):
            raise SourceError(f"control.sums: {column!r} is no integer or decimal column of the contract")
        try:
            Decimal(total)
        except InvalidOperation as error:
            raise SourceError(f"control.sums: {column!r} has {total!r}, which is no number") from error
    return [*control.sums] if control else []


def held_whole(state: SourceState, contract: Contract, control: Control | None) -> SourceState:
    """A state, held against what tells that its extract is whole: an error where it is not.

    Args:
        state: it, with how many rows there are and their totals.
        contract: what its rows must be.
        control: what the extract must add up to; None where nobody says.
    """
    if control is not None:
        missed = _missed_totals(control, state.totals)
        state = replace(state, complete=not missed)
        if missed:
            return replace(state, status="error", reason=f"not the whole extract: {missed}")
    elif contract.control:
        reason = "no control totals show the extract to be complete, and its contract asks for them"
        return replace(state, status="error", reason=reason)
    if state.rows < contract.min_rows:
        few = f"{state.rows:,} {'row is' if state.rows == 1 else 'rows are'}"
        reason = f"{few} too few to be a whole extract: the contract expects {contract.min_rows:,}"
        return replace(state, status="error", reason=reason)
    return state


def _missed_totals(control: Control, totals: Mapping[str, str]) -> str:
    """The control totals that were not met, with both numbers; empty if all were."""
    wanted = {} if control.rows is None else {"rows": str(control.rows)}
    wanted |= {column: control.sums[column] for column in sorted(control.sums)}
    missed = [
        f"{what} {totals[what]}, where its control total says {number}"
        for what, number in wanted.items()
        if Decimal(totals[what]) != Decimal(number)
    ]
    return "; ".join(missed)
