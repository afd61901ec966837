"""Signers: whose signature counts, for what, and when."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from phasegate.rules.diagnostics.suggestions import nearest
from phasegate.rules.model.base import Id, Instant, Model, UnfitError
from phasegate.rules.model.role import APPROVER, AUDITOR, EVALUATOR, PATTERN, is_role
from phasegate.rules.values.ssh_public_key import TYPE, read_ssh_key

_ROLES = "the roles are 'evaluator', 'auditor' and 'approver:' with a function, such as 'approver:finance'"


def read_role(text: str) -> str:
    """The role that a text names.

    Raises:
        UnfitError: if it names none.
    """
    if is_role(text):
        return text
    match = nearest(text, (EVALUATOR, AUDITOR))
    if text.startswith(APPROVER):
        hint = "a function is written as in the pack, in letters, digits, '.', '-' and '_'"
    else:
        hint = f"did you mean {match!r}?" if match else _ROLES
    raise UnfitError("unknown-role", f"{text!r} is no role", hint)


def _key(line: str) -> str:
    read_ssh_key(line)
    return line.strip()


Role = Annotated[str, AfterValidator(read_role), Field(json_schema_extra={"pattern": PATTERN})]
"""``evaluator``, ``auditor``, or ``approver:`` and a function."""
KeyLine = Annotated[
    str, Field(max_length=2000, json_schema_extra={"pattern": f"^{TYPE} "}), AfterValidator(_key)
]
"""An Ed25519 public key, as it stands in its ``.pub`` file."""


class Signer(Model):
    """Somebody whose signature counts, from ``start`` (included) to ``end`` (excluded).

    Attributes:
        name: an opaque id; it says who it is to those who know, and nothing to others.
        roles: what the signer may sign: ``evaluator`` signs runs, ``auditor`` attests, and
            ``approver:finance`` approves for the function finance.
        key: the line of the signer's ``.pub`` file.
        start, end: the instants between which the signature counts.
        revoked: the instant from which it no longer counts.
    """

    name: Id
    roles: tuple[Role, ...] = Field(min_length=1)
    key: KeyLine
    start: Instant | None = None
    end: Instant | None = None
    revoked: Instant | None = None
