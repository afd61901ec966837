"""The portfolio file: many projects, and what they must come to together."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, Self

from pydantic import Field, model_validator

from phasegate.rules.model.base import DaysText, Id, Model, ProjectId, QuantityText, Text, UnfitError
from phasegate.rules.model.signer import Signer
from phasegate.rules.values.units import PERCENT, Quantity

MOST_PROJECTS = 1_000
"""So many projects a file may name."""
_MOST_WEIGHT = 1_000_000
PROJECTS = "projects"


class RollUp(Model):
    """When a portfolio is open; an error of one project is an error of it in any case.

    Attributes:
        at_least: so many of the projects must be open.
        weighted: projects must be open that have so much of the weight of all, in percent.
    """

    at_least: int | None = Field(default=None, ge=1, le=MOST_PROJECTS)
    weighted: QuantityText | None = None

    @model_validator(mode="after")
    def _is_one_rule(self) -> Self:
        given = [each for each in (self.at_least, self.weighted) if each is not None]
        if not given:
            hint = "without 'rollup' every project must be open"
            raise UnfitError(
                "missing-key", "a roll-up without a rule", hint, lacking=("at_least", "weighted")
            )
        if len(given) > 1:
            raise UnfitError("bad-rollup", "'at_least' and 'weighted' are two rules", "keep one of them")
        share = self.share
        if self.weighted is not None and (share is None or not 0 < share <= 1):
            raise UnfitError("bad-rollup", f"{self.weighted!r} is no part of the weight", "write  80 %")
        return self

    @property
    def share(self) -> Fraction | None:
        """The part of the weight, above 0 and up to 1; None where that is not the rule."""
        if self.weighted is None:
            return None
        quantity = Quantity.parse(self.weighted)
        return quantity.value if quantity.unit == PERCENT else None


class PortfolioProject(Model):
    """A project of a portfolio, by its folder or by the ledger that keeps its runs.

    Attributes:
        name: what it is called here; what it calls itself, if not said.
        path: its folder, or its project file, seen from the folder of this file.
        ledger: the ledger in place of ``path``: the path of a file, seen from the folder of this file, the
            URL of a PostgreSQL database, or ``env:`` and the name of a variable that holds either.
        project: the id of the project in that ledger.
        weight: what it counts where a roll-up goes by weight.
        signers: who may sign for the project, in the lines of its project file. If the project, or its
            ledger, lists anybody else, another key or another role, the project is an error.
        checkpoint: one that the ledger must go on from: its size and root, as reports print them, or the path
            of a file that ``phasegate checkpoint`` wrote, seen from the folder of this file.
    """

    name: Text | None = None
    path: str | None = Field(default=None, min_length=1)
    ledger: str | None = Field(default=None, min_length=1)
    project: ProjectId | None = None
    weight: int = Field(default=1, ge=1, le=_MOST_WEIGHT)
    signers: tuple[Signer, ...] = Field(default=(), min_length=1)
    checkpoint: str | None = Field(default=None, min_length=1, max_length=1_000)

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if self.path is not None:
            given = next((key for key in ("ledger", "project") if getattr(self, key) is not None), None)
            if given is not None:
                hint = "the project's file says where its ledger is, and its id: remove one of them"
                raise UnfitError("bad-project", f"'path' and {given!r} both say which project it is", hint)
        elif self.ledger is None or self.project is None:
            lacking = ("path", "ledger", "project")
            given = next((key for key in lacking[1:] if getattr(self, key) is not None), None)
            message = f"a project with {given!r} alone" if given else "a project that is nowhere"
            hint = "write 'path', the project's folder; or 'ledger' and 'project', its id there"
            raise UnfitError("missing-key", message, hint, lacking=lacking)
        return self


class PortfolioFile(Model):
    """A portfolio file.

    Attributes:
        phasegate: the version of this form of file.
        title: what the portfolio is called.
        gate: the gate that is asked of every project: the id of a phase, or ``programme``. Without it all
            that was decided counts.
        max_age: how old a run may be that opens a gate; 7 days, if not said.
        rollup: when the portfolio is open; without it every project must be.
        projects: the projects, a row each.
    """

    phasegate: Literal[1]
    title: Text
    gate: Id | None = None
    max_age: DaysText = "7 days"
    rollup: RollUp | None = None
    projects: tuple[PortfolioProject, ...] = Field(min_length=1, max_length=MOST_PROJECTS)

    @property
    def max_age_days(self) -> int:
        """How many days old a run may be that opens a gate."""
        return int(Quantity.parse(self.max_age).value)
