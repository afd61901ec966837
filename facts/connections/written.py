"""Typed rows as the lines that PostgreSQL's COPY writes of them: their digest is the same there and here."""

from __future__ import annotations

import polars as pl

from phasegate.facts.connections.floats import FIXED, SMALL, in_form

_ESCAPES = {"\\": r"\\", "\b": r"\b", "\t": r"\t", "\n": r"\n", "\v": r"\v", "\f": r"\f", "\r": r"\r"}
_ESCAPED = r"[\\\x08-\x0d]"
_NAMES = {"NaN": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def lines_of(frame: pl.DataFrame) -> list[bytes]:
    """The rows, each as a line as `Snapshot.rows` describes them."""
    written = [_text(column).fill_null(r"\N") for column in frame.get_columns()]
    if not written:
        return [b"1\n"] * frame.height
    whole = pl.select(pl.concat_str(written, separator="\t")).to_series()
    return [f"{line}\n".encode() for line in whole]


def _text(values: pl.Series) -> pl.Series:
    match values.dtype:
        case pl.String():
            plain = not values.str.contains(_ESCAPED).any()
            return values if plain else _escaped(values)
        case pl.Boolean():
            return values.replace_strict({True: "t", False: "f"}, default=None, return_dtype=pl.String())
        case pl.Float64() | pl.Float32():
            return _decimal(values)
        case pl.Date():
            return values.dt.strftime("%Y-%m-%d")
        case pl.Datetime():
            return _moment(values)
        case _:
            return values.cast(pl.String())


def _escaped(values: pl.Series) -> pl.Series:
    return values.to_frame("").select(pl.col("").str.replace_many(_ESCAPES)).to_series()


def _moment(values: pl.Series) -> pl.Series:
    """Without an offset; of a second, no more than there is."""
    at = pl.col("").dt
    fraction = at.microsecond().cast(pl.String()).str.zfill(6).str.strip_chars_end("0")
    whole = at.strftime("%Y-%m-%d %H:%M:%S")
    exact = pl.when(at.microsecond() == 0).then(whole).otherwise(pl.concat_str(whole, pl.lit("."), fraction))
    return values.to_frame("").select(exact).to_series()


def _decimal(values: pl.Series) -> pl.Series:
    """The shortest decimals that are read as the same numbers: by polars, in the form that PostgreSQL has.

    Of numbers of 2^53 and more (2^24 of single ones) PostgreSQL at times writes one digit more.
    """
    most = FIXED[values.dtype]
    shortest, size = values.cast(pl.String()), values.abs()
    fixed = (size >= 10.0**SMALL) & (size < 10.0**most)
    usual = (fixed & ~shortest.str.contains("e", literal=True)) | values.is_null()
    plain = shortest.str.strip_suffix(".0")
    if usual.all():
        return plain
    odd = {text: _NAMES.get(text) or in_form(text, most) for text in shortest.filter(~usual).unique()}
    written = shortest.replace_strict(odd, default=None, return_dtype=pl.String())
    return plain.zip_with(usual, written)
