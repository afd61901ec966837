"""What every model of a pack and of a project file shares."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints

from phasegate.rules.values.bounds import Bound
from phasegate.rules.values.units import DAYS, TIMES, Quantity, unit_fault

_TAG = re.compile(r"tag:.*:[0-9a-f]*", re.DOTALL)
"""How the columns are called that hold one tag of many."""


class Model(BaseModel):
    """Frozen, and closed to keys that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class UnfitError(ValueError):
    """A value that a model refuses.

    Attributes:
        rule: the violation's name.
        short: what is wrong.
        hint: what to write in its place.
        lacking: the keys of which one is needed; it may be there, if a part could not be read.
    """

    def __init__(self, rule: str, short: str, hint: str | None = None, lacking: tuple[str, ...] = ()) -> None:
        super().__init__(f"{short}: {hint}" if hint else short)
        self.rule = rule
        self.short = short
        self.hint = hint
        self.lacking = lacking


def _unit(text: str) -> str:
    if fault := unit_fault(text):
        kinds = "write %, days, hours, minutes, seconds, a currency such as USD, or one word such as points"
        hint = f"did you mean {fault.meant!r}?" if fault.meant else kinds
        raise UnfitError("bad-unit", f"{text!r} {fault.why}", hint)
    return text


def _quantity(text: str) -> str:
    Quantity.parse(text)
    return text


def _days(text: str) -> str:
    quantity = Quantity.parse(text)
    whole = quantity.value >= 0 and quantity.value.denominator == 1
    if quantity.unit == DAYS and whole:
        return text
    why, hint = "is not a length of time", "write whole days, such as '31 days'"
    if quantity.unit is None and whole:
        why, hint = (
            "does not say of what",
            f"write '{quantity.value} day{'' if quantity.value == 1 else 's'}'",
        )
    elif quantity.unit in TIMES:
        why = "is no number of days: a day begins at midnight, and not all have 24 hours"
    raise UnfitError("bad-quantity", f"{text!r} {why}", hint)


def _day(written: object) -> object:
    """Reads a day as it is written here only; pydantic would take ``20260131`` for seconds."""
    if not isinstance(written, str):
        return written
    try:
        if len(written) == 10 and written[4] == written[7] == "-":
            return dt.date.fromisoformat(written)
    except ValueError:
        pass
    raise UnfitError("bad-date", f"{written!r} is not a date", "write it as 2026-01-31")


def _instant(written: object) -> object:
    """Reads an instant; one that leaves its time zone to the reader is none."""
    instant = _read_instant(written) if isinstance(written, str) else written
    if isinstance(instant, dt.datetime) and instant.utcoffset() is None:
        raise UnfitError(
            "no-time-zone", f"{written!s} does not say in which time zone", "end it with Z for UTC"
        )
    return _utc(instant) if isinstance(instant, dt.datetime) else instant


def _utc(instant: dt.datetime) -> dt.datetime:
    try:
        return instant.astimezone(dt.UTC)
    except OverflowError:
        raise UnfitError("bad-date", f"{instant} lies outside of the years 1 to 9999 in UTC") from None


def _read_instant(written: str) -> dt.datetime:
    try:
        if written[4:5] == written[7:8] == "-" and written[10:11] in ("T", " "):
            return dt.datetime.fromisoformat(written)
    except ValueError:
        pass
    hint = "write it as 2026-01-31T00:00:00Z"
    raise UnfitError("bad-date", f"{written!r} is not a date with time and zone", hint)


def _column(name: str) -> str:
    """Refuses what names no column, or several: polars reads ``*`` and ``^...$`` as patterns."""
    if not name.isprintable() or not name.strip():
        hint = "write the name as the file's header has it"
        raise UnfitError("bad-name", f"{name!r} names no column", hint)
    if (what := reserved(name)) is not None:
        raise UnfitError("bad-name", what, RENAME)
    return name


RENAME = "give it another name in the file"


def reserved(name: str) -> str | None:
    """Why a column of this name would be taken for something else; None if it would not."""
    if _TAG.fullmatch(name):
        return f"{name!r} is what phasegate calls a tag"
    if name.startswith("person:"):
        return f"{name!r} is what phasegate calls the ids of people in a column"
    if name == "*" or (name.startswith("^") and name.endswith("$")):
        return f"{name!r} would name several columns"
    return None


def _bound(written: str | bool) -> str | bool:
    Bound.parse(written)
    return written


Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$", max_length=120)]
"""An identifier: letters, digits, dots, dashes, underscores."""
ProjectId = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$", min_length=8, max_length=120)
]
"""The id of a project, which no other has: an `Id`, long enough not to be thought of twice."""
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=120)]
"""The name of a column, a source, a field or a parameter."""
ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_column)]
"""The name of a column where one is referred to: as the file has it, blanks and quotes included."""
PluginName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,59}$")]
"""The name of what another distribution brings."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
"""One line or paragraph for people."""
Sql = Annotated[str, StringConstraints(min_length=1, max_length=8000, strip_whitespace=True)]
"""A SQL expression over a source's columns; `facts.expressions.expression` holds it to the allowlist."""
Unit = Annotated[str, AfterValidator(_unit)]
QuantityText = Annotated[str, AfterValidator(_quantity)]
Day = Annotated[dt.date, BeforeValidator(_day)]
"""A calendar day, written as 2026-01-31."""
Instant = Annotated[dt.datetime, BeforeValidator(_instant)]
"""A date with time and zone, written as 2026-01-31T00:00:00Z; in UTC whatever its zone was."""
DaysText = Annotated[str, AfterValidator(_days)]
BoundText = Annotated[str | bool, AfterValidator(_bound)]
