"""Approvals of rules: each function signs the digest under which gates may open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from phasegate.audit.document import ApprovalEntry, GivenApproval
from phasegate.audit.errors import TrailError
from phasegate.audit.signed.signers import Signer, Signers, functions
from phasegate.audit.signed.statement import APPROVAL, Statement, Subject
from phasegate.audit.statements.log import Said, to_the_second
from phasegate.rules.load import LoadedPack
from phasegate.rules.role import APPROVER


class NoApproverError(TrailError):
    """Somebody who approves for no function, or for several without saying which."""


def function_of(signer: Signer, asked: str | None) -> str:
    """The function for which a signer signs.

    Raises:
        NoApproverError: if the signer does not approve for it, or approves for several and none was named.
    """
    own = functions([signer])
    if asked is not None:
        if asked not in own:
            raise NoApproverError(
                f"{signer.name!r} does not approve for {asked}", f"its roles are {', '.join(signer.roles)}"
            )
        return asked
    if len(own) != 1:
        what = f"approves for {' and '.join(own)}" if own else "approves for no function"
        hint = "say which with --function" if own else f"its roles are {', '.join(signer.roles)}"
        raise NoApproverError(f"{signer.name!r} {what}", hint)
    return own[0]


def approval_statement(pack: LoadedPack, function: str, signer: Signer, moment: dt.datetime) -> Statement:
    """The statement that approves the rules in force for a function."""
    predicate = {
        "function": function,
        "by": signer.name,
        "signed": to_the_second(moment),
        "pack": pack.pack.pack,
        "version": pack.pack.version,
    }
    return Statement(APPROVAL, [Subject(pack.pack.pack, pack.digest)], predicate)


def approval(statements: Iterable[Said], signers: Signers, digest: str) -> ApprovalEntry:
    """Who has approved the rules of a digest.

    Args:
        statements: approvals in the order of the ledger.
        signers: those whom the project lists.
        digest: of the rules in force.
    """
    given: dict[str, GivenApproval] = {}
    for each in statements:
        if each.signer is None or each.signed is None or digest not in each.digests.values():
            continue
        function = str(each.predicate.get("function"))
        if f"{APPROVER}{function}" in each.signer.roles and function not in given:
            given[function] = GivenApproval(
                function=function, signer=each.signer.name, signed=to_the_second(each.signed)
            )
    required = list(functions(signers))
    return ApprovalEntry(
        signers=len(signers),
        required=required,
        given=[given[name] for name in sorted(given)],
        missing=[name for name in required if name not in given],
    )
