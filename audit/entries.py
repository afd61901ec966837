"""The entries of a run: what it decided as a whole, and one for each point, target and gate.

An entry says what was decided; the evidence that it names by digest says why: the facts, their
sources, the measures and the waivers, so that one entry can be proved and repeated by itself.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from phasegate.audit.document import CriterionEntry, FactEntry, Record
from phasegate.audit.ledger.canonical import canonical
from phasegate.audit.ledger.draft import Draft
from phasegate.audit.waived import instant
from phasegate.rules.pack import Pack
from phasegate.rules.requirements import measure_of

EVIDENCE = "phasegate/evidence/1"
PARTS = ("facts", "sources")
"""The large parts of a record that are kept by themselves: two runs on the same data share them."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who recorded a run, and when: what is no part of what was decided.

    Attributes:
        recorded_at: the moment, in UTC.
        evaluator: the name of the key that signs the run.
        fingerprint: of that key.
        reference: what else tells the run, such as the address of a pipeline's job.
    """

    recorded_at: dt.datetime
    evaluator: str
    fingerprint: str
    reference: str | None = None

    def document(self) -> dict[str, str | None]:
        """The envelope as entries have it."""
        return {
            "recorded_at": instant(self.recorded_at.replace(microsecond=0)),
            "evaluator": self.evaluator,
            "fingerprint": self.fingerprint,
            "reference": self.reference,
        }


@dataclass
class RunDrafts:
    """What a run is kept as: the entries, and the contents that they name by digest."""

    record: Record
    pack: Pack
    rules: bytes
    envelope: Envelope
    contents: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._digest = record_digest(self.record)
        self._rules = self._keep(self.rules)
        whole: Mapping[str, Any] = self.record
        self._parts = {name: self._keep(canonical(whole[name])) for name in PARTS}
        rest = {name: part for name, part in self.record.items() if name not in PARTS}
        self._parts["rest"] = self._keep(canonical(rest))
        self._facts = {fact["id"]: fact for fact in self.record["facts"]}
        self._sources = {source["name"]: source for source in self.record["sources"]}
        self._waivers = {waiver["id"]: waiver for waiver in self.record["waivers"]}
        self._requirements = {each["id"]: each for each in self.record["requirements"]}
        self._criteria = {each["id"]: each for each in self.record["criteria"]}
        self._evidence = {name: self._keep(canonical(self._told(each))) for name, each in self._subjects()}

    def drafts(self, run: int) -> list[Draft]:
        """The entries of the run, the run itself first.

        Args:
            run: its number in the ledger.
        """
        return [self._run(run), *self._points(run), *self._targets(run), *self._gates(run)]

    def _keep(self, content: bytes) -> str:
        digest = digest_of(content)
        self.contents[digest.removeprefix("sha256:")] = content
        return digest

    def _run(self, run: int) -> Draft:
        record = self.record
        document = {
            "kind": record["kind"],
            "outcome": record["outcome"],
            "score": record["score"],
            "scope": record["scope"],
            "title": record["title"],
            "map": record["pack"]["map"],
            "cycle": record["cycle"],
            "approval": record["approval"],
            "disagreements": len(record["disagreements"]),
            "versions": record["versions"],
            "parts": self._parts,
            "rules": self._rules,
            "envelope": self.envelope.document(),
            "gates": {gate["id"]: gate["state"] for gate in record["gates"]},
        }
        return self._draft("run", run, str(run), document)

    def _points(self, run: int) -> Iterable[Draft]:
        for point in self.record["points"]:
            document = {
                "id": point["id"],
                "title": point["title"],
                "area": point["area"],
                "phases": point["phases"],
                "verdict": point["verdict"],
                "criteria": [self._criterion(self._criteria[name]) for name in point["criteria"]],
                "evidence": self._evidence[point["id"]],
            }
            yield self._draft("point", run, point["id"], document)

    def _targets(self, run: int) -> Iterable[Draft]:
        for criterion in self.record["criteria"]:
            if criterion["point"] is None:
                document = {**self._criterion(criterion), "evidence": self._evidence[criterion["id"]]}
                yield self._draft("target", run, criterion["id"], document)

    def _gates(self, run: int) -> Iterable[Draft]:
        verdicts = {point["id"]: point["verdict"] for point in self.record["points"]}
        states = {gate["id"]: gate["state"] for gate in self.record["gates"]}
        for gate in self.record["gates"]:
            document = {
                "id": gate["id"],
                "title": gate["title"],
                "state": gate["state"],
                "own": gate["own"],
                "kind": self.record["kind"],
                "asked": self.record["scope"][0] if self.record["kind"] == "gate" else None,
                "points": {name: verdicts[name] for name in gate["points"]},
                "targets": {name: self._criteria[name]["verdict"] for name in gate["targets"]},
                "after": {name: states[name] for name in gate["after"]},
                "waivers": gate["waivers"],
                "max_waivers": gate["max_waivers"],
                "score": gate["score"],
                "reasons": gate["reasons"],
                "approval": self.record["approval"],
            }
            yield self._draft("gate", run, gate["id"], document)

    def _draft(self, kind: str, run: int, subject: str, document: Mapping[str, Any]) -> Draft:
        common = {
            "run": run,
            "record": self._digest,
            "pack": self.record["pack"]["digest"],
            "as_of": self.record["as_of"],
        }
        return Draft(kind, run, subject, {**document, **common})

    def _subjects(self) -> Iterable[tuple[str, list[CriterionEntry]]]:
        """Whatever has evidence of its own, with the criteria that it rests on."""
        for point in self.record["points"]:
            yield point["id"], [self._criteria[name] for name in point["criteria"]]
        for criterion in self.record["criteria"]:
            if criterion["point"] is None:
                yield criterion["id"], [criterion]

    def _criterion(self, criterion: CriterionEntry) -> dict[str, Any]:
        return {
            "id": criterion["id"],
            "text": criterion["text"],
            "enforcement": criterion["enforcement"],
            "verdict": criterion["verdict"],
        }

    def _told(self, criteria: list[CriterionEntry]) -> dict[str, Any]:
        """Why some criteria were decided as they were, complete in itself."""
        requirements = [self._requirements[name] for each in criteria for name in each["requirements"]]
        facts = {each["fact"]: self._facts[each["fact"]] for each in requirements}
        sources = sorted({name for fact in facts.values() for name in fact["sources"]})
        attestations = [each for each in self.record["attestations"] if each["fact"] in facts]
        waivers = sorted({each["waiver"] for each in requirements if each["waiver"] is not None})
        return {
            "schema": EVIDENCE,
            "as_of": self.record["as_of"],
            "pack": self.record["pack"]["digest"],
            "parameters": self.record["parameters"],
            "criteria": criteria,
            "requirements": requirements,
            "facts": list(facts.values()),
            "measures": self._measures(facts.values()),
            "sources": [self._sources[name] for name in sources if name in self._sources],
            "attestations": attestations,
            "waivers": [self._waivers[name] for name in waivers if name in self._waivers],
        }

    def _measures(self, facts: Iterable[FactEntry]) -> dict[str, Any]:
        """How the facts were computed, in the words of the pack."""
        names = {measure_of(self.pack, fact["measure"]) for fact in facts}
        return {
            name: self.pack.measures[name].model_dump(
                mode="json", by_alias=True, exclude_defaults=True, exclude={"title", "note"}
            )
            for name in sorted(name for name in names if name is not None)
        }


def record_digest(record: Record) -> str:
    """The digest of a record: of its canonical JSON, however its file is laid out."""
    return digest_of(canonical(record))


def digest_of(content: bytes) -> str:
    """The address of some content: ``sha256:...`` of its bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
