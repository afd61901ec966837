"""Which slices of a requirement a waiver can name: those that a run has decided."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any

from phasegate.audit.ledger.entry_errors import document_of, naming
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.signing.canonical_json import read_canonical
from phasegate.audit.statements.waivers import WaiverRefusedError
from phasegate.audit.trail.runs import content_of
from phasegate.rules.diagnostics.suggestions import nearest
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import bounds_of, fact_shapes, targets
from phasegate.rules.model.waiver import Waiver

_MOST = 12
"""So many slices are listed."""
Decided = Callable[[str], Collection[str] | None]
"""The requirements that the newest run of a point or target decided; None where no run did."""


def refuse_undecided(waiver: Waiver, pack: Pack, decided: Decided) -> None:
    """Refuses a waiver for a slice that nobody decided: it would count for nothing.

    Args:
        waiver: what is to be granted, for a fact that the pack asks for.
        pack: the rules in force.
        decided: by the id of a point or target.

    Raises:
        WaiverRefusedError: naming the slices that there are.
    """
    stem, rest = _parts(waiver.requirement)
    fact = stem.rpartition("/")[2]
    by = fact_shapes(pack)[fact].definition.by
    if by in (None, "point"):
        asked = _times(pack, stem)
        numbers = {stem, *(f"{stem}#{number}" for number in range(2, asked + 1))}
        if waiver.requirement not in numbers:
            what = f"{fact!r} has no slices" if rest.startswith("[") else f"{fact!r} is asked {asked} times"
            raise WaiverRefusedError(
                f"there is no requirement {waiver.requirement!r}: {what}",
                f"write {' or '.join(sorted(numbers))}",
            )
        return
    known = decided(_owner(pack, stem))
    mine = [each for each in known or () if _parts(each)[0] == stem]
    if known is None or not mine:
        raise WaiverRefusedError(
            f"no run has decided {stem!r} under these rules, so that nobody knows its slices",
            "'phasegate check' decides it",
        )
    if waiver.requirement not in mine:
        raise WaiverRefusedError(
            f"no run has decided {waiver.requirement!r}", _there_are(waiver.requirement, mine)
        )


def decided_in(ledger: Ledger | None, pack_digest: str) -> Decided:
    """What the newest runs of a ledger decided, under some rules."""

    def decided(owner: str) -> list[str] | None:
        if ledger is None:
            return None
        for row in reversed(ledger.find(("point", "target"), subject=owner)):
            document = document_of(row)
            with naming(row):
                if document["pack"] != pack_digest:
                    continue
                evidence: dict[str, Any] = read_canonical(content_of(ledger, str(document["evidence"])))
                return [str(each["id"]) for each in evidence["requirements"]]
        return None

    return decided


def _parts(requirement: str) -> tuple[str, str]:
    """The fact that is asked for, and what follows on it: a slice, or which bound of several."""
    stem = re.split(r"[\[#]", requirement, maxsplit=1)[0]
    return stem, requirement[len(stem) :]


def _owner(pack: Pack, stem: str) -> str:
    """The point or target that a requirement belongs to."""
    criterion = stem.rpartition("/")[0]
    return criterion if any(criterion == id_ for id_, *_ in targets(pack)) else criterion.partition("/")[0]


def _times(pack: Pack, stem: str) -> int:
    """How often a criterion asks for a fact."""
    criterion, _, fact = stem.rpartition("/")
    own = [each for full_id, each in pack.criteria() if full_id == criterion]
    return sum(name == fact for each in own for name, *_ in bounds_of(each.require, ())) or 1


def _there_are(requirement: str, mine: list[str]) -> str:
    names = sorted(mine)
    meant = nearest(requirement, names)
    if len(names) <= _MOST:
        return f"there are {', '.join(names)}"
    return (
        f"did you mean {meant!r}?"
        if meant
        else f"there are {', '.join(names[:_MOST])} and {len(names) - _MOST} more"
    )
