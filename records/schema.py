"""The shape of a record: one JSON document a run, of texts, whole numbers, lists and mappings.

Exact numbers that may outgrow 53 bits are texts. Lists have the order of the pack, so that the
same inputs give the same bytes.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from phasegate.rules.model.verdict import EVIDENCE_BY_WORD, STATE_BY_WORD, WORST_FIRST

SCHEMA = "phasegate/record/2"
"""Of new records; `records.editions` knows those of older ones, and what they decide otherwise."""
WHAT_IF = "phasegate/what-if/1"
"""Of what holds the record of a what-if, so that no program finds an outcome where those of records stand."""
NOTHING = "nothing"
"""The outcome of a run in which nothing was decided that counts."""

# What is said here beside a type stands in the published schema; the reader holds records to the types.
Word = Annotated[str, ("enum", WORST_FIRST)]
State = Annotated[str, ("enum", tuple(STATE_BY_WORD))]
Day = Annotated[str, ("format", "date")]
Digest = Annotated[str, ("pattern", "^sha256:[0-9a-f]{64}$")]
Whole = Annotated[str, ("pattern", "^-?[0-9]+$"), ("description", "A whole number of any size.")]
Decimal = Annotated[
    str, ("pattern", r"^-?[0-9]+(\.[0-9]*[1-9])?$"), ("description", "An exact or rounded decimal.")
]


class ProjectEntry(TypedDict):
    """Whose it is: the id from the project's file, and the title under which people know the project."""

    id: str
    title: str


class PackEntry(TypedDict):
    """The pack that was decided under; ``map`` is the document that it encodes."""

    id: str
    title: str
    version: str
    digest: Digest
    map: dict[str, str] | None


class UnknownPointsEntry(TypedDict):
    """Rows that name points which the pack does not have, and the first ids in order."""

    rows: int
    points: int
    sample: list[str]


class CellEntry(TypedDict):
    """A value in a file; None where nothing stands. It has a line, or the row in a file without lines.

    ``within`` is what such a file itself calls the cell or its row.
    """

    file: str
    column: str
    value: str | None
    line: NotRequired[int]
    row: NotRequired[int]
    within: NotRequired[str]


class BreachEntry(TypedDict):
    """A clause of a contract that rows break; ``cells`` are where the rows of ``sample`` stand.

    Older records have neither these nor the ``hint`` what to do.
    """

    clause: str
    rows: int
    sample: list[dict[str, str]]
    cells: NotRequired[list[CellEntry]]
    hint: NotRequired[str]


class TableEntry(TypedDict):
    """Where rows came from that were read of a database, or of a table with versions.

    Of a database, connection and table stand in ``reading``; ``snapshot`` is what it calls the moment that
    was read, and ``rows`` the digest of the rows in the order in which it gave them: both may be others where
    the rows are the same, and no two runs are compared by them. ``strength`` is ``engine`` where the rows
    stayed there and the database computed the facts: all digests are then what it computed of its rows, in
    whatever order they stand. Of a table with versions, ``snapshot`` is the version and its time, and ``log``
    the digest of what its log says of it, a part of the source's digest. Of a table that a program gave from
    its memory, ``server`` is ``memory`` and ``snapshot`` what it was, such as ``pandas.DataFrame``: nobody
    can read it again.
    """

    server: str
    snapshot: str
    types: dict[str, str]
    rows: NotRequired[Digest]
    log: NotRequired[Digest]
    strength: NotRequired[Literal["engine"]]


class SourceEntry(TypedDict):
    """A source as it was found; ``reading`` is how the project has it read, defaults left out.

    ``unknown_points`` is there where rows name such points. ``content`` is a digest of its rows as they
    were read, in whatever order, form and place they stand; it is there where they are few. ``table`` is
    there for a table in a database; ``digest`` is then the same in whatever order they stand.
    ``versions`` is there where they are objects of a bucket that keeps several of each: which one was read.
    """

    name: str
    status: str
    reason: str
    digest: Digest | None
    files: dict[str, str]
    reading: dict[str, Any]
    rows: int
    rows_in_force: int
    columns: list[str]
    totals: dict[str, str]
    complete: bool | None
    breaches: list[BreachEntry]
    unknown_points: NotRequired[UnknownPointsEntry]
    content: NotRequired[str]
    table: NotRequired[TableEntry]
    versions: NotRequired[dict[str, str]]


class LackingEntry(TypedDict):
    """A column that is empty in rows which are undetermined because of it, and in how many."""

    column: str
    rows: int


class UndeterminedEntry(TypedDict):
    """Rows of which nobody knows whether they count.

    ``low`` and ``high`` are the least and the greatest that the number can be, each as numerator and
    denominator; they are there where these differ, and the fact has no numerator then.
    """

    rows: int
    lacking: list[LackingEntry]
    fix: str
    low: NotRequired[list[Whole]]
    high: NotRequired[list[Whole]]


class BaselineEntry(TypedDict):
    """The figure that a change is held against; ``shown`` is it in words, in the unit of what changed."""

    shown: str
    unit: str | None
    numerator: Whole
    denominator: Whole


class FactEntry(TypedDict):
    """A fact; ``shown`` is its value in words, ``counted`` its parts: ``18 of 20``.

    ``undetermined`` is there where such rows are, ``baseline`` of a change that has a value.
    """

    id: str
    measure: str
    slice: str
    title: str
    note: str | None
    kind: str
    status: Annotated[str, ("enum", tuple(EVIDENCE_BY_WORD))]
    reason: str
    unit: str | None
    numerator: Whole | None
    denominator: Whole | None
    scale: int
    truth: bool | None
    text: str | None
    shown: str
    counted: str
    rows: int
    nulls: int
    newest: Day | None
    max_age_days: int | None
    sources: list[str]
    undetermined: NotRequired[UndeterminedEntry]
    baseline: NotRequired[BaselineEntry]


class RequirementNumbers(TypedDict):
    """The numbers of a requirement, for programs; each is there where there is one.

    Decimals are texts: ``94.999``, ``-5``. ``value`` and ``limit_value`` are in the requirement's ``unit``,
    a percentage in percent, and ``margin_value`` in the same, of a percentage in points. Instead of one
    there are ``_low`` and ``_high`` where a value lies between two, or a bound has two limits. With
    ``rounded``, one of them has no end: it has 12 places behind the point, or more, and is on the side of
    each other on which the exact one is, which the fact has as numerator and denominator. ``days_left`` is
    for how many days the evidence stays fresh, less than 0 of what is stale. Older records have none.
    """

    value: NotRequired[Decimal]
    value_low: NotRequired[Decimal]
    value_high: NotRequired[Decimal]
    limit_value: NotRequired[Decimal]
    limit_low: NotRequired[Decimal]
    limit_high: NotRequired[Decimal]
    margin_value: NotRequired[Decimal]
    margin_low: NotRequired[Decimal]
    margin_high: NotRequired[Decimal]
    rounded: NotRequired[bool]
    days_left: NotRequired[int]


class RequirementEntry(RequirementNumbers):
    """One requirement with its verdict; ``at`` is where the rule stands.

    ``do`` is what to do, as the rules say it of what is in want; it is there where they do.

    ``alternative`` tells which one of ``any_of`` it belongs to: ``2``, or ``2.1`` for the first one
    within the second.
    """

    id: str
    criterion: str
    alternative: str | None
    fact: str
    bound: str
    limit: str | None
    unit: str | None
    verdict: Word
    observed: str
    margin: str | None
    distance: str | None
    reason: str
    waiver: str | None
    at: str
    do: NotRequired[str]


class CriterionEntry(TypedDict):
    """A criterion or target; ``point`` is None for targets."""

    id: str
    point: str | None
    text: str
    note: str | None
    enforcement: Literal["advisory", "soft", "hard"]
    verdict: Word
    requirements: list[str]
    at: str


class PointEntry(TypedDict):
    """A point."""

    id: str
    title: str
    area: str | None
    section: str | None
    phases: list[str]
    verdict: Word
    criteria: list[str]


class Score(TypedDict):
    """Criteria that apply (advisory ones never do), and how many of them pass."""

    apply: int
    passing: int
    passing_with_waivers: int


class GateReason(TypedDict):
    """Why a gate is not simply open: a criterion of its own, an earlier gate, a limit, or no approval."""

    kind: Literal["criterion", "gate", "waivers", "empty", "approval"]
    id: str
    verdict: str
    text: str


class GateEntry(TypedDict):
    """A gate; ``own`` is its state without the gates before it.

    ``weeks`` are the first and the last week of the cycle that its phase takes, where it has some; those of
    the programme's gate are all of the cycle's.
    """

    id: str
    title: str
    state: State
    own: State
    points: list[str]
    targets: list[str]
    after: list[str]
    waivers: list[str]
    max_waivers: int | None
    score: Score
    reasons: list[GateReason]
    weeks: NotRequired[list[int]]


class WaiverEntry(TypedDict):
    """A waiver and what became of it; ``signer`` is None where nobody signed it."""

    id: str
    requirement: str
    standing: str
    reason: str
    covers: list[str]
    floor: str | None
    why: str
    risk_owner: str
    requester: str
    approver: str
    pack_digest: Digest
    granted: str
    revoked: str | None
    start: str
    end: str
    signer: str | None


class AttestationEntry(TypedDict):
    """A signed statement of a person, and what became of it; ``fact`` is what it answers.

    ``statement`` are the words that were signed, ``evidence`` the files with their digests then.
    ``signer`` is None where nobody vouches for it.
    """

    id: str
    fact: str
    statement: str
    value: str
    evidence: dict[str, Digest]
    standing: str
    reason: str
    signer: str | None
    role: str
    signed: str
    start: str
    end: str
    revoked: str | None
    comment: str | None


class GivenApproval(TypedDict):
    """Who approved the rules for a function, and when."""

    function: str
    signer: str
    signed: str


class RefusedApproval(TypedDict):
    """The newest approval for a function that counts for nothing; ``entry`` is where it stands."""

    function: str
    entry: int
    reason: str


class ChangedRules(TypedDict):
    """What the rules say otherwise than those that were approved last for a function, in sentences.

    ``more`` counts the changes that are not told.
    """

    function: str
    signer: str
    signed: str
    changes: list[str]
    more: int


class ApprovalEntry(TypedDict):
    """Whether people approved the rules that were decided under.

    ``signers`` is how many the project lists: with none, nobody can have approved anything.
    ``required`` names functions, ``missing`` those of them that have not signed. ``refused`` is there
    where somebody has signed for one of these, and why that does not count; ``changed`` where others were
    approved for one before, as far as it is kept what these said.
    """

    signers: int
    required: list[str]
    given: list[GivenApproval]
    missing: list[str]
    refused: NotRequired[list[RefusedApproval]]
    changed: NotRequired[list[ChangedRules]]


class RowsEntry(TypedDict):
    """The rows that keep a requirement from passing, personal columns masked.

    ``what`` they are is one of ``not met``, ``counted``, ``short``, ``newest`` and ``may count``;
    ``total`` is how many, ``sample`` the first of them. ``digest`` and ``size`` are of the Parquet file that
    holds the first ``held`` rows in the order of their values. ``undetermined`` is there where nobody knows
    of so many of them whether they count: they stand behind the others, and their column ``may count`` tells
    what they lack.
    """

    requirement: str
    what: str
    total: int
    columns: list[str]
    sample: list[dict[str, str]]
    held: int
    size: int
    digest: Digest
    undetermined: NotRequired[int]


class TimeZoneEntry(TypedDict):
    """The time zone whose days count, and the version of the zone data that tells them, ``2025b``."""

    name: str
    data: str


class ClauseEntry(TypedDict):
    """A clause of a measure, such as ``where`` or ``ratio of``, in one line.

    ``values`` are those of the dates and parameters that it names.
    """

    clause: str
    says: str
    values: dict[str, str]


class SupposedEntry(TypedDict):
    """A figure of the rules that is another one in a what-if: ``parameter`` or ``bound``, and which."""

    what: Literal["parameter", "bound"]
    id: str
    was: str
    now: str


class WhatIfEntry(TypedDict):
    """What is supposed in a what-if."""

    rules: list[SupposedEntry]
    without_waivers: bool


class Record(TypedDict):
    """The whole document; ``rows`` is there where rows stand behind a verdict.

    ``versions`` has those of what decided, and under ``format:NAME`` distribution, version and digest of each
    plugin that read a table, under ``measure:NAME`` those of one that computed a measure.

    ``basis`` says what the facts of each measure rest on, as `records.basis.parts` tells; records that were
    written before it was kept have none.
    ``definitions`` says what is counted, by the measures of facts; records of the first schema have none.
    ``project`` is there where its file has an id.
    ``time_zone`` is there where another one than UTC takes part: the project's, or that of a source.
    ``statements`` is there where the day was decided on that day itself, in a project that lists signers:
    what people had signed in the first so many entries of its ledger was taken into account, and counts from
    its first day on.
    ``owners`` is there where the project says whom things concern, by the id of an area, point, criterion or
    target, or the name of a source.
    ``what_if`` is there in a what-if: nothing was decided then, and whatever reads records refuses it.
    """

    schema: Annotated[str, ("enum", ("phasegate/record/1", SCHEMA))]
    kind: Literal["check", "gate"]
    versions: dict[str, str]
    title: str
    project: NotRequired[ProjectEntry]
    pack: PackEntry
    cycle: dict[str, str] | None
    calendar: dict[str, list[str]]
    as_of: Day
    time_zone: NotRequired[TimeZoneEntry]
    scope: list[str]
    parameters: dict[str, str]
    areas: dict[str, str]
    sections: dict[str, str]
    sources: list[SourceEntry]
    definitions: NotRequired[dict[str, list[ClauseEntry]]]
    basis: NotRequired[dict[str, dict[str, str]]]
    facts: list[FactEntry]
    requirements: list[RequirementEntry]
    criteria: list[CriterionEntry]
    points: list[PointEntry]
    gates: list[GateEntry]
    waivers: list[WaiverEntry]
    attestations: list[AttestationEntry]
    approval: ApprovalEntry
    disagreements: list[dict[str, str]]
    rows: NotRequired[list[RowsEntry]]
    statements: NotRequired[int]
    owners: NotRequired[dict[str, str]]
    what_if: NotRequired[WhatIfEntry]
    score: Score
    outcome: Annotated[str, ("enum", (*STATE_BY_WORD, NOTHING))]
