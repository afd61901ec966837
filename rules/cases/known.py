"""What a pack has that cases may name; found once for all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Literal

from phasegate.rules.cases.ids import owner_of, requirements_of
from phasegate.rules.diagnostics.problem import Problem
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.model.pack import PROGRAMME, Enforcement, Pack
from phasegate.rules.model.requirements import FactShape, fact_shapes, measure_of
from phasegate.rules.model.requirements import targets as all_targets
from phasegate.rules.yaml.parser import Path

_RULES = {
    "source": "unknown-source",
    "parameter": "unknown-parameter",
    "measure": "unknown-measure",
    "requirement": "unknown-requirement",
    "criterion": "unknown-criterion",
    "target": "unknown-target",
    "point": "unknown-point",
    "gate": "unknown-gate",
}


class Known:
    """What a pack has.

    Args:
        pack: the pack.
    """

    def __init__(self, pack: Pack) -> None:
        self.pack = pack

    @cached_property
    def shapes(self) -> Mapping[str, FactShape]:
        """The facts that can be measured, without their slices."""
        return fact_shapes(self.pack)

    @cached_property
    def criteria(self) -> Mapping[str, Enforcement]:
        """How each criterion is enforced."""
        return {full_id: each.enforcement for full_id, each in self.pack.criteria()}

    @cached_property
    def targets(self) -> Mapping[str, Enforcement]:
        """How each target is enforced."""
        return {full_id: each.enforcement for full_id, each, *_ in all_targets(self.pack)}

    @cached_property
    def gates(self) -> Collection[str]:
        """The ids of the gates."""
        return [*self.pack.phases, PROGRAMME]

    def unknown(
        self,
        what: str,
        name: str,
        known: Collection[str],
        path: Path,
        part: Literal["key", "value"] = "key",
    ) -> Problem:
        """That the pack has no such thing, and what was probably meant."""
        plural = "criteria" if what == "criterion" else f"{what}s"
        return Problem(
            _RULES[what.rpartition(" ")[2]],
            f"the pack has no {what} {name!r}",
            path,
            suggest(name, known, of=plural),
            part,
        )

    def no_requirement(self, id_: str, path: Path, *, decided: bool = True) -> Problem | None:
        """That the pack requires nothing of such an id; None where it does.

        Args:
            id_: the id.
            path: where it is named.
            decided: whether it shall pass or fail; what has a slice for each value of a column, and no rows,
                has no slice either, and does neither.
        """
        owner = owner_of(self.pack, id_)
        if owner is None:
            owners = [*self.criteria, *self.targets]
            known = [each for one in owners for each in requirements_of(self.pack, one)]
            return self.unknown("requirement", id_, known, path)
        known = requirements_of(self.pack, owner)
        plain = id_.partition("[")[0]
        fact = plain.removeprefix(f"{owner}/").partition("#")[0]
        if plain not in known:
            message = f"{owner!r} requires nothing that is called {plain.removeprefix(f'{owner}/')!r}"
            return Problem("unknown-requirement", message, path, suggest(id_, known, of="requirements"))
        measure = measure_of(self.pack, fact)
        by = self.pack.measures[measure].by if measure is not None else None
        if decided and by not in (None, "point") and plain == id_:
            hint = f"name one, as in {id_}[...]"
            return Problem("unknown-requirement", f"{fact!r} has a slice for each {by}", path, hint)
        return None
