"""The entries of one project in a ledger that several may share. Nobody else lets entries through.

An entry says whose it is, by the id of a project; older ones say nothing, and are nobody's. Whoever decides
by a ledger, or reads it, asks here, so that nothing of one project ever counts for another.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import orjson

from phasegate.audit.ledger.entry import OWN_KINDS
from phasegate.audit.ledger.entry_errors import document_of
from phasegate.audit.ledger.store import Finding, LedgerError, Row

Adopted = Sequence[range]
"""The places of nobody's entries that a project has taken on."""


TOLD_BY_ALL = "told by all"
"""Asked for among kinds: what tells a moment, or lists signers, is then found whosever it is.

Places in the ledger and moments are everybody's: by them a key that was stolen is kept from an earlier date.
"""
EVERYBODYS = "everybody's"
"""Asked for among kinds: all entries of these are found, whosever they are.

What one project says of a key that was stolen concerns the others; whoever asks so lets nothing else count.
"""
TELLING = ("run", "refused", "key", "notified")
"""Kinds of entries that tell when they were made."""


class UnnamedProjectError(LedgerError):
    """A project without an id under a ledger in which others have one: nobody could tell what is its own."""

    def __init__(self, shown: str, names: Collection[str]) -> None:
        super().__init__(
            f"{shown} holds entries of {', '.join(sorted(names))}, and the project has no id by which its "
            "own could be told from these",
            "give it an id ('phasegate lint' proposes one); 'phasegate ledger adopt' then takes on what it "
            "kept before",
        )


class ProjectEntries:
    """Finds the entries of one project.

    Those that a ledger writes about itself are everybody's. Lists of signers that are nobody's are found
    too: whom an older list had approve is still to be asked.

    Args:
        log: where all entries are found.
        project: the id of the project; None for one without an id, whose are the entries of nobody as long
            as none are of anybody else.
        adopted: the entries of nobody that count as its own.
        shown: the ledger's address, for messages.
        whose: tells whose an entry is; None where each is to be read for that.
    """

    def __init__(
        self,
        log: Finding,
        project: str | None,
        adopted: Adopted = (),
        shown: str = "",
        whose: Callable[[Row], str | None] | None = None,
    ) -> None:
        self._log = log
        self._whose = whose or owner_of
        self._project = project
        self._adopted = adopted
        self._shown = shown
        self._alone = project is not None

    def find(self, kinds: Collection[str], run: int | None = None, subject: str | None = None) -> list[Row]:
        """The entries of some kinds, in their order, of one run or subject where it is given.

        Raises:
            UnnamedProjectError: if the project has no id, and others in the ledger do.
            EntryError: if an entry can not be read, so that it may be anybody's.
        """
        if not self._alone:
            self._refuse_named()
        if EVERYBODYS in kinds:
            return self._log.find(kinds, run, subject)
        by_all = TELLING if TOLD_BY_ALL in kinds else ()
        return [row for row in self._log.find(kinds, run, subject) if row.kind in by_all or self._is_own(row)]

    def _is_own(self, row: Row) -> bool:
        if row.kind in OWN_KINDS:
            return True
        whose = self._whose(row)
        if whose is not None:
            return whose == self._project
        return self._project is None or row.kind == "key" or any(row.seq in each for each in self._adopted)

    def _refuse_named(self) -> None:
        if names := named_in(self._log):
            raise UnnamedProjectError(self._shown or "the ledger", names.values())
        self._alone = True


def owner(document: Mapping[str, Any]) -> str | None:
    """The id of the project whose a record or an entry is; None where it names none."""
    project = document.get("project")
    found = project.get("id") if isinstance(project, dict) else None
    return found if isinstance(found, str) else None


def owner_of(row: Row) -> str | None:
    """The id of the project whose an entry is; None if it is nobody's.

    Raises:
        EntryError: if it can not be read.
    """
    try:
        document = orjson.loads(row.body)
    except ValueError:
        document = None
    # Whether the bytes are canonical is seen to by whoever reads what else the entry says.
    return owner(document if isinstance(document, dict) else document_of(row))


def named_in(log: Finding) -> dict[str, str]:
    """The projects with an id in a ledger, each with the title of its newest list of signers.

    Every project has a list there: it comes before anything else of it.
    """
    found: dict[str, str] = {}
    for row in log.find(("key",)):
        document: dict[str, Any] = document_of(row)
        if (id_ := owner(document)) is not None:
            found[id_] = f"{document['project'].get('title') or 'a project'} ({id_})"
    return found
