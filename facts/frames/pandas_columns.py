"""Frames of pandas as columns of polars: copied, and nothing in them guessed.

What pandas takes for a missing value is missing: None, NA, NaT, and NaN in a column that has nothing else to
say it by. A column that can say both (of Arrow, or of the nullable types) says NaN where it has NaN, which
is no number in any file either. The kind of a column of objects is that of all of its values; of several
kinds, none of them is chosen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import polars as pl

from phasegate.facts.contracts.numbers import DECIMAL_DIGITS
from phasegate.facts.frames.errors import GivenTableError

FINER = "its moments are finer than a microsecond: round them first"
_WORDS_SHOWN = 3
_WHOLE = 2**63
"""Whole numbers from here on are no integers of 64 bits."""


class UnfitColumnError(Exception):
    """Why a column is not read."""


class Converted(NamedTuple):
    """A frame of pandas, as far as it can be read.

    Attributes:
        columns: its columns.
        types: what pandas calls the type of each, those included that are not read.
        left_out: why some are not read, by name.
    """

    columns: list[pl.Series]
    types: dict[str, str]
    left_out: dict[str, str]


def from_pandas(source: str, frame: Any) -> Converted:
    """The columns of a frame of pandas, none of which shares memory with it.

    Args:
        source: the name of the source that it stands for.
        frame: a ``pandas.DataFrame``.

    Raises:
        GivenTableError: if its index says something, or its columns have no names of their own.
    """
    _refuse_index(source, frame.index)
    names = _names(source, frame.columns)
    found = Converted([], {}, {})
    for place, name in enumerate(names):
        values = frame.iloc[:, place]
        found.types[name] = str(values.dtype)
        try:
            found.columns.append(_column(values).alias(name))
        except UnfitColumnError as error:
            found.left_out[name] = str(error)
    return found


def _refuse_index(source: str, index: Any) -> None:
    """The numbers of rows are no part of them; whatever else an index is, it may be data."""
    named = [name for name in index.names if name is not None]
    if not named and index.nlevels == 1 and index.dtype.kind in "iu":
        return
    if not named and not len(index):  # of no rows it says nothing
        return
    told = f"has an index called {', '.join(map(repr, named))}" if named else "has an index of its own"
    hint = "make a column of it with reset_index(), or drop it with reset_index(drop=True)"
    raise GivenTableError(source, told, hint)


def _names(source: str, columns: Any) -> list[str]:
    if columns.nlevels > 1:
        raise GivenTableError(source, "has columns of several levels", "give each column one name")
    odd = [name for name in columns if not isinstance(name, str)]
    if odd:
        hint = "rename it: columns of tables have texts for names"
        raise GivenTableError(source, f"has a column that is called {odd[0]!r}, which is no text", hint)
    return [*columns]


def _column(values: Any) -> pl.Series:
    """A column of pandas."""
    dtype = values.dtype
    kind = type(dtype).__name__
    if kind == "SparseDtype":
        return _column(values.sparse.to_dense())
    if kind == "ArrowDtype":
        return pl.Series(values=values.array.__arrow_array__())
    if kind == "DatetimeTZDtype":
        utc = values.dt.tz_convert("UTC").dt.tz_localize(None)
        return _column(utc).dt.replace_time_zone("UTC")
    if kind in ("CategoricalDtype", "StringDtype"):
        return _objects(values.astype(object))
    if (
        getattr(dtype, "na_value", None) is not None
        and kind.endswith("Dtype")
        and hasattr(dtype, "numpy_dtype")
    ):
        missing = values.isna().to_numpy()
        filled = values.array.to_numpy(dtype=dtype.numpy_dtype, na_value=dtype.numpy_dtype.type(0))
        return _without(pl.Series(values=filled.copy()), missing)
    if kind in ("PeriodDtype", "IntervalDtype"):
        raise UnfitColumnError(f"it is of the type {dtype}, of which nothing is measured")
    return _plain(values, str(dtype), getattr(dtype, "kind", ""))


def _plain(values: Any, written: str, kind: str) -> pl.Series:
    """A column that numpy holds."""
    if kind == "O":
        return _objects(values)
    if kind in "biu" and kind:
        return pl.Series(values=values.to_numpy(copy=True))
    if kind == "f":
        array = values.to_numpy(copy=True)
        return pl.Series(values=array if array.itemsize > 2 else array.astype("float32"), nan_to_null=True)
    if kind == "M":
        array = values.to_numpy(copy=True)
        fine = written.endswith(("[ns]", "[us]", "[ms]"))
        return pl.Series(values=array if fine else array.astype("datetime64[us]"))
    raise UnfitColumnError(f"it is of the type {written}, of which nothing is measured")


def _without(values: pl.Series, missing: Any) -> pl.Series:
    """The same values, some of them missing."""
    there = pl.Series(values=~missing, dtype=pl.Boolean)
    return values.to_frame("value").select(pl.when(there).then(pl.col("value"))).to_series()


def _objects(values: Any) -> pl.Series:
    """A column of Python's objects: what all of them are that are there."""
    found = [None if _is_missing(each) else each for each in values]
    there = [each for each in found if each is not None]
    if not there:
        return pl.Series(values=[None] * len(found), dtype=pl.Null)
    for is_such, made in _KINDS:
        if all(map(is_such, there)):
            return made(found)
    shown = sorted({type(each).__name__ for each in there})
    told = ", ".join(shown[:_WORDS_SHOWN]) + (", ..." if len(shown) > _WORDS_SHOWN else "")
    if len(shown) > 1:
        raise UnfitColumnError(f"it holds values of several types ({told}): convert it to one of them")
    raise UnfitColumnError(f"it holds values of the type {told}, of which nothing is measured")


def _is_missing(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value


def _texts(found: Sequence[Any]) -> pl.Series:
    return pl.Series(values=[None if each is None else str(each) for each in found], dtype=pl.String)


def _truths(found: Sequence[Any]) -> pl.Series:
    return pl.Series(values=[None if each is None else bool(each) for each in found], dtype=pl.Boolean)


def _wholes(found: Sequence[Any]) -> pl.Series:
    whole = [None if each is None else int(each) for each in found]
    if all(each is None or -_WHOLE <= each < _WHOLE for each in whole):
        return pl.Series(values=whole, dtype=pl.Int64)
    return _decimals([None if each is None else Decimal(each) for each in whole])


def _floats(found: Sequence[Any]) -> pl.Series:
    return pl.Series(values=[None if each is None else float(each) for each in found], dtype=pl.Float64)


def _decimals(found: Sequence[Decimal | None]) -> pl.Series:
    """Each as it is; of one that is no number there is no decimal."""
    there = [each for each in found if each is not None]
    if not all(each.is_finite() for each in there):
        raise UnfitColumnError("it holds a decimal that is no number")
    scale = max(max(0, -int(each.as_tuple().exponent)) for each in there)
    before = max(max(0, each.adjusted() + 1) for each in there)
    if before + scale > DECIMAL_DIGITS:
        raise UnfitColumnError(f"its decimals need more than {DECIMAL_DIGITS} digits")
    texts = pl.Series(values=[None if each is None else f"{each:f}" for each in found], dtype=pl.String)
    return texts.cast(pl.Decimal(DECIMAL_DIGITS, scale))


def _days(found: Sequence[Any]) -> pl.Series:
    return pl.Series(values=found, dtype=pl.Date)


def _moments(found: Sequence[Any]) -> pl.Series:
    there = [each for each in found if each is not None]
    if any(getattr(each, "nanosecond", 0) for each in there):
        raise UnfitColumnError(FINER)
    zoned = {each.utcoffset() is not None for each in there}
    if len(zoned) > 1:
        raise UnfitColumnError("some of its moments have a time zone, and others have none")
    plain = [None if each is None else _moment(each) for each in found]
    made = pl.Series(values=plain, dtype=pl.Datetime("us"))
    return made.dt.replace_time_zone("UTC") if zoned == {True} else made


def _moment(each: dt.datetime) -> dt.datetime:
    """A moment of Python's own, in UTC where it had a zone."""
    at = each.astimezone(dt.UTC) if each.utcoffset() is not None else each
    return dt.datetime.combine(
        dt.date(at.year, at.month, at.day), dt.time(at.hour, at.minute, at.second, at.microsecond)
    )


def _numpy_kind(value: object) -> str:
    """What numpy calls the kind of one of its values; empty of any other."""
    return str(getattr(getattr(value, "dtype", None), "kind", ""))


def _is_truth(value: object) -> bool:
    return isinstance(value, bool) or _numpy_kind(value) == "b"


def _is_whole(value: object) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)) or _numpy_kind(value) in ("i", "u")


def _is_float(value: object) -> bool:
    return isinstance(value, float) or _numpy_kind(value) == "f"


def _is_day(value: object) -> bool:
    return isinstance(value, dt.date) and not isinstance(value, dt.datetime)


_KINDS: tuple[tuple[Callable[[object], bool], Callable[[Sequence[Any]], pl.Series]], ...] = (
    (lambda each: isinstance(each, str), _texts),
    (_is_truth, _truths),
    (_is_whole, _wholes),
    (_is_float, _floats),
    (lambda each: isinstance(each, Decimal), _decimals),
    (lambda each: isinstance(each, dt.datetime), _moments),
    (_is_day, _days),
)
"""Whether a value is of a kind, and what makes a column of such values."""
