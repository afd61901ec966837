"""What a refused run leaves where its reports were to go: nothing that could be taken for one of its own.

A pipeline keeps the files that it named, whoever wrote them and when. So an earlier report goes when a run
is refused in its place. It is known by what it says itself (`Format.mark`): a file that somebody mistook for
one, such as a table of the project, is left.
"""

from __future__ import annotations

import mmap
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile

from phasegate.reports.formats.registry import FORMATS
from phasegate.reports.output import opened
from phasegate.reports.portfolio.formats import MARKS

_PROPERTIES = "docProps/core.xml"
"""Where a workbook, which is an archive, says who made it."""
_LONGEST = 1 << 20


class Withdrawal(NamedTuple):
    """What became of the files that reports of a refused run were to go to.

    Attributes:
        removed: earlier reports, which are gone.
        left: files that are no report of phasegate, as far as can be told.
        stuck: earlier reports that could not be removed, each with the reason.
    """

    removed: tuple[Path, ...]
    left: tuple[Path, ...]
    stuck: tuple[tuple[Path, str], ...]


def withdraw(outputs: Iterable[Path]) -> Withdrawal:
    """Removes earlier reports; a link is followed, as it is when a report is written, and stays.

    Args:
        outputs: where the reports were to go. What is no file, or has nothing in it, tells of no run; nor
            does what is open already, such as ``/dev/stdout``: behind it may be a log.
    """
    removed, left, stuck = [], [], []
    for path in dict.fromkeys(outputs):
        try:
            if opened(path) is not None or not path.is_file() or not path.stat().st_size:
                continue
            if is_report(path):
                Path(os.path.realpath(path)).unlink()
                removed.append(path)
            else:
                left.append(path)
        except OSError as error:
            stuck.append((path, error.strerror or str(error)))
    return Withdrawal(tuple(removed), tuple(left), tuple(stuck))


def is_report(path: Path) -> bool:
    """Whether a file is a report of a run, or of many projects, in any format.

    Args:
        path: a file with something in it.

    Raises:
        OSError: if it can not be read.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        properties = _properties(path) if content[:2] == b"PK" else None
        told = content if properties is None else properties
        marks = (*(each.mark for each in FORMATS.values()), *MARKS)
        return any(re.search(each.encode(), told, re.DOTALL) for each in marks)


def _properties(path: Path) -> bytes | None:
    """What a workbook says of itself; None of what is none."""
    broken = (BadZipFile, KeyError, NotImplementedError, RuntimeError, EOFError)
    with suppress(*broken), ZipFile(path) as archive, archive.open(_PROPERTIES) as file:
        return file.read(_LONGEST)
    return None
