"""Files that are no table of any format that is read: told by their first bytes, with what helps.

An extension is only a name: a workbook is a zip by its bytes, whatever it is called, and to unpack it
would not make a table of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import IO

from phasegate.rules.model.file_format import PACKINGS, format_of_parts

EXPORT = "export the table as CSV or Parquet"
_PACKED = {
    **{each.mark: name for name, each in PACKINGS.items()},
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07": "rar",
}
_FOREIGN = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": (
        "an old Office file, such as .xls, or one with a password",
        "save it as .xlsx without a password",
    ),
    b"%PDF-": ("a PDF", EXPORT),
    b"ARROW1\x00\x00": ("an Arrow or Feather file", "write it as Parquet"),
    b"ORC": ("an ORC file", "write it as Parquet"),
    b"Obj\x01": ("an Avro file", "write it as Parquet"),
    b"\x89HDF\r\n\x1a\n": ("an HDF5 file", EXPORT),
    b"$FL2": ("an SPSS file", EXPORT),
    b"<stata_dta>": ("a Stata file", EXPORT),
}
_IN_ZIP = {
    "word/": ("a Word document", "save its table as CSV"),
    "ppt/": ("a PowerPoint file", "save its table as CSV"),
    "content.xml": ("an OpenDocument file, such as .ods", "save its sheet as CSV"),
}
ZIP = b"PK\x03\x04"
_DUCKDB = slice(8, 12)
HEAD = 32
"""So many bytes tell."""


def foreign(opened: Callable[[], IO[bytes]], head: bytes) -> tuple[str, str] | None:
    """What a file is, and what to do about it, if its bytes are those of something else than a table.

    Args:
        opened: opens the file.
        head: its first bytes.

    Returns:
        Both; None where it may be a table.
    """
    if head.startswith(ZIP):
        names = names_in_zip(opened)
        return None if format_of_parts(names) else _in_zip(names)
    if head[_DUCKDB] == b"DUCK":
        return "a DuckDB database", EXPORT
    for mark, (what, hint) in _FOREIGN.items():
        if head.startswith(mark) and (mark != b"ORC" or not _is_text(head)):
            return what, hint
    for mark, name in _PACKED.items():
        if head.startswith(mark):
            return f"compressed ({name})", "unpack it first, or export Parquet"
    return None


def names_in_zip(opened: Callable[[], IO[bytes]]) -> list[str]:
    """The names of the parts of a zip archive; none where it is no whole one."""
    from zipfile import BadZipFile, ZipFile

    try:
        with opened() as raw, ZipFile(raw) as file:
            return file.namelist()
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        return []


def _in_zip(names: Collection[str]) -> tuple[str, str]:
    for beginning, (what, hint) in _IN_ZIP.items():
        if any(name.startswith(beginning) for name in names):
            return what, hint
    return "compressed (zip)", "unpack it first, or export Parquet"


def advised(line: bytes) -> str:
    """What to do about a file that begins with a line which no format knows for its own."""
    if not _is_text(line[:HEAD]):
        return EXPORT
    if line.startswith(b"<"):
        return EXPORT
    return "set format: csv for the source, if that is what it holds"


def _is_text(head: bytes) -> bool:
    return not any(byte < 9 or 13 < byte < 32 for byte in head)
