"""What the lists of signers in a ledger say together: the newest counts, and none before it is forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from phasegate.audit.ledger.entry_errors import naming
from phasegate.audit.ledger.store import Row
from phasegate.audit.signing.canonical_json import read_canonical
from phasegate.audit.signing.signers import Signers, functions
from phasegate.rules.model.role import EVALUATOR

OWN = (EVALUATOR, (EVALUATOR,))
"""Name and roles of the one signer of a project that lists none."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The lists of a ledger up to some place.

    Attributes:
        newest: the last of them; None while there is none.
        functions: those for which any list had an approver, sorted. Whoever takes the last line of a
            function out of the project file does not take away the need for its approval.
        names: whom the newest list names that is more than a project's own key; nobody, where no project
            has listed anybody yet.
    """

    newest: Signers | None = None
    functions: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @staticmethod
    def of(rows: Iterable[Row]) -> Listed:
        """What the entries of kind ``key`` say, in their order.

        Raises:
            EntryError: if one can not be read, holds no list, or a key that is none.
        """
        found = Listed()
        for row in rows:
            found = found.then(list_in(row))
        return found

    def also(self, asked: Iterable[str]) -> Listed:
        """The same with further functions that were known before."""
        return replace(self, functions=tuple(sorted({*self.functions, *asked})))

    def then(self, signers: Signers) -> Listed:
        """The same with one list more."""
        known = {*self.functions, *functions(signers)}
        named = self.names if is_own(signers) else tuple(each.name for each in signers)
        return Listed(signers, tuple(sorted(known)), named)


def list_in(row: Row) -> Signers:
    """The list that an entry of kind ``key`` holds.

    Raises:
        EntryError: if it can not be read, holds no list, or a key that is none.
    """
    with naming(row):
        return _read(row.body)


@lru_cache(maxsize=1024)
def _read(body: bytes) -> Signers:
    """Reads a list once: of projects that share a ledger, each asks for those of all others."""
    return Signers.from_document(read_canonical(body).get("signers"))


def is_own(signers: Signers) -> bool:
    """Whether a list is that of a project that lists nobody: its own key, or no key."""
    return all((each.name, each.roles) == OWN for each in signers)
