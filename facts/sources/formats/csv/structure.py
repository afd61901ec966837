r"""The structure of CSV files: what RFC 4180 lets pass, and where a file leaves it.

polars reads whatever it can: it fills short lines with nulls, drops the surplus of long ones, and a
quote that stands where none may swallows the lines up to the next. `Structure` looks at the same
bytes beside it and refuses all of that; `facts.sources.formats.csv.damage` finds
the place, by a slower look.

A file is accepted if every field is either free of quotes, or in quotes from its first character to
its last with each further quote doubled; if line ends are ``\n`` or ``\r\n``; and if each record
has as many fields as the header. In such a file there is one way only to tell the rows
(docs/decisions/0025).
"""

from __future__ import annotations

import codecs

import polars as pl

from phasegate.facts.sources.files import Watcher

UNCLOSED = "ends inside a quoted text"
MISQUOTED = "has a quote where none may stand"
LONE_RETURN = "has a carriage return that ends no line"
EITHER = "may be a file without quoting"
ZERO_BYTE = "is not text: it holds zero bytes"
TOO_LONG = "has a field that is too long"
FIELD_AT_MOST = 1 << 24
"""Bytes of a field that holds neither a separator nor a line end."""
_FIELDS_TOLD_AT_ONCE = 64
_BYTES_PER_QUOTE = 200
"""Where quotes are fewer, the records that hold them are looked at apart from the others."""
_LOOKED_AT = 1 << 14


class Structure(Watcher):
    """Holds every byte of a CSV file to the form that leaves no doubt about its rows.

    Of a piece without quotes only separators and line ends matter: what is left of it must be one
    line's separators, over and over. A piece with quotes is first held to the grammar of quoted
    fields. Two quotes in a row then change nothing about what is inside and what outside, so that
    most quoted fields vanish before anything is split.

    Args:
        fields: how many each record has.
        separator, quote: as in `Dialect`.
        either: whether the file might be one without quoting, for all that is known. If its lines
            are records as they stand, and quotes join some of them, nobody can tell which is meant.
    """

    def __init__(self, fields: int, separator: str, quote: str | None, either: bool = False) -> None:
        self._separator, self._quote = separator.encode(), (quote or "").encode()
        kept = {*separator.encode(), *self._quote, ord("\n")}
        self._others = bytes(byte for byte in range(256) if byte not in kept)
        self._grammar = self._whole = ""
        if quote:
            self._grammar, self._whole = _grammars(separator, quote, fields)
        self._fields = fields
        self._records = _Lines(self._separator * (fields - 1) + b"\n")
        self._lines: _Lines | None = None  # the records, if quotes are ordinary characters
        self._either, self._joined = either, False
        self._quoted = False
        self._started = False
        self._rest, self._open = b"", False
        self._fault: str | None = None

    def see(self, chunk: bytes) -> None:
        """The next bytes."""
        if self._fault is not None:
            return
        # Between two fields or two lines no sign is cut in two, and no doubled quote either.
        cut = chunk.rfind(b"\n") + 1 or chunk.rfind(self._separator) + 1
        if cut:
            piece, self._rest = b"".join((self._rest, memoryview(chunk)[:cut])), chunk[cut:]
            self._open = not piece.endswith(b"\n")
            self._look(piece)
        else:
            self._rest += chunk
        if len(self._rest) > FIELD_AT_MOST:
            self._fault = TOO_LONG

    def fault(self) -> str | None:
        """What is wrong, without the place: that takes a slower look, see `damage`."""
        if (self._rest or self._open) and self._fault is None:
            # A last line is as good without its end as with it.
            piece, self._rest, self._open = self._rest + b"\n", b"", False
            self._look(piece)
        if self._fault is not None:
            return self._fault
        if self._quoted:
            return UNCLOSED
        if not self._records.whole():
            return f"has a line that has not {self._fields} fields"
        if self._joined and self._lines is not None and self._lines.whole():
            return EITHER
        return None

    def _look(self, piece: bytes) -> None:
        if not self._started:
            self._started, piece = True, piece.removeprefix(codecs.BOM_UTF8)
        if b"\0" in piece:
            self._fault = ZERO_BYTE
        elif self._quote and (self._quoted or self._quote in piece):
            self._look_at_quotes(piece)
        elif b"\r" in piece and piece.count(b"\r") != piece.count(b"\r\n"):
            self._fault = LONE_RETURN
        else:
            signs = piece.translate(None, self._others)
            self._records.see(signs)
            if self._lines is not None:
                self._lines.see(signs)

    def _are_records(self, piece: bytes) -> bool:
        """Whether a piece that begins with a record is of whole records with quotes where they may be."""
        looked = min(len(piece), _LOOKED_AT)  # as it begins it mostly goes on, and to count all takes a while
        if piece.count(self._quote, 0, looked) * _BYTES_PER_QUOTE > looked:
            # Records from its first byte to its last, which leave nothing to be looked at.
            return not self._either and _matches(piece, self._whole)
        parts = _apart(piece, self._quote)
        if parts is None:
            return False
        quoted, others = parts
        between = b"".join(others)
        if not between.endswith(b"\n") and others[-1]:
            return False
        if b"\r" in between and between.count(b"\r") != between.count(b"\r\n"):
            return False
        if not _matches(b"".join(quoted), self._whole):
            return False
        self._joined = self._joined or (self._either and any(b"\n" in one[:-1] for one in quoted))
        self._records.see(between.translate(None, self._others))
        return True

    def _look_at_quotes(self, piece: bytes) -> None:
        if self._either:
            if self._lines is None:
                self._lines = self._records.copy()
            self._lines.see(piece.translate(None, self._others + self._quote))
            self._either = not self._lines.broken
        if self._whole and not (self._quoted or self._records.begun) and self._are_records(piece):
            return
        signs = piece.translate(None, self._others)
        if self._quoted:  # as if it began here
            piece, signs = self._quote + piece, self._quote + signs
        parts = signs.replace(self._quote * 2, b"").split(self._quote)
        self._quoted = len(parts) % 2 == 0
        if self._quoted:
            piece += self._quote + b"\n"
        if not _matches(piece, self._grammar):
            self._fault = MISQUOTED
            return
        self._joined = self._joined or (self._either and any(b"\n" in part for part in parts[1::2]))
        self._records.see(b"".join(parts[::2]))


def _apart(piece: bytes, quote: bytes) -> tuple[list[bytes], list[bytes]] | None:
    """The records of a piece that hold a quote, and what lies between them, if it is of whole records.

    Where a record ends is right if its quotes are where they may be.
    """
    quoted, others, at = [], [], 0
    while (found := piece.find(quote, at)) >= 0:
        begun = piece.rfind(b"\n", at, found) + 1 or at
        end = piece.find(b"\n", found) + 1
        inside = piece.count(quote, found, end) % 2
        while inside and (found := piece.find(quote, end)) >= 0:
            before, end = end, piece.find(b"\n", found) + 1
            inside ^= piece.count(quote, before, end) % 2
        if inside or not end:
            return None
        others.append(piece[at:begun])
        quoted.append(piece[begun:end])
        at = end
    others.append(piece[at:])
    return quoted, others


class _Lines:
    """The signs of records as they come: are they one record's, over and over?"""

    def __init__(self, line: bytes, begun: bytes = b"", broken: bool = False) -> None:
        self._line, self.begun, self.broken = line, begun, broken

    def copy(self) -> _Lines:
        return _Lines(self._line, self.begun, self.broken)

    def see(self, signs: bytes) -> None:
        if self.broken:
            return
        signs = self.begun + signs
        end = signs.rfind(b"\n") + 1
        self.begun = signs[end:]
        # A file of one column has empty lines where the value is null.
        self.broken = signs.count(self._line, 0, end) * len(self._line) != end or (
            len(self.begun) >= len(self._line)
        )

    def whole(self) -> bool:
        """Whether they are, once all were seen."""
        return not self.broken and not self.begun


def _grammars(separator: str, quote: str, fields: int) -> tuple[str, str]:
    """What a piece of a file must be that begins and ends between two fields, and between two records.

    Returns:
        Two regular expressions; the second is empty where records are too long to be told by one.
    """
    s, q = (f"\\x{ord(sign):02x}" for sign in (separator, quote))
    field = rf"(?:{q}(?:[^{q}]|{q}{q})*{q}|[^{s}{q}\r\n]*)"
    more = rf"(?:{s}{field}){{{fields - 1}}}" if fields > 1 else ""
    whole = rf"\A(?:{field}{more}\r?\n)*\z" if fields <= _FIELDS_TOLD_AT_ONCE else ""
    return rf"\A(?:{field}(?:{s}|\r?\n))*\z", whole


def _matches(piece: bytes, pattern: str) -> bool:
    """Whether bytes match as a whole: by polars, whose regular expressions never step back."""
    try:
        text = piece.decode()
    except UnicodeDecodeError:
        text = piece.decode("latin1")  # told by who reads it; no sign of the structure is affected
    return bool(pl.Series([text]).str.contains(pattern).item())
