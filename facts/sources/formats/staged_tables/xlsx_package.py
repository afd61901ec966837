"""A workbook as a package: its parts within limits, its sheets, and what its cells share.

A workbook is a zip archive of XML. Both are read here with what Python brings, since readers of workbooks
make binary floats of numbers before anybody can ask how they are written, and can not tell an empty cell
from a formula that was never computed.
"""

from __future__ import annotations

import posixpath
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, NamedTuple
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from phasegate.facts.sources.files import FoundFile, SourceError
from phasegate.facts.sources.formats.pieces import pieces
from phasegate.rules.diagnostics.suggestions import suggest

UNPACKED_AT_MOST = 1 << 30
"""Bytes that all parts of a workbook may have together: a full sheet of a million rows has half of that."""
RATIO_AT_MOST, SUSPICIOUS = 1_000, 1 << 24
"""So many times its size a workbook may unpack to, once it is more than a few megabytes."""
PARTS_AT_MOST = 10_000
PART_AT_MOST = 1 << 26
"""Bytes of a part that is held whole, and is neither cells nor their texts."""
TEXTS_AT_MOST = 1 << 20
"""So many texts cells may share, or as many as there is room in all sheets for cells that name them."""
_CELL_AT_LEAST = len("<c><v>0</v></c>")
_ESCAPED = re.compile(r"_x((?![dD][89a-fA-F])[0-9A-Fa-f]{4})_")  # halves of characters say nothing
_DATES = {*range(14, 18), *range(27, 32), 36, *range(50, 55), 57, 58}
_TIMES = {18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56}
_MOMENT, _LENGTH = 22, 46
_SHARED = ("sharedStrings", "styles")
_OURS = frozenset(
    {
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://purl.oclc.org/ooxml/spreadsheetml/main",
        "http://schemas.openxmlformats.org/package/2006/relationships",
    }
)
"""The namespaces of what is read; all else is what a program keeps for itself, and others do not show."""
_IDS = frozenset(
    {
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships id",
        "http://purl.oclc.org/ooxml/officeDocument/relationships id",
    }
)
_NEVER_INSIDE = frozenset({"sheet", "sheetData", "row", "c", "v", "si", "xf"})
"""What is shown by some programs and not by others where it stands in such a place."""
_NEVER_AROUND = frozenset({"sheets", "sheetData", "sst", "numFmts", "cellXfs"})
"""Likewise in what it must not stand, other than as an extension."""
_NO_SIGNS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)
Shape = str
"""How a number is shown: as a ``number``, a ``date``, a ``moment`` of one, a ``time`` alone, or a ``length``
of time, whose hours go on after a day."""
Attributes = Mapping[str, str]


class Unreadable(Exception):  # noqa: N818 - it never leaves this folder
    """Why a workbook can not be read: what it is or has, and what to do."""

    def __init__(self, message: str, hint: str = "is it cut off? Save it anew") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


class Sheet(NamedTuple):
    """A sheet of a workbook.

    Attributes:
        name: its name.
        part: where its cells are.
    """

    name: str
    part: str


class Workbook:
    """An open workbook.

    Args:
        file: it.
        raw: its bytes.

    Attributes:
        sheets: its sheets with cells.
        since_1904: whether its days are counted from 1904 on.
        uncomputed: whether it says that its formulas are to be computed anew.

    Raises:
        SourceError: if it is none, or unpacks to more than any table.
    """

    def __init__(self, file: FoundFile, raw: IO[bytes]) -> None:
        self._shown = file.shown
        try:
            self._zip = ZipFile(raw)
            self._refuse_bomb(file.size)
            main = self._main()
            self.since_1904 = self.uncomputed = False
            named: list[tuple[str, str]] = []

            def see(name: str, attributes: Attributes) -> None:
                if name == "sheet":
                    named.append((attributes["name"], attributes["id"]))
                elif name == "workbookPr":
                    self.since_1904 = attributes.get("date1904") in ("1", "true")
                elif name == "calcPr":
                    self.uncomputed = attributes.get("fullCalcOnLoad") in ("1", "true")

            self.parse(main, see)
            targets = self._relations(main)
            kinds = {id_: kind for id_, (kind, _) in targets.items()}
            self.sheets = [Sheet(name, targets[id_][1]) for name, id_ in named if kinds[id_] == "worksheet"]
            names = [name.casefold() for name, _ in named]
            if len({*names}) < len(names):
                raise Unreadable("has two sheets of one name", "save it anew")
            self._parts: dict[str, str] = {}
            for kind, part in targets.values():
                if self._parts.setdefault(kind, part) != part and kind in _SHARED:
                    raise Unreadable(f"has its {kind} twice", "save it anew")
        except (KeyError, ValueError) as error:
            raise self.fault(Unreadable("is no workbook that can be read")) from error
        except Unreadable as error:
            raise self.fault(error) from error
        except BadZipFile as error:
            raise self.fault(Unreadable("is no whole workbook")) from error

    def fault(self, error: Unreadable) -> SourceError:
        """What is wrong with it."""
        return SourceError(f"{self._shown} {error.message}", error.hint)

    def sheet(self, name: str | None) -> Sheet:
        """A sheet by its name; the only one where none is given.

        Raises:
            SourceError: if there is none.
        """
        names = [sheet.name for sheet in self.sheets]
        if name is None and len(names) != 1:
            listed = f"it has {', '.join(names[:10])}" if names else None
            raise SourceError(f"{self._shown} has {len(names)} sheets: say which, by 'sheet'", listed)
        found = next((sheet for sheet in self.sheets if name in (None, sheet.name)), None)
        if found is None:
            raise SourceError(f"{self._shown} has no sheet {name!r}", suggest(name or "", names, of="sheets"))
        return found

    def texts(self) -> list[str]:
        """The texts that its cells share."""
        found: list[str] = []
        said: list[str] = []
        inside = {"t": False, "rPh": False}
        sheets = {sheet.part for sheet in self.sheets}
        room = sum(part.file_size for part in self._zip.infolist() if part.filename in sheets)
        most = max(TEXTS_AT_MOST, room // _CELL_AT_LEAST)

        def begin(name: str, _: Attributes) -> None:
            if name == "si":
                said.clear()
                if len(found) == most:
                    raise Unreadable(
                        f"shares more than {most:,} texts, and has not as many cells", "save it anew"
                    )
            elif name in inside:
                inside[name] = True

        def end(name: str) -> None:
            if name == "si":
                found.append(unescaped("".join(said)))
            elif name in inside:
                inside[name] = False

        def text(data: str) -> None:
            if inside["t"] and not inside["rPh"]:  # which says how it is pronounced
                said.append(data)

        if (part := self._parts.get("sharedStrings")) is not None:
            self.parse(part, begin, end, text, most=UNPACKED_AT_MOST)
        return found

    def shapes(self) -> list[Shape]:
        """How numbers are shown, by the styles of cells."""
        own: dict[str, str] = {}
        styles: list[str] = []
        inside = {"numFmts": False, "cellXfs": False}

        def begin(name: str, attributes: Attributes) -> None:
            if name in inside:
                inside[name] = True
            elif name == "numFmt" and inside["numFmts"]:  # those of conditions have numbers of their own
                own[attributes["numFmtId"]] = attributes["formatCode"]
            elif name == "xf" and inside["cellXfs"]:
                styles.append(attributes.get("numFmtId", "0"))

        def end(name: str) -> None:
            if name in inside:
                inside[name] = False

        if (part := self._parts.get("styles")) is not None:
            self.parse(part, begin, end)
        return [_shape(int(number), own.get(number)) for number in styles]

    def parse(
        self,
        part: str,
        begin: Callable[[str, Attributes], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
        most: int | None = None,
    ) -> None:
        """Reads a part, its elements without their namespaces.

        Raises:
            Unreadable: if it is damaged, or has more bytes than ``most``, or than is held of a part.
        """
        most = PART_AT_MOST if most is None else most
        with self.opened(part):  # which tells that there is none
            size = self._zip.getinfo(part).file_size
        if size > most:
            raise Unreadable(f"has {size:,} bytes in {part}, of which {most:,} are read", "save it anew")
        for _ in self.parsed(part, begin, end, text):
            pass

    def parsed(
        self,
        part: str,
        begin: Callable[[str, Attributes], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
        raw: IO[bytes] | None = None,
    ) -> Iterator[None]:
        """Likewise, piece by piece; where ``raw`` is given, of that in its place.

        What is not of a workbook's own namespaces is not told, nor is what stands in it.

        Raises:
            Unreadable: if it is damaged, or no plain XML.
        """
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True

        foreign = 0
        around: list[str] = []

        def begun(name: str, attributes: dict[str, str]) -> None:
            nonlocal foreign
            space, _, local = name.rpartition(" ")
            if not foreign and space in _OURS:
                around.append(local)
                begin(local, {_key(key): value for key, value in attributes.items()})
                return
            inside = not _NEVER_AROUND.isdisjoint(around) and "extLst" not in around
            if inside or (space in _OURS and local in _NEVER_INSIDE):
                raise Unreadable(f"has a {local!r} in {part} that not every program shows", "save it anew")
            foreign += 1

        def ended(name: str) -> None:
            nonlocal foreign
            if foreign:
                foreign -= 1
                return
            around.pop()
            if end is not None:
                end(name.rpartition(" ")[2])

        def said(data: str) -> None:
            if text is not None and not foreign:
                text(data)

        parser.StartElementHandler, parser.EndElementHandler = begun, ended
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.CharacterDataHandler = said
        try:
            with self.opened(part) if raw is None else raw as opened:
                for piece in pieces(opened):
                    parser.Parse(piece, False)
                    yield
                parser.Parse(b"", True)
                yield
        except (expat.ExpatError, LookupError) as error:  # an encoding that there is not
            raise Unreadable(f"is damaged in {part}") from error

    @contextmanager
    def opened(self, part: str) -> Iterator[IO[bytes]]:
        """A part, to be read.

        Raises:
            Unreadable: if it is damaged, at any time.
        """
        try:
            with self._zip.open(part) as raw:
                yield raw
        except (BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
            raise Unreadable(f"is damaged in {part}") from error
        except (KeyError, RuntimeError) as error:
            raise Unreadable(f"has no readable {part}") from error

    def _refuse_bomb(self, size: int) -> None:
        parts = self._zip.infolist()
        names = {part.filename.casefold() for part in parts}
        if len(names) < len(parts) or len(parts) > PARTS_AT_MOST:
            raise Unreadable("is no workbook: it has a part twice, or too many", "save it anew")
        unpacked = sum(part.file_size for part in parts)
        if unpacked > UNPACKED_AT_MOST or unpacked > max(SUSPICIOUS, size * RATIO_AT_MOST):
            sizes = f"unpacks from {size:,} to {unpacked:,} bytes"
            raise Unreadable(sizes, "no workbook packs that densely; write large tables as CSV or Parquet")

    def _main(self) -> str:
        for kind, target in self._relations("").values():
            if kind == "officeDocument":
                if target.endswith(".bin"):
                    raise Unreadable("is a binary workbook (.xlsb)", "save it as .xlsx")
                return target
        raise Unreadable("is no workbook that can be read")

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """The kind and the place of what a part names, by its id."""
        folder, _, name = part.rpartition("/")
        found: dict[str, tuple[str, str]] = {}

        def see(element: str, attributes: Attributes) -> None:
            if element == "Relationship" and attributes.get("TargetMode") != "External":
                target = attributes["Target"]
                whole = (
                    target[1:]
                    if target.startswith("/")
                    else posixpath.normpath(posixpath.join(folder, target))
                )
                if attributes["Id"] in found:
                    raise Unreadable("is no workbook: it calls two of its parts alike", "save it anew")
                found[attributes["Id"]] = attributes["Type"].rpartition("/")[2], whole

        self.parse(posixpath.join(folder, "_rels", f"{name}.rels"), see)
        return found


def _key(name: str) -> str:
    return "id" if name in _IDS else name  # others with a namespace keep it, and are nobody's


def _refuse_doctype(*_: Any) -> None:
    raise Unreadable("is no workbook: its XML declares entities", "save it anew")


def unescaped(text: str) -> str:
    """A text, the signs in it that XML can not hold."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _shape(number: int, code: str | None) -> Shape:
    if code is None:
        if number in (_MOMENT, _LENGTH):
            return "moment" if number == _MOMENT else "length"
        return "date" if number in _DATES else "time" if number in _TIMES else "number"
    signs = _NO_SIGNS.sub("", code.partition(";")[0]).lower()
    if "general" in signs or not any(sign in signs for sign in "ymdhs"):
        return "number"
    timed = any(sign in signs for sign in "hs")
    if not timed:
        return "date"
    if any(sign in signs for sign in "yd"):
        return "moment"
    return "length" if "[" in signs else "time"
