"""The names of a CSV file's columns: in its first record, or in the project file where it has none."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from phasegate.facts.sources.files import FoundFile, SourceError
from phasegate.facts.sources.formats.csv.records import Dialect, MisquotedError, read_records
from phasegate.facts.sources.formats.csv.structure import ZERO_BYTE
from phasegate.facts.sources.limits import HEAD_AT_MOST
from phasegate.rules.model.project import SourceFile

_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_EXPONENT = re.compile(r"(?<=[\d.])[eE](?=[+-]?\d)")
_AMOUNT = re.compile(r"(?:[A-Z]{3} ?[-+(]?[\d.,' ]*[.,]\d\d\)?|[-+(]?[\d.,' ]*[.,]\d\d\)? ?[A-Z]{3})")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")
_WRITTEN_DAY = re.compile(rf"\d{{1,2}}[-/. ]+(?:{_MONTH})[a-z]*[-/., ]+\d{{2,4}}", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"(?:{_MONTH})[a-z]*[-/. ]+\d{{1,2}},? +\d{{4}}", re.IGNORECASE)
_TRUTH = frozenset(("true", "false"))
_VALUE_AT_MOST = 64


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a CSV file.

    Attributes:
        names: the columns, in the file's order.
        written: whether they are the file's first record; else all of its records are rows.
        quoted: whether any of them is written in quotes.
    """

    names: tuple[str, ...]
    written: bool = True
    quoted: bool = field(default=False, compare=False)


def read_header(file: FoundFile, head: bytes, source: SourceFile, dialect: Dialect, above: int = 0) -> Header:
    """The column names of a file that is written in UTF-8.

    Args:
        file: the source's file, for messages.
        head: the first bytes of its table, `HEAD_AT_MOST` of them where it has as many.
        source: what is said of it.
        dialect: how it is written.
        above: how many lines stand above its table.

    Raises:
        SourceError: if the first record is no header.
    """
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceError(f"{file.shown} is not UTF-8: it begins like UTF-16", "set encoding: utf-16")
    if (zero := head[:4096].find(b"\x00")) >= 0:
        line = above + 1 + head.count(b"\n", 0, zero)
        raise SourceError(f"{file.shown}:{line} {ZERO_BYTE}", "is it UTF-16, or no CSV?")
    quoted = dialect.quote is not None and dialect.quote.encode() in head  # a text may hold whatever it likes
    if b"\r" in head and b"\n" not in head and not quoted:
        raise SourceError(
            f"{file.shown} ends its lines with a lone carriage return", "save it with line feeds"
        )
    try:
        decoded = codecs.getincrementaldecoder("utf-8-sig")().decode(head)
    except UnicodeDecodeError as error:
        raise not_utf8(file, error.start, head) from error
    where = f"{file.shown}:{above + 1}"
    endless = len(head) == HEAD_AT_MOST and b"\n" not in head
    if source.header is False:
        if not decoded:
            raise SourceError(f"{where} is empty where its rows should be")
        return Header(source.names, written=False)
    try:
        record = next(read_records(io.StringIO(decoded, newline="\n"), dialect), None)
    except MisquotedError as error:
        from phasegate.facts.sources.formats.csv.damage import Table, misquoted

        table = Table(file, io.BytesIO(head), dialect, 0, above)
        if error.kind == "unclosed" and len(head) == HEAD_AT_MOST:
            raise _endless(where) from error
        raise misquoted(table, error) from error
    if endless:
        raise _endless(where)
    if record is None or not any(record.fields):
        raise SourceError(f"{where} is empty where the header should be")
    return Header(tuple(record.fields), quoted=record.quoted)


def _endless(where: str) -> SourceError:
    return SourceError(f"{where} has no readable header: it does not end", "is it no CSV?")


def refuse_rows(where: str, names: Sequence[str], read: Collection[str], nulls: Collection[str]) -> None:
    """Refuses a first record that may be a row, where nobody said that it is a header.

    Args:
        where: the place of the record.
        names: what it holds.
        read: the names that count: those that a contract asks for and found are names, and whatever
            stands beside them is nobody's concern.
        nulls: the texts that stand for a missing value.

    Raises:
        SourceError: naming the first that looks like a value.
    """
    seen: set[str] = set()
    for number, name in enumerate(names, start=1):
        if name not in read:
            continue
        if name in seen and name.strip():
            what = f"{where} has the column {name!r} more than once"
        elif (like := _like_data(name, nulls)) is not None:
            what = f"{where} may be a row and no header: the name of column {number} is {like}"
        else:
            seen.add(name)
            continue
        raise SourceError(
            what,
            "say header: true if these are the names of the columns, "
            "or header: false and columns: [...] if the file has no header",
        )


def _like_data(name: str, nulls: Collection[str]) -> str | None:
    """What a name is, if it looks more like a value than like a name."""
    text = name.strip()
    if not text:
        return "blank"
    if len(text) > _VALUE_AT_MOST:
        return None
    if any(form.fullmatch(text) for form in (_MOMENT, _WRITTEN_DAY, _MONTH_FIRST)):
        return f"{name!r}, which looks like a date"
    # Without a letter it is an amount, a share, a day, a time, a telephone number, but no name.
    signs = _EXPONENT.sub("", text)
    mute = any(map(str.isdigit, signs)) and not any(map(str.isalpha, signs))
    if mute or _AMOUNT.fullmatch(text):
        return f"{name!r}, which looks like a number or a date"
    if text.lower() in _TRUTH or name in nulls:
        return f"{name!r}, which looks like a value"
    return None


def not_utf8(file: FoundFile, offset: int, head: bytes) -> SourceError:
    """The fault of a file that is not what its encoding says."""
    byte = f"0x{head[offset]:02x}" if offset < len(head) else "its end"
    line = head.count(b"\n", 0, offset) + 1
    return SourceError(
        f"{file.shown}:{line} is not UTF-8 at byte {offset} ({byte})",
        "set encoding, such as latin1 or cp1252",
    )
