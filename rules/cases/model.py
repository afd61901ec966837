"""Case files: rows, and what follows from them under the rules of a pack."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, RootModel, model_validator

from phasegate.rules.model.base import (
    ColumnName,
    Day,
    Id,
    Instant,
    Model,
    Name,
    QuantityText,
    Text,
    UnfitError,
)
from phasegate.rules.model.project import Control
from phasegate.rules.model.verdict import Waivable

Cell = str | int | bool | None
FactStatus = Literal["present", "error", "stale", "unknown", "not_applicable"]
VerdictWord = Literal["pass", "fail", "error", "stale", "unknown", "waived", "not_applicable"]
GateWord = Literal["open", "open_with_waivers", "closed", "undecided"]
MOST_REPEATED = 10_000
"""So many rows one entry may stand for."""


class GivenRow(RootModel[dict[ColumnName, Any]]):
    """A row of a source: the columns that matter, ``{status: open, amount: 10.50}``.

    ``{repeat: 18, row: {status: approved}}`` stands for so many of them.
    """

    model_config = {"frozen": True}

    @property
    def cells(self) -> dict[str, Cell]:
        """What is said of its columns."""
        return self.root["row"] if self._repeated else self.root

    @property
    def times(self) -> int:
        """How many rows it stands for."""
        return self.root["repeat"] if self._repeated else 1

    @property
    def _repeated(self) -> bool:
        return isinstance(self.root.get("row"), dict)

    @model_validator(mode="after")
    def _is_one(self) -> GivenRow:
        if self._repeated:
            times = self.root.get("repeat")
            if set(self.root) != {"repeat", "row"}:
                raise UnfitError("bad-row", "'row' stands beside 'repeat' alone", _REPEAT)
            if not isinstance(times, int) or isinstance(times, bool) or not 1 <= times <= MOST_REPEATED:
                message = f"{times!r} is not a number of rows from 1 to {MOST_REPEATED:,}"
                raise UnfitError("bad-row", message, _REPEAT)
        for name, cell in self.cells.items():
            if not isinstance(cell, Cell):
                raise UnfitError(
                    "bad-row", f"the cell {name!r} is no single value", "write a text or a number"
                )
        return self


_REPEAT = "write  {repeat: 18, row: {status: approved}}  for 18 rows"


class GivenWaiver(Model):
    """A waiver that is in force on the day of the case, unless it says otherwise.

    Attributes:
        requirement: the full id, ``point/criterion/fact``.
        covers: the verdicts that it turns into ``waived``.
        floor: the worst value that it covers.
        start, end: from when on it counts and when no more; a day before and a year after, if not said.
    """

    requirement: str = Field(examples=["1.1.1/protocols/control.passed"])
    covers: tuple[Waivable, ...] = Field(min_length=1, examples=[["fail"]])
    floor: QuantityText | None = Field(default=None, examples=["90 %"])
    start: Instant | None = Field(default=None, examples=["2026-03-01T00:00:00Z"])
    end: Instant | None = Field(default=None, examples=["2026-06-01T00:00:00Z"])


class GivenAttestation(Model):
    """What somebody of the right role attests, signed on the day of the case, unless it says otherwise.

    Attributes:
        measure: the attested measure.
        value: what is attested.
        points: for which points; those of the case's expectations, if not said.
        signed: the day on which it was signed.
        end: the day after which it does not count any more.
    """

    measure: Id = Field(examples=["board.minuted"])
    value: str | int | bool = Field(examples=[True, "75 %"])
    points: tuple[Id, ...] = Field(default=(), examples=[["1.1.1"]])
    signed: Day | None = Field(default=None, examples=["2026-03-01"])
    end: Day | None = Field(default=None, examples=["2026-06-30"])


class FactExpectation(Model):
    """What a measure shall be.

    Attributes:
        found: its value: ``18 of 20``, ``90 %``, ``12``, ``1_250.50 EUR``, ``true``, a text; and ``15 of 20
            to 18 of 20`` where missing values leave it open. A pair is compared as it was counted.
        status: whether there is a value that may be compared; ``present``, if there is one to be found.
        rows: how many rows it is computed from.
        undetermined: of how many rows nobody knows whether they count.
    """

    found: str | int | bool | None = Field(default=None, examples=["18 of 20", "90 %", True])
    status: FactStatus | None = Field(default=None, examples=["stale"])
    rows: int | None = Field(default=None, ge=0, examples=[20])
    undetermined: int | None = Field(default=None, ge=0, examples=[2])


class Expectation(Model):
    """What shall follow; only what is named is measured and decided, with what it rests on.

    Attributes:
        measures: by the measure's id; ``measure.field`` for a field, ``measure[slice]`` for a slice.
        requirements: by the full id, ``point/criterion/measure``.
        criteria: by the full id, ``point/criterion``.
        targets: by the id, such as ``1/success``.
        points: by the point's id.
        gates: by the phase's id, or ``programme``.
    """

    measures: dict[str, FactExpectation] = Field(
        default={}, examples=[{"systems.in_production[1.1.1]": {"found": "18 of 20"}}]
    )
    requirements: dict[str, VerdictWord] = Field(
        default={}, examples=[{"1.1.1/systems/systems.in_production": "fail"}]
    )
    criteria: dict[str, VerdictWord] = Field(default={}, examples=[{"1.1.1/systems": "fail"}])
    targets: dict[str, VerdictWord] = Field(default={}, examples=[{"1/success": "pass"}])
    points: dict[str, VerdictWord] = Field(default={}, examples=[{"1.1.1": "fail"}])
    gates: dict[str, GateWord] = Field(default={}, examples=[{"1": "closed"}])

    @model_validator(mode="after")
    def _says_something(self) -> Expectation:
        if not any(getattr(self, name) for name in type(self).model_fields):
            names = ", ".join(type(self).model_fields)
            raise UnfitError(
                "no-expectation", "nothing is expected", f"name what shall follow, under one of {names}"
            )
        return self


class Case(Model):
    """Rows, and what shall follow from them.

    Attributes:
        name: what the case shows; no other case of the folder has the name.
        note: more about it, for people.
        as_of: the day that is decided; that of the file, if not said.
        cycle_start: the day on which the cycle began; that of the file, if not said.
        parameters: values in the place of the pack's.
        given: rows by source; an empty list is a table without rows. A source that is not named is absent.
        control: what the extract of a source must add up to; where its contract asks for it, what it does add
            up to, if not said.
        waivers: the waivers in force.
        attested: what people have attested.
        expect: what shall follow.
    """

    name: Text = Field(examples=["a validation that is too old"])
    note: Text | None = Field(default=None, examples=["the map asks for one a quarter"])
    as_of: Day | None = Field(default=None, examples=["2026-03-31"])
    cycle_start: Day | None = Field(default=None, examples=["2026-03-01"])
    parameters: dict[Name, str | int] = Field(default={}, examples=[{"close_days": 5}])
    given: dict[Name, tuple[GivenRow, ...]] = Field(
        default={},
        examples=[{"systems": [{"repeat": 18, "row": {"status": "production"}}, {"status": "planned"}]}],
    )
    control: dict[Name, Control] = Field(default={}, examples=[{"systems": {"rows": 19}}])
    waivers: tuple[GivenWaiver, ...] = Field(
        default=(), examples=[[{"requirement": "1.1.1/protocols/control.passed", "covers": ["stale"]}]]
    )
    attested: tuple[GivenAttestation, ...] = Field(
        default=(), examples=[[{"measure": "board.minuted", "value": True}]]
    )
    expect: Expectation = Field(examples=[{"criteria": {"1.1.1/systems": "fail"}}])


class Survivor(Model):
    """A mutant that no case can notice.

    Attributes:
        mutant: its id, as ``phasegate test --mutate`` names it.
        why: why nothing can come out otherwise.
    """

    mutant: Text = Field(examples=["measure costs.paid count | amount > 0 -> amount >= 0"])
    why: Text = Field(examples=["no amount is 0: the contract refuses it"])


class NeverShown(Model):
    """What no case can show of a part of the pack.

    Attributes:
        id: the part, as ``phasegate test --coverage`` names it.
        states: what it can not be.
        why: why it can not.
    """

    id: Text = Field(examples=["1.1.2/protocols/budget_planning.approved_before_period"])
    states: tuple[Text, ...] = Field(min_length=1, examples=[["stale"]])
    why: Text = Field(examples=["a month ended at most 31 days ago, and so old may it be"])


class CaseFile(Model):
    """A file of cases.

    Attributes:
        as_of: the day that is decided, for all cases that name none.
        cycle_start: the day on which the cycle began, for all cases that name none.
        parameters: values in the place of the pack's, for all cases; those of a case come before.
        given: rows by source, for all cases; where a case gives rows of a source, only its own count.
        cases: the cases.
        survivors: mutants of the pack that no case can notice, with the reason.
        never: what no case can show of parts of the pack, with the reason.
    """

    as_of: Day | None = Field(default=None, examples=["2026-03-31"])
    cycle_start: Day | None = Field(default=None, examples=["2026-03-01"])
    parameters: dict[Name, str | int] = Field(default={}, examples=[{"close_days": 5}])
    given: dict[Name, tuple[GivenRow, ...]] = Field(
        default={}, examples=[{"budgets": [{"repeat": 3, "row": {"period_end": "2026-02-28"}}]}]
    )
    cases: tuple[Case, ...] = Field(
        default=(), examples=[[{"name": "nobody has looked", "expect": {"points": {"1.1.1": "unknown"}}}]]
    )
    survivors: tuple[Survivor, ...] = Field(
        default=(),
        examples=[[{"mutant": "1.1.1/systems/systems.registered | >= 1 -> > 1", "why": "there is but one"}]],
    )
    never: tuple[NeverShown, ...] = Field(
        default=(),
        examples=[[{"id": "1.1.2/protocols/invoices.paid", "states": ["stale"], "why": "it is of today"}]],
    )

    @model_validator(mode="after")
    def _holds_something(self) -> CaseFile:
        if not (self.cases or self.survivors or self.never):
            message = "the file holds no case"
            raise UnfitError("missing-key", message, "write one under 'cases'", lacking=("cases",))
        return self
