"""The tables of a project as their contracts type them: as another store takes them, and their digests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from phasegate.facts.connections.base import TableColumn
from phasegate.facts.connections.digest import RowsDigest
from phasegate.facts.contracts.types import polars_type
from phasegate.facts.sources.scan import scan_source, typed_frame
from phasegate.rules.loading.project import load_project
from phasegate.rules.model.contract import Contract
from phasegate.rules.values.time_zones import UTC

_MISSING = r"\N"
_ESCAPES = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}
_ROWS = 1 << 16


@dataclass(frozen=True)
class TypedTable:
    """All rows of a source, those included that are not in force.

    Attributes:
        name: of the source.
        contract: what its columns must be.
        frame: the columns of the contract that the files have, in its order, as it types them.
    """

    name: str
    contract: Contract
    frame: pl.DataFrame

    @property
    def digest(self) -> str:
        """Of the rows in whatever order: what a record says of a table that is read from a database."""
        columns = [TableColumn(name, "", kind) for name, kind in zip(*self._kinds(), strict=True)]
        found = RowsDigest(columns)
        for lines in self.lines():
            found.see(lines, b"".join(lines))
        return found.in_any_order

    def lines(self) -> list[list[bytes]]:
        """The rows, some at a time, as COPY of PostgreSQL writes and reads them."""
        texts = [_text(pl.col(name), kind) for name, kind in zip(*self._kinds(), strict=True)]
        joined = self.frame.select(pl.concat_str(texts, separator="\t") + "\n").to_series()
        return [[line.encode() for line in joined.slice(at, _ROWS)] for at in range(0, joined.len(), _ROWS)]

    def _kinds(self) -> tuple[Sequence[str], Sequence[pl.DataType]]:
        """Moments are instants: a database keeps them with their zone."""
        kinds = [
            pl.Datetime("us", UTC) if isinstance(kind, pl.Datetime) else kind for kind in self.frame.dtypes
        ]
        return self.frame.columns, kinds


def typed_tables(project: Path) -> dict[str, TypedTable]:
    """The tables that a project has, by the names of their sources.

    Args:
        project: the folder of its file.
    """
    loaded = load_project(project / "phasegate.yaml")
    found: dict[str, TypedTable] = {}
    for name, source in loaded.project.sources.items():
        contract = loaded.pack.pack.sources[name]
        scanned = scan_source(contract, source, loaded.root, loaded.project.time_zone)
        there = [column for column in contract.columns if column in scanned.columns]
        kinds = {column: polars_type(contract.columns[column]) for column in there}
        frame = typed_frame(scanned).select(there).collect()
        assert dict(frame.schema) == kinds, name
        found[name] = TypedTable(name, contract, frame)
    return found


def _text(value: pl.Expr, kind: pl.DataType) -> pl.Expr:
    match kind:
        case pl.String():
            told = value
            for sign, escaped in _ESCAPES.items():
                told = told.str.replace_all(sign, escaped, literal=True)
        case pl.Boolean():
            told = pl.when(value).then(pl.lit("t")).when(value.not_()).then(pl.lit("f"))
        case pl.Datetime():  # nothing at the end of a fraction that says nothing
            told = (
                value.dt.strftime("%Y-%m-%d %H:%M:%S%.6f").str.strip_chars_end("0").str.strip_chars_end(".")
            )
        case _:
            told = value.cast(pl.String)
    return told.fill_null(_MISSING)
