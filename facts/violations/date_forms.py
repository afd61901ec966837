"""Dates as people write them: in which form some cells are written, told by trying the usual ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from phasegate.facts.contracts.types import Reading, typed
from phasegate.facts.violations.broken_cells import Broken, set_options
from phasegate.facts.violations.number_forms import quoted

_DATES = (
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%m.%d.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d",
    "%Y%m%d", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d %B %Y",
    "%b %d, %Y", "%B %d, %Y", "%Y-%m-%d",
)  # fmt: skip
_CLOCKS = (" %H:%M:%S", " %H:%M", "T%H:%M:%S", " %I:%M %p", " %I:%M:%S %p", "")
_SERIAL = re.compile(r"[2-6][0-9]{4}(\.[0-9]+)?")


def hint_of_dates(broken: Broken) -> str:
    """What to do about texts that are no dates or timestamps of a column."""
    texts = broken.texts
    if all(text != text.strip() for text in texts):
        return set_options(["trim: true"])
    if all(_SERIAL.fullmatch(text) for text in texts):
        return "these are day numbers of a spreadsheet: format the column as a date there, and save it again"
    forms = [form for form in _forms(broken) if _read_with(broken, form)]
    if not forms:
        return f"write it as 2026-01-31{' 10:30:00' if broken.column.type == 'datetime' else ''}"
    option = f"{broken.column.type}_format"
    unread = {form: broken.unread(_written(broken, form)) for form in forms}
    fewest = min(unread.values())
    best = [form for form, rows in unread.items() if rows == fewest]
    if fewest >= broken.rows:
        how = f"'{option}: {quoted(best[0])}' would read these alone"
        return f"write these as the others are; {how}"
    either = f", or {quoted(best[1])} if that is meant" if len(best) > 1 else ""
    rest = f", and correct the {fewest:,} that it does not read" if fewest else ""
    return set_options([f"{option}: {quoted(best[0])}"]) + either + rest


def _forms(broken: Broken) -> Iterator[str]:
    for date in _DATES:
        if broken.column.type == "date":
            yield date
        else:
            yield from (date + clock for clock in _CLOCKS)


def _written(broken: Broken, form: str) -> Reading:
    if broken.column.type == "date":
        return replace(broken.reading, date_format=form)
    return replace(broken.reading, datetime_format=form)


def _read_with(broken: Broken, form: str) -> bool:
    value = typed(pl.col("text"), pl.String(), broken.column, _written(broken, form))
    assert value is not None
    read = pl.DataFrame({"text": broken.texts}).select(value)
    return read.to_series().null_count() == 0
