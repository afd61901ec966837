"""Signed waivers: granted, revoked, and read back from a ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import ValidationError

from phasegate.audit.errors import TrailError
from phasegate.audit.signed.signers import Signer
from phasegate.audit.signed.statement import WAIVER, Statement, Subject
from phasegate.audit.statements.log import Said, to_the_second
from phasegate.audit.statements.revoking import Revocation, revocation_of
from phasegate.audit.waived import PresentedWaiver
from phasegate.rules.pack import Pack
from phasegate.rules.role import APPROVER
from phasegate.rules.waiver import Waiver


class WaiverRefusedError(TrailError):
    """A waiver that may not be granted."""


def waiver_statement(waiver: Waiver, function: str) -> Statement:
    """The statement that grants a waiver.

    Args:
        waiver: what is granted; ``granted`` is the moment of signing.
        function: the function that grants it, such as ``finance``.
    """
    predicate: dict[str, Any] = waiver.model_dump(mode="json", exclude={"revoked", "granted", "start", "end"})
    for name in ("granted", "start", "end"):
        predicate[name] = to_the_second(getattr(waiver, name))
    predicate |= {"function": function, "signed": to_the_second(waiver.granted)}
    return Statement(WAIVER, [Subject(waiver.requirement, waiver.pack_digest)], predicate)


def refuse_unfit(waiver: Waiver, pack: Pack, function: str, signer: Signer) -> None:
    """Refuses to sign what would count for nothing.

    Raises:
        WaiverRefusedError: with the reason.
    """
    criterion = _criterion(pack, waiver.requirement)
    if criterion is None:
        raise WaiverRefusedError(
            f"the pack has no requirement {waiver.requirement!r}",
            "'phasegate explain POINT' names its requirements",
        )
    enforcement, concerned = criterion
    if enforcement == "hard":
        raise WaiverRefusedError(f"the criterion of {waiver.requirement!r} is hard: it takes no waiver")
    if why := _who(waiver, function, concerned, signer):
        raise WaiverRefusedError(why)
    if waiver.start >= waiver.end:
        raise WaiverRefusedError("the waiver ends before it begins", "'--until' is the first day not covered")
    if waiver.start < waiver.granted:
        raise WaiverRefusedError(
            "the waiver begins before it is granted", "nothing is excused that lies in the past"
        )


def _who(waiver: Waiver, function: str, concerned: str | None, signer: Signer) -> str | None:
    """What is wrong with who grants a waiver; None if nothing."""
    if f"{APPROVER}{function}" not in signer.roles:
        return f"{signer.name!r} does not approve for {function}: only {', '.join(signer.roles)}"
    if concerned is not None and concerned != function:
        return f"the criterion concerns {concerned}, not {function}"
    if waiver.approver != signer.name:
        return f"it names {waiver.approver!r} as approver and is signed by {signer.name!r}"
    if waiver.requester.casefold() == signer.name.casefold():
        return f"{signer.name!r} both asks for the waiver and grants it"
    return None


def _criterion(pack: Pack, requirement: str) -> tuple[str, str | None] | None:
    """Enforcement and function of the criterion or target that a requirement belongs to."""
    from phasegate.rules.requirements import targets

    for full_id, criterion in pack.criteria():
        if requirement.startswith(f"{full_id}/"):
            return criterion.enforcement, criterion.function
    for target_id, target, *_ in targets(pack):
        if requirement.startswith(f"{target_id}/"):
            return target.enforcement, None
    return None


def presented_waivers(
    statements: Iterable[Said], filed: Iterable[Waiver], pack: Pack
) -> Iterator[PresentedWaiver]:
    """All waivers that a run is presented with in a project that lists signers.

    Args:
        statements: waivers and revocations, in the order of the ledger.
        filed: those of the project's waiver file; nobody signed them, and so none of them counts.
        pack: the rules in force.
    """
    found: dict[str, PresentedWaiver] = {}
    for each in statements:
        if each.kind == "revocation":
            _revoke(found, revocation_of("waiver", each))
            continue
        waiver = _waiver(each)
        if waiver is None or (waiver.id in found and found[waiver.id].refused is None):
            continue  # what can not be read names nothing that could be shown; an id is granted once
        found[waiver.id] = PresentedWaiver(
            waiver, each.signer.name if each.signer else None, each.refused or _unfit(waiver, each, pack)
        )
    for waiver in filed:
        if waiver.id not in found:
            found[waiver.id] = PresentedWaiver(
                waiver, None, "nobody signed it, and this project lists signers"
            )
    yield from found.values()


def _waiver(each: Said) -> Waiver | None:
    fields = {key: value for key, value in each.predicate.items() if key not in ("function", "signed")}
    try:
        return Waiver.model_validate(fields)
    except ValidationError:
        return None


def _unfit(waiver: Waiver, each: Said, pack: Pack) -> str | None:
    """Why a waiver with a right signature counts for nothing all the same; None if it counts."""
    assert each.signer is not None
    if each.digests.get(waiver.requirement) != waiver.pack_digest:
        return "its statement is about something else than the waiver"
    if each.signed is None or waiver.granted != each.signed or waiver.start < waiver.granted:
        return "it reaches back behind the moment at which it was signed"
    criterion = _criterion(pack, waiver.requirement)
    concerned = criterion[1] if criterion else None
    return _who(waiver, str(each.predicate.get("function", "")), concerned, each.signer)


def _revoke(found: dict[str, PresentedWaiver], revocation: Revocation | None) -> None:
    """A revocation counts if any approver signed it: ending an exception needs less than granting one."""
    waiver = found.get(revocation.id) if revocation is not None else None
    if revocation is None or waiver is None or not revocation.by.has("approver"):
        return
    at = min(revocation.at, waiver.waiver.revoked or revocation.at)
    found[waiver.waiver.id] = PresentedWaiver(
        waiver.waiver.model_copy(update={"revoked": at}), waiver.signer, waiver.refused
    )
