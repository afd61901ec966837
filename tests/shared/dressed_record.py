"""Records with what no saved one has: attestations, alternatives, engines that differ, and many points."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Sequence

from phasegate.audit.trail.past_verdicts import Past
from phasegate.records.schema import AttestationEntry, Record


def dressed(record: Record) -> Record:
    """The record with attestations for its first fact, and something of everything else that is rare.

    Args:
        record: one with three requirements at least; it stays as it is.
    """
    found = copy.deepcopy(record)
    fact, first, second, third = found["facts"][0], *found["requirements"][:3]
    fact |= {"kind": "attested", "sources": []}
    first["fact"] = fact["id"]
    word = AttestationEntry(
        id="A-1",
        fact=fact["id"],
        statement="The board has minuted the decision",
        value="true",
        evidence={"minutes.txt": f"sha256:{'a' * 64}"},
        standing="used",
        reason="in force until 2026-06-01 00:00:00 UTC",
        signer="aud",
        role="auditor",
        signed="2026-02-09T09:00:00Z",
        start="2026-02-09T09:00:00Z",
        end="2026-06-01T00:00:00Z",
        revoked=None,
        comment="I was there",
    )
    older = AttestationEntry(**{**word, "id": "A-0", "standing": "expired", "signer": None, "comment": None})
    found["attestations"] = [older, word]
    second["alternative"], third["alternative"] = "1", "2.1"
    found["approval"] = {
        "signers": 2,
        "required": ["finance", "risk"],
        "given": [{"function": "finance", "signer": "ann", "signed": "2026-02-01T00:00:00Z"}],
        "missing": ["risk"],
        "refused": [{"function": "risk", "entry": 7, "reason": "bob may not sign for risk"}],
    }
    found["disagreements"] = [
        {"id": each["id"], "inferred": "pass", "evaluated": "fail", "reason": "they differ"}
        for each in (first, {"id": "9.9.9/gone/thing"})
    ]
    found["rows"] = [
        {
            "requirement": second["id"],
            "what": "not met",
            "total": 7,
            "columns": ["id", "owner"],
            "sample": [{"id": f"r{number}", "owner": "(masked)"} for number in range(3)],
            "held": 7,
            "size": 1_000,
            "digest": f"sha256:{'c' * 64}",
        }
    ]
    return found


def vouched(record: Record, many: int = 3) -> Record:
    """The record with some facts that people attest, and waivers that somebody signed, each by another name.

    Args:
        record: one with as many facts; it stays as it is.
        many: how many facts are attested.
    """
    found = copy.deepcopy(record)
    found["attestations"] = []
    for number, fact in enumerate(found["facts"][:many], 1):
        fact |= {"kind": "attested", "sources": []}
        found["attestations"].append(
            AttestationEntry(
                id=f"A-{number}",
                fact=fact["id"],
                statement="The board has minuted it",
                value="true",
                evidence={f"minutes-{number}.txt": f"sha256:{hashlib.sha256(b'%d' % number).hexdigest()}"},
                standing="used",
                reason="in force",
                signer=f"voucher-{number}",
                role="auditor",
                signed="2026-02-09T09:00:00Z",
                start="2026-02-09T09:00:00Z",
                end=f"2026-07-{number + 10}T00:00:00Z",
                revoked=None,
                comment=None,
            )
        )
    for number, waiver in enumerate(found["waivers"], 1):
        waiver["signer"] = f"excuser-{number}"
    return found


def remembered(record: Record, runs: int = 12) -> dict[str, tuple[Past, ...]]:
    """What so many earlier runs would have found of each requirement of a record."""
    verdicts = ("unknown", "stale", "fail", "pass")
    return {
        each["id"]: tuple(
            Past(run, f"2026-{run:02}-01", verdicts[min(run // 3, 3)], None if run < 3 else 0.8 + run / 100)
            for run in range(1, runs + 1)
        )
        for each in record["requirements"]
    }


def large(record: Record, points: int, kinds: Sequence[tuple[str, Sequence[str]]]) -> Record:
    """The record with so many points, each of the same criteria; what no point has is left out.

    Args:
        record: what is copied: its points, criteria, requirements and facts in turn; it stays as it is.
        points: how many.
        kinds: of each point's criteria the name, and the verdicts of its requirements, the first of
            which is its own.
    """
    found = copy.deepcopy(record)
    patterns = {each["verdict"]: each for each in found["requirements"]}
    criteria, facts = found["criteria"], {each["id"]: each for each in found["facts"]}
    found |= {"points": [], "criteria": [], "requirements": [], "facts": [], "gates": found["gates"][-1:]}
    for number in range(points):
        name = f"{number // 50 + 1}.{number % 50 // 10 + 1}.{number % 10 + 1}"
        point = copy.deepcopy(record["points"][number % len(record["points"])])
        point |= {"id": name, "criteria": [f"{name}/{kind}" for kind, _ in kinds], "verdict": "pass"}
        found["points"].append(point)
        for place, (kind, verdicts) in enumerate(kinds):
            ids = [f"{name}/{kind}/{word}.{at}[{name}]" for at, word in enumerate(verdicts)]
            own = {"id": f"{name}/{kind}", "point": name, "verdict": verdicts[0], "requirements": ids}
            criterion = {**criteria[place], **own, "enforcement": "hard"}
            found["criteria"].append(criterion)  # type: ignore[arg-type]
            for id_, word in zip(ids, verdicts, strict=True):
                pattern = patterns[word]
                fact = f"{id_.rpartition('/')[2]}.{kind}"
                asked = {**pattern, "id": id_, "criterion": f"{name}/{kind}", "fact": fact}
                found["requirements"].append(asked)  # type: ignore[arg-type]
                found["facts"].append({**facts[pattern["fact"]], "id": fact})  # type: ignore[typeddict-item]
    (gate,) = found["gates"]
    gate |= {"points": [each["id"] for each in found["points"]], "targets": [], "after": [], "waivers": []}
    gate["reasons"] = [
        {"kind": "criterion", "id": each["id"], "verdict": each["verdict"], "text": each["text"]}
        for each in found["criteria"]
        if each["verdict"] != "pass"
    ]
    return found
