"""The clause ``attested`` of a measure: who may say what no table shows, and in which form."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from phasegate.rules.model.base import Model, UnfitError
from phasegate.rules.model.role import ATTESTER, EVALUATOR
from phasegate.rules.model.signer import read_role

ValueType = Literal["truth", "number", "text"]


def _attester(text: str) -> str:
    if text == EVALUATOR:
        message = "an evaluator signs runs and attests nothing"
        raise UnfitError("unknown-role", message, "write 'auditor', or 'approver:' with a function")
    return read_role(text)


Attester = Annotated[str, AfterValidator(_attester), Field(json_schema_extra={"pattern": ATTESTER})]
"""``auditor``, or ``approver:`` and a function."""


class Attested(Model):
    """A value that a person states and signs, with a file as evidence and an end.

    Attributes:
        by: the role of those who may attest it: ``auditor``, or ``approver:finance``.
        value: what is stated: ``truth``, ``number`` or ``text``; by default a number where the measure
            has a unit, and whether it is so where it has none.
    """

    by: Attester
    value: ValueType | None = None
