"""The answers of the API: what records and entries say, in the types by which these are held."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from phasegate.audit.trail.entry_schema import EnvelopeEntry
from phasegate.records.schema import (
    AttestationEntry,
    CriterionEntry,
    Day,
    FactEntry,
    GateEntry,
    PointEntry,
    Record,
    RequirementEntry,
    RowsEntry,
    Score,
    SourceEntry,
    State,
    WaiverEntry,
)


class ProjectLink(TypedDict):
    """A project that may be read; ``problem`` is there where nothing can be shown of it."""

    key: str
    title: str
    address: str
    problem: NotRequired[str]


class Projects(TypedDict):
    """The projects that may be read."""

    projects: list[ProjectLink]


class HeadEntry(TypedDict):
    """How far the ledger reaches that an answer was made from: entries, and the hash over them in base64."""

    origin: str
    size: int
    root: str


class RunSummary(TypedDict):
    """A run: what was decided, how it came out, and who recorded it. ``gates`` are states by id."""

    run: int
    seq: int
    as_of: Day
    kind: Literal["check", "gate"]
    scope: list[str]
    outcome: str
    score: Score
    gates: dict[str, State]
    record: str
    rules: str
    envelope: EnvelopeEntry


class ProjectAnswer(TypedDict):
    """A project as it stands: the head of its ledger, and its newest run; None where there is none."""

    key: str
    title: str
    head: HeadEntry
    newest: RunSummary | None


class Runs(TypedDict):
    """Runs, the newest first; ``before`` asks for older ones, None where there are none."""

    runs: list[RunSummary]
    before: int | None


class Part(TypedDict):
    """The parts of a record that an id stands for, and all that these rest on."""

    id: str
    kind: str
    schema: str
    as_of: Day
    gates: list[GateEntry]
    points: list[PointEntry]
    criteria: list[CriterionEntry]
    requirements: list[RequirementEntry]
    facts: list[FactEntry]
    sources: list[SourceEntry]
    waivers: list[WaiverEntry]
    attestations: list[AttestationEntry]
    rows: list[RowsEntry]


class CauseEntry(TypedDict):
    """Why something is another way; ``one_of`` where it is one of several that may be it."""

    kind: str
    said: str
    source: str | None
    one_of: bool


class ComparedRun(TypedDict):
    """One of two runs."""

    run: int
    as_of: Day


class ChangedGate(TypedDict):
    """A gate in another state, and why."""

    id: str
    title: str
    before: str | None
    after: str | None
    causes: list[CauseEntry]


class Found(TypedDict):
    """What a run found of a requirement."""

    verdict: str
    observed: str
    bound: str


class ChangedRequirement(TypedDict):
    """A requirement that is decided otherwise, and why; ``rows`` are those behind it that are others."""

    id: str
    before: Found | None
    after: Found | None
    causes: list[CauseEntry]
    rows: Any


class ChangedCriterion(TypedDict):
    """A criterion that is decided otherwise, and why."""

    id: str
    text: str
    before: str | None
    after: str | None
    causes: list[CauseEntry]
    requirements: list[ChangedRequirement]


class ChangedRule(TypedDict):
    """What the rules say otherwise."""

    kind: str
    path: list[str]
    before: str | None
    after: str | None
    said: str


class Changes(TypedDict):
    """What a run decided otherwise than another; ``rules`` is None where they can not be read any more."""

    before: ComparedRun
    after: ComparedRun
    narrower: bool
    rules: list[ChangedRule] | None
    unknown: list[str]
    gates: list[ChangedGate]
    criteria: list[ChangedCriterion]


class EndingEntry(TypedDict):
    """What ends by itself, from which day on, and the gates that it shuts."""

    day: Day
    kind: str
    id: str
    criteria: list[str]
    gates: list[str]
    shuts: list[str]
    says: str


class Due(TypedDict):
    """What ends by itself within 30 days, as the newest run shows it."""

    run: int
    kind: str
    scope: list[str]
    as_of: Day
    today: Day
    until: Day
    due: list[EndingEntry]
    turns: list[Any]
    reading_the_day: list[str] | None


class StatementEntry(TypedDict):
    """An entry beside runs; ``refused`` is why it counts for nothing."""

    seq: int
    entry: str
    at: str | None
    by: str | None
    counts: bool
    refused: str | None
    says: dict[str, Any]


class Statements(TypedDict):
    """What people signed, and what else stands in the ledger beside runs, in its order."""

    statements: list[StatementEntry]


class NoteEntry(TypedDict):
    """A note or a fault, and where it is."""

    place: str
    text: str


class VerifiedEntry(TypedDict):
    """What the verification of all entries found."""

    ledger: str
    good: bool
    origin: str
    size: int
    root: str
    runs: int
    statements: int
    documents: int
    checkpoints: int
    signed_by: list[str] | None
    own_key: bool
    kept: int
    quick: bool
    notes: list[NoteEntry]
    faults: list[NoteEntry]
    more_faults: int


class Verification(TypedDict):
    """How far the verification of the ledger has come; ``found`` is there once it has ended."""

    done: int
    total: int
    failed: str | None
    found: VerifiedEntry | None


class ErrorEntry(TypedDict):
    """Why there is no answer."""

    status: int
    title: str
    message: str
    hint: str | None


class Refusal(TypedDict):
    """What is answered with any other status than 200."""

    error: ErrorEntry


RECORD = Record
"""The answer that is a record is the record itself, byte for byte as ``phasegate show --format json``."""
