"""Whether a run had what it says people signed: each approval, waiver and attestation must come before it.

The evaluator signs runs and can approve nothing; a run that tells of an approval must not be believed
for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from phasegate.audit.record.document import Record, WaiverEntry
from phasegate.audit.record.waived import UNTRUSTED
from phasegate.audit.signed.signers import Signers
from phasegate.audit.signed.statement import Statement
from phasegate.audit.statements.backed_attestations import Signed, unattested
from phasegate.rules.role import APPROVER

_SAME = ("id", "requirement", "floor", "risk_owner", "requester", "approver", "granted", "start", "end")
"""What a record says of a waiver in the words of its statement."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A signed statement that stands in a ledger.

    Attributes:
        kind: of its entry.
        statement: what it says.
        fingerprint: of the key that signed it.
    """

    kind: str
    statement: Statement
    fingerprint: str

    @property
    def digests(self) -> set[str]:
        """What it is about."""
        return {subject.digest for subject in self.statement.subjects}


class Backing:
    """The approvals, waivers and attestations of a ledger, as far as it has been read."""

    def __init__(self) -> None:
        self._approvals: list[Heard] = []
        self._waivers: dict[str, list[Heard]] = {}
        self._attestations: dict[str, list[Signed]] = {}

    def hear(self, heard: Heard) -> None:
        """Takes note of a statement whose signature is right."""
        if heard.kind == "approval":
            self._approvals.append(heard)
        elif heard.kind == "waiver":
            self._waivers.setdefault(str(heard.statement.predicate.get("id")), []).append(heard)
        elif heard.kind == "attestation":
            said = self._attestations.setdefault(str(heard.statement.predicate.get("id")), [])
            said.append((heard.statement, heard.fingerprint))

    def missing(self, record: Record, signers: Signers) -> Iterator[str]:
        """What a run claims and nobody has signed, in words.

        Args:
            record: the run's.
            signers: those whom the ledger lists for it.
        """
        digest, approval = record["pack"]["digest"], record["approval"]
        for given in approval["given"]:
            what = {"function": given["function"], "signed": given["signed"]}
            role = f"{APPROVER}{given['function']}"
            if not any(
                digest in each.digests
                and _says(each.statement.predicate, what)
                and _is(signers, each.fingerprint, given["signer"], role)
                for each in self._approvals
            ):
                yield (
                    f"it says that {given['signer']} approved its rules for {given['function']}, and no "
                    "entry before it does"
                )
        if approval["signers"]:
            for waiver in record["waivers"]:
                if waiver["standing"] != UNTRUSTED and not self._granted(waiver, signers):
                    who = waiver["signer"] or "nobody"
                    yield f"it counts the waiver {waiver['id']} as signed by {who}, and no entry before it is"

        yield from unattested(record, signers, self._attestations)

    def _granted(self, waiver: WaiverEntry, signers: Signers) -> bool:
        said: Mapping[str, Any] = waiver
        what = {**{name: said[name] for name in _SAME}, "reason": waiver["why"], "covers": waiver["covers"]}
        return waiver["signer"] is not None and any(
            waiver["pack_digest"] in each.digests
            and _says(each.statement.predicate, what)
            and _is(signers, each.fingerprint, waiver["signer"], APPROVER)
            for each in self._waivers.get(waiver["id"], ())
        )


def _says(predicate: Mapping[str, Any], what: Mapping[str, Any]) -> bool:
    return all(predicate.get(name) == value for name, value in what.items())


def _is(signers: Signers, fingerprint: str, name: str, role: str) -> bool:
    return any(
        each.public.fingerprint == fingerprint and each.name == name and each.has(role) for each in signers
    )
