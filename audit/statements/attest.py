"""Puts attestations into a project's ledger, and takes them back."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from phasegate.audit.errors import TrailError
from phasegate.audit.ledger.store import Finding
from phasegate.audit.signing.canonical_json import CanonicalError, canonical
from phasegate.audit.signing.in_toto import Statement, Subject
from phasegate.audit.statements.attestations import (
    AttestationRefusedError,
    attestation_statement,
    attested_measure,
    may_revoke,
    presented_attestations,
    refuse_unfit,
)
from phasegate.audit.statements.desk import Desk
from phasegate.audit.statements.evidence_files import digest_of_evidence, name_in_project
from phasegate.audit.statements.reader import taken_by
from phasegate.audit.statements.revocations import revocation_statement
from phasegate.facts.measures.kinds.attested import lasts
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.model.attestation import Attestation, NoValueError, value_of
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.pack import PROGRAMME, Pack
from phasegate.rules.values.time_zones import begin_of, day_of


@dataclass(frozen=True, slots=True)
class Asked:
    """An attestation as somebody asks for it on a command line.

    Attributes:
        fact: the measure.
        points: those that it speaks of, or what has points: an area, a section, a phase; empty for a measure
            that is not by point.
        value: what is stated, as it was written.
        evidence: the file that it rests on.
        start: the first day; None for as soon as it can be.
        until: the first day that is no longer covered.
        comment: what else is to be kept with it.
        id: its id; None to have one made.
    """

    fact: str
    points: tuple[str, ...]
    value: str
    evidence: Path
    start: dt.date | None
    until: dt.date
    comment: str | None = None
    id: str | None = None


class Signed(NamedTuple):
    """What was signed.

    Attributes:
        attestation: what was attested.
        evidence: the file that it rests on, with its digest.
        last_day: the last day on which it counts, by its end or by the measure's greatest age.
        seq: the sequence number of its entry.
    """

    attestation: Attestation
    evidence: Subject
    last_day: dt.date
    seq: int


def attest(desk: Desk, asked: Asked) -> Signed:
    """Signs an attestation.

    Raises:
        AttestationRefusedError: if it would count for nothing.
        EvidenceError: if its evidence is no file in the project's folder.
    """
    pack, root = desk.loaded.pack.pack, desk.loaded.root
    measure = attested_measure(pack, asked.fact)
    name = name_in_project(root, asked.evidence)
    evidence = Subject(name, digest_of_evidence(root, name))
    attestation = _attestation(desk, asked, measure, evidence)
    refuse_unfit(attestation, pack, desk.signer, desk.zone)
    span = replace(attestation.validity(desk.zone), today=True)
    last_day = day_of(attestation.signed, desk.zone) + dt.timedelta(days=lasts(measure, span))
    if last_day < span.first_day:
        raise AttestationRefusedError(
            f"the attestation begins more than {measure.max_age} after it is signed, and would never count",
            f"the measure {asked.fact!r} takes nothing older",
        )

    def says(log: Finding) -> Statement:
        if (taken := taken_by(attestation.id, desk.said(log, "attestation"))) is not None:
            hint = "choose another id with --id"
            raise AttestationRefusedError(f"there is an attestation {taken!r} already", hint)
        return attestation_statement(attestation, evidence, desk.signer)

    return Signed(attestation, evidence, last_day, desk.sign("attestation", attestation.id, says))


def points_named(pack: Pack, given: Iterable[str]) -> list[str]:
    """The points that ids name, in the order of the pack: points, and those of areas, sections and phases.

    Of a phase they are its own points; those of the phases before it are attested by themselves.

    Raises:
        AttestationRefusedError: if an id names no point.
    """
    found: set[str] = set()
    for each in given:
        phase = pack.phases.get(each.removeprefix("phase:")) if each.startswith("phase:") else None
        own = {name for name, point in pack.points.items() if each in (name, point.area, point.section)}
        own = {*phase.points} if phase is not None else {*pack.points} if each == PROGRAMME else own
        if not own:
            phases = (f"phase:{name}" for name in pack.phases)
            hint = suggest(each, [*pack.points, *pack.areas, *phases, PROGRAMME], of="ids")
            raise AttestationRefusedError(f"the pack has no point {each!r}", hint)
        found |= own
    return [name for name in pack.points if name in found]


def revoke_attestation(desk: Desk, id_: str, reason: str) -> int:
    """Ends an attestation from now on.

    Returns:
        The sequence number of the entry.

    Raises:
        TrailError: if there is no such attestation, or the signer could not have attested it.
    """

    def says(log: Finding) -> Statement:
        statements = desk.said(log, "attestation", "revocation")
        pack = desk.loaded.pack.pack
        found = {
            each.given.attestation.id: each for each in presented_attestations(statements, pack, desk.zone)
        }
        presented = found.get(id_)
        if presented is None:
            known = ", ".join(found) or "none"
            raise TrailError(f"there is no signed attestation {id_!r}", f"the ledger has {known}")
        if not may_revoke(presented, desk.signer):
            role = presented.given.attestation.role
            raise TrailError(
                f"{desk.signer.name!r} can not end what {role} attests",
                f"its roles are {', '.join(desk.signer.roles)}",
            )
        subjects = [Subject(name, digest) for name, digest in presented.evidence.items()]
        return revocation_statement("attestation", id_, subjects, desk.signer, desk.now, reason)

    return desk.sign("revocation", id_, says)


def _attestation(desk: Desk, asked: Asked, measure: Measure, evidence: Subject) -> Attestation:
    assert measure.attested is not None
    points = points_named(desk.loaded.pack.pack, asked.points)
    fields = {
        "fact": asked.fact,
        "slice": "".join(points) if len(points) < 2 else "",
        **({"slices": points} if len(points) > 1 else {}),
        "statement": measure.title,
        "value": _value(measure, asked.value),
        "role": measure.attested.by,
        "signed": desk.now,
        "start": begin_of(asked.start, desk.zone) if asked.start is not None else desk.now,
        "end": begin_of(asked.until, desk.zone),
        "comment": asked.comment,
    }
    try:
        value_of(measure, _value(measure, asked.value))
        id_ = asked.id or _id(desk, fields, evidence)
        return Attestation.model_validate({"id": id_, **fields})
    except NoValueError as error:
        raise AttestationRefusedError(f"{asked.fact!r} has no such value: {error}") from error
    except ValidationError as error:
        last = error.errors()[-1]  # of a value, what is wrong with it as a text
        what = last["msg"].removeprefix("Value error, ")
        raise AttestationRefusedError(f"this is no attestation: {last['loc'][0]}: {what}") from error
    except CanonicalError as error:
        raise AttestationRefusedError(f"this can not be kept: {error.message}", error.hint) from error


def _value(measure: Measure, written: str) -> str | bool:
    """What is stated; of a measure that is true or false, that."""
    word = written.strip().casefold()
    return word == "true" if measure.attests == "truth" and word in ("true", "false") else written


def _id(desk: Desk, fields: Mapping[str, object], evidence: Subject) -> str:
    """An id that the same statement has again, and no other: its day, and a digest of what it says."""
    said = {key: each.isoformat() if isinstance(each, dt.datetime) else each for key, each in fields.items()}
    content = canonical({**said, "by": desk.signer.name, "evidence": [evidence.name, evidence.digest]})
    return f"A-{desk.now:%Y%m%d}-{hashlib.sha256(content).hexdigest()[:8]}"
