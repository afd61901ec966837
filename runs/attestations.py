"""What people attest, held against what a run asks for: which answers, and on which evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from phasegate.audit.statements.evidence_files import Evidence
from phasegate.engine.scope import Scope
from phasegate.facts.measures.kinds.attested import Attestations, answering, standings
from phasegate.facts.model.fact import WHOLE
from phasegate.records.attestations import PresentedAttestation, attestation_entry
from phasegate.records.schema import AttestationEntry
from phasegate.rules.loading.project import LoadedProject
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import bounds_of, targets

Key = tuple[str, str]
"""A fact: the id of its measure, and its slice."""


class ResolvedAttestations(NamedTuple):
    """What a run is told by people.

    Attributes:
        attestations: what facts are made of.
        entries: what became of each attestation that is told.
    """

    attestations: Attestations
    entries: list[AttestationEntry]


def resolve_attestations(
    loaded: LoadedProject,
    facts: Collection[Key],
    as_of: dt.date,
    presented: Sequence[PresentedAttestation],
    strays: bool = False,
) -> ResolvedAttestations:
    """Finds the attestations that answer some facts, and looks at the evidence that they rest on now.

    Args:
        loaded: the project; without signers in it, nobody can attest anything.
        facts: the attested facts that are asked for.
        as_of: the date of the run.
        presented: all attestations, in the order of the ledger.
        strays: whether attestations that answer none of the facts are told too.
    """
    signers = bool(loaded.project.signers)
    given = Attestations(signers, [each.given for each in presented])
    evidence = {each.given.attestation.id: each.evidence for each in presented}
    looked: dict[str, str | None] = {}
    files = Evidence(loaded.root)
    for measure, slice_ in facts:
        answer = answering(given.of(measure, slice_), as_of)
        if answer.by is not None and answer.state == "in_force":
            id_ = answer.by.attestation.id
            looked[id_] = files.fault(evidence[id_])
    attestations = Attestations(signers, given.given, looked)
    entries = list(_entries(loaded.pack.pack, facts, as_of, presented, attestations))
    told = {entry["id"] for entry in entries}
    if strays:
        strange = [each for each in presented if each.given.attestation.id not in told]
        entries += [_stray(each, fact) for each in strange for fact in each.given.attestation.fact_ids]
    return ResolvedAttestations(attestations, entries)


def _stray(presented: PresentedAttestation, fact: str) -> AttestationEntry:
    return attestation_entry(presented, fact, "unused", presented.given.refused or "nothing requires it")


def asks_people(pack: Pack) -> bool:
    """Whether a pack has anything that people attest."""
    return any(measure.attested is not None for measure in pack.measures.values())


def attested_in(pack: Pack, scope: Scope) -> list[Key]:
    """The attested facts that a scope's requirements name, in order."""
    named: set[Key] = set()
    for point in scope.points:
        for criterion in pack.points[point].criteria:
            for fact, *_ in bounds_of(criterion.require, ()):
                named.add((fact, point))
    named |= {(target.measure, WHOLE) for id_, target, *_ in targets(pack) if id_ in scope.targets}
    found = {
        (fact, slice_ if measure.by == "point" else WHOLE)
        for fact, slice_ in named
        if (measure := pack.measures.get(fact)) is not None and measure.attested is not None
    }
    return sorted(found)


def attested_slices(pack: Pack, measures: Collection[str]) -> list[Key]:
    """All facts of those of some measures that are attested, in order."""
    found: list[Key] = []
    for name in sorted(measures):
        measure = pack.measures[name]
        if measure.attested is not None:
            found += [(name, slice_) for slice_ in (pack.points if measure.by == "point" else (WHOLE,))]
    return found


def _entries(
    pack: Pack,
    facts: Collection[Key],
    as_of: dt.date,
    presented: Sequence[PresentedAttestation],
    attestations: Attestations,
) -> Iterator[AttestationEntry]:
    """What became of each attestation, by fact and in the order of the ledger."""
    by_id = {each.given.attestation.id: each for each in presented}
    for measure, slice_ in facts:
        of_fact = attestations.of(measure, slice_)
        found = standings(pack.measures[measure], of_fact, as_of, attestations)
        for id_, (standing, reason) in found.items():
            yield attestation_entry(
                by_id[id_], f"{measure}[{slice_}]" if slice_ else measure, standing, reason
            )
