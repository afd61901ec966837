"""Facts: measured values with all that an auditor asks of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, NamedTuple

from phasegate.facts.model.ends import Ends, Lacking

NO_ROWS = "no rows"
"""Why a fact is unknown of which nothing is there."""
Status = Literal["present", "error", "stale", "unknown", "not_applicable"]
Flaw = Literal["", "nulls", "no rate", "too many digits", "no currency", "currencies"]
"""What is wrong with rows, so that they can not be added up."""
WHOLE = ""
"""The slice of a measure that is not sliced."""


class Figure(NamedTuple):
    """A figure of the baseline: its value, and the unit of what was measured then and is now."""

    value: Fraction
    unit: str | None


@dataclass(frozen=True, slots=True)
class Fact:
    """A measure's value for one slice as of one date.

    A stale fact keeps its value, so that it can be shown; nothing compares it.

    Attributes:
        measure: the measure's id; a field of a ``latest`` measure appends ``.field``.
        slice: the point's id or the column's value; empty for the whole.
        status: whether there is a value that may be compared.
        reason: why there is none, in words; empty for ``present``.
        unit: as `rules.values.units` has them.
        numerator, denominator: the value as two exact integers; None for truth values and texts.
            The pair is kept as it was counted, not reduced: 95 of 100, not 19 of 20.
        scale: numerator and denominator of a ratio of amounts are both counted in units of
            10^-scale (cents have scale 2); 0 where they are counts of rows.
        ends: the least and the greatest that the number can be; None where it is known. There are no
            numerator and denominator beside them.
        truth: the value of a boolean fact.
        text: the value of a text fact.
        rows: rows of the population that the value is computed from.
        undetermined: rows beside or among them of which nobody knows whether they count.
        lacking: the columns that are empty in these, and in how many rows; empty where what is missing
            is no cell.
        fix: what to do about them in one line, such as ``write `(closed <= due) IS TRUE` if ...``.
        nulls: rows among them in which an operand is null.
        newest: the newest event date among them; of what is attested, the day of its signature.
        sources: the names of the sources that were read.
        max_age_days: after how many days the newest row makes the fact stale; of what is attested,
            how many days after it was signed, its end counted too.
        baseline: of a change the figure that it is held against; None where there is none.
        flaw: what is wrong with its rows, until somebody has looked which ones; no record holds it.
    """

    measure: str
    slice: str
    status: Status
    reason: str = ""
    unit: str | None = None
    numerator: int | None = None
    denominator: int | None = None
    scale: int = 0
    ends: Ends | None = None
    truth: bool | None = None
    text: str | None = None
    rows: int = 0
    undetermined: int = 0
    lacking: tuple[Lacking, ...] = ()
    fix: str = ""
    nulls: int = 0
    newest: dt.date | None = None
    sources: tuple[str, ...] = ()
    max_age_days: int | None = None
    baseline: Figure | None = None
    flaw: Flaw = ""

    @property
    def value(self) -> Fraction | None:
        """The exact number; None for truth values, texts, and where there is none or no certain one."""
        if self.ends is not None or self.numerator is None or not self.denominator:
            return None
        return Fraction(self.numerator, self.denominator)

    @property
    def extremes(self) -> tuple[Fraction, Fraction] | None:
        """The least and the greatest that the number can be: the same twice where it is known."""
        if self.ends is not None:
            return self.ends.least, self.ends.greatest
        known = self.value
        return None if known is None else (known, known)

    @property
    def id(self) -> str:
        """``measure`` or ``measure[slice]``."""
        return f"{self.measure}[{self.slice}]" if self.slice else self.measure


@dataclass(frozen=True, slots=True)
class Cell:
    """A value in a file that keeps something from being measured.

    Attributes:
        file: its file, relative to the project.
        column: its column in the contract; several where they count together, with commas.
        value: what stands there, shortened, masked where it is personal; None where nothing does.
        line: the line of a file of text on which its row begins, counted from 1.
        row: which row it is of a file without lines, counted from 1.
        expressions: where no cell is empty, those of which one has no value in the row.
        within: what the file itself calls the cell or its row, such as ``Q1!C7``.
    """

    file: str
    column: str
    value: str | None
    line: int | None = None
    row: int | None = None
    expressions: tuple[str, ...] = ()
    within: str | None = None

    @property
    def at(self) -> str:
        """``costs.csv:3``, ``costs.xlsx Q1!C7``, or ``costs.parquet row 3``."""
        if self.within is not None:
            return f"{self.file} {self.within}"
        return f"{self.file}:{self.line}" if self.line is not None else f"{self.file} row {self.row}"

    @property
    def said(self) -> str:
        """``costs.csv:3 has amount "$5"``, or ``costs.csv:3 has no amount``."""
        found = f"no {self.column}" if self.value is None else f'{self.column} "{self.value}"'
        return f"{self.at} has {found}"


@dataclass(frozen=True, slots=True)
class Breach:
    """A clause of a contract that rows break.

    Attributes:
        clause: which, in words, such as ``amount: not null``.
        rows: how many rows break it.
        sample: up to five of them, personal columns masked.
        cells: where these stand, and what it is that breaks the clause.
        hint: what to do about them; empty where nobody can tell.
    """

    clause: str
    rows: int
    sample: tuple[dict[str, str], ...] = ()
    cells: tuple[Cell, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class UnknownPoints:
    """Rows in force that name points which the pack does not have, so that no point counts them.

    Attributes:
        rows: how many rows.
        points: how many different ids they name.
        sample: the first of these, in order; none where the column is personal.
    """

    rows: int
    points: int
    sample: tuple[str, ...] = ()


MEMORY = "memory"
"""The ``server`` of a table that a program gave."""


@dataclass(frozen=True, slots=True)
class TableState:
    """Where the rows of a source came from that is a table of a database, or has versions of its own.

    Attributes:
        server: what the database is, with its version; what a reader of the table must know.
        snapshot: by which the database tells the moment that was read from others; the table's version; what
            a program gave.
        types: the type of each column that was read, in the words of the database or the table.
        rows: the digest of the rows of a database in the order in which they came; that of the source has
            none.
        log: the digest of what a table's log says of the version: its columns, files, values and deletions.
        strength: ``engine`` where the rows stayed there: what is told of them, their digests included, is
            what the database computed, and nobody can compute it again without it.
    """

    server: str
    snapshot: str
    types: dict[str, str]
    rows: str = ""
    log: str = ""
    strength: Literal["", "engine"] = ""


@dataclass(frozen=True, slots=True)
class SourceState:
    """What was found of one source.

    Attributes:
        name: the source's name in the pack.
        status: ``absent`` where the project names no file for it.
        reason: why it can not be used; empty for ``ok``.
        files: digest by path relative to the project, in path order.
        digest: one digest over all files, ``sha256:...``.
        rows: rows read, before as-of is applied.
        rows_in_force: rows that remain as of the date.
        columns: the columns that were read.
        totals: the control totals that were computed: ``rows`` and sums, as exact text.
        complete: whether declared control totals were met; None where none were declared.
        breaches: the clauses of the contract that rows break.
        unknown_points: rows that measures by point leave aside; None where there are none.
        content: a digest of the rows as they were read, in whatever order, form and place they stand; None
            where they are very many.
        table: where its rows came from, where that is a table of a database, or one with versions.
        versions: which version of each object of a store was read, where its bucket keeps several.
    """

    name: str
    status: Literal["ok", "absent", "error"]
    reason: str = ""
    files: dict[str, str] = field(default_factory=dict)
    digest: str | None = None
    rows: int = 0
    rows_in_force: int = 0
    columns: tuple[str, ...] = ()
    totals: dict[str, str] = field(default_factory=dict)
    complete: bool | None = None
    breaches: tuple[Breach, ...] = ()
    unknown_points: UnknownPoints | None = None
    content: str | None = None
    table: TableState | None = None
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FactSet:
    """All facts of a run, and the sources that they come from.

    Attributes:
        as_of: the date for which they hold.
        facts: by measure id and slice.
        sources: by name.
    """

    as_of: dt.date
    facts: dict[tuple[str, str], Fact]
    sources: dict[str, SourceState]

    def slices(self, measure: str) -> list[Fact]:
        """The facts of one measure, in the order of their slices."""
        return [self.facts[key] for key in sorted(self.facts) if key[0] == measure]
