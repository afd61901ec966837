"""CSV files: their dialect, their encoding, and the scan of their table.

polars reads every column as text; `facts.contracts.types` makes values of it. What polars lets pass
in silence is found by a second look at the bytes, on the way to their digest: see
`facts.sources.formats.csv_structure`.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO
from weakref import finalize

import polars as pl

from phasegate.facts.sources.files import Fingerprint, FoundFile, SourceError, unnamed_file
from phasegate.facts.sources.formats.csv_header import Header
from phasegate.facts.sources.formats.csv_records import Dialect
from phasegate.facts.sources.formats.csv_structure import Structure
from phasegate.facts.sources.formats.pieces import pieces, whole_lines
from phasegate.rules.model.project import SourceFile


def dialect_of(source: SourceFile, path: Path) -> Dialect:
    """How a file is written: as the source says, else as its extension does.

    Raises:
        SourceError: naming an option that no file could be read with.
    """
    separator = source.separator or ("\t" if path.suffix.lower() == ".tsv" else ",")
    quote = None if source.quote == "none" else source.quote or '"'
    for option, sign in (("separator", separator), ("quote", quote)):
        if sign is not None and (not sign.isascii() or sign in "\r\n"):
            raise SourceError(f"{option} {sign!r} can not be used: it must be one plain ASCII character")
    if separator == quote:
        raise SourceError(f"separator and quote are both {quote!r}")
    try:
        "".encode(source.encoding)  # refuses those that make bytes of bytes, too
    except (LookupError, UnicodeError) as error:
        hint = "such as utf-8, latin1, cp1252 or utf-16"
        raise SourceError(f"encoding {source.encoding!r} is not known", hint) from error
    return Dialect(separator, quote, told=source.quote is not None)


def is_utf8(encoding: str) -> bool:
    """Whether polars can read the file as it is."""
    return codecs.lookup(encoding).name in ("utf-8", "utf-8-sig", "ascii")


def find_encoding_fault(file: FoundFile) -> SourceError | None:
    """Where a file stops being UTF-8, None if it never does."""
    offset, line = 0, 1
    with file.open() as raw:
        for lines in whole_lines(raw):
            try:
                lines.decode("utf-8")
            except UnicodeDecodeError as error:
                where = line + lines.count(b"\n", 0, error.start)
                byte = lines[error.start]
                return SourceError(
                    f"{file.shown}:{where} is not UTF-8 at byte {offset + error.start} (0x{byte:02x})",
                    "set encoding, such as latin1 or cp1252",
                )
            offset += len(lines)
            line += lines.count(b"\n")
    return None


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Recoded:
    """A file's text in UTF-8, in a temporary file that vanishes with this object.

    Attributes:
        text: the temporary file.
        fingerprint: of the original.
    """

    text: IO[bytes]
    fingerprint: Fingerprint


def recode(file: FoundFile, encoding: str, above: int = 0) -> Recoded:
    """Writes a file's text as UTF-8, in bounded memory.

    Args:
        file: the file.
        encoding: how it is written.
        above: how many of its first lines are left out.

    Raises:
        SourceError: if it is not written in the encoding, or has not as many lines.
        OSError: if the text can not be kept.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    sha, size, left = hashlib.sha256(), 0, above
    with ExitStack() as closing, file.open() as raw:
        held = closing.enter_context(unnamed_file())
        for piece in chain(pieces(raw), [b""]):  # the last tells the decoder that there are no more
            try:
                text = decoder.decode(piece, final=not piece).encode()
            except UnicodeError as error:
                start = getattr(error, "start", 0)
                if is_utf8(encoding) and (fault := find_encoding_fault(file)) is not None:
                    raise fault from error
                raise SourceError(
                    f"{file.shown} is not {encoding}: it can not be read near byte {size + start}",
                    "set the encoding that it was written in",
                ) from error
            at = 0
            while left and (end := text.find(b"\n", at) + 1):
                at, left = end, left - 1
            if not left:
                held.write(text[at:])
            sha.update(piece)
            size += len(piece)
        if left:
            what = (
                f"{file.shown} has {above - left} whole lines, and {above} are said to stand above its table"
            )
            raise SourceError(what, "see skip_rows and header_row")
        held.flush()
        closing.pop_all()
    recoded = Recoded(held, Fingerprint(f"sha256:{sha.hexdigest()}", size))
    finalize(recoded, held.close)
    return recoded


def structure(header: Header, dialect: Dialect) -> Structure:
    """What a file of a dialect with a header is held to."""
    # Where the header is quoted, or somebody said so, there is no doubt that quotes are quotes.
    either = not (dialect.told or header.quoted)
    return Structure(len(header.names), dialect.separator, dialect.quote, either)


def scan(
    texts: Sequence[Path | IO[bytes]],
    header: Header,
    wanted: Mapping[str, str],
    dialect: Dialect,
    null_values: Sequence[str],
) -> pl.LazyFrame:
    """The wanted columns as text.

    Args:
        texts: files with this header, written in UTF-8; all with a name or all without.
        header: their columns.
        wanted: the name that each column shall have, by the file's name.
        dialect: how they are written.
        null_values: the texts that stand for a missing value.
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
        skip_rows=int(header.written),
        schema=places,
        separator=dialect.separator,
        quote_char=dialect.quote,
        null_values=list(null_values),
        glob=False,
    )
    return frame.select(pl.col(str(header.names.index(found))).alias(name) for found, name in wanted.items())
