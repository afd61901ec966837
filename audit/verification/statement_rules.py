"""Whether somebody could have put a signed statement into a ledger by a command, at its place.

What a command refuses to sign - in the name of somebody else, without the role, for another ledger,
through a gate that is not open - stands in a ledger only where somebody went round the commands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from phasegate.audit.ledger.store import Finding
from phasegate.audit.statements.advances import NotOpenError, advance_statement, open_gate
from phasegate.audit.statements.reader import Said
from phasegate.rules.errors import PhasegateError
from phasegate.rules.model.attestation import Attestation
from phasegate.rules.model.role import APPROVER, AUDITOR, EVALUATOR
from phasegate.rules.model.waiver import Waiver
from phasegate.rules.values.people import same_person


def unmade(each: Said) -> str | None:
    """Why no command would have signed a statement; None if one might have.

    Args:
        each: read under the list of signers of its own place, at the moment that it names.
    """
    if each.signer is None:
        return each.refused
    said, signer = each.predicate, each.signer
    by = said.get("approver" if each.kind == "waiver" else "by")
    if by is not None and by != signer.name:
        return f"it is in the name of {by!r}, and {signer.name!r} signed it"
    if signer.has(EVALUATOR):
        return f"{signer.name!r} signs runs, and so says nothing that they rest on"
    return _unfit(each.kind, said) or _role(each)


def _unfit(kind: str, said: Mapping[str, Any]) -> str | None:
    """That a statement says nothing that anybody could take into account; None if it does."""
    try:
        if kind == "waiver":
            waiver = Waiver.model_validate(
                {key: value for key, value in said.items() if key not in ("function", "signed")}
            )
            if same_person(waiver.requester, waiver.approver):
                return f"{waiver.approver!r} both asks for the waiver and grants it"
        if kind == "attestation":
            Attestation.model_validate({key: value for key, value in said.items() if key != "by"})
    except ValidationError:
        return "it says nothing that could be taken into account"
    return None


def _role(each: Said) -> str | None:
    """That whoever signed has not the role for it; None if they have."""
    assert each.signer is not None
    said, roles = each.predicate, each.signer.roles
    if each.kind in ("approval", "waiver"):
        needed = f"{APPROVER}{said.get('function')}"
        fits = needed in roles
    elif each.kind == "attestation":
        needed = str(said.get("role"))
        fits = needed in roles
    else:
        needed = APPROVER.removesuffix(":")
        fits = each.signer.has(APPROVER) or (each.kind == "revocation" and AUDITOR in roles)
    return None if fits else f"{each.signer.name!r} is no {needed}: only {', '.join(roles)}"


def not_through(each: Said, log: Finding) -> str | None:
    """Why a decision to advance goes through no gate that let anybody pass then; None if it does.

    Args:
        each: the decision.
        log: finds the newest decision about each gate before it, and the revocations.
    """
    assert each.signer is not None
    assert each.signed is not None
    said = each.predicate
    try:
        gate = open_gate(log, str(said.get("gate")), each.signed, str(said.get("pack")))
    except NotOpenError as error:
        return f"it goes through no gate that the ledger has as open: {error.message}"
    except PhasegateError as error:
        return f"it goes through no gate that can be read: {error.message}"
    if said.get("entry") != gate.row.seq:
        return f"it goes through no gate that is open: the newest decision about it is entry {gate.row.seq}"
    comment = said.get("comment")
    due = advance_statement(gate, each.signer, each.signed, comment if isinstance(comment, str) else None)
    if due.predicate != said or {one.name: one.digest for one in due.subjects} != each.digests:
        return "it says of its gate what the gate's entry does not say"
    return None
