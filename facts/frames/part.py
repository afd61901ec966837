"""The rows that a program gives as what is measured: hashed as the rows of a database's table are."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from phasegate.facts.connections.base import TableColumn
from phasegate.facts.connections.digest import RowsDigest
from phasegate.facts.connections.stage import TablePart
from phasegate.facts.connections.tables import needed_columns, refuse_left_out
from phasegate.facts.connections.written import lines_of
from phasegate.facts.frames.given import GivenTable
from phasegate.facts.frames.pandas_columns import FINER
from phasegate.facts.model.fact import MEMORY, TableState
from phasegate.facts.sources.files import FoundFile, SourceError
from phasegate.facts.sources.limits import refuse_columns
from phasegate.facts.sources.passes import cause, read_errors
from phasegate.facts.sources.rewritten import ROWS
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile


def open_given(given: object, source: SourceFile, contract: Contract) -> TablePart:
    """The rows of a source that a program gives.

    Args:
        given: the table.
        source: what the project says of the source.
        contract: what its columns must be.

    Raises:
        SourceError: if a column that is read can not be.
    """
    assert isinstance(given, GivenTable)
    shown = source.place
    refuse_columns(shown, len(given.columns))
    needed = needed_columns(given.columns, source, contract)
    refuse_left_out(needed, source, contract, "give it as text, number, date or the like")
    read = [each for each in needed if each.kind is not None]
    if not read:  # the contract may lack each of its columns, and rows are counted all the same
        read = [each for each in given.columns if each.kind is not None][:1]
    digest = _digest(given, read, shown)
    kinds = {each.name: each.kind for each in read if each.kind is not None}
    state = TableState(
        server=MEMORY,
        snapshot=given.made_by,
        rows=digest.in_order,
        types={each.name: each.written for each in read},
    )
    left_out = {each.name: each.left_out for each in needed if each.kind is None}
    names = [each.name for each in given.columns]
    return TablePart(FoundFile(Path(shown), shown, given.held), source, kinds, state, digest, left_out, names)


def _digest(given: GivenTable, read: list[TableColumn], shown: str) -> RowsDigest:
    """The digest of the columns that are read, in bounded memory."""
    digest = RowsDigest(read)
    names = [each.name for each in read]
    fine = [each.name for each in read if isinstance(each.kind, pl.Datetime) and each.kind.time_unit == "ns"]
    try:
        rows = pl.scan_parquet(given.held.text, glob=False).select(names)
        for batch in rows.collect_batches(
            chunk_size=ROWS, maintain_order=True, lazy=True, engine="streaming"
        ):
            for name in fine:
                if (batch.get_column(name).dt.nanosecond() % 1_000 != 0).any():
                    raise SourceError(f"{shown}: column {name!r} can not be read: {FINER}")
            lines = lines_of(batch.with_columns(pl.col(fine).dt.cast_time_unit("us")) if fine else batch)
            digest.see(lines, b"".join(lines))
    except read_errors() as error:
        raise SourceError(f"{shown} can not be read: {cause(error)}") from None
    return digest
