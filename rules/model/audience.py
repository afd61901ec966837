"""Which criteria and targets of a pack are the concern of somebody who is told."""

from __future__ import annotations

from collections.abc import Iterator

from phasegate.rules.model.notification import Notification
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import bounds_of, measure_of, targets
from phasegate.rules.model.role import APPROVER


def concern(pack: Pack, notification: Notification) -> frozenset[str] | None:
    """The ids of the criteria and targets that somebody is told of; None for all of them.

    With areas and roles, it is what belongs to one of the areas and to one of the roles.

    Args:
        pack: the rules.
        notification: who is told of what.
    """
    if not notification.areas and not notification.roles:
        return None
    areas, roles = set(notification.areas), set(notification.roles)
    return frozenset(
        name
        for name, area, concerned in _all(pack)
        if (not areas or area in areas) and (not roles or roles & concerned)
    )


def roles_of(pack: Pack) -> frozenset[str]:
    """The roles that approve for a criterion of a pack, or attest what one asks for."""
    return frozenset(role for _, _, concerned in _all(pack) for role in concerned)


def _all(pack: Pack) -> Iterator[tuple[str, str | None, set[str]]]:
    """Each criterion and target: its id, its area, and the roles whose concern it is."""
    for name, criterion in pack.criteria():
        point = pack.points[name.partition("/")[0]]
        concerned = {_attester(pack, fact) for fact, _, _ in bounds_of(criterion.require, ())}
        if criterion.function is not None:
            concerned.add(f"{APPROVER}{criterion.function}")
        yield name, point.area, {each for each in concerned if each is not None}
    for name, target, _, area in targets(pack):
        attester = _attester(pack, target.measure)
        yield name, area, set() if attester is None else {attester}


def _attester(pack: Pack, fact: str) -> str | None:
    """The role that attests a fact; None for one that is measured."""
    measure = measure_of(pack, fact)
    attested = pack.measures[measure].attested if measure is not None else None
    return attested.by if attested is not None else None
