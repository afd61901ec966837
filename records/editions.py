"""What records of an older schema decide otherwise: each is verified and decided again by its own rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from phasegate.records.schema import SCHEMA
from phasegate.rules.model.verdict import ANY_OF_ORDER, Verdict

if TYPE_CHECKING:  # a record is read without the models of packs
    from phasegate.rules.loading.pack import LoadedPack
    from phasegate.rules.model.pack import Pack


@dataclass(frozen=True, slots=True)
class Edition:
    """The rules of a schema, as far as they have ever been others.

    Attributes:
        record: the schema of its records.
        evidence: the schema of the evidence that is kept of them.
        alternatives: the order in which the verdicts of alternatives count.
        phases_wait: whether a phase that does not say what it comes after waits for the one before it.
        floors_unknown: whether waivers hold what has no value to the same, too; see `Cover`.
        named_by_files: whether rules have the digest of their files, and not of what they say.
        defines: whether its records say what their measures count.
        numbers: whether their requirements have numbers for programs; see `RequirementNumbers`.
    """

    record: str
    evidence: str
    alternatives: tuple[Verdict, ...] = ANY_OF_ORDER
    phases_wait: bool = True
    floors_unknown: bool = True
    named_by_files: bool = False
    defines: bool = True
    numbers: bool = True

    def rules(self, loaded: LoadedPack) -> LoadedPack:
        """The rules of a run as they were named and meant when it was recorded."""
        pack = loaded.pack if self.phases_wait else _waiting_for_none(loaded.pack)
        return replace(loaded, pack=pack, by_files=self.named_by_files)


def _waiting_for_none(pack: Pack) -> Pack:
    phases = {
        name: phase if phase.after is not None else phase.model_copy(update={"after": ()})
        for name, phase in pack.phases.items()
    }
    return pack.model_copy(update={"phases": phases})


TODAY = Edition(SCHEMA, "phasegate/evidence/2")
EDITIONS = (
    Edition(
        "phasegate/record/1",
        "phasegate/evidence/1",
        alternatives=(
            Verdict.PASS,
            Verdict.WAIVED,
            Verdict.NOT_APPLICABLE,
            Verdict.ERROR,
            Verdict.STALE,
            Verdict.UNKNOWN,
            Verdict.FAIL,
        ),
        phases_wait=False,
        floors_unknown=False,
        named_by_files=True,
        defines=False,
        numbers=False,
    ),
    TODAY,
)
"""All of them, the newest one last."""
BY_SCHEMA: Mapping[object, Edition] = {
    schema: edition for edition in EDITIONS for schema in (edition.record, edition.evidence)
}


def edition_of(document: Mapping[str, Any]) -> Edition:
    """The edition of a record or of evidence, by its schema; one of an unknown schema is of today's."""
    return BY_SCHEMA.get(document.get("schema"), TODAY)
