"""Signed waivers: granted, revoked, and read back from a ledger."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any, NamedTuple

from pydantic import ValidationError

from phasegate.audit.errors import TrailError
from phasegate.audit.signing.in_toto import WAIVER, Statement, Subject
from phasegate.audit.signing.signers import Signer
from phasegate.audit.statements.reader import Said, to_the_second
from phasegate.audit.statements.revocations import revocation_of
from phasegate.engine.floors import UnfitFloorError, floor_of
from phasegate.engine.plan import tests_of
from phasegate.records.waivers import PresentedWaiver, renamed
from phasegate.rules.model.pack import Enforcement, Pack
from phasegate.rules.model.requirements import (
    FactShape,
    bounds_of,
    fact_shapes,
    quantities,
    target_names,
    targets,
)
from phasegate.rules.model.role import APPROVER, EVALUATOR
from phasegate.rules.model.waiver import Waiver
from phasegate.rules.values.bounds import Bound
from phasegate.rules.values.people import same_person
from phasegate.rules.values.time_zones import UTC
from phasegate.rules.values.units import Quantity
from phasegate.rules.values.validity import Validity

_OPAQUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


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


def refuse_unfit(waiver: Waiver, pack: Pack, function: str, signer: Signer, zone: str = UTC) -> None:
    """Refuses to sign what would count for nothing.

    Args:
        waiver: what is granted.
        pack: the rules in force.
        function: the function that grants it.
        signer: who signs.
        zone: the time zone of the project.

    Raises:
        WaiverRefusedError: with the reason.
    """
    asked = _asked(pack, waiver.requirement)
    if asked is None:
        raise WaiverRefusedError(
            f"the pack has no requirement {waiver.requirement!r}",
            "'phasegate explain POINT' names its requirements",
        )
    if asked.enforcement == "hard":
        raise WaiverRefusedError(f"the criterion of {waiver.requirement!r} is hard: it takes no waiver")
    if why := _who(waiver, function, asked.function, signer):
        raise WaiverRefusedError(why)
    if waiver.start >= waiver.end:
        raise WaiverRefusedError("the waiver ends before it begins", "'--until' is the first day not covered")
    if waiver.start < waiver.granted:
        raise WaiverRefusedError(
            "the waiver begins before it is granted", "nothing is excused that lies in the past"
        )
    span = Validity(waiver.start, waiver.end, waiver.granted, zone=zone, today=True)
    if span.first_day > span.last_day:
        raise WaiverRefusedError(
            f"the waiver does not cover the rest of any day ({zone}), and so it would never count",
            f"it can count from {span.first_day} on: choose a later '--until'",
        )
    _refuse_floor(waiver, asked, pack)


def _refuse_floor(waiver: Waiver, asked: _Asked, pack: Pack) -> None:
    """A number that fails is excused down to a floor only, which lies among the values that there are."""
    bound, shape = asked.bound(pack), asked.shape
    try:
        floor_of(waiver.floor, waiver.covers, tests_of(bound), bound.unit)
    except UnfitFloorError as error:
        raise WaiverRefusedError(error.message, error.hint) from None
    low, _ = shape.definition.valid_range
    if waiver.floor is None or low is None:
        return
    floor = Quantity.parse(waiver.floor).within(bound.unit)
    if floor is not None and floor.value < low:
        raise WaiverRefusedError(
            f"the floor {waiver.floor!r} is below anything that can be measured: {shape.measure} has values "
            f"from {_written(low, shape.unit)} on",
            "name the worst value that is covered",
        )


def _written(value: Fraction, unit: str | None) -> str:
    """A bound as people write it."""
    shown = value * 100 if unit == "%" else value
    number = str(shown) if shown.denominator == 1 else f"{float(shown):g}"
    return f"{number} {unit}" if unit else number


def _who(waiver: Waiver, function: str, concerned: str | None, signer: Signer) -> str | None:
    """What is wrong with who grants a waiver; None if nothing."""
    if f"{APPROVER}{function}" not in signer.roles:
        return f"{signer.name!r} does not approve for {function}: only {', '.join(signer.roles)}"
    if signer.has(EVALUATOR):
        return f"{signer.name!r} signs runs, and so grants nothing that they rest on"
    if concerned is not None and concerned != function:
        return f"the criterion concerns {concerned}, not {function}"
    if waiver.approver != signer.name:
        return f"it names {waiver.approver!r} as approver and is signed by {signer.name!r}"
    if not _OPAQUE.fullmatch(waiver.requester.strip()):  # a look-alike letter would make two of one person
        return f"the requester {waiver.requester!r} is no opaque id: letters, digits, '.', '-' and '_'"
    if same_person(waiver.requester, signer.name):
        return f"{signer.name!r} both asks for the waiver and grants it"
    return None


class _Asked(NamedTuple):
    """What a requirement asks of which fact, and the criterion or target that it belongs to."""

    enforcement: Enforcement
    function: str | None
    shape: FactShape
    written: str | bool
    area: str | None

    def bound(self, pack: Pack) -> Bound:
        """Its bound with its figures, in the unit of what is measured."""
        bound = Bound.parse(self.written).resolve({**quantities(pack), **target_names(pack, self.area)})
        return bound.within(self.shape.unit) or bound


def _asked(pack: Pack, requirement: str) -> _Asked | None:
    """What a requirement's id names; None if nothing.

    The slices of a fact are known from data alone: of ``fact[slice]`` the fact is looked at.
    """
    shapes = fact_shapes(pack)
    stem = re.split(r"[\[#]", requirement, maxsplit=1)[0]
    for full_id, criterion in pack.criteria():
        asked = [
            (fact, bound)
            for fact, bound, _ in bounds_of(criterion.require, ())
            if stem == f"{full_id}/{fact}" and fact in shapes
        ]
        if asked:  # of several bounds on one fact the second is called "#2"
            number = re.search(r"#(\d+)$", requirement.rpartition("]")[2])
            fact, bound = asked[min(int(number[1]) if number else 1, len(asked)) - 1]
            area = pack.area_of(full_id.partition("/")[0])
            return _Asked(criterion.enforcement, criterion.function, shapes[fact], bound, area)
    for target_id, target, _, area in targets(pack):
        if stem == f"{target_id}/{target.measure}" and target.measure in shapes:
            return _Asked(target.enforcement, None, shapes[target.measure], target.bound, area)
    return None


def presented_waivers(
    statements: Iterable[Said],
    filed: Iterable[Waiver],
    pack: Pack,
    name_of: Callable[[str], str] = str,
) -> Iterator[PresentedWaiver]:
    """All waivers that a run is presented with in a project that lists signers.

    Args:
        statements: waivers and revocations, in the order of the ledger.
        filed: those of the project's waiver file; nobody signed them, and so none of them counts.
        pack: the rules in force.
        name_of: gives their digest for any that names them, see `renamed`.
    """
    found: dict[str, PresentedWaiver] = {}
    ended: set[str] = set()
    for each in statements:
        if each.kind == "revocation":
            ended |= _revoke(found, each)
            continue
        waiver = _waiver(each)
        if waiver is None:
            continue  # what can not be read names nothing that could be shown
        if waiver.id in ended or (waiver.id in found and found[waiver.id].refused is None):
            continue  # an id is granted once: a copy of a waiver that was ended must not bring it back
        found[waiver.id] = PresentedWaiver(
            waiver, each.signer.name if each.signer else None, each.refused or _unfit(waiver, each, pack)
        )
    for waiver in filed:
        if waiver.id not in found:
            found[waiver.id] = PresentedWaiver(
                waiver, None, "nobody signed it, and this project lists signers"
            )
    for presented in found.values():
        yield replace(presented, waiver=renamed(presented.waiver, name_of))


def _waiver(each: Said) -> Waiver | None:
    fields = {key: value for key, value in each.predicate.items() if key not in ("function", "signed")}
    try:
        return Waiver.model_validate(fields)
    except ValidationError:
        return None


def _unfit(waiver: Waiver, each: Said, pack: Pack) -> str | None:
    """Why a waiver with a right signature counts for nothing all the same; None if it counts."""
    assert each.signer is not None
    if each.digests != {waiver.requirement: waiver.pack_digest}:
        return "its statement is about something else than the waiver"
    if each.signed is None or waiver.granted != each.signed or waiver.start < waiver.granted:
        return "it reaches back behind the moment at which it was signed"
    asked, function = _asked(pack, waiver.requirement), str(each.predicate.get("function", ""))
    if why := _who(waiver, function, asked.function if asked else None, each.signer):
        return why
    if not each.has(f"{APPROVER}{function}"):
        return f"{each.signer.name!r} was not listed as {APPROVER}{function} when it came into the ledger"
    return None


def _revoke(found: dict[str, PresentedWaiver], each: Said) -> set[str]:
    """Ends a waiver. Any approver may: ending an exception needs less than granting one.

    A revocation that does not count leaves a doubt, in which the waiver does not count either: else it
    would come back as soon as the project no longer lists the one who ended it.

    Returns:
        The id of the waiver, if one counted until then.
    """
    # What can not be opened has no predicate; whom it concerns is then what its entry says.
    presented = found.get(str(each.predicate.get("waiver", "") if each.predicate else each.subject))
    if presented is None:
        return set()
    revocation = revocation_of("waiver", each)
    if revocation is not None and revocation.by.has(APPROVER):
        at = min(revocation.at, presented.waiver.revoked or revocation.at)
        ended = presented.waiver.model_copy(update={"revoked": at})
        found[ended.id] = replace(presented, waiver=ended)
    elif presented.refused is None:
        why = each.refused or "whoever signed it approves nothing"
        refused = f"entry {each.seq} revokes it and does not count itself: {why}"
        found[presented.waiver.id] = replace(presented, refused=refused)
    return {presented.waiver.id} if presented.refused is None else set()
