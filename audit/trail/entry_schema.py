"""What the entries of a run say, as it follows from its record alone.

Whoever keeps a run writes this, and whoever verifies a ledger expects this: but for the number of the
run, and for where its record and its evidence are kept, nothing in an entry is its writer's choice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NotRequired, TypedDict

from phasegate.records.editions import edition_of
from phasegate.records.schema import (
    CriterionEntry,
    GateEntry,
    ProjectEntry,
    Record,
    RowsEntry,
    Score,
    TimeZoneEntry,
)

PARTS = ("facts", "sources")
"""The large parts of a record that are kept by themselves: two runs on the same data share them."""


OF_RECORD = ("project", "time_zone")
"""What the entries of a run have as its record does, where that has it."""


class EnvelopeEntry(TypedDict):
    """Who recorded a run, and when."""

    recorded_at: str
    evaluator: str
    fingerprint: str
    reference: str | None


class RunEntry(TypedDict):
    """The entry of a run as a whole, as far as it is read back."""

    entry: Literal["run"]
    run: int
    project: NotRequired[ProjectEntry]
    record: str
    pack: str
    as_of: str
    time_zone: NotRequired[TimeZoneEntry]
    kind: Literal["check", "gate"]
    outcome: str
    score: Score
    scope: list[str]
    versions: dict[str, str]
    parts: dict[str, str]
    rows: NotRequired[list[str]]
    rules: str
    envelope: EnvelopeEntry


LARGEST_ROWS = 2**20
"""So many bytes of a file of rows are kept in the ledger; a larger one is measured again when asked for."""


def kept_rows(record: Record) -> list[RowsEntry]:
    """The rows behind a record's verdicts whose files are kept with it."""
    return [each for each in record.get("rows", ()) if each["size"] <= LARGEST_ROWS]


def of_record(record: Record) -> dict[str, Any]:
    """What every entry of a run says that not every record does: whose it is, and where its days begin."""
    whole: Mapping[str, Any] = record
    return {name: whole[name] for name in OF_RECORD if name in whole}


class Told:
    """The entries of a run, without its number and without digests of what is kept beside.

    Args:
        record: what was decided, of the right shape and with names that all stand for something.
    """

    def __init__(self, record: Record) -> None:
        self.record = record
        self._criteria = {each["id"]: each for each in record["criteria"]}
        self._requirements = {each["id"]: each for each in record["requirements"]}
        self._facts = {each["id"]: each for each in record["facts"]}
        self._sources = {each["name"]: each for each in record["sources"]}
        self._waivers = {each["id"]: each for each in record["waivers"]}

    def run(self) -> dict[str, Any]:
        """The run as a whole."""
        record = self.record
        rows = sorted({each["digest"] for each in kept_rows(record)})
        return {
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
            "gates": {gate["id"]: gate["state"] for gate in record["gates"]},
            **({"rows": rows} if rows else {}),
        }

    def decided(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Kind, id and document of each entry that follows on the run, in their order."""
        for point in self.record["points"]:
            criteria = [self._criterion(self._criteria[name]) for name in point["criteria"]]
            document = {name: point[name] for name in ("id", "title", "area", "phases", "verdict")}
            yield "point", point["id"], {**document, "criteria": criteria}
        for criterion in self.record["criteria"]:
            if criterion["point"] is None:
                yield "target", criterion["id"], self._criterion(criterion)
        verdicts = {point["id"]: point["verdict"] for point in self.record["points"]}
        states = {gate["id"]: gate["state"] for gate in self.record["gates"]}
        for gate in self.record["gates"]:
            yield "gate", gate["id"], self._gate(gate, verdicts, states)

    def evidence(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Why each point and each target was decided as it was, by its id; the measures are missing.

        How a fact is computed stands in the rules, which a record names and does not hold.
        """
        for point in self.record["points"]:
            yield point["id"], self._why([self._criteria[name] for name in point["criteria"]])
        for criterion in self.record["criteria"]:
            if criterion["point"] is None:
                yield criterion["id"], self._why([criterion])

    def _why(self, criteria: list[CriterionEntry]) -> dict[str, Any]:
        record = self.record
        requirements = [self._requirements[name] for each in criteria for name in each["requirements"]]
        facts = [self._facts[name] for name in dict.fromkeys(each["fact"] for each in requirements)]
        sources = {name for fact in facts for name in fact["sources"]}
        asked = {fact["id"] for fact in facts}
        waivers = {each["waiver"] for each in requirements}
        named = {each["id"] for each in requirements}
        rows = [each for each in record.get("rows", ()) if each["requirement"] in named]
        return {
            "schema": edition_of(record).evidence,
            "as_of": record["as_of"],
            "pack": record["pack"]["digest"],
            "parameters": record["parameters"],
            "criteria": criteria,
            "requirements": requirements,
            "facts": facts,
            "sources": [each for name, each in sorted(self._sources.items()) if name in sources],
            "attestations": [each for each in record["attestations"] if each["fact"] in asked],
            "waivers": [each for name, each in sorted(self._waivers.items()) if name in waivers],
            **({"rows": rows} if rows else {}),
            **({"time_zone": record["time_zone"]} if "time_zone" in record else {}),
            **({"statements": record["statements"]} if "statements" in record else {}),
        }

    def _criterion(self, criterion: CriterionEntry) -> dict[str, Any]:
        return {
            "id": criterion["id"],
            "text": criterion["text"],
            "enforcement": criterion["enforcement"],
            "verdict": criterion["verdict"],
        }

    def _gate(self, gate: GateEntry, verdicts: dict[str, str], states: dict[str, str]) -> dict[str, Any]:
        record = self.record
        return {
            "id": gate["id"],
            "title": gate["title"],
            "state": gate["state"],
            "own": gate["own"],
            "kind": record["kind"],
            "asked": record["scope"][0] if record["kind"] == "gate" else None,
            "points": {name: verdicts[name] for name in gate["points"]},
            "targets": {name: self._criteria[name]["verdict"] for name in gate["targets"]},
            "after": {name: states[name] for name in gate["after"]},
            "waivers": gate["waivers"],
            "max_waivers": gate["max_waivers"],
            "score": gate["score"],
            "reasons": gate["reasons"],
            "approval": record["approval"],
        }
