"""The text of CSV files: how it is written, and in UTF-8 where it is not."""

from __future__ import annotations

import codecs
import hashlib
from itertools import chain
from typing import IO

from phasegate.facts.sources.files import FoundFile, SourceError
from phasegate.facts.sources.formats.csv.records import Dialect
from phasegate.facts.sources.formats.pieces import pieces, whole_lines
from phasegate.facts.sources.rewritten import Fingerprint, Rewritten, rewritten
from phasegate.rules.model.file_format import unpacked_name
from phasegate.rules.model.project import SourceFile


def dialect_of(source: SourceFile, name: str) -> Dialect:
    """How a file is written: as the source says, else as its extension does.

    Raises:
        SourceError: naming an option that no file could be read with.
    """
    separator = source.separator or ("\t" if unpacked_name(name).lower().endswith(".tsv") else ",")
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


def recode(file: FoundFile, encoding: str, above: int = 0) -> Rewritten:
    """Writes a file's text as UTF-8, in bounded memory.

    Args:
        file: the file.
        encoding: how it is written.
        above: how many of its first lines are left out.

    Raises:
        SourceError: if it is not written in the encoding, or has not as many lines.
        OSError: if the text can not be kept.
    """

    def write(held: IO[bytes]) -> Fingerprint:
        decoder = codecs.getincrementaldecoder(encoding)()
        sha, size, left = hashlib.sha256(), 0, above
        with file.open() as raw:
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
        return Fingerprint(f"sha256:{sha.hexdigest()}", size)

    return rewritten(write)
