"""The cells of a sheet that is written as most programs write one, many at a time and by polars.

Nothing is taken for plain that is not so to the last sign: each piece between two cells is matched from its
beginning to its end. Whatever does not match is read by `xlsx_cells`, cell by cell, which takes ten times as
long and knows all of XML; what a cell says is asked of the same place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

import polars as pl

from phasegate.facts.sources.formats.staged_tables.xlsx_cells import (
    COLUMNS_AT_MOST,
    ROWS_AT_MOST,
    Cell,
    Cells,
    Said,
    SheetRow,
    column_number,
)

_PIECE = 1 << 21
_UTF8 = rb"(?:encoding=[\"'](?i:utf-8)[\"'](?:(?!encoding)[^<>])*)?"
_BEGIN = re.compile(rb"\A(?:<\?xml (?:(?!encoding)[^<>])*" + _UTF8 + rb"\?>\s*)?<worksheet[ >]")
_NO = r"<>&\x00-\x08\x0B-\x1f\x{FFFE}\x{FFFF}"
_TEXT = rf"(?:[^{_NO}]|&(?:amp|lt|gt|quot|apos);)+"
_ROW = (
    r'\A([1-9][0-9]{0,6})"(?: (?:spans|s|customFormat|ht|hidden|customHeight|outlineLevel|collapsed|thickTop'
    rf'|thickBot|ph|x14ac:dyDescent)="[^"{_NO}]*")*(?: ?/>|>(</row>)?)\z'
)
_CELL = (
    r'\A[A-Z]{1,3}[1-9][0-9]{0,6}"(?: s="[0-9]{1,6}")?(?: t="(?:n|s|str|b|e|d|inlineStr)")?'
    rf"(?: ?/>|>(?:<f(?: [^<>]*)?(?:/>|>[^<>]*</f>))?<v>{_TEXT}</v></c>"
    rf'|><is><t(?: xml:space="preserve")?>{_TEXT}</t></is></c>)(?:</row>)?\z'
)
"""What a cell must be."""
_PARTS = (
    r'\A([A-Z]+)([0-9]+)"(?: (?:s="([0-9]+)"(?: (?:t="([a-zA-Z]+)" ?)?)?|t="([a-zA-Z]+)" ?)?)?'
    r"(?:/>|>(?:<(?:(?:f[^<>]*>[^<>]*<(?:/f><)?)?v>([^<]+)</v|is><t[^<>]*>([^<]+)</t></is)></c>))(</row>)?\z"
)
"""The parts of one that is: what comes next is told by one sign alone, which takes half of the time."""
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}
"""In the order in which they are replaced: the last one begins the others."""
_EASY = r"\A-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?\z"
_EASY_WHOLE = r"\A-?(?:0|[1-9][0-9]*)\z"
_EASY_AT_MOST = 15
_LONG = r"\A-?(?:0|[1-9][0-9]*)\.[0-9]+\z"
_LONG_AT_MOST = 18
"""Signs of a number that has no more digits than are ever written of one."""
_GROUPS = ("letters", "of_row", "s", "t", "t2", "v", "is", "end")


class NotPlainError(Exception):
    """A sheet that is written in another way."""


def plain_blocks(cells: Cells) -> Iterator[pl.DataFrame]:
    """The cells of a sheet that are not empty, many rows at a time: row, column, text, inexact, fault.

    Args:
        cells: the same, as they are read one by one; hears what stands around the rows.

    Raises:
        NotPlainError: if it is not plain, at any time.
        Unreadable: if it is damaged.
    """
    around: list[bytes] = []
    before = 0
    with cells.workbook.opened(cells.sheet.part) as raw:
        for text in _rows(raw, around):
            if cells.workbook.uncomputed and "<f" in text:
                raise NotPlainError
            block, before = _block(text, before, cells.said)
            yield block
    cells.see_around(b"".join(around))
    if not cells.seen:  # they are of another namespace
        raise NotPlainError


def row_of(block: pl.DataFrame) -> SheetRow:
    """The first row of a block."""
    first = block.filter(pl.col("row") == pl.col("row").first())
    cells = first.select("column", "text", "fault", "inexact").rows()
    return SheetRow(int(first["row"][0]), {column: Cell(*said) for column, *said in cells})


def _rows(raw: IO[bytes], around: list[bytes]) -> Iterator[str]:
    """The text of whole rows, some at a time; what stands before and behind them goes apart."""
    held = raw.read(_PIECE)
    begun = held.find(b"<row ")
    head = held[:begun]
    if begun < 0 or not _BEGIN.match(head) or b"<!" in head or not head.endswith(b"<sheetData>"):
        raise NotPlainError
    around.append(head)
    held = held[begun:]
    while True:
        end = held.rfind(b"</row>") + 6
        if end > 6:
            try:
                yield held[:end].decode()
            except UnicodeDecodeError as error:
                raise NotPlainError from error
            held = held[end:]
        if len(held) > 2 * _PIECE:
            raise NotPlainError
        more = raw.read(_PIECE)
        if not more:
            break
        held += more
    if not held.startswith(b"</sheetData>") or b"<!" in held:
        raise NotPlainError
    around.append(held)


def _block(text: str, before: int, said: Said) -> tuple[pl.DataFrame, int]:
    """The cells of some rows, and the last of these."""
    rows = pl.Series([text]).str.split('<row r="').explode()
    if rows[0] != "":
        raise NotPlainError
    pieces = rows.slice(1).str.split('<c r="')
    heads = pieces.list.first().str.extract_groups(_ROW).struct.unnest()
    numbers = heads["1"].cast(pl.Int32)
    table = pl.DataFrame({"row": numbers, "n": pieces.list.len() - 1, "cell": pieces.list.slice(1)})
    # A row that ends where it begins has no cells, and any other ends behind its last one.
    ended = heads["2"].is_not_null() | pieces.list.first().str.ends_with("/>")
    ascending = numbers.len() < 2 or bool((numbers.diff().slice(1) > 0).all())
    if numbers.null_count() or not ascending or numbers[0] <= before or numbers[-1] > ROWS_AT_MOST:
        raise NotPlainError
    if (ended != (table["n"] == 0)).any():
        raise NotPlainError
    flat = table.filter(pl.col("n") > 0).explode("cell")
    if not flat["cell"].str.contains(_CELL).all():
        raise NotPlainError
    groups = flat["cell"].str.extract_groups(_PARTS).struct.unnest()
    groups.columns = list(_GROUPS)
    cells = groups.with_columns(flat["row"], t=pl.coalesce("t", "t2"))
    _refuse_disorder(cells)
    return _said(cells, said), int(numbers[-1])


def _refuse_disorder(cells: pl.DataFrame) -> None:
    """Sees that each piece is a cell of its row, and that each row ends with its last one."""
    last = cells["row"] != cells["row"].shift(-1).fill_null(0)
    whole = (
        cells["letters"].null_count() == 0
        and bool((cells["of_row"].cast(pl.Int32) == cells["row"]).all())
        and bool((cells["end"].is_not_null() == last).all())
        and bool(((cells["is"].is_not_null()) <= (cells["t"] == "inlineStr").fill_null(value=False)).all())
        and bool(((cells["v"].is_not_null()) <= (cells["t"] != "inlineStr").fill_null(value=True)).all())
    )
    if not whole:
        raise NotPlainError


def _said(cells: pl.DataFrame, said: Said) -> pl.DataFrame:
    letters = cells["letters"].unique().to_list()
    columns = [column_number(each) for each in letters]
    if max(columns, default=0) > COLUMNS_AT_MOST:
        raise NotPlainError
    cells = cells.with_columns(
        column=pl.col("letters").replace_strict(letters, columns, return_dtype=pl.Int32),
        t=pl.col("t").fill_null("n"),
        v=pl.coalesce("v", "is"),
    )
    if cells["v"].str.contains("&", literal=True).any():
        for entity, sign in _ENTITIES.items():
            cells = cells.with_columns(pl.col("v").str.replace_all(entity, sign, literal=True))
    same = pl.col("row") == pl.col("row").shift(1)
    if cells.select((same & (pl.col("column") <= pl.col("column").shift(1))).any()).item():
        raise NotPlainError
    cells = cells.filter(pl.col("v").is_not_null())
    styles = {style: said.shape(style) for style in cells["s"].unique().to_list()}
    plain = [style for style, shape in styles.items() if shape == "number"]
    texts = pl.Series(said.texts, dtype=pl.String)
    place = pl.when(pl.col("t") == "s").then(pl.col("v")).cast(pl.Int64, strict=False)
    number = (pl.col("t") == "n") & pl.col("s").is_in(plain, nulls_equal=True)
    easy = number & _is_easy(pl.col("v"), _EASY_WHOLE if said.source.decimal_comma else _EASY)
    cells = cells.with_columns(place=place, easy=easy)
    named = cells["place"].drop_nulls()
    shared = (cells["t"] == "s").sum()
    if named.len() != shared or (shared and not 0 <= named.min() <= named.max() < texts.len()):  # type: ignore[operator]  # numbers
        raise NotPlainError
    found = texts.gather(cells["place"].fill_null(0)) if shared else pl.repeat(None, cells.height, eager=True)
    cells = cells.with_columns(
        text=pl.when(pl.col("t") == "s").then(found.cast(pl.String)).when("easy").then("v")
    )
    hard = cells.filter(~pl.col("easy") & (pl.col("t") != "s")).select("t", "s", "v").unique()
    long = number & (_shortest(pl.col("v")).is_not_null() & (not said.source.decimal_comma))
    hard = pl.concat([_read(hard.filter(~long), said), _rounded(hard.filter(long))])
    cells = cells.join(hard, on=["t", "s", "v"], how="left", nulls_equal=True, maintain_order="left")
    return cells.select(
        "row",
        "column",
        text=pl.coalesce("text", "said"),
        inexact=pl.col("inexact").fill_null(value=False),
        fault="fault",
    ).filter(pl.col("text").str.len_bytes() > 0)


def _is_easy(text: pl.Expr, pattern: str) -> pl.Expr:
    """Whether a number is written as every format writes it, with no more digits than are kept."""
    return (text.str.len_bytes() <= _EASY_AT_MOST) & (text != "-0") & text.str.contains(pattern)


def _shortest(text: pl.Expr) -> pl.Expr:
    """The shortest text of the binary float that a number is; null where that is no easy one.

    Most writers write 98546.82 with all digits of the float that it is: 98546.82000000001.
    """
    written = pl.when(text.str.len_bytes() <= _LONG_AT_MOST, text.str.contains(_LONG)).then(text)
    shortest = written.cast(pl.Float64).cast(pl.String).str.strip_suffix(".0")
    return pl.when(_is_easy(shortest, _EASY)).then(shortest)


def _rounded(numbers: pl.DataFrame) -> pl.DataFrame:
    return numbers.with_columns(
        said=_shortest(pl.col("v")), inexact=pl.lit(value=False), fault=pl.lit(None, pl.String)
    )


def _read(cells: pl.DataFrame, said: Said) -> pl.DataFrame:
    """What cells say that are not read many at a time."""
    read = [said.cell(kind, style, value) for kind, style, value in cells.rows()]
    return cells.with_columns(
        pl.Series("said", [each and each.text for each in read], dtype=pl.String),
        pl.Series("inexact", [each is not None and each.inexact for each in read], dtype=pl.Boolean),
        pl.Series("fault", [each and each.fault for each in read], dtype=pl.String),
    )
