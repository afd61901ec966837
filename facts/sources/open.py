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
types of `contracts.types.polars_type`, and the derived ones (`kinds` lists both). A column
whose name begins with `contracts.HIDDEN` keeps a value as the file has it, for the checks.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from phasegate.facts.contracts.clauses import (
    ROW,
    ContractError,
    Distinct,
    Values,
    check_contract,
    clauses,
    distincts,
    in_force,
)
from phasegate.facts.contracts.derived import with_derived
from phasegate.facts.contracts.moments import Zones
from phasegate.facts.contracts.numbers import DECIMAL_DIGITS
from phasegate.facts.contracts.row_conditions import row_clauses
from phasegate.facts.engines.plans import READ, EngineError
from phasegate.facts.expressions.expression import Kind
from phasegate.facts.model.fact import SourceState
from phasegate.facts.model.progress import Progress, Silent, opening
from phasegate.facts.sources import passes
from phasegate.facts.sources.content import Room
from phasegate.facts.sources.files import SourceError
from phasegate.facts.sources.formats.base import Part
from phasegate.facts.sources.scan import READ_ERRORS, Scanned, scan_source, typed_frame
from phasegate.facts.sources.source import OpenSource, counted, in_order, totaled, typed_rows
from phasegate.facts.sources.spill import stored
from phasegate.facts.sources.zone_check import refuse_other_clocks
from phasegate.rules.errors import PhasegateError
from phasegate.rules.model.connection import Connection
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import Calendar, Control, SourceFile
from phasegate.rules.values.time_zones import UTC

if TYPE_CHECKING:
    from phasegate.facts.connections.objects.find import Objects
    from phasegate.facts.connections.tables import TableThere
    from phasegate.facts.sources.currency.conversion import Conversion
    from phasegate.facts.sources.passes import Source


def open_source(
    name: str,
    contract: Contract | None,
    file: SourceFile | None,
    root: Path,
    as_of: dt.date,
    calendar: Calendar | None = None,
    values: Values | None = None,
    progress: Progress | None = None,
    zone: str = UTC,
    connections: Mapping[str, Connection] | None = None,
) -> Source:
    """Opens one source; see `open_sources`."""
    files = {} if file is None else {name: file}
    contracts = {name: contract or (file and file.contract) or Contract(title=name, infer=True)}
    return open_sources(contracts, files, root, as_of, calendar, values, progress, zone, connections)[name]


def open_sources(
    contracts: Mapping[str, Contract],
    files: Mapping[str, SourceFile],
    root: Path,
    as_of: dt.date,
    calendar: Calendar | None = None,
    values: Values | None = None,
    progress: Progress | None = None,
    zone: str = UTC,
    connections: Mapping[str, Connection] | None = None,
    given: Mapping[str, Part] | None = None,
) -> dict[str, Source]:
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
        zone: the project's time zone, whose days count.
        connections: how the databases and stores are reached that tables are in, by name.
        given: the rows of sources that are at hand already, by the source's name.
    """
    progress = progress or Silent()
    tables = {**_tables(contracts, files, connections or {}, progress), **(given or {})}
    objects = _objects(contracts, files, connections or {})
    opened: dict[str, OpenSource] = {}
    found: dict[str, Scanned] = {}
    there: dict[str, Source] = {}
    room = Room()
    for name, contract in contracts.items():
        file = files.get(name)
        if file is None:
            absent = SourceState(name, "absent", "the project names no file for it")
            opened[name] = OpenSource(name, contract, state=absent)
            continue
        if name not in tables:
            progress.started(name)
        try:
            table = _begun(contract, file, zone, as_of, tables.get(name))
            if file.given is not None:
                table = _given(contract, file)
            if table is not None and not isinstance(table, Part):
                there[name] = _opened_there(name, contracts, file, table, as_of, values or {}, zone, progress)
                continue
            with opening(name, progress):
                brought = (
                    objects.find(file, room) if objects is not None and file.objects is not None else None
                )
                found[name] = scan_source(contract, file, root, zone, room, table, brought)
        except (PhasegateError, ContractError, EngineError) as error:
            opened[name] = _refused(name, contract, error, progress)
    found = stored(held(found))
    conversions = _conversions(contracts, found, as_of)
    for name, scanned in found.items():
        try:
            if scanned.contract.belongs_to:
                from phasegate.facts.contracts.registers import check_registers

                check_registers(name, scanned.contract, contracts)
            ready = prepared(
                name,
                scanned,
                files[name].control,
                as_of,
                calendar or Calendar(),
                values or {},
                conversions.get(name),
            )
        except (PhasegateError, ContractError) as error:
            ready = _refused(name, contracts[name], error, progress)
        ready._progress = progress
        opened[name] = ready
    if any(source.contract.belongs_to for source in opened.values()):
        from phasegate.facts.contracts.registers import stray_checks

        for name, check in stray_checks(opened):
            opened[name].checks += (check,)
    return {name: there.get(name) or opened[name] for name in contracts}


def _begun(
    contract: Contract,
    file: SourceFile,
    zone: str,
    as_of: dt.date,
    table: Part | TableThere | SourceError | None,
) -> Part | TableThere | None:
    """Refuses what can not be read, before anything is; and its table, where it is in a database."""
    if not contract.infer:  # else it is checked once the file's columns are known
        check_contract(contract)
    refuse_other_clocks(Zones(file.time_zone or zone, zone), as_of)
    if isinstance(table, SourceError):
        raise table
    return table


def _given(contract: Contract, file: SourceFile) -> Part:
    """The rows that a program gives."""
    from phasegate.facts.frames.part import open_given

    return open_given(file.given, file, contract)


def _opened_there(
    name: str,
    contracts: Mapping[str, Contract],
    file: SourceFile,
    table: TableThere,
    as_of: dt.date,
    values: Values,
    zone: str,
    progress: Progress,
) -> Source:
    """A source that stays where it is."""
    from phasegate.facts.connections.base import GivenThere

    _hold_registers(name, contracts)
    columns = (table.table, table.columns)
    assert table.renew is not None
    kept = (table.kept, table.renew)
    given = GivenThere(name, contracts[name], file, *columns, as_of, values, zone, progress, *kept)
    return table.snapshot.open_there(given)


def _hold_registers(name: str, contracts: Mapping[str, Contract]) -> None:
    """Refuses a source that stays where it is, and in which rows are looked up that were read."""
    for other, contract in contracts.items():
        used = name in contract.belongs_to or (
            contract.convert is not None and contract.convert.rates == name
        )
        if used:
            what = f"rows of {other} are looked up in it, which are read, and its own are not"
            raise SourceError(what, READ)


def _tables(
    contracts: Mapping[str, Contract],
    files: Mapping[str, SourceFile],
    connections: Mapping[str, Connection],
    progress: Progress,
) -> Mapping[str, Part | TableThere | SourceError]:
    """The tables of databases, read; or why one is not."""
    wanted = {
        name: (file, contract)
        for name, contract in contracts.items()
        if (file := files.get(name)) is not None and file.connection is not None and file.objects is None
    }
    if not wanted:
        return {}
    from phasegate.facts.connections.tables import read_tables

    for name in wanted:
        progress.started(name)
    with opening("", progress):
        return read_tables(wanted, connections, os.environ)


def _objects(
    contracts: Mapping[str, Contract], files: Mapping[str, SourceFile], connections: Mapping[str, Connection]
) -> Objects | None:
    """What reads objects of stores; None where no source has any."""
    if not any((file := files.get(name)) is not None and file.objects is not None for name in contracts):
        return None
    from phasegate.facts.connections.objects.find import Objects

    return Objects(connections, os.environ)


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


def _conversions(
    contracts: Mapping[str, Contract], found: Mapping[str, Scanned], as_of: dt.date
) -> dict[str, Conversion]:
    """How amounts are converted, by the name of their source."""
    if not any(contract.convert for contract in contracts.values()):
        return {}
    from phasegate.facts.sources.currency.conversion import conversions

    return conversions(contracts, found, as_of)


def prepared(
    name: str,
    scanned: Scanned,
    control: Control | None,
    as_of: dt.date,
    calendar: Calendar,
    values: Values,
    conversion: Conversion | None = None,
) -> OpenSource:
    """A source that was scanned, with its checks and its derived columns; nothing is computed yet.

    Args:
        name: the source's name.
        scanned: its rows.
        control: what they must add up to.
        as_of: the day for which the data are judged.
        calendar: which days are no business days.
        values: the parameters that derived columns may name, those of the engine included.
        conversion: how its amounts are converted.

    Raises:
        PhasegateError, ContractError: if it can not be used.
    """
    contract = scanned.contract
    everything = typed_rows(scanned)
    check_contract(contract)
    if contract.convert is not None or contract.rates is not None:
        from phasegate.facts.sources.currency.conversion import check_exchange

        check_exchange(contract)
    kept = in_force(contract, as_of)
    frame = everything if kept is None else everything.filter(kept)
    demands = (
        *clauses(contract, scanned.columns, scanned.reading, as_of),
        *row_clauses(contract, name, values),
    )
    alike = tuple(distincts(contract, scanned.columns))
    counts = [pl.len().cast(pl.Int64).alias(f"{name}|rows in force")]
    ordered: dict[str, list[pl.Expr]] = {}
    for distinct in alike:
        order = _order(distinct, scanned)
        if order is None:
            counts += counted(name, distinct)
        else:
            ordered[distinct.columns[0]] = [order.alias(in_order(name, distinct))]
    for clause in demands:
        ordered.get(clause.column, counts).append(clause.count.alias(f"{name}|{clause.name}"))
    totals = [pl.len().cast(pl.Int64).alias(f"{name}|rows"), *sums_of(name, contract, control)]
    if kept is None:
        checks = [frame.select(*counts, *totals)]
    else:
        # Rows alone are counted without reading any column.
        whole = scanned.raw if len(totals) == 1 else everything
        checks = [frame.select(counts), whole.select(totals)]
    # A column in order has a pass of its own: beside it polars keeps what is read of the others.
    checks += [frame.select(own) for own in ordered.values()]

    def completed(rows: pl.LazyFrame) -> tuple[pl.LazyFrame, dict[str, Kind]]:
        """Rows with their amounts converted and their derived columns."""
        rows, amounts = (rows, {}) if conversion is None else conversion.applied(rows, contract)
        return with_derived(rows, name, contract, as_of, calendar, values, amounts)

    def numbered() -> pl.LazyFrame:
        rows = typed_rows(scanned).with_row_index(ROW, offset=1)
        return completed(rows if kept is None else rows.filter(kept))[0]

    frame, kinds = completed(frame)
    source = OpenSource(
        name, contract, frame, kinds, tuple(checks), None, demands, alike, control, scanned, as_of
    )
    source._numbered = numbered
    if conversion is not None:
        source.exchange = conversion.exchange(name, contract, kinds, values)
    return source


def _order(distinct: Distinct, scanned: Scanned) -> pl.Expr | None:
    """Proves rows different by their order, where that is much less work than counting them.

    Where the proof fails the rows are read again, which must cost little: not as text.
    """
    types = [scanned.columns.get(column, pl.Null()) for column in distinct.columns]
    cheap = all(type_.is_integer() or type_.is_temporal() for type_ in types)
    return distinct.ascending if cheap and scanned.size > passes.SMALL else None


def sums_of(name: str, contract: Contract, control: Control | None) -> list[pl.Expr]:
    """The sums that have control totals, over all rows."""
    sums = []
    for column in totaled(contract, control):
        value = pl.col(column)
        if contract.columns[column].type == "integer":  # integers wrap around in silence, decimals do not
            value = value.cast(pl.Decimal(DECIMAL_DIGITS, 0))
        sums.append(value.sum().alias(f"{name}|sum {column}"))
    return sums
