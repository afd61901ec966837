"""Digests of the rows of a database: one that is the same in whatever order they come, and one of the lines.

A database gives the same rows in another order whenever it likes. The digest by which two runs are compared
is therefore over a sum: each row's BLAKE2b is a number of 512 bits, and their sum modulo 2^512 does not
depend on their order. No accident and no mending of single rows meets it. Who may choose a million rows
freely can, in some 2^44 steps (D. Wagner, A Generalized Birthday Problem, 2002): for that the SHA-256 of the
lines in the order in which they came stands beside it, and a run that is measured again is held against its
facts too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import polars as pl

from phasegate.facts.connections.base import TableColumn
from phasegate.facts.contracts.types import type_name

_BYTES = 64


class RowsDigest:
    """Takes rows as they go by.

    Args:
        columns: what they are of; rows of other columns are others.

    Attributes:
        rows: how many there were.
        size: how many bytes they had.
    """

    def __init__(self, columns: Sequence[TableColumn]) -> None:
        told = "".join(f"{json.dumps(column.name)} {_kind(column.kind)}\n" for column in columns).encode()
        self._told = told
        self._lines = hashlib.sha256(told)
        self._sum = 0
        self.rows = 0
        self.size = 0

    def see(self, lines: Sequence[bytes], text: bytes) -> None:
        """The next rows, each a line, and all of them together."""
        self._lines.update(text)
        hashed, number = hashlib.blake2b, int.from_bytes
        self._sum += sum([number(hashed(line).digest(), "little") for line in lines])
        self.rows += len(lines)
        self.size += len(text)

    @property
    def in_order(self) -> str:
        """Of the lines in the order in which they came, ``sha256:...``."""
        return f"sha256:{self._lines.hexdigest()}"

    @property
    def in_any_order(self) -> str:
        """Of the rows, the same in whatever order they came, ``sha256:...``."""
        whole = (self._sum % (1 << 8 * _BYTES)).to_bytes(_BYTES, "little")
        digest = hashlib.sha256(self._told + f"{self.rows}\n".encode() + whole)
        return f"sha256:{digest.hexdigest()}"


def _kind(kind: pl.DataType | None) -> str:
    """What a column is read as, in words that no version of polars changes."""
    if isinstance(kind, pl.Decimal):
        return f"decimal {kind.scale}"
    if isinstance(kind, pl.Datetime) and kind.time_zone is not None:
        return "instant"
    return "float 32" if kind == pl.Float32() else type_name(kind or pl.Null())
