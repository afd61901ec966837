"""Sources: a project's files opened as typed frames.

How to use it::

    opened = {name: open_source(name, contract, project.sources.get(name), root, as_of, calendar, parameters)
              for name, contract in pack.sources.items()}
    frames = [... measures over opened[name].frame, where it is not None ...]
    frames += [check for source in opened.values() for check in source.checks]
    results = pl.collect_all(frames, engine="streaming")          # the one pass
    values = numbers(results)                                     # every check is one row of named numbers
    states = {name: source.settle(values) for name, source in opened.items()}

A source that can not be opened has no frame and no checks, and `settle` says why. Where the one
pass fails, a file broke under it: `diagnose` each source alone, leave out those that have a fault,
and run the pass again for the others.

The rows of ``frame`` are those in force as of the date; its columns are the contract's, with the
types of `contracts_types.polars_type`, and the derived ones (`OpenSource.kinds` lists both). A column
whose name begins with `contracts.HIDDEN` keeps a value as the file has it, for the checks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import polars as pl

from phasegate.facts import passes
from phasegate.facts.contracts import (
    Clause,
    ContractError,
    Distinct,
    check_contract,
    clauses,
    distincts,
    in_force,
)
from phasegate.facts.contracts_derive import Values, with_derived
from phasegate.facts.contracts_types import DECIMAL_DIGITS
from phasegate.facts.expressions import Kind
from phasegate.facts.fact import Breach, SourceState
from phasegate.facts.progress import Progress, Silent
from phasegate.facts.sources_files import SourceError, digest_of
from phasegate.facts.sources_scan import READ_ERRORS, Scanned, scan_source, typed_frame
from phasegate.rules.contract import Contract
from phasegate.rules.errors import PhasegateError
from phasegate.rules.project import Calendar, Control, SourceFile


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
    """

    name: str
    contract: Contract
    frame: pl.LazyFrame | None = None
    kinds: dict[str, Kind] = field(default_factory=dict)
    checks: tuple[pl.LazyFrame, ...] = ()
    state: SourceState | None = None
    _clauses: tuple[Clause, ...] = ()
    _distincts: tuple[Distinct, ...] = ()
    _control: Control | None = None
    _scanned: Scanned | None = None
    _as_of: dt.date | None = None
    _progress: Progress = field(default_factory=Silent)

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

    def _erroneous(self, reason: str) -> SourceState:
        assert self._scanned is not None
        files = self._scanned.digests()
        return SourceState(
            self.name,
            "error",
            reason,
            files=files,
            digest=digest_of(files) if files else None,
            columns=tuple(self._scanned.columns),
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
        )
        if self._control is not None:
            missed = _missed(self._control, totals)
            state = replace(state, complete=not missed)
            if missed:
                return replace(state, status="error", reason=f"not the whole extract: {missed}")
        if rows < self.contract.min_rows:
            least = self.contract.min_rows
            reason = f"{_rows(rows)} too few to be a whole extract: the contract expects {least:,}"
            return replace(state, status="error", reason=reason)
        breaches = self._breaches(values)
        if breaches:
            first = breaches[0]
            more = f" (and {len(breaches) - 1} more)" if len(breaches) > 1 else ""
            broken = "row breaks" if first.rows == 1 else "rows break"
            reason = f"{first.rows:,} {broken} the contract: {first.clause}{more}"
            return replace(state, status="error", reason=reason, breaches=breaches)
        return state

    def _breaches(self, values: Mapping[str, Any]) -> tuple[Breach, ...]:
        counts = {clause.name: int(values[f"{self.name}|{clause.name}"]) for clause in self._clauses}
        alike = [
            distinct
            for distinct in self._distincts
            if values[f"{self.name}|{distinct.name} rows"] != values[f"{self.name}|{distinct.name}"]
        ]
        if not alike and not any(counts.values()):
            return ()
        from phasegate.facts.breaches import Suspect, find_breaches  # brings dataframely

        assert self._scanned is not None
        assert self._as_of is not None
        suspect = Suspect(
            _typed(self._scanned),
            in_force(self.contract, self._as_of),
            self.contract,
            self._scanned.columns,
            self._scanned.reading,
            self._as_of,
        )
        return find_breaches(suspect, counts, alike)


def numbers(results: Iterable[pl.DataFrame]) -> dict[str, Any]:
    """The named numbers of the checks, out of all results of a pass.

    A result that is no check (more than one row, or none) is passed over.
    """
    found: dict[str, Any] = {}
    for result in results:
        if result.height == 1:
            found.update(result.row(0, named=True))
    return found


def open_source(
    name: str,
    contract: Contract | None,
    file: SourceFile | None,
    root: Path,
    as_of: dt.date,
    calendar: Calendar | None = None,
    values: Values | None = None,
    progress: Progress | None = None,
) -> OpenSource:
    """Opens one source; see `open_sources`."""
    files = {} if file is None else {name: file}
    contracts = {name: contract or (file and file.contract) or Contract(title=name, infer=True)}
    return open_sources(contracts, files, root, as_of, calendar, values, progress)[name]


def open_sources(
    contracts: Mapping[str, Contract],
    files: Mapping[str, SourceFile],
    root: Path,
    as_of: dt.date,
    calendar: Calendar | None = None,
    values: Values | None = None,
    progress: Progress | None = None,
) -> dict[str, OpenSource]:
    """Opens sources: finds their files, reads their headers, and prepares everything else.

    Small sources are read at once, all of them together, and held: what is computed from them later
    would otherwise plan their reading anew each time, which costs more than their rows do.

    No fault of a file raises: it becomes the source's state.

    Args:
        contracts: what the columns must be, by the source's name; one that infers takes them from
            the file.
        files: where each is; a source without one is absent.
        root: the project's folder.
        as_of: the day for which the data are judged.
        calendar: which days are no business days.
        values: the parameters that derived columns may name, those of the engine included.
        progress: hears what is being read.
    """
    progress = progress or Silent()
    opened: dict[str, OpenSource] = {}
    found: dict[str, Scanned] = {}
    for name, contract in contracts.items():
        file = files.get(name)
        if file is None:
            absent = SourceState(name, "absent", "the project names no file for it")
            opened[name] = OpenSource(name, contract, state=absent)
            continue
        progress.started(name)
        try:
            check_contract(contract)
            found[name] = scan_source(contract, file, root)
        except (PhasegateError, ContractError) as error:
            opened[name] = _refused(name, contract, error, progress)
    for name, scanned in held(found).items():
        try:
            prepared = _prepared(
                name, scanned, files[name].control, as_of, calendar or Calendar(), values or {}
            )
        except (PhasegateError, ContractError) as error:
            prepared = _refused(name, contracts[name], error, progress)
        prepared._progress = progress
        opened[name] = prepared
    return {name: opened[name] for name in contracts}


def _refused(name: str, contract: Contract, error: Exception, progress: Progress) -> OpenSource:
    reason = str(error).replace("\nhelp: ", "; ")
    progress.finished(name)
    return OpenSource(name, contract, state=SourceState(name, "error", reason))


def held(found: Mapping[str, Scanned]) -> dict[str, Scanned]:
    """The same sources, the small ones in memory; one that can not be read stays as it is."""
    small = {name: scanned for name, scanned in found.items() if scanned.size <= passes.SMALL}
    try:
        texts = pl.collect_all([scanned.raw for scanned in small.values()], engine="streaming")
        for (name, scanned), raw in zip(small.items(), texts, strict=True):
            small[name] = replace(scanned, raw=raw.lazy())
        lengths = pl.collect_all([_date_lengths(each) for each in small.values()], engine="in-memory")
        plans: dict[str, pl.LazyFrame] = {}
        for (name, scanned), found_lengths in zip(small.items(), lengths, strict=True):
            row = found_lengths.row(0, named=True) if found_lengths.width else {}
            with suppress(SourceError):  # told when the source is prepared
                plans[name] = typed_frame(scanned, {key: length for key, length in row.items() if length})
        frames = pl.collect_all(list(plans.values()), engine="streaming")
    except READ_ERRORS:  # whose fault it is shows when each is read by itself
        return dict(found)
    kept = dict(found)
    for name, frame in zip(plans, frames, strict=True):
        kept[name] = replace(small[name], held=frame.lazy())
    return kept


def _typed(scanned: Scanned) -> pl.LazyFrame:
    """All rows, typed."""
    return typed_frame(scanned) if scanned.held is None else scanned.held


def _date_lengths(scanned: Scanned) -> pl.LazyFrame:
    """For each date column the bytes that all of its texts have, null where they are not as many."""
    lengths = {
        name: pl.col(name).str.len_bytes()
        for name, column in scanned.contract.columns.items()
        if column.type == "date" and scanned.columns.get(name) == pl.String()
    }
    return scanned.raw.select(
        pl.when(length.min() == length.max()).then(length.max()).alias(name)
        for name, length in lengths.items()
    )


def _prepared(
    name: str,
    scanned: Scanned,
    control: Control | None,
    as_of: dt.date,
    calendar: Calendar,
    values: Values,
) -> OpenSource:
    contract = scanned.contract
    everything = _typed(scanned)
    check_contract(contract)
    kept = in_force(contract, as_of)
    frame = everything if kept is None else everything.filter(kept)
    row_clauses = tuple(clauses(contract, scanned.columns, scanned.reading, as_of))
    alike = tuple(distincts(contract))
    counts = [pl.len().cast(pl.Int64).alias(f"{name}|rows in force")]
    counts += [clause.count.alias(f"{name}|{clause.name}") for clause in row_clauses]
    for distinct in alike:
        counts.append(distinct.rows.alias(f"{name}|{distinct.name} rows"))
        counts.append(distinct.kinds.alias(f"{name}|{distinct.name}"))
    totals = [pl.len().cast(pl.Int64).alias(f"{name}|rows"), *_sums(name, contract, control)]
    if kept is None:
        checks = [frame.select(*counts, *totals)]
    else:
        # Rows alone are counted without reading any column.
        whole = scanned.raw if len(totals) == 1 else everything
        checks = [frame.select(counts), whole.select(totals)]
    frame, kinds = with_derived(frame, name, contract, as_of, calendar, values)
    return OpenSource(
        name, contract, frame, kinds, tuple(checks), None, row_clauses, alike, control, scanned, as_of
    )


def _sums(name: str, contract: Contract, control: Control | None) -> list[pl.Expr]:
    """The sums that have control totals, over all rows."""
    sums = []
    for column, total in (control.sums if control else {}).items():
        found = contract.columns.get(column)
        if found is None or found.type not in ("integer", "decimal"):
            raise SourceError(f"control.sums: {column!r} is no integer or decimal column of the contract")
        try:
            Decimal(total)
        except InvalidOperation as error:
            raise SourceError(f"control.sums: {column!r} has {total!r}, which is no number") from error
        value = pl.col(column)
        if found.type == "integer":  # integers wrap around in silence, decimals do not
            value = value.cast(pl.Decimal(DECIMAL_DIGITS, 0))
        sums.append(value.sum().alias(f"{name}|sum {column}"))
    return sums


def _rows(count: int) -> str:
    return f"{count:,} {'row is' if count == 1 else 'rows are'}"


def _plain(value: Decimal | int | None) -> str:
    """An exact number as text, without zeros that say nothing."""
    text = f"{Decimal(value or 0):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _missed(control: Control, totals: Mapping[str, str]) -> str:
    """The control totals that were not met, with both numbers; empty if all were."""
    wanted = {} if control.rows is None else {"rows": str(control.rows)}
    wanted |= {column: control.sums[column] for column in sorted(control.sums)}
    missed = [
        f"{what} {totals[what]}, where its control total says {number}"
        for what, number in wanted.items()
        if Decimal(totals[what]) != Decimal(number)
    ]
    return "; ".join(missed)
