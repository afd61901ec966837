"""What is wrong with where a project keeps its audit trail, and with whose signatures count in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from phasegate.rules.diagnostics.diagnostic import Diagnostic
from phasegate.rules.diagnostics.source_map import Origin
from phasegate.rules.diagnostics.unresolved import Unread
from phasegate.rules.model.project import Project
from phasegate.rules.model.role import EVALUATOR, approves_for
from phasegate.rules.model.signer import Signer
from phasegate.rules.values.folding import folded
from phasegate.rules.values.ledger_address import VARIABLE, LedgerAddressError, has_password, ledger_address
from phasegate.rules.values.ssh_public_key import read_ssh_key

_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def trail_faults(project: Project, root: Path, origin: Origin, unread: Unread) -> Iterator[Diagnostic]:
    """Everything that is wrong with ``ledger`` and ``signers`` and that no part of them shows alone.

    Args:
        project: the project file's content.
        root: the project's folder.
        origin: the project file.
        unread: what of the project file could not be read; nothing is said of that.
    """
    yield from _ledger_faults(project.ledger, root, origin)
    yield from SignerFaults(project.signers, ("signers",), origin, unread).found()


def _ledger_faults(written: str, root: Path, origin: Origin) -> Iterator[Diagnostic]:
    at = ("ledger",)
    if has_password(written):
        # Without the line that it stands in, which would be printed into every log.
        hint = "write env:NAME, and put the address into that variable"
        position = origin.position(at)
        yield Diagnostic("password", "the ledger's address carries a password", position, hint, None)
    elif written.startswith(VARIABLE):
        name = written.removeprefix(VARIABLE)
        if not _VARIABLE_NAME.fullmatch(name):
            message = f"{name!r} is not the name of an environment variable"
            yield origin.diagnose("bad-name", message, at, "write it as env:PHASEGATE_LEDGER", "value")
    else:
        try:
            ledger_address(written, root, {})
        except LedgerAddressError as error:
            yield origin.diagnose("bad-ledger", error.message, at, error.hint, "value")


class SignerFaults:
    """What is wrong with a list of signers and shows in no line of it alone.

    Args:
        signers: the list.
        at: where it stands in its file.
        origin: the file.
        unread: what of the file could not be read; nothing is said of that.
    """

    def __init__(
        self, signers: Sequence[Signer], at: tuple[str | int, ...], origin: Origin, unread: Unread
    ) -> None:
        self._signers = signers
        self._at = at
        self._origin = origin
        self._unread = unread

    def found(self) -> Iterator[Diagnostic]:
        """The faults."""
        names: dict[str, int] = {}
        keys: dict[bytes, int] = {}
        for index, signer in enumerate(self._signers):
            first = names.setdefault(folded(signer.name), index)
            if first != index:
                yield from self._listed_twice(index, first)
            first = keys.setdefault(read_ssh_key(signer.key).raw, index)
            if first != index:
                message = f"{signer.name!r} has the key of {self._signers[first].name!r}"
                hint = "nobody could tell who signed: each signer has a key"
                yield from self._fault(index, "one-key", message, "key", hint)
            yield from self._of_one(index, signer)
        evaluators = any(EVALUATOR in signer.roles for signer in self._signers)
        if self._signers and not evaluators and not self._unread.covers(self._at):
            message = "no signer is an evaluator, so no run could be signed"
            hint = f"give one signer the role {EVALUATOR!r}"
            yield self._origin.diagnose("no-evaluator", message, self._unread.as_written(self._at), hint)

    def _listed_twice(self, index: int, first: int) -> Iterator[Diagnostic]:
        at = self._origin.position(self._unread.as_written((*self._at, first, "name")), "value")
        message = f"signer {self._signers[index].name!r} is listed a second time"
        hint = f"it stands first at {at}; a new key gets a new name, the old one 'end' or 'revoked'"
        yield from self._fault(index, "duplicate-name", message, "name", hint)

    def _of_one(self, index: int, signer: Signer) -> Iterator[Diagnostic]:
        if len(set(signer.roles)) < len(signer.roles):
            message = f"{signer.name!r} has a role twice"
            yield from self._fault(index, "duplicate-role", message, "roles", "name it once")
        if EVALUATOR in signer.roles and any(approves_for(role) for role in signer.roles):
            message = f"{signer.name!r} both evaluates and approves"
            hint = "what decides must not grant the exceptions: use two keys"
            yield from self._fault(index, "one-person", message, "roles", hint)
        begins, ends = signer.start, signer.end
        if begins and ends and begins >= ends and not self._unread.covers((*self._at, index, "start")):
            message = f"the time of {signer.name!r} ends before it begins"
            hint = "'end' is the first moment that does not count"
            yield from self._fault(index, "empty-period", message, "end", hint)

    def _fault(self, index: int, rule: str, message: str, key: str, hint: str) -> Iterator[Diagnostic]:
        path = (*self._at, index, key)
        if not self._unread.covers(path):
            yield self._origin.diagnose(rule, message, self._unread.as_written(path), hint, "value")
