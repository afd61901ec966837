"""Signed attestations: made, revoked, and read back from a ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from phasegate.audit.errors import TrailError
from phasegate.audit.signing.in_toto import ATTESTATION, Statement, Subject
from phasegate.audit.signing.signers import Signer
from phasegate.audit.statements.reader import Said, to_the_second
from phasegate.audit.statements.revocations import revocation_of
from phasegate.facts.measures.kinds.attested import Given
from phasegate.records.attestations import PresentedAttestation
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.model.attestation import Attestation, NoValueError, value_of
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.role import EVALUATOR
from phasegate.rules.values.time_zones import UTC

_INSTANTS = ("signed", "start", "end")


class AttestationRefusedError(TrailError):
    """An attestation that would count for nothing."""


def attestation_statement(attestation: Attestation, evidence: Subject, signer: Signer) -> Statement:
    """The statement by which somebody attests a value.

    Args:
        attestation: what is attested.
        evidence: the file that it rests on.
        signer: who signs.
    """
    unsaid = set(_INSTANTS) if attestation.slices else {*_INSTANTS, "slices"}
    predicate: dict[str, Any] = attestation.model_dump(mode="json", exclude=unsaid)
    predicate |= {name: to_the_second(getattr(attestation, name)) for name in _INSTANTS}
    return Statement(ATTESTATION, [evidence], {**predicate, "by": signer.name})


def attested_measure(pack: Pack, fact: str) -> Measure:
    """The measure of a pack that people attest.

    Raises:
        AttestationRefusedError: if there is none of this id.
    """
    measure = pack.measures.get(fact)
    if measure is not None and measure.attested is not None:
        return measure
    known = [name for name, each in pack.measures.items() if each.attested is not None]
    hint = suggest(fact, known, of="measures that are attested")
    if measure is not None:
        raise AttestationRefusedError(f"{fact!r} is measured from data, and nobody attests it", hint)
    raise AttestationRefusedError(f"the pack has no measure {fact!r}", hint)


def refuse_unfit(attestation: Attestation, pack: Pack, signer: Signer, zone: str = UTC) -> None:
    """Refuses to sign what would count for nothing.

    Args:
        attestation: what is attested.
        pack: the rules in force.
        signer: who signs.
        zone: the time zone of the project.

    Raises:
        AttestationRefusedError: with the reason.
    """
    measure = attested_measure(pack, attestation.fact)
    if why := _points(attestation, measure, pack) or _who(measure, attestation.role, signer):
        raise AttestationRefusedError(why)
    if unknown := [each for each in attestation.points if each and each not in pack.points]:
        raise AttestationRefusedError(f"the pack has no point {unknown[0]!r}")
    try:
        value_of(measure, attestation.value)
    except NoValueError as error:
        raise AttestationRefusedError(f"{attestation.fact!r} has no such value: {error}") from error
    if attestation.start >= attestation.end:
        raise AttestationRefusedError(
            "the attestation ends before it begins", "'--until' is the first day that is not covered"
        )
    if attestation.start < attestation.signed:
        raise AttestationRefusedError(
            "the attestation begins before it is signed", "nothing is attested for days that lie in the past"
        )
    span = replace(attestation.validity(zone), today=True)
    if span.first_day > span.last_day:
        raise AttestationRefusedError(
            f"the attestation does not cover the rest of any day ({zone}), and so it would never count",
            f"it can count from {span.first_day} on: choose a later '--until'",
        )


def presented_attestations(
    statements: Iterable[Said], pack: Pack, zone: str = UTC, *, today: bool = False
) -> tuple[PresentedAttestation, ...]:
    """All attestations that a run is presented with, those that count for nothing among them.

    Args:
        statements: attestations and revocations, in the order of the ledger.
        pack: the rules in force.
        zone: the time zone whose days count.
        today: whether the day is decided on that day itself, by what was signed before.

    Returns:
        Them in the order of the ledger.
    """
    found: dict[str, PresentedAttestation] = {}
    for each in statements:
        if each.kind == "revocation":
            _revoke(found, each)
            continue
        attestation = _read(each)
        if attestation is None:
            continue  # what can not be read answers nothing that could be shown
        before = found.get(attestation.id)
        if before is not None and before.given.refused is None:
            continue  # an id is given once: a second one could bring back what was revoked
        found.pop(attestation.id, None)  # so that the order stays that of the ledger
        given = Given(attestation, None, each.refused or _unfit(attestation, each, pack), zone, today)
        signer = each.signer.name if each.signer is not None else None
        found[attestation.id] = PresentedAttestation(given, each.digests, signer)
    return tuple(found.values())


def _read(each: Said) -> Attestation | None:
    fields = {key: value for key, value in each.predicate.items() if key != "by"}
    try:
        return Attestation.model_validate(fields)
    except ValidationError:
        return None


def _unfit(attestation: Attestation, each: Said, pack: Pack) -> str | None:
    """Why an attestation with a right signature counts for nothing all the same; None if it counts."""
    assert each.signer is not None
    measure = pack.measures.get(attestation.fact)
    if measure is None or measure.attested is None:
        return f"the pack has no measure {attestation.fact!r} that is attested"
    if len(each.digests) != 1:
        return "it does not name the one file that it rests on"
    if attestation.start < attestation.signed:
        return "it reaches back behind the moment at which it was signed"
    if attestation.statement != measure.title:
        return f"it was signed under other words: {attestation.statement!r}"
    if each.then is None or attestation.role not in each.then.roles:
        return f"{each.signer.name!r} was not listed as {attestation.role} when it came into the ledger"
    return _points(attestation, measure, pack) or _who(measure, attestation.role, each.signer)


def _points(attestation: Attestation, measure: Measure, pack: Pack) -> str | None:
    """What is wrong with the points that an attestation speaks of; None if it counts for one of them."""
    points = attestation.points
    if measure.by != "point":
        return f"{attestation.fact!r} is attested as a whole, not by point" if any(points) else None
    if not all(points):
        return f"{attestation.fact!r} is attested by point, and none is named"
    return None if any(each in pack.points for each in points) else f"the pack has no point {points[0]!r}"


def _who(measure: Measure, role: str, signer: Signer) -> str | None:
    """What is wrong with who attests; None if nothing."""
    assert measure.attested is not None
    if role != measure.attested.by:
        return f"it was signed as {role}, where {measure.attested.by} attests it"
    if EVALUATOR in signer.roles:
        return f"{signer.name!r} signs runs, and so attests nothing that they rest on"
    if role not in signer.roles:
        return f"{signer.name!r} is no {role}: only {', '.join(signer.roles)}"
    return None


def _revoke(found: dict[str, PresentedAttestation], each: Said) -> None:
    """A revocation counts if somebody signed it who could attest the same.

    One that does not count leaves a doubt, in which the attestation does not count either, nor any
    older one that would come back in its place.
    """
    # What can not be opened has no predicate; whom it concerns is then what its entry says.
    presented = found.get(str(each.predicate.get("attestation", "") if each.predicate else each.subject))
    if presented is None:
        return
    revocation = revocation_of("attestation", each)
    if revocation is not None and may_revoke(presented, revocation.by):
        at = min(revocation.at, presented.given.revoked or revocation.at)
        found[revocation.id] = replace(presented, given=replace(presented.given, revoked=at))
        return
    why = each.refused or "whoever signed it may not attest the same"
    refused = f"entry {each.seq} revokes it and does not count itself: {why}"
    stated = presented.given.attestation
    for id_, other in list(found.items()):
        same = not {*other.given.attestation.fact_ids}.isdisjoint(stated.fact_ids)
        if same and other.given.refused is None:
            found[id_] = replace(other, given=replace(other.given, refused=refused))
        if id_ == stated.id:
            break


def may_revoke(presented: PresentedAttestation, signer: Signer) -> bool:
    """Whether somebody may end an attestation."""
    return presented.given.attestation.role in signer.roles and EVALUATOR not in signer.roles
