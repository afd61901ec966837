"""A project that is served: its file, and its ledger, opened for one request at a time and only read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from phasegate.audit.ledger.checkpoint import Checkpoint
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.store import LedgerError
from phasegate.audit.signing.signers import Signers
from phasegate.audit.statements.adoptions import narrowed
from phasegate.audit.trail.locate import LedgerOf
from phasegate.audit.trail.pinned import NOTHING_PINNED, Pinned
from phasegate.audit.trail.runs import KeptRun, find_run, record_of
from phasegate.audit.trail.standing_runs import newest
from phasegate.rules.diagnostics.diagnostic import PackError
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.project import ProjectReading, find_project, read_project
from phasegate.rules.values.ledger_address import ledger_address
from phasegate.web.errors import NotGoodError
from phasegate.web.ledgers.head import EMPTY, Files, Head, Marks, files_of, head_of, marks_of
from phasegate.web.ledgers.trust import refuse_changed, refuse_damaged, refuse_replaced, refuse_unsigned

if TYPE_CHECKING:
    from phasegate.records.schema import Record


APART = 1.0
"""Seconds after which two times of change of a file surely differ."""
Mark = tuple[tuple[int, int, int, int] | None, ...]
"""Of a project file and each that holds a part of it: device, number, size, time of change; None if away."""


@dataclass
class Opened:
    """A project's ledger, open for one request.

    Attributes:
        reading: the project file.
        whole: the ledger, with the entries of all projects.
        head: how it stands.
        mark: by what the project file and its parts are known to be the same.
        marks: by what the ledger's files are.
    """

    reading: ProjectReading
    whole: Ledger
    head: Head
    mark: Mark
    marks: Marks

    @cached_property
    def log(self) -> Ledger:
        """The ledger, in which the project's own entries are found."""
        return narrowed(self.whole, LedgerOf(self.reading.project.id, self.signers))

    @property
    def signers(self) -> Signers | None:
        """Those whom the project file lists; None where it lists none."""
        project = self.reading.project
        return Signers.of(project) if project.signers else None

    def run(self, given: str | None = None) -> KeptRun:
        """A run by its number, or the newest by its day, as the signed tree has it.

        Raises:
            UnknownRunError: if there is none.
        """
        found = (newest(self.log) if given is None else None) or find_run(self.log, given or "latest")
        for row in self.log.find(("run",), run=found.number):
            refuse_changed(self.whole, row)
        return found

    def record(self, run: KeptRun) -> Record:
        """What a run decided, held to its digest."""
        return record_of(self.log, run)


@dataclass(frozen=True)
class _Read:
    """A project file as it was read, and by what it is known to be the same still."""

    mark: Mark
    reading: ProjectReading


@dataclass(frozen=True)
class _Shut:
    """Why nothing is shown, as a verification of all of the ledger found, and what has it verified anew."""

    why: PhasegateError
    head: Head
    marks: Marks
    again: Callable[[Head], None]


@dataclass(frozen=True)
class Seen:
    """What was found right: a head, and the marks of the files that it was read from, by a project file.

    Attributes:
        head: how the ledger stood.
        files: its own.
        marks: by what these are known to be the same.
        mark: by what the project file is.
        first, last: when it was found so first and last, in seconds of a clock that only goes on.
    """

    head: Head
    files: Files | None
    marks: Marks
    mark: Mark | None = None
    first: float = 0.0
    last: float = 0.0


class ServedProject:
    """A project that is served.

    Args:
        start: its folder or its file.
        environ: the environment, which may say where the ledger is.
        name: what a portfolio calls it; empty for what it calls itself.
        weight: what it counts where a portfolio goes by weight.
        pinned: what its ledger is held to from outside.

    Attributes:
        file: the project file.
        key: what it is called in addresses: its id, or without one the name of its folder.
    """

    def __init__(
        self,
        start: Path,
        environ: Mapping[str, str],
        *,
        name: str = "",
        weight: int = 1,
        pinned: Pinned = NOTHING_PINNED,
    ) -> None:
        self.file = find_project(start)
        self.name, self.weight, self.pinned = name, weight, pinned
        self._environ = environ
        self._lock = Lock()
        self._read: _Read | None = None
        self._seen = Seen(EMPTY, None, ())
        self._shut: _Shut | None = None
        self.key = ""
        self.key = _key_of(self.reading())

    def reading(self) -> ProjectReading:
        """The project file as it is now; see `_as_it_is`."""
        return self._as_it_is().reading

    def _as_it_is(self) -> _Read:
        """The project file as it is now, and its mark.

        Raises:
            NotGoodError: if it can not be read, or has faults.
        """
        known = self._read
        mark = _mark_of(self.file, known.reading if known is not None else None)
        if known is not None and known.mark == mark:
            return known
        if mark[0] is None:
            raise NotGoodError(f"{self.file.name} can not be read: it is away")
        found = read_project(self.file, with_pack=False)
        if found.faults:
            fault = PackError(found.faults, self.file.name)
            raise NotGoodError(fault.message, fault.hint) from fault
        self._refuse_another(found)
        made = self._read = _Read((mark[0], *_mark_of(self.file, found)[1:]), found)
        return made

    def _refuse_another(self, found: ProjectReading) -> None:
        """Sees that the file is of the project that is served: what viewers may see goes by its key.

        Raises:
            NotGoodError: if it is of another one.
        """
        key = _key_of(found)
        if self.key and key != self.key:
            why = f"{self.file.name} is now of the project {key!r}, and {self.key!r} is served"
            raise NotGoodError(why, "start the server anew, if that is meant")

    @property
    def title(self) -> str:
        """What people call it."""
        return self.name or self.reading().project.title or self.key

    def shut(self, why: PhasegateError, opened: Opened, again: Callable[[Head], None]) -> None:
        """Shows nothing of the ledger until it was verified as a whole and found good.

        Args:
            why: what was found.
            opened: the ledger in which it was.
            again: has it verified anew; called once its files are others than those.
        """
        self._shut = _Shut(why, opened.head, opened.marks, again)

    def reopen(self) -> None:
        """Shows it again: all of it was found good."""
        self._shut = None

    @contextmanager
    def opened(self, *, verifying: bool = False) -> Iterator[Opened]:
        """The ledger as it stands now, once it was seen to be right; closed at the end of the block.

        Args:
            verifying: whether it is opened only to be verified as a whole, whatever was found before.

        Raises:
            NotGoodError: if it is away, damaged, or another one.
        """
        read = self._as_it_is()
        reading = read.reading
        try:
            address = ledger_address(reading.project.ledger, reading.root, self._environ)
            files = _files(files_of(address), reading)
            marks = marks_of(files)
            with Ledger.open(address) as ledger:
                head = head_of(ledger)
                if not verifying:
                    self._hold(ledger, head, files, marks, read)
                yield Opened(reading, ledger, head, read.mark, marks)
        except LedgerError as error:
            raise NotGoodError(error.message, error.hint) from error

    def _hold(self, ledger: Ledger, head: Head, files: Files | None, marks: Marks, read: _Read) -> None:
        """Sees that nothing is shown by a head that was not found right."""
        if (shut := self._shut) is not None:
            if (head, marks) != (shut.head, shut.marks):
                shut.again(head)
            raise NotGoodError(shut.why.message, shut.why.hint)
        seen, reading, moment = self._seen, read.reading, time.monotonic()
        if (head, marks, read.mark) == (seen.head, seen.marks, seen.mark) and head != EMPTY:
            self._seen = replace(seen, last=moment)
            return
        refuse_replaced(ledger, head, seen.head)
        refuse_damaged(ledger, head)
        listed = Signers.of(reading.project)
        self.pinned.refuse_others(ledger.shown, listed)
        self.pinned.refuse_another(ledger, Checkpoint(head.origin, head.size, head.root))
        refuse_unsigned(ledger, head, reading.project.id, listed if len(listed) else None)
        with self._lock:
            if head.size >= self._seen.head.size:  # of two requests at once, the later head stays
                self._seen = Seen(head, files, marks, read.mark, moment, moment)

    def unchanged(self) -> Seen | None:
        """How the ledger stands, if its files alone tell that it is as it was when it was opened last.

        A file that is written has another time of change, as far as these can be told apart: what was
        written just after it was looked at may have the same one. So a ledger is opened at each request,
        until it was open once, and found as it was, a while after the change that was noticed last.
        """
        seen, read = self._seen, self._read
        if self._shut is not None or read is None or not seen.marks or seen.last - seen.first < APART:
            return None
        if read.mark != seen.mark or _mark_of(self.file, read.reading) != seen.mark:
            return None
        return seen if marks_of(seen.files) == seen.marks else None


def _files(files: Files | None, reading: ProjectReading) -> Files | None:
    """The files of a ledger, by the name that the project file has: a link may lead elsewhere by and by."""
    written = reading.root / reading.project.ledger
    return files._replace(ledger=written) if files is not None and written.exists() else files


def _key_of(reading: ProjectReading) -> str:
    return reading.project.id or reading.root.name or "project"


def _mark_of(file: Path, reading: ProjectReading | None) -> Mark:
    """By what a project file is known to be the same, with the files that it names parts of itself in."""
    found: list[tuple[int, int, int, int] | None] = []
    project = reading.project if reading is not None else None
    named = (project.cycle_file, project.control_file) if project is not None else ()
    for path in (file, *(file.parent / each for each in named if each is not None)):
        try:
            told = path.stat()
        except (OSError, ValueError):
            found.append(None)
        else:
            found.append((told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns))
    return tuple(found)
