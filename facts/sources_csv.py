"""CSV files: their header, their encoding, their structure.

polars reads every column as text; `facts.contracts_types` makes values of it. What polars lets pass
in silence is found by a second look at the bytes, on the way to their digest: it fills short lines
with nulls, and drops the surplus of long ones.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import IO
from weakref import finalize

import polars as pl

from phasegate.facts.sources_files import CHUNK, Fingerprint, FoundFile, SourceError, Watcher, unnamed_file
from phasegate.rules.project import SourceFile

_HEADER_AT_MOST = 1 << 20
UNCLOSED = "ends inside a quoted text"


@dataclass(frozen=True, slots=True)
class Header:
    """The first record of a CSV file.

    Attributes:
        names: the columns, in the file's order.
    """

    names: tuple[str, ...]


def check_options(source: SourceFile) -> None:
    """Refuses options that no file could be read with.

    Raises:
        SourceError: naming the option.
    """
    for option, sign in (("separator", source.separator), ("quote", source.quote)):
        if not sign.isascii() or sign in "\r\n":
            raise SourceError(f"{option} {sign!r} can not be used: it must be one plain ASCII character")
    if source.separator == source.quote:
        raise SourceError(f"separator and quote are both {source.quote!r}")
    try:
        "".encode(source.encoding)  # refuses those that make bytes of bytes, too
    except (LookupError, UnicodeError) as error:
        hint = "such as utf-8, latin1, cp1252 or utf-16"
        raise SourceError(f"encoding {source.encoding!r} is not known", hint) from error


def is_utf8(encoding: str) -> bool:
    """Whether polars can read the file as it is."""
    return codecs.lookup(encoding).name in ("utf-8", "utf-8-sig", "ascii")


def read_header(file: FoundFile, text: Path | IO[bytes], source: SourceFile) -> Header:
    """The column names of a file that is written in UTF-8.

    Args:
        file: the source's file, for messages.
        text: where its UTF-8 text is.
        source: how it is written.

    Raises:
        SourceError: if the first record is no header.
    """
    head = _head(text)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceError(f"{file.shown} is not UTF-8: it begins like UTF-16", "set encoding: utf-16")
    if b"\x00" in head[:4096]:
        raise SourceError(f"{file.shown} is not text: it holds zero bytes", "is it UTF-16, or no CSV?")
    if b"\r" in head and b"\n" not in head:
        raise SourceError(
            f"{file.shown} ends its lines with a lone carriage return", "save it with line feeds"
        )
    try:
        decoded = codecs.getincrementaldecoder("utf-8-sig")().decode(head)
    except UnicodeDecodeError as error:
        raise not_utf8(file, error.start, head) from error
    try:
        rows = csv.reader(
            decoded.splitlines(keepends=True),
            delimiter=source.separator,
            quotechar=source.quote,
            strict=True,
        )
        names = tuple(next(rows, []))
    except csv.Error as error:
        raise SourceError(f"{file.shown}:1 has no readable header: {error}") from error
    if not any(names):
        raise SourceError(f"{file.shown}:1 is empty where the header should be")
    return Header(names)


def _head(text: Path | IO[bytes]) -> bytes:
    if not isinstance(text, Path):
        text.seek(0)
        return text.read(_HEADER_AT_MOST)
    with text.open("rb") as raw:
        return raw.read(_HEADER_AT_MOST)


def not_utf8(file: FoundFile, offset: int, head: bytes) -> SourceError:
    """The fault of a file that is not what its encoding says."""
    byte = f"0x{head[offset]:02x}" if offset < len(head) else "its end"
    line = head.count(b"\n", 0, offset) + 1
    return SourceError(
        f"{file.shown}:{line} is not UTF-8 at byte {offset} ({byte})",
        "set encoding, such as latin1 or cp1252",
    )


def find_encoding_fault(file: FoundFile) -> SourceError | None:
    """Where a file stops being UTF-8, None if it never does."""
    offset, line = 0, 1
    rest = b""
    with file.open() as raw:
        while chunk := raw.read(CHUNK):
            chunk = rest + chunk
            last = chunk.rfind(b"\n") + 1 or len(chunk)
            chunk, rest = chunk[:last], chunk[last:]
            try:
                chunk.decode("utf-8")
            except UnicodeDecodeError as error:
                fault = not_utf8(file, error.start, chunk)
                where = line + chunk.count(b"\n", 0, error.start)
                return SourceError(
                    f"{file.shown}:{where} is not UTF-8 at byte {offset + error.start} "
                    f"(0x{chunk[error.start]:02x})",
                    fault.hint,
                )
            offset += len(chunk)
            line += chunk.count(b"\n")
    return None


class Structure(Watcher):
    """Holds every line of a CSV file to as many fields as its header has.

    Of the bytes only quotes, separators and line ends matter. Two quotes in a row change nothing
    about what is inside and what outside, so that most quoted fields vanish before anything is
    split; what is left outside of quotes must be one line's separators, over and over.
    """

    def __init__(self, fields: int, separator: str, quote: str) -> None:
        self._separator, self._quote = separator.encode(), quote.encode()
        kept = {ord(separator), ord(quote), ord("\n")}
        self._others = bytes(byte for byte in range(256) if byte not in kept)
        self._line = self._separator * (fields - 1) + b"\n"
        self._fields = fields
        self._quoted = False
        self._begun = b""
        self._last = b"\n"
        self._broken = False

    def see(self, chunk: bytes) -> None:
        """The next bytes."""
        self._last = chunk[-1:]
        if self._broken:
            return
        signs = chunk.translate(None, self._others)
        if self._quoted:
            signs = self._quote + signs
        if self._quote in signs:
            parts = signs.replace(self._quote * 2, b"").split(self._quote)
            self._quoted = len(parts) % 2 == 0
            signs = b"".join(parts[::2])
        signs = self._begun + signs
        end = signs.rfind(b"\n") + 1
        whole, self._begun = signs[:end], signs[end:]
        # A file of one column has empty lines where the value is null.
        self._broken = whole.count(self._line) * len(self._line) != len(whole)

    def fault(self) -> str | None:
        """What is wrong, without the place: that takes a slower look, see `find_damage`."""
        if self._quoted:
            return UNCLOSED
        if self._broken or (self._last != b"\n" and self._begun != self._line[:-1]):
            return f"has a line that has not {self._fields} fields"
        return None


def find_damage(file: FoundFile, source: SourceFile, fields: int, fault: str) -> SourceError:
    """The place of the damage that `Structure` noticed, found by a slower look.

    Args:
        file: the damaged file.
        source: how it is written.
        fields: how many its header has.
        fault: what `Structure` said.
    """
    cut_off = "is it cut off?"
    begun, lines = 1, 0
    with TextIOWrapper(file.open(), encoding=source.encoding, errors="replace", newline="") as text:
        rows = csv.reader(text, delimiter=source.separator, quotechar=source.quote)
        try:
            for row in rows:
                begun, lines = lines + 1, rows.line_num
                if fault == UNCLOSED or len(row) == fields or (not row and fields == 1):
                    continue
                if not row:
                    return SourceError(f"{file.shown}:{begun} is an empty line", "remove it")
                hint = f"{cut_off} Or is a text that holds a separator not quoted?"
                return SourceError(
                    f"{file.shown}:{begun} has {len(row)} fields, the header has {fields}", hint
                )
        except csv.Error:
            begun = lines + 1  # a field that is too large to be one: its quote was never closed
    if fault == UNCLOSED:
        return SourceError(f"{file.shown} ends inside a quoted text that begins in line {begun}", cut_off)
    return SourceError(f"{file.shown} {fault}", cut_off)


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Recoded:
    """A file's text in UTF-8, in a temporary file that vanishes with this object.

    Attributes:
        text: the temporary file.
        fingerprint: of the original.
    """

    text: IO[bytes]
    fingerprint: Fingerprint


def recode(file: FoundFile, encoding: str) -> Recoded:
    """Writes a file's text as UTF-8, in bounded memory.

    Raises:
        SourceError: if it is not written in the encoding.
        OSError: if the text can not be kept.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    sha, size = hashlib.sha256(), 0
    with ExitStack() as closing, file.open() as raw:
        held = closing.enter_context(unnamed_file())
        while True:
            chunk = raw.read(CHUNK)
            try:
                held.write(decoder.decode(chunk, final=not chunk).encode())
            except UnicodeError as error:
                start = getattr(error, "start", 0)
                raise SourceError(
                    f"{file.shown} is not {encoding}: it can not be read near byte {size + start}",
                    "set the encoding that it was written in",
                ) from error
            if not chunk:
                break
            sha.update(chunk)
            size += len(chunk)
        held.flush()
        closing.pop_all()
    recoded = Recoded(held, Fingerprint(f"sha256:{sha.hexdigest()}", size))
    finalize(recoded, held.close)
    return recoded


def scan(
    texts: Sequence[Path | IO[bytes]], header: Header, wanted: dict[str, str], source: SourceFile
) -> pl.LazyFrame:
    """The wanted columns as text.

    Args:
        texts: files with this header, written in UTF-8.
        header: their columns.
        wanted: the name that each column shall have, by the file's name.
        source: how they are written.
    """
    # By position: names may repeat, be empty, or begin with a byte order mark.
    places = {f"{place}": pl.String for place in range(len(header.names))}
    paths, files = [], []
    for text in texts:
        if isinstance(text, Path):
            paths.append(text)
        else:
            text.seek(0)  # polars reads from where the file stands
            files.append(text)
    frame = pl.scan_csv(
        paths or files,
        has_header=False,
        skip_rows=1,
        schema=places,
        separator=source.separator,
        quote_char=source.quote,
        null_values=list(source.null_values),
        glob=False,
    )
    return frame.select(pl.col(str(header.names.index(found))).alias(name) for found, name in wanted.items())
