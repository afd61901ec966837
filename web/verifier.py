"""Verifies ledgers as a whole beside what is served: one at a time, each head of a ledger once."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from threading import Condition, Lock, Thread
from typing import TYPE_CHECKING

from phasegate.rules.errors import PhasegateError
from phasegate.web.errors import NotGoodError

if TYPE_CHECKING:
    from phasegate.audit.verification.ledger import Verified
    from phasegate.web.ledgers.head import Head
    from phasegate.web.ledgers.served import ServedProject


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the verification of a ledger has come.

    Attributes:
        head: the head that is verified, or was last.
        done, total: how many of how many entries were read.
        found: what was found; None while it goes on.
        failed: why it came to nothing; None if it did not.
    """

    head: Head
    done: int = 0
    total: int = 0
    found: Verified | None = None
    failed: str | None = None

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.found is not None or self.failed is not None


class NotVerifiedError(NotGoodError):
    """A ledger in which a verification found a fault."""

    def __init__(self, found: Verified) -> None:
        first = f": {found.faults[0].place}: {found.faults[0].text}" if found.faults else ""
        super().__init__(f"the ledger is not what was kept{first}", "'phasegate verify' tells all of it")


class Verifier:
    """Verifies ledgers in a thread of its own, which ends with the process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._some = Condition(self._lock)
        self._waiting: deque[tuple[ServedProject, Head]] = deque()
        self._told: dict[str, Progress] = {}
        self._at_work = False
        self._thread: Thread | None = None

    def told(self, project: ServedProject) -> Progress | None:
        """How far it has come with a project's ledger; None where nobody has asked for that yet."""
        return self._told.get(project.key)

    def ask(self, project: ServedProject, head: Head, *, anew: bool = False) -> Progress:
        """Has a ledger verified as it stands, unless that was done or goes on.

        Args:
            project: whose it is.
            head: how it stands.
            anew: whether it is verified although it was, because its files are others.
        """
        with self._lock:
            told = self._told.get(project.key)
            # While one goes on, a ledger that has grown meanwhile waits until somebody asks again.
            if told is not None and not (told.over and (anew or told.head != head)):
                return told
            begun = self._told[project.key] = Progress(head, total=head.size)
            self._waiting.append((project, head))
            if self._thread is None:
                self._thread = Thread(target=self._work, name="verification", daemon=True)
                self._thread.start()
            self._some.notify_all()
            return begun

    def wait(self) -> None:
        """Waits until all is verified that somebody asked for."""
        with self._lock:
            while self._waiting or self._at_work:
                self._some.wait()

    def _work(self) -> None:
        while True:
            with self._lock:
                self._at_work = False
                self._some.notify_all()
                while not self._waiting:
                    self._some.wait()
                project, head = self._waiting.popleft()
                self._at_work = True
            self._verify(project, head)

    def _verify(self, project: ServedProject, head: Head) -> None:
        from phasegate.audit.verification.service import verified_ledger

        def heard(done: int, total: int) -> None:
            self._told[project.key] = replace(self._told[project.key], done=done, total=total)

        def again(head: Head) -> None:
            self.ask(project, head, anew=True)

        try:
            with project.opened(verifying=True) as opened:
                start, newest = opened.reading.root, opened.head
                found = verified_ledger(opened.whole, (), (), start, False, heard)
                if not found.good:
                    project.shut(NotVerifiedError(found), opened, again)
        except PhasegateError as error:
            self._told[project.key] = replace(self._told[project.key], failed=error.message)
            return
        if found.good:
            project.reopen()
        self._told[project.key] = replace(self._told[project.key], head=newest, found=found)
