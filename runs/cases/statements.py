"""What people have signed in a case: waivers and attestations, with what the case leaves unsaid of them."""

from __future__ import annotations

import datetime as dt

from phasegate.engine.decide import Verdicts
from phasegate.facts.measures.kinds.attested import Attestations, Given
from phasegate.rules.cases.load import LoadedCase
from phasegate.rules.model.attestation import Attestation
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.waiver import Waiver
from phasegate.rules.values.time_zones import UTC, begin_of

_MISFITS = {"unfit", "out_of_scope", "unknown"}
_NOTHING = "the case expects no verdict"
_DAY, _YEAR = dt.timedelta(days=1), dt.timedelta(days=365)


def waivers_of(case: LoadedCase, digest: str, zone: str = UTC) -> list[Waiver]:
    """The waivers of a case, in force on its day where it does not say otherwise.

    Args:
        case: the case.
        digest: of the rules that are decided by.
        zone: the time zone whose days count.
    """
    found = []
    for place, given in enumerate(case.case.waivers):
        start = given.start or begin_of(case.as_of - _DAY, zone)
        found.append(
            Waiver(
                id=_id(place),
                requirement=given.requirement,
                pack_digest=digest,
                covers=given.covers,
                floor=given.floor,
                reason="as the case says",
                risk_owner="owner",
                requester="requester",
                approver="approver",
                granted=start,
                start=start,
                end=given.end or max(start, begin_of(case.as_of, zone)) + _YEAR,
            )
        )
    return found


def misfit_of(case: LoadedCase, verdicts: Verdicts | None) -> str | None:
    """What is wrong with the waivers of a case: one that can cover nothing shows nothing of a waiver.

    Whether a waiver is too old, is of a hard criterion or covers another verdict is for a case to show.

    Args:
        case: the case.
        verdicts: what was decided; None where the case asks for measures alone.
    """
    if verdicts is None:
        reasons: dict[str, str] = {_id(place): _NOTHING for place in range(len(case.case.waivers))}
    else:
        reasons = {each.waiver.id: each.reason for each in verdicts.waivers if each.standing in _MISFITS}
    said = [
        f"the waiver of {given.requirement} ({case.where('waivers', place)}): {reasons[_id(place)]}"
        for place, given in enumerate(case.case.waivers)
        if _id(place) in reasons
    ]
    return "; ".join(said) or None


def _id(place: int) -> str:
    return f"waiver-{place + 1:04d}"


def attestations_of(case: LoadedCase, pack: Pack, points: tuple[str, ...], zone: str = UTC) -> Attestations:
    """What is attested in a case, on evidence that is as it was signed.

    Args:
        case: the case.
        pack: the pack.
        points: the points that the case names, for what is attested of no other.
        zone: the time zone whose days count.
    """
    found = []
    for place, given in enumerate(case.case.attested, start=1):
        measure = pack.measures[given.measure]
        assert measure.attested is not None
        of = (given.points or points) if measure.by == "point" else ()
        signed = begin_of(given.signed or case.as_of, zone)
        end = (
            given.end + _DAY if given.end is not None else max(case.as_of, given.signed or case.as_of) + _YEAR
        )
        value = given.value if isinstance(given.value, bool) else str(given.value)
        attestation = Attestation(
            id=f"attestation-{place:04d}",
            fact=given.measure,
            slice=of[0] if len(of) == 1 else "",
            slices=of if len(of) > 1 else (),
            statement=measure.title or given.measure,
            value=value,
            role=measure.attested.by,
            signed=signed,
            start=signed,
            end=begin_of(end, zone),
        )
        found.append(Given(attestation, zone=zone))
    return Attestations(True, found, {each.attestation.id: None for each in found})
