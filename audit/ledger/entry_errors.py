"""Entries of a ledger that can not be read as what they stand for: which one it is, and of which ledger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from phasegate.audit.errors import TrailError
from phasegate.audit.ledger.store import Row
from phasegate.audit.signing.canonical_json import read_canonical
from phasegate.rules.errors import PhasegateError


class EntryError(TrailError):
    """An entry that is not what it must be."""

    def __init__(self, row: Row, what: str) -> None:
        where = f"{row.ledger}: " if row.ledger else ""
        super().__init__(
            f"{where}entry {row.seq} {what}",
            "'phasegate verify' tells what else is wrong; go on with a copy that verifies",
        )


@contextmanager
def naming(row: Row) -> Iterator[None]:
    """Names the entry in whatever goes wrong while it is read.

    Args:
        row: the entry.

    Raises:
        EntryError: if it is not what it must be, be it that something is missing in it.
    """
    try:
        yield
    except EntryError:
        raise
    except PhasegateError as error:
        raise EntryError(row, f"can not be read: {error.message}") from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise EntryError(row, "can not be read: it does not say what an entry of its kind says") from error


def document_of(row: Row) -> dict[str, Any]:
    """What an entry says.

    Raises:
        EntryError: if it is no canonical document.
    """
    with naming(row):
        return read_canonical(row.body)
