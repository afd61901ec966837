"""Words for rows of which nobody knows whether they count: what they lack, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable

MAY_COUNT = "may count"
"""The column of rows behind a value that tells what an undetermined one lacks; no column of a source has a
space in its name."""
Columns = Iterable[tuple[str, int]]
"""Columns that are empty in such rows, each with the number of the rows."""


def lacking_said(rows: int, columns: Columns, of: int | None = None) -> str:
    """What undetermined rows lack: ``3 rows have no `days` ``, ``1 of 20 rows has no `days` ``.

    A row that lacks no cell may hold what can not be compared, such as ids of people that are only alike.

    Args:
        rows: how many there are.
        columns: those that are empty in them.
        of: among how many rows they are; None where some may stand beside these.
    """
    empty = list(columns)
    many = f"{rows:,} of {of:,}" if of is not None else f"{rows:,}"
    noun = "row" if (rows if of is None else of) == 1 else "rows"
    names = [f"`{name}`" if number == rows else f"`{name}` ({number:,})" for name, number in empty]
    if sum(number for _, number in empty) >= rows:
        return f"{many} {noun} {'has' if rows == 1 else 'have'} no {_either(names)}"
    what = "leaves open whether it counts" if rows == 1 else "leave open whether they count"
    return f"{many} {noun} {what}" + (f", some without {_either(names)}" if names else "")


def cause_said(rows: int, columns: Columns, fix: str, of: int | None = None) -> str:
    """The same with what to do: ``3 rows have no `days`: write `(days > 30) IS TRUE` if ...``."""
    said = lacking_said(rows, columns, of)
    return f"{said}: {fix}" if fix else said


def remedy(rows: int, columns: Columns, fix: str) -> str:
    """What decides them: ``give 3 rows their `days`, or write `(days > 30) IS TRUE` if ...``."""
    names = _either([f"`{name}`" for name, _ in columns])
    whom = "1 row its" if rows == 1 else f"{rows:,} rows their"
    given = f"give {whom} {names}" if names else ""
    decided = "decide whether 1 row counts" if rows == 1 else f"decide whether {rows:,} rows count"
    return ", or ".join(part for part in (given, fix) if part) or decided


def _either(names: list[str]) -> str:
    return " or ".join([part for part in (", ".join(names[:-1]), *names[-1:]) if part])
