"""The project file: which pack, which data, which calendar."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from phasegate.rules.model.base import (
    ColumnName,
    Day,
    Id,
    Model,
    Name,
    ProjectId,
    QuantityText,
    Text,
    UnfitError,
)
from phasegate.rules.model.connection import Connection
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.file_format import FileOptions
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.notification import Notification
from phasegate.rules.model.pack import Require
from phasegate.rules.model.schedule import Schedule
from phasegate.rules.model.signer import Signer
from phasegate.rules.values.ledger_address import DEFAULT_LEDGER
from phasegate.rules.values.object_path import is_object

EVIDENCE_ROWS = 10_000
"""So many rows behind a verdict are kept where a project says nothing else."""
MOST_EVIDENCE_ROWS = 10_000_000
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Control(Model):
    """Control totals that an extract must reproduce, as its owner states them.

    Attributes:
        rows: how many rows the extract has.
        sums: what the amounts of a column add up to, by column.
    """

    rows: int | None = Field(default=None, ge=0)
    sums: dict[ColumnName, str] = {}

    @model_validator(mode="after")
    def _states_something(self) -> Self:
        if self.rows is None and not self.sums:
            message = "control totals without a total would show every extract to be complete"
            hint = "give the number of rows, as in control: {rows: 1200}"
            raise UnfitError("missing-key", message, hint, lacking=("rows", "sums"))
        return self


class SourceFile(FileOptions):
    """Where a source's table comes from, and how to read it.

    Attributes:
        connection: the connection of the database that ``table`` is in, in place of ``path``; or of the
            store that a ``path`` such as ``s3://BUCKET/FOLDER/*.parquet`` leads to.
        compute: ``engine`` where the table stays in its database, which computes what is asked of it; its
            rows are read otherwise.
        time_zone: the zone of moments that are written without an offset, by its name in the IANA
            database; the project's where it is not given.
        decimal_comma, date_format, datetime_format: how texts are written, in files of every format.
        thousands: the sign between groups of three digits; a blank stands for a no-break space too.
        currency_sign: what may stand before or after an amount, such as ``$`` or ``EUR``.
        percent: True where ``95%`` is read, as 0.95.
        accounting: True where ``(5.50)`` is read, as -5.50.
        true_values, false_values: the texts that are true and false, in any case of letters.
        trim: True where blanks and no-break spaces around texts are no part of them.
        null_values: the texts that stand for a missing value, in files of every format.
        rename: the contract's column name by the file's, where they differ.
        control: the totals that show the extract to be complete.
        outside: True where the path may lead out of the project's folder.
        contract: what its columns must be, in a project without a pack; None reads every column as
            the file has it.
    """

    connection: Name | None = Field(default=None, alias="from")
    compute: Literal["engine"] | None = None
    decimal_comma: bool = False
    thousands: str | None = Field(default=None, min_length=1, max_length=1)
    currency_sign: str | None = Field(default=None, min_length=1)
    percent: bool = False
    accounting: bool = False
    true_values: tuple[str, ...] = Field(default=("true", "1"), min_length=1)
    false_values: tuple[str, ...] = Field(default=("false", "0"), min_length=1)
    trim: bool = False
    null_values: tuple[str, ...] = ("",)
    date_format: str | None = None
    datetime_format: str | None = None
    time_zone: str | None = None
    rename: dict[str, ColumnName] = {}
    control: Control | None = None
    outside: bool = False
    contract: Contract | None = None

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if self.objects is not None:
            if self.connection is None:
                hint = "name the connection that reaches them, as in {from: lake, path: 's3://...'}"
                raise UnfitError("missing-key", "a source of objects needs 'from'", hint, lacking=("from",))
            return self
        if self.path is not None:
            if self.connection is not None and "://" not in self.path:  # that is told by itself
                message = "a table is in files or in a database, and this one says 'path' and 'from'"
                raise UnfitError("bad-table", message, "remove one of them")
            return self
        database = [
            key for key, each in (("from", self.connection), ("table", self.table)) if each is not None
        ]
        if not database:
            message, hint = "a source needs 'path'", "or 'from', a connection, and 'table' in its database"
            raise UnfitError("missing-key", message, hint, lacking=("path", "from", "table"))
        if len(database) == 1:
            lacking = "table" if database == ["from"] else "from"
            hint = "a table in a database is named by both, as in {from: erp, table: finance.invoices}"
            raise UnfitError(
                "missing-key", f"a source with {database[0]!r} needs {lacking!r}", hint, (lacking,)
            )
        return self

    @property
    def objects(self) -> str | None:
        """The path of its objects, where it is in a store; None where it is in files or a database."""
        return self.path if is_object(self.path) else None

    @property
    def given(self) -> object | None:
        """Its rows, where a program gives them; None where they are somewhere."""
        return None

    @property
    def place(self) -> str:
        """Where its table is, in words: the path, or connection and table."""
        return self.path if self.path is not None else f"{self.connection}:{self.table}"


class CycleStart(Model):
    """The cycle that is being decided.

    Attributes:
        id: what the cycle is called.
        start: its first day.
    """

    id: Id
    start: Day


class Calendar(Model):
    """Which days are no business days.

    Attributes:
        weekend: the days of the week that are none.
        holidays: the dates that are none.
    """

    weekend: tuple[Weekday, ...] = ("sat", "sun")
    holidays: tuple[Day, ...] = ()


class Project(Model):
    """A project file. Without ``pack`` it carries its own measures and requirements.

    Attributes:
        phasegate: the version of this form of file.
        title: what the project is called in reports.
        pack: the pack: the name of one that comes with phasegate, or a folder in that of the project.
        calendar: which days are no business days.
        sources: where each table of the pack comes from, by its name.
        parameters: figures of the pack that hold otherwise here, by their names.
        harden: criteria that take fewer waivers than the pack says, or none, by their full ids.
        owners: whom it concerns that something is in want, by the id of an area, point, criterion or target,
            or the name of a source; no verdict follows from it.
        measures: how values are computed, in a project without a pack, by their ids.
        require: what must hold, in a project without a pack.
        id: by which its entries in a ledger are told from those of other projects; it never changes.
        cycle, cycle_file: the cycle that is being decided, here or in a file of its own, whose key
            ``cycle`` holds it.
        connections: how databases and stores are reached that tables are in, by name.
        control_file: a file whose key ``control`` holds the control totals of each source; they may
            stand here too, with the source.
        time_zone: the zone whose days count, by its name in the IANA database: on which day an instant
            falls, and which day is today.
        evidence_rows: how many rows behind each verdict are kept with a run; 0 keeps none, not even as
            a sample in the record.
        waivers: the file of waivers.
        ledger: where the audit trail is kept: a path in the project's folder, the URL of a PostgreSQL
            database, or ``env:`` and the name of a variable that holds either.
        schedules: when the project is decided by itself.
        notifications: who is told of what changed.
        signers: whose signatures count; where none are listed, the project makes a key of its own.
    """

    phasegate: Literal[1]
    id: ProjectId | None = None
    title: Text | None = None
    pack: str | None = None
    cycle: CycleStart | None = None
    cycle_file: str | None = None
    control_file: str | None = None
    calendar: Calendar = Calendar()
    time_zone: str = "UTC"
    connections: dict[Name, Connection] = {}
    sources: dict[Name, SourceFile] = {}
    parameters: dict[Name, QuantityText | int] = {}
    harden: dict[str, Literal["soft", "hard"]] = {}
    owners: dict[str, Text] = {}
    evidence_rows: int = Field(default=EVIDENCE_ROWS, ge=0, le=MOST_EVIDENCE_ROWS)
    waivers: str | None = None
    ledger: str = DEFAULT_LEDGER
    schedules: dict[Id, Schedule] = {}
    notifications: dict[Id, Notification] = {}
    signers: tuple[Signer, ...] = Field(default=(), min_length=1)
    measures: dict[Id, Measure] = {}
    require: Require | None = None
