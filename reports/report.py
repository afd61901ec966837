"""What a renderer is given: a saved record, and what is known beside it. It decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from phasegate.rules.model.verdict import SETTLED

if TYPE_CHECKING:
    from phasegate.audit.trail.past_verdicts import Past
    from phasegate.audit.trail.runs import Kept
    from phasegate.monitoring.history.beside import Beside
    from phasegate.records.overdue import Overdue
    from phasegate.records.schema import (
        AttestationEntry,
        CriterionEntry,
        FactEntry,
        PointEntry,
        Record,
        RequirementEntry,
        WaiverEntry,
    )

NO_PAST: Mapping[str, tuple[Past, ...]] = MappingProxyType({})
NO_HASHES: Mapping[str, str] = MappingProxyType({})
NONE_OVERDUE: Mapping[str, Overdue] = MappingProxyType({})


@dataclass(frozen=True)
class Report:
    """A record, ready to be told in any format.

    Attributes:
        record: what is told.
        code: the exit code that it stands for.
        strict: whether open with waivers was taken for closed.
        verbose: whether passes and facts are told too, and nothing is shortened, where a format shortens.
        quiet: whether only the last line is told, where a format has one; of what goes to the screen.
        kept: where the run is kept; None where it is not.
        past_run: whether the run was decided by an earlier command than the one that tells of it.
        files: of the files that rules stand in, by their names in the record, the paths from the root of the
            repository, without those that do not lie in it; None where no repository is known.
        line_hashes: of places of rules in such files, as GitHub's code scanning knows their lines.
        past: of each requirement by id, what earlier runs of the ledger found, the oldest first.
        overdue: the phases that are overdue, by the ids of their gates; without those of which it is not
            known.
        beside: what the ledger knows beside the run; None where it was not asked.
        width, colour: of the page, for the terminal alone.
    """

    record: Record
    code: int
    strict: bool = False
    verbose: bool = False
    quiet: bool = False
    kept: Kept | None = None
    past_run: bool = False
    files: Mapping[str, str] | None = None
    line_hashes: Mapping[str, str] = field(default_factory=lambda: NO_HASHES)
    past: Mapping[str, tuple[Past, ...]] = field(default_factory=lambda: NO_PAST)
    overdue: Mapping[str, Overdue] = field(default_factory=lambda: NONE_OVERDUE)
    beside: Beside | None = None
    width: int = 100
    colour: bool = False

    @property
    def ended_with(self) -> int | None:
        """The exit code as it is said; None of a past run, since the command that tells of it ends with 0."""
        return None if self.past_run else self.code

    @cached_property
    def digest(self) -> str | None:
        """``sha256:...`` of the record's canonical form, by which a ledger names it.

        Of a run that is kept it is known: the record was held to it when it was read.

        None where the record has no such form: half of a character is no text that a ledger keeps.
        """
        if self.kept is not None and self.kept.record is not None:
            return self.kept.record
        from phasegate.audit.signing.canonical_json import CanonicalError, canonical, digest_of

        try:
            return digest_of(canonical(self.record))
        except CanonicalError:
            return None

    @cached_property
    def facts(self) -> dict[str, FactEntry]:
        """The facts by id."""
        return {each["id"]: each for each in self.record["facts"]}

    @cached_property
    def requirements(self) -> dict[str, RequirementEntry]:
        """The requirements by id."""
        return {each["id"]: each for each in self.record["requirements"]}

    @cached_property
    def criteria(self) -> dict[str, CriterionEntry]:
        """The criteria and targets by id."""
        return {each["id"]: each for each in self.record["criteria"]}

    @cached_property
    def points(self) -> dict[str, PointEntry]:
        """The points by id."""
        return {each["id"]: each for each in self.record["points"]}

    @cached_property
    def waivers(self) -> dict[str, WaiverEntry]:
        """The waivers by id."""
        return {each["id"]: each for each in self.record["waivers"]}

    @cached_property
    def attestations(self) -> dict[str, AttestationEntry]:
        """The attestations that answer facts, by the ids of these."""
        return {each["fact"]: each for each in self.record["attestations"] if each["standing"] == "used"}

    def of(self, criterion: CriterionEntry) -> list[RequirementEntry]:
        """The requirements that a criterion rests on."""
        return [self.requirements[each] for each in criterion["requirements"]]

    def at(self, criterion: CriterionEntry) -> str:
        """Where the rule stands that decides a criterion: the first requirement with its verdict."""
        own = self.of(criterion)
        found = [each["at"] for each in own if each["verdict"] == criterion["verdict"] and each["at"]]
        return found[0] if found and criterion["verdict"] not in SETTLED else criterion["at"]

    def telling(self, criterion: CriterionEntry) -> list[RequirementEntry]:
        """Those of them that have the criterion's own verdict; all where none has."""
        own = self.of(criterion)
        return [each for each in own if each["verdict"] == criterion["verdict"]] or own
